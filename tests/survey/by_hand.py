"""Small samples for tests: columns in, `Prepared` out."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from divide_cli.survey.cells import Kind, sums
from divide_cli.survey.design import Replicates
from divide_cli.survey.estimates import Estimates, estimate
from divide_cli.survey.variables import Prepared, Quantity
from divide_cli.survey.variance import Lonely


def prepared(
    frame: pd.DataFrame,
    *quantities: Quantity,
    strata: str | None = None,
    stages: Sequence[str] = (),
    populations: Sequence[str] = (),
    replicates: Replicates | None = None,
    dimensions: Sequence[str] = (),
    weight: str = "w",
) -> Prepared:
    """The sample; without quantities, the share `y` of those with `x`. Dimensions are columns of the same name."""
    quantities = quantities or (Quantity("internet_use", Kind.SHARE, "y", "x"),)
    lazy = nw.from_native(frame).lazy()
    columns = {name: name for name in dimensions}
    return Prepared(lazy, weight, strata, tuple(stages), tuple(populations), replicates, columns, quantities)


def estimated(
    sample: Prepared, by: Sequence[str] = (), lonely: Lonely = Lonely.ERROR, level: float = 95.0
) -> Estimates:
    """The estimates for the whole population and by the tabulations."""
    dimensions = list(dict.fromkeys(name for one in by for name in one.split(":")))
    return estimate(sums(sample, dimensions), by, lonely, level)


def shares(strata: str, units: str, yes: str, **columns: Any) -> pd.DataFrame:
    """A sample of persons with weight 1, or `w`, from one letter or digit a person."""
    answers = [float(one) for one in yes]
    return pd.DataFrame({"stratum": list(strata), "psu": list(units), "y": answers, "x": 1.0, "w": 1.0} | columns)
