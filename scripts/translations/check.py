"""What is wrong with the translations of a language: missing, changed, slots and commands lost or added, terms."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from string import Formatter

from divide_cli.language import JOINTS
from scripts.translations.files import FOLDER, Translation

_LITERAL = re.compile(r"`[^`]*`|(?<![\w-])--[a-z][a-z-]*|\b[A-Z]+(?:_[A-Z0-9]+)+\b", re.ASCII)
"""What stays as it is in every language: commands, options, names of columns."""
_INVISIBLE = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u200b]")
"""Marks of direction and of no width: pages isolate codes themselves, and terminals show them as escapes."""

_BLANKS = " \t\n\u00a0"
"""What no text begins or ends with. A thin space is allowed: French has it before a semicolon that begins a text."""


def faults(language: str, translations: Iterable[Translation]) -> Iterator[str]:
    """One line for each fault."""
    terms = glossary(language)
    for translation in translations:
        message = translation.message
        where = f"{language}.po, {message.context or 'program'}: {message.text[:60]!r}"
        if translation.changed:
            yield f"{where}: the English text has changed"
        elif not translation.complete:
            yield f"{where}: not translated"
        else:
            yield from (
                f"{where}: {fault}" for text in translation.texts for fault in _faults(language, translation, text)
            )
            yield from (f"{where}: {fault}" for fault in _terms(translation, terms))


def slots(text: str) -> Counter[str]:
    """The slots of a template, with their formats; a text that is not one has none."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return Counter()
    return Counter(f"{name}!{conversion}:{form}" for _, name, form, conversion in parts if name is not None)


def _faults(language: str, translation: Translation, text: str) -> Iterator[str]:
    message = translation.message
    english, own = slots(message.text), slots(text)
    if message.several:  # a form for exactly one or two may leave the number out
        own.update(slot for slot in english if slot.startswith("number!") and slot not in own)
    if set(own) != set(english):
        yield f"slots {sorted(set(english) ^ set(own))} are lost or added in {text!r}"
    literal, kept = (Counter(_LITERAL.findall(part)) for part in (message.text, text))
    if set(literal) != set(kept):
        yield f"{sorted(set(literal) ^ set(kept))} are lost or added in {text!r}"
    if _INVISIBLE.search(text):
        yield "an invisible mark of direction or of no width"
    if text != text.strip(_BLANKS) and message.text == message.text.strip():
        yield "a blank at an end"
    if message.text != message.text.strip() and not _keeps_blanks(language, message.text, text):
        yield "a blank at an end is lost or added"
    if message.context.startswith("rules:") and message.context.endswith(".name") and len(text) > 120:
        yield "a name of more than 120 characters"


def _keeps_blanks(language: str, english: str, text: str) -> bool:
    """Whether the blanks at the ends are the English ones. Joins have their own; Chinese and Arabic may have none."""
    blanks, own = ((part[:1].isspace(), part[-1:].isspace()) for part in (english, text))
    if english in JOINTS.values():
        return True
    if language in ("ar", "zh"):
        return all(there or not here for there, here in zip(blanks, own, strict=True))
    return blanks == own


def glossary(language: str) -> dict[str, list[str]]:
    """English term -> its translations, the first of which is preferred."""
    with (FOLDER / "glossary.csv").open(encoding="utf-8", newline="") as lines:
        return {row["en"]: row[language].split(" | ") for row in csv.DictReader(lines)}


def _terms(translation: Translation, terms: dict[str, list[str]]) -> Iterator[str]:
    """A term that is the whole English text has the translation of the glossary."""
    known = terms.get(translation.message.text) or terms.get(translation.message.text.lower())
    text = translation.texts[0]
    if known and len(translation.texts) == 1 and text.casefold() not in [term.casefold() for term in known]:
        yield f"the glossary has {' or '.join(known)}, not {text!r}"
