"""Terms that the VTL text of every rule is made of: sets of codes, numbers, remarks, the indicators of a scope."""

from collections.abc import Iterable
from dataclasses import dataclass

from divide_cli.catalogue import Rule, catalogue


@dataclass(frozen=True)
class Said:
    """What a ruleset asks of a row: the components that it names, named conditions, and what it leaves out."""

    components: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    note: str = ""


def among(component: str, codes: Iterable[str]) -> str:
    """The component is one of the codes."""
    listed = ", ".join(f'"{code}"' for code in codes)
    return f"{component} in {{{listed}}}"


def number(value: float) -> str:
    """A number as VTL writes it: without an exponent."""
    return f"{value:.12f}".rstrip("0").rstrip(".") or "0"


def remark(text: str) -> str:
    """A comment; what would end it is parted."""
    return f"/* {' '.join(text.split()).replace('*/', '* /')} */"


def remarks(rule: Rule, note: str = "") -> str:
    """What stands above the statements of a rule."""
    return remark(f"{rule.id}: {rule.name}. {rule.reason}" + (f" Here: {note}." if note else ""))


def indicators(rule: Rule) -> list[str] | None:
    """The indicators that the rule's scope names, by id or unit; None where it names all."""
    scope = rule.scope
    if not {"units", "indicators", "without"} & set(scope):
        return None
    return [
        entry.id
        for entry in catalogue().indicators.values()
        if entry.unit in scope.get("units", [entry.unit])
        and entry.id in scope.get("indicators", [entry.id])
        and entry.id not in scope.get("without", ())
    ]
