"""The output of `divide compute`: the divides in short, gaps and group values with the published ones, the notes."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from pathlib import Path, PurePath

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import Gap, catalogue
from divide_cli.catalogue.claims import publications
from divide_cli.errors.text_safety import MESSAGE, shown
from divide_cli.frames.columns import by_category
from divide_cli.language import clauses, commas, ended, labelled, later, say
from divide_cli.reports import economies, estimates, tables
from divide_cli.reports.bars import bars_of
from divide_cli.reports.json import provenance
from divide_cli.reports.published import (
    Citations,
    Lookup,
    country_sources,
    disagreement,
    is_median_of,
    measures_of,
    place_of,
    plain_groups,
    records,
    role_of,
    short_of,
    title_of,
    year_of,
)
from divide_cli.reports.quotations import Quotations
from divide_cli.reports.tables import Block, Output, Row, is_computed, of_frames, tell_written
from divide_cli.sources.editions import editions, published_editions

MINUS = later("Minus\npublished")
ESTIMATED = later("Estimated")
GAP_COLUMNS = ("Area", "Year", "Measure", "Computed", "Coverage", ESTIMATED, "Published", MINUS)
VALUE_COLUMNS = ("Group", "Year", "Value", "Coverage", "Economies", ESTIMATED, "Published", MINUS)
NUMERIC = frozenset(("Coverage", "Economies", "Published", MINUS))
WHERE_TO_LOOK = later(
    "A gap needs both its groups: `divide read FILE` shows what a file has. --format csv prints every gap."
)


def output(result: Result, csv: str = "") -> Output:
    """The result as tables, JSON, CSV or Markdown. CSV is the frame named, else the gaps or, if none, the values."""
    frames = {"gaps": result.gaps, "aggregates": result.aggregates}
    usual = "gaps" if len(result.gaps) else "aggregates"
    return of_frames(partial(summary, result), provenance(result), frames, csv or usual)


def tell(result: Result, written: Sequence[Path], *replaced: str) -> None:
    """Reports on stderr what was read and written, and what was wrong with what was replaced, or is less now."""
    readings = result.readings if result.request.files else ()
    lines = []
    for reading in readings:
        file, number = reading.file, reading.estimates
        estimates = say(", {estimates} of them estimates", estimates=number) if number else ""
        refused = sum(rows.rows for rows in reading.refused)
        lost = say("{number} left out", number=refused) if refused else say("none lost")
        read = say(
            "{layout}, {encoding}, {rows} records read, {lost}{estimates}",
            layout=reading.dataflow,
            encoding=file.encoding,
            rows=reading.rows,
            lost=lost,
            estimates=estimates,
        )
        lines.append(labelled(shown(file.name), read))
        lines += [
            say("  {rows} ignored: {reason}", rows=rows.rows, reason=shown(rows.reason, MESSAGE))
            for rows in reading.ignored
        ]
        if reading.ignored_columns:
            lines.append(
                say(
                    "  columns not used: {ignored_columns}",
                    ignored_columns=shown(commas(reading.ignored_columns), MESSAGE),
                )
            )
    if result.dimensions:
        lines.append(
            say("  taken as further dimensions: {dimensions}", dimensions=shown(commas(result.dimensions), MESSAGE))
        )
    lines += [f"  {shown(note, MESSAGE)}" for reading in readings for note in reading.notes]
    for line in lines:
        print(line, file=sys.stderr)
    tables.tell_doubts(result.doubts)
    economies.tell_absent(result.areas_without_data)
    values = say("group values and levels") if result.request.economies else say("group values")
    tell_written(
        written,
        say(
            "{count:,} gaps, {count_2:,} {values}: ",
            count=len(result.gaps),
            count_2=len(result.aggregates),
            values=values,
        ),
    )
    tables.tell_notes(replaced)


def summary(result: Result) -> list[Block]:
    """The quoted divides, then gaps and values of groups, computed ones first in each table; then the notes."""
    other = result.published or result
    published, citations = Lookup.of(other, published_editions()), Citations(result, other)
    role, sources = role_of(result), country_sources(result)
    gaps = plain_groups(result, result.gaps, sources)
    blocks: list[Block] = []
    request = result.request
    for source in () if request.files or request.ranks else result.sources.values():
        if source.role == "quoted":
            quoted = Lookup.of(result, [source.id])
            blocks += Quotations(request, quoted, published, records(gaps), citations).blocks(source.id)
    if role == "published":  # an edition is compared with the others
        published = Lookup.of(other, [name for name in published_editions() if name not in sources])
    if sources:
        groups = _GroupTables(result, published.with_medians_of(result), citations)
        of_groups = [*groups.gaps(gaps), *groups.values(sources)]
        of_economies: list[Block] = []
        if request.files or request.areas or request.ranks:
            of_economies = [*economies.levels(result, sources, citations), *economies.gaps(result, sources, citations)]
        ranking = request.ranks and not request.areas
        blocks += [*of_economies, *of_groups] if ranking else [*of_groups, *of_economies]
        blocks += _without(result.request, gaps)
    if not blocks:
        elsewhere = [name for name in published_editions() if name in set(result.gaps.get(v.EDITION, ()))]
        options = " ".join(f"--edition {name}" for name in elsewhere)
        published_too = say(" Published gaps: {options}.", options=options) if elsewhere else ""
        return [Block(say("Nothing to show for this choice"), (), [], empty=say(WHERE_TO_LOOK) + published_too)]
    absent = economies.absences(result.areas_without_data)
    told = estimates.notes(result.estimates, request.estimate)
    notes = citations.notes([*absent, *tables.doubts_as_notes(result.doubts), *told, *of_the_run(result, sources)])
    return [*blocks, *([notes] if notes.notes else [])]


def _years_of(result: Result) -> set[int]:
    """The years of all figures of the run."""
    frames = (frame for frame in (result.gaps, result.aggregates) if len(frame))
    return {int(year) for frame in frames for year in frame[v.TIME_PERIOD].unique()}


def _by_group(frame: pd.DataFrame, ranked: bool) -> list[tuple[str, list[Row]]]:
    """The rows of each group, in the order of the catalogue if they are not ranked.

    Values stated by a source are apart from combined ones.
    """
    groups: dict[tuple[int, str, str], list[Row]] = {}
    for row in records(frame):
        groups.setdefault((*place_of(row[v.REF_AREA]), row[v.MEMBERSHIP]), []).append(row)
    ordered = groups.items() if ranked else sorted(groups.items(), key=itemgetter(0))
    return [(area, rows) for (_, area, _), rows in ordered]


def _latest(rows: Sequence[Row]) -> list[Row]:
    """The latest year and, if it is withheld, the latest that is not; if none is, the latest except nowcasts."""
    ordered = sorted(rows, key=lambda row: -row[v.TIME_PERIOD])
    passing = [row for row in ordered if not pd.isna(row[v.OBS_VALUE])]
    reported = [row for row in ordered if not estimates.is_nowcast(row)]
    return [*ordered[:1], *(row for row in (passing or reported)[:1] if row is not ordered[0])]


def _across(block: Block) -> Block | None:
    """A column for each year, of the value, its coverage and the published figure; None if there is one year only."""
    at = {name: block.columns.index(name) for name in block.columns}
    years = sorted({row[at["Year"]] for row in block.rows})
    if len(years) < 2:
        return None
    heads = [name for name in (*GAP_COLUMNS[:1], *VALUE_COLUMNS[:1], "Measure") if name in at]
    lines = [[name for name in names if name in at] for names in _LINES]
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for row in block.rows:
        parts = [[row[at[name]] for name in names if row[at[name]] not in ("", tables.NOTHING)] for names in lines]
        cell = "\n".join(commas(part) for part in parts if part)
        rows.setdefault(tuple(row[at[name]] for name in heads), {})[row[at["Year"]]] = cell
    cells = [(*head, *(of_year.get(year, "") for year in years)) for head, of_year in rows.items()]
    below = clauses(commas(" ".join(say(name).split()).lower() for name in names) for names in lines[1:] if names)
    notes = (say("Below each value: {below}.", below=below),) if below else ()
    return Block(block.title, (*heads, *years), cells, notes=notes)


_LINES = (("Computed", "Value"), ("Coverage", "Economies"), (ESTIMATED,), ("Published", MINUS))
"""The columns of a table that are the lines of a cell, where each year has a column."""


@dataclass(frozen=True)
class _GroupTables:
    """The tables of group gaps and group values of a run, compared with the published figures."""

    result: Result
    published: Lookup
    citations: Citations

    def gaps(self, rows: pd.DataFrame) -> list[Block]:
        """One block for each gap and edition."""
        blocks = []
        for gap in catalogue().gaps.values() if len(rows) else ():
            if _is_wanted(self.result.request, gap):
                of_gap, measures = rows[rows[v.GAP] == gap.id], measures_of(self.result.request, gap)
                by_source = of_gap[of_gap[v.MEASURE].isin(measures)].groupby([v.EDITION, v.MEMBERSHIP], observed=True)
                for (source, _), part in by_source:
                    blocks.append(self._table(title_of(gap), GAP_COLUMNS, str(source), part, measures))
        return blocks

    def values(self, sources: Sequence[str]) -> list[Block]:
        """Group values, a block for each indicator and edition, those with the fewest withheld first.

        They are the totals of each indicator; there are none if the requested gaps do not compare groups.
        """
        rows = plain_groups(self.result, self.result.aggregates, sources)
        if not len(rows):
            return []
        total, blocks, request = (
            rows[(rows[list(v.DIMENSIONS)] == v.TOTAL).all(axis=1)],
            list[Block](),
            self.result.request,
        )
        for (indicator, source, _), part in total.groupby([v.INDICATOR, v.EDITION, v.MEMBERSHIP], observed=True):
            if _rests_on(request, str(indicator)):
                name = catalogue().indicators[str(indicator)].short
                block = self._table(say("{name} by group", name=name), VALUE_COLUMNS, str(source), part)
                others = () if request.files else disagreement(part, name, self.published, self.citations)
                blocks.append(replace(block, notes=(*block.notes, *others)))
        return sorted(
            (block for block in blocks if block.rows),
            key=lambda block: len(block.rows) - min(block.rules, default=len(block.rows)),
        )

    def _table(
        self, what: str, columns: tuple[str, ...], source: str, rows: pd.DataFrame, measures: Sequence[str] = ("",)
    ) -> Block:
        """The rows with a value and, below a rule, those without; a note names the groups without a value in any year.

        The world and the groups requested are always shown, other groups if they have a value in some year.
        """
        stated = bool((rows[v.MEMBERSHIP] == v.AS_PUBLISHED).all())
        origin = (
            say("from countries")
            if not stated
            else say("as published in {source}", source=source)
            if self.result.request.files
            else say(v.AS_PUBLISHED)
        )
        title = labelled(what, f"{origin} {self.citations.of(source, stated)}")
        request, printed, silent = self.result.request, list[Row](), list[str]()
        for area, of_area in _by_group(rows, request.ranks):
            always = area == v.WORLD or area in request.areas or bool(request.years)
            passes = any(map(is_computed, of_area)) or any(map(estimates.estimate_of, of_area))
            if not passes and not request.years and area not in request.areas:
                silent.append(area)
            for measure in measures if always or passes else ():
                of_measure = [row for row in of_area if row.get(v.MEASURE, "") == measure]
                latest = sorted(of_measure, key=itemgetter(v.TIME_PERIOD)) if request.years else _latest(of_measure)
                printed += latest if always or not measure else latest[-1:]
        self.citations.areas.update(silent)
        computed = sum(map(is_computed, printed))
        newest = 0 if request.years else max((row[v.TIME_PERIOD] for row in printed), default=0)
        printed.sort(key=lambda row: not is_computed(row))
        cells = [self._cells(row, newest) for row in printed]
        minimum = say("No year has enough coverage ({minimum:g} %)", minimum=request.minimum)
        notes = (
            *([say("{minimum} for {silent}.", minimum=minimum, silent=commas(silent))] if silent else []),
            *self._years_lacking(rows),
        )
        rules = frozenset({computed} - {0, len(printed)})
        bars = bars_of(printed) if columns is VALUE_COLUMNS else ()
        block = tables.without_empty_columns(Block(title, columns, cells, NUMERIC, rules, notes, bars=bars))
        return replace(block, across=_across(block) if len(request.years) > 1 else None)

    def _years_lacking(self, rows: pd.DataFrame) -> list[str]:
        """A sentence for the years requested that other tables have but this one has not, and where they are."""
        years = [year for year in self.result.request.years if year not in set(rows[v.TIME_PERIOD])]
        years = sorted(set(years) & _years_of(self.result))
        if not years:
            return []
        other = self.published.gap if v.MEASURE in rows else self.published.value
        at_key = [other({**row, v.TIME_PERIOD: year}) for row in records(rows) for year in years]
        ids = dict.fromkeys(str(found[0][v.EDITION]) for found in at_key if found)
        options = " ".join(f"--edition {name}" for name in ids)
        published = say(" Published figures: {options}.", options=options) if ids else ""
        where = say("in the files") if self.result.request.files else say("from countries")
        return [
            say(
                "No figures {where} in {spans}.{published}",
                where=where,
                spans=economies.spans(years),
                published=published,
            )
        ]

    def _cells(self, row: Row, newest: int) -> tuple[str, ...]:
        """A gap or a group value, the published figure with the number of its edition, computed minus published."""
        cells = [row[v.REF_AREA], year_of(row, newest)]
        self.citations.older |= row[v.TIME_PERIOD] < newest
        cells += [short_of(row)] if v.MEASURE in row else []
        cells += [self.citations.marked(tables.stated(row), row), tables.coverage_of(row)]
        if v.MEASURE not in row:
            economies = say("{n_areas} of {n_areas_total}", n_areas=row[v.N_AREAS], n_areas_total=row[v.N_AREAS_TOTAL])
            cells.append(tables.NOTHING if pd.isna(row[v.N_AREAS]) else economies)
        cells.append(estimates.estimate_of(row))
        others = self.published.gap(row) if v.MEASURE in row else self.published.value(row)
        figure, unit = others[0][v.OBS_VALUE] if others else None, row[v.UNIT_MEASURE]
        if figure is None:
            return *cells, tables.NOTHING, tables.NOTHING
        self.citations.compared |= is_computed(row)
        mark, difference = self.citations.of_figure(others[0]), row[v.OBS_VALUE] - figure
        return *cells, f"{tables.number(figure, unit)} {mark}", tables.number(difference, unit, "+")


def _without(request: Request, rows: pd.DataFrame) -> list[Block]:
    """Names the cited gaps and indicators without country figures, unless a choice may have excluded them."""
    if request.files or request.editions or request.areas or request.years:
        return []
    present = set(rows[v.GAP].unique()) if len(rows) else set()
    wanted = [gap for gap in catalogue().gaps.values() if gap.cited and _is_wanted(request, gap)]
    names = {title_of(gap): gap.indicator for gap in wanted if gap.id not in present}
    if not request.gaps:
        names |= {catalogue().indicators[name].short: name for name in _cited_without(request, rows)}
    fetch = f"divide fetch {' '.join(dict.fromkeys(names.values()))}"
    sentence = say("{names}. Pass a file, or download figures with `{fetch}`.", names=clauses(names), fetch=fetch)
    return [Block(say("No country figures that may be redistributed"), (), [], empty=sentence)] if names else []


def _cited_without(request: Request, rows: pd.DataFrame) -> list[str]:
    """The indicators with cited figures for which the run has no country figures."""
    views = [PurePath(entry.view).stem for entry in editions().values() if entry.view]
    cited = {claim.selector.indicator for name in views for claim in publications()[name].claims} - {""}
    with_figures = set(rows[v.INDICATOR].unique()) if len(rows) else set()
    return sorted((cited & (set(request.indicators) or cited)) - with_figures)


def _is_wanted(request: Request, gap: Gap) -> bool:
    """Whether a gap was requested or, without a choice, is cited; of the user's files, all gaps are wanted."""
    if request.gaps or request.indicators:
        return gap.id in request.gaps or (not request.gaps and gap.indicator in request.indicators)
    return bool(gap.cited or request.files)


def _rests_on(request: Request, indicator: str) -> bool:
    """Whether the request rests on the totals of the indicator."""
    entries = catalogue()
    gaps = [entries.gaps[name] for name in request.gaps if entries.gaps[name].indicator == indicator]
    return not request.gaps or any(entries.comparisons[gap.comparison].area for gap in gaps)


def of_the_run(result: Result, sources: Sequence[str]) -> list[str]:
    """The notes on the whole run: weights, how many values are withheld, years and groups without any, licences."""
    entries = catalogue()
    frames = [frame[frame[v.EDITION].isin(sources)] for frame in (result.gaps, result.aggregates) if len(frame)]
    ids = {name for frame in frames for name in frame[v.EDITION].unique()}
    notes = []
    for combined in (frame[~frame[v.MEMBERSHIP].isin((v.NOT_APPLICABLE, v.AS_PUBLISHED))] for frame in frames[-1:]):
        counted = combined[combined[v.OBS_STATUS] != v.MISSING]
        medians = by_category(counted[v.INDICATOR], is_median_of).astype(bool)
        for words, part in (
            (say("Weights"), counted[~medians]),
            (say("People, for the coverage of medians"), counted[medians]),
        ):
            weights = sorted(part[v.WEIGHTS].unique())
            notes += [ended(labelled(words, clauses(weights)))] if weights else []
        count = int((combined[v.OBS_STATUS] == v.WITHHELD).sum())
        notes += (
            [
                say(
                    "Withheld: {count} of {count_2} group values, all years and breakdowns.",
                    count=count,
                    count_2=len(combined),
                )
            ]
            if count
            else []
        )
    known = {year for frame in frames for year in frame[v.TIME_PERIOD].unique()}
    unknown = sorted(set(result.request.years) - known)
    notes += (
        [say("No figures from countries or files in {spans}.", spans=economies.spans(unknown))]
        if unknown and known
        else []
    )
    indicators = sorted({name for frame in frames for name in frame[v.INDICATOR].unique()})
    aggregations = {name: entries.indicators[name].aggregation for name in indicators}
    notes += [ended(labelled(name, rule.message)) for name, rule in aggregations.items() if rule.method == "none"]
    restricting = {name for name, entry in entries.licences.items() if entry.restricts}
    own = [source for source in result.sources.values() if source.id in ids]
    licences = sorted({one.licence for one in own if restricting.intersection(one.licence.split(", "))})
    return [*notes, say("Licence of these figures: {licences}.", licences=commas(licences))] if licences else notes
