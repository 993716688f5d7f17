"""Figures that their unit makes impossible are refused; what is improbable of a whole file is doubted aloud."""

import json

import pytest

from divide_cli.catalogue import catalogue

TIDY = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE"
COMMANDS = [
    ("compute", "figures.csv", "--no-write"),
    ("measure", "internet_use", "figures.csv", "--over", "SEX", "--area", "KEN"),
    ("targets", "figures.csv", "--area", "KEN"),
]
PEOPLE = {"KEN": 56_432_944, "UGA": 50_015_092}
"""UN, World Population Prospects 2024: people in 2024."""


@pytest.fixture
def write(tmp_path):
    """`write("KEN,internet_use,_T,2023,0.42", ...)` writes figures.csv."""

    def make(*rows, name="figures.csv", header=TIDY):
        (tmp_path / name).write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")

    return make


def by_sex(*values):
    return [f"KEN,internet_use,{sex},2023,{value}" for sex, value in zip(("_T", "F", "M"), values, strict=True)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_percentages_that_may_be_fractions_are_doubted(divide, write, command):
    """0.42 for 42: on stderr, in the notes of the table and in the JSON; the values are computed with as they stand."""
    write(*by_sex("0.46", "0.42", "0.51"))
    doubt = "figures.csv: no value of internet_use is above 1 % (3 values, 0.42 to 0.51)."
    shown = divide(*command)
    assert f"divide: warning: {doubt}" in shown.stderr and "multiply them by 100" in shown.stderr
    assert doubt in " ".join(shown.stdout.split())
    made = json.loads(divide(*command, "--format", "json").stdout)
    assert [text.startswith(doubt) for text in made["meta"]["doubts"]] == [True]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("values", [("46", "42", "51"), ("0.9", "0.8", "1.01"), ("0", "0", "0")])
def test_other_percentages_are_not(divide, write, command, values):
    """A value above 1 belongs to percentages, and a series of zeros is one before a network arrives."""
    write(*by_sex(*values))
    shown = divide(*command)
    assert "arning" not in shown.stderr + shown.stdout


def test_the_doubt_is_about_one_series_of_one_file(divide, write):
    write(*by_sex("0.46", "0.42", "0.51"), "KEN,mobile_ownership,_T,2023,71.5")
    write("UGA,internet_use,_T,2023,15.3", name="other.csv")
    warnings = [line for line in divide("compute", "figures.csv", "other.csv", "--no-write").stderr.splitlines()
                if line.startswith("divide: warning")]  # fmt: skip
    assert len(warnings) == 1 and "figures.csv: no value of internet_use" in warnings[0]


@pytest.mark.parametrize(
    ("value", "doubted", "refused"),
    [("420", False, False), ("500", False, False), ("700", True, False), ("1000", True, False),
     ("1001", False, True), ("2800000", False, True)],
)  # fmt: skip
def test_counts_in_place_of_rates(divide, write, value, doubted, refused):
    """Above 500 per 100 inhabitants: doubted, since ITU has published none. Above 1000, ten for each person: refused."""
    write(f"KEN,mobile_cellular_subscriptions,_T,2023,{value}")
    shown = divide("compute", "figures.csv", "--no-write")
    assert (
        "divide: warning: figures.csv: 1 value of mobile_cellular_subscriptions above 500" in shown.stderr
    ) is doubted
    assert (shown.returncode == 3) is refused
    if refused:
        assert "figures.csv:2" in shown.stderr and "0 to 1000 (PER_100_POP)" in shown.stderr
        assert "a number given in place of a rate" in shown.stderr


def test_the_rule_and_the_border_have_one_limit():
    limits = {catalogue().units[name].impossible for name in ("PER_100_POP", "PER_100_HH")}
    assert limits == {catalogue().rules["rate_is_a_count"].parameters["most"]}


@pytest.mark.parametrize(("divisor", "times"), [(1, ""), (1000, "0.001 times"), (1_000_000, "1e-06 times")])
@pytest.mark.parametrize("command", [COMMANDS[0], ("measure", "internet_use", "figures.csv", "--over", "REF_AREA")])
def test_people_in_thousands_or_millions_are_doubted(divide, write, divisor, times, command):
    """The World Bank's people of the same areas and year are the same to 1 %, so that the quotient is 1, 1/1000, 1e-6."""
    write("KEN,internet_use,_T,2024,35", "UGA,internet_use,_T,2024,15")
    rows = [f"{area},2024,{people / divisor}" for area, people in PEOPLE.items()]
    write(*rows, name="people.csv", header="REF_AREA,TIME_PERIOD,OBS_VALUE")
    shown = divide(*command, "--population", "people.csv")
    warnings = [line for line in shown.stderr.splitlines() if line.startswith("divide: warning")]
    assert [times in line and "people.csv" in line and "thousands or millions" in line for line in warnings] == (
        [True] if times else []
    )
