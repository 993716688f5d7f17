"""Claims that are not computable from countries' figures, with estimates of the economies that did not report.

An estimate never changes a verdict: a claim that reports alone cannot confirm stays *not computable*. It says whether
the claim has a number with an interval if the others are estimated, and whether the printed figure is in that interval.
The intervals of the parts of a claim are carried through its steps as bounds are, so those of a ratio or a change are
too wide rather than too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import compute
from divide_cli.analysis.request import Request
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, Claim
from divide_cli.claims.numbers import Number, Values, index, number_of
from divide_cli.claims.printed import PrintedFigure
from divide_cli.sources import editions as sources


@dataclass(frozen=True)
class ClaimEstimate:
    """The number of a claim with estimates, its edition, and whether the printed figure is in its interval."""

    number: Number
    edition: str
    confirms: bool


def estimated_values(request: Request) -> Values:
    """The values of the request from countries' figures and estimates; bounds are the ends of their intervals."""
    indicators = {model.indicator for model in catalogue().estimates.values()} & set(request.indicators)
    countries = [name for name in request.editions if sources.editions()[name].role == "country"]
    if not indicators or not countries:
        return Values({}, {}, ())
    result = compute(replace(request, editions=tuple(countries), indicators=tuple(sorted(indicators)), estimate=True))
    parts = [
        _estimates(frame, persons) for frame, persons in ((result.aggregates, result.persons), (result.gaps, None))
    ]
    return Values(index(parts, result.dimensions), {}, result.dimensions)


def _estimates(
    frame: pd.DataFrame, persons: "pd.Series[float] | None"
) -> tuple[pd.DataFrame, "pd.Series[float] | None"]:
    """The rows with an estimate, which is their value; its interval is their bounds, and nothing is missing."""
    rows = frame[v.EST_VALUE].notna().to_numpy() if len(frame) else np.zeros(0, dtype=bool)
    known = frame[rows].copy()
    for column, estimate in ((v.OBS_VALUE, v.EST_VALUE), (v.BOUND_LOWER, v.EST_LOWER), (v.BOUND_UPPER, v.EST_UPPER)):
        known[column] = known[estimate]
    known[v.COVERAGE] = 100.0
    return known, persons[rows] if persons is not None else None


def claim_estimate(
    claim: Claim, figure: PrintedFigure, values: Values, editions: Sequence[str]
) -> ClaimEstimate | None:
    """The number of a claim with estimates, from the first edition that gives one; None if none does."""
    if claim.selector.area == ANY_ECONOMY:
        return None
    for edition in editions:
        if (edition, Basis.COUNTRIES) in values.numbers:
            number = number_of(claim, figure, values, edition, Basis.COUNTRIES)
            if number.has_value and number.has_bounds:
                return ClaimEstimate(number, edition, figure.meets(number.lower, number.upper))
    return None
