"""`python -m benchmarks.estimates.readings`: the readings of a damped logit trend with group donors, and their errors.

"A trend by least squares on the logit over the last five observed years, damped to the group's growth" leaves open how
much damping, the growth of which group, its mean or median, which five years, and what is between two values. For each
reading: its median error on hidden observations, what the model's is of it, with a standard error, and its mean error
against ITU's aggregates of November 2025. A trial of such a trend, whose code is not known, had the errors in TRIAL;
`from the trial` is the mean distance from these. The aggregates say which reading the trial had. They choose nothing
in the model.

Writes readings.csv (no row of a source).
"""

import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.estimates import families
from benchmarks.estimates.aggregates import mean_of_known, published
from benchmarks.estimates.cross_validation import MODEL_NAME, cases, resampled_medians
from benchmarks.estimates.families import Trend
from benchmarks.estimates.observed import YEARS, World, datahub, embedded, world
from divide_cli.catalogue import catalogue

Array = npt.NDArray[np.float64]
DAMPING = (0.3, 0.5, 0.7, 0.85)
WINDOWS, BETWEEN = ("values", "years"), ("nearest", "line")
READINGS = tuple(
    Trend(damping, group, summary, window)
    for group, summary, window, damping in product(families.GROUPS, families.SUMMARIES, WINDOWS, DAMPING)
)
TRIAL = {
    ("wdi_2026_08", 2023): 0.74,
    ("wdi_2026_08", 2024): 0.88,
    ("DataHub 2026-04", 2023): 0.62,
    ("DataHub 2026-04", 2024): 0.69,
}
RESULTS = Path(__file__).with_name("readings.csv")


def hidden_errors(of: World, values: Array, observed: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """The absolute error of each hidden value, with its economy: a column for the model and for each reading."""
    parts = []
    for _, _, hidden, predicted in cases(observed, ("stops", "nobody", "never")):
        panel, (row, column) = of.panel(np.where(hidden, np.nan, values)), predicted.T
        tables = {MODEL_NAME: families.pooled(panel)} | {one: families.logit_trend(panel, one) for one in READINGS}
        truth = values[row, column]
        part = {name: np.abs(table[row, column] - truth) for name, table in tables.items()}
        parts.append(pd.DataFrame({"row": row, **part}))
    return pd.concat(parts, ignore_index=True)


def aggregate_errors(of: World, inputs: dict[str, Array], reading: Trend) -> dict[tuple[str, int], float]:
    """The mean absolute error over the groups, by input and year of the trial."""
    tables = {name: families.logit_trend(of.panel(percent), reading) for name, percent in inputs.items()}
    groups, figures = [code for one in catalogue().groupings.values() for code in one.codes], published()
    errors = {}
    for source, year in TRIAL:
        column, differences = year - int(YEARS[0]), []
        for group in groups:
            inside = of.group(group) & (of.people[:, column] > 0)
            mean = mean_of_known(tables[source][inside, column], of.people[inside, column])
            differences.append(abs(mean - figures[group, year]))
        errors[source, year] = float(np.mean(differences))
    return errors


def readings(of: World) -> pd.DataFrame:
    """A row for each reading, that with the smallest error on hidden values first."""
    values, observed = datahub(of)
    hidden = hidden_errors(of, values, observed)
    errors = hidden.drop(columns="row")
    medians, sampled = errors.median(), resampled_medians(errors, hidden["row"])
    inputs = {"wdi_2026_08": embedded(of, "wdi_2026_08"), "DataHub 2026-04": values}
    lines = []
    for one, between in product(READINGS, BETWEEN):
        found = aggregate_errors(of, inputs, replace(one, between=between))
        away = float(np.mean([abs(found[key] - TRIAL[key]) for key in TRIAL]))
        ratio = {"model / reading": medians[MODEL_NAME] / medians[one]}
        ratio["standard error"] = float((sampled[MODEL_NAME] / sampled[one]).std())
        by_input = {f"{source}, {year}": error for (source, year), error in found.items()}
        line = {**vars(one), "between": between, "hidden": medians[one], **ratio, **by_input, "from the trial": away}
        lines.append(line)
    return pd.DataFrame(lines).sort_values("hidden", kind="stable").round(3)


def main() -> int:
    """Writes readings.csv, and prints it."""
    table = readings(world())
    table.to_csv(RESULTS, index=False, lineterminator="\n")
    print(table.to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
