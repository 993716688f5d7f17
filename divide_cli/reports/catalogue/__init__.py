"""Every entry of the catalogue under its kind and id, described as label and text. Without pandas."""

from collections.abc import Iterable, Mapping
from functools import cache

from divide_cli.catalogue import catalogue, codelist
from divide_cli.catalogue.claims import publications
from divide_cli.errors import OptionError, suggestion
from divide_cli.reports.catalogue import lists, meanings, sources
from divide_cli.reports.catalogue.entry import Entry
from divide_cli.sources.editions import editions

CODELISTS = ("CL_AGE", "CL_AREA", "CL_OBS_STATUS", "CL_SEX", "CL_UNIT_MEASURE", "CL_URBANISATION", "CL_WB_AGGREGATE")


@cache
def kinds() -> Mapping[str, Mapping[str, Entry]]:
    """The entries by kind and id."""
    known = catalogue()
    made: dict[str, Iterable[Entry]] = {
        "indicators": map(meanings.indicator, known.indicators.values()),
        "gaps": map(meanings.gap, known.gaps.values()),
        "comparisons": map(meanings.comparison, known.comparisons.values()),
        "measures": map(meanings.measure, known.every_measure.values()),
        "targets": map(meanings.target, known.targets.values()),
        "editions": map(sources.edition, editions().values()),
        "dataflows": map(sources.dataflow, known.dataflows.values()),
        "services": map(sources.service, known.services.values()),
        "licences": map(sources.licence, known.licences.values()),
        "groupings": map(lists.grouping, known.groupings.values()),
        "weights": map(lists.weight, known.weights.values()),
        "rules": map(meanings.rule, known.rules.values()),
        "claims": (
            meanings.claim(name, entry) for name, document in publications().items() for entry in document.claims
        ),
        "qualifiers": map(meanings.qualifier, known.qualifiers.values()),
        "areas": map(lists.area, codelist("CL_AREA").codes),
        "codelists": map(lists.code_list, CODELISTS),
    }
    return {kind: {entry.id: entry for entry in entries} for kind, entries in made.items()}


def find(name: str) -> list[Entry]:
    """The entries of that id, of whatever kind (`ken` finds KEN, `sex` CL_SEX too); OptionError where there is none."""
    every = kinds()
    for spelling in (name, name.upper(), f"CL_{name.upper()}"):
        found = [entries[spelling] for entries in every.values() if spelling in entries]
        if found:
            return found
    ids = [entry for entries in every.values() for entry in entries]
    raise OptionError("entry_unknown", found=name, hint=suggestion(name, ids, "`divide list KIND`"))


__all__ = ["Entry", "find", "kinds"]
