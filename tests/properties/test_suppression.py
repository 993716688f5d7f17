"""Properties of secondary suppression: nothing suppressed follows from what is published, and nothing is hidden in vain.

The module under test works with floats in a basis of its own. Here a cell is the set of its atoms (the finest cells), and
what follows is decided by Gaussian elimination in fractions.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from divide_cli.survey.publication import Publish, publish
from divide_cli.survey.suppression import functionals, recoverable, secondary
from tests.survey.by_hand import estimated, prepared

CODES = {"SEX": ["F", "M"], "URBANISATION": ["RUR", "URB"], "AGE": ["Y15T24", "Y25T74", "Y_GE75"]}
Rows = list[list[int]]


def cells_of(dimensions: Sequence[str], tabulations: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    """The total, and the cells of each tabulation."""
    rows = []
    for used in [(), *tabulations]:
        for codes in product(*(CODES[name] for name in used)):
            rows.append(dict.fromkeys(dimensions, "_T") | dict(zip(used, codes, strict=True)))
    return rows


def atoms_in(cells: Sequence[dict[str, str]], dimensions: Sequence[str], unknown: Sequence[str] = ()) -> Rows:
    """For each cell a row of 0 and 1: which atoms it has. `unknown` dimensions have a code that no cell names."""
    finest = list(product(*([*CODES[name], *(["?"] if name in unknown else [])] for name in dimensions)))
    return [
        [int(all(cell[d] in ("_T", code) for d, code in zip(dimensions, atom, strict=True))) for atom in finest]
        for cell in cells
    ]


def rank(rows: Rows) -> int:
    """The rank of whole numbers, without rounding."""
    matrix, found = [[Fraction(x) for x in row] for row in rows], 0
    for column in range(len(matrix[0]) if matrix else 0):
        pivot = next((r for r in range(found, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            continue
        matrix[found], matrix[pivot] = matrix[pivot], matrix[found]
        for r in range(found + 1, len(matrix)):
            factor = matrix[r][column] / matrix[found][column]
            matrix[r] = [x - factor * y for x, y in zip(matrix[r], matrix[found], strict=True)]
        found += 1
    return found


def follows(rows: Rows, published: Sequence[bool], target: int) -> bool:
    """Whether the target is a combination of the published rows."""
    known = [row for row, shown in zip(rows, published, strict=True) if shown]
    return bool(known) and rank([*known, rows[target]]) == rank(known)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[dict[str, str]], np.ndarray, np.ndarray]:
    """Dimensions, cells of some tabulations, which cells are too weak, and their respondents."""
    dimensions = sorted(draw(st.sets(st.sampled_from(sorted(CODES)), min_size=1, max_size=3)))
    every = [used for size in range(1, len(dimensions) + 1) for used in combinations(dimensions, size)]
    cells = cells_of(dimensions, draw(st.lists(st.sampled_from(every), min_size=1, unique=True)))
    weak = draw(st.lists(st.integers(0, 4).map(lambda n: n == 0), min_size=len(cells), max_size=len(cells)))
    sizes = draw(st.lists(st.integers(1, 500), min_size=len(cells), max_size=len(cells)))
    return dimensions, cells, np.array(weak), np.array(sizes, dtype=float)


@given(tables())
@settings(deadline=None)
def test_no_suppressed_value_follows_and_each_further_one_is_needed(case: tuple) -> None:
    dimensions, cells, weak, sizes = case
    withheld = secondary(functionals(cells), weak, np.zeros(len(cells), dtype=bool), sizes)
    rows, shown = atoms_in(cells, dimensions), ~(weak | withheld)
    assert not (weak & withheld).any()
    assert not [cell for at, cell in enumerate(cells) if weak[at] and follows(rows, shown, at)]
    for at in np.flatnonzero(withheld):
        one_more = shown.copy()
        one_more[at] = True
        assert any(follows(rows, one_more, target) for target in np.flatnonzero(weak)), cells[at]
    again = secondary(functionals(cells), weak, np.zeros(len(cells), dtype=bool), sizes)
    assert (again == withheld).all()


@given(tables(), st.data())
@settings(deadline=None)
def test_what_can_be_computed_is_what_is_in_the_row_space(case: tuple, data: st.DataObject) -> None:
    dimensions, cells, weak, _ = case
    wide = sorted(data.draw(st.sets(st.sampled_from(dimensions))))
    rows = atoms_in(cells, dimensions, wide)
    expected = [not weak[at] or follows(rows, ~weak, at) for at in range(len(cells))]
    assert recoverable(functionals(cells, wide), ~weak).tolist() == expected


@given(tables())
@settings(deadline=None)
def test_another_table_has_the_published_values_and_other_suppressed_ones(case: tuple) -> None:
    """What a reader sees does not tell any suppressed value: moving along the null space changes it alone."""
    dimensions, cells, weak, sizes = case
    hidden = weak | secondary(functionals(cells), weak, np.zeros(len(cells), dtype=bool), sizes)
    rows = np.array(atoms_in(cells, dimensions), dtype=float)
    _, lengths, axes = np.linalg.svd(rows[~hidden]) if (~hidden).any() else (None, np.zeros(0), np.eye(rows.shape[1]))
    free = axes[int((lengths > 1e-9).sum()) :]
    people = np.full(rows.shape[1], 50.0)
    for at in np.flatnonzero(weak):
        step = free.T @ (free @ rows[at])
        other = people + 40 * step / np.abs(step).max()
        assert np.allclose(rows[~hidden] @ other, rows[~hidden] @ people)
        assert abs(rows[at] @ (other - people)) > 1e-6
        assert ((other > 0) & (other < 100)).all()  # possible numbers of users among 100 people


def test_the_smallest_cells_are_withheld() -> None:
    """Rural women are too few. The smallest partner in their row and their column, and the fourth corner, must go."""
    cells = cells_of(["SEX", "URBANISATION"], [("SEX",), ("URBANISATION",), ("SEX", "URBANISATION")])
    sizes = np.array([1000.0, 500, 500, 300, 700, 10, 490, 290, 210])
    weak = np.array([cell["SEX"] == "F" and cell["URBANISATION"] == "RUR" for cell in cells])
    withheld = secondary(functionals(cells), weak, np.zeros(9, dtype=bool), sizes)
    names = {(cells[at]["SEX"], cells[at]["URBANISATION"]) for at in np.flatnonzero(withheld)}
    assert names == {("F", "URB"), ("M", "RUR"), ("M", "URB")}


def test_many_people_without_a_code_hide_a_value() -> None:
    """Women alone are suppressed: total minus men tells them, unless many people have no sex in the file."""
    cells = cells_of(["SEX"], [("SEX",)])
    weak, nobody, sizes = np.array([False, True, False]), np.zeros(3, dtype=bool), np.array([60.0, 20, 40])
    assert secondary(functionals(cells), weak, nobody, sizes).tolist() == [False, False, True]
    assert not secondary(functionals(cells, ["SEX"]), weak, nobody, sizes).any()


records = st.lists(
    st.tuples(st.sampled_from("FM"), st.sampled_from(["RUR", "URB"]), st.booleans(), st.integers(1, 3)),
    min_size=30,
    max_size=150,
)
by = st.lists(st.sampled_from(["SEX", "URBANISATION", "SEX:URBANISATION"]), min_size=1, max_size=3, unique=True)


@given(records, by)
@settings(deadline=None)
def test_estimates_of_a_sample_tell_nothing_that_is_withheld(people: list, tabulations: list) -> None:
    """Two strata of ten sampling units. Sums y of the four finest cells; published estimates tell combinations of them."""
    frame = pd.DataFrame(people, columns=["SEX", "URBANISATION", "y", "w"]).assign(x=1.0)
    units = np.arange(len(frame))
    frame = frame.astype({"y": float, "w": float}).assign(stratum=units % 2, psu=units % 20)
    sample = prepared(frame, strata="stratum", stages=["psu"], dimensions=["SEX", "URBANISATION"])
    table = publish(estimated(sample, tabulations), Publish.SUPPRESS).table
    dimensions = sorted({name for one in tabulations for name in one.split(":")})
    cells = table[dimensions].fillna("_T").to_dict("records")
    withheld = (table["OBS_STATUS"] == "Q").to_numpy()
    assert (withheld == (table["OBS_VALUE"].isna() & (table["SAMPLE_SIZE"] > 0)).to_numpy()).all()
    small = ((table["SAMPLE_SIZE"] < 30) & (table["SAMPLE_SIZE"] > 0)).to_numpy()
    assert (withheld | ~small).all()
    rows = atoms_in(cells, dimensions)
    assert not [cell for at, cell in enumerate(cells) if small[at] and follows(rows, ~withheld, at)]
