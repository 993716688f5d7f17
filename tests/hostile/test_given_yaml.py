"""YAML of rules and waivers that was made to harm: refused before it is built, whatever it would become."""

from pathlib import Path

import pytest
import yaml
from msgspec import structs

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.user_yaml import given_yaml, rules_from
from divide_cli.errors import CatalogueError, DivideError, OptionError, SourceError
from divide_cli.validation.waivers import waivers_from

STEPS = list(zip("abcdefgh", "bcdefghi", strict=True))
YAML = {
    "a thousand million laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in STEPS),
    "merged mappings": "a: &a {k: v}\n"
    + "".join(f"{new}: &{new} {{<<: [{','.join([f'*{old}'] * 9)}]}}\n" for old, new in STEPS),
    "an object": "!!python/object/apply:os.system ['touch pwned']",
    "a name": "!!python/name:os.system",
    "itself": "&a [*a]",
    "deep lists": "[" * 100_000,
    "deep mappings": "{a: " * 10_000,
    "deep blocks": "\n".join(" " * level + "a:" for level in range(900)),
    "no day": "a: 2026-02-31",
    "a huge number": f"a: {'9' * 5000}",
    "no number": "a: !!float x",
    "an empty number": "a: !!int ''",
    "no time": "a: !!timestamp x",
    "a list as key": "? [a]\n: b",
    "NUL": "a: \0",
    "two documents": "a: 1\n---\nb: 2",
    "two megabytes": "a: " + "x" * 2_000_000,
    "a value a line": "".join(f"- {number}\n" for number in range(120_000)),
}


@pytest.mark.parametrize("name", YAML)
def test_hostile_yaml_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "given.yaml"
    path.write_text(YAML[name])
    with pytest.raises(SourceError) as raised:
        given_yaml(path, "rules")
    assert raised.value.subject == "rules cannot be read"
    assert len(str(raised.value)) < 2000 and not (tmp_path / "pwned").exists()
    with pytest.raises(SourceError, match="the waivers file cannot be read"):
        waivers_from(str(path), [])


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: \xe9"])
def test_yaml_of_other_bytes(content, tmp_path):
    path = tmp_path / "given.yaml"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="rules cannot be read"):
        given_yaml(path, "rules")


def test_aliases_in_measure_are_read(tmp_path):
    path = tmp_path / "given.yaml"
    path.write_text("a: &a {k: v}\nb: {<<: *a, l: w}\n")
    assert given_yaml(path, "rules") == {"a": {"k": "v"}, "b": {"k": "v", "l": "w"}}


def entry(name: str, **changed: object) -> dict[str, object]:
    """An entry of the catalogue, changed; the sign of omission takes a key away."""
    found = catalogue().rules[name]
    made: dict[str, object] = {key: value for key, value in structs.asdict(found).items() if key != "id" and value not in ({}, (), "")}  # fmt: skip
    made["unless"] = list(found.unless)
    made |= changed
    return {key: value for key, value in made.items() if value is not ...}


def given(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_each_rule_of_the_catalogue_may_be_given(tmp_path):
    content = {name: entry(name) for name in catalogue().rules}
    assert rules_from(given(tmp_path, content)) == dict(catalogue().rules)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("spike", {"kind": "os_system"}),
        ("spike", {"severity": "fatal"}),
        ("spike", {"message": "{found.__class__.__mro__}"}),
        ("spike", {"message": "{found:>9999999999}"}),
        ("spike", {"message": "{found!r}"}),
        ("spike", {"message": "{0}"}),
        ("spike", {"message": "{nothing}"}),
        ("spike", {"message": "{found"}),
        ("spike", {"message": 3}),
        ("spike", {"message": ...}),
        ("spike", {"tolerance": "wide"}),
        ("spike", {"tolerance": float("nan")}),
        ("spike", {"tolerance": -1}),
        ("spike", {"gate": "yes, please"}),
        ("spike", {"together": "all"}),
        ("spike", {"unless": "spike"}),
        ("spike", {"surprise": 1}),
        ("spike", {"id": "spike"}),
        ("spike", {"scope": ["PT"]}),
        ("spike", {"scope": {"units": "PT"}}),
        ("spike", {"scope": {"units": ["PERCENT"]}}),
        ("spike", {"scope": {"indicators": [{}]}}),
        ("spike", {"scope": {"where": {"SEX": "F"}}}),
        ("spike", {"scope": {"everywhere": True}}),
        ("spike", {"parameters": {"least": 3}}),
        ("sample_too_small", {"parameters": {}}),
        ("sample_too_small", {"parameters": {"least": "many"}}),
        ("sample_too_small", {"parameters": {"least": True}}),
        ("sample_too_small", {"parameters": [30]}),
        ("total_outside_sexes", {"parameters": {"dimension": "../../../etc", "parts": ["F", "M"]}}),
        ("total_outside_sexes", {"parameters": {"dimension": "SEX", "parts": ["F"]}}),
        ("total_outside_sexes", {"parameters": {"dimension": "SEX", "parts": ["women", "men"]}}),
        ("coverage_not_cumulative", {"parameters": {"order": ["coverage_9g", "coverage_2g"]}}),
        ("coverage_not_cumulative", {"parameters": {"order": ["coverage_3g", "coverage_2g"], "years": [1]}}),
        ("break_marked", {"parameters": {"of": "all", "many": 4, "share": 0.33}}),
        ("users_in_twelve_months", {"parameters": {"pattern": "(unclosed", "expected": "x"}}),
        ("users_in_twelve_months", {"parameters": {"pattern": 12, "expected": "x"}}),
    ],
    ids=str,
)  # fmt: skip
def test_a_rule_of_another_form_is_one_message(name, changed, tmp_path):
    with pytest.raises(DivideError) as raised:
        rules_from(given(tmp_path, {"own": entry(name, **changed)}))
    assert raised.value.exit_code == 3 and "entry own" in raised.value.where and raised.value.expected


@pytest.mark.parametrize("content", [[1, 2], "text", {"own": "text"}, {"Own Rule": {}}, {7: {}}, {"own": {1: 2}}])
def test_a_file_of_rules_of_another_form(content, tmp_path):
    with pytest.raises(CatalogueError):
        rules_from(given(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        {"rule": "spike"},
        [1],
        [{"rule": "spike"}],
        [{"rule": ["spike"], "key": {}, "reason": "x", "owner": "y", "expires": "2027-01-01"}],
        [{"rule": "spike", "key": [], "reason": "x", "owner": "y", "expires": "2027-01-01"}],
        [{"rule": "spike", "key": {}, "reason": "x", "owner": "y", "expires": "soon"}],
        [{"rule": "spike", "key": {}, "reason": "x", "owner": "y", "expires": {}}],
    ],
)
def test_waivers_of_another_form(content, tmp_path):
    with pytest.raises((SourceError, OptionError, CatalogueError)):
        waivers_from(str(given(tmp_path, content)), ["spike"])


WAIVER = {"rule": "spike", "key": {"REF_AREA": "KEN"}, "reason": "x", "owner": "y", "expires": "2027-01-01"}


@pytest.mark.parametrize(
    "changed",
    [{"reason": ["x"]}, {"reason": 5}, {"reason": ""}, {"owner": None}, {"owner": {"a": 1}}, {"rule": ["spike"]}, {"rule": 7},
     {"key": {"REF_AREA": ["KEN"]}}, {"key": {"REF_AREA": None}}, {"key": {5: "KEN"}}, {"key": {"REF_AREA": 1.5}}],
    ids=str,
)  # fmt: skip
def test_a_waiver_with_a_value_of_another_type_is_one_message(changed, tmp_path):
    """It was taken as a text: `['x']` was a reason, and a waiver of `None` covered nothing without a word."""
    with pytest.raises(CatalogueError) as raised:
        waivers_from(str(given(tmp_path, [{**WAIVER, **changed}])), ["spike"])
    (name,) = changed
    assert raised.value.exit_code == 3 and "waivers" not in raised.value.found
    assert "entry 1" in raised.value.where and name in raised.value.where and raised.value.expected


def test_a_waiver_may_name_lines_and_years_as_numbers(tmp_path):
    key = {"FILE": "a.csv", "LINE": 5, "TIME_PERIOD": 2020}
    (entry,) = waivers_from(str(given(tmp_path, [{**WAIVER, "key": key}])), ["spike"])
    assert entry.key == {"FILE": "a.csv", "LINE": "5", "TIME_PERIOD": "2020"}
