"""Published figures by key, the newest edition first; and the notes on the rows and editions that are printed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Request, Result, Source
from divide_cli.catalogue import Gap, area_name, catalogue
from divide_cli.catalogue.applicability import naming
from divide_cli.frames.columns import rows_of
from divide_cli.language import clauses, commas, ended, labelled, later, say
from divide_cli.reports import readings, tables
from divide_cli.reports.estimates import is_nowcast
from divide_cli.reports.tables import ESTIMATE, Block, Footnotes, Row, is_computed, marks, number
from divide_cli.sources.groupings import INCOME, is_fiscal_year, vintage

GAP_KEY = (v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)
VALUE_KEY = (v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)

_SHOWN = (
    v.EDITION, v.INDICATOR, v.UNIT_MEASURE, v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.OBS_STATUS, v.OBS_COMMENT,
    v.COVERAGE, v.N_AREAS, v.N_AREAS_TOTAL, v.MEMBERSHIP, v.OVER, v.REFERENCE, v.COMPARED, v.REFERENCE_VALUE,
    v.COMPARED_VALUE, *v.ROW_FLAGS,
)  # fmt: skip
"""The columns that tables print, without the key."""
FEW_LISTS = 2
"""The number of years between the income groups of the figures and those used, up to which no remark is made."""
MEDIANS = later("Group values of prices are medians of economies: each economy counts once, whatever its population.")
OLDER_YEAR = later("A year in parentheses is older than the latest of its table.")
ROUNDING = later("Bounds include the rounding that the decimals of a file show: 45.3 stands for 45.25 to 45.35.")


def records(frame: pd.DataFrame, *further: str) -> list[Row]:
    """The rows as mappings, with the columns that tables print, and further ones."""
    names = dict.fromkeys((*GAP_KEY, *_SHOWN, *v.ESTIMATES, *further))
    return [*rows_of(frame[[name for name in names if name in frame]])]


def _index(frame: pd.DataFrame, order: Sequence[str], key: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows of the editions by key; the rows of one key in the order of the editions."""
    index: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(frame[frame[v.EDITION].isin(order)]) if len(frame) else ():
        index.setdefault(tuple(row[name] for name in key), []).append(row)
    for rows in index.values():
        rows.sort(key=lambda row: order.index(row[v.EDITION]))
    return index


def _size_of_set(row: Row) -> int:
    """The number of years of a set: 1 for `2023`, 16 for `2008-2023`."""
    years = [int(year) for year in str(row[v.COVERED_SET]).split("-")]
    return years[-1] - years[0] + 1


@dataclass(frozen=True)
class Lookup:
    """Gaps and group values of editions, by key."""

    gaps: Mapping[tuple[Any, ...], list[Row]]
    aggregates: Mapping[tuple[Any, ...], list[Row]]

    @staticmethod
    def of(result: Result, editions: Sequence[str]) -> "Lookup":
        """An index of the frames, for the editions in the order named, and for the measures that are printed.

        These are the measures requested, or those that any gap shows.
        """
        printed = set(result.request.measures) or {name for gap in catalogue().gaps.values() for name in gap.shown}
        gaps = result.gaps[result.gaps[v.MEASURE].isin(printed)]
        return Lookup(_index(gaps, editions, GAP_KEY), _index(result.aggregates, editions, VALUE_KEY))

    def with_medians_of(self, result: Result) -> "Lookup":
        """The lookup with the medians that the files of a run state in addition to their economies; they come first.

        Each is of the economies with a figure in all years of a set (COVERED_SET). At a key, the smallest set counts.
        """
        frame, further = result.aggregates, [name for name in result.dimensions if name != v.COVERED_SET]
        if v.COVERED_SET not in result.dimensions or not len(frame):
            return self
        stated = frame[v.MEMBERSHIP].eq(v.AS_PUBLISHED) & frame[v.COVERED_SET].ne(v.TOTAL)
        stated &= frame[further].isin([v.TOTAL]).all(axis=1) & frame[v.OBS_VALUE].notna()
        rows = records(frame[stated], v.COVERED_SET)
        own = {tuple(row[name] for name in VALUE_KEY): [row] for row in sorted(rows, key=_size_of_set, reverse=True)}
        return replace(self, aggregates={**self.aggregates, **own})

    def gap(self, row: Row) -> list[Row]:
        """The gaps at the key of the row."""
        return self.gaps.get(tuple(row[name] for name in GAP_KEY), [])

    def value(self, row: Row) -> list[Row]:
        """The group values at the key of the row."""
        return self.aggregates.get(tuple(row[name] for name in VALUE_KEY), [])


def role_of(result: Result) -> str:
    """The role of the editions whose figures lead: of economies, else of published groups; "" if only quoted."""
    roles = {source.role for source in result.sources.values()}
    return "country" if "country" in roles else "" if "quoted" in roles else "published"


def country_sources(result: Result) -> list[str]:
    """The editions or files whose figures lead: those of economies, or the published ones if there are no others."""
    role = role_of(result)
    return [source.id for source in result.sources.values() if source.role == role or result.request.files]


def plain_groups(result: Result, frame: pd.DataFrame, sources: Sequence[str]) -> pd.DataFrame:
    """The rows of groups without a breakdown except the one compared.

    Values that a source states count only if it is the user's file or a published edition.
    """
    if not len(frame):
        return frame
    stated = result.request.files or any(result.sources[name].role == "published" for name in sources)
    hidden = (v.NOT_APPLICABLE,) if stated else (v.NOT_APPLICABLE, v.AS_PUBLISHED)
    keep = frame[v.EDITION].isin(sources) & ~frame[v.MEMBERSHIP].isin(hidden)
    whole = frame[[*v.DIMENSIONS, *result.dimensions]].isin((v.TOTAL, v.NOT_APPLICABLE)).all(axis=1)
    return frame[keep & whole]


def latest_at(key: Mapping[str, Any], rows: Iterable[Row]) -> Row | None:
    """The row of the latest year with a value at the key, else of the latest except nowcasts; the first of several."""
    at_key = (row for row in rows if key.items() <= row.items())
    return max(at_key, key=lambda row: (is_computed(row), not is_nowcast(row), row[v.TIME_PERIOD]), default=None)


def place_of(area: str) -> tuple[int, str]:
    """The position of a group in the catalogue; other areas follow by code."""
    codes = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    return codes.index(area) if area in codes else len(codes), area


def names_of(codes: Iterable[str]) -> str:
    """`WLD World; HIC High-income economies.`: the groups among the codes, then others, each with its name."""
    named = sorted({code for code in codes if area_name(code) != code}, key=place_of)
    return ended(clauses(f"{code} {area_name(code)}" for code in named)) if named else ""


def is_combined(row: Row) -> bool:
    """Whether a row is a group value, or a gap, that rests on values combined from economies."""
    return row[v.MEMBERSHIP] not in (v.NOT_APPLICABLE, v.AS_PUBLISHED)


def is_median(row: Row) -> bool:
    """Whether a row is combined as a median of economies."""
    return is_combined(row) and is_median_of(str(row[v.INDICATOR]))


def is_median_of(indicator: str) -> bool:
    """Whether group values of the indicator are medians of economies."""
    return catalogue().indicators[indicator].aggregation.method == "median_of_areas"


def on_group_values(rows: Sequence[Row]) -> list[str]:
    """What combined group values are, a sentence each: what a median is, and what their bounds suppose."""
    combined, medians = list(filter(is_combined, rows)), list(filter(is_median, rows))
    means = [row for row in combined if row not in medians] if medians else combined
    units = {catalogue().indicators[row[v.INDICATOR]].unit for row in means}
    percentages = {catalogue().units[unit].maximum for unit in units} <= {100}
    ends = say("0, and at 100") if percentages else say("the lowest possible value, and at the highest")
    sentences = {
        MEDIANS: medians,
        say("Bounds from countries: with all the people without data at {ends}.", ends=ends): any(
            map(_is_bounded, means)
        ),
        say(
            "Bounds of medians: with every economy without data at the lowest possible value, and at the highest."
        ): any(map(_is_bounded, medians)),
    }
    return [sentence for sentence, applies in sentences.items() if applies]


def _is_bounded(row: Row) -> bool:
    return "[" in tables.stated(row)


def on_income_groups(rows: Iterable[Row], sources: Mapping[str, Source]) -> list[str]:
    """A sentence for each edition whose income groups are of another time than the figures printed."""
    codes, latest = catalogue().groupings[INCOME].codes, dict[str, int]()
    for row in rows:
        if is_combined(row) and row[v.REF_AREA] in codes and is_computed(row):
            edition = str(row[v.EDITION])
            latest[edition] = max(int(row[v.TIME_PERIOD]), latest.get(edition, 0))
    return income_groups_of_another_time(latest, sources)


def income_groups_of_another_time(latest: Mapping[str, int], sources: Mapping[str, Source]) -> list[str]:
    """A sentence for each edition whose income groups are of another time than its latest figures.

    The groups of the year of a figure are those of the list in force at its end, of the fiscal year after it.
    """
    sentences = []
    for edition, year in latest.items():
        name = sources[edition].groups.split(" + ")[0]
        if not is_fiscal_year(name):  # a file states every income group
            continue
        used = vintage(name, date.max)
        if abs(used.year - (year + 1)) > FEW_LISTS:
            then = f"FY{(year + 1) % 100:02d}"
            sentences.append(
                say(
                    "The income groups are those of {used}, the figures of {year} or before: --income-fy "
                    "{then} takes the groups of that time.",
                    used=used.label,
                    year=year,
                    then=then,
                )
            )
    return list(dict.fromkeys(sentences))


def year_of(row: Row, newest: int) -> str:
    """The year of a row, in parentheses if it is older than the newest of its table."""
    year = int(row[v.TIME_PERIOD])
    return f"({year})" if year < newest else str(year)


class Citations:
    """The notes on a run: its editions by number, and explanations of its printed rows."""

    def __init__(self, result: Result, other: Result) -> None:
        self._footnotes, self._rows, self._marks = Footnotes(), list[Row](), list[str]()
        self._request, self.areas, self.compared, self.older = result.request, set[str](), False, False
        self._sources = {**other.sources, **result.sources}
        self._cited, self._methods = dict[tuple[str, str], str](), dict[str, str]()

    def marked(self, text: str, row: Row, estimates: bool = True) -> str:
        """The text printed for a row, with the row's marks; `estimates` keeps that of estimates."""
        mark = marks(row) if estimates else marks(row).replace(ESTIMATE, "")
        self._rows.append(row)
        self._marks.append(mark)
        return f"{text} {mark}".strip()

    def of(self, edition: str, stated: bool = False) -> str:
        """The number of an edition: its citation, the membership of its groups, and how its figures were made.

        `stated` is for the groups that a file states, besides economies from which groups are formed.
        """
        source = self._sources[edition]
        membership = v.AS_PUBLISHED if stated and source.role == "country" else source.membership
        key = (edition, membership)
        if key not in self._cited:
            groups = say("; groups {membership}.", membership=say(membership)) if membership else "."
            first = self._methods.get(source.method)
            method = (
                say(" See also {first}.", first=first) if first else f" {ended(source.method)}" if source.method else ""
            )
            self._cited[key] = self._footnotes.mark(labelled(source.id, f"{source.citation}{groups}{method}"))
            if source.method:
                self._methods.setdefault(source.method, self._cited[key])
        return self._cited[key]

    def of_figure(self, row: Row) -> str:
        """The number of the edition of a published figure; of a median that a file states, that of its source."""
        covered = str(row.get(v.COVERED_SET, ""))
        if not covered:
            return self.of(row[v.EDITION])
        years = say("all years {covered}", covered=covered) if "-" in covered else covered
        return self._footnotes.mark(
            say(
                "Median stated in {edition}, of the economies with a figure in {years}.",
                edition=row[v.EDITION],
                years=years,
            )
        )

    def notes(self, of_the_run: Sequence[str]) -> Block:
        """The editions cited; a sentence for each measure, mark and column of the printed rows; the areas named."""
        rows, entries = self._rows, catalogue().measures
        measures = [name for name in entries if any(row.get(v.MEASURE) == name for row in rows)]
        combined = list(filter(is_combined, rows))
        persons = say(", persons with the embedded populations")
        persons = persons if any(entries[name].unit == v.PERSONS for name in self._request.measures) else ""
        withheld = any(row[v.OBS_STATUS] == v.WITHHELD for row in rows)
        bounded = any(map(_is_bounded, rows))
        gaps = [row for row in rows if row.get(v.MEASURE)]
        sentences = {
            say(
                "The reference group is named first. Formulas and sources: divide show {measures}.",
                measures="".join(measures[:1]),
            ): measures,
            **dict.fromkeys(tables.meanings(self._marks, measures), True),
            OLDER_YEAR: self.older,
            say("Coverage: the share of the group's people who live in economies with a value."): combined,
            **dict.fromkeys(on_group_values(rows), True),
            say("Coverage of a gap: the lower of its two groups' coverages."): any(map(is_combined, gaps)),
            say("≥: the coverage is at least this, and may be higher."): any(
                row[v.COVERAGE_IS_LIMIT] for row in combined
            ),
            say(
                "withheld: the coverage is less than {minimum:g} %; only the bounds are shown.",
                minimum=self._request.minimum,
            ): withheld,
            say("[a, b]: bounds, the lowest and the highest possible value."): bounded,
            ROUNDING: bounded and self._request.files,
            say("Bounds of quoted and published figures: what their rounding allows."): bounded
            and len(rows) > len(combined),
            say("Minus published: computed minus published, before rounding."): self.compared,
            say("Published gaps are computed from the published percentages{persons}.", persons=persons): self.compared
            and gaps,
            **dict.fromkeys(on_income_groups(rows, self._sources), True),
        }
        return self._footnotes.block(
            *(line for name in measures for line in _readings(name, rows)),
            *(sentence for sentence, applies in sentences.items() if applies),
            *of_the_run,
            names_of({*self.areas, *(row[v.REF_AREA] for row in rows)}),
        )


def _readings(name: str, rows: Sequence[Row]) -> list[str]:
    """The readings of one measure for the indicators and signs that occur among the rows."""
    measure, own = catalogue().measures[name], [row for row in rows if row.get(v.MEASURE) == name]
    names = {naming(measure, str(row[v.INDICATOR]), _over(row)).short for row in own}
    return [labelled(commas(sorted(names)), text) for text in readings.in_general(measure, own)]


def _over(row: Row) -> str:
    """The dimension or grouping of a gap."""
    return catalogue().comparisons[catalogue().gaps[row[v.GAP]].comparison].over


def short_of(row: Row) -> str:
    """The short name of the measure of a gap."""
    return naming(catalogue().measures[row[v.MEASURE]], str(row[v.INDICATOR]), _over(row)).short


def measures_of(request: Request, gap: Gap) -> list[str]:
    """The measures requested, or those that the gap shows."""
    return [name for name in catalogue().measures if name in request.measures] or list(gap.shown)


def title_of(gap: Gap, between: str = "") -> str:
    """The indicator and what is compared, with a comma between them or what is given."""
    entries = catalogue()
    names = entries.indicators[gap.indicator].short, entries.comparisons[gap.comparison].name
    return between.join(names) if between else commas(names)


def disagreement(total: pd.DataFrame, name: str, published: Lookup, citations: Citations) -> list[str]:
    """Lists where published editions give different values for the world in the latest year that they share."""
    world = total[total[v.REF_AREA] == v.WORLD].sort_values(v.TIME_PERIOD, ascending=False)
    for row in rows_of(world):
        others, unit = published.value(row), row[v.UNIT_MEASURE]
        if len({other[v.OBS_VALUE] for other in others}) > 1:
            values = [f"{number(other[v.OBS_VALUE], unit)} {citations.of(other[v.EDITION])}" for other in others]
            where = say("{name}, world, {time_period}", name=name, time_period=row[v.TIME_PERIOD])
            return [
                say(
                    "Published editions disagree on {where}: {values}; the newest is shown.",
                    where=where,
                    values=commas(values),
                )
            ]
    return []
