"""The peer in Python, svy: the same as survey.R."""

import sys

import polars
import svy

persons = polars.read_csv(sys.argv[1])
sample = svy.Sample(persons, svy.Design(stratum="stratum", psu="psu", wgt="weight"))
for by in ("sex", "area"):
    shares = sample.estimation.mean("internet", by=by)
    rows, covariance = shares.to_dicts(), shares.covariance
    values, errors = [row["est"] for row in rows], [row["se"] for row in rows]
    gap = values[0] - values[1]
    error = (covariance[0][0] + covariance[1][1] - 2 * covariance[0][1]) ** 0.5
    print(by, *(f"{value:.15g}" for value in (*values, *errors, gap, error)))
