"""Texts of providers -> codes of areas, series and breakdowns. Rows with unknown texts are rejected."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import Dataflow, area_aliases, catalogue, codelist
from divide_cli.catalogue.codelists import age_span, code_name, is_economy
from divide_cli.catalogue.names import area_codes, area_hint, area_of, group_of
from divide_cli.errors import OptionError, SourceError, UnknownCodeError, nearest, suggestion
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.columns import Texts, category, counts_of, fields, fixed, of_codes, texts_type
from divide_cli.language import commas, remarked, say
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, WrongText
from divide_cli.readers.recognition import ReadOptions

_SHOWN = 5
_FEW = 4
"""The most codes of a codelist that an error names; of a longer one it names the command that lists them."""
LISTED_BY = {v.REF_AREA: "divide list areas", v.INDICATOR: "divide list indicators"}

NAMES = "names"
"""The scheme of layouts that spell areas by name."""
SeriesMeaning = Mapping[str, str]
"""Concept -> code. INDICATOR is one of the concepts; OBS_COMMENT is a comment for the rows of the series."""


@dataclass(frozen=True)
class Meanings:
    """The meanings of the texts of a column: `of[i]` is that of text i, None if its rows are rejected."""

    column: TextColumn
    of: Sequence[SeriesMeaning | None]

    @classmethod
    def constant(cls, meaning: SeriesMeaning, size: int) -> "Meanings":
        """The same meaning in every row."""
        return cls(TextColumn.constant("", size), [meaning])

    @property
    def unknown(self) -> list[int]:
        """The indices of texts without a meaning."""
        return [index for index, meaning in enumerate(self.of) if meaning is None]

    def codes(self, concept: str, otherwise: str = "") -> list[str]:
        """The code of the concept for each text."""
        return [(meaning or {}).get(concept, "") or otherwise for meaning in self.of]

    def indicator(self) -> Texts:
        """INDICATOR of each row, missing in rejected rows."""
        return of_codes(self.column.codes, self.codes(v.INDICATOR), category(v.INDICATOR))


def coded(rows: Rows, column: str, concept: str, translate: Mapping[str, str] = MappingProxyType({})) -> Texts:
    """The column as codes of the concept's codelist. `translate` maps texts of a provider; others are kept.

    Rows with an unknown code are rejected; the error suggests the nearest codes.
    """
    source = rows.columns[column]
    texts = [translate.get(text, text) for text in source.values]
    dtype = type_of(concept, texts)

    def unknown(wrong: WrongText) -> SourceError:
        expected = _one_of(concept) if wrong.text else say("_T for a total")
        if concept == v.REF_AREA:
            expected, found = (
                say("a code of {concept}", concept=concept),
                wrong.quoted("codes", True) if wrong.text else say("an empty cell"),
            )
            return UnknownCodeError(
                "code_unknown", where=wrong.where, found=found, hint=area_hint(wrong.text), expected=expected
            )
        listing = f"`{LISTED_BY.get(concept, f'divide show {concept}')}`"
        return wrong.unknown("code_unknown", "codes", category(concept).categories, listing, expected=expected)

    wrong = [index for index, text in enumerate(texts) if text not in dtype.categories]
    rows.refuse_texts(column, wrong, unknown)
    return of_codes(source.codes, texts, dtype)


def _one_of(concept: str) -> str:
    """`a code of SEX: F (Female), M (Male), _T (Total)`, so that a cell can be corrected from the error alone."""
    what, codes = say("a code of {concept}", concept=concept), list(category(concept).categories)
    if len(codes) > _FEW:
        return what
    return language.labelled(what, commas(remarked(code, code_name(concept, code)) for code in codes))


def type_of(concept: str, texts: Sequence[str]) -> pd.CategoricalDtype:
    """The category type of the concept; for ages, the listed bands are followed by others among the texts."""
    listed = category(concept)
    further = {text for text in texts if text not in listed.categories and age_span(text)} if concept == v.AGE else ()
    return pd.CategoricalDtype([*listed.categories, *sorted(further)]) if further else listed


def free(source: TextColumn) -> Texts:
    """The column as a category column of its own texts, in alphabetical order."""
    return of_codes(source.codes, source.values, texts_type(tuple(sorted(set(source.values)))))


def dimension(rows: Rows, column: str) -> Texts:
    """The column as a further dimension. Rows with an empty cell are rejected: it may be a total or a mistake."""
    source = rows.columns[column]
    empty = source.indices(lambda text: text == "")
    rows.refuse_texts(column, empty, lambda wrong: SourceError("breakdown_missing", where=wrong.where))
    return free(source)


def check_fixed(rows: Rows, column_of: Mapping[str, str]) -> None:
    """Rejects rows with a value that is not listed (FREQ is A, UNIT_MULT is 0), since it would change the meaning."""
    for name, field in fields("observations").items():
        listed: Sequence[str] = field.get("constraints", {}).get("enum") or ()
        column = column_of.get(name, name)
        if listed and column in rows.columns:
            _refuse_unlisted(rows, column, name, listed)


def _refuse_unlisted(rows: Rows, column: str, concept: str, listed: Sequence[str]) -> None:
    code, unlisted = "attribute_value_unsupported", rows.columns[column].indices(lambda text: text not in listed)
    parts: dict[str, Any] = {"concept": concept, "expected": say(" or ").join(listed)}
    rows.refuse_texts(column, unlisted, lambda wrong: wrong.refusal(code, found=repr(wrong.text), **parts))


@cache
def area_spellings(scheme: str) -> Mapping[str, str]:
    """Text -> area code, for a scheme of codes.

    `itu` and `worldbank` differ from ISO alpha-3 in a few codes. `eurostat` uses ISO alpha-2, except for Greece and the
    United Kingdom. `m49` has numbers with or without leading zeros. `iso` allows all ISO codes.
    """
    listed = codelist("CL_AREA").rows
    code_of: dict[str, str] = {}
    if scheme in ("eurostat", "iso"):
        code_of |= {row["iso2"]: code for code, row in listed.items() if row["iso2"]}
    if scheme in ("m49", "iso"):
        numbers = {row["m49"]: code for code, row in listed.items() if row["m49"]}
        code_of |= {**numbers, **{number.lstrip("0"): code for number, code in numbers.items()}}
    return {**code_of, **area_aliases(scheme)}


def areas(rows: Rows, column: str | None, flow: Dataflow, options: ReadOptions) -> Texts:
    """REF_AREA of each row: the codes of the column, or `--area` if there is no column."""
    if column is not None:
        names = rows.columns[column].values if flow.area_scheme == NAMES else ()
        named = {text: code for text in names if (code := area_of(text))}
        spellings = {**area_spellings(flow.area_scheme), **named, **flow.codes.get(v.REF_AREA, {})}
        return coded(rows, column, v.REF_AREA, {**spellings, **_unlisted_areas(rows, column, spellings)})
    if not options.area:
        columns = say("columns {columns}", columns=commas(rows.columns))
        raise options.missing("area_missing", "--area CODE", rows.file.name, found=columns)
    if options.area not in codelist("CL_AREA").rows:
        hint = suggestion(options.area, codelist("CL_AREA").rows, "`divide list areas`")
        raise OptionError("option_value_unknown", found=options.area, where="--area", hint=hint)
    return fixed(options.area, v.REF_AREA, len(rows))


def is_known_area(text: str, flow: Dataflow) -> bool:
    """Whether the text is an area or group, as the layout, its scheme or CL_AREA spells it."""
    known = (flow.codes.get(v.REF_AREA, {}), area_spellings(flow.area_scheme), codelist("CL_AREA").rows)
    return any(text in names for names in known)


def ignore_groups(rows: Rows, source: TextColumn, groups: Sequence[str]) -> None:
    """Ignores the rows of groups of economies, which no figure of an economy is; `groups[i]` is that of text i."""
    if named := list(dict.fromkeys(filter(None, groups))):
        here = source.has([index for index, group in enumerate(groups) if group])
        rows.fate.ignore(here, "group_of_economies", groups=few(named))


def few(texts: Sequence[str]) -> str:
    """The first of the texts, and the number of the others."""
    more = say(" and {count} more", count=len(texts) - _SHOWN) if len(texts) > _SHOWN else ""
    return commas(text.strip() for text in texts[:_SHOWN]) + more


def _unlisted_areas(rows: Rows, column: str, spellings: Mapping[str, str]) -> Mapping[str, str]:
    """The codes of texts that are not in CL_AREA or in the layout. Rows of groups of economies are ignored."""
    listed, source = category(v.REF_AREA).categories, rows.columns[column]
    unlisted = [text if text not in listed and text not in spellings else "" for text in source.values]
    if not any(unlisted):
        return {}
    groups = [group_of(text) if text else "" for text in unlisted]
    ignore_groups(rows, source, groups)
    unknown = [text for text, group in zip(unlisted, groups, strict=True) if text and not group]
    economies = [text for text in source.values if is_economy(text)]
    return {} if economies else _of_another_scheme(rows, column, unknown)


def _of_another_scheme(rows: Rows, column: str, texts: Sequence[str]) -> Mapping[str, str]:
    """The codes of ISO alpha-2 or UN M49, if all texts are of that scheme; empty otherwise.

    One text in another scheme is rejected: NA among ISO alpha-3 codes may also be a missing value.
    """
    for scheme, name, width in (("iso2", "ISO alpha-2", 2), ("m49", "UN M49", 3)):
        code_of = {text: area_codes(scheme).get(text.zfill(width), "") for text in texts}
        if texts and all(code_of.values()):
            rows.notes = (
                *rows.notes,
                say("column {column} has codes of {name}, which were read as ISO alpha-3", column=column, name=name),
            )
            return code_of
    return {}


def licence(rows: Rows, flow: Dataflow) -> str:
    """The licences of the databases that the file names; that of the layout if it has no such column."""
    named = [(rows.columns[name].values, of) for name, of in flow.licences.items() if name in rows.columns]
    return (
        "; ".join(sorted({of[text] for texts, of in named for text in texts if text in of})) if named else flow.licence
    )


def areas_outside(frame: pd.DataFrame) -> tuple[str, ...]:
    """Notes on areas that are not economies. They are kept as observations, but belong to no group."""
    listed = codelist("CL_AREA").rows
    areas = frame[v.REF_AREA].array
    return tuple(
        say(
            "{code} ({name}): {rows} kept; {why_outside}",
            code=code,
            name=listed[code]["name"],
            rows=count_of(int(count), "row"),
            why_outside=_why_outside(listed[code]),
        )
        for code, count in zip(areas.categories, counts_of(areas), strict=True)
        if count and listed[code]["kind"] not in ("economy", "group")
    )


def _why_outside(area: Mapping[str, str]) -> str:
    """Why an area that is not an economy belongs to no group."""
    former = say("ceased to exist {valid_to}, ", valid_to=area["valid_to"]) if area["kind"] == "former" else ""
    part = say("its people are counted with {part_of}, ", part_of=area["part_of"]) if area["part_of"] else ""
    return say("{former}not a member of any group", former=former or part)


def series_meaning(code: str, flow: Dataflow) -> SeriesMeaning | None:
    """The meaning of a series of the layout; None if it belongs to no indicator of the catalogue.

    A code is a series of the layout, with or without a suffix ("HHU4212" + "_HHCFemale").
    """
    meaning = flow.series.get(code) or catalogue().series_codes.get(flow.scheme, {}).get(code)
    if meaning:
        return {v.INDICATOR: meaning} if isinstance(meaning, str) else meaning
    if flow.suffixes:
        stem, _, suffix = code.replace("%", "").rpartition("_")
        if suffix in flow.suffixes and (whole := series_meaning(stem, flow)):
            return {**whole, **flow.suffixes[suffix]}
    if flow.own_codes and code in catalogue().indicators:
        return {v.INDICATOR: code}
    return None


def _listed_series(flow: Dataflow) -> list[str]:
    """The codes of series in the layout, and in the indicators for its scheme."""
    return [*flow.series, *catalogue().series_codes.get(flow.scheme, {})]


def series(rows: Rows, flow: Dataflow, column: str) -> Meanings:
    """The meaning of each text of the series column. Rows of series without an indicator are rejected.

    A provider has many series that the catalogue does not have: there is one reason for all of them. A text that is
    nearly an id of this project is a misspelling, with a reason of its own.
    """
    source, indicators = rows.columns[column], catalogue().indicators
    meanings = Meanings(source, [series_meaning(text, flow) for text in source.values])

    def misspelt(wrong: WrongText) -> SourceError:
        listing, expected = "`divide list indicators`", say("a code of {indicator}", indicator=v.INDICATOR)
        return wrong.unknown("code_unknown", "codes", indicators, listing, expected=expected)

    def unknown(wrong: WrongText) -> SourceError:
        listing = "divide list indicators" if flow.own_codes else f"divide show {flow.id}"
        return wrong.refusal(
            "series_unknown", "series", counted=True, hint=say("`{listing}` lists all known series", listing=listing)
        )

    ids = [index for index in meanings.unknown if flow.own_codes and " " not in source.values[index].strip()]
    own = {index for index in ids if nearest(source.values[index], indicators)}
    rows.refuse_texts(column, sorted(own), misspelt)
    rows.refuse_texts(column, [index for index in meanings.unknown if index not in own], unknown, together=True)
    return meanings


def compound(rows: Rows, column: str, flow: Dataflow) -> Meanings:
    """The codes of several concepts for each text of a column. Rows with unknown texts are rejected.

    A rule is a text or, after `~`, a pattern. Its codes may use the groups of the pattern ({1}).
    """
    source, rules = rows.columns[column], flow.compound[column]
    patterns = [(re.compile(text[1:]), codes) for text, codes in rules.items() if text.startswith("~")]

    def meaning_of(text: str) -> SeriesMeaning | None:
        for pattern, codes in patterns if text not in rules else ():
            if match := pattern.fullmatch(text):
                meant = {concept: code.format(match[0], *match.groups()) for concept, code in codes.items()}
                return meant if v.AGE not in meant or age_span(meant[v.AGE]) else None  # 16 to 4 is not a band
        return rules.get(text)

    def unknown(wrong: WrongText) -> SourceError:
        texts = [text for text in rules if not text.startswith("~")]
        return wrong.unknown("code_unknown", "", texts, f"`divide show {flow.id}`", column=column)

    meanings = Meanings(source, [meaning_of(text) for text in source.values])
    rows.refuse_texts(column, meanings.unknown, unknown)
    return meanings


def chosen_indicator(options: ReadOptions) -> str:
    """The indicator that the user names; OptionError if it is not in the catalogue."""
    indicators = catalogue().indicators
    if options.indicator and options.indicator not in indicators:
        hint = suggestion(options.indicator, indicators, "`divide list indicators`")
        raise OptionError("indicator_unknown", found=options.indicator, where="--indicator", hint=hint)
    return options.indicator


def series_of_file(rows: Rows, flow: Dataflow, options: ReadOptions, inner: str) -> Meanings:
    """The one meaning of a file without a series column: `--indicator`, or the series in the name of the file."""
    indicator = chosen_indicator(options) or flow.constants.get(v.INDICATOR)
    if indicator:
        return Meanings.constant({v.INDICATOR: indicator}, len(rows))
    match = re.search(flow.name_series, inner) if flow.name_series else None
    if match is None:
        raise options.missing(
            "indicator_missing", "--indicator ID", rows.file.name, found=say("the file name {inner}", inner=inner)
        )
    meaning = series_meaning(match[1], flow)
    if meaning is None:
        hint = suggestion(match[1], _listed_series(flow), f"`divide show {flow.id}`")
        raise UnknownCodeError("series_of_file_unknown", found=repr(match[1]), where=rows.file.name, hint=hint)
    return Meanings.constant(meaning, len(rows))
