"""Secondary suppression: the further estimates that are withheld so that no suppressed one follows from the others.

An estimate of a table stands for a number of people (or an amount): the weighted sum of y over its cell. A reader is
assumed to know the people of every cell, published or not, so that a share tells the sum, and the sum the share. Sums
add up: the total is the sum over the codes of a dimension, and so is each cell of a table with one dimension less. All
that can be computed from published estimates by adding and subtracting is the row space of their functionals. A
suppressed estimate is safe if its functional is not in it.

Functionals are written in the basis of the table: for each dimension "all people" and every code but the last. The last
code is all people minus the others, unless many people have no code. So the coefficients are 0, 1 and -1.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v
from divide_cli.frames.columns import Array, Mask

Cell = Mapping[str, str]
"""Dimension -> code of one estimate; `_T` where it is not broken down."""
Coefficients = npt.NDArray[np.float64]
"""Functionals of estimates: a row for each, a column for each element of the basis."""

EXACT = 1e-7
"""The distance from the row space below which a functional is in it. Of such whole numbers, others are farther."""


def functionals(cells: Sequence[Cell], rests: Sequence[str] = ()) -> Coefficients:
    """The functional of each estimate in the basis of the table, shape (estimates, elements).

    In the dimensions of `rests` so many people have no code that the codes do not add up to the total.
    """
    dimensions = sorted({name for cell in cells for name in cell})
    codes = {name: sorted({cell[name] for cell in cells if cell[name] != v.TOTAL}) for name in dimensions}
    terms = [_terms(cell, codes, rests) for cell in cells]
    place = {element: at for at, element in enumerate(sorted({element for one in terms for element in one}))}
    matrix = np.zeros((len(cells), len(place)))
    for row, one in enumerate(terms):
        for element, coefficient in one.items():
            matrix[row, place[element]] = coefficient
    return matrix


def _terms(cell: Cell, codes: Mapping[str, Sequence[str]], rests: Sequence[str]) -> dict[tuple[str, ...], float]:
    """The elements of the basis that a cell consists of, with their coefficients: a product over its dimensions."""
    factors: list[dict[str, float]] = []
    for name, known in codes.items():
        code = cell[name]
        last = code != v.TOTAL and code == known[-1] and name not in rests
        factors.append({v.TOTAL: 1.0, **dict.fromkeys(known[:-1], -1.0)} if last else {code: 1.0})
    elements = product(*(factor.items() for factor in factors))
    return {tuple(code for code, _ in one): float(np.prod([value for _, value in one])) for one in elements}


def recoverable(matrix: Coefficients, published: Mask) -> Mask:
    """Whether each estimate can be computed from the published ones, which trivially can.

    It can if its functional is in the row space of theirs.
    """
    inside = published.copy()
    hidden = np.flatnonzero(~published)
    if len(hidden) and published.any():
        inside[hidden] = _distance(matrix[published], matrix[hidden]) < EXACT
    return inside


def _distance(rows: Coefficients, others: Coefficients) -> Array:
    """The distance of each of the others from the row space."""
    _, lengths, axes = np.linalg.svd(rows, full_matrices=False)
    axes = axes[lengths > EXACT]
    return np.asarray(np.linalg.norm(others - others @ axes.T @ axes, axis=1))


def secondary(matrix: Coefficients, primary: Mask, empty: Mask, loss: Array) -> Mask:
    """The further estimates to withhold, so that no primary one can be computed; False for the primary ones.

    While one can be, the estimate with the least `loss` among those that it is computed from is withheld, the first of
    equals. Then each, the one with the greatest loss first, is published after all if that reveals no primary one.
    `empty` cells have nobody: they are known to be 0 and cannot be withheld. No primary estimate is one of them.
    """
    withheld = np.zeros(len(primary), dtype=bool)
    order = np.lexsort((np.arange(len(loss)), loss))
    while (sources := _sources(matrix, primary, withheld) & ~empty).any():
        withheld[order[sources[order]][0]] = True
    for row in order[::-1]:
        if withheld[row]:
            withheld[row] = False
            withheld[row] = bool(len(_revealed(matrix, primary, withheld)))
    return withheld


def _revealed(matrix: Coefficients, primary: Mask, withheld: Mask) -> npt.NDArray[np.intp]:
    """The primary estimates that can be computed from what is published."""
    return np.flatnonzero(primary & recoverable(matrix, ~(primary | withheld)))


def _sources(matrix: Coefficients, primary: Mask, withheld: Mask) -> Mask:
    """The published estimates that the first revealed one is a combination of, that with the least squares."""
    published, sources = ~(primary | withheld), np.zeros(len(primary), dtype=bool)
    if len(revealed := _revealed(matrix, primary, withheld)):
        weights = np.linalg.lstsq(matrix[published].T, matrix[revealed[0]], rcond=None)[0]
        sources[published] = np.abs(weights) > EXACT
    return sources
