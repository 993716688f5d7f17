"""Files are written completely or not at all; what is temporary is new, ours, and goes."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from divide_cli import temporary
from divide_cli.errors import SourceError
from divide_cli.frames import atomic_write
from tests.runner import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs permissions, links and locks")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_permissions_of_a_replaced_file_stay(tmp_path):
    for permissions in (0o600, 0o640, 0o664, 0o444):
        path = tmp_path / f"{permissions:o}.txt"
        path.write_text("old")
        path.chmod(permissions)
        atomic_write.write({path: "new"})
        assert (path.read_text(), mode(path)) == ("new", permissions)


@pytest.mark.parametrize(("umask", "permissions"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_what_the_umask_leaves(tmp_path, umask, permissions):
    before = os.umask(umask)
    try:
        atomic_write.write({tmp_path / "new.txt": "new"})
    finally:
        os.umask(before)
    assert mode(tmp_path / "new.txt") == permissions


def test_a_private_file_is_private_while_it_is_written(tmp_path, monkeypatch):
    path = tmp_path / "private.txt"
    path.write_text("old")
    path.chmod(0o600)
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _number: seen.extend(map(mode, tmp_path.iterdir())))
    atomic_write.write({path: "new"})
    assert seen == [0o600, 0o600]


def test_links_are_followed_to_their_file(tmp_path):
    (tmp_path / "data").mkdir()
    target, link, chain = tmp_path / "data" / "report.txt", tmp_path / "link.txt", tmp_path / "chain.txt"
    link.symlink_to(Path("data", "report.txt"))
    chain.symlink_to("link.txt")
    for text in ("into nothing", "over a file"):
        atomic_write.write({chain: text})
        assert target.read_text() == text and link.is_symlink() and chain.is_symlink()
    assert names(tmp_path / "data") == ["report.txt"] and names(tmp_path) == ["chain.txt", "data", "link.txt"]


def test_links_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(SourceError, match="cannot be written") as raised:
        atomic_write.write({tmp_path / "a": "text"})
    assert raised.value.found == os.strerror(errno.ELOOP)
    assert names(tmp_path) == ["a", "b"]


def test_a_name_that_somebody_guessed_is_not_written_through(tmp_path, monkeypatch):
    """The names cannot be guessed. If one were, the link would stay what it is and the victim what it was."""
    victim = tmp_path / "victim"
    victim.write_text("kept")
    monkeypatch.setattr(os, "urandom", lambda size: b"\0" * size)
    (tmp_path / f".divide-{'0' * 16}.tmp").symlink_to(victim)
    with pytest.raises(SourceError, match="cannot be written"):
        atomic_write.write({tmp_path / "report.txt": "new"})
    assert victim.read_text() == "kept"


def test_two_files_are_placed_together_or_not_at_all(tmp_path, monkeypatch):
    """The second renaming fails, as on a file that the system protects: the first is undone."""
    (tmp_path / "old").write_text("old")
    (tmp_path / "protected").write_text("old")
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if Path(target).name == "protected":
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(path), None, str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    for first in ("old", "new"):
        with pytest.raises(SourceError) as raised:
            atomic_write.write({tmp_path / first: "1", tmp_path / "protected": "2"})
        assert raised.value.where == str(tmp_path / "protected")
    assert names(tmp_path) == ["old", "protected"]
    assert (tmp_path / "old").read_text() == (tmp_path / "protected").read_text() == "old"


def test_two_files_without_second_names(tmp_path, monkeypatch):
    """Where files have one name only, the first is put back from a copy."""

    def no_link(*_paths: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_link)
    test_two_files_are_placed_together_or_not_at_all(tmp_path, monkeypatch)


def test_a_signal_between_two_renamings_waits(tmp_path, monkeypatch):
    """It arrives after both files are in place, and not at all late."""
    replace = Path.replace

    def interrupt(path: Path, target: Path) -> Path:
        signal.raise_signal(signal.SIGINT)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            atomic_write.write({tmp_path / "a": "1", tmp_path / "b": "2"})
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert names(tmp_path) == ["a", "b"]


def test_another_thread_writes_too(tmp_path):
    thread = threading.Thread(target=lambda: atomic_write.write({tmp_path / "a": "1", tmp_path / "b": "2"}))
    thread.start()
    thread.join()
    assert names(tmp_path) == ["a", "b"]


HOLDS = """
import sys, time
from pathlib import Path
from divide_cli import temporary
with temporary.written(Path(sys.argv[1]), b"alive") as path:
    print(path.name, temporary.scratch(), flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_uses_is_not(tmp_path):
    out, scratch = tmp_path / "out", tmp_path / "temporary"
    out.mkdir()
    scratch.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(out)], env=environment, stdout=subprocess.PIPE, text=True)  # fmt: skip
    name, folder = process.stdout.readline().split()
    (Path(folder) / "spool").write_text("a file in the folder")
    for place in (out, scratch):
        temporary.sweep(place)
    assert names(out) == [name] and Path(folder, "spool").exists()
    process.kill()
    process.communicate()
    for place in (out, scratch):
        temporary.sweep(place)
        assert names(place) == []


def test_only_our_own_is_swept(tmp_path):
    """A name like ours is not enough: links stay, and other patterns are other programs'."""
    (tmp_path / "victim").write_text("kept")
    (tmp_path / ".divide-0123456789abcdef.tmp").symlink_to("victim")
    for name in (".divide-1.tmp", ".divide-0123456789abcdef.txt", "divide-0123456789abcdef.tmp", ".report.html.123"):
        (tmp_path / name).write_text("kept")
    os.mkfifo(tmp_path / ".divide-aaaaaaaaaaaaaaaa.tmp")
    before = names(tmp_path)
    temporary.sweep(tmp_path)
    assert names(tmp_path) == before
    (tmp_path / ".divide-bbbbbbbbbbbbbbbb.tmp").write_text("left")
    temporary.sweep(tmp_path)
    assert names(tmp_path) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a file away")
def test_the_owner_of_a_replaced_file_stays(tmp_path):
    path = tmp_path / "theirs.txt"
    path.write_text("old")
    os.chown(path, 12345, 23456)
    path.chmod(0o640)
    atomic_write.write({path: "new"})
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (12345, 23456, 0o640)


def test_a_folder_that_another_process_swept_before_it_was_locked_is_made_again(tmp_path, monkeypatch):
    """Between the making of a folder and its lock, a sweep may take it for left over."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(temporary, "_scratch", [])
    made, mkdir = [], Path.mkdir

    def swept_once(path, *rest, **more):
        mkdir(path, *rest, **more)
        made.append(path)
        if len(made) == 1:
            path.rmdir()

    monkeypatch.setattr(Path, "mkdir", swept_once)
    folder = temporary.scratch()
    assert folder.is_dir() and folder == made[1] and list(tmp_path.iterdir()) == [folder]
    temporary.discard(folder)


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), temporary.written(tmp_path / "absent", b"x"):
        pass
