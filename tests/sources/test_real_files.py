"""ITU's files as they are given ($DIVIDE_RAW; skipped where absent): no row lost, each with its line."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import area_aliases, catalogue, codelist
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.observations import Observations
from divide_cli.frames.schema import conform

FILES = {
    "itu_datahub_2026_04/individuals-using-the-internet.csv": 5099,
    "itu_datahub_2026_04/individuals-with-ict-skills-safety.csv": 1240,
    "itu_datahub_2025_08/individuals-using-the-internet.csv": 4906,
    "itu_datahub_2025_10/individuals-who-own-a-mobile-cellular-telephone_1760732826255.csv": 1109,
}
INTERNET = "itu_datahub_2026_04/individuals-using-the-internet.csv"
SKILLS = "itu_datahub_2026_04/individuals-with-ict-skills-safety.csv"


def by_csv_module(path: Path) -> list[tuple[int, dict[str, str]]]:
    """(line on which the record begins, record) of every row, as the standard library reads it."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        made, ended = [], 0
        _ = reader.fieldnames
        ended = reader.line_num
        for record in reader:
            made.append((ended + 1, record))
            ended = reader.line_num
    return made


def read(raw: Path, name: str) -> Observations:
    return readers.load(str(raw / name), "real")


@pytest.mark.parametrize("name", FILES)
def test_no_row_is_lost_and_each_stands_on_its_line(raw: Path, name: str) -> None:
    found = read(raw, name)
    known = by_csv_module(raw / name)
    assert len(found.frame) == len(known) == FILES[name] == found.readings[0].rows
    assert found.frame[v.LINE].tolist() == [line for line, _ in known]
    assert set(found.frame[v.FILE]) == {str(raw / name)}


@pytest.mark.parametrize("name", FILES)
def test_every_row_says_what_its_record_says(raw: Path, name: str) -> None:
    frame = read(raw, name).frame
    aliases, flow = area_aliases("itu"), catalogue().dataflows["itu_datahub_csv"]
    known = [record for _, record in by_csv_module(raw / name)]
    assert frame[v.REF_AREA].tolist() == [aliases.get(record["entityIso"], record["entityIso"]) for record in known]
    assert frame[v.TIME_PERIOD].tolist() == [int(record["dataYear"]) for record in known]
    claimed = {**catalogue().series_codes["itu"], **flow.series}
    assert frame[v.INDICATOR].tolist() == [claimed[record["seriesCode"].split("_HH")[0]] for record in known]
    np.testing.assert_array_equal(
        frame[v.OBS_VALUE].to_numpy(), np.array([float(record["dataValue"]) for record in known])
    )
    estimates = ["E" if "itu estimate" in record["dataSource"].lower() else "A" for record in known]
    assert frame[v.OBS_STATUS].tolist() == estimates


@pytest.mark.parametrize("name", FILES)
def test_file_passes_the_border_and_its_hash_is_of_its_bytes(raw: Path, name: str) -> None:
    found = read(raw, name)
    conform(found.frame, found.dimensions)
    (reading,) = found.readings
    content = (raw / name).read_bytes()
    assert (reading.file.sha256, reading.file.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (reading.dataflow, reading.licence) == ("itu_datahub_csv", "CC-BY-NC-SA-3.0-IGO")


def test_the_files_hold_line_breaks_inside_cells(raw: Path) -> None:
    """Else the lines above would prove nothing: 5,113 line feeds end 5,099 rows and a header."""
    assert (raw / INTERNET).read_bytes().count(b"\n") == 5113
    assert by_csv_module(raw / INTERNET)[-1][0] > 5100


def test_areas_that_are_no_economies_are_kept_and_named(raw: Path) -> None:
    found = read(raw, INTERNET)
    count = Counter(found.frame[v.REF_AREA])
    assert {code: count[code] for code in ("GGY", "JEY", "XKX", "ASC", "YUG")} == {
        "GGY": 8,
        "JEY": 10,
        "XKX": 2,
        "ASC": 8,
        "YUG": 5,
    }
    kinds = {code: row["kind"] for code, row in codelist("CL_AREA").rows.items()}
    others = sorted(code for code in count if kinds[code] not in ("economy", "group"))
    assert {"ASC", "YUG"} <= set(others)
    notes = found.readings[0].notes
    assert [note[:3] for note in notes] == others
    assert all(f"): {count_of(count[code], 'row')} kept; " in note for code, note in zip(others, notes, strict=True))


def test_breakdown_rows_are_recognised_by_their_code(raw: Path) -> None:
    frame = read(raw, SKILLS).frame
    names = Counter(record["seriesName"] for _, record in by_csv_module(raw / SKILLS))
    assert Counter(frame[v.SEX]) == Counter(
        {"F": names["Female"], "M": names["Male"], "_T": len(frame) - names["Female"] - names["Male"]}
    )
    assert Counter(frame[v.URBANISATION])["RUR"] == names["Rural"]
    assert Counter(frame[v.AGE])["Y15T24"] == names["15 to 24 years"]
