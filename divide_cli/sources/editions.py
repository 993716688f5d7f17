"""Editions, the releases of sources: where each is found, and its observations.

An edition is read from the first folder that contains it: `$DIVIDE_EDITIONS`, the user's data folder, data/sources.
Its origin.yaml names each file of figures with its sha256. Other bytes, and other files, are an error when it is used.
"""

import csv
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import Edition, data_dir
from divide_cli.catalogue.claims import publications
from divide_cli.catalogue.entries import allowed, build
from divide_cli.catalogue.load import edition_from
from divide_cli.errors import CatalogueError, DivideError, OptionError, SourceError, reason_of, suggestion
from divide_cli.language import commas, say

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


class Editions(dict[str, Edition]):
    """The editions that can be used, by id; `wrong` are the errors of the others, by the name of their folder."""

    wrong: Mapping[str, DivideError]


@language.ByLanguage
def editions() -> Editions:
    """Every edition in `folders()`. A folder is an edition if it contains an origin.yaml.

    One that cannot be used does not give way to one of its name in a further folder, which has other figures.
    """
    by_id: dict[str, Edition] = {}
    wrong: dict[str, DivideError] = {}
    for folder in folders():
        for origin in sorted(folder.glob("*/origin.yaml")) if folder.is_dir() else ():
            try:
                edition = edition_in(origin.parent)
            except DivideError as error:
                if origin.parent.name not in by_id:
                    wrong.setdefault(origin.parent.name, error)
            else:
                if edition.id not in wrong:
                    by_id.setdefault(edition.id, edition)
    found = Editions(sorted(by_id.items()))
    found.wrong = wrong
    return found


def edition_in(folder: Path) -> Edition:
    """The edition of the origin.yaml in the folder. That of a user is read as possibly malicious data."""
    if folder.is_relative_to(data_dir()):
        return edition_from(folder)
    from divide_cli.catalogue.user_yaml import given_yaml  # with the YAML reader, which most commands do not need

    path = folder / "origin.yaml"
    content = given_yaml(path, say("the origin of the edition"))
    if not isinstance(content, dict):
        raise CatalogueError("origin_malformed", found=allowed(type(content)), where=str(path))
    edition = build(Edition, {**content, "folder": folder}, str(path))
    if edition.view and PurePath(edition.view).stem not in publications():
        expected = commas(f"claims/{name}.yaml" for name in publications())
        where = say("{path}, view", path=path)
        raise CatalogueError("key_type_wrong", what="view", expected=expected, found=edition.view, where=where)
    return edition


def edition(name: str) -> Edition:
    """The edition with that id; the error of its origin.yaml, or OptionError with the nearest ids if there is none."""
    if name in editions().wrong:
        raise editions().wrong[name]
    if name not in editions():
        where, hint = say(" or ").join(map(str, folders())), suggestion(name, editions(), "`divide list editions`")
        raise OptionError("edition_unknown", expected=commas(editions()), found=name, where=where, hint=hint)
    return editions()[name]


def left_out() -> tuple[str, ...]:
    """What is wrong with each edition that cannot be used: commands that would use it by default go on without it."""
    wrong = editions().wrong.items()
    told = say("the edition {} is left out: {} ({}); expected {}; found {}")
    return tuple(told.format(name, error.subject, error.where, error.expected, error.found) for name, error in wrong)


def default_editions() -> list[str]:
    """The editions that `compute` uses if none is named: all except weights and older copies."""
    return [name for name, entry in editions().items() if entry.role not in ("weights", "covariate") and entry.default]


def current_editions() -> list[str]:
    """The default editions of country figures and published ones, without those of quoted figures."""
    return [name for name in default_editions() if editions()[name].role in ("country", "published")]


def country_editions() -> tuple[str, ...]:
    """The embedded editions of country figures, older copies included, newest first."""
    embedded = [entry for entry in editions().values() if entry.folder.is_relative_to(data_dir())]
    held = [entry for entry in embedded if entry.role == "country"]
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


@language.ByLanguage
def _embedded(name: str) -> "Observations":
    return _read(edition(name))


def _read(origin: Edition) -> "Observations":
    if origin.view:
        return _quoted(origin)
    from divide_cli import readers
    from divide_cli.frames.observations import Observations, combine

    paths = files_of(origin)
    if not paths:
        raise SourceError("edition_file_missing", where=str(origin.folder))
    options = readers.ReadOptions(**origin.reading, strict=False) if origin.reading is not None else None
    parts = []
    for path in paths:
        try:
            read = readers.read(str(path), origin.id, options) if options else readers.load(str(path), origin.id)
        except DivideError:
            verify(origin, path)  # if the file was changed, this says more
            raise
        if isinstance(read, Observations):  # one of an edition of the user may be a list of groups
            _require(origin, path, read.readings[0].file.sha256)
            parts.append(read)
    return combine(parts)


def files_of(origin: Edition) -> list[Path]:
    """The files of figures, whose content is not verified here; SourceError if one is missing, or one is not named."""
    named = set(origin.sha256_of)
    present = {path.name for path in origin.folder.iterdir() if not path.name.startswith(".") and path.is_file()}
    if missing := sorted(named - present):
        found = commas(missing)
        raise SourceError("edition_file_lost", found=found, where=str(origin.folder))
    if others := sorted(present - named - {"origin.yaml"}):
        parts = {"found": commas(others), "entries": _entries(origin, present - {"origin.yaml"})}
        raise SourceError("edition_file_unnamed", where=str(origin.folder), **parts)
    return [origin.folder / name for name in sorted(named)]


def areas_by_year(origin: Edition, indicator: str = "") -> Mapping[str, int]:
    """The number of areas with a value in the CSV files of an edition, by year, for an indicator or all of them."""
    areas: set[tuple[str, str]] = set()
    for path in () if origin.view or origin.reading is not None else files_of(origin):
        verify(origin, path)
        if path.suffix != ".csv":
            continue
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            try:
                areas |= {
                    (row.get("TIME_PERIOD") or "", row.get("REF_AREA") or "")
                    for row in csv.DictReader(lines)
                    if row.get("OBS_VALUE") and indicator in ("", row.get("INDICATOR"))
                }
            except csv.Error as error:
                raise SourceError("csv_unparsable", found=str(error), where=str(path)) from error
    return Counter(year for year, _ in sorted(areas))


def verify(origin: Edition, path: Path) -> None:
    """Raises SourceError if the bytes of a file are not those of which origin.yaml has the sha256."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError("file_unopenable", found=reason_of(error), where=str(path)) from error
    _require(origin, path, hashlib.sha256(content).hexdigest())


def _require(origin: Edition, path: Path, sha256: str) -> None:
    if (expected := origin.sha256_of[path.name]) != sha256:
        parts = {"expected": f"sha256 {expected}", "found": f"sha256 {sha256}"}
        parts["entries"] = _entries(origin, origin.sha256_of)
        raise SourceError("edition_file_changed", where=str(path), **parts)


def _entries(origin: Edition, names: Iterable[str]) -> str:
    """The list `files` of an origin.yaml that accepts the files as they are."""
    contents = {name: (origin.folder / name).read_bytes() for name in sorted(names)}
    entries = (
        f"{{path: {json.dumps(name)}, sha256: {hashlib.sha256(raw).hexdigest()}, bytes: {len(raw)}}}"
        for name, raw in contents.items()
    )
    return f"files: [{', '.join(entries)}]"


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
            v.OBS_COMMENT: say("quoted: {where}, {quotation}", where=claim.where, quotation=claim.quotation),
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
