"""Publication rules: estimates -> those that may be published, with the rules that the others break.

The rules are data (data/catalogue/publication_rules.yaml). An estimate that breaks one is flagged (OBS_STATUS U), or
suppressed (Q) together with further estimates that would tell it (module `suppression`). A suppressed row keeps the
number of its respondents and of its people. It has no value, error, interval or design effect, and no covariance. It
does not say which rule about its value it breaks: "nobody among the respondents" would be the value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.rules import Condition, PublicationRule
from divide_cli.frames.columns import Array, Mask
from divide_cli.language import clauses, later, say
from divide_cli.survey.estimates import Estimates
from divide_cli.survey.intervals import effective_size, korn_graubard
from divide_cli.survey.suppression import functionals, secondary

SECONDARY = "secondary"
"""The id in RULES of an estimate that breaks no rule, but would tell a suppressed one."""
IMPRECISE = "imprecise"
"""The id in RULES of a suppressed estimate that breaks no rule about counts, but one about its value or its error."""
REMARKS = {
    SECONDARY: later("withheld to protect another value"),
    IMPRECISE: later("too imprecise to be published"),
}
COUNTS = frozenset(("sample_size", "clusters", "degrees_of_freedom"))
"""The numbers that say nothing about the value of an estimate."""
HIDDEN = (
    v.OBS_VALUE, v.STD_ERR, v.CI_LOWER, v.CI_UPPER, v.DESIGN_EFFECT, v.DESIGN_EFFECT_REPLACE, v.N_POSITIVE,
    "LOWER_KG", "UPPER_KG", "EFFECTIVE_SIZE",
)  # fmt: skip
"""What a suppressed row does not have: each of these would tell the value, or narrow it down."""
NCHS_LEVEL = 95.0
SAME = 1e-9
"""The relative difference up to which two sums are the same except for rounding errors of doubles."""

_SIGNS = {"below": np.less, "at_most": np.less_equal, "above": np.greater, "at_least": np.greater_equal}


class Publish(StrEnum):
    """What becomes of estimates that break a rule."""

    FLAG = "flag"
    SUPPRESS = "suppress"
    ALL = "all"


@dataclass(frozen=True)
class Published:
    """The estimates with OBS_STATUS and RULES (ids of publication rules, with commas).

    `unchecked` are the rules that could not be applied to some estimates, with how many these are.
    """

    estimates: Estimates
    unchecked: Mapping[str, int]

    @property
    def table(self) -> pd.DataFrame:
        """The estimates, a row for each."""
        return self.estimates.table


def publish(estimates: Estimates, how: Publish = Publish.FLAG) -> Published:
    """The estimates that may be published, and the others flagged or suppressed; `all` flags and suppresses none."""
    table = estimates.table.reset_index(drop=True)
    empty = (table[v.SAMPLE_SIZE] == 0).to_numpy() | table[v.OBS_VALUE].isna().to_numpy()
    status = np.where(empty, v.MISSING, v.NORMAL).astype(object)
    if how == Publish.ALL:
        return Published(replace(estimates, table=table.assign(**_marks(status, [""] * len(table)))), {})
    numbers = numbers_of(table)
    broken = {rule.id: applies(rule, table, numbers) & ~empty for rule in _rules()}
    weak = _any(broken, "suppress", len(table))
    protecting = np.zeros(len(table), dtype=bool)
    if how == Publish.SUPPRESS:
        protecting = secondaries(table, weak, empty)
        status[weak | protecting] = v.WITHHELD
        status[_any(broken, "review", len(table)) & (status == v.NORMAL)] = v.UNRELIABLE
    else:
        status[weak | _any(broken, "review", len(table))] = v.UNRELIABLE
    broken = told(broken, status == v.WITHHELD) | {SECONDARY: protecting}
    rules = [", ".join(name for name, rows in broken.items() if rows[row]) for row in range(len(table))]
    table = table.assign(**_marks(status, rules))
    unchecked = {rule.id: int((_unknown(rule, table, numbers) & ~empty).sum()) for rule in _rules()}
    suppressed = without_suppressed(replace(estimates, table=table))
    return Published(suppressed, {name: count for name, count in unchecked.items() if count})


def _rules() -> list[PublicationRule]:
    """The rules about single estimates."""
    return [rule for rule in catalogue().publication_rules.values() if rule.verdict != "known"]


def told(broken: Mapping[str, Mask], withheld: Mask) -> dict[str, Mask]:
    """The rules that each row says it breaks: of a withheld row, those about counts, or that it is imprecise."""
    rules = catalogue().publication_rules
    of_counts = {name for name in broken if set(rules[name].when) <= COUNTS and rules[name].verdict == "suppress"}
    rows = {name: mask if name in of_counts else mask & ~withheld for name, mask in broken.items()}
    few = np.any([rows[name] for name in of_counts], axis=0)
    return rows | {IMPRECISE: withheld & ~few & _any(broken, "suppress", len(withheld))}


def _marks(status: Array, rules: Sequence[str]) -> dict[str, Any]:
    return {v.OBS_STATUS: status, v.RULES: list(rules)}


def _any(broken: Mapping[str, Mask], verdict: str, size: int) -> Mask:
    """The rows that break a rule with that verdict."""
    names = [name for name, rule in catalogue().publication_rules.items() if rule.verdict == verdict]
    rows = [broken[name] for name in names if name in broken]
    return np.asarray(np.any([np.zeros(size, dtype=bool), *rows], axis=0))


def remarks(table: pd.DataFrame) -> list[str]:
    """What the rules say that each published row breaks, in the language.

    A suppressed row says what its rules about counts say, and it has these counts.
    """
    numbers, entries = numbers_of(table), catalogue().publication_rules
    texts = []
    for row, rules in enumerate(table[v.RULES]):
        of_row = {name: float(values[row]) for name, values in numbers.items()}
        names = [name for name in rules.split(", ") if name]
        texts.append(
            clauses(
                language.filled(entries[name].message, of_row) if name in entries else say(REMARKS[name])
                for name in names
            )
        )
    return texts


def numbers_of(table: pd.DataFrame) -> dict[str, Array]:
    """The numbers that conditions are about, by name, as PublicationRule describes them; NaN where there is none."""
    value, error, size, freedom = (
        table[name].to_numpy(dtype=np.float64) for name in (v.OBS_VALUE, v.STD_ERR, v.SAMPLE_SIZE, v.DEGREES_OF_FREEDOM)
    )
    positive = table[v.N_POSITIVE].to_numpy(dtype=np.float64)
    share = np.where((table[v.KIND] == "share").to_numpy(), value, np.nan)
    lower, upper = korn_graubard(share / 100, error / 100, size, freedom, NCHS_LEVEL)
    width = 100 * (upper - lower)
    return {
        "sample_size": size,
        "effective_size": effective_size(share / 100, error / 100, size),
        "clusters": table[v.N_PSU].to_numpy(dtype=np.float64),
        "degrees_of_freedom": freedom,
        "rarer_events": np.minimum(positive, size - positive),
        "width": width,
        "relative_width": _percent(width, share),
        "complement_relative_width": _percent(width, 100 - share),
    }


def _percent(part: Array, whole: Array) -> Array:
    """100 part / whole; infinite where the whole is 0."""
    quotient = np.divide(100 * part, whole, out=np.full(len(part), np.inf), where=whole != 0)
    return np.where(np.isnan(part) | np.isnan(whole), np.nan, quotient)


def applies(rule: PublicationRule, table: pd.DataFrame, numbers: Mapping[str, Array]) -> Mask:
    """The rows of the rule's kinds for which all of its conditions hold."""
    holds = [_holds(condition, numbers[name]) for name, condition in rule.when.items()]
    return np.asarray(np.all([table[v.KIND].isin(rule.kinds).to_numpy(), *holds], axis=0))


def _holds(condition: Condition, values: Array) -> Mask:
    limits = {sign: float(str(limit)) for sign, limit in condition.items()}
    return np.asarray(np.all([_SIGNS[sign](values, limit) for sign, limit in limits.items()], axis=0))


def _unknown(rule: PublicationRule, table: pd.DataFrame, numbers: Mapping[str, Array]) -> Mask:
    """The rows of the rule's kinds without a number of its conditions."""
    lacking = [np.isnan(numbers[name]) for name in rule.when]
    return np.asarray(table[v.KIND].isin(rule.kinds).to_numpy() & np.any(lacking, axis=0))


def secondaries(table: pd.DataFrame, weak: Mask, empty: Mask) -> Mask:
    """The further rows to withhold, so that no weak one can be computed from what is published.

    Indicators that are one fact (the same sums, or those of the other answer) are protected together.
    """
    further = np.zeros(len(table), dtype=bool)
    cells = table[dimensions_of(table)].astype(str)
    for indicators in same_facts(table):
        rows = [np.flatnonzero((table[v.INDICATOR] == one).to_numpy()) for one in indicators]
        first = rows[0]
        if not any(weak[own].any() for own in rows):
            continue
        primary = np.any([weak[own] for own in rows], axis=0)
        of_fact = [
            {str(name): str(code) for name, code in cell.items()} for cell in cells.iloc[first].to_dict("records")
        ]
        matrix = functionals(of_fact, rests_of(table.iloc[first]))
        loss = table[v.SAMPLE_SIZE].to_numpy(dtype=np.float64)[first]
        together = primary | secondary(matrix, primary, empty[first], loss)
        for own in rows:
            further[own] = together & ~weak[own]
    return further


def dimensions_of(table: pd.DataFrame) -> list[str]:
    """The dimensions that some tabulation uses."""
    return sorted({name for tabulation in set(table[v.TABULATION]) for name in tabulation.split(":") if name})


def same_facts(table: pd.DataFrame) -> list[list[str]]:
    """The indicators in groups: those of a group tell each other, since their sums are equal or add up to all people.

    A share of users and their total number are one fact, and so are users and non-users.
    """
    groups: list[list[str]] = []
    parts = {str(name): part for name, part in table.groupby(v.INDICATOR, sort=False, observed=True)}
    for name, part in parts.items():
        group = next((one for one in groups if _one_fact(parts[one[0]], part)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return groups


def _one_fact(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    names = [v.TABULATION, *dimensions_of(one)]
    if len(one) != len(other) or names != [v.TABULATION, *dimensions_of(other)]:
        return False
    if not (one[names].astype(str).to_numpy() == other[names].astype(str).to_numpy()).all():
        return False
    (sums, people), (other_sums, other_people) = _sums(one), _sums(other)
    pairs = [(sums, other_sums), (people - sums, other_sums), (sums, other_people - other_sums)]
    return any(np.allclose(one, other, rtol=SAME, equal_nan=True) for one, other in pairs)


def _sums(part: pd.DataFrame) -> tuple[Array, Array]:
    """The weighted sums of y that the estimates of one indicator tell, and their people."""
    people = part[v.POPULATION].to_numpy(dtype=np.float64)
    scale = {"total": np.ones(len(part)), "share": people / 100}.get(str(part[v.KIND].iloc[0]), people)
    return part[v.OBS_VALUE].to_numpy(dtype=np.float64) * scale, people


def rests_of(table: pd.DataFrame) -> list[str]:
    """The dimensions whose codes leave so many people out that these hide a value (rules with the verdict `known`).

    Only a dimension that is tabulated by itself shows how many people have no code.
    """
    people = table[v.POPULATION].to_numpy(dtype=np.float64)
    whole = people[(table[v.TABULATION] == "").to_numpy()].sum()
    rules = [rule for rule in catalogue().publication_rules.values() if rule.verdict == "known"]
    wide = []
    for name in dimensions_of(table):
        own = (table[v.TABULATION] == name).to_numpy()
        if own.any() and whole > 0:
            rest = {"rest": np.array([100 * (1 - people[own].sum() / whole)])}
            if not any(applies(rule, table.iloc[:1], rest)[0] for rule in rules):
                wide.append(name)
    return wide


def without_suppressed(estimates: Estimates) -> Estimates:
    """The estimates without what tells a suppressed value; its covariances are NaN."""
    table = estimates.table.copy()
    suppressed = (table[v.OBS_STATUS] == v.WITHHELD).to_numpy()
    for name in (name for name in HIDDEN if name in table):
        table[name] = table[name].astype("float64").where(~suppressed)
    covariances = {}
    for (indicator, tabulation), matrix in estimates.covariances.items():
        own = ((table[v.INDICATOR] == indicator) & (table[v.TABULATION] == tabulation)).to_numpy()
        hidden = suppressed[own]
        covariances[indicator, tabulation] = np.where(hidden | hidden[:, None], np.nan, matrix)
    return replace(estimates, table=table, covariances=covariances)
