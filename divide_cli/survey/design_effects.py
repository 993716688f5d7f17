"""Design effects: the variance of an estimate over that of a simple random sample of as many persons.

The variance of the simple random sample is estimated from the same sample. With n persons of the domain, weights w,
amounts y and x, estimate R = Y / X (for a total, the mean), residuals e = y - R x and W = sum w:

    share, mean, ratio   sum(w e^2) W / X^2 / (n - 1)
    total                sum(w e^2) W / (n - 1)

if persons are drawn with replacement, times 1 - n / W without. The R package survey: `deff = "replace"`, `deff = TRUE`.
"""

from dataclasses import dataclass

import numpy as np

from divide_cli.survey.cells import Floats, Kind


@dataclass(frozen=True)
class Effects:
    """Design effects of estimates, shape (domains,); NaN where the simple variance is 0 or unknown."""

    without_replacement: Floats
    with_replacement: Floats


def design_effects(
    kind: str, variances: Floats, squares: Floats, denominators: Floats, weighted: Floats, n: Floats
) -> Effects:
    """The effects of estimates whose domains have `squares` = sum w e^2, X, W and n.

    Weights that sum to less than n are not those of a population: there is no effect without replacement.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = squares * weighted / (n - 1)
        simple = simple if kind == Kind.TOTAL else simple / denominators**2
        replaced = variances / np.where(simple > 0, simple, np.nan)
        return Effects(replaced / np.where(weighted > n, 1 - n / weighted, np.nan), replaced)
