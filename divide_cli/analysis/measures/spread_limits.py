"""Limits of the highest value of a measure of spread, where the box has too many corners to try each.

A limit is never too low. It is the highest value if the people of a subgroup could be divided between both ends of its
value, which makes the problem a continuous one. It is close if no subgroup has many of the people, since at most a few
subgroups are divided.
"""

from collections.abc import Callable

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, evaluate
from divide_cli.analysis.measures.unordered import sums_at_ends
from divide_cli.catalogue import Measure

EXACT = 1e-12
"""By how much a limit may be above the value at a corner, in relation to it, and still be that value."""

GRID, ROUNDS = 17, 12
"""Points between two others, and how often ever finer ones are taken."""

CELLS, SPLITS = 64, 12
"""Parts into which the share of people above the mean is divided at first, and how often those are halved."""

BRANCHES = 50
"""How often a box is cut in two."""

STEPS = 300
"""The steps in which the distribution with the highest Gini index is approached."""


def limit_of(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> tuple[float, bool]:
    """A value that no point of the box exceeds, and whether it may be too high; NaN if the measure is undefined."""
    if (power := _power(measure)) is not None:
        reached, limit = _branched(measure, of, lower, upper, power)
    elif "top" in measure.parameters:
        reached, limit = _of_shares(measure, of, lower, upper)
    else:
        reached = _highest(measure, of, _between(lower, upper, -(lower + upper)))
        gini = measure.id == "gini_index"
        limit = _of_gini(of.shares, lower, upper) if gini else _of_distances(measure, of.shares, lower, upper)
    if np.isnan(reached) or np.isnan(limit):
        return np.nan, False
    exact = limit <= reached + EXACT * abs(reached)
    return (reached, False) if exact else (limit, True)


def _highest(measure: Measure, of: Subgroups, corners: Array) -> float:
    """The highest value at some corners, without the one where nobody has it; NaN if one is undefined."""
    return float(evaluate(measure, of.at(corners[corners.any(axis=-1)])).max(initial=-np.inf))


def _between(lower: Array, upper: Array, last: Array) -> Array:
    """The corners from all values at their lower to all at their upper ends, those with a high `last` being last."""
    place = np.argsort(np.argsort(last, kind="stable"), kind="stable")
    return np.where(place < np.arange(len(lower) + 1)[:, None], upper, lower)


def _of_shares(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> tuple[float, float]:
    """The highest sum of the top over the lowest sum of the bottom: reached if no subgroup is in both."""
    parts = measure.parameters["top"], measure.parameters["bottom"]
    top, bottom = sums_at_ends(of.at(upper), *parts)[0], sums_at_ends(of.at(lower), *parts)[1]
    return _highest(measure, of, _between(lower, upper, -upper)), float(divided(top, bottom))


def _power(measure: Measure) -> float | None:
    """The power k if sum p y^k and mu give the measure (y ln y for k = 1, ln y for k = 0); otherwise None."""
    if "alpha" in measure.parameters:
        return measure.parameters["alpha"]
    if "epsilon" in measure.parameters:
        return 1 - measure.parameters["epsilon"]
    squares = ("between_group_variance", "between_group_standard_deviation", "coefficient_of_variation")
    return {**dict.fromkeys(squares, 2.0), "theil_index": 1.0, "mean_log_deviation": 0.0}.get(measure.id)


def _convex(values: Array, power: float) -> Array:
    """y^k / (k (k - 1)); y ln y for k = 1, -ln y for k = 0. Infinite at 0 where it has no limit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if power == 1:
            return np.where(values > 0, values * np.log(values), 0.0)
        return -np.log(values) if power == 0 else values**power / (power * (power - 1))


def _branched(measure: Measure, of: Subgroups, lower: Array, upper: Array, power: float) -> tuple[float, float]:
    """The highest value that is reached, and a limit: the two are equal if branch and bound ends.

    The box with the highest limit is cut in two, in which the subgroup that was divided is at one end.
    """
    reached, limit, place = _of_power(measure, of, lower, upper, power)
    boxes = [(limit, place, lower, upper)]
    for _ in range(BRANCHES):
        limit, place, low, high = boxes.pop(int(np.argmax([box[0] for box in boxes])))
        if np.isnan(limit) or limit <= reached + EXACT * abs(reached):
            break
        fixed = np.arange(len(lower)) == place
        for ends in ((np.where(fixed, high, low), high), (low, np.where(fixed, low, high))):
            top, limit, place = _of_power(measure, of, ends[0], ends[1], power)
            reached = max(reached, top)
            boxes.append((limit, place, *ends))
        limit = max(box[0] for box in boxes)
    return reached, limit


def _of_power(measure: Measure, of: Subgroups, lower: Array, upper: Array, power: float) -> tuple[float, float, int]:
    """The highest value at some corners, the highest F(sum p phi(y), mu) if people may be divided, and who then is.

    F rises with the first sum, phi being convex. For each mean, that sum is highest if the subgroups with the greatest
    slope of phi between their ends are at the upper end, and one is divided. Along these distributions F rises and then
    falls, since the set where it is above a level is convex. If nobody may have it, means below that of each subgroup
    alone are left out.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (_convex(upper, power) - _convex(lower, power)) / (upper - lower)
    last = np.where(np.isnan(slope), np.inf, -slope)  # a value with one end is last
    corners, places = _between(lower, upper, last), np.argsort(last, kind="stable")
    values, known = evaluate(measure, of.at(corners)), corners.any(axis=-1)
    if not known.any():
        return -np.inf, -np.inf, 0
    if np.isnan(values[known]).any():
        return np.nan, np.nan, 0
    best = int(np.nanargmax(values))
    reached = limit = float(values[best])
    sums, split = of.shares * upper, int(places[0])
    least = 0.0 if lower.any() else min(float(sums[sums > 0].min() / max(sums[places[0]], 1e-300)), 1.0)
    for k in range(max(best - 1, 0), min(best + 1, len(lower))):
        j = int(places[k])

        def divided_at(part: Array, row: Array = corners[k], j: int = j) -> Array:
            shares = np.tile(np.append(of.shares, 0.0), (len(part), 1))
            shares[:, j], shares[:, -1] = of.shares[j] * (1 - part), of.shares[j] * part
            return evaluate(measure, Subgroups(np.tile(np.append(row, upper[j]), (len(part), 1)), shares))

        if (peak := _peak(divided_at, 0.0 if k else least)) > limit:
            limit, split = peak, j
    return reached, limit, split


def _peak(value: Callable[[Array], Array], low: float) -> float:
    """The highest value of a function that rises and then falls from `low` to 1."""
    high, best = 1.0, -np.inf
    for _ in range(ROUNDS):
        points = np.linspace(low, high, GRID)
        values = value(points)
        best, place = max(best, float(np.nanmax(values))), int(np.nanargmax(values))
        low, high = points[max(place - 1, 0)], points[min(place + 1, GRID - 1)]
    return best


def _of_distances(measure: Measure, shares: Array, lower: Array, upper: Array) -> float:
    """The highest mean distance from the mean, or its quotient by the mean, if people may be divided.

    Half of it is sum_S p (y - mu), S being the people above the mean, P of all. For P from P1 to P2 that is at most
    the highest (1 - P1) sum_S p u - P1 sum_rest p l with at most P2 in S, and its quotient by the mean at most the
    highest sum_S p u / (sum_S p u + sum_rest p l) - P1.
    """
    times = {"mean_difference_from_mean": 2.0, "index_of_disparity": 200.0, "hoover_index": 1.0}[measure.id]
    if absolute := measure.scale == "absolute":
        lower, upper = lower - lower.min(), upper - lower.min()
    limits = _absolute_limits if absolute else _relative_limits
    first = np.linspace(0, 1, CELLS + 1)[:-1]
    width = 1 / CELLS
    for _ in range(SPLITS):
        highest, reached = limits(first, first + width, shares, lower, upper)
        width /= 2
        first = first[highest > reached.max()]
        first = np.concatenate([first, first + width])
        if not len(first):
            return times * float(reached.max())
    return times * float(limits(first, first + width, shares, lower, upper)[0].max())


def _filled(density: Array, people: Array, shares: Array) -> Array:
    """How many of each subgroup belong to the given share of people, those with the highest density first."""
    order = np.argsort(-density, axis=-1, kind="stable")
    ordered = shares[order]
    before = np.cumsum(ordered, axis=-1) - ordered
    filled = np.empty_like(ordered)
    np.put_along_axis(filled, order, np.clip(people[:, None] - before, 0, ordered), axis=-1)
    return filled


def _absolute_limits(first: Array, last: Array, shares: Array, lower: Array, upper: Array) -> tuple[Array, Array]:
    """For P from `first` to `last`, a limit of (1 - P) sum_S p u - P sum_rest p l, and a value that it reaches."""
    above = _filled(upper - first[:, None] * (upper - lower), last, shares)
    top, bottom = above @ upper, (shares - above) @ lower
    return (1 - first) * top - first * bottom, (1 - last) * top - last * bottom


def _relative_limits(first: Array, last: Array, shares: Array, lower: Array, upper: Array) -> tuple[Array, Array]:
    """For P from `first` to `last`, a limit of sum_S p u / (sum_S p u + sum_rest p l) - P, and a value that it reaches.

    The quotient rises in each round until no S has a higher one (Dinkelbach 1967, Management Sci. 13:492).
    """
    quotient = np.full(len(first), -1.0)
    higher = np.zeros_like(quotient)
    while (higher > quotient).any():
        quotient = np.maximum(higher, quotient)
        above = _filled(upper - quotient[:, None] * (upper - lower), last, shares)
        top = above @ upper
        higher = np.nan_to_num(divided(top, top + (shares - above) @ lower))
    return quotient - first, quotient - last


def _of_gini(shares: Array, lower: Array, upper: Array) -> float:
    """A limit of the Gini index if people may be divided.

    N = sum_i sum_k q_i q_k |y_i - y_k| / 2 is concave in the people q at each end, and so at most its tangent. The
    highest quotient of the tangent by the mean is a limit, and the distribution that has it is the next to go towards
    (Frank and Wolfe 1956, Naval Res. Logist. Q. 3:95).
    """
    ends = np.concatenate([lower, upper])
    apart = np.abs(ends[:, None] - ends)
    number, limit = len(shares), np.inf
    people = np.concatenate([shares, shares]) / 2
    slopes, parts = apart @ people, np.concatenate([[0.0], 0.5 ** np.arange(0, 30, 0.125)])
    for _ in range(STEPS):
        half = float(people @ slopes) / 2
        highest, up = -1.0, np.zeros(number, dtype=bool)
        while True:  # the quotient rises until no choice of ends has a higher one
            up = slopes[number:] - highest * upper > slopes[:number] - highest * lower
            goal = np.concatenate([np.where(up, 0.0, shares), np.where(up, shares, 0.0)])
            mean = float(goal @ ends)
            quotient = (float(goal @ slopes) - half) / mean if mean else np.inf
            if not quotient > highest:
                break
            highest = quotient
        limit = min(limit, highest)
        along = goal - people
        turn = apart @ along
        halves = half + parts * float(slopes @ along) + parts**2 * float(along @ turn) / 2
        part = parts[int(np.argmax(halves / (people @ ends + parts * (along @ ends))))]
        people, slopes = people + part * along, slopes + part * turn
    return limit
