"""`divide list` and `divide show` for machines: the same entries as for people, in JSON, CSV and Markdown."""

import csv
import json
from io import StringIO

import pytest

from divide_cli.catalogue import catalogue, codelist


def test_the_kinds_with_their_numbers(divide):
    rows = json.loads(divide("list", "--format", "json").stdout)["kinds"]
    numbers = {row["kind"]: row["entries"] for row in rows}
    assert numbers["gaps"] == len(catalogue().gaps)
    assert numbers["areas"] == len(codelist("CL_AREA").codes)
    assert list(csv.DictReader(StringIO(divide("list", "--format", "csv").stdout)))[0].keys() == rows[0].keys()


@pytest.mark.parametrize("kind", ["indicators", "gaps", "measures", "areas", "rules", "editions", "targets"])
def test_every_entry_is_listed_in_each_format(divide, kind):
    for_people = divide("list", kind).stdout
    rows = json.loads(divide("list", kind, "--format", "json").stdout)[kind]
    assert [row["id"] for row in rows] == [line.split()[0] for line in for_people.splitlines()[:-2] if line[0] != " "]
    assert list(csv.DictReader(StringIO(divide("list", kind, "--format", "csv").stdout))) == rows
    lines = divide("list", kind, "--format", "markdown").stdout.splitlines()
    assert lines[2:4] == ["| Id | Name | About |", "| --- | --- | --- |"]
    assert len([line for line in lines if line.startswith("| ")]) == len(rows) + 2


def test_an_entry_with_all_that_is_known(divide):
    for_people = " ".join(divide("show", "ratio").stdout.split())
    (entry,) = json.loads(divide("show", "ratio", "--format", "json").stdout)["entries"]
    assert (entry["kind"], entry["id"], entry["name"]) == ("measures", "ratio", "Ratio")
    assert entry["about"] == catalogue().measures["ratio"].formula
    for fact in entry["facts"]:
        assert f"{fact['label'][0].upper()}{fact['label'][1:]}: {' '.join(fact['text'].split())}" in for_people
    rows = list(csv.DictReader(StringIO(divide("show", "ratio", "--format", "csv").stdout)))
    assert [{"label": row["label"], "text": row["text"]} for row in rows] == entry["facts"]
    assert "### Ratio: Ratio (measure)" in divide("show", "ratio", "--format", "markdown").stdout


def test_entries_of_several_kinds(divide):
    """`sdmx_csv_1` and the like have one kind; `sex` is a codelist, and a name of an area finds its code."""
    kenya = json.loads(divide("show", "Kenya", "--format", "json").stdout)["entries"]
    assert [(entry["kind"], entry["id"]) for entry in kenya] == [("areas", "KEN")]
    assert divide("show", "Kenya").stdout == divide("show", "KEN").stdout
    both = json.loads(divide("show", "Congo", "--format", "json").stdout)["entries"]
    assert {entry["id"] for entry in both} == {"COD", "COG"}


def test_unknown_words_are_errors_in_each_format(divide):
    for words in (("list", "gapes"), ("show", "internet_us")):
        finished = divide(*words, "--format", "json")
        assert finished.returncode == 2 and finished.stdout == "" and "did you mean" in finished.stderr
