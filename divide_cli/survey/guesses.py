"""What the variables of a file may be: guesses from names and labels, by survey_words.yaml and the labels of codes.

A guess is only an offer: the draft shows what it rests on, and what else it could be.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.labels import label_of, normal, shown_labels
from divide_cli.catalogue.records import SurveyWords
from divide_cli.catalogue.survey_words import entries, fits
from divide_cli.survey.microdata import Labels, described, first_rows

MOST_ROWS = 1_000_000
"""A draft does not need more rows, and a census may be larger than the memory."""
MOST_VALUES = 40
"""A variable with more different values is an amount or a text, not a question."""
KEPT_VALUES = 300
"""How many values of a variable are looked at, the most frequent first."""
FEW_WORDS = 3
"""Longer labels only mention a word of the sample, such as the area of an interviewer."""
YES, NO, NOT_STATED = "yes", "no", "not_stated"
USUAL = {(0, 1): {1: YES, 0: NO}, (1, 2): {1: YES, 2: NO}}
"""Codes of yes and no in questions without labels."""
DISABILITY = "DISABILITY_STATUS"
OF_ANSWER = {YES: "PWD", NO: "PD"}
"""The codes of persons who say that they have a disability, and of the others."""
USUAL_CODES = {v.SEX: {1: "M", 2: "F"}, v.URBANISATION: {1: "URB", 2: "RUR"}}
HIGH_CODES = re.compile(r"-\d+|[6-9]|[89][6-9]|[89]?9[5-9]|99[5-9][0-9]?|9[0-9]{3}")
"""Codes that often mean not stated, if they have no label."""
_NUMBER = re.compile(r"^\W*[A-Za-z]{0,3}[_ -]?\d+[\w-]*\s*[.:)]\s*")
"""The number of a question in front of its text."""


@dataclass(frozen=True)
class Variable:
    """A variable of the file: its name and label, and its values with their labels and numbers of rows."""

    name: str
    label: str
    values: Mapping[Any, tuple[str, int]]
    is_number: bool
    ends: tuple[float, float] | None

    def text_of(self, value: Any) -> str:
        """The label of a value; the value itself if it has none and is a text."""
        label = self.values[value][0]
        return label or (value if isinstance(value, str) else "")


@dataclass(frozen=True)
class Guess:
    """A variable for an entry of survey_words.yaml, what its values mean, and the other variables that fit.

    `sure` is false if the meaning rests on usual codes, not on labels. `unread` has the values without a meaning.
    """

    entry: str
    variable: Variable
    meanings: Mapping[Any, str]
    unread: tuple[Any, ...]
    sure: bool
    others: tuple[str, ...]


def guesses(path: Path) -> tuple[dict[str, Guess], Labels, bool]:
    """A guess for each entry that has one, from the first MOST_ROWS rows; the labels; whether there may be more."""
    names, labels = described(path)
    fitting = {entry.id: list(_fitting(entry, names, labels)) for entry in entries("sample", "breakdown", "indicator")}
    frame = first_rows(path, {name for several in fitting.values() for name in several}, MOST_ROWS)
    variables = {name: _variable(name, labels, frame[name]) for name in frame.columns}
    found = {}
    for entry, several in fitting.items():
        ranked = _ranked(catalogue().survey_words[entry], [variables[name] for name in several], len(frame))
        if ranked:
            best = ranked[0]
            found[entry] = Guess(*best[:5], tuple(other[1].name for other in ranked[1:]))
    return found, labels, len(frame) == MOST_ROWS


def plain_label(label: str) -> str:
    """The label of a variable without the number of its question."""
    return _NUMBER.sub("", label).strip()


def _fitting(entry: SurveyWords, names: Sequence[str], labels: Labels) -> Iterator[str]:
    """The variables whose name or label fits; for the sample, only short labels count."""
    for name in names:
        label = plain_label(labels.variables.get(name, ""))
        mentioned = entry.id in ("strata", "clusters") and len(label.split()) > FEW_WORDS
        if fits(entry, name if mentioned else f"{name} {label}"):
            yield name


def _variable(name: str, labels: Labels, column: Any) -> Variable:
    import pandas as pd

    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    counts = column.value_counts()
    known = labels.values.get(name, {})
    values = {value: (str(known.get(value, "")), int(count)) for value, count in counts.head(KEPT_VALUES).items()}
    values |= {value: (str(text), 0) for value, text in known.items() if value not in counts.index}
    ends = (float(column.min()), float(column.max())) if is_number and len(counts) else None
    return Variable(name, labels.variables.get(name, ""), dict(sorted(values.items(), key=_order)), is_number, ends)


def _order(pair: tuple[Any, Any]) -> tuple[bool, Any]:
    text = isinstance(pair[0], str)
    return text, pair[0] if text else float(pair[0])


Ranked = tuple[str, Variable, Mapping[Any, str], tuple[Any, ...], bool]


def _ranked(entry: SurveyWords, variables: Iterable[Variable], rows: int) -> list[Ranked]:
    """The variables that can be read as the entry says, the best first."""
    scored = []
    for place, variable in enumerate(variables):
        read = _read(entry, variable, rows)
        if read is not None:
            meanings, unread, sure = read
            by_name = fits(entry, variable.name)
            words = len(plain_label(variable.label).split())
            score = (not sure, bool(unread), not by_name and words > 2 * FEW_WORDS, words, place)
            scored.append((score, (entry.id, variable, meanings, unread, sure)))
    return [one for _, one in sorted(scored, key=lambda pair: pair[0])]


Meanings = tuple[Mapping[Any, str], tuple[Any, ...], bool]


def _read(entry: SurveyWords, variable: Variable, rows: int) -> Meanings | None:
    """What the values mean, those without a meaning, and whether labels say so; None if the variable cannot be it."""
    if entry.id == "weight":
        return ({}, (), True) if variable.is_number and len(variable.values) > 1 else None
    if entry.id == "id":
        return ({}, (), True) if all(count <= 1 for _, count in variable.values.values()) and rows > 1 else None
    if entry.role == "sample":
        return ({}, (), True) if len(variable.values) > 1 else None
    if entry.id == v.AGE:
        return _age(variable)
    present = {value for value, (_, count) in variable.values.items() if count}
    if not present or len(present) > MOST_VALUES:
        return None
    return _codes(entry.id, variable) if entry.role == "breakdown" else _answers(variable)


def _age(variable: Variable) -> Meanings | None:
    """Ages in years: numbers from 0 to 120, and codes that mean not stated."""
    if not variable.is_number or len([one for one in variable.values.values() if one[1]]) < 10:
        return None
    unknown = {value: NOT_STATED for value in variable.values if variable.values[value][0] and not 0 < value < 95}
    high = {value: NOT_STATED for value in variable.values if (value > 110 or value < 0) and value not in unknown}
    return {**unknown, **high}, (), not high


def _codes(dimension: str, variable: Variable) -> Meanings | None:
    """The code of each value in the dimension, by its label or, without labels, by usual codes."""
    meanings: dict[Any, str] = {}
    for value in variable.values:
        text = variable.text_of(value)
        label = label_of(dimension, text) if text else None
        if is_not_stated(text):
            meanings[value] = NOT_STATED
        elif label and label.code not in (v.TOTAL, v.NOT_APPLICABLE):
            meanings[value] = label.code
    if dimension == DISABILITY and not set(meanings.values()) - {NOT_STATED} and (answers := _answers(variable)):
        meanings = {value: OF_ANSWER.get(answer, answer) for value, answer in answers[0].items()}
    if dimension not in USUAL_CODES:
        free = not shown_labels(dimension)
        meanings |= {
            value: code for value in variable.values if free and (code := _own_code(variable, value, meanings))
        }
        unread = tuple(value for value in variable.values if value not in meanings)
        return meanings, unread, not unread
    unread = tuple(value for value in variable.values if value not in meanings)
    labelled = any(map(variable.text_of, variable.values))
    if not labelled and set(unread) >= {1, 2}:
        usual = USUAL_CODES[dimension]
        meanings = {value: usual.get(value, NOT_STATED) for value in unread if value in usual or is_high(value)}
        return meanings, tuple(value for value in unread if value not in meanings), False
    codes = set(meanings.values()) - {NOT_STATED}
    return (meanings, unread, True) if len(codes) == 2 else None


def _own_code(variable: Variable, value: Any, meanings: Mapping[Any, str]) -> str:
    """A code from the label of a value, for a dimension without codes of the house; empty if the value has one."""
    words = re.findall(r"[A-Z0-9]+", normal(variable.text_of(value)).upper())
    return "" if value in meanings else "_".join(words)


def _answers(variable: Variable) -> Meanings | None:
    """Whether each value means yes, no or not stated, by its label or, without labels, by usual codes."""
    words = {entry.id: entry for entry in entries("answer")}
    meanings: dict[Any, str] = {}
    for value in variable.values:
        text = variable.text_of(value)
        for answer in (NOT_STATED, NO, YES):
            if text and fits(words[answer], text):
                meanings[value] = answer
                break
    sure = {YES, NO} <= set(meanings.values())
    if not sure and not any(map(variable.text_of, variable.values)):
        low = tuple(sorted(value for value in variable.values if not is_high(value)))
        usual = USUAL.get(low, {})
        meanings = {value: usual.get(value, NOT_STATED) for value in variable.values if usual}
    if not {YES, NO} <= set(meanings.values()):
        return None
    return meanings, tuple(value for value in variable.values if value not in meanings), sure


def is_not_stated(text: str) -> bool:
    """Whether a label means that there is no answer."""
    return bool(text) and fits(catalogue().survey_words[NOT_STATED], text)


def is_high(value: Any) -> bool:
    """Whether the number is one of those that often mean not stated."""
    return not isinstance(value, str) and bool(HIGH_CODES.fullmatch(f"{value:g}"))
