"""What a claim must be before it is computed: kinds of values, known codes, a selector that gives its unit."""

import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from divide_cli import concepts as v
from divide_cli.catalogue import age_span, catalogue, codelist
from divide_cli.claims.records import (
    ANY_ECONOMY,
    BASES,
    NOT_COMPUTABLE,
    QUOTED,
    REPRODUCED,
    VERDICTS,
    Claim,
    Selector,
)
from divide_cli.errors import CatalogueError, suggestion
from divide_cli.sources.editions import editions

_ID = re.compile(r"[a-z][a-z0-9_]*")
CHANGES = ("relative", "absolute")


def typed(record: Any, where: str) -> None:
    """CatalogueError where a field of the record holds another kind of value than its annotation says."""
    for name, hint in get_type_hints(type(record)).items():
        value = getattr(record, name)
        if not _fits(value, hint):
            expected = " or ".join(_words(hint))
            raise CatalogueError("key_type_wrong", expected=expected, found=repr(value), where=f"{where}, {name}")


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


def named(name: str, where: str) -> None:
    """CatalogueError where an id is not of lower-case letters, digits and underscores."""
    if not _ID.fullmatch(name):
        raise CatalogueError("claim_id_malformed", found=name, where=where)


def sound(claim: Claim, where: str) -> None:
    """CatalogueError where a word or code of the claim is unknown, or where its unit is not that of its number."""
    named(claim.id, where)
    _known("unit_unknown", [claim.unit], catalogue().units, where, "units.yaml")
    _known("qualifier_unknown", [claim.qualifier], catalogue().qualifiers, where, "`divide list qualifiers`")
    _known("verdict_unknown", [claim.expect, *claim.bases.values()], VERDICTS, where, ", ".join(VERDICTS))
    _known("basis_unknown", claim.bases, BASES, where, ", ".join(BASES))
    _known("edition_unknown", claim.editions, editions(), where, "`divide list editions`")
    if claim.place and not _positive(claim.place):
        raise CatalogueError("claim_place_not_a_number", found=claim.place, where=where)
    selector = claim.selector
    _codes(selector, where)
    _shape(claim, where)
    for relation in claim.relations:
        if sum(map(bool, (relation.complement_of, relation.ratio_of, relation.difference_of))) != 1 or (
            not relation.complement_of and len(relation.others) != 2
        ):
            expected = "complement_of: ID, ratio_of: [ID, ID] or difference_of: [ID, ID]"
            raise CatalogueError("claim_relation_unknown", expected=expected, where=where)
    units = _units(claim)
    if claim.unit not in units:
        raise CatalogueError("claim_unit_differs", expected=" or ".join(units), found=claim.unit, where=where)
    if not claim.reason and not {claim.expect, *claim.bases.values()} <= {QUOTED, REPRODUCED, NOT_COMPUTABLE}:
        raise CatalogueError("claim_reason_missing", found=claim.id, where=where)


def _positive(place: str) -> bool:
    try:
        return Fraction(place) > 0
    except (ValueError, ZeroDivisionError):
        return False


def _codes(selector: Selector, where: str) -> None:
    known = catalogue()
    _known("indicator_unknown", [selector.indicator] if selector.indicator else [], known.indicators, where)
    _known("gap_unknown", [selector.gap] if selector.gap else [], known.gaps, where)
    _known("measure_unknown", [selector.measure] if selector.measure else [], known.measures, where)
    others = [dict(selector.without), dict(selector.relative_to), dict(selector.relative_to.get("without", {}))]
    areas = [*selector.areas, *(str(codes["area"]) for codes in others if "area" in codes)]
    _known("area_unknown", areas, (*codelist("CL_AREA").codes, ANY_ECONOMY), where)
    for codes in ({name: getattr(selector, name) for name in v.DIMENSIONS}, *others):
        allowed = (*v.DIMENSIONS, "area", "year", "without")
        _known("selector_key_unknown", codes, allowed, where)
        for name in (v.SEX, v.URBANISATION):
            _known("breakdown_code_unknown", [codes[name]] if name in codes else [], _list(name), where, concept=name)
        if v.AGE in codes and age_span(codes[v.AGE]) is None:
            raise CatalogueError("age_band_malformed", found=str(codes[v.AGE]), where=where)


def _list(name: str) -> tuple[str, ...]:
    return codelist(f"CL_{name}").codes


def _shape(claim: Claim, where: str) -> None:
    """CatalogueError where the keys of a selector do not go together."""
    s = claim.selector
    derived = s.without or s.complement or s.persons or s.since or s.relative_to
    counted = s.area == ANY_ECONOMY
    below = bool(catalogue().qualifiers[claim.qualifier].least)
    _known("change_unknown", [s.change] if s.since or s.change else [], CHANGES, where, ", ".join(CHANGES))
    wrong = {
        "indicator, or gap and measure": bool(s.indicator) == bool(s.gap) or bool(s.gap) != bool(s.measure),
        "since with change": bool(s.since) != bool(s.change),
        "a year, where there is since": s.since is not None and s.year is None,
        "several areas with persons: true": len(s.areas) != 1 and not s.persons,
        "an indicator for without, complement, persons": bool(s.gap and (s.without or s.complement or s.persons)),
        "any economy with an indicator and nothing derived": counted and bool(s.gap or derived),
        "any economy, for some countries and at_most": (below or s.at_most is not None) and not counted,
    }
    for expected, broken in wrong.items():
        if broken:
            code = "selector_keys_contradict"
            if expected.startswith("indicator"):
                code = "selector_without_indicator"
            raise CatalogueError(code, expected=expected, where=where)


def _units(claim: Claim) -> tuple[str, ...]:
    """The units that the selector's number may be printed in."""
    known, selector = catalogue(), claim.selector
    indicator = known.gaps[selector.gap].indicator if selector.gap else selector.indicator
    unit = known.indicators[indicator].unit
    if selector.area == ANY_ECONOMY:
        return (unit,) if known.qualifiers[claim.qualifier].least else ("NUMBER",)
    if selector.gap:
        measure = known.measures[selector.measure].unit
        unit = known.units[unit].difference if measure == "difference" else measure
    unit = v.PERSONS if selector.persons else unit
    if selector.since is not None:
        unit = "PT" if selector.change == "relative" else known.units[unit].difference
    return ("RATIO", "PT") if selector.relative_to else (unit,)


def _known(
    error: str, given: Iterable[str], known: Collection[str], where: str, listing: str = "", **parts: str
) -> None:
    for code in given:
        if code not in known:
            hint = suggestion(str(code), known, listing or "`divide list`")
            raise CatalogueError(error, found=str(code), where=where, hint=hint, **parts)


__all__ = ["named", "sound", "typed"]
