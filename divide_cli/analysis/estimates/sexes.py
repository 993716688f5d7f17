"""Women and men, estimated jointly: their mean, weighted by people, is the value of both together, in every draw.

The distance of the two, ln(m / (100 - m)) - ln(f / (100 - f)), is carried from the nearest year with both values, in a
straight line between two such years, and has the level of a regression where there is none. Of an economy with the
value p of both sexes and the people N_f and N_m, f and m are the two numbers with that distance for which
(N_f f + N_m m) / (N_f + N_m) = p.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.estimates.model import (
    Estimates,
    Kind,
    Neighbours,
    Panel,
    between,
    bridge,
    levels,
    logit,
    neighbours,
)
from divide_cli.catalogue.estimates import Estimation
from divide_cli.concepts import EXACT

Array = npt.NDArray[np.float64]


def distances(panel: Panel, women: Array, men: Array, model: Estimation) -> Estimates:
    """The distance of the logits of men and women in every cell, as `percent`, with its standard deviation, `error`.

    `panel` has the groups and the covariate; `women` and `men` are percentages, NaN where missing.
    """
    distance = logit(men, model.nearest) - logit(women, model.nearest)
    known = np.isfinite(distance)
    near, never = neighbours(known), np.asarray(~known.any(axis=1, keepdims=True))
    last = int(np.flatnonzero(known.any(axis=0))[-1])
    ahead = np.maximum(np.arange(distance.shape[1]) - last, 0)
    level = _level(panel, distance, model)
    walk = model.sexes.walk**2 * bridge(near)
    drawn = np.where(never, 1.0, walk / (walk + model.sexes.never**2))
    value = np.where(known, distance, (1 - drawn) * between(distance, near) + drawn * level)
    error = np.where(known, 0.0, np.sqrt(drawn) * model.sexes.never)
    steps, origin = np.where(never, 0, near.steps), np.where(never, -1, near.origin)
    ahead_of_all = np.where(known, 0, ahead)
    growth = np.zeros_like(distance)
    return Estimates(value, _kinds(near, known, never), error, steps, ahead_of_all, origin, growth)


def _level(panel: Panel, distance: Array, model: Estimation) -> Array:
    """The regression's distance of each area, the same in all years: of the means of the areas over their years."""
    number = np.isfinite(distance).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        mean = np.nansum(distance, axis=1, keepdims=True) / number
        known = np.isfinite(panel.covariate).sum(axis=1, keepdims=True)
        covariate = np.nansum(panel.covariate, axis=1, keepdims=True) / known
    constant = np.zeros_like(mean)
    one_year = replace(panel, percent=mean, covariate=covariate)
    return levels(one_year, mean, model, constant, constant[0].astype(np.int64))


def _kinds(near: Neighbours, known: npt.NDArray[np.bool_], never: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    sides = np.where(near.before < 0, Kind.BEFORE, np.where(near.after < 0, Kind.AFTER, Kind.BETWEEN))
    return np.where(known, Kind.REPORTED, np.where(never, Kind.NEVER, sides)).astype(np.int64)


def split(total: Array, distance: Array, share: Array) -> tuple[Array, Array]:
    """The percentages of women and men with that mean and distance of logits; `share` is that of women among people.

    With P = p / 100, K = exp(distance) and o the odds of women, s o / (1 + o) + (1 - s) K o / (1 + K o) = P is the
    quadratic equation K (1 - P) o^2 + b o - P = 0, with b = s + (1 - s) K - P (1 + K). It has one positive root.
    """
    of_both, ratio = np.clip(total / 100, EXACT, 1 - EXACT), np.exp(distance)
    b = share + (1 - share) * ratio - of_both * (1 + ratio)
    square, root = ratio * (1 - of_both), np.sqrt(b**2 + 4 * ratio * (1 - of_both) * of_both)
    odds = np.where(b > 0, 2 * of_both / np.maximum(b + root, EXACT), (root - b) / (2 * square))
    return 100 * odds / (1 + odds), 100 * ratio * odds / (1 + ratio * odds)
