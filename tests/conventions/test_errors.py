"""Errors are values: each that is raised has an entry in messages.yaml, each entry is raised, and rules name codes."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from divide_cli.errors import DivideError, messages

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "divide_cli").rglob("*.py"))


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from subclasses(narrower)


ERRORS = {kind.__name__ for kind in subclasses(DivideError)}


def raised() -> Iterator[tuple[str, str]]:
    """Where an error is made, and the code that it is made with, where that is written there."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if name in (*ERRORS, "refusal", "unknown") and node.args:
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", part.value


def test_each_error_that_is_raised_has_an_entry() -> None:
    unknown = [f"{place}: {code}" for place, code in raised() if code not in messages()]
    assert not unknown, f"add them to divide_cli/errors/messages.yaml: {unknown}"


def test_each_entry_is_raised_somewhere() -> None:
    constants = {
        node.value
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for path in (ROOT / "data" / "catalogue" / "dataflows").glob("*.yaml"):
        constants |= set(re.findall(r"\bcode: (\w+)", path.read_text(encoding="utf-8")))
    unused = sorted(set(messages()) - constants)
    assert not unused, f"nothing raises them: {unused}"


@pytest.mark.parametrize("name", ["subject", "expected", "found", "hint"])
def test_templates_name_their_parts(name: str) -> None:
    for code, entry in messages().items():
        assert set(entry) <= {"subject", "expected", "found", "hint"} and entry["subject"], code
        for _, part, _, _ in string.Formatter().parse(entry.get(name, "")):
            assert part is None or part.isidentifier(), f"{code}, {name}: a part of a template has a name, not {part!r}"


def test_rules_name_errors_by_code() -> None:
    rules = yaml.safe_load((ROOT / "data" / "catalogue" / "rules.yaml").read_text(encoding="utf-8"))
    for rule, entry in rules.items():
        parameters = entry.get("parameters") or {}
        for code in (
            *parameters.get("errors", ()),
            *(parameters.get("codes", ()) if entry["kind"] == "ignored" else ()),
        ):
            assert code == "*" or code in messages(), f"{rule}: {code} is no code of messages.yaml"
