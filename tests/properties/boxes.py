"""Bounds against a search: no point of a random box is outside its bounds. `python -m tests.properties.boxes 500`,
or with the names of measures.

The search knows nothing of the measures: it tries corners, mixtures of ends and inner values, values that are as equal
as possible, and then moves single values of the best points.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from divide_cli.analysis.measures.bounds import Bounds, bounds
from divide_cli.analysis.measures.subgroups import Subgroups, evaluate, refusal
from divide_cli.catalogue import Measure, catalogue

Array = Any
TRIED, ROUNDS = 20_000, 60
ROUNDING = 1e-9
"""What the last digits of two computations of one value may differ by, in relation to it."""


@dataclass(frozen=True)
class Box:
    """Subgroups at their values, and the ends between which these may be."""

    of: Subgroups
    lower: Array
    upper: Array


def box(random: np.random.Generator, number: int, ordered: bool, maximum: float = 100.0) -> Box:
    """A box of some kind: of rounding, of all widths, at the unit's limits, with points, or with the whole range."""
    top = min(maximum, 2000.0)
    shares = random.dirichlet(np.full(number, random.choice([0.3, 1.0, 10.0])))
    shares = (shares + 1e-9) / (shares + 1e-9).sum()
    if random.random() < 0.2:
        shares = np.full(number, 1 / number)
    centre = top * random.beta(*random.choice([[1, 1], [1, 8], [8, 1], [0.3, 0.3]]), number)
    half = top * random.choice([0.0005, 0.005, 0.05, 0.3]) * np.ones(number)
    if random.random() < 0.5:
        half = half * random.exponential(1, number)
    half[random.random(number) < random.choice([0, 0, 0.4])] = 0
    lower, upper = np.clip(centre - half, 0, top), np.clip(centre + half, 0, top)
    whole = random.random(number) < random.choice([0, 0, 0.25])
    lower[whole], upper[whole] = 0, top
    values = lower + (upper - lower) * random.choice([random.random(number), np.full(number, 0.5), np.zeros(number)])
    reference, compared = random.choice([[-1, -1], [-1, -1], [0, -1], [0, 1], [number - 1, 0]])
    places = [None if place < 0 else int(place) for place in (reference, compared)]
    adverse, against_worst = random.random(2) < 0.4
    of = Subgroups(values, shares, *places, ordered, bool(adverse), maximum, against_worst=bool(against_worst))
    return Box(of, lower, upper)


def boxes(random: np.random.Generator, measure: Measure, most: int = 8, least: int = 2) -> Iterator[Box]:
    """Boxes to which the measure applies, without end."""
    while True:
        ordered = measure.family == "ordered" or bool(random.random() < 0.3)
        number = int(random.integers(least, most + 1))
        made = box(random, number, ordered, 100.0 if measure.needs_maximum or random.random() < 0.7 else np.inf)
        if not refusal(measure, made.of):
            yield made


def corners(made: Box) -> Array:
    """Every corner of the box: shape (2^J, J)."""
    number = len(made.lower)
    return np.where(np.arange(2**number)[:, None] >> np.arange(number) & 1, made.upper, made.lower)


def first_points(random: np.random.Generator, made: Box, number: int) -> Array:
    """Corners, mixtures of ends and inner values, and values clipped at one level."""
    lower, upper, shape = made.lower, made.upper, (number // 4, len(made.lower))
    inner = lower + (upper - lower) * random.random(shape)
    near = lower + (upper - lower) / (1 + np.exp(-random.normal(0, 8, shape)))
    kind = random.random(shape)
    mixed = np.where(kind < 0.4, lower, np.where(kind < 0.8, upper, near))
    level = np.clip(random.uniform(lower.min(), upper.max(), (number // 4, 1)), lower, upper)
    rest = level + (inner - level) * (random.random(shape) < 0.2)
    return np.concatenate([corners(made) if len(lower) <= 12 else mixed, inner, mixed, level, rest])


def improved(measure: Measure, made: Box, points: Array, values: Array, sign: float) -> float:
    """The highest value, or with sign -1 the lowest, after moving single values of the best point."""
    if np.isnan(values).all():
        return float("nan")
    best, at = float(np.nanmax(sign * values)), points[int(np.nanargmax(sign * values))]
    steps = 0.5 ** np.arange(0, 30, 2.0)
    moves = np.concatenate([steps, -steps])[:, None, None] * np.diag(made.upper - made.lower)
    for _ in range(ROUNDS):
        tried = np.clip(at + moves.reshape(-1, len(at)), made.lower, made.upper)
        values = sign * evaluate(measure, made.of.at(tried))
        if np.isnan(values).all() or not np.nanmax(values) > best:
            break
        best, at = float(np.nanmax(values)), tried[int(np.nanargmax(values))]
    return sign * best


def judged(random: np.random.Generator, measure: Measure, made: Box, tried: int = TRIED) -> tuple[list[str], Bounds]:
    """What is wrong with the bounds of a box: the value is outside, an end is beaten, or unknown without a reason.

    `not reached` is no fault: the search may miss an extreme, and a limit has no point.
    """
    found = bounds(measure, made.of, made.lower, made.upper)
    points = first_points(random, made, tried)
    values = evaluate(measure, made.of.at(points))
    value = float(evaluate(measure, made.of))
    high, low = (improved(measure, made, points, values, sign) for sign in (1.0, -1.0))
    slack = ROUNDING * max(1.0, abs(high), abs(low)) if not np.isnan([high, low]).any() else 0.0
    faults = []
    if value < found.lower or value > found.upper:
        faults.append("outside")
    if high > found.upper + slack or low < found.lower - slack:
        faults.append("beaten")
    if np.isnan([found.lower, found.upper]).any() and not np.isnan(values).any():
        faults.append("unknown without a reason")
    if found.upper - high > 1e-3 * (high - low) + slack or low - found.lower > 1e-3 * (high - low) + slack:
        faults.append("not reached")
    return faults, found


def main(number: int, names: list[str]) -> int:
    """Prints the faults of so many boxes of each measure, or of those named, and gives their number."""
    faults: Counter[str] = Counter()
    for measure in catalogue().subgroup_measures.values():
        if names and measure.id not in names:
            continue
        random, own = np.random.default_rng([number, len(measure.id)]), Counter[str]()
        source = boxes(random, measure)
        for _ in range(number):
            of_box, found = judged(random, measure, next(source))
            own.update([*of_box, *["open"] * bool(np.isnan([found.lower, found.upper]).any())])
        print(f"{measure.id}: {number} boxes, {dict(own)}", flush=True)
        faults.update(own)
    print(f"beaten {faults['beaten']}, outside {faults['outside']}, unknown {faults['unknown without a reason']}")
    return faults["beaten"] + faults["outside"] + faults["unknown without a reason"]


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500, sys.argv[2:])))
