"""The report as JUnit XML: valid against the XML Schema that Jenkins uses, with exact counts."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from divide_cli.reports import junit
from divide_cli.validation.report import Report

SCHEMA = Path(__file__).parents[1] / "schemas" / "junit-10.xsd"


def suites(report, described, fail_on="warning"):
    root = Xml.fromstring(junit.text(report, described, fail_on).encode("utf-8"))
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for name, mark in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == sum(case.find(mark) is not None for case in cases)
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name)) == sum(int(suite.get(name)) for suite in root)
    return {suite.get("name"): suite for suite in root}


def cases(suite):
    return {case.get("name"): case for case in suite.findall("testcase")}


@pytest.mark.parametrize("fail_on", ["note", "warning", "error"])
@pytest.mark.parametrize("which", ["report", "hostile"])
def test_valid_against_the_schema(which, fail_on, described, request):
    xmlschema = pytest.importorskip("xmlschema", reason="a development library that the oldest environment lacks")
    schema = xmlschema.XMLSchema(str(SCHEMA))
    schema.validate(junit.text(request.getfixturevalue(which), described, fail_on))
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema.validate("<testsuites><testsuite name='x'/></testsuites>")


def test_suites_are_files_and_cases_are_rules(report, described):
    made = suites(report, described)
    assert list(made) == [*(entry.path for entry in report.inputs), "waivers.yaml"]
    assert list(cases(made["data/second.csv"])) == [entry.rule for entry in report.rules]
    properties = {one.get("name"): one.get("value") for one in made["data/second.csv"].find("properties")}
    assert properties["sha256"] == "cd" * 32 and properties["rows"] == "12"
    assert list(cases(made["data/torn.csv"])) == ["readable"]
    assert "cut off" in cases(made["data/torn.csv"])["readable"].find("error").text
    assert list(cases(made["waivers.yaml"])) == ["expired_waiver"]


def test_failures(report, described):
    made = cases(suites(report, described)["data/submission 2024.csv"])
    ranges = made["range_by_unit"].find("failure")
    assert ranges.get("type") == "error" and ranges.get("message") == "A percentage lies between 0 and 100: 2 errors"
    assert (
        ranges.text.count("error: line") == 2 and "line 5, column Value [ALB internet_use F Y15T24 2023]" in ranges.text
    )
    totals = made["total_within_parts"]
    assert totals.find("failure").get("message").endswith("8 warnings (and 4 accepted)")
    assert "7 more not listed" in totals.find("failure").text and "total 21" not in totals.find("failure").text
    assert totals.find("system-out").text.startswith("warning: line 20")
    assert "; accepted until 2027-06-30 by A. Statistician: confirmed" in totals.find("system-out").text


def test_notes_do_not_fail_and_stand_in_the_output(report, described):
    note = cases(suites(report, described)["data/second.csv"])["repeated_value"]
    assert note.find("failure") is None and "whole file" in note.find("system-out").text


def test_what_is_less_grave_than_fail_on_is_output_and_no_failure(report, described):
    made = cases(suites(report, described, "error")["data/submission 2024.csv"])
    assert made["range_by_unit"].find("failure") is not None
    totals = made["total_within_parts"]
    told = totals.find("system-out").text
    assert totals.find("failure") is None and "8 warnings (and 4 accepted)" in told and "7 more not listed" in told
    assert "; accepted until 2027-06-30" in told and told.count("total 21") == 1
    noted = cases(suites(report, described, "note")["data/second.csv"])["repeated_value"]
    assert noted.find("failure").get("type") == "note"


def test_a_rule_whose_findings_are_all_accepted_passes(report, described):
    only = replace(report, findings=(report.findings[3],), summary=(replace(report.summary[1], count=1, waived=1, files={}),),
                   inputs=report.inputs[:1])  # fmt: skip
    case = cases(suites(only, described)["data/submission 2024.csv"])["total_within_parts"]
    assert case.find("failure") is None and case.find("system-out") is not None


def test_skipped(report, described):
    made = cases(suites(report, described)["data/second.csv"])
    assert made["small_sample"].find("skipped").get("message") == "the file has no sample sizes"
    assert made["jump"].find("skipped").get("message") == "no checks made: one year only (3)"
    assert made["keys_unique"].find("skipped") is None and made["keys_unique"].find("failure") is None


def test_a_count_of_several_files_that_is_not_known_by_file_says_so(report, described):
    unknown = replace(report, summary=tuple(replace(tally, files={}) for tally in report.summary))
    made = cases(suites(unknown, described)["data/submission 2024.csv"])
    assert "at least 1 warning" in made["total_within_parts"].find("failure").get("message")
    assert "at least" not in made["range_by_unit"].find("failure").get("message")  # all are listed


def test_hostile_texts(hostile, described, harmless):
    made = junit.text(hostile, described)
    harmless(made)
    assert not any(line.lstrip().startswith("::") for line in made.splitlines())
    suites(hostile, described)


def test_an_empty_report(described):
    assert suites(Report((), (), (), ()), described) == {}
