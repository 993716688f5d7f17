"""Texts of providers -> codes: areas, series, breakdowns; a text that no list holds is refused with its line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, area_aliases, catalogue, codelist
from divide_cli.catalogue.codelists import age_span
from divide_cli.errors import OptionError, SourceError, UnknownCodeError, suggestion
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.columns import Texts, category, fields, fixed, labelled
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, WrongText
from divide_cli.readers.recognition import ReadOptions

LISTED_BY = {v.REF_AREA: "divide list areas", v.INDICATOR: "divide list indicators"}

SeriesMeaning = Mapping[str, str]
"""Concept -> code; INDICATOR is one of the concepts. OBS_COMMENT is what is to be said of such rows."""


@dataclass(frozen=True)
class Meanings:
    """What the texts of a column say of several concepts: `of[i]` of text i, None where its rows are refused."""

    column: TextColumn
    of: Sequence[SeriesMeaning | None]

    @classmethod
    def constant(cls, meaning: SeriesMeaning, size: int) -> "Meanings":
        """One meaning in every row."""
        return cls(TextColumn.constant("", size), [meaning])

    @property
    def unknown(self) -> list[int]:
        """The indices of texts without a meaning."""
        return [index for index, meaning in enumerate(self.of) if meaning is None]

    def codes(self, concept: str, otherwise: str = "") -> list[str]:
        """What each text says of the concept."""
        return [(meaning or {}).get(concept, "") or otherwise for meaning in self.of]

    def indicator(self) -> Texts:
        """INDICATOR of each row; refused rows have none."""
        dtype = category(v.INDICATOR)
        position = [-1 if meaning is None else dtype.categories.get_loc(meaning[v.INDICATOR]) for meaning in self.of]
        codes = np.array(position, dtype=np.int16)
        return pd.Categorical.from_codes(codes[self.column.codes] if len(codes) else [], dtype=dtype)


def coded(rows: Rows, column: str, concept: str, translate: Mapping[str, str] = MappingProxyType({})) -> Texts:
    """The column as codes of the concept's codelist; `translate` maps a provider's texts, others stand as they are.

    A text that is no code is refused, with the nearest of the codelist.
    """
    source = rows.columns[column]
    texts = [translate.get(text, text) for text in source.values]
    dtype = _codes_with_bands(texts) if concept == v.AGE else category(concept)
    position = {code: index for index, code in enumerate(dtype.categories)}
    target = np.array([position.get(text, -1) for text in texts], dtype=np.min_scalar_type(-max(len(position), 1)))

    def unknown(wrong: WrongText) -> SourceError:
        expected = f"a code of {concept}" if wrong.text else "_T for a total"
        listing = f"`{LISTED_BY.get(concept, f'divide show {concept}')}`"
        return wrong.unknown("code_unknown", "codes", category(concept).categories, listing, expected=expected)

    rows.refuse_texts(column, np.flatnonzero(target < 0).tolist(), unknown)
    return pd.Categorical.from_codes(target[source.codes] if len(target) else np.zeros(0, np.int8), dtype=dtype)


def _codes_with_bands(texts: Sequence[str]) -> pd.CategoricalDtype:
    """The category type of ages: the listed bands, and after them others that a file has."""
    listed = category(v.AGE)
    further = sorted({text for text in texts if text not in listed.categories and age_span(text)})
    return pd.CategoricalDtype([*listed.categories, *further]) if further else listed


def by_text(source: TextColumn, concept: str, texts: Sequence[str]) -> Texts:
    """A column whose code follows from the text of another; every text has one."""
    dtype = _codes_with_bands(texts) if concept == v.AGE else category(concept)
    target = np.array([dtype.categories.get_loc(text) for text in texts], dtype=np.int32)
    return pd.Categorical.from_codes(target[source.codes], dtype=dtype)


def free(source: TextColumn) -> Texts:
    """The column as a category of its own texts, in alphabetical order."""
    column = labelled(source.codes, source.values)
    return column.reorder_categories(column.categories.sort_values())


def dimension(rows: Rows, column: str) -> Texts:
    """The column as a further dimension; an empty cell is refused, since it may be a total or a mistake."""
    source = rows.columns[column]
    empty = source.indices(lambda text: text == "")
    rows.refuse_texts(column, empty, lambda wrong: SourceError("breakdown_missing", where=wrong.where))
    return free(source)


def check_fixed(rows: Rows, column_of: Mapping[str, str]) -> None:
    """Columns that may hold listed values only (FREQ is A, UNIT_MULT is 0): another would change what a value means."""
    for name, field in fields("observations").items():
        listed: Sequence[str] = field.get("constraints", {}).get("enum") or ()
        column = column_of.get(name, name)
        if listed and column in rows.columns:
            _refuse_unlisted(rows, column, name, listed)


def _refuse_unlisted(rows: Rows, column: str, concept: str, listed: Sequence[str]) -> None:
    code, unlisted = "attribute_value_unsupported", rows.columns[column].indices(lambda text: text not in listed)
    parts: dict[str, Any] = {"concept": concept, "expected": " or ".join(listed)}
    rows.refuse_texts(column, unlisted, lambda wrong: wrong.refusal(code, found=repr(wrong.text), **parts))


@cache
def area_spellings(scheme: str) -> Mapping[str, str]:
    """Text -> area code of a scheme.

    `itu` and `worldbank` differ from ISO alpha-3 in single codes; `eurostat` has ISO's two letters but for Greece and
    the United Kingdom; `m49` has numbers with or without leading zeros; `iso` any of ISO's.
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
    """REF_AREA of each row: the column's codes, or the `--area` of a file that has none."""
    if column is not None:
        return coded(rows, column, v.REF_AREA, {**area_spellings(flow.area_scheme), **flow.codes.get(v.REF_AREA, {})})
    if not options.area:
        columns = f"columns {', '.join(rows.columns)}"
        raise options.missing("area_missing", "--area CODE", rows.file.name, found=columns)
    if options.area not in codelist("CL_AREA").rows:
        hint = suggestion(options.area, codelist("CL_AREA").rows, "`divide list areas`")
        raise OptionError("option_value_unknown", found=options.area, where="--area", hint=hint)
    return fixed(options.area, v.REF_AREA, len(rows))


def areas_outside(frame: pd.DataFrame) -> tuple[str, ...]:
    """What the reader should know of areas that are no economies: kept as observations, members of no group."""
    listed = codelist("CL_AREA").rows
    counts = frame[v.REF_AREA].value_counts(sort=False)
    return tuple(
        f"{code} ({listed[code]['name']}): {count_of(int(counts[code]), 'row')} kept; {_why_outside(listed[code])}"
        for code in counts.index[counts.to_numpy() > 0]
        if listed[code]["kind"] not in ("economy", "group")
    )


def _why_outside(area: Mapping[str, str]) -> str:
    """Why an area that is no economy is in no group."""
    former = f"ceased to exist {area['valid_to']}, " if area["kind"] == "former" else ""
    part = f"its people are counted with {area['part_of']}, " if area["part_of"] else ""
    return f"{former or part}member of no group"


def series_meaning(code: str, flow: Dataflow) -> SeriesMeaning | None:
    """What a series of the dataflow holds; None where no indicator of the catalogue claims it.

    A code is a series of the dataflow, or one of them and a suffix ("HHU4212" + "_HHCFemale").
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
    """The codes of series that the dataflow and the indicators of its scheme name."""
    return [*flow.series, *catalogue().series_codes.get(flow.scheme, {})]


def series(rows: Rows, flow: Dataflow, column: str) -> Meanings:
    """The meaning of each text of the column of series; rows of a series that no indicator claims are refused."""
    source = rows.columns[column]

    def unknown(wrong: WrongText) -> SourceError:
        listed = _listed_series(flow)
        if flow.own_codes and not listed:
            indicators, expected = catalogue().indicators, f"a code of {v.INDICATOR}"
            return wrong.unknown("code_unknown", "codes", indicators, "`divide list indicators`", expected=expected)
        stem = wrong.text.replace("%", "").rpartition("_")[0]
        listed += [f"{stem}_{end}" for end in flow.suffixes if stem in listed]
        return wrong.unknown("series_unknown", "series", listed, f"`divide show {flow.id}`")

    meanings = Meanings(source, [series_meaning(text, flow) for text in source.values])
    rows.refuse_texts(column, meanings.unknown, unknown)
    return meanings


def compound(rows: Rows, column: str, rules: Mapping[str, SeriesMeaning]) -> Meanings:
    """What each text of a column says of several concepts; texts that no rule knows are refused.

    A rule is a text, or after `~` a pattern whose groups its codes may take ({1}).
    """
    source = rows.columns[column]
    patterns = [(re.compile(text[1:]), codes) for text, codes in rules.items() if text.startswith("~")]

    def meaning_of(text: str) -> SeriesMeaning | None:
        for pattern, codes in patterns if text not in rules else ():
            if match := pattern.fullmatch(text):
                return {concept: code.format(match[0], *match.groups()) for concept, code in codes.items()}
        return rules.get(text)

    def unknown(wrong: WrongText) -> SourceError:
        texts = [text for text in rules if not text.startswith("~")]
        return wrong.unknown("code_unknown", "", texts, "the dataflow's entry", column=column)

    meanings = Meanings(source, [meaning_of(text) for text in source.values])
    rows.refuse_texts(column, meanings.unknown, unknown)
    return meanings


def chosen_indicator(options: ReadOptions) -> str:
    """The indicator that the user names; OptionError where the catalogue has none of that id."""
    indicators = catalogue().indicators
    if options.indicator and options.indicator not in indicators:
        hint = suggestion(options.indicator, indicators, "`divide list indicators`")
        raise OptionError("indicator_unknown", found=options.indicator, hint=hint)
    return options.indicator


def series_of_file(rows: Rows, flow: Dataflow, options: ReadOptions, inner: str) -> Meanings:
    """The one meaning of a file without a column of series: `--indicator`, or the series that its name holds."""
    indicator = chosen_indicator(options) or flow.constants.get(v.INDICATOR)
    if indicator:
        return Meanings.constant({v.INDICATOR: indicator}, len(rows))
    match = re.search(flow.name_series, inner) if flow.name_series else None
    if match is None:
        raise options.missing("indicator_missing", "--indicator ID", rows.file.name, found=f"the name {inner}")
    meaning = series_meaning(match[1], flow)
    if meaning is None:
        hint = suggestion(match[1], _listed_series(flow), f"`divide show {flow.id}`")
        raise UnknownCodeError("series_of_file_unknown", found=repr(match[1]), where=rows.file.name, hint=hint)
    return Meanings.constant(meaning, len(rows))
