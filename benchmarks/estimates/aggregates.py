"""`python -m benchmarks.estimates.aggregates`: group values of each family compared with ITU's of November 2025.

The published aggregates are a test, not training: the model and its numbers were committed before this ran for the
first time. All families take the same inputs, wdi_2026_08 and DataHub of April 2026, with the groups of FY26 and the
populations of `divide`. The copy of WDI of October 2025, the month before the aggregates, tells revisions apart.
`reporting only` is the mean of the economies with a value, as `divide compute` gives it.

Writes aggregates.csv (the error of each group value, without any row of a source) and causes.csv (what each economy
that is estimated adds to the difference between the model and the logit trend).
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.estimates import families
from benchmarks.estimates.observed import MODEL, YEARS, World, datahub, embedded, world
from divide_cli import concepts as v
from divide_cli.analysis.estimates import model as chosen
from divide_cli.analysis.estimates import simulation
from divide_cli.catalogue import catalogue
from divide_cli.sources import editions

Array = npt.NDArray[np.float64]
TESTED = range(2022, 2026)
COMPARED = ("last value carried forward", "logit trend with group donors", "divide: partial pooling")
MODEL_NAME, TREND = COMPARED[2], COMPARED[1]
BACK_CAST = "breaks back-cast"
RESULTS, CAUSES = (Path(__file__).with_name(f"{name}.csv") for name in ("aggregates", "causes"))


def published() -> dict[tuple[str, int], float]:
    """ITU's group values of November 2025, by group and year: both sexes, all areas."""
    frame = editions.load("itu_aggregates_2025_11").frame
    total = (frame[list(v.DIMENSIONS)] == v.TOTAL).all(axis=1)
    keys = zip(frame[v.REF_AREA][total].astype(str), frame[v.TIME_PERIOD][total], strict=True)
    return dict(zip(keys, frame[v.OBS_VALUE][total], strict=True))


def group_values(of: World, percent: Array, source: str) -> pd.DataFrame:
    """A row for each group and year: the published value, that of each family, and the interval of the model."""
    panel, groups = of.panel(percent), [code for one in catalogue().groupings.values() for code in one.codes]
    values = {"reporting only": percent} | {name: families.FAMILIES[name](panel) for name in COMPARED}
    values[BACK_CAST] = _back_cast(of, percent)
    fitted = chosen.estimate(panel, MODEL)
    lines = []
    for year in TESTED:
        column = year - int(YEARS[0])
        draws = simulation.draws(fitted, of.region, MODEL, column, year)
        for group in groups:
            inside = of.group(group) & (of.people[:, column] > 0)
            weights = of.people[inside, column]
            means = {name: mean_of_known(table[inside, column], weights) for name, table in values.items()}
            low, high = simulation.group_interval(draws[:, inside], weights, MODEL)
            line = {"input": source, "year": year, "group": group, "published": published()[group, year], **means}
            lines.append({**line, "low": low, "high": high})
    return pd.DataFrame(lines)


def _back_cast(of: World, percent: Array) -> Array:
    """The model if the values before each declared break were back-cast; as declared, they are kept."""
    comparable = percent.copy()
    for one in MODEL.breaks:
        comparable[of.areas.index(one.area), one.year > YEARS] = np.nan
    return chosen.estimate(of.panel(comparable), MODEL).percent


def mean_of_known(values: Array, weights: Array) -> float:
    """The mean of those that are known, weighted by people; NaN if none is."""
    known = np.isfinite(values)
    return float(values[known] @ weights[known] / weights[known].sum()) if known.any() else np.nan


def causes(of: World, percent: Array, source: str) -> pd.DataFrame:
    """What each estimated economy adds to the world's value by the model minus that by the logit trend, in points."""
    panel = of.panel(percent)
    fitted, trend = chosen.estimate(panel, MODEL), families.logit_trend(panel)
    lines = []
    for year in TESTED:
        column = year - int(YEARS[0])
        for row in np.flatnonzero(~np.isfinite(percent[:, column]) & (of.people[:, column] > 0)):
            people = of.people[row, column]
            part = people / of.people[:, column].sum() * (fitted.percent[row, column] - trend[row, column])
            kind = chosen.Kind(fitted.kind[row, column]).name.lower()
            line = {"input": source, "year": year, "area": of.areas[row], "kind": kind, "millions": people / 1e6}
            lines.append({**line, "points": fitted.percent[row, column] - trend[row, column], "part": part})
    return pd.DataFrame(lines)


def errors(table: pd.DataFrame) -> pd.DataFrame:
    """The mean absolute error of each family by input and year, and how many published values the intervals hold."""
    names = ["reporting only", *COMPARED, BACK_CAST]
    absolute = table[names].sub(table["published"], axis=0).abs()
    half = 0.05  # published values have one decimal
    inside = (table["published"] + half >= table["low"]) & (table["published"] - half <= table["high"])
    of_year = absolute.assign(inside=inside).groupby([table["input"], table["year"]])
    means = of_year[names].mean().round(2)
    means["ratio to the trend"] = (means[MODEL_NAME] / means[TREND]).round(2)
    return means.assign(inside=of_year["inside"].sum(), groups=of_year.size()).reset_index()


def main() -> int:
    """Writes both files, and prints the mean errors."""
    of = world()
    inputs = {name: embedded(of, name) for name in ("wdi_2026_08", "wdi_2025_10")}
    inputs["DataHub 2026-04"] = datahub(of)[0]
    table = pd.concat([group_values(of, percent, name) for name, percent in inputs.items()], ignore_index=True)
    by_economy = pd.concat([causes(of, percent, name) for name, percent in inputs.items()], ignore_index=True)
    names = ["reporting only", *COMPARED, BACK_CAST, "low", "high"]
    deviations = table.assign(**{name: (table[name] - table["published"]).round(2) for name in names})
    deviations.to_csv(RESULTS, index=False, lineterminator="\n")
    largest = by_economy[by_economy["part"].abs() >= 0.01].round({"millions": 1, "points": 1, "part": 3})
    largest.to_csv(CAUSES, index=False, lineterminator="\n")
    print(errors(table).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
