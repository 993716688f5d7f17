"""The output of `divide tabulate`: estimates with their intervals, gaps, methods, and what was left out."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import area_name, catalogue
from divide_cli.catalogue.applicability import naming
from divide_cli.catalogue.codelists import code_name
from divide_cli.catalogue.load import data_dir
from divide_cli.errors import NothingComputedError, OptionError
from divide_cli.frames import atomic_write, machine_text
from divide_cli.language import (
    ENGLISH,
    between,
    clauses,
    commas,
    digits,
    ended,
    labelled,
    later,
    remarked,
    say,
    speaking,
)
from divide_cli.reports import parquet, tables
from divide_cli.reports.json import fields_of
from divide_cli.reports.tables import NOTHING, Block, Footnotes, Output, Row
from divide_cli.survey import submission
from divide_cli.survey.design import HOUSEHOLDS, PERSONS
from divide_cli.survey.methods import paragraph
from divide_cli.survey.publication import remarks
from divide_cli.survey.tabulation import Tabulation

SHOWN = ("absolute_difference", "ratio", "parity_score")
"""The measures of gaps that tables show; JSON and CSV have all."""
ALL = later("All")
NO_COVARIANCES = later("there are no covariances, without standard errors or breakdowns by one dimension")
MARKS = {v.UNRELIABLE: later("low reliability"), v.WITHHELD: later("withheld"), v.MISSING: later("no respondents")}
FORMS = {".csv": "csv", ".parquet": "parquet"}


def output(tabulation: Tabulation, frame: str = "observations") -> Output:
    """The result as tables, JSON, CSV (of one of the frames) or Markdown."""
    frames = {
        "estimates": submission.estimates(tabulation),
        "gaps": tabulation.gaps,
        "covariances": submission.covariances(tabulation),
    }
    described = tables.of_frames(
        partial(_blocks, tabulation), about(tabulation), frames, "" if frame == "observations" else frame
    )
    if frame != "observations":
        return described
    as_csv = partial(_observations_as_csv, tabulation)
    return Output(described.blocks, {**described.texts, "csv": as_csv}, partial(_all_frames, tabulation, described))


def _all_frames(tabulation: Tabulation, described: Output) -> dict[str, Any]:
    """The observations that would be submitted, if there are any, and the other frames."""
    figures = submission.observations(tabulation)
    submitted = {"observations": figures.frame[parquet.canonical(figures)]} if len(figures.frame) else {}
    return {**submitted, **described.frames()}


def _observations_as_csv(tabulation: Tabulation) -> str:
    return parquet.as_csv(_submitted(tabulation))


def about(tabulation: Tabulation) -> dict[str, Any]:
    """What a tabulation rests on; the same for the same data, design and options."""
    request, design = tabulation.request, tabulation.design
    return {
        "tool": "divide",
        "version": __version__,
        "survey": fields_of(design.survey, "name", "producer", "source", "fieldwork"),
        "options": {
            "indicator": request.indicators, "by": request.by, "engine": request.engine,
            "one_psu": str(request.one_psu), "level": request.level, "publish": str(request.publish),
        },
        "inputs": [
            {"path": one.name, "sha256": one.sha256, "bytes": one.size, "licence": ""} for one in tabulation.inputs
        ],
        "methods": paragraph(tabulation),
        "left_out": [fields_of(note, "code", "count", "text") for note in tabulation.notes],
        "not_tabulated": _not_tabulated(tabulation),
        "rules_not_applied": dict(tabulation.published.unchecked),
    }  # fmt: skip


def deliver(
    tabulation: Tabulation,
    form: str,
    frame: str,
    out: Path | None,
    file_form: str,
    covariance_out: Path | None,
    safe: bool,
) -> None:
    """Prints the result, and writes the submission and the covariances, all or none, if files are named for them.

    If the submission goes to standard output, it is all that is printed there. Raises OptionError if it would replace
    what is read.
    """
    _require_other_files(tabulation, {"--out": out, "--covariance-out": covariance_out})
    if not out or atomic_write.descriptor_of(out) != 1:
        tables.write(output(tabulation, frame), form, safe=safe)
    files: dict[Path, str | bytes] = {}
    torn = parquet.torn_csv(out) if out and file_form != "parquet" else ""
    if out:
        with speaking(ENGLISH, data_dir()):  # for machines
            files |= parquet.observation_files(_submitted(tabulation), file_form, out, safe, about(tabulation))
    covariances = submission.covariances(tabulation)
    if covariance_out and len(covariances):
        files[covariance_out] = machine_text.as_csv(covariances)
    paths = atomic_write.write(files, "the submission") if files else ()
    tables.tell_written(paths)
    uncovered = (
        say("{file} is not written: {reason}", file=covariance_out, reason=say(NO_COVARIANCES))
        if covariance_out and not len(covariances)
        else ""
    )
    tables.tell_notes(
        [torn, uncovered, _own_indicators(tabulation) if out or (form, frame) == ("csv", "observations") else ""]
    )


def _require_other_files(tabulation: Tabulation, files: Mapping[str, Path | None]) -> None:
    """Raises OptionError for an output that is the records, the roster or the design, or is among the records.

    Also if one output would replace another.
    """
    request, roster = tabulation.request, tabulation.design.roster_path
    inputs = [path.resolve() for path in (request.data, request.design, roster) if path]
    outputs = {option: file.resolve() for option, file in files.items() if file}
    for option, file in outputs.items():
        if any(path in (file, *file.parents) for path in inputs):
            raise OptionError("out_is_read", where=option, found=str(files[option]))
    if len(set(outputs.values())) < len(outputs):
        raise OptionError("out_is_same", where=commas(outputs), found=str(files[next(iter(outputs))]))


def _submitted(tabulation: Tabulation) -> Any:
    """The observations; NothingComputedError if no indicator is one of the catalogue."""
    figures = submission.observations(tabulation)
    if not len(figures.frame):
        found = commas(dict.fromkeys(tabulation.table[v.INDICATOR]))
        raise NothingComputedError("nothing_to_submit", found=found, where=str(tabulation.request.design))
    return figures


def _own_indicators(tabulation: Tabulation) -> str:
    """Which indicators a submission is without, since only the design knows them."""
    own = tabulation.table[v.INDICATOR][~submission.of_catalogue(tabulation.table)].unique()
    if not len(own):
        return ""
    return say("the file is without {indicators}: the catalogue has no such indicator", indicators=commas(own))


def _blocks(tabulation: Tabulation) -> list[Block]:
    notes = Footnotes()
    frame = submission.estimates(tabulation).assign(**{v.REMARK: remarks(tabulation.table)})
    blocks = [
        _indicator(tabulation, str(name), part, notes)
        for name, part in frame.groupby(v.INDICATOR, sort=False, observed=True)
    ]
    gaps = _gaps(tabulation, notes)
    return [*blocks, *([gaps] if gaps.rows else []), _methods(tabulation), notes.block(*_sentences(tabulation))]


def _indicator(tabulation: Tabulation, name: str, part: pd.DataFrame, notes: Footnotes) -> Block:
    """The estimates of one indicator: a row for each subgroup, a rule between tabulations."""
    rows = part.to_dict("records")
    heads = (_interval(tabulation), later("SE"), later("n"), later("Deff"))
    narrow = (later("Group"), later("Value"), *heads)
    wide = (*narrow, later("PSUs"), later("DF"), later("People"))
    effect = v.DESIGN_EFFECT if submission.weights_count_people(tabulation) else v.DESIGN_EFFECT_REPLACE
    cells = [_cells(row, effect, notes) for row in rows]
    rules = frozenset(at for at in range(1, len(rows)) if rows[at][v.TABULATION] != rows[at - 1][v.TABULATION])
    title = _title(tabulation, name, rows[0])
    whole = Block(title, wide, cells, frozenset(wide[1:]), rules)
    block = Block(title, narrow, [row[: len(narrow)] for row in cells], frozenset(narrow[1:]), rules)
    across = tables.without_empty_columns(whole)
    return replace(tables.without_empty_columns(block), across=across)


def _title(tabulation: Tabulation, name: str, row: Row) -> str:
    """`Internet use, % of persons aged 15 and over (internet_use): Tunisia, 2020`."""
    design, entry = tabulation.design, catalogue().indicators.get(name)
    called = entry.name if entry else design.indicators[name].name or name
    unit = str(row[v.UNIT_MEASURE])
    symbol = catalogue().units[unit].symbol if unit in catalogue().units else unit
    scope = submission.scope(design, name)
    measured = say("% of {scope}", scope=scope) if symbol == "%" else commas(filter(None, (symbol, scope)))
    return labelled(remarked(called, name), commas([measured, area_name(design.area), design.year]))


def _interval(tabulation: Tabulation) -> str:
    """`95 % interval`."""
    return say("{level:g} % interval", level=tabulation.request.level)


def _cells(row: Row, effect: str, notes: Footnotes) -> tuple[str, ...]:
    """The cells of an estimate; `effect` is the column of the design effect."""
    mark = say(MARKS.get(str(row[v.OBS_STATUS]), ""))
    cited = notes.mark(tables.sentence(str(row[v.REMARK]))) if row[v.REMARK] else ""
    value = _amount(row[v.OBS_VALUE], row)
    shown = " ".join(filter(None, (value if value != NOTHING or not mark else mark, cited)))
    ends = [_amount(row[name], row) for name in (v.CI_LOWER, v.CI_UPPER)]
    return (
        _group(row),
        shown,
        NOTHING if NOTHING in ends else between(*ends),
        _amount(row[v.STD_ERR], row, more=1),
        _number(row[v.SAMPLE_SIZE], 0),
        _number(row[effect], 2),
        _number(row[v.N_PSU], 0),
        _number(row[v.DEGREES_OF_FREEDOM], 0),
        _number(row[v.POPULATION], 0),
    )


def _group(row: Row) -> str:
    """`Women`, `Women, rural`; `All`."""
    used = str(row[v.TABULATION]).split(":") if row[v.TABULATION] else []
    names = [code_name(name, str(row[name])) for name in used]
    return commas([*names[:1], *(name.lower() for name in names[1:])]) or say(ALL)


def _amount(value: float, row: Row, more: int = 0) -> str:
    """A value with the decimals of its unit, or of an amount: two for means and ratios, none for totals."""
    kind, unit = str(row[v.KIND]), str(row[v.UNIT_MEASURE])
    if kind == "share":
        return _number(value, catalogue().units[unit].decimals + more if unit in catalogue().units else 1 + more)
    return _number(value, 0 if kind == "total" else 2 + more)


def _number(value: Any, decimals: int) -> str:
    return NOTHING if pd.isna(value) else digits(f"{value:,.{decimals}f}")


def _gaps(tabulation: Tabulation, notes: Footnotes) -> Block:
    """The gaps in the measures that tables show, with their sides."""
    columns = (*map(later, ("Gap", "Sides", "Measure", "Value")), _interval(tabulation), "SE")
    cells: list[tuple[str, ...]] = []
    rules: list[int] = []
    before = ""
    for row in tabulation.gaps[tabulation.gaps[v.MEASURE].isin(SHOWN)].to_dict("records"):
        heading = _gap_name(row, tabulation)
        if heading == before and row[v.OBS_STATUS] in (v.WITHHELD, v.MISSING):
            continue  # for the reason that the first measure gives
        if heading != before and cells:
            rules.append(len(cells))
        cells.append(_gap(row, heading if heading != before else "", notes))
        before = heading
    block = Block(say("Gaps"), columns, cells, frozenset(columns[3:]), frozenset(rules))
    return tables.without_empty_columns(block) if cells else block


def _gap_name(row: Row, tabulation: Tabulation) -> str:
    """`Internet use, men : women, rural`."""
    comparison = next(
        one.name
        for one in catalogue().comparisons.values()
        if (one.over, one.reference, one.compared) == (row[v.OVER], row[v.REFERENCE], row[v.COMPARED])
    )
    others = [
        code_name(name, str(row[name])).lower()
        for name in tabulation.dimensions
        if row[name] not in (v.TOTAL, v.NOT_APPLICABLE)
    ]
    return commas([catalogue().indicators[str(row[v.INDICATOR])].short, comparison, *others])


def _gap(row: Row, heading: str, notes: Footnotes) -> tuple[str, ...]:
    unit, name = str(row[v.UNIT_MEASURE]), str(row[v.INDICATOR])
    measure = catalogue().measures[str(row[v.MEASURE])]
    of_sides = catalogue().indicators[name].unit
    sides = " : ".join(tables.number(row[side], of_sides) for side in (v.REFERENCE_VALUE, v.COMPARED_VALUE))
    comment: str = "" if pd.isna(row[v.OBS_COMMENT]) else str(row[v.OBS_COMMENT])
    cited: str = notes.mark(tables.sentence(comment)) if comment else ""
    value = tables.with_unit(tables.number(row[v.OBS_VALUE], unit), unit)
    mark = say(MARKS.get(str(row[v.OBS_STATUS]), "")) if value == NOTHING else ""
    decimals = catalogue().units[unit].decimals
    return (
        heading,
        sides if heading else "",
        naming(measure, name, str(row[v.OVER])).short,
        " ".join(filter(None, (mark or value, cited))),
        tables.interval(row[v.CI_LOWER], row[v.CI_UPPER], unit) or NOTHING,
        _number(row[v.STD_ERR], decimals + 1),
    )


def _not_tabulated(tabulation: Tabulation) -> list[str]:
    """`households by SEX`, for each tabulation that does not apply."""
    units = {HOUSEHOLDS: later("households by {breakdown}"), PERSONS: later("persons by {breakdown}")}
    return [say(units[unit], breakdown=breakdown) for unit, breakdown in tabulation.skipped]


def _methods(tabulation: Tabulation) -> Block:
    return Block(say("Methods"), (), [], notes=(paragraph(tabulation),))


def _sentences(tabulation: Tabulation) -> list[str]:
    """What was left out, what does not apply, and what the columns mean."""
    rules = catalogue().publication_rules
    unchecked = [rules[name].name for name in tabulation.published.unchecked]
    return [
        *(ended(note.text) for note in tabulation.notes),
        *([say("Not tabulated: {what}.", what=commas(_not_tabulated(tabulation)))] if tabulation.skipped else []),
        *(
            [say("Rules not applied, since their numbers are not known: {rules}.", rules=clauses(unchecked))]
            if unchecked
            else []
        ),
        say("SE: standard error. n: respondents. Deff: design effect.")
        if tabulation.design.has_errors_of_design
        else say("n: respondents."),
        say("Other measures of the gaps: --format csv --table gaps.") if len(tabulation.gaps) else "",
    ]
