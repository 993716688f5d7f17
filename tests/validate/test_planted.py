"""The benchmark in small: exactly the planted lines are listed, and counts are exact whatever is listed."""

import csv
from dataclasses import replace

import pyarrow as pa
import pytest

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.readers import ReadOptions
from divide_cli.validation.rules import grouping, ratios, submission
from divide_cli.validation.run import ValidationRequest, validate

ROWS, FAULTS = 20_000, 80
RULE_OF = {
    **dict.fromkeys(("area", "indicator", "sex", "place", "required"), "code_unknown"),
    "year": "year_out_of_range",
    "range": "value_out_of_range",
    "key": "duplicate_key",
}
COLUMN_OF = {
    "area": "REF_AREA",
    "indicator": "INDICATOR",
    "sex": "SEX",
    "place": "URBANISATION",
    "required": "AGE",
    "year": "TIME_PERIOD",
    "range": "OBS_VALUE",
    "key": "OBS_VALUE",
}
SUBMITTED = ReadOptions(strict=False, submitted=True)
PLAIN = (*dict.fromkeys(RULE_OF.values()), "value_not_a_number", "period_not_a_year", "row_ragged", "repeated_row")


def report(file, limit, only=PLAIN, tell=lambda _what: None):
    rules = tuple(rule for name, rule in catalogue().rules.items() if only is None or name in only)
    return validate(ValidationRequest((file,), rules, read_options=SUBMITTED, limit=limit), tell)


def counts(found):
    return {tally.rule: tally.count for tally in found.summary}


def test_exactly_the_planted_lines_are_listed(made):
    file, planted = made(ROWS, FAULTS)
    listed = [(finding.line, finding.rule, finding.column) for finding in report(file, 0).findings]
    assert listed == [(line, RULE_OF[kind], COLUMN_OF[kind]) for line, kind in planted.items()]


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_counts_are_exact_whatever_is_listed(made, limit):
    file, planted = made(ROWS, FAULTS)
    found = report(file, limit)
    wanted = {}
    for kind in planted.values():
        wanted[RULE_OF[kind]] = wanted.get(RULE_OF[kind], 0) + 1
    assert counts(found) == wanted
    assert {tally.rule: tally.listed for tally in found.summary} == {
        rule: min(count, limit) for rule, count in wanted.items()
    }
    assert {finding.line for finding in found.findings} <= set(planted)


@pytest.mark.parametrize(("every", "rule"), [("years", "year_out_of_range"), ("codes", "code_unknown")])
def test_a_file_in_which_every_row_fails(made, every, rule):
    file, _ = made(ROWS, 0, "--every", every)
    found = report(file, 100)
    assert counts(found) == {rule: ROWS}
    assert [finding.line for finding in found.findings] == sorted({finding.line for finding in found.findings})
    assert len(found.findings) == 100


def test_values_beyond_the_range_are_counted_without_those_of_further_breakdowns(made):
    file, _ = made(ROWS, 0, "--every", "values")
    with open(file, encoding="utf-8") as lines:
        totals = sum(row["EDUCATION"] == "_T" for row in csv.DictReader(lines))
    found = report(file, 100)
    assert counts(found) == {"value_out_of_range": totals}
    assert len(found.findings) == 100


def test_the_long_file_has_the_faults_that_it_says(made):
    file, planted = made(ROWS, FAULTS, "--long")
    found = report(file, 0, ("code_unknown", "value_out_of_range"))
    assert [(finding.line, finding.rule) for finding in found.findings] == [
        (line, RULE_OF[kind]) for line, kind in planted.items()
    ]


@pytest.mark.parametrize("limit", [0, 7])
def test_all_rules_find_the_same_whatever_the_blocks_and_the_threads(made, monkeypatch, limit):
    """The JSON is the same byte for byte: also which findings are listed, and the order of the reasons."""
    file, _ = made(ROWS, FAULTS)
    monkeypatch.setattr(pa, "cpu_count", lambda: 1)
    whole = report(file, limit, None)
    assert sum(tally.count for tally in whole.summary) > 5 * FAULTS  # the figures are random: many rules are broken
    for size, threads in ((700, 3), (4000, 2)):
        for module in (grouping, ratios, submission):
            monkeypatch.setattr(module, "BLOCK", size)
        monkeypatch.setattr(pa, "cpu_count", lambda threads=threads: threads)
        parted = report(file, limit, None)
        assert parted.findings == whole.findings, (size, threads)
        assert parted.summary == whole.summary
        assert [(rule, list(rule.not_checked)) for rule in parted.rules] == [
            (rule, list(rule.not_checked)) for rule in whole.rules
        ]


def test_regions_of_an_economy_are_judged_together_however_long_the_file_is(tmp_path, monkeypatch):
    """Five of five regions jump in 2021: one break of the survey, not five jumps. Two have the same values in each year."""
    rows = [
        f"{area},REGION{region},internet_use,{year},{level + 0.5 + 3 * (year - 2018) + (30 if year >= 2021 and area == 'KEN' else 0)}"
        for area in ("KEN", "UGA")
        for region, level in enumerate((20, 23, 27, 31, 31))
        for year in range(2018, 2023)
    ]
    file = tmp_path / "regions.csv"
    file.write_text("\n".join(["REF_AREA,SUBNATIONAL_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE", *rows]), encoding="utf-8")
    options = replace(SUBMITTED, dimensions=("SUBNATIONAL_AREA",))
    jumps = {"jump", "jump_of_parts", "break_unmarked"}
    found = {}
    for size in (10_000, 7):
        monkeypatch.setattr(submission, "BLOCK", size)
        rules = tuple(catalogue().rules.values())
        found[size] = validate(ValidationRequest((str(file),), rules, read_options=options, limit=0)).findings
    assert [finding.rule for finding in found[10_000] if finding.rule in jumps] == ["break_unmarked"]
    assert [finding.key[v.REF_AREA] for finding in found[10_000] if finding.rule == "regions_copied"] == ["KEN", "UGA"]
    assert found[7] == found[10_000]


def test_what_is_being_done_is_told(made):
    file, _ = made(ROWS, FAULTS)
    told = []
    report(file, 1, tell=told.append)
    name = catalogue().rules["duplicate_key"].name
    assert told[0] == f"reading {file}"
    assert told[1] == f"checking {file}"
    assert f"checking {file}: {name}" in told
