"""Within one page, the values of the same rows of an edition are made once; each result is as if it were alone."""

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from divide_cli import api
from divide_cli.analysis import pipeline
from divide_cli.analysis.sharing import sharing
from divide_cli.sources import editions

COUNTRIES = "wdi_by_sex_2019_2023"
Made = Counter[tuple[Any, ...]]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """How often the values of the same rows were made, by function, edition, groups and the rows' places."""
    made: Made = Counter()

    def counted(make: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
        @wraps(make)
        def counting(
            frame: pd.DataFrame, dimensions: Any, members: Any, population: Any, *further: Any
        ) -> pd.DataFrame:
            edition = "".join(frame["EDITION"].astype(str).unique())
            rows = tuple(zip(frame["FILE"].astype(str), frame["LINE"], strict=True))
            made[make.__name__, edition, members.label, tuple(members.groups), rows, *further] += 1
            return make(frame, dimensions, members, population, *further)

        return counting

    for name in ("as_published", "aggregate"):
        monkeypatch.setattr(pipeline, name, counted(getattr(pipeline, name)))
    return made


def test_a_page_makes_the_values_of_the_same_rows_once(made: Made) -> None:
    """A page computes, assesses targets, measures inequality, compares two years and reproduces claims.

    Targets and claims rest on the editions of countries that the figures above rest on too: the values of no rows are
    made twice. Alone, these commands make them again.
    """
    overview = api.report()[0]
    assert overview.targets is not None
    assert overview.reproduction is not None
    assert overview.difference is not None
    assert {name for name, *_ in made} == {"as_published", "aggregate"}
    assert {key[:2]: count for key, count in made.items() if count > 1} == {}
    first = Counter(made)
    api.targets()
    assert sum((made - first).values()) > 0, "outside a page nothing is shared"


def test_a_page_reads_each_edition_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()
    before = editions._read

    def reading(origin: Any) -> Any:
        read[origin.id] += 1
        return before(origin)

    monkeypatch.setattr(editions, "_read", reading)
    editions._embedded.cache_clear()
    api.report()
    assert set(editions.default_editions()) <= set(read)
    assert set(read.values()) == {1}


def test_a_result_of_a_page_is_that_of_the_command() -> None:
    """Frames, what weights them and notes are the same, whatever was made before in the same run."""
    alone = api.targets(), api.compute(editions=[COUNTRIES]), api.reproduce()
    with sharing():
        api.compute()
        within = api.targets(), api.compute(editions=[COUNTRIES]), api.reproduce()
    assert_frame_equal(within[0].frame, alone[0].frame)
    for one, other in ((within[1], alone[1]), (within[2].result, alone[2].result)):
        assert_frame_equal(one.gaps, other.gaps)
        assert_frame_equal(one.aggregates, other.aggregates)
        assert one.weights == other.weights
        assert one.readings == other.readings
    assert [outcome.verdict for outcome in within[2].outcomes] == [outcome.verdict for outcome in alone[2].outcomes]


@pytest.mark.parametrize("choice", [{"min_coverage": 10.0}, {"income_fy": "FY24"}, {"groups": ["sids_m49"]}])
def test_another_choice_shares_nothing(choice: dict[str, Any]) -> None:
    alone = api.compute(editions=[COUNTRIES], **choice)
    with sharing():
        usual = api.compute(editions=[COUNTRIES])
        within = api.compute(editions=[COUNTRIES], **choice)
    assert_frame_equal(within.aggregates, alone.aggregates)
    assert not within.aggregates.equals(usual.aggregates), "the choice matters"


def test_writing_into_a_result_changes_no_other() -> None:
    alone = api.compute(editions=[COUNTRIES])
    with sharing():
        first = api.compute(editions=[COUNTRIES])
        for frame in (first.aggregates, first.gaps):
            frame.loc[:, ["OBS_VALUE", "BOUND_LOWER", "COVERAGE"]] = np.nan
            frame["MEMBERSHIP"] = "another"
        second = api.compute(editions=[COUNTRIES])
    assert_frame_equal(second.aggregates, alone.aggregates)
    assert_frame_equal(second.gaps, alone.gaps)
