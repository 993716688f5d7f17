"""The design file of a survey, read: all errors of its form, words, codes and combinations are reported at once."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, cast

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.codelists import age_span, codelist
from divide_cli.catalogue.entries import build, sound_part
from divide_cli.catalogue.labels import read_labels
from divide_cli.catalogue.user_yaml import PlainLoader, read_user_yaml
from divide_cli.errors import CatalogueError, collecting, nearest, suggestion
from divide_cli.language import commas, say
from divide_cli.survey.design import (
    HOUSEHOLDS,
    OTHER,
    PERSONS,
    TO_FILL_IN,
    Breakdown,
    Design,
    DesignKeys,
    Measured,
    Question,
    Range,
    Value,
    Values,
    listed,
    names,
)

_ALIKE = 0.75
_TECHNICAL = frozenset({
    *v.DIMENSIONS, "CATEGORY", "COMPOSITE_BREAKDOWN", "CUST_BREAKDOWN", "DENOMINATOR", "FREQ", "GEOCODE", "NUMERATOR",
    "OBS_COMMENT", "OBS_FLAG", "OBS_STATUS", "OBS_VALUE", "PRODUCT", "REF_AREA", "REPORTING_TYPE", "SAMPLE_SIZE",
    "SERIES", "STD_ERR", "TIME_PERIOD", "UNIT_MEASURE", "UNIT_MULT", "UNUSED",
})  # fmt: skip
"""Concepts of columns other than further breakdowns."""


def read_design(path: Path) -> Design:
    """The design of the file; otherwise SourceError, or CatalogueError with all its errors."""
    content = read_user_yaml(path, "the design file", PlainLoader).content
    if not isinstance(content, dict):
        raise CatalogueError("design_malformed", where=str(path))
    values = {str(key): value for key, value in content.items()}
    wrong_form: list[CatalogueError] = []
    with collecting(wrong_form):
        build(DesignKeys, values, str(path))
    errors = [*_unfilled(values, str(path)), *_of_form(wrong_form)]
    design, wrong = sound_part(Design, {**values, "path": str(path)})
    if not wrong & {"area", "indicators", "breakdowns"}:
        errors += wrong_parts(design)
    if errors:
        raise CatalogueError.of(errors)
    return cast("Design", design)


def _of_form(errors: Iterable[CatalogueError]) -> Iterator[CatalogueError]:
    """Each of the errors by itself, without those of places that are not filled in."""
    for error in errors:
        others, error.others = error.others, ()
        yield from (one for one in (error, *others) if one.parts.get("found") != repr(TO_FILL_IN))  # type: ignore[misc]


def _unfilled(value: Any, where: str, at: str = "") -> Iterator[CatalogueError]:
    """An error for each place of a draft that is still to be filled in."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _unfilled(part, where, f"{at}, {key}" if at else str(key))
    elif isinstance(value, list):
        for part in value:
            yield from _unfilled(part, where, at)
    elif value == TO_FILL_IN:
        yield CatalogueError("design_unfilled", what=at, where=where)


def wrong_parts(design: Design) -> Iterator[CatalogueError]:
    """What is wrong with the words, codes and combinations of a design of the right form."""
    codes = codelist("CL_AREA").codes
    if design.area not in (*codes, TO_FILL_IN):
        yield _wrong(
            design,
            "area",
            say("a code of CL_AREA"),
            design.area,
            suggestion(design.area, codes, "`divide list economies`"),
        )
    yield from _wrong_sample(design)
    for dimension, breakdown in design.breakdowns.items():
        yield from _wrong_breakdown(design, dimension, breakdown)
    for name, indicator in design.indicators.items():
        yield from _wrong_indicator(design, name, indicator)


def _wrong(design: Design, key: str, expected: str, found: Any, hint: str = "") -> CatalogueError:
    parts = {"hint": hint} if hint else {}
    return CatalogueError(
        "design_entry_wrong", what=key, expected=expected, found=str(found), where=design.path, **parts
    )


def _wrong_sample(design: Design) -> Iterator[CatalogueError]:
    stages, populations = names(design.clusters), names(design.populations)
    if populations and len(populations) > max(len(stages), 1):
        yield _wrong(
            design,
            "populations",
            say("at most one for each stage ({most})", most=max(len(stages), 1)),
            len(populations),
        )
    if design.replicate_weights and (design.strata or stages or populations):
        yield _wrong(design, "replicate_weights", say("either replicate weights, or strata and clusters"), say("both"))
    if design.replicate_weights and design.weight is None:
        yield _wrong(design, "weight", say("the weight of the whole sample, with the replicate weights"), "null")
    for key in ("members", "roster"):
        if getattr(design, key) and design.unit != HOUSEHOLDS:
            yield _wrong(design, key, "unit: households", f"unit: {design.unit}")
    yield from _wrong_ages(design, "ages", design.ages)


def _wrong_ages(design: Design, key: str, ages: tuple[int | None, int | None] | None) -> Iterator[CatalogueError]:
    if ages is None:
        return
    if ages[0] is not None and ages[1] is not None and ages[0] > ages[1]:
        yield _wrong(design, key, say("the first age, then the last"), commas(ages))
    if not (v.AGE in design.breakdowns and design.breakdowns[v.AGE].bands):
        yield _wrong(
            design, key, say("`breakdowns`, AGE with the variable of the age in years and `bands`"), say("none")
        )


@cache
def further_dimensions() -> frozenset[str]:
    """The breakdowns other than SEX, AGE and URBANISATION that the lists of labels know."""
    return frozenset(row["concept"] for row in read_labels("columns")) - _TECHNICAL


def _wrong_breakdown(design: Design, dimension: str, breakdown: Breakdown) -> Iterator[CatalogueError]:
    key = f"breakdowns, {dimension}"
    known = {*v.DIMENSIONS, *further_dimensions()}
    if dimension not in known and (close := [name for name in nearest(dimension, known) if _is_slip(dimension, name)]):
        yield _wrong(design, key, say("a dimension"), dimension, say("did you mean {close}?", close=close[0]))
    if breakdown.bands:
        yield from _wrong_bands(design, dimension, breakdown)
    for value, code in breakdown.codes.items():
        if not _is_code(dimension, code):
            expected, codes = _codes_of(dimension)
            yield _wrong(design, f"{key}, codes, {value}", expected, code, suggestion(code, codes))
    if both := common(breakdown.unknown, tuple(breakdown.codes)):
        yield _wrong(design, f"{key}, unknown", say("values without a code"), commas(both))


def _is_slip(name: str, known: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name, known).ratio() >= _ALIKE


def _codes_of(dimension: str) -> tuple[str, tuple[str, ...]]:
    """The codes of a dimension in words, and as a list."""
    if dimension == v.AGE:
        return say("the code of an age band such as Y15T24 or Y_GE75"), codelist("CL_AGE").codes
    if dimension in v.DIMENSIONS:
        codes = tuple(code for code in codelist(f"CL_{dimension}").codes if not code.startswith("_"))
        return commas(codes), codes
    return say("a code of capitals, digits and underscores"), ()


def _is_code(dimension: str, code: str) -> bool:
    if dimension == v.AGE:
        return code != v.TOTAL and age_span(code) is not None
    if dimension in v.DIMENSIONS:
        return code in _codes_of(dimension)[1]
    return code.replace("_", "").isalnum() and code.isascii() and code == code.upper() and not code.startswith("_")


def _wrong_bands(design: Design, dimension: str, breakdown: Breakdown) -> Iterator[CatalogueError]:
    key = f"breakdowns, {dimension}, bands"
    if dimension != v.AGE:
        yield _wrong(design, key, say("`codes`; only AGE has bands"), commas(breakdown.bands))
        return
    spans = {code: age_span(code) for code in breakdown.bands}
    for code in breakdown.bands:
        if not _is_code(v.AGE, code):
            yield _wrong(design, key, _codes_of(v.AGE)[0], code, suggestion(code, _codes_of(v.AGE)[1]))
    for (one, first), (two, second) in combinations(spans.items(), 2):
        if first and second and max(first[0], second[0]) <= min(first[1], second[1]):
            yield _wrong(design, key, say("bands without common ages"), commas((one, two)))


def _wrong_indicator(design: Design, name: str, indicator: Measured) -> Iterator[CatalogueError]:
    key = f"indicators, {name}"
    known = catalogue().ids("indicators")
    if name not in known and not indicator.name:
        hint = suggestion(name, known, "`divide list indicators`")
        yield _wrong(design, key, say("the id of an indicator, or `name` for one of your own"), name, hint)
    yield from _wrong_unit(design, name, indicator) if name in known or indicator.name else ()
    yield from _wrong_ages(design, f"{key}, ages", indicator.ages)
    for question in indicator.questions if indicator.is_answer else ():
        yield from _wrong_question(design, f"{key}, {question.variable}", question)


def _wrong_unit(design: Design, name: str, indicator: Measured) -> Iterator[CatalogueError]:
    key, unit = f"indicators, {name}", design.unit_of(name)
    if unit == HOUSEHOLDS and design.unit == PERSONS and not indicator.filter:
        expected = say("`filter`: which person of a household stands for it, as the records are of persons")
        yield _wrong(design, key, expected, say("no `filter`"))
    if unit == PERSONS and design.unit == HOUSEHOLDS and not (design.roster or design.members):
        yield _wrong(design, key, say("`roster` or `members`, as the records are of households"), say("neither"))


def _wrong_question(design: Design, key: str, question: Question) -> Iterator[CatalogueError]:
    if question.yes is None:
        yield _wrong(design, f"{key}, yes", say("the values that mean yes"), say("none"))
    if question.no is None:
        yield _wrong(design, f"{key}, no", say("the values that mean no, or `other`"), say("none"))
    meanings = {name: getattr(question, name) for name in ("yes", "no", "not_stated")}
    for (one, first), (two, second) in combinations(meanings.items(), 2):
        if isinstance(first, Range) and two == "not_stated" and not isinstance(second, Range):
            continue  # these are left out of the range
        if both := common(first, second):
            yield _wrong(design, f"{key}, {say(' and ').join((one, two))}", say("different values"), commas(both))


def common(first: Values | None, second: Values | None) -> list[Value]:
    """The values that both have; of two ranges the lowest of them, infinite if neither begins."""
    if isinstance(first, Range) and isinstance(second, Range):
        lowest = max(_ends(first)[0], _ends(second)[0])
        return [lowest] if lowest <= min(_ends(first)[1], _ends(second)[1]) else []
    if isinstance(first, Range) or isinstance(second, Range):
        within, values = (first, second) if isinstance(first, Range) else (second, first)
        low, high = _ends(cast("Range", within))
        return [value for value in listed(values) if isinstance(value, int | float) and low <= value <= high]
    return [value for value in listed(first) if value in listed(second) and value != OTHER]


def _ends(values: Range) -> tuple[float, float]:
    low, high = values.at_least, values.at_most
    return -math.inf if low is None else low, math.inf if high is None else high
