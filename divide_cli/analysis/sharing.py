"""What the requests of one run share: the values of the same rows of an edition are made once.

A page makes several requests, and most of them rest on the same observations. Other commands make one, and share
nothing. What is shared ends with the run.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import Population

Key = tuple[Hashable, ...]
"""What values depend on."""

_made: ContextVar[dict[Key, tuple[pd.DataFrame, Population]] | None] = ContextVar("made", default=None)
"""The values made in this run, with the populations that weight them; None outside `sharing`."""


@contextmanager
def sharing() -> Iterator[None]:
    """The requests made inside share values of editions; a run that shares already goes on."""
    if _made.get() is not None:
        yield
        return
    token = _made.set({})
    try:
        yield
    finally:
        _made.reset(token)


def once(
    edition: Key | None,
    make: Callable[..., pd.DataFrame],
    frame: pd.DataFrame,
    dimensions: Sequence[str],
    members: Membership,
    population: Population,
    *further: Hashable,
) -> pd.DataFrame:
    """What `make` gives for the other arguments, or gave in this run for the same rows, groups and further arguments.

    `edition` names the edition and how its groups are formed; None, or a file of populations, shares nothing. The frame
    is the caller's own: columns may be added to it, but not written into. `population` knows afterwards which sources
    weight the values.
    """
    made = _made.get()
    if made is None or edition is None or population.file or not frame.index.is_unique:
        return make(frame, dimensions, members, population, *further)
    key = (make.__name__, edition, frame.index.to_numpy().tobytes(), tuple(members.groups), further)
    if key not in made:
        used = Population()
        made[key] = make(frame, dimensions, members, used, *further), used
    values, used = made[key]
    population.readings.update(used.readings)
    return values.copy(deep=False)
