"""Quantiles, against SciPy's and R's."""

import pytest

from divide_cli.distributions import (
    beta_probability,
    beta_quantile,
    normal_quantile,
    student_expansion,
    student_probability,
    student_quantile,
)


@pytest.mark.parametrize(
    ("level", "freedom", "expected"),  # SciPy 1.17, stats.t.ppf
    [
        (95, 1, 12.706204736174694),
        (95, 2, 4.302652729749462),
        (95, 3, 3.1824463052837078),
        (99, 4, 4.604094871349992),
        (90, 5, 2.0150483733330233),
        (95, 9, 2.262157162798205),
        (95, 30, 2.0422724563012378),
        (99, 197, 2.6010156416895627),
    ],
)
def test_students_quantiles(level: float, freedom: int, expected: float) -> None:
    assert student_quantile(level, freedom) == pytest.approx(expected, rel=1e-12)
    assert student_probability(student_quantile(level, freedom), freedom) == pytest.approx(level / 100, rel=1e-13)


@pytest.mark.parametrize(
    ("level", "freedom", "expected"),  # R 4.2: print(qt(0.5 + level / 200, freedom), digits = 17)
    [(95, 999, 1.9623414611334493), (99.9, 1000, 3.3002826484239436), (99.9, 5000, 3.2924737233708821)],
)
def test_students_quantile_of_many_degrees_is_an_expansion(level: float, freedom: int, expected: float) -> None:
    assert student_quantile(level, freedom) == pytest.approx(expected, rel=1e-12)
    assert student_expansion(normal_quantile(level), freedom) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("probability", "a", "b", "expected"),  # R 4.2: print(qbeta(probability, a, b), digits = 17)
    [
        (0.025, 3, 10, 0.054860644527992733),
        (0.975, 3, 10, 0.48413774868596704),
        (0.025, 45000.5, 120000.2, 0.27058285149338934),
        (0.975, 1, 30, 0.11570330822202779),
        (0.025, 0.5, 0.5, 0.0015413331334360124),
        (0.975, 200, 0.3, 0.99999998404369661),
    ],
)
def test_quantiles_of_the_beta_distribution(probability: float, a: float, b: float, expected: float) -> None:
    assert beta_quantile(probability, a, b) == pytest.approx(expected, rel=1e-11)


def test_beta_of_whole_numbers_is_a_binomial_tail() -> None:
    """I_x(2, 3) = P(at least 2 of 4) = 6 x^2 (1-x)^2 + 4 x^3 (1-x) + x^4; at 0.4 that is 0.5248."""
    assert beta_probability(0.4, 2, 3) == pytest.approx(0.5248, rel=1e-14)
    assert beta_probability(0.0, 2, 3) == 0 and beta_probability(1.0, 2, 3) == 1
    assert beta_quantile(0.025, 0, 5) == 0 and beta_quantile(0.975, 5, 0) == 1
