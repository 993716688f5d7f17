"""The made-up survey of `--example`: the same in every run, with a truth that its samples estimate without bias."""

import csv
import io
import math
import random
import statistics
from pathlib import Path
from typing import Any

import pytest

from divide_cli.errors import SourceError
from divide_cli.survey import example
from divide_cli.survey.design_file import read_design
from divide_cli.survey.microdata import open_microdata
from divide_cli.survey.variables import needed, prepare


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def share(households: list[dict[str, Any]], value: Any) -> float:
    """The weighted share of the households or persons of a sample; the weight is that of the household."""
    pairs = [(float(one["hh_weight"]), value(one)) for one in households]
    return 100 * sum(weight * y for weight, y in pairs) / sum(weight for weight, _ in pairs)


def test_the_files_are_the_same_in_every_run() -> None:
    assert example.example_files() == example.example_files()


def test_files_that_exist_are_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "survey"
    written = example.write_example(folder)
    assert {path.name for path in written} == {"households.csv", "persons.csv", "design.yaml", "truth.csv"}
    with pytest.raises(SourceError) as raised:
        example.write_example(folder)
    assert raised.value.code == "survey_example_unwritable"


def test_samples_estimate_the_truth_without_bias() -> None:
    """Of 60 samples of one population, the mean is within 3.5 of its standard errors of the share in the population."""
    rng = random.Random(1)
    population = [household for stratum in example.STRATA for household in example._stratum(rng, *stratum)]
    truth = 100 * sum(one["h_internet"] == 1 for one in population) / len(population)
    shares = [share(example._sampled(rng, population), lambda one: one["h_internet"] == 1) for _ in range(60)]
    error = statistics.stdev(shares) / math.sqrt(len(shares))
    assert abs(statistics.mean(shares) - truth) < 3.5 * error


def test_the_design_reads_the_files_as_plain_python_does(tmp_path: Path) -> None:
    """Internet users: `net_last` is 1 or 2; no if `net_ever` is 2 or `net_last` is 3; else not stated."""
    example.write_example(tmp_path / "survey")
    folder = tmp_path / "survey"
    households = {one["hh_id"]: one for one in rows((folder / "households.csv").read_text())}
    persons = [{**households[one["hh_id"]], **one} for one in rows((folder / "persons.csv").read_text())]
    answered = [one for one in persons if one["net_ever"] == "2" or one["net_last"] in ("1", "2", "3")]
    expected = {
        "households_with_internet": share(list(households.values()), lambda one: one["h_internet"] == "1"),
        "households_with_computer": share(
            list(households.values()), lambda one: "1" in (one["h_computer"], one["h_tablet"])
        ),
        "internet_use": share(answered, lambda one: one["net_last"] in ("1", "2")),
        "mobile_ownership": share(
            [one for one in persons if one["phone"] != "9" and int(one["age"]) >= 10],
            lambda one: one["phone"] in ("1", "2"),
        ),
    }
    read = read_design(folder / "design.yaml")
    assert read.roster_path is not None
    data = open_microdata(folder / "households.csv", needed(read))
    prepared = prepare(data, read, roster=open_microdata(read.roster_path, needed(read)))
    found = {}
    for one in prepared:
        frame = one.frame.collect().to_pandas()
        w = frame[one.weight].astype(float)
        for quantity in one.quantities:
            found[quantity.indicator] = (
                100 * (w * frame[quantity.numerator]).sum() / (w * frame[quantity.denominator]).sum()
            )
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)
