"""Rules on the notes of a file, on last digits, and on the counts and samples behind the figures."""

from collections.abc import Sequence

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.frames.columns import Array, Mask, fields
from divide_cli.language import counted, remarked, say
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.findings import Explanation, Violations, no_violations, number, one_row_each
from divide_cli.validation.rules.grouping import Floats
from divide_cli.validation.rules.patterns import searched
from divide_cli.validation.rules.submission import Submission

NUMERATOR, DENOMINATOR, SAMPLE_SIZE, STD_ERR = v.QUANTITIES
_INTERVAL = (v.CI_LOWER, v.CI_UPPER, v.CI_LEVEL)
_SHOWN = 120
"""The number of characters of a comment that are shown."""


@kind(vtl.Unsaid.TEXTS)
def says(submission: Submission, rule: Rule, *, pattern: str, expected: str, unless: str = r"(?!)") -> Violations:
    """A comment of a row in the scope matches `pattern` (a regular expression, ignoring case), and not `unless`."""
    texts = submission.categories(v.OBS_COMMENT)
    found, excepted = (searched(one, texts) for one in (pattern, unless))
    matches = [None if other is not None else match for match, other in zip(found, excepted, strict=True)]
    comment = submission.column(v.OBS_COMMENT)
    rows = submission.usable_in(rule) & (comment >= 0)
    matching = np.array([match is not None for match in matches], dtype=bool)
    wrong = rows & matching[comment] if texts else rows

    def explain(row: int) -> Explanation:
        match = matches[comment[row]]
        return Explanation(expected, repr(texts[comment[row]][:_SHOWN]), match or "")

    return one_row_each(wrong, explain, rows, column=v.OBS_COMMENT)


@kind(vtl.Unsaid.TEXTS)
def unsaid(submission: Submission, rule: Rule, *, pattern: str, expected: str) -> Violations:
    """No comment of any row in the scope matches `pattern`, although the file has comments.

    There is one case for each indicator.
    """
    texts = submission.categories(v.OBS_COMMENT)
    rows, comment = submission.usable_in(rule), submission.column(v.OBS_COMMENT)
    in_use = set(np.unique(comment[rows]).tolist()) - {-1}
    if not any(texts[code].strip() for code in in_use):
        return no_violations(int(rows.sum()), {NotChecked.NO_COMMENTS: 1})
    matching = np.array([match is not None for match in searched(pattern, texts)], dtype=bool)
    count, saying = (submission.of_each_indicator(mask) for mask in (rows, rows & matching[comment]))
    silent = np.flatnonzero((count > 0) & (saying == 0))

    def explain(row: int) -> Explanation:
        return Explanation(expected, say("not stated"), submission.index[v.INDICATOR].code_at(row))

    heads = _first_rows(submission, rows, silent)
    return one_row_each(heads, explain, count > 0, column=v.OBS_COMMENT)


@kind(vtl.Unsaid.CHANCE)
def digit_preference(submission: Submission, rule: Rule, *, least: int, z: float) -> Violations:
    """Last digits 0 and 5 are more frequent than chance: z = (k - n/5) / sqrt(n 4/25) above `z`.

    There is one case for each indicator. Only values with one decimal count, and indicators with `least` of them.
    """
    value, half = submission.value, submission.half
    rows = submission.usable_in(rule) & half.at_most(0.051) & ~half.at_most(0.049) & (value > 0) & (value < 100)
    tenths = value[rows]
    tenths *= 10
    np.round(tenths, out=tenths)
    tenths %= 5
    rounding = rows.copy()
    rounding[rows] = tenths == 0
    count, round_digits = (submission.of_each_indicator(mask) for mask in (rows, rounding))
    score = (round_digits - count / 5) / np.sqrt(np.maximum(count, 1) * 4 / 25)
    indicator = submission.index[v.INDICATOR]

    def explain(row: int) -> Explanation:
        own = indicator.numbers[row]
        chance = say("about {count:.0f} of {count_2:,}", count=count[own] / 5, count_2=count[own])
        return Explanation(chance, f"{round_digits[own]:,}", indicator.code_at(row))

    wrong = np.flatnonzero((count >= least) & (score > z))
    return one_row_each(_first_rows(submission, rows, wrong), explain, count >= least)


def _first_rows(submission: Submission, rows: Mask, indicators: Array) -> Array:
    """The first of these rows for each of the indicators, all of which have some."""
    numbers = submission.index[v.INDICATOR].numbers
    return np.array([int(np.argmax(rows & (numbers == one))) for one in indicators], dtype=np.intp)


def _with_quantities(submission: Submission, rule: Rule, *names: str) -> tuple[Mask, list[Floats]]:
    """The rows of the scope that have all the quantities, and the quantities, in a file with a column for each."""
    columns = [submission.column(name) for name in names]
    return np.asarray(submission.usable_in(rule) & ~np.isnan(columns).any(axis=0)), columns


def _has(submission: Submission, *names: str) -> bool:
    """Whether the file has a column for each of these quantities."""
    return all(name in submission.frame for name in names)


@kind(vtl.holds(vtl.share_of_counts), by_area=True)
def quotient(submission: Submission, rule: Rule, *, scales: Sequence[float] = ()) -> Violations:
    """100 x numerator / denominator is outside the rounding interval of the percentage by more than the tolerance.

    `scales`: the units in which either of the two may be counted (thousands, millions).
    """
    if not _has(submission, NUMERATOR, DENOMINATOR):
        return no_violations()
    rows, (above, below) = _with_quantities(submission, rule, NUMERATOR, DENOMINATOR)
    if not rows.any():
        return no_violations()
    share = np.divide(100 * above, below, out=np.full(len(submission), np.inf), where=below > 0)
    fits = np.zeros(len(submission), dtype=bool)
    for scale in (1, *scales):  # a numerator in thousands over a denominator in persons
        fits |= np.abs(share * scale - submission.value) <= submission.half[:] + rule.tolerance + v.EXACT

    def explain(row: int) -> Explanation:
        percentage = number(share[row]) if below[row] > 0 else say("no share")
        counts = say("{above} of {below}", above=number(above[row]), below=number(below[row]))
        return Explanation(remarked(percentage, counts), number(submission.value[row]))

    return one_row_each(rows & ~fits, explain, rows)


@kind(vtl.holds("isnull(OBS_VALUE) or SAMPLE_SIZE >= {least}"), by_area=True)
def small_sample(submission: Submission, rule: Rule, *, least: float) -> Violations:
    """Fewer respondents than `least`."""
    if not _has(submission, SAMPLE_SIZE):
        return no_violations()
    rows, (respondents,) = _with_quantities(submission, rule, SAMPLE_SIZE)

    def explain(row: int) -> Explanation:
        return Explanation(
            counted(int(least), "at least {number} respondent", "at least {number} respondents"),
            number(respondents[row]),
        )

    return one_row_each(rows & (respondents < least), explain, rows, column=SAMPLE_SIZE)


@kind(
    vtl.holds(
        "OBS_VALUE <= 0 or OBS_VALUE >= 100 or "
        "(100 * STD_ERR <= {most} * OBS_VALUE and 100 * STD_ERR <= {most} * (100 - OBS_VALUE))"
    ),
    by_area=True,
)
def imprecise(submission: Submission, rule: Rule, *, most: float) -> Violations:
    """100 x standard error / min(p, 100 - p) is above `most`: the coefficient of variation of the rarer answer."""
    if not _has(submission, STD_ERR):
        return no_violations()
    rows, (error,) = _with_quantities(submission, rule, STD_ERR)
    rarer = np.minimum(submission.value, 100 - submission.value)
    rows = rows & (rarer > 0)
    variation = np.divide(100 * error, rarer, out=np.zeros(len(submission)), where=rarer > 0)

    def explain(row: int) -> Explanation:
        return Explanation(say("at most {most} %", most=most), say("{percent:.1f} %", percent=variation[row]))

    return one_row_each(rows & (variation > most), explain, rows, column=STD_ERR)


@kind(
    vtl.holds(
        "{twice} * STD_ERR < {wide} and "
        "({twice} * STD_ERR <= {narrow} or 100 * {twice} * STD_ERR <= {relative} * OBS_VALUE)",
        twice=lambda rule: 2 * float(rule.parameters["z"]),
    ),
    by_area=True,
)
def wide_interval(
    submission: Submission, rule: Rule, *, z: float, wide: float, narrow: float, relative: float
) -> Violations:
    """NCHS 2017: an interval that is too wide to publish the proportion.

    The width is 2 z x standard error. It is too wide if it is `wide` PP or more, or if it is more than `narrow` PP and
    more than `relative` per cent of the percentage.
    """
    if not _has(submission, STD_ERR):
        return no_violations()
    rows, (error,) = _with_quantities(submission, rule, STD_ERR)
    width, value = 2 * z * error, submission.value
    share = np.divide(100 * width, value, out=np.full(len(submission), np.inf), where=value > 0)
    wrong = rows & ((width >= wide) | ((width > narrow) & (share > relative)))

    def explain(row: int) -> Explanation:
        expected = say(
            "less than {wide} PP, and at most {narrow} PP or {relative} % of the value",
            wide=wide,
            narrow=narrow,
            relative=relative,
        )
        return Explanation(
            expected, say("{width:.1f} PP", width=width[row]), say("{percent:.0f} %", percent=share[row])
        )

    return one_row_each(wrong, explain, rows, column=STD_ERR)


@kind(
    vtl.holds(
        "OBS_VALUE * (100 - OBS_VALUE) <= 0 or SAMPLE_SIZE <= 0 or "
        "(STD_ERR * STD_ERR * SAMPLE_SIZE >= {least} * OBS_VALUE * (100 - OBS_VALUE) and "
        "STD_ERR * STD_ERR * SAMPLE_SIZE <= {most} * OBS_VALUE * (100 - OBS_VALUE))"
    ),
    by_area=True,
)
def implausible_error(submission: Submission, rule: Rule, *, least: float, most: float) -> Violations:
    """The standard error does not fit the sample size: deff = se^2 n / (p (100 - p)) is outside `least` to `most`.

    deff is the design effect, the variance as a multiple of that of a simple random sample.
    """
    if not _has(submission, SAMPLE_SIZE, STD_ERR):
        return no_violations()
    rows, (respondents, error) = _with_quantities(submission, rule, SAMPLE_SIZE, STD_ERR)
    spread = submission.value * (100 - submission.value)
    rows = rows & (spread > 0) & (respondents > 0)
    effect = np.divide(error**2 * respondents, spread, out=np.ones(len(submission)), where=spread > 0)

    def explain(row: int) -> Explanation:
        stated = say(
            "{error} with {respondents} respondents", error=number(error[row]), respondents=number(respondents[row])
        )
        return Explanation(
            say("a design effect of {least} to {most}", least=least, most=most), stated, f"{effect[row]:.2g}"
        )

    return one_row_each(rows & ((effect < least) | (effect > most)), explain, rows, column=STD_ERR)


@kind(vtl.Unsaid.INTERVALS)
def interval_off(submission: Submission, rule: Rule) -> Violations:
    """A confidence interval without a value, one that does not contain its value, or an impossible level.

    The level is one that the schema of observations allows (50 to 99.99 %); empty is 95 %.
    """
    frame = submission.frame
    if not any(name in frame for name in _INTERVAL):
        return no_violations()
    absent = np.full(len(submission), np.nan)
    lower, upper, level = (submission.column(name) if name in frame else absent for name in _INTERVAL)
    value, limits = submission.value, fields("observations")[v.CI_LEVEL]["constraints"]
    stated = submission.in_scope(rule) & ~submission.gated & ~np.isnan([lower, upper, level]).all(axis=0)
    empty, outside = np.isnan(value), (lower > value) | (upper < value)
    impossible = (level < limits["minimum"]) | (level > limits["maximum"])

    def explain(row: int) -> Explanation:
        interval = say("{lower} to {upper}", lower=number(lower[row]), upper=number(upper[row]))
        if impossible[row]:
            return Explanation(
                say("{minimum} to {maximum}", minimum=limits["minimum"], maximum=limits["maximum"]),
                say("the level {level}", level=number(level[row])),
            )
        if empty[row]:
            return Explanation(
                say("a value, or no interval"), say("the interval {interval} without a value", interval=interval)
            )
        return Explanation(
            say("an interval that contains the value"),
            say("{interval} around {value}", interval=interval, value=number(value[row])),
        )

    column = next(name for name in _INTERVAL if name in frame)
    return one_row_each(stated & (empty | outside | impossible), explain, stated, column=column)
