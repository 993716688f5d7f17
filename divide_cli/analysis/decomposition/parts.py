"""The parts of group values: what each economy reports in a cell, and what weighs it.

A cell is an indicator, a breakdown and a year. Arrays have the shape (cells, areas), with the areas of the codelist.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.decomposition.shapley import State
from divide_cli.frames import columns
from divide_cli.frames.columns import Array
from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import Population, people_behind


@dataclass(frozen=True)
class Figures:
    """The figures of economies in cells: values, whether they are estimates, weights, and the row of each in the frame.

    A value that is not reported, or a weight that is not known, is NaN; `rows` is -1 without an observation.
    """

    cells: pd.DataFrame
    values: Array
    estimates: Array
    weights: Array
    rows: Array

    def state(self, groups: Sequence[str], cells: Array, members: Membership) -> State:
        """The state of group values, each of a group in a cell."""
        codes, areas = list(dict.fromkeys(groups)), len(columns.category(v.REF_AREA).categories)
        inside = np.array([columns.areas_in(members.groups.get(code, ())) for code in codes]).reshape(-1, areas)
        of_group = np.array([codes.index(code) for code in groups], dtype=np.int64)
        return State(self.values[cells], self.weights[cells], inside[of_group], self.estimates[cells])


def figures(frame: pd.DataFrame, cells: pd.DataFrame, dimensions: Sequence[str], population: Population) -> Figures:
    """The figures of the economies of `frame` in the cells: columns INDICATOR, the breakdowns and TIME_PERIOD."""
    names = [v.INDICATOR, *v.DIMENSIONS, *dimensions, v.TIME_PERIOD]
    both = pd.DataFrame({name: columns.stacked([cells[name], frame[name]]) for name in names})
    key = columns.composite_key(both, names)
    cell = pd.Index(key[: len(cells)]).get_indexer(pd.Index(key[len(cells) :]))
    row = np.flatnonzero(cell >= 0)
    at = cell[row], frame[v.REF_AREA].cat.codes.to_numpy()[row]
    shape = len(cells), len(columns.category(v.REF_AREA).categories)
    values, estimates, rows = np.full(shape, np.nan), np.zeros(shape, dtype=bool), np.full(shape, -1)
    values[at] = frame[v.OBS_VALUE].to_numpy()[row]
    estimates[at] = (frame[v.OBS_STATUS] == v.ESTIMATED).to_numpy()[row] & ~np.isnan(values[at])
    rows[at] = row
    if not len(cells):
        return Figures(cells, values, estimates, values.copy(), rows)
    people = people_behind(cells, dimensions, population)
    return Figures(cells, values, estimates, people.persons[people.table, :, people.year], rows)
