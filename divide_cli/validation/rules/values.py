"""Rules on single values: range, unit, year, decimals, blanks, and the counts and samples that a value is made from."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue, codelist
from divide_cli.concepts import EXACT
from divide_cli.frames.keys import composite_key, unique_rows
from divide_cli.frames.schema import fields, unit_limits
from divide_cli.validation import vtl
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import predicted, suggestion
from divide_cli.validation.rules.submission import Floats, Mask, Submission, shown_decimals
from divide_cli.validation.rules.violations import Explanation, Violations, no_violations, number, one_row_each

NUMERATOR, DENOMINATOR, SAMPLE_SIZE, STD_ERR = v.QUANTITIES


@kind(vtl.OfRows(vtl.out_of_range))
def out_of_range(
    submission: Submission, rule: Rule, *, most: float = np.inf, near: float = 0.0, throughout: bool | None = None
) -> Violations:
    """A value below the least or above the greatest that its unit allows, or above `most`.

    `near`: points from what the years around suggest within which a value is named that a slip made this one of.
    `throughout`: only rows of a further breakdown in which most values are so, three at least (true), or only others
    (false): a breakdown that no list knows may hold another measure.
    """
    indicator = submission.index[v.INDICATOR]
    low, high = unit_limits(indicator.codes)
    high = np.minimum(high, most)
    usable = submission.usable_in(rule)
    wrong = submission.value < (low - rule.tolerance)[indicator.numbers]
    wrong |= submission.value > (high + rule.tolerance)[indicator.numbers]
    wrong &= usable
    if throughout is not None:
        wrong &= _throughout(submission, wrong, usable) == throughout

    def explain(row: int) -> Explanation:
        value, least, greatest = submission.value[row], *(limit[indicator.numbers[row]] for limit in (low, high))
        beyond = f"below {least:g}" if value < least else f"above {greatest:g}"
        fitting = _fitting(submission, row, least, greatest, near)
        expected = f"{least:g} to {greatest:g}{fitting}{suggestion(submission, row)}"
        return Explanation(expected, number(value), beyond)

    return one_row_each(wrong, explain, usable)


def _fitting(submission: Submission, row: int, least: float, most: float, near: float) -> str:
    """The value without its sign, or with a decimal point, that comes `near` what the years around suggest."""
    value, usual = float(submission.value[row]), float(predicted(submission, np.array([row]))[0])
    repairs = (-value, *(value / 10**places for places in range(1, 7)))
    possible = [repair for repair in repairs if least <= repair <= most]
    best = min(possible, key=lambda repair: abs(repair - usual), default=np.nan)
    return f"; {number(best)} would fit" if abs(best - usual) <= near else ""


def _throughout(submission: Submission, wrong: Mask, usable: Mask) -> Mask:
    """The rows of further breakdowns of which more than half the values are wrong, three at least."""
    dimensions = list(submission.read.dimensions)
    if not dimensions or not wrong.any():
        return np.zeros(len(submission), dtype=bool)
    group = unique_rows(composite_key(submission.frame, dimensions))[1][submission.order]
    bad, every = (np.bincount(group[mask], minlength=int(group.max()) + 1) for mask in (wrong, usable))
    return np.asarray((submission.further | submission.subnational) & ((bad >= 3) & (2 * bad > every))[group])


@kind(vtl.OfRows(vtl.year_out_of_range))
def year_out_of_range(submission: Submission, _rule: Rule) -> Violations:
    """A year that no statistics of the kind are of."""
    bounds = fields("observations")[v.TIME_PERIOD]["constraints"]
    wrong = (submission.year < bounds["minimum"]) | (submission.year > bounds["maximum"])

    def explain(row: int) -> Explanation:
        return Explanation(f"{bounds['minimum']} to {bounds['maximum']}", str(submission.year[row]))

    return one_row_each(wrong, explain, len(submission), column=v.TIME_PERIOD)


@kind(vtl.Unsaid.TODAY)
def year_not_yet(submission: Submission, _rule: Rule) -> Violations:
    """A value for a year after the one in which the file is checked, without the status of a forecast."""
    forecast = np.array([code == v.FORECAST for code in submission.categories(v.OBS_STATUS)], dtype=bool)
    wrong = submission.usable & (submission.year > submission.today.year)
    wrong[wrong] = ~forecast[submission.column(v.OBS_STATUS)[wrong]]

    def explain(row: int) -> Explanation:
        return Explanation(f"{submission.today.year} or earlier", str(submission.year[row]))

    return one_row_each(wrong, explain, submission.usable, column=v.TIME_PERIOD)


@kind(vtl.Unsaid.END, by_area=True)
def after_the_end(submission: Submission, rule: Rule) -> Violations:
    """A value of a year after the one in which the country ceased to exist."""
    areas, index = codelist("CL_AREA").rows, submission.index[v.REF_AREA]
    ends = [areas[code].get("valid_to", "") if code in areas else "" for code in index.codes]
    last = np.array([date.fromisoformat(end).year if end else 9999 for end in ends], dtype=np.int64)
    usable = submission.usable_in(rule)
    wrong = usable & (submission.year > last[index.numbers] if len(last) else False)

    def explain(row: int) -> Explanation:
        return Explanation(f"no year after {last[index.numbers[row]]}", str(submission.year[row]))

    return one_row_each(wrong, explain, usable, column=v.TIME_PERIOD)


@kind(vtl.OfRows(vtl.other_unit))
def other_unit(submission: Submission, _rule: Rule) -> Violations:
    """A unit that is not the indicator's."""
    indicators, index = catalogue().indicators, submission.index[v.INDICATOR]
    units = submission.categories(v.UNIT_MEASURE)
    expected = np.array([units.index(indicators[code].unit) for code in index.codes], dtype=np.intp)
    own = expected[index.numbers] if len(expected) else np.zeros(0, dtype=np.intp)
    stated = submission.column(v.UNIT_MEASURE)

    def explain(row: int) -> Explanation:
        return Explanation(units[own[row]], units[stated[row]])

    return one_row_each(stated != own, explain, len(submission), column=v.UNIT_MEASURE)


@kind(vtl.Unsaid.FILE)
def padded(submission: Submission, _rule: Rule) -> Violations:
    """A value with blanks around it in its cell."""
    if v.PADDED not in submission.frame:
        return no_violations(len(submission))

    def explain(row: int) -> Explanation:
        return Explanation("the number alone", f"{number(submission.value[row])} with blanks")

    return one_row_each(submission.column(v.PADDED), explain, len(submission))


@kind(vtl.Unsaid.FILE)
def too_precise(submission: Submission, rule: Rule, *, most: int) -> Violations:
    """A value with more decimals than any survey can give: more than `most`."""
    usable = submission.usable_in(rule)
    printed = v.PRINTED in submission.frame
    decimals = submission.column(v.PRINTED) if printed else shown_decimals(submission.value)

    def explain(row: int) -> Explanation:
        return Explanation(f"at most {most} decimals", f"{decimals[row]} decimals")

    return one_row_each(usable & (decimals > most), explain, usable)


def _with_quantities(submission: Submission, rule: Rule, *names: str) -> tuple[Mask, list[Floats]]:
    """The rows of the scope at which all the quantities are given, and the quantities."""
    rows = submission.usable_in(rule)
    absent = np.full(len(submission), np.nan)
    columns = [submission.column(name) if name in submission.frame else absent for name in names]
    for column in columns:
        rows = rows & ~np.isnan(column)
    return np.asarray(rows), columns


@kind(vtl.OfRows(vtl.quotient), by_area=True)
def quotient(submission: Submission, rule: Rule, *, scales: Sequence[float] = ()) -> Violations:
    """100 x numerator / denominator lies outside the rounding interval of the percentage by more than the tolerance.

    `scales`: what either of the two may be counted in (thousands, millions).
    """
    rows, (above, below) = _with_quantities(submission, rule, NUMERATOR, DENOMINATOR)
    share = np.divide(100 * above, below, out=np.full(len(submission), np.inf), where=below > 0)
    fits = np.zeros(len(submission), dtype=bool)
    for scale in (1, *scales):  # a numerator in thousands beside a denominator in persons
        fits |= np.abs(share * scale - submission.value) <= submission.half + rule.tolerance + EXACT

    def explain(row: int) -> Explanation:
        percentage = number(share[row]) if below[row] > 0 else "no share"
        counts = f"{number(above[row])} of {number(below[row])}"
        return Explanation(f"{percentage} ({counts})", number(submission.value[row]))

    return one_row_each(rows & ~fits, explain, rows)


@kind(vtl.OfRows(vtl.small_sample), by_area=True)
def small_sample(submission: Submission, rule: Rule, *, least: float) -> Violations:
    """Fewer respondents than `least`."""
    rows, (respondents,) = _with_quantities(submission, rule, SAMPLE_SIZE)

    def explain(row: int) -> Explanation:
        return Explanation(f"at least {least} respondents", number(respondents[row]))

    return one_row_each(rows & (respondents < least), explain, rows, column=SAMPLE_SIZE)


@kind(vtl.OfRows(vtl.imprecise), by_area=True)
def imprecise(submission: Submission, rule: Rule, *, most: float) -> Violations:
    """100 x standard error / min(p, 100 - p) is above `most`: the coefficient of variation of the rarer answer."""
    rows, (error,) = _with_quantities(submission, rule, STD_ERR)
    rarer = np.minimum(submission.value, 100 - submission.value)
    rows = rows & (rarer > 0)
    variation = np.divide(100 * error, rarer, out=np.zeros(len(submission)), where=rarer > 0)

    def explain(row: int) -> Explanation:
        return Explanation(f"a coefficient of variation of at most {most} %", f"{variation[row]:.0f} %")

    return one_row_each(rows & (variation > most), explain, rows, column=STD_ERR)


@kind(vtl.OfRows(vtl.wide_interval), by_area=True)
def wide_interval(
    submission: Submission, rule: Rule, *, z: float, wide: float, narrow: float, relative: float
) -> Violations:
    """NCHS 2017: an interval that is too wide to publish the proportion.

    The width is 2 z x standard error. Too wide: `wide` PP or more; or more than `narrow` PP and more than `relative`
    per cent of the percentage.
    """
    rows, (error,) = _with_quantities(submission, rule, STD_ERR)
    width, value = 2 * z * error, submission.value
    share = np.divide(100 * width, value, out=np.full(len(submission), np.inf), where=value > 0)
    wrong = rows & ((width >= wide) | ((width > narrow) & (share > relative)))

    def explain(row: int) -> Explanation:
        return Explanation(f"an interval of less than {wide} PP", f"{width[row]:.1f} PP", f"{share[row]:.0f} %")

    return one_row_each(wrong, explain, rows, column=STD_ERR)


@kind(vtl.OfRows(vtl.implausible_error), by_area=True)
def implausible_error(submission: Submission, rule: Rule, *, least: float, most: float) -> Violations:
    """The standard error is not what so many respondents give: deff = se^2 n / (p (100 - p)) outside `least` to `most`.

    deff is the design effect, the variance as a multiple of that of a simple random sample.
    """
    rows, (respondents, error) = _with_quantities(submission, rule, SAMPLE_SIZE, STD_ERR)
    spread = submission.value * (100 - submission.value)
    rows = rows & (spread > 0) & (respondents > 0)
    effect = np.divide(error**2 * respondents, spread, out=np.ones(len(submission)), where=spread > 0)

    def explain(row: int) -> Explanation:
        stated = f"{number(error[row])} with {number(respondents[row])} respondents"
        return Explanation(f"a design effect of {least} to {most}", stated, f"{effect[row]:.2g}")

    return one_row_each(rows & ((effect < least) | (effect > most)), explain, rows, column=STD_ERR)
