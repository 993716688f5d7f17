"""Microdata -> cells: sums by stratum, sampling unit and breakdown, in one group-by that every engine runs.

Estimates and their variances need only these sums, so the rows stay where they are. With the weight w and amounts x and
y of a row, a cell has the number of rows, that of rows with x other than 0, and sums of products: w, wx, wy, of second
degree for design effects, and with w^2 for samples of persons. Products are columns before they are summed: not all
engines sum expressions. Replicate weights are further weights, in further group-bys. Cells are sorted, so that later
sums do not depend on the order of an engine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add, mul
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli.survey import engines
from divide_cli.survey.design import Replicates
from divide_cli.survey.variables import Prepared, Quantity

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Product = tuple[str, ...]
"""The columns that are multiplied: () is 1, and so is the factor `#x`, but 0 where x is 0."""
Lazy: TypeAlias = nw.LazyFrame[Any]
Collect = Callable[[Lazy], pd.DataFrame]
ROWS: Product = ()
NONZERO = "#"
SUM, POPULATION, WHOLE = "divide_sum_", "divide_population_", "divide_whole"
FLAG, MIXTURE = "divide_flag_", "divide_mixture"
WIDEST = 64
"""The most products in one group-by: each is a column as long as the microdata."""
MOST_WEIGHTS = 4_000_000
"""The most replicate weights whose rank is taken; of more, sums of rows are."""
SEED = 2026


class Kind(StrEnum):
    """What is estimated of amounts y and x: a share or mean y / x with x of 0 or 1, a ratio y / x, a total of y."""

    SHARE = "share"
    MEAN = "mean"
    TOTAL = "total"
    RATIO = "ratio"


@dataclass(frozen=True)
class Replicated:
    """Replicate weights of the microdata, for their rank: rows with equal weights and breakdowns are one.

    weights: shape (rows, replicates). counted: denominator -> whether it is not 0.
    """

    design: Replicates
    weights: Floats
    breakdowns: pd.DataFrame
    counted: Mapping[str, Mask]


@dataclass(frozen=True)
class Cells:
    """Sums of the microdata by stratum, sampling unit and breakdown, sorted in this order.

    sums: product -> shape (cells,). breakdowns: a column of codes for each dimension, one row a cell. levels: cell ->
    its unit, from strata (level 0) to the units of the last stage that counts. populations: level k -> the number of
    units of level k + 1 in the population, one for each unit of level k. strata: their codes, one for each.
    """

    weight: str
    quantities: tuple[Quantity, ...]
    sums: Mapping[Product, Floats]
    breakdowns: pd.DataFrame
    levels: tuple[Codes, ...]
    populations: tuple[Floats, ...]
    strata: tuple[str, ...]
    persons: bool
    designed: bool
    replicated: Replicated | None = None

    def sum(self, *columns: str, weight: str = "", power: int = 1) -> Floats:
        """The sum of the columns' product in each cell, times a power of the weight."""
        return self.sums[tuple(sorted((weight or self.weight,) * power + columns))]

    def counted(self, quantity: Quantity, power: int = 0) -> Floats:
        """The number of rows of the denominator in each cell, or the sum of a power of their weights."""
        return self.sum(*counts(quantity)[0], power=power)

    def positive(self, quantity: Quantity) -> Floats:
        """The number of rows of the numerator in each cell."""
        return self.sum(*counts(quantity)[1], power=0)

    def second_degree(self, quantity: Quantity, power: int = 1) -> tuple[Floats, Floats, Floats]:
        """The sums of x^2, xy and y^2 in each cell, times a power of the weight."""
        xx, xy, yy = (self.sum(*product, power=power) for product in second_degree(quantity))
        return xx, xy, yy


def counts(quantity: Quantity) -> tuple[Product, Product]:
    """The products that count rows of the denominator, and rows of the numerator: x and y themselves, if 0 or 1."""
    x, y = quantity.denominator, quantity.numerator
    counted = (NONZERO + x,) if quantity.kind == Kind.RATIO else (x,)
    return counted, (y,) if quantity.kind == Kind.SHARE else (NONZERO + y,)


def second_degree(quantity: Quantity) -> tuple[Product, Product, Product]:
    """x^2, xy and y^2 as products: x^2 = x and xy = y where x is 0 or 1, and y^2 = y for a share."""
    x, y = quantity.denominator, quantity.numerator
    if quantity.kind == Kind.RATIO:
        return (x, x), (x, y), (y, y)
    return (x,), (y,), (y,) if quantity.kind == Kind.SHARE else (y, y)


def persons_drawn(prepared: Prepared) -> bool:
    """Whether the units of the last stage are the rows themselves."""
    return not prepared.stages or len(prepared.populations) > len(prepared.stages)


def products_of(prepared: Prepared) -> list[Product]:
    """The products that the quantities need, each once, their columns in order; those of replicate weights last."""
    weight, persons = prepared.weight, persons_drawn(prepared) and not prepared.replicates
    products: list[Product] = [ROWS]
    for quantity in prepared.quantities:
        x, y = quantity.denominator, quantity.numerator
        counted, positive = counts(quantity)
        products += [counted, positive, (weight, *counted), (weight, x), (weight, y)]
        products += [(weight, *product) for product in second_degree(quantity)]
        products += [(weight, weight, *product) for product in second_degree(quantity) if persons]
    for column in prepared.replicates.columns if prepared.replicates else ():
        products += [(column, amount) for q in prepared.quantities for amount in (q.denominator, q.numerator)]
    return list(dict.fromkeys(tuple(sorted(product)) for product in products))


def keys_of(prepared: Prepared, dimensions: Iterable[str]) -> tuple[list[str], list[str]]:
    """The columns of strata and stages, and those of breakdowns, that tell cells apart.

    A stage after the first counts only if finite populations are known up to it (else ultimate clusters). Replicate
    weights stand for strata and stages.
    """
    breakdowns = [prepared.breakdowns[name] for name in dimensions]
    if prepared.replicates:
        return [], breakdowns
    stages = prepared.stages[: max(len(prepared.populations), 1)]
    return [*([prepared.strata] if prepared.strata else []), *stages], breakdowns


def plan(prepared: Prepared, dimensions: Sequence[str], products: Sequence[Product]) -> Lazy:
    """A group-by, not run yet: keys, one sum for each product by its place, and the populations."""
    keys = distinct(*keys_of(prepared, dimensions))
    whole = [] if keys else [nw.lit(0).alias(WHOLE)]
    populations = () if prepared.replicates else prepared.populations
    amounts = [expression(product).alias(f"{SUM}{k}") for k, product in enumerate(products)]
    counts = [nw.col(column).alias(f"{POPULATION}{k}") for k, column in enumerate(populations)]
    narrow = prepared.frame.select(*keys, *whole, *amounts, *counts)
    return narrow.group_by(*(keys or [WHOLE])).agg(
        *(nw.col(f"{SUM}{k}").sum() for k in range(len(products))),
        *(nw.col(f"{POPULATION}{k}").max() for k in range(len(populations))),
    )


def distinct(*parts: Iterable[str]) -> list[str]:
    """The names, each once, in order: a stratum may be a breakdown too."""
    return list(dict.fromkeys(name for part in parts for name in part))


def expression(product: Product) -> nw.Expr:
    """The product of the columns."""
    return reduce(mul, (factor(column) for column in product)) if product else nw.lit(1.0)


def factor(column: str) -> nw.Expr:
    """A column, or 1 where it is not 0."""
    if column.startswith(NONZERO):
        return (nw.col(column.removeprefix(NONZERO)) != 0).cast(nw.Float64)
    return nw.col(column)


def sums(prepared: Prepared, dimensions: Sequence[str], collect: Collect = engines.collect) -> Cells:
    """The cells of the microdata by all dimensions at once."""
    products, values = products_of(prepared), dict[Product, Floats]()
    designed, breakdowns = keys_of(prepared, dimensions)
    table = pd.DataFrame()
    for start in range(0, len(products), WIDEST):
        chosen = products[start : start + WIDEST]
        table = collect(plan(prepared, dimensions, chosen))
        table = table.sort_values(distinct(designed, breakdowns) or [WHOLE], ignore_index=True)
        values |= {product: table[f"{SUM}{k}"].to_numpy(dtype=np.float64) for k, product in enumerate(chosen)}
    stratified = prepared.strata is not None and not prepared.replicates
    levels = levels_of(table, designed, stratified=stratified)
    return Cells(
        weight=prepared.weight,
        quantities=prepared.quantities,
        sums=values,
        breakdowns=breakdowns_of(table, prepared, dimensions),
        levels=levels,
        populations=() if prepared.replicates else populations_of(table, levels, len(prepared.populations)),
        strata=tuple(table[prepared.strata].iloc[begins_of(levels[0])].astype(str)) if stratified else ("",),
        persons=persons_drawn(prepared),
        designed=bool(prepared.strata or prepared.stages or prepared.populations or prepared.replicates),
        replicated=replicated(prepared, dimensions, values[ROWS].sum(), collect),
    )


def replicated(prepared: Prepared, dimensions: Sequence[str], rows: float, collect: Collect) -> Replicated | None:
    """The distinct rows of replicate weights; None if the survey has none.

    A mixture of its weights with factors drawn at random (always the same) tells rows apart: replicates made from
    orthogonal arrays cancel in regular ones. If the microdata have more than MOST_WEIGHTS, the mixture modulo a number
    scatters the rows over so many sums that the rank stays.
    """
    if not prepared.replicates:
        return None
    columns = list(prepared.replicates.columns)
    factors = np.random.default_rng(SEED).random(len(columns)).tolist()
    mixture = reduce(add, (nw.col(column) * share for column, share in zip(columns, factors, strict=True)))
    most = MOST_WEIGHTS // len(columns)
    mixture = mixture if rows <= most else (mixture * 1e6 % most).cast(nw.Int64)
    denominators = sorted({quantity.denominator for quantity in prepared.quantities})
    flags = {column: f"{FLAG}{k}" for k, column in enumerate(denominators)}
    keys = [*distinct(prepared.breakdowns[name] for name in dimensions), *flags.values(), MIXTURE]
    narrow = prepared.frame.with_columns(
        *(factor(NONZERO + column).alias(flag) for column, flag in flags.items()), mixture.alias(MIXTURE)
    ).select(*keys, *columns)
    table = collect(narrow.group_by(*keys).agg(*(nw.col(column).sum() for column in columns)))
    table = table.sort_values(keys, ignore_index=True)
    return Replicated(
        prepared.replicates,
        table[columns].to_numpy(dtype=np.float64),
        breakdowns_of(table, prepared, dimensions),
        {column: table[flag].to_numpy() > 0 for column, flag in flags.items()},
    )


def breakdowns_of(table: pd.DataFrame, prepared: Prepared, dimensions: Sequence[str]) -> pd.DataFrame:
    """The codes of the dimensions, as text."""
    columns = {name: table[prepared.breakdowns[name]] for name in dimensions}
    return pd.DataFrame(
        {
            name: np.array(prepared.codes[name])[column.to_numpy(dtype=np.int64)] if name in prepared.codes else column
            for name, column in columns.items()
        },
        index=table.index,
    ).astype(str)


def levels_of(table: pd.DataFrame, keys: Sequence[str], *, stratified: bool) -> tuple[Codes, ...]:
    """Cell -> unit, by level: a unit begins where a key of its level or of one above changes. Keys are sorted."""
    begins = np.zeros(len(table), dtype=bool)
    levels = [] if stratified else [np.zeros(len(table), dtype=np.int64)]
    for key in keys:
        column = table[key].to_numpy()
        begins[1:] |= column[1:] != column[:-1]
        levels.append(np.cumsum(begins))
    return tuple(levels) or (np.zeros(len(table), dtype=np.int64),)


def begins_of(units: Codes) -> Codes:
    """The first cell of each unit."""
    return np.flatnonzero(np.diff(units, prepend=-1))


def summed(places: Codes, amounts: Floats, number: int = 0) -> Floats:
    """Sums of the amounts by place 0, 1 ..., at least so many."""
    return np.bincount(places, amounts, number).astype(np.float64)


def populations_of(table: pd.DataFrame, levels: Sequence[Codes], stages: int) -> tuple[Floats, ...]:
    """The number of units in the population within each unit of a level, by level; it is the same in all its cells."""
    columns = [table[f"{POPULATION}{k}"].to_numpy(dtype=np.float64) for k in range(stages)]
    return tuple(column[begins_of(levels[k])] for k, column in enumerate(columns))
