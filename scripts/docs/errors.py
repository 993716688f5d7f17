"""The page of the errors by code, docs/reference/errors.md.

The parts and codes are those of messages.yaml. The sentences are in errors.yaml next to this module. The examples are
what the program prints for each code in a test.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from divide_cli.catalogue import catalogue
from scripts.docs import ROOT
from scripts.docs.markdown import page

MESSAGES = ROOT / "divide_cli" / "errors" / "messages.yaml"
EXAMPLES = ROOT / "tests" / "golden" / "errors.yaml"
MEANINGS = Path(__file__).with_name("errors.yaml")
TITLES = {
    "catalogue": "Catalogue and rules",
    "frames": "Values, keys and output files",
    "readers": "Reading files",
    "sources": "Editions, area groups and downloads",
    "analysis": "Measures of subgroups",
    "survey": "Survey microdata",
    "validation": "Earlier submissions and waivers",
    "claims": "Claims and locks",
    "engines": "Engines of surveys",
    "reports": "Results",
    "cli": "Options",
}
"""What the errors of each part of messages.yaml are about."""
_PART = re.compile(r"^# --- (?P<part>\w+)$|^(?P<code>\w+):$", re.MULTILINE)


class Entry(NamedTuple):
    """What the page says about one code."""

    code: str
    meaning: str
    exit_code: int | None
    """None for a code of rows that are ignored."""
    example: str
    rules: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The first line of the example, without what every error begins with."""
        return self.example.splitlines()[0].removeprefix("divide: error: ")


def pages() -> dict[str, str]:
    """The errors by code."""
    parts = _parts()
    index = sorted((entry for entries in parts.values() for entry in entries), key=lambda entry: entry.code)
    return {"docs/reference/errors.md": page("errors.md.j2", parts=parts, index=index)}


def _parts() -> dict[str, list[Entry]]:
    """The entries by the titles of the parts, in alphabetical order within each."""
    examples, meanings = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in (EXAMPLES, MEANINGS))
    codes: dict[str, list[str]] = {}
    for match in _PART.finditer(MESSAGES.read_text(encoding="utf-8")):
        if match["part"]:
            codes[TITLES[match["part"]]] = []
        else:
            codes[next(reversed(codes))].append(match["code"])
    return {
        title: [
            Entry(
                code=code,
                meaning=meanings[code],
                exit_code=examples[code].get("exit_code"),
                example=examples[code].get("message") or examples[code]["reason"],
                rules=tuple(_rules(code)),
            )
            for code in sorted(part)
        ]
        for title, part in codes.items()
    }


def _rules(code: str) -> Iterator[str]:
    """The rules of `divide validate` whose findings are made from this code."""
    for rule in catalogue().rules.values():
        codes = rule.parameters.get("errors", rule.parameters.get("codes", ()))
        if isinstance(codes, list) and code in codes:
            yield rule.id
