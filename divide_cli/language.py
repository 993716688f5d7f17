"""The language of what people read: English, or a translation of data/translations that a command is asked for.

A sentence of the program is written where it is said, in English, with named slots: `say("line {line}", line=3)`. The
English text is the key of its translation (gettext). A text of data/ has a context as well, its entry and field. What
has no translation stays English. Formats that machines read are always written in English, so commands choose a
language only for those that people read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, ParamSpec, TypeVar

if TYPE_CHECKING:
    from string import Formatter

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr", "es", "ru", "ar", "zh")
"""The codes (ISO 639-1) of the official languages of the United Nations."""
RIGHT_TO_LEFT = frozenset({"ar"})
_THIN, _HARD = "\u202f", "\u00a0"
_SEPARATORS = {"fr": (_THIN, ","), "es": (_THIN, ","), "ru": (_HARD, ","), "ar": (",", "."), "zh": (",", ".")}
"""Language -> what separates thousands, and decimals.

French, Russian and Chinese as in Unicode CLDR. Spanish with a space and a comma, as UN documents in Spanish have it.
Arabic with Western digits, as the statistical tables of the UN and ESCWA have them: codes, years and figures in one
script.
"""


class _Spoken(NamedTuple):
    """A language other than English: its code, its texts, its signs in numbers, and the folder of translations."""

    code: str
    texts: Any
    signs: Mapping[int, str]
    folder: Path


_spoken: _Spoken | None = None


def current() -> str:
    """The code of the language."""
    return _spoken.code if _spoken else ENGLISH


def direction() -> str:
    """The direction in which the language is written, as HTML has it: `ltr` or `rtl`."""
    return "rtl" if current() in RIGHT_TO_LEFT else "ltr"


def use(code: str, data: Path = Path()) -> None:
    """Makes that language the one that is spoken; `data` is the folder of facts."""
    global _spoken  # noqa: PLW0603 (a process speaks one language)
    if code == ENGLISH:
        _spoken = None
        return
    thousands, decimals = _SEPARATORS[code]
    folder = data / "translations"
    _spoken = _Spoken(code, _texts(code, folder), {ord(","): thousands, ord("."): decimals}, folder)


@contextmanager
def speaking(code: str, data: Path) -> Iterator[None]:
    """Speaks that language within the block."""
    global _spoken  # noqa: PLW0603
    before = _spoken
    use(code, data)
    try:
        yield
    finally:
        _spoken = before


@cache
def _texts(code: str, folder: Path) -> Any:
    """The translations of the compiled file; all English if there is none."""
    import gettext

    compiled = folder / f"{code}.mo"
    with suppress(OSError):
        _compile_if_newer(folder / f"{code}.po", compiled)
    try:
        with compiled.open("rb") as file:
            return gettext.GNUTranslations(file)
    except OSError:
        return gettext.NullTranslations()


def _compile_if_newer(source: Path, compiled: Path) -> None:
    """Compiles the translations of a checkout, where Babel is installed; packages contain compiled ones only."""
    newest = source.stat().st_mtime_ns
    if compiled.exists() and compiled.stat().st_mtime_ns >= newest:
        return
    with suppress(ImportError):
        import io

        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        from divide_cli import temporary

        content = io.BytesIO()
        with source.open("rb") as lines:
            write_mo(content, read_po(lines))
        with temporary.written(compiled.parent, content.getvalue()) as file:
            file.replace(compiled)


def say(template: str, /, **parts: Any) -> str:
    """The sentence in the language, with the parts in its slots."""
    if _spoken is None or not template:
        return template.format_map(parts) if parts else template
    text = _spoken.texts.gettext(template)
    return _filled(text, parts) if parts else str(text)


JOINTS = {
    "comma": ", ",
    "semicolon": "; ",
    "stop": ".",
    "label": "{label}: {text}",
    "remark": "{text} ({remark})",
    "bounds": "[{lower}, {upper}]",
    "worded_bounds": "[{lower}, {upper}]",
    "unit": "{number} {unit}",
    "broken_down": "{what} {by}",
}
"""The signs that join texts, by name. With a decimal comma, bounds need another sign between them.

Bounds with words in them (`[1,190 million, 1,191 million]`) have the comma of the words.
"""


def joint(name: str) -> str:
    """The sign that joins texts, in the language."""
    return translated(f"joints:{name}", JOINTS[name])


def commas(texts: Iterable[object]) -> str:
    """The texts with commas between them: `8, 12`; in Arabic `8، 12`, in Chinese `8、12`."""
    return joint("comma").join(map(str, texts))


def clauses(texts: Iterable[object]) -> str:
    """The texts with semicolons between them."""
    return joint("semicolon").join(map(str, texts))


def labelled(label: object, text: object) -> str:
    """The text after its label: `Kenya: 35.0 %`."""
    return filled(joint("label"), {"label": label, "text": text})


def remarked(text: object, remark: object) -> str:
    """The text with a remark in brackets: `35.0 (2024)`."""
    return filled(joint("remark"), {"text": text, "remark": remark})


def between(lower: str, upper: str) -> str:
    """`[lower, upper]`, of written numbers; with another sign between them where the decimal sign is a comma."""
    worded = any(map(str.isalpha, lower + upper))
    return filled(joint("worded_bounds" if worded else "bounds"), {"lower": lower, "upper": upper})


def measured(number: str, unit: str) -> str:
    """A written number with its unit: `35.0 %`."""
    return filled(joint("unit"), {"number": number, "unit": unit})


def broken_down(what: str, by: str) -> str:
    """What is compared, and over which breakdown: `Internet use by sex`."""
    return filled(joint("broken_down"), {"what": what, "by": by})


def ended(text: str) -> str:
    """The text with one full stop."""
    stop = joint("stop")
    return f"{text.rstrip('.').removesuffix(stop)}{stop}"


def first_sentence(text: str) -> str:
    """The first sentence of a text, without its full stop if others follow."""
    return text.split(". ", maxsplit=1)[0].split("。", maxsplit=1)[0]


def later(template: str) -> str:
    """The text as it is: one that is said later, where a variable names it."""
    return template


def counted(number: int, one: str, several: str, /, **parts: Any) -> str:
    """The sentence for that number of things, which fills the slot {number}."""
    parts = {"number": number, **parts}
    if _spoken is None:
        return (one if number == 1 else several).format_map(parts)
    return _filled(_spoken.texts.ngettext(one, several, number), parts)


def translated(context: str, text: str) -> str:
    """A text of data/ in the language; the context is its kind, entry and field: `rules:no_rows:hint`."""
    return text if _spoken is None or not text else str(_spoken.texts.pgettext(context, text))


def filled(template: str, parts: Mapping[str, Any], *values: Any) -> str:
    """A template that is translated already, with the parts, and the values in order, in its slots."""
    if _spoken is None:
        return template.format(*values, **parts) if values else template.format_map(parts)
    return _filled(template, parts, *values)


def digits(number: str) -> str:
    """A number in English digits (1,234.5) with the signs of the language (1 234,5)."""
    return number if _spoken is None else number.translate(_spoken.signs)


@cache
def _formatter() -> "Formatter":
    """Fills slots as `str.format` does, and writes the numbers in them as the language has them."""
    from decimal import Decimal
    from string import Formatter

    class LocalFormatter(Formatter):
        def format_field(self, value: Any, format_spec: str) -> str:
            text = format(value, format_spec)
            number = not isinstance(value, str) and (isinstance(value, float | Decimal) or "," in format_spec)
            return digits(text) if number else text

    return LocalFormatter()


def _filled(template: str, parts: Mapping[str, Any], *values: Any) -> str:
    """The template with the parts in its slots; one that ends in an abbreviation (`п. п.`) ends the sentence too."""
    text = _formatter().vformat(template, values, parts)
    return re.sub(r"(?<=\w)\.\.(?!\.)", ".", text) if ".." in text else text


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class ByLanguage(Generic[Arguments, Result]):
    """A function whose results are kept for each language, as `functools.cache` keeps them."""

    def __init__(self, function: Callable[Arguments, Result]) -> None:
        self._function = function
        self._kept: dict[Any, Result] = {}
        self.__doc__, self.__name__ = function.__doc__, function.__name__

    def __call__(self, *values: Arguments.args, **words: Arguments.kwargs) -> Result:
        """The result for these arguments in the language."""
        key = (current(), values, *words.items())
        if key not in self._kept:
            self._kept[key] = self._function(*values, **words)
        return self._kept[key]

    def cache_clear(self) -> None:
        """Forgets all results."""
        self._kept.clear()


def area(code: str) -> str:
    """The name of an economy or region in the language, by ISO alpha-3 code or M49 number; empty if no list has it."""
    return _areas(_spoken.folder).get(code, {}).get(_spoken.code, "") if _spoken else ""


@cache
def _areas(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Code -> language -> name, of areas.csv."""
    import csv

    try:
        with (folder / "areas.csv").open(encoding="utf-8", newline="") as lines:
            return {row["code"]: row for row in csv.DictReader(lines)}
    except OSError:
        return {}
