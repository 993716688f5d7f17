"""Table Schemas (schemas/*.json) as pandera schemas: the verdict of frictionless on a sound frame and on broken ones."""

import json
from typing import Any

import pandas as pd
import pandera.errors
import pytest

from divide_cli import concepts as v
from divide_cli.catalogue import codelist
from divide_cli.errors import SourceError
from divide_cli.frames.columns import fields, table_schema
from divide_cli.frames.schema import conform

frictionless = pytest.importorskip("frictionless", reason="a development library that the oldest environment lacks")
NAMES = ("observations", "populations", "gaps", "aggregates", "disparities", "targets")
TEXTS = {
    v.REF_AREA: "FRA", v.INDICATOR: "population", v.SEX: "F", v.AGE: "Y15T24", v.URBANISATION: "URB",
    v.UNIT_MEASURE: "PS", v.OBS_STATUS: "A", "FREQ": "A", "UNIT_MULT": "0", "TRACK": "met",
}  # fmt: skip
DTYPES = {"string": "category", "number": "float64", "integer": "Int32"}


def row(name: str) -> dict[str, Any]:
    """A row that obeys every constraint."""
    numbers = {v.TIME_PERIOD: 2020, v.CI_LEVEL: 95.0}
    return {
        field: TEXTS.get(field, "x") if about["type"] == "string" else numbers.get(field, 1)
        for field, about in fields(name).items()
    }


def broken(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Each constraint of the schema with a row that breaks it and no other."""
    cases = []
    for field, about in fields(name).items():
        limits = about.get("constraints", {})
        wrong = {
            "required": None if "required" in limits and about["type"] == "string" else ...,
            "pattern": "a/b" if "pattern" in limits else ...,
            "enum": "zz" if "enum" in limits else ...,
            "minimum": limits["minimum"] - 1 if "minimum" in limits else ...,
            "maximum": limits["maximum"] + 1 if "maximum" in limits else ...,
        }
        cases += [(f"{field} {kind}", {**row(name), field: bad}) for kind, bad in wrong.items() if bad is not ...]
    return cases


def frame(name: str, *rows: dict[str, Any]) -> pd.DataFrame:
    dtypes = {field: DTYPES[about["type"]] for field, about in fields(name).items()}
    return pd.DataFrame(list(rows)).astype(dtypes).assign(FILE="test.csv", LINE=range(2, len(rows) + 2))


def passes(name: str, *rows: dict[str, Any]) -> bool:
    try:
        conform(frame(name, *rows), (), name)
    except (SourceError, ValueError, pandera.errors.SchemaError):
        return False
    return True


def passes_frictionless(name: str, *rows: dict[str, Any]) -> bool:
    descriptor = {key: value for key, value in table_schema(name).items() if key != "foreignKeys"}
    schema = frictionless.Schema.from_descriptor(json.loads(json.dumps(descriptor)))
    return bool(frictionless.Resource(data=[dict(one) for one in rows], schema=schema).validate().valid)


CASES = [(name, why, (one,)) for name in NAMES for why, one in broken(name)]
CASES += [(name, "key twice", (row(name), row(name))) for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_frame_passes_both(name: str) -> None:
    assert passes(name, row(name)) and passes_frictionless(name, row(name))


@pytest.mark.parametrize(("name", "why", "rows"), CASES, ids=[f"{name} {why}" for name, why, _ in CASES])
def test_a_broken_constraint_is_noticed_by_both(name: str, why: str, rows: tuple[dict[str, Any], ...]) -> None:
    assert not passes_frictionless(name, *rows)
    assert not passes(name, *rows)


@pytest.mark.parametrize("name", NAMES)
def test_every_constraint_is_one_that_the_adapter_knows(name: str) -> None:
    known = {"required", "pattern", "enum", "minimum", "maximum"}
    assert {kind for field in fields(name).values() for kind in field.get("constraints", {})} <= known
    assert {field["type"] for field in fields(name).values()} <= set(DTYPES)


@pytest.mark.parametrize("key", table_schema("observations")["foreignKeys"], ids=lambda key: key["fields"])
def test_a_code_that_its_list_lacks_is_noticed(key: dict[str, Any]) -> None:
    column = key["fields"]
    assert TEXTS[column] in codelist(key["reference"]["resource"].upper()).codes
    other = {v.REF_AREA: "QQQ", v.SEX: "_U", v.URBANISATION: "SUB", v.UNIT_MEASURE: "QQ", v.OBS_STATUS: "X"}[column]
    with pytest.raises(SourceError, match=f"a value in column {column} is not allowed"):
        conform(frame("observations", {**row("observations"), column: other}))


def test_a_column_of_another_type_is_noticed() -> None:
    text = frame("gaps", row("gaps")).assign(COVERAGE="many")
    with pytest.raises((ValueError, TypeError)):
        conform(text, (), "gaps")
