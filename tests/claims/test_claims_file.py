"""Claims files: what is shipped, what is refused, and what `divide claims new` starts."""

import json
import re
from collections import Counter

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from divide_cli.catalogue import catalogue, schema_dir
from divide_cli.catalogue.claims import Claim, Relation, Selector
from divide_cli.catalogue.entries import keys
from divide_cli.claims.claims_file import SCHEMA, load, new_file, selection
from divide_cli.errors import CatalogueError, DivideError, OptionError, SourceError
from divide_cli.sources.editions import editions
from tests.claims.conftest import claim, only, run


def test_every_shipped_claim_has_the_expected_verdict_on_every_basis(base):
    assert {outcome.id: outcome.unexpected for outcome in base.outcomes if outcome.unexpected} == {}
    assert all(set(outcome.claim.bases) == {"published", "countries"} for outcome in base.outcomes)


def test_what_is_shipped(shipped, base):
    counts = {file.publication.id: len(file.claims) for file in shipped}
    assert counts["a_res_80_173"] == 15
    assert counts["itu_facts_figures_2024"] >= 25 and counts["itu_facts_figures_2025"] >= 25
    verdicts = Counter(outcome.verdict for outcome in base.outcomes)
    assert verdicts["reproduced"] >= 15 and verdicts["conflicts"] == 2


def test_the_resolution(base):
    found = {o.claim.id: o for o in base.outcomes if o.file.publication.id == "a_res_80_173"}
    assert found["p16_offline"].verdict == found["p20_internet_2025"].verdict == "conflicts"
    assert "p20_internet_2025 (para 20)" in found["p16_offline"].conflicts[0]
    assert found["p21_urban"].judgements["published"].tension
    assert found["p21_urban"].judgements["published"].number.value == 85.4
    assert all(set(outcome.judgements) == {"published", "countries"} for outcome in found.values())


def test_nothing_is_reproduced_from_what_consists_of_the_claims(base):
    """No shipped claim names an edition of quotations, and one cell read back is never called reproduced."""
    roles = {name: entry.role for name, entry in editions().items()}
    for outcome in base.outcomes:
        assert "quoted" not in {roles[name] for name in outcome.claim.editions}, outcome.id
        if outcome.claim.selector.plain:
            assert outcome.judgements["published"].verdict != "reproduced", outcome.id


def test_every_claim_that_does_not_hold_is_explained(base):
    """Edition, membership, rounding or definition is the first word of the reason where a basis differs."""
    for outcome in base.outcomes:
        bases = {judgement.verdict for judgement in outcome.judgements.values()}
        if "differs" in bases | {outcome.verdict}:
            first = outcome.claim.reason.partition(".")[0]
            assert first in ("Edition", "Membership", "Rounding", "Definition"), outcome.id
        if outcome.verdict not in ("quoted", "reproduced"):
            assert outcome.claim.reason, outcome.id


def test_every_edition_and_code_of_the_shipped_claims_is_known(shipped):
    for file in shipped:
        for one in file.claims:
            assert set(one.editions) <= set(editions()), one.id
            assert one.unit in catalogue().units


def test_a_claim_that_suddenly_holds_is_unexpected(write):
    path = write(claim(printed="74", expect="differs"))
    outcome = only(path, bases=("published",))
    assert outcome.unexpected == {"claim": ("differs", "quoted")}


def test_a_verdict_of_one_basis_is_expected_too(write):
    path = write(claim(printed="74", expect="quoted", bases={"countries": "reproduced"}))
    assert only(path).unexpected == {"countries": ("reproduced", "not computable")}


def refused(write, keys, text):
    path = write({**claim(), **keys})
    with pytest.raises(DivideError) as error:
        load(path)
    told = str(error.value)
    assert text in told
    assert f"{path}:" in told, "the line is named"
    return told


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"qualifier": "roughly"}, "the qualifier is unknown"),
        ({"unit": "PERCENT"}, "the unit is unknown"),
        ({"expect": "true"}, "the verdict is unknown"),
        ({"bases": {"third": "quoted"}}, "the basis is unknown"),
        ({"printed": 73.6}, "put the figure in quotation marks"),
        ({"printed": "lots"}, "not a number or a known word"),
        ({"surprise": 1}, "unknown: surprise"),
        ({"selector": {"indicator": "internet_use", "area": "WLD"}}, "missing: year"),
        ({"selector": {"indicator": "internet_us", "area": "WLD", "year": 2025}}, "did you mean internet_use"),
        ({"selector": {"indicator": "internet_use", "area": "WRLD", "year": 2025}}, "the area is unknown"),
        (
            {"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "SEX": "W"}},
            "the code of SEX is unknown",
        ),
        ({"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "AGE": "young"}}, "an age band"),
        ({"selector": {"area": "WLD", "year": 2025}}, "the selector does not say what is measured"),
        (
            {"selector": {"gap": "internet_use_sex", "area": "WLD", "year": 2025}},
            "the selector does not say what is measured",
        ),
        ({"selector": "WLD"}, "expected: a mapping"),
        (
            {"selector": {"indicator": "internet_use", "area": "WLD", "year": "2025"}},
            "expected: a whole number or null",
        ),
        ({"selector": {"indicator": "internet_use", "area": "WLD", "year": True}}, "expected: a whole number or null"),
        (
            {"selector": {"indicator": "internet_use", "area": ["LIC", "LMC"], "year": 2025}},
            "several areas only with persons",
        ),
        (
            {"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "since": 2024}},
            "the kind of change is unknown",
        ),
        (
            {"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "change": "relative"}},
            "since and change together",
        ),
        (
            {"selector": {"indicator": "internet_use", "area": "any economy", "year": 2025, "persons": True}},
            "any economy",
        ),
        (
            {"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "at_most": 2}},
            'at_most, and words such as "some countries", only',
        ),
        ({"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "without": {"AGE": "old"}}}, "an age"),
        (
            {"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "relative_to": {"REGION": "X"}}},
            "the selector contains an unknown key",
        ),
        ({"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "persons": True}}, "expected: PS"),
        ({"selector": {"indicator": "internet_use", "area": "any economy", "year": 2025}}, "expected: NUMBER"),
        ({"unit": "RATIO"}, "the unit of the claim does not fit"),
        ({"unit_mult": "6"}, "expected: a whole number"),
        ({"place": "ten"}, "the rounding place is not a positive number"),
        ({"id": "One two"}, "the id is not valid"),
        ({"id": "a\x1b[31m"}, "the id is not valid"),
        ({"statement": 7}, "expected: text"),
        ({"editions": "itu_aggregates_2025_11"}, "expected: a list"),
        ({"editions": ["itu_agg_2025"]}, "did you mean itu_aggregates_2025_11"),
        ({"bases": ["published"]}, "expected: a mapping"),
        ({"relations": [{"ratio_of": ["one"]}]}, "the relation is not one of the three kinds"),
        ({"relations": "other"}, "the relations are not a list of mappings"),
        ({"relations": [{"complement_of": "other"}]}, "the relation names a claim that is not in the file"),
        ({"expect": "differs", "reason": ""}, "has no reason"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_line(write, keys, text):
    refused(write, keys, text)


def test_all_errors_of_a_file_are_shown_at_once(write):
    path = write(
        claim(id="first", unit="PERCENT"), claim(id="second", qualifier="roughly"), claim(id="third", place="x")
    )
    with pytest.raises(CatalogueError) as error:
        load(path)
    lines = [line for line in str(error.value).splitlines() if "where:" in line]
    assert len(lines) == len(set(lines)) == 3


def test_two_claims_of_one_id_are_refused(write):
    with pytest.raises(CatalogueError, match="two claims have the same id"):
        load(write(claim(), claim()))


def test_a_key_that_stands_twice_is_refused(write):
    path = write(claim())
    path.write_text(path.read_text(encoding="utf-8") + "  printed: '74'\n", encoding="utf-8")
    with pytest.raises(SourceError, match="the claims file is not valid YAML") as error:
        load(path)
    assert "printed occurs twice" in str(error.value)


def test_two_files_of_one_publication_are_refused(write):
    files = [load(write(claim(), name=name)) for name in ("a.yaml", "b.yaml")]
    with pytest.raises(OptionError, match="two files have the same publication id"):
        selection(files, ())


@pytest.mark.parametrize(
    "text",
    [
        "claims: {}\npublication: {}",
        "claims: [1]\npublication: {}",
        "",
        "[]",
        "claims: [",
        "publication: {}\n",
        "a: 1",
        "\xff",
    ],
)
def test_a_file_that_holds_no_claims_is_refused(tmp_path, text):
    path = tmp_path / "broken.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises((SourceError, CatalogueError)) as error:
        load(path)
    assert str(path) in str(error.value) and "divide claims new" in str(error.value)


def test_only_takes_an_id_with_or_without_its_publication(shipped):
    for name in ("p21_urban", "a_res_80_173.p21_urban"):
        taken = selection(shipped, (name,))
        assert [one.id for claims in taken.values() for one in claims] == ["p21_urban"]
    with pytest.raises(OptionError, match="the claim is unknown"):
        selection(shipped, ("p21_urbane",))


def test_an_id_that_is_no_text_is_one_error_next_to_a_relation_to_nothing(write):
    """The id 5 of one claim stopped the search for ids like `zz`: an internal error."""
    path = write(claim(id=5), claim(id="two", relations=[{"complement_of": "zz"}]))
    with pytest.raises(DivideError) as error:
        load(path)
    assert sorted(one.code for one in (error.value, *error.value.others)) == [
        "claim_relation_target_unknown",
        "key_type_wrong",
    ]


def test_relations_hold_for_a_claim_that_is_taken_alone(shipped):
    """The conflict is of the publication, whether or not the other claim is chosen."""
    from divide_cli.claims.reproduce import reproduce

    outcomes = reproduce(shipped, selection(shipped, ("p16_offline",))).outcomes
    assert [outcome.verdict for outcome in outcomes] == ["conflicts"]


def test_what_is_started_holds_and_obeys_its_schema(tmp_path):
    path = tmp_path / "annual-report.yaml"
    files = new_file(path, 'Report: "2026"')
    for name, text in files.items():
        name.write_text(text, encoding="utf-8")
    assert set(files) == {path, tmp_path / SCHEMA}
    made = run(path)
    assert made.files[0].publication.id == "annual_report"
    assert made.files[0].publication.title == 'Report: "2026"'
    assert [outcome.unexpected for outcome in made.outcomes] == [{}]
    schema = json.loads((tmp_path / SCHEMA).read_text(encoding="utf-8"))
    content = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
    assert not list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(content))
    assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema={SCHEMA}\n")


def test_nothing_is_started_over_a_file(tmp_path):
    path = tmp_path / "report.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(OptionError, match="the file already exists"):
        new_file(path, "")
    with pytest.raises(OptionError, match="does not give a valid id"):
        new_file(tmp_path / "2026.yaml", "")


def test_the_schema_knows_the_vocabulary():
    """The words of qualifiers.yaml are those that the schema offers to editors."""
    schema = json.loads((schema_dir() / "yaml" / "claims.json").read_text(encoding="utf-8"))
    entry = schema["$defs"]["Claim"]["properties"]
    assert entry["qualifier"]["enum"] == list(catalogue().qualifiers)
    words = [word.id for word in catalogue().qualifiers.values() if word.number]
    assert all(f"|{word}" in entry["printed"]["pattern"] for word in words)


@pytest.mark.parametrize(
    "keys",
    [
        {"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "since": 2024}},
        {"selector": {"indicator": "internet_use", "area": [], "year": 2025}},
        {"selector": {"indicator": "internet_use", "area": "WLD", "year": 2025, "without": {}}},
        {"relations": [{"complement_of": "a", "ratio_of": ["b", "c"]}]},
        {"bases": {"published": "conflicts"}},
        {"unit_mult": "6"},
        {"place": 10},
        {"printed": "lots"},
        {"expect": "not computable", "reason": None},
    ],
)
def test_the_schema_notices_what_the_reader_would(keys):
    schema = json.loads((schema_dir() / "yaml" / "claims.json").read_text(encoding="utf-8"))
    made = {name: value for name, value in {**claim(), **keys}.items() if value is not None}
    publication = {"id": "report", "title": "A report", "date": "2026-01-01", "citation": "A report, 2026"}
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors({"publication": publication, "claims": [made]}))
    assert not list(validator.iter_errors({"publication": publication, "claims": [claim()]}))


@pytest.mark.parametrize(
    ("relative_to", "key"),
    [
        ({"AGE": 15}, "AGE"),
        ({"AGE": ["Y15T24"]}, "AGE"),
        ({"area": ["WLD", "HIC"]}, "area"),
        ({"year": "last"}, "year"),
        ({"without": "Y15T24"}, "without"),
        ({"without": {"AGE": 15}}, "AGE"),
    ],
    ids=str,
)
def test_a_code_of_another_type_is_an_error_at_its_key(write, relative_to, key):
    selector = {"indicator": "internet_use", "area": "WLD", "year": 2025, "relative_to": relative_to}
    with pytest.raises(CatalogueError) as caught:
        load(write(claim(selector=selector)))
    assert caught.value.code == "key_type_wrong" and caught.value.where.endswith(f"selector, relative_to, {key}")


def test_a_publication_without_a_date_is_an_error(write):
    path = write(claim())
    path.write_text(path.read_text(encoding="utf-8").replace("date:", "day:"), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load(path)
    assert caught.value.found == "unknown: day; missing: date"


@pytest.mark.parametrize(
    "selector",
    [
        {"gap": "skill_privacy_settings_sex", "measure": "excess_persons", "area": "WLD", "year": 2022},
        {"indicator": "households_with_internet", "persons": True, "area": "WLD", "year": 2022},
    ],
)
def test_people_are_not_counted_from_other_shares(write, selector):
    """Neither the people in a survey's scope nor households are a population whose people are counted."""
    with pytest.raises(CatalogueError) as refused:
        load(write(claim(selector=selector, unit="PS", printed="1")))
    assert refused.value.code == "measure_not_applicable"
    assert "people are counted from shares of a counted population" in str(refused.value)


def test_all_unknown_words_of_a_claim_are_named_at_once(write):
    path = write(claim(unit="PTT", qualifier="nearlyish", expect="tru", editions=["itu_nowhere"]))
    with pytest.raises(CatalogueError) as raised:
        load(path)
    for word in ("PTT", "nearlyish", "tru", "itu_nowhere"):
        assert f"found: {word}" in str(raised.value)


def test_every_error_of_a_file_is_named_at_once(write):
    """Each claim is checked for all that can be checked: its wrong keys hide no word of it, or of another claim.

    The codes below are what a reader finds by hand, claim by claim. Nothing follows from a wrong key: claim d has an
    unknown qualifier, so its unit and combination are not judged; its text and its reason are.
    """
    world = {"area": "WLD", "year": 2025}
    without_where = {name: value for name, value in claim(id="a", unit="PERCENT").items() if name != "where"}
    without_selector = {name: value for name, value in claim(id="b", expect="tru").items() if name != "selector"}
    expected = [
        (without_where, ["entry_keys_wrong", "unit_unknown"]),
        (without_selector, ["entry_keys_wrong", "verdict_unknown"]),
        (
            claim(id="c", selector={**world, "indicator": "internet_us", "year": "2025", "SEX": "W"}, printed=73.6),
            ["breakdown_code_unknown", "indicator_unknown", "key_type_wrong", "printed_figure_not_text"],
        ),
        (
            claim(id="d", qualifier="roughly", printed="lots", expect="differs", reason="", unit="RATIO"),
            ["claim_reason_missing", "printed_figure_not_a_number", "qualifier_unknown"],
        ),
        (
            claim(id="e", editions=["itu_nowhere", "itu_elsewhere"], place="x", relations=[{"complement_of": "zz"}]),
            ["claim_place_not_a_number", "claim_relation_target_unknown", "edition_unknown", "edition_unknown"],
        ),
        (
            claim(
                id="F", selector={**world, "gap": "internet_use_sex", "since": 2020, "complement": True}, relations="e"
            ),
            [
                *("claim_id_malformed", "claim_relations_malformed", "change_unknown", "selector_gap_derived"),
                *("selector_since_without_change", "selector_without_indicator"),
            ],
        ),
        (claim(id="g", unit="RATIO", surprise=1), ["claim_unit_differs", "entry_keys_wrong"]),
        ("a text", ["key_type_wrong"]),
        (claim(id="a"), ["claim_id_duplicate"]),
        (claim(id="h"), []),
    ]
    path = write(*(entry for entry, _ in expected))
    path.write_text(path.read_text(encoding="utf-8") + "author: me\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        load(path)
    starts = [
        number for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if line[:2] == "- "
    ]
    found = Counter()
    for error in (raised.value, *raised.value.others):
        line = int((re.search(r":(\d+)", error.where.removeprefix(str(path))) or [0, 0])[1])
        found[sum(start <= line for start in starts), error.code] += 1
    wanted = Counter((number, code) for number, (_, codes) in enumerate(expected, 1) for code in codes)
    assert found == wanted + Counter({(0, "entry_keys_wrong"): 1})


def test_a_wrong_publication_hides_no_claim(write):
    path = write(claim(unit="PERCENT"))
    path.write_text(path.read_text(encoding="utf-8").replace("citation:", "cite:"), encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        load(path)
    assert {error.code for error in (raised.value, *raised.value.others)} == {"entry_keys_wrong", "unit_unknown"}


def test_what_is_started_shows_every_key_and_selector(write, tmp_path):
    """Each selector that the new file shows is one that a claim can have, and together they have every key.

    The same holds for the relations, and each key of a claim is named.
    """
    path = tmp_path / "report.yaml"
    text = new_file(path, "")[path]
    shown = [yaml.safe_load(line) for line in re.findall(r"^# +selector: (\{.*?\})(?:  .*)?$", text, re.MULTILINE)]
    example = yaml.safe_load(text)["claims"][0]
    assert set().union(*shown, example["selector"]) == set(keys(Selector))
    for selector in shown:
        errors = [_codes_of_selector(write, selector, unit) for unit in ("PS", "PT", "RATIO", "PP", "NUMBER")]
        assert [] in errors, (selector, errors)
    named = set(re.findall(r"^# (\w+) ", text, re.MULTILINE)) | set(example)
    assert named >= set(keys(Claim)) - {"line"}
    assert all(f"{relation}:" in text for relation in keys(Relation))


def _codes_of_selector(write, selector, unit):
    """The codes of the errors of a claim with the selector, in that unit."""
    try:
        load(write(claim(selector=selector, unit=unit)))
    except CatalogueError as error:
        return [one.code for one in (error, *error.others)]
    return []


def test_a_claim_without_a_qualifier_is_exact(write):
    plain = {key: value for key, value in claim().items() if key != "qualifier"}
    (loaded,) = load(write(plain)).claims
    assert loaded.qualifier == "exactly"
