"""The words of a mark -> the claim that it makes: `internet_use HIC 2025`, `internet_use_sex ratio WLD 2024`.

The order of the words is free. A word is an id of the catalogue, a code or a name; what has no word of its own is
written as `key=value`, with the keys of claims files. A mark is wrong as a whole, and one error says why, at the word.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from divide_cli import concepts as v
from divide_cli.catalogue import age_span, catalogue, codelist, in_english
from divide_cli.catalogue.claims import ANY_ECONOMY, HOLDS, Claim, Selector
from divide_cli.catalogue.labels import label_of, shown_labels
from divide_cli.catalogue.names import area_names, areas_typed
from divide_cli.errors import suggestion
from divide_cli.language import commas, say
from divide_cli.sources.editions import editions

_TOKEN = re.compile(
    r"(?P<key>[^\W\d]\w*)=(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<value>\S*))"
    r"|\"(?P<words>[^\"]+)\"|'(?P<name>[^']+)'|(?P<word>[^\s,;]+)|[,;]"
)
_YEAR = re.compile(r"(?:19|20)\d\d|2100")
_DASHES = re.compile("[‐‑‒–—−]")
LISTING = "`divide list`"
TEXTS = ("since", "change", "expect", "reason", "id", "qualifier", "unit", "place", "at_most")
"""Keys whose value is taken as it is."""
OF_WORDS = ("indicator", "gap", "measure", "area", "year", "edition", *v.DIMENSIONS)
"""Keys whose value may also be given alone."""
FLAGS = ("complement", "persons")


@dataclass(frozen=True)
class Word:
    """A word of a mark at a position of the text, with its key if it has one."""

    at: int
    text: str
    key: str = ""


@dataclass
class WrongMarkError(Exception):
    """What is wrong with a mark, at a position of the text."""

    at: int
    code: str
    parts: Mapping[str, str]


@dataclass
class Meaning:
    """What the words of a mark mean: the keys of its selector, and those of the claim."""

    selector: dict[str, Any] = field(default_factory=dict)
    claim: dict[str, Any] = field(default_factory=dict)
    editions: list[str] = field(default_factory=list)

    def put(self, word: Word, key: str, value: Any) -> None:
        """Adds a key, which may have one value only; areas may be several."""
        keys = self.claim if key in ("expect", "reason", "id", "qualifier", "unit", "place") else self.selector
        if key == "area" and key in keys and keys[key] != value:
            value = (*(keys[key] if isinstance(keys[key], tuple) else (keys[key],)), value)
        elif key in keys:
            raise WrongMarkError(word.at, "mark_word_twice", {"what": key, "found": f"{keys[key]}, then {word.text}"})
        keys[key] = value


def words_of(text: str, at: int) -> Iterator[Word]:
    """The words of a mark whose text begins at a position."""
    for match in _TOKEN.finditer(text):
        groups = match.groupdict()
        values = [groups[name] for name in ("double", "single", "value", "words", "name", "word")]
        value = next((one for one in values if one is not None), None)
        if value is not None:
            yield Word(at + match.start(), value.strip(",;") if match["value"] else value, match["key"] or "")


def meaning_of(text: str, at: int) -> Meaning:
    """What a mark says; WrongMarkError for the first word that means nothing here."""
    meaning = Meaning()
    for word in words_of(text, at):
        if word.key in TEXTS:
            meaning.put(word, word.key, _value(word))
        elif word.key in ("without", "relative_to"):
            for part in word.text.split(","):
                key, code = _code(Word(word.at, part.strip()))
                meaning.selector.setdefault(word.key, {})[key] = code
        elif word.key and _key(word) not in OF_WORDS:
            every = (*TEXTS, *OF_WORDS, *FLAGS, "without", "relative_to")
            hint = suggestion(word.key, every) or say("the keys are {keys}", keys=commas(every))
            raise WrongMarkError(word.at, "mark_key_unknown", {"found": word.key, "hint": hint})
        else:
            _put_word(meaning, word)
    return meaning


def _key(word: Word) -> str:
    return next((key for key in OF_WORDS if key.casefold() == word.key.casefold()), word.key)


def _value(word: Word) -> Any:
    """The value of a key: a number if it is one."""
    if word.key in ("since", "at_most"):
        try:
            return int(word.text) if word.key == "since" else float(word.text)
        except ValueError as error:
            raise WrongMarkError(word.at, "mark_value_not_a_number", {"what": word.key, "found": word.text}) from error
    return word.text


def _put_word(meaning: Meaning, word: Word) -> None:
    """Adds what a word means: an id of the catalogue, a flag, or a code."""
    entries, key = catalogue(), _key(word)
    ids: Mapping[str, Mapping[str, Any]] = {
        "indicator": entries.indicators,
        "gap": entries.gaps,
        "edition": editions(),
    }
    kind = next((name for name, known in ids.items() if word.text in known and key in ("", name)), "")
    if kind == "edition":
        meaning.editions.append(word.text)
    elif kind:
        meaning.put(word, kind, word.text)
    elif word.text in FLAGS and not key:
        meaning.put(word, word.text, True)
    elif key in ("indicator", "gap", "edition"):
        hint = suggestion(word.text, ids[key], f"`divide list {key}s`")
        raise WrongMarkError(word.at, "mark_word_unknown", {"found": word.text, "hint": hint})
    elif key in ("", "measure") and (measure := _measures().get(word.text.casefold())):
        meaning.put(word, "measure", measure)
    else:
        meaning.put(word, *_code(word, key))


def _code(word: Word, key: str = "") -> tuple[str, Any]:
    """The key and the code that a word means: a year, a sex, a kind of place, an age band, an area."""
    text = word.text
    readers: Mapping[str, Callable[[str], Any]] = {"year": _year, **_DIMENSIONS, "area": _area}
    for name, read in readers.items():
        if key in ("", name) and (code := read(text)) is not None:
            return name, None if code == "latest" else code
    areas = areas_typed(text) if len(text) > 2 else ()
    if len(areas) > 1:
        raise WrongMarkError(word.at, "mark_area_ambiguous", {"expected": commas(areas), "found": text})
    raise WrongMarkError(
        word.at, "mark_word_unknown", {"found": text, "hint": suggestion(text, _vocabulary(), LISTING)}
    )


def _year(text: str) -> int | str | None:
    return int(text) if _YEAR.fullmatch(text) else "latest" if text == "latest" else None


def _area(text: str) -> str | None:
    """The area of a code or a name. Codes of two letters are not taken: many are English words."""
    if text == ANY_ECONOMY:
        return text
    areas = areas_typed(text) if len(text) > 2 else ()
    return areas[0] if len(areas) == 1 else None


def _labelled(concept: str) -> Callable[[str], str | None]:
    """What reads the codes of a concept, and the labels of its codes (women, rural) in any language."""

    def read(text: str) -> str | None:
        if text in codelist(f"CL_{concept}").codes and not text.startswith("_"):
            return text
        label = label_of(concept, text) if len(text) > 2 and not text.isdigit() else None
        return label.code if label and not label.said and label.code in ("F", "M", "URB", "RUR") else None

    return read


def _age(text: str) -> str | None:
    """The band of `Y15T24`, `15-24` or `75+`."""
    bare = _DASHES.sub("-", text)
    if match := re.fullmatch(r"(\d{1,3})(?:-(\d{1,3})|\+)", bare):
        bare = f"Y{int(match[1])}T{int(match[2])}" if match[2] else f"Y_GE{int(match[1])}"
    return bare if bare.startswith("Y") and age_span(bare) is not None else None


_DIMENSIONS: Mapping[str, Callable[[str], Any]] = {
    v.SEX: _labelled(v.SEX),
    v.URBANISATION: _labelled(v.URBANISATION),
    v.AGE: _age,
}


@cache
def _measures() -> Mapping[str, str]:
    """Measures of gaps by their ids and by the names that English tables print, in small letters."""
    ids: dict[str, str] = {}
    for entry in in_english().measures.values():
        for label in entry.labels:
            ids.setdefault(label.casefold(), entry.id)
    return ids


@cache
def _vocabulary() -> tuple[str, ...]:
    """Every word that a mark may have, but years."""
    entries = catalogue()
    ids = (*entries.indicators, *entries.gaps, *entries.measures, *editions(), *FLAGS)
    codes = (*codelist("CL_AREA").codes, *codelist("CL_SEX").codes, *codelist("CL_URBANISATION").codes)
    groups = [row["name"] for row in codelist("CL_AREA").rows.values() if row["kind"] == "group"]
    words = [*shown_labels(v.SEX), *shown_labels(v.URBANISATION), *area_names(), *groups]
    return tuple(dict.fromkeys((*ids, *codes, *words)))


def is_known(word: str) -> bool:
    """Whether a word is an id of the catalogue that a mark may begin with."""
    return word in catalogue().indicators or word in catalogue().gaps


def claim_of(meaning: Meaning, printed: str, qualifier: str, default_editions: Callable[[str], Sequence[str]]) -> Claim:
    """The claim that a mark makes about a printed figure, without its id, place and unit.

    Without an area it is about the world, without a year about the latest. Without an edition, it takes the default
    ones of its indicator. Without a verdict, it expects that the figure is right.
    """
    keys: dict[str, Any] = {"area": v.WORLD, "year": None, **meaning.selector}
    selector = Selector(**keys)
    gap = catalogue().gaps.get(selector.gap)
    named = tuple(meaning.editions) or tuple(default_editions(gap.indicator if gap else selector.indicator))
    own = {"id": "", "where": "", "statement": "", "unit": "", "expect": HOLDS, "qualifier": qualifier, **meaning.claim}
    return Claim(**own, printed=printed, selector=selector, editions=named)


def id_of(selector: Selector) -> str:
    """An id made of what the selector names: `internet_use_hic_2025`."""
    codes = [selector.gap or selector.indicator, selector.measure, *selector.areas]
    codes += [code for code in selector.breakdown if code != v.TOTAL]
    codes += [flag for flag in FLAGS if getattr(selector, flag)]
    codes += [str(year) for year in (selector.since, selector.year) if year]
    return re.sub(r"[^a-z0-9]+", "_", " ".join(code for code in codes if code).lower()).strip("_")
