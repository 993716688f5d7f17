"""Rules on what the notes say: words that speak of another concept, what ought to be said, last digits that round."""

import re

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.submission import Array, Mask, Submission
from divide_cli.validation.rules.violations import Explanation, Violations, no_violations, one_row_each

_SHOWN = 120
"""Characters of a comment that are shown."""


@kind(vtl.Unsaid.TEXTS)
def says(submission: Submission, rule: Rule, *, pattern: str, expected: str, unless: str = r"(?!)") -> Violations:
    """A comment of a row in the scope holds the `pattern` (a regular expression, in any case), and not `unless`."""
    texts = submission.categories(v.OBS_COMMENT)
    words, exception = (re.compile(one, re.IGNORECASE) for one in (pattern, unless))
    matches = [None if exception.search(text) else words.search(text) for text in texts]
    comment = submission.column(v.OBS_COMMENT)
    rows = submission.usable_in(rule) & (comment >= 0)
    matching = np.array([match is not None for match in matches], dtype=bool)
    wrong = rows & matching[comment] if texts else rows

    def explain(row: int) -> Explanation:
        match = matches[comment[row]]
        return Explanation(expected, repr(texts[comment[row]][:_SHOWN]), match[0] if match else "")

    return one_row_each(wrong, explain, rows, column=v.OBS_COMMENT)


@kind(vtl.Unsaid.TEXTS)
def unsaid(submission: Submission, rule: Rule, *, pattern: str, expected: str) -> Violations:
    """No comment of any row in the scope holds the `pattern`, though the file has comments. A case an indicator."""
    texts = submission.categories(v.OBS_COMMENT)
    rows, comment = submission.usable_in(rule), submission.column(v.OBS_COMMENT)
    in_use = set(np.unique(comment[rows]).tolist()) - {-1}
    if not any(texts[code].strip() for code in in_use):
        return no_violations(int(rows.sum()), {NotChecked.NO_COMMENTS: 1})
    words = re.compile(pattern, re.IGNORECASE)
    matching = np.array([bool(words.search(text)) for text in texts], dtype=bool)
    count, saying = (_of_each_indicator(submission, mask) for mask in (rows, rows & matching[comment]))
    silent = np.flatnonzero((count > 0) & (saying == 0))

    def explain(row: int) -> Explanation:
        return Explanation(expected, "nothing of it", submission.index[v.INDICATOR].code_at(row))

    heads = _first_rows(submission, rows, silent)
    return one_row_each(heads, explain, count > 0, column=v.OBS_COMMENT)


@kind(vtl.Unsaid.CHANCE)
def digit_preference(submission: Submission, rule: Rule, *, least: int, z: float) -> Violations:
    """Last digits 0 and 5 are more frequent than chance: z = (k - n/5) / sqrt(n 4/25) above `z`. A case an indicator.

    Only values with one decimal, and indicators with `least` of them.
    """
    value, half = submission.value, submission.half
    rows = submission.usable_in(rule) & (half > 0.049) & (half < 0.051) & (value > 0) & (value < 100)
    tenths = value[rows]
    tenths *= 10
    np.round(tenths, out=tenths)
    tenths %= 5
    rounding = rows.copy()
    rounding[rows] = tenths == 0
    count, round_digits = (_of_each_indicator(submission, mask) for mask in (rows, rounding))
    score = (round_digits - count / 5) / np.sqrt(np.maximum(count, 1) * 4 / 25)
    indicator = submission.index[v.INDICATOR]

    def explain(row: int) -> Explanation:
        own = indicator.numbers[row]
        chance = f"about {count[own] / 5:.0f} of {count[own]:,}"
        return Explanation(chance, f"{round_digits[own]:,}", indicator.code_at(row))

    wrong = np.flatnonzero((count >= least) & (score > z))
    return one_row_each(_first_rows(submission, rows, wrong), explain, count >= least)


def _of_each_indicator(submission: Submission, rows: Mask) -> Array:
    """The number of the rows that are of each indicator."""
    indicator = submission.index[v.INDICATOR]
    return np.bincount(indicator.numbers[rows], minlength=len(indicator.codes))


def _first_rows(submission: Submission, rows: Mask, indicators: Array) -> Array:
    """The first of the rows that are of each of the indicators, which have some."""
    numbers = submission.index[v.INDICATOR].numbers
    return np.array([int(np.argmax(rows & (numbers == one))) for one in indicators], dtype=np.intp)
