"""Options that commands share, and the checks of their values against the catalogue (without pandas)."""

from collections.abc import Iterable, Sequence
from enum import Enum

from divide_cli.errors import OptionError, suggestion


class Format(str, Enum):
    """How results are printed."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


def known_values(option: str, given: Sequence[str], known: Iterable[str], listing: str) -> tuple[str, ...]:
    """The values as given, if the catalogue knows them all; OptionError with the nearest ones for the first it lacks."""
    codes = list(known)
    for value in given:
        if value not in codes:
            raise OptionError(
                "an option value is unknown",
                expected=", ".join(codes) if len(codes) <= 20 else f"one of {len(codes)} codes",
                found=value,
                where=option,
                hint=suggestion(value, codes, f"`divide list {listing}`"),
            )
    return tuple(given)
