"""The size of blocks, the number of threads and the order of the rows change nothing, down to the last bit.

Blocks are made as small as a record, so that every border between two of them is tried.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.analysis import aggregation
from divide_cli.analysis.pipeline import compute
from divide_cli.analysis.request import Request
from divide_cli.errors import SourceError
from divide_cli.frames import columns, room, schema, standing
from divide_cli.readers.layouts.csv_table import CsvTable
from divide_cli.readers.opening import container, parquet, scan
from divide_cli.validation.rules import sorting
from divide_cli.validation.rules.grouping import groups
from tests.rules.by_hand import submission
from tests.unit.frames_by_hand import observations

HEADER = "REF_AREA,INDICATOR,SEX,AGE,URBANISATION,EDUCATION,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,OBS_STATUS,OBS_COMMENT"
AREAS = ("KEN", "UGA", "FRA", "DEU", "BRA", "CHN", "IND", "USA")


@contextmanager
def blocks_of(size: int, threads: int = 2) -> Iterator[None]:
    """Everything that is done block by block has blocks of that size: bytes of a text, rows of a frame.

    If the size is odd, all columns are in files.
    """
    before = pa.cpu_count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(container, "CHUNK", size)
        patch.setattr(scan, "BLOCK", size)
        patch.setattr(columns, "BLOCK", size)
        patch.setattr(standing, "MANY", 1)
        patch.setattr(columns, "_HELD", 1)
        patch.setattr(room, "SMALL", 0 if size % 2 else 1 << 20)
        patch.setattr(room._Use, "most", 1)
        pa.set_cpu_count(threads)
        try:
            yield
        finally:
            pa.set_cpu_count(before)


def rows_of(seed: int = 7) -> list[str]:
    """Rows with every kind of cell: quoted, with a line feed, empty, with an exponent, with letters beyond ASCII."""
    draw = random.Random(seed)
    made = []
    for area in AREAS:
        for sex in ("_T", "F", "M"):
            for year in (2019, 2020, 2021):
                value = draw.choice(["", f"{draw.uniform(1, 99):.2f}", f"{draw.uniform(1, 99):.1f}", "4.5e1", "50"])
                comment = draw.choice(["", "côté", '"two, parts"', '"two\nlines"', '"a ""b"""', "plain"])
                made.append(f"{area},internet_use,{sex},_T,_T,_T,{year},{value},PT,,{comment}")
    return made


def written(path: Path, rows: list[str], end: str = "\n") -> str:
    path.write_bytes((end.join([HEADER, *rows]) + end).encode())
    return str(path)


def told(path: str, **options: bool) -> tuple[pd.DataFrame, object]:
    """What a reading gives: the frame, and what became of each row."""
    read = readers.read(path, "", readers.ReadOptions(decimals=True, **options))
    (one,) = read.readings
    fates = [[(pile.code, pile.reason, list(pile.lines)) for pile in piles] for piles in (one.ignored, one.refused)]
    quotes = [pile.quote(0) for pile in one.refused if pile.quote]
    return read.frame, (one.rows, fates, quotes, one.notes, one.file.sha256)


RAGGED = ["KEN,internet_use,F", "", *[",".join("abcdefghijklm")], "", "", "UGA,internet_use,_T,_T,_T,_T,20x9,1,PT,,"]
FILES: dict[str, Callable[[list[str]], list[str]]] = {
    "sound": lambda rows: rows,
    "ragged": lambda rows: [*rows[:9], *RAGGED, *rows[9:40], "FRA", *rows[40:]],
    "blank lines": lambda rows: ["", "", *rows[:5], *[""] * 9, *rows[5:], "", ""],
    "text among numbers": lambda rows: [*rows, "KEN,internet_use,_T,_T,_T,_T,2012,n/a,PT,,", *rows[:1]],
    "long texts": lambda rows: [row + "x" * 200 if row.endswith("plain") else row for row in rows],
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("kind", FILES)
def test_blocks_of_a_text_change_nothing(tmp_path, kind, end):
    path = written(tmp_path / "a.csv", FILES[kind](rows_of()), end)
    frame, fate = told(path, strict=False, submitted=True)
    assert len(frame) > 60
    for size in (1, 2, 3, 7, 40, 64, 100, 257, 1000, 4096):
        with blocks_of(size, threads=1 + size % 3):
            other, same = told(path, strict=False, submitted=True)
        assert same == fate, size
        pd.testing.assert_frame_equal(other, frame, check_exact=True)


def test_a_text_among_the_numbers_asks_for_that_column_alone_again(tmp_path, monkeypatch):
    """The other columns have been read by then; the row is rejected, and the numbers are as without it."""
    rows = rows_of()
    sound, _ = told(written(tmp_path / "a.csv", rows), strict=False)
    path, asked, parsed = written(tmp_path / "a.csv", FILES["text among numbers"](rows)[:-1]), [], CsvTable._parsed

    def remembered(table, block, kinds, *more):
        asked.append(tuple(kinds))
        return parsed(table, block, kinds, *more)

    monkeypatch.setattr(CsvTable, "_parsed", remembered)
    for size in (1 << 20, 300):
        asked.clear()
        with blocks_of(size):
            frame, _ = told(path, strict=False)
        assert asked.count(("OBS_VALUE",)) == asked.count(asked[0]) == len(asked) / 2
        assert frame[v.OBS_VALUE].equals(sound[v.OBS_VALUE])
        assert frame[v.PRINTED].equals(sound[v.PRINTED])


@pytest.mark.parametrize(("group", "batch"), [(1000, 1000), (7, 1000), (1000, 7), (13, 5), (1, 1)])
def test_a_parquet_file_is_read_some_rows_at_a_time(tmp_path, monkeypatch, group, batch):
    """Groups of rows have dictionaries of their own; a missing text is an empty one.

    The frame has the values that the table was made of.
    """
    size = 60
    areas, notes = (
        [AREAS[row // 8] for row in range(size)],
        [None if row % 7 == 3 else f"note {row % 11}" for row in range(size)],
    )
    values = [None if row % 9 == 4 else row + 0.5 for row in range(size)]
    made = {
        "REF_AREA": areas, "INDICATOR": ["internet_use"] * size, "TIME_PERIOD": [2000 + row % 8 for row in range(size)],
        "OBS_VALUE": values, "OBS_COMMENT": notes,
    }  # fmt: skip
    monkeypatch.setattr(parquet, "BATCH", batch)
    pq.write_table(pa.table(made), tmp_path / "a.parquet", row_group_size=group)
    for within in (300, 7):
        with blocks_of(within):
            frame, _ = told(str(tmp_path / "a.parquet"))
        assert frame[v.REF_AREA].tolist() == areas
        assert frame[v.TIME_PERIOD].tolist() == made["TIME_PERIOD"]
        assert frame[v.OBS_COMMENT].tolist() == [note or "" for note in notes]
        assert frame[v.LINE].tolist() == list(range(1, size + 1))
        assert [None if np.isnan(value) else value for value in frame[v.OBS_VALUE]] == values


def test_an_error_names_the_same_line_in_any_block(tmp_path):
    rows = rows_of()
    rows[50] = rows[50].replace("internet_use", "internet_usage")
    path = written(tmp_path / "a.csv", rows)
    with pytest.raises(SourceError) as whole:
        told(path)
    for size in (1, 40, 333):
        with blocks_of(size), pytest.raises(SourceError) as part:
            told(path)
        assert str(part.value) == str(whole.value)


def test_a_byte_order_mark_and_a_named_delimiter_belong_to_the_first_block(tmp_path):
    path = tmp_path / "a.csv"
    text = "\n".join([HEADER, *rows_of()]).replace(",", ";").replace("two; parts", "two, parts") + "\n"
    for begin in (b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"sep=;\n", b"\n\n"):
        path.write_bytes(begin + text.encode())
        frame, fate = told(str(path), strict=False)
        with blocks_of(50):
            other, same = told(str(path), strict=False)
        assert same == fate
        pd.testing.assert_frame_equal(other, frame, check_exact=True)


@pytest.mark.parametrize("size", [1, 60, 1000])
def test_the_order_of_the_rows_does_not_change_a_bit_of_a_result(tmp_path, size):
    """Sums of doubles depend on their order; the results of the same rows in another order have the same bytes."""
    rows = rows_of()
    whole = compute(Request(files=(written(tmp_path / "a.csv", rows),)))
    random.Random(size).shuffle(rows)
    with blocks_of(size, threads=3):
        other = compute(Request(files=(written(tmp_path / "a.csv", rows),)))
    for frame, same in ((whole.gaps, other.gaps), (whole.aggregates, other.aggregates)):
        assert len(frame) > 20
        for name in frame.select_dtypes("float64"):
            assert frame[name].to_numpy().tobytes() == same[name].to_numpy().tobytes(), name
        pd.testing.assert_frame_equal(frame.drop(columns=v.SOURCE), same.drop(columns=v.SOURCE), check_exact=True)


def test_long_frames_are_aggregated_a_few_indicators_at_a_time(tmp_path, monkeypatch):
    """Groups of two indicators, beside one that does not aggregate, are the same whether formed together or in parts."""
    rows = rows_of()
    rows += [row.replace("internet_use,_T,_T", "mobile_ownership,_T,Y15T24") for row in rows if ",_T,_T,_T,_T," in row]
    rows += [row.replace("internet_use", "smartphone_ownership") for row in rows if "internet_use,F" in row]
    path = written(tmp_path / "a.csv", rows)
    whole = compute(Request(files=(path,)))
    assert set(whole.aggregates[v.INDICATOR]) == {"internet_use", "mobile_ownership"}
    for long in (1, 30, 80):
        monkeypatch.setattr(aggregation, "LONG", long)
        parts = compute(Request(files=(path,)))
        pd.testing.assert_frame_equal(parts.aggregates, whole.aggregates, check_exact=True)
        pd.testing.assert_frame_equal(parts.gaps, whole.gaps, check_exact=True)


FAULTS = {
    "none": {},
    "unit": {v.UNIT_MEASURE: "PS"},
    "year": {v.TIME_PERIOD: 1812},
    "high": {v.OBS_VALUE: 874.0},
    "low": {v.OBS_VALUE: -0.5},
    "value missing": {v.OBS_VALUE: np.nan},
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FAULTS)), st.integers(0, 59), st.integers(0, 59), st.integers(1, 9))
def test_few_rows_judge_a_frame_as_all_rows_do(fault, place, twin, size):
    """A frame is judged by the rows that stand for all; a fault in any row, and a repeated key, is still found."""
    rows = [
        {v.REF_AREA: area, v.SEX: sex, v.TIME_PERIOD: 2000 + year, v.OBS_VALUE: 10.0 + year, v.LINE: 2 + year}
        for area in ("KEN", "UGA", "FRA", "DEU")
        for sex in ("F", "M", "_T")
        for year in range(5)
    ]
    rows[place] = {**rows[place], **FAULTS[fault]}
    if place != twin and fault == "none":
        rows[place] = {**rows[place], **{name: rows[twin][name] for name in (v.REF_AREA, v.SEX, v.TIME_PERIOD)}}
    frame = observations(*rows)
    errors = []
    for within in (None, size):
        try:
            if within is None:
                schema.conform(frame)
            else:
                with blocks_of(within):
                    schema.conform(frame)
            errors.append("")
        except SourceError as error:
            errors.append(str(error))
    assert errors[0] == errors[1]
    assert bool(errors[0]) == (fault not in ("none", "value missing") or (fault == "none" and place != twin))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 60_000), st.integers(0, 2)), max_size=60), st.integers(1, 9)
)
def test_a_key_is_one_if_no_combination_occurs_twice(rows, size):
    """The numbering of combinations agrees with a set of tuples, also where they are sorted instead of marked."""
    frame = pd.DataFrame(rows, columns=["a", "b", "c"]).astype({"a": "category", "b": "int32", "c": "category"})
    for marks, listed in ((8, 1 << 22), (0, 1), (8, 16)):
        with blocks_of(size), pytest.MonkeyPatch.context() as patch:
            patch.setattr(standing, "_MARKS", marks)
            patch.setattr(standing, "_LISTED", listed)
            assert standing.is_key(frame, ["a", "b", "c"]) == (len(set(rows)) == len(rows))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='a,"\n\r;', max_size=200), st.integers(1, 70))
def test_quotation_marks_judged_by_bits_are_judged_as_one_by_one(text, size):
    """The pass over the bytes finds the same lines, or the same fault, with and without the look at 64 bytes at once."""
    content = text.encode()
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    outcomes = []
    for quick in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            if not quick:
                patch.setattr(scan.Scan, "_in_pairs", lambda *_: None)
            one = scan.Scan("a.csv", ord(","), longest=1000)
            try:
                outcomes.append((one.record_lines(chunks).tolist(), one.broken))
            except SourceError as error:
                outcomes.append((str(error), None))
    assert outcomes[0] == outcomes[1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 9), st.integers(-5, 2**60)), max_size=50), st.integers(1, 9))
def test_keys_are_sorted_with_their_rows(keys, size):
    """Sorted as one number with their rows, keys come in the order of Python's stable sort."""
    for shortest, at_once in itertools.product((1, 1 << 30), (1 << 24, 8, 1)):  # runs are merged, or not; in parts
        array = np.array(keys, dtype=np.int64)
        with blocks_of(size), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sorting, "_SHORTEST", shortest)
            patch.setattr(sorting, "AT_ONCE", at_once)
            patch.setattr(sorting, "_SAMPLED", 2)
            order = sorting._sorted(array)
        assert order.tolist() == sorted(range(len(keys)), key=keys.__getitem__)
        assert array.tolist() == sorted(keys)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from("abc_")] * 3, st.integers(2000, 2003)), max_size=40), st.integers(1, 9))
def test_rows_are_sorted_by_texts_of_further_dimensions_however_many_there_are(rows, size):
    """The order is Python's by place, further codes as texts, and year; also where combinations are numbered instead."""
    made = [{"EDUCATION": one, "QUANTILE": two, "REF_AREA": {"a": "KEN"}.get(area, "UGA"), v.TIME_PERIOD: year, v.OBS_VALUE: 1.0}
            for one, two, area, year in rows]  # fmt: skip
    if not made:
        return
    wanted = sorted(
        range(len(made)),
        key=lambda at: [made[at][name] for name in ("EDUCATION", "QUANTILE", "REF_AREA", v.TIME_PERIOD)],
    )
    for limit in (sorting.LIMIT, 1):
        read = submission(*made)
        for name in ("EDUCATION", "QUANTILE"):  # categories in the order of their first row, as a reader has them
            texts = [row[name] for row in made]
            read.frame[name] = pd.Categorical(texts, categories=list(dict.fromkeys(texts)))
        with blocks_of(size), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sorting, "LIMIT", limit)
            sorted_rows = sorting.submission_of(read)
        assert sorted_rows.order.tolist() == wanted
        assert sorted_rows.column(v.LINE).tolist() == [2 + at for at in wanted]
        assert sorted_rows.row_at[sorted_rows.order].tolist() == list(range(len(made)))


@given(st.lists(st.integers(0, 5), max_size=30))
def test_groups_of_ascending_keys_are_those_of_any_order(keys):
    """Ascending keys are grouped without a sort, as NumPy groups them."""
    made = groups(np.array(sorted(keys), dtype=np.int64))
    distinct, number, size = np.unique(sorted(keys), return_inverse=True, return_counts=True)
    assert made.keys.tolist() == distinct.tolist()
    assert made.number.tolist() == number.tolist()
    assert made.size.tolist() == size.tolist()
