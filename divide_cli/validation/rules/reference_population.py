"""Persons of any age band, from five-year ages: what weighs the parts of a total in a submission."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.ages import OPEN
from divide_cli.frames.columns import category
from divide_cli.sources.population import Population
from divide_cli.validation.rules.submission import Array, Floats, Submission

_FIVE_YEARS = (*((first, first + 4) for first in range(0, 100, 5)), (100, OPEN))


@dataclass(frozen=True)
class ReferencePopulation:
    """Populations of the areas and years of a submission; arrays are areas (order of CL_AREA) x years."""

    submission: Submission

    @cached_property
    def years(self) -> tuple[int, int]:
        """The first year of the submission and the last."""
        first = int(self.submission.year[0]) - int(self.submission.key[0] % self.submission.years)
        return first, first + self.submission.years - 1

    def counted(self, sex: str, age: str, urbanisation: str) -> Floats:
        """Persons of a breakdown that a source counts; NaN where none does."""
        return _counted(sex, age, urbanisation, self.years)

    def aged(self, sex: str, span: tuple[int, int], uncertainty: float = 0.0) -> tuple[Floats, Floats]:
        """Least and greatest number of persons from the first to the last year of age, both inside.

        A band that cuts a five-year group takes its part of it evenly, give or take `uncertainty` (a fraction of that
        part). NaN where no source counts the area.
        """
        return _aged(sex, span, uncertainty, self.years)

    def cells(self, rows: Array) -> tuple[Array, Array]:
        """The area and the year of each row of the submission, as numbers of these arrays."""
        areas, index = category(v.REF_AREA).categories, self.submission.index[v.REF_AREA]
        number = np.array([areas.get_loc(code) for code in index.codes], dtype=np.intp)
        return number[index.numbers[rows]], self.submission.year[rows].astype(np.intp) - self.years[0]


@cache
def _population() -> Population:
    return Population()


@cache
def _counted(sex: str, age: str, urbanisation: str, years: tuple[int, int]) -> Floats:
    breakdown = {v.SEX: sex, v.AGE: age, v.URBANISATION: urbanisation}
    span = np.arange(years[0], years[1] + 1, dtype=np.int16)
    return np.asarray(_population().table(catalogue().weights["population"], breakdown, span).persons)


@cache
def _aged(sex: str, span: tuple[int, int], uncertainty: float, years: tuple[int, int]) -> tuple[Floats, Floats]:
    low = high = np.zeros((len(category(v.REF_AREA).categories), years[1] - years[0] + 1))
    for first, last in _FIVE_YEARS:
        inside = max(0, min(last, span[1]) - max(first, span[0]) + 1)
        if not inside:
            continue
        persons = _counted(sex, f"Y{first}T{last}" if last != OPEN else f"Y_GE{first}", v.TOTAL, years)
        part = inside / 5 if last != OPEN else float(span[0] <= first and span[1] == OPEN)
        spread = uncertainty if 0 < part < 1 else 0.0
        low = low + persons * part * (1 - spread)
        high = high + persons * np.minimum(part * (1 + spread), 1.0)
    return low, high
