"""Which letters are these? The encoding of a text that is not UTF-8, decided by its words.

Candidates are the encodings of data/catalogue/codelists/encodings.csv that can decode the file. The one in which most
words are labels or names of the catalogue is taken; if none are, the one whose words are plausible in its languages.

A word is plausible if it has letters of one alphabet, capitals only at its beginning or throughout, and a vowel.
Letters that are frequent in the language make a text more plausible: bytes of Russian can be read as Greek, but not as
frequent Greek letters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from divide_cli.catalogue.codelists import read_codelist
from divide_cli.catalogue.labels import spellings
from divide_cli.catalogue.names import area_names
from divide_cli.language import commas, say

_CELL = re.compile(rb'[^\r\n,;\t"]*[\x80-\xff][^\r\n,;\t"]*')
_MOST_CELLS = 4000
"""The number of different cells that are looked at, the first of the file."""
_MARKS = "’‘“”„‚‹›–—…«»§€£·•×\xa0™®©‰±†¿¡№"
"""Marks that occur in texts of any language."""
_AT_END = "°ºª²³¹"
"""Marks that follow letters or digits, or are alone."""
_AS_WRITTEN = re.compile(r"[^\s!-&(-,./:-@\[-`{-~]+")
"""A word with its accents, apostrophes and dashes."""
_SHORT = 3
"""Words of more letters have a vowel."""
_USUAL = {"Latin": 0.45, "Cyrillic": 0.68, "Greek": 0.68, "Arabic": 0.66}
"""The least mean frequency rank of the letters of a usual text, from 1 (only the most frequent letter) to 0."""
_FREQUENT = 0.6
"""The least share of listed frequent characters in a usual text of a language with many characters."""
_WEAK = 0.7
"""What a word of one letter or in capitals proves in another script, since bytes of other letters often make one."""
_PLAUSIBLE, _SURE, _RIVAL = 0.4, 0.75, 0.85
"""Least plausibility of a text that is taken; of one that is not doubted; and of a rival, as a share of the first."""
_SEVERAL = 0.8
"""The plausibility of words of several languages, as a share of that of words of one."""
_DIALECTS = {
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "windows-949": "cp949", "shift_jis": "cp932", "shift-jis": "cp932",
    "sjis": "cp932", "windows-932": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "windows-936": "gb18030",
    "big5": "cp950", "windows-950": "cp950",
}  # fmt: skip
"""Names of encodings -> the codec of the larger set of characters that files of that name use (WHATWG, Encoding)."""


@dataclass(frozen=True)
class Choice:
    """The encoding of a text, why it was taken, and another that is nearly as plausible (empty if there is none)."""

    encoding: str
    reason: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Alphabet:
    """The letters of a language in an encoding, the most frequent first."""

    encoding: str
    script: str
    language: str
    letters: str
    vowels: str

    @property
    def alphabetic(self) -> bool:
        """Whether a word is written with letters, not with syllables or characters."""
        return self.script in _USUAL


@dataclass(frozen=True)
class _Reading:
    """The cells of a file in one encoding."""

    encoding: str
    cells: Sequence[str]
    known: Sequence[str]
    plausible: float

    @property
    def strength(self) -> tuple[int, float]:
        return len(self.known), round(self.plausible, 2)


def codec_of(encoding: str) -> str:
    """The codec that decodes text of that name (`windows-949` -> cp949); the name itself if it is a codec's."""
    return _DIALECTS.get(encoding.strip().lower(), encoding)


def without_mark(head: bytes) -> str:
    """UTF-16 without a byte order mark, by the zero bytes next to ASCII letters; empty if the text is not that."""
    size = len(head) // 2 * 2
    even, odd = head[0:size:2].count(0), head[1:size:2].count(0)
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if others == 0 and zeros * 10 >= size // 2 > 0:
            text = head[:size].decode(encoding, errors="replace")
            if "\n" in text or "\r" in text:
                return encoding
    return ""


def detected(chunks: Iterator[bytes]) -> Choice | None:
    """The encoding of a text that is not UTF-8; None if it mixes encodings, or no candidate makes plausible text."""
    cells, utf8, others = _cells(chunks)
    readings = [reading for encoding in _alphabets() if (reading := _read(encoding, cells))]
    if not readings:
        return None
    strongest = max(readings, key=lambda reading: reading.strength)
    best = next(reading for reading in readings if reading.cells == strongest.cells)
    latin = _alphabets()[best.encoding][0].script == "Latin"
    mixed = utf8 > 0 if latin else 2 * utf8 >= others
    if mixed or (not best.known and best.plausible < _PLAUSIBLE):
        return None
    return Choice(best.encoding, _reason(best), _doubt(best, readings))


def _cells(chunks: Iterator[bytes]) -> tuple[list[bytes], int, int]:
    """The different cells with bytes beyond ASCII; the characters beyond ASCII in them that are UTF-8, other bytes."""
    cells: dict[bytes, None] = {}
    rest = b""
    for chunk in chunks:
        whole, _, rest_of = (rest + chunk).rpartition(b"\n")
        cells.update(dict.fromkeys(_CELL.findall(whole)))
        rest = rest_of
        if len(cells) >= _MOST_CELLS:
            break
    else:
        cells.update(dict.fromkeys(_CELL.findall(rest)))
    first = list(cells)[:_MOST_CELLS]
    text = "".join(cell.decode("utf-8", errors="surrogateescape") for cell in first)
    others = len(re.findall("[\udc80-\udcff]", text))
    return first, len(re.findall("[^\x00-\x7f\udc80-\udcff]", text)), others


@cache
def _alphabets() -> dict[str, list[Alphabet]]:
    """The alphabets of each encoding, encodings in the order of the list."""
    of: dict[str, list[Alphabet]] = {}
    for row in read_codelist("encodings"):
        names = ("encoding", "script", "language", "letters", "vowels")
        alphabet = Alphabet(*(row[name] for name in names))
        of.setdefault(alphabet.encoding, []).append(alphabet)
    return of


def _read(encoding: str, cells: Sequence[bytes]) -> _Reading | None:
    """The cells in an encoding; None if they cannot be decoded, or have control characters."""
    try:
        texts = [cell.decode(codec_of(encoding)).strip() for cell in cells]
    except UnicodeDecodeError:
        return None
    if re.search("[\x80-\x9f\ufffd\ue000-\uf8ff]", "".join(texts)):
        return None
    known = [text for text in texts if text.casefold() in _known()]
    words = [word for text in texts for word in _AS_WRITTEN.findall(text) if not word.isascii()]
    plausible = max(_plausible(words, alphabet) for alphabet in _alphabets()[encoding])
    if _alphabets()[encoding][0].script == "Latin":
        letters = "".join(alphabet.letters for alphabet in _alphabets()[encoding])
        several = Alphabet(encoding, "Latin", "", "".join(dict.fromkeys(letters)), "")
        plausible = max(plausible, _SEVERAL * _plausible(words, several))
    return _Reading(encoding, texts, known, plausible)


@cache
def _known() -> frozenset[str]:
    """The labels and the names of areas beyond ASCII, as they are spelled."""
    return frozenset(text.casefold() for text in (*spellings(), *area_names()) if not text.isascii())


def _plausible(words: Sequence[str], alphabet: Alphabet) -> float:
    """How plausible the words are in a language, from 0 to 1; 1 if there are none."""
    if not words:
        return 1.0
    fits = [_fit(word, alphabet) for word in words]
    letters = [letter.lower() for word in words for letter in word if letter.isalpha() and not letter.isascii()]
    return sum(fits) / len(fits) * _frequency(letters, alphabet)


def _frequency(letters: Sequence[str], alphabet: Alphabet) -> float:
    """How frequent the letters are in the language, from 0 to 1 (as frequent as usual)."""
    if not letters:
        return 1.0
    if not alphabet.alphabetic:
        return min(1.0, sum(letter in alphabet.letters for letter in letters) / len(letters) / _FREQUENT)
    last = len(alphabet.letters)
    ranks = [alphabet.letters.find(letter) if letter in alphabet.letters else last for letter in letters]
    return min(1.0, (1 - sum(ranks) / len(ranks) / last) / _USUAL[alphabet.script])


def _fit(word: str, alphabet: Alphabet) -> float:
    """Whether a word may be one of the language: 0, 1 or, if that proves less, a part of 1.

    It has the letters of the language, its capitals and vowels are in their places, and its marks are usual ones.
    """
    core = word.strip(_MARKS + "'-").rstrip(_AT_END)
    letters = [letter for letter in core if letter not in _MARKS + "'-"]
    beyond = [letter for letter in letters if not letter.isascii()]
    mixed = any(letter.isascii() and letter.isalpha() for letter in letters)
    if not alphabet.alphabetic:
        return float(not mixed)
    if any(letter not in alphabet.letters and letter.lower() not in alphabet.letters for letter in beyond):
        return 0.0
    if alphabet.script == "Latin":
        return float(_cased(core))
    vowels = not alphabet.vowels or len(beyond) <= _SHORT or any(letter.lower() in alphabet.vowels for letter in beyond)
    if mixed or not vowels or not _cased(core):
        return 0.0
    return _WEAK if len(beyond) == 1 or (len(beyond) > _SHORT and core.isupper()) else 1.0


def _cased(word: str) -> bool:
    """Whether each part of a word is in lower case, in capitals, or begins with a capital."""
    parts = [part for part in re.split(r"[\W\d_]+", word) if part]
    return all(part.islower() or part.isupper() or not part[1:] or not _has_capital(part[1:]) for part in parts)


def _has_capital(text: str) -> bool:
    return any(letter.isupper() for letter in text)


def _reason(best: _Reading) -> str:
    """Why the encoding was taken, in words."""
    if best.known:
        shown = commas(list(dict.fromkeys(best.known))[:3])
        return say(
            "it is not UTF-8, and its labels are known in {encoding} ({shown})", encoding=best.encoding, shown=shown
        )
    languages = commas(alphabet.language for alphabet in _alphabets()[best.encoding])
    return say(
        "it is not UTF-8, and its words are plausible in {encoding} ({languages})",
        encoding=best.encoding,
        languages=languages,
    )


def _doubt(best: _Reading, others: Sequence[_Reading]) -> str:
    """The encoding that is nearly as plausible and makes another text; the first one itself if its text is unlikely."""
    for other in others:
        as_likely = len(other.known) >= len(best.known) and other.plausible >= _RIVAL * best.plausible
        if as_likely and other.cells != best.cells:
            return say(
                "{encoding} is as plausible ({first_difference})",
                encoding=other.encoding,
                first_difference=_first_difference(best, other),
            )
    if not best.known and best.plausible < _SURE:
        shown = next((cell for cell in best.cells if not cell.isascii()), "")
        return say("some words are hardly text of that encoding ({shown})", shown=shown)
    return ""


def _first_difference(one: _Reading, other: _Reading) -> str:
    first = next(pair for pair in zip(one.cells, other.cells, strict=True) if pair[0] != pair[1])
    return say("{first!r} would be {first_2!r}", first=first[0], first_2=first[1])
