"""Several files as one frame."""

from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.frames.columns import category
from divide_cli.frames.observations import Observations, Reading, combine
from divide_cli.readers.opening.text import InputFile
from tests.unit.frames_by_hand import observations


def read(*rows: dict[str, Any], dimensions: tuple[str, ...] = (), name: str = "a.csv") -> Observations:
    frame = observations(*({v.OBS_VALUE: 1, v.FILE: name, **row} for row in rows))
    return Observations(frame, dimensions, (Reading(InputFile(name, "", 0, "utf-8"), "sdmx_tidy", len(rows), 0),))


def test_one_part_is_itself() -> None:
    part = read({v.REF_AREA: "FRA"})
    assert combine([part]) is part


def test_rows_and_readings_follow_each_other() -> None:
    made = combine([read({v.REF_AREA: "KEN"}, {v.REF_AREA: "FRA"}), read({v.REF_AREA: "DEU"}, name="b.csv")])
    assert made.frame[v.REF_AREA].tolist() == ["KEN", "FRA", "DEU"]
    assert made.frame[v.FILE].tolist() == ["a.csv", "a.csv", "b.csv"]
    assert made.frame[v.LINE].tolist() == [2, 3, 2]
    assert [reading.file.name for reading in made.readings] == ["a.csv", "b.csv"]
    assert made.frame.index.tolist() == [0, 1, 2]


def test_dimension_that_a_part_lacks_is_a_total_there() -> None:
    first = read({v.REF_AREA: "FRA", "EDUCATION": "ISCED11_1"}, dimensions=("EDUCATION",))
    second = read({v.REF_AREA: "FRA", "DISABILITY": "Y"}, dimensions=("DISABILITY",))
    made = combine([first, second])
    assert made.dimensions == ("DISABILITY", "EDUCATION")
    assert made.frame["EDUCATION"].tolist() == ["ISCED11_1", "_T"]
    assert made.frame["DISABILITY"].tolist() == ["_T", "Y"]


def test_decimals_and_citation_that_a_part_lacks_are_empty() -> None:
    first = read({v.REF_AREA: "FRA", v.CITATION: "p. 3"})
    first.frame[v.DECIMALS] = pd.array([1], dtype="Int8")
    for parts in ([first, read({v.REF_AREA: "KEN"})], [read({v.REF_AREA: "KEN"}), first]):
        made = combine(parts).frame.set_index(v.REF_AREA)
        assert made.loc["FRA", v.DECIMALS] == 1
        assert made[v.DECIMALS].isna()["KEN"]
        assert (made.loc["FRA", v.CITATION], made.loc["KEN", v.CITATION]) == ("p. 3", "")


def test_labels_that_a_part_lacks_are_empty() -> None:
    first = read({v.REF_AREA: "FRA"})
    first.frame[v.LABELS] = pd.Categorical(["Percent"])
    for parts in ([first, read({v.REF_AREA: "KEN"})], [read({v.REF_AREA: "KEN"}), first]):
        assert combine(parts).frame.set_index(v.REF_AREA)[v.LABELS].to_dict() == {"FRA": "Percent", "KEN": ""}


def test_closed_columns_keep_their_categories() -> None:
    made = combine([read({v.REF_AREA: "KEN"}), read({v.REF_AREA: "FRA"})])
    for name in (v.REF_AREA, v.INDICATOR, *v.DIMENSIONS, v.UNIT_MEASURE, v.OBS_STATUS):
        assert made.frame[name].dtype == category(name), name


def test_parts_are_not_changed() -> None:
    parts = [read({v.REF_AREA: "FRA", "EDUCATION": "x"}, dimensions=("EDUCATION",)), read({v.REF_AREA: "KEN"})]
    before = [list(part.frame) for part in parts]
    combine(parts)
    assert [list(part.frame) for part in parts] == before
