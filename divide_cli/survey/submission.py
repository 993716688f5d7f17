"""The submission: published estimates -> canonical observations, and the covariances of subgroups.

Each row has its value with standard error, interval, degrees of freedom, respondents, people and design effect. It
says in OBS_COMMENT whom it is about, the reference period, what became of missing answers, and the publication rules
that it breaks. Indicators that the catalogue does not have are in the estimates only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames.columns import category
from divide_cli.frames.observations import Observations
from divide_cli.language import clauses, commas, counted, later, say
from divide_cli.survey.design import HOUSEHOLDS, Design, Range, listed
from divide_cli.survey.publication import remarks
from divide_cli.survey.tabulation import Tabulation

NUMBERS = (*v.AMOUNTS, *v.SAMPLE)
"""The numbers that each row has besides its value."""
COUNTS = (v.SAMPLE_SIZE, v.N_PSU, v.N_STRATA)
DECIMALS = 6
"""Decimals of a submission: more than any survey can give, so that nothing is lost, and no more than rules accept."""
RELATIVE = 0.05
"""How far from 1 the mean weight is at most if weights do not count people."""
COVARIANCE_COLUMNS = (
    v.INDICATOR, v.OVER, v.REF_AREA, v.TIME_PERIOD, v.SUBGROUP, v.OTHER_SUBGROUP, v.COVARIANCE,
)  # fmt: skip


def observations(tabulation: Tabulation) -> Observations:
    """The estimates of indicators of the catalogue as observations, sorted by indicator, tabulation and codes."""
    rows = of_catalogue(tabulation.table)
    frame = estimates(tabulation).loc[rows].reset_index(drop=True)
    frame = frame.round({name: DECIMALS for name in (v.OBS_VALUE, *NUMBERS) if name not in COUNTS})
    further = tuple(name for name in tabulation.dimensions if name not in v.DIMENSIONS)
    return Observations(frame.drop(columns=[v.KIND, v.TABULATION, v.RULES]), further, ())


def of_catalogue(table: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The rows of indicators that the catalogue has, in the unit that it has them in."""
    return np.array([
        name in catalogue().indicators and not (kind == "total" and catalogue().indicators[name].unit == "PT")
        for name, kind in zip(table[v.INDICATOR], table[v.KIND], strict=True)
    ])  # fmt: skip


def estimates(tabulation: Tabulation) -> pd.DataFrame:
    """All estimates in the columns of observations, with KIND, TABULATION and RULES."""
    table, design = tabulation.table, tabulation.design
    size = len(table)
    people = "" if weights_count_people(tabulation) else v.POPULATION
    columns: dict[str, Any] = {
        v.REF_AREA: [design.area] * size,
        v.INDICATOR: list(table[v.INDICATOR]),
        **{name: _codes(table, name) for name in tabulation.dimensions},
        v.TIME_PERIOD: np.full(size, design.year, dtype=np.int16),
        v.OBS_VALUE: table[v.OBS_VALUE].to_numpy(dtype=np.float64),
        v.UNIT_MEASURE: [
            unit_of(design, name, kind) for name, kind in zip(table[v.INDICATOR], table[v.KIND], strict=True)
        ],
        v.OBS_STATUS: list(table[v.OBS_STATUS]),
        v.OBS_COMMENT: comments(tabulation),
        **{name: np.full(size, np.nan) if name == people else _numbers(table, name) for name in NUMBERS},
        v.KIND: list(table[v.KIND]),
        v.TABULATION: list(table[v.TABULATION]),
        v.RULES: list(table[v.RULES]),
    }
    columns[v.CI_LOWER] = np.maximum(
        columns[v.CI_LOWER], _lowest(design, columns[v.INDICATOR], columns[v.UNIT_MEASURE])
    )
    columns[v.CI_LEVEL] = np.where(np.isnan(columns[v.CI_LOWER]), np.nan, columns[v.CI_LEVEL])
    columns[v.DEGREES_OF_FREEDOM] = np.where(columns[v.DEGREES_OF_FREEDOM] >= 1, columns[v.DEGREES_OF_FREEDOM], np.nan)
    return pd.DataFrame({name: _typed(name, column) for name, column in columns.items()})


def _lowest(design: Design, indicators: Sequence[str], units: Sequence[str]) -> Any:
    """The lowest value that each estimate can have: no number of people is negative, but a change of income may be."""
    known, entries = catalogue().indicators, catalogue().units
    signed = {name for name, measured in design.indicators.items() if name not in known and not measured.is_answer}
    lowest = [
        entries[unit].minimum if unit in entries and name not in signed else None
        for name, unit in zip(indicators, units, strict=True)
    ]
    return np.array([-np.inf if least is None else least for least in lowest], dtype=np.float64)


def _codes(table: pd.DataFrame, name: str) -> list[str]:
    return list(table[name].fillna(v.TOTAL).astype(str)) if name in table else [v.TOTAL] * len(table)


def _numbers(table: pd.DataFrame, name: str) -> Any:
    values = table[name].to_numpy(dtype=np.float64)
    return pd.array(values, dtype="Int64") if name in COUNTS else values


def _typed(name: str, column: Any) -> Any:
    """Codes as categories in the order of their list, if all are listed there; numbers as they are."""
    if not isinstance(column, list):
        return column
    listed_codes = category(name) if name in (*v.KEY, v.UNIT_MEASURE, v.OBS_STATUS) else None
    closed = listed_codes is not None and set(column) <= set(listed_codes.categories)
    return pd.Categorical(column, dtype=listed_codes if closed else None)


def unit_of(design: Design, indicator: str, kind: str) -> str:
    """The unit of an estimate: that of the design, else of the catalogue, else percent for shares."""
    entry = catalogue().indicators.get(indicator)
    if unit := design.indicators[indicator].unit_measure:
        return str(unit)
    if entry is not None and not (kind == "total" and entry.unit == "PT"):
        return entry.unit
    if kind == "total":
        return "NUMBER" if design.unit_of(indicator) == HOUSEHOLDS else v.PERSONS
    return "PT" if kind == "share" else "NUMBER"


def weights_count_people(tabulation: Tabulation) -> bool:
    """Whether the weights sum to people; relative weights have a mean of 1 over the sample."""
    table = tabulation.table
    whole = table[table[v.TABULATION] == ""]
    respondents = whole[v.SAMPLE_SIZE].to_numpy(dtype=np.float64)
    people = whole[v.POPULATION].to_numpy(dtype=np.float64)
    if tabulation.design.weight is None or not (respondents > 0).any():
        return False
    return bool(abs(people.sum() / respondents.sum() - 1) > RELATIVE)


def comments(tabulation: Tabulation) -> list[str]:
    """Whom each estimate is about, its period and its missing answers, after the rules that it breaks."""
    of_indicator = {name: clauses(about(tabulation.design, name)) for name in tabulation.design.indicators}
    table = tabulation.table
    return [
        clauses(filter(None, (remark, of_indicator[name])))
        for remark, name in zip(remarks(table), table[v.INDICATOR], strict=True)
    ]


def about(design: Design, name: str) -> list[str]:
    """The scope, the reference period and the treatment of missing answers of an indicator, in words."""
    measured = design.indicators[name]
    filtered = [
        say("{variable} {values}", variable=variable, values=_values(values))
        for variable, values in measured.filter.items()
    ]
    missing = {"exclude": later("missing answers left out"), "no": later("missing answers counted as no")}
    return [
        scope(design, name),
        *([say("of {conditions}", conditions=commas(filtered))] if filtered else []),
        *([say("reference period: {period}", period=measured.period)] if measured.period else []),
        say(missing[design.missing_of(name)]),
        *([design.survey.name] if design.survey.name else []),
    ]


def scope(design: Design, name: str) -> str:
    """Whom an indicator is about: `persons aged 15 to 74`, `households`, or the population that the design names."""
    ages = design.indicators[name].ages or design.ages
    if design.unit_of(name) == HOUSEHOLDS:
        return say("households")
    if not ages:
        return design.survey.population or say("persons")
    first, last = ages
    if not first and not last:
        return say("persons of all ages")
    if last is None:
        return persons_from(first or 0)
    return (
        counted(last, "persons aged {first} to {number}", "persons aged {first} to {number}", first=first)
        if first
        else counted(last, "persons aged up to {number}", "persons aged up to {number}")
    )


def persons_from(age: int) -> str:
    """`persons aged 15 and over`."""
    return counted(age, "persons aged {number} and over", "persons aged {number} and over")


def _values(values: Any) -> str:
    """The values of a filter: `1 or 2`, `15 to 74`."""
    if not isinstance(values, Range):
        return say(" or ").join(map(str, listed(values)))
    if values.at_most is None:
        return say("{first} and over", first=values.at_least)
    if not values.at_least:
        return say("up to {last}", last=values.at_most)
    return say("{first} to {last}", first=values.at_least, last=values.at_most)


def covariances(tabulation: Tabulation) -> pd.DataFrame:
    """The covariances of the subgroups of each dimension, in the columns that `divide measure --covariance` reads.

    Withheld estimates have none. Tabulations of several dimensions have none: a query of `measure` is over one.
    """
    rows: list[Mapping[str, Any]] = []
    table, design = tabulation.table, tabulation.design
    for (indicator, over), matrix in tabulation.published.estimates.covariances.items():
        if not over or ":" in over or indicator not in catalogue().indicators:
            continue
        codes = list(table.loc[(table[v.INDICATOR] == indicator) & (table[v.TABULATION] == over), over])
        for one, other in zip(*np.triu_indices(len(codes)), strict=True):
            if not np.isnan(matrix[one, other]):
                values = (indicator, over, design.area, design.year, codes[one], codes[other], matrix[one, other])
                rows.append(dict(zip(COVARIANCE_COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(COVARIANCE_COLUMNS))
