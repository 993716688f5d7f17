"""Names instead of codes: what the title of a series means in any file, and SDMX columns with the names of codes.

A service that writes `labels=name` gives "Kenya" for KEN and "Female" for F. A column is read so only if none of its
texts is a code, so that one misspelt code among others stays an error.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.labels import KEPT, SeriesLabel, forms, label_of, normal, series_labels
from divide_cli.catalogue.names import names_economy
from divide_cli.frames.columns import category
from divide_cli.language import say
from divide_cli.readers.mapping.column_roles import ColumnRoles
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn

Meaning = Mapping[str, str]
"""Concept -> code; INDICATOR is one of the concepts."""
_FEWEST_WORDS = 3
"""A shorter label ("Mobile phone") names an indicator only together with the number of an SDG indicator."""
_ANY_LANGUAGE = "xx"
_LABELLED = (v.SEX, v.AGE, v.URBANISATION, v.UNIT_MEASURE, v.OBS_STATUS)
"""Concepts whose codes have names in the lists of labels."""


@cache
def _provided() -> Mapping[str, Meaning]:
    """What the codes and titles of series mean, those of all providers and those of this project.

    Titles of workbooks are left out, since their figures may be in millions, and so is what two layouts give
    different meanings.
    """
    catalogued, meanings = catalogue(), dict[str, list[Meaning]]()

    def add(text: str, meaning: Meaning) -> None:
        known = meanings.setdefault(normal(text), [])
        if meaning not in known:
            known.append(meaning)

    for indicator in catalogued.indicators.values():
        add(indicator.name, {v.INDICATOR: indicator.id})
        add(indicator.id, {v.INDICATOR: indicator.id})
    for codes in catalogued.series_codes.values():
        for code, indicator_id in codes.items():
            add(code, {v.INDICATOR: indicator_id})
    for flow in catalogued.dataflows.values():
        for text, says in flow.series.items() if flow.kind == "columns" else ():
            add(text, {v.INDICATOR: says} if isinstance(says, str) else says)
    return {text: found[0] for text, found in meanings.items() if len(found) == 1 and not text.isdecimal()}


@lru_cache(maxsize=KEPT)
def series_named(text: str) -> Meaning | None:
    """What a code or title of a series means in any file; None if it is unknown or could mean several.

    A title counts if it says what it is about without the number of an SDG indicator: in words of a language, at least
    three, and as a whole. The base ("per 100") distinguishes rates from numbers.
    """
    for form in forms(text):
        coded = bool(re.search(r"[._\d]", text)) and " " not in text.strip()
        if not coded and len(form.split()) < _FEWEST_WORDS:
            continue
        meaning = _provided().get(form)
        found = [meaning] if meaning else list(_by_label(form))
        if found and all(other == found[0] for other in found) and (coded or _tells_base(form, found[0])):
            return found[0]
    return None


def _tells_base(form: str, meaning: Meaning) -> bool:
    """Whether a title names the base of a rate, without which it may be a number."""
    unit = catalogue().indicators[meaning[v.INDICATOR]].unit
    return not unit.startswith("PER_") or unit.split("_")[1] in form


def _by_label(form: str) -> Iterator[Meaning]:
    """What the labels of national files say that a text of this form has, with the rest of its words as a comment."""
    for label in series_labels():
        if label.area or v.INDICATOR not in label.codes or not _is_whole(label):
            continue
        words = label.matched(form)
        if words is not None:
            yield {**label.codes, v.OBS_COMMENT: words} if words else label.codes


def _is_whole(label: SeriesLabel) -> bool:
    """Whether a label is all that a text says: a plain one, or a pattern in a language that leaves no end open."""
    if label.pattern is None:
        return True
    return label.language != _ANY_LANGUAGE and not re.search(r"^~?(?:\(\?:)?\.\*|\.\*(?:$|\|)", label.shown)


def read_names(rows: Rows, roles: ColumnRoles) -> None:
    """Replaces the names in columns of codes by the codes, where a column has names only; a note says so."""
    lookups: dict[str, Callable[[str], str]] = {
        v.REF_AREA: names_economy,
        v.INDICATOR: _indicator_named,
        **{concept: _labelled(concept) for concept in _LABELLED},
    }
    for concept, lookup in lookups.items():
        column = roles.column_of.get(concept, "")
        if column not in rows.columns:
            continue
        source = rows.columns[column]
        if any(text in category(concept).categories for text in source.values):
            continue
        codes = {text: code for text in source.values if text.strip() and (code := lookup(text))}
        if codes:
            rows.add({column: _with_codes(source, codes)})
            rows.notes = (*rows.notes, say("column {column} has names, which were read as codes", column=column))


def _with_codes(source: TextColumn, codes: Mapping[str, str]) -> TextColumn:
    return source.mapped(lambda text: codes.get(text, text))


def _indicator_named(text: str) -> str:
    """The indicator that a title names; empty if it names none, or a breakdown of it."""
    meaning = series_named(text) or {}
    return meaning.get(v.INDICATOR, "") if set(meaning) <= {v.INDICATOR} else ""


def _labelled(concept: str) -> Callable[[str], str]:
    """The function that gives the code of a label of the concept, empty if no list has it."""

    def code_of(text: str) -> str:
        label = label_of(concept, text)
        return label.code if label else ""

    return code_of
