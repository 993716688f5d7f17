"""Options that commands share, and the checks of their values against the catalogue (without pandas)."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from divide_cli.errors import OptionError, suggestion


class Format(StrEnum):
    """How results are printed."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


def known_values(option: str, given: Sequence[str], known: Iterable[str], listing: str) -> tuple[str, ...]:
    """The values as given, if all are known; OptionError with the nearest known ones for the first that is not."""
    codes = list(known)
    for value in given:
        if value not in codes:
            raise OptionError(
                "option_value_unknown",
                expected=", ".join(codes) if len(codes) <= 20 else f"one of {len(codes)} codes",
                found=value,
                where=option,
                hint=suggestion(value, codes, f"`{f'divide list {listing}'.strip()}`"),
            )
    return tuple(given)
