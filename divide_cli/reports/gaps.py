"""The output of `divide compute`: gaps and group values of a run, with the published ones and footnotes."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter
from pathlib import Path, PurePath

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Request, Result, Source
from divide_cli.catalogue import Gap, area_name, catalogue
from divide_cli.catalogue.claims import publications
from divide_cli.errors.text_safety import MESSAGE, shown
from divide_cli.reports import tables
from divide_cli.reports.json import provenance
from divide_cli.reports.published import Letters, Lookup, disagreement, quotations, records
from divide_cli.reports.tables import Block, Output, Row, of_frames, tell_written
from divide_cli.sources.editions import editions, published_editions

GAP_COLUMNS = ("Area", "Year", "Measure", "Computed", "Coverage", "From publ.", "Diff.")
VALUE_COLUMNS = ("Group", "Year", "Value", "Bounds", "Coverage", "Economies", "Published", "Diff.")
ECONOMY_COLUMNS = ("Economy", "Year", "Reference", "Compared", "Measure", "Value")
MOST_ECONOMIES = 20
"""The number of rows printed for one gap; --format csv prints all."""


def output(result: Result) -> Output:
    """The result as tables, JSON, CSV (the gaps) or Markdown."""
    frames = {"gaps": result.gaps, "aggregates": result.aggregates}
    return of_frames(partial(summary, result), provenance(result), frames)


def tell(result: Result, written: Sequence[Path]) -> None:
    """Says on stderr what was read and written."""
    readings = result.readings if result.request.files else ()
    lines = []
    for reading in readings:
        file, estimates = reading.file, f", {reading.estimates} of them estimates" if reading.estimates else ""
        read = f"{reading.dataflow}, {file.encoding}, {reading.rows} records read, none lost{estimates}"
        lines.append(f"{shown(file.name)}: {read}")
        lines += [f"  {rows.rows} ignored: {shown(rows.reason, MESSAGE)}" for rows in reading.ignored]
        if reading.ignored_columns:
            lines.append(f"  columns not used: {shown(', '.join(reading.ignored_columns), MESSAGE)}")
    if result.dimensions:
        lines.append(f"  taken as further dimensions: {shown(', '.join(result.dimensions), MESSAGE)}")
    lines += [f"  {shown(note, MESSAGE)}" for reading in readings for note in reading.notes]
    for line in lines:
        print(line, file=sys.stderr)
    tell_written(written, f"{len(result.gaps):,} gaps, {len(result.aggregates):,} group values: ")


def summary(result: Result) -> list[Block]:
    """The paragraphs of the resolution, the same gaps from country figures, group values: in reading order."""
    other = result.published or result
    published = Lookup.of(other, published_editions())
    blocks = [] if result.request.files else quotations(result, other, published)
    blocks += _of_groups(result, other, published)
    nothing = Block("Nothing of this choice has a summary table", (), [], empty="--format csv prints every gap.")
    return blocks or [nothing]


def group_order() -> dict[str, int]:
    """The position of each group in the catalogue."""
    codes = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    return {code: place for place, code in enumerate(codes)}


def _of_groups(result: Result, other: Result, published: Lookup) -> list[Block]:
    """Gaps of groups, group values, gaps of economies: those that the run has, from its country figures.

    A run that names only published editions shows theirs. `other` has the published figures that `published` indexes.
    """
    roles = {source.role for source in result.sources.values()}
    role = "country" if "country" in roles else "" if "quoted" in roles else "published"
    sources = [source.id for source in result.sources.values() if source.role == role]
    if not sources:
        return []
    if role == "published":
        published = Lookup.of(other, [name for name in published_editions() if name not in sources])
    group_tables = _GroupTables(result, published)
    blocks = group_tables.gaps(sources)
    blocks += [block for source in sources if (block := group_tables.values(source)) is not None]
    if result.request.files or result.request.areas:
        blocks += _of_economies(result, sources)
    if blocks:
        notes = (*blocks[-1].notes, *footnotes(result, sources), group_tables.letters.legend(other))
        blocks[-1] = replace(blocks[-1], notes=tuple(note for note in notes if note))
    return blocks


def _of_plain_groups(result: Result, frame: pd.DataFrame, sources: Sequence[str]) -> pd.DataFrame:
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


def _by_group(frame: pd.DataFrame) -> list[tuple[str, list[Row]]]:
    """The rows of each group in the order of the catalogue; values stated by a source are apart from combined ones."""
    order = group_order()
    groups: dict[tuple[int, str, str], list[Row]] = {}
    for row in records(frame):
        area = row[v.REF_AREA]
        groups.setdefault((order.get(area, len(order)), area, row[v.MEMBERSHIP]), []).append(row)
    return [(area, rows) for (_, area, _), rows in sorted(groups.items(), key=itemgetter(0))]


def _some_year_passes(rows: Sequence[Row]) -> bool:
    return any(not pd.isna(row[v.OBS_VALUE]) for row in rows)


def _latest(rows: Sequence[Row]) -> list[Row]:
    """The latest year, and, where it is withheld, the latest year that passes."""
    ordered = sorted(rows, key=lambda row: -row[v.TIME_PERIOD])
    passing = [row for row in ordered if not pd.isna(row[v.OBS_VALUE])][:1]
    return [*ordered[:1], *(row for row in passing if row is not ordered[0])]


def _coverage(row: Row) -> str:
    return ("≤ " if row[v.COVERAGE_IS_LIMIT] else "") + tables.percent(row[v.COVERAGE])


def _absent(row: Row) -> str:
    return "withheld" if row[v.OBS_STATUS] == v.WITHHELD else "no value"


class _GroupTables:
    """The tables of group gaps and group values of a run, with the published figures beside them."""

    def __init__(self, result: Result, published: Lookup) -> None:
        self.result, self.request, self.published, self.letters = result, result.request, published, Letters()

    def gaps(self, sources: Sequence[str]) -> list[Block]:
        """One block for each gap and edition, and one that names what no country figures at hand give."""
        rows = _of_plain_groups(self.result, self.result.gaps, sources)
        blocks: list[Block] = []
        without: list[str] = []
        for gap in catalogue().gaps.values():
            if not _is_wanted(self.request, gap):
                continue
            of_gap = rows[rows[v.GAP] == gap.id] if len(rows) else rows
            if not len(of_gap) and gap.cited:
                without.append(_title(gap))
            for source, of_source in of_gap.groupby(v.EDITION, observed=True) if len(of_gap) else ():
                blocks.append(self._gap(gap, str(source), of_source))
        request = self.request
        if request.files or request.editions or request.areas or request.years:
            return blocks  # a choice may be why there is nothing
        if not request.gaps:
            without += [catalogue().indicators[name].short for name in _cited_without(request, rows)]
        if without:
            notes = tuple(f"{name}: no redistributable country figures: pass a file." for name in without)
            blocks.append(Block("Cited without country figures", (), [], notes=notes))
        return blocks

    def _gap(self, gap: Gap, source: str, rows: pd.DataFrame) -> Block:
        """One gap in one edition: the world always, other groups where a year passes; notes on the rest."""
        printed: list[Row] = []
        silent: list[str] = []
        measures = [name for name in catalogue().measures if name in self.request.measures] or list(gap.shown)
        world_passes = True
        for area, of_area in _by_group(rows[rows[v.MEASURE].isin(measures)]):
            always, passes = self._is_always_shown(area), _some_year_passes(of_area)
            world_passes &= area != v.WORLD or passes or bool(self.request.years)
            if not always and not passes:
                silent.append(area)
                continue
            for measure in measures:
                latest = _latest([row for row in of_area if row[v.MEASURE] == measure])
                printed += latest if always else latest[-1:]
        notes = [] if world_passes else [f"{area_name(v.WORLD)}: no year passes."]
        notes += [f"No year passes for {', '.join(silent)}."] if silent else []
        notes += tables.meanings(map(tables.marks, printed), measures)
        origin = "country figures" if self.result.sources[source].role == "country" else "published figures"
        title = f"{_title(gap)}: {origin} of {source}, groups {self.result.sources[source].groups}"
        cells = [self._gap_cells(row) for row in printed]
        return Block(title, GAP_COLUMNS, cells, frozenset(("Coverage", "Diff.")), frozenset(), tuple(notes))

    def _is_always_shown(self, area: str) -> bool:
        """Whether a group is shown also where its value is withheld: the world, and what was asked for."""
        return area == v.WORLD or area in self.request.areas or bool(self.request.years)

    def _gap_cells(self, row: Row) -> tuple[str, ...]:
        lacking = bool(pd.isna(row[v.OBS_VALUE]))
        value = f"{_absent(row)} {tables.bounds_of(row)}".strip() if lacking else tables.value_of(row)
        return (
            row[v.REF_AREA],
            str(row[v.TIME_PERIOD]),
            catalogue().measures[row[v.MEASURE]].short,
            f"{value} {tables.marks(row)}".strip(),
            _coverage(row),
            *self._difference(row, self.published.gap(row)),
        )

    def values(self, source: str) -> Block | None:
        """Group values of one edition, the total of each indicator; none where the gaps asked for compare no groups."""
        rows = _of_plain_groups(self.result, self.result.aggregates, [source])
        cells: list[tuple[str, ...]] = []
        rules: set[int] = set()
        silent: dict[str, list[str]] = {}
        totals: dict[str, pd.DataFrame] = {}
        for indicator, part in rows.groupby(v.INDICATOR, observed=True) if len(rows) else ():
            total = part[(part[list(v.DIMENSIONS)] == v.TOTAL).all(axis=1)]
            if not len(total) or not _rests_on(self.request, str(indicator)):
                continue
            name = catalogue().indicators[str(indicator)].short
            rules.add(len(cells))
            totals[name], silent[name] = total, []
            for area, of_area in _by_group(total):
                if _some_year_passes(of_area) or self._is_always_shown(area):
                    cells += [self._value_cells(row) for row in _latest(of_area)]
                else:
                    silent[name].append(area)
        if not cells:
            return None
        notes: list[str] = []
        for name, total in totals.items():
            notes += [f"{name}: no year passes for {', '.join(silent[name])}."] if silent[name] else []
            notes += disagreement(total, name, self.published, self.letters)
        title = f"Group values from {source}: {', '.join(totals)}"
        return Block(title, VALUE_COLUMNS, cells, frozenset(VALUE_COLUMNS[2:]), frozenset(rules - {0}), tuple(notes))

    def _value_cells(self, row: Row) -> tuple[str, ...]:
        value = f"{tables.number(row[v.OBS_VALUE], row[v.UNIT_MEASURE])} {tables.marks(row)}".strip()
        return (
            row[v.REF_AREA],
            str(row[v.TIME_PERIOD]),
            _absent(row) if pd.isna(row[v.OBS_VALUE]) else value,
            tables.bounds_of(row),
            _coverage(row),
            tables.NOTHING if pd.isna(row[v.N_AREAS]) else f"{row[v.N_AREAS]} of {row[v.N_AREAS_TOTAL]}",
            *self._difference(row, self.published.value(row)),
        )

    def _difference(self, row: Row, others: Sequence[Row]) -> tuple[str, str]:
        """The published figure with the letter of its edition, and computed minus published."""
        if not others:
            return tables.NOTHING, tables.NOTHING
        figure, unit = others[0][v.OBS_VALUE], row[v.UNIT_MEASURE]
        letter = self.letters.of(others[0][v.EDITION])
        return f"{tables.number(figure, unit)} {letter}", tables.number(row[v.OBS_VALUE] - figure, unit, "+")


def _cited_without(request: Request, rows: pd.DataFrame) -> list[str]:
    """Indicators whose figures are cited and that no country figures of the run hold."""
    views = [PurePath(entry.view).stem for entry in editions().values() if entry.view]
    claims = [claim for name in views for claim in publications()[name].claims]
    cited = {claim.selector.indicator for claim in claims if claim.selector.indicator}
    with_figures = set(rows[v.INDICATOR].unique()) if len(rows) else set()
    return sorted((cited & (set(request.indicators) or cited)) - with_figures)


def _is_wanted(request: Request, gap: Gap) -> bool:
    """The gaps that were asked for; without a choice, those that are cited, or, of the user's files, all."""
    if request.gaps or request.indicators:
        return gap.id in request.gaps or (not request.gaps and gap.indicator in request.indicators)
    return bool(gap.cited or request.files)


def _rests_on(request: Request, indicator: str) -> bool:
    """Whether what was asked for rests on the totals of the indicator."""
    entries = catalogue()
    gaps = [entries.gaps[name] for name in request.gaps if entries.gaps[name].indicator == indicator]
    return not request.gaps or any(entries.comparisons[gap.comparison].area for gap in gaps)


def _title(gap: Gap) -> str:
    entries = catalogue()
    return f"{entries.indicators[gap.indicator].short}, {entries.comparisons[gap.comparison].name}"


def _of_economies(result: Result, sources: Sequence[str]) -> list[Block]:
    """A block for each gap, a row for each economy, in the measure that the gap shows first (or those asked for)."""
    frame, measures = result.gaps, result.request.measures
    economies = frame[frame[v.EDITION].isin(sources) & (frame[v.MEMBERSHIP] == v.NOT_APPLICABLE)]
    key = [v.REF_AREA, *v.DIMENSIONS, *result.dimensions, v.MEASURE]
    blocks = []
    for name, rows in economies.groupby(v.GAP, observed=True):
        gap = catalogue().gaps[str(name)]
        shown = rows[rows[v.MEASURE].isin(measures or gap.shown[:1])]
        if not len(shown):
            continue
        latest = shown.sort_values(v.TIME_PERIOD, kind="stable").drop_duplicates(key, keep="last").sort_values(key)
        cells = [_economy_cells(row, result.dimensions) for row in latest.head(MOST_ECONOMIES).to_dict("records")]
        title, more = f"{_title(gap)}: the latest year of each economy", max(len(latest) - MOST_ECONOMIES, 0)
        blocks.append(Block(title, ECONOMY_COLUMNS, cells, numeric=frozenset(("Value",)), left_out=more))
    return blocks


def _economy_cells(row: Row, dimensions: Sequence[str]) -> tuple[str, ...]:
    unit, value = catalogue().indicators[row[v.INDICATOR]].unit, row[v.OBS_VALUE]
    breakdown = [row[name] for name in (*v.DIMENSIONS, *dimensions) if row[name] not in (v.TOTAL, v.NOT_APPLICABLE)]
    lacks_side = bool(pd.isna(row[v.REFERENCE_VALUE]) or pd.isna(row[v.COMPARED_VALUE]))
    text = tables.with_unit(tables.number(value, row[v.UNIT_MEASURE]), row[v.UNIT_MEASURE])
    return (
        " ".join([f"{row[v.REF_AREA]} {area_name(row[v.REF_AREA])}", *breakdown]),
        str(row[v.TIME_PERIOD]),
        f"{row[v.REFERENCE]} {tables.number(row[v.REFERENCE_VALUE], unit)}",
        f"{row[v.COMPARED]} {tables.number(row[v.COMPARED_VALUE], unit)}",
        catalogue().measures[row[v.MEASURE]].short,
        "undefined" if pd.isna(value) and not lacks_side else text,
    )


def footnotes(result: Result, sources: Sequence[str]) -> list[str]:
    """The notes on the run's own figures (the legend of published editions stands apart)."""
    entries = catalogue()
    frames = [frame[frame[v.EDITION].isin(sources)] for frame in (result.gaps, result.aggregates) if len(frame)]
    ids = {name for frame in frames for name in frame[v.EDITION].unique()}
    own = [source for source in result.sources.values() if source.id in ids]
    notes = [_about(source) for source in own]
    combined = [frame[~frame[v.MEMBERSHIP].isin((v.NOT_APPLICABLE, v.AS_PUBLISHED))] for frame in frames]
    notes += _on_groups(combined[-1], result.request.minimum) if combined and len(combined[-1]) else []
    statuses = {status for frame in combined for status in frame[v.OBS_STATUS].unique()}
    notes += ["e: estimates of the source contribute."] if v.ESTIMATED in statuses else []
    in_persons = any(entries.measures[name].unit == v.PERSONS for name in result.request.measures)
    persons = ", persons with the embedded populations" if in_persons else ""
    notes += [f"From publ.: computed from the published percentages{persons}."]
    indicators = sorted({name for frame in frames for name in frame[v.INDICATOR].unique()})
    aggregations = {name: entries.indicators[name].aggregation for name in indicators}
    notes += [f"{name}: {rule.message}." for name, rule in aggregations.items() if rule.method == "none"]
    restricting = {name for name, entry in entries.licences.items() if entry.restricts}
    licences = sorted({one.licence for one in own if restricting.intersection(one.licence.split(", "))})
    notes += [f"Licence of these figures: {', '.join(licences)}."] if licences else []
    return notes


def _about(source: Source) -> str:
    """What an edition is, the membership of its groups, and how its producer made the figures."""
    groups = f" groups {source.membership}." if source.membership else ""
    method = f" {source.method.rstrip('.')}." if source.method else ""
    return f"{source.id}: {source.citation};{groups}{method}"


def _on_groups(combined: pd.DataFrame, minimum: float) -> list[str]:
    """Weights, the withheld, the meaning of bounds and the names of the groups."""
    weights = sorted(combined[combined[v.OBS_STATUS] != v.MISSING][v.WEIGHTS].unique())
    notes = [f"Weights: {'; '.join(weights)}."] if weights else []
    withheld = int((combined[v.OBS_STATUS] == v.WITHHELD).sum())
    if withheld:
        values = f"{withheld} of {len(combined)} group values"
        share = f"whose reporting economies hold less than {minimum:g} % of the group's people"
        notes.append(f"Withheld (all years and breakdowns): {values}, {share}.")
    notes.append("Brackets: the value if the missing people stood at 0, and at 100.")
    groups = set(combined[v.REF_AREA].unique())
    names = [f"{code} {area_name(code)}" for code in group_order() if code in groups and area_name(code) != code]
    return [*notes, f"{'; '.join(names)}."] if names else notes
