"""The methods paragraph: what a tabulation rests on, in sentences.

Sentences are in methods.yaml, each with the state in which it is written. This module finds the states that apply, and
the facts that fill the sentences in.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import area_name, catalogue
from divide_cli.catalogue.load import read_yaml
from divide_cli.language import clauses, commas, digits, later, remarked, say
from divide_cli.survey.design import Design, names
from divide_cli.survey.estimates import Reason
from divide_cli.survey.publication import IMPRECISE, REMARKS, SECONDARY, Publish
from divide_cli.survey.submission import weights_count_people
from divide_cli.survey.tabulation import Tabulation

METHODS = {
    "brr": later("balanced repeated replication"),
    "fay": later("balanced repeated replication with Fay's factor"),
    "jackknife1": later("jackknife without strata"),
    "jackknifen": later("jackknife with strata"),
    "bootstrap": later("bootstrap"),
    "successive_differences": later("successive differences"),
}
"""The methods of replication in words."""


@cache
def sentences() -> tuple[Mapping[str, str], ...]:
    """The sentences with their states, in order."""
    return tuple(read_yaml(Path(__file__).with_name("methods.yaml")))


def paragraph(tabulation: Tabulation) -> str:
    """The sentences that apply, filled in, as one paragraph."""
    states, parts = states_of(tabulation), facts_of(tabulation)
    return " ".join(say(entry["text"], **parts) for entry in sentences() if entry["when"] in states)


def states_of(tabulation: Tabulation) -> set[str]:
    """The states of the tabulation: of its design, its estimates and its publication."""
    return {"always", *_of_design(tabulation.design), *_of_estimates(tabulation), *_of_publication(tabulation)}


def _of_design(design: Design) -> set[str]:
    states = {design.unit, "weighted" if design.weight else "unweighted"}
    states |= {"roster"} if design.roster else set()
    states |= {"fieldwork"} if design.survey.fieldwork else set()
    if design.replicate_weights:
        return states | {"replicates", "freedom_of_replicates"}
    if not design.has_errors_of_design:
        return states | {"no_design"}
    states |= {"linearised", "freedom"}
    states |= {"strata"} if design.strata else set()
    states |= {"clusters"} if design.clusters else {"elements"}
    return states | (
        {"finite_populations"} if design.populations else {"ultimate_clusters"} if design.clusters else set()
    )


def _of_estimates(tabulation: Tabulation) -> set[str]:
    """What kinds of estimates there are, whether they have errors, and how missing answers were treated."""
    design, table = tabulation.design, tabulation.table
    kinds = set(table[v.KIND])
    states = {f"missing_{'no' if one == 'no' else 'excluded'}" for one in _missing(tabulation)}
    if not (table[v.REASON] == Reason.NO_DESIGN).all():
        states |= {"shares"} if "share" in kinds else set()
        states |= {"amounts"} if kinds - {"share"} else set()
        states |= {"gaps"} if len(tabulation.tabulations) > 1 else set()
        states |= {"effects" if weights_count_people(tabulation) else "effects_replace"}
        states |= set() if design.replicate_weights else {f"one_psu_{tabulation.request.one_psu}"}
    relative = design.weight and not weights_count_people(tabulation)
    return states | ({"relative_weights"} if relative else set())


def _of_publication(tabulation: Tabulation) -> set[str]:
    how, broken = tabulation.request.publish, _broken(tabulation)
    states = {"unchecked"} if tabulation.published.unchecked else set()
    if how == Publish.ALL:
        return {"published_all"}
    states |= {"secondary"} if _secondary(tabulation) else set()
    return states | ({"flagged" if how == Publish.FLAG else "suppressed"} if broken else set())


def _broken(tabulation: Tabulation) -> list[str]:
    """The names of the publication rules that some estimate breaks, in their order."""
    ids = {name for text in tabulation.table[v.RULES] for name in text.split(", ") if name}
    names = [rule.name for name, rule in catalogue().publication_rules.items() if name in ids]
    return [*names, *([say(REMARKS[IMPRECISE])] if IMPRECISE in ids else [])]


def _secondary(tabulation: Tabulation) -> int:
    """The number of estimates that are withheld to protect others."""
    return sum(SECONDARY in text.split(", ") for text in tabulation.table[v.RULES])


def _missing(tabulation: Tabulation) -> dict[str, list[str]]:
    """exclude or no -> the indicators whose missing answers are treated so."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(tabulation.table[v.INDICATOR]):
        groups.setdefault(tabulation.design.missing_of(name), []).append(name)
    return groups


def facts_of(tabulation: Tabulation) -> dict[str, Any]:
    """The facts that sentences name."""
    design, table = tabulation.design, tabulation.table
    survey, roster, replicates = design.survey, design.roster, design.replicate_weights
    whole = table[table[v.TABULATION] == ""]
    freedom = whole[v.DEGREES_OF_FREEDOM].to_numpy(dtype=np.float64)
    missing = _missing(tabulation)
    return {
        "survey": remarked(survey.name, survey.producer) if survey.producer else survey.name,
        "fieldwork": survey.fieldwork,
        "area": area_name(design.area),
        "year": design.year,
        "roster": roster.file if roster else "",
        "key": commas(names(roster.key)) if roster else "",
        "respondents": int(whole[v.SAMPLE_SIZE].max()),
        "weight": design.weight,
        "strata": commas(names(design.strata)),
        "clusters": commas(names(design.clusters)),
        "populations": commas(names(design.populations)),
        "number": tabulation.replicates,
        "method": say(METHODS[replicates.method]) if replicates else "",
        "centre": say("from the estimate") if replicates and replicates.mse else say("from their mean"),
        "freedom": _span(freedom),
        "level": tabulation.request.level,
        "missing_excluded": commas(missing.get("exclude", ())),
        "missing_no": commas(missing.get("no", ())),
        "rules": clauses(_broken(tabulation)),
        "secondary": _secondary(tabulation),
        "unchecked": clauses(catalogue().publication_rules[name].name for name in tabulation.published.unchecked),
        "version": __version__,
    }


def _span(numbers: Any) -> str:
    """`57`, or `55 to 57`; `unknown` if there is none."""
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return say("unknown")
    low, high = (digits(f"{number:g}") for number in (known.min(), known.max()))
    return low if low == high else say("{first} to {last}", first=low, last=high)
