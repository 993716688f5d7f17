"""The model of estimates: values by hand on small panels, errors, joint draws, the sexes, and the frozen benchmarks."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from benchmarks.estimates import families
from divide_cli.analysis.estimates import model as models
from divide_cli.analysis.estimates import sexes, simulation
from divide_cli.analysis.estimates.model import Kind, Panel, estimate
from divide_cli.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[2]
MODEL = catalogue().estimates["estimates"]
NAN = math.nan
SMALL = structs.replace(
    MODEL,
    growth=structs.replace(MODEL.growth, quorum=1, trim=0.0, pooling=0.0),
    errors=structs.replace(MODEL.errors, walk=1e-9),
)
"""The model for small panels: every donor counts, and no estimate is drawn to the level."""


def logit(percent: float) -> float:
    """ln(p / (100 - p))."""
    return math.log(percent / (100 - percent))


def inverse(x: float) -> float:
    """100 / (1 + e^-x)."""
    return 100 / (1 + math.exp(-x))


def panel(*rows: list[float]) -> Panel:
    """A panel of one donor group, without a covariate."""
    percent = np.array(rows, dtype=float)
    none = np.zeros(len(rows), dtype=np.int64)
    return Panel(percent, none, none, np.full_like(percent, NAN))


def test_a_trimmed_mean_leaves_out_the_ends():
    """Of 1, 2, 3, 4, 100, a fifth at each end is one value: (2 + 3 + 4) / 3 = 3. Of 1 and 5 nothing is cut: 3."""
    values = np.array([[100.0, 5.0, NAN], [1.0, NAN, NAN], [3.0, NAN, NAN], [2.0, 1.0, NAN], [4.0, NAN, NAN]])
    means = models.trimmed_mean(values, 0.2)
    assert means[:2] == pytest.approx([3.0, 3.0])
    assert np.isnan(means[2])


def test_growth_of_donors_is_drawn_to_that_of_the_world():
    """Two groups of one area, with changes 0.1 and 0.3: the world has 0.2; with pooling 1 a group has half of its own.

    So 0.2 - 0.1 / 2 = 0.15 and 0.2 + 0.1 / 2 = 0.25.
    """
    x = np.array([[0.0, 0.1], [0.0, 0.3]])
    choice = structs.replace(MODEL.growth, quorum=1, trim=0.0, pooling=1.0)
    growth = models.donors_growth(x, np.array([0, 1]), choice, np.array([0, 0]))
    assert growth[:, 1] == pytest.approx([0.15, 0.25])


def test_after_the_last_value_an_economy_grows_as_its_donors():
    """The donor goes from 40 to 50 %: odds 2/3 to 1, so times 1.5. From 20 % (odds 1/4), 3/8 of odds are 27.27 %."""
    found = estimate(panel([40, 50], [20, NAN]), SMALL)
    assert found.percent[1, 1] == pytest.approx(100 * (3 / 8) / (1 + 3 / 8))
    assert found.kind[1, 1] == Kind.AFTER
    assert (found.steps[1, 1], found.origin[1, 1]) == (1, 0)


def test_before_the_first_value_it_is_carried_back():
    """The other way round: 27.27 % in the second year is 20 % in the first."""
    found = estimate(panel([40, 50], [NAN, 100 * (3 / 8) / (1 + 3 / 8)]), SMALL)
    assert found.percent[1, 0] == pytest.approx(20)
    assert found.kind[1, 0] == Kind.BEFORE


def test_between_two_values_the_distance_from_the_donors_is_a_straight_line():
    """Donors' logits 0, 0.2, 0.6; own ends 0 and 1: the distance grows from 0 to 0.4, so half-way it is 0.2: 0.4."""
    donors = [inverse(x) for x in (0.0, 0.2, 0.6)]
    found = estimate(panel(donors, [50, NAN, inverse(1.0)]), SMALL)
    # two areas have a change into no year but the donors': G is theirs alone
    assert logit(found.percent[1, 1]) == pytest.approx(0.4)
    assert found.kind[1, 1] == Kind.BETWEEN


def test_reported_values_are_never_changed():
    rows = [[1.0, 99.99, 100.0], [0.0, 33.3, NAN]]
    found = estimate(panel(*rows), MODEL)
    known = np.isfinite(np.array(rows))
    assert (found.percent[known] == np.array(rows)[known]).all()
    assert (found.error[known] == 0).all()
    assert (found.kind[known] == Kind.REPORTED).all()


def test_a_nowcast_goes_on_as_the_last_years_did():
    """Twenty donors move by 0.1 a year for three years and stop; the next year has the mean of the window, 0.1."""
    path = [inverse(0.1 * year) for year in range(4)]
    rows = [[*path, NAN] for _ in range(21)]
    found = estimate(panel(*rows), structs.replace(MODEL, errors=structs.replace(MODEL.errors, walk=1e-9)))
    assert found.ahead.tolist()[0] == [0, 0, 0, 0, 1]
    assert logit(found.percent[0, 4]) == pytest.approx(0.4)


def test_the_level_is_a_ridge_regression():
    """Without a covariate, two groups of income, x = 1, 1 in the first and 3 in the second, which has a silent area.

    Minimise sum (x - m - a_g - b_g - c_g)^2 + a^2 + b^2 + c^2, with the same region for all: worked out with a general
    solver of least squares on the augmented system, in place of the normal equations.
    """
    income, region = np.array([0, 0, 1, 1]), np.zeros(4, dtype=np.int64)
    x = np.array([[1.0], [1.0], [3.0], [NAN]])
    one = Panel(np.full((4, 1), NAN), income, region, np.full((4, 1), NAN))
    level = models.levels(one, x, MODEL, np.zeros((4, 1)), np.zeros(1, dtype=np.int64))
    groups = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=float)
    design = np.column_stack([np.ones(4), groups, np.ones(4), groups])
    penalty = np.diag([math.sqrt(1e-9), 1, 1, 1, 1, 1])
    system, right = np.vstack([design[:3], penalty]), np.concatenate([[1.0, 1.0, 3.0], np.zeros(6)])
    expected = design @ np.linalg.lstsq(system, right, rcond=None)[0]
    assert level[:, 0] == pytest.approx(expected, abs=1e-6)
    assert level[3, 0] > level[0, 0]


def test_an_old_value_is_drawn_to_the_level_by_the_variances():
    """W / (W + N) after 4 years, W = 0.17^2 x 4 = 0.1156, N = 0.36: 0.243. Between two values 3 and 1 years away, d = 3/4."""
    known = np.array([[True, False, False, False, False], [True, False, False, False, True]])
    near = models.neighbours(known)
    assert models.bridge(near)[0].tolist() == [0, 1, 2, 3, 4]
    assert models.bridge(near)[1].tolist() == [0, 0.75, 1, 0.75, 0]
    drawn = models._drawn(near, np.array([[False], [False]]), MODEL)
    assert drawn[0, 4] == pytest.approx(0.1156 / (0.1156 + 0.36))


def test_the_error_of_an_estimate_by_hand():
    """At 50 %, one year after the last value: W N / (W + N) = 0.0289 x 0.36 / 0.3889 = 0.02675, noise (0.012 / 0.25)^2.

    The divisor sqrt(4 s (1 - s)) is 1 there. In all sqrt(0.02675 + 0.002304) = 0.1705; the interval is 1.645 of it.
    """
    error = models._errors(np.array([[50.0]]), np.array([[0.0289 / 0.3889]]), MODEL)
    assert error[0, 0] == pytest.approx(math.sqrt(0.0289 * 0.36 / 0.3889 + 0.048**2))
    zero = np.zeros((1, 1), dtype=np.int64)
    one = models.Estimates(np.array([[50.0]]), zero + 2, error, zero + 1, zero, zero, np.zeros((1, 1)))
    low, high = one.interval(MODEL)
    assert high[0, 0] == pytest.approx(inverse(1.6448536 * error[0, 0]))
    assert low[0, 0] + high[0, 0] == pytest.approx(100)


def many(number: int, error: float) -> models.Estimates:
    """Economies at 50 % with that error, in one year."""
    table = np.zeros((number, 1), dtype=np.int64)
    return models.Estimates(
        np.full((number, 1), 50.0), table + 2, np.full((number, 1), error), table + 1, table, table, table.astype(float)
    )


def test_a_group_is_less_certain_than_independent_errors_say():
    """K = 100 economies of one region, sd 0.01 on the logit scale, 0.25 points of percent.

    Their errors have w + r = 0.35 of the variance in common, so their mean has 0.25 sqrt(0.35 + 0.65 / 100), not
    0.25 / 10. The draws are 1,000: their standard deviation is within 8 % of it, four of its standard errors.
    """
    drawn = simulation.draws(many(100, 0.01), np.zeros(100, dtype=np.int64), MODEL, 0, 2024).mean(axis=1)
    expected = 25 * 0.01 * math.sqrt(0.35 + 0.65 / 100)
    assert drawn.std() == pytest.approx(expected, rel=0.09)
    assert drawn.std() > 5 * 25 * 0.01 / 10


def test_draws_are_the_same_every_time_and_differ_by_year():
    region = np.zeros(5, dtype=np.int64)
    first, again = (simulation.draws(many(5, 0.3), region, MODEL, 0, 2024) for _ in range(2))
    assert (first == again).all()
    assert (simulation.draws(many(5, 0.3), region, MODEL, 0, 2023) != first).any()


@pytest.mark.parametrize(
    ("total", "distance", "share"), [(50, 0.4, 0.5), (3, 1.2, 0.48), (99, -0.7, 0.52), (70, 0.0, 0.3)]
)
def test_women_and_men_have_that_mean_and_that_distance(total, distance, share):
    """The two equations themselves, and the answer of a search by halving."""
    women, men = (float(side[0]) for side in sexes.split(np.array([total]), np.array([distance]), np.array([share])))
    assert share * women + (1 - share) * men == pytest.approx(total)
    assert logit(men) - logit(women) == pytest.approx(distance)
    low, high = -20.0, 20.0
    for _ in range(200):
        middle = (low + high) / 2
        mean = share * inverse(middle) + (1 - share) * inverse(middle + distance)
        low, high = (low, middle) if mean > total else (middle, high)
    assert women == pytest.approx(inverse(low))


def test_all_or_nobody_online_has_no_gap():
    women, men = sexes.split(np.array([0.0, 100.0]), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    assert women == pytest.approx([0, 100], abs=1e-5)
    assert men == pytest.approx([0, 100], abs=1e-5)


def table(name: str) -> list[dict[str, str]]:
    """The rows of a frozen table of the benchmarks."""
    with (ROOT / "benchmarks" / "estimates" / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_the_intervals_held_on_hidden_observations():
    """90 % intervals held 85 to 95 % at every horizon, for all economies and for those that were not fitted."""
    rows = table("cross_validation")
    assert {(row["design"], row["horizon"]) for row in rows} >= {("stops", str(years)) for years in range(1, 6)}
    for row in rows:
        assert 85 <= float(row["coverage"]) <= 95, row
        assert 85 <= float(row["of others"]) <= 95.5, row


def test_the_model_is_compared_with_the_strongest_reading_of_the_trend():
    """The baseline of all tables is the reading that has the smallest error on hidden values, and the model has less."""
    strongest = min(table("readings"), key=lambda row: float(row["hidden"]))
    assert {name: strongest[name] for name in vars(families.STRONGEST)} == {
        name: str(value) for name, value in vars(families.STRONGEST).items()
    }
    whole = next(row for row in table("cross_validation") if row["design"] == "all of the above")
    trend, last = (float(whole[name]) for name in ("logit trend with group donors", "last value carried forward"))
    assert trend == pytest.approx(float(strongest["hidden"]), abs=0.006)
    assert float(whole["divide: partial pooling"]) < trend < last


def test_no_other_family_is_better_by_more_than_chance():
    """The simplest is kept that is not worse: no gain over the model is two standard errors."""
    for row in table("gains"):
        assert float(row["gain"]) <= 2 * float(row["standard error"]), row


def test_a_damped_trend_by_hand():
    """Logits 0, 0.2, 0.4 have slope 0.2; of slopes 0.2, 0.3 and 1.1 the median is 0.3, the mean 1.6 / 3.

    With damping 0.5, two years later: 0.4 + 2 x 0.3 + (0.2 - 0.3) (0.5 + 0.25) = 0.925 for the median.
    """
    rows = [[inverse(slope * year) for year in range(3)] + [NAN, NAN] for slope in (0.2, 0.3, 1.1)]
    for summary, group in {"median": 0.3, "mean": 1.6 / 3}.items():
        found = families.logit_trend(panel(*rows), families.Trend(0.5, "income group by region", summary))
        assert logit(found[0, 4]) == pytest.approx(0.4 + 2 * group + (0.2 - group) * 0.75)


def test_the_slope_is_that_of_five_values_or_of_five_years():
    """A line through the last five values, by numpy's polyfit; through those of the last five years, 3 of them."""
    x = np.array([[9.0, 0.1, 0.5, 0.4, NAN, NAN, 1.2, 1.1, NAN]])
    five = np.polyfit([1, 2, 3, 6, 7], [0.1, 0.5, 0.4, 1.2, 1.1], 1)[0]
    years = np.polyfit([3, 6, 7], [0.4, 1.2, 1.1], 1)[0]
    assert families._slopes(x) == pytest.approx([five])
    assert families._slopes(x, "years") == pytest.approx([years])
    assert np.isnan(families._slopes(np.array([[NAN, 1.0]]))).all()


def test_between_two_values_the_trend_takes_the_nearest_or_a_straight_line():
    """Between logits 0 and 1, a quarter of the way: 0.25 in a straight line; the nearest before it is 0."""
    one = panel([50, NAN, NAN, NAN, inverse(1.0)])
    assert families.logit_trend(one)[0, 1] == pytest.approx(50)
    assert logit(families.logit_trend(one, families.Trend(between="line"))[0, 1]) == pytest.approx(0.25)


def test_intervals_of_groups_held_where_independent_errors_did_not():
    for row in table("group_coverage"):
        assert 85 <= float(row["coverage"]) <= 96, row
        assert float(row["coverage"]) > float(row["if independent"]), row


def test_the_explanation_states_the_numbers_of_the_benchmark_and_of_the_model():
    """The sentences of `divide show estimates` repeat numbers: they are those of the entry and of the frozen table."""
    text = " ".join(MODEL.explanation)
    whole = next(row for row in table("cross_validation") if row["design"] == "all of the above")
    names = ("divide: partial pooling", "logit trend with group donors", "last value carried forward")
    assert f"{int(whole['values']):,} hidden values" in text
    assert all(whole[name] in text for name in names)
    assert f"held {whole['coverage']} %" in text
    growth, errors, draws = MODEL.growth, MODEL.errors, MODEL.simulation
    assert f"by {growth.pooling:g} / (n + {growth.pooling:g})" in text
    assert f"{errors.walk}^2 d / ({errors.walk}^2 d + {errors.never}^2)" in text
    assert f"fewer than {growth.quorum} economies" in text
    assert f"{draws.draws:,} joint draws" in text
    assert f"Intervals hold {draws.level:g} %" in text
