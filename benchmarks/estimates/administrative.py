"""`python -m benchmarks.estimates.administrative`: whether series that are known every year make estimates better.

Subscriptions, coverage, prices, access to electricity and schooling come from registers and operators. They are known
in years without a survey, so hiding a survey hides none of them. Two ways to use a set of them are tried:

- `level`: GNI per head gives way to an index of it and the set, which a regression over all years makes;
- `change`: after the last value, a path that leaves that of its donors when the series leave theirs.

Writes administrative.csv (the median errors and gains of each set, and in how many tested cells it is known; no row of
a source). The files are in $DIVIDE_RAW. Those of ITU are there to test with, and are not in the project.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.estimates import families
from benchmarks.estimates.cross_validation import MODEL_NAME, cases, gains
from benchmarks.estimates.observed import MODEL, World, datahub, raw_folder, world
from divide_cli.analysis.estimates import model as chosen
from divide_cli.analysis.estimates.model import Panel, expit, logit

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
PANEL = "wdi/internet_use/digital_divide_panel_lianaphoenix_2026-08.csv"
COVERAGE = "data360_itu/ITU_DH_POP_COV_4G.csv"
PRICES = "itu_price_baskets/ITU_ICTPriceBaskets_2008-2023.xlsx"
WDI = {
    "fixed broadband": "fixed_broadband",
    "mobile-cellular": "mobile_subs",
    "electricity": "electricity_access",
    "secondary school": "secondary_enroll",
    "urban share": "urban_pop",
}
"""The columns of the panel. Its author carried the last enrolment forward; the others are as published."""
BASKETS = {"price of fixed broadband": "i154_FBB_ts_GNI", "price of mobile voice": "i154_MobLow_ts_GNI"}
SETS = {
    **{name: (name,) for name in (*WDI, "4G coverage", *BASKETS)},
    "fixed broadband and electricity": ("fixed broadband", "electricity"),
    "all of WDI": tuple(WDI),
    "all": (*WDI, "4G coverage", *BASKETS),
}
LEAST = {"fixed broadband": 0.01, "mobile-cellular": 1.0} | dict.fromkeys(BASKETS, 0.05)
"""The series that are logarithms, and the least value of each; the others are shares."""
HELD, STEPS = 5, range(1, 6)
"""Years that a series is held at its ends, and the steps over which changes are regressed."""
PENALTY = 1.0
RESULTS = Path(__file__).with_name("administrative.csv")


def known_series(of: World) -> dict[str, Array]:
    """The series by economy and year, NaN where unknown."""
    folder = raw_folder()
    wdi, covered = pd.read_csv(folder / PANEL), pd.read_csv(folder / COVERAGE)
    series = {name: of.matrix(wdi["country_code"], wdi["year"], wdi[column]) for name, column in WDI.items()}
    series["4G coverage"] = of.matrix(covered["REF_AREA"], covered["TIME_PERIOD"], covered["OBS_VALUE"])
    prices = pd.read_excel(folder / PRICES, sheet_name="economies_2008-2023", engine="openpyxl")
    years = [name for name in prices if str(name)[:2] == "20"]
    for name, code in BASKETS.items():
        rows = prices[prices["Code"] == code].melt(["IsoCode"], years, "year")
        areas = rows["IsoCode"].replace("WBG", "PSE")
        series[name] = of.matrix(areas, rows["year"].astype(int), pd.to_numeric(rows["value"], errors="coerce"))
    return series


def scaled(name: str, values: Array) -> Array:
    """The series with gaps filled by lines and ends held, as a logarithm or a share, in standard deviations."""
    table = np.log(np.maximum(values, LEAST[name])) if name in LEAST else values
    filled = pd.DataFrame(table).interpolate(axis=1, limit_area="inside")
    held = filled.ffill(axis=1, limit=HELD).bfill(axis=1, limit=HELD).to_numpy()
    return np.asarray((held - np.nanmean(held)) / np.nanstd(held))


def ridge(columns: Array, values: Array) -> Array:
    """The coefficients of a regression without a constant; the penalty is one observation."""
    return np.linalg.solve(columns.T @ columns + PENALTY * np.eye(columns.shape[1]), columns.T @ values)


def by_level(panel: Panel, series: list[Array]) -> Array:
    """The model with an index in place of GNI per head: the series and GNI, as they explain values within a year.

    An unknown series counts as the mean of its year and income group.
    """
    x = logit(panel.percent, MODEL.nearest)
    columns = np.stack([_without_gaps(one, panel.income) for one in (panel.covariate, *series)], axis=-1)
    known = np.isfinite(x)
    centred = columns - np.nanmean(np.where(known[..., None], columns, np.nan), axis=0, keepdims=True)
    own = (x - np.nanmean(x, axis=0, keepdims=True))[known]
    usable = np.isfinite(centred[known]).all(axis=1)
    index = columns @ ridge(centred[known][usable], own[usable])
    return chosen.estimate(replace(panel, covariate=index), MODEL).percent


def _without_gaps(one: Array, income: npt.NDArray[np.int64]) -> Array:
    """The series with the mean of year and income group where it is unknown; that of the year without any."""
    table = pd.DataFrame(one)
    return table.fillna(table.groupby(income).transform("mean")).fillna(table.mean()).fillna(0.0).to_numpy()


def by_change(panel: Panel, series: list[Array]) -> Array:
    """The model, and after the last value what the series' distance from their donors' path since then adds.

    An unknown change adds nothing. The coefficients are those of the panel's own changes over one to five years.
    """
    x, fitted = logit(panel.percent, MODEL.nearest), chosen.estimate(panel, MODEL)
    distance = x - np.cumsum(fitted.growth, axis=1)
    apart = np.stack([one - np.cumsum(_donors_growth(one, panel), axis=1) for one in series], axis=-1)
    pairs = [(distance[:, h:] - distance[:, :-h], apart[:, h:] - apart[:, :-h]) for h in STEPS]
    own = np.concatenate([change.ravel() for change, _ in pairs])
    columns = np.nan_to_num(np.concatenate([change.reshape(-1, len(series)) for _, change in pairs]))
    known = np.isfinite(own)
    bounded = np.clip(own[known], -MODEL.growth.most, MODEL.growth.most)
    since = apart - apart[np.arange(len(x))[:, None], np.maximum(fitted.origin, 0)]
    added = np.nan_to_num(since) @ ridge(columns[known], bounded)
    percent = expit(logit(fitted.percent, MODEL.nearest) + added)
    return np.where(fitted.kind == chosen.Kind.AFTER, percent, fitted.percent)


def _donors_growth(one: Array, panel: Panel) -> Array:
    nobody_ahead = np.zeros(one.shape[1], dtype=np.int64)
    return chosen.donors_growth(one, panel.donors, MODEL.growth, nobody_ahead)


WAYS: dict[str, Callable[[Panel, list[Array]], Array]] = {"level": by_level, "change": by_change}


def names(of_set: str) -> dict[str, str]:
    """The name of each way with a set of series, as a family has one."""
    return {way: f"{of_set}, {way}" for way in WAYS}


def predictions(of: World, values: Array, observed: Mask, series: dict[str, Array]) -> pd.DataFrame:
    """Every prediction outside gaps: design, economy, columns, truth, and the value of the model, each set and way."""
    parts = []
    for design, origin, hidden, predicted in cases(observed, ("stops", "nobody", "never")):
        panel, (row, column) = of.panel(np.where(hidden, np.nan, values)), predicted.T
        part = {MODEL_NAME: families.pooled(panel)[row, column]}
        for of_set, members in SETS.items():
            chosen_series = [series[name] for name in members]
            part |= {names(of_set)[way]: family(panel, chosen_series)[row, column] for way, family in WAYS.items()}
        place = {"design": design, "row": row, "origin": origin if design != "never" else column, "column": column}
        parts.append(pd.DataFrame({**place, "truth": values[row, column], **part}))
    return pd.concat(parts, ignore_index=True)


def share_known(rows: pd.DataFrame, members: list[Array]) -> float:
    """In how many percent of the tested cells all series are published, at the origin and in the year itself."""
    row = rows["row"]
    known = [np.isfinite(one[row, rows[at]]) for one in members for at in ("origin", "column")]
    return round(100 * float(np.logical_and.reduce(known).mean()), 1)


def main() -> int:
    """Writes administrative.csv, and prints it."""
    of = world()
    published = known_series(of)
    series = {name: scaled(name, values) for name, values in published.items()}
    rows = predictions(of, *datahub(of), series)
    families_tried = {name: (of_set, way) for of_set in SETS for way, name in names(of_set).items()}
    table = gains(rows, [MODEL_NAME, *families_tried]).iloc[1:]
    errors, whole = rows[list(families_tried)].sub(rows["truth"], axis=0).abs(), rows["design"] == "never"
    tried = table["family"].map(families_tried)
    table.insert(0, "series", tried.str[0])
    table.insert(1, "way", tried.str[1])
    known = {of_set: share_known(rows, [published[name] for name in members]) for of_set, members in SETS.items()}
    table.insert(2, "known", table["series"].map(known))
    table["whole economies"] = table["family"].map(errors[whole].median()).round(3)
    table["after the last value"] = table["family"].map(errors[~whole].median()).round(3)
    table = table.drop(columns="family")
    table.to_csv(RESULTS, index=False, lineterminator="\n")
    print(table.to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
