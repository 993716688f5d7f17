"""Units, statuses and comments of national files: labels in any language -> codes of SDMX."""

from collections.abc import Mapping

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.labels import label_of
from divide_cli.errors import SourceError
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, joined
from divide_cli.readers.mapping.series import Meaning
from divide_cli.readers.national.roles import FLAG, FREQ, UNIT_MULT, Roles, has_text
from divide_cli.readers.national.tables import closed, said, unknown_label

_SHARES = {"PT", "PER_100_POP", "PER_100_HH"}
"""Units of one scale, which offices take for each other: the value is kept, and the difference reported."""
_USUAL = {FREQ: "A", UNIT_MULT: "0"}
_AGE_SAID, _BETWEEN = "AGE, in words", "\x1f"


def by_unit(
    rows: Rows, column: str, series: TextColumn, meanings: Mapping[str, Meaning]
) -> tuple[TextColumn, dict[str, Meaning]]:
    """The series and their meanings; where the unit is that of one sibling of the same SDG indicator, of the sibling.

    17.6.1 has a rate and a number of subscriptions, which some files tell apart by the unit only.
    """
    indicators = catalogue().indicators
    siblings: dict[tuple[str, str], list[str]] = {}
    for entry in indicators.values():
        siblings.setdefault((entry.sdg or "", entry.unit), []).append(entry.id)
    source = rows.columns[column]
    units_of = [
        label.code if (label := label_of(v.UNIT_MEASURE, text)) and text.strip() else "" for text in source.values
    ]
    both = joined([series, source], _BETWEEN)
    made, moved = dict[str, Meaning](), False
    for text in both.values:
        said, _, unit = text.partition(_BETWEEN)
        if said not in meanings:
            continue
        meaning = meanings[said]
        own = indicators[meaning[v.INDICATOR]]
        code = units_of[source.values.index(unit)] if unit in source.values else ""
        others = siblings.get((own.sdg or "", code), []) if code not in ("", own.unit) and own.sdg else []
        if len(others) == 1 and not {own.unit, code} <= _SHARES:
            meaning, moved = {**meaning, v.INDICATOR: others[0]}, True
        made[text] = meaning
    return (both, made) if moved else (series, dict(meanings))


def units(rows: Rows, column: str, series: TextColumn, meanings: Mapping[str, Meaning]) -> dict[str, str]:
    """The code of each text of the column of units; a unit that no list knows, or of another scale, is refused."""
    source = rows.columns[column]
    found = [label_of(v.UNIT_MEASURE, text) for text in source.values]
    rows.refuse_texts(
        column, [index for index, label in enumerate(found) if label is None], unknown_label(v.UNIT_MEASURE)
    )
    codes = {text: label.code for text, label in zip(source.values, found, strict=True) if label and text.strip()}
    indicators = catalogue().indicators
    for place, text in enumerate(series.values):
        own = indicators[meanings[text][v.INDICATOR]].unit if text in meanings else ""
        for index, unit in enumerate(source.values):
            code = codes.get(unit, own)
            if not own or code in (own, v.TOTAL) or {own, code} <= _SHARES:
                continue
            here = rows.fate.among((series.codes == place) & (source.codes == index))
            if here.any():
                error = SourceError(
                    "unit_not_of_indicator",
                    expected=f"{own}, the unit of {meanings[text][v.INDICATOR]}",
                    found=f"{unit!r} ({code})",
                    where=rows.where(int(np.argmax(here)), column),
                )
                rows.fate.refuse(here, error, column)
    return codes


def fixed(rows: Rows, roles: Roles) -> dict[str, TextColumn]:
    """The frequency and the multiplier of the unit as codes; an empty cell says the usual one."""
    made = {}
    for concept, usual in _USUAL.items():
        for name in roles(concept)[:1]:
            column = closed(rows, name, concept)
            made[concept] = TextColumn(column.codes, [code or usual for code in column.values])
    return made


def status(rows: Rows, roles: Roles) -> TextColumn | None:
    """OBS_STATUS by the columns of statuses and of flags, the first that says one; empty for a normal value."""
    columns = [closed(rows, name, v.OBS_STATUS) for name in roles(v.OBS_STATUS)]
    for name in roles(FLAG):
        source = rows.columns[name]
        found = [label_of(FLAG, text) for text in source.values]
        columns.append(TextColumn(source.codes, ["" if label is None else label.code for label in found]))
    if not columns:
        return None
    source = joined(columns, _BETWEEN)
    normal = ("", v.TOTAL, v.NORMAL)
    codes = [next((code for code in text.split(_BETWEEN) if code not in normal), "") for text in source.values]
    return TextColumn(source.codes, codes)


def apart(rows: Rows, meanings: Mapping[str, Mapping[str, Meaning | str]]) -> TextColumn | None:
    """The labels of columns whose different texts mean the same: two titles of a series, two kinds of percent.

    Rows that differ in nothing else are told apart by them. None where there are no such labels.
    """
    made = []
    for name, told in meanings.items():
        texts: dict[str, set[str]] = {}
        for text in rows.columns[name].values:
            meaning = told.get(text, "")
            if text.strip() and meaning:
                codes = meaning if isinstance(meaning, str) else {**meaning, v.OBS_COMMENT: ""}
                texts.setdefault(str(codes), set()).add(text.strip())
        if any(len(found) > 1 for found in texts.values()):
            made.append(rows.columns[name])
    return joined(made, _BETWEEN) if made else None


def comments(rows: Rows, roles: Roles) -> dict[str, TextColumn]:
    """Columns of comments and flags, and what the labels of ages say beside the band."""
    made = {name: rows.columns[name] for name in (*roles(v.OBS_COMMENT), *roles(FLAG)) if has_text(rows.columns[name])}
    for name in roles(v.AGE):
        words = said(rows, name, v.AGE)
        if words:
            made[f"{_AGE_SAID}: {name}"] = words
    return made
