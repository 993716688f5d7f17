"""Claims files for `divide reproduce`: read, checked word by word, selected from, and started."""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from divide_cli import concepts as v
from divide_cli.catalogue import age_span, catalogue, codelist, data_dir, schema_dir
from divide_cli.catalogue.applicability import objection
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, Claim, ClaimsFile, Selector, Verdict, embedded, read_claims
from divide_cli.claims.printed import printed_figure
from divide_cli.errors import CatalogueError, OptionError, SourceError, collecting, suggestion
from divide_cli.sources.editions import editions

SCHEMA = "claims.schema.json"
CHANGES = ("relative", "absolute")
_ID = re.compile(r"[a-z][a-z0-9_]*")
UNREMARKABLE = {Verdict.QUOTED, Verdict.REPRODUCED, Verdict.NOT_COMPUTABLE}
"""Verdicts that may be expected without a reason, and give no finding if they are."""


def load(path: Path) -> ClaimsFile:
    """Reads and checks the claims of a file. Raises SourceError or CatalogueError, with the line, if it is invalid."""
    file = read_claims(path)
    errors: list[CatalogueError] = []
    by_id: dict[str, Claim] = {}
    with collecting(errors):
        _check_id(file.publication.id, f"{path}, publication")
    for claim in file.claims:
        where = f"{path}:{claim.line}"
        with collecting(errors):
            _check(claim, where)
        if claim.id in by_id:
            line = by_id[claim.id].line
            errors.append(CatalogueError("claim_id_duplicate", found=f"{claim.id}, also on line {line}", where=where))
        by_id[claim.id] = claim
    for claim in file.claims:
        others = [name for relation in claim.relations for name in relation.others]
        with collecting(errors):
            _check_codes("claim_relation_target_unknown", others, by_id, f"{path}:{claim.line}")
    if errors:
        raise CatalogueError.of(errors)
    return file


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


def _check(claim: Claim, where: str) -> None:
    """Raises CatalogueError if words or codes of the claim are unknown (all of them), or if they do not go together."""
    _check_words(claim, where)
    _check_combination(claim, where)
    for relation in claim.relations:
        kinds = sum(map(bool, (relation.complement_of, relation.ratio_of, relation.difference_of)))
        if kinds != 1 or len(relation.others) != (1 if relation.complement_of else 2):
            raise CatalogueError("claim_relation_unknown", where=where)
    units = _units(claim)
    if claim.unit not in units:
        raise CatalogueError("claim_unit_differs", expected=" or ".join(units), found=claim.unit, where=where)
    if not claim.reason and not {claim.expect, *claim.bases.values()} <= UNREMARKABLE:
        raise CatalogueError("claim_reason_missing", id=claim.id, where=where)
    printed_figure(claim, where)


def _check_words(claim: Claim, where: str) -> None:
    """Raises CatalogueError with all unknown words and codes of the claim."""
    listed: tuple[tuple[str, Iterable[str], Collection[str], str], ...] = (
        ("unit_unknown", [claim.unit], catalogue().units, "`divide show CL_UNIT_MEASURE`"),
        ("qualifier_unknown", [claim.qualifier], catalogue().qualifiers, "`divide list qualifiers`"),
        ("verdict_unknown", [claim.expect, *claim.bases.values()], tuple(Verdict), ""),
        ("basis_unknown", claim.bases, tuple(Basis), ""),
        ("edition_unknown", claim.editions, editions(), "`divide list editions`"),
    )
    errors: list[CatalogueError] = []
    with collecting(errors):
        _check_id(claim.id, where)
    for code, words, known, listing in listed:
        with collecting(errors):
            _check_codes(code, words, known, where, listing)
    if claim.place and not _is_positive(claim.place):
        errors.append(CatalogueError("claim_place_not_a_number", found=claim.place, where=where))
    with collecting(errors):
        _check_selector(claim.selector, where)
    if errors:
        raise CatalogueError.of(errors)


def _check_id(name: str, where: str) -> None:
    """Raises CatalogueError if an id does not consist of lower-case letters, digits and underscores."""
    if not _ID.fullmatch(name):
        raise CatalogueError("claim_id_malformed", found=name, where=where)


def _is_positive(place: str) -> bool:
    try:
        return Fraction(place) > 0
    except (ValueError, ZeroDivisionError):
        return False


def _check_selector(selector: Selector, where: str) -> None:
    """Raises CatalogueError if the selector names an unknown indicator, gap, measure, area or code."""
    entries = catalogue()
    _check_types(selector.relative_to, where)
    kinds = {"indicator_unknown": "indicator", "gap_unknown": "gap", "measure_unknown": "measure"}
    for error, name in kinds.items():
        own = [getattr(selector, name)] if getattr(selector, name) else []
        _check_codes(error, own, getattr(entries, f"{name}s"), where, f"`divide list {name}s`")
    _check_measure(selector, where)
    others = [dict(selector.without), dict(selector.relative_to), dict(selector.relative_to.get("without", {}))]
    areas = [str(codes["area"]) for codes in others if "area" in codes]
    _check_codes("area_unknown", areas, codelist("CL_AREA").codes, where, "`divide list areas`")
    _check_codes(
        "area_unknown", selector.areas, (*codelist("CL_AREA").codes, ANY_ECONOMY), where, "`divide list areas`"
    )
    _check_codes("selector_key_unknown", selector.relative_to, (*v.DIMENSIONS, "area", "year", "without"), where)
    for part in (selector.without, selector.relative_to.get("without", {})):
        _check_codes("selector_key_unknown", part, (*v.DIMENSIONS, "area"), where)
    for codes in ({name: getattr(selector, name) for name in v.DIMENSIONS}, *others):
        for name in (v.SEX, v.URBANISATION):
            own = [codes[name]] if name in codes else []
            _check_codes("breakdown_code_unknown", own, codelist(f"CL_{name}").codes, where, concept=name)
        if v.AGE in codes and age_span(codes[v.AGE]) is None:
            raise CatalogueError("age_band_malformed", found=str(codes[v.AGE]), where=where)


def _check_measure(selector: Selector, where: str) -> None:
    """Raises CatalogueError if the measure, or the number of people, does not apply to the indicator."""
    entries = catalogue()
    if selector.persons and selector.indicator:
        name, indicator = "excess_persons", selector.indicator
    elif selector.gap and selector.measure:
        name, indicator = selector.measure, entries.gaps[selector.gap].indicator
    else:
        return
    if reason := objection(entries.measures[name], indicator):
        found = f"{selector.measure or 'persons'}: {reason}"
        expected = ", ".join(one.id for one in entries.measures.values() if not objection(one, indicator))
        raise CatalogueError("measure_not_applicable", expected=expected, found=found, where=where)


def _check_types(codes: Mapping[str, Any], where: str) -> None:
    """Raises CatalogueError if a code of `relative_to`, or of its `without`, is not text, or its year not a number."""
    for name, value in codes.items():
        if name == "without" and isinstance(value, Mapping):
            _check_types(value, where)
        elif not isinstance(value, int | None if name == "year" else str) or name == "without":
            expected = {"year": "a whole number", "without": "a mapping"}.get(name, "text")
            place = f"{where}, selector, relative_to, {name}"
            raise CatalogueError("key_type_wrong", what=name, expected=expected, found=repr(value), where=place)


def _check_combination(claim: Claim, where: str) -> None:
    """Raises CatalogueError if the keys of a selector do not go together."""
    s = claim.selector
    counted = s.area == ANY_ECONOMY
    below = bool(catalogue().qualifiers[claim.qualifier].least)
    _check_codes("change_unknown", [s.change] if s.since or s.change else [], CHANGES, where)
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
    for code, is_broken in broken.items():
        if is_broken:
            raise CatalogueError(code, where=where)


def _units(claim: Claim) -> tuple[str, ...]:
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


def _check_codes(
    error: str, codes: Iterable[str], allowed: Collection[str], where: str, listing: str = "", **parts: str
) -> None:
    """Raises CatalogueError, with the nearest codes (all if few), for the first code that is not allowed."""
    parts = {"expected": ", ".join(allowed), **parts} if len(allowed) <= 10 else parts
    for code in codes:
        if code not in allowed:
            hint = suggestion(str(code), allowed, listing)
            raise CatalogueError(error, found=str(code), where=where, **({"hint": hint} if hint else {}), **parts)


__all__ = ["SCHEMA", "catalogue_entries", "embedded", "load", "new_file", "selection"]
