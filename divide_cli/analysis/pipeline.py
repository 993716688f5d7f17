"""The one place that composes the stages: observations -> values -> pairs -> gaps, edition by edition."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.analysis.aggregation import aggregate
from divide_cli.analysis.gaps import gaps_of
from divide_cli.analysis.request import Request, Result, Source, empty, finished
from divide_cli.analysis.values import as_published, compared_rows, is_group
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.errors.text_safety import in_utf8
from divide_cli.frames.columns import area_category, by_category, constant, labelled
from divide_cli.frames.observations import Observations, Reading, combine
from divide_cli.frames.schema import conform
from divide_cli.sources import editions, groupings
from divide_cli.sources.population import Population


def default_editions() -> list[str]:
    """The editions that `compute` takes where none is named: all but weights and older copies."""
    return [name for name, entry in editions.editions().items() if entry.role != "weights" and entry.default]


def current_editions() -> list[str]:
    """The default editions of country figures and published ones: what is quoted from a text is left out."""
    known = editions.editions()
    return [name for name in default_editions() if known[name].role in ("country", "published")]


def compute(request: Request) -> Result:
    """The gaps and group values that the request asks for. SourceError and OptionError as the stages raise them."""
    population = Population(request.population)
    values, dimensions, sources, readings, observed = values_of(request, population)
    weights = tuple(reading for name in sorted(population.readings) for reading in population.readings[name])
    if not len(values):
        return Result(
            empty("gaps", dimensions),
            empty("aggregates", dimensions),
            request,
            sources,
            readings,
            weights,
            dimensions,
        )
    known = catalogue()
    gaps = [gap for gap in known.gaps.values() if not request.gaps or gap.id in request.gaps]
    measures = [entry for entry in known.measures.values() if not request.measures or entry.id in request.measures]
    made, single = gaps_of(values, gaps, measures, dimensions)
    grouped = values[by_category(values[v.REF_AREA], lambda code: code in request.economies or not is_economy(code))]
    aggregates = finished(grouped, "aggregates", dimensions, request, (v.POPULATION,) if request.keep else ())
    return Result(
        gaps=finished(made, "gaps", dimensions, request),
        persons=aggregates.pop(v.POPULATION) if request.keep else None,
        aggregates=aggregates,
        observed=observed,
        request=request,
        sources=sources,
        readings=readings,
        weights=weights,
        dimensions=dimensions,
        single=single,
    )


Taken = Callable[[pd.DataFrame, npt.NDArray[np.bool_], Sequence[str]], npt.NDArray[Any]]
"""Which rows, beside those of groups, are taken as they stand: from observations, which rows are of groups,
dimensions.
"""


def values_of(
    request: Request, population: Population, taken: Taken = compared_rows
) -> tuple[pd.DataFrame, tuple[str, ...], dict[str, Source], tuple[Reading, ...], dict[str, pd.DataFrame]]:
    """The values of every edition or file of the request, the dimensions met, the sources and what was read.

    The observations end here, but for a request that keeps them: what follows needs the values only, and they may be
    many.
    """
    names = tuple(dict.fromkeys(request.editions)) or default_editions()
    runs = [_files(request)] if request.files else [_edition(name, request) for name in names]
    dimensions = tuple(sorted({name for run in runs for name in run.read.dimensions}))
    parts = [part for run in runs for part in _values(run, request, population, dimensions, taken)]
    sources = {run.source.id: run.source for run in runs}
    readings = tuple(reading for run in runs for reading in run.read.readings)
    values = _stacked(parts) if parts else pd.DataFrame()
    observed = {run.source.id: _selected(run.read.frame, request) for run in runs} if request.keep else {}
    return values, dimensions, sources, readings, observed


@dataclass(frozen=True)
class _Run:
    """One edition, read, with the groups of its vintage."""

    source: Source
    read: Observations
    members: groupings.Membership


def _files(request: Request) -> _Run:
    name = _name_of(request.files)
    read = combine([readers.load(path, name) for path in request.files])
    conform(read.frame, read.dimensions)
    licences = sorted({reading.licence for reading in read.readings if reading.licence})
    cited = "; ".join(
        f"{Path(reading.file.name).name} (sha256 {reading.file.sha256[:12]})" for reading in read.readings
    )
    members = groupings.membership(groupings.vintage(request.income_fy, date.max), request.groups)
    return _Run(
        Source(name, name, "country", cited, ", ".join(licences), members.label, _estimates(read)), read, members
    )


def memberships(request: Request) -> dict[str, groupings.Membership]:
    """The groups of areas of each edition of the request, or of its files, by the edition's name."""
    if request.files:
        name = _name_of(request.files)
        return {name: groupings.membership(groupings.vintage(request.income_fy, date.max), request.groups)}
    names = tuple(dict.fromkeys(request.editions)) or default_editions()
    return {
        name: groupings.membership(groupings.vintage(request.income_fy, editions.edition(name).vintage), request.groups)
        for name in names
    }


def _name_of(files: Sequence[str]) -> str:
    """The name that stands for the edition of files."""
    return "+".join("stdin" if path == "-" else in_utf8(Path(path).name) for path in files)


def _estimates(read: Observations) -> str:
    estimates, rows = (sum(getattr(one, name) for one in read.readings) for name in ("estimates", "rows"))
    return f"{estimates:,} of its {rows:,} values are estimates of its producer" if estimates else ""


def _edition(name: str, request: Request) -> _Run:
    found = editions.edition(name)
    members = groupings.membership(groupings.vintage(request.income_fy, found.vintage), request.groups)
    label = members.label if found.role == "country" else found.membership or v.AS_PUBLISHED
    source = Source(found.id, found.title, found.role, found.citation, found.licence["id"], label, found.method)
    return _Run(source, editions.load(name), members)


def _values(
    run: _Run, request: Request, population: Population, dimensions: Sequence[str], taken: Taken
) -> Iterator[pd.DataFrame]:
    """The values of a run: those that its source states (groups, and economies that a comparison takes), and groups
    combined from its economies."""
    frame = _selected(run.read.frame, request)
    own = run.read.dimensions
    groups = is_group(frame, run.members)
    as_they_stand = groups | taken(frame, groups, own) | frame[v.REF_AREA].isin(request.economies).to_numpy()
    stated = as_published(frame[as_they_stand], own, run.members, population)
    stated[v.MEMBERSHIP] = labelled(
        stated[v.N_AREAS_TOTAL].isna().to_numpy().astype(np.int8), (v.NOT_APPLICABLE, v.AS_PUBLISHED)
    )
    parts = [(stated, "stated")]
    if run.source.role == "country" and not groups.all():
        economies = frame[~groups] if groups.any() else frame
        combined = aggregate(economies, own, run.members, population, request.minimum)
        combined[v.MEMBERSHIP] = constant(run.members.label, len(combined))
        parts.append((combined, "combined"))
    for part, basis in parts:
        if not len(part):
            continue
        part[v.EDITION] = constant(run.source.id, len(part))
        part[v.BASIS] = constant(basis, len(part))
        part[v.SOURCE] = constant(run.source.citation, len(part))
        for name in dimensions:
            if name not in part:
                part[name] = constant(v.TOTAL, len(part))
        yield part


def regrouped(
    result: Result, edition: str, rows: npt.NDArray[np.bool_], groups: Sequence[str], fiscal_years: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Values of those of the groups that have other members in other fiscal years, by fiscal year.

    From the chosen rows of an edition that the result kept: combined anew from economies, or, of published figures, as
    they stand with the people of the other members.
    """
    found = editions.edition(edition)
    before = groupings.membership(groupings.vintage(result.request.income_fy, found.vintage), result.request.groups)
    moved: dict[str, groupings.Membership] = {}
    for label in fiscal_years:
        after = groupings.membership(groupings.vintage(label, date.max), result.request.groups)
        others = {code: after.groups[code] for code in groups if after.groups.get(code) != before.groups.get(code)}
        if others:
            moved[label] = groupings.Membership(others, after.label)
    frame = result.observed[edition][rows]
    if not moved or not len(frame):
        return {}
    dimensions = [name for name in result.dimensions if name in frame]
    population = Population(result.request.population)
    if found.role != "country":
        parts = {label: frame[frame[v.REF_AREA].isin(members.groups)] for label, members in moved.items()}
        return {label: as_published(part, dimensions, moved[label], population) for label, part in parts.items()}
    named = {f"{code} {label}": members.groups[code] for label, members in moved.items() for code in members.groups}
    economies = frame[~is_group(frame, before)]
    made = aggregate(economies, dimensions, groupings.Membership(named, ""), population, result.request.minimum)
    return {label: _renamed(made, label) for label in moved} if len(made) else {}


def _renamed(made: pd.DataFrame, label: str) -> pd.DataFrame:
    """The rows of the groups named `HIC FY25`, under their own codes."""
    own = {name: name.partition(" ")[0] for name in made[v.REF_AREA].cat.categories if name.endswith(f" {label}")}
    part = made[made[v.REF_AREA].isin(own)]
    codes = part[v.REF_AREA].astype(object).map(own)
    return part.assign(**{v.REF_AREA: pd.Categorical(codes, dtype=area_category(()))})


def _selected(frame: pd.DataFrame, request: Request) -> pd.DataFrame:
    """The observations of the indicators and years asked for."""
    wanted = set(request.indicators) or set(catalogue().indicators)
    if request.gaps:
        wanted &= {catalogue().gaps[gap].indicator for gap in request.gaps}
    keep = frame[v.INDICATOR].isin(wanted).to_numpy()
    if request.years:
        keep = keep & frame[v.TIME_PERIOD].isin(request.years).to_numpy()
    return frame if keep.all() else frame[keep]


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all parts; categories that differ are united."""
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    columns = {}
    for name in parts[0].columns:
        column = [part[name] for part in parts]
        types = {part.dtype for part in column}
        if len(types) > 1 and all(isinstance(kind, pd.CategoricalDtype) for kind in types):
            columns[name] = pd.Series(pd.api.types.union_categoricals(column))
        else:
            columns[name] = pd.concat(column, ignore_index=True)
    return pd.DataFrame(columns)


def published_editions() -> list[str]:
    """The editions of published group values, the newest first."""
    found = [entry for entry in editions.editions().values() if entry.role == "published"]
    return [entry.id for entry in sorted(found, key=lambda entry: entry.vintage, reverse=True)]


def beside(result: Result) -> Result:
    """The published figures of the same choice, to set beside the computed ones; the result itself if it has them."""
    published = published_editions()
    if set(published) <= set(result.sources) or not published:
        return result
    request = result.request
    return compute(
        Request(
            editions=tuple(published),
            gaps=request.gaps,
            indicators=request.indicators,
            areas=request.areas,
            years=request.years,
            measures=request.measures,
        )
    )
