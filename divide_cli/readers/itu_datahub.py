"""Reader of ITU DataHub CSV downloads.

One row is one economy, year and series. A breakdown row is named only "Female" or "Urban": its series is the part of
seriesCode before the suffix, which seriesParent confirms. seriesUnits is wrong in real files and is not read.
"""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from divide_cli import vocab as v
from divide_cli.catalogue import Dataflow, area_aliases, catalogue, codelist
from divide_cli.comments import phrased
from divide_cli.errors import SourceError, UnknownCodeError, suggestion
from divide_cli.frames import Texts, constant, labelled
from divide_cli.observations import Observations, Reading
from divide_cli.readers import columns
from divide_cli.readers.delimited import Delimited, TextColumn, read
from divide_cli.readers.text import Text


def load(text: Text, dataflow: Dataflow, _indicator: str = "") -> Observations:
    """The rows as observations, all of them; a series that no indicator claims is an error that names it."""
    column = dataflow.columns
    rows = read(text, [name for role, name in column.items() if role != "value"], column["value"])
    meanings = _meanings(rows, dataflow)
    size = len(rows.lines)
    frame: dict[str, object] = {v.REF_AREA: _areas(rows, dataflow)}
    for concept in (v.INDICATOR, *v.DIMENSIONS):
        of_series = {code: meaning[concept] for code, meaning in meanings.items()}
        frame[concept] = columns.coded(rows, column["series"], concept, of_series.get)
    frame[v.TIME_PERIOD] = columns.years(rows, column["year"])
    frame[v.OBS_VALUE] = rows.numbers
    unit = {code: entry.unit for code, entry in catalogue().indicators.items()}
    frame[v.UNIT_MEASURE] = columns.by_indicator(frame[v.INDICATOR], unit, v.UNIT_MEASURE)
    provider = rows.columns[column["provider"]]
    estimate = re.compile(re.escape(dataflow.estimate), re.IGNORECASE)
    status = [v.ESTIMATED if estimate.search(entry) else v.NORMAL for entry in provider.values]
    frame[v.OBS_STATUS] = columns.coded(
        rows, column["provider"], v.OBS_STATUS, dict(zip(provider.values, status, strict=True)).get
    )
    said = (rows.columns[column["note"]], provider)
    frame[v.OBS_COMMENT] = labelled(*phrased([(source.codes, source.values) for source in said], " | "))
    frame[v.FILE] = constant(text.file.name, size)
    frame[v.LINE] = rows.lines
    made = pd.DataFrame(frame)
    estimates = int((made[v.OBS_STATUS] == v.ESTIMATED).sum())
    reading = Reading(text.file, dataflow.id, size, estimates, dataflow.licence, notes=_outside(made))
    return Observations(made, (), (reading,))


def _areas(rows: Delimited, dataflow: Dataflow) -> Texts:
    aliases = area_aliases(dataflow.area_scheme)
    return columns.coded(rows, dataflow.columns["area"], v.REF_AREA, lambda code: aliases.get(code, code))


def _meanings(rows: Delimited, dataflow: Dataflow) -> dict[str, dict[str, str]]:
    """Series code -> indicator and breakdown codes, for every series of the file."""
    source = rows.columns[dataflow.columns["series"]]
    parents = rows.columns[dataflow.columns["parent"]]
    totals = dict.fromkeys(v.DIMENSIONS, v.TOTAL)
    meanings: dict[str, dict[str, str]] = {}
    for index, code in enumerate(source.values):
        stem, _, suffix = code.replace("%", "").rpartition("_")
        if code in dataflow.series:
            meanings[code] = {v.INDICATOR: dataflow.series[code], **totals}
        elif stem in dataflow.series and suffix in dataflow.suffixes:
            meanings[code] = {v.INDICATOR: dataflow.series[stem], **totals, **dataflow.suffixes[suffix]}
            _confirm(rows, dataflow, index, parents, stem)
        else:
            known = [*dataflow.series, *(f"{stem}_{end}" for end in dataflow.suffixes if stem)]
            raise UnknownCodeError(
                "a series belongs to no indicator of the catalogue",
                expected="a series of data/catalogue/dataflows.yaml",
                found=f"{code!r} in {int((source.codes == index).sum())} rows",
                where=rows.where(source.row_of(index), dataflow.columns["series"]),
                hint=suggestion(code, known, f"`divide show {dataflow.id}`"),
            )
    return meanings


def _confirm(rows: Delimited, dataflow: Dataflow, index: int, parents: TextColumn, stem: str) -> None:
    """A breakdown row's parent, where it is given, must be of the same indicator as its code says."""
    of_series = rows.columns[dataflow.columns["series"]].codes == index
    for position in np.unique(parents.codes[of_series]):
        parent = parents.values[position].replace("%", "")
        root = parent.rpartition("_")[0] if parent.rpartition("_")[2] in dataflow.suffixes else parent
        if parent and dataflow.series.get(root) != dataflow.series[stem]:
            row = int(np.argmax(of_series & (parents.codes == position)))
            raise SourceError(
                "a breakdown row's parent is another series",
                expected=f"a series of {dataflow.series[stem]}",
                found=repr(parent),
                where=rows.where(row, dataflow.columns["parent"]),
            )


def _outside(frame: pd.DataFrame) -> tuple[str, ...]:
    """What the reader should know of areas that are no economies: kept as observations, members of no group."""
    areas = codelist("CL_AREA").rows
    counts = frame[v.REF_AREA].value_counts(sort=False)
    return tuple(
        f"{code} ({areas[code]['name']}): {counts[code]} rows kept; {_why(areas[code])}"
        for code in counts.index[counts.to_numpy() > 0]
        if areas[code]["kind"] not in ("economy", "group")
    )


def _why(area: Mapping[str, str]) -> str:
    if area["kind"] == "former":
        return f"ceased to exist {area['valid_to']}, member of no group"
    if area["part_of"]:
        return f"its people are counted with {area['part_of']}, member of no group"
    return "member of no group"
