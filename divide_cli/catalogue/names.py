"""Names of areas -> their codes: economies and groups of economies, in the languages of the lists.

Names compare without case, accents, punctuation, articles and the order of their words, and with usual abbreviations
written out: "Korea, Rep." is "Republic of Korea". A name of several areas ("Congo", "Korea") names none of them, unless
the caller says which country it is about. Codes (ISO alpha-2 and alpha-3, UN M49) are looked up exactly.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache, lru_cache

from divide_cli.catalogue.codelists import area_aliases, codelist, is_economy, read_codelist
from divide_cli.catalogue.labels import KEPT, normal
from divide_cli.language import say

_LITTLE = re.compile(r"the|of|and|d|de|del|des|du|la|le|les|l|el|los|las|y|et|e|do|da|dos|das|и|und|den|der")
_WRITTEN_OUT = {
    **dict.fromkeys(("rep", "republica", "republique", "republik", "republika"), "republic"),
    **dict.fromkeys(("dem", "democratica", "democratique"), "democratic"),
     "fed": "federated", "sts": "states", "st": "saint", "ste": "sainte",
    "is": "islands", "isl": "islands", "pdr": "people democratic republic",
    "sar": "special administrative region",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_SHORTEST, _ALIKE = 4, 0.8
"""The fewest letters of a word that is compared with names, and the least similarity (difflib) of a name for a hint."""
_LISTING = "`divide list areas`"
_NOUNS = frozenset(("countries", "country", "economies", "economy", "group", "region"))
"""Words that the name of a group may have or not: low income, low-income countries, low-income economies."""


def form(text: str) -> str:
    """The form in which names compare: its words in alphabetical order, without articles, abbreviations written out."""
    bare = normal(text)
    bare = bare.replace(".", " " if re.search(r"\.\w{2}", bare) else "").replace("'s ", " ")
    words = (_WRITTEN_OUT.get(word, word) for word in _WORD.findall(bare))
    return (
        " ".join(sorted({word for phrase in words for word in phrase.split() if not _LITTLE.fullmatch(word)})) or bare
    )


@cache
def _listed() -> Mapping[str, tuple[str, ...]]:
    """The codes of each name, in the form in which names compare."""
    codes: dict[str, tuple[str, ...]] = {}
    for row in read_codelist("area_names"):
        others = codes.get(row["form"], ())
        if row["code"] not in others:
            codes[row["form"]] = (*others, row["code"])
    return codes


def area_names() -> list[str]:
    """All names, as the lists spell them."""
    return [row["name"] for row in read_codelist("area_names")]


@lru_cache(maxsize=KEPT)
def codes_named(text: str) -> tuple[str, ...]:
    """The codes of the areas of that name: of economies, of their parts, and of groups (M49 numbers for regions)."""
    return _listed().get(form(text), ()) if text.strip() else ()


def is_group(code: str) -> bool:
    """Whether a code of `codes_named` is of a group of economies."""
    return not is_economy(code)


@lru_cache(maxsize=KEPT)
def area_of(text: str, country: str = "") -> str:
    """The economy of a name, an ISO code or Eurostat's EL and UK; empty if there is none, or several.

    If one of several is `country`, it is that one.
    """
    bare = text.strip()
    if is_economy(bare):
        return bare
    if code := area_codes("iso2").get(bare) or area_aliases("eurostat").get(bare, ""):
        return code
    codes = codes_named(text)
    if country and country in codes:
        return country
    return codes[0] if len(codes) == 1 and is_economy(codes[0]) else ""


def names_economy(text: str, country: str = "") -> str:
    """The economy of a name, or of an ISO alpha-3 code. Shorter texts may be codes of regions (CA, GA)."""
    return area_of(text, country) if len(text.strip()) >= _SHORTEST or is_economy(text.strip()) else ""


def group_of(text: str) -> str:
    """The name of the group of economies that a text names ("Euro area"), also by its code; empty if it names none."""
    bare = text.strip()
    if by_code := _groups().get(bare.zfill(3) if bare.isdecimal() else bare):
        return by_code
    codes = codes_named(text)
    return bare if codes and all(map(is_group, codes)) else ""


@cache
def _groups() -> Mapping[str, str]:
    """The names of groups by their codes of the World Bank and numbers of UN M49."""
    english = (row for row in read_codelist("area_names") if row["language"] == "en")
    regions = {row["code"]: row["name"] for row in english if row["code"].isdecimal()}
    listed = {
        row["m49"]: row["name"] for row in codelist("CL_AREA").rows.values() if row["m49"] and row["kind"] == "group"
    }
    return {**regions, **listed, **{code: row["name"] for code, row in codelist("CL_WB_AGGREGATE").rows.items()}}


def area_of_number(text: str) -> str:
    """The economy of a UN M49 number, also without leading zeros (12 for 012); empty for other numbers."""
    bare = text.strip()
    return area_codes("m49").get(bare.zfill(3), "") if bare.isascii() and bare.isdigit() and len(bare) <= 3 else ""


def area_of_prefix(text: str) -> str:
    """The economy of which a code names a part, by its first two letters (KG05, KZAKM, ES211); otherwise empty.

    A code has a digit or a dash, or three letters after the two. A name in capitals (GOA, KERALA) is not a code.
    """
    match = re.fullmatch(r"([A-Z]{2})(?:[-_][A-Z0-9]{1,4}|(?=[A-Z]*\d)[A-Z0-9]{1,7}|[A-Z]{3})", text.strip())
    return area_codes("iso2").get(match[1], "") if match else ""


@cache
def area_codes(scheme: str) -> Mapping[str, str]:
    """The economies by their codes in another scheme, a column of CL_AREA: iso2, m49."""
    rows = codelist("CL_AREA").rows
    return {row[scheme]: code for code, row in rows.items() if row[scheme] and is_economy(code)}


def areas_typed(text: str) -> tuple[str, ...]:
    """The codes of CL_AREA that a person may mean by a text: none, one, or those of all areas of that name.

    A code may be in any case, and ISO alpha-2 or a number of M49. Names are those of economies in `area_names`, and
    those of the groups of the catalogue ("low income", "LDCs", "Africa"). Another list of that name may differ.
    """
    bare = text.strip()
    code = bare.upper() if bare.isascii() else bare
    if code in codelist("CL_AREA").rows:
        return (code,)
    if code := area_codes("iso2").get(code) or area_of_number(bare) or _group_typed(text):
        return (code,)
    codes = codes_named(text) or _squeezed().get(_squeeze(text), ())
    return tuple(filter(is_economy, codes))


def _group_typed(text: str) -> str:
    return _groups_typed().get(_group_form(text)) or _groups_typed().get(_squeeze(text), "")


def _group_form(text: str) -> str:
    """The form of a name of a group, without the remark in brackets and the nouns that it may have or not."""
    return " ".join(word for word in form(re.sub(r"\(.*?\)", "", text)).split() if word not in _NOUNS)


@cache
def _groups_typed() -> Mapping[str, str]:
    """The groups of the catalogue by the forms of their names, codes and codes in the plural (LDCs)."""
    groups = {code: row["name"] for code, row in codelist("CL_AREA").rows.items() if row["kind"] == "group"}
    texts = ((form_of(text), code) for code, name in groups.items() for text in (name, code, f"{code}s")
             for form_of in (_group_form, _squeeze))  # fmt: skip
    return dict(texts)


def groups_with(text: str) -> tuple[str, ...]:
    """The groups of the catalogue whose names have all the words of a text: UMC and LMC for middle income."""
    words = set(_group_form(text).split())
    rows = codelist("CL_AREA").rows.items()
    names = {code: row["name"] for code, row in rows if row["kind"] == "group"}
    return tuple(code for code, name in names.items() if words and words <= set(_group_form(name).split()))


def _squeeze(text: str) -> str:
    return "".join(_WORD.findall(normal(text)))


@cache
def _squeezed() -> Mapping[str, tuple[str, ...]]:
    """The codes of each name without spaces and punctuation: Cote dIvoire, Guinea Bissau, Timorleste."""
    codes: dict[str, tuple[str, ...]] = {}
    for row in read_codelist("area_names"):
        key = _squeeze(row["name"])
        codes[key] = tuple(dict.fromkeys((*codes.get(key, ()), row["code"])))
    return codes


def groups_like(text: str) -> list[str]:
    """The names of groups, of any list, that have all the words of a text: Sub-Saharan Africa for sub-Saharan."""
    words = set(form(text).split())
    rows = (row for row in read_codelist("area_names") if not is_economy(row["code"]) and row["language"] == "en")
    names = {row["name"] for row in rows if words <= set(row["form"].split())}
    return sorted(names, key=lambda name: (len(name), name)) if len(text.strip()) >= _SHORTEST else []


@lru_cache(maxsize=KEPT)
def areas_like(text: str) -> tuple[str, ...]:
    """The economies that an unknown text may mean: of that code or name in any case, of several, or of a similar name.

    Codes are looked up, never compared by their letters: NA is Namibia, and nothing like Nigeria.
    """
    code = area_of(text) or area_of_number(text) or area_of(text.strip().upper())
    if code or codes_named(text):
        return (code,) if code else tuple(filter(is_economy, codes_named(text)))
    if len(text.strip()) < _SHORTEST or any(letter.isdigit() for letter in text):
        return ()
    alike = get_close_matches(form(text), _listed(), n=1, cutoff=_ALIKE)
    return tuple(code for name in alike for code in _listed()[name] if is_economy(code))


def area_hint(text: str) -> str:
    """The hint for an unknown area: the economies that it may mean, and where all are listed."""
    named = [f"{code} ({codelist('CL_AREA').name(code)})" for code in areas_like(text)]
    if not named:
        return say("{listing} lists all", listing=_LISTING)
    return (
        say("did you mean {close}?", close=say(" or ").join(named)) + " " + say("{listing} lists all", listing=_LISTING)
    )
