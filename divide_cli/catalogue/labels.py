"""Labels of national files (data/catalogue/labels/*.csv): what the words of an office mean, in any language.

Comparing labels ignores case, spaces, accents on Latin and Greek letters, spellings of Arabic letters, kinds of dash,
underscores, and the endings of plurals where no label has just that form. A label that begins with `~` is a pattern for
a label in that form. A prefix that ends in a full stop (`data.Male`) is optional. To add a
language, add rows to those files.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from divide_cli.catalogue.load import data_dir, read_csv

KEPT = 50_000
"""How many texts are looked up once only. Files have few different labels, in many columns and calls."""
TOTAL = "_T"
ANY = "*"
"""The concept of labels that mean the total in any column."""
_DENIAL = "DENIAL"
"""The concept of words that deny something."""
_WORD = re.compile(r"[^\W\d_]+")
_SAID = ("more", "said")
"""Groups of a pattern with what a label says in addition to its code."""
_PREFIX = re.compile(r"[^\W\d][\w ]*\.(?=[^\s.])")
_SDG = r"\d{1,2}\.[0-9a-z]{1,2}\.\d{1,2}(?:\.\d{1,2})?"
_NUMBERED = re.compile(rf"(?i)\s*[\[(]{_SDG}[\])]\s*$|^\s*{_SDG}[.:]?\s+(?=\S)")
"""The number of an SDG indicator behind a label ("... [17.8.1]") or in front of it ("17.8.1 ...")."""
_BY_DIMENSIONS = re.compile(
    r",?\s+(?:by|par|por|nach|по) [^\Wa-z]{2,}(?:(?:,| and| et| y| e| und| и)* [^\Wa-z]{2,})*\s*$"
)
"""The dimensions in capitals that PxWeb adds to the title of a table."""
_PLURAL = re.compile(r"(?<=[a-z]{3})(?:e?s|e|x)\b")
_LONG = 4
"""The fewest letters of a label that is recognised in singular and plural."""
_LATIN_ACCENTS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_SAME = str.maketrans(
    {**dict.fromkeys("‘’ʼ`´", "'"), **dict.fromkeys("‐‑‒–—―", "-"), "ё": "е", "_": " "}
    | {**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ة": "ه"}
    | dict.fromkeys([0x640, *range(0x64B, 0x653)])  # Arabic: a stroke that widens a word, and marks of short vowels
)
_UNACCENTED = re.compile("(?<=[α-ω])\u0301+")
"""Greek accents, which capitals do not have."""


@dataclass(frozen=True)
class Label:
    """The code that a label stands for, and what else it says in words."""

    code: str
    said: str = ""


@dataclass(frozen=True)
class SeriesLabel:
    """A label of a series, what it says (indicator and breakdown codes), and of which SDG indicator and area."""

    sdg: str
    area: str
    label: str
    codes: Mapping[str, str]
    shown: str = ""
    pattern: re.Pattern[str] | None = None
    language: str = ""

    @property
    def is_code(self) -> bool:
        """Whether the label is a code of a structure (`IT_NET_BBND`), which means the same in any file."""
        return self.shown.isupper() and "_" in self.shown

    def matched(self, form: str) -> str | None:
        """What a label of this form says in addition to the codes (it may be empty); None if it is another label."""
        if self.pattern is None:
            return "" if self.label == form and form else None
        match = self.pattern.fullmatch(form)
        if match and denials(form) - set(_WORD.findall(self.shown)):
            return None  # "Individuals not using the Internet" is what is left of those who use it
        return None if match is None else (match.groupdict().get("said") or "").strip()


@lru_cache(maxsize=KEPT)
def denials(text: str) -> frozenset[str]:
    """The words of a text that deny something: not, never, pas, не."""
    words = _WORD.findall(normal(text))
    return frozenset(word for word in words if label_of(_DENIAL, word))


@dataclass
class _Concepts:
    exact: dict[str, dict[str, str]] = field(default_factory=dict)
    patterns: dict[str, list[tuple[re.Pattern[str], str]]] = field(default_factory=dict)
    shown: dict[str, list[str]] = field(default_factory=dict)
    singulars: dict[str, dict[str, str]] = field(default_factory=dict)


def read_labels(name: str) -> list[dict[str, str]]:
    """The rows of data/catalogue/labels/<name>.csv."""
    return read_csv(data_dir() / "catalogue" / "labels" / f"{name}.csv", "labels_unreadable")


def plain(text: str) -> str:
    """The text in lower case with single spaces; accents stay."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def normal(text: str) -> str:
    """The form in which labels are compared."""
    apart = unicodedata.normalize("NFD", plain(text).translate(_SAME))
    bare = _UNACCENTED.sub("", _LATIN_ACCENTS.sub("", apart))
    return " ".join(unicodedata.normalize("NFC", bare).split())


def forms(text: str) -> Iterator[str]:
    """The forms under which a label may be listed: its own, and that without a prefix (`SEX.Male`) or what is added.

    Services add the number of an SDG indicator, and the dimensions of a table ("... by SEX, AREA and TIME PERIOD").
    """
    yield normal(text)
    bare = _BY_DIMENSIONS.sub("", _NUMBERED.sub("", text)).strip()
    if bare and bare != text.strip():
        yield normal(bare)
    while prefix := _PREFIX.match(bare):
        bare = bare[prefix.end() :]
        yield normal(bare)


def singular(form: str) -> str:
    """A label, in the form in which labels compare, without the endings of plurals: unites -> unit."""
    return _PLURAL.sub("", form)


def _singulars(codes: Mapping[str, str]) -> dict[str, str]:
    """The codes by the singular of their labels, without those that would then mean several."""
    meanings: dict[str, set[str]] = {}
    for form, code in codes.items():
        meanings.setdefault(singular(form), set()).add(code)
    return {form: next(iter(codes)) for form, codes in meanings.items() if len(codes) == 1}


@cache
def _columns() -> tuple[dict[str, str], dict[str, str], list[tuple[re.Pattern[str], str]]]:
    concepts = {row["label"]: row["concept"] for row in read_labels("columns")}
    patterns = [(re.compile(text[1:]), concept) for text, concept in concepts.items() if text.startswith("~")]
    exact = {normal(text): concept for text, concept in concepts.items() if not text.startswith("~")}
    return exact, _singulars(exact), patterns


@lru_cache(maxsize=KEPT)
def column_concept(name: str) -> str:
    """The concept that a column of that name serves; empty if no list has it."""
    exact, singulars, patterns = _columns()
    of_name = list(dict.fromkeys((*forms(name), *forms(re.sub(r"\s*\([^()]*\)\s*$", "", name)))))
    for form in of_name:
        if concept := exact.get(form) or next((name for pattern, name in patterns if pattern.fullmatch(form)), ""):
            return concept
    return next((singulars[form] for form in map(singular, of_name) if form in singulars), "")


@cache
def _codes() -> _Concepts:
    labels = _Concepts()
    for row in read_labels("codes"):
        labels.exact.setdefault(row["concept"], {})[normal(row["label"]) or row["label"]] = row["code"]
        labels.shown.setdefault(row["concept"], []).append(row["label"])
    for row in read_labels("patterns"):
        labels.patterns.setdefault(row["concept"], []).append((re.compile(row["pattern"]), row["code"]))
    labels.singulars |= {concept: _singulars(codes) for concept, codes in labels.exact.items()}
    return labels


@lru_cache(maxsize=KEPT)
def label_of(concept: str, text: str) -> Label | None:
    """What a label of the concept stands for: the total if it is empty or says so; None if no list has it."""
    if not text.strip():
        return Label(TOTAL)
    labels = _codes()
    for form in forms(text):
        code = labels.exact.get(concept, {}).get(form) or labels.exact[ANY].get(form)
        if code:
            return Label(code)
        for pattern, code_of_pattern in labels.patterns.get(concept, ()):
            if (match := pattern.fullmatch(form)) and (code := code_of_pattern or _band(match)):
                rest = (part for name, part in match.groupdict().items() if name in _SAID and part)
                return Label(code, " ".join(rest).strip())
    return next((Label(code) for form in forms(text) if (code := _in_singular(labels, concept, form))), None)


def _in_singular(labels: _Concepts, concept: str, form: str) -> str:
    """The code of a label that differs from a listed one in the ending of its plural only; empty if there is none."""
    bare = singular(form)
    return labels.singulars.get(concept, {}).get(bare, "") if len(bare) >= _LONG else ""


def _band(match: re.Match[str]) -> str:
    """The code of an age band by the groups of its pattern: first and last are included, above and below are not."""
    years = {name: int(text) for name, text in match.groupdict().items() if text and text.isdecimal()}
    first = years.get("first", years["above"] + 1 if "above" in years else 0)
    last = years.get("last", years["below"] - 1 if "below" in years else None)
    if last is None:
        return f"Y_GE{first}"
    return f"Y{first}T{last}" if first <= last else ""


def concepts_with(text: str) -> list[tuple[str, str]]:
    """Concept and code of a label in every concept that lists it, except the totals of all concepts."""
    pairs = []
    for concept in dict.fromkeys([*_codes().exact, "AGE"]):
        if concept not in (ANY, "REF_AREA", "OBS_STATUS", "OBS_FLAG", "UNIT_MULT"):
            label = label_of(concept, text)
            if label and label.code != TOTAL:
                pairs.append((concept, label.code))
    return pairs


def shown_labels(concept: str) -> list[str]:
    """The labels of a concept as the lists write them, for hints."""
    return _codes().shown.get(concept, [])


def spellings() -> list[str]:
    """Labels of columns, codes and series as the lists spell them, without patterns."""
    rows = (row for name in ("columns", "codes", "series") for row in read_labels(name))
    return [row["label"] for row in rows if not row["label"].startswith("~")]


@cache
def series_labels() -> tuple[SeriesLabel, ...]:
    """What labels of series say, those of one area first, patterns after plain labels."""
    labels = []
    for row in read_labels("series"):
        codes = dict(part.split("=", 1) for part in row["says"].split())
        text = row["label"]
        pattern = re.compile(text[1:]) if text.startswith("~") else None
        form = text if pattern else normal(text)
        labels.append(SeriesLabel(row["sdg"], row["area"], form, codes, text, pattern, row["language"]))
    return tuple(sorted(labels, key=lambda label: (not label.area, label.pattern is not None)))
