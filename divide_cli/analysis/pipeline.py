"""Composes the stages of a computation: observations -> values -> pairs -> gaps, edition by edition."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.analysis.aggregation import aggregate
from divide_cli.analysis.estimates import results as estimates
from divide_cli.analysis.estimates.estimated import estimated
from divide_cli.analysis.gaps import gaps_of
from divide_cli.analysis.ranking import economies_wanted, ranked
from divide_cli.analysis.request import Request, Result, Source, finished
from divide_cli.analysis.rounding import with_decimals
from divide_cli.analysis.sharing import once
from divide_cli.analysis.values import as_published, compared_rows, is_group
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.errors.text_safety import in_utf8
from divide_cli.frames.columns import (
    Array,
    Mask,
    by_category,
    chosen,
    constant,
    labelled,
    stacked,
    with_codes,
    with_columns,
)
from divide_cli.frames.observations import Observations, Reading, combine, doubted
from divide_cli.frames.schema import conform
from divide_cli.language import clauses, say
from divide_cli.sources import editions, groupings
from divide_cli.sources.population import Population


def compute(request: Request) -> Result:
    """Computes the gaps and group values of the request. The stages may raise SourceError and OptionError."""
    population = population_of(request)
    values = values_of(request, population)
    gaps = [gap for gap in catalogue().gaps.values() if gap.id in (request.gaps or catalogue().gaps)]
    names = request.measures or catalogue().measures
    measures = [entry for entry in catalogue().measures.values() if entry.id in names]
    measured, single, groups = pd.DataFrame(), dict[str, int](), pd.DataFrame()
    if len(values.frame):
        measured, single = gaps_of(values.frame, gaps, measures, values.dimensions)
        groups = values.frame[
            by_category(values.frame[v.REF_AREA], lambda code: code in request.economies or not is_economy(code))
        ]
    further = (v.POPULATION,) if request.keep else ()
    aggregates = finished(groups, "aggregates", values.dimensions, request, further)
    persons = aggregates.pop(v.POPULATION) if request.keep else None
    finished_gaps = finished(measured, "gaps", values.dimensions, request)
    if request.estimate:
        aggregates, finished_gaps = (estimates.beside(one, values.estimates) for one in (aggregates, finished_gaps))
    result = _result(values, request, population)
    return replace(result, gaps=finished_gaps, persons=persons, aggregates=aggregates, single=single)


def observations_of(request: Request) -> Result:
    """The observations of the request and what they rest on, without gaps or group values."""
    population = population_of(request)
    values = values_of(replace(request, economies=(), keep=True), population, no_rows, wanted=())
    return _result(values, request, population)


def _result(values: "RunValues", request: Request, population: Population) -> Result:
    """What a result rests on; it has no gap and no group value yet."""
    return Result(
        gaps=finished(pd.DataFrame(), "gaps", values.dimensions, request),
        aggregates=finished(pd.DataFrame(), "aggregates", values.dimensions, request),
        observed=values.observed,
        members=values.members,
        request=request,
        sources=values.sources,
        readings=values.readings,
        weights=tuple(reading for name in sorted(population.readings) for reading in population.readings[name]),
        dimensions=values.dimensions,
        doubts=values.doubts,
        estimates=values.estimates,
    )


def compute_ranked(request: Request) -> Result:
    """Computes the request with the levels of the economies that it shows, its areas in the order that it names."""
    economies = economies_wanted(request.areas, request.gaps, request.ranks)
    result = compute(replace(request, economies=economies))
    shown = [source.id for source in result.sources.values() if source.role == "country"] or list(result.sources)
    frames = (result.gaps, result.aggregates)
    gaps, aggregates = (ranked(frame, request, result.dimensions, shown) for frame in frames)
    return replace(result, gaps=gaps, aggregates=aggregates)


RowChoice = Callable[[pd.DataFrame, Mask, Sequence[str]], Array]
"""Selects the rows that are taken unchanged, in addition to those of groups. Arguments: the observations, the mask of
rows of groups, and the dimensions.
"""


def no_rows(frame: pd.DataFrame, _groups: Mask, _dimensions: Sequence[str]) -> Array:
    """The choice of none: only the values of the areas wanted are taken."""
    return np.zeros(len(frame), dtype=bool)


@dataclass(frozen=True)
class RunValues:
    """The values of every edition or file of a run, the dimensions found, and what they rest on, by edition."""

    frame: pd.DataFrame
    dimensions: tuple[str, ...]
    sources: dict[str, Source]
    members: dict[str, groupings.Membership]
    readings: tuple[Reading, ...]
    observed: dict[str, pd.DataFrame]
    doubts: tuple[str, ...]
    estimates: dict[str, estimates.GroupEstimates]

    def of(self, edition: str) -> pd.DataFrame:
        """The values of one edition."""
        return self.frame[(self.frame[v.EDITION] == edition).to_numpy()] if len(self.frame) else self.frame


def values_of(
    request: Request,
    population: Population,
    choice: RowChoice = compared_rows,
    wanted: Collection[str] | None = None,
) -> RunValues:
    """The values of every edition or file of the request, of the areas in `wanted` or of all groups.

    The observations may be many, and later stages need only the values. They are discarded here unless the request
    keeps them.
    """
    names = tuple(dict.fromkeys(request.editions)) or editions.default_editions()
    with readers.naming_the_way_on(request.files, request.reading):
        runs = _files(request) if request.files else [_edition(name, request) for name in names]
    dimensions = tuple(sorted({name for run in runs for name in run.read.dimensions}))
    known = _estimates(runs, request, population) if request.estimate else {}
    parts = [part for run in runs for part in _values(run, request, population, dimensions, choice, wanted, known)]
    return RunValues(
        frame=stacked_values(parts) if parts else pd.DataFrame(),
        dimensions=dimensions,
        sources={run.source.id: run.source for run in runs},
        members={run.source.id: run.members for run in runs},
        readings=tuple(reading for run in runs for reading in run.read.readings),
        observed={run.source.id: _selected(run.read.frame, request) for run in runs} if request.keep else {},
        doubts=(
            *(doubt for run in runs for reading in run.read.readings for doubt in reading.doubts),
            *population.doubts,
            *(() if request.files or request.editions else editions.left_out()),
        ),
        estimates=known,
    )


def _estimates(runs: Sequence["_Run"], request: Request, population: Population) -> dict[str, estimates.GroupEstimates]:
    """The estimates of each run of country figures with an indicator that a model estimates, from all its years."""
    wanted = set(request.indicators) | {catalogue().gaps[gap].indicator for gap in request.gaps}
    known = {}
    for run in runs:
        for model in catalogue().estimates.values() if run.source.role == "country" else ():
            if wanted and model.indicator not in wanted:
                continue
            frame = run.read.frame[~is_group(run.read.frame, run.members)]
            own = estimated(frame, run.read.dimensions, run.members, population, model)
            if own:
                known[run.source.id] = estimates.GroupEstimates(own, run.members)
    return known


def current_values(request: Request, indicators: Sequence[str], choice: RowChoice) -> RunValues:
    """The values of indicators in all areas and years, from the requested files or editions, or the current ones."""
    names = request.editions or (() if request.files else tuple(editions.current_editions()))
    wider = replace(
        request, editions=names, indicators=tuple(dict.fromkeys(indicators)), areas=(), years=(), measures=()
    )
    return values_of(wider, population_of(request), choice)


def population_of(request: Request) -> Population:
    """The populations of a request: its file, read as strictly as its figures, and the editions."""
    return Population(request.population, skip_refused=not request.reading.strict)


@dataclass(frozen=True)
class _Run:
    """One edition, read, with the groups of its vintage."""

    source: Source
    read: Observations
    members: groupings.Membership


def _members(request: Request, on: date, income_fy: str | None = None) -> groupings.Membership:
    """The groups of the fiscal year requested, or of the latest one known on the day."""
    return groupings.membership(groupings.vintage(income_fy or request.income_fy, on), request.groups)


def _files(request: Request) -> list[_Run]:
    """The runs of the user's files: one for their economies, and one for the groups that they state.

    Files that state the same value of a group are runs of their own. Runs that rest on the same files are one.
    """
    members, names = _members(request, date.max), _names(request.files)
    options = replace(request.reading, decimals=True)
    loaded = [readers.load(path, name, options) for path, name in zip(request.files, names, strict=True)]
    reads = [with_decimals(doubted(read)) for read in loaded]
    groups = [is_group(read.frame, members) for read in reads]
    with_economies = [at for at, mask in enumerate(groups) if not len(mask) or not mask.all()]
    stated = [replace(read, frame=chosen(read.frame, mask)) for read, mask in zip(reads, groups, strict=True)]
    pools = _pools(stated)
    whole = not pools or with_economies in pools
    economies = [
        reads[at] if whole else replace(reads[at], frame=chosen(reads[at].frame, ~groups[at])) for at in with_economies
    ]
    parts = [(with_economies, economies, "country")] if economies else []
    parts += [(pool, [stated[at] for at in pool], "published") for pool in pools if pool != with_economies]
    runs = [_run([names[at] for at in files], rows, members, role) for files, rows, role in parts]
    readings = tuple(reading for read in reads for reading in read.readings)
    return [replace(run, read=replace(run.read, readings=() if at else readings)) for at, run in enumerate(runs)]


def _names(paths: Sequence[str]) -> list[str]:
    """The name of each file, which is its path if another file has the same name."""
    names = ["stdin" if path == "-" else Path(path).name for path in paths]
    return [in_utf8(path if names.count(name) > 1 else name) for path, name in zip(paths, names, strict=True)]


def _pools(stated: Sequence[Observations]) -> list[list[int]]:
    """The files with rows of groups, by position: together, except those that have a key in common with another."""
    keys = [part.frame[[*v.KEY, *part.dimensions]].astype(str) for part in stated]
    file = np.repeat(np.arange(len(keys)), [len(frame) for frame in keys])
    pairs = pd.concat(keys, ignore_index=True).fillna(v.TOTAL).assign(**{v.FILE: file})
    shared = pairs.drop_duplicates().duplicated(list(pairs.columns.drop(v.FILE)), keep=False)
    alone = sorted(set(pairs.drop_duplicates()[v.FILE][shared]))
    together = [at for at, frame in enumerate(keys) if len(frame) and at not in alone]
    return [*([together] if together else []), *([at] for at in alone)]


def _run(names: Sequence[str], parts: Sequence[Observations], members: groupings.Membership, role: str) -> _Run:
    """The run of rows of the user's files; "published" if all are groups that the files state."""
    read, name = combine(list(parts)), "+".join(names)
    one_edition = with_columns(read.frame, {v.EDITION: constant(name, len(read.frame))})
    conform(one_edition, read.dimensions)  # the files are one source: a key in two of them occurs twice
    licences = sorted({reading.licence for reading in read.readings if reading.licence})
    inputs = [reading.file for reading in read.readings]
    cited = clauses(
        say("{name} (sha256 {sha256})", name=Path(file.name).name, sha256=file.sha256[:12]) for file in inputs
    )
    estimates, rows = (sum(getattr(one, name) for one in read.readings) for name in ("estimates", "rows"))
    method = (
        say("{estimates:,} of its {rows:,} values are estimates of its producer", estimates=estimates, rows=rows)
        if estimates
        else ""
    )
    label, short = (members.label, members.short) if role == "country" else (v.AS_PUBLISHED, v.AS_PUBLISHED)
    return _Run(Source(name, name, role, cited, ", ".join(licences), label, method, short), read, members)


def _edition(name: str, request: Request) -> _Run:
    edition = editions.edition(name)
    members = _members(request, edition.vintage)
    published = edition.membership or v.AS_PUBLISHED
    label, short = (members.label, members.short) if edition.role == "country" else (published, published)
    licence, method = edition.licence["id"], edition.method
    source = Source(edition.id, edition.title, edition.role, edition.citation, licence, label, method, short)
    return _Run(source, editions.load(name), members)


def _values(
    run: _Run,
    request: Request,
    population: Population,
    dimensions: Sequence[str],
    choice: RowChoice,
    wanted: Collection[str] | None,
    known: Mapping[str, estimates.GroupEstimates],
) -> Iterator[pd.DataFrame]:
    """The values of a run: those that its source states, and those of groups combined from its economies.

    The source states values of groups, and of the economies that a comparison takes. Cells that can be estimated have
    a row without a value: those of the economies that are shown, and of one economy for the groups.
    """
    frame, own_estimates = _selected(run.read.frame, request), known.get(run.source.id)
    if own_estimates:
        shown = {*request.economies, *request.areas, *(wanted or ())}
        frame = estimates.with_missing(frame, run.read.frame, own_estimates.estimated, shown, request.years)
    own = run.read.dimensions
    groups = is_group(frame, run.members)
    stated_groups = groups if wanted is None else with_codes(frame[v.REF_AREA], wanted)
    as_they_stand = stated_groups | choice(frame, groups, own) | with_codes(frame[v.REF_AREA], request.economies)
    edition = None if request.files or own_estimates else (run.source.id, request.income_fy, request.groups)
    stated = once(edition, as_published, chosen(frame, as_they_stand), own, run.members, population)
    stated[v.MEMBERSHIP] = labelled(
        stated[v.N_AREAS_TOTAL].isna().to_numpy().astype(np.int8), (v.NOT_APPLICABLE, v.AS_PUBLISHED)
    )
    parts = [(stated, "stated")]
    members = run.members if wanted is None else run.members.only(wanted)
    if run.source.role == "country" and (own_estimates or not groups.all()) and members.groups:
        economies = chosen(frame, ~groups)
        if own_estimates:
            one = own_estimates.estimated.areas[:1]
            economies = estimates.with_missing(economies, run.read.frame, own_estimates.estimated, one, request.years)
        combined = once(edition, aggregate, economies, own, members, population, request.minimum)
        combined[v.MEMBERSHIP] = constant(run.members.label, len(combined))
        parts.append((combined, "combined"))
    for part, basis in parts:
        if not len(part):
            continue
        yield attributed(part, run.source, basis, dimensions)


def attributed(part: pd.DataFrame, source: Source, basis: str, dimensions: Sequence[str]) -> pd.DataFrame:
    """The values with their edition, basis and citation, and a total in each dimension that they do not have."""
    part[v.EDITION] = constant(source.id, len(part))
    part[v.BASIS] = constant(basis, len(part))
    part[v.SOURCE] = constant(source.citation, len(part))
    for name in dimensions:
        if name not in part:
            part[name] = constant(v.TOTAL, len(part))
    return part


def regrouped(
    result: Result, edition: str, rows: Mask, groups: Sequence[str], fiscal_years: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """The values of groups whose members differ between fiscal years, by fiscal year.

    They come from the chosen rows of an edition that the result kept. Values are combined again from economies;
    published figures are unchanged, with the people of the other members.
    """
    origin = editions.edition(edition)
    before = _members(result.request, origin.vintage)
    moved: dict[str, groupings.Membership] = {}
    for label in fiscal_years:
        after = _members(result.request, date.max, label)
        others = {code: after.groups[code] for code in groups if after.groups.get(code) != before.groups.get(code)}
        if others:
            moved[label] = groupings.Membership(others, after.label)
    frame = result.observed[edition][rows]
    if not moved or not len(frame):
        return {}
    dimensions = [name for name in result.dimensions if name in frame]
    population = population_of(result.request)
    if origin.role != "country":
        parts = {label: frame[frame[v.REF_AREA].isin(members.groups)] for label, members in moved.items()}
        return {label: as_published(part, dimensions, moved[label], population) for label, part in parts.items()}
    economies, minimum = frame[~is_group(frame, before)], result.request.minimum
    return {label: aggregate(economies, dimensions, members, population, minimum) for label, members in moved.items()}


def _selected(frame: pd.DataFrame, request: Request) -> pd.DataFrame:
    """The observations of the indicators and years requested."""
    indicators = set(request.indicators) or set(catalogue().indicators)
    if request.gaps:
        indicators &= {catalogue().gaps[gap].indicator for gap in request.gaps}
    keep = with_codes(frame[v.INDICATOR], indicators)
    if request.years:
        keep = keep & frame[v.TIME_PERIOD].isin(request.years).to_numpy()
    return chosen(frame, keep)


def stacked_values(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all parts; categories that differ are united."""
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    return pd.DataFrame({name: stacked([part[name] for part in parts]) for name in parts[0].columns})


def beside(result: Result) -> Result | None:
    """The published figures of the same choice, to show next to computed ones; None if the result has them already."""
    published = editions.published_editions()
    if set(published) <= set(result.sources) or not published:
        return None
    request = replace(result.request, files=(), editions=tuple(published), income_fy=None, population="", groups=())
    return compute(replace(request, economies=(), keep=False))
