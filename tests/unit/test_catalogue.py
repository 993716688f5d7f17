"""The catalogue: what its entries refer to exists, and a wrong entry is an error that names it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from divide_cli import concepts as v
from divide_cli.analysis.measures.pairs import PAIR_FORMULAE
from divide_cli.catalogue import Comparison, Dataflow, Unit, area_aliases, area_name, catalogue, codelist, data_dir
from divide_cli.catalogue.claims import publications
from divide_cli.catalogue.codelists import age_span
from divide_cli.catalogue.dataflows import FAMILY_KEYS
from divide_cli.catalogue.entries import build
from divide_cli.catalogue.load import Catalogue, edition_from, read_yaml
from divide_cli.claims.claims_file import embedded
from divide_cli.claims.claims_file import load as load_claims
from divide_cli.errors import CatalogueError
from divide_cli.readers import FAMILIES
from divide_cli.sources.editions import editions

KNOWN = catalogue()
CLAIMS = [(name, claim) for name, document in publications().items() for claim in document.claims]


def test_every_indicator_has_a_known_unit() -> None:
    assert {entry.unit for entry in KNOWN.indicators.values()} <= set(KNOWN.units)


def test_every_unit_and_the_unit_of_its_difference_are_codes() -> None:
    codes = set(codelist("CL_UNIT_MEASURE").codes)
    assert set(KNOWN.units) == codes
    assert {unit.difference for unit in KNOWN.units.values()} <= codes


def test_every_weighted_mean_has_a_weight_and_no_other_method_needs_one() -> None:
    for entry in KNOWN.indicators.values():
        if entry.aggregation.method == "weighted_mean":
            assert entry.aggregation.weight in KNOWN.weights, entry.id
        if entry.aggregation.method == "none":
            assert entry.aggregation.message, entry.id


def test_every_weights_edition_exists_and_holds_populations() -> None:
    for weight in KNOWN.weights.values():
        for name in weight.editions:
            assert editions()[name].role == "weights", f"{weight.id}: {name}"
            assert "population" in editions()[name].indicators


def test_every_gap_refers_to_what_exists() -> None:
    for gap in KNOWN.gaps.values():
        assert gap.indicator in KNOWN.indicators, gap.id
        assert gap.comparison in KNOWN.comparisons, gap.id
        assert gap.shown, gap.id
        assert set(gap.shown) <= set(KNOWN.measures), gap.id
        assert gap.id == f"{gap.indicator}_{gap.comparison}"


def test_no_gap_stands_twice() -> None:
    assert max(Counter((gap.indicator, gap.comparison) for gap in KNOWN.gaps.values()).values()) == 1


def test_every_comparison_is_over_a_dimension_or_a_grouping_that_holds_its_codes() -> None:
    for entry in KNOWN.comparisons.values():
        if entry.over in v.DIMENSIONS:
            codes = set(codelist(f"CL_{entry.over}").codes)
            assert not entry.area, entry.id
        else:
            codes = set(KNOWN.groupings[entry.over].codes)
            assert entry.area in codelist("CL_AREA").codes, entry.id
        assert {entry.reference, entry.compared} <= codes, entry.id
        assert entry.reference != entry.compared


def test_measures_and_formulae_are_the_same_set() -> None:
    assert set(KNOWN.measures) == set(PAIR_FORMULAE)


def test_every_measures_unit_is_known() -> None:
    assert {measure.unit for measure in KNOWN.measures.values()} <= {"difference", *KNOWN.units}


def test_every_band_holds_the_value_of_equality() -> None:
    bands = [measure for measure in KNOWN.measures.values() if measure.band]
    assert bands
    for measure in bands:
        assert measure.band is not None
        assert measure.band.lower <= measure.equality <= measure.band.upper
        assert measure.band.over in v.DIMENSIONS


def test_every_grouping_has_its_lists_and_its_codes() -> None:
    areas = codelist("CL_AREA").rows
    for grouping in KNOWN.groupings.values():
        assert grouping.default in grouping.lists
        assert not grouping.fallback or grouping.fallback in grouping.lists
        for path in grouping.lists.values():
            assert (data_dir() / "catalogue" / "area_groups" / path).is_file()
        assert all(areas[code]["kind"] == "group" for code in grouping.codes)


def test_no_group_code_belongs_to_two_groupings() -> None:
    codes = Counter(code for grouping in KNOWN.groupings.values() for code in grouping.codes)
    assert max(codes.values()) == 1


def meanings(flow: Dataflow) -> Iterator[Mapping[str, str]]:
    """Concept -> code of every series, suffix and compound text of a dataflow, except codes that patterns form."""
    for told in flow.series.values():
        yield {"INDICATOR": told} if isinstance(told, str) else told
    yield from flow.suffixes.values()
    for rules in flow.compound.values():
        yield from (codes for codes in rules.values() if not any("{" in code for code in codes.values()))
    yield from ({concept: code} for concept, known in flow.codes.items() for code in known.values())
    yield flow.constants


def test_every_dataflow_has_a_reader_and_known_codes() -> None:
    assert {flow.family for flow in KNOWN.dataflows.values()} <= set(FAMILIES)
    assert set(FAMILY_KEYS) == set(FAMILIES)
    lists = {"SEX": "CL_SEX", "URBANISATION": "CL_URBANISATION", "UNIT_MEASURE": "CL_UNIT_MEASURE"}
    lists |= {"OBS_STATUS": "CL_OBS_STATUS"}
    for flow in KNOWN.dataflows.values():
        for told in meanings(flow):
            for concept, code in told.items():
                if concept == "INDICATOR":
                    assert code in KNOWN.indicators, (flow.id, code)
                elif concept == "AGE":
                    assert age_span(code), (flow.id, code)
                elif concept in lists:
                    assert code in codelist(lists[concept]).codes, (flow.id, concept, code)


def test_every_column_of_a_headers_dataflow_is_read_or_said_to_be_unused() -> None:
    for flow in KNOWN.dataflows.values():
        named = [name for names in flow.columns.values() for name in ([names] if isinstance(names, str) else names)]
        dimensions = [
            name for names in flow.dimensions.values() for name in ([names] if isinstance(names, str) else names)
        ]
        used = {*named, *dimensions, *flow.comments, *flow.compound}
        assert not (used - set(flow.ignored)) & set(flow.unused), flow.id
        if flow.kind == "columns" and flow.columns and not flow.holds:
            assert {name for name in flow.header if name[0] not in "~@"} <= used | set(flow.unused), flow.id


def test_every_licence_of_a_dataflow_is_listed() -> None:
    assert {flow.licence for flow in KNOWN.dataflows.values() if flow.licence} <= set(KNOWN.licences)


def test_every_claims_id_is_unique() -> None:
    assert max(Counter((name, claim.id) for name, claim in CLAIMS).values()) == 1


def test_every_claim_refers_to_what_exists() -> None:
    """What the reader of claims files checks in each claim; editions it does not, since they may be absent."""
    for path in embedded():
        for claim in load_claims(path).claims:
            assert set(claim.editions) <= set(editions()), claim.id


def test_every_publication_has_the_id_of_its_file() -> None:
    assert all(document.publication.id == name for name, document in publications().items())


def test_every_edition_has_the_id_of_its_folder_a_known_role_and_known_indicators() -> None:
    for name, entry in editions().items():
        assert entry.folder.name == name
        assert entry.role in ("country", "published", "weights", "covariate", "quoted")
        assert set(entry.indicators) <= set(KNOWN.indicators)
        assert not entry.view or (data_dir() / entry.view).is_file()


def test_every_alias_is_of_a_code_and_is_none_itself() -> None:
    codes = set(codelist("CL_AREA").codes)
    for scheme in ("itu", "worldbank", "eurostat"):
        aliases = area_aliases(scheme)
        assert aliases
        assert set(aliases.values()) <= codes
        assert not set(aliases) & codes


def test_aliases_of_itu() -> None:
    aliases = area_aliases("itu")
    assert (aliases["KSO"], aliases["GBJ"], aliases["AAA"]) == ("XKX", "JEY", "GGY")


def test_name_of_an_area() -> None:
    assert area_name("TWN") == "Taiwan"
    assert area_name("NOPE") == "NOPE"


def test_records_are_frozen() -> None:
    with pytest.raises(AttributeError):
        KNOWN.units["PT"].name = "x"  # type: ignore[misc]


def test_a_misspelt_key_is_an_error_that_names_entry_and_key() -> None:
    with pytest.raises(CatalogueError) as caught:
        build(
            Unit,
            {"id": "PT", "nmae": "percent", "difference": "PP", "decimals": 1, "symbol": "%"},
            "units.yaml, entry PT",
        )
    assert caught.value.where == "units.yaml, entry PT"
    assert caught.value.found == "unknown: nmae; missing: name"


def test_a_key_of_another_family_is_an_error_that_names_it() -> None:
    flow = {"id": "x", "name": "x", "family": "json", "header": ["a"], "example": "x", "source": "x", "split": ";"}
    with pytest.raises(CatalogueError) as caught:
        build(Dataflow, flow, "x.yaml, entry x")
    assert caught.value.expected == "family json without split"


def test_all_errors_of_an_entry_are_named_with_what_is_allowed() -> None:
    wrong = {"id": "PT", "name": "", "difference": "pp", "decimals": 12, "symbol": "%", "minimum": "0", "nmae": "x"}
    with pytest.raises(CatalogueError) as caught:
        build(Unit, wrong, "units.yaml, entry PT")
    every = (caught.value, *caught.value.others)
    assert [error.where.removeprefix("units.yaml, entry PT") for error in every] == [
        "", ", name", ", difference", ", decimals", ", minimum"
    ]  # fmt: skip
    assert [error.expected for error in every[2:]] == [
        "text of the form ^[A-Z][A-Z0-9_]*$", "a whole number from 0 to 9", "a number or null"
    ]  # fmt: skip


def test_lists_become_tuples_and_defaults_may_be_left_out() -> None:
    made = build(
        Comparison, {"id": "a", "name": "a : b", "over": "SEX", "reference": "M", "compared": "F", "source": "x"}, ""
    )
    assert made.area == ""
    gap = KNOWN.gaps["internet_use_sex"]
    assert (gap.cited, gap.shown) == ((22,), ("absolute_difference", "parity_score"))


def test_yaml_that_is_none_is_an_error_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("a: 1\nb: ]\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_yaml(path)
    assert caught.value.where == str(path)
    assert "line 2" in caught.value.found


def test_an_absent_catalogue_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        _ = Catalogue(tmp_path).indicators


def test_yaml_of_data_is_kept_as_json_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIVIDE_DATA", str(tmp_path))
    path, kept = tmp_path / "a.yaml", tmp_path / "__cache__" / "a.yaml.json"
    path.write_text("a: 2026-01-02\n", encoding="utf-8")
    assert read_yaml(path) == {"a": "2026-01-02"}
    assert read_yaml(path) == {"a": "2026-01-02"} and kept.is_file()
    path.write_text("a: [1, 2]\n", encoding="utf-8")
    assert read_yaml(path) == {"a": [1, 2]}
    kept.write_bytes(b"{")
    assert read_yaml(path) == {"a": [1, 2]}


def test_yaml_is_read_where_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIVIDE_DATA", str(tmp_path))
    (tmp_path / "__cache__").write_text("", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("a: 1\n", encoding="utf-8")
    assert read_yaml(tmp_path / "a.yaml") == {"a": 1}


def test_every_code_of_an_indicator_is_of_a_provider_that_is_read_or_asked() -> None:
    schemes = {flow.scheme for flow in KNOWN.dataflows.values()} | set(KNOWN.services)
    for entry in KNOWN.indicators.values():
        assert set(entry.codes) <= schemes, entry.id


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "missing: accessed, "),
        (b"- a\n", "missing: accessed, "),
        (b"title: Caf\xe9\n", "can't decode byte 0xe9"),
        (b"accessed: 2026-02-31\n", "day is out of range"),
        (b"null: x\n", "Only dicts with str-like"),
    ],
)
def test_an_origin_that_is_none_is_an_error_with_its_path(content: bytes, found: str, tmp_path: Path) -> None:
    (tmp_path / "origin.yaml").write_bytes(content)
    with pytest.raises(CatalogueError) as caught:
        edition_from(tmp_path)
    assert caught.value.where == str(tmp_path / "origin.yaml") and found in caught.value.found


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"licence": {"id": "x", "name": 3}}, ", licence, name"),
        ({"left_out": [{"what": "a", "why": "b", "codes": "c"}]}, ", left_out 1, codes"),
        ({"left_out": ["a", {"what": "a", "why": "b"}]}, "origin.yaml"),
    ],
    ids=str,
)
def test_a_wrong_value_in_a_part_of_an_origin_is_named(changed: dict[str, object], where: str, tmp_path: Path) -> None:
    origin = read_yaml(data_dir() / "sources" / "wdi_2026_08" / "origin.yaml")
    (tmp_path / "origin.yaml").write_text(json.dumps({**origin, **changed}), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        edition_from(tmp_path)
    assert caught.value.code == "key_type_wrong" and caught.value.where.endswith(where)
