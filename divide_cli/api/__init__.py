"""One function a verb: it checks the arguments of the call, then calls the composing function of a package.

Arguments are those of the command line; None means all, or the default that `divide VERB --help` names. Packages are
imported where they are called: a wrong argument is reported before anything heavy is loaded. The verbs that compare two
states are in `comparisons`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli.api import choices
from divide_cli.api.choices import Words, Years
from divide_cli.api.comparisons import diff as diff
from divide_cli.api.comparisons import explain as explain
from divide_cli.api.own_editions import add_edition as add_edition
from divide_cli.api.pages import chart as chart
from divide_cli.api.pages import report as report
from divide_cli.api.profiles import profile as profile
from divide_cli.api.submissions import Validation as Validation
from divide_cli.api.submissions import read as read
from divide_cli.api.submissions import rules as rules
from divide_cli.api.submissions import validate as validate
from divide_cli.api.surveys import survey_draft as survey_draft
from divide_cli.api.surveys import survey_example as survey_example
from divide_cli.api.surveys import tabulate as tabulate
from divide_cli.catalogue import catalogue, data_dir
from divide_cli.errors import NothingComputedError, OptionError
from divide_cli.language import ENGLISH, commas, say, speaking

if TYPE_CHECKING:
    from divide_cli.analysis.inequality import Inequality
    from divide_cli.analysis.request import Result
    from divide_cli.analysis.targets import TargetAssessment
    from divide_cli.claims.documents.candidates import Unclaimed
    from divide_cli.claims.reproduce import Reproduction
    from divide_cli.reports.catalogue import Entry
    from divide_cli.sources.fetch import Fetched


def compute(
    files: Words = None,
    *,
    gaps: Words = None,
    indicators: Words = None,
    areas: Words = None,
    years: Years = None,
    editions: Words = None,
    income_fy: str | None = None,
    measures: Words = None,
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
    sort: str | None = None,
    top: int | None = None,
    estimate: bool = False,
    encoding: str = "",
    dimensions: Words = None,
    attributes: Words = None,
    structure: Path | None = None,
    skip_refused: bool = False,
    beside: bool = True,
) -> "Result":
    """Computes the gaps and group values of the choice and, with `beside`, the published figures of the same choice.

    The levels of economies join the group values if they are named, or all of them if areas are sorted. All come from
    the files, or from the embedded editions. Raises NothingComputedError if there is no gap and no value.
    """
    ids = {
        "gaps": choices.known_values("--gap", gaps, "gaps"),
        "indicators": choices.known_values("--indicator", indicators, "indicators"),
        "measures": choices.measure_ids(measures, catalogue().measures),
    }
    choices.check_applicable_to_gaps(**ids)
    further = {"minimum": min_coverage, "population": str(population or ""), "sort": sort or "", "top": top or 0}
    further |= {**ids, "estimate": estimate}
    columns = choices.column_choices(dimensions, attributes, structure)
    further["reading"] = choices.reading(files, population, encoding, columns, skip_refused)
    request = choices.checked_request(files, areas, years, editions, groups, income_fy, **further)
    from divide_cli.analysis import pipeline

    result = pipeline.compute_ranked(request)
    if not (len(result.gaps) or len(result.aggregates)):
        selection = {"gap": request.gaps, "indicator": request.indicators, "area": request.areas, "year": request.years}
        options = choices.as_options(**selection, edition=request.editions)
        where = commas(result.sources)
        raise NothingComputedError("nothing_computed", observations=result.observations, options=options, where=where)
    return replace(result, published=pipeline.beside(result)) if beside else result


def measure(
    question: str,
    files: Words = None,
    *,
    over: str = "",
    order: str = "",
    reference: str = "",
    without: str = "",
    measures: Words = None,
    areas: Words = None,
    years: Years = None,
    editions: Words = None,
    income_fy: str | None = None,
    level: float = 95.0,
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
    covariance: Path | None = None,
    panel: str = "all",
    encoding: str = "",
    dimensions: Words = None,
    attributes: Words = None,
    structure: Path | None = None,
    skip_refused: bool = False,
) -> "Inequality":
    """Computes the measures of inequality for a gap or an indicator, their parts, and their course over the years.

    `order` and `without` are codes between commas. `covariance` is a file with the covariances of subgroups. Raises
    NothingComputedError if no subgroups are found, or none that a chosen measure applies to.
    """
    measures = choices.measure_ids(measures, catalogue().every_measure)
    query = choices.query_fields(question, over, order, reference, without, from_files=bool(files))
    choices.check_applicable(measures, query)
    further = {"minimum": min_coverage, "population": str(population or ""), "measures": measures, "level": level}
    further |= {"panel": panel, "covariance": str(covariance or "")}
    columns = choices.column_choices(dimensions, attributes, structure)
    further["reading"] = choices.reading(files, population, encoding, columns, skip_refused)
    request = choices.checked_request(files, areas, years, editions, groups, income_fy, **further)
    from divide_cli.analysis.inequality import measure_inequality
    from divide_cli.analysis.inequality.query import Query

    inequality = measure_inequality(Query(**query), request)
    if not len(inequality.frame):
        raise NothingComputedError(
            "nothing_measured",
            indicator=inequality.query.indicator,
            over=inequality.query.over,
            settings=len(inequality.subgroup_sets) or say("none"),
            years=say(" in {years}", years=commas(map(str, request.years))) if request.years else "",
            where=commas(inequality.sources),
        )
    return inequality


def targets(
    files: Words = None,
    *,
    targets: Words = None,
    areas: Words = None,
    years: Years = None,
    editions: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    groups: Words = None,
    status: str | None = None,
    encoding: str = "",
    dimensions: Words = None,
    attributes: Words = None,
    structure: Path | None = None,
    skip_refused: bool = False,
) -> "TargetAssessment":
    """Assesses which areas meet the targets, the shortfall of the others, and when they would meet them.

    `status` limits what is listed to one Track, not what is counted. Raises NothingComputedError without a figure.
    """
    names = choices.known_values("--target", targets, "targets") or tuple(catalogue().targets)
    columns = choices.column_choices(dimensions, attributes, structure)
    further = {"minimum": min_coverage, "reading": choices.reading(files, None, encoding, columns, skip_refused)}
    request = choices.checked_request(files, areas, years, editions, groups, income_fy, **further)
    from divide_cli.analysis.targets import Track, assess

    assessment = assess([catalogue().targets[name] for name in names], request)
    if not len(assessment.frame):
        options = choices.as_options(area=request.areas, year=request.years)
        other = (
            say("see with `divide read FILE` what the file has")
            if files
            else say("pass a file (prices are not embedded)")
        )
        where = commas(assessment.sources)
        raise NothingComputedError("no_target_assessed", options=options, other=other, where=where)
    return replace(assessment, status=Track(status)) if status else assessment


def reproduce(
    claims: Sequence[Path] | None = None,
    *,
    only: Words = None,
    editions: Words = None,
    basis: str = "both",
    estimate: bool = False,
    lock: Path | None = None,
) -> "Reproduction":
    """Gives the verdict on each claim of the files or the embedded publications, and what changed since the lock.

    A file has claims, or is a text in which figures are marked (Markdown, Quarto, LaTeX, reStructuredText); a folder
    has such texts. `estimate` adds numbers with estimates to claims that are not computable from countries; no verdict
    rests on them. Raises NothingComputedError if none has a claim.
    """
    from divide_cli.claims import claims_file, documents
    from divide_cli.claims import lock as locks
    from divide_cli.sources.editions import edition

    before = locks.read(lock) if lock else None
    paths = dict.fromkeys(documents.walk(claims or claims_file.embedded()))
    files = [(documents if documents.is_text(path) else claims_file).load(path) for path in paths]
    if not any(file.claims for file in files):
        raise NothingComputedError("marks_missing", where=commas(file.path for file in files))
    selection = claims_file.selection(files, only or ())
    for name in editions or ():
        edition(name)
    from divide_cli.claims import reproduce as room

    bases = room.BASES if basis == "both" else (basis,)
    reproduction = room.reproduce(files, selection, editions or (), bases, estimate)
    if before is None:
        return reproduction
    now = locks.lock_of(reproduction)
    changes, claim_changes = tuple(locks.changes(before, now)), locks.claim_changes(before, now)
    return replace(reproduction, changes=changes, claim_changes=claim_changes)


def lock(claims: Sequence[Path] | None = None, *, editions: Words = None, out: Path) -> "Reproduction":
    """Writes what the claims rest on, and the values computed, so that a later run can say what has changed."""
    reproduction = reproduce(claims, editions=editions)
    from divide_cli.claims import lock as locks
    from divide_cli.frames import atomic_write

    with speaking(ENGLISH, data_dir()):  # the same lock in every language
        text = locks.text(locks.lock_of(reproduction))
    atomic_write.write({out: text}, say("the lock"))
    return reproduction


def new_claims(file: Path, title: str = "") -> tuple[Path, ...]:
    """Writes a new claims file, and its JSON Schema next to it. Raises OptionError if the file exists."""
    from divide_cli.claims import claims_file
    from divide_cli.frames import atomic_write

    return atomic_write.write(claims_file.new_file(file, title), say("the claims file"), hint=say("name another file"))


def unclaimed(texts: Sequence[Path], *, editions: Words = None) -> "list[Unclaimed]":
    """The figures of texts that no mark is about, with the numbers of the catalogue that they may state."""
    from divide_cli.claims import documents
    from divide_cli.sources.editions import edition

    for name in editions or ():
        edition(name)
    paths = list(dict.fromkeys(documents.walk(texts)))
    for path in paths:
        if not documents.is_text(path):
            raise OptionError("text_suffix_unknown", expected=commas(documents.SUFFIXES), found=str(path))
    from divide_cli.claims.documents.candidates import unclaimed as of_text

    return [entry for path in paths for entry in of_text(documents.Document.read(path), tuple(editions or ()))]


def template(indicator: str, *, areas: Words = None, years: Years = None) -> list[dict[str, str]]:
    """The rows of an empty submission: one for each area, year and breakdown, with its key and unit."""
    choices.known_values("INDICATOR", [indicator], "indicators")
    codes, numbers = choices.area_codes(areas), choices.year_span(years)
    from divide_cli.reports.template import rows

    return rows(catalogue().indicators[indicator], list(codes), list(numbers))


def fetch(indicators: Sequence[str], *, source: str = "itu", to: Path | None = None, base_url: str = "") -> "Fetched":
    """Downloads current figures into an edition of that day, below the folder given or the user's own.

    A progress bar is shown if standard error is a terminal. Raises SourceError if something cannot be had completely.
    """
    service = choices.checked_service(source, base_url)
    names = choices.known_values("INDICATOR", indicators, "indicators")
    from divide_cli.reports.progress import downloading
    from divide_cli.sources.editions import own_folder
    from divide_cli.sources.fetch import fetch

    with downloading(service.name) as progress:
        return fetch(names, service, to or own_folder(), date.today(), progress, base_url=base_url)


def kinds() -> Mapping[str, Mapping[str, "Entry"]]:
    """The entries of the catalogue by kind and id."""
    from divide_cli.reports import catalogue as entries

    return entries.kinds()


def entries(kind: str) -> Mapping[str, "Entry"]:
    """The entries of a kind by id. Raises OptionError for an unknown kind."""
    choices.known_values("KIND", [kind], "", kinds())
    return kinds()[kind]


def entry(name: str) -> list["Entry"]:
    """The entries with that id or code, of any kind. Raises OptionError if there is none."""
    from divide_cli.reports import catalogue as entries

    return entries.find(name)
