"""The output of `divide profile`: levels with ranks, gaps, their course over the years, targets, what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.profiles import Profile
from divide_cli.analysis.profiles.breakdowns import DIFFERENCE
from divide_cli.analysis.profiles.levels import BEFORE
from divide_cli.analysis.targets import RECENT
from divide_cli.analysis.trends import FEWEST
from divide_cli.catalogue import area_name, catalogue
from divide_cli.language import commas, ended, later, say
from divide_cli.reports import tables
from divide_cli.reports.bars import bars_of
from divide_cli.reports.estimates import estimate_of, notes
from divide_cli.reports.json import fields_of
from divide_cli.reports.profile_areas import RANKED, heading, membership, missing
from divide_cli.reports.published import (
    income_groups_of_another_time,
    is_combined,
    on_group_values,
    on_income_groups,
)
from divide_cli.reports.tables import NOTHING, Block, Footnotes, Output, Row, number, of_frames
from divide_cli.reports.targets import TRACKS, year_reached
from divide_cli.sources.editions import published_editions
from divide_cli.sources.groupings import INCOME

LEVEL_COLUMNS = (
    "Area",
    "Indicator",
    "Year",
    "Value",
    later("Rank in\nthe world"),
    later("Rank in\nits region"),
    later("Rank in its\nincome group"),
)
GROUP_COLUMNS = ("Area", "Indicator", "Year", "Value", "Coverage", "Economies", "Estimated", "From")
GAP_COLUMNS = ("Area", "Gap", "Year", "Sides", "Difference", later("Ratio or\nparity"), "Coverage")
COURSE_COLUMNS = (
    "Area",
    later("Indicator or gap"),
    "First",
    later("10 years\nbefore"),
    later("5 years\nbefore"),
    "Latest",
    later("Pace\na year"),
)
TARGET_COLUMNS = ("Area", "Target", "Status", "Value", "Year", "Shortfall", later("Pace\na year"), "Reached")
RANK = later(
    "Rank: 1 is the best. 9 of 41 is the ninth of the 41 economies with a value of the "
    "same year and edition. In parentheses: the members of the group. Neighbours may "
    "differ by less than the error of a survey."
)
ORDERS = {
    "adverse": later("Where a lower value is better, as of prices, the lowest is first."),
    "none": later("Where neither side is better, the highest value is first."),
}
"""Which value is first, by the direction of the indicator; of favourable ones, the highest."""
TIED = later("=: other economies have the same value and share the rank.")
PACE = later("Pace: slope of a line through the latest years with a value, {fewest} to {recent}; a dash: no trend.")
COURSE = later(
    "Of a gap: the difference of its sides in percentage points, and what became of it since its first year."
)
OF_PARITY = later("Pace to parity: of the reference side minus the compared side, in percentage points.")
REACHED = later("Reached: the first year in which that line meets the target, with its 95 % interval; not a forecast.")
DISAGREE = later(
    "Published values and those from countries differ: ITU estimates economies without data, and has its own members."
)


def output(profile: Profile, csv: str = "levels") -> Output:
    """The profile as tables, JSON, CSV (the levels or, if named, another frame) or Markdown."""
    frames = {name: getattr(profile, name) for name in ("levels", "ranks", "gaps", "courses", "missing")}
    frames = {**frames, "targets": profile.targets.frame}
    request = profile.request
    about = ("id", "title", "role", "citation", "licence", "membership")
    meta = {
        "tool": "divide",
        "version": __version__,
        "areas": {area: {"name": area_name(area), **membership(profile, area)} for area in request.areas},
        **fields_of(request, "files", "years"),
        "membership": profile.members.label,
        "editions": [fields_of(source, *about) for source in profile.sources.values()],
        "doubts": profile.doubts,
    }
    return of_frames(partial(_blocks, profile), meta, frames, csv)


@dataclass(frozen=True)
class _Tables:
    """The tables of a profile, which share their footnotes; `terms` are the sentences that explain what they show."""

    profile: Profile
    notes: Footnotes = field(default_factory=Footnotes)
    terms: dict[str, None] = field(default_factory=dict)
    printed: list[Row] = field(default_factory=list)
    methods: dict[str, str] = field(default_factory=dict)

    def blocks(self) -> list[Block]:
        """All tables that have rows."""
        levels = self._ordered(self.profile.levels)
        economies = [row for row in levels if row[v.MEMBERSHIP] == v.NOT_APPLICABLE]
        groups = [row for row in levels if row[v.MEMBERSHIP] != v.NOT_APPLICABLE]
        self.printed.extend(levels)
        blocks = [
            replace(
                self._block(say("Levels and ranks"), LEVEL_COLUMNS, [self._level(row) for row in economies]),
                bars=bars_of(economies),
            ),
            replace(
                self._block(
                    say("Levels of groups"),
                    GROUP_COLUMNS,
                    [self._group(row) for row in groups],
                    left=("Value", "Estimated", "From"),
                ),
                bars=bars_of(groups),
            ),
            self._block(say("Gaps"), GAP_COLUMNS, self._gaps(), left=("Sides", "Difference", GAP_COLUMNS[5])),
            self._block(say("Course over the years"), COURSE_COLUMNS, self._courses(), left=(COURSE_COLUMNS[1],)),
            self._block(say("Targets"), TARGET_COLUMNS, self._targets(), left=("Reached",)),
        ]
        return [block for block in blocks if block.rows]

    def _block(
        self, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], left: Sequence[str] = ()
    ) -> Block:
        """A table without its empty columns, and without the area if there is only one."""
        only = int(len(self.profile.request.areas) == 1)
        numeric = frozenset(columns) - {"Area", "Indicator", "Gap", "Target", "Status", *left}
        subjects = range(1, 0 if only else len(rows))
        firsts = frozenset(at for at in subjects if _subject(rows[at]) != _subject(rows[at - 1]))
        block = Block(title, columns[only:], [row[only:] for row in rows], numeric, firsts)
        return tables.without_empty_columns(block)

    def _ordered(self, frame: pd.DataFrame, *further: str) -> list[Row]:
        """The rows by indicator, in the order of the catalogue, and by area, as requested; computed and newer first."""
        indicators, areas = list(catalogue().indicators), list(self.profile.request.areas)
        newest = published_editions()

        def place(row: Row) -> tuple[Any, ...]:
            edition = str(row[v.EDITION])
            published = newest.index(edition) + 1 if edition in newest else 0
            keys = (row[name] for name in further)
            return (
                indicators.index(row[v.INDICATOR]),
                *keys,
                areas.index(row[v.REF_AREA]),
                published,
                -row[_year_in(row)],
            )

        return sorted(frame.to_dict("records"), key=place)

    def _cited(self, row: Row) -> str:
        """The number of the edition of a row, with the membership that its groups, or its ranks, rest on."""
        source = self.profile.sources[str(row[v.EDITION])]
        method = f" {ended(source.method)}" if source.method else ""
        first = next((one for one in self.methods if method and self.methods[one] == method), source.id)
        self.methods.setdefault(source.id, method)
        method = method if first == source.id else say(" See also {first}.", first=first)
        return self.notes.mark(
            say(
                "{source}: {citation}; groups {membership}.{method}",
                source=source.id,
                citation=source.citation,
                membership=say(source.membership),
                method=method,
            )
        )

    def _explain(self, *sentences: str) -> None:
        self.terms.update(dict.fromkeys(sentences))

    def _level(self, row: Row) -> tuple[str, ...]:
        """The level of an economy, and its rank in the world, its region and its income group."""
        ranks = self.profile.ranks
        same = [v.REF_AREA, v.INDICATOR, v.TIME_PERIOD, v.EDITION]
        own = ranks[(ranks[same].astype(str) == [str(row[name]) for name in same]).all(axis=1).to_numpy()]
        by_group = {str(rank["GROUP"]): rank for rank in own.to_dict("records")}
        cells = []
        for grouping in RANKED:
            codes = catalogue().groupings[grouping].codes
            cells.append(next((self._rank(by_group[code]) for code in codes if code in by_group), NOTHING))
        value = f"{_stated(row)} {self._cited(row)}"
        return row[v.REF_AREA], _short(row), str(row[v.TIME_PERIOD]), value, *cells

    def _rank(self, rank: Row) -> str:
        """`38 of 39` and, below, `WLD (232)`: the economies ranked, the group and the number of its members."""
        order = ORDERS.get(catalogue().indicators[rank[v.INDICATOR]].direction)
        self._explain(RANK, *([TIED] if rank["TIED"] else []), *([order] if order else []))
        tied = "=" if rank["TIED"] else ""
        return say(
            "{rank}{tied} of {n_areas}\n{group} ({n_areas_total})",
            rank=rank["RANK"],
            tied=tied,
            n_areas=rank[v.N_AREAS],
            group=rank["GROUP"],
            n_areas_total=rank[v.N_AREAS_TOTAL],
        )

    def _group(self, row: Row) -> tuple[str, ...]:
        """A value of a group: combined from economies, with its coverage, or published."""
        known = not pd.isna(row[v.N_AREAS])
        economies = (
            say("{n_areas} of {n_areas_total}", n_areas=row[v.N_AREAS], n_areas_total=row[v.N_AREAS_TOTAL])
            if known
            else NOTHING
        )
        quoted = self.profile.sources[str(row[v.EDITION])].role == "quoted"
        basis = say("countries") if is_combined(row) else say("quoted") if quoted else say("published")
        basis, coverage = f"{basis} {self._cited(row)}", tables.coverage_of(row)
        figures = _stated(row), coverage, economies, estimate_of(row)
        return row[v.REF_AREA], _short(row), str(row[v.TIME_PERIOD]), *figures, basis

    def _gaps(self) -> list[tuple[str, ...]]:
        """A row for each gap, year and edition."""
        rows = self._ordered(self.profile.gaps, v.OVER, v.GAP)
        self.printed.extend(rows)
        key = (v.REF_AREA, v.GAP, v.TIME_PERIOD, v.EDITION, v.MEMBERSHIP)
        together: dict[tuple[Any, ...], dict[str, Row]] = {}
        for row in rows:
            together.setdefault(tuple(row[name] for name in key), {})[str(row[v.MEASURE])] = row
        return [self._gap(measured) for measured in together.values()]

    def _gap(self, measured: dict[str, Row]) -> tuple[str, ...]:
        """The sides of a gap, its difference, and its other measure."""
        row = next(iter(measured.values()))
        unit = catalogue().indicators[row[v.INDICATOR]].unit
        values = (row[v.REFERENCE_VALUE], row[v.COMPARED_VALUE])
        sides = [
            f"{code} {number(value, unit)}"
            for code, value in zip((row[v.REFERENCE], row[v.COMPARED]), values, strict=True)
        ]
        difference = measured.get(DIFFERENCE)
        others = [one for name, one in measured.items() if name != DIFFERENCE]
        named = [one for one in others if tables.is_computed(one)]
        other = " ".join(f"{catalogue().measures[one[v.MEASURE]].short} {_stated(one)}" for one in named) or NOTHING
        marked = f"{_stated(difference) if difference else NOTHING} {self._cited(row)}"
        coverage = tables.coverage_of(row) if is_combined(row) else NOTHING
        sides_shown = "\n".join(sides) if not all(map(pd.isna, values)) else NOTHING
        return row[v.REF_AREA], _gap_name(row), str(row[v.TIME_PERIOD]), sides_shown, marked, other, coverage

    def _courses(self) -> list[tuple[str, ...]]:
        """A row for each series of levels, and of differences of the sides of a gap."""
        return [self._course(row) for row in self._ordered(self.profile.courses, v.OVER, v.GAP)]

    def _course(self, row: Row) -> tuple[str, ...]:
        """The first and the latest value of a series, those between, the pace and, of a gap, what became of it."""
        unit, of_gap = str(row[v.UNIT_MEASURE]), bool(row[v.GAP])
        first, last = (f"{number(row[f'{end}_VALUE'], unit)} ({row[f'{end}_YEAR']})" for end in ("FIRST", "LAST"))
        remark = str(row[v.OBS_COMMENT] or "")
        pace = number(row["PACE"], catalogue().units[unit].difference, "+")
        pace = f"{pace} {self.notes.mark(tables.sentence(remark))}" if remark else pace
        became = "\n" + say(str(row[v.COURSE]).replace("_", " ")) if of_gap else ""
        self._explain(_pace(), *([COURSE] if of_gap else []))
        name = f"{_gap_name(row) if of_gap else _short(row)} {self._cited(row)}"
        return row[v.REF_AREA], name, first, *(number(row[column], unit) for column in BEFORE), last, f"{pace}{became}"

    def _targets(self) -> list[tuple[str, ...]]:
        """A row for each target and edition: the status, the value, its shortfall and pace, and when it is reached."""
        targets = {target.id: place for place, target in enumerate(self.profile.targets.targets)}
        areas = list(self.profile.request.areas)
        rows = self.profile.targets.frame.to_dict("records")
        rows.sort(key=lambda row: (targets[row["TARGET"]], areas.index(row[v.REF_AREA]), -row[v.TIME_PERIOD]))
        return [self._target(row) for row in rows]

    def _target(self, row: Row) -> tuple[str, ...]:
        target, unit = catalogue().targets[row["TARGET"]], str(row[v.UNIT_MEASURE])
        difference = catalogue().units[unit].difference
        self._explain(*([TRACKS[row["TRACK"]]] if row["TRACK"] in TRACKS else []))
        self._explain(*([] if pd.isna(row["YEAR_REACHED"]) else [REACHED, _pace()]))
        self._explain(*([OF_PARITY] if target.parity and not pd.isna(row["PACE"]) else []))
        remark = str(row[v.REMARK_TEXT] or "")
        pace = number(row["PACE"], "PP" if target.parity else difference, "+")
        reached = year_reached(row)
        marked = f"{reached} {self.notes.mark(tables.sentence(remark))}" if remark and reached == NOTHING else reached
        value = f"{tables.figure(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit)} {self._cited(row)}"
        name, status = commas((target.short, target.year)), say(str(row["TRACK"]).replace("_", " "))
        shortfall = number(row["DISTANCE"], difference)
        return row[v.REF_AREA], name, status, value, str(row[v.TIME_PERIOD]), shortfall, pace, marked


def _year_in(row: Row) -> str:
    """The column that has the year of a row."""
    return v.TIME_PERIOD if v.TIME_PERIOD in row else v.LAST_YEAR


def _short(row: Row) -> str:
    return catalogue().indicators[str(row[v.INDICATOR])].short


def _subject(cells: tuple[str, ...]) -> str:
    """The indicator, gap or target of a row, without the number of its edition."""
    return cells[1].partition(" (")[0]


def _stated(row: Row) -> str:
    """The value with its unit, with bounds that are wider than its decimals, and with the mark of estimates.

    Of published values of groups, all are estimates and none is marked.
    """
    if not tables.is_computed(row):
        return tables.stated(row)
    if row[v.MEMBERSHIP] == v.NOT_APPLICABLE and estimate_of(row):
        return estimate_of(row)
    unit = str(row[v.UNIT_MEASURE])
    text = tables.with_unit(tables.figure(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)
    return f"{text} {tables.ESTIMATE}" if _is_estimate(row) else text


def _is_estimate(row: Row) -> bool:
    return bool(row[v.OBS_STATUS] == v.ESTIMATED and row[v.MEMBERSHIP] != v.AS_PUBLISHED)


def _gap_name(row: Row) -> str:
    """`Internet use, men : women`; without a comparison of the catalogue, the dimension and its two ends."""
    comparisons = catalogue().comparisons.values()
    names = [one.name for one in comparisons if (one.over, one.reference, one.compared) == _over(row)]
    over, reference, compared = _over(row)
    return commas((_short(row), names[0] if names else f"{over}: {reference} : {compared}"))


def _over(row: Row) -> tuple[str, str, str]:
    return str(row[v.OVER]), str(row[v.REFERENCE]), str(row[v.COMPARED])


def _blocks(profile: Profile) -> list[Block]:
    built = _Tables(profile)
    blocks = [*heading(profile), *built.blocks(), *missing(profile)]
    rows = built.printed
    combined = [row for row in rows if is_combined(row)]
    sentences = {
        **dict.fromkeys(tables.meanings([tables.ESTIMATE], ()), any(map(_is_estimate, rows))),
        **dict.fromkeys(built.terms, True),
        DISAGREE: combined and any(row[v.MEMBERSHIP] == v.AS_PUBLISHED for row in rows),
        say("Coverage: the share of the group's people who live in economies with a value."): combined,
        **dict.fromkeys(on_group_values(rows), True),
        say(
            "withheld: the coverage is less than {minimum:g} %; only the bounds are shown.",
            minimum=profile.request.minimum,
        ): any(row[v.OBS_STATUS] == v.WITHHELD for row in rows),
        say("[a, b]: bounds, the lowest and the highest possible value."): any("[" in _stated(row) for row in rows),
        **dict.fromkeys(on_income_groups(combined, profile.sources), True),
        **dict.fromkeys(income_groups_of_another_time(_latest_ranked(profile), profile.sources), True),
        **dict.fromkeys(tables.doubts_as_notes(profile.doubts), True),
        **dict.fromkeys(notes(profile.estimates, profile.request.estimate), True),
    }
    return [*blocks, built.notes.block(*(sentence for sentence, applies in sentences.items() if applies))]


def _latest_ranked(profile: Profile) -> dict[str, int]:
    """The latest year of each edition in which a level is ranked within an income group."""
    latest: dict[str, int] = {}
    for row in profile.ranks.to_dict("records"):
        if row["GROUP"] in catalogue().groupings[INCOME].codes:
            latest[row[v.EDITION]] = max(int(row[v.TIME_PERIOD]), latest.get(row[v.EDITION], 0))
    return latest


def _pace() -> str:
    return say(PACE, fewest=FEWEST, recent=RECENT)
