"""What `divide compute` shows: gaps and group values of a run beside the published ones, and their footnotes."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Result
from divide_cli.catalogue import Gap, area_name, catalogue
from divide_cli.errors.text_safety import MESSAGE, shown
from divide_cli.reports import json, tables
from divide_cli.reports import published as quoted_figures
from divide_cli.reports.numbers import NOTHING, bounded, bounds, marks, meanings, number, percent, with_unit
from divide_cli.reports.published import Lookup, disagreement, group_order, legend, letter, records
from divide_cli.reports.tables import Block, Row
from divide_cli.sources.editions import editions, published_editions


def show(result: Result, form: str) -> None:
    """Prints the result on stdout as `table`, `json`, `csv` (the gaps) or `markdown`."""
    if form == "json":
        sys.stdout.write(
            json.of_frames(json.provenance(result), {"gaps": result.gaps, "aggregates": result.aggregates})
        )
    elif form == "csv":
        sys.stdout.write(json.as_csv(result.gaps))
    elif form == "markdown":
        sys.stdout.write(tables.as_markdown(summary(result)))
    else:
        tables.print_rich(summary(result))


def tell(result: Result, written: Sequence[Path]) -> None:
    """Says on stderr what was read and written."""
    for reading in result.readings if result.request.files else ():
        estimates = f", {reading.estimates} of them estimates" if reading.estimates else ""
        print(
            f"{shown(reading.file.name)}: {reading.dataflow}, {reading.file.encoding}, {reading.rows} records read, "
            f"none lost{estimates}",
            file=sys.stderr,
        )
        for pile in reading.ignored:
            print(f"  {pile.rows} ignored: {shown(pile.reason, MESSAGE)}", file=sys.stderr)
        if reading.ignored_columns:
            print(f"  columns not used: {shown(', '.join(reading.ignored_columns), MESSAGE)}", file=sys.stderr)
    if result.dimensions:
        print(f"  taken as further dimensions: {shown(', '.join(result.dimensions), MESSAGE)}", file=sys.stderr)
    for reading in result.readings if result.request.files else ():
        for note in reading.notes:
            print(f"  {shown(note, MESSAGE)}", file=sys.stderr)
    if written:
        rows = f"{len(result.gaps):,} gaps, {len(result.aggregates):,} group values"
        print(f"{rows}: wrote {' and '.join(shown(str(path)) for path in written)}", file=sys.stderr)


def summary(result: Result) -> list[Block]:
    """The blocks of a run, in reading order."""
    other = result.published or result
    published = Lookup.of(other, published_editions())
    blocks = [] if result.request.files else quoted_figures.quotations(result, other, published)
    blocks += _of_groups(result, other, published)
    if not blocks:
        blocks = [Block("Nothing of this choice has a summary table", (), [], empty="--format csv prints every gap.")]
    return blocks


WITHOUT = "no redistributable country figures: pass a file."
GAP_COLUMNS = ("Area", "Year", "Measure", "Computed", "Coverage", "From publ.", "Diff.")
VALUE_COLUMNS = ("Group", "Year", "Value", "Bounds", "Coverage", "Economies", "Published", "Diff.")


def _of_groups(result: Result, other: Result, published: Lookup) -> list[Block]:
    """Gaps of groups, group values, gaps of economies: those that the run has, of its country figures.

    A run that names published editions only shows theirs. `other` holds the published figures that `published` indexes.
    """
    roles = {source.role for source in result.sources.values()}
    role = "country" if "country" in roles else "" if "quoted" in roles else "published"
    sources = [source.id for source in result.sources.values() if source.role == role]
    if not sources:
        return []
    if role == "published":
        published = Lookup.of(other, [name for name in published_editions() if name not in sources])
    made: list[Block | None] = [*_gaps(result, sources, published)]
    made += [_values(result, source, published) for source in sources]
    if result.request.files or result.request.areas:
        made += _of_economies(result, sources)
    shown = [block for block in made if block is not None]
    if shown:
        notes = (*shown[-1].notes, *footnotes(result, sources), legend(other, shown))
        shown[-1] = replace(shown[-1], notes=tuple(note for note in notes if note))
    return shown


def _plain(result: Result, frame: pd.DataFrame, sources: Sequence[str]) -> pd.DataFrame:
    """The rows of groups without a breakdown but the one compared; those that a source states where it is the user's
    file or a published edition."""
    if not len(frame):
        return frame
    stated = result.request.files or any(result.sources[name].role == "published" for name in sources)
    hidden = (v.NOT_APPLICABLE,) if stated else (v.NOT_APPLICABLE, v.AS_PUBLISHED)
    keep = frame[v.EDITION].isin(sources) & ~frame[v.MEMBERSHIP].isin(hidden)
    for name in (*v.DIMENSIONS, *result.dimensions):
        keep = keep & frame[name].isin((v.TOTAL, v.NOT_APPLICABLE))
    return frame[keep]


def _ranked(frame: pd.DataFrame) -> list[tuple[str, list[Row]]]:
    """The rows of each group, the groups as the catalogue lists them; what a source states apart from what is made."""
    order = group_order()
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in records(frame):
        groups.setdefault((row[v.REF_AREA], row[v.MEMBERSHIP]), []).append(row)
    ranked = sorted(groups, key=lambda group: (order.get(group[0], len(order)), group))
    return [(group[0], groups[group]) for group in ranked]


def _always(result: Result, area: str) -> bool:
    """Whether a group is shown also where its value is withheld: the world, and what was asked for."""
    return area == v.WORLD or area in result.request.areas or bool(result.request.years)


def _difference(row: Row, found: Sequence[Row]) -> tuple[str, str]:
    """The published figure with the letter of its edition, and computed minus published."""
    if not found:
        return NOTHING, NOTHING
    stated, unit = found[0][v.OBS_VALUE], row[v.UNIT_MEASURE]
    return f"{number(stated, unit)} {letter(found[0][v.EDITION])}", number(row[v.OBS_VALUE] - stated, unit, "+")


def _passes(rows: Sequence[Row]) -> bool:
    return any(not pd.isna(row[v.OBS_VALUE]) for row in rows)


def _latest(rows: Sequence[Row]) -> list[Row]:
    """The latest year, and, where it is withheld, the latest year that passes."""
    ordered = sorted(rows, key=lambda row: -row[v.TIME_PERIOD])
    passing = [row for row in ordered if not pd.isna(row[v.OBS_VALUE])][:1]
    return [*ordered[:1], *(row for row in passing if row is not ordered[0])]


def _marked(row: Row, text: str) -> str:
    return f"{text} {marks(row)}".strip()


def _coverage(row: Row) -> str:
    limit = "≤ " if row[v.COVERAGE_IS_LIMIT] else ""
    return limit + percent(row[v.COVERAGE])


def _absent(row: Row) -> str:
    return "withheld" if row[v.OBS_STATUS] == v.WITHHELD else "no value"


def _gaps(result: Result, sources: Sequence[str], published: Lookup) -> list[Block]:
    """One block for each gap and edition, and one that names what no country figures at hand give."""
    plain = _plain(result, result.gaps, sources)
    made: list[Block] = []
    without: list[str] = []
    for gap in catalogue().gaps.values():
        if not _wanted(result, gap):
            continue
        part = plain[plain[v.GAP] == gap.id] if len(plain) else plain
        if not len(part) and gap.cited:
            without.append(_title(gap))
        for source, of_source in part.groupby(v.EDITION, observed=True) if len(part) else ():
            made.append(_gap(result, gap, str(source), of_source, published))
    request = result.request
    if request.files or request.editions or request.areas or request.years:  # a choice may be why there is nothing
        return made
    if not request.gaps:
        without += [catalogue().indicators[name].short for name in _cited_without(result, plain)]
    if without:
        notes = tuple(f"{name}: {WITHOUT}" for name in without)
        made.append(Block("Cited without country figures", (), [], notes=notes))
    return made


def _cited_without(result: Result, plain: pd.DataFrame) -> list[str]:
    """Indicators whose figures are cited and that no country figures of the run hold."""
    views = [PurePath(entry.view).stem for entry in editions().values() if entry.view]
    claims = [claim for name in views for claim in catalogue().claims[name]["claims"]]
    cited = {claim["selector"]["indicator"] for claim in claims if "indicator" in claim["selector"]}
    held = set(plain[v.INDICATOR].unique()) if len(plain) else set()
    asked = set(result.request.indicators) or cited
    return sorted((cited & asked) - held)


def _wanted(result: Result, gap: Gap) -> bool:
    """The gaps that were asked for; without a choice, those that are cited, or, of the user's files, all."""
    request = result.request
    if request.gaps or request.indicators:
        return gap.id in request.gaps or (not request.gaps and gap.indicator in request.indicators)
    return bool(gap.cited or request.files)


def _title(gap: Gap) -> str:
    known = catalogue()
    return f"{known.indicators[gap.indicator].short}, {known.comparisons[gap.comparison].name}"


def _gap(result: Result, gap: Gap, source: str, part: pd.DataFrame, published: Lookup) -> Block:
    """One gap in one edition: the world always, other groups where a year passes; notes on the rest."""
    rows: list[tuple[str, ...]] = []
    silent: list[str] = []
    measures = [name for name in catalogue().measures if name in result.request.measures] or list(gap.shown)
    never = False
    for area, of_area in _ranked(part[part[v.MEASURE].isin(measures)]):
        always, passes = _always(result, area), _passes(of_area)
        never |= area == v.WORLD and not passes and not result.request.years
        if not always and not passes:
            silent.append(area)
            continue
        for measure in measures:
            found = _latest([row for row in of_area if row[v.MEASURE] == measure])
            rows += [(area, *_gap_cells(row, published)) for row in (found if always else found[-1:])]
    notes = [f"{area_name(v.WORLD)}: no year passes."] if never else []
    notes += [f"No year passes for {', '.join(silent)}."] if silent else []
    notes += meanings((row[3].rpartition(" ")[2] for row in rows), measures)
    origin = "country figures" if result.sources[source].role == "country" else "published figures"
    title = f"{_title(gap)}: {origin} of {source}, groups {_groups(result.sources[source].membership)}"
    return Block(title, GAP_COLUMNS, rows, frozenset(("Coverage", "Diff.")), frozenset(), tuple(notes))


def _groups(membership: str) -> str:
    """The vintage, and the lists that were put in the place of its own."""
    first, *own = membership.split("; ")
    return " + ".join([first.partition(" (")[0], *(text.rpartition(" from ")[2] for text in own if " of " not in text)])


def _gap_cells(row: Row, published: Lookup) -> tuple[str, ...]:
    unit = row[v.UNIT_MEASURE]
    value = with_unit(bounded(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)
    if pd.isna(row[v.OBS_VALUE]):
        value = f"{_absent(row)} {bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit)}".strip()
    name = catalogue().measures[row[v.MEASURE]].short
    return str(row[v.TIME_PERIOD]), name, _marked(row, value), _coverage(row), *_difference(row, published.gap(row))


def _values(result: Result, source: str, published: Lookup) -> Block | None:
    """Group values of one edition, the total of each indicator; none where the gaps asked for compare no groups."""
    plain = _plain(result, result.aggregates, [source])
    rows: list[tuple[str, ...]] = []
    rules: set[int] = set()
    notes: list[str] = []
    names = []
    for indicator, part in plain.groupby(v.INDICATOR, observed=True) if len(plain) else ():
        total = part[(part[list(v.DIMENSIONS)] == v.TOTAL).all(axis=1)]
        if not len(total) or not _behind(result, str(indicator)):
            continue
        name = catalogue().indicators[str(indicator)].short
        rules.add(len(rows))
        silent: list[str] = []
        for area, of_area in _ranked(total):
            if not _passes(of_area) and not _always(result, area):
                silent.append(area)
                continue
            rows += [(area, *_value_cells(row, published)) for row in _latest(of_area)]
        names.append(name)
        notes += [f"{name}: no year passes for {', '.join(silent)}."] if silent else []
        notes += disagreement(total, name, published)
    if not rows:
        return None
    title = f"Group values from {source}: {', '.join(names)}"
    return Block(title, VALUE_COLUMNS, rows, frozenset(VALUE_COLUMNS[2:]), frozenset(rules - {0}), tuple(notes))


def _behind(result: Result, indicator: str) -> bool:
    """Whether the totals of the indicator stand behind what was asked for."""
    known = catalogue()
    asked = [known.gaps[name] for name in result.request.gaps if known.gaps[name].indicator == indicator]
    return not result.request.gaps or any(known.comparisons[gap.comparison].area for gap in asked)


def _value_cells(row: Row, published: Lookup) -> tuple[str, ...]:
    unit = row[v.UNIT_MEASURE]
    return (
        str(row[v.TIME_PERIOD]),
        _absent(row) if pd.isna(row[v.OBS_VALUE]) else _marked(row, number(row[v.OBS_VALUE], unit)),
        bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit),
        _coverage(row),
        NOTHING if pd.isna(row[v.N_AREAS]) else f"{row[v.N_AREAS]} of {row[v.N_AREAS_TOTAL]}",
        *_difference(row, published.value(row)),
    )


MOST_ECONOMIES = 20
"""Rows of one gap that are printed; --format csv prints all."""

ECONOMY_COLUMNS = ("Economy", "Year", "Reference", "Compared", "Measure", "Value")


def _of_economies(result: Result, sources: Sequence[str]) -> list[Block]:
    """A block for each gap, a row for each economy, in the measure that the gap shows first (or those asked for)."""
    frame = result.gaps
    if not len(frame):
        return []
    known = catalogue()
    shown = result.request.measures or {entry.shown[0] for entry in known.gaps.values()}
    own = frame[
        frame[v.EDITION].isin(sources) & (frame[v.MEMBERSHIP] == v.NOT_APPLICABLE) & frame[v.MEASURE].isin(shown)
    ]
    key = [v.REF_AREA, *v.DIMENSIONS, *result.dimensions, v.MEASURE]
    made = []
    for gap, part in own.groupby(v.GAP, observed=True):
        entry = known.gaps[str(gap)]
        taken = part[part[v.MEASURE].isin(result.request.measures or entry.shown[:1])]
        latest = taken.sort_values(v.TIME_PERIOD, kind="stable").drop_duplicates(key, keep="last").sort_values(key)
        rows = [_economy_cells(row, result.dimensions) for row in latest.head(MOST_ECONOMIES).to_dict("records")]
        title = f"{known.indicators[entry.indicator].short}, {known.comparisons[entry.comparison].name}"
        more = max(len(latest) - MOST_ECONOMIES, 0)
        heading = f"{title}: the latest year of each economy"
        made.append(Block(heading, ECONOMY_COLUMNS, rows, numeric=frozenset(("Value",)), left_out=more))
    return made


def _economy_cells(row: Row, dimensions: Sequence[str]) -> tuple[str, ...]:
    known = catalogue()
    unit = known.indicators[row[v.INDICATOR]].unit
    breakdown = [row[name] for name in (*v.DIMENSIONS, *dimensions) if row[name] not in (v.TOTAL, v.NOT_APPLICABLE)]
    value = row[v.OBS_VALUE]
    known_sides = not (pd.isna(row[v.REFERENCE_VALUE]) or pd.isna(row[v.COMPARED_VALUE]))
    gone = "undefined" if known_sides else NOTHING
    text: str = gone if pd.isna(value) else with_unit(number(value, row[v.UNIT_MEASURE]), row[v.UNIT_MEASURE])
    return (
        " ".join([f"{row[v.REF_AREA]} {area_name(row[v.REF_AREA])}", *breakdown]),
        str(row[v.TIME_PERIOD]),
        f"{row[v.REFERENCE]} {number(row[v.REFERENCE_VALUE], unit)}",
        f"{row[v.COMPARED]} {number(row[v.COMPARED_VALUE], unit)}",
        known.measures[row[v.MEASURE]].short,
        text,
    )


def footnotes(result: Result, sources: Sequence[str]) -> list[str]:
    """The notes on the run's own figures (the legend of published editions stands apart)."""
    frames = [frame[frame[v.EDITION].isin(sources)] for frame in (result.gaps, result.aggregates) if len(frame)]
    held = {name for frame in frames for name in frame[v.EDITION].unique()}
    used = [source for source in result.sources.values() if source.id in held]
    notes = [" ".join(_about(source.id, source.citation, source.membership, source.method)) for source in used]
    combined = [frame[~frame[v.MEMBERSHIP].isin((v.NOT_APPLICABLE, v.AS_PUBLISHED))] for frame in frames]
    notes += _on_groups(combined[-1], result.request.minimum) if combined and len(combined[-1]) else []
    marked = {status for frame in combined for status in frame[v.OBS_STATUS].unique()}
    notes += ["e: estimates of the source contribute."] if v.ESTIMATED in marked else []
    persons = [name for name in result.request.measures if catalogue().measures[name].unit == v.PERSONS]
    notes += ["From publ.: computed from the published percentages" + _times(bool(persons)) + "."]
    seen = {name for frame in frames for name in frame[v.INDICATOR].unique()}
    combining = {entry.id: entry.aggregation for entry in catalogue().indicators.values()}
    notes += [f"{name}: {combining[name].message}." for name in sorted(seen) if combining[name].method == "none"]
    licences = sorted({source.licence for source in used if "NC" in source.licence})
    notes += [f"Licence of these figures: {', '.join(licences)}."] if licences else []
    return notes


def _about(name: str, citation: str, membership: str, method: str) -> list[str]:
    groups = f"groups {membership}." if membership else ""
    return [text for text in (f"{name}: {citation};", groups, f"{method.rstrip('.')}." if method else "") if text]


def _times(persons: bool) -> str:
    return ", persons with the embedded populations" if persons else ""


def _on_groups(combined: pd.DataFrame, minimum: float) -> list[str]:
    """Weights, the withheld, the meaning of bounds and the names of the groups."""
    weighed = combined[combined[v.OBS_STATUS] != v.MISSING]
    weights = sorted(weighed[v.WEIGHTS].unique())
    notes = [f"Weights: {'; '.join(weights)}."] if weights else []
    withheld = int((combined[v.OBS_STATUS] == v.WITHHELD).sum())
    if withheld:
        notes.append(
            f"Withheld (all years and breakdowns): {withheld} of {len(combined)} group values, whose reporting "
            f"economies hold less than {minimum:g} % of the group's people."
        )
    notes.append("Brackets: the value if the missing people stood at 0, and at 100.")
    met = set(combined[v.REF_AREA].unique())
    names = [f"{code} {area_name(code)}" for code in group_order() if code in met and area_name(code) != code]
    return [*notes, *([f"{'; '.join(names)}."] if names else [])]
