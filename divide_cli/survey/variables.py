"""A design applied to records: the columns that estimates need, on any engine.

Used are filter, with_columns, select, sums, group_by and joins. Only counts of faults are collected.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.errors import CatalogueError
from divide_cli.survey.answers import Columns, ages_of, code_numbers, codes, combined, counted, usable_weight
from divide_cli.survey.design import HOUSEHOLDS, PERSONS, Design, Replicates, Roster, names
from divide_cli.survey.faults import Note, Records, faults, left_out
from divide_cli.survey.microdata import Labels, Microdata, matching
from divide_cli.survey.presence import elsewhere, lacking, nested, texts, with_same_keys

WEIGHT, STRATUM = "weight", "stratum"


@dataclass(frozen=True)
class Choices:
    """What is asked for: indicators of the design (all if none is named), and dimensions (None: all of the design)."""

    indicators: tuple[str, ...] = ()
    dimensions: tuple[str, ...] | None = None

    def of(self, design: Design) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The indicators and the dimensions."""
        dimensions = tuple(design.breakdowns) if self.dimensions is None else self.dimensions
        return self.indicators or tuple(design.indicators), dimensions


EVERYTHING = Choices()


@dataclass(frozen=True)
class Quantity:
    """One indicator as it is estimated: the columns y and x, without missing values; y is 0 where x is 0.

    share, mean and ratio: sum of weight x y / sum of weight x x. total: sum of weight x y, with x = 1 in the scope.
    """

    indicator: str
    kind: str
    numerator: str
    denominator: str
    unit: str = PERSONS


@dataclass(frozen=True)
class Prepared:
    """Records with the columns of estimates, none with missing values. The module's functions say what each means.

    A sampling unit is identified by its stratum and the ids of all stages up to its own.
    """

    frame: nw.LazyFrame[Any]
    weight: str
    strata: str | None
    stages: tuple[str, ...]
    populations: tuple[str, ...]
    replicates: Replicates | None
    breakdowns: Mapping[str, str]
    quantities: tuple[Quantity, ...]
    notes: tuple[Note, ...] = ()
    unit: str = PERSONS
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of dimensions whose column has numbers, from 0: the code that each number stands for."""


def uses(design: Design, choices: Choices = EVERYTHING) -> list[tuple[str, str]]:
    """The keys of the design that are used, each with the variable that it names."""
    indicators, dimensions = choices.of(design)
    roster, replicates = design.roster, design.replicate_weights
    pairs = [("weight", design.weight or ""), ("members", design.members)]
    for key in ("strata", "clusters", "populations", "id"):
        pairs += [(key, name) for name in names(getattr(design, key))]
    pairs += [("rows", name) for name in design.rows]
    pairs += [("replicate_weights, columns", name) for name in (names(replicates.columns) if replicates else ())]
    if roster:
        pairs += [("roster, weight", roster.weight), *(("roster, key", name) for name in names(roster.key))]
        pairs += [("roster, id", name) for name in names(roster.id)]
    pairs += [(f"breakdowns, {name}", design.breakdowns[name].variable) for name in dimensions]
    for name in indicators:
        pairs += [(f"indicators, {name}", variable) for variable in design.indicators[name].variables]
        pairs += [(f"breakdowns, {v.AGE}", design.breakdowns[v.AGE].variable)] if ages_of(design, name) else []
    return [(key, variable) for key, variable in pairs if variable]


def needed(design: Design, choices: Choices = EVERYTHING) -> tuple[str, ...]:
    """The variables to read, and the pattern of replicate weights if there is one."""
    return tuple(dict.fromkeys(variable for _, variable in uses(design, choices)))


def prepare(
    data: Microdata, design: Design, choices: Choices = EVERYTHING, roster: Microdata | None = None
) -> tuple[Prepared, ...]:
    """The columns of estimates: once for each unit, persons and households.

    Raises CatalogueError with all faults of the records: variables that they do not have, values that the design does
    not list, weights and sampling units that cannot be used.
    """
    indicators, dimensions = choices.of(design)
    _raise(lacking(uses(design, choices), data, roster, design.path))
    _raise(nested((variable for _, variable in uses(design, choices)), [data, *([roster] if roster else [])]))
    if roster and design.roster:
        data, roster = with_same_keys(data, roster, names(design.roster.key), design.path)
    parts = []
    for records in _records(data, design, {design.unit_of(name) for name in indicators}, roster):
        own = [name for name in indicators if _row_unit(design, name) == records.unit]
        over = [name for name in dimensions if design.breakdowns[name].variable in records.columns.schema]
        parts.append((records, own, over))
    _raise(error for records, own, _ in parts for error in elsewhere(records, design, own))
    _raise(error for records, own, over in parts for error in texts(records, design, own, over))
    findings = [left_out(records, design, data, roster) for records, _, _ in parts]
    for (records, own, over), one in zip(parts, findings, strict=True):
        faults(records, design, own, over, one)
    _raise(error for one in findings for error in one.errors)
    return tuple(
        _prepared(records, design, own, over, one.notes)
        for (records, own, over), one in zip(parts, findings, strict=True)
    )


def _raise(errors: Iterable[CatalogueError]) -> None:
    if found := list(errors):
        raise CatalogueError.of(found)


def _row_unit(design: Design, name: str) -> str:
    """What the rows are that the indicator is read from: a file of persons has no others."""
    return design.unit_of(name) if design.unit == HOUSEHOLDS else PERSONS


def _records(data: Microdata, design: Design, units: Collection[str], roster: Microdata | None) -> Iterator[Records]:
    """The rows of each unit. Persons of a household file are those of the roster, or as many as it has members."""
    conditions = {name: values for name, values in design.rows.items() if name in data.variables}
    frame = data.frame.filter(Columns(data.frame.collect_schema()).meets(conditions)) if conditions else data.frame
    common = (data.path, data.labels)
    if design.unit == PERSONS or HOUSEHOLDS in units:
        columns = Columns(frame.collect_schema())
        yield Records(frame, columns, design.weight, "", design.unit, *common, names(design.id))
    if design.unit == PERSONS or PERSONS not in units:
        return
    if roster is None or design.roster is None:
        yield Records(frame, Columns(frame.collect_schema()), design.weight, design.members, PERSONS, *common)
        return
    joined = _joined(frame, roster.frame, design.roster)
    columns = Columns(joined.collect_schema())
    if later := {name: values for name, values in design.rows.items() if name not in data.variables}:
        joined = joined.filter(columns.meets(later))
    key, own = names(design.roster.key), names(design.roster.id)
    labels = Labels(
        {**data.labels.variables, **roster.labels.variables}, {**data.labels.values, **roster.labels.values}
    )
    ids = (*key, *own) if own else ()
    yield Records(joined, columns, design.roster.weight or design.weight, "", PERSONS, roster.path, labels, ids)


def _joined(households: nw.LazyFrame[Any], persons: nw.LazyFrame[Any], roster: Roster) -> nw.LazyFrame[Any]:
    """Persons with the variables of their household. A variable that both files have is that of the person."""
    key = names(roster.key)
    own = set(persons.collect_schema().names())
    added = [name for name in households.collect_schema().names() if name not in own]
    return persons.join(households.select(*key, *added), on=list(key), how="inner")


def _prepared(
    records: Records, design: Design, indicators: Sequence[str], dimensions: Sequence[str], notes: Sequence[Note]
) -> Prepared:
    columns = records.columns
    strata, stages, populations = names(design.strata), names(design.clusters), names(design.populations)
    weight = usable_weight(columns, records.weight)
    made: dict[str, nw.Expr] = {WEIGHT: weight * usable_weight(columns, records.factor) if records.factor else weight}
    made |= {STRATUM: combined(columns, strata)} if strata else {}
    units = {f"stage{place}": columns.id(name) for place, name in enumerate(stages, start=1)}
    sizes = {f"population{place}": columns.raw(name) for place, name in enumerate(populations, start=1)}
    made |= {**units, **sizes}
    replicates = _replicates(columns, design, made)
    over = {dimension: design.breakdowns[dimension] for dimension in dimensions}
    made |= {dimension: code_numbers(columns, breakdown) for dimension, breakdown in over.items()}
    quantities = []
    for name in indicators:
        y, x, _ = counted(columns, design, name)
        made |= {f"y_{name}": y, f"x_{name}": x}
        quantities.append(Quantity(name, design.indicators[name].kind, f"y_{name}", f"x_{name}", design.unit_of(name)))
    frame = records.frame.select(*(value.alias(name) for name, value in made.items())).filter(nw.col(WEIGHT) > 0.0)
    return Prepared(
        frame,
        WEIGHT,
        STRATUM if strata else None,
        tuple(units),
        tuple(sizes),
        replicates,
        {dimension: dimension for dimension in dimensions},
        tuple(quantities),
        tuple(notes),
        records.unit,
        {dimension: codes(breakdown) for dimension, breakdown in over.items()},
    )


def _replicates(columns: Columns, design: Design, made: dict[str, nw.Expr]) -> Replicates | None:
    """Adds the replicate weights to the columns; factors are multiplied by the weight."""
    replicates = design.replicate_weights
    if replicates is None:
        return None
    several = matching(columns.schema, names(replicates.columns))
    weights = {f"replicate{place}": columns.number(name, columns.stated(name)) for place, name in enumerate(several, 1)}
    made |= weights if replicates.combined else {name: made[WEIGHT] * value for name, value in weights.items()}
    return structs.replace(replicates, columns=tuple(weights), combined=True)
