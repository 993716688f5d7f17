"""Measures how often the 95 % intervals of `divide measure` contain the truth: `coverage.py [--samples 10000]`.

Each design is a set of true values, shares and standard errors. Samples are drawn from normal distributions around the
truth, and for each sample the interval of every measure is computed as in `divide measure`. A cell (design x measure)
is inside the regime under four conditions. There are at least 5 subgroups. The true value is at least 4 of its standard
errors from no inequality. The extremes are not tied (4 standard errors of their difference, for measures that look for
extremes). No subgroup is within 4 standard errors of the ends of the unit (0, for simulated and logarithmic intervals;
100, for measures that need a maximum). The table is written to coverage.csv; --summary prints it.
"""

import argparse
import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from divide_cli.analysis.measures.intervals import ENOUGH, FAR, doubts, intervals  # noqa: E402
from divide_cli.analysis.measures.subgroups import Subgroups, evaluate, refusal  # noqa: E402
from divide_cli.catalogue import catalogue  # noqa: E402

TABLE = Path(__file__).with_name("coverage.csv")
COLUMNS = (
    "design", "measure", "interval", "subgroups", "true_value", "distance_in_errors", "bias_in_errors", "regime",
    "coverage",
)  # fmt: skip
INSIDE = "inside"


@dataclass(frozen=True)
class Design:
    """Subgroups with true values spread evenly around 55 %, shuffled; the ends set apart by so many points."""

    name: str
    subgroups: int
    spread: float
    error: float
    apart: float = 0.0

    def made(self) -> tuple[Subgroups, np.ndarray]:
        """The true subgroups, the most disadvantaged first, and the standard errors of their estimates."""
        random = np.random.default_rng([80, 173, self.subgroups])
        middle = np.linspace(55 - self.spread, 55 + self.spread, self.subgroups)
        middle[0] -= self.apart
        middle[-1] += self.apart
        values = middle + random.uniform(-0.2, 0.2, self.subgroups) * 2 * self.spread / self.subgroups
        shares = random.dirichlet(np.full(self.subgroups, 4.0))
        errors = self.error * random.uniform(0.6, 1.4, self.subgroups)
        errors[[0, -1]] = np.minimum(errors[[0, -1]], self.error)
        return Subgroups(values, shares, ordered=True, maximum=100.0), errors


DESIGNS = (
    Design("5 subgroups, ends apart", 5, 20, 2, 12),
    Design("5 subgroups, rough", 5, 30, 3.5),
    Design("10 subgroups, ends apart", 10, 15, 2, 18),
    Design("10 subgroups, rough", 10, 22, 3.5, 8),
    Design("10 subgroups, close together", 10, 6, 3),
    Design("34 subgroups, ends apart", 34, 15, 2, 18),
    Design("34 subgroups, rough", 34, 18, 4, 14),
    Design("34 subgroups, close together", 34, 4, 3),
    Design("3 subgroups", 3, 25, 4),
    Design("10 subgroups, nearly equal", 10, 2, 3),
    Design("34 subgroups, nearly equal", 34, 1, 3),
)


def regime(measure, of: Subgroups, errors: np.ndarray, value: float, error: float) -> str:
    """`inside`, or why the cell is outside: what the output would warn of, were the truth known."""
    why = doubts(measure, of, errors, value, error)
    if of.number < ENOUGH:
        why.append("few subgroups")
    if abs(value - measure.equality) < FAR * error:
        why.append("near no inequality")
    return "; ".join(why) or INSIDE


def studied(design: Design, samples: int) -> list[dict[str, object]]:
    """One row a measure."""
    truth, errors = design.made()
    random = np.random.default_rng(2026)
    drawn = truth.values + errors * random.standard_normal((samples, design.subgroups))
    drawn = np.maximum(drawn, 0)
    rows = []
    for ordered in (True, False):
        of = Subgroups(truth.values, truth.shares, ordered=ordered, maximum=100.0)
        measures = [
            entry for entry in catalogue().subgroup_measures.values()
            if entry.subgroups <= design.subgroups and (entry.family == "ordered") == ordered and not refusal(entry, of)
        ]  # fmt: skip
        true = np.array([float(evaluate(entry, of)) for entry in measures])
        plain = np.array([evaluate(entry, of.at(drawn)) for entry in measures])
        held = np.zeros(len(measures))
        for values in drawn:
            ends = [(found.lower, found.upper) for found in intervals(measures, of.at(values), errors)]
            held += [low <= value <= high for (low, high), value in zip(ends, true, strict=True)]
        for entry, value, estimates, count in zip(measures, true, plain, held, strict=True):
            error = float(np.nanstd(estimates))
            distance = abs(value - entry.equality) / error
            rows.append({
                "design": design.name, "measure": entry.id, "interval": entry.interval, "subgroups": design.subgroups,
                "true_value": f"{value:.6g}", "distance_in_errors": f"{distance:.1f}",
                "bias_in_errors": f"{(np.nanmean(estimates) - value) / error:.2f}",
                "regime": regime(entry, of, errors, value, error), "coverage": f"{100 * count / samples:.1f}",
            })  # fmt: skip
    return rows


def summary(rows: list[dict[str, str]]) -> None:
    """The range of the coverage inside the regime and outside it, measure by measure."""
    print(f"{'measure':44}{'inside: cells, coverage':>28}{'outside: cells, coverage':>30}")
    for name in dict.fromkeys(row["measure"] for row in rows):
        told = []
        for inside in (True, False):
            found = [float(r["coverage"]) for r in rows if r["measure"] == name and (r["regime"] == INSIDE) == inside]
            told.append(f"{len(found)}, {min(found):.1f} to {max(found):.1f}" if found else "0")
        print(f"{name:44}{told[0]:>28}{told[1]:>30}")


def main() -> None:
    """Runs the study, or reads the table that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--summary", action="store_true", help="print the table that is there")
    chosen = parser.parse_args()
    if not chosen.summary:
        with ProcessPoolExecutor() as pool:
            parts = list(pool.map(studied, DESIGNS, [chosen.samples] * len(DESIGNS)))
        with TABLE.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for part in parts for row in part)
    with TABLE.open(encoding="utf-8", newline="") as source:
        summary(list(csv.DictReader(source)))


if __name__ == "__main__":
    main()
