"""What one rule found in one file: the rows of each case, and how to word it. Wording is left until it is listed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v


@dataclass(frozen=True)
class Said:
    """A case in words: what was expected and found, what more is to be said, and the places of all rows involved.

    Without `others`, the rows involved are those of the case.
    """

    expected: str
    found: str
    detail: str = ""
    others: Sequence[int] | npt.NDArray[np.intp] = ()


@dataclass(frozen=True)
class Hits:
    """Cases that break a rule: `places[i]` are the places of case i (-1 pads), the one to mend first.

    `checked` is the number of cases that the rule looked at, `not_checked` why it could not look at others, `flags` the
    places concerned where they are more than `places` says, `column` the concept whose column is to be mended.
    """

    places: npt.NDArray[np.intp]
    word: Callable[[int], Said]
    checked: int
    not_checked: Mapping[str, int] = field(default_factory=dict)
    column: str = v.OBS_VALUE
    flags: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.places)

    def kept(self, mask: npt.NDArray[np.bool_]) -> "Hits":
        """The cases of the mask."""
        which, word = np.flatnonzero(mask), self.word
        flags = self.flags if mask.all() else None
        return replace(self, places=self.places[mask], word=lambda case: word(int(which[case])), flags=flags)

    def concerned(self, size: int) -> npt.NDArray[np.bool_]:
        """The places that any case is about."""
        if self.flags is not None:
            return self.flags
        made = np.zeros(size + 1, dtype=bool)  # the last one serves -1
        made[self.places.reshape(-1)] = True
        return made[:size]


def single(places: npt.NDArray[Any], word: Callable[[int], Said], checked: int, **more: Any) -> Hits:
    """Cases of one row each; `word` takes the place of the row."""
    rows = np.asarray(places, dtype=np.intp)
    return Hits(rows.reshape(-1, 1), lambda case: word(int(rows[case])), checked, **more)


def none(checked: int = 0, **more: Any) -> Hits:
    """No case."""
    return Hits(np.zeros((0, 1), dtype=np.intp), lambda _case: Said("", ""), checked, **more)


def number(value: float) -> str:
    """A number as it is shown: up to six significant digits, no trailing zeros."""
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
