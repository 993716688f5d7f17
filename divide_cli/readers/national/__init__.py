"""National SDG files in the layout of Open SDG: a year, a value, and between them breakdowns in any language.

data/catalogue/labels gives the meanings of the words; the name of the file contains the SDG number. The same reader
handles wide tables of older sites, whose columns are series, and the SDMX columns that some sites use.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.labels import column_concept, label_of
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations
from divide_cli.language import commas
from divide_cli.readers.layouts.csv_table import NAMELESS, CsvTable, names_of, read, text_column
from divide_cli.readers.layouts.tables import ignore_empty_rows, melted_rows, refuse_headers
from divide_cli.readers.mapping import observations
from divide_cli.readers.mapping.codes import Meanings, SeriesMeaning, areas
from divide_cli.readers.mapping.column_roles import ColumnRoles
from divide_cli.readers.mapping.numbers import figures, separators
from divide_cli.readers.mapping.raw_rows import BETWEEN, MELTED, Rows, TextColumn, joined
from divide_cli.readers.national import breakdowns
from divide_cli.readers.national.breakdowns import NationalRoles, code_of, codes_of
from divide_cli.readers.national.places import area_named, columns_of
from divide_cli.readers.national.series import SHARES, Vocabulary, by_unit, refuse_counts, sdg_number, series
from divide_cli.readers.opening.text import TextDocument
from divide_cli.readers.recognition import Match, ReadOptions


def load(document: TextDocument, match: Match, options: ReadOptions) -> Observations:
    """The rows as observations: known labels become codes, and other breakdowns dimensions with their own labels."""
    flow = match.flow
    number = sdg_number(document.inner, flow.name_series, options)
    names = names_of(document.records()[match.record])
    rows = (_cells if flow.melted else _rows)(document, match, options, names)
    ignore_empty_rows(rows)
    refuse_headers(rows)
    as_given = replace(rows)
    if options.area:
        areas(as_given, None, flow, options)  # an unknown area is the first error to report
    vocabulary = Vocabulary(number, area_named(rows, options))
    heads = [name for name in (*names, MELTED) if name in rows.columns]
    roles = breakdowns.national_roles(rows, heads, vocabulary, flow.melted.get("concept", ""))
    if flow.fallback:
        roles = breakdowns.without_labels_of_areas(rows, roles)
    meanings = series(rows, roles(breakdowns.SERIES), vocabulary, options, flow.fallback)
    if vocabulary.sdg and not (roles(breakdowns.SERIES) or roles(v.UNIT_MEASURE)):
        refuse_counts(rows, meanings, vocabulary, options)
    columns = _fixed(rows, roles)
    of_concept, parts = columns_of(rows, roles, options, flow.fallback)
    columns |= of_concept
    if v.REF_AREA not in columns:
        areas(as_given, None, flow, options)
    alike: dict[str, Sequence[SeriesMeaning | str | None]] = {commas(roles(breakdowns.SERIES)): meanings.of}
    unit_codes: dict[str, str] = {}
    for name in roles(v.UNIT_MEASURE)[:1]:
        meanings = by_unit(rows, name, meanings)
        unit_codes = _units(rows, name, meanings)
        alike[name] = [unit_codes.get(text) for text in rows.columns[name].values]
    columns[v.INDICATOR] = meanings.column
    if status := _status(rows, roles):
        columns[v.OBS_STATUS] = status
    comments = _comments(rows, roles)
    rows.labels = _apart(rows, {name: of_texts for name, of_texts in alike.items() if name})
    column_roles = _column_roles(rows, roles, columns, tuple(comments))
    value: Mapping[str, str] = {} if flow.melted else {v.OBS_VALUE: _value(names)}
    column_roles = replace(column_roles, column_of={**column_roles.column_of, **value})
    rows.add({**columns, **comments})
    rows.notes = (*rows.notes, *roles.notes.values(), *parts.notes, *(remark.text for remark in parts.remarks))
    rows.remarks = (*rows.remarks, *parts.remarks)
    content = observations(rows, column_roles, match, options, meanings, unit_codes)
    shown = {**{concept: names[0] for concept, names in roles.of.items() if concept}, **value}
    return replace(content, readings=(replace(content.readings[0], columns=shown),))


def _value(names: Sequence[str]) -> str:
    """The column of values, the first if there are several."""
    return next(name for name in names if column_concept(name) == v.OBS_VALUE)


def _rows(document: TextDocument, match: Match, options: ReadOptions, names: Sequence[str]) -> Rows:
    """The rows of a table with one value a row. All columns except the values are text."""
    value = _value(names)
    table = CsvTable(document, tuple(names), match.record)
    others = [name for name in names if name != value]
    return read(table, others, value, match.flow, options)


def _cells(document: TextDocument, match: Match, options: ReadOptions, names: Sequence[str]) -> Rows:
    """The cells of a table with years or series in columns."""
    flow = match.flow
    if flow.melted["concept"] == v.TIME_PERIOD:
        return melted_rows(document, match, options, {}, flow.melted["columns"])[0]
    year = next(name for name in names if column_concept(name) == v.TIME_PERIOD)
    heads = _series_in(document, match, names)
    if not heads:
        raise SourceError("value_columns_missing", found=commas(names), where=document.file.name)
    pattern = "|".join(map(re.escape, heads))
    return melted_rows(document, match, options, {v.TIME_PERIOD: year}, pattern)[0]


def _series_in(document: TextDocument, match: Match, names: Sequence[str]) -> list[str]:
    """The columns that are series: those that are in no list of other columns.

    In a table of countries they have more numbers than words, since other columns tell of the countries.
    """
    heads = [name for name in names if not column_concept(name) and not NAMELESS.fullmatch(name)]
    if not match.flow.fallback or not heads:
        return heads
    content, _ = CsvTable(document, tuple(names), match.record).texts(heads)
    series = []
    for name in heads:
        column = text_column(content.column(name))
        numbers, _, wrong = figures(column, match.flow.missing, separators(column.values, document.delimiter).decimal)
        words = int(np.isin(column.codes, wrong).sum())
        if int(np.isfinite(numbers).sum()) > words:
            series.append(name)
    return series


def _column_roles(
    rows: Rows, roles: NationalRoles, columns: Mapping[str, TextColumn], comments: tuple[str, ...]
) -> ColumnRoles:
    """The roles of the columns, those of the file and those made from them."""
    fixed = (v.REF_AREA, v.INDICATOR, *v.DIMENSIONS, v.OBS_STATUS, breakdowns.FREQ, breakdowns.UNIT_MULT)
    single = (v.TIME_PERIOD, v.UNIT_MEASURE, *v.QUANTITIES)
    column_of = {concept: concept for concept in fixed if concept in columns}
    column_of |= {concept: roles(concept)[0] for concept in single if roles(concept)}
    dimensions = {concept: concept for concept in columns if concept not in fixed}
    spare = [*roles(breakdowns.UNUSED), *roles(breakdowns.DESCRIBING), *roles(v.OBS_VALUE)]
    spare += [*roles(v.TIME_PERIOD)[1:], *roles(v.UNIT_MEASURE)[1:]]
    spare += roles(breakdowns.GEOCODE) if roles(breakdowns.SUBNATIONAL) or roles(v.REF_AREA) else ()
    value, _ = rows.wrong or rows.doubtful or ("", [])
    ignored = tuple(name for name in spare if name != value and breakdowns.has_text(rows.columns[name]))
    return ColumnRoles(column_of, dimensions, comments, ignored)


def _units(rows: Rows, column: str, series: Meanings) -> dict[str, str]:
    """The code of each text of the unit column. Rows with an unknown unit, or one of another scale, are rejected."""
    source = rows.columns[column]
    labels = {text: label_of(v.UNIT_MEASURE, text) for text in source.values}
    unknown = source.indices(lambda text: labels[text] is None)
    rows.refuse_texts(column, unknown, breakdowns.unknown_label(v.UNIT_MEASURE))
    codes = {text: label.code for text, label in labels.items() if label and text.strip()}
    indicators = catalogue().indicators
    for place, meaning in enumerate(series.of):
        own = indicators[meaning[v.INDICATOR]].unit if meaning else ""
        for index, unit in enumerate(source.values if meaning else ()):
            code = codes.get(unit, own)
            if code in (own, v.TOTAL) or {own, code} <= SHARES:
                continue
            here = rows.fate.among((series.column.codes == place) & (source.codes == index))
            if meaning:
                found, indicator = f"{unit!r} ({code})", meaning[v.INDICATOR]
                rows.refuse(here, "unit_not_of_indicator", column, found=found, unit=own, indicator=indicator)
    return codes


def _fixed(rows: Rows, roles: NationalRoles) -> dict[str, TextColumn]:
    """The frequency and the unit multiplier as codes. An empty cell has the usual one."""
    columns = {}
    for concept, usual in ((breakdowns.FREQ, "A"), (breakdowns.UNIT_MULT, "0")):
        for name in roles(concept)[:1]:
            column = codes_of(rows, name, concept)
            columns[concept] = TextColumn(column.codes, [code or usual for code in column.values])
    return columns


def _status(rows: Rows, roles: NationalRoles) -> TextColumn | None:
    """OBS_STATUS from the first column of statuses or flags that gives one; empty for a normal value."""
    columns = [codes_of(rows, name, v.OBS_STATUS) for name in roles(v.OBS_STATUS)]
    columns += [
        rows.columns[name].mapped(lambda text: code_of(breakdowns.FLAG, text, "")) for name in roles(breakdowns.FLAG)
    ]
    if not columns:
        return None
    normal = ("", v.TOTAL, v.NORMAL)
    return joined(columns, BETWEEN).mapped(
        lambda text: next((code for code in text.split(BETWEEN) if code not in normal), "")
    )


def _apart(rows: Rows, alike: Mapping[str, Sequence[SeriesMeaning | str | None]]) -> TextColumn | None:
    """The labels of columns in which different texts mean the same, such as two titles of a series.

    They distinguish rows that are otherwise the same. None if there are no such labels.
    """
    columns = []
    for name, meanings in alike.items():
        texts: dict[str, set[str]] = {}
        for text, meaning in zip(rows.columns[name].values, meanings, strict=True):
            if text.strip() and meaning:
                codes = meaning if isinstance(meaning, str) else {**meaning, v.OBS_COMMENT: ""}
                texts.setdefault(str(codes), set()).add(text.strip())
        if any(len(of_meaning) > 1 for of_meaning in texts.values()):
            columns.append(rows.columns[name])
    return joined(columns, BETWEEN) if columns else None


def _comments(rows: Rows, roles: NationalRoles) -> dict[str, TextColumn]:
    """The columns of comments and flags, and the words in labels of ages that the code does not express."""
    columns = {name: rows.columns[name] for name in (*roles(v.OBS_COMMENT), *roles(breakdowns.FLAG))}
    columns = {name: column for name, column in columns.items() if breakdowns.has_text(column)}
    for name in roles(v.AGE):
        words = breakdowns.words_beside(rows.columns[name])
        if any(words.values):
            columns[f"AGE, in words: {name}"] = words
    return columns
