"""A kind of rule is declared next to its function, used by a rule, and given the parameters that the function takes."""

import re
from collections.abc import Sequence
from inspect import Parameter
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from msgspec.structs import replace

from divide_cli.catalogue import Rule, catalogue
from divide_cli.validation.rules import TOGETHER, kinds

RULES = catalogue().rules
COMMON = ("dimension", "parts", "expected")
"""Parameters that mean the same in every kind."""


def fits(value: Any, hint: Any) -> bool:
    """Whether a value of YAML is of the type that a function says."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in parts
    if origin is UnionType:
        return any(fits(value, part) for part in parts)
    if origin is Sequence:
        return isinstance(value, list) and all(fits(one, parts[0]) for one in value)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is hint


def trouble(rule: Rule) -> list[str]:
    """What is wrong with the parameters of a rule."""
    known = kinds()[rule.kind].parameters
    given = {name: value for name, value in rule.parameters.items() if name not in TOGETHER}
    needed = {name for name, parameter in known.items() if parameter.default is Parameter.empty}
    return [
        *(f"{name} is missing" for name in sorted(needed - set(given))),
        *(f"{name} is no parameter of the kind" for name in sorted(set(given) - set(known))),
        *(
            f"{name} is {value!r}, not {known[name].annotation}"
            for name, value in given.items()
            if name in known and not fits(value, known[name].annotation)
        ),
    ]


def test_each_kind_is_declared_and_used() -> None:
    used = {rule.kind for rule in RULES.values()}
    assert used - set(kinds()) == set(), "declare a function of that name with @kind in divide_cli/validation"
    assert set(kinds()) - used == set(), "data/catalogue/rules.yaml has no rule of the kind"


@pytest.mark.parametrize("name", sorted(kinds()))
def test_each_rule_gives_what_its_kind_takes(name: str) -> None:
    wrong = {rule.id: found for rule in RULES.values() if rule.kind == name and (found := trouble(rule))}
    assert not wrong, f"data/catalogue/rules.yaml and the keyword arguments of {name} differ: {wrong}"


@pytest.mark.parametrize("name", sorted(kinds()))
def test_each_kind_and_parameter_is_described(name: str) -> None:
    """The docstring of a kind is what a contributor and `divide rules` know of it."""
    kind = kinds()[name]
    described = kind.function.__doc__ or ""
    unsaid = [one for one in kind.parameters if one not in COMMON and not re.search(rf"\b{one}\b", described)]
    assert described and not unsaid, f"{name}: say what {unsaid} mean"


def test_a_parameter_that_is_forgotten_or_mistyped_is_named() -> None:
    rule = RULES["spike"]
    assert trouble(replace(rule, parameters={"alone": "8", "retuns": 2})) == [
        "returns is missing",
        "retuns is no parameter of the kind",
        "alone is '8', not <class 'float'>",
    ]
