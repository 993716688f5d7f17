"""Readers: what is unsound is one error with its line."""

from pathlib import Path

import pytest

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.errors import SourceError

HEADER = b"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n"


def refused(tmp_path: Path, raw: bytes) -> SourceError:
    path = tmp_path / "x.csv"
    path.write_bytes(raw)
    with pytest.raises(SourceError) as caught:
        readers.load(str(path), "x")
    assert str(path) in caught.value.where
    return caught.value


def test_a_return_inside_the_header(tmp_path: Path) -> None:
    assert (
        refused(tmp_path, b"REF_AREA,IND\rICATOR,TIME_PERIOD,OBS_VALUE\nFRA,internet_use,2020,1\n").subject
        == "the file's layout is not recognised"
    )


@pytest.mark.parametrize("value", [b"1", b"abc"])
def test_a_return_inside_a_row_whether_or_not_its_value_is_a_number(tmp_path: Path, value: bytes) -> None:
    """pyarrow takes the lone return for the end of a row, so that rows and lines would no longer agree."""
    whole = HEADER + b"FRA,internet_use,2020,5\rKEN,internet_use,2020," + value + b"\n"
    assert refused(tmp_path, whole).subject == "rows of the file would be lost or split"


@pytest.mark.parametrize(
    ("raw", "subject", "where"),
    [
        (
            HEADER + b"FRA,internet_use,2020,1\nFRA,internet_use,2021,abc\n",
            "a value is not a number",
            ":3, column OBS_VALUE",
        ),
        (HEADER + b"FRA,internet_use,2020,nan\n", "a value is not a number", ":2, column OBS_VALUE"),
        (HEADER + b"FRA,internet_use,2020,inf\n", "a value is not a number", ":2, column OBS_VALUE"),
        (HEADER + b"FRA,internet_use,2020\n", "a row has more or fewer cells than the header", ""),
        (HEADER + b"FRX,internet_use,2020,1\n", "a code is unknown", ":2, column REF_AREA"),
        (HEADER + b"FRA,internet_use,20,1\n", "a period is not a year", ":2, column TIME_PERIOD"),
        (HEADER + b'FRA,"internet_use,2020,1\n', "quotation marks do not match", ":2"),
        (HEADER + b"FRA,internet\0use,2020,1\n", "the file contains a NUL byte", ":2"),
        (HEADER + b"FR\xe9\xc3\xa9,internet_use,2020,1\n", "the file is not UTF-8 text", ":2"),
        (HEADER, "the file has a header but no rows", ""),
        (b"", "the file is empty", ""),
        (b"\x89PNG\r\n\x1a\n", "the file is not a text file", ""),
        (b"\xff\xfeR\0E\0F", "the file is cut off or damaged", ""),
        (
            b"REF_AREA,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nFRA,FRA,internet_use,2020,1\n",
            "the header contains a column name twice",
            ":1",
        ),
        (b"country,year,value\nFRA,2020,1\n", "the file does not name its indicator", ""),
        (b"country,period,value\nFRA,2020,1\n", "the file's layout is not recognised", ""),
        (
            b"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,FREQ\nFRA,internet_use,2020,1,M\n",
            "a value of FREQ is not supported",
            ":2, column FREQ",
        ),
        (
            b"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,EDUCATION\nFRA,internet_use,2020,1,A\nFRA,internet_use,2020,1,\n",
            "the code of a breakdown is missing",
            ":3, column EDUCATION",
        ),
    ],
)
def test_unsound_files(tmp_path: Path, raw: bytes, subject: str, where: str) -> None:
    error = refused(tmp_path, raw)
    assert error.subject == subject
    assert error.where.endswith(where)


@pytest.mark.parametrize(
    ("raw", "expected", "hint"),
    [
        (b"KAZ,2023,45.1\nKAZ,2022,44.0\n", "", "put the names of the columns on the first line"),
        (
            b"Internet use\nGEO,TIME_PERIOD,OBS_VALUE\n",
            "",
            "line 2 looks like the header of `table of countries",
        ),
        (b"Use, by year\n\n" + HEADER.replace(b",", b";"), "", "line 3 looks like the header of `tidy CSV with SDMX"),
        (
            b"Country Code,2020,2021\nKEN,1,2\n",
            "(missing: Country Name, Indicator Name, Indicator Code)",
            "see the layouts that are read with `divide list dataflows`",
        ),
    ],
)
def test_what_is_said_of_a_file_of_no_known_layout(tmp_path: Path, raw: bytes, expected: str, hint: str) -> None:
    """Names of columns in words, no pattern and no empty list; the line of the header, if it is elsewhere."""
    error = refused(tmp_path, raw)
    assert error.subject == "the file's layout is not recognised"
    assert expected in error.expected and error.hint.startswith(hint)
    assert "(missing: )" not in error.expected and "\\" not in error.expected and ".*" not in error.expected


def test_a_table_on_a_sheet_that_is_read_from_text_only(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["Year", "Sex", "Value"], [2020, "", 40]):
        book.active.append(row)
    book.save(tmp_path / "17-8-1.xlsx")
    with pytest.raises(SourceError) as caught:
        readers.load(str(tmp_path / "17-8-1.xlsx"), "x")
    assert caught.value.hint.startswith("sheet Data looks like `national SDG file, Open SDG layout`")


def itu(code: str, parent: str) -> bytes:
    names = "seriesID,seriesCode,seriesName,seriesParent,seriesUnits,entityID,entityIso,entityName,dataValue,dataYear,dataNote,dataSource,seriesDescription"
    return f"{names}\n1,{code},Female,{parent},%,1,FRA,France,1,2020,,Office,\n".encode()


def test_series_that_no_indicator_claims(tmp_path: Path) -> None:
    error = refused(tmp_path, itu("i99G", ""))
    assert error.subject == "a series belongs to no indicator of the catalogue"
    assert error.found == "'i99G', in 1 row"
    assert "i99H" not in error.hint  # a series of another name is not a misspelling


def test_breakdown_row_whose_parent_is_another_series(tmp_path: Path) -> None:
    error = refused(tmp_path, itu("HHU781l_HHCFemale", "HHU781m_HHTotalIndividual"))
    assert error.subject == "the parent of a breakdown row is a series of another indicator"
    assert (error.expected, error.found) == ("a series of skill_privacy_settings", "'HHU781m_HHTotalIndividual'")


def test_a_layout_of_text_in_parquet_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "indicator_17-8-1.parquet"
    pq.write_table(pa.table({"Year": ["2020"], "Value": [1.0]}), path)
    with pytest.raises(SourceError) as caught:
        readers.read(str(path))
    assert (caught.value.code, caught.value.found) == ("document_unsupported", "parquet")


def test_a_header_far_down_a_sheet_is_found_or_refused(tmp_path: Path) -> None:
    """Recognition looks at twelve rows of a sheet, the table is looked for in its first ten that hold anything."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("data")
        for row in range(10):
            sheet.write_row(row, 0, ["a note", "of four", "cells", str(row)])
        sheet.write_row(10, 0, ["REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE"])
        sheet.write_row(11, 0, ["FRA", "internet_use", 2020, 1])
    with pytest.raises(SourceError) as caught:
        readers.read(str(path))
    assert caught.value.code == "sheet_columns_missing"


def test_a_single_object_of_json_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    path.write_text(
        '{"codeID": 11624, "code": "HHU4212", "isoCode": "KEN", "dataYear": 2022, "answer": [{"value": 40}], '
        '"dataNote": "", "dataSource": ""}',
        encoding="utf-8",
    )
    frame = readers.load(str(path), "x").frame
    assert (frame[v.LINE].tolist(), frame[v.REF_AREA].tolist(), frame[v.OBS_VALUE].tolist()) == ([1], ["KEN"], [40.0])


def test_an_amount_without_end_is_not_a_number(tmp_path: Path) -> None:
    header = HEADER.rstrip() + b",POPULATION\n"
    assert refused(tmp_path, header + b"FRA,internet_use,2020,1,1e999\n").code == "amount_not_a_number"
