"""The output of `divide measure`: the subgroups, each measure with its reading, the parts, and the years."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.inequality import Inequality
from divide_cli.analysis.inequality.measured import BETWEEN, IntervalStatus
from divide_cli.analysis.inequality.subgroup_sets import NoValue, SubgroupSet
from divide_cli.analysis.measures.subgroups import places
from divide_cli.analysis.values import STATED
from divide_cli.catalogue import Measure, area_name, catalogue
from divide_cli.catalogue.applicability import by_reason, naming, objection, quantity_of
from divide_cli.catalogue.codelists import code_name
from divide_cli.language import broken_down, clauses, commas, ended, labelled, later, remarked, say
from divide_cli.reports import readings, tables
from divide_cli.reports.economies import absent_from
from divide_cli.reports.entry_words import by
from divide_cli.reports.json import fields_of, reading_options
from divide_cli.reports.published import MEDIANS, income_groups_of_another_time, is_median_of
from divide_cli.reports.tables import Block, Footnotes, Output, Row, is_computed, of_frames
from divide_cli.sources.groupings import INCOME

FAMILIES = ("pair", "simple", "impact", "ordered", "unordered", "areas")
BOUNDS = later("[a, b] after a value: bounds, given what is missing or rounded; not a confidence interval.")
POINTER = later("Readings in full, formulas and sources: divide show ID, with the ids of divide list measures.")
MOST = 12
"""The number of subgroups up to which each is listed."""
UNEVEN = later("Two standard errors of a value are those below and above it, from the two sides of its interval.")
COUNTED = later("A file can give it in the column POPULATION; confidence intervals need it too.")


def output(inequality: Inequality) -> Output:
    """The measures as tables, JSON, CSV or Markdown."""
    query, request = inequality.query, inequality.request
    sources = inequality.sources.values()
    meta = {
        "tool": "divide", "version": __version__, **fields_of(query, "indicator", "over"),
        "order": query.ranks, **fields_of(query, "reference", "without"),
        "covariance": request.covariance,
        "level": request.level, "min_coverage": request.minimum, "panel": request.panel, "panels": _panels(inequality),
        "doubts": inequality.doubts,
        **reading_options(request.reading),
        "areas_without_data": absent_from(inequality.frame, request.areas),
        "editions": [fields_of(source, "id", "citation", "licence", "membership") for source in sources],
        "left_out": [{"reason": reason, "measures": names} for reason, names in by_reason(inequality.left_out).items()],
    }  # fmt: skip
    return of_frames(partial(_blocks, inequality), meta, {"disparities": inequality.frame})


def _panels(inequality: Inequality) -> list[dict[str, Any]]:
    """The years and the economies of each constant panel, by edition and area."""
    panels = {(one.edition, one.area): one.panel for one in inequality.subgroup_sets if one.panel}
    return [
        {"edition": edition, "area": area, "years": panel.years, "economies": panel.economies}
        for (edition, area), panel in panels.items()
    ]


def _blocks(inequality: Inequality) -> list[Block]:
    """Each set with its measures, the years, then the sets that are withheld; the notes."""
    frame, query, over_years, notes = inequality.frame, inequality.query, catalogue().time_measures, Footnotes()
    blocks: list[Block] = []
    withheld: list[Block] = []
    for subgroup_set in inequality.subgroup_sets:
        own = (frame[v.EDITION] == subgroup_set.edition) & (frame[v.REF_AREA] == subgroup_set.area)
        own &= (frame[v.MEMBERSHIP] == subgroup_set.membership) & (frame[v.TIME_PERIOD] == subgroup_set.year)
        rows: Sequence[Row] = frame[own].to_dict("records")
        measures = [row for row in rows if row[v.MEASURE] not in over_years and row[v.PART] == v.TOTAL]
        mark = _cite(notes, subgroup_set.edition, subgroup_set.source, subgroup_set.membership, subgroup_set.weights)
        where = commas((area_name(subgroup_set.area), f"{subgroup_set.year} {mark}"))
        remarks = [tables.sentence(subgroup_set.panel.text)] if subgroup_set.panel else []
        if subgroup_set.withheld:
            reasons = " ".join([*remarks, tables.sentence(subgroup_set.withheld.text)])
            withheld += _withheld(subgroup_set, where, reasons, measures)
            continue
        if subgroup_set.uncounted:
            remarks.append(
                say(
                    "Measures that count people are {uncounted}. {counted}",
                    uncounted=subgroup_set.uncounted.text,
                    counted=say(COUNTED),
                )
            )
            measures = [row for row in measures if row[v.NO_VALUE] != subgroup_set.uncounted.reason.name]
        remarks += _on_errors(subgroup_set)
        others = _measures(say("Measures: {where}", where=where), measures, subgroup_set), _parts(rows)
        blocks += [_subgroups(subgroup_set, where, remarks), *(block for block in others if block.rows)]
    time_rows = frame[frame[v.MEASURE].isin(list(over_years))]
    for _, part in time_rows.groupby([v.EDITION, v.REF_AREA], observed=True, sort=False):
        course = part.to_dict("records")
        mark = _cite(notes, *(course[0][name] for name in (v.EDITION, v.SOURCE, v.MEMBERSHIP, v.WEIGHTS)))
        title = say("Over the years: {area_name} {mark}", area_name=area_name(course[0][v.REF_AREA]), mark=mark)
        blocks.append(_course(title, course, query.sides or readings.SIDES))
    bounded = (frame[v.BOUND_LOWER].notna() | frame[v.BOUND_UPPER].notna()).any()
    further = [*on_all(inequality, BOUNDS if bounded else ""), *([POINTER] if blocks else [])]
    return [*blocks, *withheld, notes.block(*further)]


def on_all(inequality: Inequality, bounds: str = "") -> list[str]:
    """What to know about all subgroup sets, and about what has no figure; `bounds` explains those of tables."""
    sets = inequality.subgroup_sets
    medians = any(is_median_of(one.query.indicator) and one.basis == "combined" for one in sets)
    sentences = [
        MEDIANS if medians else "",
        *tables.doubts_as_notes(inequality.doubts),
        *_not_found(inequality),
        *_of_another_time(inequality),
        bounds,
        *_of_the_quantity(inequality),
    ]
    return [sentence for sentence in sentences if sentence]


def _not_found(inequality: Inequality) -> list[str]:
    """A sentence that names the areas and years requested without figures."""
    request, found = inequality.request, {(one.area, one.year) for one in inequality.subgroup_sets}
    areas = {area for area, _ in found}
    lacking = [area for area in request.areas if area not in areas]
    lacking += [
        say("{area} in {year}", area=area, year=year)
        for area in sorted(areas)
        for year in request.years
        if (area, year) not in found
    ]
    return (
        [say("No figures {by} of {missing}.", by=by(inequality.query.over), missing=commas(lacking))] if lacking else []
    )


def _of_another_time(inequality: Inequality) -> list[str]:
    """A sentence if the income groups compared are of another time than the figures."""
    if inequality.query.over != INCOME:
        return []
    latest: dict[str, int] = {}
    for one in (one for one in inequality.subgroup_sets if one.basis == "combined"):
        latest[one.edition] = max(one.year, latest.get(one.edition, 0))
    return income_groups_of_another_time(latest, inequality.sources)


def _of_the_quantity(inequality: Inequality) -> list[str]:
    """What to know about weights of such values, and the measures that are left out because of what they are."""
    indicator, measures = inequality.query.indicator, catalogue().every_measure
    quantity, sentences = quantity_of(indicator), []
    people_stated = all(one.weights == STATED for one in inequality.subgroup_sets)
    if quantity.note and not people_stated and any(measures[name].weighted for name in inequality.frame[v.MEASURE]):
        sentences.append(quantity.note)
    unfit = {
        name: measure.applies.reason
        for name, measure in measures.items()
        if measure.applies and objection(measure, indicator)
    }
    parts = [remarked(_shorts(names), why) for why, names in by_reason(unfit).items()]
    if parts:
        sentences.append(
            say(
                "Left out, because they do not apply to {quantity}: {parts}.",
                quantity=quantity.name,
                parts=clauses(parts),
            )
        )
    return sentences


def _shorts(names: Sequence[str]) -> str:
    return commas(catalogue().every_measure[name].short for name in names)


def _withheld(of: SubgroupSet, where: str, reason: str, rows: Sequence[Row]) -> list[Block]:
    """A set that is withheld; of an order, with the measures that have a value all the same, and bounds of others."""
    if not of.query.ranks:
        hint = (
            say("--format csv prints the bounds; see also --area.")
            if any(map(tables.bounds_of, rows))
            else say("See --area.")
        )
        return [_subgroups(of, where, [f"{reason} {hint}"])]
    known = [row for row in rows if is_computed(row) or tables.bounds_of(row)]
    measures = [_measures(say("Measures: {where}", where=where), known, of)] if known else []
    return [
        _subgroups(of, where, [say("{reason} --without leaves a subgroup out.", reason=reason), *_on_errors(of)]),
        *measures,
    ]


def _on_errors(of: SubgroupSet) -> list[str]:
    """A sentence on what intervals rest on, if covariances were given."""
    return [tables.sentence(of.errors_text)] if of.errors_text else []


def _cite(notes: Footnotes, edition: str, source: str, membership: str, weights: str) -> str:
    """The number of an edition, with the membership of its groups and the weights of this set."""
    groups = "" if membership == v.NOT_APPLICABLE else say("groups {membership}; ", membership=say(membership))
    return notes.mark(
        say(
            "{edition}: {source}; {groups}weights {weights}.",
            edition=edition,
            source=source,
            groups=groups,
            weights=say(weights),
        )
    )


def _name(over: str, code: str) -> str:
    """The code and its name, if it has one."""
    name = code_name(over if over in v.DIMENSIONS else v.REF_AREA, code)
    return code if name == code else f"{code} {name}"


def _subgroups(of: SubgroupSet, where: str, remarks: Sequence[str]) -> Block:
    """The subgroups, or the lowest and highest if there are many, with their share of the people."""
    indicator = catalogue().indicators[of.query.indicator]
    total = of.persons.sum()  # unknown if that of a subgroup is
    shares = 100 * of.persons / total if total else of.persons
    coverage, unknown = tables.percent(of.coverage), bool(np.isnan(of.coverage))
    if len(of.codes) <= MOST:
        places = list(range(len(of.codes)))
        notes = [say("Coverage unknown.") if unknown else say("Coverage {coverage}.", coverage=coverage)]
    else:
        order = np.argsort(of.values, kind="stable").tolist()[: of.present]  # those without a value are last
        places = list(dict.fromkeys([*order[:3], *order[-3:]]))
        notes = [
            say(
                "{count} subgroups, the lowest and highest shown; coverage {coverage}.",
                count=len(of.codes),
                coverage=coverage,
            )
        ]
    rows: list[tuple[str, ...]] = []
    for place in places:
        error = _standard_error(float(of.below[place]), float(of.above[place]))
        value, low, high, share = (float(column[place]) for column in (of.values, of.lower, of.upper, shares))
        figure = tables.figure(value, low, high, indicator.unit)
        rows.append((_name(of.query.over, of.codes[place]), figure, tables.rounded_percent(share), error))
    columns = ("Subgroup", "Value", say("Share of people"), say("Standard error"))
    notes += [say("In order, from the most to the least disadvantaged.")] if of.query.ranks else []
    notes += [UNEVEN] if of.uneven is not None else []
    notes += [say("Left out on request: {without}.", without=commas(of.query.without))] if of.query.without else []
    notes += [say("Reference: {reference}.", reference=of.reference)] if of.query.reference else []
    title = labelled(broken_down(indicator.short, by(of.query.over)), where)
    block = Block(title, columns, rows, frozenset(columns[1:]), notes=(*notes, *remarks))
    return tables.without_empty_columns(block)


def _standard_error(below: float, above: float) -> str:
    """`1.50`, or `-1.32 +0.80` if the errors below and above differ."""
    if np.isnan(below):
        return tables.NOTHING
    return f"{below:.2f}" if below == above else f"-{below:.2f} +{above:.2f}"


def _entry(row: Row) -> Measure:
    return catalogue().every_measure[str(row[v.MEASURE])]


def _family(row: Row) -> int:
    """The place of a row among the measures: by family, and last without a value, unless most are without."""
    return FAMILIES.index(_entry(row).family) if _is_read(row) else len(FAMILIES)


def _is_read(row: Row) -> bool:
    """Whether a row is read as its measure is: it has a value, or none for the reason that its whole set does."""
    return is_computed(row) or row[v.NO_VALUE] == NoValue.FEW_SUBGROUPS.name


def _reading(row: Row, of: SubgroupSet) -> str:
    """The reading of a value for this indicator, sign and sides; without a value, the reason or the general reading."""
    if not _is_read(row):
        return tables.sentence(str(row[v.OBS_COMMENT] or ""))
    entry, indicator = _entry(row), of.query.indicator
    if not is_computed(row):
        return tables.first_sentence(readings.fill(entry.reading.text, indicator))
    if entry.family == "pair" and of.sides:
        return readings.of_row(entry, row, (of.codes[of.sides[0]], of.codes[of.sides[1]]))
    if entry.family == "simple":
        r, c = (of.codes[int(place)] for place in places(of.subgroups()))
        adverse = catalogue().indicators[indicator].direction == "adverse"
        return readings.of_row(entry, row, (c, r) if adverse else (r, c))
    remark: str = "" if pd.isna(row[v.REMARK_TEXT]) else str(row[v.REMARK_TEXT])
    return f"{readings.of_row(entry, row)} {tables.sentence(remark) if remark else ''}".strip()


def _measures(title: str, rows: Sequence[Row], of: SubgroupSet) -> Block:
    """The measures by family with bounds, interval if any, and reading; those without a value last."""
    measures = list(catalogue().every_measure)
    ordered = sorted(rows, key=lambda row: (_family(row), measures.index(str(row[v.MEASURE]))))
    rules = (at for at in range(1, len(ordered)) if _family(ordered[at]) != _family(ordered[at - 1]))
    cells: list[tuple[str, ...]] = []
    notes: list[str] = []
    if any(not pd.isna(row[v.BIAS]) for row in ordered):
        notes.append(say("Intervals allow for the bias from scatter in the estimates (BIAS)."))
    for row in ordered:
        comment, unit, status = str(row[v.OBS_COMMENT] or ""), str(row[v.UNIT_MEASURE]), row[v.INTERVAL_STATUS]
        interval = tables.interval(row[v.CI_LOWER], row[v.CI_UPPER], unit) or tables.NOTHING
        name = naming(_entry(row), of.query.indicator, of.query.over).short
        cells.append((name, tables.value_of(row), interval, _reading(row, of)))
        if status in (IntervalStatus.OPEN, IntervalStatus.UNDEFINED):
            notes.append(ended(labelled(name, comment)))
    columns = ("Measure", "Value", say("{level} % interval", level=_level(ordered)), "Reading")
    block = Block(title, columns, cells, frozenset(("Value",)), frozenset(rules), tuple(notes))
    return tables.without_empty_columns(block)


def _level(rows: Sequence[Row]) -> str:
    """The confidence level of the intervals; empty if there are none."""
    return next((f"{row[v.CI_LEVEL]:g}" for row in rows if not pd.isna(row[v.CI_LEVEL])), "")


def _parts(rows: Sequence[Row]) -> Block:
    """The parts between and within groups, and the share of the whole that is between them."""
    cells: list[tuple[str, ...]] = []
    for row in (row for row in rows if row[v.PART] == BETWEEN):
        pair = [one for one in rows if all(one[name] == row[name] for name in (v.MEASURE, v.PARTED_BY))]
        within = next(one for one in pair if one is not row)
        total = row[v.OBS_VALUE] + within[v.OBS_VALUE]
        share = 100 * row[v.OBS_VALUE] / total if total else np.nan
        unit = str(row[v.UNIT_MEASURE])
        groups = catalogue().groupings[str(row[v.PARTED_BY])].name
        cells.append((
            groups, _entry(row).short, tables.number(total, unit), tables.number(row[v.OBS_VALUE], unit),
            tables.number(within[v.OBS_VALUE], unit), tables.rounded_percent(share),
        ))  # fmt: skip
    notes = dict.fromkeys(str(row[v.OBS_COMMENT]) for row in rows if row[v.PART] == BETWEEN and row[v.OBS_COMMENT])
    columns = ("Groups", "Measure", "Whole", "Between", "Within", say("Between, %"))
    comments = tuple(map(tables.sentence, notes))
    return Block(say("Between and within groups"), columns, cells, frozenset(columns[2:]), notes=comments)


def _course(title: str, rows: Sequence[Row], names: readings.Names) -> Block:
    """The measures over the years of one area in one edition."""
    cells: list[tuple[str, ...]] = []
    for row in sorted(rows, key=lambda row: not is_computed(row)):
        entry, unit = _entry(row), str(row[v.UNIT_MEASURE])
        value = tables.with_unit(tables.number(row[v.OBS_VALUE], unit, decimals=entry.decimals), unit)
        value = value if is_computed(row) else tables.bounds_of(row) or value
        interval = tables.bounds(row[v.CI_LOWER], row[v.CI_UPPER], unit, entry.decimals)
        remark = tables.sentence(str(row[v.REMARK_TEXT])) if row[v.REMARK_TEXT] else ""
        cells.append((entry.short, value, interval, remark or _reading_over_time(row, names)))
    columns = ("Measure", "Value", say("{level} % interval", level=_level(rows) or "95"), "Reading")
    periods = _by_text(rows, lambda row: tables.sentence(str(row[v.PERIOD_TEXT])))
    cautions = _by_text(filter(is_computed, rows), lambda row: _entry(row).caution)
    panels = _by_text(rows, lambda row: tables.sentence(str(row[v.PANEL_TEXT])) if row[v.PANEL_TEXT] else "")
    notes = [labelled(measures, text) for text, measures in (*panels.items(), *periods.items(), *cautions.items())]
    return Block(title, columns, cells, frozenset(("Value",)), notes=tuple(notes))


def _reading_over_time(row: Row, names: readings.Names) -> str:
    """The reading of the sign of a value where the measure has one, else the general reading."""
    entry = _entry(row)
    if is_computed(row) and entry.reading.above:
        return readings.of_row(entry, row, names)
    return tables.first_sentence(readings.fill(entry.reading.text, str(row[v.INDICATOR])))


def _by_text(rows: Iterable[Row], text_of: Callable[[Row], str]) -> dict[str, str]:
    """The measures of the rows with each text, by their names in tables."""
    measures: dict[str, list[str]] = {}
    for row in rows:
        if text := text_of(row):
            measures.setdefault(text, []).append(_entry(row).short)
    return {text: clauses(names) for text, names in measures.items()}
