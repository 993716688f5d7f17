"""Writes rules as VTL 2.1: datapoint rulesets for rules on single rows, checks for rules on totals and parts.

A rule that VTL cannot express, or only in part, becomes a comment with the reason. Source: SDMX Technical Working
Group, Validation and Transformation Language 2.1, reference manual (define datapoint ruleset, check_datapoint, check,
setdiff).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.catalogue.records import Unit
from divide_cli.frames.columns import fields, foreign_codes

_COMPONENTS = (*v.KEY, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, *v.QUANTITIES, "HALF")
_CODES = "code_unknown"
"""The rule whose codes the reader knows; other rules of its kind are about how a file is written."""


class Unsaid(StrEnum):
    """Why VTL cannot express a rule."""

    PEOPLE = "needs the population of each area by sex, age and place, which a submission does not contain"
    SERIES = "compares a value with the history of its series, after other rules have set rows aside"
    FILE = "checks how the file is written, which a data set does not show"
    TEXTS = "searches comments for words; VTL 2.1 cannot ignore the case of letters or report on a whole file"
    FURTHER = "is about parts of the country or further breakdowns, for which the data set has no columns"
    AGES = "reads the limits of age bands from their codes, and compares all bands of a key"
    TOGETHER = "checks all values of an indicator together"
    CHANCE = "tests all values of an indicator together against chance"
    PREVIOUS = "compares two submissions; an engine that has both can join them by key"
    PUBLISHED = "compares a submission with published figures; an engine that has both can join them by key"
    END = "needs the years in which each area existed"
    TODAY = "needs the day of the check"
    WAIVERS = "is about waivers, not about data"
    INTERVALS = "needs the columns of confidence intervals, which the data set does not have"
    TWO_COMMENTS = "reads the comments of two rows of one key"
    DECIMALS = "judges decimals by all values of a series, since programs drop a zero at the end"
    SEVERAL_YEARS = "counts the years of a series that agree; one year may agree by chance"


@dataclass(frozen=True)
class Statements:
    """How VTL expresses rules of a kind: the macro of `rules.vtl.j2` that writes a rule, and its arguments."""

    macro: str
    parts: Callable[[Rule], Mapping[str, Any]] = lambda _rule: {}


Vtl = Unsaid | Statements


def text(rules: Sequence[Rule], kinds: Mapping[str, Vtl]) -> str:
    """The rules as one VTL program on the data set DS_ROWS; each result has the id of its rule and contains what fails.

    `kinds` says how VTL expresses each kind of rule.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # not needed to check a submission

    statements, unsaid = [], []
    for rule in rules:
        vtl = of_rows(_known_codes) if rule.id == _CODES else kinds[rule.kind]
        if isinstance(vtl, Statements) and rule.id != _CODES:
            vtl = _why_not(rule) or vtl
        if isinstance(vtl, Unsaid):
            unsaid.append((rule, vtl))
        else:
            statements.append((rule, vtl.macro, vtl.parts(rule)))
    sound = {
        _among(v.INDICATOR, own): [f'{v.UNIT_MEASURE} = "{unit.id}"', *_bounds(unit.minimum, unit.maximum)]
        for unit, own in _by_unit()
    }
    files = FileSystemLoader(Path(__file__).parent)
    pages = Environment(loader=files, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 (no page)
    pages.filters |= {"remark": _remark, "number": _number}
    pages.globals |= {"key": ", ".join(v.KEY), "severities": v.SEVERITIES, "statements": statements}
    quantities = ", ".join(v.QUANTITIES)
    return pages.get_template("rules.vtl.j2").render(
        version=__version__, quantities=quantities, possible_year=possible_year()["holds"], sound=sound, unsaid=unsaid
    )


def _why_not(rule: Rule) -> Unsaid | None:
    """Why a rule is not exported although others of its kind are."""
    parameters = rule.parameters
    if parameters.get("throughout") or rule.scope.get("of_parts") or "where" in rule.scope:
        return Unsaid.FURTHER
    if "dimension" in parameters and parameters.get("finest"):
        return Unsaid.DECIMALS
    if rule.kind == "ordered" and "pattern" in parameters:
        return Unsaid.TEXTS
    if parameters.get("said_apart"):
        return Unsaid.TWO_COMMENTS
    if parameters.get("adds_to", "total") != "total" or parameters.get("years", [1])[0] > 1:
        return Unsaid.SEVERAL_YEARS
    return None


def _among(component: str, codes: Iterable[str]) -> str:
    """A condition: the component is one of the codes."""
    texts = ", ".join(f'"{code}"' for code in codes)
    return f"{component} in {{{texts}}}"


def _number(value: float) -> str:
    """A number as VTL writes it: without an exponent."""
    return f"{value:.12f}".rstrip("0").rstrip(".") or "0"


def _remark(words: str) -> str:
    """A comment; a sequence that would end it early is split."""
    return f"/* {' '.join(words.split()).replace('*/', '* /')} */"


def _indicators(rule: Rule) -> list[str] | None:
    """The indicators that the rule's scope names, by id or unit; None if it names all."""
    if {"units", "indicators", "without"}.isdisjoint(rule.scope):
        return None
    return [indicator.id for indicator in catalogue().indicators.values() if rule.is_asked_of(indicator)]


def _by_unit() -> list[tuple[Unit, list[str]]]:
    """The units that any indicator has, with these indicators."""
    indicators = catalogue().indicators.values()
    by_unit = [(unit, [one.id for one in indicators if one.unit == unit.id]) for unit in catalogue().units.values()]
    return [(unit, own) for unit, own in by_unit if own]


def _bounds(least: float | None, greatest: float | None) -> list[str]:
    """A condition: the value is within the bounds that are given."""
    limits = ((">=", least), ("<=", greatest))
    return [f"{v.OBS_VALUE} {sign} {_number(limit)}" for sign, limit in limits if limit is not None]


def of_rows(conditions: Callable[[Rule], Mapping[str, str]]) -> Statements:
    """Rules on single rows: the name of each condition, and what must be true."""

    def parts(rule: Rule) -> Mapping[str, Any]:
        texts = conditions(rule)
        components = [name for name in _COMPONENTS if any(re.search(rf"\b{name}\b", one) for one in texts.values())]
        return {"components": components, "conditions": texts}

    return Statements("of_rows", parts)


def _known_codes(_rule: Rule) -> Mapping[str, str]:
    """The codes of every column that has a codelist or a pattern: the reader rejects others as unknown."""
    shape = str(fields("observations")[v.AGE]["constraints"]["pattern"])
    names = (*v.KEY[:-1], v.OBS_STATUS)
    codes = {name: foreign_codes("observations", name) or () for name in names}
    codes[v.INDICATOR] = tuple(catalogue().indicators)
    conditions = {name: _among(name, codes[name]) for name in names}
    conditions[v.AGE] = f'match_characters({v.AGE}, "{shape}")'
    return {f"in_{name}": condition for name, condition in conditions.items()}


def holds(condition: str | Callable[[Rule], str], **derived: Callable[[Rule], float]) -> Statements:
    """One condition on the rows of the rule's scope, with parameters of the rule and `derived` numbers filled in."""

    def conditions(rule: Rule) -> Mapping[str, str]:
        indicators = _indicators(rule)
        when = f"when {_among(v.INDICATOR, indicators)} then " if indicators is not None else ""
        text = condition if isinstance(condition, str) else condition(rule)
        return {"holds": when + _filled(text, rule, derived)}

    return of_rows(conditions)


def _filled(condition: str, rule: Rule, derived: Mapping[str, Callable[[Rule], float]] | None = None) -> str:
    """The condition with the numbers of the rule: its parameters, the margin of its tolerance, and others."""
    numbers = {name: value for name, value in rule.parameters.items() if isinstance(value, int | float)}
    numbers |= {"room": rule.tolerance + v.EXACT, "exact": v.EXACT} | {
        name: of(rule) for name, of in (derived or {}).items()
    }
    return condition.format(**{name: _number(value) for name, value in numbers.items()})


def out_of_range(rule: Rule) -> Mapping[str, str]:
    """The least and the greatest value of each unit, or `most`."""
    scope, conditions, most = _indicators(rule), {}, rule.parameters.get("most")
    for unit, indicators in _by_unit():
        own = [code for code in indicators if scope is None or code in scope]
        greatest = min((bound for bound in (unit.maximum, most) if bound is not None), default=None)
        bounds = _bounds(
            None if unit.minimum is None else unit.minimum - rule.tolerance - v.EXACT,
            None if greatest is None else greatest + rule.tolerance + v.EXACT,
        )
        if own and bounds:
            conditions[f"of_{unit.id}"] = f"when {_among(v.INDICATOR, own)} then {' and '.join(bounds)}"
    return conditions


def possible_year(_rule: Rule | None = None) -> Mapping[str, str]:
    """The years of the schema of observations."""
    bounds = fields("observations")[v.TIME_PERIOD]["constraints"]
    return {"holds": f"{v.TIME_PERIOD} >= {bounds['minimum']} and {v.TIME_PERIOD} <= {bounds['maximum']}"}


def unit_of_indicator(_rule: Rule) -> Mapping[str, str]:
    """The unit of each indicator."""
    return {
        f"of_{unit.id}": f'when {_among(v.INDICATOR, own)} then {v.UNIT_MEASURE} = "{unit.id}"'
        for unit, own in _by_unit()
    }


def share_of_counts(rule: Rule) -> str:
    """A condition: the percentage equals that of the two counts, whatever their scale.

    It has no division: a denominator of zero is a fault in the data, and must not stop the engine.
    """
    fits = " or ".join(
        f"abs({100 * scale} * NUMERATOR - OBS_VALUE * DENOMINATOR) <= (HALF + {{room}}) * DENOMINATOR"
        for scale in (1, *rule.parameters.get("scales", ()))
    )
    incomplete = "isnull(NUMERATOR) or isnull(DENOMINATOR) or isnull(OBS_VALUE)"
    return f"{incomplete} or (DENOMINATOR > 0 and ({fits}))"


# rules that compare rows


def sides(condition: str | Callable[[Rule], str], total: bool = True) -> Statements:
    """A condition on TOTAL, ONE and OTHER, the total and its parts in one row.

    Cases of other exported rules are left to these.
    """

    def parts(rule: Rule) -> Mapping[str, Any]:
        indicators = _indicators(rule)
        codes = dict(zip(("ONE", "OTHER"), rule.parameters["parts"], strict=True))
        return {
            "condition": _filled(condition if isinstance(condition, str) else condition(rule), rule),
            "codes": {"TOTAL": v.TOTAL, **codes} if total else codes,
            "scope": f"[filter {_among(v.INDICATOR, indicators)}]" if indicators is not None else "",
        }

    return Statements("sides", parts)


def less(one: str, other: str) -> str:
    """The smaller of two numbers."""
    return f"(if {one} < {other} then {one} else {other})"


def more(one: str, other: str) -> str:
    """The greater of two numbers."""
    return f"(if {one} > {other} then {one} else {other})"


def total_between(_rule: Rule) -> str:
    """A condition: the total is between its parts, each as an interval."""
    least, greatest = less("ONE - HALF_ONE", "OTHER - HALF_OTHER"), more("ONE + HALF_ONE", "OTHER + HALF_OTHER")
    return f"{least} - (TOTAL + HALF_TOTAL) <= {{room}} and (TOTAL - HALF_TOTAL) - {greatest} <= {{room}}"


NOT_BEHIND = "OTHER - ONE - HALF_ONE - HALF_OTHER <= {room}"
"""A condition: the first of two sides reaches the second."""


ordered = Statements("ordered", lambda rule: {"condition": _filled(NOT_BEHIND, rule)})
"""A check for each pair of neighbours in the order."""
