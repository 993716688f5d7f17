"""SECURITY.md promises nothing without a test: each promise names a file and a test in it, both of which exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISED = PAGE.partition("## What is promised")[2].partition("## What is not promised")[0]
ROWS = [line for line in PROMISED.splitlines() if line.startswith("| ")][1:]
ROWS = [line for line in ROWS if not line.startswith("| ---")]
NAMED = re.compile(r"\| \[(?P<name>\w+\.py)\]\((?P<path>tests/[\w/]+\.py)\) `(?P<test>test_\w+)` \|$")


def test_there_are_promises_and_what_is_not_promised():
    assert len(ROWS) > 20 and "can change figures" in PAGE.partition("## What is not promised")[2]


@pytest.mark.parametrize("row", ROWS)
def test_each_promise_has_its_test(row):
    found = NAMED.search(row)
    assert found, f"name the test of this promise: {row}"
    assert Path(found["path"]).name == found["name"]
    tree = ast.parse((ROOT / found["path"]).read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert found["test"] in tests, f"{found['path']} has no {found['test']}"
