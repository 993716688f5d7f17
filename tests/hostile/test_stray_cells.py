"""A cell where it does not belong: the figures that it makes unclear are rejected by name, and no other figure moves."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from divide_cli import readers
from divide_cli.errors import SourceError
from divide_cli.readers import ReadOptions
from tests.sources import make_workbooks as books

SHEET = "By BDT region"
LOOSE = ReadOptions(strict=False)


def read(folder: Path, rows, sheet: str = SHEET):
    """The reading of ITU's aggregates with these rows on the sheet."""
    sheets = {SHEET: [["Key ICT indicators"]], "By urban-rural area": [["Key ICT indicators"]], sheet: rows}
    books.write(folder / "aggregates.xlsx", sheets)
    return readers.read(str(folder / "aggregates.xlsx"), "", LOOSE)


def figures(reading) -> dict[str, tuple[str, int, float]]:
    """Cell -> indicator, year and value."""
    frame = reading.frame
    columns = (frame[name] for name in ("CITATION", "INDICATOR", "TIME_PERIOD", "OBS_VALUE"))
    return {cell: (str(indicator), int(year), value) for cell, indicator, year, value in zip(*columns, strict=True)}


TWO_BLOCKS = [
    ["Key ICT indicators for the ITU/BDT regions"],
    ["Fixed broadband traffic", "Exabytes*", None, None, "Per subscription (GB)"],
    [None, 2032, 2033, None, 2032, 2033],
    ["World", 5, 6, None, 1500, 1690.3],
    ["Individuals using the Internet", "Millions", None, None, "Percentage"],
    [None, 2032, 2033, None, 2032, 2033],
    ["World", 1023.6, 1147.1, None, 15.6, 17.2],
    ["Africa", 14.3, 23, None, 1.7, 2.7],
    ["Individuals owning a mobile phone", "Millions", None, None, "Percentage"],
    [None, 2032, 2033, None, 2032, 2033],
    ["World", 35.1, 37.5, None, 65.7, 69.5],
    ["Notes:"],
]


def with_cell(line: int, column: int, content: object) -> list[list[object]]:
    """The two blocks with another cell; lines and columns count from 1."""
    rows = [[*row, *[None] * (6 - len(row))] for row in TWO_BLOCKS]
    rows[line - 1][column - 1] = content
    return rows


def test_a_stray_number_in_a_title_files_nothing_under_the_title_above(tmp_path):
    """`5` in D5 made line 5 a line of values: the users of line 7 became 1023.6 exabytes of traffic in 2032."""
    made = read(tmp_path, with_cell(5, 4, 5))
    whole = read(tmp_path, TWO_BLOCKS)
    assert figures(whole)[f"{SHEET}!E7"] == ("internet_use", 2032, 15.6)
    assert figures(made) == {cell: own for cell, own in figures(whole).items() if cell[-1] == "4" or cell[-2:] == "11"}
    (refused,) = [pile for pile in made.readings[0].refused if pile.code == "block_unclear"]
    assert refused.rows == 11 and set(refused.lines) == {5, 7, 8}  # 3 cells of the line itself, 4 and 4 values below
    assert refused.error.where.endswith(f"aggregates.xlsx[{SHEET}]!A5")
    assert "'Individuals using the Internet', 'Millions', '5', 'Percentage'" in refused.error.found


@pytest.mark.parametrize(
    ("line", "column", "content"),
    [(5, 4, 5), (5, 6, 2031), (6, 4, 2034), (6, 1, 7), (9, 6, "N/A"), (2, 4, 3), (1, 2, 2030), (6, 4, 1.5), (10, 4, 9)],
)
def test_no_stray_cell_moves_a_figure_to_another_series_or_year(line, column, content, tmp_path):
    whole = figures(read(tmp_path, TWO_BLOCKS))
    made = read(tmp_path, with_cell(line, column, content))
    assert figures(made).items() <= whole.items()
    reading = made.readings[0]
    assert reading.rows == reading.used + sum(pile.rows for pile in (*reading.ignored, *reading.refused))


def test_a_group_that_the_layout_does_not_name_is_not_a_stray_cell(tmp_path):
    """It is one unknown area, and the figures of the groups below it stay."""
    made = read(tmp_path, with_cell(8, 1, "Atlantis"))
    assert [pile.code for pile in made.readings[0].refused] == ["code_unknown"]
    assert f"{SHEET}!B11" in figures(made)


def test_a_column_inserted_into_a_list_is_named(tmp_path):
    rows = [["", "Bank's fiscal year:", "FY98"], ["KEN", "Kenya", "L"]]
    for place, inserted in ((0, [[None, *row] for row in rows]), (1, [["1.5", *row[1:]] for row in rows])):
        books.write(tmp_path / "OGHIST.xlsx", {"Country Analytical History": inserted})
        with pytest.raises(SourceError) as raised:
            readers.read(str(tmp_path / "OGHIST.xlsx"))
        assert raised.value.code == "list_column_missing", place
        assert raised.value.where.endswith("OGHIST.xlsx[Country Analytical History]!A1")


def test_a_list_with_two_columns_of_one_name_is_refused(tmp_path):
    """The groups of the first would be lost without a word."""
    header = ["Economy", "Code", "Region", "Income group", "Income group"]
    books.write(
        tmp_path / "CLASS_FY26.xlsx", {"List": [header, ["Kenya", "KEN", "Africa", "Low income", "High income"]]}
    )
    with pytest.raises(SourceError) as raised:
        readers.read(str(tmp_path / "CLASS_FY26.xlsx"))
    assert raised.value.code == "column_duplicate"


EUROSTAT = "freq,indic_is,unit,ind_type,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\nA,I_IU3,PC_IND,IND_TOTAL,DE,2024,96,\n"


def test_an_indicator_given_for_a_file_that_names_its_series_changes_nothing(tmp_path):
    """Two columns name the series together; the option once met them with a traceback."""
    path = tmp_path / "linear.csv"
    path.write_text(EUROSTAT)
    plain, given = (readers.read(str(path), "", ReadOptions(indicator=name)) for name in ("", "mobile_ownership"))
    assert list(given.frame["INDICATOR"]) == list(plain.frame["INDICATOR"]) == ["internet_use"]


def table(**changed: object) -> dict[str, object]:
    columns = {"REF_AREA": ["KEN", "UGA"], "INDICATOR": ["internet_use"] * 2, "TIME_PERIOD": [2020] * 2}
    return {**columns, "OBS_VALUE": [40.0, 30.0], "OBS_COMMENT": ["a", "b"], **changed}


@pytest.mark.parametrize(
    "comments",
    [
        pa.Array.from_buffers(
            pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
        ),
        pa.array([b"a", b"\xff"]),
        pa.array([["a"], ["b"]]),
    ],
    ids=["not UTF-8", "binary, not UTF-8", "lists"],
)
def test_texts_of_parquet_that_are_no_texts(comments, tmp_path):
    path = tmp_path / "figures.parquet"
    pq.write_table(pa.table(table(OBS_COMMENT=comments)), path)
    with pytest.raises(SourceError) as raised:
        readers.read(str(path))
    assert raised.value.where.startswith(str(path)) and raised.value.found


@pytest.mark.parametrize(
    "text", ['[{"value": 1, "value": 2}]', '{"a": {"b": 1, "b": 1}}', '[{"value": 1, "\\u0076alue": 2}]']
)
def test_a_key_twice_in_json_is_refused(text, tmp_path):
    """The module json takes the last, other programs the first."""
    path = tmp_path / "answer.json"
    path.write_text(text)
    with pytest.raises(SourceError) as raised:
        readers.read(str(path))
    assert raised.value.code == "json_malformed" and "twice" in raised.value.found


@pytest.mark.parametrize(
    "metadata", [b"[]", b"null", b"\xff", b'{"inputs": 5}', b'{"inputs": [1, {"licence": 3}]}', b"[" * 9000]
)
def test_metadata_of_parquet_that_another_program_wrote(metadata, tmp_path):
    path = tmp_path / "figures.parquet"
    pq.write_table(pa.table(table()).replace_schema_metadata({b"divide": metadata}), path)
    assert len(readers.read(str(path)).frame) == 2


def test_a_comment_that_names_a_column_that_is_not_there(tmp_path):
    """The price baskets say of a median of how many economies it is."""
    sheets = {sheet: [list(row) for row in rows] for sheet, rows in books.PRICES.items()}
    renamed = {
        sheet: [["N" if cell == "N (World)" else cell for cell in row] for row in rows]
        for sheet, rows in sheets.items()
    }
    books.write(tmp_path / "ITU_ICTPriceBaskets_2031-2033.xlsx", renamed)
    with pytest.raises(SourceError) as raised:
        readers.read(str(tmp_path / "ITU_ICTPriceBaskets_2031-2033.xlsx"))
    assert raised.value.code == "sheet_columns_missing" and "N (World)" in raised.value.expected


def test_an_age_band_that_ends_before_it_begins_is_rejected(tmp_path):
    """Its age was lost: the row stood for no age at all, and `validate` found nothing wrong."""
    path = tmp_path / "linear.csv"
    path.write_text(EUROSTAT + "A,I_IU3,PC_IND,Y16_4,DE,2023,96,\n")
    made = readers.read(str(path), "", LOOSE)
    assert [(pile.code, list(pile.lines)) for pile in made.readings[0].refused] == [("code_unknown", [3])]
    assert list(made.frame["TIME_PERIOD"]) == [2024]


def test_a_name_of_a_column_that_is_not_utf_8(tmp_path):
    path = tmp_path / "figures.parquet"
    pq.write_table(pa.table(table(FURTHER=["a", "b"])), path)
    path.write_bytes(path.read_bytes().replace(b"FURTHER", b"FURTH\xff\xff"))
    with pytest.raises(SourceError) as raised:
        readers.read(str(path))
    assert raised.value.code == "parquet_unreadable"


def test_if_no_figure_is_left_the_reason_for_the_first_is_the_error(tmp_path):
    """A stray number in the only line of years leaves no line of values that says what it is about."""
    rows = [["Individuals using the Internet", "Millions", 7], [None, 2032, 2033], ["World", 15.6, 17.2]]
    with pytest.raises(SourceError) as error:
        read(tmp_path, rows)
    assert error.value.code == "block_unclear"
