"""Reports made by hand: one as a run would give it, one of the hostile texts that a file may hold."""

from collections.abc import Callable, Mapping

import pytest

from divide_cli.validation.report import Applied, Described, Input, Report, Tally, Waiver, tallied
from tests.reports.reports import DESCRIBED, TEXTS, WAIVER, finding


@pytest.fixture
def described() -> Mapping[str, Described]:
    return DESCRIBED


@pytest.fixture
def report() -> Report:
    """Three inputs (one unreadable), all severities, waived, whole-file, capped and other-file findings."""
    whole_file = {
        "line": 0, "column": "", "key": {}, "found": "no notes", "expected": "notes on the age scope",
        "message": "the file does not say whom the survey asked",
    }  # fmt: skip
    findings = (
        finding(),
        finding(line=9, key={}, found="-1", message="-1 is less than 0 %"),
        finding("total_within_parts", line=7, lines=(7, 8, 12), context=(6, 9), expected="60.1 to 70.3", found="74",
                message="the total 74 lies outside its parts"),
        finding("total_within_parts", line=20, waiver=WAIVER, expected="10 to 20", found="21",
                message="the total 21 lies outside its parts"),
        finding("repeated_value", line=11, message="81.53 was given for 2022 too", expected="", found="81.53"),
        finding("repeated_value", file="data/second.csv", **whole_file),
        finding("range_by_unit", file="data/book.xlsx[By sex]", line=3, column="C", found="101"),
        finding("expired_waiver", file="waivers.yaml", line=4, column="", key={}, expected="a day to come",
                found="2025-01-01", message="the waiver of jump ended on 2025-01-01"),
    )  # fmt: skip
    summary = (
        Tally(
            "range_by_unit", "error", 3, 0, 3, {"data/submission 2024.csv": (2, 0), "data/book.xlsx[By sex]": (1, 0)}
        ),
        Tally("total_within_parts", "warning", 12, 4, 2, {"data/submission 2024.csv": (12, 4)}),
        Tally("expired_waiver", "warning", 1, 0, 1, {"waivers.yaml": (1, 0)}),
        Tally("repeated_value", "note", 2, 0, 2, {"data/submission 2024.csv": (1, 0), "data/second.csv": (1, 0)}),
    )
    return Report(
        inputs=(
            Input("data/submission 2024.csv", "ab" * 32, 2_345, "sdmx_csv_1", 40, 36, 3, 1),
            Input("data/second.csv", "cd" * 32, 345, "national", 12, 12),
            Input("data/book.xlsx", "ef" * 32, 9_345, "national", 22, 22),
            Input("data/torn.csv", error="the file is cut off or damaged\n  where: data/torn.csv:17"),
        ),
        rules=(
            Applied("range_by_unit", 70),
            Applied("total_within_parts", 14, {"a part is missing": 5, "no population at that age": 2}),
            Applied("repeated_value", 30),
            Applied("jump", 0, {"one year only": 3}),
            Applied("small_sample", skipped="the file has no sample sizes"),
            Applied("keys_unique", 70),
        ),
        summary=summary,
        findings=findings,
        limit=2,
    )


@pytest.fixture
def hostile() -> Report:
    """Each hostile text in every place of a finding, the file's name among them."""
    findings = tuple(
        finding(
            "total_within_parts",
            file="data/submission 2024.csv",
            line=place,
            column=text[:300],
            key={"REF_AREA": text, "TIME_PERIOD": 2023},
            expected=text,
            found=text,
            message=f"{name}: {text}",
            hint=text,
            waiver=Waiver(text, text, "2027-06-30") if place % 5 == 0 else None,
        )
        for place, (name, text) in enumerate(TEXTS.items(), start=2)
    )
    names = "\x1b[31m<b>|`::error::x\u202e.csv"
    return Report(
        (
            Input("data/submission 2024.csv", "ab" * 32, 9, TEXTS["html"], 40, 40),
            Input(names, error=TEXTS["html"] + TEXTS["ansi"] + TEXTS["command"]),
        ),
        (
            Applied("total_within_parts", 3, {TEXTS["html"] + TEXTS["ansi"]: 2}),
            Applied("jump", skipped=TEXTS["markdown"]),
        ),
        tallied(findings),
        findings,
        0,
    )


UNSAFE = {
    chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x202E, 0x2066, 0x2069, 0xFEFF, 0xD800, 0xFFFE)
}


@pytest.fixture
def harmless() -> Callable[[str], None]:
    """Fails if a text that is written out has a character that a terminal obeys, or a line that a runner does."""

    def check(made: str, tabs: str = "\n") -> None:
        assert not (set(made) & UNSAFE) - set(tabs)
        for line in made.splitlines():
            assert "##[" not in line
        assert len(made) < 2_000_000

    return check
