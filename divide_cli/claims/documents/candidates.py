"""The figures of a text that have no mark yet, with the numbers of the catalogue that they may state.

A candidate prints as the figure does, in its unit, and fits the words around it: the sentence names its indicator, and
its area, year and breakdown if it names any. What the sentence does not name may be the world, or any year.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isnan
from typing import Any

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import compute
from divide_cli.analysis.request import Request
from divide_cli.catalogue import catalogue, in_english, is_economy
from divide_cli.catalogue.claims import Basis, Claim, Selector
from divide_cli.catalogue.labels import denials, label_of
from divide_cli.catalogue.names import areas_typed
from divide_cli.claims.claims_file import default_editions, published_editions
from divide_cli.claims.documents.document import Document
from divide_cli.claims.documents.figures import TextFigure
from divide_cli.claims.numbers import Values
from divide_cli.claims.printed import PrintedFigure, printed_figure
from divide_cli.errors import CatalogueError

MOST = 3
"""The candidates given for a figure."""
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_YEAR = re.compile(r"(?<![\w.,])(?:19|20)\d\d(?![\w]|[.,]\d)")
_NUMBERED = re.compile(r"(?:^|\n)[ \t]*(?:#+[ \t]*)?$")
_LONGEST_NAME = 6
_COMMON = "COMMON_WORD"
"""Concept of the words in names of indicators that other sentences have too."""


@dataclass(frozen=True)
class Candidate:
    """A number that a figure may state: the words of its mark, its value and edition, and how well the words fit."""

    mark: str
    value: float
    edition: str
    score: int


@dataclass(frozen=True)
class Unclaimed:
    """A figure without a mark: its place, its text and sentence, and its candidates, the best first."""

    file: str
    line: int
    column: int
    printed: str
    sentence: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class _Known:
    """A number of the catalogue: the key of its selector, its unit, value and edition."""

    indicator: str
    words: tuple[str, ...]
    area: str
    codes: frozenset[str]
    year: int
    unit: str
    value: float
    edition: str
    denied: bool = False


@dataclass(frozen=True)
class _Context:
    """What the words of a sentence name."""

    words: frozenset[str]
    areas: frozenset[str]
    years: frozenset[int]
    codes: frozenset[str]
    denied: bool


def unclaimed(document: Document, editions: Sequence[str] = ()) -> list[Unclaimed]:
    """The figures of a text that no mark is about; those without a unit and without a candidate are left out."""
    taken = {passage.start for passage in document.claims_file().passages.values()}
    figures = [figure for figure in document.figures() if figure.start not in taken and _is_figure(document, figure)]
    sentences = [document.sentence(figure.start, figure.last) for figure in figures]
    contexts = {sentence: context_of(sentence) for sentence in dict.fromkeys(sentences)}
    economies = {area for context in contexts.values() for area in context.areas if is_economy(area)}
    known = _known(tuple(sorted(economies)), tuple(editions)) if figures else ()
    entries = []
    for figure, sentence in zip(figures, sentences, strict=True):
        candidates = _candidates(figure, contexts[sentence], known, named=bool(editions))
        if candidates or figure.unit or figure.power:
            line, column = document.line_and_column(figure.start)
            printed = " ".join(document.text[figure.start : figure.last].split())
            entries.append(Unclaimed(document.path, line, column, printed, sentence, candidates))
    return entries


def context_of(sentence: str) -> _Context:
    """The areas, years, breakdowns and other words that a sentence names."""
    words = _WORD.findall(sentence)
    codes = (label_of(concept, word) for concept in (v.SEX, v.URBANISATION) for word in words if len(word) > 2)
    named = frozenset(label.code for label in codes if label and label.code in ("F", "M", "URB", "RUR"))
    years = frozenset(int(year) for year in _YEAR.findall(sentence))
    plain = frozenset(part.casefold() for word in words for part in (word, *word.split("-")))
    return _Context(plain, frozenset(_areas_in(words)), years, named, bool(denials(sentence)))


def _areas_in(words: Sequence[str]) -> Iterator[str]:
    """The areas that words name, the longest names first; the others are looked for in what is left."""
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
            text = " ".join(words[at : at + length])
            codes = areas_typed(text) if _may_name(text) else ()
            if len(codes) == 1:
                yield codes[0]
                at += length
                break
        else:
            at += 1


def _may_name(text: str) -> bool:
    """Whether a text may be the name of an area: with a capital or a hyphen, of several words, or the world."""
    return (len(text) > 3 and (text[0].isupper() or not text.isalpha())) or text in ("world", "worldwide", "globally")


def _is_figure(document: Document, figure: TextFigure) -> bool:
    """Whether a number can state something: not a year, and not the number of a heading or of an item in a list."""
    text = document.text[figure.start : figure.end]
    if not (figure.unit or figure.power) and _YEAR.fullmatch(text):
        return False
    before, after = document.running[max(0, figure.start - 40) : figure.start], document.running[figure.end :][:2]
    return not (_NUMBERED.search(before) and re.match(r"[.)]?\s", after) and "." not in text)


def _known(economies: tuple[str, ...], editions: tuple[str, ...]) -> tuple[_Known, ...]:
    """The numbers of published editions, and those of the economies in the editions of countries."""
    names = editions or (*published_editions(), *default_editions())
    shown = {name for gap in catalogue().gaps.values() for name in gap.shown}
    result = compute(Request(editions=names, measures=tuple(sorted(shown)), economies=economies, keep=True))
    rows: dict[tuple[Any, ...], _Known] = {}
    values = Values.of(result)
    order = {name: place for place, name in enumerate(names)}
    for edition, basis in sorted(values.numbers, key=lambda key: (key[1] != Basis.PUBLISHED, order.get(key[0], 0))):
        for key, series in values.numbers[edition, basis].items():
            for year, number in series.items():
                if not isnan(number.value):
                    for row in _numbers(key, year, number.value, number.persons, edition):
                        rows.setdefault((row.words, row.area, row.codes, row.year, row.unit, row.denied), row)
    return tuple(rows.values())


def _numbers(key: Sequence[str], year: int, value: float, persons: float, edition: str) -> Iterator[_Known]:
    """A cell as its number, as its complement, and as the people that both are."""
    what, area, *breakdown = key
    name, _, measure = what.partition(" ")
    entries, codes = catalogue(), frozenset(code for code in breakdown if code != v.TOTAL)
    gap = entries.gaps.get(name)
    indicator = entries.indicators[gap.indicator if gap else name]
    if gap:
        own: str = entries.measures[measure].unit
        unit = entries.units[indicator.unit].difference if own == "difference" else own
        comparison = entries.comparisons[gap.comparison]
        sides = frozenset((comparison.reference, comparison.compared))
        yield _Known(indicator.id, (name, measure), area, sides, year, unit, value, edition)
        return
    words = (name,)
    yield _Known(name, words, area, codes, year, indicator.unit, value, edition)
    if indicator.unit == "PT":
        yield _Known(name, (*words, "complement"), area, codes, year, "PT", 100 - value, edition, denied=True)
        if not isnan(persons):
            people = persons / 100
            yield _Known(name, (*words, "persons"), area, codes, year, "PS", value * people, edition)
            rest = (100 - value) * people
            yield _Known(name, (*words, "complement", "persons"), area, codes, year, "PS", rest, edition, denied=True)


def _candidates(
    figure: TextFigure, context: _Context, known: Sequence[_Known], *, named: bool
) -> tuple[Candidate, ...]:
    """The numbers that print as the figure does and fit the words around it, the best first.

    Their marks name the edition if it is `named`, and not one that marks take by default.
    """
    spans = {unit: _span(figure, unit) for unit in {row.unit for row in known}}
    fitting: list[tuple[int, int, Candidate]] = []
    for row in known:
        span = spans[row.unit]
        value = row.value / 10.0**figure.power
        if span and span.holds(value, value) and (score := _score(row, context)) > 0:
            words = (
                *row.words,
                row.area,
                *(sorted(row.codes) if len(row.words) == 1 or row.words[1] in _FLAGS else ()),
            )
            mark = " ".join((*words, str(row.year), *([row.edition] if named else ())))
            fitting.append((score, row.year, Candidate(mark, row.value, row.edition, score)))
    fitting.sort(key=lambda one: (-one[0], -one[1], one[2].mark))
    return tuple(candidate for _, _, candidate in fitting[:MOST])


_FLAGS = ("complement", "persons")


def _span(figure: TextFigure, unit: str) -> PrintedFigure | None:
    """The numbers that the figure stands for in a unit; None if it cannot be in that unit."""
    counts = catalogue().units[unit].decimals == 0
    if (figure.units and unit not in figure.units) or (figure.power and not counts):
        return None
    if not figure.units and not figure.power and counts:
        return None
    claim = Claim("", "", "", figure.printed, unit, Selector("WLD", None), (), "", qualifier=figure.qualifier)
    try:
        return printed_figure(claim)
    except CatalogueError:
        return None


def _score(row: _Known, context: _Context) -> int:
    """How well a number fits the words of the sentence; 0 if it does not: two for each part that the sentence names."""
    subject = len(_subject(row.indicator) & context.words)
    if not subject or row.denied != context.denied:
        return 0
    score = 2 * subject
    if context.areas - {row.area} and row.area not in context.areas and not (row.codes & context.areas):
        return 0
    if row.area in context.areas or (row.codes & context.areas):
        score += 2
    elif row.area != v.WORLD:
        return 0
    if row.codes - context.codes - context.areas:
        return 0
    score += 2 * len(row.codes) - len(context.codes - row.codes)
    if context.years:
        return score + 2 if row.year in context.years else 0
    return score


@cache
def _subject(indicator: str) -> frozenset[str]:
    """The English words of the names of an indicator by which a sentence may name it."""
    entry = in_english().indicators[indicator]
    words = _WORD.findall(f"{entry.name} {entry.short} {indicator.replace('_', ' ')}".casefold())
    own = (word for word in words if len(word) > 1 and not label_of(_COMMON, word))
    return frozenset((*own, *entry.also))


def as_rows(entries: Sequence[Unclaimed]) -> list[Mapping[str, Any]]:
    """The figures as data: place, text, sentence, and the candidates with their marks."""
    return [
        {
            "place": {"file": entry.file, "line": entry.line, "column": entry.column},
            "printed": entry.printed,
            "sentence": entry.sentence,
            "candidates": [
                {"mark": one.mark, "value": one.value, "edition": one.edition, "score": one.score}
                for one in entry.candidates
            ],
        }
        for entry in entries
    ]
