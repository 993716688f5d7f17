"""`divide fetch`: current figures of a service into an edition's folder, complete or not at all.

An edition is a service and a day. What is fetched on one day joins one edition: indicators that the edition of that day
holds already and that were not asked for are carried over (their files are checked against origin.yaml, and fetched
again where they differ); those asked for are downloaded anew. The edition is replaced as a whole when all is complete.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from divide_cli.catalogue import Edition, Service, catalogue
from divide_cli.errors import OptionError
from divide_cli.sources.editions import folders
from divide_cli.sources.fetch.client import Client, UnusableError
from divide_cli.sources.fetch.providers import PROVIDERS, Download, Progress, is_file_of
from divide_cli.sources.fetch.store import assembling, origin_of, sha256


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


def _codes(indicators: Sequence[str], service: Service) -> dict[str, str]:
    """The indicators of the service, with its codes; OptionError where it lacks one of these, with who has it."""
    codes = published(service)
    missing = next((indicator for indicator in indicators if indicator not in codes), None)
    if missing is None:
        return codes
    others = [other.id for other in catalogue().services.values() if missing in published(other)]
    raise OptionError(
        "indicator_not_published" if others else "indicator_published_nowhere",
        indicators=", ".join(codes),
        service=service.name,
        sources=" or ".join(others),
        found=missing,
        where=f"INDICATOR, with --source {service.id}",
    )


def fetch(
    indicators: Sequence[str], service: Service, parent: Path, day: date, progress: Progress, *, base_url: str = ""
) -> Fetched:
    """Downloads the indicators into the service's edition of that day below `parent`.

    SourceError where something cannot be had, or not whole; the edition that stood there is then untouched, and the
    files that are complete wait in a hidden folder for the next run.
    """
    codes = _codes(indicators, service)
    address = (base_url or service.base_url).rstrip("/")
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
        with Client(service.manners, service.instead, progress.tell) as client:
            download = Download(partial, client, address, progress)
            for name in names:
                if name in earlier_files:
                    continue
                try:
                    further, updated = PROVIDERS[service.id](service, codes[name], download)
                except UnusableError as error:
                    raise client.refusal(error, address) from error
                files.extend(further)
                vintages.append(updated or day)
        for file, body in carried.items():
            partial.write(file, body)
        payloads = {file: partial.read(file) or b"" for file in files}
        partial.finish(origin_of(edition, service, address, day, names, payloads, max(vintages)), files)
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


def _unchanged_files(
    earlier: Edition, service: Service, address: str, indicators: Collection[str]
) -> dict[str, dict[str, bytes]]:
    """The files of each indicator of the earlier edition but these, where all files of one are as origin.yaml says."""
    codes = published(service) if earlier.url == address else {}
    earlier_files: dict[str, dict[str, bytes]] = {}
    for name in (name for name in earlier.indicators if name in codes and name not in indicators):
        own = [file for file in earlier.raw if is_file_of(service, codes[name], str(file["path"]))]
        hashes = {str(file["path"]): file["sha256"] for file in own}
        contents = {path: (earlier.folder / path).read_bytes() for path in hashes if (earlier.folder / path).is_file()}
        if hashes and {path: sha256(content) for path, content in contents.items()} == hashes:
            earlier_files[name] = contents
    return earlier_files
