"""For each code of messages.yaml a small input or call that gives its message. `CASES` has all of them.

A case works in an empty folder, the working directory, and raises the error; a case of a row that is ignored returns
the code and the reason with which the row is recorded.
"""

import gzip
import os
import re
import sys
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import narwhals as nw
import pandas as pd
import pytest
import yaml

import divide_cli
from divide_cli import cli, readers
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.codelists import codelist
from divide_cli.catalogue.labels import read_labels
from divide_cli.catalogue.load import Catalogue, data_dir, edition_from
from divide_cli.catalogue.user_yaml import rules_from
from divide_cli.claims import claims_file, documents, lock
from divide_cli.cli import _command, process
from divide_cli.errors import DivideError
from divide_cli.frames import room
from divide_cli.frames.schema import conform
from divide_cli.readers import ReadOptions
from divide_cli.readers.opening import container, grids
from divide_cli.readers.structure import structure
from divide_cli.reports import spreadsheet
from divide_cli.reports.charts import economies
from divide_cli.reports.excerpts import reread
from divide_cli.reports.progress import Bar
from divide_cli.sources import editions
from divide_cli.sources.fetch import fetch
from divide_cli.sources.fetch.store import locked
from divide_cli.sources.groupings import read_list
from divide_cli.survey import engines
from divide_cli.survey.design_file import read_design
from divide_cli.survey.example import write_example
from divide_cli.survey.microdata import open_microdata
from divide_cli.survey.variables import needed, prepare
from divide_cli.validation.report import Input, Report
from divide_cli.validation.rules import patterns
from tests.claims.conftest import claim
from tests.fetch.provider import Fault, Provider, fast, other, status
from tests.hostile.makers import BOMBS, GOOD, HEADER, MADE, ROW
from tests.sources import make_workbooks
from tests.survey.by_hand import estimated, prepared, shares

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests" / "sources"
DAY = date(2026, 11, 24)
SDG = "17-8-1.csv"
Ignored = tuple[str, str]
"""Code and reason of a row that is ignored."""


@dataclass(frozen=True)
class Bench:
    """What the cases work with, in an empty working directory."""

    patch: pytest.MonkeyPatch

    def limit(self, place: Any, most: int, only: str = "") -> None:
        """Lets each limit that the module asks for, or only one of them, be lower than that of the catalogue."""
        known = container.most
        self.patch.setattr(place, "most", lambda name: most if only in ("", name) else known(name))

    def write(self, name: str, content: str | bytes) -> str:
        """Writes a file, and gives its name."""
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def read(self, content: str | bytes, name: str = "figures.csv", **options: Any) -> readers.FileReading:
        """Reads a file of that content and name."""
        return readers.read(self.write(name, content), "", ReadOptions(**options))

    def ignored(self, content: str | bytes, name: str = "figures.csv", **options: Any) -> Ignored:
        """The first rows that are ignored in a file of that content and name."""
        first = self.read(content, name, **options).readings[0].ignored[0]
        return first.code, first.reason

    def rows(self, *rows: str, columns: str = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE") -> str:
        """A tidy table."""
        return "\n".join([columns, *rows, ""])

    def divide(self, *words: str) -> None:
        """Runs a command."""
        self.patch.setattr(sys, "argv", ["divide", *words])
        _command(list(words))

    def fails_with(self, error: Exception) -> None:
        """Runs a command in which a library raises the error."""

        def fail(words: object) -> None:
            raise error

        def raised(error: DivideError) -> None:
            raise error

        self.patch.setattr(cli, "_command", fail)
        self.patch.setattr(cli, "_fail", raised)
        cli.run()

    def compute(self, *rows: str, columns: str = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE") -> None:
        """Computes with a tidy table."""
        self.divide("compute", self.write("figures.csv", self.rows(*rows, columns=columns)), "--no-write")

    def catalogue(self, content: str, name: str = "gaps") -> Mapping[str, Any]:
        """The entries of a kind in a catalogue of one file."""
        self.write(f"data/catalogue/{name}.yaml", content)
        return getattr(Catalogue(Path("data")), name)  # type: ignore[no-any-return]

    def rule(self, **keys: Any) -> None:
        """Takes a rule of the user's, in which these keys are others."""
        entry = {
            "name": "A jump", "kind": "jump", "severity": "note", "message": "{key}", "hint": "Check.", "reason": "R.",
            "source": "here", "parameters": {"relative": 0.5},
        }  # fmt: skip
        rules_from(Path(self.write("rules.yaml", yaml.safe_dump({"mine": {**entry, **keys}}))))

    def survey(
        self, *rows: str, persons: str = "", place: int = -1, columns: str = "w,sex,age,net,id", **keys: Any
    ) -> Ignored:
        """Prepares records with a design in which these keys are others; code and text of a note."""
        design = {
            "survey": {"name": "Test"}, "area": "TUN", "year": 2024, "weight": "w", **keys,
            "breakdowns": keys.get("breakdowns", {"SEX": {"variable": "sex", "codes": {1: "M", 2: "F"}}}),
            "indicators": keys.get("indicators", {"internet_use": {"variable": "net", "yes": [1], "no": [2]}}),
        }  # fmt: skip
        read = read_design(Path(self.write("design.yaml", yaml.safe_dump(design))))
        data = open_microdata(Path(self.write("data.csv", self.rows(*rows, columns=columns))), needed(read))
        roster = open_microdata(Path(self.write("roster.csv", persons)), needed(read)) if persons else None
        notes = [note for one in prepare(data, read, roster=roster) for note in one.notes]
        return notes[place].code, notes[place].text

    def claims(self, *claims: Mapping[str, Any], name: str = "report.yaml", **content: Any) -> Path:
        """A claims file."""
        publication = {"id": "report", "title": "A report", "date": "2026-01-01", "citation": "A report, 2026"}
        text = yaml.safe_dump({"publication": publication, "claims": list(claims), **content}, sort_keys=False)
        return Path(self.write(name, text))

    def configured(self, text: str) -> None:
        """Runs a command of a project with this configuration."""
        self.write("divide.toml", text)
        self.divide("validate")

    def marked(self, text: str) -> None:
        """Loads a text with a mark."""
        documents.load(Path(self.write("report.md", text)))

    def claim(self, **keys: Any) -> None:
        """Loads a claims file with one claim, in which these keys are others."""
        claims_file.load(self.claims(claim(**keys)))

    def selector(self, **keys: Any) -> None:
        """Loads a claims file with one claim, of whose selector these keys are others."""
        plain = {"indicator": "internet_use", "area": "WLD", "year": 2025, **keys}
        self.claim(selector={name: value for name, value in plain.items() if value is not None or name == "year"})

    def waiver(self, content: str) -> None:
        """Validates a file with these waivers."""
        self.divide("validate", self.write("figures.csv", GOOD), "--waivers", self.write("waivers.yaml", content))

    def groups(self, content: str) -> None:
        """Reads a list of area groups."""
        read_list(Path(self.write("groups.csv", content)))

    def book(self, name: str, sheets: Any) -> str:
        """Writes a workbook of these sheets, and gives its name."""
        make_workbooks.write(Path(name), sheets)
        return name

    def workbook(self, specimen: str, lines: int, other: Mapping[str, str] = MappingProxyType({})) -> None:
        """Reads the first lines of each sheet of a specimen, with other names of columns."""
        sheets = make_workbooks.WORKBOOKS[specimen].items()
        cut = {sheet: [[other.get(cell, cell) for cell in row] for row in rows[:lines]] for sheet, rows in sheets}
        readers.read(self.book("figures.xlsx", cut))

    def fetch(self, service: str = "itu", *, fault: Fault | None = None, url: str = "") -> None:
        """Fetches an indicator from a service on this machine."""
        with Provider() as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
            thread.start()
            server.faults |= {number: fault for number in range(1, 9) if fault}
            try:
                self.fetch_from(service, url or server.url)
            finally:
                server.shutdown()

    def fetched(self, stray: str) -> None:
        """Fetches an edition twice, with another file in its folder the second time."""
        self.fetch()
        self.write(f"editions/itu_datahub_2026_11_24/{stray}", "")
        self.fetch()

    def fetch_from(self, service: str, url: str) -> None:
        """Fetches an indicator from a service at the address."""
        fetch(["internet_use"], fast(service), Path("editions"), DAY, Bar(), base_url=url)


Case = Callable[[Bench], object]
CASES: dict[str, Case] = {}


def case(given: Case) -> Case:
    """The case of the code that the function is named after."""
    CASES[given.__name__.strip("_")] = given
    return given


# --- catalogue
GAP = "internet_use_sex: {{indicator: internet_use, comparison: sex, cited: {cited}, shown: [ratio]}}\n"
CASES |= {
    "catalogue_file_not_yaml": lambda bench: bench.catalogue("internet_use_sex: [\n"),
    "catalogue_file_unreadable": lambda bench: Catalogue(Path("data")).gaps,
    "codelist_unreadable": lambda bench: codelist("CL_COLOUR"),
    "labels_unreadable": lambda bench: read_labels("colours"),
    "entry_keys_wrong": lambda bench: bench.catalogue("PT: {name: Percentage, colour: red}\n", "units"),
    "key_type_wrong": lambda bench: bench.catalogue(GAP.format(cited="many")),
    "rule_entry_wrong": lambda bench: bench.rule(parameters={"of": "colour", "many": 4, "share": 0.33}),
    "rule_kind_unknown": lambda bench: bench.rule(kind="leap"),
    "rules_file_malformed": lambda bench: rules_from(Path(bench.write("rules.yaml", "- a rule\n"))),
    "severity_unknown": lambda bench: bench.rule(severity="grave"),
    "user_yaml_unreadable": lambda bench: rules_from(Path("rules.yaml")),
}


@case
def entry_id_duplicate(bench: Bench) -> None:
    for name in "ab":
        bench.write(f"data/catalogue/gaps/{name}.yaml", GAP.format(cited="[16]"))
    _ = Catalogue(Path("data")).gaps


@case
def role_unknown(bench: Bench) -> None:
    origin = (data_dir() / "sources" / "wdi_2026_08" / "origin.yaml").read_text(encoding="utf-8")
    bench.write("mine/origin.yaml", origin.replace("role: country", "role: region"))
    edition_from(Path("mine"))


# --- frames
def _no_room(bench: Bench) -> None:
    bench.patch.setattr(room, "SMALL", 0)
    bench.patch.setattr(room.tempfile, "TemporaryFile", _full)
    bench.divide("compute", bench.write("a.csv", GOOD), "--memory", "1kB", "--no-write")


CASES |= {
    "columns_no_room": _no_room,
    "key_duplicate": lambda bench: bench.compute("KEN,internet_use,2020,40", "KEN,internet_use,2020,41"),
    "output_is_folder": lambda bench: bench.divide("rules", "--out", "."),
    "unit_contradicts_indicator": lambda bench: bench.compute(
        "KEN,internet_use,2020,40,PP", columns="REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE"
    ),
    "value_out_of_range": lambda bench: bench.compute("KEN,internet_use,2020,140"),
    "year_out_of_range": lambda bench: bench.compute("KEN,internet_use,1066,40"),
}


@case
def output_unwritable(bench: Bench) -> None:
    bench.divide("rules", "--out", bench.write("taken", "") + "/rules.txt")


@case
def value_not_allowed(bench: Bench) -> None:
    frame = bench.read(GOOD).frame
    conform(frame.assign(SEX=frame["SEX"].cat.rename_categories({"_T": "_U"})))


# --- readers: opening
CASES |= {
    "answer_empty": lambda bench: bench.read("[]", "answer.json"),
    "archive_bomb": lambda bench: readers.read(str(BOMBS["a zip of gigabytes of zeros"](Path()))),
    "archive_damaged": lambda bench: readers.read(str(MADE["a gzip cut off"](Path()))),
    "archive_files_ambiguous": lambda bench: readers.read(_archive("a.csv", "b.csv")),
    "archive_files_missing": lambda bench: readers.read(_archive()),
    "archive_method_unsupported": lambda bench: readers.read(str(BOMBS["a zip packed with bzip2"](Path()))),
    "archive_nested": lambda bench: readers.read(str(BOMBS["a zip in a zip"](Path()))),
    "archive_too_many_files": lambda bench: readers.read(str(BOMBS["a zip of tens of thousands of files"](Path()))),
    "csv_unparsable": lambda bench: grids(
        bench.write("figures.csv", HEADER + "KAZ,internet_use,_T,2020,85.5,a\rb\n"), {}
    ),
    "encoding_damaged": lambda bench: bench.read(GOOD.encode("utf-16")[:-1]),
    "encoding_unknown": lambda bench: bench.read(GOOD, encoding="klingon"),
    "encoding_unknown_bytes": lambda bench: bench.read(GOOD.encode() + b"KEN,\xc3\xa9\xe9,_T,2020,1,\n"),
    "file_empty": lambda bench: bench.read(""),
    "file_is_web_page": lambda bench: bench.read("<!DOCTYPE html>\n<html><body>503</body></html>\n"),
    "file_not_table": lambda bench: bench.read(b'CHARSET="ANSI";\nAXIS-VERSION="2010";\n'),
    "file_not_text": lambda bench: bench.read(b"\x89PNG\r\n\x1a\n"),
    "file_unopenable": lambda bench: readers.read("figures.csv"),
    "json_too_large": lambda bench: readers.read(str(BOMBS["JSON of millions of empty lists"](Path()))),
    "json_malformed": lambda bench: readers.read(str(MADE["JSON cut off"](Path()))),
    "nul_byte": lambda bench: bench.read(GOOD.encode() + b"KEN,\0\n"),
    "parquet_unreadable": lambda bench: readers.read(str(MADE["no Parquet behind its mark"](Path()))),
    "path_is_device": lambda bench: readers.read("/dev/null"),
    "path_is_directory": lambda bench: readers.read("."),
    "quotes_unpaired": lambda bench: bench.read(GOOD + '"KEN,internet_use,_T,2021,86.1,\n'),
    "row_too_long": lambda bench: bench.read(GOOD + "x" * 1_000_001 + "\n"),
    "structure_too_large": lambda bench: structure(Path(bench.write("dsd.json", "[" + " " * 20_000_001 + "]"))),
    "structure_unclear": lambda bench: structure(Path(bench.write("schema.json", '{"fields": [{"name": "SEX"}]}'))),
    "structure_unreadable": lambda bench: structure(Path(bench.write("dsd.xml", "<Structure>"))),
    "table_too_wide": lambda bench: readers.read(str(BOMBS["a header of a hundred thousand columns"](Path()))),
    "workbook_too_large": lambda bench: readers.read(str(BOMBS["a workbook with two cells far apart"](Path()))),
    "workbook_unreadable": lambda bench: readers.read(str(MADE["a workbook whose XML is broken"](Path()))),
}


def _archive(*names: str) -> str:
    with zipfile.ZipFile("figures.zip", "w") as archive:
        archive.writestr("folder/", "")
        for name in names:
            archive.writestr(name, GOOD)
    return "figures.zip"


@case
def excel_extra_missing(bench: Bench) -> None:
    bench.patch.setitem(sys.modules, "xlsxwriter.workbook", None)
    bench.divide("template", "internet_use", "--out", "template.xlsx")


@case
def sheet_too_long(bench: Bench) -> None:
    bench.patch.setattr(spreadsheet, "ROWS", 100)
    bench.divide("compute", "--format", "xlsx", "--out", "gaps.xlsx")


@case
def cell_too_long(bench: Bench) -> None:
    bench.patch.setattr(spreadsheet, "CHARACTERS", 100)
    bench.divide("compute", "--format", "xlsx", "--out", "gaps.xlsx")


@case
def charts_need_extra(bench: Bench) -> None:
    bench.patch.setitem(sys.modules, "vl_convert", None)
    bench.divide("chart", "targets")


@case
def tiles_unreadable(bench: Bench) -> None:
    bench.patch.setattr(economies, "data_dir", lambda: Path("data"))
    economies.places.__wrapped__()


@case
def file_too_large(bench: Bench) -> None:
    bench.limit(container, 100, "unpacked_bytes")
    bench.read(gzip.compress(GOOD.encode() * 9), "figures.csv.gz")


@case
def parquet_too_large(bench: Bench) -> None:
    import pyarrow as pa

    _parquet("figures.parquet", **dict.fromkeys(map("c{}".format, range(28)), pa.nulls(10_000_000)))


@case
def pipe_silent(bench: Bench) -> None:
    os.mkfifo("figures.pipe")
    bench.limit(container, 0, "pipe_seconds")
    readers.read("figures.pipe")


@case
def unpacking_no_room(bench: Bench) -> None:
    bench.limit(container, 100, "bytes_in_memory")
    bench.patch.setattr(container.tempfile, "NamedTemporaryFile", _full)
    bench.read(gzip.compress(GOOD.encode() * 9), "figures.csv.gz")


def _full(**_: object) -> None:
    raise OSError(28, "No space left on device")


# --- readers: recognition and layouts
BANK = "Country Name,Country Code,Indicator Name,Indicator Code,2023\n"
CLASSES = {
    "List of economies": [["Economy", "Code", "Region", "Income group"], ["Kenya", "KEN", "Africa", "Low income"]]
}
CASES |= {
    "area_beside_countries": lambda bench: bench.read(
        "Country,Year,Value\nKenya,2020,40\nUganda,2020,20\n", SDG, area="KEN"
    ),
    "area_name_unknown": lambda bench: bench.read("Country,Year,Value\nKenya,2020,40\nKenia,2021,41\n", SDG),
    "area_missing": lambda bench: bench.divide("compute", bench.write(SDG, "Year,Value\n2020,40\n"), "--no-write"),
    "column_duplicate": lambda bench: bench.read(GOOD.replace("SEX", "REF_AREA", 1)),
    "column_role_fixed": lambda bench: bench.read(GOOD, attributes=("SEX",)),
    "column_unknown": lambda bench: bench.read(GOOD, dimensions=("WEALTH",)),
    "counts_under_number": lambda bench: bench.read(
        "Year,Beruf,Value\n2020,Pflege,2943\n2020,Medizin,4008\n2020,Technik,97\n", "indicator_4-4-1.csv", area="DEU"
    ),
    "dataflow_not_recognised": lambda bench: bench.read(
        "REF_AREA,INDICATOR,PERIOD,OBS_VALUE\nKEN,internet_use,2020,40\n"
    ),
    "dataflow_unknown": lambda bench: bench.read(GOOD, dataflow="sdmx_tidi"),
    "indicator_missing": lambda bench: bench.read("Country Code,Year,Value\nKEN,2020,40\n", selecting=True),
    "indicator_unknown": lambda bench: bench.read("Year,Value\n2020,40\n", SDG, area="KEN", indicator="internet_us"),
    "memberships_not_observations": lambda bench: readers.load(bench.book("CLASS_FY26.xlsx", CLASSES), "2026"),
    "fiscal_year_missing": lambda bench: readers.read(bench.book("classes.xlsx", CLASSES)),
    "group_unknown": lambda bench: readers.read(
        bench.book("CLASS_FY26.xlsx", {"List": [CLASSES["List of economies"][0], ["Kenya", "KEN", "Africa", "Low"]]})
    ),
    "rows_missing": lambda bench: bench.read(HEADER),
    "row_ragged": lambda bench: bench.read(GOOD + "KEN,internet_use\n"),
    "row_only_text": lambda bench: bench.read(GOOD + "Source: a survey\n"),
    "row_trailing_cells": lambda bench: bench.read(GOOD + ROW.strip() + ",,\n"),
    "header_repeated": lambda bench: bench.read(GOOD + GOOD),
    "sheet_unknown": lambda bench: readers.read(
        str(SOURCES / "itu_price_baskets_xlsx" / "unknown_sheet_code_area_and_unit.xlsx")
    ),
    "sheets_ambiguous": lambda bench: readers.read(
        bench.book("figures.xlsx", {name: [row.split(",") for row in GOOD.split()] for name in ("2023", "2024")})
    ),
}

# --- readers: rows
LONG = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,"
EUROSTAT = "freq,indic_is,unit,ind_type,geo\\TIME_PERIOD\t2023 \n"
CASES |= {
    "amount_not_a_number": lambda bench: bench.read(
        bench.rows("KEN,internet_use,2020,40,few", columns=LONG + "STD_ERR")
    ),
    "attribute_value_unsupported": lambda bench: bench.read(
        bench.rows("KEN,internet_use,2020,40,Q", columns=LONG + "FREQ")
    ),
    "breakdown_missing": lambda bench: bench.read(
        bench.rows("KEN,internet_use,2020,40,Q1", "KEN,internet_use,2020,41,", columns=LONG + "EDUCATION")
    ),
    "cell_empty": lambda bench: bench.ignored(
        BANK + "Kenya,KEN,Users,IT.NET.USER.ZS,\nKenya,KEN,Users,IT.NET.USER.ZS,4\n"
    ),
    "code_unknown": lambda bench: bench.read(bench.rows("KNE,internet_use,2020,40", "KNE,internet_use,2021,41")),
    "codes_contradict": lambda bench: bench.read("Year,Sex,Gender,Value\n2020,Male,Female,40\n", SDG, area="KEN"),
    "decimals_malformed": lambda bench: bench.read(
        bench.rows("KEN,internet_use,2020,40,half", columns=LONG + "DECIMALS")
    ),
    "document_unsupported": lambda bench: _parquet("17-8-1.parquet", Year=[2020], Value=[40.0]),
    "flag_unknown": lambda bench: bench.read(EUROSTAT + "A,I_IU3,PC_IND,IND_TOTAL,EL\t60 k\n", "isoc.tsv"),
    "label_unknown": lambda bench: bench.read("Year,Sex,Value\n2020,Femmale,40\n", SDG, area="KEN"),
    "no_data_yet": lambda bench: bench.ignored(
        "Year,Value\nThere is no data for this indicator,\n2020,40\n", SDG, area="KEN"
    ),
    "not_a_figure": lambda bench: bench.ignored(
        BANK + "Arab World,ARB,Users,IT.NET.USER.ZS,4\nKenya,KEN,Users,IT.NET.USER.ZS,4\n"
    ),
    "percent_sign_unexpected": lambda bench: bench.read(bench.rows("KEN,population,2020,50%")),
    "pattern_too_slow": lambda bench: patterns.searched("(a+)+$", ["a" * 40 + "!"]),
    "period_not_a_year": lambda bench: bench.read(bench.rows("KEN,internet_use,2020-Q1,40")),
    "group_of_economies": lambda bench: bench.ignored(bench.rows("KEN,internet_use,2020,1", "EUU,internet_use,2020,2")),
    "row_empty": lambda bench: bench.ignored(GOOD + ",,,,,\n"),
    "row_not_filled_in": lambda bench: bench.ignored(GOOD + "KAZ,internet_use,F,,,\n"),
    "rows_lost": lambda bench: bench.read(GOOD + ROW.replace("2020", "2021").replace("\n", "\r") + ROW),
    "series_and_value_missing": lambda bench: bench.ignored(
        "Year,Series,Value\n2020,,\n2020,coverage_3g,40\n", "9-c-1.csv", area="KEN"
    ),
    "series_missing": lambda bench: bench.read(
        "Year,Series,Value\n2020,,40\n2020,coverage_3g,40\n", "9-c-1.csv", area="KEN"
    ),
    "series_of_file_unknown": lambda bench: bench.read("Country Code,Year,Value\nKEN,2020,40\n", "IT.NET.USER.XX.csv"),
    "series_unknown": lambda bench: bench.read("Year,Series,Value\n2020,Internet abuse,40\n", SDG, area="KEN"),
    "parent_series_differs": lambda bench: bench.read(
        '"seriesID","seriesCode","seriesName","seriesParent","seriesUnits","entityID","entityIso","entityName",'
        '"dataValue","dataYear","dataNote","dataSource","seriesDescription"\n'
        '1,"HHU781l_HHCFemale","Female","i99H","%",4,"KEN","Kenya","15.4",2000,"","NSO","text"\n'
    ),
    "sheet_columns_missing": lambda bench: bench.workbook(
        "itu_price_baskets_xlsx/every_shape.xlsx", 9, {"IsoCode": "ISO"}
    ),
    "unit_not_of_indicator": lambda bench: bench.read("Year,Units,Value\n2020,Number,40\n", SDG, area="KEN"),
    "value_absent": lambda bench: bench.ignored(EUROSTAT + "A,I_IU3,PC_IND,IND_TOTAL,EL\t: \n", "isoc.tsv"),
    "value_columns_missing": lambda bench: bench.read("Year,Sex\n2020,Male\n", "5-b-1.csv", area="USA"),
    "separator_unclear": lambda bench: bench.read(
        "REF_AREA;INDICATOR;TIME_PERIOD;OBS_VALUE\nKEN;population;2020;345,427\nUGA;population;2020;10\n"
    ),
    "value_marked": lambda bench: bench.read(bench.rows("KEN,internet_use,2020,45.3*")),
    "value_not_a_number": lambda bench: bench.read(bench.rows("KEN,internet_use,2020,9O.1")),
    "value_outside_blocks": lambda bench: readers.read(
        str(SOURCES / "itu_aggregates_xlsx" / "unknown_head_area_and_stray_value.xlsx")
    ),
    "block_unclear": lambda bench: readers.read(
        bench.book(
            "aggregates.xlsx",
            {
                "By BDT region": [
                    ["Individuals using the Internet", "Millions", 7, None, "Percentage"],
                    [None, 2024, 2025, None, 2024, 2025],
                    ["World", 5501, 5703, None, 68, 70],
                ],
                "By urban-rural area": [["Key ICT indicators"]],
            },
        )
    ),
    "list_column_missing": lambda bench: readers.read(
        bench.book(
            "OGHIST.xlsx",
            {"Country Analytical History": [[None, None, "Bank's fiscal year:", "FY98"], [None, "KEN", "Kenya", "L"]]},
        )
    ),
    "workbook_list_missing": lambda bench: readers.read(
        bench.book("CLASS_FY26.xlsx", {"Notes": CLASSES["List of economies"]})
    ),
    "workbook_values_missing": lambda bench: bench.workbook("itu_aggregates_xlsx/five_sheets.xlsx", 2),
    "value_column_not_numeric": lambda bench: _parquet(
        "figures.parquet", REF_AREA=["KEN"], INDICATOR=["internet_use"], TIME_PERIOD=[2020], OBS_VALUE=["many"]
    ),
    "text_column_not_text": lambda bench: readers.read(str(MADE["a Parquet file with lists for texts"](Path()))),
}


@case
def dataflow_ambiguous(bench: Bench) -> None:
    both = ("un_m49_csv", "eurostat_sdmx_csv")
    header = [name for flow in both for name in catalogue().dataflows[flow].header]
    bench.read(",".join(header) + "\n" + "," * (len(header) - 1) + "\n")


def _parquet(path: str, **columns: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path)
    readers.read(path)


# --- sources
CASES |= {
    "date_malformed": lambda bench: bench.groups("REF_AREA,GROUP,valid_from\nFRA,G2,1 July\n"),
    "edition_holds_other_files": lambda bench: bench.fetched("notes.txt"),
    "edition_place_taken": lambda bench: (bench.write("editions/itu_datahub_2026_11_24/notes.txt", ""), bench.fetch()),
    "edition_unknown": lambda bench: bench.divide("compute", "--edition", "wdi_2026_8"),
    "edition_unwritable": lambda bench: (bench.write("editions", ""), bench.fetch()),
    "fetch_failed": lambda bench: bench.fetch(fault=other(b"<title>Sign in</title>")),
    "fiscal_year_malformed": lambda bench: bench.divide("compute", "--income-fy", "soon"),
    "fiscal_year_unknown": lambda bench: bench.divide("compute", "--income-fy", "FY77"),
    "group_code_is_economy": lambda bench: bench.groups("REF_AREA,GROUP\nFRA,USA\n"),
    "group_code_missing": lambda bench: bench.groups("REF_AREA,GROUP\nFRA,\n"),
    "income_groups_by_fiscal_year": lambda bench: bench.divide("compute", "--groups", "income_group_oghist"),
    "indicator_not_published": lambda bench: bench.divide("fetch", "population"),
    "indicator_published_nowhere": lambda bench: bench.divide("fetch", "smartphone_use"),
    "membership_list_incomplete": lambda bench: bench.groups("area,group\nFRA,G2\n"),
    "membership_list_unreadable": lambda bench: read_list(Path("groups.csv")),
    "population_file_other_indicator": lambda bench: bench.divide(
        "compute", "--no-write", "--population", bench.write("persons.csv", bench.rows("KEN,internet_use,2020,40"))
    ),
    "service_failing": lambda bench: bench.fetch(fault=status(503)),
    "service_unreachable": lambda bench: bench.fetch(url="http://127.0.0.1:9"),
    "source_unknown": lambda bench: bench.divide("fetch", "internet_use", "--source", "oecd"),
    "url_unsupported": lambda bench: bench.divide("fetch", "internet_use", "--base-url", "ftp://here"),
}


def _of_edition(bench: Bench, change: Callable[[str], str], *files: str) -> None:
    """Loads an edition of one's own with another origin.yaml, or with further files."""
    source = data_dir() / "sources" / "wdi_by_sex_2019_2023"
    origin = (source / "origin.yaml").read_text(encoding="utf-8").replace("id: wdi_by_sex_2019_2023", "id: mine")
    bench.write("editions/mine/origin.yaml", change(origin))
    for name in files:
        bench.write(f"editions/mine/{name}", bench.rows("KEN,internet_use,2020,40"))
    bench.patch.setenv("DIVIDE_EDITIONS", "editions")
    editions.editions.cache_clear()
    try:
        editions.load("mine")
    finally:
        editions.editions.cache_clear()


def _without_files(origin: str) -> str:
    return re.sub(r"(?m)^files:\n(?:  .*\n)+", "", origin)


CASES |= {
    "edition_file_changed": lambda bench: _of_edition(bench, str, "observations.csv"),
    "edition_file_lost": lambda bench: _of_edition(bench, str),
    "edition_file_missing": lambda bench: _of_edition(bench, _without_files),
    "edition_file_unnamed": lambda bench: _of_edition(bench, _without_files, "observations.csv"),
    "origin_malformed": lambda bench: _of_edition(bench, lambda origin: "- an edition\n"),
}


@case
def edition_locked(bench: Bench) -> None:
    Path("editions").mkdir()
    with locked(Path("editions") / ".itu_datahub_2026_11_24.partial"):
        bench.fetch()


@case
def network_settings_unusable(bench: Bench) -> None:
    bench.patch.setenv("HTTPS_PROXY", "socks9://127.0.0.1:1")
    bench.fetch()


# --- analysis
def quintiles(bench: Bench) -> tuple[str, ...]:
    """The command that measures three subgroups of one economy, Q1 to Q3."""
    columns = "REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE"
    rows = bench.rows(*(f"KEN,internet_use,Q{place},2020,{place}0" for place in (1, 2, 3)), columns=columns)
    return "measure", "internet_use", bench.write("wealth.csv", rows), "--over", "WEALTH", "--area", "KEN"


def covariances(
    *rows: str, columns: str = "REF_AREA,TIME_PERIOD,SUBGROUP,OTHER_SUBGROUP,COVARIANCE"
) -> Callable[[Bench], None]:
    """Measures three subgroups, the first with a standard error of 1, with a file of covariances."""

    def run(bench: Bench) -> None:
        figures = bench.rows(
            *(f"KEN,internet_use,Q{place},2020,{place}0,{error}" for place, error in ((1, 1), (2, ""), (3, ""))),
            columns="REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,STD_ERR",
        )
        given = "--covariance", bench.write("covariance.csv", bench.rows(*rows, columns=columns))
        measure = "measure", "internet_use", bench.write("wealth.csv", figures), "--over", "WEALTH", "--area", "KEN"
        bench.divide(*measure, *given)

    return run


LEVELS = LONG + "CI_LOWER,CI_UPPER"
CASES |= {
    "covariance_columns_wrong": covariances("KEN,2020,Q1,Q2", columns="REF_AREA,TIME_PERIOD,WEALTH,WEALTH_2"),
    "covariance_contradictory": covariances("KEN,2020,Q1,Q2,0.31", "KEN,2020,Q2,Q1,0.35"),
    "covariance_contradicts_error": covariances("KEN,2020,Q1,Q1,0.0001"),
    "covariance_impossible": covariances("KEN,2020,Q1,Q1,1", "KEN,2020,Q2,Q2,1", "KEN,2020,Q1,Q2,1.2"),
    "covariance_not_a_number": covariances("KEN,2020,Q1,Q2,"),
    "covariance_of_other_indicator": covariances(
        "fixed_broadband,KEN,2020,Q1,Q2,0.3",
        columns="INDICATOR,REF_AREA,TIME_PERIOD,SUBGROUP,OTHER_SUBGROUP,COVARIANCE",
    ),
    "covariance_unknown": covariances("KEN,2020,Q1,q2,0.3"),
    "age_bands_overlap": lambda bench: bench.divide(
        "measure",
        "internet_use",
        bench.write(
            "ages.csv",
            bench.rows(
                *(f"KEN,internet_use,{age},2020,40" for age in ("Y15T24", "Y15T74")),
                columns="REF_AREA,INDICATOR,AGE,TIME_PERIOD,OBS_VALUE",
            ),
        ),
        "--over",
        "AGE",
        "--area",
        "KEN",
    ),
    "interval_not_around_value": lambda bench: bench.divide(
        "measure",
        "internet_use",
        bench.write(
            "sexes.csv",
            bench.rows(
                "KEN,internet_use,F,2020,40,41,45",
                "KEN,internet_use,M,2020,50,49,52",
                columns="REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,CI_LOWER,CI_UPPER",
            ),
        ),
        "--over",
        "SEX",
        "--area",
        "KEN",
    ),
    "diff_same_sides": lambda bench: bench.divide("diff", "wdi_2026_08"),
    "diff_side_unknown": lambda bench: bench.divide("diff", "wdi_2026_08", "wdi_2026_09"),
    "ends_malformed": lambda bench: bench.divide("diff", "wdi_2026_08", "--years", "2015"),
    "years_contradict": lambda bench: bench.divide("diff", "wdi_2026_08", "--years", "2015:2024", "--year", "2020"),
    "nothing_compared": lambda bench: bench.divide("diff", "wdi_2025_10", "wdi_2026_08", "--year", "1901"),
    "nothing_explained": lambda bench: bench.divide("explain", "internet_use", "KEN", "1950"),
    "selector_has_two_areas": lambda bench: bench.divide("explain", "internet_use", "KEN", "BRA"),
    "nothing_computed": lambda bench: bench.divide("compute", "--no-write", "--year", "1901"),
    "nothing_measured": lambda bench: bench.divide("measure", "internet_use_sex", "--area", "KEN", "--year", "1950"),
    "no_profile": lambda bench: bench.divide("profile", "XKX"),
    "no_target_assessed": lambda bench: bench.divide("targets", "--area", "KEN", "--year", "1950"),
    "order_incomplete": lambda bench: bench.divide(*quintiles(bench), "--order", "Q1,Q2"),
    "order_repeats": lambda bench: bench.divide(*quintiles(bench), "--order", "Q1,Q1,Q2,Q3"),
    "question_is_file": lambda bench: bench.divide("measure", bench.write("figures.csv", GOOD), "internet_use"),
    "reference_left_out": lambda bench: bench.divide(*quintiles(bench), "--reference", "Q3", "--without", "Q3"),
    "order_unknown": lambda bench: bench.divide(*quintiles(bench), "--order", "q1,Q2,Q3"),
    "subgroup_unknown": lambda bench: bench.divide(*quintiles(bench), "--reference", "q3"),
    "measure_not_applicable": lambda bench: bench.divide(
        "measure", "price_mobile_data", "--over", "income_group", "--measure", "odds_ratio"
    ),
    "over_contradicts_gap": lambda bench: bench.divide("measure", "internet_use_sex", "--over", "AGE"),
    "panel_empty": lambda bench: bench.divide(
        "measure",
        "internet_use",
        bench.write(
            "panel.csv",
            "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nETH,internet_use,2020,5\nDEU,internet_use,2020,90\nMOZ,internet_use,2021,6\nFRA,internet_use,2021,91\n",
        ),
        *("--over", "income_group", "--panel", "constant", "--min-coverage", "0"),
    ),
}

# --- survey
AGES = {"AGE": {"variable": "age", "bands": ["Y15T24"]}}
HOURS = {"hours": {"name": "Hours", "kind": "mean", "variable": "net"}}
OF_HOUSEHOLDS: dict[str, Any] = {"unit": "households", "roster": {"file": "roster.csv", "key": "id"}}
CASES |= {
    "design_entry_wrong": lambda bench: bench.survey(area="TUX"),
    "design_malformed": lambda bench: read_design(Path(bench.write("design.yaml", "- survey"))),
    "design_unfilled": lambda bench: bench.survey(area="?"),
    "file_is_microdata": lambda bench: bench.read("id,weight,sex,age,internet\n1,2.5,1,30,1\n"),
    "microdata_unreadable": lambda bench: open_microdata(Path("data.csv"), ()),
    "survey_age_impossible": lambda bench: bench.survey("1,1,998,1,1", breakdowns=AGES),
    "survey_age_outside": lambda bench: bench.survey("1,1,20,1,1", "1,1,60,1,2", breakdowns=AGES),
    "survey_amount_negative": lambda bench: bench.survey("1,1,1,-1,1", "1,2,1,1,2", indicators=HOURS),
    "survey_answers_counted": lambda bench: bench.survey("1,1,1,,1", "1,2,1,1,2", missing="no"),
    "survey_answers_excluded": lambda bench: bench.survey("1,1,1,,1", "1,2,1,1,2"),
    "survey_breakdown_unknown": lambda bench: bench.survey("1,1,1,1,1", "1,2,1,1,2", "1,,1,1,3"),
    "survey_domain_empty": lambda bench: bench.survey("1,1,1,1,1"),
    "survey_example_unwritable": lambda bench: write_example(Path(bench.write("design.yaml", "")).parent),
    "survey_household_missing": lambda bench: bench.survey("1,1,1,1,1", persons="id,net\n7,1\n1,1\n", **OF_HOUSEHOLDS),
    "survey_id_duplicate": lambda bench: bench.survey("1,1,1,1,1", "1,2,1,1,1", id="id"),
    "survey_population_varies": lambda bench: bench.survey("1,1,1,1,1", "1,2,2,1,2", populations="age"),
    "survey_rows_left_out": lambda bench: bench.survey("1,1,1,1,1", "1,2,1,1,2", "1,1,7,1,3", rows={"age": 1}),
    "survey_rows_missing": lambda bench: bench.survey("1,1,1,1,1", rows={"age": 7}),
    "survey_sample_missing": lambda bench: bench.survey("1,1,,1,1", "1,1,1,1,2", clusters="age"),
    "survey_value_unlisted": lambda bench: bench.survey("1,1,1,7,1"),
    "survey_variable_empty": lambda bench: bench.survey(),
    "survey_variable_missing": lambda bench: bench.survey("1,1,1,1,1", strata="agee"),
    "survey_variable_text": lambda bench: bench.survey('"1,5",1,1,1,1'),
    "survey_weight_missing": lambda bench: bench.survey("1,1,1,1,1", "1,2,1,1,1", ",2,1,1,2"),
    "survey_weight_negative": lambda bench: bench.survey("1,1,1,1,1", "-1,2,1,1,2"),
    "survey_weight_zero": lambda bench: bench.survey("1,1,1,1,1", "1,2,1,1,1", "0,2,1,1,2"),
    "survey_weights_absent": lambda bench: bench.survey("0,1,1,1,1", ",2,1,1,1"),
}


@case
def microdata_extra_missing(bench: Bench) -> None:
    bench.patch.setitem(sys.modules, "pyreadstat", None)
    open_microdata(Path("data.sav"), ())


@case
def survey_variable_nested(bench: Bench) -> None:
    bench.survey("1,1,1,1,1")
    pd.DataFrame({"w": [1.0], "sex": [1], "net": [[1, 2]]}).to_parquet("lists.parquet")
    read = read_design(Path("design.yaml"))
    prepare(open_microdata(Path("lists.parquet"), needed(read)), read)


@case
def survey_keys_differ(bench: Bench) -> None:
    bench.survey("1,1,1,1,1", persons="id,net\nA1,1\n", **OF_HOUSEHOLDS)


@case
def survey_household_empty(bench: Bench) -> Ignored:
    households = ("1,1,1,1,1", "1,2,1,1,2", "1,2,1,1,3")
    return bench.survey(*households, persons="id,net\n1,1\n2,2\n", place=0, **OF_HOUSEHOLDS)


@case
def survey_outside_scope(bench: Bench) -> Ignored:
    question = {"variable": "net", "yes": [1], "no": [2], "filter": {"age": 1}}
    return bench.survey("1,1,1,1,1", "1,2,1,1,2", "1,2,2,1,2", indicators={"internet_use": question})


@case
def survey_scope_empty(bench: Bench) -> None:
    question = {"variable": "net", "yes": [1], "no": [2], "filter": {"age": 1}}
    bench.survey("1,1,2,1,1", indicators={"internet_use": question})


# --- survey: estimates
def sample(**columns: Any) -> Case:
    """Estimates from four persons in two strata of two units each, where other columns replace these."""

    def run(bench: Bench) -> None:
        frame = shares("AABB", "1234", "0110", x1=9.0, x2=9.0).assign(**columns)
        estimated(prepared(frame, strata="stratum", stages=["psu", "psu2"], populations=["x1", "x2"]))

    return run


CASES |= {
    "survey_cluster_single": sample(psu2=[1, 2, 3, 4]),
    "survey_population_small": sample(x1=[9.0, 9.0, 1.0, 1.0], psu2=[1, 2, 3, 4]),
    "survey_stratum_single": sample(psu=["1", "2", "3", "3"], psu2=[1, 2, 3, 4]),
}


def tabulated(*options: str, **design: Any) -> Callable[[Bench], None]:
    """Tabulates two persons with a design."""

    def run(bench: Bench) -> None:
        content = {
            "survey": {"name": "Made up"}, "area": "KEN", "year": 2024, "weight": None,
            "indicators": {"internet_use": {"variable": "net", "yes": 1, "no": 0}}, **design,
        }  # fmt: skip
        bench.write("design.yaml", yaml.safe_dump(content))
        bench.divide("tabulate", bench.write("data.csv", "sex,net\n1,1\n2,0\n"), "--design", "design.yaml", *options)

    return run


OWN = {"mine": {"variable": "net", "yes": 1, "no": 0, "name": "Mine"}}
CASES |= {
    "nothing_to_submit": tabulated("--out", "figures.csv", indicators=OWN),
    "design_exists": lambda bench: bench.divide(
        "tabulate", bench.write("data.csv", "sex,net\n1,1\n2,0\n"), "--init", "--out", bench.write("design.yaml", "")
    ),
    "out_is_read": tabulated("--out", "data.csv"),
    "out_is_same": tabulated("--out", "figures.csv", "--covariance-out", "./figures.csv"),
    "survey_breakdown_absent": tabulated("--by", "SEX", breakdowns={}),
}

# --- validation
CASES |= {
    "previous_holds_memberships": lambda bench: bench.divide(
        "validate", bench.write("figures.csv", GOOD), "--previous", bench.book("CLASS_FY26.xlsx", CLASSES)
    ),
    "previous_unrelated": lambda bench: bench.divide(
        "validate",
        bench.write("figures.csv", GOOD),
        "--previous",
        bench.write("earlier.csv", bench.rows("UGA,mobile_ownership,2020,50")),
    ),
    "baseline_day_wrong": lambda bench: bench.divide(
        "validate",
        bench.write("figures.csv", GOOD),
        *("--write-waivers", "new.yaml", "--owner", "A", "--expires", "2020-01-01"),
    ),
    "baseline_incomplete": lambda bench: bench.divide(
        "validate", bench.write("figures.csv", GOOD), "--write-waivers", "new.yaml"
    ),
    "baseline_too_large": lambda bench: bench.divide(
        "validate",
        bench.write("figures.csv", GOOD + "KEN,internet_use,_T,2020,140,\n" * 10_001),
        *("--write-waivers", "new.yaml", "--owner", "A", "--expires", "2999-12-31"),
    ),
    "waiver_expiry_missing": lambda bench: bench.waiver(
        "- {rule: jump, key: {}, reason: a, owner: b, expires: soon}\n"
    ),
    "waiver_malformed": lambda bench: bench.waiver("- {rule: jump}\n"),
    "waiver_rule_unknown": lambda bench: bench.waiver(
        "- {rule: jmp, key: {}, reason: a, owner: b, expires: 2030-01-01}\n"
    ),
    "waivers_malformed": lambda bench: bench.waiver("rule: jump\n"),
}

# --- claims
CASES |= {
    "basis_unknown": lambda bench: bench.claim(bases={"third": "quoted"}),
    "qualifier_unknown": lambda bench: bench.claim(qualifier="roughly"),
    "unit_unknown": lambda bench: bench.claim(unit="PERCENT"),
    "verdict_unknown": lambda bench: bench.claim(expect="true"),
    "age_band_malformed": lambda bench: bench.selector(AGE="young"),
    "area_unknown": lambda bench: bench.selector(area="WRLD"),
    "breakdown_code_unknown": lambda bench: bench.selector(SEX="W"),
    "change_unknown": lambda bench: bench.selector(since=2024, change="twofold"),
    "claim_id_duplicate": lambda bench: claims_file.load(bench.claims(claim(), claim())),
    "claim_id_malformed": lambda bench: bench.claim(id="One two"),
    "claim_place_not_a_number": lambda bench: bench.claim(place="ten"),
    "claim_reason_missing": lambda bench: bench.claim(expect="differs", reason=""),
    "claim_relation_target_unknown": lambda bench: bench.claim(relations=[{"complement_of": "other"}]),
    "claim_relation_unknown": lambda bench: bench.claim(relations=[{"ratio_of": ["one"]}]),
    "claim_relations_malformed": lambda bench: bench.claim(relations="other"),
    "claim_unit_differs": lambda bench: bench.claim(unit="RATIO"),
    "claim_unknown": lambda bench: bench.divide("reproduce", "--only", "p21_urbane"),
    "config_key_unknown": lambda bench: bench.configured('fails-on = "error"'),
    "config_pattern_empty": lambda bench: bench.configured('files = ["submissions/*.csv"]'),
    "config_unreadable": lambda bench: bench.configured("files = ["),
    "config_value_wrong": lambda bench: bench.configured('fail-on = "warnings"'),
    "files_missing": lambda bench: bench.configured('fail-on = "warning"'),
    "mark_area_ambiguous": lambda bench: bench.marked("71 % <!-- divide: internet_use Korea 2025 -->"),
    "mark_empty": lambda bench: bench.marked("71 % <!-- divide: -->"),
    "mark_figure_absent": lambda bench: bench.marked("71 % are online. <!-- divide: 72 % = internet_use 2025 -->"),
    "mark_key_unknown": lambda bench: bench.marked("71 % <!-- divide: internet_use yaer=2025 -->"),
    "mark_not_closed": lambda bench: bench.marked("71 % <!-- divide: internet_use 2025 -- >"),
    "mark_value_not_a_number": lambda bench: bench.marked(
        "2 % <!-- divide: internet_use since=long change=absolute -->"
    ),
    "mark_without_colon": lambda bench: bench.marked("71 % <!-- divide internet_use 2025 -->"),
    "mark_without_figure": lambda bench: bench.marked("71 % of people <!-- divide: internet_use 2025 -->"),
    "mark_word_twice": lambda bench: bench.marked("71 % <!-- divide: internet_use 2024 2025 -->"),
    "mark_word_unknown": lambda bench: bench.marked("71 % <!-- divide: internet_usage HIC 2025 -->"),
    "marks_missing": lambda bench: bench.divide("reproduce", bench.write("report.md", "71 % are online.\n")),
    "text_suffix_unknown": lambda bench: bench.divide("claims", "find", bench.write("report.docx", "")),
    "text_unreadable": lambda bench: bench.divide("reproduce", "report.md"),
    "texts_missing": lambda bench: bench.divide("reproduce", "."),
    "claims_file_not_yaml": lambda bench: claims_file.load(Path(bench.write("report.yaml", "claims: ["))),
    "claims_file_unreadable": lambda bench: claims_file.load(Path("report.yaml")),
    "claims_malformed": lambda bench: claims_file.load(
        Path(bench.write("report.yaml", "publication: {}\nclaims: {}\n"))
    ),
    "claims_missing": lambda bench: claims_file.load(Path(bench.write("report.yaml", "title: A report\n"))),
    "file_exists": lambda bench: bench.divide("claims", "new", bench.write("report.yaml", "")),
    "gap_unknown": lambda bench: bench.selector(indicator=None, gap="internet_use_sx", measure="ratio"),
    "measure_unknown": lambda bench: bench.selector(indicator=None, gap="internet_use_sex", measure="rato"),
    "lock_malformed": lambda bench: lock.read(Path(bench.write("divide.lock", "{}"))),
    "lock_unreadable": lambda bench: lock.read(Path("divide.lock")),
    "printed_figure_comma": lambda bench: bench.claim(printed="73,6"),
    "printed_figure_not_a_number": lambda bench: bench.claim(printed="lots"),
    "printed_figure_not_text": lambda bench: bench.claim(printed=73.6),
    "publication_id_duplicate": lambda bench: bench.divide(
        "reproduce", *(str(bench.claims(claim(), name=name)) for name in ("a.yaml", "b.yaml"))
    ),
    "publication_id_malformed": lambda bench: bench.divide("claims", "new", "2026.yaml"),
    "selector_key_unknown": lambda bench: bench.selector(relative_to={"REGION": "X"}),
    "selector_areas_without_persons": lambda bench: bench.selector(area=["LIC", "LMC"]),
    "selector_part_outside": lambda bench: bench.selector(area="AFR", without={"area": "HIC"}),
    "selector_economies_derived": lambda bench: bench.selector(area="any economy", persons=True),
    "selector_gap_derived": lambda bench: bench.selector(
        indicator=None, gap="internet_use_sex", measure="ratio", persons=True
    ),
    "selector_since_without_change": lambda bench: bench.selector(change="relative"),
    "selector_since_without_year": lambda bench: bench.selector(since=2024, change="relative", year=None),
    "selector_threshold_without_economies": lambda bench: bench.selector(at_most=2),
    "selector_without_indicator": lambda bench: bench.selector(indicator=None),
}


@case
def claims_template_unreadable(bench: Bench) -> None:
    bench.patch.setattr(claims_file, "data_dir", lambda: Path("data"))
    claims_file.new_file(Path("report.yaml"), "")


# --- reports and commands
CASES |= {
    "entry_unknown": lambda bench: bench.divide("show", "intrnet_use"),
    "file_changed": lambda bench: reread(Report((Input(bench.write("figures.csv", GOOD), "0" * 64),), (), (), ())),
    "files_unreadable": lambda bench: bench.divide("read", bench.write("figures.csv", GOOD), "other.csv"),
    "memberships_only_csv": lambda bench: bench.divide(
        "read", bench.book("CLASS_FY26.xlsx", CLASSES), "--to", "parquet", "--out", "groups.parquet"
    ),
    "rows_unusable": lambda bench: bench.divide(
        "read", bench.write("figures.csv", bench.rows("KNE,internet_use,2020,4"))
    ),
    "profile_without_area": lambda bench: bench.divide("profile", bench.write("figures.csv", GOOD)),
    "option_without_files": lambda bench: bench.divide("compute", "--skip-refused"),
    "edition_with_files": lambda bench: bench.divide("compute", "figures.csv", "--edition", "wdi_2026_08"),
    "observations_with_memberships": lambda bench: bench.divide(
        "read", bench.write("figures.csv", GOOD), bench.book("CLASS_FY26.xlsx", CLASSES), "--format", "csv"
    ),
    "edition_exists": lambda bench: bench.divide(
        "edition", "add", bench.write("figures.csv", GOOD), "--id", "wdi_2026_08"
    ),
    "edition_id_malformed": lambda bench: bench.divide("edition", "add", "figures.csv", "--id", "My edition"),
    "area_ambiguous": lambda bench: bench.divide("compute", "--area", "Korea"),
    "year_not_understood": lambda bench: bench.divide("compute", "--years", "2024:2015"),
    "option_value_unknown": lambda bench: bench.divide("compute", "--gap", "internet_use_sx"),
    "out_format_unclear": lambda bench: bench.divide("read", "figures.csv", "--out", "figures.txt"),
    "template_form_unclear": lambda bench: bench.divide("template", "internet_use", "--out", "template.pdf"),
    "tabulate_without_data": lambda bench: bench.divide("tabulate"),
    "tabulate_without_design": lambda bench: bench.divide("tabulate", "persons.sav"),
    "to_without_out": lambda bench: bench.divide("read", "figures.csv", "--to", "csv"),
    "table_without_csv": lambda bench: bench.divide("compute", "--table", "aggregates"),
    "findings_without_file": lambda bench: bench.divide("report", "--findings"),
    "png_without_out": lambda bench: bench.divide("chart", "tiles", "--format", "png"),
    "chart_form_unclear": lambda bench: bench.divide("chart", "tiles", "--out", "tiles.jpg"),
    "chart_needs_area": lambda bench: bench.divide("chart", "course"),
    "chart_without_area": lambda bench: bench.divide("chart", "tiles", "KEN"),
    "chart_boundaries": lambda bench: bench.divide("chart", "boundaries"),
    "boundaries_unreadable": lambda bench: bench.divide(
        "chart", "boundaries", "--boundaries", bench.write("areas.geojson", "[]")
    ),
    "nothing_to_draw": lambda bench: bench.divide("chart", "position", "PSE"),
    "xlsx_without_format": lambda bench: bench.divide("measure", "internet_use_sex", "--out", "measures.xlsx"),
    "xlsx_without_out": lambda bench: bench.divide("validate", "figures.csv", "--format", "xlsx"),
}


# --- engines of surveys


def _records(bench: Bench, *lines: str, name: str = "records.csv") -> Path:
    return Path(bench.write(name, "\n".join(lines) + "\n"))


def _run(engine: str, file: Path | None = None, **options: str) -> None:
    """Collects a sum of the file on the engine."""
    with engines.running(engine, **options) as running:
        if file is not None:
            engines.collect(running.table(file, "csv").select(nw.all().sum()))


CASES |= {
    "cluster_address_malformed": lambda bench: _run("dask", master="spark://127.0.0.1:7077"),
    "cluster_unreachable": lambda bench: _run("dask", master="tcp://127.0.0.1:1"),
    "engine_unknown": lambda bench: _run("duckbd"),
    "engine_without_cluster": lambda bench: _run("polars", master="tcp://127.0.0.1:8786"),
    "memory_malformed": lambda bench: _run("duckdb", memory="much"),
    "microdata_folder_empty": lambda bench: _run("pandas", _records(bench, "x", name="folder/notes.md").parent),
}


@case
def engine_extra_missing(bench: Bench) -> None:
    bench.patch.setitem(sys.modules, "duckdb", None)
    _run("duckdb")


@case
def engine_failed(bench: Bench) -> None:
    _records(bench, "a,b", "1,2", name="folder/1.csv")
    _run("duckdb", _records(bench, "a,b", "1,x", name="folder/2.csv").parent)


@case
def engine_memory_exhausted(bench: Bench) -> None:
    with engines.running("duckdb", memory="1KB") as running:
        numbers = running.session.sql("SELECT range AS a FROM range(3000000)")
        engines.collect(nw.from_native(numbers).lazy().sort("a"))


@case
def java_missing(bench: Bench) -> None:
    bench.patch.setenv("PATH", "")
    bench.patch.delenv("JAVA_HOME", raising=False)
    _run("spark")


@case
def spark_start_failed(bench: Bench) -> None:
    program = Path(bench.write("jdk/bin/java", "#!/bin/sh\necho Error: this Java is too old >&2\nexit 1\n"))
    program.chmod(0o755)
    bench.patch.setenv("JAVA_HOME", str(Path("jdk").resolve()))
    _run("spark")


@case
def microdata_headers_differ(bench: Bench) -> None:
    _records(bench, "a,b", "1,2", name="folder/1.csv")
    _run("pandas", _records(bench, "a,c", "1,2", name="folder/2.csv").parent)


@case
def stdout_unwritable(bench: Bench) -> None:
    with open(os.devnull, "rb") as file:  # a descriptor that cannot be written to
        process._Output(os.dup(file.fileno()), "w").write(b"text")


@case
def memory_exhausted(bench: Bench) -> None:
    bench.fails_with(MemoryError())


@case
def unforeseen(bench: Bench) -> None:
    bench.patch.setattr(cli, "_kept", lambda trace: "divide-bug-1234.txt")
    bench.fails_with(KeyError("SEX"))


IGNORED = {
    *(
        "cell_empty",
        "group_of_economies",
        "no_data_yet",
        "not_a_figure",
        "row_empty",
        "row_not_filled_in",
        "series_and_value_missing",
        "survey_age_outside",
        "survey_amount_negative",
        "survey_answers_counted",
        "survey_answers_excluded",
        "survey_breakdown_unknown",
        "survey_domain_empty",
        "survey_household_empty",
        "survey_outside_scope",
        "survey_rows_left_out",
        "survey_weight_missing",
        "survey_weight_zero",
    ),
    "value_absent",
}
"""Codes that are not raised: rows are ignored for them, or notes say it, and their subject is the reason."""
FOREIGN = {
    *("archive_damaged", "catalogue_file_not_yaml", "claims_file_not_yaml", "csv_unparsable", "json_malformed"),
    *("network_settings_unusable", "parquet_unreadable", "service_unreachable", "text_column_not_text"),
    *("value_column_not_numeric", "workbook_unreadable", "engine_failed", "engine_memory_exhausted"),
}
"""Codes whose case finds what a library says, in words that change with its version."""


CASES |= {
    "option_number_wrong": lambda bench: divide_cli.compute(min_coverage=101),
    "source_not_understood": lambda bench: divide_cli.read(2024),
    "words_not_understood": lambda bench: divide_cli.compute(year=2024.5),
    "frame_columns_repeated": lambda bench: divide_cli.read(pd.DataFrame([[1, 2]], columns=["SEX", "SEX"])),
    "frame_unreadable": lambda bench: divide_cli.read(pd.DataFrame({"OBS_VALUE": [[1, 2]]})),
}


@case
def polars_missing(bench: Bench) -> None:
    bench.patch.setitem(sys.modules, "polars", None)
    divide_cli.editions().to_polars()
