"""The design file: what is accepted, and what is said about each mistake, all of them at once."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from divide_cli.catalogue.load import data_dir
from divide_cli.catalogue.user_yaml import PlainLoader
from divide_cli.errors import CatalogueError
from divide_cli.survey.design_file import read_design

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "schemas" / "yaml" / "design.json").read_text(encoding="utf-8")))
SOUND: dict[str, Any] = {
    "survey": {"name": "Test"},
    "area": "TUN",
    "year": 2024,
    "weight": "w",
    "breakdowns": {"AGE": {"variable": "age", "bands": ["Y15T24", "Y25T74"]}},
    "indicators": {"internet_use": {"variable": "q", "yes": [1], "no": [2]}},
}


def errors(tmp_path: Path, **keys: Any) -> list[tuple[str, str, str]]:
    """Of each error its key, what was expected, and what to do, as far as the design says it."""
    path = tmp_path / "design.yaml"
    path.write_text(yaml.safe_dump({**SOUND, **keys}, sort_keys=False), encoding="utf-8")
    try:
        read_design(path)
    except CatalogueError as error:
        return [(one.parts.get("what", ""), one.expected, one.hint) for one in (error, *error.others)]
    return []


def test_the_simple_design_is_sound(tmp_path: Path) -> None:
    assert errors(tmp_path) == []


def test_all_mistakes_of_a_file_are_said_at_once_with_the_nearest_names(tmp_path: Path) -> None:
    found = errors(
        tmp_path,
        area="TUX",
        breakdowns={
            "SEX": {"variable": "s", "codes": {1: "M", 2: "W"}},
            "EDUCATION_LEVEL": {"variable": "e", "codes": {1: "ISCED11_1"}},
            "AGE": {"variable": "age", "bands": ["Y15T24", "Y20T74"]},
        },
        indicators={
            "internet_used": {"variable": "q", "yes": [1], "no": [2]},
            "mobile_ownership": {"variable": "p", "yes": [1, 2], "no": [2]},
        },
    )
    assert [key for key, _, _ in found] == [
        *("area", "breakdowns, SEX, codes, 2", "breakdowns, EDUCATION_LEVEL", "breakdowns, AGE, bands"),
        *("indicators, internet_used", "indicators, mobile_ownership, p, yes and no"),
    ]
    hints = {key: hint for key, _, hint in found}
    assert "TUN" in hints["area"]
    assert hints["breakdowns, EDUCATION_LEVEL"] == "did you mean EDUCATION_LEV?"
    assert hints["indicators, internet_used"].startswith("did you mean internet_use")


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"clusters": "psu", "populations": ["n1", "n2", "n3"]}, "populations"),
        ({"strata": "s", "replicate_weights": {"columns": "r*", "method": "brr"}}, "replicate_weights"),
        ({"roster": {"file": "p.csv", "key": "hh"}}, "roster"),
        ({"members": "size"}, "members"),
        ({"ages": [74, 15]}, "ages"),
        ({"ages": [15, 74], "breakdowns": {}}, "ages"),
        ({"unit": "households"}, "indicators, internet_use"),
        ({"indicators": {"households_with_internet": {"variable": "q", "yes": 1, "no": 2}}}, "indicators, households_with_internet"),
        ({"indicators": {"internet_use": {"variable": "q", "yes": 1}}}, "indicators, internet_use, q, no"),
        ({"breakdowns": {"SEX": {"variable": "s", "bands": ["Y15T24"]}}}, "breakdowns, SEX, bands"),
        ({"breakdowns": {"SEX": {"variable": "s", "codes": {1: "M"}, "unknown": [1]}}}, "breakdowns, SEX, unknown"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_one_error(tmp_path: Path, keys: dict[str, Any], key: str) -> None:
    assert [found for found, _, _ in errors(tmp_path, **keys)] == [key]


@pytest.mark.parametrize(
    "keys",
    [
        {"weigth": "w"},
        {"indicators": {"internet_use": {"variable": "q", "any": ["a"], "yes": 1, "no": 2}}},
        {"indicators": {"internet_use": {"kind": "mean", "variable": "q", "yes": 1}}},
        {"indicators": {"internet_use": {"kind": "ratio", "variable": "q"}}},
        {"indicators": {}},
        {"year": "2024a"},
        {"breakdowns": {"SEX": {"variable": "s"}}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path, keys: dict[str, Any]) -> None:
    assert errors(tmp_path, **keys)
    assert not SCHEMA.is_valid(json.loads(json.dumps({**SOUND, **keys})))
    assert SCHEMA.is_valid(json.loads(json.dumps(SOUND)))


def test_yes_no_and_numbers_with_zeros_are_texts(tmp_path: Path) -> None:
    """In YAML 1.1 `yes`, `no` and `NO` would be true and false, and 010 the number eight."""
    path = tmp_path / "design.yaml"
    text = yaml.safe_dump({**SOUND, "indicators": {}}).replace("indicators: {}", "")
    path.write_text(text + "indicators:\n  internet_use: {variable: q, yes: [Yes, 010], no: [NO, 1.5, true]}\n")
    measured = read_design(path).indicators["internet_use"]
    assert (measured.yes, measured.no) == (("Yes", "010"), ("NO", 1.5, True))


def test_the_example_obeys_the_schema_and_the_reader() -> None:
    path = data_dir() / "templates" / "design.yaml"
    read = read_design(path)
    assert read.roster_path == path.parent / "persons.csv"
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)
    assert [error.message for error in SCHEMA.iter_errors(json.loads(json.dumps(content)))] == []


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ({"yes": {"at_least": 1}, "no": [0, 3]}, "yes and no"),
        ({"yes": [3], "no": {"at_least": 0}}, "yes and no"),
        ({"yes": {"at_least": 1}, "no": {"at_most": 1}}, "yes and no"),
        ({"yes": {"at_least": 1}, "no": [0], "not_stated": {"at_least": 98}}, "yes and not_stated"),
        ({"yes": [1, 99], "no": [0], "not_stated": {"at_least": 98}}, "yes and not_stated"),
        ({"yes": {"at_least": 1}, "no": {"at_most": 0}, "not_stated": [99]}, ""),
        ({"yes": {"at_least": 1, "at_most": 7}, "no": "other", "not_stated": {"at_least": 98}}, ""),
    ],
)
def test_a_value_of_a_range_has_one_meaning(tmp_path: Path, keys: dict[str, Any], wrong: str) -> None:
    found = errors(tmp_path, indicators={"internet_use": {"variable": "q", **keys}})
    assert [key for key, _, _ in found] == ([f"indicators, internet_use, q, {wrong}"] if wrong else [])


def test_a_value_with_a_code_is_not_in_the_range_of_unknown_ones(tmp_path: Path) -> None:
    sex = {"variable": "s", "codes": {1: "M", 2: "F"}}
    assert errors(tmp_path, breakdowns={"SEX": {**sex, "unknown": {"at_least": 3}}}) == []
    ((key, _, _),) = errors(tmp_path, breakdowns={"SEX": {**sex, "unknown": {"at_least": 2}}})
    assert key == "breakdowns, SEX, unknown"


def test_the_file_of_a_design_is_not_a_key_of_it(tmp_path: Path) -> None:
    """`path` was accepted, and listed among the keys; `id` was not listed."""
    ((_, expected, _),) = errors(tmp_path, path="foo")
    keys = expected.split(", ")
    assert "path" not in keys and "id" in keys


def test_the_ends_of_a_number_are_said_once(tmp_path: Path) -> None:
    assert [expected for _, expected, _ in errors(tmp_path, year=3000)] == ["a whole number from 1900 to 2100"]
