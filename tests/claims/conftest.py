"""Claims in tests: the embedded ones, and small files written for a test."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from divide_cli.catalogue.claims import ClaimsFile
from divide_cli.claims.claims_file import embedded, load, selection
from divide_cli.claims.reproduce import Outcome, Reproduction, reproduce

Write = Callable[..., Path]

PLAIN = {
    "id": "one",
    "where": "page 1",
    "statement": "A figure.",
    "printed": "73.6",
    "unit": "PT",
    "qualifier": "exactly",
    "selector": {"indicator": "internet_use", "area": "WLD", "year": 2025},
    "editions": ["itu_aggregates_2025_11"],
    "relations": [],
    "expect": "quoted",
}


def claim(**keys: Any) -> dict[str, Any]:
    """A claim as data of YAML; it has a reason, so that any verdict may be expected."""
    return {**PLAIN, "reason": "A test.", **keys}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(claim(...), claim(...))` -> the path of a claims file."""

    def make(*claims: Mapping[str, Any], name: str = "report.yaml") -> Path:
        publication = {"id": "report", "title": "A report", "date": "2026-01-01", "citation": "A report, 2026"}
        path = tmp_path / name
        text = yaml.safe_dump({"publication": publication, "claims": list(claims)}, sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        return path

    return make


def run(*paths: Path, **options: Any) -> Reproduction:
    """The outcomes of files, as the command makes them."""
    files = [load(path) for path in paths]
    return reproduce(files, selection(files, ()), **options)


def only(path: Path, **options: Any) -> Outcome:
    """The outcome of a file's only claim."""
    outcomes = run(path, **options).outcomes
    assert len(outcomes) == 1
    return outcomes[0]


@pytest.fixture(scope="session")
def shipped() -> tuple[ClaimsFile, ...]:
    """The embedded claims files."""
    return tuple(load(path) for path in embedded())


@pytest.fixture(scope="session")
def base(shipped: tuple[ClaimsFile, ...]) -> Reproduction:
    """The outcomes of all embedded claims."""
    return reproduce(shipped, selection(shipped, ()))
