"""Each command once in a process of its own: it prints and exits as in the process of the tests."""

import pytest
import typer.main

from divide_cli.cli.commands import app

SUBMISSION = (
    "REF_AREA,INDICATOR,SEX,AGE,URBANISATION,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\nKEN,internet_use,_T,_T,_T,2020,x,PT\n"
)
RUNS = {
    "chart": ["chart", "no_chart"],
    "claims": ["claims", "new", "report.yaml"],
    "compute": ["compute", "--gap", "internet_use_sex", "--year", "2023", "--format", "json", "--no-write"],
    "diff": ["diff", "wdi_2025_10", "wdi_2026_08", "--area", "LIC", "--year", "2023", "--format", "json"],
    "edition": ["edition", "add", "missing.csv", "--id", "own"],
    "explain": ["explain", "internet_use", "LIC", "2024", "--format", "json"],
    "fetch": ["fetch", "no_indicator"],
    "list": ["list", "gaps"],
    "lock": ["lock", "--help"],
    "measure": ["measure", "internet_use_sex", "--format", "csv"],
    "profile": ["profile", "KEN", "--format", "json"],
    "read": ["read", "figures.csv", "--format", "json"],
    "report": ["report", "nowhere"],
    "reproduce": ["reproduce", "--only", "p21_urban"],
    "rules": ["rules", "--format", "yaml"],
    "show": ["show", "internet_use"],
    "tabulate": ["tabulate", "missing.csv", "--design", "missing.yaml"],
    "targets": ["targets", "--area", "RUS"],
    "template": ["template", "internet_use", "--area", "KEN"],
    "validate": ["validate", "figures.csv"],
}


def test_every_command_has_a_run() -> None:
    assert set(typer.main.get_command(app).commands) == set(RUNS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("arguments", RUNS.values(), ids=RUNS)
def test_a_process_of_its_own_gives_the_same(divide, divide_process, arguments, tmp_path):
    (tmp_path / "figures.csv").write_text(SUBMISSION, encoding="utf-8")
    here = divide(*arguments)
    (tmp_path / "report.yaml").unlink(missing_ok=True)
    there = divide_process(*arguments)
    there.stdout = there.stdout.replace("python -m divide_cli", "divide")
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)
