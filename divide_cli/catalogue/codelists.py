"""Codelists (data/catalogue/codelists/*.csv): the codes that a column may hold, with their names."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from divide_cli.catalogue.load import data_dir
from divide_cli.errors import CatalogueError


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
    path = data_dir() / "catalogue" / "codelists" / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    except OSError as error:
        raise CatalogueError("codelist_unreadable", found=str(error), where=str(path)) from error


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
