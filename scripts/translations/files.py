"""The .po files: read, brought up to date with the texts of the program, and written, one line a text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from divide_cli.language import LANGUAGES
from scripts.translations.collect import ROOT, Message

FOLDER = ROOT / "data" / "translations"
OTHERS = LANGUAGES[1:]
"""The languages other than English."""
COMPLETE: tuple[str, ...] = ("fr", "es", "ru", "ar", "zh")
"""Languages that are whole: a change that adds a text must bring its translations into these."""


@dataclass(frozen=True)
class Translation:
    """A message and its translation: one text, or one for each plural form. Empty texts are not translated yet.

    It is `changed` if the English text is another than the one it was made for.
    """

    message: Message
    texts: tuple[str, ...]
    changed: bool = False

    @property
    def complete(self) -> bool:
        """Whether every form is there, for the present English text."""
        return all(self.texts) and not self.changed


def forms(language: str) -> int:
    """The number of plural forms of the language."""
    return int(get_plural(language).num_plurals)


def path_of(language: str) -> Path:
    """The file of the language."""
    return FOLDER / f"{language}.po"


def read(language: str) -> list[Translation]:
    """The translations of the file, in its order; none if there is no file."""
    path = path_of(language)
    if not path.exists():
        return []
    with path.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    found = []
    for entry in catalog:
        if entry.id:
            one, several = map(str, entry.id) if isinstance(entry.id, (tuple, list)) else (entry.id, "")
            texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            message = Message(entry.context or "", one, several)
            found.append(Translation(message, tuple(str(text or "") for text in texts), entry.fuzzy))
    return found


def updated(language: str, messages: Iterable[Message]) -> list[Translation]:
    """The messages with the translations that the file has. One whose English has changed keeps its own, marked."""
    old = read(language)
    kept = {translation.message: translation for translation in old}
    present = set(messages := list(messages))
    by_context = {
        translation.message.context: translation
        for translation in old
        if translation.message.context and translation.message not in present and any(translation.texts)
    }
    found = []
    for message in messages:
        number = forms(language) if message.several else 1
        earlier = by_context.get(message.context)
        if message in kept and len(kept[message].texts) == number:
            found.append(kept[message])
        elif earlier and len(earlier.texts) == number:
            found.append(Translation(message, earlier.texts, changed=True))
        else:
            found.append(Translation(message, ("",) * number))
    return found


def text_of(language: str, translations: Iterable[Translation]) -> str:
    """The content of the file."""
    head = {
        "Project-Id-Version": "divide",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": str(get_plural(language)).rstrip(";") + ";",
    }
    lines = ['msgid ""', 'msgstr ""', *(_quoted(f"{name}: {value}\n") for name, value in head.items())]
    return "\n".join(["\n".join(lines), *map(_entry, translations)]) + "\n"


def _entry(translation: Translation) -> str:
    message = translation.message
    lines = [""]
    if translation.changed:
        lines.append("#, fuzzy")
    if message.context:
        lines.append(f"msgctxt {_quoted(message.context)}")
    lines.append(f"msgid {_quoted(message.text)}")
    if message.several:
        lines.append(f"msgid_plural {_quoted(message.several)}")
        lines += [f"msgstr[{number}] {_quoted(text)}" for number, text in enumerate(translation.texts)]
    else:
        lines.append(f"msgstr {_quoted(translation.texts[0])}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """The text as a string of a .po file."""
    return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028")


def write(language: str, translations: Iterable[Translation]) -> None:
    """Writes the file."""
    path_of(language).write_text(text_of(language, translations), encoding="utf-8")


def field_of(context: str) -> str:
    """The last part of a context that is a word: the field of the entry."""
    words = [part for part in context.replace(":", ".").split(".") if not part.isdigit()]
    return words[-1] if context else ""


def filled(translations: Iterable[Translation], given: Mapping[tuple[str, str], tuple[str, ...]]) -> list[Translation]:
    """The translations, with those that are given, by English text and plural, where there is none yet."""
    found = []
    for one in translations:
        texts = given.get((one.message.text, one.message.several))
        fits = texts is not None and len(texts) == len(one.texts) and not one.complete
        found.append(replace(one, texts=texts, changed=False) if fits and texts else one)
    return found
