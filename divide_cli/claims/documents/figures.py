"""Figures in running text: numbers and words that stand for numbers, with the qualifier before and the unit after them.

Markup between the parts of a figure does not count: `about **71** %`, `71\\,\\%`, `$-2.5$ points`, `\\num{5500}`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.labels import read_labels

NOT_TEXT = "\x00"
"""What takes the place of each character that is not text, such as code."""
_WINDOW = 240
"""The characters before a mark in which its figure begins."""
_GLUE = (
    r"(?:[^\S\n]|\n(?![^\S\n]*\n)|[*_~${}]|\\[,;:! ]"
    r"|\\(?:num|qty|SI|text|textbf|textit|emph)(?=\{)|&(?:nbsp|thinsp|\#160|\#8239);)*"
)
_CLOSING = r"(?:[\s*_~${}.,;:)\]\"'’”»]|\\[,;:! ])*"
_GROUPS = r"(?:,|\{,\}|\\,|~|&nbsp;|[ \u00a0\u2009\u202f])"
_NUMBER = (
    r"(?<![\w.,])(?<!\w[-–−])[-−]?"
    rf"(?:[1-9]\d{{0,2}}(?:{_GROUPS}\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?)(?![\w]|[.,]\d)"
)
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True)
class TextFigure:
    """A figure in a text: from `start` to `end`, its number or word. `unit` is its unit as printed, from `unit_start`.

    `printed` is the figure as claims write it (1,234.5 and -2.5, or a word of qualifiers.yaml), `power` its power of
    ten, `units` the codes of the units that the text may mean.
    """

    start: int
    end: int
    printed: str
    qualifier: str = "exactly"
    power: int = 0
    power_word: str = ""
    unit: str = ""
    unit_start: int = 0
    units: tuple[str, ...] = ()
    last: int = 0
    """The position after its unit."""

    @property
    def stated(self) -> str:
        """Power and unit as the text prints them: `million people`."""
        return " ".join(part for part in (self.power_word, self.unit) if part)


def figure_before(text: str, position: int, earliest: int = 0) -> TextFigure | None:
    """The figure that ends right before the position, with its unit and closing markup; None if there is none."""
    start = max(earliest, position - _WINDOW)
    breaks = [match.end() for match in _PARAGRAPH.finditer(text, start, position)]
    match = _patterns()["before"].search(text, breaks[-1] if breaks else start, position)
    return _figure(text, match) if match else None


def figures_in(text: str, start: int, end: int) -> Iterator[TextFigure]:
    """The figures between two positions, in the order of the text."""
    return (_figure(text, match) for match in _patterns()["anywhere"].finditer(text, start, end))


def paragraph_before(text: str, position: int) -> tuple[int, int]:
    """Start and end of the last paragraph that begins before the position, without marks and space at its end."""
    end = len(text[:position].rstrip(" \t\r\n~"))
    breaks = [match.end() for match in _PARAGRAPH.finditer(text, max(0, end - 20_000), end)]
    return (breaks[-1] if breaks else max(0, end - 20_000)), end


def _figure(text: str, match: re.Match[str]) -> TextFigure:
    words, powers, units = _number_words(), _powers(), _units()
    power, unit = _plain(match["power"]), _plain(match["unit"])
    start, end = match.span("figure")
    return TextFigure(
        start,
        end,
        words.get(_plain(match["figure"]), _number(match["figure"])),
        _qualifier_before(text, start),
        powers.get(power, 0),
        power,
        unit,
        match.start("power" if power else "unit") if unit or power else end,
        units.get(unit.lstrip("\\"), ()),
        match.end("unit" if unit else "power" if power else "figure"),
    )


def _plain(text: str | None) -> str:
    """A word in small letters, with single spaces."""
    return " ".join((text or "").replace("~", " ").split()).casefold()


def _number(text: str) -> str:
    """The number as claims write it: a minus sign as a hyphen, thousands after commas."""
    bare = text.replace("−", "-")
    return re.sub(rf"(?<=\d){_GROUPS}(?=\d{{3}}(?!\d))", ",", bare)


def _qualifier_before(text: str, position: int) -> str:
    """The entry of qualifiers.yaml whose words come right before the position; `exactly` if there is none."""
    match = _patterns()["qualifier"].search(text, max(0, position - 60), position)
    return _qualifiers()[_plain(match["words"])] if match else "exactly"


@cache
def _number_words() -> Mapping[str, str]:
    """Words that are figures -> the entry that they mean."""
    entries = catalogue().qualifiers.values()
    return {word: entry.id for entry in entries if entry.number for word in (entry.id, *entry.also)}


@cache
def _qualifiers() -> Mapping[str, str]:
    """Words before figures -> the entry that they mean."""
    entries = catalogue().qualifiers.values()
    return {word: entry.id for entry in entries if not entry.number for word in (entry.id, *entry.also)}


@cache
def _powers() -> Mapping[str, int]:
    """English words for powers of ten -> the power."""
    rows = (row for row in read_labels("codes") if row["concept"] == "UNIT_MULT" and row["language"] == "en")
    return {row["label"].casefold(): int(row["code"]) for row in rows if row["code"] != "0" and row["label"].isalpha()}


@cache
def _units() -> Mapping[str, tuple[str, ...]]:
    """The unit as texts print it -> the codes of the units that it may be."""
    codes: dict[str, tuple[str, ...]] = {}
    for entry in catalogue().units.values():
        for text in entry.printed:
            codes[text.casefold()] = (*codes.get(text.casefold(), ()), entry.id)
    return {**codes, "textpercent": codes["%"]}


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """The patterns of a figure before a mark, of a figure anywhere, and of the words before one."""
    number_word = rf"(?<![\w-])(?:{_any_of(_number_words())})(?!\w)"
    unit = rf"\\?(?:{_any_of(_units())})(?!\w)"
    figure = (
        rf"(?P<figure>{_NUMBER}|{number_word})"
        rf"(?:{_GLUE}(?P<power>(?<!\w)(?:{_any_of(_powers())})(?!\w)))?(?:{_GLUE}(?P<unit>{unit}))?"
    )
    return {
        "before": re.compile(figure + _CLOSING + r"\Z", re.IGNORECASE),
        "anywhere": re.compile(figure, re.IGNORECASE),
        "qualifier": re.compile(rf"(?<!\w)(?P<words>{_any_of(_qualifiers())}){_GLUE}\Z", re.IGNORECASE),
    }


def _any_of(words: Mapping[str, object]) -> str:
    """A pattern of any of the words, the longest first; their spaces may be breaks."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(r"[\s~]+".join(map(re.escape, word.split())) for word in longest_first)
