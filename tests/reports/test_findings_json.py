"""The report as JSON: the documented keys, exact texts."""

import json

from divide_cli.reports import json as findings_json


def test_shape(report, described):
    made = json.loads(findings_json.text(report, described))
    assert list(made) == ["versions", "limit", "inputs", "rules", "summary", "findings"]
    assert set(made["versions"]) == {"divide", "python", "pandas", "pyarrow"} and all(made["versions"].values())
    assert made["limit"] == 2
    assert set(made["inputs"][0]) == {
        "path", "sha256", "bytes", "rows", "used", "ignored", "refused", "dataflow", "error",
    }  # fmt: skip
    assert {"id", "name", "severity", "applied", "skipped", "checked", "not_checked"} <= set(made["rules"][0])
    assert set(made["summary"][0]) == {"rule", "severity", "count", "waived", "listed"}
    assert list(made["findings"][0]) == [
        "rule", "severity", "file", "line", "lines", "context", "column", "key", "expected", "found", "message", "hint",
        "waived", "waiver",
    ]  # fmt: skip


def test_content(report, described):
    made = json.loads(findings_json.text(report, described))
    assert [entry["error"] is None for entry in made["inputs"]] == [True, True, True, False]
    rules = {rule["id"]: rule for rule in made["rules"]}
    assert rules["small_sample"]["applied"] is False and rules["small_sample"]["skipped"].startswith("the file has")
    assert rules["jump"]["applied"] is True and rules["jump"]["skipped"] is None
    assert rules["total_within_parts"]["not_checked"] == {"a part is missing": 5, "no population at that age": 2}
    assert "expired_waiver" in rules  # broken, though no run applied it
    assert made["summary"][1] == {
        "rule": "total_within_parts", "severity": "warning", "count": 12, "waived": 4, "listed": 2,
    }  # fmt: skip
    assert [found["line"] for found in made["findings"]] == [5, 9, 7, 20, 11, None, 3, 4]
    assert made["findings"][0]["key"]["TIME_PERIOD"] == 2023
    assert made["findings"][2]["lines"] == [7, 8, 12] and made["findings"][2]["context"] == [6, 9]
    waived = made["findings"][3]
    assert waived["waived"] is True and waived["waiver"]["owner"] == "A. Statistician"
    assert made["findings"][0]["waived"] is False and made["findings"][0]["waiver"] is None


def test_hostile_texts_come_back_and_no_terminal_obeys_them(hostile, described, harmless):
    made = findings_json.text(hostile, described)
    harmless(made)
    for given, found in zip(hostile.findings, json.loads(made)["findings"], strict=True):
        if len(given.found) < findings_json.LONGEST:
            assert found["found"] == given.found
        else:
            assert found["found"].endswith("… (10,000,000 characters)")
