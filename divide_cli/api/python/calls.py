"""A call of a verb: its words, the frames that it reads, its answer in English and in the language of its reader."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from inspect import signature
from typing import Any, Generic, TypeVar

from divide_cli import language
from divide_cli.api.python.frames import Sources, words_of
from divide_cli.catalogue.load import data_dir
from divide_cli.frames import in_memory, room
from divide_cli.reports import option_words

Answer = TypeVar("Answer")
REPEATED = ("area", "attribute", "dimension", "edition", "gap", "indicator", "measure", "target", "year")
"""Options that are repeated for further words; verbs have the plural."""
NAMES = {**{word: f"{word}s" for word in REPEATED}, "years": "between"}
"""Option -> the parameter of the verbs that call it otherwise."""
SEVERAL = (*(NAMES[word] for word in REPEATED), "against", "by", "groups", "only", "rules", "skip")
"""Parameters of verbs that take one word or several."""
SOURCES = ("population", "previous")
"""Options that take a path or a frame."""


class Call(Generic[Answer]):
    """A call of a function of the api with checked words. `answer` is in English: its frames are for programs.

    `spoken` is the answer in the language of the call, computed again when tables in that language are asked for.
    """

    def __init__(self, verb: Callable[..., Answer], words: Mapping[str, Any], sources: Sources | None = None) -> None:
        sources, known = sources or Sources(), signature(verb).parameters
        names = {word: NAMES[word] if NAMES.get(word) in known else word for word in words}
        typed = {
            name: words_of(words[word], f"{word}=") if name in SEVERAL else words[word] for word, name in names.items()
        }
        typed |= {name: sources.named(words[name]) for name in SOURCES if words.get(name) is not None}
        option_words.check(typed)
        if "memory" not in known:  # an engine of `tabulate` has its own
            room.limit_to(str(typed.get("memory", "")))
        self._verb, self._tables = verb, sources.tables
        self._words = {name: typed[name] for name in known if name in typed}
        self.lang = str(typed.get("lang") or language.ENGLISH)
        with self.speaking(language.ENGLISH):
            self.answer = verb(**self._words)

    @cached_property
    def spoken(self) -> Answer:
        """The answer in the language of the call."""
        if self.lang == language.ENGLISH:
            return self.answer
        with self.speaking(self.lang):
            return self._verb(**self._words)

    @contextmanager
    def speaking(self, lang: str) -> Iterator[None]:
        """Within the block, texts are in that language, and the frames of the call can be read."""
        with in_memory.given(self._tables), language.speaking(lang, data_dir()):
            yield
