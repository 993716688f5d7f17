"""`divide template`: an empty submission that validates as it is, and once it is filled in."""

import csv
import io

import pytest

from divide_cli.catalogue import catalogue, codelist
from divide_cli.reports.template import COLUMNS, rows, template_of

FIGURES = {
    ("_T", "_T", "_T"): "71.4",
    ("F", "_T", "_T"): "69.8",
    ("M", "_T", "_T"): "73.1",
    ("_T", "_T", "URB"): "81.0",
    ("_T", "_T", "RUR"): "58.2",
    ("_T", "Y0T14", "_T"): "55.5",
    ("_T", "Y10T14", "_T"): "60.3",
    ("_T", "Y15T24", "_T"): "89.6",
    ("_T", "Y25T74", "_T"): "76.2",
    ("_T", "Y_GE75", "_T"): "31.4",
}
OWNERS = FIGURES | {
    ("_T", "_T", "_T"): "75.4",
    ("F", "_T", "_T"): "73.8",
    ("M", "_T", "_T"): "77.1",
    ("_T", "_T", "URB"): "83.0",
    ("_T", "_T", "RUR"): "64.2",
}
"""Figures whose age bands, weighted by the people of 10 years and over, give the total."""
NOTE = "Household survey, persons aged 5 and over, use in the last three months"


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def value(row: dict[str, str]) -> str:
    shift = 0.6 if row["REF_AREA"] == "UZB" else 0.0
    figures = OWNERS if row["INDICATOR"] == "mobile_ownership" else FIGURES
    return f"{float(figures[row['SEX'], row['AGE'], row['URBANISATION']]) + shift:.1f}"


@pytest.mark.parametrize("indicator", catalogue().indicators)
def test_every_indicator_has_a_template_of_known_codes(indicator):
    made = rows(catalogue().indicators[indicator], ["KAZ"], [2024])
    assert [tuple(row) for row in made] == [COLUMNS] * len(made)
    assert len({tuple(row.values()) for row in made}) == len(made)
    assert made[0]["SEX"] == made[0]["AGE"] == made[0]["URBANISATION"] == "_T"
    for row in made:
        for name in ("SEX", "AGE", "URBANISATION"):
            assert row[name] in codelist(f"CL_{name}").codes
        assert row["UNIT_MEASURE"] == catalogue().indicators[indicator].unit


def test_breakdowns_are_those_of_the_indicator():
    assert template_of("internet_use").id == "persons" and template_of("skill_emails_attachments").id == "persons"
    assert template_of("mobile_ownership").id == "owners" and template_of("coverage_4g").id == "coverage"
    assert template_of("price_mobile_data").id == "totals"


@pytest.mark.parametrize("given", [(), ("--area", "KAZ"), ("--area", "KAZ", "--year", "2024")])
def test_an_empty_template_is_no_error(given, divide, tmp_path):
    made = divide("template", "internet_use", *given, "--out", "x.csv")
    assert (made.returncode, made.stdout) == (0, "") and "9 rows to fill in" in made.stderr
    checked = divide("validate", "x.csv", "--format", "github")
    assert "::error" not in checked.stdout and "::warning" not in checked.stdout
    assert checked.stdout.count("::notice") >= 1
    assert "0 rejected" in divide("read", "x.csv").stdout


@pytest.mark.parametrize("indicator", ["internet_use", "mobile_ownership"])
def test_a_filled_in_csv_has_no_finding(indicator, divide, tmp_path):
    made = divide("template", indicator, "--area", "KAZ", "--area", "UZB", "--year", "2025")
    filled = [row | {"OBS_VALUE": value(row), "OBS_COMMENT": NOTE} for row in parsed(made.stdout)]
    assert len(filled) == 18
    with (tmp_path / "filled.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(filled)
    checked = divide("validate", "filled.csv", "--fail-on", "warning", "--format", "github")
    assert (checked.returncode, checked.stdout.count("::error"), checked.stdout.count("::warning")) == (0, 0, 0), checked.stdout  # fmt: skip


def test_a_workbook_has_lists_locked_keys_and_an_explanation(divide, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    made = divide("template", "internet_use", "--area", "KAZ", "--year", "2025", "--out", "x.xlsx")
    assert made.returncode == 0, made.stderr
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert {sheet.title: sheet.sheet_state for sheet in book} == {
        "Data": "visible", "Explanation": "visible", "Codes": "hidden"
    }  # fmt: skip
    data = book["Data"]
    assert tuple(cell.value for cell in data[1]) == COLUMNS
    assert data.protection.sheet and data["A2"].protection.locked and not data["G2"].protection.locked
    assert not data.column_dimensions["A"].protection.locked and data["G2"].number_format == "0.0"
    lists = {str(check.sqref): check.formula1 for check in data.data_validations.dataValidation if check.type == "list"}
    for place, area in lists.items():
        name = data[f"{place[0]}1"].value
        column, last = area.split("$")[1], int(area.split("$")[-1])
        codes = [book["Codes"][f"{column}{line}"].value for line in range(2, last + 1)]
        assert codes == list(codelist(f"CL_{name.removeprefix('REF_')}").codes), name
    assert set(lists) == {f"{letter}2:{letter}1001" for letter in "ACDEI"}
    told = " ".join(str(cell.value) for row in book["Explanation"].iter_rows() for cell in row)
    assert all(name in told for name in COLUMNS) and "divide validate FILE" in told and "Women and girls" not in told


def test_a_filled_in_workbook_has_no_finding(divide, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    divide("template", "internet_use", "--area", "KAZ", "--area", "UZB", "--year", "2025", "--out", "x.xlsx")
    empty = divide("validate", "x.xlsx", "--format", "github")
    assert "::error" not in empty.stdout and "::warning" not in empty.stdout and "No row has a value" in empty.stdout
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    for cells in book["Data"].iter_rows(min_row=2):
        row = {name: cell.value for name, cell in zip(COLUMNS, cells, strict=False)}
        if row["REF_AREA"]:
            cells[COLUMNS.index("OBS_VALUE")].value = float(value(row))
            cells[COLUMNS.index("OBS_COMMENT")].value = NOTE
    book.save(tmp_path / "x.xlsx")
    checked = divide("validate", "x.xlsx", "--fail-on", "warning", "--format", "github")
    assert (checked.returncode, checked.stdout.count("::error"), checked.stdout.count("::warning")) == (0, 0, 0), checked.stdout  # fmt: skip
    read = divide("read", "x.xlsx", "--format", "csv")
    assert read.returncode == 0 and len(parsed(read.stdout)) == 18
    assert "sheet Data" in divide("read", "x.xlsx", columns=200).stdout


def test_a_slip_in_a_workbook_is_found_at_its_line(divide, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    divide("template", "internet_use", "--area", "KAZ", "--year", "2025", "--out", "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    book["Data"]["G3"] = 169.8
    book.save(tmp_path / "x.xlsx")
    checked = divide("validate", "x.xlsx")
    assert checked.returncode == 1 and "169.8" in checked.stdout and "value_out_of_range" in checked.stdout


def test_two_sheets_of_figures_are_refused(divide, tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(tmp_path / "x.xlsx")
    for name in ("2023", "2024"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE"])
        sheet.write_row(1, 0, ["KAZ", "internet_use", int(name), 85.5])
    book.close()
    made = divide("read", "x.xlsx")
    assert made.returncode == 3 and "more than one sheet of the workbook contains figures" in made.stderr


def test_options_that_do_not_fit(divide, tmp_path):
    assert divide("template", "internet").returncode == 2
    assert divide("template", "internet_use", "--area", "KZX").returncode == 2
    assert divide("template", "internet_use", "--format", "xlsx").returncode == 2
    assert divide("template", "internet_use", "--year", "20").returncode == 2
    folder = divide("template", "internet_use", "--out", ".", "--format", "csv")
    assert folder.returncode == 3 and "the template cannot be written" in folder.stderr
    nowhere = divide("template", "internet_use", "--out", "/dev/full", "--format", "csv")
    assert nowhere.returncode == 3 and list(tmp_path.iterdir()) == []


def test_the_extra_that_is_lacking_is_named(tmp_path, monkeypatch):
    import sys

    from divide_cli.errors import DivideError
    from divide_cli.reports import template

    monkeypatch.setitem(sys.modules, "xlsxwriter.workbook", None)
    with pytest.raises(DivideError, match="workbooks need the extra `excel`"):
        template.write_workbook(catalogue().indicators["internet_use"], [], tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["t.pdf", "t", "t.xls"])
def test_a_name_that_says_no_form_is_refused_unless_the_form_is_given(name, divide, tmp_path):
    refused = divide("template", "internet_use", "--out", name)
    assert refused.returncode == 2 and "the format of --out is not clear" in refused.stderr
    assert not (tmp_path / name).is_file()


def test_the_form_given_goes_before_the_name(divide, tmp_path):
    assert divide("template", "internet_use", "--out", "t.txt", "--format", "csv").returncode == 0
    assert (tmp_path / "t.txt").read_text().startswith("REF_AREA,")
    assert divide("template", "internet_use", "--out", "T.CSV").returncode == 0
