"""`divide read`: what is shown of files, what is written, and how it fails."""

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

SOURCES = Path(__file__).resolve().parents[1] / "sources"
MIXED = SOURCES / "itu_datahub_csv" / "both_spellings_texts_and_units.csv"
BANK = SOURCES / "worldbank_indicator" / "preamble_and_trailing_comma.csv"
KEYS = {
    "path", "dataflow", "evidence", "encoding", "sha256", "rows_in", "rows_used", "ignored", "refused", "indicators",
    "areas", "years", "breakdowns", "licence",
}  # fmt: skip


def as_json(finished):
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)["files"]


def test_json_says_where_every_row_went(divide):
    (file,) = as_json(divide("read", str(MIXED), "--format", "json"))
    assert set(file) >= KEYS
    assert (file["path"], file["dataflow"], file["encoding"]) == (str(MIXED), "itu_datahub_csv", "utf-8-sig")
    assert file["sha256"] == hashlib.sha256(MIXED.read_bytes()).hexdigest()
    assert (file["rows_in"], file["rows_used"]) == (7, 5)
    assert [(pile["rows"], pile["lines"]) for pile in file["refused"]] == [(1, [7]), (1, [6])]
    assert "'i_treg_1'" in file["refused"][0]["reason"]
    assert "'Without price control'" in file["refused"][1]["reason"]
    assert file["ignored"] == []
    assert file["indicators"] == ["coverage_2g", "households_with_internet", "internet_use"]
    assert (file["areas"], file["years"], file["breakdowns"]) == (["KEN", "UGA"], [2024], {"SEX": ["F", "M", "_T"]})
    assert file["licence"] == "CC-BY-NC-SA-3.0-IGO"
    assert file["notes"] == [
        "seriesUnits says 'Number' in 1 row, the first on line 5: read as PT, the indicator's unit"
    ]


def test_table_and_terms(divide):
    finished = divide("read", str(MIXED), str(BANK))
    assert finished.returncode == 0
    assert "7 = 5 used + 0 ignored + 2 rejected" in " ".join(finished.stdout.split())
    assert "12 = 4 used + 8 ignored + 0 rejected" in " ".join(finished.stdout.split())
    assert "Licence: Creative Commons Attribution-NonCommercial-ShareAlike 3.0 IGO" in finished.stderr
    assert "Attribution 4.0" not in finished.stderr


def test_markdown_has_one_table_a_file(divide):
    finished = divide("read", str(MIXED), str(BANK), "--format", "markdown")
    assert finished.stdout.count("### ") == 2


def test_limit_of_lines(divide, tmp_path):
    path = tmp_path / "many.csv"
    rows = "".join(f"QQQ,internet_use,{1950 + index % 100},1\n" for index in range(150))
    path.write_text("REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2020,1\n" + rows, encoding="utf-8")
    for option, shown in (("5", 5), ("0", 150), ("100", 100)):
        (file,) = as_json(divide("read", str(path), "--format", "json", "--limit", option))
        (pile,) = file["refused"]
        assert (pile["rows"], len(pile["lines"])) == (150, shown)


@pytest.mark.parametrize("form", ["csv", "sdmx-csv", "parquet"])
def test_written_figures_are_read_again(divide, tmp_path, form):
    out = tmp_path / "sub" / f"figures.{'parquet' if form == 'parquet' else 'csv'}"
    finished = divide("read", str(MIXED), str(BANK), "--to", form, "--out", str(out))
    assert finished.returncode == 0, finished.stderr
    (file,) = as_json(divide("read", str(out), "--format", "json"))
    assert (file["rows_in"], file["rows_used"]) == (9, 9)
    assert file["dataflow"] == ("sdmx_csv_2" if form == "sdmx-csv" else "sdmx_tidy")
    about = (
        json.loads(pq.read_schema(out).metadata[b"divide"])
        if form == "parquet"
        else json.loads(out.with_name(f"{out.name}-metadata.json").read_text("utf-8"))["divide"]
    )
    assert [entry["licence"] for entry in about["inputs"]] == ["CC-BY-NC-SA-3.0-IGO", "CC-BY-4.0"]
    assert [(entry["rows_in"], entry["rows_used"]) for entry in about["inputs"]] == [(7, 5), (12, 4)]
    assert not list(out.parent.glob(".*"))
    if form == "parquet":
        assert file["licence"] == "CC-BY-4.0; CC-BY-NC-SA-3.0-IGO"


def test_csv_on_stdout_goes_through_a_pipe(divide):
    written = divide("read", str(BANK), "--format", "csv")
    assert written.stdout.startswith("REF_AREA,INDICATOR,SEX,AGE,URBANISATION,TIME_PERIOD,OBS_VALUE,")
    assert written.stdout.count("\n") == 5


def test_two_files_with_a_key_in_common_are_not_joined(divide, tmp_path):
    out = tmp_path / "both.csv"
    again = tmp_path / "again.csv"
    again.write_bytes(BANK.read_bytes())
    finished = divide("read", str(BANK), str(again), "--out", str(out))
    assert finished.returncode == 3
    assert "two rows have the same key" in finished.stderr and BANK.name in finished.stderr
    assert not out.exists()


@pytest.mark.parametrize("kind", ["gzip", "zip", "several", "companions", "damaged"])
def test_archives(divide, tmp_path, kind):
    raw = BANK.read_bytes()
    path = tmp_path / f"download.{'gz' if kind == 'gzip' else 'zip'}"
    if kind == "gzip":
        path.write_bytes(gzip.compress(raw))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("API_IT.NET.USER.ZS.csv", raw)
            if kind == "several":
                archive.writestr("other.csv", raw)
            if kind == "companions":
                archive.writestr("Metadata_Country_API.csv", "a,b\n")
                archive.writestr("Metadata_Indicator_API.csv", "a,b\n")
    if kind == "damaged":
        path.write_bytes(path.read_bytes()[:200])
    finished = divide("read", str(path), "--format", "json")
    if kind in ("several", "damaged"):
        assert finished.returncode == 3
        assert "Traceback" not in finished.stderr
        assert ("more than one data file" if kind == "several" else "cannot be unpacked") in finished.stderr
        return
    (file,) = as_json(finished)
    assert (file["rows_used"], file["compression"]) == (4, "gzip" if kind == "gzip" else "zip")
    assert file["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_that_cannot_be_read_does_not_hide_the_others(divide, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    finished = divide("read", str(BANK), "x.csv", "--format", "json", "--out", "both.csv")
    assert finished.returncode == 3
    assert not (tmp_path / "both.csv").exists()
    good, bad = json.loads(finished.stdout)["files"]
    assert good["rows_used"] == 4
    assert bad["dataflow"] is None and bad["error"]["subject"] == "the file's layout is not recognised"
    assert "layout is not recognised" in finished.stderr and "1 of 2 files could not be read" in finished.stderr


def test_nothing_usable_is_no_success(divide, tmp_path):
    (tmp_path / "x.csv").write_text("REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nQQQ,internet_use,2020,1\n")
    finished = divide("read", "x.csv", "--format", "json")
    assert finished.returncode == 1
    assert json.loads(finished.stdout)["files"][0]["rows_used"] == 0
    assert "no row could be used" in finished.stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--to", "csv"], 2, "--to needs --out"),
        (["--out", "figures.txt"], 2, "the format of --out is not clear"),
        (["--dataflow", "owid"], 2, "owid_grapher"),
        (["--area", "Kenia"], 2, "KEN"),
        (["--indicator", "internet"], 2, "internet_use"),
        (["--encoding", "klingon"], 2, "the encoding is unknown"),
        (["--dataflow", "owid_grapher"], 3, "missing: Entity, Code, Year"),
        (["--to", "csv", "--out", "."], 3, "cannot be written"),
    ],
)
def test_wrong_options(divide, options, code, said):
    finished = divide("read", str(BANK), *options)
    assert finished.returncode == code, finished.stderr
    assert said in finished.stderr and "Traceback" not in finished.stderr


def test_ambiguity_is_an_error_that_lists_the_candidates(divide, tmp_path):
    (tmp_path / "x.csv").write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,Entity,Code,Year\nKEN,internet_use,2020,1,Kenya,KEN,2020\n"
    )
    finished = divide("read", "x.csv")
    assert finished.returncode == 3
    assert "sdmx_tidy" in finished.stderr and "owid_grapher" in finished.stderr and "--dataflow" in finished.stderr
    assert divide("read", "x.csv", "--dataflow", "sdmx_tidy").returncode == 0


def test_windows_1251_with_the_option(divide, tmp_path):
    text = "REF_AREA;INDICATOR;TIME_PERIOD;OBS_VALUE;OBS_COMMENT\nKAZ;internet_use;2020;85,9;перепись\n"
    (tmp_path / "x.csv").write_bytes(text.encode("windows-1251"))
    finished = divide("read", "x.csv", "--encoding", "windows-1251", "--format", "csv")
    assert "KAZ,internet_use,_T,_T,_T,2020,85.9,PT,A,перепись" in finished.stdout


def test_an_empty_answer_of_a_service(divide, tmp_path):
    (tmp_path / "x.json").write_text("[]")
    finished = divide("read", "x.json")
    assert finished.returncode == 3
    assert "the answer of the service is empty" in finished.stderr


def test_compute_refuses_what_read_would_count(divide):
    finished = divide("compute", str(MIXED), "--no-write")
    assert finished.returncode == 3
    assert "'i_treg_1'" in finished.stderr


def test_compute_says_what_it_ignores(divide):
    finished = divide("compute", str(BANK), "--no-write", "--min-coverage", "0")
    assert "3 ignored: an aggregate of the World Bank" in finished.stderr


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html><body>503</body></html>", "\n <html>\n<p>Error</p></html>"])
def test_a_web_page_in_place_of_the_file(divide, tmp_path, page):
    (tmp_path / "x.csv").write_text(page)
    finished = divide("read", "x.csv")
    assert finished.returncode == 3
    assert "the file is a web page" in finished.stderr


FIGURES = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKAZ,internet_use,2020,85.9\nKAZ,internet_use,2021,x\n"


@pytest.mark.parametrize(
    "command",
    [
        ("read", "x.csv", "--to", "csv", "--out", "x.csv"),
        ("read", "x.csv", "--to", "csv", "--out", "folder/../x.csv"),
        ("validate", "x.csv", "--format", "json", "--out", "x.csv"),
        ("validate", "y.csv", "--previous", "x.csv", "--format", "json", "--out", "x.csv"),
        ("compute", "x.csv", "out/gaps.parquet", "--skip-refused"),
    ],
)
def test_no_output_replaces_what_is_read(divide, tmp_path, command):
    """`read x.csv --out x.csv` replaced the submission by its readable rows: the rejected ones were gone."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "out").mkdir()
    files = [tmp_path / name for name in ("x.csv", "y.csv", "out/gaps.parquet")]
    for file in files:
        file.write_text(FIGURES)
    finished = divide(*command)
    assert finished.returncode == 2
    assert "the output would replace a file that is read" in finished.stderr
    assert [file.read_text() for file in files] == [FIGURES] * 3
