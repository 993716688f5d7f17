"""`python -m benchmarks.estimates.overall`: what the error "overall" is, by how it is read, and where it is made.

Median errors by horizon and for whole economies can become one number in several ways. overall.csv has each: the error
of the model, of the last value, of the strongest and the weakest reading of the logit trend by that number, and what
the model's is of the strongest, with a standard error (a bootstrap of whole economies). No way is chosen here.

cells.csv has, for each design and horizon, the share of hidden values, the share of their errors above the median of
all, that median without them, and the error if the next observed value were known. That is no way to estimate a year
that has none after it: it tells how much of an error is not the unknown future.

Both files hold no row of a source.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.estimates import families
from benchmarks.estimates.cross_validation import HORIZONS, MODEL_NAME, SAMPLES, cases
from benchmarks.estimates.observed import World, datahub, world
from benchmarks.estimates.readings import READINGS

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
LAST = "last value carried forward"
TRENDS = tuple(one for one in READINGS if one.window == "values")
RESULTS, CELLS = (Path(__file__).with_name(f"{name}.csv") for name in ("overall", "cells"))


def hidden_errors(of: World, values: Array, observed: Mask) -> pd.DataFrame:
    """The absolute error of each hidden value: design, horizon, economy and year, and a column for each way."""
    parts = []
    for design, origin, hidden, predicted in cases(observed, ("stops", "nobody", "never")):
        panel, (row, column) = of.panel(np.where(hidden, np.nan, values)), predicted.T
        tables = {MODEL_NAME: families.pooled(panel), LAST: families.carried_forward(panel)}
        tables |= {str(number): families.logit_trend(panel, one) for number, one in enumerate(TRENDS)}
        part = {name: np.abs(table[row, column] - values[row, column]) for name, table in tables.items()}
        horizon = column - origin if design != "never" else 0 * column
        parts.append(pd.DataFrame({"design": design, "horizon": horizon, "row": row, "column": column, **part}))
    return pd.concat(parts, ignore_index=True)


def mean_of_medians(*keys: str) -> Callable[[pd.DataFrame, Array], Array]:
    """The mean over groups of hidden values of the median of each."""

    def overall(rows: pd.DataFrame, errors: Array) -> Array:
        groups = rows.groupby(list(keys)).indices.values()
        return np.mean([np.median(errors[one], axis=0) for one in groups], axis=0)

    return overall


def mean_ratio(rows: pd.DataFrame, errors: Array) -> Array:
    """The geometric mean of the medians by horizon and of whole economies: its ratios are the mean ratios."""
    groups = rows.groupby("horizon").indices.values()
    return np.asarray(np.exp(np.mean([np.log(np.median(errors[one], axis=0)) for one in groups], axis=0)))


def of_designs(*designs: str) -> Callable[[pd.DataFrame, Array], Array]:
    """The median of the hidden values of these designs."""
    return lambda rows, errors: np.median(errors[rows["design"].isin(designs).to_numpy()], axis=0)


def each_value_once(rows: pd.DataFrame, errors: Array) -> Array:
    """The median with a weight of one for each observation, whatever the number of times it is predicted."""
    weight = 1 / rows.groupby(["row", "column"])["design"].transform("size").to_numpy()
    order = np.argsort(errors, axis=0, kind="stable")
    reached = np.cumsum(weight[order], axis=0) >= weight.sum() / 2
    return np.take_along_axis(np.take_along_axis(errors, order, axis=0), reached.argmax(axis=0)[None], axis=0)[0]


WAYS: dict[str, Callable[[pd.DataFrame, Array], Array]] = {
    "median of all hidden values": of_designs("stops", "nobody", "never"),
    "mean of six medians: horizons, whole economies": mean_of_medians("horizon"),
    "mean of eleven medians: design and horizon": mean_of_medians("design", "horizon"),
    "mean of three medians: designs": mean_of_medians("design"),
    "mean of six ratios: horizons, whole economies": mean_ratio,
    "median, each observation once": each_value_once,
    "median, economies stop reporting or are hidden": of_designs("stops", "never"),
    "median, nobody reports or economies are hidden": of_designs("nobody", "never"),
    "median, horizons alone": of_designs("stops", "nobody"),
    "median, whole economies alone": of_designs("never"),
}


def overall(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each way to read the error "overall"."""
    columns = [MODEL_NAME, LAST, *(str(number) for number in range(len(TRENDS)))]
    errors = rows[columns].to_numpy()
    places, generator = list(rows.groupby("row").indices.values()), np.random.default_rng(20)
    found = {name: way(rows, errors) for name, way in WAYS.items()}
    sampled: dict[str, list[Array]] = {name: [] for name in WAYS}
    for _ in range(SAMPLES):
        drawn = np.concatenate([places[one] for one in generator.integers(len(places), size=len(places))])
        for name, way in WAYS.items():
            sampled[name].append(way(rows.iloc[drawn], errors[drawn]))
    return pd.DataFrame([_line(name, found[name], np.array(sampled[name])) for name in WAYS]).round(3)


def _line(name: str, found: Array, sampled: Array) -> dict[str, object]:
    trends = found[2:]
    best = int(trends.argmin())
    ratios = sampled[:, 0] / sampled[:, 2 + best]
    line = {"overall": name, MODEL_NAME: found[0], LAST: found[1], "strongest trend": trends[best]}
    line |= {"group": TRENDS[best].group, "summary": TRENDS[best].summary, "damping": TRENDS[best].damping}
    line |= {"weakest trend": trends.max(), "model / strongest": found[0] / trends[best]}
    tenth = int((found[0] <= 0.9 * trends).sum())
    return {**line, "standard error": ratios.std(), "a tenth better than": tenth, "readings": len(trends)}


def later_known(of: World, values: Array, observed: Mask) -> pd.DataFrame:
    """The model's error with everything after the predicted year known, where an office observed a later value."""
    columns, parts = np.arange(values.shape[1]), []
    last = np.where(observed, columns, -1).max(axis=1)
    for _, origin, hidden, predicted in cases(observed, ("stops",)):
        for horizon in range(1, min(HORIZONS, columns[-1] - origin) + 1):
            row = predicted[predicted[:, 1] == origin + horizon, 0]
            row = row[last[row] > origin + horizon]
            panel = of.panel(np.where(hidden & (columns <= origin + horizon), np.nan, values))
            error = np.abs(families.pooled(panel)[row, origin + horizon] - values[row, origin + horizon])
            key = {"design": "stops", "horizon": horizon, "row": row, "column": origin + horizon}
            parts.append(pd.DataFrame({**key, "later known": error}))
    return pd.concat(parts, ignore_index=True)


def cells(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """A row for each design and horizon: its share of the median of all, and the error with a later value known."""
    middle, lines = rows[MODEL_NAME].median(), []
    keys = ["design", "horizon", "row", "column"]
    both = rows.merge(known, on=keys, how="left", validate="one_to_one")
    for (design, horizon), part in both.groupby(["design", "horizon"]):
        rest = rows[(rows["design"] != design) | (rows["horizon"] != horizon)]
        line = {"design": design, "horizon": horizon, "values": len(part), "error": part[MODEL_NAME].median()}
        line |= {"share": 100 * len(part) / len(rows), "above": 100 * (part[MODEL_NAME] > middle).mean()}
        pair = part[part["later known"].notna()]
        oracle = {"pairs": len(pair), "model": pair[MODEL_NAME].median(), "later known": pair["later known"].median()}
        lines.append({**line, "without": rest[MODEL_NAME].median(), **oracle})
    return pd.DataFrame(lines).round(3)


def main() -> int:
    """Writes overall.csv and cells.csv, and prints them."""
    of = world()
    values, observed = datahub(of)
    rows = hidden_errors(of, values, observed)
    for path, table in {RESULTS: overall(rows), CELLS: cells(rows, later_known(of, values, observed))}.items():
        table.to_csv(path, index=False, lineterminator="\n")
        print(table.to_string(index=False), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
