"""Values of entries of the catalogue in words: codes, lists, families, domains and numbers. Without pandas."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from divide_cli import language
from divide_cli.catalogue import catalogue, records
from divide_cli.catalogue.load import read_yaml
from divide_cli.catalogue.words import texts_in
from divide_cli.language import clauses, commas, labelled, later, say


@language.ByLanguage
def texts() -> Mapping[str, Any]:
    """The texts about the kinds of entries and codes (texts.yaml), in the language."""
    content = read_yaml(Path(__file__).with_name("texts.yaml"))["catalogue"]
    return cast(Mapping[str, Any], texts_in(content, "texts.catalogue", language.translated))


def plainly(value: Any) -> str:
    """A value in words: a list with commas, a mapping as `units PT; parts F, M`, a code by its meaning."""
    if isinstance(value, Mapping):
        return clauses(f"{name} {plainly(part) or part}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return commas(map(str, value))
    return say("yes") if value is True else say("no") if value is False else coded(str(value or ""))


def coded(code: str) -> str:
    """What a code of the catalogue means: the name of a unit, or the text in texts.yaml; the code if it has none."""
    units = catalogue().units
    return units[code].name if code in units else str(texts()["codes"].get(code, code))


def by(over: str) -> str:
    """`by sex`: what is compared, in words; a grouping without words of its own by its name, a column by its own."""
    groupings = catalogue().groupings
    name = groupings[over].name if over in groupings else over
    return str(texts()["over"].get(over) or say("by {over}", over=name))


def family(entry: records.Measure) -> str:
    """The family of a measure of subgroups, its scale, and whether people weight it; empty for one of a pair."""
    weighted = say("weighted by population") if entry.weighted else say("each subgroup counts once")
    return "" if entry.family == "pair" else commas((coded(entry.family), coded(entry.scale), weighted))


def domain(entry: records.Measure) -> str:
    """`0 to 1`, `0 and above`; empty if it can take any value."""
    low, high = entry.domain
    if low is None:
        return ""
    return say("{low:g} and above", low=low) if high is None else say("{low:g} to {high:g}", low=low, high=high)


def numbers(name: str, entry: Any) -> str:
    """The keys and numbers of a part of a model: `trim 0.2, pooling 8`."""
    part = getattr(entry, name)
    return commas(f"{key} {getattr(part, key)}" for key in part.__struct_fields__)


LIMITS = {
    "below": later("below {limit}"),
    "at_most": later("at most {limit}"),
    "above": later("above {limit}"),
    "at_least": later("at least {limit}"),
}


def conditions(when: Mapping[str, Mapping[str, float]]) -> str:
    """`width: above 5, below 30; relative width: above 130`."""
    return clauses(
        labelled(coded(name), commas(say(LIMITS[sign], limit=f"{limit:g}") for sign, limit in limits.items()))
        for name, limits in when.items()
    )
