"""Student's t distribution for whole degrees of freedom, in closed form (Abramowitz and Stegun 1964, 26.7.3 and
26.7.4).
"""

import math
from functools import cache


def between(t: float, freedom: int) -> float:
    """A(t | n): the probability that |T| <= t, for t >= 0 and n = 1, 2, 3 ... degrees of freedom."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    term, total = 1.0, 0.0
    for k in range(freedom // 2):
        total += term
        step = (2 * k + 1) / (2 * k + 2) if freedom % 2 == 0 else (2 * k + 2) / (2 * k + 3)
        term *= step * cosine**2
    return sine * total if freedom % 2 == 0 else 2 / math.pi * (angle + sine * cosine * total)


@cache
def quantile(level: float, freedom: int) -> float:
    """The t with `level` percent between -t and t, to the last bits: halving of an interval around it."""
    low, high = 0.0, 1.0
    while between(high, freedom) < level / 100:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if between(middle, freedom) < level / 100 else (low, middle)
    return high
