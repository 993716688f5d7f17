"""The same design gives the same numbers on every engine. pandas is the yardstick; its numbers are those of R."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from divide_cli import concepts as v
from divide_cli.api.surveys import tabulate
from divide_cli.errors import DivideError, OptionError
from divide_cli.survey import engines
from divide_cli.survey.example import write_example
from divide_cli.survey.tabulation import Tabulation
from tests.survey.conftest import DaskCluster

ROOT = Path(__file__).resolve().parents[2]
OTHERS = ("duckdb", "polars", "dask", "spark")
DESIGN: dict[str, Any] = {
    "survey": {"name": "Made-up persons"},
    "area": "TUN",
    "year": 2024,
    "weight": "weight",
    "strata": "stratum",
    "clusters": "unit",
    "breakdowns": {
        "SEX": {"variable": "sex", "codes": {1: "M", 2: "F"}, "unknown": [9]},
        "URBANISATION": {"variable": "area", "codes": {"urban": "URB", "rural": "RUR"}},
        "AGE": {"variable": "age", "bands": ["Y15T24", "Y25T74"]},
    },
    "indicators": {
        "internet_use": {"variable": "internet", "yes": [1], "no": [2], "not_stated": [8], "ages": [15, 74]},
        "hours": {"name": "Hours online", "kind": "mean", "variable": "hours"},
        "users": {"name": "Users", "kind": "total", "variable": "internet", "yes": [1], "no": [2], "not_stated": [8]},
    },
}
BY = ["SEX,URBANISATION,AGE,SEX:URBANISATION:AGE"]


def design_of(folder: Path, **keys: Any) -> Path:
    path = folder / "design.yaml"
    content = {key: value for key, value in {**DESIGN, **keys}.items() if value is not None}
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def assert_same(one: Tabulation, other: Tabulation) -> None:
    """Texts are equal; numbers agree to 1e-10, relative to the greatest of the column where they should be 0."""
    pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-10, atol=1e-12)
    pd.testing.assert_frame_equal(one.gaps, other.gaps, rtol=1e-10, atol=1e-10)
    assert one.notes == other.notes
    mine, others = one.published.estimates.covariances, other.published.estimates.covariances
    assert list(mine) == list(others)
    for key, matrix in mine.items():
        np.testing.assert_allclose(matrix, others[key], rtol=1e-10, atol=1e-10 * np.nanmax(np.abs(matrix), initial=0))


@pytest.fixture(params=OTHERS)
def other(request: pytest.FixtureRequest) -> str:
    """Each engine but pandas; Spark with the one session of the tests. Skipped if it is not installed."""
    if request.param == "spark":
        request.getfixturevalue("spark")
    else:
        pytest.importorskip({"dask": "distributed"}.get(request.param, request.param))
    return request.param


def test_households_with_a_roster_and_finite_populations(other: str, tmp_path: Path) -> None:
    """The example: joins of two files, two stages with finite populations, every indicator and breakdown."""
    write_example(tmp_path)
    data, design = tmp_path / "households.csv", tmp_path / "design.yaml"
    assert_same(tabulate(data, design=design), tabulate(data, design=design, engine=other))


def test_persons_with_missing_answers_in_parquet(other: str, persons: pd.DataFrame, tmp_path: Path) -> None:
    """Missing answers, sexes and places; texts as codes; bands of ages; a mean and a total; partitioned Parquet."""
    persons.to_parquet(tmp_path / "data", partition_cols=["stratum"])
    design = design_of(tmp_path)
    expected = tabulate(tmp_path / "data", design=design, by=BY)
    table = expected.table
    assert {"internet_use", "hours", "users"} == set(table[v.INDICATOR]) and table[v.STD_ERR].notna().all()
    assert_same(expected, tabulate(tmp_path / "data", design=design, by=BY, engine=other))


def test_replicate_weights_in_csv(other: str, persons: pd.DataFrame, tmp_path: Path) -> None:
    """Bootstrap weights of 33 columns: more products, 66, than one group-by takes."""
    draws = np.random.default_rng(5).poisson(1.0, (len(persons), 33)) * persons[["weight"]].to_numpy()
    names = [f"rep{number}" for number in range(1, 34)]
    pd.concat([persons, pd.DataFrame(draws, columns=names)], axis=1).to_csv(tmp_path / "data.csv", index=False)
    only = {"internet_use": DESIGN["indicators"]["internet_use"]}
    replicates = {"columns": "rep*", "method": "bootstrap"}
    design = design_of(tmp_path, strata=None, clusters=None, replicate_weights=replicates, indicators=only)
    expected = tabulate(tmp_path / "data.csv", design=design, by=["SEX"])
    assert expected.replicates == 33
    assert_same(expected, tabulate(tmp_path / "data.csv", design=design, by=["SEX"], engine=other))


def test_stata_file(other: str, persons: pd.DataFrame, tmp_path: Path) -> None:
    """A file that only pandas reads is handed to the engine."""
    pyreadstat = pytest.importorskip("pyreadstat", reason="pyreadstat is not installed (extra microdata)")
    numbers = persons.astype({"sex": float, "internet": float}).assign(area=persons["area"].astype(object))
    pyreadstat.write_dta(numbers, str(tmp_path / "data.dta"))
    design = design_of(tmp_path)
    expected = tabulate(tmp_path / "data.dta", design=design, by=["SEX,URBANISATION"])
    assert_same(expected, tabulate(tmp_path / "data.dta", design=design, by=["SEX,URBANISATION"], engine=other))


def test_faults_are_the_same(other: str, persons: pd.DataFrame, tmp_path: Path) -> None:
    """A negative weight and a value that the design does not list: the same errors, with the same counts."""
    persons.assign(weight=persons["weight"].where(persons.index > 2, -1.0)).to_csv(tmp_path / "data.csv", index=False)
    messages = []
    for engine in ("pandas", other):
        with pytest.raises(DivideError) as raised:
            tabulate(tmp_path / "data.csv", design=design_of(tmp_path, breakdowns=ONE_SEX), by=["SEX"], engine=engine)
        messages.append(str(raised.value))
    assert messages[0] == messages[1] and "negative" in messages[0] and "9 in " in messages[0]


ONE_SEX = {**DESIGN["breakdowns"], "SEX": {"variable": "sex", "codes": {1: "M", 2: "F"}}}


def test_dask_cluster(dask_cluster: DaskCluster, persons: pd.DataFrame, tmp_path: Path) -> None:
    """The same on the processes of a cluster, which is found by its address."""
    persons.to_parquet(tmp_path / "data", partition_cols=["stratum"])
    design = design_of(tmp_path)
    expected = tabulate(tmp_path / "data", design=design, by=BY)
    on_cluster = tabulate(tmp_path / "data", design=design, by=BY, engine="dask", master=dask_cluster.address)
    assert_same(expected, on_cluster)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "sqlite"}, "engine_unknown"),
        ({"name": "pandas", "master": "tcp://127.0.0.1:8786"}, "engine_without_cluster"),
        ({"name": "dask", "master": "8786"}, "cluster_address_malformed"),
        ({"name": "dask", "master": "tcp://"}, "cluster_address_malformed"),
        ({"name": "spark", "master": "tcp://127.0.0.1:7077"}, "cluster_address_malformed"),
        ({"name": "duckdb", "memory": "-1GB"}, "memory_malformed"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, str], code: str) -> None:
    if options["name"] == "duckdb":
        pytest.importorskip("duckdb")
    with pytest.raises(OptionError) as raised, engines.running(**options):
        pytest.fail("the engine has started")
    assert raised.value.code == code


@pytest.mark.parametrize(("engine", "address"), [("dask", "tcp://127.0.0.1:1"), ("spark", "spark://127.0.0.1:1")])
def test_address_that_does_not_answer(engine: str, address: str) -> None:
    pytest.importorskip({"dask": "distributed", "spark": "pyspark"}[engine])
    with pytest.raises(DivideError) as raised, engines.running(engine, address):
        pytest.fail("the engine has started")
    assert raised.value.code == "cluster_unreachable" and raised.value.exit_code == 3
    assert raised.value.where == address


@pytest.mark.parametrize("engine", ["duckdb", "polars", "dask"])
def test_command_prints_nothing_else(engine: str, tmp_path: Path) -> None:
    """A process of its own: no leaks, advice or logs of libraries on standard error, and nothing temporary is left."""
    pytest.importorskip({"dask": "distributed"}.get(engine, engine))
    write_example(tmp_path)
    (tmp_path / "temporary").mkdir()
    command = [
        sys.executable,
        "-m",
        "divide_cli",
        "tabulate",
        "households.csv",
        "--design",
        "design.yaml",
        "--by",
        "SEX",
    ]
    own = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")}
    options = ["--indicator", "internet_use", "--engine", engine, "--out", "figures.csv"]
    run = subprocess.run([*command, *options], cwd=tmp_path, env=own, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert all(line.startswith("wrote ") for line in run.stderr.splitlines()), run.stderr
    assert list((tmp_path / "temporary").iterdir()) == []


def test_failing_engine_writes_nothing(persons: pd.DataFrame, tmp_path: Path) -> None:
    """Cells of the second file are texts where the first one has numbers: exit code 3, one error, no file."""
    pytest.importorskip("duckdb")
    (tmp_path / "data").mkdir()
    persons[:100].to_csv(tmp_path / "data" / "1.csv", index=False)
    persons[100:200].assign(weight="heavy").to_csv(tmp_path / "data" / "2.csv", index=False)
    design_of(tmp_path)
    command = [sys.executable, "-m", "divide_cli", "tabulate", "data", "--design", "design.yaml", "--engine", "duckdb"]
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    options = ["--out", "figures.csv"]
    run = subprocess.run([*command, *options], cwd=tmp_path, env=own, capture_output=True, text=True, check=False)
    assert run.returncode == 3 and run.stdout == ""
    assert run.stderr.startswith("divide: error: the engine duckdb could not finish") and "heavy" in run.stderr
    assert not (tmp_path / "figures.csv").exists()
