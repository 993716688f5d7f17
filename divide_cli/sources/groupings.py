"""Dated groups of areas: which area belongs to which group, under one membership vintage for all years.

Lists are CSV: REF_AREA, GROUP, valid_from (inclusive), valid_to (exclusive), source.
"""

import csv
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date
from functools import cache
from pathlib import Path

from divide_cli.catalogue import catalogue, codelist, data_dir, is_economy
from divide_cli.errors import OptionError, Place, SourceError, UnknownCodeError, reason_of, suggestion
from divide_cli.language import clauses, commas, counted, labelled, say, translated

INCOME = "income_group"
_FISCAL_YEAR = re.compile(r"(?:FY)?(\d{2}|\d{4})(?:_([a-z_]+))?", re.IGNORECASE)
_COLUMNS = ("REF_AREA", "GROUP", "valid_from", "valid_to", "source")
_BEYOND = "(beyond the header)"


@dataclass(frozen=True)
class MembershipPeriod:
    """The membership of an area in a group, from `start` to the day before `end`."""

    area: str
    group: str
    start: date
    end: date
    source: str = ""


def read_list(path: Path) -> list[MembershipPeriod]:
    """The memberships in a file; SourceError or UnknownCodeError with the line of the first invalid one."""
    try:
        _refuse_special(path)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, restkey=_BEYOND, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        expected = say(
            "a CSV file with {columns}, or a list named by `divide list groupings`", columns=commas(_COLUMNS)
        )
        raise SourceError(
            "membership_list_unreadable", expected=expected, found=reason_of(error), where=str(path)
        ) from error
    if not rows or any(name not in rows[0] for name in _COLUMNS[:2]):
        columns = commas(name for name in rows[0] if name != _BEYOND) if rows else say("no rows")
        raise SourceError("membership_list_incomplete", expected=commas(_COLUMNS), found=columns, where=str(path))
    return [_period(path, line, row) for line, row in enumerate(rows, start=2)]


def _refuse_special(path: Path) -> None:
    """Raises SourceError for a device, a pipe, or a file that is larger than any list."""
    limit = catalogue().limits["group_bytes"]
    if not os.path.exists(path) or (path.is_file() and path.stat().st_size <= limit.most):
        return
    size = (
        say("{st_size:,} bytes", st_size=path.stat().st_size) if path.is_file() else say("something other than a file")
    )
    raise SourceError("membership_list_unreadable", most=limit.most, found=size, where=str(path))


def _period(path: Path, line: int, row: Mapping[str, str]) -> MembershipPeriod:
    areas, area = codelist("CL_AREA").codes, row["REF_AREA"]
    if area not in areas:
        where, hint = Place(path, line, "REF_AREA"), suggestion(area or "", areas, "`divide list areas`")
        raise UnknownCodeError("code_unknown", column="REF_AREA", found=repr(area), where=where, hint=hint)
    if not row["GROUP"]:
        raise SourceError("group_code_missing", where=Place(path, line, "GROUP"))
    if is_economy(row["GROUP"]):
        raise SourceError("group_code_is_economy", found=repr(row["GROUP"]), where=Place(path, line, "GROUP"))
    try:
        start = date.fromisoformat(row.get("valid_from") or "0001-01-01")
        end = date.fromisoformat(row.get("valid_to") or "9999-12-31")
    except ValueError as error:
        dates = commas(repr(row[name]) for name in _COLUMNS[2:4] if row.get(name))
        raise SourceError("date_malformed", found=dates, where=Place(path, line)) from error
    return MembershipPeriod(area, row["GROUP"], start, end, row.get("source") or "")


@cache
def periods(name: str) -> list[MembershipPeriod]:
    """The memberships of a list of the catalogue."""
    return read_list(data_dir() / "catalogue" / "area_groups" / name)


@dataclass(frozen=True)
class Vintage:
    """A fiscal year of the World Bank's income groups, and the list that is used for it."""

    year: int
    list: str

    @property
    def label(self) -> str:
        """`FY26` for the list in force, `FY26_oghist` for another list."""
        suffix = "" if self.list == catalogue().groupings[INCOME].default else f"_{self.list}"
        return f"FY{self.year % 100:02d}{suffix}"

    @property
    def on(self) -> date:
        """The day for which every grouping is read: the first of the fiscal year."""
        return date(self.year - 1, 7, 1)


def fiscal_years(number: int = 6) -> list[str]:
    """The latest fiscal years with an income list, the latest first: FY27, FY26, FY25_oghist ...

    The list in force is used if there is one, else the later history.
    """
    income = catalogue().groupings[INCOME]
    list_of: dict[int, str] = {}
    for name in (income.default, income.fallback):
        rows = periods(income.lists[name])
        for year in {row.start.year + 1 for row in rows} | {row.end.year for row in rows if row.end.year < MAXYEAR}:
            list_of.setdefault(year, name)
    return [Vintage(year, list_of[year]).label for year in sorted(list_of, reverse=True)[:number]]


@dataclass(frozen=True)
class Membership:
    """The members of every group at one vintage; `label` is printed with each number.

    `short` names the vintage and the lists that replace the usual ones: FY26 + own.csv; a file that has every income
    group is named alone.
    """

    groups: Mapping[str, frozenset[str]]
    label: str
    short: str = ""

    def only(self, codes: Collection[str]) -> "Membership":
        """The same vintage, with the named groups alone."""
        return replace(self, groups={code: areas for code, areas in self.groups.items() if code in codes})


def is_fiscal_year(name: str) -> bool:
    """Whether a name has the form of a fiscal year: FY26, FY26_oghist."""
    return _FISCAL_YEAR.fullmatch(name) is not None


def vintage(name: str | None, on: date) -> Vintage:
    """The requested fiscal year (`FY26`, `26`, `2026`, `FY26_oghist`), else the latest one known on the day.

    The latest one is the last whose list was in force on the day, else the year of the later history.
    """
    income = catalogue().groupings[INCOME]
    if not name:
        starts = [row.start for row in periods(income.lists[income.default]) if row.start <= on]
        if starts:
            return Vintage(max(starts).year + 1, income.default)
        return Vintage(on.year + (1 if on.month >= 7 else 0), income.fallback)
    match = _FISCAL_YEAR.fullmatch(name.strip())
    key = (match.group(2) or "").lower() if match else ""
    if not match or key not in ("", *income.lists):
        raise OptionError(
            "fiscal_year_malformed", lists=say(" or _").join(income.lists), found=name, where="--income-fy"
        )
    digits = int(match.group(1))
    year = digits if digits > 99 else digits + (1900 if digits >= 80 else 2000)
    for candidate in [key] if key else [income.default, income.fallback]:
        vintage_of_list = Vintage(year, candidate)
        if any(row.start <= vintage_of_list.on < row.end for row in periods(income.lists[candidate])):
            return vintage_of_list
    spans = []
    for key, path in income.lists.items():
        first, last = min(row.start for row in periods(path)).year + 1, max(row.end for row in periods(path)).year
        spans.append(say("{key}: FY{first:02d} to FY{last:02d}", key=key, first=first % 100, last=last % 100))
    raise OptionError("fiscal_year_unknown", expected=clauses(spans), found=name, where="--income-fy")


def membership(of: Vintage, groups: Sequence[str] = ()) -> Membership:
    """The members of every group at that vintage.

    `groups` names files, or lists of the catalogue (`sids_m49`), which replace groups and add new ones.
    """
    named = {f"{entry.id}_{key}": (entry.id, key) for entry in catalogue().groupings.values() for key in entry.lists}
    lists = dict(named[name] for name in groups if name in named)
    if INCOME in lists:
        hint = say("use --income-fy {partition}_{lists}", partition=of.label.partition("_")[0], lists=lists[INCOME])
        raise OptionError(
            "income_groups_by_fiscal_year", found=f"{INCOME}_{lists[INCOME]}", where="--groups", hint=hint
        )
    members: dict[str, set[str]] = {}
    later: dict[date, list[str]] = {}
    for grouping in catalogue().groupings.values():
        rows = periods(grouping.lists[{INCOME: of.list, **lists}.get(grouping.id, grouping.default)])
        on = max(of.on, min(row.start for row in rows))  # a list does not cover the time before its first date
        if on > of.on:
            later.setdefault(on, []).extend(grouping.codes)
        for code in grouping.codes:
            members[code] = {row.area for row in rows if row.group == code and row.start <= on < row.end}
    chosen_lists = [say("{grouping} list {key}", grouping=grouping, key=key) for grouping, key in lists.items()]
    short = [of.label, *chosen_lists, *(Path(name).name for name in groups if name not in named)]
    label = [say("{of} (membership of {on})", of=of.label, on=of.on.isoformat()), *chosen_lists]
    label += [say("{codes} of {on}", codes=commas(codes), on=on.isoformat()) for on, codes in sorted(later.items())]
    replaced = set[str]()
    for name in groups:
        if name not in named:
            own: dict[str, set[str]] = {}
            for row in read_list(Path(name)):
                own.setdefault(row.group, set())
                if row.start <= of.on < row.end:
                    own[row.group].add(row.area)
            members.update(own)
            replaced |= own.keys()
            label.append(say("{own} from {name}", own=commas(own), name=Path(name).name))
    if replaced.issuperset(catalogue().groupings[INCOME].codes):
        short.remove(of.label)
    return Membership({code: frozenset(areas) for code, areas in members.items()}, clauses(label), " + ".join(short))


def memberships_of(area: str, on: date) -> list[str]:
    """Every membership of an area, or the members of a group on that day, as text.

    For example `HIC, income_group list in_force, from 2025-07-01 to 2026-07-01`.
    """
    texts = []
    for grouping in catalogue().groupings.values():
        for key, path in grouping.lists.items():
            for row in periods(path):
                if row.area == area:
                    end = say("now") if row.end == date.max else row.end.isoformat()
                    texts.append(
                        say(
                            "{group}, {grouping} list {key}, from {start} to {end}",
                            group=row.group,
                            grouping=grouping.id,
                            key=key,
                            start=row.start,
                            end=end,
                        )
                    )
            members = sorted(row.area for row in periods(path) if row.group == area and row.start <= on < row.end)
            if members:
                texts.append(
                    counted(
                        len(members),
                        "list {key} of {on}: {number} member, {members}",
                        "list {key} of {on}: {number} members, {members}",
                        key=key,
                        on=on,
                        members=" ".join(members),
                    )
                )
    return texts


def sources_of(group: str, on: date) -> list[str]:
    """The sources of a group's list, each with the members of that day, or those that have left, that rest on it.

    For example `VUT, until 2020-12-04: UN-OHRLLS news of 4 December 2020`. They say which dates are not verified.
    """
    texts: dict[str, list[str]] = {}
    for grouping in catalogue().groupings.values():
        for path in grouping.lists.values() if group in grouping.codes else ():
            rows = [row for row in periods(path) if row.start <= on]
            present = {row.area for row in rows if on < row.end}
            for row in (row for row in rows if row.group == group and present):  # or the whole list is of the past
                if on < row.end:
                    texts.setdefault(row.source, []).append(row.area)
                elif row.area not in present:
                    texts.setdefault(row.source, []).append(say("{area}, until {end}", area=row.area, end=row.end))
    longest_first = sorted(texts.items(), key=lambda item: -len(item[1]))
    return [labelled(_several(areas), translated("area_groups", source)) for source, areas in longest_first if source]


def _several(areas: Sequence[str]) -> str:
    """The areas, or their number if there are many."""
    return counted(len(areas), "{number} member", "{number} members") if len(areas) > 8 else clauses(areas)
