"""The words and the numbers that options take, wherever they come from: the command line or Python."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from divide_cli.errors import OptionError, suggestion
from divide_cli.language import commas, say

Severity = StrEnum("Severity", ["error", "warning", "note"])
Order = StrEnum("Order", ["value", "gap", "coverage"])
Basis = StrEnum("Basis", ["published", "countries", "both"])
Status = StrEnum("Status", ["met", "on_track", "off_track", "no_trend", "undetermined"])
PanelChoice = StrEnum("PanelChoice", ["all", "constant"])
OnePsu = StrEnum("OnePsu", ["error", "centred", "merged", "certainty"])
EngineName = StrEnum("EngineName", ["pandas", "duckdb", "polars", "dask", "spark"])
PublishChoice = StrEnum("PublishChoice", ["flag", "suppress", "all"])
Language = StrEnum("Language", ["en", "fr", "es", "ru", "ar", "zh"])

CHOICES: Mapping[str, type[StrEnum]] = {
    "basis": Basis, "engine": EngineName, "fail_on": Severity, "lang": Language, "one_psu": OnePsu,
    "panel": PanelChoice, "publish": PublishChoice, "sort": Order, "status": Status,
}  # fmt: skip
"""Option -> the words that it takes."""
LIMITS: Mapping[str, tuple[float, float | None]] = {
    "fail_above": (0, None), "level": (50, 99.99), "limit": (0, None), "min_coverage": (0, 100), "top": (1, None),
}  # fmt: skip
"""Option -> the least and the greatest number that it takes; None if there is no greatest."""


def limits(option: str) -> dict[str, Any]:
    """The limits of an option as typer has them: `min` and, if there is one, `max`."""
    least, most = LIMITS[option]
    return {"min": least} if most is None else {"min": least, "max": most}


def check(words: Mapping[str, Any]) -> None:
    """Raises OptionError for the first word that its option does not take, or a number beyond its limits."""
    for name, value in words.items():
        option = f"--{name.replace('_', '-')}"
        if value is not None and name in CHOICES:
            known = [str(one) for one in CHOICES[name]]
            if value not in known:
                parts = {"expected": commas(known), "found": str(value), "hint": suggestion(str(value), known)}
                raise OptionError("option_value_unknown", where=option, **parts)
        elif value is not None and name in LIMITS:
            _check_number(option, value, *LIMITS[name])


def _check_number(option: str, value: Any, least: float, most: float | None) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and least <= value and (most is None or value <= most):
        return
    expected = (
        say("at least {least:g}", least=least)
        if most is None
        else say("from {least:g} to {most:g}", least=least, most=most)
    )
    raise OptionError("option_number_wrong", expected=expected, found=repr(value), where=option)
