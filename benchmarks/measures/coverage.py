"""Measures how often the 95 % intervals of `divide measure` contain the truth: `coverage.py [--samples 10000]`.

Each design is a set of true values, shares of people and standard errors. Samples are drawn from normal distributions
around the truth, within the limits of the unit. For each sample the interval of every measure is computed as in `divide
measure`. In some designs the standard errors are estimated from 30 respondents in each subgroup: the intervals use
estimates of them, by chi-square with 29 degrees of freedom; 25 samples share one estimate.

A cell is one measure in one design. `coverage` is the percentage of intervals that contain the truth, among the samples
in which the measure is defined and its interval has no warning. `missed_below` and `missed_above` are the percentages
that lie above and below it; `warned` has a warning or no interval, `open` an open end. `place` says whether the
cell has what it promises (93 to 97.5 %), more, or less. Cells whose true value is undefined are left out. The table is
written to coverage.csv; --summary prints it.
"""

import argparse
import csv
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from divide_cli.analysis.measures.intervals import interval_ends, open_ended  # noqa: E402
from divide_cli.analysis.measures.subgroups import Subgroups, evaluate, refusal  # noqa: E402
from divide_cli.catalogue import Measure, catalogue  # noqa: E402
from divide_cli.distributions import normal_quantile  # noqa: E402

TABLE = Path(__file__).with_name("coverage.csv")
COLUMNS = (
    "design", "order", "measure", "interval", "subgroups", "samples", "true_value", "coverage", "missed_below",
    "missed_above", "open", "warned", "place",
)  # fmt: skip
LEAST, MOST = 93.0, 97.5
CHUNK = 60
"""How many samples are computed at once, for ten subgroups."""
SAME_ERRORS = 25
"""How many samples share one draw of the estimated standard errors: their intervals are computed at once."""


@dataclass(frozen=True)
class Design:
    """True values, people and standard errors; `respondents` in each subgroup if the errors are estimated."""

    name: str
    values: tuple[float, ...]
    people: tuple[float, ...] = ()
    errors: tuple[float, ...] = (3.0,)
    respondents: int = 0

    @property
    def truth(self) -> Subgroups:
        """The true subgroups, the most disadvantaged first."""
        people = np.array(self.people or [1.0] * len(self.values))
        return Subgroups(np.array(self.values, dtype=float), people / people.sum(), maximum=100.0)

    @property
    def deviations(self) -> np.ndarray:
        """The standard errors, one for each value."""
        return np.broadcast_to(np.array(self.errors, dtype=float), (len(self.values),)).copy()


def evenly(name: str, subgroups: int, spread: float, error: float, apart: float = 0.0) -> Design:
    """Values spread around 55 %, shuffled a little; the ends set apart by so many points; shares and errors uneven."""
    random = np.random.default_rng([80, 173, subgroups])
    middle = np.linspace(55 - spread, 55 + spread, subgroups)
    middle[0] -= apart
    middle[-1] += apart
    values = middle + random.uniform(-0.2, 0.2, subgroups) * 2 * spread / subgroups
    shares = random.dirichlet(np.full(subgroups, 4.0))
    errors = error * random.uniform(0.6, 1.4, subgroups)
    errors[[0, -1]] = np.minimum(errors[[0, -1]], error)
    return Design(name, tuple(values), tuple(shares), tuple(errors))


def drawn(seed: int, count: int) -> list[Design]:
    """Designs drawn at random: 3 to 10 subgroups, apart, close together, one noisy, or two tied; uneven shares and
    errors.
    """
    random, designs = np.random.default_rng(seed), []
    for place in range(count):
        number, kind = int(random.integers(3, 11)), ("apart", "close", "one noisy", "two tied")[place % 4]
        values = 50 + random.normal(0, 4, number) if kind == "close" else random.uniform(15, 85, number)
        errors = np.minimum(np.exp(random.normal(np.log(2.5), 0.7, number)), 9)
        if kind == "one noisy":
            errors[random.integers(number)] = 9
        if kind == "two tied":
            values = np.sort(values)
            values[-2:] = values[-1]
        values = np.clip(values, 4 * errors, 100 - 2 * errors)
        shares = random.dirichlet(np.full(number, 2.0))
        designs.append(Design(f"drawn {seed}.{place}, {kind}", tuple(values), tuple(shares), tuple(errors)))
    return designs


DESIGNS = (
    Design("a large noisy subgroup", (30, 40, 50, 58, 64, 84), (1, 1, 1, 4, 1, 1), (1, 1, 1, 8, 1, 1)),
    Design("six ties at the mean", (20, 50, 50, 50, 50, 50, 50, 80)),
    Design("a noisy subgroup in the middle", (20, 35, 50, 62, 85), (), (1, 1, 12, 1, 1)),
    Design("a noisy subgroup at the bottom", (20, 40, 50, 60, 80), (), (5, 1, 1, 1, 1)),
    Design("a noisy subgroup at the top", (20, 40, 50, 60, 80), (), (1, 1, 1, 1, 8)),
    Design("3 subgroups, one noisy", (30, 50, 70), (), (1, 10, 1)),
    Design("8 subgroups, nearly equal, one noisy", (48, 49, 50, 50, 50, 51, 51, 52), (), (1, 1, 1, 8, 1, 1, 1, 1)),
    Design("7 subgroups, two noisy", (35, 45, 50, 52, 60, 62, 75), (3, 2, 1, 5, 1, 2, 2), (1, 7, 1, 1, 7, 1, 1)),
    Design("5 ties at the mean, one noisy", (20, 50, 50, 50, 50, 50, 80), (), (1, 1, 6, 1, 1, 1, 1)),
    Design("3 ties at the mean", (30, 50, 50, 50, 70), (1, 1, 2, 1, 1), (2,)),
    Design("two tied for the best, 3 subgroups", (40, 80, 80), (), (2,)),
    Design("two nearly tied for the best", (20, 45, 60, 78, 80), (), (2,)),
    Design("five tied for the best", (40, 70, 70, 70, 70, 70)),
    Design("ties at both ends", (30, 30, 31, 50, 55, 70, 70, 71), (), (2,)),
    Design("4 subgroups, equal", (50, 50, 50, 50)),
    Design("10 subgroups, equal", (50,) * 10),
    Design("4 subgroups, nearly equal", (48, 49, 51, 52), (), (2,)),
    Design("most people in one subgroup", (20, 35, 50, 55, 70, 85), (1, 2, 80, 10, 4, 3), (4, 4, 1, 2, 3, 3)),
    Design("most people in the lowest subgroup", (20, 35, 50, 65, 85), (92, 2, 2, 2, 2), (1, 4, 5, 5, 5)),
    Design("near 1 %", (1, 2, 3, 5, 8), (), (0.2, 0.4, 0.5, 0.7, 0.9)),
    Design("near 99 %", (90, 94, 96, 98, 99), (), (0.9, 0.7, 0.6, 0.45, 0.3)),
    Design("1 % to 99 %", (1, 30, 70, 99), (), (0.25, 2, 2, 0.25)),
    Design("8 subgroups, rough", (25, 33, 41, 48, 55, 62, 71, 80), (1, 3, 2, 5, 4, 2, 1, 2), (6,)),
    evenly("3 subgroups", 3, 25, 4),
    evenly("5 subgroups, ends apart", 5, 20, 2, 12),
    evenly("5 subgroups, rough", 5, 30, 3.5),
    evenly("10 subgroups, ends apart", 10, 15, 2, 18),
    evenly("10 subgroups, rough", 10, 22, 3.5, 8),
    evenly("10 subgroups, close together", 10, 6, 3),
    evenly("10 subgroups, nearly equal", 10, 2, 3),
    evenly("34 subgroups, ends apart", 34, 15, 2, 18),
    evenly("34 subgroups, close together", 34, 4, 3),
    Design("30 respondents each, apart", (20, 40, 50, 60, 80), (), (4, 5, 5, 5, 4), respondents=30),
    Design("30 respondents each, close together", (45, 50, 55, 60), (), (5,), respondents=30),
    *drawn(173, 6),
)


def measures_of(of: Subgroups) -> list[Measure]:
    """The measures that apply: those of an order to ordered subgroups, all others to subgroups without one."""
    entries = catalogue().subgroup_measures.values()
    apply = [entry for entry in entries if (entry.family == "ordered" or not of.ordered) and not refusal(entry, of)]
    return [entry for entry in apply if not np.isnan(evaluate(entry, of))]


def samples_of(design: Design, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Samples (shape (N, J)) with the covariance that their intervals use; each chunk draws estimated errors."""
    truth, random = design.truth, np.random.default_rng(2026)
    values = np.clip(truth.values + design.deviations * random.standard_normal((count, truth.number)), 0, 100)
    if design.respondents:
        degrees, chunks = design.respondents - 1, np.array_split(values, max(1, count // SAME_ERRORS))
        errors = design.deviations * np.sqrt(random.chisquare(degrees, (len(chunks), truth.number)) / degrees)
        return [(chunk, np.diag(error**2)) for chunk, error in zip(chunks, errors, strict=True)]
    chunks = np.array_split(values, max(1, count * truth.number // (10 * CHUNK)))
    return [(chunk, np.diag(design.deviations**2)) for chunk in chunks]


def studied(design: Design, ordered: bool, samples: int) -> list[dict[str, object]]:
    """One row for each measure."""
    truth = Subgroups(design.truth.values, design.truth.shares, ordered=ordered, maximum=100.0)
    measures, z = measures_of(truth), normal_quantile(95.0)
    found: dict[str, Counter[str]] = {entry.id: Counter() for entry in measures}
    for values, covariance in samples_of(design, samples):
        of = truth.at(values)
        ends = interval_ends(measures, of, covariance, z)
        for entry in measures:
            true, defined = float(evaluate(entry, truth)), ~np.isnan(evaluate(entry, of))
            for low, high in np.stack(np.broadcast_arrays(*ends[entry.id]), axis=1)[defined]:
                found[entry.id][outcome(entry, low, high, true)] += 1
    return [row(design, truth, entry, found[entry.id], samples) for entry in measures]


def outcome(entry: Measure, low: float, high: float, true: float) -> str:
    """What became of one interval, with `, open` if it has one end only."""
    interval = open_ended(entry, low, high)
    if interval.warnings:
        return "warned"
    slack = 1e-9 * max(abs(true), 1e-3)
    if interval.lower > true + slack:
        return "missed_below"
    if interval.upper < true - slack:
        return "missed_above"
    return "held, open" if interval.remarks else "held"


def row(design: Design, truth: Subgroups, entry: Measure, found: Counter[str], count: int) -> dict[str, object]:
    """The row of a cell."""
    judged = sum(number for name, number in found.items() if name != "warned")
    share = {name: 100 * number / max(judged, 1) for name, number in found.items()}
    coverage = share.get("held", 0.0) + share.get("held, open", 0.0)
    place = "less" if coverage < LEAST else "more" if coverage > MOST else "as promised"
    warned = 100 * found["warned"] / max(sum(found.values()), 1)
    return {
        "design": design.name, "order": "ordered" if truth.ordered else "", "measure": entry.id,
        "interval": entry.interval, "subgroups": truth.number, "samples": count,
        "true_value": f"{float(evaluate(entry, truth)):.6g}", "coverage": f"{coverage:.2f}",
        "missed_below": f"{share.get('missed_below', 0):.2f}", "missed_above": f"{share.get('missed_above', 0):.2f}",
        "open": f"{share.get('held, open', 0):.2f}", "warned": f"{warned:.2f}", "place": place,
    }  # fmt: skip


def summary(rows: list[dict[str, str]]) -> None:
    """The range of the coverage and the cells that hold more than promised or less, measure by measure."""
    print(f"{'measure':38}{'cells':>6}{'least':>8}{'most':>8}{'more':>6}{'less':>6}{'warned':>8}")
    for name in dict.fromkeys(row["measure"] for row in rows):
        cells = [row for row in rows if row["measure"] == name]
        coverage, places = [float(cell["coverage"]) for cell in cells], Counter(cell["place"] for cell in cells)
        warned = sum(float(cell["warned"]) > 0 for cell in cells)
        print(
            f"{name:38}{len(cells):6}{min(coverage):8.2f}{max(coverage):8.2f}{places['more']:6}{places['less']:6}{warned:8}"
        )


def main() -> None:
    """Runs the study, or reads the table that is there; --seed studies random designs and writes nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="study 24 designs drawn with this seed")
    parser.add_argument("--summary", action="store_true", help="print the table that is there")
    chosen = parser.parse_args()
    rows: list[dict[str, str]] = []
    if not chosen.summary:
        designs = drawn(chosen.seed, 24) if chosen.seed else DESIGNS
        cases = [(design, ordered) for design in designs for ordered in (True, False)]
        with ProcessPoolExecutor(2) as pool:
            parts = pool.map(studied, *zip(*cases, strict=True), [chosen.samples] * len(cases))
            rows = [{name: str(cell) for name, cell in one.items()} for part in parts for one in part]
        if not chosen.seed:
            with TABLE.open("w", encoding="utf-8", newline="") as target:
                writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    if not rows:
        with TABLE.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
    summary(rows)


if __name__ == "__main__":
    main()
