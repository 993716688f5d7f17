"""What was tried in place of the model of estimates, and the ways to read an error overall: by hand, and frozen."""

import csv
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

from benchmarks.estimates import administrative, overall
from benchmarks.estimates.cross_validation import MODEL_NAME
from divide_cli.analysis.estimates.model import Panel, expit, logit
from divide_cli.catalogue import catalogue

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "estimates"
MODEL = catalogue().estimates["estimates"]
NAN = math.nan


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a frozen table."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def panel(x: list[list[float]]) -> Panel:
    """A panel with these logits: one income group and region, without GNI per head."""
    percent, one = expit(np.array(x)), np.zeros(len(x), dtype=np.int64)
    return Panel(percent, one, one, np.full_like(percent, NAN))


@pytest.fixture
def _two_donors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model with the plain mean of any number of donors, and hardly drawn to the level."""
    growth = structs.replace(MODEL.growth, trim=0.0, pooling=0.0, quorum=1)
    errors = structs.replace(MODEL.errors, walk=1e-9)
    monkeypatch.setattr(administrative, "MODEL", structs.replace(MODEL, growth=growth, errors=errors))


@pytest.mark.usefixtures("_two_donors")
def test_a_change_of_a_series_after_the_last_value_by_hand():
    """Two economies with logits 0, 0, 0 and 0, 0.2 and a missing value; the series 0, 0, 0 and 0, 0.4, 0.8.

    Donors: growth into year 1 is 0.1, that of the series 0.2; into year 2 they are 0 (one donor) and 0.2. The distances
    change by -0.1 and 0.1 into year 1, by 0 into year 2, and by -0.1 over both; those of the series by -0.2 and 0.2, by
    -0.2, and by -0.4. With penalty 1 the slope is (0.02 + 0.02 + 0 + 0.04) / (1 + 0.04 + 0.04 + 0.04 + 0.16) = 0.0625.
    The model carries 0.2 forward; the series has left its donors by another 0.2, which adds 0.0125.
    """
    one = panel([[0, 0, 0], [0, 0.2, NAN]])
    found = administrative.by_change(one, [np.array([[0, 0, 0], [0, 0.4, 0.8]])])
    assert logit(found, MODEL.nearest)[1, 2] == pytest.approx(0.2125)


def test_a_series_that_explains_levels_gives_that_of_an_economy_without_values():
    """Twelve economies whose logits are the series; the thirteenth has 1 and no value. Ridge draws its level to 0."""
    series = np.tile(np.linspace(-1.5, 1.5, 12)[:, None], (1, 3))
    x = np.vstack([series, np.full((1, 3), NAN)])
    found = administrative.by_level(panel(x.tolist()), [np.vstack([series, np.ones((1, 3))])])
    assert logit(found, MODEL.nearest)[12] == pytest.approx(np.ones(3), abs=0.1)


def test_an_unknown_series_is_the_mean_of_its_year_and_income_group():
    values = np.array([[1.0, NAN], [3.0, NAN], [NAN, 5.0], [NAN, NAN]])
    filled = administrative._without_gaps(values, np.array([0, 0, 0, 1]))
    assert filled.tolist() == [[1, 5], [3, 5], [2, 5], [2, 5]]


ERRORS = pd.DataFrame(
    {
        "design": ["stops", "stops", "nobody", "nobody", "never", "never", "never"],
        "horizon": [1, 2, 1, 2, 0, 0, 0],
        "row": [0, 0, 0, 1, 1, 2, 2],
        "column": [5, 6, 5, 7, 7, 3, 4],
        MODEL_NAME: [1.0, 2.0, 3.0, 8.0, 4.0, 6.0, 5.0],
    }
)
"""Seven hidden values of three economies; those of (0, 5) and (1, 7) are predicted twice."""


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("median of all hidden values", 4),
        ("mean of six medians: horizons, whole economies", (2 + 5 + 5) / 3),
        ("mean of eleven medians: design and horizon", (1 + 2 + 3 + 8 + 5) / 5),
        ("mean of three medians: designs", (1.5 + 5.5 + 5) / 3),
        ("mean of six ratios: horizons, whole economies", (2 * 5 * 5) ** (1 / 3)),
        ("median, each observation once", 4),
        ("median, economies stop reporting or are hidden", 4),
        ("median, nobody reports or economies are hidden", 5),
        ("median, horizons alone", 2.5),
        ("median, whole economies alone", 5),
    ],
)
def test_ways_to_read_an_error_overall_by_hand(way: str, expected: float):
    """Each observation once: weights 0.5, 1, 0.5, 0.5, 0.5, 1, 1 of 5; 1, 2, 3 have 2 of them, and 4 reaches 2.5."""
    assert overall.WAYS[way](ERRORS, ERRORS[[MODEL_NAME]].to_numpy()) == pytest.approx([expected])


def test_every_way_to_read_an_error_is_frozen_and_the_first_is_that_of_the_other_tables():
    frozen = rows("overall")
    assert [row["overall"] for row in frozen] == list(overall.WAYS)
    whole = next(row for row in rows("cross_validation") if row["design"] == "all of the above")
    for name, other in {MODEL_NAME: MODEL_NAME, "strongest trend": "logit trend with group donors"}.items():
        assert float(frozen[0][name]) == pytest.approx(float(whole[other]), abs=0.006)


def test_no_administrative_series_is_better_by_more_than_chance():
    """The model stays without them: no gain is two standard errors, in any set or way."""
    frozen = rows("administrative")
    assert {(row["series"], row["way"]) for row in frozen} == {
        (of_set, way) for of_set in administrative.SETS for way in administrative.WAYS
    }
    for row in frozen:
        assert float(row["gain"]) <= 2 * float(row["standard error"]), row


def test_shares_of_designs_and_horizons_add_up():
    frozen = rows("cells")
    assert sum(float(row["share"]) for row in frozen) == pytest.approx(100, abs=0.02)
    assert sum(int(row["values"]) * float(row["above"]) for row in frozen) / 10_038 == pytest.approx(50, abs=0.1)
