"""Claims files: figures as a publication prints them, each with the selector of its number and its expected verdict.

The field names of the records are the keys of the YAML. Words and codes are checked in `claims/claims_file`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import yaml

from divide_cli import concepts as v
from divide_cli.catalogue.entries import build
from divide_cli.catalogue.load import data_dir
from divide_cli.catalogue.user_yaml import LOADER
from divide_cli.errors import CatalogueError, SourceError

Record = TypeVar("Record")
ANY_ECONOMY = "any economy"


class Verdict(StrEnum):
    """What a recomputation says of a printed figure, in the order in which verdicts are counted."""

    QUOTED = "quoted"
    REPRODUCED = "reproduced"
    WITHIN = "within rounding of the inputs"
    DOUBLE = "double rounding"
    DIFFERS = "differs"
    NOT_COMPUTABLE = "not computable"
    CONFLICTS = "conflicts"


class Basis(StrEnum):
    """The figures that a claim is recomputed from."""

    PUBLISHED = "published"
    COUNTRIES = "countries"


@dataclass(frozen=True)
class Publication:
    """What prints the claims."""

    id: str
    title: str
    date: str
    citation: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selector:
    """Which number a claim is about.

    Either `indicator` with the codes of a breakdown, or `gap` and `measure`. Then, in this order: `without` takes the
    people of a part away, `complement` is 100 minus the value, `persons` the people it stands for, `since` with
    `change` its change (relative: in percent of the earlier one), `relative_to` its ratio to the number of other codes.
    """

    area: str | tuple[str, ...]
    year: int | None
    indicator: str = ""
    gap: str = ""
    measure: str = ""
    SEX: str = v.TOTAL
    AGE: str = v.TOTAL
    URBANISATION: str = v.TOTAL
    without: Mapping[str, str] = field(default_factory=dict)
    complement: bool = False
    persons: bool = False
    since: int | None = None
    change: str = ""
    relative_to: Mapping[str, Any] = field(default_factory=dict)
    at_most: float | None = None

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that are named."""
        return (self.area,) if isinstance(self.area, str) else self.area

    @property
    def breakdown(self) -> tuple[str, str, str]:
        """The codes of SEX, AGE and URBANISATION."""
        return self.SEX, self.AGE, self.URBANISATION

    @property
    def derived(self) -> bool:
        """Whether the number is computed from the values of its cells."""
        return bool(self.without or self.complement or self.persons or self.since or self.relative_to)

    @property
    def plain(self) -> bool:
        """Whether the number is one cell, read as it stands."""
        return not self.gap and not self.derived and len(self.areas) == 1 and self.area != ANY_ECONOMY


@dataclass(frozen=True)
class Relation:
    """How a claim hangs together with others of its publication; exactly one of the three keys is set."""

    complement_of: str = ""
    ratio_of: tuple[str, ...] = ()
    difference_of: tuple[str, ...] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """The ids of the other claims."""
        return (self.complement_of,) if self.complement_of else self.ratio_of or self.difference_of


@dataclass(frozen=True)
class Claim:
    """A figure as printed, which number it is of, and the verdict that is expected.

    `unit_mult` is the power of ten that the figure is printed in (6: millions); `place` the unit of its last place that
    counts, where that is not its last digit (280 printed for 277: 10). `bases` expects a verdict of each basis too.
    """

    id: str
    where: str
    statement: str
    printed: str
    unit: str
    qualifier: str
    selector: Selector
    editions: tuple[str, ...]
    expect: str
    relations: tuple[Relation, ...] = ()
    bases: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    unit_mult: int = 0
    place: str = ""
    line: int = 0

    @property
    def quotation(self) -> str:
        """The figure as printed, after its qualifier: `almost 85`."""
        return self.printed if self.qualifier in ("exactly", self.printed) else f"{self.qualifier} {self.printed}"

    @property
    def has_digits(self) -> bool:
        """Whether the figure is printed as a number, not as a word."""
        return any(letter.isdigit() for letter in self.printed)

    @property
    def is_figure(self) -> bool:
        """Whether the claim prints one number for one indicator, area and year."""
        return self.selector.plain and bool(self.selector.year) and self.printed.replace(".", "", 1).isdigit()


@dataclass(frozen=True)
class ClaimsFile:
    """A file of claims, read: `path` as reports name it, `sha256` of its bytes."""

    path: str
    sha256: str
    size: int
    publication: Publication
    claims: tuple[Claim, ...]


def embedded() -> list[Path]:
    """The claims files of this installation."""
    return sorted((data_dir() / "claims").glob("*.yaml"))


@cache
def publications() -> Mapping[str, ClaimsFile]:
    """The claims of each publication of this installation, by its id."""
    return {path.stem: read_claims(path) for path in embedded()}


def read_claims(path: Path) -> ClaimsFile:
    """The records of a claims file; SourceError or CatalogueError with the line where it is not one.

    A file of this installation goes by its path below data/, so that a report names no folder of the machine.
    """
    try:
        raw = path.read_bytes()
        content, lines = _content(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError("claims_file_unreadable", found=reason, where=str(path)) from error
    except yaml.YAMLError as error:
        raise SourceError("claims_file_not_yaml", found=str(error), where=str(path)) from error
    if not isinstance(content, dict) or set(content) != {"publication", "claims"}:
        keys = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise SourceError("claims_missing", found=keys, where=str(path))
    if not isinstance(content["publication"], dict) or len(lines) == 0:
        raise SourceError("claims_malformed", where=str(path))
    about = {**content["publication"], "date": str(content["publication"].get("date", ""))}
    publication = _checked(build(Publication, about, f"{path}, publication"), f"{path}, publication")
    claims = tuple(
        _claim(dict(entry), f"{path}:{line}", line) for entry, line in zip(content["claims"], lines, strict=True)
    )
    name = path.relative_to(data_dir()).as_posix() if path.is_relative_to(data_dir()) else str(path)
    return ClaimsFile(name, hashlib.sha256(raw).hexdigest(), len(raw), publication, claims)


def _content(text: str) -> tuple[Any, list[int]]:
    """The content, and the line of `printed` of each claim (of the claim itself where it has none)."""
    loader = LOADER(text)
    node = loader.get_single_node()
    content = loader.construct_document(node) if node is not None else None
    lines = []
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        for item in value.value if key.value == "claims" and isinstance(value, yaml.SequenceNode) else ():
            if not isinstance(item, yaml.MappingNode):
                raise yaml.YAMLError(f"line {item.start_mark.line + 1}: a claim is no mapping")
            names = [name.value for name, _ in item.value]
            for name in {name for name in names if names.count(name) > 1}:
                raise yaml.YAMLError(f"line {item.start_mark.line + 1}: {name} stands twice in a claim")
            marks = [name.start_mark.line for name, _ in item.value if name.value == "printed"]
            lines.append(next(iter(marks), item.start_mark.line) + 1)
    return content, lines


def _claim(entry: dict[str, Any], where: str, line: int) -> Claim:
    if not isinstance(entry.get("selector"), dict):
        raise CatalogueError("claim_selector_missing", found=str(entry.get("id", "")), where=where)
    selector = build(Selector, entry["selector"], f"{where}, selector")
    entries = entry.get("relations", [])
    if not isinstance(entries, list) or not all(isinstance(relation, dict) for relation in entries):
        raise CatalogueError("claim_relations_malformed", found=repr(entries), where=where)
    relations = tuple(build(Relation, relation, f"{where}, relations") for relation in entries)
    claim = build(Claim, {**entry, "selector": selector, "relations": relations, "line": line}, where)
    if not isinstance(claim.printed, str):
        raise CatalogueError("printed_figure_not_text", printed=claim.printed, found=repr(claim.printed), where=where)
    for record in (selector, *relations):
        _checked(record, where)
    return _checked(claim, where)


def _checked(record: Record, where: str) -> Record:
    """The record; CatalogueError where a field holds another kind of value than its annotation says."""
    for name, hint in get_type_hints(type(record)).items():
        value = getattr(record, name)
        if not _fits(value, hint):
            expected = " or ".join(_words(hint))
            raise CatalogueError("key_type_wrong", expected=expected, found=repr(value), where=f"{where}, {name}")
    return record


def _fits(value: Any, hint: Any) -> bool:
    if hint is Any:
        return True
    if isinstance(hint, UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, origin) or (origin is int and isinstance(value, bool)):
        return False
    if origin is tuple:
        return all(_fits(part, parts[0]) for part in value)
    return origin is not Mapping or all(_fits(part, parts[1]) for part in value.values())


def _words(hint: Any) -> list[str]:
    if isinstance(hint, UnionType):
        return [word for part in get_args(hint) for word in _words(part)]
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false", tuple: "a list"}
    return [names.get(get_origin(hint) or hint, "null" if hint is type(None) else "a mapping")]
