"""Rules on single values: range, year, unit, decimals, blanks; fractions, slips of the unit, zeros for gaps."""

from datetime import date

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue, codelist
from divide_cli.frames.bounds import shown_decimals
from divide_cli.frames.columns import Array, Mask, fields, row_blocks
from divide_cli.frames.schema import unit_limits
from divide_cli.language import counted, say
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import FARTHEST, predicted, suggestion, with_near_year
from divide_cli.validation.rules.findings import Explanation, Violations, grouped, no_violations, number, one_row_each
from divide_cli.validation.rules.grouping import NO_ROW
from divide_cli.validation.rules.submission import Submission


@kind(vtl.of_rows(vtl.out_of_range))
def out_of_range(
    submission: Submission, rule: Rule, *, most: float = np.inf, near: float = 0.0, throughout: bool | None = None
) -> Violations:
    """A value below the least or above the greatest that its unit allows, or above `most`.

    `near`: a corrected value is suggested if it is within so many points of the years around. `throughout`: only rows
    of a further breakdown in which most values are out of range, three at least (true), or only others (false): a
    breakdown without a codelist may contain another measure.
    """
    indicator = submission.index[v.INDICATOR]
    low, high = unit_limits(indicator.codes)
    high = np.minimum(high, most)
    usable = submission.usable_in(rule)
    room = rule.tolerance + v.EXACT
    wrong = np.zeros(len(submission), dtype=bool)
    for rows in row_blocks(len(submission)):
        value, number_of = submission.value[rows], indicator.numbers[rows]
        wrong[rows] = (value < (low - room)[number_of]) | (value > (high + room)[number_of])
    wrong &= usable
    if throughout is not None:
        wrong &= _throughout(submission, wrong, usable) == throughout

    def explain(row: int) -> Explanation:
        value, least, greatest = submission.value[row], *(limit[indicator.numbers[row]] for limit in (low, high))
        beyond = say("below {least:g}", least=least) if value < least else say("above {greatest:g}", greatest=greatest)
        fitting = _fitting(submission, row, least, greatest, near)
        expected = say(
            "{least:g} to {greatest:g}{fitting}{suggestion}",
            least=least,
            greatest=greatest,
            fitting=fitting,
            suggestion=suggestion(submission, row),
        )
        return Explanation(expected, _number_apart(value, least, greatest), beyond)

    return one_row_each(wrong, explain, usable)


def _number_apart(value: float, *limits: float) -> str:
    """The number with the digits that tell it from the limits: 100.0000004, not 100."""
    shown = number(value)
    return repr(float(value)) if shown in [number(limit) for limit in limits] else shown


def _fitting(submission: Submission, row: int, least: float, most: float, near: float) -> str:
    """The value without its sign, or with a decimal point, that comes `near` the years around."""
    value, usual = float(submission.value[row]), float(predicted(submission, np.array([row]))[0])
    repairs = (-value, *(value / 10**places for places in range(1, 7)))
    possible = [repair for repair in repairs if least <= repair <= most]
    best = min(possible, key=lambda repair: abs(repair - usual), default=np.nan)
    return say("; {best} would fit", best=number(best)) if abs(best - usual) <= near else ""


def _throughout(submission: Submission, wrong: Mask, usable: Mask) -> Mask:
    """The rows of further breakdowns with more than half of the values wrong, three at least."""
    if not submission.read.dimensions or not wrong.any():
        return np.zeros(len(submission), dtype=bool)
    rows, key, size = np.zeros(len(submission), dtype=bool), submission.key, submission.of_one_breakdown
    for group in np.unique(key[wrong] // size):
        own = slice(*np.searchsorted(key, [group * size, (group + 1) * size]))
        bad = np.count_nonzero(wrong[own])
        rows[own] = bad >= 3 and 2 * bad > np.count_nonzero(usable[own])
    return rows & (submission.further | submission.subnational) if rows.any() else rows


@kind(vtl.of_rows(vtl.possible_year))
def year_out_of_range(submission: Submission, _rule: Rule) -> Violations:
    """A year for which no such statistics exist."""
    bounds = fields("observations")[v.TIME_PERIOD]["constraints"]
    wrong = (submission.year < bounds["minimum"]) | (submission.year > bounds["maximum"])

    def explain(row: int) -> Explanation:
        return Explanation(
            say("{minimum} to {maximum}", minimum=bounds["minimum"], maximum=bounds["maximum"]),
            str(submission.year[row]),
        )

    return one_row_each(wrong, explain, len(submission), column=v.TIME_PERIOD)


@kind(vtl.Unsaid.TODAY)
def year_not_yet(submission: Submission, _rule: Rule) -> Violations:
    """A value for a year after that of the check, without the status of a forecast."""
    forecast = np.array([code == v.FORECAST for code in submission.categories(v.OBS_STATUS)], dtype=bool)
    wrong = submission.usable & (submission.year > submission.today.year)
    wrong[wrong] = ~forecast[submission.column(v.OBS_STATUS)[wrong]]

    def explain(row: int) -> Explanation:
        return Explanation(say("{year} or earlier", year=submission.today.year), str(submission.year[row]))

    return one_row_each(wrong, explain, submission.usable, column=v.TIME_PERIOD)


@kind(vtl.Unsaid.END, by_area=True)
def after_the_end(submission: Submission, rule: Rule) -> Violations:
    """A value for a year after the country ceased to exist."""
    areas, index = codelist("CL_AREA").rows, submission.index[v.REF_AREA]
    ends = [areas[code].get("valid_to", "") if code in areas else "" for code in index.codes]
    last = np.array([date.fromisoformat(end).year if end else 9999 for end in ends], dtype=np.int64)
    usable = submission.usable_in(rule)
    wrong = usable & (submission.year > last[index.numbers] if len(last) else False)

    def explain(row: int) -> Explanation:
        return Explanation(say("no year after {last}", last=last[index.numbers[row]]), str(submission.year[row]))

    return one_row_each(wrong, explain, usable, column=v.TIME_PERIOD)


@kind(vtl.of_rows(vtl.unit_of_indicator))
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
    """A value with spaces around it in its cell."""
    if v.PADDED not in submission.frame:
        return no_violations(len(submission))

    def explain(row: int) -> Explanation:
        return Explanation(
            say("the number alone"), say("{submission} with spaces", submission=number(submission.value[row]))
        )

    return one_row_each(submission.column(v.PADDED), explain, len(submission))


@kind(vtl.Unsaid.FILE)
def too_precise(submission: Submission, rule: Rule, *, most: int) -> Violations:
    """A value with more decimals than any survey can give: more than `most`.

    Noise of arithmetic does not count: 45.300000000000004 is 45.3.
    """
    usable = submission.usable_in(rule)
    printed = v.PRINTED in submission.frame
    decimals = submission.column(v.PRINTED) if printed else shown_decimals(submission.value)
    precise = np.flatnonzero(usable & (decimals > most))
    rows = precise[shown_decimals(submission.value[precise]) > most]

    def explain(row: int) -> Explanation:
        return Explanation(
            counted(most, "at most {number} decimal", "at most {number} decimals"),
            counted(int(decimals[row]), "{number} decimal", "{number} decimals"),
        )

    return one_row_each(rows, explain, usable)


_TWO_DECIMALS = 0.005 + 1e-9
"""Half a unit of the second decimal or less: values are written as fractions are."""


@kind(vtl.Unsaid.TOGETHER)
def fractions(
    submission: Submission, rule: Rule, *, least: int, reach: float, whole: bool = False, since: int = 0
) -> Violations:
    """All values of an indicator are between 0 and 1 although the unit is percent: shares were given as fractions.

    `least`: the number of values needed. `reach`: the greatest value must exceed it. Most of the values must have two
    decimals or more, which percentages below 1 seldom have. `whole`: only if no other value of the scope exceeds 1
    either, and a year after `since` has one.
    """
    usable, indicator, value = submission.usable_in(rule), submission.index[v.INDICATOR].numbers, submission.value
    count, above = (submission.of_each_indicator(usable & mask) for mask in (usable, value > 1))
    wrong = (count >= least) & (above == 0)
    if wrong.any():
        reaching = submission.of_each_indicator(usable & (value > reach))
        precise = submission.of_each_indicator(usable & submission.half.at_most(_TWO_DECIMALS))
        wrong &= (reaching > 0) & (2 * precise > count)
    if whole:
        wrong &= not (above.any() or (submission.year[usable] <= since).all())
    groups = [np.flatnonzero(usable & (indicator == number)) for number in np.flatnonzero(wrong)]
    return _given_as_fractions(submission, groups, int((count > 0).sum()))


def _given_as_fractions(submission: Submission, groups: list[Array], checked: int) -> Violations:
    """One case for the rows of each group, with the range of their values."""

    def explain(_case: int, rows: Array) -> Explanation:
        values = submission.value[rows]
        return Explanation(
            say("0 to 100"),
            say("{lowest} to {highest}", lowest=number(values.min()), highest=number(values.max())),
            f"{len(values):,}",
        )

    return grouped(submission, groups, explain, checked)


@kind(vtl.Unsaid.SERIES, by_area=True)
def fractions_in_series(submission: Submission, rule: Rule, *, least: int, apart: float, near: float) -> Violations:
    """Successive years of a series are between 0 and 1, and 100 times as much continues the percentages around them.

    `least`: the number of years needed, most of which must have two decimals or more. `apart`: how far (PP) the values
    must be from the year before and, if there is one, the year after. `near`: how near 100 times as much must come. The
    first years of a series do not count: growth from near zero may be fast.
    """
    value = submission.value
    small = submission.usable_in(rule) & (value > 0) & (value <= 1)
    if not small.any():
        return no_violations()
    before = submission.before
    begins = np.flatnonzero(small & (before != NO_ROW) & ~small[before])
    groups = []
    for first in begins[_continues(submission, begins, before[begins], apart, near)]:
        rows = [int(first)]
        while (following := int(submission.after[rows[-1]])) != NO_ROW and small[following]:
            rows.append(following)
        last, ends = np.array(rows[-1:]), np.array([following])
        precise = int((submission.half[rows] <= _TWO_DECIMALS).sum())
        if len(rows) < least or 2 * precise <= len(rows):
            continue
        if following == NO_ROW or _continues(submission, last, ends, apart, near)[0]:
            groups.append(np.array(rows))
    return _given_as_fractions(submission, groups, int(small.sum()))


def _continues(submission: Submission, rows: Array, others: Array, apart: float, near: float) -> Mask:
    """Whether 100 times the value of each row is `near` that of another year, and the value itself `apart` from it."""
    value, other = submission.value[rows], submission.value[others]
    years = np.abs(submission.year[rows].astype(np.int64) - submission.year[others])
    return np.asarray((years <= FARTHEST) & (np.abs(value - other) >= apart) & (np.abs(100 * value - other) <= near))


@kind(vtl.Unsaid.TOGETHER)
def part_fractions(submission: Submission, rule: Rule, *, dimension: str, least: int, near: float) -> Violations:
    """All values of one part (women, say) of an indicator are between 0 and 1, and 100 times as much fits the totals.

    `dimension`: that of the part. `least`: the number of values above 0 with a total that is needed, most of which must
    have two decimals or more. `near`: how far (PP) at the median 100 times such a value may be from the total, which
    must be above 1. Before a network arrives, the values are zeros and not fractions.
    """
    parts, indicator, value = submission.index[dimension], submission.index[v.INDICATOR], submission.value
    usable = np.flatnonzero(submission.usable_in(rule) & ~submission.is_code(dimension, v.TOTAL))
    group = indicator.numbers[usable].astype(np.int64) * len(parts.codes) + parts.numbers[usable]
    small = np.bincount(group, weights=value[usable] > 1) == 0
    groups = []
    for one in np.flatnonzero(small & (np.bincount(group) > 0)):
        rows = usable[group == one]
        total = submission.partner(rows, dimension, v.TOTAL)
        both = (total != NO_ROW) & (value[rows] > 0)
        paired, totals = rows[both], value[total[both]]
        precise = int((submission.half[paired] <= _TWO_DECIMALS).sum())
        if len(paired) < least or 2 * precise <= len(paired) or (totals <= 1).any():
            continue
        if np.median(np.abs(100 * value[paired] - totals)) <= near:
            groups.append(rows)
    return _given_as_fractions(submission, groups, len(np.unique(group)))


@kind(vtl.Unsaid.SERIES, by_area=True)
def slip(
    submission: Submission,
    rule: Rule,
    *,
    factor: float,
    apart: float,
    near: float,
    above: float = -np.inf,
    below: float = np.inf,
) -> Violations:
    """A value that its neighbouring years contradict, and that fits them when multiplied by `factor`.

    A first value does not count: growth from near zero may be fast. `apart`: the least distance (in the unit) from the
    neighbours. `near`: how near the corrected value must come, in the unit. `below` and `above`: the values that such a
    slip can give.
    """
    asked = submission.usable_in(rule) & (submission.span > 0)
    rows = np.flatnonzero(asked & (submission.value > above) & (submission.value <= below))
    usual, value = predicted(submission, rows), submission.value[rows]
    wrong = (np.abs(value - usual) >= apart) & (np.abs(value * factor - usual) <= near)

    def explain(row: int) -> Explanation:
        nearby = float(predicted(submission, np.array([row]))[0])
        own = submission.value[row]
        return Explanation(say("about {nearby}", nearby=number(round(nearby, 1))), number(own), number(own * factor))

    checked = with_near_year(submission, asked)
    not_checked = {NotChecked.NO_NEIGHBOUR: int(np.count_nonzero(asked)) - checked}
    return one_row_each(rows[wrong], explain, checked, not_checked=not_checked)


@kind(vtl.Unsaid.SERIES, by_area=True)
def lonely_zero(submission: Submission, rule: Rule, *, neighbours: float) -> Violations:
    """A zero between two years whose values are both above `neighbours`: often a missing value."""
    before, after, value = submission.before, submission.after, submission.value
    inside = submission.usable_in(rule) & (submission.span > 0) & (after != NO_ROW)
    zero = np.flatnonzero(inside & (value == 0))
    wrong = zero[(value[before[zero]] > neighbours) & (value[after[zero]] > neighbours)]

    def explain(row: int) -> Explanation:
        around = say("{value} and {value_2}", value=number(value[before[row]]), value_2=number(value[after[row]]))
        return Explanation(say("a value, or an empty cell"), "0", around)

    return one_row_each(wrong, explain, inside)
