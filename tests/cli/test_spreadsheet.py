"""`--format xlsx` of compute, measure and profile: the figures are those of JSON, the layout is that of the guidance.

Workbooks are read with openpyxl, which did not write them, and with calamine.
"""

import json
import re
import sys
import zipfile
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from divide_cli.errors import SourceError
from divide_cli.frames.columns import fields
from divide_cli.reports import spreadsheet
from divide_cli.reports.spreadsheet import HEAD, Spreadsheet
from divide_cli.reports.spreadsheet_columns import columns_of, texts
from tests import runner
from tests.translations import made_up
from tests.translations.test_commands import TOOLS, ids, left_outside

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")

SHORTHAND = ("[u]", "[x]", "[z]")
SURVEY = """REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,STD_ERR,POPULATION
KEN,internet_use,F,2023,40.5,1.5,1000
KEN,internet_use,M,2023,50.25,1.25,900
KEN,internet_use,F,2019,30.5,1.5,1000
KEN,internet_use,M,2019,45,1.25,900
"""
COMMANDS = {
    "gaps of a region": ("compute", "--gap", "internet_use_sex", "--area", "EUR"),
    "withheld": (
        "compute",
        "--indicator",
        "internet_use",
        "--indicator",
        "mobile_ownership",
        "--area",
        "AFR",
        "--area",
        "KEN",
    ),
    "estimates": ("compute", "--indicator", "internet_use", "--area", "AFR", "--year", "2023", "--estimate"),
    "prices, in several units": ("compute", "tests.csv"),
    "measures": ("measure", "internet_use_income"),
    "intervals": ("measure", "internet_use_sex", "survey.csv", "--area", "KEN"),
    "profile": ("profile", "Kenya", "EUR"),
}
PRICES = """REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE
KEN,price_mobile_data,2023,2.345
KEN,internet_use,2023,40.5
TZA,internet_use,2023,31.9
"""


@pytest.fixture(params=COMMANDS, ids=[name.replace(" ", "_") for name in COMMANDS], scope="module")
def written(request, tmp_path_factory):
    """The JSON of a command, and its workbook as openpyxl reads it."""
    tmp_path = tmp_path_factory.mktemp("written")
    divide = partial(runner.divide, tmp_path)
    (tmp_path / "survey.csv").write_text(SURVEY)
    (tmp_path / "tests.csv").write_text(PRICES)
    words = COMMANDS[request.param]
    no_files = ("--no-write",) if words[0] == "compute" else ()
    printed = divide(*words, "--format", "json", *no_files)
    finished = divide(*words, "--format", "xlsx", "--out", "out.xlsx")
    assert (finished.returncode, finished.stdout) == (0, ""), finished.stderr
    assert "wrote out.xlsx" in finished.stderr
    return json.loads(printed.stdout), openpyxl.load_workbook(tmp_path / "out.xlsx")


def codes_of(sheet):
    """Column -> its code in other formats; none for a column of names."""
    heads = [re.sub(f"[{made_up.OPEN}{made_up.CLOSE}]", "", cell.value) for cell in sheet[HEAD + 1]]
    found = [re.search(r"[(（](\w+)[)）](?: ?\[[^\]]+\])?$", head) for head in heads]
    return {place: match[1] for place, match in enumerate(found) if match}


def rows_of(sheet):
    return list(sheet.iter_rows(min_row=HEAD + 2, values_only=True))


def test_every_figure_is_that_of_json(written):
    """0 cells differ from JSON: numbers are equal as doubles, and null is a shorthand."""
    document, book = written
    frames = {name: rows for name, rows in document.items() if name != "meta" and rows}
    compared = 0
    for name, records in frames.items():
        codes, rows = codes_of(book[name]), rows_of(book[name])
        assert set(codes.values()) == set(records[0]) and len(rows) == len(records)
        for row, record in zip(rows, records, strict=True):
            for place, code in codes.items():
                cell, value = row[place], record[code]
                if value is None or value == "":
                    assert cell in SHORTHAND, (name, code, cell)
                else:
                    assert cell == value and isinstance(cell, str) == isinstance(value, str), (name, code)
                compared += 1
    assert compared > 50 and [name for name in frames if name not in book.sheetnames] == []


def test_the_layout_is_that_of_the_guidance(written):
    """Merged cells, empty cells and rows in tables, columns before a table: 0. Each table is marked, named and linked."""
    _, book = written
    assert book.sheetnames[:2] == ["Cover", "Contents"] and len({name.casefold() for name in book.sheetnames}) == len(
        book.sheetnames
    )
    assert all(
        len(name) <= 31 and sheet.sheet_state == "visible" for name, sheet in zip(book.sheetnames, book, strict=True)
    )
    assert [cell.value for cell in book["Contents"]["A"]][3:] == book.sheetnames[2:]
    links = [cell.hyperlink.location for cell in book["Contents"]["A"] if cell.hyperlink]
    assert links == [f"{name}!A1" for name in book.sheetnames[2:]] or links == [
        f"'{name}'!A1" for name in book.sheetnames[2:]
    ]
    tables = []
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges and sheet["A1"].value and not sheet.auto_filter.ref
        assert sheet.column_dimensions["A"].hidden is False
        if sheet.title == "Cover":
            assert all(row[0].value for row in sheet.iter_rows()) and sheet.max_column == 1 and not sheet.tables
            continue
        (table,) = sheet.tables.values()
        first, last = table.ref.split(":")
        head = int(first.removeprefix("A"))
        assert first.startswith("A") and last == sheet.dimensions.split(":")[1]
        assert sheet.freeze_panes == f"A{head + 1}" and table.autoFilter is None and table.headerRowCount == 1
        cells = list(sheet.iter_rows(min_row=head, values_only=True))
        assert all(cell is not None and cell != "" for row in cells for cell in row)
        heads = [str(cell).casefold() for cell in cells[0]]
        assert len(set(heads)) == len(heads) and [column.name for column in table.tableColumns] == list(cells[0])
        assert all(sheet.cell(row, 1).value for row in range(1, head))
        tables.append(table.displayName.casefold())
        used = {cell for row in cells[1:] for cell in row if cell in SHORTHAND}
        explained = set(re.findall(r"\[[uxz]\]", sheet.cell(3, 1).value if head > 3 else ""))
        assert used <= explained or sheet.title == "Contents" and not used
    assert len(set(tables)) == len(tables)


def test_notes_are_numbered_and_each_is_referred_to(written):
    _, book = written
    numbers = [row[0] for row in book["Notes"].iter_rows(min_row=5, values_only=True)]
    assert numbers == [f"[note {number}]" for number in range(1, len(numbers) + 1)]
    assert all(str(row[1]).strip() for row in book["Notes"].iter_rows(min_row=5, values_only=True))
    others = [sheet for sheet in book.worksheets if sheet.title not in ("Notes", "Columns")]
    referred = {
        mark
        for sheet in others
        for row in sheet.iter_rows(max_row=HEAD + 1, values_only=True)
        for cell in row
        for mark in re.findall(r"\[note \d+\]", str(cell))
    }
    assert referred == set(numbers)


def test_properties_and_cover_say_what_it_is(written):
    _, book = written
    cover = [cell.value for cell in book["Cover"]["A"]]
    assert book.properties.title == cover[0] and book.properties.created.year == 1980
    assert {
        name: entry.value for name, entry in zip(book.custom_doc_props.names, book.custom_doc_props.props, strict=True)
    }["Language"] == "en"
    for head in ("What was asked for", "Editions and dates", "Licence", "How to cite"):
        assert cover[cover.index(head) + 1]


def test_a_withheld_value_is_in_no_cell(divide, tmp_path):
    """Without a least coverage, the same rows have values: none of them is in any cell of the workbook."""
    words = ("compute", "--indicator", "mobile_ownership", "--area", "AFR", "--area", "ASP")
    values = {}
    for least in ("75", "0"):
        printed = divide(*words, "--format", "json", "--no-write", "--min-coverage", least).stdout
        document = json.loads(printed)
        for name in ("gaps", "aggregates"):
            for row in document[name]:
                key = (name, *(row[part] for part in row if part in ("GAP", "MEASURE", "INDICATOR", "REF_AREA", "SEX")))
                key += (row["TIME_PERIOD"], row["EDITION"], row.get("URBANISATION"))
                values.setdefault(key, {})[least] = row["OBS_VALUE"]
    hidden = {pair["0"] for pair in values.values() if pair["75"] is None and pair["0"] is not None}
    hidden -= {pair["75"] for pair in values.values()}
    assert len(hidden) > 10
    divide(*words, "--format", "xlsx", "--out", "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    numbers = {cell for cell in cells if isinstance(cell, float)}
    assert "[u]" in cells and not {value for value in hidden if value % 1} & numbers


def test_equal_input_gives_equal_bytes(divide, divide_process, tmp_path):
    """Two runs, in other processes and time zones; every entry of the zip file has the fixed date of XlsxWriter."""
    words = ("profile", "Kenya", "--format", "xlsx", "--out")
    divide(*words, "one.xlsx")
    divide_process(*words, "two.xlsx", TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 31, 0, 0, 0)}


HOSTILE = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=HYPERLINK(\"http://example.org\")", "http://example.org", "mailto:a@b.c",
    "'quoted", "_x0041_", "tab\there", "bell\x07", "\u202eback", "internal:'x'!A1", "{=1}", "[x]", "  ", "1e5", "00012",
)  # fmt: skip


HEADS = ("=HEAD+1", 'a "quoted" <head> & more', "_x0041_", "x" * 300, "Region", "REGION")


@pytest.fixture
def hostile(tmp_path):
    rows = [
        {
            "REF_AREA": "KEN",
            "INDICATOR": "internet_use",
            "TIME_PERIOD": 2023,
            "OBS_VALUE": 40.5,
            **dict.fromkeys(HEADS, text),
        }
        for text in HOSTILE
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "hostile.csv", index=False)
    return ("hostile.csv", *(word for head in HEADS for word in ("--dimension", head)))


@pytest.mark.parametrize("safe", [(), ("--excel-safe",)])
def test_texts_stay_texts(divide, hostile, tmp_path, safe):
    """Formulas: 0, links that lead out: 0, control characters: 0. A text that looks like a formula is a text."""
    finished = divide("compute", *hostile, "--area", "KEN", "--format", "xlsx", "--out", "out.xlsx", *safe)
    assert finished.returncode == 0, finished.stderr
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n"), cell.coordinate
                assert not cell.hyperlink or cell.hyperlink.target is None
                assert not isinstance(cell.value, str) or cell.value.isprintable(), cell.value
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
        assert not [name for name in archive.namelist() if "externalLink" in name or "vba" in name]
    sheet = book["aggregates"]
    texts = {cell for row in rows_of(sheet) for cell in row}
    assert ("'=1+1" if safe else "=1+1") in texts and ("=1+1" in texts) == (not safe)
    assert {"_x0041_", "bell\\u0007", "tab\\there", "1e5", "00012"} <= texts
    heads, (table,) = [cell.value for cell in sheet[HEAD + 1]], sheet.tables.values()
    assert [column.name for column in table.tableColumns] == heads and max(map(len, heads)) <= 255
    assert len({head.casefold() for head in heads}) == len(heads)
    expected = {HEADS[1], "_ x0041_", "x" * 200, "REGION", "Region (2)"}
    assert set(heads[-len(HEADS) :]) == expected | {"'=HEAD+1" if safe else "=HEAD+1"}


def book_of(frame):
    return Spreadsheet("measure", "made-up figures", {"disparities": frame}, (), 75.0)


def one_row(**columns):
    values = {"INDICATOR": "internet_use", "OBS_VALUE": 1.0, "UNIT_MEASURE": "PT", "OBS_STATUS": "A", **columns}
    return pd.DataFrame({name: [value] for name, value in values.items()})


@pytest.mark.parametrize(("text", "fits"), [("x" * 32_766, True), ("x" * 32_767, True), ("x" * 32_768, False),
                                            ("\U0001d7cf" * 16_383, True), ("\U0001d7cf" * 16_384, False)])  # fmt: skip
def test_a_text_that_is_too_long_for_a_cell_is_an_error(tmp_path, text, fits):
    """Excel has 32,767 units of UTF-16 a cell; a digit of the mathematical alphabets has two. No text is cut."""
    path = tmp_path / "out.xlsx"
    content = book_of(one_row(OBS_COMMENT=text))
    if fits:
        spreadsheet.write(content, path)
        sheet = openpyxl.load_workbook(path)["disparities"]
        assert text in rows_of(sheet)[0]
    else:
        with pytest.raises(SourceError) as raised:
            spreadsheet.write(content, path)
        assert raised.value.code == "cell_too_long" and "OBS_COMMENT" in str(raised.value) and not path.exists()


def test_the_apostrophe_of_excel_safe_counts(tmp_path):
    """A text of 32,767 characters fits; with an apostrophe before it, it does not, and XlsxWriter would leave it out."""
    content = book_of(one_row(OBS_COMMENT="=" * 32_767))
    spreadsheet.write(content, tmp_path / "out.xlsx")
    with pytest.raises(SourceError) as raised:
        spreadsheet.write(content, tmp_path / "safe.xlsx", safe=True)
    assert raised.value.code == "cell_too_long"


def test_the_cover_is_complete_too(tmp_path):
    """6,000 names of files are too long for the line of the cover that has them: an error, not a cover without them."""
    content = replace(book_of(one_row()), choice={"files": ("a.csv",) * 6_000})
    with pytest.raises(SourceError) as raised:
        spreadsheet.write(content, tmp_path / "out.xlsx")
    assert raised.value.code == "cell_too_long"


@pytest.mark.parametrize(
    "schema", ["gaps", "aggregates", "estimates", "disparities", "ranks", "courses", "targets", "missing"]
)
def test_every_column_has_a_name(schema):
    """A column that is added to a Table Schema needs a name in spreadsheet_texts.yaml."""
    assert [name for name in fields(schema) if name not in texts()["columns"]] == []


def test_a_table_that_is_too_long_for_a_sheet_is_an_error(tmp_path, monkeypatch):
    """A sheet of 10 rows has 4 below the title, four lines and the heads; a fifth row is an error, not left out."""
    monkeypatch.setattr(spreadsheet, "ROWS", 10)
    four = pd.concat([one_row()] * 4, ignore_index=True)
    monkeypatch.setattr(spreadsheet, "_of_columns", lambda tables: spreadsheet._of_sources(book_of(four)))
    with pytest.raises(SourceError) as raised:
        spreadsheet.write(book_of(pd.concat([four, one_row()], ignore_index=True)), tmp_path / "out.xlsx")
    assert raised.value.code == "sheet_too_long" and "at most 4 rows" in str(raised.value)
    assert not (tmp_path / "out.xlsx").exists()


def formats_of(name, values, unit="PT"):
    frame = pd.DataFrame({"UNIT_MEASURE": [unit] * len(values), "INDICATOR": "internet_use", "OBS_STATUS": "A"})
    frame[name] = values
    (column,) = [one for one in columns_of(frame, "aggregates") if one.code == name]
    return list(column.formats)


def test_cells_show_the_decimals_of_their_unit():
    """data/catalogue/units.yaml: percent 1 decimal, ratios 2, persons 0. What would appear as 0 shows two digits."""
    assert formats_of("OBS_VALUE", [12.345, 0.0, 0.06]) == ["#,##0.0"] * 3
    assert formats_of("OBS_VALUE", [0.03]) == ["#,##0.000"]
    assert formats_of("OBS_VALUE", [1.23456], "RATIO") == ["#,##0.00"]
    assert formats_of("OBS_VALUE", [1234567.0], "PS") == ["#,##0"]
    assert formats_of("TIME_PERIOD", [2023]) == ["0"]


def test_a_coverage_never_appears_higher_than_a_whole_number_that_it_misses():
    """74.96 with one decimal is 75.0, next to a value withheld for less than 75."""
    assert formats_of("COVERAGE", [74.96, 75.04, 75.0, 74.94]) == ["#,##0.000000", "#,##0.0", "#,##0.0", "#,##0.0"]


def test_what_is_not_finite_is_shorthand():
    frame = pd.concat([one_row(), one_row(OBS_STATUS="Q"), one_row(OBS_STATUS="O"), one_row()], ignore_index=True)
    frame["OBS_VALUE"] = [1.5, np.nan, np.nan, np.inf]
    (column,) = [one for one in columns_of(frame, "aggregates") if one.code == "OBS_VALUE"]
    assert column.cells == [1.5, "[u]", "[x]", "[x]"]


def test_units_are_in_heads():
    """One unit is named; of several, the head says where the unit is."""
    frame = pd.concat([one_row(), one_row()], ignore_index=True)
    heads = {one.code: one.head for one in columns_of(frame, "aggregates") if not one.named}
    assert heads["OBS_VALUE"] == "Value, percent (OBS_VALUE)"
    frame["UNIT_MEASURE"] = ["PT", "RATIO"]
    heads = {one.code: one.head for one in columns_of(frame, "aggregates") if not one.named}
    assert heads["OBS_VALUE"] == "Value, in the unit of the row (OBS_VALUE)"


def test_heads_differ_in_any_case_of_letters():
    """Excel repairs a table whose columns have the same name in other letters."""
    frame = pd.DataFrame({"Region": ["a"], "REGION": ["b"], "region": ["c"]})
    assert [one.head for one in columns_of(frame, "aggregates")] == ["Region", "REGION (2)", "region (3)"]


def test_other_readers_open_it(divide, tmp_path):
    """calamine (in Rust) and, through it, pandas: the heads are in row 6 of each table of figures."""
    divide("compute", "--gap", "internet_use_sex", "--area", "EUR", "--format", "xlsx", "--out", "out.xlsx")
    printed = divide("compute", "--gap", "internet_use_sex", "--area", "EUR", "--format", "json", "--no-write").stdout
    frame = pd.read_excel(tmp_path / "out.xlsx", sheet_name="gaps", header=HEAD, engine="calamine", na_values=SHORTHAND)
    (name,) = [head for head in frame if "(OBS_VALUE)" in head]
    assert frame[name].tolist() == [row["OBS_VALUE"] for row in json.loads(printed)["gaps"]]


def test_divide_reads_no_figures_from_it(divide):
    """Its rows are results, not observations: an error that says so, and no bug."""
    divide("compute", "--gap", "internet_use_sex", "--area", "EUR", "--format", "xlsx", "--out", "out.xlsx")
    finished = divide("read", "out.xlsx")
    assert finished.returncode == 3 and "bug" not in finished.stderr


def test_languages(divide, tmp_path):
    """In Arabic, areas have their names of M49, sheets run from right to left; codes and numbers stay."""
    words = ("compute", "--indicator", "internet_use", "--area", "MAR", "--format", "xlsx", "--out")
    divide(*words, "en.xlsx")
    divide(*words, "ar.xlsx", "--lang", "ar")
    english, arabic = (openpyxl.load_workbook(tmp_path / f"{name}.xlsx") for name in ("en", "ar"))
    assert arabic["aggregates"].sheet_view.rightToLeft and not english["aggregates"].sheet_view.rightToLeft
    cells = [cell for row in rows_of(arabic["aggregates"]) for cell in row]
    assert "المغرب" in cells and "MAR" in cells
    assert codes_of(english["aggregates"]) == codes_of(arabic["aggregates"])
    numbers = [
        [cell for row in rows_of(book["aggregates"]) for cell in row if not isinstance(cell, str)]
        for book in (english, arabic)
    ]
    assert numbers[0] == numbers[1] and len(numbers[0]) > 20


@pytest.mark.parametrize("command", ["compute --indicator internet_use --area AFR --year 2023", "profile KEN AFR"])
def test_nothing_that_can_be_translated_stays_english(tmp_path, command):
    """In a language of brackets, only codes, names of sheets and of options, and the meanings of columns are outside."""
    with made_up.in_commands():
        finished = runner.divide(tmp_path, *command.split(), "--format", "xlsx", "--out", "out.xlsx", "--lang", "fr")
    assert finished.returncode == 0, finished.stderr
    book, left = openpyxl.load_workbook(tmp_path / "out.xlsx"), set()
    for sheet in book:
        codes = codes_of(sheet) if sheet.title.islower() else {}
        skipped = {place for place, code in codes.items() if code not in ("OBS_COMMENT", "MEMBERSHIP")}
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            cells = [cell for place, cell in enumerate(row) if number <= HEAD or place not in skipped]
            cells = cells[1:2] if sheet.title in ("Contents", "Columns") and number > 2 else cells
            left |= {word for cell in cells for word in left_outside(str(cell))} if sheet.title != "Files" else set()
    assert left - ids() - TOOLS - {"area", "indicator", "year", "Sources", "Notes", "None"} == set()


FAULTS = {
    "no --out": (("measure", "internet_use_sex", "--format", "xlsx"), 2, "needs --out"),
    "another format": (("profile", "Kenya", "--out", "x.xlsx"), 2, "add --format xlsx"),
    "another format of compute": (("compute", "--out", "x.XLSX"), 2, "add --format xlsx"),
    "a table": (("compute", "--format", "xlsx", "--table", "gaps", "--out", "x.xlsx"), 2, "--table"),
    "a folder": (("measure", "internet_use_sex", "--format", "xlsx", "--out", "."), 3, "folder"),
    "a full disk": (("measure", "internet_use_sex", "--format", "xlsx", "--out", "/dev/full"), 3, "No space left"),
    "the input": (("compute", "figures.xlsx", "--format", "xlsx", "--out", "figures.xlsx"), 2, "is read"),
    "the input of measure": (
        ("measure", "internet_use_sex", "a.csv", "--format", "csv", "--out", "a.csv"),
        2,
        "is read",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_the_output(divide, tmp_path, name):
    words, code, said = FAULTS[name]
    finished = divide(*words, columns=200)
    assert (finished.returncode, finished.stdout) == (code, "") and said in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_replaced_and_the_folder_made(divide, tmp_path):
    """As other outputs: an earlier file is replaced as a whole, a missing folder is made; no Parquet file is written."""
    (tmp_path / "gaps.xlsx").write_text("earlier")
    for out in ("gaps.xlsx", "new/folder/gaps.xlsx"):
        assert divide("compute", "--gap", "internet_use_sex", "--format", "xlsx", "--out", out).returncode == 0
        assert (tmp_path / out).read_bytes()[:2] == b"PK"
    assert not (tmp_path / "out").exists()


def test_without_the_extra(divide, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "xlsxwriter.workbook", None)
    finished = divide("compute", "--gap", "internet_use_sex", "--format", "xlsx", "--out", "x.xlsx", columns=200)
    assert finished.returncode == 3 and "pip install 'divide-cli[excel]'" in finished.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("measure", "internet_use_sex"), ("profile", "Kenya")])
def test_other_formats_are_written_to_the_file_too(divide, tmp_path, words):
    """`--out` has what would be printed, and Markdown for tables."""
    for form in ("json", "csv", "markdown"):
        finished = divide(*words, "--format", form, "--out", "file")
        assert finished.stdout == "" and "wrote file" in finished.stderr
        assert (tmp_path / "file").read_text(encoding="utf-8") == divide(*words, "--format", form).stdout
