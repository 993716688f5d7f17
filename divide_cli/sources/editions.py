"""Editions, the releases of sources: where each is found, and its observations.

An edition is read from the first folder that contains it: `$DIVIDE_EDITIONS`, the user's data folder, data/sources.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli import concepts as v
from divide_cli.catalogue import Edition, data_dir
from divide_cli.catalogue.claims import publications
from divide_cli.catalogue.load import edition_from
from divide_cli.errors import OptionError, SourceError, suggestion

if TYPE_CHECKING:
    from divide_cli.frames.observations import Observations


def own_folder() -> Path:
    """The user's data folder for their own editions, to which `divide fetch` writes."""
    import platformdirs

    return Path(platformdirs.user_data_dir("divide", appauthor=False)) / "editions"


def folders() -> tuple[Path, ...]:
    """The folders to search, in order. Only this function reads `$DIVIDE_EDITIONS`."""
    named = os.environ.get("DIVIDE_EDITIONS")
    return (*((Path(named),) if named else ()), own_folder(), data_dir() / "sources")


@cache
def editions() -> Mapping[str, Edition]:
    """Every edition in `folders()`, by id. A folder is an edition if it contains an origin.yaml."""
    by_id: dict[str, Edition] = {}
    for folder in folders():
        for origin in sorted(folder.glob("*/origin.yaml")) if folder.is_dir() else ():
            edition = edition_from(origin.parent)
            by_id.setdefault(edition.id, edition)
    return dict(sorted(by_id.items()))


def edition(name: str) -> Edition:
    """The edition with that id; OptionError with the nearest ids if there is none."""
    if name not in editions():
        where, hint = " or ".join(map(str, folders())), suggestion(name, editions(), "`divide list editions`")
        raise OptionError("edition_unknown", expected=", ".join(editions()), found=name, where=where, hint=hint)
    return editions()[name]


def default_editions() -> list[str]:
    """The editions that `compute` uses if none is named: all except weights and older copies."""
    return [name for name, entry in editions().items() if entry.role != "weights" and entry.default]


def current_editions() -> list[str]:
    """The default editions of country figures and published ones, without those of quoted figures."""
    return [name for name in default_editions() if editions()[name].role in ("country", "published")]


def country_editions() -> tuple[str, ...]:
    """The editions of country figures, older copies included, newest first."""
    held = [entry for entry in editions().values() if entry.role == "country"]
    return tuple(entry.id for entry in sorted(held, key=lambda entry: entry.vintage, reverse=True))


def published_editions() -> list[str]:
    """The editions of published group values, newest first."""
    published = [entry for entry in editions().values() if entry.role == "published"]
    return [entry.id for entry in sorted(published, key=lambda entry: entry.vintage, reverse=True)]


def newest_published(names: Iterable[str]) -> str | None:
    """The newest of the named editions with published group values; None if there is none."""
    named = set(names)
    return next((name for name in published_editions() if name in named), None)


def load(name: str) -> "Observations":
    """The observations of an edition, checked against their schema; those of an embedded edition are read once."""
    from divide_cli.frames.schema import conform

    if edition(name).folder.is_relative_to(data_dir()):  # tests check the embedded editions
        return _embedded(name)
    observations = _read(edition(name))
    conform(observations.frame, observations.dimensions)
    return observations


@cache
def _embedded(name: str) -> "Observations":
    return _read(edition(name))


def _read(origin: Edition) -> "Observations":
    if origin.view:
        return _quoted(origin)
    from divide_cli import readers

    paths = sorted(path for path in origin.folder.iterdir() if path.suffix in (".csv", ".json", ".parquet"))
    if not paths:
        raise SourceError("edition_file_missing", where=str(origin.folder))
    from divide_cli.frames.observations import combine

    return combine([readers.load(str(path), origin.id) for path in paths])


def _quoted(origin: Edition) -> "Observations":
    """The printed figures of a publication as observations: a view of its claims.

    A claim is a figure if its selector names an indicator, one area and one year, and its printed text is a number.
    DECIMALS are those of the printed text. OBS_COMMENT gives the paragraph and the qualifier.
    """
    from divide_cli.frames.observations import InputFile, Observations, Reading, from_records

    path = data_dir() / origin.view
    claims = [claim for claim in publications()[path.stem].claims if claim.is_figure]
    rows = [
        {
            **dict(zip(v.DIMENSIONS, claim.selector.breakdown, strict=True)),
            v.REF_AREA: claim.selector.area,
            v.INDICATOR: claim.selector.indicator,
            v.TIME_PERIOD: claim.selector.year,
            v.OBS_VALUE: float(claim.printed),
            v.UNIT_MEASURE: claim.unit,
            v.OBS_STATUS: v.NORMAL,
            v.OBS_COMMENT: f"quoted: {claim.where}, {claim.quotation}",
            v.CITATION: claim.where,
            v.DECIMALS: len(claim.printed.partition(".")[2]),
            v.FILE: path.name,
            v.LINE: 0,
            v.EDITION: origin.id,
        }
        for claim in claims
    ]
    frame, raw = from_records(rows, rows[0]), path.read_bytes()
    file = InputFile(str(path), hashlib.sha256(raw).hexdigest(), len(raw), "utf-8")
    reading = Reading(file, origin.id, len(frame), 0)
    return Observations(frame, (), (reading,))
