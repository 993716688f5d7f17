"""Trends of yearly figures: pace, crossings, time distance, convergence; refused, with the reason, where there is
none.
"""

from divide_cli.analysis.trends.convergence import Convergence, beta, sigma
from divide_cli.analysis.trends.distance import Distance, time_distance
from divide_cli.analysis.trends.lines import FEWEST, PAST, Crossing, Line, crossing, fitted, logit

__all__ = [
    "FEWEST",
    "PAST",
    "Convergence",
    "Crossing",
    "Distance",
    "Line",
    "beta",
    "crossing",
    "fitted",
    "logit",
    "sigma",
    "time_distance",
]
