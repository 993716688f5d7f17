"""The World Bank's bulk file: a thousand series for each economy, of which the catalogue knows a few."""

from collections.abc import Callable
from pathlib import Path

import pytest

from divide_cli.api import validate
from divide_cli.readers import Observations, ReadOptions, read
from divide_cli.readers.mapping import numbers

YEARS = range(2015, 2021)
KNOWN = {"IT.NET.USER.ZS": 40.0, "IT.MLT.MAIN.P2": 5.0}
UNKNOWN = [f"AG.LND.{number:04d}.ZS" for number in range(30)]
ECONOMIES = ("ABW", "KEN", "LUX", "UGA")


def row(economy: str, series: str, cells: list[str]) -> str:
    """A line of the file, with the comma at its end that the World Bank writes."""
    return ",".join(f'"{text}"' for text in (f"Name of {economy}", economy, f"About {series}", series, *cells)) + ","


LAYOUTS = {
    "WDICSV.csv": ("Country Name,Country Code,Indicator Name,Indicator Code", "{}"),
    "databank.csv": ("Country Name,Country Code,Series Name,Series Code", "{0} [YR{0}]"),
}
"""Name of the file -> its first columns, and a year as its header writes it."""


@pytest.fixture
def bulk(tmp_path: Path) -> Callable[..., str]:
    """`bulk(cell)` -> a file whose unknown series have `cell(year)` as their values; without them if it is None.

    Values of known series rise by one a year, and the first year is empty.
    """

    def make(cell: Callable[[int], str] | None, name: str = "WDICSV.csv") -> str:
        first, year_name = LAYOUTS[name]
        lines = [f"{first},{','.join(map(year_name.format, YEARS))},"]
        for economy in ECONOMIES:
            if cell:
                lines += [row(economy, series, [cell(year) for year in YEARS]) for series in UNKNOWN]
            for series, value in KNOWN.items():
                lines.append(row(economy, series, ["", *(f"{value + year - 2015}" for year in YEARS[1:])]))
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    return make


def of_file(path: str, **options: bool) -> Observations:
    content = read(path, "", ReadOptions(strict=False, **options))
    assert isinstance(content, Observations)
    return content


@pytest.mark.parametrize(
    ("cell", "empty", "missing"),
    [
        (lambda year: f"{year}.25", 0, 0),
        (lambda year: "" if year < 2017 else f"{year}", 2, 0),
        (lambda year: ".." if year == 2015 else "1,234,567.8", 0, 1),
        (lambda year: "about a third", 0, 0),
    ],
    ids=["values", "empty", "missing", "words"],
)
@pytest.mark.parametrize("name", LAYOUTS)
def test_unknown_series_change_no_figure_and_every_cell_is_counted(bulk, name, cell, empty, missing):
    """30 unknown series and 2 known ones of 4 economies in 6 years: 768 cells, and the frame of the 40 known values.

    Of each series of the catalogue one cell is empty (8); of each unknown one, as many as `cell` leaves out.
    """
    empty, missing = (empty, missing) if name == "databank.csv" else (empty, 0)  # .. is a marker of DataBank only
    alone = of_file(bulk(None, name)).frame
    content = of_file(bulk(cell, name))
    (reading,) = content.readings
    columns = ["REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"]
    assert content.frame[columns].astype(str).to_dict("records") == alone[columns].astype(str).to_dict("records")
    assert (reading.rows, reading.used) == (768, 40)
    ignored = {part.code: part.rows for part in reading.ignored}
    assert ignored == {
        code: rows for code, rows in {"cell_empty": 8 + 120 * empty, "value_absent": 120 * missing}.items() if rows
    }
    (refused,) = reading.refused
    assert (refused.code, refused.rows) == ("series_unknown", 120 * (6 - empty - missing))
    assert refused.lines[0] == 2 and "29 more series" in refused.reason


def test_values_of_unknown_series_are_not_read(bulk, monkeypatch):
    """The texts that become numbers are those of known series: 6 of each, and the marker of all others."""
    seen: list[int] = []
    figures = numbers.figures

    def counted(column, *rest):
        seen.append(len(column.values))
        return figures(column, *rest)

    monkeypatch.setattr(numbers, "figures", counted)
    of_file(bulk(lambda year: f"{year * 1.37}"))
    assert seen and max(seen) <= 6 * len(KNOWN) + 4


def test_one_warning_counts_the_unknown_series(bulk):
    report, _ = validate([bulk(lambda year: f"{year}.25")])
    found = {tally.rule: (tally.severity, tally.count) for tally in report.summary if tally.severity != "note"}
    assert found.pop("series_unknown") == ("warning", 1)
    assert not [rule for rule, (severity, _) in found.items() if severity == "error"]
    (finding,) = [one for one in report.findings if one.rule == "series_unknown"]
    assert "29 more series" in finding.message
