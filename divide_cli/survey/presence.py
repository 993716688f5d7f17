"""Whether the files have what the design names: variables, numbers where numbers are needed, and the same keys.

These are errors before anything is counted, because nothing can be.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace

import narwhals as nw

from divide_cli import concepts as v
from divide_cli.errors import CatalogueError, suggestion
from divide_cli.language import commas, labelled, say
from divide_cli.survey.answers import Columns, ages_of, as_number
from divide_cli.survey.design import Design, names
from divide_cli.survey.engines import collect
from divide_cli.survey.faults import Records
from divide_cli.survey.microdata import Microdata, matching


def lacking(
    uses: Sequence[tuple[str, str]], data: Microdata, roster: Microdata | None, where: str
) -> Iterator[CatalogueError]:
    """An error for each variable that the design names and no file of the records has."""
    available = [*data.variables, *(roster.variables if roster else ())]
    for variable in dict.fromkeys(variable for _, variable in uses):
        if not matching(available, [variable]):
            keys = commas(dict.fromkeys(key for key, name in uses if name == variable))
            parts = {
                "variable": variable,
                "found": say("`{name}` in {place}", name=variable, place=keys),
                "hint": suggestion(variable, available),
            }
            yield CatalogueError(
                "survey_variable_missing", expected=say("a variable of {file}", file=data.path), where=where, **parts
            )


def nested(variables: Iterable[str], files: Iterable[Microdata]) -> Iterator[CatalogueError]:
    """An error for each variable that has lists or records in its rows, as Parquet files may."""
    used = set(variables)
    for file in files:
        for name, dtype in file.frame.collect_schema().items():
            if name in used and (dtype.is_nested() or (dtype == nw.Object and _has_lists(file, name))):
                yield CatalogueError("survey_variable_nested", variable=name, where=file.path)


def _has_lists(file: Microdata, variable: str) -> bool:
    values = collect(file.frame.select(variable).head(1000))[variable]
    return any(not isinstance(value, Hashable) for value in values)


def elsewhere(records: Records, design: Design, indicators: Sequence[str]) -> Iterator[CatalogueError]:
    """An error for each variable that the rows need and only the other file has: of households, or the roster."""
    sample = {"weight": [records.weight, records.factor], "id": records.id}
    sample |= {key: names(getattr(design, key)) for key in ("strata", "clusters", "populations")}
    pairs = [(key, name) for key, several in sample.items() for name in several if name]
    pairs += [(f"indicators, {name}", one) for name in indicators for one in design.indicators[name].variables]
    for key, variable in pairs:
        if variable not in records.columns.schema:
            found = say(
                "`{name}` in {place}, which is needed for rows of `{unit}`", name=variable, place=key, unit=records.unit
            )
            parts = {"variable": variable, "expected": say("a variable of {file}", file=records.path), "found": found}
            hint = say(
                "name a variable of `{unit}`, or say in `unit` of the indicator what it is of", unit=records.unit
            )
            yield CatalogueError("survey_variable_missing", where=design.path, hint=hint, **parts)


def with_same_keys(data: Microdata, roster: Microdata, key: Sequence[str], where: str) -> tuple[Microdata, Microdata]:
    """Both files with keys of one type: numbers if both have numbers. Raises CatalogueError if one has text only."""
    schemas = [Columns(one.frame.collect_schema()) for one in (data, roster)]
    errors = []
    for name in key:
        missing = [one.path for one, columns in zip((data, roster), schemas, strict=True) if name not in columns.schema]
        if missing:
            parts = {"variable": name, "expected": say("a variable of {file}", file=commas(missing))}
            errors.append(
                CatalogueError(
                    "survey_variable_missing",
                    found=say("`{name}` in {place}", name=name, place="roster, key"),
                    where=where,
                    **parts,
                )
            )
        elif schemas[0].is_text(name) != schemas[1].is_text(name):
            kinds = [say("text") if columns.is_text(name) else say("numbers") for columns in schemas]
            found = commas(labelled(one.path, kind) for one, kind in zip((data, roster), kinds, strict=True))
            errors.append(CatalogueError("survey_keys_differ", key=name, found=found, where=where))
    if errors:
        raise CatalogueError.of(errors)
    unlike = [name for name in key if schemas[0].schema[name] != schemas[1].schema[name]]
    same = [
        replace(one, frame=one.frame.with_columns(*(columns.raw(name).alias(name) for name in unlike)))
        if unlike
        else one
        for one, columns in zip((data, roster), schemas, strict=True)
    ]
    return same[0], same[1]


def texts(
    records: Records, design: Design, indicators: Sequence[str], dimensions: Sequence[str]
) -> Iterator[CatalogueError]:
    """An error for each variable that must be a number and is text: weights, amounts, ages, populations."""
    measured = {name: design.indicators[name] for name in indicators}
    pairs = [("weight", records.weight), ("members", records.factor)]
    pairs += [("populations", name) for name in names(design.populations)]
    pairs += [
        (f"breakdowns, {name}", design.breakdowns[name].variable)
        for name in dimensions
        if design.breakdowns[name].bands
    ]
    if any(ages_of(design, name) for name in indicators):
        pairs.append((f"breakdowns, {v.AGE}", design.breakdowns[v.AGE].variable))
    for name, one in measured.items():
        pairs += [(f"indicators, {name}", amount) for amount in (one.variable, one.per) if amount and not one.is_answer]
    if design.replicate_weights:
        columns = matching(records.columns.schema, names(design.replicate_weights.columns))
        pairs += [("replicate_weights", name) for name in columns]
    for key, variable in dict.fromkeys(pairs):
        if not variable or not records.columns.is_text(variable):
            continue
        if examples := _examples(records, variable):
            parts = {"key": key, "variable": variable, "found": say("texts such as {examples}", examples=examples)}
            yield CatalogueError("survey_variable_text", where=records.path, **parts)
        else:
            yield CatalogueError("survey_variable_empty", key=key, variable=variable, where=records.path)


def _examples(records: Records, variable: str) -> str:
    """The first texts of a column that are not finite numbers, else the first texts; empty if it has no values."""
    head = collect(records.frame.select(variable).head(1000))[variable]
    values = list(dict.fromkeys(str(value) for value in head[head.notna()]))
    others = [value for value in values if not math.isfinite(as_number(value) or 0.0) or as_number(value) is None]
    return commas(map(repr, (others or values)[:3]))
