"""Reader of national SDG files in the layout of Open SDG: a year, a value, and between them breakdowns in any language.

What the words mean stands in data/catalogue/labels; the SDG number is in the file's name. The same reader takes the
wide tables of older sites, whose columns are series, and the SDMX columns from which some sites are filled.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec import structs

from divide_cli import concepts as v
from divide_cli.catalogue.labels import column_concept
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations
from divide_cli.readers.layouts import wide
from divide_cli.readers.layouts.delimited import read
from divide_cli.readers.layouts.layout import Layout, names_of
from divide_cli.readers.layouts.recognition import Match
from divide_cli.readers.layouts.tidy import blank_rows, header_again
from divide_cli.readers.mapping.areas import areas
from divide_cli.readers.mapping.column_roles import Plan
from divide_cli.readers.mapping.observations import observations
from divide_cli.readers.mapping.raw_rows import MELTED, Rows, TextColumn
from divide_cli.readers.mapping.series import Meaning
from divide_cli.readers.national import attributes, series_labels, tables
from divide_cli.readers.national import roles as column_roles
from divide_cli.readers.national.roles import (
    APART,
    CATEGORY,
    COMPOSITE,
    FREQ,
    GEOCODE,
    SERIES,
    SUBNATIONAL,
    UNIT_MULT,
    UNUSED,
    Roles,
)
from divide_cli.readers.national.tables import Columns, Parts
from divide_cli.readers.opening.documents import Document
from divide_cli.readers.opening.text import Text
from divide_cli.readers.options import ReadOptions

_NAMELESS = re.compile(r"column \d+")


def load(document: Document, match: Match, options: ReadOptions) -> Observations:
    """The rows as observations: known labels as codes, other breakdowns as dimensions with their labels."""
    flow, text = match.flow, document.text
    if text is None:
        raise TypeError(document.name)
    number = series_labels.number_of(document.inner, flow.name_series, options)
    names = names_of(text.first_records()[match.record])
    rows = (_cells if flow.melted else _rows)(text, match, options, names)
    blank_rows(rows)
    header_again(rows)
    as_given = replace(rows)
    if options.area:
        areas(as_given, None, flow, options)
    vocabulary = series_labels.Vocabulary(number, column_roles.area_named(rows, options))
    roles = column_roles.roles_of(rows, [name for name in (*names, MELTED) if name in rows.columns], vocabulary)
    series, meanings = series_labels.resolve(rows, roles(SERIES), vocabulary, options)
    parts, made = Parts(), attributes.fixed(rows, roles)
    made |= _breakdowns(rows, roles, options, parts)
    if v.REF_AREA not in made:
        areas(as_given, None, flow, options)
    codes = {}
    alike: dict[str, Mapping[str, Meaning | str]] = {", ".join(roles(SERIES)): meanings} if roles(SERIES) else {}
    for name in roles(v.UNIT_MEASURE)[:1]:
        series, meanings = attributes.by_unit(rows, name, series, meanings)
        codes[v.UNIT_MEASURE] = alike[name] = attributes.units(rows, name, series, meanings)
    made[v.INDICATOR] = series
    if status := attributes.status(rows, roles):
        made[v.OBS_STATUS] = status
    comments = attributes.comments(rows, roles)
    rows.labels = attributes.apart(rows, alike)
    plan = _plan(rows, roles, made, tuple(comments))
    rows.columns = {**rows.columns, **made, **comments}
    rows.notes = (*rows.notes, *roles.notes, *parts.notes, *(remark.text for remark in parts.remarks))
    rows.remarks = tuple(parts.remarks)
    flow = structs.replace(flow, series=meanings, codes=codes, unit_rule="report")
    values: dict[str, str] = {v.OBS_VALUE: _value(names)} if not flow.melted else {}
    plan = replace(plan, column_of={**plan.column_of, **values})
    found = observations(rows, plan, flow, options, document.inner, match.evidence)
    return replace(found, readings=(replace(found.readings[0], columns={**_columns(roles), **values}),))


def _columns(roles: Roles) -> dict[str, str]:
    """The column of the file that says each concept, the first where several do."""
    return {concept: columns[0] for concept, columns in roles.of.items() if concept}


def _value(names: Sequence[str]) -> str:
    """The column of values, the first where several are named so."""
    return next(name for name in names if column_concept(name) == v.OBS_VALUE)


def _rows(text: Text, match: Match, options: ReadOptions, names: Sequence[str]) -> Rows:
    """The rows of a table with one value a row, all columns as text but that of values."""
    value = _value(names)
    layout = Layout(text, tuple(names), match.record)
    others = [name for name in names if name != value]
    return read(layout, others, value, match.flow.missing, bool(match.flow.flags), options)


def _cells(text: Text, match: Match, options: ReadOptions, names: Sequence[str]) -> Rows:
    """The cells of a table whose columns are series: those that no list knows as anything else."""
    year = next(name for name in names if column_concept(name) == v.TIME_PERIOD)
    series = [name for name in names if not column_concept(name) and not _NAMELESS.fullmatch(name)]
    if not series:
        raise SourceError("value_columns_missing", found=", ".join(names), where=text.file.name)
    melted: Any = {**match.flow.melted, "columns": "|".join(map(re.escape, series))}
    flow = structs.replace(match.flow, columns={v.TIME_PERIOD: year}, melted=melted)
    return wide.rows_of(text, replace(match, flow=flow), options)[0]


def _breakdowns(rows: Rows, roles: Roles, options: ReadOptions, parts: Parts) -> dict[str, TextColumn]:
    """Each concept that breaks the figures down, as one column of codes; REF_AREA where the file says it."""
    for concept, names in roles.of.items():
        for name in names:
            if concept in v.DIMENSIONS:
                tables.broken_down(rows, name, concept, parts)
            elif concept not in APART:
                parts.add(concept, name, tables.carried(rows, name, concept))
    for name, own in roles.own.items():
        if name in (*roles(CATEGORY), *roles(COMPOSITE)):
            tables.mixed(rows, name, parts, own)
        else:
            parts.add(own, name, tables.carried(rows, name, own))
    columns, country = Columns(roles(v.REF_AREA), roles(SUBNATIONAL), roles(GEOCODE)), None
    if columns.countries or columns.regions or columns.codes:
        country = tables.places(rows, columns, options.area, parts)
    made = {concept: tables.united(rows, concept, parts) for concept in parts.of}
    if country and all(country.values):
        made[v.REF_AREA] = country
        others = sorted({code for code in country.values if options.area and code != options.area})
        if others:
            parts.notes.append(f"the file itself says {', '.join(others)} in some rows, not {options.area} (--area)")
    return made


def _plan(rows: Rows, roles: Roles, made: dict[str, TextColumn], comments: tuple[str, ...]) -> Plan:
    """What each column, of the file or made from it, serves."""
    fixed = (v.REF_AREA, v.INDICATOR, *v.DIMENSIONS, v.OBS_STATUS, FREQ, UNIT_MULT)
    column_of = {concept: concept for concept in fixed if concept in made}
    single = (v.TIME_PERIOD, v.UNIT_MEASURE, *v.QUANTITIES)
    singles = {concept: roles(concept)[0] for concept in single if roles(concept)}
    dimensions = {concept: concept for concept in made if concept not in fixed}
    spare = [*roles(UNUSED), *roles(v.TIME_PERIOD)[1:], *roles(v.UNIT_MEASURE)[1:], *roles(v.OBS_VALUE)]
    spare += roles(GEOCODE) if roles(SUBNATIONAL) or roles(v.REF_AREA) else ()
    value = rows.wrong[0] if rows.wrong else ""
    ignored = tuple(name for name in spare if name != value and column_roles.has_text(rows.columns[name]))
    return Plan({**column_of, **singles}, dimensions, comments, ignored)
