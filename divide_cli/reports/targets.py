"""The output of `divide targets`: who meets each target; a table for each, with a row for each area; the notes."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import partial

import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.targets import MET, NOT_MET, RECENT, UNSURE, TargetAssessment, Track, first_year
from divide_cli.analysis.trends import FEWEST
from divide_cli.catalogue import Target, area_name, catalogue, is_economy
from divide_cli.frames.columns import rows_of
from divide_cli.language import clauses, commas, ended, labelled, later, remarked, say
from divide_cli.reports import tables
from divide_cli.reports.economies import absences, absent_from
from divide_cli.reports.json import fields_of, reading_options
from divide_cli.reports.published import (
    OLDER_YEAR,
    ROUNDING,
    is_combined,
    names_of,
    on_group_values,
    on_income_groups,
    place_of,
    year_of,
)
from divide_cli.reports.tables import NOTHING, Block, Footnotes, Output, Row, is_computed, number, of_frames, with_unit

SUMMARY_COLUMNS = ("Target", "World", later("Groups\nthat meet it"), later("Economies\nthat meet it"))
COLUMNS = (
    "Area",
    "Verdict",
    "Value",
    "Year",
    "Shortfall",
    later("Pace\na year"),
    "Reached,\nlinear",
    "Reached,\nlogistic",
)
RIGHT = frozenset(("Value", "Shortfall", COLUMNS[5]))
TRACKS = {
    Track.ON_TRACK: later("on track: the line reaches the target by its year."),
    Track.OFF_TRACK: later("off track: the line does not reach the target by its year, or that year has passed."),
    Track.NO_TREND: later("no trend: the line may be flat, or has too few years."),
    Track.UNDETERMINED: later(
        "undetermined: the bounds do not decide, or the line is past a target that the latest value has not met."
    ),
}
PACE = later("Pace a year: the slope of a least-squares line through the latest years with a figure, {recent} at most.")
OF_PARITY = later(
    " For parity, the line is fitted to the reference side minus the compared side. "
    "COURSE (--format csv) says whether it closes the difference."
)
REACHED = later("Reached: the first year in which that line (linear), or a logistic curve, meets the target.")
NO_FORECAST = later(
    "In parentheses: 95 % confidence intervals. The curve rests on the same years; neither is a forecast."
)


def output(assessment: TargetAssessment) -> Output:
    """The assessment as tables, JSON, CSV or Markdown."""
    request = assessment.request
    editions = [fields_of(source, "id", "citation", "licence") for source in assessment.sources.values()]
    meta = {
        "tool": "divide",
        "version": __version__,
        **fields_of(request, "areas", "years"),
        "status": assessment.status,
        "counts": {target.id: _counts(rows) for target, rows in _by_target(assessment, assessment.frame)},
        **reading_options(request.reading),
        "editions": editions,
        "areas_without_data": absent_from(assessment.frame, request.areas),
        "doubts": assessment.doubts,
    }
    return of_frames(partial(_blocks, assessment), meta, {"targets": assessment.listed})


def _by_target(assessment: TargetAssessment, frame: pd.DataFrame) -> list[tuple[Target, list[Row]]]:
    """The rows of each target that has any, in the order of the targets."""
    parts: dict[str, list[Row]] = {}
    for row in rows_of(frame):
        parts.setdefault(str(row["TARGET"]), []).append(row)
    return [(target, parts[target.id]) for target in assessment.targets if target.id in parts]


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    """The number of rows of economies with each status."""
    number = Counter(str(row["TRACK"]) for row in rows if is_economy(str(row[v.REF_AREA])))
    return {track: number[track] for track in Track}


def _blocks(assessment: TargetAssessment) -> list[Block]:
    notes, areas = Footnotes(), bool(assessment.request.areas)
    with_figures = _by_target(assessment, assessment.frame)
    listed = {target.id: rows for target, rows in _by_target(assessment, assessment.listed)}
    tracks = [] if areas else _tracks(with_figures)
    blocks = [] if areas else [_summary(with_figures, assessment, notes), *tracks]
    every = areas or assessment.status is not None
    shown = [(target, listed.get(target.id, []) if every else _groups(rows)) for target, rows in with_figures]
    blocks += [_block(target, rows, assessment, notes) for target, rows in shown]
    blocks += _without(assessment, {target.id for target, _ in with_figures})
    rows = [row for _, rows in shown for row in rows]
    terms = _terms([target for target, rows in shown if rows], rows)
    bounded = any(row["VERDICT"] == UNSURE or _is_bounded(row) for row in rows)
    rounded = [ROUNDING] if assessment.request.files and bounded else []
    about_groups = [*rounded, *on_group_values(rows), *on_income_groups(rows, assessment.sources)]
    older = [OLDER_YEAR] if any(_is_older(rows, assessment) for _, rows in shown) else []
    codes = [str(row[v.REF_AREA]) for row in rows if not (assessment.status and is_economy(str(row[v.REF_AREA])))]
    statuses = TRACKS.values() if tracks else [TRACKS[assessment.status]] if assessment.status in TRACKS else []
    absent = absences(absent_from(assessment.frame, assessment.request.areas))
    named = (*absent, *older, *terms, *statuses, *about_groups, names_of(codes))
    return [*blocks, notes.block(*named, *tables.doubts_as_notes(assessment.doubts))]


def _without(assessment: TargetAssessment, parts: Collection[str]) -> list[Block]:
    """Names the targets for which there is no figure at all, or none for the areas and years chosen."""
    without = [target.name for target in assessment.targets if target.id not in parts]
    if not without:
        return []
    request = assessment.request
    where = say("The files have no") if request.files else say("No edition available has a")
    choice = commas(map(str, (*request.areas, *request.years)))
    of_choice = say(" of {choice}", choice=choice) if choice else ""
    what_to_do = "" if request.files else say(" Pass a file.")
    names = say(
        "{where} figure{of_choice} for: {without}.{what_to_do}",
        where=where,
        of_choice=of_choice,
        without=clauses(without),
        what_to_do=what_to_do,
    )
    return [Block(say("Targets without figures"), (), [], empty=names)]


def _newest(rows: Sequence[Row], assessment: TargetAssessment) -> int:
    """The newest year of the rows of a table; 0 if the years were chosen."""
    return 0 if assessment.request.years else max((int(row[v.TIME_PERIOD]) for row in rows), default=0)


def _is_older(rows: Sequence[Row], assessment: TargetAssessment) -> bool:
    return any(row[v.TIME_PERIOD] < _newest(rows, assessment) for row in rows)


def _groups(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not is_economy(str(row[v.REF_AREA]))]


def _cited(rows: Sequence[Row], assessment: TargetAssessment, notes: Footnotes) -> str:
    """The number of each edition of the rows, with the membership of the groups that are combined from it."""
    marks = []
    for name in dict.fromkeys(str(row[v.EDITION]) for row in rows):
        source = assessment.sources[name]
        combined = any(is_combined(row) for row in rows if row[v.EDITION] == name)
        groups = say("; groups {membership}", membership=source.membership) if combined else ""
        marks.append(notes.mark(ended(labelled(source.id, f"{source.citation}{groups}"))))
    return " ".join(marks)


def _summary(targets: Sequence[tuple[Target, Sequence[Row]]], assessment: TargetAssessment, notes: Footnotes) -> Block:
    """The verdict on the world, and how many groups and economies meet each target."""
    cells: list[tuple[str, ...]] = []
    for target, rows in targets:
        world = [row for row in rows if row[v.REF_AREA] == v.WORLD]
        verdicts = [remarked(say(row["VERDICT"]), with_unit(_figure(row), str(row[v.UNIT_MEASURE]))) for row in world]
        groups = [row for row in _groups(rows) if row not in world]
        economies = [row for row in rows if is_economy(str(row[v.REF_AREA]))]
        meeting = f"{_meeting(economies)} {_cited(economies, assessment, notes)}".strip()
        cells.append((_goal(target), clauses(verdicts) or NOTHING, _meeting(groups), meeting))
    when = "" if assessment.request.years else say(", each area in its latest year")
    return Block(say("Who meets the targets{when}", when=when), SUMMARY_COLUMNS, cells)


def _tracks(targets: Sequence[tuple[Target, Sequence[Row]]]) -> list[Block]:
    """The number of economies with each status, a row for each target that has any."""
    counts = {target.short: _counts(rows) for target, rows in targets}
    cells = [
        (target, *map(str, number.values()), str(sum(number.values())))
        for target, number in counts.items()
        if sum(number.values())
    ]
    heads = tuple(say(track.replace("_", " ").capitalize()) for track in Track)
    title = say("Economies by status")
    return [Block(title, ("Target", *heads, "All"), cells, frozenset((*heads, "All")))] if cells else []


def _meeting(rows: Sequence[Row]) -> str:
    return (
        say("{part} of {count}", part=sum(row["VERDICT"] == MET for row in rows), count=len(rows)) if rows else NOTHING
    )


def _goal(target: Target) -> str:
    """The name of the target, its limit and its year."""
    band, unit = catalogue().measures["parity_score"].band, catalogue().indicators[target.indicator].unit
    limit = with_unit(
        say("at least {at_least}", at_least=target.at_least)
        if target.at_least
        else say("at most {at_most}", at_most=target.at_most),
        unit,
    )
    if target.parity and band:
        limit = say("parity score {lower} to {upper}", lower=band.lower, upper=band.upper)
    return say("{target}: {limit} by {year}", target=target.name, limit=limit, year=target.year)


def _block(target: Target, rows: Sequence[Row], assessment: TargetAssessment, notes: Footnotes) -> Block:
    """The groups, or the areas requested, those with a value first; or the areas with the status, in their order."""
    if assessment.status:
        return _list(target, rows, assessment, notes)
    shown = sorted(rows, key=lambda row: (not is_computed(row), place_of(row[v.REF_AREA]), row[v.TIME_PERIOD]))
    title = f"{_goal(target)} {_cited(shown, assessment, notes)}".strip()
    cells = [_cells(row, target, notes, _newest(shown, assessment)) for row in shown]
    rests_on = (*_periods(shown), *_changes(shown))
    return Block(
        title,
        COLUMNS,
        cells,
        RIGHT,
        notes=rests_on,
        empty=say("No group has a figure."),
        whole=frozenset((COLUMNS[1],)),
    )


def _list(target: Target, rows: Sequence[Row], assessment: TargetAssessment, notes: Footnotes) -> Block:
    """The groups and, below a rule, the economies with the status, in their order and without their verdict."""
    status = say(str(assessment.status).replace("_", " "))
    title = f"{labelled(_goal(target), status)} {_cited(rows, assessment, notes)}".strip()
    newest, groups = _newest(rows, assessment), len(_groups(rows))
    cells = []
    for row in rows:
        code, _, *figures = _cells(row, target, notes, newest)
        cells.append((f"{code} {area_name(code)}" if is_economy(code) else code, *figures))
    columns, rule = (COLUMNS[0], *COLUMNS[2:]), frozenset({groups} - {0, len(rows)})
    return Block(
        title, columns, cells, RIGHT, rule, notes=(*_changes(rows),), empty=say("No area is {status}.", status=status)
    )


def _periods(rows: Sequence[Row]) -> list[str]:
    """`Pace from 6 years, 2020 to 2025: WLD, HIC.`: the years that each line rests on, the most common first."""
    areas: dict[str, list[str]] = {}
    for row in rows:
        if not pd.isna(row[v.N_POINTS]) and row[v.N_POINTS] >= FEWEST:
            years = say(
                "{n_points} years, {first_year} to {last_year}",
                n_points=row[v.N_POINTS],
                first_year=row[v.FIRST_YEAR],
                last_year=row[v.LAST_YEAR],
            )
            areas.setdefault(years, []).append(str(row[v.REF_AREA]))
    common = sorted(areas.items(), key=lambda item: -len(item[1]))
    if len(common) == 1:
        return [say("Pace from {common}.", common=common[0][0])]
    return [say("Pace from {years}: {codes}.", years=years, codes=commas(codes)) for years, codes in common]


def _changes(rows: Sequence[Row]) -> list[str]:
    """A sentence on the groups whose pace rests on other economies in other years."""
    texts = [
        re.split(r"\s*[:：]\s*", str(row[v.PANEL_TEXT]), maxsplit=1)
        for row in rows
        if row[v.PANEL_TEXT] and not pd.isna(row["PACE"])
    ]
    return [tables.sentence(labelled(texts[0][0], commas(text[-1] for text in texts)))] if texts else []


def _terms(targets: Sequence[Target], rows: Sequence[Row]) -> list[str]:
    """The meaning of the columns."""
    bands = {
        band["name"]: say("{name} from {from_}", name=band["name"], from_=band["from"])
        for target in targets
        for band in target.bands
    }
    stages = [bands[name] for name in bands if any(row["BAND"] == name and row["VERDICT"] == NOT_MET for row in rows)]
    terms = [say("Stages of ITU's dashboard: {stages} %.", stages=commas(stages))] if stages else []
    if any(row["VERDICT"] == UNSURE for row in rows):
        terms.append(say("undetermined: the bounds of the value do not decide."))
    if not all(pd.isna(row["DISTANCE"]) for row in rows):
        terms.append(say("Shortfall: how far the value is from the target."))
    if not all(pd.isna(row[name]) for row in rows for name in ("PACE", "LOGISTIC_YEAR")):
        measures = catalogue().time_measures
        terms += [
            say(PACE, recent=RECENT) + (say(OF_PARITY) if any(target.parity for target in targets) else ""),
            REACHED,
            NO_FORECAST,
        ]
        terms += [measures[name].caution for name in ("velocity", "time_to_parity_linear")]
    bounded = any(_is_bounded(row) for row in rows)
    return [*terms, say("[a, b]: bounds, the lowest and the highest possible value.")] if bounded else terms


def _is_bounded(row: Row) -> bool:
    return "[" in _figure(row)


def _figure(row: Row) -> str:
    return tables.figure(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], str(row[v.UNIT_MEASURE]))


def _cells(row: Row, target: Target, notes: Footnotes, newest: int) -> tuple[str, ...]:
    difference = catalogue().units[str(row[v.UNIT_MEASURE])].difference
    verdicts = [say(row["VERDICT"]), *([row["BAND"]] if row["BAND"] and row["VERDICT"] == NOT_MET else [])]
    line = year_reached(row)
    curve = _year(row, "LOGISTIC_YEAR", "LOGISTIC_LOWER", "LOGISTIC_UPPER")
    if reason := str(row[v.REMARK_TEXT] or ""):
        mark = notes.mark(tables.sentence(reason))
        line, curve = (f"{line} {mark}", curve) if line == NOTHING else (line, f"{curve} {mark}")
    pace = number(row["PACE"], "PP" if target.parity else difference, "+")
    shortfall = number(row["DISTANCE"], difference)
    area, year, verdict = str(row[v.REF_AREA]), year_of(row, newest), commas(verdicts)
    return area, verdict, _figure(row), year, shortfall, pace, line, curve


def year_reached(row: Row) -> str:
    """When the line reaches the target, with its interval: `2035 (2034-2036)`, `met`, or a dash."""
    return _year(row, "YEAR_REACHED", v.CI_LOWER, v.CI_UPPER)


def _year(row: Row, year: str, lower: str, upper: str) -> str:
    """`2035 (2034-2036)`: the first whole year that is not before the time reached; a dash if there is none."""
    if row["VERDICT"] == MET:
        return say("met")
    if pd.isna(row[year]):
        return NOTHING
    first, low, high = (first_year(row[name]) for name in (year, lower, upper))
    return remarked(first, f"{low}-{high}")
