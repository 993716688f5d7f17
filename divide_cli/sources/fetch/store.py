"""Assembles an edition with its origin.yaml in a hidden folder, which is moved into place once it is complete.

A folder is an edition only if it contains an origin.yaml. This file is written last and removed first: whenever the
process is interrupted, `editions.editions()` finds a complete edition, the old or the new one. Payloads in
`.<id>.partial` are kept for the next run. `.<id>.old` exists only between two renamings; if a run is interrupted there,
a later one removes it or moves it back.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from divide_cli import __version__, temporary
from divide_cli.catalogue import Edition, Service, catalogue
from divide_cli.errors import SourceError, reason_of
from divide_cli.sources.editions import edition_in

ORIGIN = "origin.yaml"
REQUEST = ".asked"
"""The file with the request of a run. Another run with the same request resumes its payloads."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Partial:
    """The hidden folder in `parent` in which an edition is assembled."""

    def __init__(self, parent: Path, edition: str) -> None:
        self.place = parent / edition
        self.folder = parent / f".{edition}.partial"
        self.aside = parent / f".{edition}.old"

    def read(self, file: str) -> bytes | None:
        """The content of a payload from an interrupted run; None if there is none."""
        path = self.folder / file
        return path.read_bytes() if path.is_file() else None

    def write(self, file: str, content: bytes) -> None:
        """Writes a file completely: to disk under a temporary name, then renamed."""
        with temporary.written(self.folder, content) as path:
            path.replace(self.folder / file)

    def discard(self, files: Iterable[str]) -> None:
        """Removes payloads that must be downloaded again."""
        for file in files:
            (self.folder / file).unlink(missing_ok=True)

    def earlier(self) -> Edition | None:
        """The existing edition, or None; SourceError if its folder is not an edition, or contains other files."""
        if not self.place.exists():
            return None
        if not (self.place / ORIGIN).is_file():
            raise SourceError("edition_place_taken", origin=ORIGIN, where=str(self.place))
        edition = edition_in(self.place)
        own = {ORIGIN, *(str(file["path"]) for file in edition.raw)}
        visible = {path.name for path in self.place.iterdir() if not path.name.startswith(".")}
        if foreign := sorted(visible - own):
            expected, others = ", ".join(sorted(own)), ", ".join(foreign)
            raise SourceError("edition_holds_other_files", expected=expected, found=others, where=str(self.place))
        return edition

    def finish(self, origin: bytes, files: Iterable[str]) -> None:
        """Makes the folder the edition, with only these files and origin.yaml. It replaces the earlier edition."""
        for path in self.folder.iterdir():
            if path.name not in {*files, REQUEST}:
                path.unlink()
        self.write(ORIGIN, origin)
        (self.folder / REQUEST).unlink()
        try:
            if self.place.exists():
                self.place.rename(self.aside)
            self.folder.rename(self.place)
        finally:
            self.settle()

    def settle(self) -> None:
        """Completes an interrupted replacement: removes the old edition if the new one is in place, or restores it."""
        if not self.aside.exists():
            return
        if self.place.exists() or not (self.aside / ORIGIN).is_file():
            remove(self.aside)
        else:
            self.aside.rename(self.place)


@contextmanager
def assembling(parent: Path, edition: str, request: Mapping[str, object]) -> Iterator[Partial]:
    """The locked partial folder of an edition. Payloads of an interrupted run with the same request are kept.

    Partial folders of the same source and earlier days are removed, and a folder without payloads at the end. Raises
    SourceError if the folder cannot be written, or another process is assembling the same edition.
    """
    partial = Partial(parent, edition)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with locked(partial.folder) as is_own:
            if not is_own:
                raise SourceError("edition_locked", where=str(partial.folder))
            partial.settle()
            _sweep(partial)
            _resume(partial, json.dumps(request, sort_keys=True).encode())
            try:
                yield partial
            finally:
                if partial.folder.is_dir() and not any(partial.folder.glob("[!.]*")):
                    remove(partial.folder)
    except OSError as error:
        where = str(error.filename or parent)
        raise SourceError("edition_unwritable", found=reason_of(error), where=where) from error


def _resume(partial: Partial, request: bytes) -> None:
    """Keeps only the payloads of an interrupted run with the same request."""
    (partial.folder / ORIGIN).unlink(missing_ok=True)
    same = partial.read(REQUEST) == request
    for path in partial.folder.iterdir():
        if not same or path.name.endswith(".tmp"):
            path.unlink()
    if not same:
        partial.write(REQUEST, request)


def _sweep(partial: Partial) -> None:
    """Settles and removes folders of the same source from other days, unless another process uses them."""
    source = partial.place.name.rstrip("0123456789_")
    parent = partial.place.parent
    remains = [path for ending in ("partial", "old") for path in parent.glob(f".{source}_[0-9]*.{ending}")]
    for name in sorted({path.name[1:].rpartition(".")[0] for path in remains} - {partial.place.name}):
        other = Partial(parent, name)
        with locked(other.folder) as is_own:
            if is_own:
                other.settle()
                remove(other.folder)


def remove(folder: Path) -> None:
    """Removes the folder of an edition, origin.yaml first: an incomplete folder is never an edition."""
    (folder / ORIGIN).unlink(missing_ok=True)
    shutil.rmtree(folder)


def sha256(content: bytes) -> str:
    """The SHA-256 of the content, as in origin.yaml."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Locks the folder, created if necessary, until the block ends; yields whether that succeeded (on Windows, True).

    The operating system keeps the lock, so it ends with the process.
    """
    folder.mkdir(exist_ok=True)
    if sys.platform == "win32":
        yield True
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        free = temporary.lock(descriptor) is not False
        in_place = folder.exists() and os.path.samestat(os.fstat(descriptor), folder.stat())
        yield free and in_place
    finally:
        os.close(descriptor)


def origin_of(
    edition: str, service: Service, url: str, day: date, names: Sequence[str], files: Mapping[str, bytes], last: date
) -> bytes:
    """The bytes of origin.yaml for an edition with those indicators and files; `last` is its vintage.

    The same edition always gives the same bytes.
    """
    entries = [catalogue().indicators[name] for name in names]
    codes = [entry.codes[service.id] for entry in entries]
    fields = {
        "id": edition,
        "title": f"{'; '.join(entry.name for entry in entries)} ({service.name}, fetched {day_in_words(day)})",
        "producer": service.producer,
        "via": None,
        "url": url,
        "accessed": day,
        "vintage": last,
        "role": "country",
        "default": False,
        **({"method": service.method} if service.method else {}),
        "licence": dict(service.licence),
        "citation": service.citation.format(
            codes=", ".join(codes), accessed=day_in_words(day), vintage=day_in_words(last)
        ),
        "indicators": list(names),
        "left_out": [],
        "notes": [*service.notes, _requests(service, url, codes)],
    }
    return origin_document(fields, files)


def origin_document(fields: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """The bytes of origin.yaml with those keys, and each file with its size and sha256."""
    raw = [{"path": file, "sha256": sha256(content), "bytes": len(content)} for file, content in sorted(files.items())]
    document: str = yaml.safe_dump({**fields, "raw": raw}, sort_keys=False, allow_unicode=True, width=120)
    return document.encode()


def _requests(service: Service, url: str, codes: Sequence[str]) -> str:
    """The requests behind the files, which anyone can repeat."""
    series = [f"{name} = {number}" for code in codes for name, number in service.series.get(code, {}).items()]
    path = service.path.replace("{page_size}", str(service.page_size))
    request = f"GET {url}{path} ({', '.join(series or codes)})"
    return f"Fetched by divide {__version__}; each file is an answer as received to {request}."


def day_in_words(day: date) -> str:
    """A day as text: 24 November 2026, whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
