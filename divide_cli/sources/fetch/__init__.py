"""`divide fetch`: downloads current figures of a service as an edition, completely or not at all.

An edition belongs to a service and a day. All downloads of one day go into the same edition. Its other indicators are
carried over: their files are checked against origin.yaml, and downloaded again if they differ. Requested indicators are
always downloaded again. Once everything is complete, the new edition replaces the old one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from divide_cli.catalogue import Edition, Service, catalogue, data_dir
from divide_cli.errors import OptionError
from divide_cli.language import ENGLISH, commas, current, speaking
from divide_cli.sources.editions import folders
from divide_cli.sources.fetch.client import Client, UnusableError
from divide_cli.sources.fetch.providers import PROVIDERS, Download, Progress, is_file_of
from divide_cli.sources.fetch.store import assembling, origin_of, sha256

_FIRST = date(2000, 1, 1)
"""The first day of an update that is believed: none of the interfaces is as old."""


@dataclass(frozen=True)
class Fetched:
    """A complete edition, with the numbers of files downloaded, resumed from an interrupted run, and carried over."""

    edition: str
    service: Service
    folder: Path
    searched: bool
    """Whether the parent folder is searched for editions."""
    indicators: tuple[str, ...]
    size: int
    downloaded: int
    resumed: int
    carried: int


def published(service: Service) -> dict[str, str]:
    """The indicators that the service offers, with their codes in the service."""
    return {
        indicator.id: code
        for indicator in catalogue().indicators.values()
        if (code := indicator.codes.get(service.id)) and (not service.series or code in service.series)
    }


def _codes(indicators: Sequence[str], service: Service) -> dict[str, str]:
    """The indicators of the service, with their codes; OptionError, with other services, if one is missing."""
    codes = published(service)
    missing = next((indicator for indicator in indicators if indicator not in codes), None)
    if missing is None:
        return codes
    others = [other.id for other in catalogue().services.values() if missing in published(other)]
    raise OptionError(
        "indicator_not_published" if others else "indicator_published_nowhere",
        indicators=commas(codes),
        service=service.name,
        sources=" or ".join(others),
        found=missing,
        where=f"INDICATOR, with --source {service.id}",
    )


def fetch(
    indicators: Sequence[str], service: Service, parent: Path, day: date, progress: Progress, *, base_url: str = ""
) -> Fetched:
    """Downloads the indicators into the service's edition of that day, in the folder `parent`.

    Raises SourceError if anything is unavailable or incomplete. The existing edition then stays as it is, and complete
    files are kept in a hidden folder for the next run.
    """
    codes = _codes(indicators, service)
    address, login = _address((base_url or service.base_url).rstrip("/"))
    edition = f"{service.edition}_{day:%Y_%m_%d}"
    request = {"base_url": address, "path": service.path, "page_size": service.page_size}
    with assembling(parent, edition, request) as partial:
        earlier = partial.earlier()
        earlier_files = _unchanged_files(earlier, service, address, indicators) if earlier else {}
        members = {*indicators, *(earlier.indicators if earlier else ())}
        names = tuple(name for name in codes if name in members)
        carried = {file: body for contents in earlier_files.values() for file, body in contents.items()}
        files = list(carried)
        vintages = [earlier.vintage] if earlier and earlier_files else []
        with Client(service.manners, service.instead, progress.tell, login) as client:
            download = Download(partial, client, address, progress)
            for name in names:
                if name in earlier_files:
                    continue
                try:
                    further, updated = PROVIDERS[service.id](service, codes[name], download)
                except UnusableError as error:
                    raise client.refusal(error, address) from error
                files.extend(further)
                vintages.append(updated if updated and _is_possible(updated, day) else day)
        for file, body in carried.items():
            partial.write(file, body)
        payloads = {file: partial.read(file) or b"" for file in files}
        spoken = current()
        with speaking(ENGLISH, data_dir()):  # origin.yaml is for machines and for all
            named = service if spoken == ENGLISH else catalogue().services[service.id]
            origin = origin_of(edition, named, address, day, names, payloads, max(vintages))
        partial.finish(origin, files)
    return Fetched(
        edition=edition,
        service=service,
        folder=partial.place,
        searched=parent.absolute() in {folder.absolute() for folder in folders()},
        indicators=names,
        size=sum(map(len, payloads.values())),
        downloaded=download.downloaded,
        resumed=download.resumed,
        carried=len(carried),
    )


def _address(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address as it may be shown and kept, and the user and password in it, which are only sent to the service."""
    parts = urlsplit(url)
    login = (unquote(parts.username or ""), unquote(parts.password or "")) if "@" in parts.netloc else None
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), login


def _is_possible(updated: date, day: date) -> bool:
    """Whether a service can have been updated on a day: not tomorrow, but it may be tomorrow where the service is."""
    return _FIRST <= updated <= day + timedelta(days=1)


def _unchanged_files(
    earlier: Edition, service: Service, address: str, indicators: Collection[str]
) -> dict[str, dict[str, bytes]]:
    """The files of the other indicators of the earlier edition, if all files of an indicator match origin.yaml."""
    codes = published(service) if earlier.url == address else {}
    earlier_files: dict[str, dict[str, bytes]] = {}
    for name in (name for name in earlier.indicators if name in codes and name not in indicators):
        own = [file for file in earlier.raw if is_file_of(service, codes[name], str(file["path"]))]
        hashes = {str(file["path"]): file["sha256"] for file in own}
        contents = {path: (earlier.folder / path).read_bytes() for path in hashes if (earlier.folder / path).is_file()}
        if hashes and {path: sha256(content) for path, content in contents.items()} == hashes:
            earlier_files[name] = contents
    return earlier_files
