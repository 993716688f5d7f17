"""A made-up language for tests: every text that is collected for translation is in brackets, so others are seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from string import Formatter
from unittest.mock import patch

from divide_cli import language
from divide_cli.catalogue.load import data_dir
from scripts.translations.collect import Message, every_message

OPEN, CLOSE = "⟦", "⟧"


@cache
def messages() -> list[Message]:
    """Every text that is collected."""
    return every_message()


class _Brackets:
    """What gettext's translations offer, with brackets for a translation; `unknown` are texts without one."""

    def __init__(self) -> None:
        self.sentences = {text for one in messages() if not one.context for text in (one.text, one.several)}
        self.entries = {(one.context, one.text) for one in messages() if one.context}
        self.unknown: set[str] = set()

    def gettext(self, text: str) -> str:
        if text in self.sentences:
            return bracketed(text)
        self.unknown |= {text} if OPEN not in text else set()
        return text

    def ngettext(self, one: str, several: str, number: int) -> str:
        assert one in self.sentences, f"not collected: {one!r}"
        return bracketed(one if number == 1 else several)

    def pgettext(self, context: str, text: str) -> str:
        return bracketed(text) if (context, text) in self.entries else text


def bracketed(text: str) -> str:
    """The text with brackets around its words. What its slots are filled with stays outside, to be seen by itself."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        parts = []
    if all(name is None for _, name, _, _ in parts):
        return f"{OPEN}{text}{CLOSE}"
    whole, words = "", ""
    for literal, *slot in parts:  # a doubled brace ends a literal as well
        words += literal.replace("{", "{{").replace("}", "}}")
        if slot[0] is not None:
            whole, words = f"{whole}{_marked(words)}{_slot(*slot)}", ""
    return whole + _marked(words)


def _marked(words: str) -> str:
    return f"{OPEN}{words}{CLOSE}" if words else ""


def _slot(name: str, form: str | None, conversion: str | None) -> str:
    return f"{{{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}}}"


@cache
def _brackets() -> _Brackets:
    return _Brackets()


@contextmanager
def spoken() -> Iterator[_Brackets]:
    """Speaks the made-up language within the block, with the numbers of French."""
    brackets = _brackets()  # collected while English is spoken
    with language.speaking("fr", data_dir()), patch.object(language, "area", lambda code: f"{OPEN}{code}{CLOSE}"):
        assert language._spoken
        language._spoken = language._spoken._replace(code="xx", texts=brackets)
        yield brackets


@contextmanager
def in_commands() -> Iterator[_Brackets]:
    """Commands with `--lang fr` speak the made-up language within the block."""
    usual = language.use
    with spoken() as brackets:
        brackets.unknown.clear()
        made_up = language._spoken

        def use(code: str, data: Path = Path()) -> None:
            usual(code, data)
            if code == "fr":
                language._spoken = made_up

        with patch.object(language, "use", use):
            yield brackets


@contextmanager
def without(text: str) -> Iterator[None]:
    """Within the block, a sentence has no translation."""
    sentences = _brackets().sentences
    assert text in sentences
    sentences.remove(text)
    try:
        yield
    finally:
        sentences.add(text)


def outside(text: str) -> str:
    """What is not in brackets."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        kept.append(letter if not depth and letter != CLOSE else " ")
    return "".join(kept)
