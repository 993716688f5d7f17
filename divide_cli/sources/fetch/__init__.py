"""`divide fetch`: current figures of a service into an edition's folder, complete or not at all.

An edition is a service and a day. What is fetched on one day joins one edition: indicators that the edition of that day
holds already and that were not asked for are carried over (their files are checked against origin.yaml, and fetched
again where they differ); those asked for are downloaded anew. The edition is replaced as a whole when all is complete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from divide_cli.catalogue import Edition, Service, catalogue
from divide_cli.errors import OptionError
from divide_cli.sources.editions import folders
from divide_cli.sources.fetch import origin
from divide_cli.sources.fetch.answers import Check, TransientError, UnusableError, parse
from divide_cli.sources.fetch.client import Client
from divide_cli.sources.fetch.providers import SOURCES
from divide_cli.sources.fetch.store import Partial, assembling, sha256


class Progress(Protocol):
    """Who is told how far a download is."""

    def expect(self, files: int) -> None:
        """So many further files are to come."""

    def start(self, file: str) -> None:
        """The file is asked for."""

    def wait(self, why: str) -> None:
        """A request failed and will be made again."""

    def done(self) -> None:
        """A file is complete."""


@dataclass(frozen=True)
class Fetched:
    """An edition in its place: how many files came from the network, from an interrupted run, from earlier that day."""

    edition: str
    service: Service
    folder: Path
    searched: bool
    """Whether editions are looked for in the folder that holds this one."""
    indicators: tuple[str, ...]
    size: int
    downloaded: int
    resumed: int
    carried: int


def published(service: Service) -> dict[str, str]:
    """The indicators that can be had from the service, with its codes for them."""
    return {
        indicator.id: code
        for indicator in catalogue().indicators.values()
        if (code := indicator.codes.get(service.id)) and (not service.series or code in service.series)
    }


def require_published(indicators: Sequence[str], service: Service) -> None:
    """OptionError for the first indicator that the service does not publish, with what it has, and who has it."""
    known = published(service)
    for indicator in indicators:
        if indicator in known:
            continue
        others = [other.id for other in catalogue().services.values() if indicator in published(other)]
        raise OptionError(
            "indicator_not_published",
            expected=f"{', '.join(known)} ({service.name})",
            found=indicator,
            where=f"INDICATOR, with --source {service.id}",
            hint=f"take --source {' or '.join(others)}" if others else "no source that can be fetched from has it",
        )


class _Run:
    """The files of one run: from what an interrupted run left where that is valid, else from the service."""

    def __init__(self, partial: Partial, client: Client, base_url: str, progress: Progress) -> None:
        self._partial = partial
        self._client = client
        self._base_url = base_url
        self._progress = progress
        self.downloaded = 0
        self.resumed = 0

    def expect(self, files: int) -> None:
        self._progress.expect(files)

    def get(self, file: str, path: str, check: Check) -> Any:
        self._progress.start(file)
        payload = self._left(file, check)
        if payload is None:
            url = self._base_url + path
            body, payload = self._client.get(url)
            try:
                check(payload)
            except UnusableError as error:
                raise self._client.refusal(error, url) from error
            self._partial.write(file, body)
            self.downloaded += 1
        self._progress.done()
        return payload

    def _left(self, file: str, check: Check) -> Any:
        """What an interrupted run left under that name; None where there is nothing, or nothing valid."""
        if (body := self._partial.read(file)) is None:
            return None
        try:
            payload = parse(body)
            check(payload)
        except (UnusableError, TransientError):
            return None
        self.resumed += 1
        return payload

    def discard(self, files: list[str]) -> None:
        self._partial.discard(files)


def fetch(
    indicators: Sequence[str],
    service: Service,
    parent: Path,
    day: date,
    progress: Progress,
    *,
    base_url: str = "",
) -> Fetched:
    """Downloads the indicators into the service's edition of that day below `parent`.

    SourceError where something cannot be had, or not whole; the edition that stood there is then untouched, and the
    files that are complete wait in a hidden folder for the next run.
    """
    require_published(indicators, service)
    address = (base_url or service.base_url).rstrip("/")
    edition = f"{service.edition}_{day:%Y_%m_%d}"
    source, codes = SOURCES[service.id], published(service)
    asked = {"base_url": address, "path": service.path, "page_size": service.page_size}
    with assembling(parent, edition, asked) as partial:
        earlier = partial.earlier()
        carried = _carried(partial, earlier, service, address, set(indicators)) if earlier else {}
        held = {*indicators, *(earlier.indicators if earlier else ())}
        wanted = tuple(name for name in codes if name in held)
        kept = {name for name in wanted if any(source.owns(service, codes[name], file) for file in carried)}
        vintages = [earlier.vintage] if earlier and kept else []
        files = list(carried)
        with Client(service.manners, service.instead, progress.wait) as client:
            run = _Run(partial, client, address, progress)
            for name in wanted:
                if name in kept:
                    continue
                try:
                    collected = source.collect(service, codes[name], run)
                except UnusableError as error:
                    raise client.refusal(error, address) from error
                files.extend(collected.files)
                vintages.append(collected.updated or day)
        for file, content in carried.items():
            partial.write(file, content)
        contents = {file: partial.read(file) or b"" for file in files}
        described = origin.Contents(wanted, contents, max(vintages))
        partial.finish(origin.text(edition, service, address, day, described), files)
    size = sum(map(len, contents.values()))
    searched = parent.absolute() in {folder.absolute() for folder in folders()}
    return Fetched(edition, service, partial.place, searched, wanted, size, run.downloaded, run.resumed, len(carried))


def _carried(
    partial: Partial, earlier: Edition, service: Service, address: str, asked: set[str]
) -> Mapping[str, bytes]:
    """The files of indicators that were not asked for, where all files of one are as origin.yaml says."""
    if earlier.url != address:
        return {}
    owns, codes = SOURCES[service.id].owns, published(service)
    found: dict[str, bytes] = {}
    for name in earlier.indicators:
        if name in asked or name not in codes:
            continue
        raw = {
            str(file["path"]): file["sha256"] for file in earlier.raw if owns(service, codes[name], str(file["path"]))
        }
        contents = {path: (partial.place / path).read_bytes() for path in raw if (partial.place / path).is_file()}
        if raw and {path: sha256(content) for path, content in contents.items()} == raw:
            found.update(contents)
    return found


__all__ = ["Fetched", "Progress", "fetch", "published", "require_published"]
