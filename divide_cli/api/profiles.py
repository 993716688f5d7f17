"""The verb `profile`: areas are distinguished from files before anything heavy is loaded."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli.api import choices
from divide_cli.api.choices import Words, Years
from divide_cli.errors import NothingComputedError, OptionError
from divide_cli.frames import in_memory
from divide_cli.language import commas

if TYPE_CHECKING:
    from divide_cli.analysis.profiles import Profile


def profile(
    areas_and_files: Sequence[str],
    *,
    years: Years = None,
    editions: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
) -> "Profile":
    """All that is known about areas, in the years or in the latest year of each series.

    An argument that names an existing file is a file, and so is `-`. Any other is an economy or a group, by its code or
    by a name that the catalogue knows. Raises NothingComputedError if no area has a figure.
    """
    areas, files = split(areas_and_files, groups)
    if not areas:
        raise OptionError("profile_without_area", found=commas(files))
    further = {"minimum": min_coverage, "population": str(population or ""), "estimate": estimate}
    further["reading"] = choices.reading(files, population, "", {}, skip_refused)
    request = choices.checked_request(files, areas, years, editions, groups, income_fy, **further)
    from divide_cli.analysis.profiles import profile as profile_of

    result = profile_of(request)
    if not len(result.levels) and not len(result.gaps):
        where = commas(result.sources)
        selection = commas(map(str, (*request.areas, *request.years)))
        raise NothingComputedError("no_profile", selection=selection, where=where)
    return result


def split(areas_and_files: Sequence[str], groups: Words) -> tuple[tuple[str, ...], list[str]]:
    """The codes of areas and the files among the arguments; OptionError for a text that is neither."""
    files = [argument for argument in areas_and_files if _is_file(argument)]
    typed = [argument for argument in areas_and_files if argument not in files]
    return choices.area_codes(typed, "AREA", _own_groups(groups)) if typed else (), files


def _is_file(argument: str) -> bool:
    return in_memory.exists(argument) and not os.path.isdir(argument)


def _own_groups(lists: Words) -> Sequence[str]:
    """The groups of the lists that the user gives."""
    from divide_cli.sources.groupings import membership, vintage

    return tuple(membership(vintage(None, date.max), tuple(lists)).groups) if lists else ()
