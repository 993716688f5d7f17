"""YAML of users (rules, waivers, claims), read as possibly malicious data; and the rules in it.

An alias stands for all that it names: a kilobyte of nested aliases is thousands of millions of values. They are counted
before anything is built. The safe loader rejects tags that would create objects.

Rules are checked against the form of the catalogue's own before any is applied. The parameters of a kind, and their
types, are those of the catalogue's rules of that kind. A wrong entry is one error that names file, entry and key.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from string import Formatter
from typing import Any, ClassVar, NamedTuple, cast

import yaml

from divide_cli.catalogue.codelists import codelist
from divide_cli.catalogue.entries import allowed, build
from divide_cli.catalogue.load import catalogue
from divide_cli.catalogue.rules import Rule
from divide_cli.errors import CatalogueError, SourceError, collecting, reason_of, suggestion
from divide_cli.language import commas, say

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlainLoader(LOADER):  # type: ignore[misc,valid-type]
    """The safe loader with the scalars of YAML 1.2: `yes`, `no`, `NO`, `010` and days are texts, not values."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for _tag, _form, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+0123456789."),
):
    PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), list(_first))

DEEPEST = 50
"""Levels of nesting; rules and waivers have four."""
FILLED_IN = ("key", "found", "expected", "detail", "count")
"""The names that a message may fill in."""
_FREE = ("expected", "pattern", "unless")
"""Parameters that may be any text; others must have a text that a rule of the catalogue has."""
_BROKEN_DOWN = ("SEX", "AGE", "URBANISATION")


class UserYaml(NamedTuple):
    """A YAML file: its bytes, its content, and the nodes with their lines (None if the file is empty)."""

    raw: bytes
    content: Any
    node: yaml.Node | None

    def line(self, *path: str | int) -> int:
        """The line of the value at the keys and positions of the path, or of its key if it has one; counted from 1."""
        node, line = self.node, 1
        for step in path:
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
                line = node.start_mark.line + 1
            elif isinstance(node, yaml.MappingNode):
                pairs = [(name, value) for name, value in node.value if name.value == step]
                if not pairs:
                    break
                name, node = pairs[-1]
                line = name.start_mark.line + 1
        return line


def read_user_yaml(path: Path, what: str, loader_class: Any = LOADER) -> UserYaml:
    """The YAML file of a user, `what` in words; SourceError if it cannot be read, is not YAML, or is too large."""
    limits = catalogue().limits
    try:
        if path.exists() and not path.is_file():
            raise _refused(what, path, say("something other than a file"))
        with path.open("rb") as handle:
            raw = handle.read(limits["yaml_bytes"].most + 1)
        if len(raw) > limits["yaml_bytes"].most:
            raise _refused(
                what,
                path,
                say("more"),
                say("at most {most:,} {things}", most=limits["yaml_bytes"].most, things=limits["yaml_bytes"].name),
            )
        text = raw.decode("utf-8-sig")
        _refuse_deep(text, loader_class)
        with ExitStack() as stack:
            loader = loader_class(text)
            stack.callback(loader.dispose)
            node = loader.get_single_node()
            if node is None:
                return UserYaml(raw, None, None)
            if _size(node, {}) > limits["yaml_values"].most:
                most = say(
                    "at most {most:,} {things}", most=limits["yaml_values"].most, things=limits["yaml_values"].name
                )
                raise _refused(what, path, say("more"), most)
            return UserYaml(raw, loader.construct_document(node), node)
    except OSError as error:
        raise _refused(what, path, reason_of(error), say("a readable file")) from error
    except RecursionError as error:
        raise _refused(what, path, say("more than {deepest} levels of nesting", deepest=DEEPEST)) from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, IndexError, AttributeError) as error:
        # 2026-02-31, a number of thousands of digits, a tag that its text does not fit
        reason = " ".join(str(error).replace(' in "<unicode string>",', " at").split())
        raise _refused(what, path, reason) from error


def given_yaml(path: Path, what: str) -> Any:
    """The content of a user's YAML file; SourceError as for read_user_yaml."""
    return read_user_yaml(path, what).content


def _refused(what: str, path: Path, found: str, expected: str = "") -> SourceError:
    return SourceError(
        "user_yaml_unreadable", what=what, expected=expected or say("a YAML file"), found=found, where=str(path)
    )


def _refuse_deep(text: str, loader_class: Any) -> None:
    """RecursionError if values are nested so deeply that building them would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=loader_class):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RecursionError


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else []


def _size(node: yaml.Node, sizes: dict[int, int], depth: int = 0) -> int:
    """How many values a node stands for, including those of aliases. RecursionError if it contains itself.

    YAMLError if a mapping in it has a key twice.
    """
    if depth > DEEPEST:
        raise RecursionError
    if id(node) not in sizes:
        _refuse_twice(node)
        sizes[id(node)] = 1 + sum(_size(child, sizes, depth + 1) for child in _children(node))
    return sizes[id(node)]


def _refuse_twice(node: yaml.Node) -> None:
    """YAMLError if a mapping has a key twice; YAML would silently use the last."""
    names: set[str] = set()
    for name, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(name, yaml.ScalarNode):
            if name.value in names:
                raise yaml.YAMLError(f"line {name.start_mark.line + 1}: {name.value} occurs twice")
            names.add(name.value)


def rules_from(path: Path) -> dict[str, Rule]:
    """The rules of a user's YAML, in the form of rules.yaml; otherwise CatalogueError or SourceError."""
    content = given_yaml(path, say("the rules file"))
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise CatalogueError("rules_file_malformed", found=allowed(type(content)), where=str(path))
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
    if rule.id != name:
        raise _wrong("id", say("{name}, the name of the entry", name=name), rule.id, where)
    _message(rule, where)
    _scope(rule, where)
    alike = [other for other in catalogue().rules.values() if other.kind == rule.kind]
    if not alike:
        kinds = sorted({other.kind for other in catalogue().rules.values()})
        hint = suggestion(rule.kind, kinds, "`divide rules`")
        raise CatalogueError("rule_kind_unknown", expected=commas(kinds), found=rule.kind, where=where, hint=hint)
    _parameters(rule, alike, where)
    return rule


def _wrong(what: str, expected: str, found: Any, where: str, **parts: str) -> CatalogueError:
    text = found if isinstance(found, str) else f"{found!r:.200}"
    return CatalogueError("rule_entry_wrong", what=what, expected=expected, found=text, where=where, **parts)


def _message(rule: Rule, where: str) -> None:
    """Checks that the message fills in only the five texts that exist, without format specifications."""
    try:
        parts = list(Formatter().parse(rule.message))
    except ValueError as error:
        raise _wrong("message", say("braces in pairs"), str(error), where) from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in FILLED_IN or form or conversion):
            raise _wrong("message", commas(f"{{{part}}}" for part in FILLED_IN), f"{{{name}}}", where)


def _scope(rule: Rule, where: str) -> None:
    indicators, units = catalogue().indicators, catalogue().units
    lists: Mapping[str, Collection[str]] = {"indicators": indicators, "without": indicators, "units": units}
    for name, codes in lists.items():
        for code in cast("list[str]", rule.scope.get(name, [])):
            if code not in codes:
                listing = "`divide show CL_UNIT_MEASURE`" if name == "units" else "`divide list indicators`"
                raise _wrong(f"scope, {name}", say("a known id"), code, where, hint=suggestion(code, codes, listing))


def _parameters(rule: Rule, alike: Sequence[Rule], where: str) -> None:
    needed = set.intersection(*(set(one.parameters) for one in alike))
    possible = set[str]().union(*(one.parameters for one in alike))
    if not needed <= set(rule.parameters) <= possible:
        optional = say("; optional: {names}", names=commas(sorted(possible - needed))) if possible - needed else ""
        names = commas(sorted(map(str, rule.parameters))) or say("none")
        raise _wrong("parameters", (commas(sorted(needed)) or say("none")) + optional, names, where)
    for name, value in rule.parameters.items():
        examples = [one.parameters[name] for one in alike if name in one.parameters]
        _parameter(name, value, examples, f"{where}, parameters")


def _parameter(name: str, value: Any, examples: Sequence[Any], where: str) -> None:
    example = examples[0]
    if _is_number(example):
        fits, expected = _is_number(value), say("a number")
    elif isinstance(example, str) and name not in _FREE and name != "dimension":
        words = sorted({str(one) for one in examples})
        fits, expected = value in words, commas(words)
    else:
        fits, expected = _alike(value, example), say("like {example}", example=repr(example))
    codes = {code for dimension in _BROKEN_DOWN for code in codelist(f"CL_{dimension}").codes}
    lists: dict[str, tuple[Collection[str], str]] = {
        "dimension": (_BROKEN_DOWN, commas(_BROKEN_DOWN)),
        "order": (catalogue().indicators, say("ids of indicators")),
        "parts": (codes, say("two codes")),
        "scopes": (codes, say("codes")),
    }
    if name in lists:
        allowed, expected = lists[name]
        fits = fits and all(code in allowed for code in ([value] if name == "dimension" else value))
        fits = fits and (name != "parts" or len(value) == 2)
    if name in ("pattern", "unless") and fits:
        try:
            re.compile(value)
        except (re.error, RecursionError, OverflowError) as error:
            raise _wrong(name, say("a regular expression"), str(error), where) from error
    if not fits:
        raise _wrong(name, expected, value, where)


def _alike(value: Any, example: Any) -> bool:
    """Whether the value has the type of the example, and lists have elements of the same type."""
    if isinstance(example, list):
        numbers = _is_number(example[0])
        pair = not numbers or len(value) == len(example) if isinstance(value, list) else False
        return pair and all(_is_number(one) if numbers else isinstance(one, str) for one in value)
    return type(value) is type(example)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
