"""`python -m benchmarks.estimates.cross_validation`: how wrong estimates are on hidden observations, by family.

Only values that an office observed are predicted, and a horizon counts from one. They are hidden as they are missing:

- `stops`: a tenth of the economies report nothing after a year; the others go on;
- `nobody`: no economy reports anything after the year (a nowcast);
- `never`: a tenth of the economies never reported anything;
- `gap`: a tenth of the economies have a gap of three years between two observed ones.

Writes cross_validation.csv (medians, means and coverage by design and horizon), group_coverage.csv, and gains.csv (what
each other family gains, with its standard error); no row of a source.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import structs

from benchmarks.estimates import families
from benchmarks.estimates.observed import MODEL, YEARS, World, datahub, world
from divide_cli.analysis.estimates import model as chosen
from divide_cli.analysis.estimates import simulation
from divide_cli.catalogue import catalogue

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Case = tuple[str, int, Mask, npt.NDArray[np.int64]]
"""A design, its origin, the cells that are hidden, and the cells (row, column) that are predicted."""
FOLDS, HORIZONS, GAP = 10, 5, 4
ORIGINS = range(2010, 2025)
FIRST_NEVER = 2010
FEWEST = 3
RESULTS = Path(__file__).with_name("cross_validation.csv")
GROUPS = Path(__file__).with_name("group_coverage.csv")
GAINS = Path(__file__).with_name("gains.csv")
MODEL_NAME = "divide: partial pooling"
SAMPLES = 400
"""Bootstrap samples of economies."""


def folds(size: int) -> npt.NDArray[np.int64]:
    """The tenth that each economy is in, by a fixed permutation."""
    return np.random.default_rng(20).permutation(np.arange(size) % FOLDS)


def cases(observed: Mask, designs: tuple[str, ...] = ("stops", "nobody", "never", "gap")) -> Iterator[Case]:
    """What is hidden and predicted, case by case."""
    fold, columns = folds(len(observed)), np.arange(observed.shape[1])
    for tenth in range(FOLDS) if "never" in designs else ():
        hidden = np.repeat((fold == tenth)[:, None], len(columns), axis=1)
        yield "never", 0, hidden, np.argwhere(hidden & observed & (YEARS >= FIRST_NEVER))
    for year in ORIGINS:
        origin = year - YEARS[0]
        for design, tenth in [*(("stops", tenth) for tenth in range(FOLDS)), ("nobody", -1)]:
            stopping = observed[:, origin] & ((fold == tenth) | (design == "nobody"))
            hidden = ((stopping | (design == "nobody"))[:, None]) & (columns > origin)
            predicted = stopping[:, None] & observed & (columns > origin) & (columns <= origin + HORIZONS)
            if design in designs and predicted.any():
                yield design, origin, hidden, np.argwhere(predicted)
        for tenth in range(FOLDS) if "gap" in designs and origin + GAP < len(columns) else ():
            around = observed[:, origin] & observed[:, origin + GAP] & (fold == tenth)
            hidden = around[:, None] & (columns > origin) & (columns < origin + GAP)
            if (hidden & observed).any():
                yield "gap", origin, hidden, np.argwhere(hidden & observed)


def predictions(of: World, values: Array, observed: Mask) -> pd.DataFrame:
    """Every prediction: design, economy, origin, horizon, truth, the value of each family, the model's interval."""
    parts = []
    for design, origin, hidden, predicted in cases(observed):
        panel = of.panel(np.where(hidden, np.nan, values))
        row, column = predicted.T
        low, high = chosen.estimate(panel, MODEL).interval(MODEL)
        part = {name: family(panel)[row, column] for name, family in families.FAMILIES.items()}
        horizon = np.zeros_like(column) if design == "never" else column - origin
        part |= {"design": design, "row": row, "origin": origin, "column": column, "horizon": horizon}
        parts.append(
            pd.DataFrame({**part, "truth": values[row, column], "low": low[row, column], "high": high[row, column]})
        )
    return pd.concat(parts, ignore_index=True)


def covered(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the truth is inside the interval of the model; a truth nearer to 0 or 100 than the scale goes is so."""
    truth = np.clip(rows["truth"].to_numpy(), MODEL.nearest, 100 - MODEL.nearest)
    return pd.Series((truth >= rows["low"].to_numpy()) & (truth <= rows["high"].to_numpy()), index=rows.index)


def unfitted(rows: pd.DataFrame) -> "pd.Series[bool]":
    """The economies that the errors of the model were not fitted to: half of them, by a fixed permutation."""
    return pd.Series(np.random.default_rng(5).permutation(300)[rows["row"]] % 2 == 1, index=rows.index)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Median absolute error of each family, and coverage, by design and horizon, and over all."""
    names = list(families.FAMILIES)
    errors = rows[names].sub(rows["truth"], axis=0).abs().assign(covered=100 * covered(rows))
    tested, others = rows["design"] != "gap", unfitted(rows)
    whole = {"all of the above": tested}
    keys = rows[["design", "horizon"]].drop_duplicates().itertuples(index=False)
    cells = {(d, h): (rows["design"] == d) & (rows["horizon"] == h) for d, h in keys}
    lines = []
    for key, chosen_rows in {**cells, **{(name, 0): mask for name, mask in whole.items()}}.items():
        part = errors[chosen_rows]
        medians = {name: round(float(part[name].median()), 2) for name in names}
        means = {"mean error": round(float(part[MODEL_NAME].mean()), 2)}
        of_others = part.loc[others[part.index], "covered"]
        share = {"coverage": round(float(part["covered"].mean()), 1), "of others": round(float(of_others.mean()), 1)}
        lines.append({"design": key[0], "horizon": key[1], "values": len(part), **medians, **means, **share})
    return pd.DataFrame(lines)


def group_coverage(of: World, values: Array, observed: Mask) -> pd.DataFrame:
    """How often the mean of the hidden economies of a group is inside its interval, weighted by people.

    Groups with three hidden economies or more; beside it, the share if the errors of economies were independent.
    """
    joint, nothing = MODEL, structs.replace(MODEL.errors, world=0.0, region=0.0, nowcast=0.0)
    models = {"coverage": joint, "if independent": structs.replace(MODEL, errors=nothing)}
    codes = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    lines = []
    for design, origin, hidden, predicted in cases(observed, ("stops", "nobody", "never")):
        fitted = chosen.estimate(of.panel(np.where(hidden, np.nan, values)), MODEL)
        for column in np.unique(predicted[:, 1]):
            rows = predicted[predicted[:, 1] == column, 0]
            draws = {
                name: simulation.draws(fitted, of.region, one, column, int(YEARS[column]))
                for name, one in models.items()
            }
            for code in codes:
                inside = rows[of.group(code)[rows]]
                if len(inside) >= FEWEST:
                    weights = of.people[inside, column]
                    truth = float(values[inside, column] @ weights / weights.sum())
                    ends = {
                        name: simulation.group_interval(own[:, inside], weights, joint) for name, own in draws.items()
                    }
                    held = {name: 100.0 * (low <= truth <= high) for name, (low, high) in ends.items()}
                    horizon = 0 if design == "never" else column - origin
                    lines.append({"design": design, "horizon": horizon, "group": code, **held})
    return pd.DataFrame(lines)


def resampled_medians(errors: pd.DataFrame, economies: "pd.Series[int]") -> pd.DataFrame:
    """The median of each column in bootstrap samples of whole economies: a row for each sample."""
    places, generator = list(economies.groupby(economies).indices.values()), np.random.default_rng(20)
    table, lines = errors.to_numpy(), []
    for _ in range(SAMPLES):
        drawn = np.concatenate([places[one] for one in generator.integers(len(places), size=len(places))])
        lines.append(np.median(table[drawn], axis=0))
    return pd.DataFrame(lines, columns=errors.columns)


def gains(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """How much smaller the median error of each of these families is than the model's, its error, and in each half.

    All designs but gaps. The halves are the economies that the errors of the model were fitted to, and the others: what
    is chosen on one can be read on the other.
    """
    tested = rows[rows["design"] != "gap"].reset_index(drop=True)
    errors = tested[names].sub(tested["truth"], axis=0).abs()
    sampled, other = resampled_medians(errors, tested["row"]), unfitted(tested)
    lines = []
    for name in errors:
        gain = {"gain": errors[MODEL_NAME].median() - errors[name].median()}
        gain["standard error"] = float((sampled[MODEL_NAME] - sampled[name]).std())
        for half, mask in {"fitted half": ~other, "other half": other}.items():
            gain[half] = errors.loc[mask, MODEL_NAME].median() - errors.loc[mask, name].median()
        lines.append({"family": name, "error": errors[name].median(), **gain})
    return pd.DataFrame(lines).round(3)


def main() -> int:
    """Writes cross_validation.csv, group_coverage.csv and gains.csv, and prints them."""
    of = world()
    values, observed = datahub(of)
    held = group_coverage(of, values, observed)
    shares = held.groupby(["design", "horizon"])[["coverage", "if independent"]].mean().round(1)
    shares.insert(0, "cases", held.groupby(["design", "horizon"]).size())
    rows = predictions(of, values, observed)
    tables = {RESULTS: summary(rows), GROUPS: shares.reset_index(), GAINS: gains(rows, list(families.FAMILIES))}
    for path, table in tables.items():
        table.to_csv(path, index=False, lineterminator="\n")
        print(table.to_string(index=False), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
