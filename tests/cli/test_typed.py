"""Words that people type: names of areas, spans of years, labels of measures, dimensions in any case; and completion."""

import json
import subprocess
import sys

import pytest

from divide_cli.api import choices
from divide_cli.catalogue import catalogue
from divide_cli.errors import OptionError
from tests import runner


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("KEN", "KEN"),
        ("ken", "KEN"),
        ("KE", "KEN"),
        ("404", "KEN"),  # its number in UN M49
        ("Kenya", "KEN"),
        ("KENYA", "KEN"),
        ("  kenya ", "KEN"),
        ("Cote d'Ivoire", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("Cote dIvoire", "CIV"),
        ("Ivory Coast", "CIV"),
        ("the Gambia", "GMB"),
        ("Timor Leste", "TLS"),
        ("Timorleste", "TLS"),
        ("South Korea", "KOR"),
        ("Deutschland", "DEU"),
        ("World", "WLD"),
        ("low income", "LIC"),
        ("Low-income countries", "LIC"),
        ("low-income economies", "LIC"),
        ("LDCs", "LDC"),
        ("Least-developed countries", "LDC"),
        ("Land Locked Developing Countries", "LLDC"),
        ("Africa", "AFR"),
        ("Asia-Pacific", "ASP"),
        ("the Americas", "AMS"),
        ("Arab States", "ARB"),
    ],
)
def test_a_name_or_a_code_in_any_spelling_is_the_area(typed, code):
    assert choices.area_codes([typed]) == (code,)


@pytest.mark.parametrize(
    ("typed", "there_are"),
    [
        ("Korea", ["KOR", "PRK"]),
        ("Congo", ["COG", "COD"]),
        ("middle income", ["UMC", "LMC"]),
        ("sub-Saharan", ["Sub-Saharan Africa", "--groups", "AFR Africa (ITU region)", "EUR Europe (ITU region)"]),
        ("Arab World", ["no list of Arab World", "ARB Arab States (ITU region)"]),  # the World Bank's, not ITU's ARB
        ("Asia", ["ASP Asia and the Pacific (ITU region)"]),
        ("Kenia", ["KEN (Kenya)"]),
        ("KNE", ["KNA", "NER", "MNE"]),
    ],
)
def test_what_is_no_area_or_several_is_refused_with_what_there_is(typed, there_are):
    with pytest.raises(OptionError) as caught:
        choices.area_codes([typed])
    assert all(text in str(caught.value) for text in there_are), str(caught.value)


def test_own_groups_come_first_and_areas_once():
    assert choices.area_codes(["Kenya", "KEN", "north"], own=["NORTH"]) == ("KEN", "NORTH")


@pytest.mark.parametrize(
    "command",
    [
        ("compute", "--gap", "internet_use_sex", "--no-write", "--format", "json"),
        ("measure", "internet_use_sex", "--format", "json"),
        ("targets", "--format", "json"),
        ("template", "internet_use"),
    ],
)
def test_every_command_with_areas_takes_names_and_either_option(divide, command):
    by_code = divide(*command, "--area", "LIC", "--year", "2021", "--year", "2022")
    by_name = divide(*command, "--country", "low income", "--years", "2021-2022")
    assert by_code.returncode == by_name.returncode == 0, by_name.stderr
    assert by_code.stdout == by_name.stdout
    assert "LIC" in by_name.stdout


def test_the_area_of_a_file_may_be_a_name(divide, tmp_path):
    (tmp_path / "17-8-1.csv").write_text("Year,Value\n2020,40\n2021,45\n", encoding="utf-8")
    found = divide("read", "17-8-1.csv", "--area", "Kenya", "--indicator", "internet_use", "--format", "json")
    assert json.loads(found.stdout)["files"][0]["areas"] == ["KEN"], found.stderr
    (tmp_path / "17-8-1.csv").write_text("Year,Value\n2020,40\n2021,450\n", encoding="utf-8")
    checked = divide("validate", "17-8-1.csv", "--country", "Kenya", "--format", "json")
    assert {finding["key"]["REF_AREA"] for finding in json.loads(checked.stdout)["findings"]} == {"KEN"}


@pytest.mark.parametrize(
    ("typed", "years"),
    [
        (["2015-2018"], (2015, 2016, 2017, 2018)),
        (["2015:2017", "2020"], (2015, 2016, 2017, 2020)),
        (["2015\N{EN DASH}2016"], (2015, 2016)),
        (["2016", "2015:2016"], (2015, 2016)),
        ([2024], (2024,)),
        ([], ()),
    ],
)
def test_years_are_single_ones_or_spans(typed, years):
    assert choices.year_span(typed) == years


@pytest.mark.parametrize(
    "typed", ["2024:2015", "15:16", "1899", "2101", "2015:", ":2015", "2015-2016-2017", "x", "²⁰¹⁵"]
)
def test_other_years_are_refused(typed):
    with pytest.raises(OptionError, match="year_not_understood|not understood"):
        choices.year_span([typed])


def test_every_measure_is_known_by_its_id_and_as_it_is_printed():
    measures = catalogue().every_measure
    for entry in measures.values():
        printed = [entry.id, entry.short, entry.name, entry.short.upper()]
        assert choices.measure_ids(printed, measures) == (entry.id,) * 4
    assert choices.measure_ids(["compared ratio"], measures) == ("parity_score",)


def test_measures_and_dimensions_as_tables_print_them(divide):
    by_id = divide("compute", "--gap", "internet_use_sex", "--measure", "absolute_difference", "--no-write")
    printed = divide("compute", "--gap", "internet_use_sex", "--measure", "Difference", "--no-write")
    assert by_id.stdout == printed.stdout
    assert by_id.returncode == 0
    capitals = divide("measure", "internet_use", "--over", "SEX")
    small = divide("measure", "internet_use", "--over", "sex")
    assert capitals.stdout == small.stdout
    assert capitals.returncode == small.returncode == 0


def test_a_further_dimension_of_a_file_in_any_case(divide, tmp_path):
    rows = [f"KEN,internet_use,2020,{group},{value}" for group, value in (("Q1", 10), ("Q2", 20), ("Q3", 30))]
    head = "REF_AREA,INDICATOR,TIME_PERIOD,QUINTILE,OBS_VALUE"
    (tmp_path / "figures.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    choice = ("measure", "internet_use", "figures.csv", "--area", "Kenya", "--format", "csv", "--over")
    capitals, small = divide(*choice, "QUINTILE"), divide(*choice, "quintile")
    assert capitals.returncode == 0, capitals.stderr
    assert capitals.stdout == small.stdout


def completed(words: str) -> list[str]:
    """What the shell gets for the last of the words, by typer's protocol for bash, without pandas."""
    program = (
        "import sys; sys.argv = ['divide']\n"
        "from divide_cli.cli import run\n"
        "try:\n    run()\n"
        "finally:\n    assert 'pandas' not in sys.modules and 'numpy' not in sys.modules"
    )
    protocol = {"_DIVIDE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(runner.ROOT), **protocol}
    finished = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert not finished.stderr, finished.stderr
    return finished.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("divide compute --gap internet_use_s", {"internet_use_sex"}),
        ("divide compute --indicator internet_u", {"internet_use"}),
        ("divide compute --area KE", {"KEN"}),
        ("divide compute --country Ken", {"Kenya"}),
        ("divide targets --area ken", {"ken", "kenya"}),
        ("divide compute --measure abs", {"absolute_difference"}),
        ("divide measure internet_use --measure gini", {"gini_index"}),
        ("divide measure internet_use --over se", {"sex"}),
        ("divide compute --edition wdi_2026", {"wdi_2026_08"}),
        ("divide compute --income-fy FY2", {"FY27", "FY26"}),
        ("divide validate figures.csv --only value_marked", {"value_marked"}),
        ("divide list indi", {"indicators"}),
        ("divide show internet_use_s", {"internet_use_sex"}),
        ("divide show CL_S", {"CL_SEX"}),
        ("divide fetch internet_u", {"internet_use"}),
        ("divide explain p21_u", {"p21_urban"}),
        ("divide explain internet_use KE", {"KEN"}),
        ("divide diff wdi_2025", {"wdi_2025_10"}),
        ("divide profile Ken", {"Kenya"}),
    ],
)
def test_the_shell_completes(words, expected):
    found = completed(words)
    assert expected <= set(found), found
    assert all(text.startswith(words.split()[-1]) for text in found)


LONG = "a" * 5000


@pytest.mark.parametrize(
    "words", [("measure", LONG), ("explain", LONG), ("profile", LONG), ("diff", LONG, "wdi_2026_08"), ("compute", LONG)]
)
def test_a_word_that_is_too_long_for_a_file_name_is_an_ordinary_error(divide, words):
    """`measure` and others asked whether a file has this name, which the system answers with an error of its own."""
    finished = divide(*words)
    assert finished.returncode in (2, 3), finished.stderr[-300:]


@pytest.mark.parametrize("option", ["--without", "--order", "--reference"])
def test_a_subgroup_whose_name_is_not_text_is_unknown(divide, tmp_path, option):
    """The byte E9 is not UTF-8. As `--without` it was an internal error."""
    (tmp_path / "x.csv").write_text(
        "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,F,2020,10\nKEN,internet_use,M,2020,20\n"
    )
    finished = divide("measure", "internet_use", "x.csv", "--over", "SEX", "--area", "KEN", option, b"\xe9")
    assert finished.returncode == 2
