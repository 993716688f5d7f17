"""The functions of the api: their words are those of the commands, and what a command needs comes with their result."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from divide_cli import api
from divide_cli.catalogue import catalogue
from divide_cli.cli import analysis, files, profile, reproduce
from divide_cli.errors import NothingComputedError, OptionError, SourceError

HEAD = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
ROWS = "KEN,internet_use,M,2020,40\nKEN,internet_use,F,2020,30\n"
OF_PYTHON_ALONE = {"beside", "tell"}
"""Words that no option stands for: what is printed decides the first, the terminal the second."""


@pytest.fixture
def figures(tmp_path: Path) -> str:
    path = tmp_path / "figures.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("function", "command"),
    [
        (api.compute, analysis.compute),
        (api.measure, analysis.measure),
        (api.targets, analysis.targets),
        (api.profile, profile.profile),
        (api.read, files.read),
        (api.validate, files.validate),
        (api.reproduce, reproduce.reproduce),
        (api.lock, reproduce.lock),
    ],
)
def test_words_and_defaults_are_those_of_the_command(function: Callable[..., Any], command: Callable[..., Any]) -> None:
    words, options = inspect.signature(function).parameters, inspect.signature(command).parameters
    assert set(words) - OF_PYTHON_ALONE <= set(options)
    for name in set(words) - OF_PYTHON_ALONE:
        default = options[name].default
        assert words[name].default in (inspect.Parameter.empty, default), name


def test_published_figures_come_with_the_result(figures: str) -> None:
    result = api.compute([figures], gaps=["internet_use_sex"])
    assert "KEN" in set(result.gaps["REF_AREA"])
    assert result.published is not None and "itu_aggregates_2025_11" in result.published.sources
    assert api.compute([figures], gaps=["internet_use_sex"], beside=False).published is None


def test_noise_of_arithmetic_is_not_computed_with(tmp_path: Path) -> None:
    """Men 100.00000000000001 are 100, women 40: 60 points apart, and no value above 100."""
    path = tmp_path / "noise.csv"
    path.write_text(f"{HEAD}KEN,internet_use,M,2020,100.00000000000001\nKEN,internet_use,F,2020,40\n", encoding="utf-8")
    gaps = api.compute([str(path)], gaps=["internet_use_sex"], areas=["KEN"], beside=False).gaps
    points = gaps[gaps["MEASURE"] == "absolute_difference"].iloc[0]
    assert (points["REFERENCE_VALUE"], points["OBS_VALUE"]) == (100.0, 60.0)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda path: api.compute([path], years=[1901]), "nothing_computed"),
        (lambda path: api.measure("internet_use_sex", [path], years=[1901]), "nothing_measured"),
        (lambda path: api.targets([path], years=[1901]), "no_target_assessed"),
        (lambda path: api.profile(["KEN", path], years=[1901]), "no_profile"),
    ],
)
def test_nothing_is_an_error(call: Callable[[str], object], code: str, figures: str) -> None:
    with pytest.raises(NothingComputedError) as caught:
        call(figures)
    assert caught.value.code == code and "1901" in caught.value.found


@pytest.mark.parametrize(
    "call",
    [
        lambda: api.compute(gaps=["internet_use_sx"]),
        lambda: api.measure("internet_use_sx"),
        lambda: api.targets(targets=["universal"]),
        lambda: api.profile(["KNE"]),
        lambda: api.read(["x.csv"], area="KNE"),
        lambda: api.validate(["x.csv"], only=["jmup"]),
        lambda: api.reproduce(only=["p21_urbn"]),
        lambda: api.fetch(["internet_us"]),
        lambda: api.template("internet_us"),
        lambda: api.entries("indicatrs"),
        lambda: api.entry("intrnet_use"),
    ],
)
def test_an_unknown_word_is_an_error_with_the_nearest_ones(call: Callable[[], object]) -> None:
    with pytest.raises(OptionError) as caught:
        call()
    assert "did you mean" in caught.value.hint


def test_a_file_that_cannot_be_read_stands_beside_those_that_can(figures: str) -> None:
    good, bad = api.read([figures, "missing.csv"])
    assert good.error is None and good.read is not None and len(good.read.frame) == 2
    assert bad.read is None and isinstance(bad.error, SourceError)


def test_a_validation_describes_all_its_rules(figures: str) -> None:
    validation = api.validate([figures], skip=["jump"])
    assert list(validation.rules) == [*(name for name in catalogue().rules if name != "jump"), "jump"]
    assert not validation.report.unreadable and validation.report.inputs[0].used == 2


def test_what_moved_since_a_lock_comes_with_the_outcomes(tmp_path: Path) -> None:
    out = tmp_path / "divide.lock"
    api.lock(out=out)
    again = api.reproduce(only=["p21_urban"], lock=out)
    assert again.changes is not None and again.changes and all("removed" in line for line in again.changes)
    assert api.reproduce(only=["p21_urban"]).changes is None


def test_an_order_that_names_a_subgroup_twice_is_refused_before_anything_is_read() -> None:
    with pytest.raises(OptionError) as caught:
        api.measure("internet_use", ["absent.csv"], over="WEALTH", order="Q1, Q2,Q1,Q3", areas=["KEN"])
    assert (caught.value.code, caught.value.found) == ("order_repeats", "Q1")


def test_covariances_of_subgroups_are_a_file(tmp_path: Path) -> None:
    """50 and 60 with variances 4 and 2.25 and covariance 3: the difference has a variance of 4 + 2.25 - 6 = 0.25."""
    figures, covariance = tmp_path / "sexes.csv", tmp_path / "covariance.csv"
    head = HEAD.strip() + ",STD_ERR\n"
    figures.write_text(f"{head}KEN,internet_use,M,2022,60,1.5\nKEN,internet_use,F,2022,50,2\n", encoding="utf-8")
    covariance.write_text("REF_AREA,TIME_PERIOD,SUBGROUP,OTHER_SUBGROUP,COVARIANCE\nKEN,2022,M,F,3\n", encoding="utf-8")
    words = {"areas": ["KEN"], "measures": ["absolute_difference"]}
    (row,) = api.measure("internet_use_sex", [str(figures)], covariance=covariance, **words).frame.to_dict("records")
    assert row["CI_UPPER"] - row["OBS_VALUE"] == pytest.approx(1.959964 * 0.5, rel=1e-6)
    (row,) = api.measure("internet_use_sex", [str(figures)], **words).frame.to_dict("records")
    assert row["CI_UPPER"] - row["OBS_VALUE"] == pytest.approx(1.959964 * 2.5, rel=1e-6)
    with pytest.raises(SourceError) as caught:
        api.measure("internet_use_sex", [str(figures)], covariance=tmp_path / "absent.csv")
    assert "absent.csv" in caught.value.where
