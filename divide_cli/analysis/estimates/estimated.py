"""The estimates of one indicator in one edition: a panel from observations, then values, intervals and draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.estimates import sexes, simulation
from divide_cli.analysis.estimates.model import Estimates, Ints, Kind, Panel, estimate
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.estimates import Estimation
from divide_cli.frames.columns import category
from divide_cli.sources import editions
from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import Population, weight_of

Array = npt.NDArray[np.float64]

FEMALE, MALE = "F", "M"


@dataclass(frozen=True)
class Estimated:
    """The estimates of an indicator: by sex, those of each area (rows) and year (columns).

    `persons` are the people of each sex, NaN where unknown; `donors` the donor group of each area. `distance` is that
    of the sexes, if women and men are estimated; `totals` are then the values of both, in the same years.
    `first` is the year that the columns of nearest values count from.
    """

    model: Estimation
    areas: tuple[str, ...]
    years: tuple[int, ...]
    panel: Panel
    by_sex: Mapping[str, Estimates]
    persons: Mapping[str, Array]
    totals: Estimates
    first: int
    distance: Estimates | None = None

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The row of each area."""
        return {area: row for row, area in enumerate(self.areas)}

    def draws(self, sex: str, column: int) -> Array:
        """The percentages of one sex in one year, draws x areas; reported ones are the same in every draw."""
        own, year = self.by_sex[sex], self.years[column]
        total = simulation.draws(self.totals, self.panel.region, self.model, column, year)
        if sex == v.TOTAL or self.distance is None:
            return total
        error = simulation.errors_of(self.distance.error[:, column], self.panel.region, self.model, year, stream=2)
        share = self.persons[FEMALE][:, column] / (self.persons[FEMALE] + self.persons[MALE])[:, column]
        sides = sexes.split(total, self.distance.percent[:, column] + error, share)
        reported = own.kind[:, column] == Kind.REPORTED
        return np.where(reported, own.percent[:, column], sides[sex == MALE])


def estimated(
    frame: pd.DataFrame, dimensions: Sequence[str], members: Membership, population: Population, model: Estimation
) -> Estimated | None:
    """The estimates for a frame of observations of one edition; None if too few economies report in every year.

    Values by sex need those of both sexes: of the frame, else of the edition that the model names.
    """
    own = _cells(frame, dimensions, model)
    present = [sex for sex in (v.TOTAL, FEMALE, MALE) if len(own[own[v.SEX] == sex])]
    totals = own if v.TOTAL in present else _cells(editions.load(model.sexes.totals).frame, (), model)
    totals = totals[totals[v.SEX] == v.TOTAL]
    if not present or not len(totals):
        return None
    areas = tuple(sorted(members.groups[v.WORLD]))
    first, last = int(totals[v.TIME_PERIOD].min()), int(totals[v.TIME_PERIOD].max())
    years = np.arange(first, last + model.nowcast + 1)
    percent = _matrix(totals, areas, years)
    changes = np.isfinite(percent[:, 1:] - percent[:, :-1]).sum(axis=0)
    if not len(changes) or changes.max() < model.growth.quorum:
        return None
    end = max(int(np.flatnonzero(changes >= model.growth.quorum)[-1]) + 1 + model.nowcast, last - first)
    percent, years = percent[:, : end + 1], years[: end + 1]
    panel = _panel(percent, areas, years, members, model)
    both = estimate(panel, model)
    found = Estimated(
        model, areas, tuple(years.tolist()), panel, {}, _people(areas, years, population, model), both, first
    )
    by_sex = {v.TOTAL: both} if v.TOTAL in present else {}
    if FEMALE in present and MALE in present:
        return _with_sexes(replace(found, by_sex=by_sex), own)
    return replace(found, by_sex=by_sex) if by_sex else None


def _cells(frame: pd.DataFrame, dimensions: Sequence[str], model: Estimation) -> pd.DataFrame:
    """The observations of the model's indicator, by sex, total in every other dimension."""
    rows = ((frame[v.INDICATOR] == model.indicator) & frame[v.OBS_VALUE].notna()).to_numpy()
    for name in (v.AGE, v.URBANISATION, *dimensions):
        rows = rows & (frame[name] == v.TOTAL).to_numpy()
    return frame.loc[rows, [v.REF_AREA, v.SEX, v.TIME_PERIOD, v.OBS_VALUE]]


def _matrix(cells: pd.DataFrame, areas: Sequence[str], years: Ints) -> Array:
    """The values of one sex by area and year; of areas that are not listed none."""
    table = np.full((len(areas), len(years)), np.nan)
    places = pd.Index(areas).get_indexer(pd.Index(cells[v.REF_AREA].cat.categories))
    row, column = places[cells[v.REF_AREA].cat.codes.to_numpy()], cells[v.TIME_PERIOD].to_numpy() - years[0]
    inside = (row >= 0) & (column >= 0) & (column < len(years))
    table[row[inside], column[inside]] = cells[v.OBS_VALUE].to_numpy()[inside]
    return table


def _panel(percent: Array, areas: Sequence[str], years: Ints, members: Membership, model: Estimation) -> Panel:
    """The panel of percentages, without those before a break that is back-cast."""
    income, region = (
        _numbered(areas, members, catalogue().groupings[name].codes) for name in (model.income, model.region)
    )
    covariate = editions.load(model.level.covariate).frame
    gni = np.log(_matrix(covariate, areas, years))
    gni = pd.DataFrame(gni).ffill(axis=1).bfill(axis=1).to_numpy()
    comparable = percent.copy()
    for one in model.breaks:
        if one.treatment == "back_cast" and one.area in areas:
            comparable[areas.index(one.area), years < one.year] = np.nan
    return Panel(comparable, income, region, gni)


def _numbered(areas: Sequence[str], members: Membership, codes: Sequence[str]) -> Ints:
    """The group of each area as a number; the last one for areas of none."""
    numbers = np.full(len(areas), len(codes))
    for number, code in enumerate(codes):
        numbers[np.isin(areas, list(members.groups.get(code, ())))] = number
    return numbers


def _people(areas: Sequence[str], years: Ints, population: Population, model: Estimation) -> dict[str, Array]:
    """The people of both sexes, of women and of men, by area and year."""
    rows = category(v.REF_AREA).categories.get_indexer(pd.Index(areas))
    totals, weight = dict.fromkeys(v.DIMENSIONS, v.TOTAL), weight_of(model.indicator)
    return {
        sex: population.table(weight, {**totals, v.SEX: sex}, years.astype(np.int16)).persons[rows]
        for sex in (v.TOTAL, FEMALE, MALE)
    }


def _with_sexes(found: Estimated, cells: pd.DataFrame) -> Estimated:
    """The same with women and men in the years that they are reported in, and one more."""
    years = np.array(found.years)
    women, men = (_matrix(cells[cells[v.SEX] == sex], found.areas, years) for sex in (FEMALE, MALE))
    distance = sexes.distances(found.panel, women, men, found.model)
    people, model = found.persons, found.model
    share = people[FEMALE] / (people[FEMALE] + people[MALE])
    spread = np.clip(found.totals.percent, model.nearest, 100 - model.nearest) / 100
    noise = np.where(distance.error > 0, model.sexes.noise / (spread * (1 - spread)), 0.0)
    distance = replace(distance, error=np.hypot(distance.error, noise))
    values = sexes.split(found.totals.percent, distance.percent, share)
    sides = {
        sex: _side(own, value, distance, found)
        for sex, own, value in zip((FEMALE, MALE), (women, men), values, strict=True)
    }
    first, last = np.flatnonzero(np.isfinite(women).any(axis=0))[[0, -1]]
    keep = slice(int(first), int(last) + model.nowcast + 1)
    if v.TOTAL in found.by_sex:
        return replace(found, by_sex={**found.by_sex, **sides}, distance=distance)
    return _cut(replace(found, by_sex=sides, distance=distance), keep)


def _side(own: Array, value: Array, distance: Estimates, found: Estimated) -> Estimates:
    """The values of one sex: those reported, else those that fit both sexes together and their distance.

    The error is that of both together and half the distance's, for intervals of economies; groups use draws.
    """
    reported = np.isfinite(own)
    totals = found.totals
    error = np.where(reported, 0.0, np.hypot(totals.error, distance.error / 2))
    return Estimates(
        percent=np.where(reported, own, value),
        kind=np.where(reported, Kind.REPORTED, np.where(totals.kind == Kind.REPORTED, distance.kind, totals.kind)),
        error=error,
        steps=np.where(reported, 0, np.where(totals.kind == Kind.REPORTED, distance.steps, totals.steps)),
        ahead=np.where(reported, 0, np.maximum(totals.ahead, distance.ahead)),
        origin=np.where(reported, -1, np.where(totals.kind == Kind.REPORTED, distance.origin, totals.origin)),
        growth=totals.growth,
    )


def _cut(found: Estimated, keep: slice) -> Estimated:
    """The same in some of the years."""

    def part(one: Estimates) -> Estimates:
        """Its columns of these years."""
        return Estimates(**{name: table[:, keep] for name, table in vars(one).items()})

    panel = replace(found.panel, percent=found.panel.percent[:, keep], covariate=found.panel.covariate[:, keep])
    return replace(
        found,
        years=found.years[keep],
        panel=panel,
        by_sex={sex: part(one) for sex, one in found.by_sex.items()},
        persons={sex: people[:, keep] for sex, people in found.persons.items()},
        totals=part(found.totals),
        distance=part(found.distance) if found.distance else None,
    )
