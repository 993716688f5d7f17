"""How rules act together: gates, cases that are another rule's, one finding for many, limits, waivers, earlier files."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.api.choices import chosen_rules, known_rules
from divide_cli.catalogue import Rule, catalogue
from divide_cli.catalogue.user_yaml import FILLED_IN
from divide_cli.errors import OptionError
from divide_cli.readers import ReadOptions
from divide_cli.validation.report import Finding, Report, Waiver
from divide_cli.validation.rules.findings import names_file
from divide_cli.validation.run import ValidationRequest, validate
from divide_cli.validation.waivers import Entry

RULES = catalogue().rules
HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
TODAY = date(2026, 7, 1)


@pytest.fixture
def run(tmp_path: Path):
    """Checks rows of a tidy CSV: `run("KEN,internet_use,F,2019,40.1", rules=...)` -> the report."""

    def check(
        *rows: str, rules: Sequence[Rule] = tuple(RULES.values()), previous: Sequence[str] = (), **more: Any
    ) -> Report:
        path = tmp_path / "figures.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        if previous:
            before = tmp_path / "before.csv"
            before.write_text(HEADER + "".join(f"{row}\n" for row in previous), encoding="utf-8")
            more["previous"] = str(before)
        choices = ReadOptions(strict=False, submitted=True)
        return validate(
            ValidationRequest((str(path),), tuple(rules), read_options=choices, **{"limit": 0, "today": TODAY, **more})
        )

    return check


def of(report: Report, name: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == name]


def waiver(rule: str, expires: date = TODAY, **key: str) -> Entry:
    return Entry("waivers.yaml", rule, key, Waiver("made up", "the office", expires.isoformat()), expires)


TRIPLE = ["KEN,internet_use,_T,2019,174.0", "KEN,internet_use,F,2019,60.0", "KEN,internet_use,M,2019,62.0"]


def test_a_row_that_breaks_a_gate_is_compared_with_nothing(run) -> None:
    """174 is outside women and men too, but it is wrong in itself."""
    report = run(*TRIPLE)
    assert of(report, "value_out_of_range")[0].line == 2
    assert of(report, "total_outside_sexes") == []
    ungated = [structs.replace(rule, gate=False) for rule in RULES.values()]
    assert of(run(*TRIPLE, rules=ungated), "total_outside_sexes")[0].line == 2


def test_a_case_that_touches_rows_of_another_rule_is_that_rules(run) -> None:
    """20.2 + 17.0 = 37.2: the total is outside its parts because they divide it."""
    rows = ["KEN,internet_use,_T,2019,37.2", "KEN,internet_use,F,2019,20.2", "KEN,internet_use,M,2019,17.0"]
    report = run(*rows)
    assert (len(of(report, "sexes_share_out_total")), of(report, "total_outside_sexes")) == (1, [])
    alone = [structs.replace(RULES["total_outside_sexes"], unless=())]
    assert len(of(run(*rows, rules=alone), "total_outside_sexes")) == 1
    without = [rule for rule in RULES.values() if rule.id != "sexes_share_out_total"]
    assert len(of(run(*rows, rules=without), "total_outside_sexes")) == 1  # a rule that is not applied takes nothing


def test_one_finding_for_all_cases_of_a_file_or_indicator(run) -> None:
    rows = [
        f"KEN,{code},_T,{year},4{year % 10}.1234567"
        for code in ("internet_use", "mobile_ownership")
        for year in (2018, 2019)
    ]
    found = of(run(*rows), "too_many_decimals")
    assert [finding.line for finding in found] == [2, 4]
    assert [finding.lines for finding in found] == [(2, 3), (4, 5)]
    whole = structs.replace(RULES["too_many_decimals"], together="file")
    assert [finding.lines for finding in run(*rows, rules=[whole]).findings] == [(2, 3, 4, 5)]
    each = structs.replace(whole, together="")
    assert [finding.line for finding in run(*rows, rules=[each]).findings] == [2, 3, 4, 5]


OVER = [f"KEN,internet_use,_T,{2000 + at},{101 + at}" for at in range(12)]


@pytest.mark.parametrize("limit", [0, 1, 3, 12, 100])
def test_counts_are_exact_whatever_is_listed(run, limit) -> None:
    report = run(*OVER, limit=limit)
    (tally,) = [tally for tally in report.summary if tally.rule == "value_out_of_range"]
    listed = min(limit or 12, 12)
    assert (tally.count, tally.listed, len(of(report, "value_out_of_range"))) == (12, listed, listed)
    assert report.failing("error") == 12


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_waived_cases_are_counted_beyond_the_limit_and_hide_no_other(run, limit) -> None:
    """Ten of twelve are waived: what is not accepted is listed first."""
    waivers = [waiver("value_out_of_range", TIME_PERIOD=str(2000 + at)) for at in range(10)]
    report = run(*OVER, limit=limit, waivers=tuple(waivers))
    (tally,) = [tally for tally in report.summary if tally.rule == "value_out_of_range"]
    assert (tally.count, tally.waived) == (12, 10)
    assert report.failing("error") == 2
    found = of(report, "value_out_of_range")
    assert sum(finding.waiver is None for finding in found) == min(limit, 2)
    assert of(report, "waiver_unused") == []


@pytest.mark.parametrize(
    ("key", "covers"),
    [
        ({"REF_AREA": "KEN", "TIME_PERIOD": "2003"}, 1),
        ({"INDICATOR": "internet_use"}, 12),
        ({}, 12),
        ({"LINE": "5"}, 1),
        ({"FILE": "figures.csv", "COLUMN": "OBS_VALUE"}, 12),
        ({"FILE": "*.csv"}, 12),
        ({"FILE": "others.csv"}, 0),
        ({"COLUMN": "Value"}, 0),
        ({"SEX": "F"}, 0),
        ({"NO_SUCH": "F"}, 0),
    ],
)
def test_what_a_waivers_key_covers(run, key, covers) -> None:
    report = run(*OVER, waivers=(waiver("value_out_of_range", **key),))
    (tally,) = [tally for tally in report.summary if tally.rule == "value_out_of_range"]
    assert tally.waived == covers
    assert len(of(report, "waiver_unused")) == (covers == 0)


def test_a_waiver_holds_on_its_last_day_and_no_longer(run) -> None:
    last = run(*OVER, waivers=(waiver("value_out_of_range"),))
    assert (last.failing("error"), of(last, "waiver_expired")) == (0, [])
    late = run(*OVER, waivers=(waiver("value_out_of_range", date(2026, 6, 30)),))
    assert (late.failing("error"), len(of(late, "waiver_expired")), of(late, "waiver_unused")) == (12, 1, [])


def test_an_earlier_submission_key_by_key_with_sizes(run) -> None:
    before = ["KEN,internet_use,_T,2017,30.0", "KEN,internet_use,_T,2018,40.0", "KEN,internet_use,_T,2019,42.0"]
    now = ["KEN,internet_use,_T,2018,40.4", "KEN,internet_use,_T,2019,47.5", "KEN,internet_use,_T,2020,50.0"]
    report = run(*now, previous=before)
    found = {
        name: of(report, name) for name in ("value_revised", "value_revised_much", "value_withdrawn", "value_added")
    }
    assert [(one.line, one.found, one.expected) for one in found["value_revised"]] == [(2, "40.4", "40")]
    assert [(one.line, one.found, one.expected) for one in found["value_revised_much"]] == [(3, "47.5", "42")]
    assert "+5.5" in found["value_revised_much"][0].message
    assert [(Path(one.file).name, one.line) for one in found["value_withdrawn"]] == [("before.csv", 2)]
    assert [(one.line, one.found) for one in found["value_added"]] == [(4, "50")]
    checked = {entry.rule: entry for entry in report.rules}
    assert checked["value_added"].checked == 4
    assert [entry.skipped for entry in run(*now).rules if entry.rule == "value_added"] == [
        "no earlier submission (--previous)"
    ]


def test_an_earlier_submission_in_another_layout(tmp_path) -> None:
    """Years in columns, a national file, blanks around a value: each finding names the column of its own file."""
    world = tmp_path / "world.csv"
    world.write_text(
        "Country Name,Country Code,Indicator Name,Indicator Code,2018,2019,2020\n"
        "Kenya,KEN,Individuals using the Internet (% of population),IT.NET.USER.ZS,30,40.1,47.1\n",
        encoding="utf-8",
    )
    national = tmp_path / "indicator_17-8-1.csv"
    national.write_text("Year,Value\n2017,28.0\n2019, 40.1\n2020,43.5\n", encoding="utf-8")

    def compared(now: Path, before: Path) -> dict[str, tuple[str, int, str]]:
        choices = ReadOptions(area="KEN", strict=False, submitted=True)
        rules = tuple(rule for rule in RULES.values() if rule.kind == "against_previous")
        report = validate(ValidationRequest((str(now),), rules, previous=str(before), read_options=choices, limit=0))
        return {one.rule: (Path(one.file).name, one.line, one.column) for one in report.findings}

    assert compared(world, national) == {
        "value_added": ("world.csv", 2, "2018"),
        "value_revised_much": ("world.csv", 2, "2020"),
        "value_withdrawn": ("indicator_17-8-1.csv", 2, "Value"),
    }
    assert compared(national, world) == {
        "value_added": ("indicator_17-8-1.csv", 2, "Value"),
        "value_revised_much": ("indicator_17-8-1.csv", 4, "Value"),
        "value_withdrawn": ("world.csv", 2, "2018"),
    }


OWN = """
internet_below_ninety:
  name: Use of the Internet is above ninety
  kind: total_outside
  severity: note
  message: '{key} {found} {expected} {detail} {count}'
  hint: Look.
  reason: made up
  source: made up
  parameters: {dimension: SEX, parts: [F, M]}
value_out_of_range:
  name: The office's own range
  kind: out_of_range
  severity: warning
  message: '{key}: {found}'
  hint: Look.
  reason: made up
  source: made up
  tolerance: 5
"""


def test_rules_of_ones_own_are_added_and_take_the_place_of_others(run, tmp_path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    rules, skipped = chosen_rules(known_rules([str(path)]), [], [])
    assert [rule.id for rule in rules] == [*RULES, "internet_below_ninety"]
    assert skipped == {}
    report = run("KEN,internet_use,_T,2019,104.0", "KEN,internet_use,_T,2020,106.0", rules=rules)
    assert [(one.severity, one.line) for one in of(report, "value_out_of_range")] == [("warning", 3)]
    report = run(
        "KEN,internet_use,_T,2019,63.0", "KEN,internet_use,F,2019,60.0", "KEN,internet_use,M,2019,62.0", rules=rules
    )
    (own,) = of(report, "internet_below_ninety")
    assert "{" not in own.message
    assert own.expected in own.message


def test_only_and_skip(tmp_path) -> None:
    rules, skipped = chosen_rules(known_rules([]), ["jump", "spike"], ["spike"])
    assert [rule.id for rule in rules] == ["jump"]
    assert skipped == {**{name: "--only" for name in RULES if name not in ("jump", "spike")}, "spike": "--skip"}
    for option in ((["jmup"], []), ([], ["jmup"])):
        with pytest.raises(OptionError) as raised:
            chosen_rules(known_rules([]), *option)
        assert "jump" in raised.value.hint


@pytest.mark.parametrize("name", RULES)
def test_messages_name_what_there_is_and_can_be_read(name) -> None:
    """Only the known places; filled in, no brace is left; one hint that says what to do, and a source."""
    rule = RULES[name]
    said = {place for _, place, _, _ in Formatter().parse(rule.message) if place}
    assert said <= set(FILLED_IN)
    filled = rule.message.format(**dict.fromkeys(FILLED_IN, "x"))
    assert "{" not in filled
    assert rule.hint.endswith(".") and rule.source and rule.reason.endswith(".")


def test_findings_say_key_file_line_and_column(run) -> None:
    (found,) = of(run("KEN,internet_use,F,2019,140.0"), "value_out_of_range")
    assert (Path(found.file).name, found.line, found.column) == ("figures.csv", 2, "OBS_VALUE")
    assert found.key == {
        v.REF_AREA: "KEN", v.INDICATOR: "internet_use", v.SEX: "F", v.AGE: "_T", v.URBANISATION: "_T", v.TIME_PERIOD: 2019,
    }  # fmt: skip
    assert "KEN, Internet use, female, 2019" in found.message


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a.xlsx", True),
        ("*.xlsx", True),
        ("in/a.xlsx", True),
        ("a.xlsx[2023]", True),
        ("in/a.xlsx[2023]", True),
        ("b.xlsx", False),
        ("a.xlsx[2022]", False),
        ("in", False),
        ("", False),
    ],
)
def test_a_waiver_names_a_sheet_or_its_workbook(pattern, names) -> None:
    assert names_file(pattern, "in/a.xlsx[2023]") is names
