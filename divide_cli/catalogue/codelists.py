"""Codelists (data/catalogue/codelists/*.csv): the codes that a column may contain, and what they mean.

The code of an age band says which ages it contains, even if CL_AGE does not list it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue.load import catalogue, data_dir, read_csv
from divide_cli.language import counted

OPEN = 999
"""The last year of an open band."""
_BAND = re.compile(r"Y(?:(\d{1,3})T(\d{1,3})|_GE(\d{1,3}))")


@dataclass(frozen=True)
class Codelist:
    """An ordered list of codes; `rows` gives the columns of each code."""

    id: str
    rows: Mapping[str, Mapping[str, str]]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in alphabetical order."""
        return tuple(self.rows)

    def name(self, code: str) -> str:
        """The name of the code in the language, or the code itself if the list does not have it."""
        row = self.rows.get(code)
        if row is None or language.current() == language.ENGLISH:
            return row["name"] if row else code
        if self.id == "CL_AGE" and code != v.TOTAL:
            return age_name(code)
        area = language.area(code) or language.area(row["m49"]) if self.id == "CL_AREA" else ""
        return area or language.translated(f"{self.id}:{code}.name", row["name"])


def read_codelist(name: str) -> list[dict[str, str]]:
    """The rows of data/catalogue/codelists/<name>.csv, in the order of the file."""
    return read_csv(data_dir() / "catalogue" / "codelists" / f"{name}.csv", "codelist_unreadable")


@cache
def codelist(name: str) -> Codelist:
    """The codelist of that id (`CL_AREA`, `CL_SEX` ...), its codes in alphabetical order."""
    return Codelist(name, {row["code"]: row for row in sorted(read_codelist(name), key=lambda row: row["code"])})


def codelists() -> list[str]:
    """The ids of all codelists, in alphabetical order."""
    return sorted(path.stem for path in (data_dir() / "catalogue" / "codelists").glob("CL_*.csv"))


@cache
def area_aliases(scheme: str) -> Mapping[str, str]:
    """A provider's own spellings of areas -> the code of CL_AREA."""
    return {row["alias"]: row["code"] for row in read_codelist("area_aliases") if row["scheme"] == scheme}


def area_name(code: str) -> str:
    """The name of an economy or a group."""
    return codelist("CL_AREA").name(code)


@cache
def economies() -> frozenset[str]:
    """The codes of CL_AREA except groups of areas: economies, also former and dependent ones."""
    return frozenset(code for code, row in codelist("CL_AREA").rows.items() if row["kind"] != "group")


def is_economy(code: str) -> bool:
    """Whether the code is of an economy, not of a group; false for codes outside CL_AREA (groups of a user)."""
    return code in economies()


@cache
def age_span(code: str) -> tuple[int, int] | None:
    """First and last age of a band, both included; `_T` is every age; None if the code is not a band."""
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
    first, last = span
    return (
        counted(first, "{number} year and over", "{number} years and over")
        if last == OPEN
        else counted(last, "{first} to {number} year", "{first} to {number} years", first=first)
    )


def code_name(concept: str, code: str) -> str:
    """The name of a code of the concept, also of an indicator; the code itself if it is unknown."""
    if concept == v.INDICATOR:
        return catalogue().indicators[code].name if code in catalogue().indicators else code
    if concept == v.AGE:
        return age_name(code)
    lists = {v.REF_AREA: "CL_AREA", v.SEX: "CL_SEX", v.URBANISATION: "CL_URBANISATION"}
    return codelist(lists[concept]).name(code) if concept in lists else code
