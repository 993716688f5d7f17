"""Publication rules: which of a few estimates made by hand break which rule, and what a suppressed table still tells."""

from math import comb, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.survey.estimates import Estimates
from divide_cli.survey.publication import Publish, Published, numbers_of, publish, remarks, rests_of, same_facts

NUMBERS = (v.CI_LOWER, v.CI_UPPER, v.DESIGN_EFFECT, v.DESIGN_EFFECT_REPLACE)


def row(p: float = 50.0, n: int = 1000, **given: Any) -> dict[str, Any]:
    """An estimate with the error of a simple random sample of n, all rows of which are sampling units."""
    error = 100 * sqrt(p / 100 * (1 - p / 100) / n) if n else np.nan
    return {
        v.INDICATOR: "internet_use", v.KIND: "share", v.TABULATION: "", v.OBS_VALUE: p, v.STD_ERR: error,
        v.DEGREES_OF_FREEDOM: 200.0, v.SAMPLE_SIZE: n, v.POPULATION: 10.0 * n, v.N_PSU: 100.0, v.N_STRATA: 10.0,
        v.N_POSITIVE: round(n * p / 100) if n else 0, v.REASON: "", **dict.fromkeys(NUMBERS, 1.0), **given,
    }  # fmt: skip


def published(*rows: dict[str, Any], how: Publish = Publish.FLAG) -> Published:
    """The rows after publication; their covariances are the squares of their errors."""
    table = pd.DataFrame(list(rows)).fillna({name: v.TOTAL for name in (v.SEX, v.URBANISATION) if name in rows[-1]})
    table = table.fillna(dict.fromkeys([name for name in (v.SEX, v.URBANISATION) if name in table], v.TOTAL))
    matrices = {
        (str(name), str(one)): np.diag(part[v.STD_ERR].to_numpy(dtype=float) ** 2)
        for (name, one), part in table.groupby([v.INDICATOR, v.TABULATION], sort=False)
    }
    return publish(Estimates(table, matrices, matrices), how)


def clopper_pearson(events: int, n: int) -> tuple[float, float]:
    """The exact 95 % interval by halving the binomial tails, in percent."""

    def tail(p: float, low: int, high: int) -> float:
        return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(low, high + 1))

    def solved(rises: bool, low: int, high: int) -> float:
        a, b = 0.0, 1.0
        for _ in range(80):
            middle = (a + b) / 2
            above = tail(middle, low, high) > 0.025
            a, b = (a, middle) if above == rises else (middle, b)
        return 50 * (a + b)

    return (solved(True, events, n) if events else 0.0), (solved(False, 0, events) if events < n else 100.0)


@pytest.mark.parametrize(
    ("estimate", "rules", "status"),
    [
        (row(), "", "A"),
        (row(n=29), "few_respondents", "U"),
        (row(n=100, **{v.STD_ERR: 9.2}), "few_effective_respondents", "U"),  # 0.25 / 0.092^2 = 29.5
        (row(n=100, **{v.STD_ERR: 9.1}), "interval_wide", "U"),  # 30.2 people, about 37 points
        (row(n=40), "interval_wide", "U"),
        (row(p=4.0, n=250), "interval_relatively_wide", "U"),
        (row(p=96.0, n=250), "complement_relatively_wide", "A"),
        (row(**{v.N_PSU: 2.0}), "few_clusters", "U"),
        (row(**{v.DEGREES_OF_FREEDOM: 7.0}), "few_degrees_of_freedom", "U"),
        (row(p=0.0, **{v.STD_ERR: 0.0}), "no_events", "U"),
        (row(p=100.0, **{v.STD_ERR: 0.0}), "no_events", "U"),
        (row(p=12.5, n=29, **{v.KIND: "mean"}), "few_respondents", "U"),
        (row(p=12.5, n=31, **{v.KIND: "mean", v.STD_ERR: 12.0}), "", "A"),  # NCHS 2017 is about proportions
    ],
)
def test_each_rule_by_hand(estimate: dict[str, Any], rules: str, status: str) -> None:
    (one,) = published(estimate).table.to_dict("records")
    assert (one[v.RULES], one[v.OBS_STATUS]) == (rules, status)
    assert bool(remarks(pd.DataFrame([one]))[0]) == bool(rules)


@pytest.mark.parametrize(("events", "n"), [(20, 40), (10, 250), (240, 250), (1, 35)])
def test_the_width_is_that_of_clopper_and_pearson_if_the_sample_is_simple(events: int, n: int) -> None:
    """The effective size is then n, which Student's t cannot raise further."""
    lower, upper = clopper_pearson(events, n)
    numbers = numbers_of(pd.DataFrame([row(p=100 * events / n, n=n, **{v.DEGREES_OF_FREEDOM: 100_000.0})]))
    assert numbers["width"][0] == pytest.approx(upper - lower, abs=1e-6)
    assert numbers["relative_width"][0] == pytest.approx(100 * (upper - lower) / (100 * events / n), abs=1e-5)


def test_without_standard_errors_only_counts_are_judged() -> None:
    (one,) = published(row(n=100, **{v.STD_ERR: np.nan, v.DEGREES_OF_FREEDOM: np.nan, v.N_PSU: np.nan})).table.to_dict(
        "records"
    )
    assert one[v.OBS_STATUS] == "A"
    done = published(row(n=25, **{v.STD_ERR: np.nan, v.DEGREES_OF_FREEDOM: np.nan, v.N_PSU: np.nan}))
    assert done.table[v.RULES].tolist() == ["few_respondents"]
    assert set(done.unchecked) >= {"interval_wide", "few_effective_respondents", "few_clusters"}


def sexes(women: int = 20, **given: Any) -> list[dict[str, Any]]:
    """All people, women and men, with so many women."""
    men, parts = 1000, dict(given)
    whole = (60.0 * men + 50.0 * women) / (men + women)
    return [
        row(whole, men + women, **{v.SEX: v.TOTAL}, **parts),
        row(50.0, women, **{v.SEX: "F", v.TABULATION: "SEX"}, **parts),
        row(60.0, men, **{v.SEX: "M", v.TABULATION: "SEX"}, **parts),
    ]


def test_a_suppressed_row_has_nothing_that_tells_its_value() -> None:
    done = published(*sexes(), how=Publish.SUPPRESS)
    total, women, men = done.table.to_dict("records")
    assert (total[v.OBS_STATUS], women[v.OBS_STATUS], men[v.OBS_STATUS]) == ("A", "Q", "Q")
    assert (women[v.RULES], men[v.RULES]) == ("few_respondents", "secondary")
    for hidden in (women, men):
        assert all(np.isnan(hidden[name]) for name in (v.OBS_VALUE, v.STD_ERR, *NUMBERS, v.N_POSITIVE))
    assert women[v.SAMPLE_SIZE] == 20
    assert np.isnan(done.estimates.covariances["internet_use", "SEX"]).all()
    assert not np.isnan(done.estimates.covariances["internet_use", ""]).any()


@pytest.mark.parametrize(("one", "other"), [(0.0, 60.0), (0.0, 90.0), (2.0, 90.0)])
@pytest.mark.parametrize("women", [20, 35])
def test_a_withheld_row_is_the_same_whatever_its_value(one: float, other: float, women: int) -> None:
    """Of 20 women, who are too few, and of 35, whose interval is too wide, no column tells how many use the Internet."""
    withheld = []
    for p in (one, other):
        rows = sexes(women)
        rows[1] = row(p, women, **{v.SEX: "F", v.TABULATION: "SEX", v.STD_ERR: 20.0})
        table = published(*rows, how=Publish.SUPPRESS).table
        assert table[v.OBS_STATUS].tolist() == ["A", "Q", "Q"]
        withheld.append(table.iloc[[1]])
    pd.testing.assert_frame_equal(*withheld)
    assert withheld[0][v.RULES].tolist() == ["few_respondents" if women == 20 else "imprecise"]


def test_flagged_and_unruled_tables_keep_every_value() -> None:
    for how, statuses in ((Publish.FLAG, ["A", "U", "A"]), (Publish.ALL, ["A", "A", "A"])):
        table = published(*sexes(), how=how).table
        assert table[v.OBS_STATUS].tolist() == statuses
        assert not table[v.OBS_VALUE].isna().any()


def test_a_total_and_the_other_answer_tell_a_share_and_are_withheld_with_it() -> None:
    """Users in persons: p X / 100. Non-users: 100 - p. Each alone passes the rules, but tells the women's share."""
    shares = sexes()
    totals = [
        {
            **one,
            v.INDICATOR: "users",
            v.KIND: "total",
            v.OBS_VALUE: one[v.OBS_VALUE] * one[v.POPULATION] / 100,
            v.SAMPLE_SIZE: 500,
        }
        for one in shares
    ]
    others = [
        {**one, v.INDICATOR: "non_users", v.OBS_VALUE: 100 - one[v.OBS_VALUE], v.SAMPLE_SIZE: 500} for one in shares
    ]
    unrelated = [
        {**one, v.INDICATOR: "radio", v.OBS_VALUE: 30.0 + at, v.STD_ERR: 2.0, v.SAMPLE_SIZE: 500}
        for at, one in enumerate(shares)
    ]
    done = published(*shares, *totals, *others, *unrelated, how=Publish.SUPPRESS)
    assert same_facts(pd.DataFrame([*shares, *totals, *others, *unrelated])) == [
        ["internet_use", "users", "non_users"],
        ["radio"],
    ]
    assert done.table[v.OBS_VALUE].isna().tolist() == [False, True, True] * 3 + [False] * 3


def test_users_and_non_users_tell_each_other_if_different_people_are_counted() -> None:
    """Users among those who answered, and non-users among all people, of whom 100 more did not answer.

    A reader who knows that 20 women answered computes 100 (1 - non-users / 20), and in the other order too.
    """
    shares = sexes()
    others = [
        {
            **one,
            v.INDICATOR: "non_users",
            v.POPULATION: one[v.POPULATION] + 100,
            v.OBS_VALUE: 100 * (1 - one[v.OBS_VALUE] / 100) * one[v.POPULATION] / (one[v.POPULATION] + 100),
            v.SAMPLE_SIZE: 500,
        }
        for one in shares
    ]
    totals = [
        {**one, v.KIND: "total", v.OBS_VALUE: one[v.OBS_VALUE] * one[v.POPULATION] / 100, v.SAMPLE_SIZE: 500}
        for one in others
    ]
    for further in (others, totals):
        for order in ([*shares, *further], [*further, *shares]):
            assert len(same_facts(pd.DataFrame(order))) == 1
        done = published(*shares, *further, how=Publish.SUPPRESS)
        assert done.table[v.OBS_VALUE].isna().tolist() == [False, True, True] * 2


def test_nobody_is_not_a_value_to_protect() -> None:
    """No respondents: no value, and nothing to withhold in its place."""
    nobody = row(np.nan, 0, **{v.SEX: "F", v.TABULATION: "SEX", v.POPULATION: 0.0})
    total, men = row(60.0, 1000, **{v.SEX: v.TOTAL}), row(60.0, 1000, **{v.SEX: "M", v.TABULATION: "SEX"})
    table = published(total, nobody, men, how=Publish.SUPPRESS).table
    assert table[v.OBS_STATUS].tolist() == ["A", "O", "A"]


@pytest.mark.parametrize(("unknown", "wide"), [(20.0, []), (35.0, ["SEX"])])
def test_people_without_a_code_hide_a_value_if_they_are_many(unknown: float, wide: list[str]) -> None:
    """1,000 people, of whom so many percent have no sex in the file."""
    known = 1000 * (1 - unknown / 100)
    rows = [
        row(**{v.SEX: v.TOTAL, v.POPULATION: 1000.0}),
        row(**{v.SEX: "F", v.TABULATION: "SEX", v.POPULATION: known / 2}),
        row(**{v.SEX: "M", v.TABULATION: "SEX", v.POPULATION: known / 2}),
    ]
    assert rests_of(pd.DataFrame(rows)) == wide
