"""Claims files: figures as a publication prints them, each with the selector of its number and its expected verdict.

The field names of the records are the keys of the YAML. Words and codes are checked in `claims/claims_file`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, structs

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue.entries import TRANSLATED, Entry, allowed, build, sound_part
from divide_cli.catalogue.load import data_dir, read_yaml
from divide_cli.catalogue.words import in_language
from divide_cli.errors import CatalogueError, SourceError, collecting
from divide_cli.language import commas, later, say

if TYPE_CHECKING:
    from divide_cli.catalogue.user_yaml import UserYaml

ANY_ECONOMY = "any economy"
START = "start from the file that `divide claims new` writes"


class Verdict(StrEnum):
    """What a recomputation says about a printed figure, in the order in which verdicts are counted."""

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


_IdText = Annotated[str, Meta(extra_json_schema={"pattern": "^[a-z][a-z0-9_]*$"})]
_Filled = Annotated[str, Meta(extra_json_schema={"minLength": 1})]
_FilledWords = Annotated[str, Meta(extra_json_schema={"minLength": 1}, extra=TRANSLATED)]
_Year = Annotated[int, Meta(extra_json_schema={"minimum": 1900, "maximum": 2100})]


def _one_of(*words: str) -> Meta:
    """What JSON Schema says about a word. For another word, the reader suggests the nearest."""
    return Meta(extra_json_schema={"enum": list(words)})


class Publication(Entry, frozen=True):
    """The publication that prints the claims."""

    id: _IdText
    """Id of the publication: the name of the file."""
    title: _FilledWords
    """Full title."""
    date: Annotated[str, Meta(extra_json_schema={"format": "date"})]
    """Day of publication."""
    citation: _FilledWords
    """Citation."""
    notes: tuple[_FilledWords, ...] = ()
    """What readers of the claims should know."""


class Selector(Entry, frozen=True):
    """Which number a claim is about.

    Either `indicator` with the codes of a breakdown, or `gap` and `measure`. The other keys apply in this order:
    `without` subtracts the people of a part, `complement` is 100 minus the value, `persons` is the number of people,
    `since` with `change` is the change (relative: in percent of the earlier number), and `relative_to` is the ratio to
    the number of other codes.
    """

    area: (
        Annotated[str, Meta(extra_json_schema={"pattern": "^([A-Z]{3,4}|any economy)$"})]
        | Annotated[tuple[str, ...], Meta(extra_json_schema={"minItems": 2, "uniqueItems": True})]
    )
    """Code of CL_AREA; several codes, whose people are added up (with persons); or `any economy`."""
    year: _Year | None
    """Calendar year; null if the publication names none, for the latest year of an edition."""
    indicator: _IdText = ""
    """Id of an indicator."""
    gap: _IdText = ""
    """Id of a gap."""
    measure: _IdText = ""
    """Id of a measure (with gap)."""
    SEX: Annotated[str, _one_of("F", "M")] = v.TOTAL
    """Code of CL_SEX; the total if absent."""
    AGE: Annotated[str, Meta(extra_json_schema={"pattern": "^Y"})] = v.TOTAL
    """Code of CL_AGE; the total if absent."""
    URBANISATION: Annotated[str, _one_of("URB", "RUR")] = v.TOTAL
    """Code of CL_URBANISATION; the total if absent."""
    without: Mapping[str, str] = {}
    """Codes of a part whose people are subtracted; the other codes are those of the number.

    A code of a breakdown ({AGE: Y15T24}), or, with area WLD, a group or an economy ({area: HIC}).
    """
    complement: bool = False
    """Whether the figure is 100 minus the value."""
    persons: bool = False
    """Whether the figure is a number of people: the percentage times the population."""
    since: _Year | None = None
    """Earlier year from which the change is measured."""
    change: Annotated[str, _one_of("relative", "absolute")] = ""
    """Kind of change (with since): `relative`, in percent of the earlier number, or `absolute`."""
    relative_to: Mapping[str, Any] = {}
    """Codes of the number that the figure is divided by (in percent if the unit is PT)."""
    at_most: int | float | None = None
    """With `any economy`: count the economies with at most this value."""

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas named."""
        return (self.area,) if isinstance(self.area, str) else self.area

    @property
    def divisor(self) -> "Selector | None":
        """The selector of the number that the figure is divided by; None if it is not a ratio."""
        codes: dict[str, Any] = {**self.relative_to}
        return structs.replace(self, **{"relative_to": {}, **codes}) if codes else None

    @property
    def every_area(self) -> tuple[str, ...]:
        """The areas of the number, of the part that it leaves out, and of the number that it is divided by."""
        part = (self.without["area"],) if "area" in self.without else ()
        return (*self.areas, *part, *(self.divisor.every_area if self.divisor else ()))

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
        """Whether the number is one cell, used unchanged."""
        return not self.gap and not self.derived and len(self.areas) == 1 and self.area != ANY_ECONOMY


class Relation(Entry, frozen=True):
    """How a claim depends on others of its publication. Exactly one of the three keys is set."""

    complement_of: _IdText = ""
    """Claim with which it adds up to 100."""
    ratio_of: Annotated[tuple[str, ...], Meta(extra_json_schema={"minItems": 2, "maxItems": 2})] = ()
    """Claims whose quotient it is, numerator first."""
    difference_of: Annotated[tuple[str, ...], Meta(extra_json_schema={"minItems": 2, "maxItems": 2})] = ()
    """Claims whose difference it is: the first minus the second."""

    @property
    def others(self) -> tuple[str, ...]:
        """The ids of the other claims."""
        return (self.complement_of,) if self.complement_of else self.ratio_of or self.difference_of


class Claim(Entry, frozen=True):
    """A figure as printed, the number that it states, and the verdict that is expected."""

    id: _IdText
    """Id within the publication."""
    where: _FilledWords
    """Paragraph, page or table."""
    statement: _FilledWords
    """What the publication says, in one sentence."""
    printed: str
    """The figure as text, whose decimals give its rounding interval; or a word of qualifiers.yaml that is a number."""
    unit: Annotated[str, Meta(extra_json_schema={"pattern": "^[A-Z][A-Z0-9_]*$"})]
    """Code of CL_UNIT_MEASURE and units.yaml."""
    selector: Selector
    """Which number the claim is about."""
    editions: Annotated[tuple[_IdText, ...], Meta(extra_json_schema={"minItems": 1, "uniqueItems": True})]
    """Editions that it is tested against. The first that contains the number is used."""
    expect: Annotated[str, _one_of(*Verdict)]
    """The verdict that is expected; any other is an error."""
    qualifier: str = "exactly"
    """The word before the figure: an entry of qualifiers.yaml, with its test on the unrounded number."""
    relations: tuple[Relation, ...] = ()
    """Relations to other claims of the publication."""
    bases: Mapping[str, str] = {}
    """The verdict that is expected on each basis."""
    reason: Annotated[str, Meta(extra=TRANSLATED)] = ""
    """Why the verdict is not quoted or reproduced: edition, membership, rounding or definition."""
    unit_mult: Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": 12})] = 0
    """Power of ten that the figure is printed in: 6 for millions, 9 for billions."""
    place: Annotated[str, Meta(extra_json_schema={"pattern": r"^[0-9]+(\.[0-9]+)?$"})] = ""
    """Unit of the last significant place, if that is not the last digit: "10" for a figure rounded to tens."""
    line: int = 0
    """Line in the file; not a key of it."""

    @property
    def quotation(self) -> str:
        """The figure as printed, after its qualifier: `almost 85`."""
        printed = _word(self.printed)
        return printed if self.qualifier in ("exactly", self.printed) else f"{_word(self.qualifier)} {printed}"

    @property
    def has_digits(self) -> bool:
        """Whether the figure is printed as a number, not as a word."""
        return any(letter.isdigit() for letter in self.printed)

    @property
    def is_figure(self) -> bool:
        """Whether the claim prints one number for one indicator, area and year."""
        return self.selector.plain and bool(self.selector.year) and self.printed.replace(".", "", 1).isdigit()


def _word(text: str) -> str:
    """A word before a figure, or a number in words, in the language; other texts stay."""
    return language.translated(f"qualifiers:{text}.word", text)


class Content(Entry, frozen=True):
    """The keys of a claims file."""

    publication: Publication
    """The publication."""
    claims: Annotated[tuple[Claim, ...], Meta(min_length=1)]
    """The figures, in the order of the publication."""


HOLDS = later("holds")
"""What a claim that is marked in a text expects, if it does not say: a verdict by which the figure is right."""
_RIGHT = (Verdict.QUOTED, Verdict.REPRODUCED, Verdict.WITHIN)


def is_as_expected(expected: str, verdict: str) -> bool:
    """Whether a verdict is the expected one, or a right figure where that is all that is expected."""
    return verdict in _RIGHT if expected == HOLDS else verdict == expected


@dataclass(frozen=True)
class Passage:
    """Where a text prints the figure of a claim: line and columns (counted from 1), and positions in the text.

    The last column and the last position are those after the figure. `unit` is the unit as printed, from
    `unit_start` on. `units` are the units that it means, if none of them is that of the number; empty if it fits.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int
    unit: str = ""
    unit_start: int = 0
    units: tuple[str, ...] = ()
    in_mark: tuple[tuple[int, int], ...] = ()
    """Where the mark repeats the figure, and its unit if it has one: positions in the text."""

    @property
    def stated(self) -> str:
        """The unit as printed, if it is not that of the number."""
        return self.unit if self.units else ""


@dataclass(frozen=True)
class ClaimsFile:
    """A file of claims, read: `path` as reports name it, `sha256` of its bytes.

    If the claims are marked in a text, `passages` are their places in it by id, and `text` is its content.
    """

    path: str
    sha256: str
    size: int
    publication: Publication
    claims: tuple[Claim, ...]
    passages: Mapping[str, Passage] = field(default_factory=dict)
    text: str = field(default="", repr=False)


def embedded() -> list[Path]:
    """The embedded claims files."""
    return sorted((data_dir() / "claims").glob("*.yaml"))


@dataclass(frozen=True)
class Draft:
    """A claim as far as it can be read, the names of its keys that are wrong or missing, and why."""

    claim: Claim
    wrong: frozenset[str]
    errors: tuple[CatalogueError, ...]


@dataclass(frozen=True)
class ClaimsDraft:
    """A file of claims before its words are checked: the file, a draft of each claim, the errors of the publication."""

    file: ClaimsFile
    claims: tuple[Draft, ...]
    errors: tuple[CatalogueError, ...]


@language.ByLanguage
def publications() -> Mapping[str, Content]:
    """Each embedded publication with its claims, by id; the claims have no line numbers."""
    return {path.stem: _embedded(path) for path in embedded()}


def _embedded(path: Path) -> Content:
    publication, claims, errors = _content(path, read_yaml(path), lambda _number: 0)
    if errors := [*errors, *(error for draft in claims for error in draft.errors)]:
        raise CatalogueError.of(errors)
    return Content(publication, tuple(draft.claim for draft in claims))


def read_claims(path: Path) -> ClaimsDraft:
    """The claims of a file as far as they can be read; SourceError for any other file.

    An embedded file is named by its path below data/, so that reports do not contain folders of the machine.
    """
    document = _document(path)
    content = _content(path, document.content, lambda number: document.line("claims", number, "printed"))
    publication, claims, errors = content
    name = path.relative_to(data_dir()).as_posix() if path.is_relative_to(data_dir()) else str(path)
    digest, records = hashlib.sha256(document.raw).hexdigest(), tuple(draft.claim for draft in claims)
    file = ClaimsFile(name, digest, len(document.raw), publication, records)
    return ClaimsDraft(file, tuple(claims), tuple(errors))


def _content(
    path: Path, content: Any, line_of: Callable[[int], int]
) -> tuple[Publication, list[Draft], list[CatalogueError]]:
    """The publication, its claims and the errors of neither claim; `line_of` gives the line of a claim by position."""
    if not isinstance(content, dict) or not {"publication", "claims"} <= set(content):
        keys = commas(map(str, content)) if isinstance(content, dict) else allowed(type(content))
        raise SourceError("claims_missing", found=keys, where=str(path))
    about, entries = content["publication"], content["claims"]
    if not isinstance(about, dict) or not isinstance(entries, list) or not entries:
        raise SourceError("claims_malformed", where=str(path))
    errors: list[CatalogueError] = []
    if further := sorted(str(name) for name in content if name not in ("publication", "claims")):
        found = say("unknown: {names}", names=commas(further))
        errors.append(CatalogueError("entry_keys_wrong", expected="publication, claims", found=found, where=str(path)))
    about = {**about, **({"date": str(about["date"])} if "date" in about else {})}
    with collecting(errors):
        build(Publication, about, f"{path}, publication")
    drafts: list[Draft] = []
    for number, entry in enumerate(entries):
        line = line_of(number)
        where = f"{path}:{line}"
        if isinstance(entry, dict):
            drafts.append(_draft({**entry, "line": line}, where))
        else:
            parts = {"what": "claims", "expected": "a mapping", "found": f"{entry!r:.200}", "hint": START}
            errors.append(CatalogueError("key_type_wrong", where=where, **parts))
    publication = sound_part(Publication, about)[0]
    if path.is_relative_to(data_dir()):
        publication = in_language(publication, f"claims:{path.stem}")
        drafts = [
            replace(draft, claim=in_language(draft.claim, f"claims:{path.stem}.{draft.claim.id}")) for draft in drafts
        ]
    return publication, drafts, errors


def _document(path: Path) -> "UserYaml":
    """The YAML of a claims file; the SourceError says how to start one."""
    import yaml

    from divide_cli.catalogue.user_yaml import read_user_yaml  # with the YAML reader, which most commands do not need

    try:
        return read_user_yaml(path, "the claims file")
    except SourceError as error:
        cause = error.__cause__
        code = "claims_file_not_yaml" if isinstance(cause, yaml.YAMLError) else "claims_file_unreadable"
        raise SourceError(code, expected=error.expected, found=error.found, where=error.where) from error


def _draft(entry: dict[str, Any], where: str) -> Draft:
    """The claim of an entry. What can be read of a number or relation in the wrong form is kept."""
    errors: list[CatalogueError] = []
    relations, printed = entry.get("relations", []), entry.get("printed", "")
    if not isinstance(relations, list) or not all(isinstance(relation, dict) for relation in relations):
        errors.append(CatalogueError("claim_relations_malformed", found=repr(relations), where=where))
        entry = {**entry, "relations": []}
    if not isinstance(printed, str):
        errors.append(CatalogueError("printed_figure_not_text", printed=printed, found=repr(printed), where=where))
        entry = {**entry, "printed": str(printed)}
    with collecting(errors):
        return Draft(build(Claim, entry, where), frozenset(), tuple(errors))
    return Draft(*sound_part(Claim, entry), tuple(errors))
