"""Codelists (data/catalogue/codelists/*.csv): the codes that a column may hold, and what they name.

Age bands say in their code which ages they hold, whether or not CL_AGE lists them. Economies are found by their names
in any language that the lists know, and by the codes of ISO and of their parts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from divide_cli import concepts as v
from divide_cli.catalogue.labels import plain, read_labels
from divide_cli.catalogue.load import catalogue, data_dir, read_csv

OPEN = 999
"""The last year of an open band."""
_BAND = re.compile(r"Y(?:(\d{1,3})T(\d{1,3})|_GE(\d{1,3}))")


@dataclass(frozen=True)
class Codelist:
    """An ordered list of codes; `rows` holds the columns of each code."""

    id: str
    rows: Mapping[str, Mapping[str, str]]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in alphabetical order."""
        return tuple(self.rows)

    def name(self, code: str) -> str:
        """The name of the code, or the code itself where the list lacks it."""
        row = self.rows.get(code)
        return row["name"] if row else code


def _read(name: str) -> list[dict[str, str]]:
    return read_csv(data_dir() / "catalogue" / "codelists" / f"{name}.csv", "codelist_unreadable")


@cache
def codelist(name: str) -> Codelist:
    """The codelist of that id (`CL_AREA`, `CL_SEX` ...), its codes in alphabetical order."""
    return Codelist(name, {row["code"]: row for row in sorted(_read(name), key=lambda row: row["code"])})


@cache
def area_aliases(scheme: str) -> Mapping[str, str]:
    """Codes of areas that a provider spells in its own way -> the code of CL_AREA."""
    return {row["alias"]: row["code"] for row in _read("area_aliases") if row["scheme"] == scheme}


def area_name(code: str) -> str:
    """The English name of an economy or a group."""
    return codelist("CL_AREA").name(code)


@cache
def economies() -> frozenset[str]:
    """The codes of CL_AREA that are no groups of areas: economies, and former and dependent ones."""
    return frozenset(code for code, row in codelist("CL_AREA").rows.items() if row["kind"] != "group")


def is_economy(code: str) -> bool:
    """Whether the code is of an economy, not of a group; false for a code that CL_AREA lacks (a user's group)."""
    return code in economies()


@cache
def age_span(code: str) -> tuple[int, int] | None:
    """First and last year of age of a band, both inside it; `_T` is every age; None for what is no band."""
    if code == "_T":
        return 0, OPEN
    match = _BAND.fullmatch(code)
    if not match:
        return None
    first = int(match[1] or match[3])
    last = int(match[2]) if match[2] else OPEN
    return (first, last) if first <= last else None


def age_name(code: str) -> str:
    """The band in words: `15 to 24 years`, `75 years and over`."""
    span = age_span(code)
    if span is None or code == "_T":
        return code
    return f"{span[0]} years and over" if span[1] == OPEN else f"{span[0]} to {span[1]} years"


def code_name(concept: str, code: str) -> str:
    """What a code of the concept names, an indicator among them; the code itself where it names nothing known."""
    if concept == v.INDICATOR:
        return catalogue().indicators[code].name if code in catalogue().indicators else code
    if concept == v.AGE:
        return age_name(code)
    lists = {v.REF_AREA: "CL_AREA", v.SEX: "CL_SEX", v.URBANISATION: "CL_URBANISATION"}
    return codelist(lists[concept]).name(code) if concept in lists else code


@cache
def _names() -> dict[str, str]:
    names = {row["label"]: row["code"] for row in read_labels("codes") if row["concept"] == "REF_AREA"}
    named = {codelist("CL_AREA").name(code): code for code in sorted(economies())}
    return {plain(text): code for text, code in {**named, **names}.items()}


def area_of(text: str) -> str:
    """The code of an economy by its name in the lists or by one of ISO's codes; empty where it is none."""
    bare = text.strip()
    if is_economy(bare):
        return bare
    return _names().get(plain(text)) or _areas_by("iso2").get(bare, "")


def area_of_number(text: str) -> str:
    """The economy of a UN M49 number, which programs write without its leading zeros (12 for 012); empty for others."""
    bare = text.strip()
    return _areas_by("m49").get(bare.zfill(3), "") if bare.isascii() and bare.isdigit() and len(bare) <= 3 else ""


@cache
def _areas_by(scheme: str) -> dict[str, str]:
    """The economies by their codes in another scheme, a column of CL_AREA: iso2, m49."""
    rows = codelist("CL_AREA").rows
    return {row[scheme]: code for code, row in rows.items() if row[scheme] and is_economy(code)}


def area_of_prefix(text: str) -> str:
    """The economy whose two letters a code of its part begins with (KG05, KZAKM, ES211); empty for other texts.

    A code has a digit or a dash, or three letters after the two: a name in capitals (GOA, KERALA) is none.
    """
    match = re.fullmatch(r"([A-Z]{2})(?:[-_][A-Z0-9]{1,4}|(?=[A-Z]*\d)[A-Z0-9]{1,7}|[A-Z]{3})", text.strip())
    return _areas_by("iso2").get(match[1], "") if match else ""
