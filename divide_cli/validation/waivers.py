"""Waivers: findings that somebody accepts, why and until when. An expired or unused one is itself a finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from divide_cli.catalogue import Rule
from divide_cli.catalogue.user_yaml import given_yaml
from divide_cli.errors import OptionError, SourceError, suggestion
from divide_cli.validation.report import Waiver
from divide_cli.validation.rules.findings import Cases, worded
from divide_cli.validation.rules.submission import Mask

_KEYS = ("rule", "key", "reason", "owner", "expires")


@dataclass
class Entry:
    """One waiver of a file: which rule, which key, why, who answers for it, until which day; and what it covered."""

    path: str
    line: int
    rule: str
    key: Mapping[str, str]
    reason: str
    owner: str
    expires: date
    used: int = 0

    @property
    def waiver(self) -> Waiver:
        """What a finding says of it."""
        return Waiver(self.reason, self.owner, self.expires.isoformat())


def waivers_from(path: str, known: Sequence[str]) -> list[Entry]:
    """The waivers of a YAML file: a list of mappings with rule, key, reason, owner, expires (a day).

    SourceError where the file cannot be read or an entry has another form, OptionError for an unknown rule.
    """
    content = given_yaml(Path(path), "waivers") or []
    if not isinstance(content, list):
        raise SourceError("waivers_malformed", found=type(content).__name__, where=path)
    return [_entry(path, number, values, known) for number, values in enumerate(content, start=1)]


def _entry(path: str, number: int, values: Any, known: Sequence[str]) -> Entry:
    where = f"{path}, entry {number}"
    given = set(values) if isinstance(values, dict) else set()
    if given != set(_KEYS) or not isinstance(values["key"], dict):
        raise SourceError(
            "waiver_malformed",
            expected=f"{', '.join(_KEYS)}; key is a mapping such as {{REF_AREA: KAZ, TIME_PERIOD: 2021}}",
            found=", ".join(map(str, given)) or repr(values),
            where=where,
        )
    if values["rule"] not in known:
        raise OptionError(
            "waiver_rule_unknown",
            found=str(values["rule"]),
            where=where,
            hint=suggestion(str(values["rule"]), known, "`divide list rules`"),
        )
    try:
        expires = date.fromisoformat(str(values["expires"]))
    except ValueError:
        raise SourceError("waiver_expiry_missing", found=repr(values["expires"]), where=where) from None
    key = {str(name): str(code) for name, code in values["key"].items()}
    return Entry(path, number, values["rule"], key, str(values["reason"]), str(values["owner"]), expires)


def covering(cases: Cases, entries: Sequence[Entry], today: date) -> list[tuple[Entry, Mask]]:
    """The waivers in force that name some of the cases, with which; each entry counts what it covered."""
    made = []
    for entry in entries:
        if entry.rule != cases.rule.id or entry.expires < today:
            continue
        mask = cases.matches(entry.key)
        count = int(mask.sum())
        if count:
            entry.used += count
            made.append((entry, mask))
    return made


def of_waivers(rules: Sequence[Rule], entries: Sequence[Entry], today: date) -> list[Cases]:
    """The findings on the waivers themselves: those that have expired, and those that covered nothing."""
    made = []
    for rule in rules:
        if rule.kind != "waiver":
            continue
        for entry in entries:
            expired = entry.expires < today
            wanted = expired if rule.parameters["what"] == "expired" else not expired and not entry.used
            if wanted:
                key = ", ".join(f"{name} {code}" for name, code in entry.key.items())
                text = rule.message.format(detail=f"{entry.rule} ({key})", found=entry.expires, expected="", count=1)
                found = worded(
                    rule, entry.path, 0, "", dict(entry.key), f"until {today} or later", str(entry.expires), text, ""
                )
                made.append(Cases(rule, 1, lambda _case, found=found: found, lambda _key: _nothing()))  # type: ignore[misc]
    return made


def _nothing() -> Mask:
    import numpy as np

    return np.zeros(1, dtype=bool)
