"""The wheel, built from the checkout and installed alone, runs from an empty folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def build(folder: Path, **variables: str) -> Path:
    environment = {**os.environ, **variables}
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        env=environment,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    return build(tmp_path_factory.mktemp("wheel"))


def test_wheel_holds_facts_and_schemas(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "_data/datapackage.json",
        "_data/catalogue/indicators/core.yaml",
        "_data/sources/itu_aggregates_2025_11/observations.csv",
        "_schemas/gaps.json",
        "reports/html/findings.html.j2",
        "validation/rules.vtl.j2",
        "reports/html/page.css",
    ):
        assert f"divide_cli/{name}" in names
    assert not [name for name in names if name.startswith(("tests/", "scripts/", "data/"))]


def test_wheel_runs_alone(wheel, tmp_path):
    """Unpacked outside the checkout, with the libraries of this environment, without the checkout on the path."""
    site = tmp_path / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--target",
            str(site),
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIVIDE")} | {
        "PYTHONPATH": str(site)
    }
    where = subprocess.run(
        [sys.executable, "-c", "import divide_cli; print(divide_cli.__file__)"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(site) in where.stdout
    finished = subprocess.run(
        [str(site / "bin" / "divide"), "compute"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "A/RES/80/173" in finished.stdout
    assert sorted(path.name for path in (empty / "out").iterdir()) == ["aggregates.parquet", "gaps.parquet"]
    shown = subprocess.run(
        [str(site / "bin" / "divide"), "show", "wdi_2026_08"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(site) in shown.stdout.replace("\n", "").replace(" ", "")


def test_a_build_can_leave_itus_figures_out(tmp_path):
    pytest.importorskip("build")
    names = zipfile.ZipFile(build(tmp_path, DIVIDE_BUILD_WITHOUT="CC-BY-NC-SA-3.0-IGO")).namelist()
    assert not [name for name in names if "sources/itu_" in name]
    assert [name for name in names if "sources/wdi_2026_08/observations.csv" in name]


def test_the_metadata_name_the_licence_of_every_file(wheel):
    """MIT for the code; those of the figures as datapackage.json gives them for each file, in SPDX's spelling."""
    import json
    from email import message_from_bytes

    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = message_from_bytes(archive.read(name))
    package = json.loads(archive.read("divide_cli/_data/datapackage.json"))
    used = {licence["name"] for resource in package["resources"] for licence in resource["licenses"]}
    own = {"UN-with-citation": "LicenseRef-UN-with-citation", "ITU-cited": "LicenseRef-ITU-cited"}
    assert set(metadata["License-Expression"].split(" AND ")) == {"MIT", *(own.get(name, name) for name in used)}
    assert metadata.get_all("License-File") == ["LICENSE", "data/datapackage.json"]
