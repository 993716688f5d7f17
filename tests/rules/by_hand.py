"""Submissions of a few rows written by hand, and what one rule finds in them."""

from typing import Any

import pandas as pd
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.frames.columns import category
from divide_cli.frames.observations import InputFile, Observations, Reading
from divide_cli.validation.rules import kinds
from divide_cli.validation.rules.findings import Violations
from divide_cli.validation.rules.sorting import submission_of
from divide_cli.validation.rules.submission import Submission
from tests.unit.frames_by_hand import observations

NUMBERS = (v.PRINTED, v.PADDED, *v.QUANTITIES)


def submission(*rows: dict[str, Any], **defaults: Any) -> Observations:
    """The rows, of Kenya where nothing else is said, with a decimal each; their lines are 2, 3, ..."""
    numbers = [name for name in NUMBERS if any(name in row for row in rows) or name in defaults]
    full = [{v.REF_AREA: "KEN", v.PRINTED: 1, **defaults, **row} for row in rows]
    bare = [{name: value for name, value in row.items() if name not in NUMBERS} for row in full]
    frame = observations(*(row | {v.AGE: v.TOTAL} for row in bare))
    ages = [row.get(v.AGE, v.TOTAL) for row in full]
    frame[v.AGE] = pd.Categorical(ages, [*category(v.AGE).categories, *sorted({*ages} - {*category(v.AGE).categories})])
    for name in dict.fromkeys([v.PRINTED, *numbers]):
        frame[name] = pd.Series([row.get(name, float("nan")) for row in full])
    frame[v.PRINTED] = frame[v.PRINTED].astype("int8")
    known = {*v.KEY, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, v.EDITION, v.FILE, v.LINE, *v.INTERNAL}
    known |= {v.DECIMALS, v.CITATION, *NUMBERS}
    reading = Reading(InputFile("test.csv", "", 0, "utf-8"), "sdmx_tidy", len(frame), 0)
    return Observations(frame, tuple(name for name in frame if name not in known), (reading,))


def table(*rows: dict[str, Any], **defaults: Any) -> Submission:
    return submission_of(submission(*rows, **defaults))


def rule(name: str, tolerance: float | None = None, **parameters: Any) -> Rule:
    """A rule of the catalogue, with other parameters."""
    known = catalogue().rules[name]
    return structs.replace(
        known, parameters={**known.parameters, **parameters}, tolerance=known.tolerance if tolerance is None else tolerance
    )  # fmt: skip


def hits(asked: Rule, rows: Submission) -> Violations:
    return kinds()[asked.kind].violations(rows, asked)


def lines(asked: Rule, rows: Submission) -> list[int]:
    """The lines that the rule names, in ascending order."""
    return sorted(int(line) for line in rows.frame[v.LINE].to_numpy()[hits(asked, rows).rows[:, 0]])


def years(code: str, first: int, *values: float | None, **more: Any) -> list[dict[str, Any]]:
    """One row a year from the first on; None leaves the year out."""
    return [
        {v.INDICATOR: code, v.TIME_PERIOD: first + at, v.OBS_VALUE: value, **more}
        for at, value in enumerate(values)
        if value is not None
    ]


def three(year: int, total: float, women: float, men: float, **more: Any) -> list[dict[str, Any]]:
    """The total, women and men of one year."""
    return [
        {v.SEX: sex, v.TIME_PERIOD: year, v.OBS_VALUE: value, **more}
        for sex, value in (("_T", total), ("F", women), ("M", men))
    ]


def bands(year: int, total: float | None, *parts: tuple[str, float], **more: Any) -> list[dict[str, Any]]:
    """The total and the age bands of one year."""
    every = [*([("_T", total)] if total is not None else []), *parts]
    return [{v.AGE: age, v.TIME_PERIOD: year, v.OBS_VALUE: value, **more} for age, value in every]
