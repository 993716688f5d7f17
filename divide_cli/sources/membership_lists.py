"""Dated lists of area groups: REF_AREA, GROUP, valid_from (inclusive), valid_to (exclusive), source."""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from divide_cli.catalogue import catalogue, codelist, data_dir, is_economy
from divide_cli.errors import Place, SourceError, UnknownCodeError, suggestion

_COLUMNS = ("REF_AREA", "GROUP", "valid_from", "valid_to", "source")
_BEYOND = "(beyond the header)"


@dataclass(frozen=True)
class Row:
    """One membership: from `start` on, until the day before `end`."""

    area: str
    group: str
    start: date
    end: date


def read_list(path: Path) -> list[Row]:
    """The memberships of a file; SourceError or UnknownCodeError with the line of the first that is unsound."""
    try:
        _refuse_strange(path)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, restkey=_BEYOND, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise SourceError(
            "membership_list_unreadable",
            expected=f"a CSV file with {', '.join(_COLUMNS)}, or a list that `divide list groupings` names",
            found=reason,
            where=str(path),
        ) from error
    lacking = [name for name in _COLUMNS[:2] if not rows or name not in rows[0]]
    if lacking:
        raise SourceError(
            "membership_list_incomplete",
            expected=", ".join(_COLUMNS),
            found=", ".join(name for name in rows[0] if name != _BEYOND) if rows else "no rows",
            where=str(path),
        )
    return [_row(path, line, row) for line, row in enumerate(rows, start=2)]


def _refuse_strange(path: Path) -> None:
    """SourceError for a device, a pipe, or a file that is larger than any list."""
    limit = catalogue().limits["group_bytes"]
    if path.exists() and not path.is_file():
        found = "no file"
    elif path.exists() and path.stat().st_size > limit.most:
        found = f"{path.stat().st_size:,} bytes"
    else:
        return
    raise SourceError("membership_list_unreadable", most=limit.most, name_=limit.name, found=found, where=str(path))


def _row(path: Path, line: int, row: Mapping[str, str]) -> Row:
    known = codelist("CL_AREA").codes
    if row["REF_AREA"] not in known:
        raise UnknownCodeError(
            "code_unknown",
            expected="a code of REF_AREA",
            found=repr(row["REF_AREA"]),
            where=Place(path, line, "REF_AREA"),
            hint=suggestion(row["REF_AREA"] or "", known, "`divide list areas`"),
        )
    if not row["GROUP"]:
        raise SourceError("group_code_missing", where=Place(path, line, "GROUP"))
    if is_economy(row["GROUP"]):
        raise SourceError("group_code_is_economy", found=repr(row["GROUP"]), where=Place(path, line, "GROUP"))
    try:
        start = date.fromisoformat(row.get("valid_from") or "0001-01-01")
        end = date.fromisoformat(row.get("valid_to") or "9999-12-31")
    except ValueError as error:
        raise SourceError("date_malformed", found=str(error), where=Place(path, line)) from error
    return Row(row["REF_AREA"], row["GROUP"], start, end)


@cache
def listed(name: str) -> list[Row]:
    """The memberships of a list of the catalogue."""
    return read_list(data_dir() / "catalogue" / "area_groups" / name)
