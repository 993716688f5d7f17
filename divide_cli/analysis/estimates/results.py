"""Estimates next to the figures of a result: the columns EST_* of group values, levels and gaps, and rows they add.

OBS_VALUE stays what economies report, with its coverage and bounds. Only the level of an economy that reported nothing
is filled, with status E. EST_VALUE of a group is sum(w e) / sum(w) over all its members with a known weight w, with e
reported or estimated. Its interval, and that of a gap, come from joint draws of the economies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.estimates.estimated import Estimated
from divide_cli.analysis.estimates.model import Kind
from divide_cli.analysis.measures.pairs import PAIR_FORMULAE
from divide_cli.frames import columns
from divide_cli.language import say
from divide_cli.sources.groupings import Membership

Array = npt.NDArray[np.float64]
REPORTED, FILLED, NOWCAST = "reported", "filled", "nowcast"
NONE = ""
Cell = tuple[str, str, int]
"""An area, a sex and a year."""
Rows = npt.NDArray[np.intp]


@dataclass
class GroupEstimates:
    """The estimates of the areas of one edition, groups and economies, each worked out when it is first used."""

    estimated: Estimated
    members: Membership
    _of_year: dict[tuple[str, int], Array] = field(default_factory=dict)
    _known: dict[Cell, dict[str, Any]] = field(default_factory=dict)
    _draws: dict[Cell, Array] = field(default_factory=dict)
    _rows: dict[str, Rows] = field(default_factory=dict)

    def knows(self, cell: Cell) -> bool:
        """Whether there is an estimate, or a reported value, for the area, sex and year."""
        area, sex, year = cell
        listed = area in self.members.groups or area in self.estimated.place
        return listed and sex in self.estimated.by_sex and year in self.estimated.years

    def rows(self, area: str) -> Rows:
        """The rows of the members of a group, or that of an economy."""
        if area not in self._rows:
            place, codes = self.estimated.place, self.members.groups.get(area, (area,))
            self._rows[area] = np.array(sorted(place[code] for code in codes if code in place), dtype=np.intp)
        return self._rows[area]

    def weights(self, cell: Cell) -> Array:
        """The people of the rows of an area; 0 where they are unknown, 1 for an economy."""
        area, sex, year = cell
        if area not in self.members.groups:
            return np.ones(1)
        return np.asarray(np.nan_to_num(self.estimated.persons[sex][self.rows(area), self.estimated.years.index(year)]))

    def people(self, cell: Cell) -> Array:
        """The people of an area, in an array of one."""
        area, sex, year = cell
        persons = self.estimated.persons[sex][self.rows(area), self.estimated.years.index(year)]
        return np.array([np.nansum(persons)])

    def draws(self, cell: Cell) -> Array:
        """The draws of the value of an area."""
        if cell not in self._draws:
            area, sex, year = cell
            column = self.estimated.years.index(year)
            if (sex, column) not in self._of_year:
                self._of_year[sex, column] = self.estimated.draws(sex, column)
            weights, of_year = self.weights(cell), self._of_year[sex, column]
            self._draws[cell] = of_year[:, self.rows(area)] @ weights / weights.sum()
        return self._draws[cell]

    def known(self, cell: Cell) -> dict[str, Any]:
        """EST_VALUE with its interval, the share of people and the number of economies that are estimated."""
        if cell not in self._known:
            self._known[cell] = self._found(cell)
        return self._known[cell]

    def _found(self, cell: Cell) -> dict[str, Any]:
        area, sex, year = cell
        column, rows, weights = self.estimated.years.index(year), self.rows(area), self.weights(cell)
        if not weights.sum() > 0:
            return dict.fromkeys(v.ESTIMATES, np.nan) | {v.EST_KIND: NONE}
        own = self.estimated.by_sex[sex]
        missing = own.kind[rows, column] != Kind.REPORTED
        ahead = bool((own.ahead[rows, column] > 0).any())
        value = float(own.percent[rows, column] @ weights / weights.sum())
        low, high = self.interval(self.draws(cell)) if missing.any() else (value, value)
        return {
            v.EST_VALUE: value,
            v.EST_LOWER: min(low, value),
            v.EST_UPPER: max(high, value),
            v.EST_LEVEL: self.estimated.model.simulation.level,
            v.EST_SHARE: 100 * float(weights[missing].sum() / weights.sum()),
            v.EST_N_AREAS: float(missing.sum()),
            v.EST_KIND: NOWCAST if ahead else FILLED if missing.any() else REPORTED,
        }

    def interval(self, drawn: Array) -> tuple[float, float]:
        """The ends of the interval of the model's level over draws; NaN if a draw is undefined."""
        outside = (1 - self.estimated.model.simulation.level / 100) / 2
        ordered, place = np.sort(drawn), (len(drawn) - 1) * np.array([outside, 1 - outside])
        below = np.floor(place).astype(int)
        low, high = ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)
        return float(low), float(high)


def beside(frame: pd.DataFrame, estimates: Mapping[str, GroupEstimates]) -> pd.DataFrame:
    """The group values and levels, or the gaps, with the columns EST_*, which are empty where there is no estimate.

    The level of an economy that reported nothing becomes its estimate, with status E.
    """
    if not len(frame):
        return frame.assign(**{name: pd.Series(dtype="float64") for name in v.ESTIMATES})
    names = [v.EDITION, v.INDICATOR, v.REF_AREA, v.SEX, v.AGE, v.URBANISATION, v.TIME_PERIOD, v.MEMBERSHIP]
    further = [v.OVER, v.REFERENCE, v.COMPARED, v.MEASURE] if v.MEASURE in frame else []
    rows = frame[[*names, *further]].astype(dict.fromkeys((*names[:6], v.MEMBERSHIP, *further), object))
    of_row = _of_gap if further else _of_value
    found = [of_row(row, estimates) for row in rows.to_dict("records")]
    table = pd.DataFrame(found, index=frame.index, columns=list(v.ESTIMATES))
    appended = frame.copy()
    for name in v.ESTIMATES[:-1]:
        appended[name] = table[name].astype(float)
    appended[v.EST_KIND] = pd.Categorical(
        table[v.EST_KIND].astype(object).where(table[v.EST_KIND].notna(), NONE),
        categories=[NONE, REPORTED, FILLED, NOWCAST],
    )
    return appended if further else _filled(appended)


def _of_value(row: Mapping[Any, Any], estimates: Mapping[str, GroupEstimates]) -> dict[str, Any]:
    """The estimate of a group value or a level; empty if there is none."""
    found, cell = _at(row, estimates), (str(row[v.REF_AREA]), str(row[v.SEX]), int(row[v.TIME_PERIOD]))
    return found.known(cell) if found and found.knows(cell) else {}


def _of_gap(row: Mapping[Any, Any], estimates: Mapping[str, GroupEstimates]) -> dict[str, Any]:
    """The estimate of a gap in one measure, from the draws of its two sides; empty if there is none."""
    found, area, year = _at(row, estimates), str(row[v.REF_AREA]), int(row[v.TIME_PERIOD])
    codes, by_sex = (str(row[v.REFERENCE]), str(row[v.COMPARED])), row[v.OVER] == v.SEX
    sides = [(area, code, year) if by_sex else (code, str(row[v.SEX]), year) for code in codes]
    if not found or not all(map(found.knows, sides)):
        return {}
    values, people = [found.known(side) for side in sides], [found.people(side) for side in sides]
    kinds = [one[v.EST_KIND] for one in values]
    formula = PAIR_FORMULAE[str(row[v.MEASURE])]
    value = float(formula(*(np.array([one[v.EST_VALUE]]) for one in values), *people)[0])
    low = high = value
    if kinds != [REPORTED, REPORTED] and NONE not in kinds:
        low, high = found.interval(formula(*map(found.draws, sides), *people))
    return {
        v.EST_VALUE: value,
        v.EST_LOWER: min(low, value),
        v.EST_UPPER: max(high, value),
        v.EST_LEVEL: found.estimated.model.simulation.level,
        v.EST_SHARE: max(one[v.EST_SHARE] for one in values),
        v.EST_N_AREAS: max(one[v.EST_N_AREAS] for one in values),
        v.EST_KIND: next((one for one in (NONE, NOWCAST, FILLED) if one in kinds), REPORTED),
    }


def _at(row: Mapping[Any, Any], estimates: Mapping[str, GroupEstimates]) -> GroupEstimates | None:
    """The estimates that a row may have: of its edition and indicator, in the totals of other dimensions."""
    known = estimates.get(str(row[v.EDITION]))
    plain = row[v.AGE] == v.TOTAL and row[v.URBANISATION] == v.TOTAL and row[v.MEMBERSHIP] != v.AS_PUBLISHED
    return known if known and plain and row[v.INDICATOR] == known.estimated.model.indicator else None


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """The levels of economies that reported nothing become their estimates, with status E and a comment."""
    missing = frame[v.OBS_VALUE].isna() & frame[v.EST_VALUE].notna() & (frame[v.MEMBERSHIP] == v.NOT_APPLICABLE)
    if not missing.any():
        return frame
    comment = say("estimated by divide: the economy reported nothing")
    filled = frame.copy()
    filled[v.OBS_VALUE] = frame[v.OBS_VALUE].where(~missing, frame[v.EST_VALUE])
    filled[v.OBS_STATUS] = pd.Categorical(frame[v.OBS_STATUS].astype(object).where(~missing, v.ESTIMATED))
    filled[v.OBS_COMMENT] = pd.Categorical(frame[v.OBS_COMMENT].astype(object).where(~missing, comment))
    return filled


def with_missing(
    frame: pd.DataFrame, whole: pd.DataFrame, estimated: Estimated, areas: Iterable[str], years: Sequence[int]
) -> pd.DataFrame:
    """The observations, and a row without a value for each cell of these areas that can be estimated and has none.

    The cells are those of the years, or of all years that are estimated. `whole` are all observations of the edition.
    """
    listed = [area for area in sorted(areas) if area in estimated.place]
    chosen = [year for year in estimated.years if not years or year in years]
    cells = [(area, sex, year) for area in listed for sex in estimated.by_sex for year in chosen]
    present = frame[frame[v.INDICATOR] == estimated.model.indicator]
    dimensions = [v.AGE, v.URBANISATION]
    plain = (present[dimensions] == v.TOTAL).all(axis=1)
    keys = (present.loc[plain, name] for name in (v.REF_AREA, v.SEX, v.TIME_PERIOD))
    reported = set(zip(*keys, strict=True))
    absent = [cell for cell in cells if cell not in reported]
    if not absent or not len(whole):
        return frame
    rows = whole.iloc[np.zeros(len(absent), dtype=np.intp)].reset_index(drop=True)
    area, sex, year = (list(values) for values in zip(*absent, strict=True))
    totals = [v.TOTAL] * len(absent)
    codes = {v.REF_AREA: area, v.SEX: sex, **dict.fromkeys(dimensions, totals)}
    codes[v.INDICATOR] = [estimated.model.indicator] * len(absent)
    for name, texts in codes.items():
        rows[name] = columns.of_codes(np.arange(len(texts)), texts, columns.category(name))
    for name in (v.OBS_VALUE, v.DECIMALS, *v.AMOUNTS):
        if name in rows:
            rows[name] = pd.Series(np.nan, index=rows.index).astype(frame[name].dtype)
    rows[v.TIME_PERIOD] = np.array(year).astype(np.int16)
    rows[v.OBS_STATUS] = columns.fixed(v.MISSING, v.OBS_STATUS, len(rows))
    rows[v.OBS_COMMENT] = columns.constant("", len(rows))
    return pd.DataFrame({name: columns.stacked([frame[name], rows[name]]) for name in frame})
