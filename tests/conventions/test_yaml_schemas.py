"""Every YAML file of data/ obeys its JSON Schema (schemas/yaml), and the schemas would notice if it did not."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from divide_cli.catalogue.user_yaml import PlainLoader
from scripts import schemas

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "schemas" / "yaml").glob("*.json"))
}
FILES = sorted((ROOT / "data").rglob("*.yaml"))


def kind(path: Path) -> str:
    return (
        path.parent.name
        if path.parent.name in ("charts", "claims", "dataflows", "indicators", "measures")
        else path.stem
    )


def document(path: Path) -> Any:
    """The YAML as JSON: dates as text, keys as text. In the design of a survey `yes` and `no` are texts."""
    loader = PlainLoader if path.stem == "design" else yaml.SafeLoader
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return json.loads(json.dumps(content, default=date.isoformat))


def complaints(name: str, content: Any) -> list[str]:
    validator = Draft202012Validator(SCHEMAS[name], format_checker=FormatChecker())
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(content)]


def changed(content: Any, at: tuple[Any, ...], **keys: Any) -> Any:
    made = copy.deepcopy(content)
    node = made
    for step in at:
        node = node[step]
    node.update(keys)
    return made


def identify(value: object) -> str:
    return str(value.relative_to(ROOT / "data")) if isinstance(value, Path) else ""


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_is_described(name: str) -> None:
    silent: list[str] = []

    def walk(node: Any, at: str) -> None:
        if isinstance(node, dict) and node.get("additionalProperties") is False:
            silent.extend(f"{at}/{key}" for key, child in node["properties"].items() if not child.get("description"))
        for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            walk(child, f"{at}/{key}")

    walk(SCHEMAS[name], name)
    assert silent == []


def test_every_file_has_a_schema_and_every_schema_a_file() -> None:
    assert {kind(path) for path in FILES} == set(SCHEMAS)


@pytest.mark.parametrize("path", FILES, ids=identify)
def test_file_obeys_its_schema(path: Path) -> None:
    assert complaints(kind(path), document(path)) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_mapping_of_named_keys_takes_no_other(name: str) -> None:
    """What has `properties` is closed, so that a misspelt key is noticed wherever it is."""
    open_mappings: list[str] = []

    def walk(node: Any, at: str) -> None:
        if isinstance(node, dict) and "properties" in node and node.get("type") == "object":
            closed = node.get("additionalProperties") is False or "enum" in node.get("propertyNames", {})
            open_mappings.extend([] if closed else [at])
        for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            walk(child, f"{at}/{key}")

    walk(SCHEMAS[name], name)
    assert open_mappings == []


@pytest.mark.skipif(
    tuple(map(int, msgspec.__version__.split(".")[:2])) < (0, 22), reason="how a schema is written varies by release"
)
def test_schemas_are_what_the_declarations_give() -> None:
    assert schemas.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("file", "at", "wrong"),
    [
        ("catalogue/indicators/core.yaml", ("internet_use",), {"direction": "up"}),
        ("catalogue/indicators/core.yaml", ("internet_use", "aggregation"), {"method": "mean"}),
        ("catalogue/indicators/core.yaml", ("internet_use",), {"aggregation": {"method": "weighted_mean"}}),
        ("catalogue/indicators/core.yaml", ("population",), {"aggregation": {"method": "none"}}),
        ("catalogue/indicators/core.yaml", ("internet_use",), {"sdg": 17.8}),
        ("catalogue/measures/pair.yaml", ("ratio",), {"increases_with": "both"}),
        ("catalogue/measures/pair.yaml", ("parity_score", "band"), {"lower": 0.98}),
        ("catalogue/gaps.yaml", ("internet_use_sex",), {"order": "aggregate_then_measure"}),
        ("catalogue/gaps.yaml", ("internet_use_sex",), {"shown": "ratio"}),
        ("catalogue/comparisons.yaml", ("sex",), {"reference": "men"}),
        ("catalogue/weights.yaml", ("population",), {"editions": []}),
        ("catalogue/units.yaml", ("PT",), {"minimum": "0"}),
        ("catalogue/groupings.yaml", ("ldc",), {"lists": {"un": "ldc.xlsx"}}),
        ("catalogue/dataflows/itu_datahub.yaml", ("itu_datahub_csv", "suffixes", "HHCFemale"), {"SEX": "f"}),
        (
            "catalogue/dataflows/itu_datahub.yaml",
            ("itu_datahub_csv",),
            {"melted": {"concept": "INDICATOR", "columns": "x"}},
        ),
        ("catalogue/services.yaml", ("itu",), {"base_url": "http://api.datahub.itu.int/v2"}),
        ("catalogue/services.yaml", ("itu",), {"path": "/data/bycode/11624"}),
        ("catalogue/services.yaml", ("itu", "series", "i99H"), {"i99H": "11624"}),
        ("catalogue/services.yaml", ("worldbank", "manners"), {"attempts": 0}),
        ("catalogue/limits.yaml", ("columns",), {"most": 0}),
        ("catalogue/templates.yaml", ("persons", "breakdowns", 1), {"SEX": ["women"]}),
        ("sources/wdi_2026_08/origin.yaml", (), {"role": "countries"}),
        ("sources/wdi_2026_08/origin.yaml", (), {"vintage": "20 August 2026"}),
        ("sources/wdi_2026_08/origin.yaml", (), {"raw": []}),
        ("sources/wdi_2026_08/origin.yaml", ("raw", 0), {"sha256": "87fe"}),
        ("sources/a_res_80_173/origin.yaml", (), {"view": "a_res_80_173.yaml"}),
        ("claims/a_res_80_173.yaml", ("claims", 0), {"qualifier": "roughly"}),
        ("claims/a_res_80_173.yaml", ("claims", 0), {"expect": "true"}),
        ("claims/a_res_80_173.yaml", ("claims", 0), {"printed": 33}),
        ("claims/a_res_80_173.yaml", ("claims", 0, "selector"), {"year": "2025"}),
        ("claims/a_res_80_173.yaml", ("claims", 0, "selector"), {"gap": "internet_use_sex", "measure": "ratio"}),
    ],
)
def test_a_wrong_value_is_noticed(file: str, at: tuple[Any, ...], wrong: dict[str, Any]) -> None:
    path = ROOT / "data" / file
    assert complaints(kind(path), changed(document(path), at, **wrong))
