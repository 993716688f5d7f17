"""Reads the YAML of data/ into records: each kind of entry when it is first used."""

import csv
import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Generic

import msgspec

from divide_cli import language
from divide_cli.catalogue import dataflows, estimates, measure_parts, records, sources
from divide_cli.catalogue.entries import Record, build
from divide_cli.catalogue.rules import PublicationRule, Rule
from divide_cli.catalogue.words import in_language
from divide_cli.errors import CatalogueError, collecting

_PACKAGE = Path(__file__).resolve().parent.parent


def _find(folder: str, variable: str) -> Path:
    """The folder named by the environment variable, else the installed copy, else the checkout's."""
    if named := os.environ.get(variable):
        return Path(named)
    installed = _PACKAGE / f"_{folder}"
    return installed if installed.is_dir() else _PACKAGE.parent / folder


def data_dir() -> Path:
    """The folder of facts: `$DIVIDE_DATA`, the installed copy, or the checkout's data/."""
    return _find("data", "DIVIDE_DATA")


def schema_dir() -> Path:
    """The folder of schemas: `$DIVIDE_SCHEMAS`, the installed copy, or the checkout's schemas/."""
    return _find("schemas", "DIVIDE_SCHEMAS")


def read_yaml(path: Path) -> Any:
    """The content of a YAML file of the program, dates as texts; CatalogueError with the line if it is not YAML.

    The content is cached as JSON in __cache__ in the same folder, of data/ or of the package, if that can be written:
    reading YAML takes thirty times as long. The cache is valid as long as size and time of the file are unchanged.
    """
    kept = path.parent / "__cache__" / f"{path.name}.json"
    try:
        stamp = [path.stat().st_size, path.stat().st_mtime_ns]
        with suppress(OSError, msgspec.DecodeError, TypeError, ValueError):
            stamp_then, content = msgspec.json.decode(kept.read_bytes())
            if stamp_then == stamp:
                return content
        raw = path.read_bytes()
    except OSError as error:
        raise CatalogueError("catalogue_file_unreadable", found=error.strerror or "", where=str(path)) from error
    import yaml

    try:
        content = yaml.load(raw.decode(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (a safe loader)
        encoded = msgspec.json.encode([stamp, content])
    except (yaml.YAMLError, ValueError, TypeError) as error:  # not UTF-8, a date such as 2026-02-31, null as a key
        reason = " ".join(str(error).replace(' in "<unicode string>",', " at").split())
        raise CatalogueError("catalogue_file_not_yaml", found=reason, where=str(path)) from error
    if any(map(path.is_relative_to, (data_dir(), _PACKAGE))):
        with suppress(OSError):
            from divide_cli import temporary

            kept.parent.mkdir(exist_ok=True)
            temporary.sweep(kept.parent)
            with temporary.written(kept.parent, encoded) as file:
                file.replace(kept)
    return msgspec.json.decode(encoded)[1]


def read_csv(path: Path, code: str) -> list[dict[str, str]]:
    """The rows of a CSV file of data/; CatalogueError with that code if it cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    except OSError as error:
        raise CatalogueError(code, found=error.strerror or "", where=str(path)) from error


def edition_from(folder: Path) -> sources.Edition:
    """The edition of the origin.yaml in the folder."""
    path = folder / "origin.yaml"
    content = read_yaml(path)
    keys = content if isinstance(content, dict) else {}  # all keys are missing
    return in_language(build(sources.Edition, {**keys, "folder": folder}, str(path)), f"editions:{folder.name}")


class Entries(Generic[Record]):
    """The entries of a kind, an attribute of the catalogue that is read when it is first used."""

    def __init__(self, kind: type[Record]) -> None:
        self.kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, owner: "Catalogue", _type: type) -> dict[str, Record]:
        entries = vars(owner)[self.name] = owner.entries(self.name, self.kind)  # found there from then on
        return entries


@dataclass(frozen=True)
class Catalogue:
    """The contents of data/catalogue, in one language; each kind is read when it is first used."""

    root: Path
    language: str = field(default_factory=language.current)

    indicators = Entries(records.Indicator)
    """What is measured, by id."""
    qualifiers = Entries(records.Qualifier)
    """Words before printed figures, and words that stand for figures, as printed."""
    estimates = Entries(estimates.Estimation)
    """Models of values that no office reported, by id."""
    targets = Entries(records.Target)
    """What is to be reached by when, by id."""
    units = Entries(records.Unit)
    """Units of measure, by code."""
    quantities = Entries(measure_parts.Quantity)
    """Kinds of figures that indicators are, by id."""
    directions = Entries(measure_parts.Direction)
    """Words for higher and lower values, by direction."""
    weights = Entries(sources.Weight)
    """Populations used as weights, by id."""
    comparisons = Entries(records.Comparison)
    """Reference and compared codes, by id."""
    gaps = Entries(records.Gap)
    """Indicator by comparison, by id."""
    groupings = Entries(sources.Grouping)
    """Sets of groups of areas, by id."""
    dataflows = Entries(dataflows.Dataflow)
    """Layouts, by id."""
    services = Entries(sources.Service)
    """Interfaces of providers that figures are fetched from, by id."""
    rules = Entries(Rule)
    """What submissions are checked for, by id, in the order in which they are applied."""
    publication_rules = Entries(PublicationRule)
    """When an estimate of a survey is too weak to be published, by id."""
    licences = Entries(sources.Licence)
    """Terms of providers' data, by id."""
    limits = Entries(sources.Limit)
    """How much a file may contain, by id."""
    survey_words = Entries(records.SurveyWords)
    """Words by which variables of surveys are found, by id."""
    templates = Entries(records.Template)
    """The rows of empty submissions, by id."""
    charts = Entries(records.Chart)
    """Pictures, by id."""

    def _files(self, name: str) -> list[Path]:
        """`<name>.yaml`, or the files of the folder `<name>/`."""
        folder, file = self.root / "catalogue" / name, self.root / "catalogue" / f"{name}.yaml"
        return sorted(folder.glob("*.yaml")) if folder.is_dir() else [file]

    def ids(self, name: str) -> list[str]:
        """The ids of the entries of a kind, which are not read."""
        return [entry for path in self._files(name) for entry in read_yaml(path)]

    def entries(self, name: str, kind: type[Record]) -> dict[str, Record]:
        """The entries of `<name>.yaml`, or of the files of the folder `<name>/`; an id may occur only once."""
        if language.current() != self.language:
            with language.speaking(self.language, data_dir()):
                return self.entries(name, kind)
        entries: dict[str, Record] = {}
        errors: list[CatalogueError] = []
        for path in self._files(name):
            for entry, values in read_yaml(path).items():
                if entry in entries:
                    errors.append(CatalogueError("entry_id_duplicate", found=entry, where=str(path)))
                with collecting(errors):
                    record = build(kind, {"id": entry, **values}, f"{path.name}, entry {entry}")
                    entries[entry] = in_language(record, f"{name}:{entry}")
        if errors:
            raise CatalogueError.of(errors)
        return entries

    @cached_property
    def every_measure(self) -> dict[str, records.Measure]:
        """All measures: of pairs, of subgroups, over the years, by id."""
        place = {"pair": 0, "time": 2}  # of the other families, which are of subgroups: 1
        measures = self.entries("measures", records.Measure).values()
        return {entry.id: entry for entry in sorted(measures, key=lambda entry: place.get(entry.family, 1))}

    @cached_property
    def measures(self) -> dict[str, records.Measure]:
        """The formulae of gaps, from a reference and a compared value, by id."""
        return {name: entry for name, entry in self.every_measure.items() if entry.family == "pair"}

    @cached_property
    def subgroup_measures(self) -> dict[str, records.Measure]:
        """The measures of inequality among subgroups, by id."""
        return {name: entry for name, entry in self.every_measure.items() if entry.family not in ("pair", "time")}

    @cached_property
    def time_measures(self) -> dict[str, records.Measure]:
        """The measures over the years of a series, by id."""
        return {name: entry for name, entry in self.every_measure.items() if entry.family == "time"}

    @cached_property
    def series_codes(self) -> dict[str, dict[str, str]]:
        """Scheme of a provider (itu, worldbank, unsd) -> code of a series -> the indicator that names it."""
        indicators: dict[str, dict[str, str]] = {}
        for entry in self.indicators.values():
            for scheme, code in entry.codes.items():
                indicators.setdefault(scheme, {})[code] = entry.id
        return indicators


@language.ByLanguage
def catalogue() -> Catalogue:
    """The catalogue of this installation, its texts in the language."""
    return Catalogue(data_dir())


def in_english() -> Catalogue:
    """The catalogue with English texts: the names that people type in every language, and that English texts have."""
    with language.speaking(language.ENGLISH, data_dir()):
        return catalogue()
