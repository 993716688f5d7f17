"""Variances by hand, and against the formula written out in loops over the rows."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divide_cli import concepts as v
from divide_cli.errors import DivideError
from divide_cli.survey.cells import Kind
from divide_cli.survey.estimates import Estimates
from divide_cli.survey.variables import Quantity
from divide_cli.survey.variance import Lonely
from tests.survey.by_hand import estimated, prepared, shares

TOTAL = Quantity("people", Kind.TOTAL, "y", "x")


def first(estimates: Estimates) -> pd.Series:
    return estimates.table.iloc[0]


def test_two_strata_of_two_clusters_by_hand() -> None:
    """Yes by cluster: A 2 of 2 and 1 of 2, B 0 of 2 and 1 of 2; p = 4/8.

    z = (yes - people / 2) / 8: A 1/8, 0; B -1/8, 0. In each stratum 2/1 times (1/16)^2 + (1/16)^2 = 1/64; in all 1/32, so
    the standard error is 17.678 points, with 4 clusters - 2 strata = 2 degrees of freedom: t = 4.302652729749462. On log
    odds that is 4.302652729749462 x 0.17678 / 0.25 = 3.0424, so the ends are 1 / (1 + e^3.0424) = 4.554 % and 95.446 %.
    """
    found = first(estimated(prepared(shares("AAAABBBB", "11223344", "11100010"), strata="stratum", stages=["psu"])))
    assert found[v.OBS_VALUE] == pytest.approx(50, rel=1e-14)
    assert found[v.STD_ERR] == pytest.approx(100 / np.sqrt(32), rel=1e-14)
    assert (found[v.DEGREES_OF_FREEDOM], found[v.N_PSU], found[v.N_STRATA], found[v.SAMPLE_SIZE]) == (2, 4, 2, 8)
    ends = [100 / (1 + np.exp(sign * 4.302652729749462 * 4 / np.sqrt(32))) for sign in (1, -1)]
    assert [found[v.CI_LOWER], found[v.CI_UPPER]] == pytest.approx(ends, rel=1e-12)
    assert ends == pytest.approx([4.554, 95.446], abs=1e-3)
    assert (found[v.N_POSITIVE], found[v.POPULATION], found[v.REASON]) == (4, 8, "")


def test_clusters_with_the_same_id_in_two_strata_are_two() -> None:
    """As above, with clusters 1 and 2 in both strata."""
    found = first(estimated(prepared(shares("AAAABBBB", "11221122", "11100010"), strata="stratum", stages=["psu"])))
    assert (found[v.STD_ERR], found[v.N_PSU]) == (pytest.approx(100 / np.sqrt(32), rel=1e-14), 4)


def test_a_finite_population_of_clusters_reduces_the_variance() -> None:
    """Two of four clusters in each stratum: 1/32 x (1 - 2/4) = 1/64, so the standard error is 12.5 points."""
    frame = shares("AAAABBBB", "11223344", "11100010", clusters=4.0)
    found = first(estimated(prepared(frame, strata="stratum", stages=["psu"], populations=["clusters"])))
    assert found[v.STD_ERR] == pytest.approx(12.5, rel=1e-14)


def test_clusters_and_strata_outside_of_a_domain_count_in_its_variance() -> None:
    """The women are in three of four clusters of two strata; the total of their yes is 1 + 2 + 0 + 1.

    A: clusters 1 and 2, around 1.5: 2 (0.25 + 0.25) = 1. B: cluster 3 has no woman, so 0 and 1: the same, 1. SE = 1.414,
    with 3 - 2 degrees of freedom.
    """
    frame = shares("AAAABBBB", "12223344", "11100110", SEX=list("FFFMMMFF"))
    table = estimated(prepared(frame, TOTAL, strata="stratum", stages=["psu"], dimensions=["SEX"]), ["SEX"]).table
    women = table[table["SEX"] == "F"].iloc[0]
    assert women[v.OBS_VALUE] == 4
    assert women[v.STD_ERR] == pytest.approx(np.sqrt(2), rel=1e-14)
    assert (women[v.DEGREES_OF_FREEDOM], women[v.N_PSU], women[v.N_STRATA], women[v.SAMPLE_SIZE]) == (1, 3, 2, 5)


LONELY_FRAME = shares("AAAABBCC", "11223344", "11101000")
"""A: clusters with 2 and 1 yes of 2. B: one cluster, 1 of 2. C: one cluster, 0 of 2. 4 yes of 8."""


@pytest.mark.parametrize(
    ("lonely", "variance", "strata"),
    [
        # totals of yes: A 2 (0.25 + 0.25) = 1, and nothing else
        (Lonely.CERTAINTY, 1.0, 3),
        # 1, and the squares of 1 (B) and 0 (C)
        (Lonely.CENTRED, 2.0, 3),
        # B joins C, C the one before: 1 and 0 around 0.5 give 2 (0.25 + 0.25) = 1 more
        (Lonely.MERGED, 2.0, 2),
    ],
)
def test_strata_with_one_cluster_count_as_stated(lonely: Lonely, variance: float, strata: int) -> None:
    found = first(estimated(prepared(LONELY_FRAME, TOTAL, strata="stratum", stages=["psu"]), lonely=lonely))
    assert found[v.STD_ERR] ** 2 == pytest.approx(variance, rel=1e-14)
    assert (found[v.N_STRATA], found[v.DEGREES_OF_FREEDOM]) == (strata, 4 - strata)


def test_merged_strata_join_the_next_one_and_the_last_the_one_before() -> None:
    """A and D have one cluster: A joins B, D joins C. Totals of yes: AB 1, 2, 0 around 1: 3/2 (0 + 1 + 1) = 3;
    CD 0, 1, 1 around 2/3: 3/2 (4/9 + 1/9 + 1/9) = 1. With populations 2 (A), 4 (B), 4 (C) and 2 (D) of clusters both
    have 3 of 6, so half of 4.
    """
    frame = shares("ABBBCCDD", "12234556", "11100101").assign(clusters=[2.0, *[4.0] * 5, 2.0, 2.0])
    frame["psu"] = [1, 2, 2, 3, 4, 5, 6, 6]
    without = first(estimated(prepared(frame, TOTAL, strata="stratum", stages=["psu"]), lonely=Lonely.MERGED))
    assert without[v.STD_ERR] ** 2 == pytest.approx(4, rel=1e-14)
    assert (without[v.N_STRATA], without[v.DEGREES_OF_FREEDOM]) == (2, 4)
    design = {"strata": "stratum", "stages": ["psu"], "populations": ["clusters"]}
    corrected = first(estimated(prepared(frame, TOTAL, **design), lonely=Lonely.MERGED))
    assert corrected[v.STD_ERR] ** 2 == pytest.approx(2, rel=1e-14)


def test_a_stratum_with_one_cluster_is_an_error_that_names_it() -> None:
    with pytest.raises(DivideError) as raised:
        estimated(prepared(LONELY_FRAME, strata="stratum", stages=["psu"]))
    assert (raised.value.code, raised.value.found) == ("survey_stratum_single", "2 strata: B, C")


def test_one_stratum_with_one_cluster_cannot_be_merged() -> None:
    with pytest.raises(DivideError, match="one sampling unit"):
        estimated(prepared(shares("AA", "11", "01"), strata="stratum", stages=["psu"]), lonely=Lonely.MERGED)


def test_a_cluster_drawn_with_certainty_is_not_lonely() -> None:
    """B has one cluster and one was drawn: it adds nothing, whatever the option. A: 1 x (1 - 2/4)."""
    frame = LONELY_FRAME.query("stratum != 'C'").assign(clusters=[4.0] * 4 + [1.0] * 2)
    design = {"strata": "stratum", "stages": ["psu"], "populations": ["clusters"]}
    for lonely in Lonely:
        found = first(estimated(prepared(frame, TOTAL, **design), lonely=lonely))
        assert found[v.STD_ERR] ** 2 == pytest.approx(0.5, rel=1e-14)


def test_a_population_below_its_sample_is_an_error() -> None:
    frame = shares("AAAABBBB", "11223344", "11100010", clusters=1.0)
    with pytest.raises(DivideError) as raised:
        estimated(prepared(frame, strata="stratum", stages=["psu"], populations=["clusters"]))
    assert (raised.value.code, raised.value.found) == (
        "survey_population_small",
        "1 in the population, 2 in the sample",
    )


# --- the formula, row by row


def by_loops(
    frame: pd.DataFrame, inside: pd.Series, keys: list[str], populations: list[str], total: bool
) -> np.ndarray:
    """The linearised z of each row, and the recursion of the stages, in loops; keys are strata and ids of the stages."""
    y, x, w = (frame[name].to_numpy() for name in ("y", "x", "w"))
    z = np.zeros((len(frame), inside.max() + 1))
    for domain in range(z.shape[1]):
        here = (inside == domain).to_numpy()
        weights = w * here
        z[:, domain] = weights * y if total else weights * (y - (weights @ y) / (weights @ x) * x) / (weights @ x)
    return stage_by_loops(frame.assign(row=range(len(frame))), z, keys, populations)


def stage_by_loops(frame: pd.DataFrame, z: np.ndarray, keys: list[str], populations: list[str]) -> np.ndarray:
    """The variance between the units of keys[1] within those of keys[0], and within the units if populations are known."""
    variance = np.zeros((z.shape[1], z.shape[1]))
    for parent in sorted(frame[keys[0]].unique()):
        part = frame[frame[keys[0]] == parent]
        units = sorted(part[keys[1]].unique())
        sums = [z[part["row"][part[keys[1]] == unit]].sum(axis=0) for unit in units]
        n = len(units)
        drawn = n / part[populations[0]].iloc[0] if populations else 0.0
        if drawn < 1:
            for one in sums:
                deviation = one - np.mean(sums, axis=0)
                variance += (1 - drawn) * n / (n - 1) * np.outer(deviation, deviation)
        if len(populations) > 1:
            for unit in units:
                rows = part[part[keys[1]] == unit]
                variance += drawn * stage_by_loops(rows, z, keys[1:], populations[1:])
    return variance


@st.composite
def samples(draw: st.DrawFn) -> tuple[pd.DataFrame, int]:
    """A sample of 1 to 3 strata, 2 or 3 clusters in each, 2 or 3 households in these, and persons; and its stages."""
    rows = []
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    for stratum in range(draw(st.integers(1, 3))):
        for cluster in range(int(random.integers(2, 4))):
            for household, _ in product(range(int(random.integers(2, 4))), range(int(random.integers(2, 4)))):
                rows.append((f"s{stratum}", cluster, household))
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "ssu"])
    frame["unit"] = frame["stratum"] + frame["psu"].astype(str)
    frame["place"] = frame["unit"] + "h" + frame["ssu"].astype(str)
    frame["person"] = np.arange(len(frame))
    frame["N1"] = 3.0 + frame["stratum"].map({"s0": 0, "s1": 1, "s2": 5})
    frame["N2"], frame["N3"] = 3.0 + frame["psu"], 3.0 + frame["ssu"]
    frame["w"], frame["x"] = random.uniform(1, 5, len(frame)), 1.0
    frame["y"] = random.normal(50, 20, len(frame))
    frame["SEX"] = np.where(random.random(len(frame)) < 0.5, "F", "M")
    frame.loc[:1, "SEX"] = ["F", "M"]
    return frame, draw(st.integers(0, 3))


@settings(max_examples=40, deadline=None)
@given(samples(), st.booleans())
def test_all_stages_add_what_the_formula_says(sample: tuple[pd.DataFrame, int], total: bool) -> None:
    """Clusters, households and persons with finite populations of 0 to 3 stages, by sex; rows in any order."""
    frame, known = sample
    quantity = Quantity("hours", Kind.TOTAL if total else Kind.MEAN, "y", "x")
    populations = ["N1", "N2", "N3"][:known]
    shuffled = frame.sample(frac=1, random_state=7)
    design = {"strata": "stratum", "stages": ["psu", "ssu"], "populations": populations, "dimensions": ["SEX"]}
    found = estimated(prepared(shuffled, quantity, **design), ["SEX"])
    expected = by_loops(
        frame, (frame["SEX"] == "M").astype(int), ["stratum", "unit", "place", "person"], populations, total
    )
    scale = np.abs(expected).max()
    assert found.covariances["hours", "SEX"] == pytest.approx(expected, rel=1e-9, abs=1e-12 * scale)


@settings(max_examples=20, deadline=None)
@given(samples())
def test_persons_drawn_in_strata_are_clusters_of_one(sample: tuple[pd.DataFrame, int]) -> None:
    """Without stages, rows are the units: as if each row were a cluster."""
    frame, _ = sample
    quantity = Quantity("hours", Kind.MEAN, "y", "x")
    frame = frame.assign(N1=1000.0)
    design = {"strata": "stratum", "populations": ["N1"], "dimensions": ["SEX"]}
    persons = estimated(prepared(frame, quantity, **design), ["SEX"])
    clusters = estimated(prepared(frame, quantity, stages=["person"], **design), ["SEX"])
    for key, covariance in persons.covariances.items():
        assert covariance == pytest.approx(clusters.covariances[key], rel=1e-9, abs=1e-12)
        assert (persons.freedoms[key] == clusters.freedoms[key]).all()
