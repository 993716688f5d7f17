"""Dated groups of areas: who belongs to which group, under one membership vintage for all years."""

import csv
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from divide_cli.catalogue import Grouping, catalogue, codelist, data_dir
from divide_cli.errors import OptionError, SourceError, UnknownCodeError, suggestion

INCOME = "income_group"
_FISCAL_YEAR = re.compile(r"(?:FY)?(\d{2}|\d{4})(?:_([a-z_]+))?", re.IGNORECASE)
_COLUMNS = ("REF_AREA", "GROUP", "valid_from", "valid_to", "source")


@dataclass(frozen=True)
class Vintage:
    """A fiscal year of the World Bank's income list, and the list that is read for it."""

    year: int
    list: str

    @property
    def label(self) -> str:
        """`FY26` for the list in force, `FY26_oghist` for another list."""
        suffix = "" if self.list == catalogue().groupings[INCOME].default else f"_{self.list}"
        return f"FY{self.year % 100:02d}{suffix}"

    @property
    def on(self) -> date:
        """The day on which every grouping is read: the first of the fiscal year."""
        return date(self.year - 1, 7, 1)


@dataclass(frozen=True)
class Membership:
    """The members of every group at one vintage; `label` is printed beside each number."""

    groups: Mapping[str, frozenset[str]]
    label: str


@dataclass(frozen=True)
class _Row:
    area: str
    group: str
    start: date
    end: date


def _read(path: Path) -> list[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise SourceError(
            "a list of area groups cannot be read",
            expected=f"a CSV file with {', '.join(_COLUMNS)}, or a list that `divide list groupings` names",
            found=reason,
            where=str(path),
        ) from error
    lacking = [name for name in _COLUMNS[:2] if not rows or name not in rows[0]]
    if lacking:
        raise SourceError(
            "a list of area groups lacks columns or rows",
            expected=", ".join(_COLUMNS),
            found=", ".join(rows[0]) if rows else "no rows",
            where=str(path),
        )
    return [_row(path, line, row) for line, row in enumerate(rows, start=2)]


def _row(path: Path, line: int, row: Mapping[str, str]) -> _Row:
    known = codelist("CL_AREA").codes
    if row["REF_AREA"] not in known:
        raise UnknownCodeError(
            "a code is unknown",
            expected="a code of REF_AREA",
            found=repr(row["REF_AREA"]),
            where=f"{path}:{line}, column REF_AREA",
            hint=suggestion(row["REF_AREA"] or "", known, "`divide list areas`"),
        )
    if not row["GROUP"]:
        raise SourceError(
            "an area belongs to a group without a code",
            expected="a code",
            found="''",
            where=f"{path}:{line}, column GROUP",
        )
    if row["GROUP"] in known and codelist("CL_AREA").rows[row["GROUP"]]["kind"] != "group":
        raise SourceError(
            "a group has the code of an economy",
            expected="a code that is none of CL_AREA, or that of a group",
            found=repr(row["GROUP"]),
            where=f"{path}:{line}, column GROUP",
            hint="`divide list areas` shows the codes in use",
        )
    group = row["GROUP"] or ""
    if not group or (group in known and codelist("CL_AREA").rows[group]["kind"] != "group"):
        raise SourceError(
            "a group has no code of its own",
            expected="a code that is no economy's",
            found=repr(group),
            where=f"{path}:{line}, column GROUP",
        )
    try:
        start = date.fromisoformat(row.get("valid_from") or "0001-01-01")
        end = date.fromisoformat(row.get("valid_to") or "9999-12-31")
    except ValueError as error:
        raise SourceError(
            "a date is not a date", expected="YYYY-MM-DD or empty", found=str(error), where=f"{path}:{line}"
        ) from error
    return _Row(row["REF_AREA"], row["GROUP"], start, end)


@cache
def _rows(name: str) -> list[_Row]:
    return _read(data_dir() / "catalogue" / "area_groups" / name)


def _latest(on: date) -> Vintage:
    """The last fiscal year whose list was in force on that day, else the year of the later history."""
    income = catalogue().groupings[INCOME]
    starts = [row.start for row in _rows(income.lists[income.default]) if row.start <= on]
    if starts:
        return Vintage(max(starts).year + 1, income.default)
    return Vintage(on.year + (1 if on.month >= 7 else 0), income.fallback)


def vintage(asked: str | None, on: date) -> Vintage:
    """The fiscal year asked for (`FY26`, `26`, `2026`, `FY26_oghist`), else the latest that was known on the day."""
    if not asked:
        return _latest(on)
    income = catalogue().groupings[INCOME]
    match = _FISCAL_YEAR.fullmatch(asked.strip())
    name = (match.group(2) or "").lower() if match else ""
    if not match or name not in ("", *income.lists):
        raise OptionError(
            "a fiscal year is not understood",
            expected=f"FY26, 26 or 2026, with _{' or _'.join(income.lists)} for one list",
            found=asked,
            where="--income-fy",
        )
    digits = int(match.group(1))
    year = digits if digits > 99 else digits + (1900 if digits >= 80 else 2000)
    for candidate in [name] if name else [income.default, income.fallback]:
        found = Vintage(year, candidate)
        if any(row.start <= found.on < row.end for row in _rows(income.lists[candidate])):
            return found
    spans = {
        key: (min(row.start for row in rows).year + 1, max(row.end for row in rows).year)
        for key, rows in ((key, _rows(path)) for key, path in income.lists.items())
    }
    raise OptionError(
        "no income list covers that fiscal year",
        expected="; ".join(f"{key}: FY{low % 100:02d} to FY{high % 100:02d}" for key, (low, high) in spans.items()),
        found=asked,
        where="--income-fy",
    )


def _list_of(grouping: Grouping, taken: Vintage, lists: Mapping[str, str]) -> str:
    if grouping.id == INCOME:
        return taken.list
    return lists.get(grouping.id, grouping.default)


def membership(taken: Vintage, groups: Sequence[str] = ()) -> Membership:
    """Every group at that vintage. `groups` names files, or lists of the catalogue (`sids_m49`), that replace the
    groups that they define and add new ones.
    """
    named = {f"{entry.id}_{key}": (entry.id, key) for entry in catalogue().groupings.values() for key in entry.lists}
    lists = dict(named[name] for name in groups if name in named)
    if INCOME in lists:
        raise OptionError(
            "income groups are chosen by fiscal year",
            found=f"{INCOME}_{lists[INCOME]}",
            where="--groups",
            hint=f"--income-fy {taken.label.partition('_')[0]}_{lists[INCOME]}",
        )
    members: dict[str, set[str]] = {}
    later: dict[date, list[str]] = {}
    for grouping in catalogue().groupings.values():
        rows = _rows(grouping.lists[_list_of(grouping, taken, lists)])
        on = max(taken.on, min(row.start for row in rows))  # a list says nothing of the time before its first date
        if on > taken.on:
            later.setdefault(on, []).extend(grouping.codes)
        for code in grouping.codes:
            members[code] = {row.area for row in rows if row.group == code and row.start <= on < row.end}
    label = [f"{taken.label} (membership of {taken.on.isoformat()})", *(f"{g} list {k}" for g, k in lists.items())]
    label += [f"{', '.join(codes)} of {on.isoformat()}" for on, codes in sorted(later.items())]
    for name in groups:
        if name not in named:
            own: dict[str, set[str]] = {}
            for row in _read(Path(name)):
                own.setdefault(row.group, set())
                if row.start <= taken.on < row.end:
                    own[row.group].add(row.area)
            members.update(own)
            label.append(f"{', '.join(own)} from {Path(name).name}")
    return Membership({code: frozenset(areas) for code, areas in members.items()}, "; ".join(label))


def memberships_of(area: str, on: date) -> list[str]:
    """`HIC in income_group (in_force), from 2025-07-01 to 2026-07-01`: every membership of an area, or the members of a
    group on that day, as text.
    """
    said = []
    for grouping in catalogue().groupings.values():
        for key, path in grouping.lists.items():
            for row in _rows(path):
                if row.area == area:
                    end = "now" if row.end == date.max else row.end.isoformat()
                    said.append(f"{row.group}, {grouping.id} list {key}, from {row.start} to {end}")
            members = sorted(row.area for row in _rows(path) if row.group == area and row.start <= on < row.end)
            if members:
                said.append(f"list {key} of {on}: {len(members)} members, {' '.join(members)}")
    return said
