"""Whether rules can be applied: their kinds, parameters, scopes, messages; a user's file may hold anything."""

import re
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from divide_cli.catalogue import Rule, catalogue
from divide_cli.errors import CatalogueError, suggestion
from divide_cli.rules import APART, KINDS

PLACES = ("key", "found", "expected", "detail", "count")
"""What a message may name."""
SCOPE = ("indicators", "units", "without", "where", "subnational", "further", "of_parts", "families")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "duplicate_key": ("values",),
    "fractions": ("least", "reach"),
    "slip": ("factor", "apart", "near"),
    "lonely_zero": ("neighbours",),
    "too_precise": ("most",),
    "total_outside": ("dimension", "parts"),
    "composition": ("dimension", "parts", "adds_to"),
    "one_side": ("dimension", "parts"),
    "swapped": ("dimension", "parts", "years", "apart", "alike"),
    "sum_of_parts": ("years", "least"),
    "implied_share": ("dimension", "parts", "scopes", "subnational", "points"),
    "age_bands": ("what",),
    "mean_of_bands": ("uncertainty", "years", "history", "spread"),
    "ordered": ("order",),
    "side_behind": ("dimension", "parts"),
    "same_sides": ("dimension", "parts", "least"),
    "copied": ("lag", "least", "share"),
    "copied_across": ("least", "distinct", "share"),
    "total_beyond_parts": ("least",),
    "stands_apart": ("least", "times"),
    "filled_down": ("dimension", "parts"),
    "jump": ("of", "many", "share"),
    "ratio": ("among", "least", "C", "A", "U"),
    "repeated": ("ceiling",),
    "small_sample": ("least",),
    "imprecise": ("most",),
    "wide_interval": ("z", "wide", "narrow", "relative"),
    "implausible_error": ("least", "most"),
    "says": ("pattern",),
    "unsaid": ("pattern",),
    "digit_preference": ("least", "z"),
    "unreadable": ("subjects",),
    "refused": ("subjects",),
    "ignored": ("reasons",),
    "remark": ("remark",),
    "against_previous": ("what",),
    "waiver": ("what",),
}
"""Parameters that a kind cannot do without; the docstring of each kind says what they mean."""


def require_sound(rules: Iterable[Rule]) -> None:
    """CatalogueError for the first rule that cannot be applied: what is wrong with it, and what is known."""
    every = list(rules)
    for rule in every:
        where = f"rule {rule.id}"
        if rule.kind not in (*KINDS, *APART):
            known = [*KINDS, *APART]
            raise CatalogueError(
                "a kind of rule is unknown",
                found=str(rule.kind),
                where=where,
                hint=suggestion(str(rule.kind), known, "CONTRIBUTING.md"),
            )
        lacking = [name for name in PARAMETERS.get(rule.kind, ()) if name not in rule.parameters]
        if lacking:
            raise CatalogueError(
                "a rule lacks parameters",
                expected=", ".join(PARAMETERS[rule.kind]),
                found=f"no {', '.join(lacking)}",
                where=where,
                hint=f"look at a rule of the kind {rule.kind} in data/catalogue/rules.yaml",
            )
        _check_message(rule, where)
        _check_scope(rule, where)
        _check_values(rule, where)


def _check_message(rule: Rule, where: str) -> None:
    try:
        named = {name for _, name, _, _ in Formatter().parse(rule.message) if name is not None}
    except ValueError as error:
        raise CatalogueError("a message has an open bracket", found=str(error), where=where) from error
    unknown = sorted(named - set(PLACES))
    if unknown:
        raise CatalogueError(
            "a message has a place that nothing fills",
            expected=", ".join(f"{{{name}}}" for name in PLACES),
            found=", ".join(f"{{{name}}}" for name in unknown),
            where=where,
        )


def _check_scope(rule: Rule, where: str) -> None:
    unknown = [name for name in rule.scope if name not in SCOPE]
    codes = [*rule.scope.get("indicators", ()), *rule.scope.get("without", ())]
    lacking = [code for code in codes if code not in catalogue().indicators]
    if unknown or lacking:
        raise CatalogueError(
            "a scope is unknown",
            expected=", ".join(SCOPE) if unknown else "indicators of the catalogue",
            found=", ".join(map(str, unknown or lacking)),
            where=where,
            hint=suggestion(str(lacking[0]), catalogue().indicators, "`divide list indicators`") if lacking else "",
        )


def _check_values(rule: Rule, where: str) -> None:
    """Numbers are numbers, patterns are patterns, both parts are named."""
    if not _is_number(rule.tolerance):
        raise CatalogueError("a tolerance is not a number", found=repr(rule.tolerance), where=where)
    for name, value in rule.parameters.items():
        if name in ("pattern", "unless"):
            try:
                re.compile(str(value))
            except re.error as error:
                raise CatalogueError("a pattern is none", found=f"{value!r}: {error}", where=where) from error
        wrong = name == "parts" and (not isinstance(value, list | tuple) or len(value) != 2)
        if wrong or (name in _NUMBERS and not _is_number(value)):
            expected = "two codes" if name == "parts" else "a number"
            raise CatalogueError(f"the parameter {name} is wrong", expected=expected, found=repr(value), where=where)


_NUMBERS = {
    *("least", "most", "reach", "factor", "apart", "near", "neighbours", "many", "share", "ceiling", "spread", "alike"),
    *("C", "A", "U", "z", "wide", "narrow", "relative", "lag", "uncertainty", "points"),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
