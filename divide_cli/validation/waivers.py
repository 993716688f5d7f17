"""Waivers: accepted findings, with the reason and the last day. An expired or unused waiver is itself a finding."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.catalogue.entries import allowed, build
from divide_cli.catalogue.rules import WaiverEntry
from divide_cli.catalogue.user_yaml import given_yaml
from divide_cli.errors import OptionError, Place, SourceError, suggestion
from divide_cli.frames import atomic_write
from divide_cli.frames.columns import Mask
from divide_cli.language import commas, remarked, say
from divide_cli.validation import vtl
from divide_cli.validation.report import Finding, Report, Waiver
from divide_cli.validation.rules import Stage, kind
from divide_cli.validation.rules.findings import Explanation, Findings, finding_of, message_of

_KEYS = ("rule", "key", "reason", "owner", "expires")


@dataclass
class Entry:
    """One waiver of a file: rule, key, reason, the person responsible and the last day; and what it covered."""

    path: str
    rule: str
    key: Mapping[str, str]
    waiver: Waiver
    expires: date
    used: int = 0


def waivers_from(path: str, rules: Sequence[str]) -> list[Entry]:
    """Reads the waivers of a YAML file: a list of mappings with rule, key, reason, owner, expires (a day).

    Raises SourceError if the file cannot be read or an entry is malformed, OptionError for an unknown rule.
    """
    content = given_yaml(Path(path), say("the waivers file")) or []
    if not isinstance(content, list):
        raise SourceError("waivers_malformed", found=allowed(type(content)), where=path)
    return [_entry(path, number, values, rules) for number, values in enumerate(content, start=1)]


def _entry(path: str, number: int, values: Any, rules: Sequence[str]) -> Entry:
    where = say("{path}, entry {number}", path=path, number=number)
    keys = list(values) if isinstance(values, dict) else []
    if set(keys) != set(_KEYS) or not isinstance(values["key"], dict):
        found = commas(map(str, keys)) or repr(values)
        raise SourceError("waiver_malformed", keys=commas(_KEYS), found=found, where=where)
    rule = values["rule"]
    if isinstance(rule, str) and rule not in rules:
        hint = suggestion(rule, rules, "`divide list rules`")
        raise OptionError("waiver_rule_unknown", found=rule, where=where, hint=hint)
    try:
        expires = date.fromisoformat(str(values["expires"]))
    except ValueError:
        raise SourceError("waiver_expiry_missing", found=repr(values["expires"]), where=where) from None
    entry = build(WaiverEntry, {**values, "expires": expires}, where)
    key = {name: str(code) for name, code in entry.key.items()}
    return Entry(path, entry.rule, key, Waiver(entry.reason, entry.owner, expires.isoformat()), expires)


@dataclass(frozen=True)
class Baseline:
    """Where all findings of a run are to be accepted: a new file of waivers, and what each of them says."""

    path: Path
    waiver: Waiver


MOST_LISTED = 10_000
"""The findings of a rule that a baseline lists: more do not fit into a file of waivers (data/catalogue/limits.yaml)."""


def with_baseline(report: Report, baseline: Baseline) -> Report:
    """Writes a waiver for each finding that is not accepted yet; returns the report in which all are accepted.

    A key has all codes of the figure and its file, or file, line and column where no row was read, so that it covers
    no new finding. Raises OptionError if the findings exceed what a file of waivers may contain.
    """
    count = sum(tally.count - tally.waived for tally in report.summary if tally.rule not in _OF_WAIVERS)
    entries = {
        (one.rule, tuple(_key_of(one).items())): one for one in report.findings if _is_open(one)
    }  # a key may have several findings
    text = _as_yaml(entries, baseline.waiver)
    limits = catalogue().limits
    values = 1 + sum(1 + 2 * len(_KEYS) + 2 * len(key) for _, key in entries)
    listed = sum(map(_is_open, report.findings))
    if listed < count or len(text.encode()) > limits["yaml_bytes"].most or values > limits["yaml_values"].most:
        most = say(
            "{most:,} values and {most_2:,} bytes", most=limits["yaml_values"].most, most_2=limits["yaml_bytes"].most
        )
        raise OptionError(
            "baseline_too_large", most=most, found=say("{count:,} findings", count=count), where=str(baseline.path)
        )
    atomic_write.write({baseline.path: text}, say("the waivers"))
    findings = tuple(replace(one, waiver=baseline.waiver) if _is_open(one) else one for one in report.findings)
    summary = tuple(
        tally if tally.rule in _OF_WAIVERS else replace(tally, waived=tally.count) for tally in report.summary
    )
    return replace(report, findings=findings, summary=summary)


_OF_WAIVERS = ("waiver_expired", "waiver_unused")
"""Rules whose findings are about waivers: no waiver accepts them."""


def _is_open(finding: Finding) -> bool:
    return finding.waiver is None and finding.rule not in _OF_WAIVERS


def _key_of(finding: Finding) -> dict[str, str]:
    """The key of a waiver that covers this finding alone."""
    place = {} if finding.key else {v.LINE: str(finding.line), "COLUMN": finding.column}
    return {v.FILE: finding.file, **{name: str(code) for name, code in finding.key.items()}, **place}


def _as_yaml(entries: Iterable[tuple[str, tuple[tuple[str, str], ...]]], waiver: Waiver) -> str:
    """The waivers as YAML."""
    said = {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires}
    rows = [{"rule": rule, "key": dict(key), **said} for rule, key in entries]
    return yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, default_flow_style=None, width=10_000)


def covering(findings: Findings, entries: Sequence[Entry], today: date) -> list[tuple[Entry, Mask]]:
    """The waivers in force that name some of the findings, with those findings; each entry counts what it covered."""
    covers = []
    for entry in entries:
        if entry.rule != findings.rule.id or entry.expires < today:
            continue
        mask = findings.matches(entry.key)
        count = int(mask.sum())
        if count:
            entry.used += count
            covers.append((entry, mask))
    return covers


@kind(vtl.Unsaid.WAIVERS, stage=Stage.WAIVERS)
def waiver(entry: Entry, today: date, rule: Rule, *, what: Literal["expired", "unused"]) -> list[Findings]:
    """A waiver that has expired, or that covered nothing (`what`)."""
    expired = entry.expires < today
    if not (expired if what == "expired" else not expired and not entry.used):
        return []
    about = remarked(entry.rule, commas(f"{name} {code}" for name, code in entry.key.items()))
    texts = (
        (say("until {today} or later", today=today), str(entry.expires))
        if expired
        else (say("a finding to accept"), say("none"))
    )
    explanation = Explanation(*texts, about)
    message = message_of(rule, explanation, "", 1)
    finding = finding_of(rule, Place(entry.path), dict(entry.key), explanation, message)
    return [Findings(rule, 1, lambda _case: finding, lambda _key: np.zeros(1, dtype=bool))]
