"""The files of tests/submissions: the rule and the verdict that their names give, their notes, and what is found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from divide_cli.catalogue import Rule, catalogue
from divide_cli.readers import ReadOptions
from divide_cli.validation.report import Report
from divide_cli.validation.run import ValidationRequest, validate
from divide_cli.validation.waivers import waivers_from
from scripts.docs import ROOT

FOLDER = ROOT / "tests" / "submissions"
SEVERITIES = {"error": "error", "warn": "warning", "note": "note", "ok": ""}
"""First word of a name -> the severity of the findings of its rule; none for a file without such findings."""
TODAY = date(2026, 7, 1)
"""The day of the check."""
OTHERS = ("previous", "waivers")
"""Keys of notes that name a further file."""


@dataclass(frozen=True)
class Specimen:
    """A file whose name gives the rule and the verdict; `<name>.yaml` explains it and gives its options."""

    path: Path

    @property
    def severity(self) -> str:
        """The severity of the findings that the file has; empty for a near miss."""
        return SEVERITIES[self.path.name.partition("_")[0]]

    @cached_property
    def rule(self) -> Rule:
        """The rule: the longest id that the rest of the name begins with."""
        rest = self.path.stem.partition("_")[2]
        ids = [name for name in catalogue().rules if rest == name or rest.startswith(f"{name}_")]
        if not ids:
            raise ValueError(f"{self.path.name} names no rule")
        return catalogue().rules[max(ids, key=len)]

    @cached_property
    def notes(self) -> dict[str, Any]:
        """The content of `<name>.yaml`."""
        notes = self.path.with_suffix(".yaml")
        if not notes.is_file():
            raise FileNotFoundError(
                f"{notes.name} is missing: it says why {self.path.name} breaks the rule, or does not"
            )
        return dict(yaml.safe_load(notes.read_text(encoding="utf-8")))

    def further(self, key: str) -> Path | None:
        """The earlier submission (`previous`) or the file of waivers (`waivers`) that the check uses."""
        return self.path.parent / self.notes[key] if key in self.notes else None

    @property
    def command(self) -> str:
        """The command that checks the file, in the folder of the file."""
        options = [
            f"--{key} {self.notes[key]}" for key in ("area", "indicator", "previous", "waivers") if key in self.notes
        ]
        return " ".join(["divide validate", self.path.name, *options])

    def request(self, rules: Iterable[Rule] | None = None) -> ValidationRequest:
        """The check of the file on TODAY, by all rules or these."""
        waivers, previous = self.further("waivers"), self.further("previous")
        return ValidationRequest(
            (str(self.path),),
            tuple(catalogue().rules.values() if rules is None else rules),
            previous=str(previous or ""),
            waivers=tuple(waivers_from(str(waivers), list(catalogue().rules))) if waivers else (),
            read_options=ReadOptions(
                self.notes.get("indicator", ""), self.notes.get("area", ""), strict=False, submitted=True
            ),
            limit=0,
            today=TODAY,
        )

    def judged(self, rules: Iterable[Rule] | None = None) -> Report:
        """The report of the check, with all findings."""
        return validate(self.request(rules))


def specimens(folder: Path = FOLDER) -> list[Specimen]:
    """All files, by name."""
    return [Specimen(path) for path in sorted(folder.glob("*.csv"))]
