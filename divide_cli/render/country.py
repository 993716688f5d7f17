"""The same gaps, and group values, from the figures of economies, beside the published ones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from divide_cli import vocab as v
from divide_cli.catalogue import Gap, area_name, catalogue
from divide_cli.pipeline import Result, beside, published_editions
from divide_cli.render import economies
from divide_cli.render.lookup import Lookup, Row, legend, letter
from divide_cli.render.numbers import NOTHING, bounded, bounds, number, percent, with_unit
from divide_cli.render.tables import Block

PASS_A_FILE = "no redistributable country figures: pass a file."
GAP_COLUMNS = ("Area", "Year", "Measure", "From countries", "Coverage", "Published", "Diff.")
VALUE_COLUMNS = ("Group", "Year", "Value", "Bounds", "Coverage", "Economies", "Published", "Diff.")


def blocks(result: Result) -> list[Block]:
    """Gaps from country figures, group values, gaps of economies, edition by edition: those that the run has."""
    sources = [source.id for source in result.sources.values() if source.role == "country"]
    if not sources:
        return []
    other = beside(result)
    published = Lookup.of(other, published_editions())
    made: list[Block | None] = [*_gaps(result, sources, published)]
    made += [_values(result, source, published) for source in sources]
    if result.request.files or result.request.areas:
        made += economies.blocks(result, sources)
    shown = [block for block in made if block is not None]
    if shown:
        notes = (*shown[-1].notes, *_footnotes(result, sources), legend(other, shown))
        shown[-1] = replace(shown[-1], notes=tuple(note for note in notes if note))
    return shown


def _plain(frame: pd.DataFrame, sources: Sequence[str], dimensions: Sequence[str]) -> pd.DataFrame:
    """The rows of groups that were combined from economies, without a breakdown but the one compared."""
    if not len(frame):
        return frame
    keep = (
        frame[v.EDITION].isin(sources)
        & (frame[v.MEMBERSHIP] != v.NOT_APPLICABLE)
        & (frame[v.MEMBERSHIP] != "as published")
    )
    for name in (*v.DIMENSIONS, *dimensions):
        keep = keep & frame[name].isin((v.TOTAL, v.NOT_APPLICABLE))
    return frame[keep]


def _order() -> dict[str, int]:
    """The place of each group, as the catalogue lists them."""
    codes = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    return {code: place for place, code in enumerate(codes)}


def _ranked(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    order = _order()
    groups = [(str(area), part) for area, part in rows.groupby(v.REF_AREA, observed=True)]
    return sorted(groups, key=lambda group: (order.get(group[0], len(order)), group[0]))


def _difference(row: Row, found: Sequence[Row]) -> tuple[str, str]:
    """The published figure with the letter of its edition, and computed minus published."""
    if not found:
        return NOTHING, NOTHING
    stated, unit = found[0][v.OBS_VALUE], row[v.UNIT_MEASURE]
    return f"{number(stated, unit)} {letter(found[0][v.EDITION])}", number(row[v.OBS_VALUE] - stated, unit, "+")


def _latest(rows: pd.DataFrame) -> list[Row]:
    """The latest year, and, where it is withheld, the latest year that passes."""
    if not len(rows):
        return []
    order = np.argsort(-rows[v.TIME_PERIOD].to_numpy(), kind="stable")
    passing = order[rows[v.OBS_VALUE].notna().to_numpy()[order]][:1]
    return rows.iloc[list(dict.fromkeys([order[0], *passing]))].to_dict("records")  # whole rows of these only


def _gaps(result: Result, sources: Sequence[str], published: Lookup) -> list[Block]:
    """One block for each gap and edition, and one that names what no country figures at hand give."""
    plain = _plain(result.gaps, sources, result.dimensions)
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
        made.append(Block("Cited without country figures", (), [], notes=tuple(f"{name}: {PASS_A_FILE}" for name in without)))
    return made


def _cited_without(result: Result, plain: pd.DataFrame) -> list[str]:
    """Indicators whose figures are cited and that no country figures of the run hold."""
    claims = [claim for document in catalogue().claims.values() for claim in document["claims"]]
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
    notes: list[str] = []
    measures = [name for name in catalogue().measures if name in result.request.measures] or list(gap.shown)
    for area, of_area in _ranked(part):
        always = area == v.WORLD or area in result.request.areas
        passes = of_area[v.OBS_VALUE].notna().any()
        if not passes and always:
            notes.append(f"{area_name(area)}: no year passes.")
        if not passes and not always:
            silent.append(area)
            continue
        for measure in measures:
            found = _latest(of_area[of_area[v.MEASURE] == measure])
            rows += [(area, *_gap_cells(row, published)) for row in (found if always else found[-1:])]
    notes += [f"No year passes for {', '.join(silent)}."] if silent else []
    groups = result.sources[source].membership.partition(" (")[0]
    return Block(
        f"{_title(gap)}: country figures of {source}, groups {groups}",
        GAP_COLUMNS,
        rows,
        numeric=frozenset(("Coverage", "Diff.")),
        notes=tuple(notes),
        empty="No group passes in any year.",
    )


def _gap_cells(row: Row, published: Lookup) -> tuple[str, ...]:
    unit = row[v.UNIT_MEASURE]
    value = with_unit(bounded(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)
    if row[v.OBS_STATUS] == v.WITHHELD:
        value = f"withheld {bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit)}".strip()
    name = catalogue().measures[row[v.MEASURE]].short
    return str(row[v.TIME_PERIOD]), name, value, percent(row[v.COVERAGE]), *_difference(row, published.gap(row))


def _values(result: Result, source: str, published: Lookup) -> Block | None:
    plain = _plain(result.aggregates, [source], result.dimensions)
    rows: list[tuple[str, ...]] = []
    rules: set[int] = set()
    notes: list[str] = []
    names = []
    for indicator, part in plain.groupby(v.INDICATOR, observed=True) if len(plain) else ():
        total = part[(part[list(v.DIMENSIONS)] == v.TOTAL).all(axis=1)]
        if not len(total):
            continue
        name = catalogue().indicators[str(indicator)].short
        rules.add(len(rows))
        silent: list[str] = []
        for area, of_area in _ranked(total):
            if of_area[v.OBS_VALUE].isna().all() and area != v.WORLD and area not in result.request.areas:
                silent.append(area)
                continue
            rows += [(area, *_value_cells(row, published)) for row in _latest(of_area)]
        names.append(name)
        notes += [f"{name}: no year passes for {', '.join(silent)}."] if silent else []
        notes += _disagreement(total, name, published)
    if not rows:
        return None
    title = f"Group values from {source}: {', '.join(names)}"
    numeric = frozenset(VALUE_COLUMNS[2:])
    return Block(title, VALUE_COLUMNS, rows, numeric=numeric, rules=frozenset(rules - {0}), notes=tuple(notes))


def _value_cells(row: Row, published: Lookup) -> tuple[str, ...]:
    unit = row[v.UNIT_MEASURE]
    return (
        str(row[v.TIME_PERIOD]),
        "withheld" if pd.isna(row[v.OBS_VALUE]) else number(row[v.OBS_VALUE], unit),
        bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit),
        percent(row[v.COVERAGE]),
        f"{row[v.N_AREAS]} of {row[v.N_AREAS_TOTAL]}",
        *_difference(row, published.value(row)),
    )


def _disagreement(total: pd.DataFrame, name: str, published: Lookup) -> list[str]:
    """Where published editions give different values for the world in the latest year that they share, says so."""
    world = total[total[v.REF_AREA] == v.WORLD].sort_values(v.TIME_PERIOD, ascending=False)
    for row in world.to_dict("records"):
        found = published.value(row)
        if len(found) > 1 and len({other[v.OBS_VALUE] for other in found}) > 1:
            unit = row[v.UNIT_MEASURE]
            values = ", ".join(f"{number(other[v.OBS_VALUE], unit)} {letter(other[v.EDITION])}" for other in found)
            return [f"Published editions disagree on {name}, world, {row[v.TIME_PERIOD]}: {values}; the newest is shown."]
    return []


def _footnotes(result: Result, sources: Sequence[str]) -> list[str]:
    """Edition, membership, weights, what was withheld and why, licence."""
    held = {name for frame in (result.gaps, result.aggregates) for name in frame[v.EDITION].unique()}
    used = [result.sources[name] for name in sources if name in held]
    notes = [f"{source.id}: {source.citation}; groups {source.membership}." for source in used]
    plain = _plain(result.aggregates, sources, result.dimensions)
    if len(plain):
        weights = sorted({text for text in plain[v.WEIGHTS].unique() if "none for this" not in text})
        notes += [f"Weights: {'; '.join(weights)}."] if weights else []
        withheld = int((plain[v.OBS_STATUS] == v.WITHHELD).sum())
        if withheld:
            notes.append(
                f"Withheld (all years): {withheld} of {len(plain)} group values, whose reporting economies hold less "
                f"than {result.request.minimum:g} % of the group's people."
            )
        notes.append("Brackets: the value if the missing people stood at 0, and at 100.")
        notes.append("Published figures rest on ITU's estimates where economies are missing.")
        met = set(plain[v.REF_AREA].unique())
        codes = [code for code in _order() if code in met and area_name(code) != code]
        notes.append("; ".join(f"{code} {area_name(code)}" for code in codes) + ".")
    combining = {entry.id: entry.aggregation for entry in catalogue().indicators.values()}
    seen = set(result.gaps[v.INDICATOR].unique()) if len(result.gaps) else set()
    notes += [f"{name}: {combining[name].message}." for name in sorted(seen) if combining[name].method == "none"]
    licences = sorted({source.licence for source in result.sources.values() if "NC" in source.licence})
    notes += [f"Licence of some figures: {', '.join(licences)}."] if licences else []
    return notes
