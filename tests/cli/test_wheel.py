"""The source distribution and the wheel: what they contain, and that the wheel runs from an empty folder, alone.

The wheel is built from the source distribution, as a package index would have both.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from divide_cli import __version__

ROOT = Path(__file__).resolve().parents[2]
GAP = "internet_use_income"
LANGUAGES = ("ar", "es", "fr", "ru", "zh")
NO_INDEX = ("No matching distribution found", "Connection", "Could not fetch", "Max retries", "Temporary failure")
"""What pip says where it reaches no package index."""


def build(root: Path, folder: Path, *kinds: str, **variables: str) -> Path:
    """Builds the distributions of a checkout into a folder: the source distribution and its wheel, or those named."""
    subprocess.run(
        [sys.executable, "-m", "build", *kinds, "--no-isolation", "--outdir", str(folder), str(root)],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    return build(ROOT, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def wheel(built):
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def source(built):
    return next(built.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel, unpacked outside the checkout; its libraries are those of this environment, but Babel is missing."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True)
    (folder / "babel.py").write_text("raise ImportError('not installed')", encoding="utf-8")
    return folder


def alone(folder: Path, *command: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The finished command, in an empty folder, with what was installed in `folder`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIVIDE")}
    return subprocess.run(
        [str(folder / command[0]) if command[0].startswith("bin/") else command[0], *command[1:]],
        cwd=cwd,
        env=environment | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def names_in(archive: Path) -> set[str]:
    """The files of a distribution, without the folder of a source distribution."""
    if archive.suffix == ".whl":
        return set(zipfile.ZipFile(archive).namelist())
    with tarfile.open(archive) as files:
        return {name.partition("/")[2] for name in files.getnames()}


def tracked(*folders: str) -> set[str]:
    """The files of the checkout that git knows, in these folders."""
    finished = subprocess.run(
        ["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if finished.returncode:
        pytest.skip("not a git repository: what belongs to the project is not known")
    return {name for name in finished.stdout.split("\0") if name and (ROOT / name).exists()}


def test_the_wheel_has_the_code_the_facts_the_schemas_and_nothing_else(wheel):
    expected = tracked("divide_cli")
    for name in tracked("data", "schemas"):
        folder, _, inside = name.partition("/")
        expected.add(f"divide_cli/_{folder}/{inside}")
    pattern = re.compile(r"(.*/translations/\w+)\.po")
    expected = {pattern.sub(r"\1.mo", name) for name in expected}
    assert {f"divide_cli/_data/translations/{language}.mo" for language in LANGUAGES} <= expected
    info = f"divide_cli-{__version__}.dist-info"
    assert {name for name in names_in(wheel) if not name.startswith(info)} == expected
    licences = {f"{info}/licenses/LICENSE", f"{info}/licenses/data/datapackage.json"}
    assert licences <= names_in(wheel)


def test_the_source_distribution_has_what_a_build_and_the_tests_need_and_no_cache(source):
    names = names_in(source)
    folders = ("benchmarks", "data", "divide_cli", "docs", "requirements", "schemas", "scripts", "tests")
    assert tracked(*folders) <= names
    for name in ("README.md", "LICENSE", "pyproject.toml", "CHANGELOG.md", "CITATION.cff", "Makefile", "Dockerfile"):
        assert name in names
    assert not [
        name for name in names if re.search(r"__pycache__|__cache__|\.mo$|\.pyc$|^(build|out|dist|\.venv)/", name)
    ]


def test_what_the_container_copies_builds_the_same_wheel(wheel, tmp_path):
    """.dockerignore names what `COPY . /source` takes; the Dockerfile installs from it. Temporary files stay out."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = [line[1:] for line in lines if line.startswith("!")]
    copied = tmp_path / "source"
    for name in tracked(*taken):
        (copied / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copied / name)
    (copied / "data" / "translations" / ".divide-0123456789abcdef.tmp").touch()
    made = build(copied, tmp_path / "built", "--wheel")
    assert names_in(next(made.glob("*.whl"))) == names_in(wheel)


def test_wheel_runs_alone(installed, tmp_path):
    where = alone(installed, sys.executable, "-c", "import divide_cli; print(divide_cli.__file__)", cwd=tmp_path)
    assert str(installed) in where.stdout
    finished = alone(installed, "bin/divide", "compute", cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert "A/RES/80/173" in finished.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["aggregates.parquet", "gaps.parquet"]
    shown = alone(installed, "bin/divide", "show", "wdi_2026_08", cwd=tmp_path)
    assert str(installed) in shown.stdout.replace("\n", "").replace(" ", "")


def test_wheel_speaks_french_without_babel(installed, tmp_path):
    """The build compiles the .po files; nobody who installs the wheel needs Babel for that."""
    command = ("bin/divide", "compute", "--gap", "internet_use_income", "--no-write", "--lang", "fr")
    finished = alone(installed, *command, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert "Les fractures que cite A/RES/80/173" in finished.stdout and "The divides" not in finished.stdout


def test_pip_installs_both_in_an_empty_environment(wheel, source, tmp_path):
    """The source distribution with its libraries from the package index, and then the wheel in its place."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    binaries = tmp_path / "venv" / "bin"
    pip = [str(binaries / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    (tmp_path / "empty").mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DIVIDE", "PYTHON"))}
    for distribution in (source, wheel):
        install = [
            *pip,
            "install",
            "--no-compile",
            *(["--no-deps"] if distribution == wheel else []),
            str(distribution),
        ]
        finished = subprocess.run(install, capture_output=True, text=True, check=False)
        if finished.returncode and any(words in finished.stderr for words in NO_INDEX):
            pytest.skip(f"no package index is at hand: {finished.stderr.strip().splitlines()[-1]}")
        assert finished.returncode == 0, finished.stderr

        def run(*command: str) -> str:
            finished = subprocess.run(
                [str(binaries / command[0]), *command[1:]],
                cwd=tmp_path / "empty",
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert finished.returncode == 0, finished.stderr
            return finished.stdout

        assert "A/RES/80/173" in run("divide", "compute")
        rows = run("divide", "compute", "--gap", GAP, "--format", "csv", "--no-write").splitlines()[1:]
        assert len(rows) > 100
        assert run("python", "-c", f"import divide_cli as divide; print(len(divide.compute(gap={GAP!r}).gaps))") == (
            f"{len(rows)}\n"
        )
        subprocess.run([*pip, "uninstall", "--yes", "divide-cli"], check=True, capture_output=True)


def test_a_build_can_leave_itus_figures_out(tmp_path):
    pytest.importorskip("build")
    names = names_in(next(build(ROOT, tmp_path, "--wheel", DIVIDE_BUILD_WITHOUT="CC-BY-NC-SA-3.0-IGO").glob("*.whl")))
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
