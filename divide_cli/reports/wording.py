"""Texts, counts and dates of pages and charts: each text by its id, so that all can be translated in one place.

A text is in page_texts.yaml, and is translated by `language`. Figures are written by `reports.tables`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import area_name, catalogue
from divide_cli.errors.text_safety import shown
from divide_cli.reports import estimates, tables
from divide_cli.reports.tables import Row


@cache
def _texts() -> Mapping[str, Any]:
    from divide_cli.catalogue.load import read_yaml

    return cast(Mapping[str, Any], read_yaml(Path(__file__).with_name("page_texts.yaml")))


def phrase(name: str, /, **parts: Any) -> str:
    """The text of that id (`page.title`) in the language, with its parts; `number` chooses the plural form."""
    section, _, key = name.partition(".")
    template = _texts()[section][key]
    if isinstance(template, Mapping):
        return _counted(template, parts)
    return language.filled(language.translated(f"page.{name}", template), parts)


def _counted(forms: Mapping[str, str], parts: dict[str, Any]) -> str:
    number = parts.pop("number")
    return language.counted(number, forms["one"], forms["other"], **parts)


def phrases(section: str) -> Mapping[str, str]:
    """The texts of a section by name, in the language."""
    return {name: phrase(f"{section}.{name}") for name in _texts()[section]}


def count(number: int) -> str:
    """A number of things: `9,040`."""
    return language.digits(f"{number:,}")


def day(when: date) -> str:
    """A date: `17 December 2025`; in other languages, as everywhere in them, 2025-12-17."""
    if when == date.max:
        return ""
    english = language.current() == language.ENGLISH
    return f"{when.day} {when:%B} {when.year}" if english else when.isoformat()


def listed(texts: Iterable[str], between: str = "; ") -> str:
    """The texts in one sentence, with commas or semicolons of the language between them, or what else is given."""
    joints = {", ": language.commas, "; ": language.clauses}
    return joints[between](texts) if between in joints else between.join(texts)


def named(area: str) -> str:
    """The name of an area, made safe to show; its code if it has none."""
    return shown(area_name(area))


def value(number: float | None, unit: str) -> str:
    """A figure with its unit: `35.0 %`; a dash for none."""
    return tables.with_unit(tables.number(number, unit), unit)


def bounds(row: Row) -> str:
    """The bounds of a row with its unit; empty if they are one."""
    text = tables.bounds_of(row)
    return tables.with_unit(text, str(row[v.UNIT_MEASURE])) if text else ""


def stated(row: Row) -> str:
    """The value of a row, or that it is withheld, without bounds; an estimate has its interval and its mark."""
    if estimates.is_filled(row):
        return estimates.estimate_of(row)
    if tables.is_computed(row):
        return value(row[v.OBS_VALUE], str(row[v.UNIT_MEASURE]))
    return phrase("facts.withheld" if row[v.OBS_STATUS] == v.WITHHELD else "facts.none")


def unit_name(unit: str) -> str:
    """The name of a unit, as the title of an axis."""
    return catalogue().units[unit].name


def indicator_name(indicator: str) -> str:
    """The short name of an indicator."""
    return catalogue().indicators[indicator].short
