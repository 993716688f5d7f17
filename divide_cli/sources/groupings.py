"""Dated groups of areas: who belongs to which group, under one membership vintage for all years."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from pathlib import Path

from divide_cli.catalogue import Grouping, catalogue
from divide_cli.errors import OptionError
from divide_cli.sources.membership_lists import listed, read_list

INCOME = "income_group"
_FISCAL_YEAR = re.compile(r"(?:FY)?(\d{2}|\d{4})(?:_([a-z_]+))?", re.IGNORECASE)


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


def fiscal_years(number: int = 6) -> list[str]:
    """The last fiscal years whose income list is held, the latest first: FY27, FY26, FY25_oghist ...

    The list in force where there is one, else the later history.
    """
    income = catalogue().groupings[INCOME]
    known: dict[int, str] = {}
    for name in (income.default, income.fallback):
        rows = listed(income.lists[name])
        for year in {row.start.year + 1 for row in rows} | {row.end.year for row in rows if row.end.year < MAXYEAR}:
            known.setdefault(year, name)
    return [Vintage(year, known[year]).label for year in sorted(known, reverse=True)[:number]]


@dataclass(frozen=True)
class Membership:
    """The members of every group at one vintage; `label` is printed beside each number.

    `short` names the vintage and the lists in the place of its own: FY26 + own.csv.
    """

    groups: Mapping[str, frozenset[str]]
    label: str
    short: str = ""


def _latest(on: date) -> Vintage:
    """The last fiscal year whose list was in force on that day, else the year of the later history."""
    income = catalogue().groupings[INCOME]
    starts = [row.start for row in listed(income.lists[income.default]) if row.start <= on]
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
            "fiscal_year_malformed",
            expected=f"FY26, 26 or 2026, with _{' or _'.join(income.lists)} for one list",
            found=asked,
            where="--income-fy",
        )
    digits = int(match.group(1))
    year = digits if digits > 99 else digits + (1900 if digits >= 80 else 2000)
    for candidate in [name] if name else [income.default, income.fallback]:
        found = Vintage(year, candidate)
        if any(row.start <= found.on < row.end for row in listed(income.lists[candidate])):
            return found
    spans = {
        key: (min(row.start for row in rows).year + 1, max(row.end for row in rows).year)
        for key, rows in ((key, listed(path)) for key, path in income.lists.items())
    }
    raise OptionError(
        "fiscal_year_unknown",
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
            "income_groups_by_fiscal_year",
            found=f"{INCOME}_{lists[INCOME]}",
            where="--groups",
            hint=f"--income-fy {taken.label.partition('_')[0]}_{lists[INCOME]}",
        )
    members: dict[str, set[str]] = {}
    later: dict[date, list[str]] = {}
    for grouping in catalogue().groupings.values():
        rows = listed(grouping.lists[_list_of(grouping, taken, lists)])
        on = max(taken.on, min(row.start for row in rows))  # a list says nothing of the time before its first date
        if on > taken.on:
            later.setdefault(on, []).extend(grouping.codes)
        for code in grouping.codes:
            members[code] = {row.area for row in rows if row.group == code and row.start <= on < row.end}
    chosen_lists = [f"{grouping} list {key}" for grouping, key in lists.items()]
    short = [taken.label, *chosen_lists, *(Path(name).name for name in groups if name not in named)]
    label = [f"{taken.label} (membership of {taken.on.isoformat()})", *chosen_lists]
    label += [f"{', '.join(codes)} of {on.isoformat()}" for on, codes in sorted(later.items())]
    for name in groups:
        if name not in named:
            own: dict[str, set[str]] = {}
            for row in read_list(Path(name)):
                own.setdefault(row.group, set())
                if row.start <= taken.on < row.end:
                    own[row.group].add(row.area)
            members.update(own)
            label.append(f"{', '.join(own)} from {Path(name).name}")
    return Membership({code: frozenset(areas) for code, areas in members.items()}, "; ".join(label), " + ".join(short))


def memberships_of(area: str, on: date) -> list[str]:
    """`HIC in income_group (in_force), from 2025-07-01 to 2026-07-01`: every membership of an area, or the members of a
    group on that day, as text.
    """
    said = []
    for grouping in catalogue().groupings.values():
        for key, path in grouping.lists.items():
            for row in listed(path):
                if row.area == area:
                    end = "now" if row.end == date.max else row.end.isoformat()
                    said.append(f"{row.group}, {grouping.id} list {key}, from {row.start} to {end}")
            members = sorted(row.area for row in listed(path) if row.group == area and row.start <= on < row.end)
            if members:
                said.append(f"list {key} of {on}: {len(members)} members, {' '.join(members)}")
    return said
