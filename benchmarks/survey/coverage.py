"""Measures how often the 95 % intervals of `divide tabulate` contain the truth: `coverage.py [--samples 2000]`.

Each design draws clusters in strata, and persons in clusters, from a population that is made once. Whether a person
is a yes depends on stratum, cluster and sex, so that persons of a cluster are alike (`alike`: the standard deviation of
the log odds of clusters). From each sample, shares and the difference of women and men are estimated by the functions
of the command, and their intervals are compared with the population. Shares have the intervals of the table,
differences d +- t SE with the covariance of the two sides and their common degrees of freedom.

A cell is one share in one design. `coverage` is the percentage of samples whose interval contains the truth;
`missed_below` and `missed_above` are the percentages whose interval lies above and below it. The table is written to
coverage.csv; --summary prints it. Its own random error is 0.5 points (2,000 samples).
"""

import argparse
import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from divide_cli import concepts as v  # noqa: E402
from divide_cli.survey.cells import Kind, sums  # noqa: E402
from divide_cli.survey.estimates import Estimates, estimate  # noqa: E402
from divide_cli.survey.intervals import student  # noqa: E402
from divide_cli.survey.variables import Prepared, Quantity  # noqa: E402

TABLE = Path(__file__).with_name("coverage.csv")
COLUMNS = (
    "design", "estimate", "share", "clusters", "persons", "samples", "true_value", "coverage", "missed_below",
    "missed_above", "mean_width", "design_effect",
)  # fmt: skip
LEAST, MOST = 93.0, 97.0
SHARES = (5, 10, 50, 90, 95)
CHUNK = 50
"""How many samples one process draws at a time."""


@dataclass(frozen=True)
class Design:
    """Strata, clusters drawn of those in each, persons drawn in each cluster; whether populations are stated."""

    name: str
    strata: int
    drawn: int
    clusters: int
    persons: int
    alike: float = 0.4
    finite: bool = False


DESIGNS = (
    Design("30 clusters, 3 in each stratum", 10, 3, 100, 20),
    Design("40 clusters, 8 in each stratum", 5, 8, 200, 20),
    Design("60 clusters, 2 in each stratum, alike", 30, 2, 60, 20, alike=0.8),
    Design("60 of 150 clusters, finite populations stated", 6, 10, 25, 25, finite=True),
)


@dataclass(frozen=True)
class Population:
    """Persons in clusters in strata: where each cluster begins, its size, and sex and answers of each person."""

    begins: np.ndarray
    sizes: np.ndarray
    women: np.ndarray
    answers: np.ndarray  # shape (persons, shares)

    def truth(self, estimate: str) -> np.ndarray:
        """The shares of all, or the difference of women and men, in percent."""
        if estimate == "share":
            return 100 * self.answers.mean(axis=0)
        return 100 * (self.answers[self.women].mean(axis=0) - self.answers[~self.women].mean(axis=0))


@cache
def population(design: Design) -> Population:
    """The same in every run: clusters of 100 to 300 persons, women 0.3 lower in log odds than men."""
    random = np.random.default_rng(sum(design.name.encode()))
    number = design.strata * design.clusters
    sizes = random.integers(100, 301, number)
    cluster = np.repeat(np.arange(number), sizes)
    women = random.random(len(cluster)) < 0.5
    strata, clusters = random.normal(0, 0.5, design.strata), random.normal(0, design.alike, number)
    effect = strata[cluster // design.clusters] + clusters[cluster] - 0.3 * women
    shares = np.array(SHARES) / 100
    odds = np.log(shares / (1 - shares)) + np.array([level_of(effect, share) for share in shares])
    answers = random.random((len(cluster), len(shares))) < 1 / (1 + np.exp(-(odds + effect[:, None])))
    return Population(np.cumsum(sizes) - sizes, sizes, women, answers)


def level_of(effect: np.ndarray, share: float) -> float:
    """What is added to the log odds of a share so that the population has it in spite of the effects."""
    odds, low, high = np.log(share / (1 - share)), -3.0, 3.0
    for _ in range(40):
        middle = (low + high) / 2
        mean = (1 / (1 + np.exp(-(odds + middle + effect)))).mean()
        low, high = (middle, high) if mean < share else (low, middle)
    return low


def sample(design: Design, of: Population, random: np.random.Generator) -> Prepared:
    """Clusters by simple random sampling in each stratum, persons by the same in each cluster."""
    places = [random.permutation(design.clusters)[: design.drawn] + k * design.clusters for k in range(design.strata)]
    chosen = np.concatenate(places)
    rows = np.concatenate([of.begins[k] + random.permutation(of.sizes[k])[: design.persons] for k in chosen])
    cluster = np.repeat(chosen, design.persons)
    frame = pd.DataFrame(of.answers[rows].astype(float), columns=[f"y{share}" for share in SHARES])
    frame = frame.assign(
        x=1.0,
        stratum=cluster // design.clusters,
        cluster=cluster,
        clusters=float(design.clusters),
        size=of.sizes[cluster].astype(float),
        w=design.clusters / design.drawn * of.sizes[cluster] / design.persons,
        SEX=np.where(of.women[rows], "F", "M"),
    )
    quantities = tuple(Quantity(str(share), Kind.SHARE, f"y{share}", "x") for share in SHARES)
    populations = ("clusters", "size") if design.finite else ()
    lazy = nw.from_native(frame).lazy()
    return Prepared(lazy, "w", "stratum", ("cluster",), populations, None, {"SEX": "SEX"}, quantities)


def intervals_of(estimates: Estimates, name: str) -> np.ndarray:
    """Lower and upper end for each share, shape (shares, 2)."""
    table = estimates.table
    if name == "share":
        return table.loc[table[v.TABULATION] == "", [v.CI_LOWER, v.CI_UPPER]].to_numpy()
    ends = []
    for share in SHARES:
        key = (str(share), "SEX")
        women, men = table.loc[(table[v.INDICATOR] == key[0]) & (table[v.TABULATION] == key[1]), v.OBS_VALUE]
        covariance = estimates.covariances[key]
        error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
        reach = student(95.0, estimates.freedoms[key][[0], [1]])[0] * error
        ends.append((women - men - reach, women - men + reach))
    return np.array(ends)


def drawn(place: int, chunk: int, samples: int) -> dict[str, np.ndarray]:
    """Intervals of some samples of a design, by estimate, shape (samples, shares, 2); and design effects."""
    design = DESIGNS[place]
    of, found = population(design), {"share": [], "difference": [], "design_effect": []}
    for k in range(samples):
        random = np.random.default_rng([2026, place, chunk, k])
        estimates = estimate(sums(sample(design, of, random), ["SEX"]), ["SEX"])
        for name in ("share", "difference"):
            found[name].append(intervals_of(estimates, name))
        found["design_effect"].append(estimates.table[v.DESIGN_EFFECT_REPLACE].to_numpy()[: len(SHARES)])
    return {name: np.array(parts) for name, parts in found.items()}


def rows_of(design: Design, parts: list[dict[str, np.ndarray]]) -> list[dict[str, str]]:
    """The cells of a design."""
    of, rows = population(design), []
    effects = np.nanmean(np.concatenate([part["design_effect"] for part in parts]), axis=0)
    for name in ("share", "difference"):
        ends, truth = np.concatenate([part[name] for part in parts]), of.truth(name)
        below, above = 100 * (ends[..., 0] > truth).mean(axis=0), 100 * (ends[..., 1] < truth).mean(axis=0)
        held = 100 * ((ends[..., 0] <= truth) & (truth <= ends[..., 1])).mean(axis=0)
        for k, share in enumerate(SHARES):
            rows.append({
                "design": design.name, "estimate": name, "share": str(share),
                "clusters": str(design.strata * design.drawn),
                "persons": str(design.strata * design.drawn * design.persons), "samples": str(len(ends)),
                "true_value": f"{truth[k]:.4f}", "coverage": f"{held[k]:.2f}", "missed_below": f"{below[k]:.2f}",
                "missed_above": f"{above[k]:.2f}", "mean_width": f"{np.diff(ends[:, k]).mean():.3f}",
                "design_effect": f"{effects[k]:.2f}" if name == "share" else "",
            })  # fmt: skip
    return rows


def summary(rows: list[dict[str, str]]) -> None:
    """The least and the greatest coverage, by design and estimate."""
    print(f"{'design':50}{'estimate':12}{'cells':>6}{'least':>8}{'most':>8}")
    for key in dict.fromkeys((row["design"], row["estimate"]) for row in rows):
        held = [float(row["coverage"]) for row in rows if (row["design"], row["estimate"]) == key]
        print(f"{key[0]:50}{key[1]:12}{len(held):6}{min(held):8.2f}{max(held):8.2f}")


def main() -> None:
    """Runs the study, or reads the table that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--summary", action="store_true", help="print the table that is there")
    chosen = parser.parse_args()
    rows: list[dict[str, str]] = []
    if not chosen.summary:
        chunks = [min(CHUNK, chosen.samples - start) for start in range(0, chosen.samples, CHUNK)]
        tasks = [(place, chunk, size) for place in range(len(DESIGNS)) for chunk, size in enumerate(chunks)]
        with ProcessPoolExecutor(chosen.processes) as pool:
            parts = list(pool.map(drawn, *zip(*tasks, strict=True)))
        for place, design in enumerate(DESIGNS):
            rows += rows_of(design, [part for part, task in zip(parts, tasks, strict=True) if task[0] == place])
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
