"""One entry of the catalogue, described as label and text."""

from collections.abc import Callable
from dataclasses import dataclass

Lines = list[tuple[str, str]]
"""Labels and texts."""


@dataclass(frozen=True)
class Entry:
    """One entry: its kind, id, name, one line about it, and all there is to say when it is shown."""

    kind: str
    id: str
    name: str
    about: str
    describe: Callable[[], Lines]
