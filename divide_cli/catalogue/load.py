"""Reads the YAML of data/ into records: each kind of entry when it is first asked for."""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from divide_cli.catalogue.dataflows import Dataflow
from divide_cli.catalogue.entries import Record, build
from divide_cli.catalogue.records import (
    Comparison,
    Gap,
    Indicator,
    Measure,
    Qualifier,
    Rule,
    Target,
    Template,
    Unit,
)
from divide_cli.catalogue.sources import Edition, Grouping, Licence, Limit, Service, Weight
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
    """The content of a YAML file of data/, dates as texts; CatalogueError with its line where it is no YAML.

    The content is kept as JSON in the folder __cache__ beside the file, where that can be written: reading YAML takes
    thirty times as long. It holds as long as size and time of the file are the same.
    """
    kept = path.parent / "__cache__" / f"{path.name}.json"
    try:
        stamp = [path.stat().st_size, path.stat().st_mtime_ns]
        with suppress(OSError, msgspec.DecodeError, TypeError, ValueError):
            stamp_then, content = msgspec.json.decode(kept.read_bytes())
            if stamp_then == stamp:
                return content
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError("catalogue_file_unreadable", found=str(error), where=str(path)) from error
    import yaml

    try:
        content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise CatalogueError("catalogue_file_not_yaml", found=reason, where=str(path)) from error
    encoded = msgspec.json.encode([stamp, content])
    if path.is_relative_to(data_dir()):
        with suppress(OSError):
            kept.parent.mkdir(exist_ok=True)
            temporary = kept.with_suffix(f".{os.getpid()}")
            temporary.write_bytes(encoded)
            temporary.replace(kept)
    return msgspec.json.decode(encoded)[1]


def edition_from(folder: Path) -> Edition:
    """The edition whose origin.yaml lies in the folder."""
    path = folder / "origin.yaml"
    return build(Edition, {**read_yaml(path), "folder": folder}, str(path))


@dataclass(frozen=True)
class Catalogue:
    """Everything that data/catalogue holds; each kind is read when it is first asked for."""

    root: Path

    def _files(self, name: str) -> list[Path]:
        """`<name>.yaml`, or the files of the folder `<name>/`."""
        folder, file = self.root / "catalogue" / name, self.root / "catalogue" / f"{name}.yaml"
        return sorted(folder.glob("*.yaml")) if folder.is_dir() else [file]

    def ids(self, name: str) -> list[str]:
        """The ids of the entries of a kind, which are not read."""
        return [entry for path in self._files(name) for entry in read_yaml(path)]

    def _entries(self, name: str, kind: type[Record]) -> dict[str, Record]:
        """The entries of `<name>.yaml`, or of the files of the folder `<name>/`; an id may stand in one only."""
        entries: dict[str, Record] = {}
        errors: list[CatalogueError] = []
        for path in self._files(name):
            for entry, values in read_yaml(path).items():
                if entry in entries:
                    errors.append(CatalogueError("entry_id_duplicate", found=entry, where=str(path)))
                with collecting(errors):
                    entries[entry] = build(kind, {"id": entry, **values}, f"{path.name}, entry {entry}")
        if errors:
            raise CatalogueError.of(errors)
        return entries

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """What is measured, by id."""
        return self._entries("indicators", Indicator)

    @cached_property
    def _formulae(self) -> dict[str, Measure]:
        return self._entries("measures", Measure)

    @cached_property
    def qualifiers(self) -> dict[str, Qualifier]:
        """Words beside printed figures and words that stand for them, as printed."""
        return self._entries("qualifiers", Qualifier)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """The formulae of gaps, from a reference and a compared value, by id."""
        return {name: entry for name, entry in self._formulae.items() if entry.family == "pair"}

    @cached_property
    def subgroup_measures(self) -> dict[str, Measure]:
        """The measures of disparity among subgroups, by id."""
        return {name: entry for name, entry in self._formulae.items() if entry.family not in ("pair", "time")}

    @cached_property
    def time_measures(self) -> dict[str, Measure]:
        """The measures over the years of a series, by id."""
        return {name: entry for name, entry in self._formulae.items() if entry.family == "time"}

    @cached_property
    def every_measure(self) -> dict[str, Measure]:
        """All measures: of pairs, of subgroups, over the years, by id."""
        return {**self.measures, **self.subgroup_measures, **self.time_measures}

    @cached_property
    def targets(self) -> dict[str, Target]:
        """What is to be reached by when, by id."""
        return self._entries("targets", Target)

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Units of measure, by code."""
        return self._entries("units", Unit)

    @cached_property
    def weights(self) -> dict[str, Weight]:
        """Populations that weigh, by id."""
        return self._entries("weights", Weight)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """Reference and compared codes, by id."""
        return self._entries("comparisons", Comparison)

    @cached_property
    def gaps(self) -> dict[str, Gap]:
        """Indicator by comparison, by id."""
        return self._entries("gaps", Gap)

    @cached_property
    def groupings(self) -> dict[str, Grouping]:
        """Sets of groups of areas, by id."""
        return self._entries("groupings", Grouping)

    @cached_property
    def dataflows(self) -> dict[str, Dataflow]:
        """Input formats, by id."""
        return self._entries("dataflows", Dataflow)

    @cached_property
    def services(self) -> dict[str, Service]:
        """Interfaces of providers that figures are fetched from, by id."""
        return self._entries("services", Service)

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """What submissions are checked for, by id, in the order in which they are applied."""
        return self._entries("rules", Rule)

    @cached_property
    def licences(self) -> dict[str, Licence]:
        """Terms of providers' data, by id."""
        return self._entries("licences", Licence)

    @cached_property
    def limits(self) -> dict[str, Limit]:
        """How much a file may hold, by id."""
        return self._entries("limits", Limit)

    @cached_property
    def templates(self) -> dict[str, Template]:
        """The rows of empty submissions, by id."""
        return self._entries("templates", Template)

    @cached_property
    def series_codes(self) -> dict[str, dict[str, str]]:
        """Scheme of a provider (itu, worldbank, unsd) -> code of a series -> the indicator that names it."""
        indicators: dict[str, dict[str, str]] = {}
        for entry in self.indicators.values():
            for scheme, code in entry.codes.items():
                indicators.setdefault(scheme, {})[code] = entry.id
        return indicators


@cache
def catalogue() -> Catalogue:
    """The catalogue of this installation."""
    return Catalogue(data_dir())
