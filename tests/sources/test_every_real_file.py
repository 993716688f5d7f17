"""Every file under $DIVIDE_RAW that is in its publisher's layout is recognised and accounted for row by row.

tests/real_files.csv lists them with the dataflow and the numbers of rows; `refusal` is the subject of the error where
the whole file is refused. Local constructs are not read at all: they are refused as of no provider's layout.
"""

import csv
from pathlib import Path

import pytest

from divide_cli import readers
from divide_cli.errors import DivideError
from divide_cli.readers import Memberships, ReadOptions

HERE = Path(__file__).resolve().parent
with (HERE.parent / "real_files.csv").open(encoding="utf-8", newline="") as lines:
    LISTED = list(csv.DictReader(lines))
CONSTRUCTS = (
    "*/*_long.csv",
    "*/decoded_*",
    "country_classification/*",
    "un_wpp_2024/wpp2024_pop_by_sex_ageband_5yearly.csv",
    "wdi/internet_use/digital_divide_panel_*",
    "itu_aggregates_2025_11/internet_usage_anti4ris98.csv",
)
"""Made by those who gathered the files, or with false labels of years (the last)."""
ABOUT = ("SOURCE.md", "files.csv", "anomalies.csv", "_index.yml", "itu-data-model.yml")
"""What describes the files and is not a publisher's file."""
NATIONAL = [row for row in LISTED if row["file"].startswith("national_submissions/")]


def constructs(raw: Path) -> set[str]:
    return {str(path.relative_to(raw)) for pattern in CONSTRUCTS for path in raw.glob(pattern) if path.is_file()}


def test_every_file_is_listed(raw: Path) -> None:
    found = {str(path.relative_to(raw)) for path in raw.rglob("*") if path.is_file() and path.name not in ABOUT}
    made = {name for name in constructs(raw) if Path(name).name not in ABOUT}
    assert found - made == {row["file"] for row in LISTED}
    assert len(NATIONAL) == 86


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row["file"])
def test_file_is_recognised_and_its_rows_are_accounted_for(raw: Path, row: dict[str, str]) -> None:
    choices = ReadOptions(area=row["area"], indicator=row["indicator"], strict=False)
    if row["refusal"]:
        with pytest.raises(DivideError) as caught:
            readers.read(str(raw / row["file"]), "real", choices)
        assert caught.value.subject == row["refusal"]
        return
    read = readers.read(str(raw / row["file"]), "real", choices)
    (reading,) = read.readings
    ignored, refused = (sum(pile.rows for pile in piles) for piles in (reading.ignored, reading.refused))
    found = {"dataflow": reading.dataflow, "rows": reading.rows, "used": reading.used}
    found |= {"ignored": ignored, "refused": refused, "refusal": ""}
    assert {name: str(value) for name, value in found.items()} == {name: row[name] for name in found}
    assert reading.rows == reading.used + ignored + refused
    assert isinstance(read, Memberships) or reading.used == len(read.frame)


def test_at_most_five_national_files_end_in_a_refusal() -> None:
    assert sum(bool(row["refusal"]) or row["used"] == "0" for row in NATIONAL) <= 5


def test_only_national_files_need_an_option() -> None:
    assert not [row["file"] for row in LISTED if row not in NATIONAL and (row["area"] or row["indicator"])]


def test_constructs_are_refused(raw: Path) -> None:
    for name in constructs(raw):
        if name.endswith(".md"):
            continue
        try:
            (reading,) = readers.read(str(raw / name), "real", ReadOptions(strict=False)).readings
            outcome = [(pile.code, reading.used) for pile in reading.refused]
        except DivideError as error:
            outcome = [(error.code, 0)]
        assert outcome in ([("dataflow_not_recognised", 0)], [("series_unknown", 0)]), name


def rows_of(path: Path, delimiter: str, encoding: str) -> int:
    text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    return sum(1 for record in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if record) - 1


@pytest.mark.parametrize("row", [row for row in LISTED if row["file"].endswith(".csv")], ids=lambda row: row["file"])
def test_rows_of_long_files_are_those_that_the_csv_module_counts(raw: Path, row: dict[str, str]) -> None:
    """The readers did not invent the numbers above."""
    choices = ReadOptions(area=row["area"], indicator=row["indicator"], strict=False)
    if row["refusal"] or row["dataflow"] in ("worldbank_indicator", "un_m49_csv", "open_sdg_wide"):
        pytest.skip("no row is read, or one cell is one row")
    (reading,) = readers.read(str(raw / row["file"]), "real", choices).readings
    assert rows_of(raw / row["file"], reading.file.delimiter, reading.file.encoding) == int(row["rows"])
