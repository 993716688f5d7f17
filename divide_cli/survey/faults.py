"""Faults of records: what makes estimates wrong is an error with its counts, what is left out or unknown is a note.

All counts of a frame are taken in one pass. Values are looked up only where some are not in the design.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw

from divide_cli import language
from divide_cli.errors import CatalogueError, messages
from divide_cli.language import commas, labelled, remarked, say
from divide_cli.survey.answers import (
    Columns,
    code_values,
    coded,
    counted,
    every,
    is_amount,
    scope,
    usable_weight,
)
from divide_cli.survey.design import OTHER, PERSONS, Breakdown, Design, Question, Range, names
from divide_cli.survey.engines import collect
from divide_cli.survey.microdata import Labels, Microdata

OLDEST = 120
"""Highest age in years that is not doubted."""
LARGEST = 1e300
"""A larger weight is infinite."""
SHOWN = 8
"""How many values a message names."""
COUNT, WEIGHTED = "count", "weighted_"


@dataclass(frozen=True)
class Note:
    """What was left out or is unknown, and in how many rows; `parts` fill the sentence of its code."""

    code: str
    count: int
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The sentence, in the language."""
        template = language.translated(f"errors:{self.code}.subject", messages()[self.code]["subject"])
        return language.filled(template, {"count": language.digits(f"{self.count:,}"), **dict(self.parts)})


@dataclass(frozen=True)
class Records:
    """Rows of one unit, before they are prepared: the variable of their weight, and that of a factor of it."""

    frame: nw.LazyFrame[Any]
    columns: Columns
    weight: str | None
    factor: str
    unit: str
    path: str
    labels: Labels
    id: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """Rows that are counted; an error or a note of that code if there are some (`if_none`: if there are none)."""

    code: str
    rows: nw.Expr
    parts: Mapping[str, str] = field(default_factory=dict)
    is_error: bool = False
    if_none: bool = False
    variable: str = ""
    """The variable whose values the error names."""
    of_all: bool = False
    """Whether rows without a weight count, too."""


@dataclass
class Findings:
    """The errors and the notes of records."""

    errors: list[CatalogueError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, count: int, parts: Mapping[str, str]) -> None:
        """Adds a note with the parts of its text."""
        self.notes.append(Note(code, count, tuple(parts.items())))


def faults(
    records: Records, design: Design, indicators: Sequence[str], dimensions: Sequence[str], findings: Findings
) -> None:
    """Adds the errors and notes of the records to the findings."""
    checks = [
        *_of_sample(records, design),
        *(check for name in dimensions for check in _of_breakdown(records, name, design.breakdowns[name])),
        *(check for name in indicators for check in _of_indicator(records, design, name)),
    ]
    counts = _counts(records, checks)
    if not counts[0]:
        findings.errors.append(CatalogueError("survey_rows_missing", where=records.path))
        return
    rows, weighted_rows = counts[0], counts[1]
    if not weighted_rows:
        parts = {
            "weight": records.weight or records.factor,
            "found": say("{count:,} of {rows:,} rows", count=0, rows=rows),
            "where": records.path,
        }
        findings.errors.append(CatalogueError("survey_weights_absent", **parts))
    for check, count in zip(checks, counts[2:], strict=True):
        if bool(count) != check.if_none and (weighted_rows or not check.if_none):
            _report(check, count, rows if check.of_all else weighted_rows, records, findings)
    _duplicates(records, findings)
    _populations(records, design, findings)


def _counts(records: Records, checks: Sequence[Check]) -> list[int]:
    """The number of rows, of those with a weight, and of those of each check."""
    frame = records.frame.with_columns(weighted(records).alias(WEIGHTED), nw.lit(1).cast(nw.Int64).alias("rows_"))
    conditions = [nw.col(WEIGHTED), *(check.rows for check in checks)]
    masks = [rows.cast(nw.Int8).alias(f"c{place}") for place, rows in enumerate(conditions)]
    frame = frame.select("rows_", *masks)
    sums = frame.select(*(nw.col(name).sum() for name in ("rows_", *(f"c{place}" for place in range(len(masks))))))
    counts = collect(sums).iloc[0]
    return [0 if missing else int(count) for count, missing in zip(counts, counts.isna(), strict=True)]  # SQL: no rows


def _report(check: Check, count: int, rows: int, records: Records, findings: Findings) -> None:
    if not check.is_error:
        findings.note(check.code, count, {"rows": language.digits(f"{rows:,}"), **check.parts})
        return
    found = say("{count:,} of {rows:,} rows", count=count, rows=rows)
    if check.variable:
        found = labelled(found, _values(records, check))
    findings.errors.append(CatalogueError(check.code, found=found, where=records.path, **check.parts))


def _values(records: Records, check: Check) -> str:
    """The values of the variable in the rows of the check, the most frequent first, with their labels and counts."""
    frame = records.frame.with_columns(weighted(records).alias(WEIGHTED))
    columns = collect(frame.filter(check.rows).group_by(check.variable).agg(nw.len().alias(COUNT))).to_dict("list")
    pairs = sorted(zip(columns[check.variable], columns[COUNT], strict=True), key=lambda pair: (-pair[1], str(pair[0])))
    texts = [
        say("{value} in {count:,}", value=_shown(records.labels, check.variable, value), count=count)
        for value, count in pairs[:SHOWN]
    ]
    return commas([*texts, *(["..."] if len(pairs) > SHOWN else [])])


def _shown(labels: Labels, variable: str, value: Any) -> str:
    label = labels.of(variable, value)
    plain = f"{value:g}" if isinstance(value, float) else str(value)
    return remarked(plain, label) if label else plain


def _of_sample(records: Records, design: Design) -> Iterator[Check]:
    """Weights, factors, strata, clusters and populations."""
    columns = records.columns
    for name in filter(None, (records.weight, records.factor)):
        parts = {"variable": name}
        weight, stated = columns.raw(name), columns.stated(name)
        unusable = stated & ((weight < 0.0) | (weight > LARGEST)).fill_null(value=False)
        yield Check("survey_weight_negative", unusable, parts, is_error=True, of_all=True)
        yield Check("survey_weight_zero", stated & (weight == 0.0).fill_null(value=False), parts, of_all=True)
        yield Check("survey_weight_missing", ~stated, parts, of_all=True)
    sample = {"strata": design.strata, "clusters": design.clusters, "populations": design.populations}
    for key, variables in sample.items():
        for name in names(variables):
            parts = {"key": key, "variable": name}
            yield Check("survey_sample_missing", nw.col(WEIGHTED) & ~columns.stated(name), parts, is_error=True)


def weighted(records: Records) -> nw.Expr:
    """Whether the row has a weight above 0."""
    parts = [usable_weight(records.columns, name) > 0.0 for name in (records.weight, records.factor) if name]
    return every(parts)


def _of_breakdown(records: Records, dimension: str, breakdown: Breakdown) -> Iterator[Check]:
    columns, variable = records.columns, breakdown.variable
    rows, stated = nw.col(WEIGHTED), columns.stated(variable)
    known = columns.lacks(variable, breakdown.unknown)
    parts = {"key": f"breakdowns, {dimension}", "dimension": dimension, "variable": variable}
    if breakdown.bands:
        possible = columns.has(variable, Range(0, OLDEST))
        impossible = every([rows, stated, ~possible, *known])
        yield Check("survey_age_impossible", impossible, parts, is_error=True, variable=variable)
        bands = reduce(or_, (columns.has(variable, ages) for ages in code_values(breakdown).values()))
        yield Check("survey_age_outside", every([rows, possible, ~bands, *known]), parts)
    else:
        listed = columns.has(variable, tuple(breakdown.codes))
        parts = {**parts, "places": say("`codes` or `unknown`")}
        unlisted = every([rows, stated, ~listed, *known])
        yield Check("survey_value_unlisted", unlisted, parts, is_error=True, variable=variable)
    yield Check("survey_breakdown_unknown", rows & ~every([stated, *known]), parts)
    for code, values in code_values(breakdown).items():
        here = rows & coded(columns, breakdown, values)
        yield Check("survey_domain_empty", here, {**parts, "subgroup": code}, if_none=True)


def _of_indicator(records: Records, design: Design, name: str) -> Iterator[Check]:
    columns, measured, rows = records.columns, design.indicators[name], nw.col(WEIGHTED)
    conditions = scope(columns, design, name)
    within = every([rows, *conditions])
    for question in measured.questions if measured.is_answer else ():
        parts = {
            "key": f"indicators, {name}",
            "variable": question.variable,
            "places": say("`yes`, `no` or `not_stated`"),
        }
        if question.no != OTHER:
            unlisted = within & _unlisted(columns, question)
            yield Check("survey_value_unlisted", unlisted, parts, is_error=True, variable=question.variable)
    if conditions:
        yield Check("survey_outside_scope", rows & ~every(conditions), {"indicator": name})
    yield Check("survey_scope_empty", within, {"indicator": name}, is_error=True, if_none=True)
    treatment = {"no": "survey_answers_counted", "exclude": "survey_answers_excluded"}[design.missing_of(name)]
    yield Check(treatment, rows & counted(columns, design, name)[2], {"indicator": name})
    if not measured.is_answer:
        negative = is_amount(columns, measured, measured.variable) & columns.has(
            measured.variable, Range(None, -1e-300)
        )
        yield Check("survey_amount_negative", within & negative, {"indicator": name, "variable": measured.variable})


def _unlisted(columns: Columns, question: Question) -> nw.Expr:
    """Where the question has a value that is not listed."""
    lists = (question.yes, question.no, question.not_stated)
    others = [one for values in lists for one in columns.lacks(question.variable, values)]
    return every([columns.stated(question.variable), *others])


def _duplicates(records: Records, findings: Findings) -> None:
    """An error if two rows have the same id."""
    if not records.id:
        return
    groups = collect(records.frame.group_by(*records.id).agg(nw.len().alias(COUNT)).filter(nw.col(COUNT) > 1))
    if len(groups):
        columns = groups.to_dict("list")
        twice = sorted(zip(*(columns[name] for name in records.id), strict=True), key=str)[:3]
        ids = commas(" / ".join(map(str, one)) for one in twice)
        found = language.counted(
            len(groups),
            "{number:,} id in {rows:,} rows, such as {ids}",
            "{number:,} ids in {rows:,} rows, such as {ids}",
            rows=sum(columns[COUNT]),
            ids=ids,
        )
        variables = commas(records.id)
        findings.errors.append(CatalogueError("survey_id_duplicate", id=variables, found=found, where=records.path))


def _populations(records: Records, design: Design, findings: Findings) -> None:
    """An error if a population of a stage differs within the units that it is about, or is below 1."""
    strata, stages = names(design.strata), names(design.clusters)
    for stage, name in enumerate(names(design.populations)):
        within = [*strata, *stages[:stage]]
        size = nw.col("size_")
        frame = records.frame.with_columns(records.columns.raw(name).alias("size_"), nw.lit(1).alias("one_"))
        ends = (size.min().alias("low_"), size.max().alias("high_"))
        sizes = collect(frame.group_by(*(within or ["one_"])).agg(*ends)).to_dict("list")
        pairs = list(zip(sizes["low_"], sizes["high_"], strict=True))
        varying = sum(low < high for low, high in pairs)
        if varying or any(low < 1 for low, _ in pairs):
            found = say(
                "{varying:,} of {units:,} with several numbers; the lowest is {lowest:g}",
                varying=varying,
                units=len(pairs),
                lowest=min(low for low, _ in pairs),
            )
            parts = {"variable": name, "found": found}
            if within:
                same = commas(within)
                parts["expected"] = say("one number of at least 1 for all rows of the same {variables}", variables=same)
            findings.errors.append(CatalogueError("survey_population_varies", where=records.path, **parts))


def left_out(records: Records, design: Design, data: Microdata, roster: Microdata | None) -> Findings:
    """Rows of other surveys, and rows of one file without a row in the other."""
    findings = Findings()
    if design.rows:
        columns = Columns(data.frame.collect_schema())
        conditions = {name: values for name, values in design.rows.items() if name in columns.schema}
        if others := _number(data.frame.filter(~columns.meets(conditions))):
            findings.note("survey_rows_left_out", others, {"rows": language.digits(f"{_number(data.frame):,}")})
    if roster is None or design.roster is None or records.unit != PERSONS:
        return findings
    key = list(names(design.roster.key))
    households = data.frame.select(*key).with_columns(nw.lit(1).alias("there_"))
    persons = roster.frame.select(*key)
    if orphans := _number(persons.join(households.unique(key), on=key, how="left").filter(nw.col("there_").is_null())):
        total, where = _number(persons), roster.path
        found = say("{count:,} of {total:,} persons", count=orphans, total=total)
        findings.errors.append(CatalogueError("survey_household_missing", key=commas(key), found=found, where=where))
    members = persons.unique(key).with_columns(nw.lit(1).alias("there_"))
    if empty := _number(households.select(*key).join(members, on=key, how="left").filter(nw.col("there_").is_null())):
        findings.note("survey_household_empty", empty, {"rows": language.digits(f"{_number(households):,}")})
    _duplicates(Records(data.frame, records.columns, None, "", "", data.path, data.labels, tuple(key)), findings)
    return findings


def _number(frame: nw.LazyFrame[Any]) -> int:
    """The number of rows."""
    return int(collect(frame.select(nw.len().alias(COUNT)))[COUNT].iloc[0])
