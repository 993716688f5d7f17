"""Words of surveys (data/catalogue/survey_words.yaml): what a variable is by its name or label, in any language."""

import re
from collections.abc import Sequence
from functools import cache

from divide_cli import concepts as v
from divide_cli.catalogue.labels import column_concept, normal
from divide_cli.catalogue.load import catalogue
from divide_cli.catalogue.records import SurveyWords

_CJK = "\u2e80"
"""From this letter on, words have no spaces between them."""
_FIGURES = frozenset((v.OBS_VALUE, v.TIME_PERIOD, "SERIES"))
"""Concepts of columns of figures, which records of persons do not have."""


def entries(*roles: str) -> list[SurveyWords]:
    """The entries of the roles, in the order of the file."""
    return [entry for entry in catalogue().survey_words.values() if entry.role in roles]


def fits(entry: SurveyWords, text: str) -> bool:
    """Whether a name or label has a word of each list of the entry, and no word of others."""
    form = normal(text)
    unlike = _pattern(entry.without) if entry.without else None
    return all(_pattern(words).search(form) for words in entry.words) and not (unlike and unlike.search(form))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for a text with one of the words, in the form in which labels compare."""
    parts = []
    for word in words:
        form = re.escape(normal(word.removesuffix("*")))
        parts.append(form if form > _CJK else rf"(?<!\w){form}" + ("" if word.endswith("*") else r"(?!\w)"))
    return re.compile("|".join(parts))


def looks_like_microdata(columns: Sequence[str]) -> bool:
    """Whether columns are those of records of persons: a weight with two other variables, or sex, age and two others.

    A table with a column of values, years or series is one of figures.
    """
    kinds = {entry.id for entry in entries("sample", "breakdown", "indicator") for name in columns if fits(entry, name)}
    known = "weight" in kinds and len(kinds) > 2
    persons = {v.SEX, v.AGE} <= kinds and len(kinds) > 3
    return (known or persons) and not any(column_concept(name) in _FIGURES for name in columns)
