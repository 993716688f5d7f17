"""Estimates beside the figures of a result: the columns EST_* of group values, levels and gaps, and rows they add.

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
from divide_cli.catalogue import catalogue
from divide_cli.frames import columns
from divide_cli.sources.groupings import Membership

Array = npt.NDArray[np.float64]
REPORTED, FILLED, NOWCAST = "reported", "filled", "nowcast"
NONE = ""
NUMBERS = (v.EST_VALUE, v.EST_LOWER, v.EST_UPPER, v.EST_SHARE, v.EST_N_AREAS)


@dataclass
class GroupEstimates:
    """Values, draws and shares of the areas of one edition, groups and economies, each found when it is first used."""

    estimated: Estimated
    members: Membership
    _means: dict[tuple[str, int], Array] = field(default_factory=dict)

    def knows(self, area: str, sex: str, year: int) -> bool:
        """Whether there is an estimate, or a reported value, for the area, sex and year."""
        listed = area in self.members.groups or area in self.estimated.place
        return listed and sex in self.estimated.by_sex and year in self.estimated.years

    def rows(self, area: str) -> npt.NDArray[np.intp]:
        """The rows of the members of a group, or that of an economy."""
        codes = self.members.groups.get(area, (area,))
        place = self.estimated.place
        return np.array(sorted(place[code] for code in codes if code in place), dtype=np.intp)

    def weights(self, area: str, sex: str, column: int) -> Array:
        """The people of the rows of an area; 0 where they are unknown, 1 for an economy."""
        if area not in self.members.groups:
            return np.ones(1)
        return np.nan_to_num(self.estimated.persons[sex][self.rows(area), column])

    def people(self, area: str, sex: str, year: int) -> Array:
        """The people of an area, in an array of one."""
        column = self.estimated.years.index(year)
        return np.array([np.nansum(self.estimated.persons[sex][self.rows(area), column])])

    def draws(self, area: str, sex: str, year: int) -> Array:
        """The draws of the value of an area."""
        column = self.estimated.years.index(year)
        if (sex, column) not in self._means:
            self._means[sex, column] = self.estimated.draws(sex, column)
        weights = self.weights(area, sex, column)
        return np.asarray(self._means[sex, column][:, self.rows(area)] @ weights / weights.sum())

    def known(self, area: str, sex: str, year: int) -> dict[str, Any]:
        """EST_VALUE with its interval, the share of people and the number of economies that are estimated."""
        column, rows = self.estimated.years.index(year), self.rows(area)
        own, weights = self.estimated.by_sex[sex], self.weights(area, sex, column)
        if not weights.sum() > 0:
            return dict.fromkeys(NUMBERS, np.nan) | {v.EST_KIND: NONE}
        missing = own.kind[rows, column] != Kind.REPORTED
        ahead = bool((own.ahead[rows, column] > 0).any())
        low, high = self.interval(self.draws(area, sex, year)) if missing.any() else (np.nan, np.nan)
        value = float(own.percent[rows, column] @ weights / weights.sum())
        return {
            v.EST_VALUE: value,
            v.EST_LOWER: min(low, value) if missing.any() else value,
            v.EST_UPPER: max(high, value) if missing.any() else value,
            v.EST_SHARE: 100 * float(weights[missing].sum() / weights.sum()),
            v.EST_N_AREAS: float(missing.sum()),
            v.EST_KIND: NOWCAST if ahead else FILLED if missing.any() else REPORTED,
        }

    def interval(self, drawn: Array) -> tuple[float, float]:
        """The ends of the interval of the model's level over draws; NaN if a draw is undefined."""
        outside = (1 - self.estimated.model.simulation.level / 100) / 2
        low, high = np.quantile(drawn, (outside, 1 - outside))
        return float(low), float(high)


def beside(frame: pd.DataFrame, estimates: Mapping[str, GroupEstimates]) -> pd.DataFrame:
    """The group values and levels, or the gaps, with the columns EST_*, which are empty where there is no estimate.

    The level of an economy that reported nothing becomes its estimate, with status E.
    """
    if not len(frame):
        return frame.assign(**{name: pd.Series(dtype="float64") for name in v.ESTIMATES})
    names = [v.EDITION, v.INDICATOR, v.REF_AREA, v.SEX, v.AGE, v.URBANISATION, v.TIME_PERIOD, v.MEMBERSHIP]
    further = [v.OVER, v.REFERENCE, v.COMPARED, v.MEASURE] if v.MEASURE in frame else []
    rows = frame[[*names, *further]].astype({name: object for name in (*names[:6], v.MEMBERSHIP, *further)})
    of_row = _of_gap if further else _of_value
    found = [of_row(row, estimates) for row in rows.to_dict("records")]
    table = pd.DataFrame(found, index=frame.index, columns=list(v.ESTIMATES))
    kinds = pd.Categorical(table[v.EST_KIND].fillna(NONE), categories=[NONE, REPORTED, FILLED, NOWCAST])
    appended = frame.assign(**{name: table[name].astype(float) for name in v.ESTIMATES[:-1]}, **{v.EST_KIND: kinds})
    return appended if further else _filled(appended)


def _of_value(row: Mapping[Any, Any], estimates: Mapping[str, GroupEstimates]) -> dict[str, Any]:
    """The estimate of a group value or a level; empty if there is none."""
    known = _at(row, estimates)
    area, sex, year = str(row[v.REF_AREA]), str(row[v.SEX]), int(row[v.TIME_PERIOD])
    if known is None or not known.knows(area, sex, year):
        return {}
    return {**known.known(area, sex, year), v.EST_LEVEL: known.estimated.model.simulation.level}


def _of_gap(row: Mapping[Any, Any], estimates: Mapping[str, GroupEstimates]) -> dict[str, Any]:
    """The estimate of a gap in one measure, from the draws of its two sides; empty if there is none."""
    known, year = _at(row, estimates), int(row[v.TIME_PERIOD])
    codes = [str(row[v.REFERENCE]), str(row[v.COMPARED])]
    by_sex = row[v.OVER] == v.SEX
    sides = [(str(row[v.REF_AREA]), code) if by_sex else (code, str(row[v.SEX])) for code in codes]
    if known is None or not all(known.knows(area, sex, year) for area, sex in sides):
        return {}
    values = [known.known(area, sex, year) for area, sex in sides]
    people = [known.people(area, sex, year) for area, sex in sides]
    drawn = [known.draws(area, sex, year) for area, sex in sides]
    formula = PAIR_FORMULAE[str(row[v.MEASURE])]
    ends = [np.array([one[v.EST_VALUE]]) for one in values]
    value, (low, high) = float(formula(*ends, *people)[0]), known.interval(formula(*drawn, *people))
    kinds = [one[v.EST_KIND] for one in values]
    kind = next((one for one in (NONE, NOWCAST, FILLED) if one in kinds), REPORTED)
    return {
        v.EST_VALUE: value,
        v.EST_LOWER: min(low, value),
        v.EST_UPPER: max(high, value),
        v.EST_LEVEL: known.estimated.model.simulation.level,
        v.EST_SHARE: max(one[v.EST_SHARE] for one in values),
        v.EST_N_AREAS: max(one[v.EST_N_AREAS] for one in values),
        v.EST_KIND: kind,
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
    comments = frame[v.OBS_COMMENT].astype(object).where(~missing, "estimated by divide: the economy reported nothing")
    status = frame[v.OBS_STATUS].astype(object).where(~missing, v.ESTIMATED)
    return frame.assign(**{
        v.OBS_VALUE: frame[v.OBS_VALUE].where(~missing, frame[v.EST_VALUE]),
        v.OBS_STATUS: pd.Categorical(status),
        v.OBS_COMMENT: pd.Categorical(comments),
    })  # fmt: skip


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
    area, sex, year = zip(*absent, strict=True)
    codes = {v.REF_AREA: area, v.SEX: sex, **{name: [v.TOTAL] * len(absent) for name in dimensions}}
    codes[v.INDICATOR] = [estimated.model.indicator] * len(absent)
    columns_of = {name: pd.Categorical(values, dtype=frame[name].dtype) for name, values in codes.items()}
    empty = {name: np.nan for name in (v.OBS_VALUE, v.DECIMALS, *v.AMOUNTS) if name in frame}
    rows = rows.assign(**columns_of, **empty, **{v.TIME_PERIOD: np.array(year, dtype=frame[v.TIME_PERIOD].dtype)})
    rows[v.OBS_STATUS] = columns.fixed(v.MISSING, v.OBS_STATUS, len(rows))
    rows[v.OBS_COMMENT] = columns.constant("", len(rows))
    return pd.DataFrame({name: columns.stacked([frame[name], rows[name]]) for name in frame})
