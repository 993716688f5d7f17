"""`import divide_cli`: the words of the commands, their output byte for byte, frames in place of files, results that do not change."""

import doctest
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
import typer

import divide_cli
from divide_cli import cli
from divide_cli.api.python import results
from divide_cli.reports import option_words
from tests.runner import divide

PRINTING = {
    "format", "out", "to", "table", "write", "excel_safe", "covariance_out", "init", "example", "findings",
}  # fmt: skip
"""Options of commands that only concern what is printed or written, or that stand for another command."""
FUNCTIONS = (
    "chart", "compute", "diff", "explain", "measure", "profile", "read", "report", "reproduce", "tabulate", "targets",
    "validate",
)  # fmt: skip
EDITION = "itu_aggregates_2025_11"


def options_of(name: str) -> dict[str, inspect.Parameter]:
    """The parameters of a command by the word that is typed: `--min-coverage` is `min_coverage`, and so on.

    The word of an option is its first long name, and of a pair `--x/--no-x` the first; an argument has its own name.
    """
    from divide_cli.cli.commands import app

    callback = next(one for one in app.registered_commands if one.name == name).callback
    parameters = inspect.signature(callback).parameters
    words = {}
    for declared in typer.main.get_command(app).commands[name].params:
        if declared.name in parameters:
            long = next((option for option in declared.opts if option.startswith("--")), declared.name)
            words[long.removeprefix("--").replace("-", "_")] = parameters[declared.name]
    assert len(words) == len(parameters)
    return words


@pytest.mark.parametrize("name", FUNCTIONS)
def test_words_and_defaults_are_those_of_the_command(name: str) -> None:
    """Each keyword is an option as it is typed, whatever the program calls it within."""
    options = options_of(name)
    words = inspect.signature(getattr(divide_cli, name)).parameters
    assert set(words) == set(options) - PRINTING
    for word, parameter in words.items():
        default = options[word].default
        required = parameter.default is parameter.empty or default in (None, parameter.empty)
        assert required or parameter.default == default, word
        if default is not None and default is not parameter.empty:
            assert parameter.default == default, word


def test_functions_are_all_commands_that_have_results() -> None:
    """The others write files, or print the catalogue, which is `divide_cli.catalogue`."""
    from divide_cli.cli.commands import app

    others = {"fetch", "list", "lock", "rules", "show", "template"}
    assert {one.name for one in app.registered_commands} - others == set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted({*FUNCTIONS}))
def test_options_take_the_words_and_numbers_that_the_command_takes(name: str) -> None:
    for option, parameter in options_of(name).items():
        kind, info = get_args(parameter.annotation)[:2]
        choices = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, StrEnum)]
        if option not in PRINTING and hasattr(info, "min"):
            assert choices == [one for name, one in option_words.CHOICES.items() if name == option], option
        limits = (info.min, info.max)
        assert limits == option_words.LIMITS.get(option, (None, None)), option


def test_import_loads_nothing_heavy() -> None:
    code = "import divide_cli, sys; print([name for name in ('pandas', 'pyarrow', 'numpy', 'typer', 'yaml') if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_every_public_name_is_there_and_listed() -> None:
    for name in divide_cli.__all__:
        assert getattr(divide_cli, name) is not None
    assert set(divide_cli.__all__) <= set(dir(divide_cli))
    with pytest.raises(AttributeError, match="no attribute 'computes'"):
        divide_cli.computes  # noqa: B018


def public() -> list[tuple[str, Any]]:
    """The functions, results and errors, and the public methods of every result, by name."""
    named = [(name, getattr(divide_cli, name)) for name in divide_cli.__all__ if name != "catalogue"]
    of_result = [(f"Result.{name}", value) for name, value in vars(results.Result).items() if not name.startswith("_")]
    return [*named, *of_result]


def members() -> list[tuple[str, str]]:
    """The results, and what each offers besides what every result does."""
    found = [name for name in divide_cli.__all__ if name[0].isupper() and not name.endswith("Error")]
    return [
        (name, member)
        for name in found
        if name != "Result"
        for member, value in vars(getattr(divide_cli, name)).items()
        if not member.startswith("_") and (isinstance(value, property) or inspect.isfunction(value))
    ]


def examples_of(value: Any, name: str) -> doctest.DocTest:
    text = inspect.getdoc(value.fget if isinstance(value, property) else value) or ""
    found = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert found.examples, f"{name} has no example"
    return found


@pytest.mark.parametrize("name", sorted({name for name, _ in members()}))
def test_examples_of_members_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each goes on from the example of its result, as the reference shows them."""
    monkeypatch.chdir(tmp_path)
    kind, drawn = getattr(divide_cli, name), {"Page.to_html", "Picture.to_svg", "Picture.to_png"}
    whole = examples_of(kind, name)
    for member in (member for of, member in members() if of == name):
        example = examples_of(vars(kind)[member], f"{name}.{member}")
        if f"{name}.{member}" not in drawn or find_spec("vl_convert"):
            whole.examples += example.examples
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(whole, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize(("name", "value"), public(), ids=[name for name, _ in public()])
def test_examples_run(name: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "Result.to_polars":
        pytest.importorskip("polars", reason="a library of frames that the oldest environment lacks")
    monkeypatch.chdir(tmp_path)
    example = examples_of(value, name)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=report.append)
    assert not report, "".join(report)


def test_examples_of_the_package_run() -> None:
    assert doctest.testmod(divide_cli).failed == 0


@pytest.mark.parametrize("name", sorted({*FUNCTIONS} | {"editions"}))
def test_functions_are_documented(name: str) -> None:
    text = inspect.getdoc(getattr(divide_cli, name)) or ""
    assert all(f"{part}:" in text for part in ("Args", "Returns", "Raises"))
    words = set(inspect.signature(getattr(divide_cli, name)).parameters)
    assert not [word for word in words if word not in text], "each word is explained, or named as explained elsewhere"


HEAD = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
ROWS = (
    "KEN,internet_use,M,2024,40\nKEN,internet_use,F,2024,30\nUGA,internet_use,M,2024,20\nUGA,internet_use,F,2024,350\n"
)
GOOD = ROWS.replace("350", "15")
CALLS: list[tuple[list[str], Callable[[], Any]]] = [
    (["compute", "good.csv", "--no-write"], lambda: divide_cli.compute("good.csv")),
    (["compute", "--edition", EDITION, "--area", "EUR", "--no-write"],
     lambda: divide_cli.compute(edition=EDITION, area="EUR")),
    (["compute", "--sort", "value", "--indicator", "internet_use", "--year", "2023", "--no-write"],
     lambda: divide_cli.compute(sort="value", indicator="internet_use", year=2023)),
    (["measure", "internet_use_sex", "good.csv", "--area", "KEN"],
     lambda: divide_cli.measure("internet_use_sex", "good.csv", area=["KEN"])),
    (["targets", "--area", "KEN", "--area", "AFR"], lambda: divide_cli.targets(area=["KEN", "AFR"])),
    (["profile", "KEN", "UGA", "--year", "2022"], lambda: divide_cli.profile("KEN", "UGA", year=2022)),
    (["explain", "internet_use", "LIC", "2023"], lambda: divide_cli.explain("internet_use", "LIC", 2023)),
    (["explain", "p21_urban"], lambda: divide_cli.explain("p21_urban")),
    (["diff", "good.csv", "more.csv"], lambda: divide_cli.diff("good.csv", "more.csv")),
    (["read", "good.csv", "bad.csv"], lambda: divide_cli.read(["good.csv", "bad.csv"])),
    (["validate", "bad.csv", "--against", "none"], lambda: divide_cli.validate("bad.csv", against="none")),
    (["reproduce", "--only", "p21_urban"], lambda: divide_cli.reproduce(only="p21_urban")),
    (["list", "editions"], divide_cli.editions),
    (["tabulate", "survey/households.csv", "--design", "survey/design.yaml", "--by", "SEX"],
     lambda: divide_cli.tabulate("survey/households.csv", design="survey/design.yaml", by="SEX")),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, rows in {"good": GOOD, "bad": ROWS, "more": GOOD.replace("20\n", "21\n")}.items():
        (tmp_path / f"{name}.csv").write_text(HEAD + rows, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("words", "call"), CALLS, ids=[" ".join(words) for words, _ in CALLS])
def test_json_markdown_and_exit_code_are_those_of_the_command(
    words: list[str], call: Callable[[], Any], folder: Path
) -> None:
    if words[0] == "tabulate":
        divide(folder, "tabulate", "--example", "survey")
    as_json, as_markdown = (divide(folder, *words, "--format", form) for form in ("json", "markdown"))
    result = call()
    assert result.to_json() == as_json.stdout
    assert result.exit_code == as_json.returncode
    assert result.to_markdown() == as_markdown.stdout
    frames, printed = result.tables, json.loads(as_json.stdout)
    for name in set(frames) & set(printed) - {"claims"}:  # a row of that frame is a basis of a claim
        assert len(frames[name]) == len(printed[name])


def test_tables_are_in_the_language_and_frames_in_english(folder: Path) -> None:
    spoken = divide_cli.compute("good.csv", gap="internet_use_sex", lang="fr")
    words = ["compute", "good.csv", "--gap", "internet_use_sex", "--no-write"]
    assert spoken.to_markdown() == divide(folder, *words, "--format", "markdown", "--lang", "fr").stdout
    assert spoken.to_json() == divide(folder, *words, "--format", "json").stdout
    assert 'lang="fr"' in spoken._repr_html_()


def test_pages_are_those_of_the_command(folder: Path) -> None:
    assert (
        divide_cli.validate("bad.csv", against="none").to_html()
        == divide(folder, "validate", "bad.csv", "--against", "none", "--format", "html").stdout
    )
    pytest.importorskip("vl_convert")
    assert divide_cli.chart("ranking").to_svg() + "\n" == divide(folder, "chart", "ranking").stdout


def test_results_do_not_change(folder: Path) -> None:
    result = divide_cli.compute("good.csv")
    before = result.to_json()
    frame = result.gaps
    frame["OBS_VALUE"] = 0.0
    assert result.gaps["OBS_VALUE"].ne(0).any() and result.to_json() == before
    with pytest.raises(AttributeError):
        result.extra = 1


def test_the_configuration_of_the_folder_is_used(folder: Path) -> None:
    (folder / "divide.toml").write_text('files = ["bad.csv"]\nfail-on = "warning"\n', encoding="utf-8")
    result = divide_cli.validate(against="none")
    assert result.to_json() == divide(folder, "validate", "--against", "none", "--format", "json").stdout
    assert result.exit_code == 1


def test_words_of_an_option(folder: Path) -> None:
    """One word, several words, and a range of years are the same as on the command line."""
    one = divide_cli.compute("good.csv", gap="internet_use_sex", area="Kenya", year=range(2020, 2025))
    several = divide_cli.compute(["good.csv"], gap=("internet_use_sex",), area=["KEN"], year="2020:2024")
    pd.testing.assert_frame_equal(one.gaps, several.gaps)
    assert cli is not None


def test_an_option_that_is_not_repeated_takes_one_word(folder: Path) -> None:
    """`--indicator` of `divide read` says what the file has, and is one word; that of `divide compute` is repeated."""
    pd.DataFrame({"REF_AREA": ["KEN"], "TIME_PERIOD": 2024, "OBS_VALUE": [35.0]}).to_csv("bare.csv", index=False)
    assert divide_cli.read("bare.csv", indicator="internet_use").figures["INDICATOR"].tolist() == ["internet_use"]


@pytest.mark.parametrize("word", ["area", "edition", "gap", "indicator", "measure", "year"])
def test_errors_name_the_word_that_was_typed(word: str) -> None:
    with pytest.raises(divide_cli.OptionError) as raised:
        divide_cli.compute(**{word: [None]})
    assert (raised.value.code, raised.value.where) == ("words_not_understood", f"{word}=")


def test_words_that_no_option_has_are_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'gaps'"):
        divide_cli.compute(gaps="internet_use_sex")


def test_two_years_of_diff_are_those_of_the_command(folder: Path) -> None:
    """`--years` compares two years, `--year` limits to some: one year is not two ends, as text or as number."""
    words = ["diff", EDITION, "--years", "2019:2023", "--indicator", "internet_use", "--area", "AFR"]
    result = divide_cli.diff(EDITION, years="2019:2023", indicator="internet_use", area="AFR")
    assert result.to_json() == divide(folder, *words, "--format", "json").stdout
    for year in (2023, "2023", range(2019, 2024)):
        with pytest.raises(divide_cli.OptionError) as raised:
            divide_cli.diff(EDITION, years=year)
        assert raised.value.code == "ends_malformed"


def test_memory_is_that_of_the_call() -> None:
    """A call without the word has the default again."""
    from divide_cli.frames import room

    frame = pd.DataFrame({"REF_AREA": ["KEN"], "INDICATOR": "internet_use", "TIME_PERIOD": 2024, "OBS_VALUE": [35.0]})
    divide_cli.read(frame, memory="500MB")
    assert room.limit() == 500_000_000
    divide_cli.targets(target="universal_internet_use", area="KEN")
    assert room.limit() != 500_000_000
    with pytest.raises(divide_cli.OptionError) as error:
        divide_cli.validate(frame, memory="much")
    assert error.value.code == "memory_malformed"
