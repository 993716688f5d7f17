"""From a design file and a CSV file to the numbers of the R package survey: the whole way of `divide tabulate`."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from divide_cli import concepts as v
from divide_cli.survey.cells import Kind
from divide_cli.survey.publication import Publish
from divide_cli.survey.tabulation import TabulationRequest, tabulate
from tests.survey.test_oracle import ESTIMATES, EXACT, ORACLE, replicated

SAMPLES = {
    "apistrat": {"strata": "stype", "populations": "fpc"},
    "apiclus1": {"clusters": "dnum", "populations": "fpc"},
    "apiclus2": {"clusters": ["dnum", "snum"], "populations": ["fpc1", "fpc2"]},
    "apiclus2_without_fpc": {"clusters": ["dnum", "snum"]},
    "jackknife1": {"replicate_weights": {"columns": "factor*", "method": "jackknife1", "combined": False}},
}
BREAKDOWNS = {
    "COMP": {"variable": "comp.imp", "codes": {"Yes": "YES", "No": "NO"}},
    "AWARDS": {"variable": "awards", "codes": {"Yes": "YES", "No": "NO"}},
}
INDICATORS = {
    "high": {"name": "High", "variable": "high", "yes": [1], "no": [0]},
    "wide": {"name": "Wide", "variable": "sch.wide", "yes": ["Yes"], "no": ["No"]},
    "api00": {"name": "Index", "kind": "mean", "variable": "api00"},
    "enroll": {"name": "Pupils", "kind": "total", "variable": "enroll"},
    "ratio": {"name": "Tested", "kind": "ratio", "variable": "api.stu", "per": "enroll"},
}
TABULATIONS = {"": "", "comp.imp": "COMP", "awards": "AWARDS"}


@pytest.mark.parametrize("name", SAMPLES)
def test_design_files_give_the_numbers_of_r(name: str, tmp_path: Path) -> None:
    data, design = tmp_path / "schools.csv", tmp_path / "design.yaml"
    records = pd.read_csv(ORACLE / f"{name.removesuffix('_without_fpc').replace('jackknife1', 'apiclus1')}.csv")
    if name == "jackknife1":
        frame = replicated(name).frame.collect().to_pandas()
        factors = {f"factor{k}": frame[f"r{k}"] / frame["w"] for k in range(15)}
        records = records.assign(**factors)
    records.to_csv(data, index=False)
    content = {"survey": {"name": "Schools"}, "area": "USA", "year": 2000, "weight": "w", "breakdowns": BREAKDOWNS}
    design.write_text(yaml.safe_dump({**content, "indicators": INDICATORS, **SAMPLES[name]}), encoding="utf-8")
    table = tabulate(TabulationRequest(data, design, publish=Publish.ALL)).published.estimates.table
    rows = ESTIMATES[(ESTIMATES["design"] == name) & ESTIMATES["tabulation"].fillna("").isin(TABULATIONS)]
    assert len(rows) == 25
    for expected in rows.fillna({"tabulation": "", "domain": ""}).to_dict("records"):
        of = TABULATIONS[expected["tabulation"]]
        chosen = (table[v.INDICATOR] == expected["quantity"]) & (table[v.TABULATION] == of)
        found = table[chosen & ((table[of] == expected["domain"].upper()) if of else True)].iloc[0]
        unit = 100.0 if found[v.KIND] == Kind.SHARE else 1.0
        where = f"{name} {expected['quantity']} {expected['tabulation']} {expected['domain']}"
        assert (found[v.SAMPLE_SIZE], found[v.DEGREES_OF_FREEDOM]) == (expected["n"], expected["df"]), where
        ours = np.array([found[v.OBS_VALUE], found[v.STD_ERR]])
        assert ours == pytest.approx(unit * np.array([expected["value"], expected["se"]]), rel=EXACT), where
