"""The report as annotations: GitHub's escaping, by severity."""

import re
from dataclasses import replace

from divide_cli.reports import annotations

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def parsed(report, described):
    """Level, properties and message of each line, as the runner reads them."""
    *lines, told = annotations.text(report, described).splitlines()
    made = []
    for line in lines:
        level, told_properties, data = COMMAND.fullmatch(line).groups()
        properties = dict(part.split("=", 1) for part in told_properties.split(","))
        undone = {
            name: text.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%25", "%")
            for name, text in properties.items()
        }
        made.append((level, undone, data.replace("%0A", "\n").replace("%25", "%")))
    return made, told


def test_annotations(report, described):
    made, told = parsed(report, described)
    assert [level for level, _, _ in made] == ["error"] * 4 + ["warning"] * 2 + ["notice"] * 2
    assert made[0][1] == {"file": "data/torn.csv", "title": "The file could not be read"}
    level, properties, message = made[1]
    assert properties == {
        "file": "data/submission 2024.csv", "line": "5", "title": "A percentage lies between 0 and 100, column Value",
    }  # fmt: skip
    assert message.splitlines() == [
        "170.2 is more than 100 %",
        "About: ALB internet_use F Y15T24 2023",
        "Expected: 0 to 100",
        "Found: 170.2",
        "What to do: Correct the value, or the unit if it is no percentage.",
        "2 more findings of this rule",
    ]
    assert "col" not in properties  # the name of a column says no place among characters
    assert made[3][1]["file"] == "data/book.xlsx" and "sheet By sex" in made[3][1]["title"]
    assert told == "divide validate: 3 errors, 13 warnings and 2 notes; 4 of them accepted"


def test_accepted_findings_are_no_annotations(report, described):
    made, _ = parsed(report, described)
    assert not any("total 21" in message for _, _, message in made)
    assert made[4][2].endswith("7 more findings of this rule")


def test_a_finding_of_the_whole_file_has_no_line(report, described):
    made, _ = parsed(report, described)
    assert [properties.get("line") for _, properties, _ in made] == [None, "5", "9", "3", "7", "4", "11", None]


def test_each_rule_comes_first_before_any_comes_twice(report, described):
    many = tuple(replace(report.findings[0], line=line) for line in range(2, 30))
    other = replace(report.findings[0], rule="keys_unique", line=40)
    made, told = parsed(replace(report, findings=(*many, other), inputs=report.inputs[:1]), described)
    assert [properties["line"] for _, properties, _ in made][:3] == ["2", "40", "3"]
    assert told.endswith(". GitHub shows at most 10 annotations of each level. `--format markdown` lists all findings.")


def test_hostile_texts_cannot_leave_their_command(hostile, described, harmless):
    made = annotations.text(hostile, described)
    harmless(made)
    commands, _ = parsed(hostile, described)
    waived = sum(finding.waiver is not None for finding in hostile.findings)
    assert len(commands) == len(hostile.findings) - waived + 1
    for line in made.splitlines():
        assert line.startswith(("::error ", "::warning ", "divide validate: "))
    percent = next(message for _, _, message in commands if message.startswith("Percent"))
    assert "100%0A" in percent and "pwned%25" in percent
