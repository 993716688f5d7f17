"""The report as SARIF 2.1.0: valid against its JSON Schema, and every finding in it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from divide_cli.reports import sarif
from divide_cli.validation.report import Report

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))


def run(report, described):
    made = json.loads(sarif.text(report, described))
    complaints = [
        f"{list(error.absolute_path)}: {error.message}" for error in Draft4Validator(SCHEMA).iter_errors(made)
    ]
    assert complaints == []
    return made["runs"][0]


def test_the_schema_would_notice(report, described):
    made = json.loads(sarif.text(report, described))
    made["runs"][0]["results"][0]["level"] = "grave"
    assert not Draft4Validator(SCHEMA).is_valid(made)


def test_rules_and_levels(report, described):
    made = run(report, described)
    rules = made["tool"]["driver"]["rules"]
    assert [result["ruleId"] for result in made["results"]] == [finding.rule for finding in report.findings]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in made["results"])
    assert [result["level"] for result in made["results"]] == [finding.severity for finding in report.findings]
    first = rules[0]
    assert first["shortDescription"]["text"] == "A percentage lies between 0 and 100"
    assert first["help"]["text"].startswith("Correct the value") and first["defaultConfiguration"]["level"] == "error"


def test_places(report, described):
    results = run(report, described)["results"]
    first = results[0]["locations"][0]
    assert first["physicalLocation"]["artifactLocation"] == {"uri": "data/submission%202024.csv", "index": 0}
    assert first["physicalLocation"]["region"] == {"startLine": 5}
    assert first["logicalLocations"] == [{"name": "Value", "kind": "column"}]
    whole = results[5]["locations"][0]
    assert "region" not in whole["physicalLocation"] and "logicalLocations" not in whole
    lines = [entry["physicalLocation"]["region"]["startLine"] for entry in results[2]["relatedLocations"]]
    assert lines == [8, 12]
    sheet = results[6]["locations"][0]
    assert sheet["physicalLocation"]["artifactLocation"] == {"uri": "data/book.xlsx", "index": 2}
    assert sheet["logicalLocations"][0] == {"name": "By sex", "kind": "sheet"}
    assert "index" not in results[7]["locations"][0]["physicalLocation"]["artifactLocation"]  # no input of the run


def test_accepted_findings_are_suppressed_and_others_not(report, described):
    results = run(report, described)["results"]
    assert [len(result["suppressions"]) for result in results] == [0, 0, 0, 1, 0, 0, 0, 0]
    (suppression,) = results[3]["suppressions"]
    assert suppression["status"] == "accepted"
    assert (
        suppression["justification"] == "accepted until 2027-06-30 by A. Statistician: confirmed by the office's letter"
    )


def test_what_could_not_be_read_or_was_skipped_is_notified(report, described):
    (invocation,) = run(report, described)["invocations"]
    assert invocation["executionSuccessful"] is False
    (unread,) = invocation["toolExecutionNotifications"]
    assert unread["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "data/torn.csv"
    (skipped,) = invocation["toolConfigurationNotifications"]
    assert skipped["associatedRule"]["id"] == "small_sample"
    read = run(replace(report, inputs=report.inputs[:3]), described)["invocations"][0]
    assert read["executionSuccessful"] is True and "toolExecutionNotifications" not in read


def test_counts_say_what_is_not_listed(report, described):
    summary = run(report, described)["properties"]["summary"]
    assert {entry["rule"]: entry["notListed"] for entry in summary}["total_within_parts"] == 10


def test_fingerprints_do_not_follow_lines_and_are_unique_in_a_file(report, described):
    def fingerprints(report):
        return [result["partialFingerprints"][sarif.FINGERPRINT] for result in run(report, described)["results"]]

    before = fingerprints(report)
    moved = replace(report, findings=tuple(replace(found, line=found.line + 3) for found in report.findings))
    assert fingerprints(moved) == before
    named = [(found.file, mark) for found, mark in zip(report.findings, before, strict=True)]
    assert len(set(named)) == len(named)
    other = replace(report.findings[0], key={**report.findings[0].key, "TIME_PERIOD": 2024})
    assert fingerprints(replace(report, findings=(other, *report.findings[1:])))[0] != before[0]


def test_two_findings_without_a_key_have_two_fingerprints(report, described):
    twice = (report.findings[1], replace(report.findings[1], line=30))
    results = run(replace(report, findings=twice), described)["results"]
    first, second = (result["partialFingerprints"][sarif.FINGERPRINT] for result in results)
    assert first.endswith(":1") and second.endswith(":2") and first[:-1] == second[:-1]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü%#?.csv", "a%20b/%C3%BC%25%23%3F.csv"),
        ("x:y.csv", "x%3Ay.csv"),
        ("bytes\udcff.csv", "bytes%FF.csv"),
        ("../other/x.csv", "../other/x.csv"),
        ("-", "-"),
    ],
)
def test_uris(path, uri):
    assert sarif.uri(path) == uri


def test_a_file_below_the_working_folder_is_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sarif.uri(str(tmp_path / "in" / "x.csv")) == "in/x.csv"
    assert sarif.uri("/elsewhere/x y.csv") == "file:///elsewhere/x%20y.csv"


def test_hostile_texts(hostile, described, harmless):
    made = sarif.text(hostile, described)
    harmless(made)
    for result in run(hostile, described)["results"]:
        text = result["message"]["text"]
        assert "](" not in text
        assert "{" not in text.replace("{{", "") and "}" not in text.replace("}}", "")


def test_an_empty_report_is_valid(described):
    assert run(Report((), (), (), ()), described)["results"] == []
