"""Rules on a total and its parts: women and men, urban and rural, and any parts that add up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, codelist
from divide_cli.frames.columns import Array, Mask
from divide_cli.language import say
from divide_cli.validation import vtl
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import first, odd_one, suggestion, suspects
from divide_cli.validation.rules.findings import Explanation, Violations, number, one_row_each
from divide_cli.validation.rules.grouping import NO_ROW, Floats, first_of_each, groups, places_of
from divide_cli.validation.rules.submission import Submission


@dataclass(frozen=True)
class Pairs:
    """Totals and their two parts: cases x rows of (total, first part, second part), NO_ROW if there is none."""

    submission: Submission
    dimension: str
    codes: Sequence[str]
    rows: Array

    def only(self, mask: Mask) -> "Pairs":
        """The cases of the mask."""
        return replace(self, rows=self.rows[mask])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> tuple[str, str]:
        """The two parts in words."""
        labels = codelist(f"CL_{self.dimension}")
        return labels.name(self.codes[0]).lower(), labels.name(self.codes[1]).lower()

    @property
    def value(self) -> Floats:
        """The values, cases x 3."""
        return np.asarray(self.submission.value[self.rows])

    @property
    def half(self) -> Floats:
        """Half a unit of the last decimal of each value."""
        return np.asarray(self.submission.half[self.rows])

    @property
    def series(self) -> Array:
        """The series of the first part."""
        return self.submission.series[self.rows[:, 1]]


def pairs(submission: Submission, rule: Rule, dimension: str, parts: Sequence[str], total: bool = True) -> Pairs:
    """Every key with both parts and, if required, with a `total`."""
    three = submission.once((dimension, *parts), lambda block: _with_parts(block, dimension, parts))
    asked = submission.in_scope(rule)[three[:, 1]] & ((three[:, 0] != NO_ROW) | (not total))
    return Pairs(submission, dimension, parts, three[asked].astype(np.intp))


def _with_parts(submission: Submission, dimension: str, parts: Sequence[str]) -> npt.NDArray[np.int32]:
    """Every usable key with both parts: the rows of the total, NO_ROW if there is none, and of the parts."""
    one, other = parts
    side = np.flatnonzero(submission.usable & submission.is_code(dimension, one))
    side = side[first_of_each(submission.key[side])]
    second = submission.partner(side, dimension, other)
    side, second = side[second != NO_ROW], second[second != NO_ROW]
    return np.stack([submission.partner(side, dimension, v.TOTAL), side, second], axis=1).astype(np.int32)


@kind(vtl.sides(vtl.total_between), by_area=True, across=lambda rule: "finest" in rule.parameters)
def total_outside(
    submission: Submission, rule: Rule, *, dimension: str, parts: Sequence[str], finest: int = 0
) -> Violations:
    """A total that is below the least or above the greatest of its parts by more than rounding and the tolerance.

    `finest`: programs drop a zero at the end. Each value has the decimals of the finest of its series, if that has so
    many values, and otherwise of the finest of the three. Whole totals of parts with decimals are rounded.
    """
    three = pairs(submission, rule, dimension, parts)
    wrong = three.only(_beyond(three, finest) > rule.tolerance + v.EXACT)
    value, names = wrong.value, wrong.names
    # the row whose repair fits best if each part has half of the people
    needed = np.stack([value[:, 1:].mean(axis=1), 2 * value[:, 0] - value[:, 2], 2 * value[:, 0] - value[:, 1]], axis=1)
    positions = odd_one(submission, wrong.rows, np.clip(needed, 0, 100), dimension == v.SEX)

    def explain(case: int) -> Explanation:
        (total, one, other), position = value[case], positions[case]
        low, high = sorted((one, other))
        away = number(round(max(low - total, total - high), 6))
        sides = say(
            "{names} {one} and {names_2} {other}",
            names=names[0],
            one=number(one),
            names_2=names[1],
            other=number(other),
        )
        detail = say(
            "the total {total} is outside the range of {sides}, by {away} points",
            total=number(total),
            sides=sides,
            away=away,
        )
        if position == 0:
            return Explanation(say("{low} to {high}", low=number(low), high=number(high)), number(total), detail)
        side = say("at least") if total > high else say("at most")
        expected = f"{side} {number(total)}{suggestion(submission, int(wrong.rows[case, position]))}"
        return Explanation(expected, number(value[case, position]), detail)

    return Violations(first(wrong.rows, positions), explain, len(three))


def _beyond(three: Pairs, finest: int = 0) -> Floats:
    """How far each total is outside its parts, beyond what rounding explains; not above 0 if it is between them."""
    value, half = three.value, _finest(three, finest) if finest else three.half
    least = np.minimum(value[:, 1] - half[:, 1], value[:, 2] - half[:, 2])
    greatest = np.maximum(value[:, 1] + half[:, 1], value[:, 2] + half[:, 2])
    short = least - (value[:, 0] + half[:, 0])
    over = (value[:, 0] - half[:, 0]) - greatest
    return np.asarray(np.maximum(short, over))


def _finest(three: Pairs, enough: int) -> Floats:
    """Half a unit of the last decimal of each value, as the file writes it elsewhere.

    It is that of the finest of the series, or of all values of that total or part in the area, if they are `enough`;
    otherwise that of the finest of the three.
    """
    submission, half = three.submission, three.half
    within = np.broadcast_to(half.min(axis=1, keepdims=True), half.shape).copy()
    area, indicator = submission.index[v.REF_AREA], submission.index[v.INDICATOR]
    for side in range(half.shape[1] if len(half) else 0):
        rows = three.rows[:, side]
        of_area = area.numbers[rows].astype(np.int64) * len(indicator.codes) + indicator.numbers[rows]
        for key in (of_area, submission.series[rows]):
            same = groups(key)
            within[:, side] = np.where(same.sizes >= enough, same.least(half[:, side]), within[:, side])
    return within


@kind(
    vtl.sides(
        f"not (ONE > 0 and OTHER > 0 and TOTAL - HALF_TOTAL > {vtl.more('ONE', 'OTHER')} + "
        f"{vtl.more('HALF_ONE', 'HALF_OTHER')} + {{exact}} and "
        "abs(ONE + OTHER - TOTAL) <= HALF_ONE + HALF_OTHER + HALF_TOTAL + {exact})"
    )
)
def composition(
    submission: Submission,
    rule: Rule,
    *,
    dimension: str,
    parts: Sequence[str],
    adds_to: Literal["total", "100"],
    least: int = 1,
) -> Violations:
    """Parts that add up to the total or to 100 (`adds_to`): a distribution of the users, not the share of each group.

    `least`: with `100`, the number of pairs of one indicator and area that must all do so (one may add to 100 by
    chance), unless the total is outside its parts as well.
    """
    to_total = adds_to == "total"
    three = pairs(submission, rule, dimension, parts, total=to_total)
    value, half = three.value, three.half
    both, room = value[:, 1] + value[:, 2], half[:, 1] + half[:, 2]
    positive = (value[:, 1:] > 0).all(axis=1)
    if to_total:
        room = room + half[:, 0]
        outside = value[:, 0] - half[:, 0] > value[:, 1:].max(axis=1) + half[:, 1:].max(axis=1) + v.EXACT
        wrong = positive & outside & (np.abs(both - value[:, 0]) <= room + v.EXACT)
    else:
        adds = positive & (np.abs(both - 100) <= room + v.EXACT)
        far = np.abs(value[:, 0] - value[:, 1:].mean(axis=1)) > np.abs(value[:, 1] - value[:, 2]) / 2 + half.sum(axis=1)
        outside = (three.rows[:, 0] != NO_ROW) & far
        area, indicator = submission.index[v.REF_AREA], submission.index[v.INDICATOR].numbers[three.rows[:, 1]]
        same = groups(indicator.astype(np.int64) * len(area.codes) + area.numbers[three.rows[:, 1]])
        wrong = adds & (outside | (same.all(adds) & (same.sizes >= least)))
    cases = three.only(wrong)

    def explain(case: int) -> Explanation:
        total, one, other = cases.value[case]
        names = cases.names
        sum_ = f"{names[0]} {number(one)} + {names[1]} {number(other)} = {number(round(one + other, 6))}"
        return Explanation(say("the share within each group"), sum_, number(total) if to_total else "100")

    return Violations(cases.rows[:, [1, 2, 0]], explain, len(three))


@kind(vtl.Unsaid.SERIES, by_area=True)
def one_side(submission: Submission, rule: Rule, *, dimension: str, parts: Sequence[str]) -> Violations:
    """A part without its counterpart in that year, although the file has both for other years of the same key.

    A row with an empty cell is a counterpart: it states that there is no figure.
    """
    usable = submission.usable_in(rule)
    lonely, checked = [], 0
    for code, other in (parts, parts[::-1]):
        side = np.flatnonzero(usable & submission.is_code(dimension, code))
        counterpart = submission.first_of(submission.key_with(side, dimension, other))
        paired = (counterpart != NO_ROW) & submission.usable[counterpart]
        series = submission.series[side] - submission.series[:1]
        with_pair = np.zeros(int(series.max(initial=0)) + 1, dtype=bool)
        with_pair[series[paired]] = True
        lonely.append(side[(counterpart == NO_ROW) & with_pair[series]])
        checked += len(side)
    index, labels = submission.index[dimension], codelist(f"CL_{dimension}")

    def explain(row: int) -> Explanation:
        own = index.code_at(row)
        names = [labels.name(code).lower() for code in (own, parts[1] if own == parts[0] else parts[0])]
        return Explanation(
            say("{names} and {names_2}", names=names[0], names_2=names[1]), say("{names} only", names=names[0])
        )

    return one_row_each(np.sort(np.concatenate(lonely)), explain, checked)


@kind(vtl.Unsaid.SERIES, by_area=True)
def swapped(
    submission: Submission, rule: Rule, *, dimension: str, parts: Sequence[str], years: int, apart: float, alike: float
) -> Violations:
    """Two parts whose order is reversed in one year and the same in all others: their labels may be swapped.

    Another reversed year does not count if its total is outside the two: one of its figures is wrong. `years`: the
    number of other years needed; `apart`: by how much (PP) the sides must differ in that year and, at the median, in
    the others; `alike`: the most that the reversed difference may be, as a multiple of that median.
    """
    three = pairs(submission, rule, dimension, parts, total=False)
    sound = (three.rows[:, 0] == NO_ROW) | (_beyond(three) <= v.EXACT)
    ahead = three.value[:, 1] - three.value[:, 2]
    series = groups(three.series)
    alone = np.zeros(len(three), dtype=bool)
    for own, usual in ((ahead > 0, ahead < 0), (ahead < 0, ahead > 0)):
        others_like_it = series.count(own & sound) - (own & sound)
        alone |= own & (others_like_it == 0) & (series.count(usual) >= years)
    difference = np.abs(ahead)
    usual_difference = series.median(difference)
    wrong = alone & (difference >= apart) & (usual_difference >= apart) & (difference <= alike * usual_difference)
    cases = three.only(wrong)

    def explain(case: int) -> Explanation:
        _, one, other = cases.value[case]
        first, second = cases.names
        expected = f"{first} {number(other)}, {second} {number(one)}"
        return Explanation(expected, f"{first} {number(one)}, {second} {number(other)}")

    return Violations(cases.rows[:, [1, 2]], explain, len(three))


@kind(vtl.Unsaid.FURTHER)
def sum_of_parts(
    submission: Submission, rule: Rule, *, years: int, least: int, exact: bool = False, share: float = 0.0
) -> Violations:
    """The parts of a dimension do not add up to its total, beyond rounding and the tolerance, although they usually do.

    Any dimension counts, one at a time. The parts are taken to be exhaustive if they add up in `years` other years of
    the same key, and in `share` of its years; a total must have `least` parts. `exact`: they must add up to the last
    digit in those years, with two parts above 0, and the year in question must have as many parts.
    """
    usable = submission.usable_in(rule)
    rows, needed, sums, checked = [np.zeros((0, 1), dtype=np.intp)], [np.zeros((0, 1))], [np.zeros(0)], 0
    for dimension in (*v.DIMENSIONS, *submission.read.dimensions):
        one = _sums(submission, usable, dimension)
        enough = one.count >= least
        checked += int(enough.sum())
        agrees = enough & (one.off <= rule.tolerance + v.EXACT)
        wrong = enough & ~agrees
        series = groups(submission.series[one.whole])
        if exact:
            agrees &= np.isclose(one.sums, submission.value[one.whole], rtol=1e-12, atol=v.EXACT) & (one.positive > 1)
            wrong &= one.count == -series.least(-one.count)
        agreeing = series.count(agrees)
        wrong &= (agreeing >= years) & (agreeing >= share * series.count(enough))
        of_cases = one.rows_of(wrong) if exact else one.whole[wrong].reshape(-1, 1)
        rows.append(of_cases)
        needed.append(_repairs(submission, of_cases, one.sums[wrong]))
        sums.append(one.sums[wrong])
    cases, sum_at = _stacked(rows, NO_ROW), np.concatenate(sums)
    totals = cases[:, 0]
    positions = suspects(submission, cases, _stacked(needed, np.nan))

    def explain(case: int) -> Explanation:
        return Explanation(number(submission.value[totals[case]]), number(round(float(sum_at[case]), 6)))

    return Violations(first(cases, positions), explain, checked)


def _repairs(submission: Submission, rows: Array, sums: Floats) -> Floats:
    """The value of each row of a case, the total first, that would make the parts add up; NaN where there is no row."""
    value = np.where(rows == NO_ROW, np.nan, submission.value[rows])
    return np.asarray(np.column_stack([sums, value[:, 1:] + (value[:, 0] - sums)[:, None]]))


def _stacked(parts: Sequence[Array], padding: float) -> Array:
    """Arrays of different widths below each other."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate([
        np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=padding) for part in parts
    ])  # fmt: skip


@dataclass(frozen=True)
class _Sums:
    """The totals of a dimension: their rows, and of their parts the sum, the number, and the number above 0.

    `off` is the difference beyond rounding. `parts` are the rows of the parts, in the order of their totals.
    """

    whole: Array
    sums: Floats
    off: Floats
    count: Array
    positive: Array
    parts: Array

    def rows_of(self, mask: Mask) -> Array:
        """The rows of the totals of the mask, each followed by those of its parts, padded with NO_ROW."""
        end = np.cumsum(self.count)
        of_total = [self.parts[end[one] - self.count[one] : end[one]] for one in np.flatnonzero(mask)]
        rows = np.full((len(of_total), 1 + max(map(len, of_total), default=0)), NO_ROW, dtype=np.intp)
        rows[:, 0] = self.whole[mask]
        for case, own in enumerate(of_total):
            rows[case, 1 : 1 + len(own)] = own
        return rows


def _sums(submission: Submission, usable: Mask, dimension: str) -> _Sums:
    """The totals of a dimension and the sums of their parts."""
    codes, texts = submission.column(dimension), submission.categories(dimension)
    total = codes == (texts.index(v.TOTAL) if v.TOTAL in texts else NO_ROW)
    at, parts = np.flatnonzero(usable & total), np.flatnonzero(usable & ~total)
    if v.TOTAL not in texts or not len(at) or not len(parts):
        none = np.zeros(0, dtype=np.intp)
        return _Sums(none, np.zeros(0), np.zeros(0), none, none, none)
    rest = submission.key_without(dimension)
    keys, first_total = np.unique(rest[at], return_index=True)
    place = places_of(rest[parts], keys)
    parts, place = parts[place != NO_ROW], place[place != NO_ROW]
    sums, room, positive = (
        np.bincount(place, weights=amount[parts], minlength=len(keys)).astype(np.float64)
        for amount in (submission.value, submission.half, submission.value > 0)
    )
    whole = at[first_total]
    off = np.abs(sums - submission.value[whole]) - room - submission.half[whole]
    count = np.bincount(place, minlength=len(keys))
    return _Sums(whole, sums, off, count, positive, parts[np.argsort(place, kind="stable")])
