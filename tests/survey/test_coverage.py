"""How often intervals contain the truth: the frozen study, and a small new run of it."""

import csv
import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "survey"
SAMPLES = 60


def table() -> list[dict[str, str]]:
    with (FOLDER / "coverage.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def study():
    spec = importlib.util.spec_from_file_location("survey_coverage_study", FOLDER / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["survey_coverage_study"] = module
    spec.loader.exec_module(module)
    return module


def test_the_frozen_study_has_each_share_of_each_design() -> None:
    """2,000 samples with at least 30 clusters; the true shares are those asked for, to a point."""
    cells = {(row["design"], row["estimate"], row["share"]) for row in table()}
    names = [design.name for design in study().DESIGNS]
    assert cells == {(d, e, str(s)) for d in names for e in ("share", "difference") for s in study().SHARES}
    assert {row["samples"] for row in table()} == {"2000"}
    assert min(int(row["clusters"]) for row in table()) >= 30
    shares = [row for row in table() if row["estimate"] == "share"]
    assert all(abs(float(row["true_value"]) - float(row["share"])) < 1 for row in shares)


def test_intervals_of_the_frozen_study_cover_93_to_97_percent() -> None:
    assert [row for row in table() if not 93 <= float(row["coverage"]) <= 97] == []


@pytest.mark.parametrize("place", [0, 3])
def test_a_small_run_of_the_study_agrees_with_the_frozen_one(place: int) -> None:
    """60 new samples of two designs: each coverage within four standard errors of the difference to the frozen one."""
    design = study().DESIGNS[place]
    frozen = {(row["estimate"], row["share"]): row for row in table() if row["design"] == design.name}
    for row in study().rows_of(design, [study().drawn(place, 1000, SAMPLES)]):
        stated = frozen[row["estimate"], row["share"]]
        expected = float(stated["coverage"]) / 100
        error = np.sqrt(max(expected * (1 - expected), 0.01) * (1 / SAMPLES + 1 / float(stated["samples"])))
        assert abs(float(row["coverage"]) / 100 - expected) < 4 * error, row
        assert row["true_value"] == stated["true_value"]
