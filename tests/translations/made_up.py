"""A made-up language for tests: every text that is collected for translation is in brackets, so others are seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from divide_cli import language
from divide_cli.catalogue.load import data_dir
from scripts.translations.collect import every_message

OPEN, CLOSE = "⟦", "⟧"


class _Brackets:
    """What gettext's translations offer, with brackets for a translation."""

    def __init__(self) -> None:
        messages = every_message()
        self.sentences = {text for one in messages if not one.context for text in (one.text, one.several)}
        self.entries = {(one.context, one.text) for one in messages if one.context}
        self.unknown: set[str] = set()

    def gettext(self, text: str) -> str:
        if text in self.sentences:
            return f"{OPEN}{text}{CLOSE}"
        self.unknown |= {text} if OPEN not in text else set()
        return text

    def ngettext(self, one: str, several: str, number: int) -> str:
        assert one in self.sentences, f"not collected: {one!r}"
        return f"{OPEN}{one if number == 1 else several}{CLOSE}"

    def pgettext(self, context: str, text: str) -> str:
        return f"{OPEN}{text}{CLOSE}" if (context, text) in self.entries else text


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


def outside(text: str) -> str:
    """What is not in brackets."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        kept.append(letter if not depth and letter != CLOSE else " ")
    return "".join(kept)
