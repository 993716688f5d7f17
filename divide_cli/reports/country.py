"""Gaps and group values of the run's editions, edition by edition, beside the published ones."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.aggregation import UPPER_LIMIT
from divide_cli.analysis.pipeline import published_editions
from divide_cli.analysis.request import Result
from divide_cli.catalogue import Gap, area_name, catalogue
from divide_cli.reports import economies
from divide_cli.reports.footnotes import disagreement, footnotes, group_order
from divide_cli.reports.lookup import Lookup, Row, legend, letter, records
from divide_cli.reports.marks import marks, meanings
from divide_cli.reports.numbers import NOTHING, bounded, bounds, number, percent, with_unit
from divide_cli.reports.tables import Block
from divide_cli.sources.editions import editions

WITHOUT = "no redistributable country figures: pass a file."
GAP_COLUMNS = ("Area", "Year", "Measure", "Computed", "Coverage", "From publ.", "Diff.")
VALUE_COLUMNS = ("Group", "Year", "Value", "Bounds", "Coverage", "Economies", "Published", "Diff.")


def blocks(result: Result, other: Result, published: Lookup) -> list[Block]:
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
        made += economies.blocks(result, sources)
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
    limit = "≤ " if UPPER_LIMIT in row[v.OBS_COMMENT] else ""
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
