"""A file with a few bad cells: the error names the way on, and each way gives the figures of the other rows.

Also: the options that say how a file is read are those of `divide read` in every command that reads figures.
"""

import io
import json
import os
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE"
GOOD = [
    f"{area},internet_use,{sex},{year},{value}"
    for year, values in {2021: (31, 25, 36), 2022: (35, 30, 40), 2023: (41, 36, 45)}.items()
    for area in ("KEN", "UGA")
    for sex, value in zip(("_T", "F", "M"), values, strict=True)
]
BAD = {
    "KEN,internet_use,F,2019,n.a.?": "a value is not a number",
    "KEN,internet_use,M,2019,12x": "a number has a mark next to it",
    "KEN,internet_use,F,2018,140": "a value is outside the range of its unit",
    "KNE,internet_use,F,2018,40": "a code is unknown",
}
COMMANDS = {
    "compute": ("compute", "figures.csv", "--no-write"),
    "measure": ("measure", "internet_use", "figures.csv", "--over", "SEX", "--area", "KEN"),
    "targets": ("targets", "figures.csv", "--area", "KEN"),
}
OF_FILE = {"SOURCE", "WEIGHTS"}
"""Columns that cite the file with its hash."""


@pytest.fixture
def write(tmp_path):
    """`write(rows)` writes figures.csv."""

    def make(rows, name="figures.csv", header=HEADER, encoding="utf-8"):
        (tmp_path / name).write_text("\n".join((header, *rows)) + "\n", encoding=encoding)

    return make


def figures(divide, command, *more):
    """The rows that the command gives as CSV, without the citation of the file."""
    made = divide(*COMMANDS[command], *more, "--format", "csv")
    assert made.returncode == 0, made.stderr
    frame = pd.read_csv(io.StringIO(made.stdout), keep_default_na=False)
    assert len(frame)
    return frame.drop(columns=OF_FILE & set(frame)).astype(str).to_dict("records")


def options_of(document):
    """Where the three documents tell their options."""
    return document["meta"].get("options", document["meta"])


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("bad", BAD)
def test_the_error_names_both_ways_on(divide, write, command, bad):
    """19 rows, 1 of them wrong: 18 are good, whatever is wrong with the other."""
    write([*GOOD, bad])
    stopped = divide(*COMMANDS[command], columns=400)
    assert stopped.returncode == 3 and BAD[bad] in stopped.stderr
    assert "or go on: rejected rows: 1 of 19." in stopped.stderr
    assert "`--skip-refused` goes on without them" in stopped.stderr
    assert "`divide read figures.csv --to csv --out used.csv`" in stopped.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_both_ways_give_the_figures_of_the_other_rows(divide, write, command):
    """The same figures as from the file without the four rows, which is written here by hand."""
    write(GOOD)
    expected = figures(divide, command)
    write([*BAD, *GOOD])
    skipping = figures(divide, command, "--skip-refused")
    assert divide("read", "figures.csv", "--to", "csv", "--out", "used.csv").returncode == 0
    converted = divide(*(word.replace("figures.csv", "used.csv") for word in COMMANDS[command]), "--format", "csv")
    frame = pd.read_csv(io.StringIO(converted.stdout), keep_default_na=False)
    records = frame.drop(columns=OF_FILE & set(frame)).replace("used.csv", "figures.csv").astype(str).to_dict("records")
    assert skipping == records == expected


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_left_out_is_counted_and_said(divide, write, command):
    write([*BAD, *GOOD])
    shown = divide(*COMMANDS[command], "--skip-refused")
    told = "figures.csv: 4 of 22 rows left out, since they are rejected: "
    reasons = {
        "a value is not a number (line 2)",
        "a number has a mark next to it (line 3)",
        "a value is outside the range of its unit (line 4)",
        "a code is unknown (line 5)",
    }
    (warning,) = [line for line in shown.stderr.splitlines() if line.startswith("divide: warning: ")]
    assert warning.startswith(f"divide: warning: {told}")
    assert set(warning.partition(told)[2].split("; ")) == reasons
    assert f"Warning: {told}" in " ".join(shown.stdout.split()), "the notes of the tables say so"
    document = json.loads(divide(*COMMANDS[command], "--skip-refused", "--format", "json").stdout)
    assert [text.startswith(told) for text in document["meta"]["doubts"]] == [True]
    assert options_of(document)["skip_refused"] is True


def test_the_files_written_say_what_they_are_without(divide, write, tmp_path):
    write([*BAD, *GOOD])
    assert divide("compute", "figures.csv", "--skip-refused").returncode == 0
    assert divide("read", "figures.csv", "--to", "csv", "--out", "used.csv").returncode == 0
    written = json.loads(pq.read_metadata(tmp_path / "out" / "gaps.parquet").metadata[b"divide"])
    beside = json.loads((tmp_path / "used.csv-metadata.json").read_text(encoding="utf-8"))["divide"]
    for about in (written, beside):
        (entry,) = about["inputs"]
        assert (entry["rows_in"], entry["rows_used"], entry["rows_refused"]) == (22, 18, 4)
        assert sorted(line for reason in entry["refused"] for line in reason["lines"]) == [2, 3, 4, 5]
    assert written["options"]["skip_refused"] is True and written["doubts"]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_rejected_rows_nothing_changes(divide, write, command):
    write(GOOD)
    plain = json.loads(divide(*COMMANDS[command], "--format", "json").stdout)
    skipping = json.loads(divide(*COMMANDS[command], "--skip-refused", "--format", "json").stdout)
    assert "skip_refused" not in options_of(plain)
    assert options_of(skipping).pop("skip_refused") is True
    assert skipping == plain
    assert divide(*COMMANDS[command]).stdout == divide(*COMMANDS[command], "--skip-refused").stdout
    assert "warning" not in divide(*COMMANDS[command], "--skip-refused").stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_there_is_no_way_on_without_a_good_row(divide, write, command):
    write(BAD)
    for more in ((), ("--skip-refused",)):
        stopped = divide(*COMMANDS[command], *more)
        assert stopped.returncode == 3 and "go on" not in stopped.stderr
        assert any(subject in stopped.stderr for subject in BAD.values())


def test_there_is_no_way_on_where_no_row_is_the_cause(divide, write):
    """Two files that state the same figure: each is right by itself, so no row of either is rejected."""
    write(GOOD)
    write(GOOD, name="again.csv")
    stopped = divide("compute", "figures.csv", "again.csv", "--no-write")
    assert "two rows have the same key" in stopped.stderr and "go on" not in stopped.stderr


def test_a_pipe_is_not_read_twice(divide, write):
    bad = "\n".join((HEADER, *BAD, *GOOD)).encode()
    stopped = divide("compute", "-", "--no-write", given=bad, columns=300)
    assert "or go on: if the other rows can be used, `--skip-refused` goes on" in stopped.stderr
    assert "4 of 22 rows left out" in divide("compute", "-", "--no-write", "--skip-refused", given=bad).stderr


def test_the_way_on_repeats_the_options_of_the_file(divide, write):
    """The command named is run as it stands; it writes the 18 good rows."""
    write(
        [f"{row},Straße" for row in [*BAD, *GOOD]], header=f"{HEADER},COLLECTOR", name="my figures.csv",
        encoding="windows-1252",
    )  # fmt: skip
    options = ("--encoding", "windows-1252", "--attribute", "COLLECTOR")
    stopped = divide("compute", "my figures.csv", "--no-write", *options, columns=400)
    words = ["my figures.csv", "--encoding", "windows-1252", "--attribute", "COLLECTOR", "--to", "csv"]
    named = "divide read 'my figures.csv' --encoding windows-1252 --attribute COLLECTOR --to csv --out used.csv"
    assert f"`{named}`" in stopped.stderr
    made = divide("read", *words, "--out", "used.csv", "--format", "json")
    assert json.loads(made.stdout)["files"][0]["rows_used"] == 18


def test_populations_are_left_out_and_said_too(divide, write):
    write(GOOD)
    people = ["KEN,population,_T,2023,50000000", "UGA,population,_T,2023,abc"]
    write(people, name="people.csv")
    stopped = divide("compute", "figures.csv", "--no-write", "--population", "people.csv", columns=400)
    assert "or go on: rejected rows: 1 of 2." in stopped.stderr
    assert "`divide read people.csv --indicator population --to csv --out used.csv`" in stopped.stderr
    went_on = divide("compute", "figures.csv", "--no-write", "--population", "people.csv", "--skip-refused")
    assert went_on.returncode == 0
    assert "divide: warning: people.csv: 1 of 2 rows left out" in went_on.stderr


@pytest.mark.parametrize(
    "option",
    [("--skip-refused",), ("--encoding", "utf-8"), ("--dimension", "X"), ("--attribute", "X")],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize(
    "command", [("compute",), ("measure", "internet_use"), ("targets",)], ids=lambda words: words[0]
)
def test_an_option_about_files_needs_a_file(divide, command, option):
    stopped = divide(*command, *option)
    assert stopped.returncode == 2 and f"found: {option[0]} without FILES" in stopped.stderr


COLLECTOR = ["field office north", "field office south"]
"""Words that change from row to row: nothing in the file says that they are no part of the key."""


@pytest.fixture
def labelled(write):
    """figures.csv with a column that only describes rows, in words that differ among the rows of a key's codes."""
    rows = [f"{row},{COLLECTOR[number % 2]}" for number, row in enumerate(GOOD)]
    write(rows, header=f"{HEADER},COLLECTOR")


STRUCTURES = {
    "--attribute": ("--attribute", "COLLECTOR"),
    "--structure": ("--structure", "structure.json"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", STRUCTURES)
def test_a_column_declared_a_label_changes_no_figure(divide, write, labelled, tmp_path, command, option):
    """The same figures as from the file without the column. Undeclared, it is a dimension, and figures differ."""
    key = ["REF_AREA", "INDICATOR", "SEX", "TIME_PERIOD"]
    fields = [{"name": name} for name in (*key, "OBS_VALUE", "COLLECTOR")]
    (tmp_path / "structure.json").write_text(json.dumps({"fields": fields, "primaryKey": key}), encoding="utf-8")
    declared = figures(divide, command, *STRUCTURES[option])
    document = json.loads(divide(*COMMANDS[command], *STRUCTURES[option], "--format", "json").stdout)
    expected = {"--attribute": ("attribute", ["COLLECTOR"]), "--structure": ("structure", "structure.json")}
    name, value = expected[option]
    assert options_of(document)[name] == value
    undeclared = divide(*COMMANDS[command], "--format", "csv").stdout
    write(GOOD)
    assert declared == figures(divide, command)
    without = divide(*COMMANDS[command], "--format", "csv").stdout
    assert len(undeclared.splitlines()) != len(without.splitlines())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_column_declared_a_dimension_is_part_of_the_key(divide, write, command):
    """In lower case it is not taken for a dimension, so rows that differ in it alone are duplicates."""
    rows = [f"{row},{code}" for code in ("_T", "PRIMARY") for row in GOOD]
    write(rows, header=f"{HEADER},schooling")
    stopped = divide(*COMMANDS[command])
    assert stopped.returncode == 3 and "two rows have the same key" in stopped.stderr
    declared = figures(divide, command, "--dimension", "schooling")
    assert {row["REF_AREA"] for row in declared} >= {"KEN"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_encoding_given_is_used(divide, write, command):
    """The same letter is another byte in koi8-r: read so, the file gives the figures of its UTF-8 form."""
    commented = [f"{row},й" for row in GOOD]
    write(commented, header=f"{HEADER},OBS_COMMENT")
    plain = figures(divide, command)
    write(commented, header=f"{HEADER},OBS_COMMENT", encoding="koi8-r")
    assert figures(divide, command, "--encoding", "koi8-r") == plain
    stopped = divide(*COMMANDS[command], "--encoding", "ascii")
    assert stopped.returncode == 3
    unknown = divide(*COMMANDS[command], "--encoding", "klingon")
    assert unknown.returncode == 2 and "the encoding is unknown" in unknown.stderr


def test_an_error_does_not_wait_for_a_pipe(divide, tmp_path):
    """A named pipe without a writer would keep a second reading waiting."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    content = "\n".join((HEADER, *BAD, *GOOD)) + "\n"
    writer = os.fork()
    if not writer:
        Path(pipe).write_text(content, encoding="utf-8")
        os._exit(0)
    stopped = divide("compute", "pipe.csv", "--no-write", columns=300)
    os.waitpid(writer, 0)
    assert stopped.returncode == 3 and "or go on: if the other rows can be used" in stopped.stderr
