"""`divide compute` on files as their publisher gives them ($DIVIDE_RAW; skipped if they are missing)."""

import json
import os
from pathlib import Path

import pytest

RAW = Path(os.environ.get("DIVIDE_RAW") or Path(__file__).resolve().parents[3] / "shared" / "data").resolve()
pytestmark = pytest.mark.skipif(not RAW.is_dir(), reason="the raw files are not at hand (DIVIDE_RAW)")

FILES = {
    "itu_datahub_2026_04/individuals-using-the-internet.csv": 5099,
    "itu_datahub_2025_08/individuals-using-the-internet.csv": 4906,
    "itu_datahub_2026_04/individuals-with-ict-skills-safety.csv": 1240,
    "itu_datahub_2025_10/individuals-who-own-a-mobile-cellular-telephone_1760732826255.csv": 1109,
}


@pytest.mark.parametrize("name", FILES)
def test_datahub_files_are_read_whole(divide, name):
    finished = divide("compute", str(RAW / name), "--format", "json", "--no-write")
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    (read,) = document["meta"]["inputs"]
    assert (read["rows_in"], read["rows_used"]) == (FILES[name], FILES[name])
    assert read["dataflow"] == "itu_datahub_csv" and read["licence"] == "CC-BY-NC-SA-3.0-IGO"
    assert f"{FILES[name]} records read, none lost" in finished.stderr
    assert document["gaps"]


def test_areas_that_are_no_economies_are_named(divide):
    finished = divide("compute", str(RAW / "itu_datahub_2026_04/individuals-using-the-internet.csv"), "--no-write")
    for text in ("ASC (Ascension): 8 rows kept", "YUG (Serbia and Montenegro): 5 rows kept"):
        assert text in finished.stderr


def test_itus_own_codes_are_mapped(divide):
    finished = divide(
        "compute",
        str(RAW / "itu_datahub_2026_04/individuals-using-the-internet.csv"),
        "--format",
        "json",
        "--no-write",
        "--year",
        "2018",
    )
    world = [row for row in json.loads(finished.stdout)["aggregates"] if row["REF_AREA"] == "WLD"]
    assert world[0]["OBS_STATUS"] == "E"  # some of the values are ITU's estimates, and the comment says how many
    assert "of the values are estimates" in world[0]["OBS_COMMENT"]
    assert "KSO" not in finished.stderr


def test_skills_give_gaps_of_economies_only_and_say_why(divide):
    finished = divide("compute", str(RAW / "itu_datahub_2026_04/individuals-with-ict-skills-safety.csv"), "--no-write")
    assert "ITU publishes no group values for ICT skills" in " ".join(finished.stdout.split())
