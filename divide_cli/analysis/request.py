"""A request to compute and its result: the choice, the sources, the finished frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames.columns import BLOCK, categories_of, composite_key, fields, in_use, labelled, values_of
from divide_cli.frames.observations import Reading
from divide_cli.frames.schema import conform
from divide_cli.readers import ReadOptions
from divide_cli.sources.groupings import Membership

if TYPE_CHECKING:
    from divide_cli.analysis.estimates.results import GroupEstimates

Row: TypeAlias = dict[str, Any]
"""A row of a frame: column -> value."""


@dataclass(frozen=True)
class Request:
    """What to compute; an empty selection means everything."""

    files: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    measures: tuple[str, ...] = ()
    income_fy: str | None = None
    minimum: float = 75.0
    population: str = ""
    groups: tuple[str, ...] = ()
    economies: tuple[str, ...] = ()
    """Economies whose values join those of the groups."""
    level: float = 95.0
    """Percent; the level of confidence intervals."""
    covariance: str = ""
    """The file with the covariances of subgroups, if any."""
    panel: str = "all"
    """Whether trends of group values rest on all economies, or on a constant panel: a PanelChoice."""
    sort: str = ""
    """What areas are sorted by: an Order; "" for the order of the catalogue."""
    top: int = 0
    """How many areas each table keeps; 0 for all."""
    reading: ReadOptions = field(default_factory=ReadOptions)
    """How the files are read."""
    estimate: bool = False
    """Whether values that no office reported are estimated."""
    keep: bool = False
    """Whether the result keeps the observations and the populations."""

    @property
    def ranks(self) -> bool:
        """Whether areas are in the order of their numbers."""
        return bool(self.sort or self.top)

    def places(self, years: Sequence[int], valued: Sequence[bool]) -> list[int]:
        """The positions of the requested years in a series; without years, the latest with a value, or the latest."""
        if self.years:
            return [place for place, year in enumerate(years) if year in self.years]
        return [place for place in range(len(years)) if valued[place] or not any(valued)][-1:]


@dataclass(frozen=True)
class Source:
    """One edition of a run: its role, the membership that its groups were formed with, and how it is cited."""

    id: str
    title: str
    role: str
    citation: str
    licence: str
    membership: str
    method: str = ""
    groups: str = v.AS_PUBLISHED
    """The membership in short."""


@dataclass(frozen=True)
class Result:
    """The frames `gaps` and `aggregates`, and what they rest on."""

    gaps: pd.DataFrame
    aggregates: pd.DataFrame
    request: Request
    sources: Mapping[str, Source]
    readings: tuple[Reading, ...]
    weights: tuple[Reading, ...]
    dimensions: tuple[str, ...] = ()
    single: Mapping[str, int] = field(default_factory=dict)
    """The number of keys with one side only, by gap."""
    doubts: tuple[str, ...] = ()
    """What is improbable in the files of the request, in words."""
    persons: "pd.Series[float] | None" = None
    """The people behind each row of `aggregates`, if the request keeps them."""
    observed: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """The observations by edition, if the request keeps them."""
    members: Mapping[str, Membership] = field(default_factory=dict)
    """The members of groups by edition."""
    estimates: "Mapping[str, GroupEstimates]" = field(default_factory=dict)
    """The estimates by edition, if the request has them."""
    published: "Result | None" = None
    """The published figures of the same choice, for comparison; None if this result has them, or if they are not
    wanted.
    """

    @property
    def observations(self) -> int:
        """The number of observations that were read."""
        return sum(reading.rows for reading in self.readings)

    @property
    def areas_without_data(self) -> dict[str, list[str]]:
        """The areas requested that have no figure, computed or published, each with the indicators requested.

        If no indicator is requested, they are the areas without a figure of any.
        """
        others = [self.published] if self.published else []
        found: set[tuple[str, str]] = set()
        for frame in (frame for one in (self, *others) for frame in (one.gaps, one.aggregates) if len(frame)):
            has = frame[v.OBS_VALUE].notna() | (frame[v.OBS_STATUS] == v.WITHHELD)
            pairs = frame.loc[has, [v.REF_AREA, v.INDICATOR]].drop_duplicates()
            found |= set(zip(values_of(pairs[v.REF_AREA]), values_of(pairs[v.INDICATOR]), strict=True))
        gaps, known = catalogue().gaps, {area for area, _ in found}
        names = dict.fromkeys(self.request.indicators or (gaps[name].indicator for name in self.request.gaps))
        absent = {area: [name for name in names if (area, name) not in found] for area in self.request.areas}
        return {area: lacking for area, lacking in absent.items() if lacking or (not names and area not in known)}


def frame_of(
    rows: Sequence[Row], schema: str, further: Sequence[str] = (), dimensions: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows with the columns of the Table Schema, further dimensions and further columns of texts as categories."""
    types = {"string": "category", "number": "float64", "integer": "Int32"}
    dtypes = {name: types[field["type"]] for name, field in fields(schema).items()} | dict.fromkeys(
        (*dimensions, *further), "category"
    )
    return conform(pd.DataFrame(list(rows), columns=list(dtypes)).astype(dtypes), dimensions, schema)


def finished(
    frame: pd.DataFrame, schema: str, dimensions: Sequence[str], request: Request, further: Sequence[str] = ()
) -> pd.DataFrame:
    """Puts a frame into its final form: columns of the Table Schema in order, further columns, flags of rows; sorted by
    key.

    Texts are categories. The columns of a long frame are moved out of it one by one, which takes time but less memory.
    """
    if not len(frame):
        return pd.DataFrame(columns=[*fields(schema), *dimensions, *further])
    further = [*further, *(name for name in v.ROW_FLAGS if name in frame)]
    whole = frame[frame[v.REF_AREA].isin(request.areas)] if request.areas else frame
    if v.UNIT_MEASURE not in whole:
        units = [catalogue().indicators[code].unit for code in categories_of(whole[v.INDICATOR])]
        whole = whole.assign(**{v.UNIT_MEASURE: labelled(whole[v.INDICATOR].cat.codes.to_numpy(), units)})
    column_of = whole.pop if len(whole) > BLOCK else whole.__getitem__
    columns: dict[str, Any] = {name: column_of(name).array for name in (*fields(schema), *dimensions, *further)}
    for name, column in columns.items():
        if isinstance(column, pd.Categorical) or not pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = in_use(pd.Categorical(column))
    key = (v.GAP, v.INDICATOR, v.EDITION, v.REF_AREA, v.TIME_PERIOD, *v.DIMENSIONS, *dimensions, v.WEIGHTS, v.MEASURE)
    keys = pd.DataFrame({name: columns[name] for name in key if name in columns}, copy=False)
    order = np.argsort(composite_key(keys, [name for name in key if name in columns]), kind="stable")
    for name, column in columns.items():
        columns[name] = column.take(order)
    for name in (v.N_AREAS, v.N_AREAS_TOTAL):
        columns[name] = pd.array(columns[name], dtype="Int32")
    return conform(pd.DataFrame(columns, copy=False), dimensions, schema)
