"""Paths that are not files, names that a terminal obeys, places that cannot be written: one message, nothing harmed."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from divide_cli import readers
from divide_cli.errors import SourceError
from divide_cli.frames import atomic_write
from divide_cli.readers.opening import container
from divide_cli.sources.groupings import read_list
from tests.hostile.makers import GOOD
from tests.runner import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes and devices")


def refusal(path) -> SourceError:
    with pytest.raises(SourceError) as raised:
        readers.read(str(path))
    return raised.value


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/null", "/dev/urandom"])
def test_a_device_is_no_file(device):
    assert refusal(device).subject == "the path is a device, not a file"


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path, monkeypatch):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    monkeypatch.setattr(container, "most", lambda limit: 0 if limit == "pipe_seconds" else 10**9)
    assert refusal(pipe).subject == "no data arrives from the pipe"


def test_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(GOOD))
    writer.start()
    assert len(readers.read(str(pipe)).frame) == 1
    writer.join()


def test_a_pipe_without_end_is_cut(tmp_path, monkeypatch):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    monkeypatch.setattr(container, "most", lambda limit: 5_000_000)
    writer = subprocess.Popen([sys.executable, "-c", f"out = open({str(pipe)!r}, 'w')\nwhile True: out.write('x,' * 9999)"], stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        assert refusal(pipe).subject == "the file is too large"
    finally:
        assert writer.wait(timeout=300) != 0  # its pipe was closed


def test_a_link_is_followed_and_one_without_end_refused(tmp_path):
    (tmp_path / "data.csv").write_text(GOOD)
    (tmp_path / "link.csv").symlink_to(tmp_path / "data.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "lost.csv").symlink_to(tmp_path / "nowhere.csv")
    assert len(readers.read(str(tmp_path / "link.csv")).frame) == 1
    assert "symbolic links" in refusal(tmp_path / "loop.csv").found
    assert refusal(tmp_path / "lost.csv").subject == "the file cannot be opened"
    assert refusal("x\0y.csv").subject == "the file cannot be opened"
    assert refusal("x" * 300).subject == "the file cannot be opened"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text(GOOD)
    path.chmod(0)
    assert "ermission" in refusal(path).found


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full"])
def test_rules_waivers_and_groups_are_files_too(path):
    from divide_cli.catalogue.user_yaml import rules_from
    from divide_cli.validation.waivers import waivers_from

    for read in (rules_from, lambda given: waivers_from(str(given), []), read_list):
        with pytest.raises(SourceError, match="cannot be read"):
            read(Path(path))


def written(path: str) -> None:
    atomic_write.write({Path(path): "x" * 100_000})


def test_a_device_as_out_keeps_its_place():
    written("/dev/null")
    with pytest.raises(SourceError, match="cannot be written") as raised:
        written("/dev/full")
    assert raised.value.found == "No space left on device"
    assert all(stat.S_ISCHR(Path(device).stat().st_mode) for device in ("/dev/null", "/dev/full"))


@pytest.fixture
def shell(tmp_path):
    """`shell("divide read good.csv ...")` -> the finished line of bash, in a folder where `stdout` is a link like the system's."""
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")

    def run(line: str) -> "subprocess.CompletedProcess[str]":
        line = line.replace("divide", f"{sys.executable} -m divide_cli")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
        return subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # fmt: skip

    return run


@pytest.mark.parametrize("command", ["read good.csv --to csv", "read good.csv --to parquet", "validate good.csv --format html", "validate good.csv --format xlsx", "rules --format yaml"])  # fmt: skip
def test_standard_output_as_out_is_written_to(shell, tmp_path, command):
    """The file that it goes to has the bytes of a file, alone; the link stays; nothing is written beside it."""
    assert shell(f"divide {command} --out file > printed").returncode == 0
    made = shell(
        f"divide {command} --out stdout > redirected && echo first > added && divide {command} --out stdout >> added"
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "stdout").is_symlink() and os.readlink(tmp_path / "stdout") == "/proc/self/fd/1"
    expected = (tmp_path / "file").read_bytes()
    assert (tmp_path / "redirected").read_bytes() == expected
    assert (tmp_path / "added").read_bytes() == b"first\n" + expected
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"good.csv", "stdout", "file", "printed", "redirected", "added"} | ({"file-metadata.json"} & left)
    assert ("file-metadata.json" in left) == ("csv" in command.split()[-1])


def test_descriptors_and_pipes_as_out_are_written_to(shell, tmp_path):
    assert shell("divide read good.csv --to csv --out file > printed").returncode == 0
    os.mkfifo(tmp_path / "fifo")
    made = shell(
        "divide read good.csv --to csv --out /dev/fd/7 7>seven >printed; divide read good.csv --to csv --out >(cat >eight) >printed; "
        "cat fifo > nine & divide read good.csv --to csv --out fifo >printed; wait"
    )
    assert made.returncode == 0, made.stderr
    for name in ("seven", "eight", "nine"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "file").read_bytes(), name
    assert not list(tmp_path.glob("*fifo-*")) and not Path("/dev/fd/7-metadata.json").exists()
    made = shell("divide read good.csv --to csv --out /dev/fd/9 9>&-")
    assert made.returncode == 3 and "Bad file descriptor" in made.stderr


def test_metadata_is_beside_the_file_that_a_link_leads_to(shell, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "link.csv").symlink_to("data/figures.csv")
    made = shell("divide read good.csv --to csv --out link.csv")
    assert made.returncode == 0, made.stderr
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["figures.csv", "figures.csv-metadata.json"]
    assert not list(tmp_path.glob("link.csv-*")) and (tmp_path / "link.csv").is_symlink()
    assert '"url": "figures.csv"' in (tmp_path / "data" / "figures.csv-metadata.json").read_text()


@pytest.mark.parametrize("command", [("--version",), ("list", "areas"), ("list",), ("read", "good.csv"), ("validate", "good.csv", "--format", "html")])  # fmt: skip
def test_standard_output_that_is_full_is_one_message(command, tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    with open("/dev/full", "w") as full:
        made = subprocess.run([sys.executable, "-m", "divide_cli", *command], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    assert made.returncode == 3 and "Traceback" not in made.stderr
    assert "divide: error: the output cannot be written\n  found: No space left on device" in made.stderr


NAMES = [
    "-rf.csv",
    "--format.csv",
    "new\nline::error::pwned.csv",
    "esc\x1b[2J\x1b]0;pwned\x07.csv",
    "bidi\u202efdp.csv",
    "quo\"te'.csv",
    "$(touch pwned);`touch pwned`.csv",
    "<img src=x onerror=alert(1)>.csv",
    "[link=https:~evil.example]x.csv",
    "=cmd|'C calc'!A0.csv",
    os.fsdecode(b"no\xfftext.csv"),
    "%s%n{0}.csv",
]


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Files of hostile names, sound ones and others."""
    folder = tmp_path_factory.mktemp("names")
    for name in NAMES:
        (folder / name).write_text(GOOD)
        (folder / f"bad{name}").write_text("a,b\n1,2\n")
    return folder


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit", "github", "markdown", "html"])
def test_reports_show_names_harmless(form, named, divide):
    given = [str(named / f"{bad}{name}") for name in NAMES for bad in ("", "bad")]
    made = divide("validate", *given, "--format", form)
    assert made.returncode == 3, made.stderr
    _harmless(made.stdout + made.stderr)
    if form in ("html", "junit", "markdown"):
        assert "<img src" not in made.stdout.replace("\\<img src", "")


@pytest.mark.parametrize("command", [("read",), ("read", "--format", "json"), ("compute", "--no-write")])
def test_what_is_said_of_files_shows_names_harmless(command, named, divide):
    good = [str(named / name) for name in NAMES]
    if command[0] == "compute":
        good = good[:1]  # the others repeat its keys
    made = divide(*command, *good)
    assert made.returncode in (0, 1), made.stderr
    _harmless(made.stdout + made.stderr)
    for name in NAMES if command[0] == "compute" else ():
        made = divide(*command, str(named / f"bad{name}"))
        assert made.returncode == 3
        _harmless(made.stderr)


def test_files_of_any_name_are_written(named, divide, tmp_path):
    for name in NAMES[2:4] + NAMES[-2:-1]:
        for command, out in (
            (("validate", "--format", "xlsx"), f"out{name}.xlsx"),
            (("read", "--to", "csv"), f"out{name}"),
            (("read", "--to", "parquet"), f"out{name}.parquet"),
        ):
            made = divide(*command, str(named / name), "--out", out)
            assert made.returncode == 0, made.stderr
            assert (tmp_path / out).stat().st_size > 0
            _harmless(made.stdout + made.stderr)
    assert not (named / "pwned").exists() and not (tmp_path / "pwned").exists()


def test_a_name_that_begins_with_a_dash_is_no_option(named, divide):
    made = subprocess.run([sys.executable, "-m", "divide_cli", "read", "--", "-rf.csv"], cwd=named, capture_output=True, text=True, check=False)  # fmt: skip
    assert made.returncode == 0 and "-rf.csv" in made.stdout


def _harmless(text: str) -> None:
    assert "Traceback" not in text
    assert not set("\x1b\x07\u202e") & set(text)
    assert not any(line.startswith("line::error::pwned") for line in text.splitlines())
