"""The page docs/reference/coverage.md: how often confidence intervals contain the truth, from the benchmarks' files."""

import pandas as pd

from scripts.docs import ROOT
from scripts.docs.markdown import page, table
from scripts.docs.reference import INTERVALS

MEASURES = ROOT / "benchmarks" / "measures" / "coverage.csv"
SURVEYS = ROOT / "benchmarks" / "survey" / "coverage.csv"


def pages() -> dict[str, str]:
    """The page."""
    measures, surveys = pd.read_csv(MEASURES), pd.read_csv(SURVEYS)
    text = page(
        "coverage.md.j2",
        designs=measures["design"].nunique(),
        kinds=measures["measure"].nunique(),
        drawn=measures["samples"].min(),
        measures=_of_measures(measures),
        surveyed=surveys["samples"].min(),
        least=surveys["share"].min(),
        most=surveys["share"].max(),
        surveys=_of_surveys(surveys),
    )
    return {"docs/reference/coverage.md": text}


def _of_measures(rows: pd.DataFrame) -> str:
    """The table of measures, by the way in which their intervals are made."""
    groups = rows.groupby("interval", sort=False)["coverage"]
    return table(
        ("interval", "how it is made", "cases", "least", "median", "most"),
        [
            (kind, INTERVALS[str(kind)], len(held), *map(_percent, (held.min(), held.median(), held.max())))
            for kind, held in groups
        ],
    )


def _of_surveys(rows: pd.DataFrame) -> str:
    """The table of surveys, by design and kind of estimate."""
    groups = rows.groupby(["design", "estimate"], sort=False)["coverage"]
    return table(
        ("design", "estimate", "least", "most"),
        [(*names, _percent(held.min()), _percent(held.max())) for names, held in groups],
    )


def _percent(number: float) -> str:
    return f"{number:.1f} %"
