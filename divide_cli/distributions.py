"""Quantiles of the distributions that intervals rest on: normal, Student's t and beta. No SciPy is needed."""

import math
from functools import cache
from statistics import NormalDist

MANY = 1000
"""The degrees of freedom from which Student's quantile is taken from its expansion."""
STEPS = 200
"""Halvings that bring an interval of doubles down to its last bits."""
TERMS = 100_000
SMALLEST = 1e-15
"""The relative change of a double below which a series or a search has ended."""


def normal_quantile(level: float) -> float:
    """The z with `level` percent between -z and z: 1.96 for 95."""
    return NormalDist().inv_cdf(0.5 + level / 200)


def student_probability(t: float, freedom: int) -> float:
    """A(t | n): the probability that |T| <= t, for t >= 0 and n = 1, 2, 3 ... degrees of freedom.

    Closed form: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    term, total = 1.0, 0.0
    for k in range(freedom // 2):
        total += term
        step = (2 * k + 1) / (2 * k + 2) if freedom % 2 == 0 else (2 * k + 2) / (2 * k + 3)
        term *= step * cosine**2
    return sine * total if freedom % 2 == 0 else 2 / math.pi * (angle + sine * cosine * total)


@cache
def student_quantile(level: float, freedom: int) -> float:
    """The t with `level` percent between -t and t.

    By bisection to the last bits; from 1,000 degrees of freedom by the expansion around z: Abramowitz and Stegun 1964,
    26.7.5, whose error is then below 1e-12.
    """
    if freedom >= MANY:
        return student_expansion(normal_quantile(level), freedom)
    low, high = 0.0, 1.0
    while student_probability(high, freedom) < level / 100:
        high *= 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if student_probability(middle, freedom) < level / 100 else (low, middle)
    return high


def student_expansion(z: float, freedom: int) -> float:
    """Student's t near the normal z: z + g1 / n + g2 / n^2 + g3 / n^3 + g4 / n^4."""
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return math.fsum(term / freedom**power for power, term in enumerate(terms))


def beta_probability(x: float, a: float, b: float) -> float:
    """I_x(a, b): the probability that a beta variate with parameters a, b > 0 is at most x.

    Continued fraction: DLMF 8.17.22.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_probability(1 - x, b, a)
    return beta_density(x, a, b) * x * (1 - x) / a / beta_fraction(x, a, b)


def beta_density(x: float, a: float, b: float) -> float:
    """The density of the beta distribution at 0 < x < 1."""
    constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp((a - 1) * math.log(x) + (b - 1) * math.log1p(-x) + constant)


def beta_fraction(x: float, a: float, b: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)) with the d of DLMF 8.17.22, from the front (Lentz 1976, Applied Optics 15:668)."""
    value, c, d = 1.0, 1.0, 0.0
    for k in range(1, TERMS):
        m = k // 2
        if k % 2:
            part = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            part = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        c, d = 1 + part / c, 1 / (1 + part * d)
        value *= c * d
        if abs(c * d - 1) < SMALLEST:
            break
    return value


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = probability: Newton's steps from a normal quantile, halvings where they leave the range.

    0 if a is 0, 1 if b is 0.
    """
    if a <= 0 or b <= 0:
        return float(b <= 0)
    low, high, mean = 0.0, 1.0, a / (a + b)
    x = mean + NormalDist().inv_cdf(probability) * math.sqrt(mean * (1 - mean) / (a + b + 1))
    x = x if low < x < high else mean
    for _ in range(STEPS):
        error = beta_probability(x, a, b) - probability
        low, high = (x, high) if error < 0 else (low, x)
        density = beta_density(x, a, b)
        nearer = x - error / density if density else low
        nearer = nearer if low < nearer < high else (low + high) / 2
        if abs(nearer - x) <= SMALLEST * x:
            return nearer
        x = nearer
    return x
