"""divide.lock: what a run of claims rests on, and its numbers, so that a later run can say what has moved.

Held: the version; the sha256 of every input, claims file, codelist and list of groups; that of every entry of the
catalogue that the claims use; for each claim its verdict and the numbers and editions of both bases (twelve digits).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from divide_cli import __version__
from divide_cli.catalogue import catalogue, data_dir
from divide_cli.claims.load import used
from divide_cli.errors import SourceError

if TYPE_CHECKING:
    from divide_cli.claims.reproduce import Outcome, Reproduction

PARTS = ("inputs", "claims", "codelists", "groups", "catalogue")


def locked(made: "Reproduction") -> dict[str, Any]:
    """The lock of a run; the same for the same inputs."""
    result = made.result
    readings = {reading.file.name: reading for reading in (*result.readings, *result.weights)}
    root = data_dir() / "catalogue"
    return {
        "divide": __version__,
        "inputs": {_name(path): reading.file.sha256 for path, reading in sorted(readings.items())},
        "claims": {file.path: file.sha256 for file in made.files},
        "codelists": _hashed(sorted((root / "codelists").glob("*.csv"))),
        "groups": _hashed(sorted((root / "area_groups").glob("*.csv"))),
        "catalogue": _entries(made),
        "values": {outcome.id: _values(outcome) for outcome in made.outcomes},
    }


def written(lock: Mapping[str, Any]) -> str:
    """The lock as text."""
    return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> dict[str, Any]:
    """A lock that was written; SourceError where the file is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError("lock_unreadable", found=said, where=str(path)) from error
    if not isinstance(found, dict) or not {"divide", "values", *PARTS} <= set(found):
        raise SourceError(
            "lock_malformed",
            expected=", ".join(("divide", *PARTS, "values")),
            found=", ".join(map(str, found)) if isinstance(found, dict) else type(found).__name__,
            where=str(path),
        )
    return found


def _name(path: str) -> str:
    return f"{Path(path).parent.name}/{Path(path).name}"


def _hashed(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _entries(made: "Reproduction") -> dict[str, str]:
    """The sha256 of every entry of the catalogue that the claims use, by kind and id."""
    known = catalogue()
    claims = [outcome.claim for outcome in made.outcomes]
    names = used(claims)
    entries: dict[str, Any] = {}
    for kind, ids in names.items():
        entries |= {f"{kind}.{name}": getattr(known, kind)[name] for name in ids}
    comparisons = {known.gaps[gap].comparison for gap in names["gaps"]}
    weights = {known.indicators[name].aggregation.weight for name in names["indicators"]} - {""}
    words = {word for claim in claims for word in (claim.qualifier, claim.printed) if word in known.qualifiers}
    entries |= {f"comparisons.{name}": known.comparisons[name] for name in comparisons}
    entries |= {f"weights.{name}": known.weights[name] for name in weights}
    entries |= {f"qualifiers.{name}": known.qualifiers[name] for name in words}
    entries |= {f"units.{name}": known.units[name] for name in {claim.unit for claim in claims}}
    texts = {name: json.dumps(msgspec.to_builtins(entry), sort_keys=True) for name, entry in sorted(entries.items())}
    return {name: hashlib.sha256(told.encode()).hexdigest() for name, told in texts.items()}


def _values(outcome: "Outcome") -> dict[str, Any]:
    found: dict[str, Any] = {"verdict": outcome.verdict}
    for basis, judged in outcome.judged.items():
        value = judged.number.value
        found[basis] = {
            "value": None if isnan(value) else float(f"{value:.12g}"),
            "edition": judged.edition,
            "verdict": judged.verdict,
        }
    return found


def moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two locks, in words: version, files and entries, then numbers and verdicts of claims."""
    told = [] if before["divide"] == now["divide"] else [f"divide: {before['divide']} -> {now['divide']}"]
    for part in PARTS:
        for name in sorted({*before[part], *now[part]}):
            old, new = before[part].get(name), now[part].get(name)
            if old is None or new is None:
                told.append(f"{part}: {name} {'added' if old is None else 'gone'}")
            elif old != new:
                told.append(f"{part}: {name} changed, sha256 {old[:12]} -> {new[:12]}")
    return told + [line for lines in moved_claims(before, now).values() for line in lines]


def moved_claims(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[str]]:
    """What moved of each claim that both locks hold, or that one of them lacks."""
    told: dict[str, list[str]] = {}
    for name in sorted({*before["values"], *now["values"]}):
        old, new = before["values"].get(name), now["values"].get(name)
        if old is None or new is None:
            told[name] = [f"{name}: {'added' if old is None else 'gone'}"]
            continue
        for basis in sorted({*old, *new} - {"verdict"}):
            lines = _step(old.get(basis), new.get(basis))
            told.setdefault(name, []).extend(f"{name}, {basis}: {line}" for line in lines)
        if old["verdict"] != new["verdict"]:
            told.setdefault(name, []).append(f"{name}: {old['verdict']} -> {new['verdict']}")
    return {name: lines for name, lines in told.items() if lines}


def _step(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[str]:
    if old is None or new is None:
        return []
    lines = []
    if old["edition"] != new["edition"]:
        lines.append(f"{old['edition'] or 'none'} -> {new['edition'] or 'none'}")
    values = old["value"], new["value"]
    if values[0] != values[1]:
        first, second = ("no value" if value is None else f"{value:.6g}" for value in values)
        by = "" if None in values else f" ({new['value'] - old['value']:+.4g})"
        lines.append(f"{first} -> {second}{by}")
    return lines
