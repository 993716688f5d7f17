"""Rules that somebody gives: held to the form of the catalogue's own before any is applied.

What a kind takes is read off the catalogue's rules of that kind: the names of its parameters, which all of them have,
and of what type each is. A wrong entry is one error that names file, entry and key.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, cast

from divide_cli.catalogue.codelists import codelist
from divide_cli.catalogue.entries import build
from divide_cli.catalogue.load import catalogue
from divide_cli.catalogue.records import Rule
from divide_cli.catalogue.user_yaml import given_yaml
from divide_cli.errors import CatalogueError, collecting, suggestion

FILLED_IN = ("key", "found", "expected", "detail", "count")
"""What a message may fill in."""
_FREE = ("expected", "pattern", "unless")
"""Parameters that are any text; others of text are one of those that the catalogue's rules have."""
_BROKEN_DOWN = ("SEX", "AGE", "URBANISATION")


def rules_from(path: Path) -> dict[str, Rule]:
    """The rules of a user's YAML, in the form of rules.yaml. CatalogueError, SourceError for what is of another."""
    content = given_yaml(path, "rules")
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise CatalogueError("rules_file_malformed", found=type(content).__name__, where=str(path))
    rules: dict[str, Rule] = {}
    errors: list[CatalogueError] = []
    for name, entry in content.items():
        with collecting(errors):
            rules[str(name)] = _rule(str(name), entry, f"{path}, entry {name}")
    if errors:
        raise CatalogueError.of(errors)
    return rules


def _rule(name: str, entry: Mapping[Any, Any], where: str) -> Rule:
    rule = build(Rule, {"id": name, **{str(key): value for key, value in entry.items()}}, where, "rule_entry_wrong")
    _message(rule, where)
    _scope(rule, where)
    alike = [other for other in catalogue().rules.values() if other.kind == rule.kind]
    if not alike:
        kinds = sorted({other.kind for other in catalogue().rules.values()})
        raise CatalogueError(
            "rule_kind_unknown",
            expected=", ".join(kinds),
            found=rule.kind,
            where=where,
            hint=suggestion(rule.kind, kinds, "`divide rules`"),
        )
    _parameters(rule, alike, where)
    return rule


def _wrong(what: str, expected: str, found: Any, where: str) -> CatalogueError:
    return CatalogueError(
        "rule_entry_wrong",
        what=what,
        expected=expected,
        found=found if isinstance(found, str) else f"{found!r:.200}",
        where=where,
    )


def _message(rule: Rule, where: str) -> None:
    """The message fills in the five texts that there are, and formats nothing."""
    try:
        parts = list(Formatter().parse(rule.message))
    except ValueError as error:
        raise _wrong("message", "braces in pairs", str(error), where) from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in FILLED_IN or form or conversion):
            raise _wrong("message", ", ".join(f"{{{part}}}" for part in FILLED_IN), f"{{{name}}}", where)


def _scope(rule: Rule, where: str) -> None:
    indicators, units = catalogue().indicators, catalogue().units
    lists: Mapping[str, Collection[str]] = {"indicators": indicators, "without": indicators, "units": units}
    for name, codes in lists.items():
        for code in cast("list[str]", rule.scope.get(name, [])):
            if code not in codes:
                raise _wrong(f"scope, {name}", suggestion(code, codes, "`divide list`"), code, where)


def _parameters(rule: Rule, alike: Sequence[Rule], where: str) -> None:
    needed = set.intersection(*(set(one.parameters) for one in alike))
    possible = set[str]().union(*(one.parameters for one in alike))
    if not needed <= set(rule.parameters) <= possible:
        optional = f"; and perhaps {', '.join(sorted(possible - needed))}" if possible - needed else ""
        names = ", ".join(sorted(map(str, rule.parameters))) or "none"
        raise _wrong("parameters", (", ".join(sorted(needed)) or "none") + optional, names, where)
    for name, value in rule.parameters.items():
        examples = [one.parameters[name] for one in alike if name in one.parameters]
        _parameter(name, value, examples, f"{where}, parameters")


def _parameter(name: str, value: Any, examples: Sequence[Any], where: str) -> None:
    example = examples[0]
    if _is_number(example):
        fits, expected = _is_number(value), "a number"
    elif isinstance(example, str) and name not in _FREE and name != "dimension":
        words = sorted({str(one) for one in examples})
        fits, expected = value in words, ", ".join(words)
    else:
        fits, expected = _alike(value, example), f"as in {example!r}"
    if name == "dimension":
        fits, expected = value in _BROKEN_DOWN, ", ".join(_BROKEN_DOWN)
    if name == "order":
        fits = fits and all(code in catalogue().indicators for code in value)
        expected = "ids of indicators"
    if name in ("parts", "scopes"):
        codes = {code for dimension in _BROKEN_DOWN for code in codelist(f"CL_{dimension}").codes}
        fits = fits and all(code in codes for code in value) and (name != "parts" or len(value) == 2)
        expected = "codes, two of them" if name == "parts" else "codes"
    if name in ("pattern", "unless") and fits:
        try:
            re.compile(value)
        except (re.error, RecursionError, OverflowError) as error:
            raise _wrong(name, "a regular expression", str(error), where) from error
    if not fits:
        raise _wrong(name, expected, value, where)


def _alike(value: Any, example: Any) -> bool:
    """Whether the value is of the example's type, and lists hold what its list holds."""
    if isinstance(example, list):
        numbers = _is_number(example[0])
        pair = not numbers or len(value) == len(example) if isinstance(value, list) else False
        return pair and all(_is_number(one) if numbers else isinstance(one, str) for one in value)
    return type(value) is type(example)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
