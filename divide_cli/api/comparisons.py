"""The verb that compares two states of the figures: `diff`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli.api import choices
from divide_cli.api.choices import Words, Years
from divide_cli.errors import NothingComputedError, OptionError, suggestion

if TYPE_CHECKING:
    from divide_cli.analysis.decomposition.differences import Difference
    from divide_cli.analysis.request import Request

BETWEEN = ":"
"""The mark between the two ends of an option, as in `--years 2015:2024`."""


def diff(
    before: str,
    after: str = "",
    *,
    indicators: Words = None,
    gaps: Words = None,
    areas: Words = None,
    years: Years = None,
    between: str = "",
    income_fy: str = "",
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
) -> "Difference":
    """Compares two editions or files, two fiscal years (`income_fy` FY26:FY27), or two years (`between` 2015:2024).

    Raises OptionError if nothing distinguishes the sides, NothingComputedError if no figure is on either.
    """
    after = after or before
    span, lists = _ends(between, "--years", int), _ends(income_fy, "--income-fy", str)
    if span and years:
        raise OptionError("years_contradict", found=f"{between}; {', '.join(map(str, years))}", where="--years, --year")
    if not span and before == after and len(set(lists)) < 2:
        raise OptionError("diff_same_sides", found=before)
    ids = {
        "indicators": choices.known_values("--indicator", indicators, "indicators"),
        "gaps": choices.known_values("--gap", gaps, "gaps"),
    }
    further = {"minimum": min_coverage, "population": str(population or ""), "keep": True, **ids}
    requests = [
        _request(side, fiscal, areas, span or years, groups, further)
        for side, fiscal in zip((before, after), lists * 2 if len(lists) == 1 else lists or [""] * 2, strict=True)
    ]
    names = _names(before, after, lists)
    from divide_cli.analysis.decomposition.differences import differences

    both = (names[0], requests[0]), (names[1], requests[1])
    difference = differences(*both, (span[0], span[1]) if span else None)
    if not len(difference.counts) and not len(difference.changes):
        options = choices.as_options(
            indicator=indicators or (), gap=gaps or (), area=areas or (), year=span or years or ()
        )
        raise NothingComputedError(
            "nothing_compared", options=options, where=" and ".join(dict.fromkeys((before, after)))
        )
    return difference


def _ends(text: str, option: str, kind: type) -> list[Any]:
    """The two ends of a text such as `2015:2024`, or the only one; none if the text is empty."""
    if not text:
        return []
    try:
        ends = [kind(part.strip()) for part in text.split(BETWEEN)]
    except ValueError:
        ends = []
    fewest = 1 if kind is str else 2
    if not fewest <= len(ends) <= 2 or not all(ends):
        raise OptionError("ends_malformed", found=text, where=option)
    return ends


def _request(side: str, fiscal: str, areas: Words, years: Years, groups: Words, further: dict[str, Any]) -> "Request":
    """The request for a side: an edition by its id, or a file."""
    from divide_cli.sources.editions import editions

    edition, file = side in editions(), side == "-" or Path(side).exists()
    if not edition and not file:
        hint = suggestion(side, editions(), "`divide list editions`")
        raise OptionError("diff_side_unknown", expected=", ".join(editions()), found=side, where="A or B", hint=hint)
    files, ids = ([], [side]) if edition else ([side], [])
    return choices.checked_request(files, areas, years, ids, groups, fiscal or None, **further)


def _names(before: str, after: str, lists: Sequence[str]) -> tuple[str, str]:
    """What the sides are called: the edition or file, and the fiscal year if that is what differs."""
    names = [_short(side, other) for side, other in ((before, after), (after, before))]
    if len(lists) == 2:
        names = [f"{name}, {fiscal}" for name, fiscal in zip(names, lists, strict=True)]
    return names[0], names[1]


def _short(side: str, other: str) -> str:
    """The end of a path that distinguishes it from the other: its name, with as many folders as that takes."""
    parts, others = Path(side).parts, Path(other).parts
    ends = (Path(*parts[-size:]) for size in range(1, len(parts) + 1) if parts[-size:] != others[-size:])
    return str(next(ends, Path(*parts[-1:])))
