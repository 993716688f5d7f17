"""Claims files for `divide reproduce`: read, checked word by word, selected from, and started."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from msgspec import structs

from divide_cli import concepts as v
from divide_cli.catalogue import age_span, catalogue, codelist, data_dir, schema_dir
from divide_cli.catalogue.applicability import objection
from divide_cli.catalogue.claims import (
    ANY_ECONOMY,
    Basis,
    Claim,
    ClaimsFile,
    Draft,
    Selector,
    Verdict,
    embedded,
    read_claims,
)
from divide_cli.claims.printed import printed_figure
from divide_cli.errors import CatalogueError, OptionError, SourceError, collecting, suggestion
from divide_cli.language import commas, later, say
from divide_cli.sources.editions import editions

SCHEMA = "claims.schema.json"
CHANGES = ("relative", "absolute")
_ID = re.compile(r"[a-z][a-z0-9_]*")
UNREMARKABLE = {Verdict.QUOTED, Verdict.REPRODUCED, Verdict.NOT_COMPUTABLE}
"""Verdicts that may be expected without a reason, and give no finding if they are."""


def load(path: Path) -> ClaimsFile:
    """Reads and checks the claims of a file. SourceError for any other file; CatalogueError with all errors.

    Every claim is checked for all that can be checked, whatever is wrong with it or with others.
    """
    draft = read_claims(path)
    errors = [*draft.errors]
    if draft.file.publication.id is not None:
        errors += _wrong_id(draft.file.publication.id, f"{path}, publication")
    lines: dict[str, int] = {}
    for part in draft.claims:
        name, where = part.claim.id, f"{path}:{part.claim.line}"
        errors += [*part.errors, *wrong_in(part, where)]
        if name in lines and "id" not in part.wrong:
            errors.append(
                CatalogueError(
                    "claim_id_duplicate",
                    found=say("{name}, also on line {line}", name=name, line=lines[name]),
                    where=where,
                )
            )
        lines[name] = part.claim.line
    ids = [name for name in lines if isinstance(name, str)]  # others are wrong, which is said above
    for claim in draft.file.claims:
        others = [name for relation in claim.relations for name in relation.others]
        errors += _unknown("claim_relation_target_unknown", others, ids, f"{path}:{claim.line}")
    if errors:
        raise CatalogueError.of(errors)
    return draft.file


def selection(files: Iterable[ClaimsFile], only: Collection[str]) -> dict[str, list[Claim]]:
    """The claims of each file that `only` names, as `id` or `publication.id`; all if it is empty.

    Claims related to a selected one are not selected with it. Raises OptionError for an id that no file has.
    """
    files = list(files)
    publications = [file.publication.id for file in files]
    choice: dict[str, list[Claim]] = {}
    names: dict[str, str] = {}
    for file, publication in zip(files, publications, strict=True):
        if publications.count(publication) > 1:
            raise OptionError("publication_id_duplicate", found=publication, where=file.path)
        names |= {f"{publication}.{claim.id}": claim.id for claim in file.claims}
        choice[file.path] = [
            claim for claim in file.claims if not only or {claim.id, f"{publication}.{claim.id}"} & set(only)
        ]
    for name in only:
        if name not in names and name not in names.values():
            hint = suggestion(name, names.values(), "`divide list claims`")
            raise OptionError("claim_unknown", found=name, where="--only", hint=hint)
    return choice


def catalogue_entries(claims: Collection[Claim]) -> Mapping[str, set[str]]:
    """The indicators, gaps and measures that the claims name, including the indicator of a gap."""
    gaps = {claim.selector.gap for claim in claims} - {""}
    indicators = {claim.selector.indicator for claim in claims} - {""}
    return {
        "indicators": indicators | {catalogue().gaps[gap].indicator for gap in gaps},
        "gaps": gaps,
        "measures": {claim.selector.measure for claim in claims} - {""},
    }


def default_editions() -> list[str]:
    """The default editions of country figures, the newest first."""
    entries = [entry for entry in editions().values() if entry.role == "country" and entry.default]
    return [entry.id for entry in sorted(entries, key=lambda entry: entry.vintage, reverse=True)]


def editions_of(claim: Claim, chosen: Sequence[str]) -> Sequence[str]:
    """The editions chosen, or the claim's own and, if these have no country figures, the default ones."""
    if chosen:
        return chosen
    has_countries = any(editions()[name].role == "country" for name in claim.editions)
    return claim.editions if has_countries else (*claim.editions, *default_editions())


def published_editions() -> list[str]:
    """The editions of published figures, the newest first."""
    entries = [entry for entry in editions().values() if entry.role == "published"]
    return [entry.id for entry in sorted(entries, key=lambda entry: entry.vintage, reverse=True)]


def new_file(path: Path, title: str) -> dict[Path, str]:
    """The files of a new set of claims and their texts: a claim that is true of the embedded figures, and the schema.

    Raises OptionError if the file exists.
    """
    if os.path.exists(path):  # false, not an error, for a name that is too long
        raise OptionError("file_exists", found=str(path))
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in path.stem.lower()).strip("_")
    if not name or not name[0].isalpha():
        raise OptionError("publication_id_malformed", found=path.name)
    try:
        text = (data_dir() / "templates" / "claims.yaml").read_text(encoding="utf-8")
        schema = (schema_dir() / "yaml" / "claims.json").read_text(encoding="utf-8")
    except OSError as error:
        raise SourceError("claims_template_unreadable", found=error.strerror or "", where=error.filename) from error
    text = text.replace("id: my_report", f"id: {name}", 1)
    if title:
        scalar = '"' + " ".join(title.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'
        text = text.replace("title: Title of the report", f"title: {scalar}", 1)
        text = text.replace("citation: Author, Title of the report, 2026", f"citation: {scalar}", 1)
    return {path: text, path.with_name(SCHEMA): schema}


def wrong_in(draft: Draft, where: str) -> list[CatalogueError]:
    """What is wrong with the words and codes of a claim, and with what does not go together.

    A check that needs a wrong key is left out.
    """
    claim, wrong = draft.claim, draft.wrong
    errors = [*_wrong_words(claim, wrong, where)]
    of_selector = [*_wrong_selector(claim.selector, where)] if claim.selector is not None else []
    errors += of_selector
    with_qualifier = claim.qualifier in catalogue().qualifiers and "qualifier" not in wrong
    if "selector" not in wrong and not of_selector and with_qualifier:
        together = [*_wrong_combination(claim, where)]
        errors += together or ([] if "unit" in wrong else _wrong_unit(claim, where))
    for relation in claim.relations:
        kinds = sum(map(bool, (relation.complement_of, relation.ratio_of, relation.difference_of)))
        if kinds != 1 or len(relation.others) != (1 if relation.complement_of else 2):
            errors.append(CatalogueError("claim_relation_unknown", where=where))
    judged = {"reason", "expect", "bases"}.isdisjoint(wrong)
    if judged and not claim.reason and not {claim.expect, *claim.bases.values()} <= UNREMARKABLE:
        errors.append(CatalogueError("claim_reason_missing", id=claim.id, where=where))
    if "printed" not in wrong:
        plain = {} if with_qualifier else {"qualifier": "exactly"}
        plain |= {} if _is_positive(claim.place) else {"place": ""}
        with collecting(errors):
            printed_figure(structs.replace(claim, **plain), where)
    return errors


def _wrong_words(claim: Claim, wrong: Collection[str], where: str) -> Iterator[CatalogueError]:
    """The unknown words and codes of the keys of a claim, without those of its selector."""
    listed: tuple[tuple[str, str, Iterable[str], Collection[str], str], ...] = (
        ("unit_unknown", "unit", [claim.unit], catalogue().units, "`divide show CL_UNIT_MEASURE`"),
        ("qualifier_unknown", "qualifier", [claim.qualifier], catalogue().qualifiers, "`divide list qualifiers`"),
        ("verdict_unknown", "expect", [claim.expect], tuple(Verdict), ""),
        ("verdict_unknown", "bases", claim.bases.values(), tuple(Verdict), ""),
        ("basis_unknown", "bases", claim.bases, tuple(Basis), ""),
        ("edition_unknown", "editions", claim.editions, editions(), "`divide list editions`"),
    )
    if "id" not in wrong:
        yield from _wrong_id(claim.id, where)
    for code, key, words, known, listing in listed:
        if key not in wrong:
            yield from _unknown(code, words, known, where, listing)
    if claim.place and not _is_positive(claim.place):
        yield CatalogueError("claim_place_not_a_number", found=claim.place, where=where)


def _wrong_id(name: str, where: str) -> Iterator[CatalogueError]:
    """The error of an id that does not consist of lower-case letters, digits and underscores."""
    if not _ID.fullmatch(name):
        yield CatalogueError("claim_id_malformed", found=name, where=where)


def _is_positive(place: str) -> bool:
    try:
        return Fraction(place) > 0
    except (ValueError, ZeroDivisionError):
        return False


def _wrong_selector(selector: Selector, where: str) -> Iterator[CatalogueError]:
    """What the selector names that is unknown: indicator, gap, measure, areas, codes."""
    entries = catalogue()
    of_types = [*_wrong_types(selector.relative_to, where)]
    yield from of_types
    kinds = {"indicator_unknown": "indicator", "gap_unknown": "gap", "measure_unknown": "measure"}
    unknown: list[CatalogueError] = []
    for error, name in kinds.items():
        own = [getattr(selector, name)] if getattr(selector, name) else []
        unknown += _unknown(error, own, getattr(entries, f"{name}s"), where, f"`divide list {name}s`")
    yield from unknown or _wrong_measure(selector, where)
    relative_to = {} if of_types else selector.relative_to
    others = [dict(selector.without), dict(relative_to), dict(relative_to.get("without", {}))]
    areas = [str(codes["area"]) for codes in others if "area" in codes]
    listing = "`divide list areas`"
    yield from _unknown("area_unknown", areas, codelist("CL_AREA").codes, where, listing)
    own_areas = [area for area in selector.areas or () if area is not None]
    yield from _unknown("area_unknown", own_areas, (*codelist("CL_AREA").codes, ANY_ECONOMY), where, listing)
    yield from _unknown("selector_key_unknown", relative_to, (*v.DIMENSIONS, "area", "year", "without"), where)
    for part in (selector.without, relative_to.get("without", {})):
        yield from _unknown("selector_key_unknown", part, (*v.DIMENSIONS, "area"), where)
    for codes in ({name: getattr(selector, name) for name in v.DIMENSIONS}, *others):
        for name in (v.SEX, v.URBANISATION):
            own = [codes[name]] if name in codes else []
            yield from _unknown("breakdown_code_unknown", own, codelist(f"CL_{name}").codes, where, concept=name)
        if v.AGE in codes and age_span(codes[v.AGE]) is None:
            yield CatalogueError("age_band_malformed", found=str(codes[v.AGE]), where=where)


def _wrong_measure(selector: Selector, where: str) -> Iterator[CatalogueError]:
    """The error of a measure, or a number of people, that does not apply to the indicator."""
    entries = catalogue()
    if selector.persons and selector.indicator:
        name, indicator = "excess_persons", selector.indicator
    elif selector.gap and selector.measure:
        name, indicator = selector.measure, entries.gaps[selector.gap].indicator
    else:
        return
    if reason := objection(entries.measures[name], indicator):
        found = f"{selector.measure or 'persons'}: {reason}"
        expected = commas(one.id for one in entries.measures.values() if not objection(one, indicator))
        yield CatalogueError("measure_not_applicable", expected=expected, found=found, where=where)


def _wrong_types(codes: Mapping[str, Any], where: str) -> Iterator[CatalogueError]:
    """The codes of `relative_to`, or of its `without`, that are not text, and a year that is not a number."""
    for name, value in codes.items():
        if name == "without" and isinstance(value, Mapping):
            yield from _wrong_types(value, where)
        elif not isinstance(value, int | None if name == "year" else str) or name == "without":
            expected = {"year": later("a whole number"), "without": later("a mapping")}.get(name, later("text"))
            place = f"{where}, selector, relative_to, {name}"
            yield CatalogueError("key_type_wrong", what=name, expected=say(expected), found=repr(value), where=place)


def _wrong_combination(claim: Claim, where: str) -> Iterator[CatalogueError]:
    """The keys of a selector that do not go together."""
    s = claim.selector
    counted = s.area == ANY_ECONOMY
    below = bool(catalogue().qualifiers[claim.qualifier].least)
    yield from _unknown("change_unknown", [s.change] if s.since or s.change else [], CHANGES, where)
    broken = {
        "selector_without_indicator": bool(s.indicator) == bool(s.gap) or bool(s.gap) != bool(s.measure),
        "selector_since_without_change": bool(s.since) != bool(s.change),
        "selector_since_without_year": s.since is not None and s.year is None,
        "selector_areas_without_persons": len(s.areas) != 1 and not s.persons,
        "selector_part_outside": any(
            one is not None and "area" in one.without and one.area != v.WORLD for one in (s, s.divisor)
        ),
        "selector_gap_derived": bool(s.gap and (s.without or s.complement or s.persons)),
        "selector_economies_derived": counted and bool(s.gap or s.derived),
        "selector_threshold_without_economies": (below or s.at_most is not None) and not counted,
    }
    yield from (CatalogueError(code, where=where) for code, is_broken in broken.items() if is_broken)


def _wrong_unit(claim: Claim, where: str) -> Iterator[CatalogueError]:
    """The error of a known unit in which the selector's number is not printed."""
    units = units_of(claim)
    if claim.unit in catalogue().units and claim.unit not in units:
        yield CatalogueError("claim_unit_differs", expected=" or ".join(units), found=claim.unit, where=where)


def units_of(claim: Claim) -> tuple[str, ...]:
    """The units that the selector's number may be printed in."""
    entries, selector = catalogue(), claim.selector
    indicator = entries.gaps[selector.gap].indicator if selector.gap else selector.indicator
    unit = entries.indicators[indicator].unit
    if selector.area == ANY_ECONOMY:
        return (unit,) if entries.qualifiers[claim.qualifier].least else ("NUMBER",)
    if selector.gap:
        measure = entries.measures[selector.measure].unit
        unit = entries.units[unit].difference if measure == "difference" else measure
    unit = v.PERSONS if selector.persons else unit
    if selector.since is not None:
        unit = "PT" if selector.change == "relative" else entries.units[unit].difference
    return ("RATIO", "PT") if selector.relative_to else (unit,)


def _unknown(
    error: str, codes: Iterable[str], allowed: Collection[str], where: str, listing: str = "", **parts: str
) -> Iterator[CatalogueError]:
    """An error for each code that is not allowed, with the nearest codes (all if few)."""
    parts = {"expected": commas(map(str, allowed)), **parts} if len(allowed) <= 10 else parts
    for code in dict.fromkeys(codes):
        if code not in allowed:
            hint = suggestion(str(code), allowed, listing)
            yield CatalogueError(error, found=str(code), where=where, **({"hint": hint} if hint else {}), **parts)


__all__ = ["SCHEMA", "catalogue_entries", "embedded", "load", "new_file", "selection", "units_of", "wrong_in"]
