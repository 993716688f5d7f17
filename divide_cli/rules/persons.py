"""Persons of any age band, from five-year ages: what weighs the parts of a total in a submission."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from divide_cli import vocab as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.ages import OPEN
from divide_cli.frames import category
from divide_cli.rules.table import Array, Floats, Table
from divide_cli.weights import Population

_FIVE_YEARS = (*((first, first + 4) for first in range(0, 100, 5)), (100, OPEN))


@dataclass(frozen=True)
class Persons:
    """Populations of the areas and years of a submission; arrays are areas (order of CL_AREA) x years."""

    table: Table

    @cached_property
    def years(self) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
        """All years from the first of the submission to the last."""
        year = self.table.year
        return np.arange(int(year.min()), int(year.max()) + 1, dtype=np.int16)

    @cached_property
    def _population(self) -> Population:
        return Population()

    def counted(self, sex: str, age: str, urbanisation: str) -> Floats:
        """Persons of a breakdown that a source counts; NaN where none does."""
        breakdown = {v.SEX: sex, v.AGE: age, v.URBANISATION: urbanisation}
        return np.asarray(self._population.table(catalogue().weights["population"], breakdown, self.years).persons)

    @cached_property
    def _cache(self) -> dict[str, Floats]:
        return {}

    def _groups(self, sex: str) -> Floats:
        """Persons of the 21 five-year groups: groups x areas x years."""
        if sex not in self._cache:
            codes = [f"Y{first}T{last}" if last != OPEN else f"Y_GE{first}" for first, last in _FIVE_YEARS]
            self._cache[sex] = np.stack([self.counted(sex, code, v.TOTAL) for code in codes])
        return self._cache[sex]

    def aged(self, sex: str, span: tuple[int, int], uncertainty: float = 0.0) -> tuple[Floats, Floats]:
        """Least and greatest number of persons from the first to the last year of age, both inside.

        A band that cuts a five-year group takes its part of it evenly, give or take `uncertainty` (a fraction of that
        part). NaN where no source counts the area.
        """
        low = high = np.zeros((len(category(v.REF_AREA).categories), len(self.years)))
        for (first, last), persons in zip(_FIVE_YEARS, self._groups(sex), strict=True):
            inside = max(0, min(last, span[1]) - max(first, span[0]) + 1)
            if not inside:
                continue
            part = inside / 5 if last != OPEN else float(span[0] <= first and span[1] == OPEN)
            spread = uncertainty if 0 < part < 1 else 0.0
            low = low + persons * part * (1 - spread)
            high = high + persons * np.minimum(part * (1 + spread), 1.0)
        return low, high

    def rows(self, places: Array) -> tuple[Array, Array]:
        """The row and the column of each place in these arrays."""
        known = category(v.REF_AREA).categories
        digit = self.table.digits[v.REF_AREA]
        at = np.array([known.get_loc(code) for code in digit.codes], dtype=np.intp)
        return at[digit.places[places]], self.table.year[places].astype(np.intp) - int(self.years[0])
