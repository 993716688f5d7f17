"""divide.lock: what a run of claims rests on and its numbers, so that a later run can say what has changed.

It contains the version; the sha256 of every input, claims file, codelist and list of groups; that of every entry of the
catalogue that the claims use; and for each claim its verdict, with the numbers and editions of both bases (twelve
digits).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from divide_cli import __version__
from divide_cli.catalogue import catalogue, data_dir, user_json
from divide_cli.catalogue.claims import Claim
from divide_cli.catalogue.entries import allowed
from divide_cli.claims.claims_file import catalogue_entries
from divide_cli.errors import SourceError, reason_of
from divide_cli.language import commas, digits, labelled, later, say

if TYPE_CHECKING:
    from divide_cli.claims.reproduce import Outcome, Reproduction

PARTS = ("inputs", "claims", "codelists", "groups", "catalogue")


class _Value(TypedDict):
    """The number of a claim on one basis, its edition and its verdict."""

    value: float | None
    edition: str
    verdict: str


class _Values(TypedDict, total=False):
    """The verdict on a claim, and its numbers."""

    verdict: str
    published: _Value
    countries: _Value


def lock_of(reproduction: "Reproduction") -> dict[str, Any]:
    """The lock of a run; the same for the same inputs."""
    result = reproduction.result
    readings = {reading.file.name: reading for reading in (*result.readings, *result.weights)}
    inputs = {f"{Path(path).parent.name}/{Path(path).name}": readings[path].file.sha256 for path in sorted(readings)}
    root = data_dir() / "catalogue"
    return {
        "divide": __version__,
        "inputs": inputs,
        "claims": {file.path: file.sha256 for file in reproduction.files},
        "codelists": _hashes(sorted((root / "codelists").glob("*.csv"))),
        "groups": _hashes(sorted((root / "area_groups").glob("*.csv"))),
        "catalogue": _entry_hashes([outcome.claim for outcome in reproduction.outcomes]),
        "values": {outcome.id: _values(outcome) for outcome in reproduction.outcomes},
    }


def text(lock: Mapping[str, Any]) -> str:
    """The lock as the text of its file."""
    return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> dict[str, Any]:
    """The lock in a file; SourceError if it has none."""
    try:
        lock = user_json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError("lock_unreadable", found=reason_of(error), where=str(path)) from error
    keys = ("divide", *PARTS, "values")
    if not isinstance(lock, dict) or not set(keys) <= set(lock):
        content = commas(map(str, lock)) if isinstance(lock, dict) else allowed(type(lock))
        raise SourceError("lock_malformed", expected=commas(keys), found=content, where=str(path))
    try:
        msgspec.convert([lock[part] for part in PARTS], list[dict[str, str]])
        msgspec.convert(lock["values"], dict[str, _Values])
    except msgspec.ValidationError as error:
        raise SourceError("lock_malformed", found=f"another kind of value: {error}", where=str(path)) from error
    return lock


def _hashes(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _entry_hashes(claims: Sequence[Claim]) -> dict[str, str]:
    """The sha256 of every entry of the catalogue that the claims use, by kind and id."""
    entries = catalogue()
    ids = {**catalogue_entries(claims), "units": {claim.unit for claim in claims}}
    ids["comparisons"] = {entries.gaps[gap].comparison for gap in ids["gaps"]}
    ids["weights"] = {entries.indicators[name].aggregation.weight for name in ids["indicators"]} - {""}
    words = {word for claim in claims for word in (claim.qualifier, claim.printed)}
    ids["qualifiers"] = words & set(entries.qualifiers)
    texts = {
        f"{kind}.{name}": json.dumps(msgspec.to_builtins(getattr(entries, kind)[name]), sort_keys=True)
        for kind, names in ids.items()
        for name in names
    }
    return {name: hashlib.sha256(content.encode()).hexdigest() for name, content in sorted(texts.items())}


def _values(outcome: "Outcome") -> dict[str, Any]:
    values: dict[str, Any] = {"verdict": outcome.verdict}
    for basis, judgement in outcome.judgements.items():
        number = judgement.number
        value = float(f"{number.value:.12g}") if number.has_value else None
        values[basis] = {"value": value, "edition": judgement.edition, "verdict": judgement.verdict}
    return values


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The differences between two locks, in words: version, files and entries, then numbers and verdicts of claims."""
    lines = [] if before["divide"] == now["divide"] else [labelled("divide", f"{before['divide']} -> {now['divide']}")]
    for part in PARTS:
        for name in sorted({*before[part], *now[part]}):
            old, new = before[part].get(name), now[part].get(name)
            if old is None or new is None:
                lines.append(labelled(part, _added_or_removed(name, old)))
            elif old != new:
                change = say("{name} changed, sha256 {old} -> {new}", name=name, old=old[:12], new=new[:12])
                lines.append(labelled(part, change))
    return lines + [line for lines_of_claim in claim_changes(before, now).values() for line in lines_of_claim]


def claim_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[str]]:
    """The differences of each claim that is in both locks or only one of them, by the id of the claim."""
    changes_of: dict[str, list[str]] = {}
    for name in sorted({*before["values"], *now["values"]}):
        old, new = before["values"].get(name), now["values"].get(name)
        if old is None or new is None:
            changes_of[name] = [labelled(name, say("added") if old is None else say("removed"))]
            continue
        bases = sorted((set(old) & set(new)) - {"verdict"})
        lines = [
            labelled(commas((name, say(basis))), line)
            for basis in bases
            for line in _number_changes(old[basis], new[basis])
        ]
        verdict = say(old.get("verdict", later("no verdict")))
        if verdict != (newer := say(new["verdict"])):
            lines.append(labelled(name, f"{verdict} -> {newer}"))
        if lines:
            changes_of[name] = lines
    return changes_of


def _added_or_removed(name: str, old: Any) -> str:
    return say("{name} added", name=name) if old is None else say("{name} removed", name=name)


def _number_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    lines = []
    if old["edition"] != new["edition"]:
        lines.append(f"{old['edition'] or say('none')} -> {new['edition'] or say('none')}")
    values = old["value"], new["value"]
    if values[0] != values[1]:
        first, second = (say("no value") if value is None else digits(f"{value:.6g}") for value in values)
        by = "" if None in values else digits(f" ({new['value'] - old['value']:+.4g})")
        lines.append(f"{first} -> {second}{by}")
    return lines
