"""The verbs `report` and `chart`: what a page or a picture shows, from the other verbs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from divide_cli.api import choices
from divide_cli.api.choices import Words
from divide_cli.api.profiles import profile, split
from divide_cli.catalogue import Chart, catalogue
from divide_cli.concepts import WORLD
from divide_cli.errors import NothingComputedError, OptionError, SourceError, reason_of
from divide_cli.language import commas

if TYPE_CHECKING:
    from divide_cli.analysis.profiles import Profile
    from divide_cli.analysis.request import Result
    from divide_cli.reports.overview import Overview

EVERYTHING = ("levels", "targets", "inequality", "reproduction", "difference")
YEARS_BACK = 9
"""The years between the two states that a page compares."""


def report(
    areas_and_files: Sequence[str] = (),
    *,
    editions: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
    boundaries: Path | None = None,
    tell: "Callable[[Overview], None] | None" = None,
) -> "list[Overview]":
    """What a page shows: one overview, or with areas one for each.

    An argument that names an existing file is a file, and so is `-`; any other is an area. `tell` is given the overview
    without areas once it has the figures of the run and of economies. Raises NothingComputedError if there is no
    figure.
    """
    areas, files = split(areas_and_files, groups)
    options = _Options(editions, income_fy, min_coverage, population, groups, estimate, skip_refused)
    shapes = boundaries_of(boundaries) if boundaries else {}
    from divide_cli.analysis.sharing import sharing

    with sharing():
        if areas:
            return _of_areas(areas, files, options, shapes)
        return [_of_world(files, options, EVERYTHING, shapes, tell)]


class Drawn(NamedTuple):
    """A chart and the overview that it draws."""

    chart: Chart
    overview: "Overview"


def chart(
    name: str,
    areas_and_files: Sequence[str] = (),
    *,
    editions: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
    boundaries: Path | None = None,
) -> Drawn:
    """A chart of the catalogue, with the results that it rests on. Raises OptionError if it needs an area or a file."""
    choices.known_values("CHART", [name], "charts")
    entry = catalogue().charts[name]
    areas, files = split(areas_and_files, groups)
    of_area = "profile" in entry.rests_on
    if of_area == (not areas):
        raise OptionError("chart_needs_area" if of_area else "chart_without_area", found=commas(areas), name=name)
    if (name == "boundaries") == (boundaries is None):
        raise OptionError("chart_boundaries", found=name)
    options = _Options(editions, income_fy, min_coverage, population, groups, estimate, skip_refused)
    shapes = boundaries_of(boundaries) if boundaries else {}
    if areas:
        return Drawn(entry, _of_areas(areas[:1], files, options, shapes)[0])
    return Drawn(entry, _of_world(files, options, entry.rests_on, shapes))


class _Options(NamedTuple):
    """The options that all verbs share."""

    editions: Words
    income_fy: str | None
    min_coverage: float
    population: Path | None
    groups: Words
    estimate: bool
    skip_refused: bool

    def of(self, *names: str) -> dict[str, Any]:
        """The options with these names, and those of files and editions."""
        return {name: getattr(self, name) for name in ("editions", "min_coverage", "groups", "skip_refused", *names)}


def _of_world(
    files: Words,
    options: _Options,
    wanted: Collection[str],
    shapes: Mapping[str, Any],
    tell: "Callable[[Overview], None] | None" = None,
) -> "Overview":
    """The overview of all groups, with the results that are wanted."""
    from divide_cli import api
    from divide_cli.reports.overview import Overview, leading

    more = options.of("income_fy", "population", "estimate")
    result = api.compute(files, **more)
    indicator, year = leading(result)
    overview = Overview(result, indicator=indicator, year=year, boundaries=shapes)
    with suppress(NothingComputedError):
        if "levels" in wanted and indicator:
            overview = replace(overview, levels=_levels(result, indicator, year, more))
    if tell:
        tell(overview)
    parts: dict[str, Any] = {}
    with suppress(NothingComputedError):
        if "targets" in wanted:
            parts["targets"] = api.targets(files, **options.of("income_fy"))
    if not files:
        parts |= _of_embedded(overview, options, wanted)
    return replace(overview, **parts)


def _levels(result: "Result", indicator: str, year: int, more: Mapping[str, Any]) -> "Result":
    """The values of economies in the year, from the files of a result, or from its edition that has the latest."""
    from divide_cli import api
    from divide_cli.reports.overview import totals
    from divide_cli.reports.published import country_sources

    files, choice = result.request.files, dict(more)
    rows = [] if files else totals(result, indicator, country_sources(result))
    if rows:
        choice["editions"] = [str(rows[0]["EDITION"])]
    return api.compute(
        files,
        indicators=[indicator],
        years=[year],
        measures=["absolute_difference"],
        sort="value",
        beside=False,
        **choice,
    )


def _of_embedded(overview: "Overview", options: _Options, wanted: Collection[str]) -> dict[str, Any]:
    """What is known of editions only: inequality of a cited gap, the change of ten years, and the claims."""
    from divide_cli import api

    result, indicator, year = overview.result, overview.indicator, overview.year
    parts: dict[str, Any] = {}
    cited = [gap for gap in catalogue().gaps.values() if gap.cited and gap.indicator == indicator]
    compared = [gap.id for gap in cited if catalogue().comparisons[gap.comparison].area]
    with suppress(NothingComputedError):
        if "inequality" in wanted and compared:
            more = {**options.of("income_fy", "population"), "editions": options.editions or _newest_published(result)}
            parts["inequality"] = api.measure(compared[0], **more)
    rows = overview.totals if indicator else []
    with suppress(NothingComputedError):
        if "difference" in wanted and rows:
            between = f"{year - YEARS_BACK}:{year}"
            parts["difference"] = api.diff(
                str(rows[0]["EDITION"]),
                between=between,
                indicators=[indicator],
                min_coverage=options.min_coverage,
                groups=options.groups,
                estimate=options.estimate,
                income_fy=options.income_fy or "",
            )
    if "reproduction" in wanted and (quoted := _publications_of(result)):
        parts["reproduction"] = api.reproduce(quoted, estimate=options.estimate)
    return parts


def _newest_published(result: "Result") -> Words:
    """The newest edition of published group values that a result has; None, which means all, if it has none."""
    from divide_cli.sources.editions import published_editions

    return [name for name in published_editions() if name in result.sources][:1] or None


def _publications_of(result: "Result") -> list[Path]:
    """The claims files of the publications that a result quotes."""
    from divide_cli.catalogue.claims import embedded
    from divide_cli.sources.editions import editions

    views = {Path(editions()[source.id].view).stem for source in result.sources.values() if source.role == "quoted"}
    return [path for path in embedded() if path.stem in views]


def _of_areas(areas: Sequence[str], files: Words, options: _Options, shapes: Mapping[str, Any]) -> "list[Overview]":
    """An overview for each area: its profile, its values over the years next to those of its region and the world."""
    from divide_cli import api
    from divide_cli.reports.overview import Overview, leading

    more = options.of("income_fy", "population", "estimate")
    every_profile = profile([*areas, *(files or ())], **more)
    beside = {area: [*_regions_of(every_profile, area), *({WORLD} - {area})] for area in areas}
    result = api.compute(files, areas=[*areas, *(code for codes in beside.values() for code in codes)], **more)
    indicator, year = leading(result)
    levels = None
    with suppress(NothingComputedError):
        levels = _levels(result, indicator, year, more) if indicator else None
    return [
        Overview(
            result,
            levels=levels,
            profile=_only(every_profile, area),
            areas=(area, *beside[area]),
            indicator=indicator,
            year=year,
            boundaries=shapes,
        )
        for area in areas
    ]


def _regions_of(of: "Profile", area: str) -> list[str]:
    """The ITU region that an economy is in."""
    groups = of.members.groups
    return [code for code in catalogue().groupings["itu_region"].codes if area in groups.get(code, ())]


def _only(of: "Profile", area: str) -> "Profile":
    """The part of a profile that is about one area."""
    frames = {name: getattr(of, name) for name in ("levels", "ranks", "gaps", "courses", "missing")}
    own = {
        name: frame[(frame["REF_AREA"] == area).to_numpy()] if len(frame) else frame for name, frame in frames.items()
    }
    request = replace(of.request, areas=(area,))
    rows = of.targets.frame
    targets = replace(
        of.targets, request=request, frame=rows[(rows["REF_AREA"] == area).to_numpy()] if len(rows) else rows
    )
    return replace(of, request=request, targets=targets, **own)


def boundaries_of(path: Path) -> Mapping[str, Any]:
    """The features of a GeoJSON file; SourceError if it is not one, or if it is too large."""
    import json

    most = catalogue().limits["bytes_in_memory"].most
    try:
        if path.stat().st_size > most:
            raise SourceError("boundaries_unreadable", found=f"more than {most:,} bytes", where=str(path))
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError("boundaries_unreadable", found=reason_of(error), where=str(path)) from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) and "geometry" in one for one in features):
        raise SourceError("boundaries_unreadable", found="no list of features", where=str(path))
    return {"features": features}
