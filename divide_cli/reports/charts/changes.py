"""Pictures of what moved and of targets, and the registry of all pictures by the name of their rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from divide_cli import concepts as v
from divide_cli.analysis.decomposition.changes import FROM, TO
from divide_cli.catalogue import Chart, Target, catalogue
from divide_cli.errors import NothingComputedError
from divide_cli.language import commas, remarked
from divide_cli.reports import tables, wording
from divide_cli.reports.charts import Picture, economies, groups
from divide_cli.reports.charts.groups import figures, plotted, scale
from divide_cli.reports.overview import Overview
from divide_cli.reports.published import records
from divide_cli.reports.tables import Block, Row, is_computed
from divide_cli.reports.wording import phrase

TERMS = ("REVISED", "PERFORMANCE", "REPORTERS", "WEIGHTS", "MEMBERSHIP", "ESTIMATES")
TARGET_FIGURES = (
    "TARGET", v.INDICATOR, v.REF_AREA, v.TIME_PERIOD, v.OBS_VALUE, v.UNIT_MEASURE, v.BOUND_LOWER, v.BOUND_UPPER,
    "TRACK", "DISTANCE", v.EDITION, v.MEMBERSHIP,
)  # fmt: skip
_SHADES = (0.05, 0.1, 0.16, 0.24)
"""How dark the bands of a target are, from the lowest."""


def waterfall(overview: Overview) -> Picture | None:
    """The change of the value of the world between two years as the sum of its terms."""
    difference = overview.difference
    if difference is None or not len(difference.decomposition):
        return None
    frame = difference.decomposition
    rows = frame[(frame[v.REF_AREA] == v.WORLD) & (frame["GAP"].astype(str).isin(("", "nan")))].to_dict("records")
    row = next((one for one in rows if plotted(one[TO]) is not None and plotted(one[FROM]) is not None), None)
    if row is None:
        return None
    unit, change = str(row[v.UNIT_MEASURE]), catalogue().units
    points = "PP" if unit == "PT" and "PP" in change else unit
    years = difference.before.year, difference.after.year
    terms = [
        (name, float(row[name]))
        for name in TERMS
        if name in row and plotted(row[name]) is not None and round(float(row[name]), 6)
    ]
    steps, at = (
        [(phrase("facts.from_year", year=years[0]), 0.0, float(row[FROM]), "end", wording.value(row[FROM], unit))],
        float(row[FROM]),
    )
    for name, size in terms:
        text = tables.with_unit(tables.number(size, points, "+"), points)
        steps.append((wording.phrases("terms")[name], at, at + size, "up" if size > 0 else "down", text))
        at += size
    steps.append((phrase("facts.to_year", year=years[1]), 0.0, float(row[TO]), "end", wording.value(row[TO], unit)))
    drawn = [
        {"place": place, "label": f"{label}\n{text}", "from": start, "to": end, "kind": kind}
        for place, (label, start, end, kind, text) in enumerate(steps)
    ]
    said = [phrase("alt.waterfall_term", term=label, change=text) for label, *_, text in steps[1:-1]]
    alternative = phrase(
        "alt.waterfall", area=wording.named(v.WORLD), before=steps[0][-1], after=steps[-1][-1], first_year=years[0],
        last_year=years[1], terms=wording.listed(said),
    )  # fmt: skip
    columns = (wording.phrases("columns")["term"], wording.phrases("columns")["value"])
    names = (v.INDICATOR, v.REF_AREA, v.UNIT_MEASURE, FROM, TO, "DIFFERENCE", *TERMS)
    words = {"unit": wording.unit_name(unit), "y_scale": scale(unit)}
    table = Block("", columns, [(label, text) for label, *_, text in steps], frozenset(columns[1:]))
    return Picture(drawn, alternative, table, figures([row], names), words)


def targets(overview: Overview) -> Picture | None:
    """The groups on the bands of the first target of the leading indicator that names a limit."""
    if overview.targets is None:
        return None
    wanted = [
        target for target in overview.targets.targets if _limit(target) and target.indicator == overview.indicator
    ]
    wanted = wanted or [target for target in overview.targets.targets if _limit(target)]
    rows = overview.targets.frame.to_dict("records")
    areas = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    for target in wanted:
        own = {row[v.REF_AREA]: row for row in _latest_of(rows, target) if row[v.REF_AREA] in areas}
        if own:
            return _bands([(target, own[area]) for area in areas if area in own])
    return None


def area_targets(overview: Overview) -> Picture | None:
    """The values of the first area of the page on the bands of the targets that name a limit."""
    if overview.profile is None:
        return None
    rows = [row for row in overview.profile.targets.frame.to_dict("records") if row[v.REF_AREA] == overview.areas[0]]
    lines = [
        (target, row)
        for target in catalogue().targets.values()
        if _limit(target)
        for row in _latest_of(rows, target)[:1]
    ]
    units = {str(row[v.UNIT_MEASURE]) for _, row in lines}
    return _bands(lines) if len(units) == 1 else None


def _latest_of(rows: Sequence[Row], target: Target) -> list[Row]:
    """The rows of a target with a value, one for each area, the latest year first."""
    own = [row for row in rows if row["TARGET"] == target.id and plotted(row[v.OBS_VALUE]) is not None]
    latest: dict[str, Row] = {}
    for row in sorted(own, key=lambda row: -row[v.TIME_PERIOD]):
        latest.setdefault(row[v.REF_AREA], row)
    return list(latest.values())


def _limit(target: Target) -> float | None:
    """The value to reach; None for parity."""
    text = target.at_least or target.at_most
    return float(text) if text else None


def _bands(lines: Sequence[tuple[Target, Row]]) -> Picture:
    """The rows on the bands of their targets, which are drawn if all targets have the same."""
    cells, said = list[tuple[str, ...]](), list[str]()
    unit = str(lines[0][1][v.UNIT_MEASURE])
    targets_of_lines = list({target.id: target for target, _ in lines}.values())
    shared = targets_of_lines[0].bands if len({repr(target.bands) for target in targets_of_lines}) == 1 else ()
    ends = [*(float(stage["from"]) for stage in shared), 100.0]
    drawn: list[dict[str, Any]] = [
        {"kind": "band", "from": low, "to": high, "shade": shade}
        for shade, (low, high) in zip(_SHADES, pairwise(ends), strict=False)
    ]
    for place, (target, row) in enumerate(lines):
        value, distance, year = row[v.OBS_VALUE], float(row["DISTANCE"]), row[v.TIME_PERIOD]
        name = wording.named(row[v.REF_AREA]) if len(targets_of_lines) == 1 else target.short
        shortfall = tables.number(distance, unit)
        state = phrase("facts.met") if distance <= 0 else phrase("facts.short_of", shortfall=shortfall)
        figure = remarked(wording.value(value, unit), year)
        label = f"{name}\n{commas((figure, state))}"
        drawn.append({"place": place, "kind": "value", "zero": 0, "value": value, "label": label})
        drawn.append({"place": place, "kind": "limit", "value": _limit(target)})
        said.append(phrase("alt.targets_value", area=name, value=figure, state=state))
        area, edition = wording.named(row[v.REF_AREA]), str(row[v.EDITION])
        cells.append((target.name, area, str(year), wording.value(value, unit), shortfall, edition))
    texts = wording.phrases("columns")
    columns = tuple(texts[name] for name in ("target", "area", "year", "value", "shortfall", "edition"))
    names = wording.listed(dict.fromkeys(commas((target.name, target.year)) for target, _ in lines))
    shown = wording.unit_name(unit) if len(targets_of_lines) > 1 else remarked(wording.unit_name(unit), names)
    words = {"unit": shown, "y_scale": scale(unit)}
    alternative = phrase("alt.targets", target=names, values=wording.listed(said))
    table = Block("", columns, cells, frozenset(columns[2:5]))
    return Picture(drawn, alternative, table, figures([row for _, row in lines], TARGET_FIGURES), words)


def area_gaps(overview: Overview) -> Picture | None:
    """Both sides of the latest gaps of the first area of the page, in per cent of people."""
    if overview.profile is None:
        return None
    entries = catalogue()
    rows = [
        row for row in records(overview.profile.gaps)
        if row[v.REF_AREA] == overview.areas[0] and row[v.MEASURE] == "absolute_difference" and is_computed(row)
        and entries.indicators[entries.gaps[row[v.GAP]].indicator].unit == "PT"
    ]  # fmt: skip
    lines = [(entries.gaps[row[v.GAP]], wording.named(row[v.REF_AREA]), row) for row in rows]
    return groups.gaps_picture(lines, groups.Sides(overview.profile.levels))


PICTURES: Mapping[str, Callable[[Overview], Picture | None]] = {
    "divides": groups.divides,
    "lines": groups.lines,
    "regions": groups.regions,
    "course": groups.course,
    "ranking": economies.ranking,
    "strip": economies.strip,
    "position": economies.position,
    "tiles": economies.tiles,
    "boundaries": economies.boundaries,
    "waterfall": waterfall,
    "targets": targets,
    "area_gaps": area_gaps,
    "area_targets": area_targets,
}
"""Name of the rows of a chart -> its picture; None if the results have nothing for it."""


def picture(name: str, overview: Overview) -> Picture | None:
    """The picture that the chart with these rows draws."""
    return PICTURES[name](overview)


def title(chart: Chart, overview: Overview) -> str:
    """The title of a chart about what an overview shows."""
    area = wording.named(overview.areas[0]) if overview.areas else ""
    indicator = wording.indicator_name(overview.indicator) if overview.indicator else ""
    unit = wording.unit_name(catalogue().indicators[overview.indicator].unit) if overview.indicator else ""
    return phrase(f"titles.{chart.id}", indicator=indicator, year=overview.year, area=area, unit=unit)


def drawn(chart: Chart, overview: Overview) -> Picture:
    """The picture of a chart with its title; NothingComputedError if the results have nothing for it."""
    found = picture(chart.rows, overview)
    if found is None:
        raise NothingComputedError("nothing_to_draw", name=chart.id, where=commas(overview.result.sources))
    return replace(found, title=title(chart, overview))
