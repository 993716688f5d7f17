"""Errors: what the user reads, the exit code, and the nearest known codes."""

import pytest

from divide_cli.errors import (
    CatalogueError,
    DivideError,
    NothingComputedError,
    OptionError,
    SourceError,
    UnknownCodeError,
    nearest,
    suggestion,
)


def test_message_has_a_line_for_each_part_that_is_known() -> None:
    error = SourceError("value_not_a_number", expected="a number", found="'abc'", where="x.csv:3", hint="correct it")
    assert str(error).splitlines() == [
        "a value is not a number",
        "  where: x.csv:3",
        "  expected: a number",
        "  found: 'abc'",
        "  what to do: correct it",
    ]
    assert str(DivideError("memberships_not_observations", found="")).splitlines() == [
        "the file contains area groups, not figures",
        "  expected: figures",
    ]


@pytest.mark.parametrize(
    ("kind", "code"),
    [(OptionError, 2), (SourceError, 3), (UnknownCodeError, 3), (CatalogueError, 3), (NothingComputedError, 1)],
)
def test_exit_codes(kind: type[DivideError], code: int) -> None:
    assert kind("file_empty").exit_code == code
    assert issubclass(kind, DivideError)


def test_an_unknown_code_is_a_kind_of_source_error() -> None:
    assert issubclass(UnknownCodeError, SourceError)


def test_nearest_is_blind_to_case_and_gives_the_code_as_it_is_spelled() -> None:
    assert nearest("INTERNET_USE", ["internet_use", "population"]) == ["internet_use"]
    assert nearest("usa", ["USA", "FRA"]) == ["USA"]


def test_nearest_gives_the_best_first_and_no_more_than_asked() -> None:
    known = ["internet_use_sex", "internet_use_income", "internet_use", "population"]
    assert nearest("internet_us", known, limit=2)[0] == "internet_use"
    assert len(nearest("internet_us", known, limit=2)) == 2


def test_nothing_is_suggested_where_nothing_is_alike() -> None:
    assert nearest("zzz", ["internet_use"]) == []
    assert suggestion("zzz", ["internet_use"], "`divide list gaps`") == "`divide list gaps` lists all"


def test_suggestion_names_the_nearest_and_where_all_are() -> None:
    assert suggestion("ratoi", ["ratio", "relative_gap"], "`divide list measures`").startswith("did you mean ratio")
    assert suggestion("ratoi", ["ratio"], "`divide list measures`").endswith("`divide list measures` lists all")
