"""States are values: no module finds out what happened by looking for words in a comment, a label or a printed cell."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "divide_cli").rglob("*.py"))
SEARCHES = {
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "partition",
    "rpartition",
    "split",
    "find",
    "index",
}
FORMAL = {
    "/worksheet": "type of a relation in a workbook, Office Open XML",
    ".xml": "name of a part of a workbook",
    ".tmp": "name of a temporary file",
    ".json": "name of a file",
    "para ": "how the claims of a resolution say where a figure stands (data/claims)",
    "https:": "scheme of an address",
    "utf": "name of an encoding",
    "column ": "name that a reader gives to a column without a header",
    "<frame ": "beginning of the name of a table in memory",
    "Error": "end of the name of a class of errors (PEP 8)",
}
"""Literals that a standard or a name of a file defines, and that no edit of a text can change."""


def searched(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each literal that a text is searched for, with its line: x.startswith("..."), "..." in x, x.str.contains("...")."""
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHES:
            parts = [part for argument in node.args for part in getattr(argument, "elts", [argument])]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            held = node.comparators[0]
            parts = [] if isinstance(held, (ast.Tuple, ast.Set, ast.List, ast.Dict)) else [node.left]
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield node.lineno, part.value


def test_no_text_is_searched_for_words() -> None:
    """A literal of several words, or one that may occur in our texts, is not a state."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {literal!r}"
        for path in MODULES
        for line, literal in searched(ast.parse(path.read_text(encoding="utf-8")))
        if re.search(r"[A-Za-z]{3,}", literal) and " " in literal.strip() and literal not in FORMAL
    ]
    assert not wrong, f"give the state a column, a flag or an enum: {wrong}"


def test_no_word_is_looked_for_at_the_ends_of_a_text() -> None:
    ends = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition"}
    wrong = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ends:
                for part in [part for argument in node.args for part in getattr(argument, "elts", [argument])]:
                    text = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
                    if re.search(r"[a-z]{3,}", text) and text not in FORMAL:
                        wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {text!r}")
    assert not wrong, f"give the state a column, a flag or an enum: {wrong}"


def test_no_comment_is_searched() -> None:
    """`x in row[OBS_COMMENT]` and `frame[OBS_COMMENT].str...` outside the module that writes comments."""
    for path in MODULES:
        if path.name == "columns.py":
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bin \w+\[(v\.)?OBS_COMMENT\](?! for)|OBS_COMMENT\]\.str\.", text), path
