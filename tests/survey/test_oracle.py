"""Estimates against those of the R package survey, frozen in oracle/ with the R lines that made them (oracle.R)."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.survey.cells import Kind
from divide_cli.survey.design import Replicates
from divide_cli.survey.estimates import Estimates
from divide_cli.survey.variables import Prepared, Quantity
from divide_cli.survey.variance import Lonely
from tests.survey.by_hand import estimated, prepared

ORACLE = Path(__file__).with_name("oracle")
EXACT = 1e-8
ESTIMATES = pd.read_csv(ORACLE / "estimates.csv", dtype={"domain": str})
DIFFERENCES = pd.read_csv(ORACLE / "differences.csv")
DESIGNS = ESTIMATES["design"].unique()
DIMENSIONS = ("comp.imp", "awards", "stype")
QUANTITIES = (
    Quantity("high", Kind.SHARE, "high", "one"),
    Quantity("wide", Kind.SHARE, "wide", "one"),
    Quantity("api00", Kind.MEAN, "api00", "one"),
    Quantity("enroll", Kind.TOTAL, "enroll", "enrolled"),
    Quantity("ratio", Kind.RATIO, "api.stu", "enroll"),
)
LONELY = {"alone_adjust": Lonely.CENTRED, "alone_certainty": Lonely.CERTAINTY}


@cache
def sample(name: str) -> Prepared:
    """The sample and design of that name, as oracle.R has them."""
    if name in set(scales()["design"]):
        return replicated(name)
    data = schools("apistrat" if name.startswith("alone") else name.removesuffix("_without_fpc"))
    strata, stages, populations = {
        "apistrat": ("stype", [], ["fpc"]),
        "apiclus1": (None, ["dnum"], ["fpc"]),
        "apiclus2": (None, ["dnum", "snum"], ["fpc1", "fpc2"]),
        "alone_adjust": ("part", [], []),
        "alone_certainty": ("part", [], []),
    }[name.removesuffix("_without_fpc")]
    last = data.index[data["stype"] == "M"].max()
    data["part"] = data["stype"].where(data.index != last, "N")
    populations = [] if name.endswith("_without_fpc") else populations
    return prepared(data, *QUANTITIES, strata=strata, stages=stages, populations=populations, dimensions=DIMENSIONS)


def schools(name: str) -> pd.DataFrame:
    """The schools of a sample; those without a number of pupils are outside the denominators of two quantities."""
    data = pd.read_csv(ORACLE / f"{name}.csv")
    known = data["enroll"].notna()
    data["api.stu"] = data["api.stu"].where(known, 0.0)
    data["enroll"] = data["enroll"].where(known, 0.0)
    numbers = data.select_dtypes("number").columns
    return data.astype(dict.fromkeys(numbers, float)).assign(one=1.0, enrolled=known.astype(float))


@cache
def scales() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "replicate_scales.csv", keep_default_na=False)


def replicated(name: str) -> Prepared:
    """A sample with its replicate weights: the weight times the factors of the unit."""
    data = schools("apiclus1" if name == "jackknife1" else "apistrat")
    unit = data["dnum"].astype(int).astype(str)
    if name != "jackknife1":
        unit = data["stype"] + (data["dnum"] % 5).astype(int).astype(str) + (data["snum"] % 2).astype(int).astype(str)
    rows = pd.read_csv(ORACLE / "replicate_factors.csv", dtype=str).query("design == @name").set_index("unit")
    factors = np.array([[float(part) for part in text.split()] for text in rows["factors"]])
    weights = factors[rows.index.get_indexer(unit)] * data["w"].to_numpy()[:, None]
    columns = tuple(f"r{place}" for place in range(weights.shape[1]))
    stated = scales().set_index("design").loc[name]
    jackknife = name.startswith("jackknifen")
    design = Replicates(
        columns=columns,
        method=name.removesuffix("_mse"),
        rscales=tuple(float(part) for part in stated["rscales"].split()) if jackknife else (),
        rho=float(stated["rho"]) if stated["rho"] else None,
        mse=str(stated["mse"]).upper() == "TRUE",
    )
    frame = pd.concat([data, pd.DataFrame(weights, columns=list(columns))], axis=1)
    return prepared(frame, *QUANTITIES, replicates=design, dimensions=DIMENSIONS)


@cache
def results(name: str) -> Estimates:
    return estimated(sample(name), DIMENSIONS, LONELY.get(name, Lonely.ERROR))


def row(name: str, quantity: str, tabulation: str, domain: str) -> pd.Series:
    table = results(name).table
    chosen = (table[v.INDICATOR] == quantity) & (table[v.TABULATION] == tabulation)
    chosen &= (table[tabulation] == domain) if tabulation else True
    assert chosen.sum() == 1
    return table[chosen].iloc[0]


@pytest.mark.parametrize("name", DESIGNS)
def test_estimates_are_those_of_r(name: str) -> None:
    """Values, standard errors, degrees of freedom, n, intervals (logit, and Korn and Graubard's), design effects."""
    rows = ESTIMATES[ESTIMATES["design"] == name]
    assert len(rows) >= 18
    for expected in rows.to_dict("records"):
        of = "" if pd.isna(expected["tabulation"]) else expected["tabulation"]
        found = row(name, expected["quantity"], of, expected["domain"])
        unit = 100.0 if found[v.KIND] == Kind.SHARE else 1.0
        where = f"{name} {expected['quantity']} {of} {expected['domain']}"
        assert found[v.SAMPLE_SIZE] == expected["n"], where
        assert found[v.DEGREES_OF_FREEDOM] == expected["df"], where
        pairs = [("value", v.OBS_VALUE, unit), ("se", v.STD_ERR, unit), ("lower", v.CI_LOWER, unit)]
        pairs += [
            ("upper", v.CI_UPPER, unit),
            ("kg_lower", "LOWER_KG", unit),
            ("kg_upper", "UPPER_KG", unit),
            ("deff", v.DESIGN_EFFECT, 1),
            ("deff_replace", v.DESIGN_EFFECT_REPLACE, 1),
        ]
        for column, ours, scale in pairs:
            if pd.notna(expected[column]):
                assert found[ours] == pytest.approx(scale * expected[column], rel=EXACT, abs=1e-300), (where, column)


@pytest.mark.parametrize("name", DIFFERENCES["design"].unique())
def test_differences_of_two_domains_are_those_of_r(name: str) -> None:
    """The standard error of "Yes" less "No" needs the covariance of the two (R: svyby, svycontrast)."""
    for expected in DIFFERENCES[DIFFERENCES["design"] == name].to_dict("records"):
        quantity, table = expected["quantity"], results(name).table
        rows = table[(table[v.INDICATOR] == quantity) & (table[v.TABULATION] == "comp.imp")]
        assert rows["comp.imp"].tolist() == [expected["first"], expected["second"]]
        covariance = results(name).covariances[quantity, "comp.imp"]
        contrast = np.array([-1.0, 1.0])
        unit = 100.0 if rows[v.KIND].iloc[0] == Kind.SHARE else 1.0
        difference = contrast @ rows[v.OBS_VALUE].to_numpy()
        assert difference == pytest.approx(unit * expected["value"], rel=EXACT), quantity
        assert np.sqrt(contrast @ covariance @ contrast) == pytest.approx(unit * expected["se"], rel=EXACT), quantity


def test_the_oracle_has_what_is_promised() -> None:
    """Every design with all five quantities, and no column that is empty throughout."""
    full = [name for name in DESIGNS if not name.startswith("alone")]
    assert {"apistrat", "apiclus1", "apiclus2", "apiclus2_without_fpc"} < set(full) and len(full) == 13
    assert (ESTIMATES[ESTIMATES["design"].isin(full)].groupby("design")["quantity"].nunique() == 5).all()
    assert ESTIMATES.groupby("design")["kg_lower"].count().gt(0).sum() >= 6
    known = ESTIMATES[["se", "lower", "upper", "deff", "deff_replace"]].notna()
    assert (known.groupby(ESTIMATES["quantity"]).mean() > 0.4).all(axis=None)


def test_literacy_by_sex_is_that_of_svy() -> None:
    """svy 0.35.0, `ind_sample_wb_2023`: strata geo1 x urbrur, PSU ea, weight hhweight, share of literacy = "Yes" by sex.

    The file has the sums of weights by stratum, PSU, sex and answer, which the estimates rest on, and no person.
    """
    data = pd.read_csv(ORACLE / "ind_sample_wb_2023_sums.csv")
    data = data.assign(y=(data["literacy"] == "Yes").astype(float), x=1.0, w=data["weight"], SEX=data["sex"])
    table = estimated(prepared(data, strata="stratum", stages=["ea"], dimensions=["SEX"]), ["SEX"]).table
    female, male = (table[table["SEX"] == sex].iloc[0] for sex in ("Female", "Male"))
    assert female[v.OBS_VALUE] == pytest.approx(71.11253643334, rel=1e-12)
    assert female[v.STD_ERR] == pytest.approx(3.0424537619953, rel=1e-12)
    assert male[v.OBS_VALUE] == pytest.approx(76.17309679769, rel=1e-12)
    assert male[v.STD_ERR] == pytest.approx(2.7749125663384, rel=1e-12)
    assert female[v.DEGREES_OF_FREEDOM] == male[v.DEGREES_OF_FREEDOM] == 26
