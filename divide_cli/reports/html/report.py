"""The page of `divide report`: pictures with their tables and data, the tables of the commands, sources, how to cite.

A section is about one question. Its pictures come from `reports.charts`, its tables from the reports of the commands.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.estimates.results import FILLED, NOWCAST
from divide_cli.analysis.request import Source
from divide_cli.catalogue import catalogue
from divide_cli.errors.text_safety import excel_safe_csv, in_utf8, shown
from divide_cli.frames.observations import Reading
from divide_cli.language import commas, labelled, say
from divide_cli.reports import charts, claims, estimates, gaps, inequality, profile, tables, wording
from divide_cli.reports import diff as changes
from divide_cli.reports import targets as target_tables
from divide_cli.reports.charts import Picture
from divide_cli.reports.charts.changes import picture as picture_of
from divide_cli.reports.charts.changes import title
from divide_cli.reports.charts.economies import missing_names
from divide_cli.reports.html import page
from divide_cli.reports.overview import Overview
from divide_cli.reports.published import title_of
from divide_cli.reports.tables import Block, in_language
from divide_cli.reports.wording import phrase
from divide_cli.sources.editions import editions

SHORT_TEXT = 260
"""The number of characters of a text alternative that is always open."""
_LARGER = 1.12
"""How much larger than drawn a picture is shown, so that its text has the size of the text around it."""
_PARITY = re.compile(r"[:：]\s?[<>?]")
_MARK = re.compile(r"(?<![^\s\d])\(\d\d?\)|(?<!\S)[*<>?](?!\S)")
"""A mark of a table that a note explains."""
MAPS = ("tiles", "boundaries")


@dataclass(frozen=True)
class Figure:
    """A picture on the page: its drawings by size, as they are drawn, and a link that contains its data as CSV."""

    id: str
    chart: str
    title: str
    picture: Picture
    drawn: Mapping[str, Future[str]]
    data: str
    missing: str = ""
    estimated: bool = False
    ranked: Sequence[tuple[str, str, str]] = ()

    @cached_property
    def drawings(self) -> dict[str, Markup]:
        """The finished drawings, by size."""
        return {size: _labelled(charts.trimmed(drawn.result()), self.id) for size, drawn in self.drawn.items()}

    @property
    def is_map(self) -> bool:
        """Whether names and places of economies are drawn, so that the disclaimer applies."""
        return self.chart in MAPS


class Section(NamedTuple):
    """A part of the page: its pictures, tables that are open (`first`), and tables that a reader opens."""

    id: str
    title: str
    figures: Sequence[Figure] = ()
    blocks: Sequence[Block] = ()
    first: Sequence[Block] = ()


class Headline(NamedTuple):
    """A divide in short: the difference that is quoted, and the others."""

    name: str
    value: str
    basis: str
    others: Sequence[str]


class Begun(NamedTuple):
    """Pictures that are drawn while further figures are computed, and the overview that they show."""

    overview: Overview
    figures: Mapping[str, Figure]


def begun(overview: Overview) -> Begun:
    """Begins the pictures of a page without areas that rest on the figures of the run and of economies alone."""
    charts_of_these = [name for name in _WORLD if {*catalogue().charts[name].rests_on} <= {"result", "levels"}]
    return Begun(overview, _drawings(charts_of_these, overview))


def text(pages: Sequence[Overview], early: Begun | None = None) -> str:
    """The page of an overview, or of one for each area; equal overviews give equal pages.

    `early` has pictures of the overview that have been begun.
    """
    first = pages[0]
    early = early or Begun(first, {})
    sections = [section for one in pages for section in (_of_area(one) if one.profile else _of_world(one, early))]
    heading = _title(pages)
    sections = [
        section._replace(blocks=_said(section.blocks), first=_explained(_said(section.first), _said(section.blocks)))
        for section in sections
    ]
    return page.rendered(
        _environment().get_template("report.html.j2"),
        heading,
        lead=_lead(pages),
        editions=phrase("page.editions", editions=wording.listed(_sources(pages), ", ")),
        headlines=[] if first.profile else _headlines(early.overview),
        sections=[section for section in sections if section.figures or section.blocks or section.first],
        sources=_source_blocks(pages),
        citation=_citation(pages, heading),
        remarks=_remarks(pages),
    )


def _said(blocks: Sequence[Block]) -> list[Block]:
    """The tables in the language."""
    return [in_language(block) for block in blocks]


def _explained(first: Sequence[Block], others: Sequence[Block]) -> list[Block]:
    """The tables that are open, the last with what the closed ones say about the marks in them: `(1)`, `*`, `<`."""
    texts = [text for block in first for text in (block.title, *(cell for row in block.rows for cell in row))]
    marks = {mark for text in texts for mark in _MARK.findall(text)}
    said = {note for block in first for note in block.notes}
    found = [note for block in others for note in block.notes if note not in said and _explains(note, marks)]
    return [*first[:-1], replace(first[-1], notes=(*first[-1].notes, *dict.fromkeys(found)))] if found else [*first]


def _explains(note: str, marks: Set[str]) -> bool:
    """Whether a note begins with one of the marks, or says what the signs of parity mean."""
    return any(note.startswith(mark) for mark in marks) or (
        _PARITY.search(note) is not None and not marks.isdisjoint("<>?")
    )


@cache
def _environment() -> Environment:
    environment = page.new_environment()
    environment.globals |= {"SHORT": SHORT_TEXT, "MOST": 20_000}
    return environment


def _title(pages: Sequence[Overview]) -> str:
    first = pages[0]
    if first.profile:
        return phrase("page.title_areas", areas=wording.listed([wording.named(one.areas[0]) for one in pages], ", "))
    return phrase("page.title_files" if first.result.request.files else "page.title")


def _lead(pages: Sequence[Overview]) -> str:
    first, files = pages[0], pages[0].result.request.files
    if first.profile:
        return phrase("page.lead_areas", areas=wording.listed([wording.named(one.areas[0]) for one in pages], ", "))
    if files:
        return phrase("page.lead_files", files=wording.listed([Path(name).name for name in files], ", "))
    return phrase("page.lead")


def _headlines(overview: Overview) -> list[Headline]:
    """The divides that are quoted, each with the published and the computed difference."""
    lines = []
    for quoted in overview.quotations:
        for gap, measures in quoted.divides():
            said, published, upward = measures[0]
            others = []
            for kind, row in (("facts.published", published), ("facts.countries", upward)):
                if row is not None:
                    when = phrase("facts.in_year", basis=phrase(kind), year=row[v.TIME_PERIOD])
                    others.append(labelled(when, _with_bounds(row)))
                if row is not None and (estimate := estimates.estimate_of(row)):
                    others.append(phrase("facts.with_estimates", year=row[v.TIME_PERIOD], estimate=estimate))
            basis = phrase("facts.in_year", basis=phrase("facts.quoted"), year=said[v.TIME_PERIOD])
            lines.append(Headline(title_of(gap), wording.stated(said), basis, others))
    return lines


def _with_bounds(row: tables.Row) -> str:
    """The value, its bounds if they are wider than its decimals, and the coverage."""
    if not tables.is_computed(row):
        return commas((wording.stated(row), phrase("facts.coverage", share=tables.coverage_of(row))))
    unit = str(row[v.UNIT_MEASURE])
    text = tables.with_unit(tables.figure(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)
    share = tables.coverage_of(row)
    return text if share == tables.NOTHING else commas((text, phrase("facts.coverage", share=share)))


def _of_world(overview: Overview, early: Begun) -> Iterator[Section]:
    """The sections of the page without areas."""
    figures = {**early.figures, **_drawings([name for name in _WORLD if name not in early.figures], overview)}
    blocks = gaps.summary(overview.result)
    quoted = blocks[:1] if overview.result.request.files == () and len(blocks) > 1 else []
    yield Section("divides", phrase("sections.divides"), _only(figures, "divides"), blocks[len(quoted) :], quoted)
    yield Section("groups", phrase("sections.groups"), _only(figures, "lines", "regions"))
    yield Section("economies", phrase("sections.economies"), _only(figures, "tiles", "boundaries", "strip", "ranking"))
    if overview.inequality is not None:
        found = list(inequality.output(overview.inequality).blocks())
        yield Section("inequality", phrase("sections.inequality"), (), found[1:], found[:1])
    if overview.targets is not None:
        found = list(target_tables.output(overview.targets).blocks())
        yield Section("targets", phrase("sections.targets"), _only(figures, "targets"), found)
    if overview.difference is not None:
        found = list(changes.output(overview.difference, "changes").blocks())
        yield Section("changes", phrase("sections.changes"), _only(figures, "waterfall"), found)
    if overview.reproduction is not None:
        found = claims.blocks(overview.reproduction)
        yield Section("claims", phrase("sections.claims"), (), found[1:], found[:1])


_WORLD = ("divides", "lines", "regions", "tiles", "boundaries", "strip", "ranking", "targets", "waterfall")
_AREA = ("position", "course", "area_gaps", "area_targets")


def _of_area(overview: Overview) -> Iterator[Section]:
    """The section of an area."""
    area = overview.areas[0]
    found = list(profile.output(overview.profile, "levels").blocks()) if overview.profile else []
    figures = [drawn for chart in _AREA if (drawn := drawing(chart, overview, area.lower())) is not None]
    yield Section(
        f"area-{area.lower()}", phrase("sections.profile", area=wording.named(area)), figures, found[2:], found[:2]
    )


def _drawings(names: Sequence[str], overview: Overview) -> dict[str, Figure]:
    """The charts that the overview has something for."""
    return {name: figure for name in names if (figure := drawing(name, overview)) is not None}


def _only(figures: Mapping[str, Figure], *names: str) -> list[Figure]:
    return [figures[name] for name in names if name in figures]


def drawing(name: str, overview: Overview, suffix: str = "") -> Figure | None:
    """A chart with what an overview has for it; None if that is nothing."""
    chart = catalogue().charts[name]
    picture = picture_of(chart.rows, overview)
    if picture is None:
        return None
    picture = replace(picture, title=title(chart, overview))
    place = "-".join(filter(None, ("chart", name, suffix)))
    drawn: dict[str, Future[str]] = {size: charts.drawing(chart, picture, size) for size in chart.sizes}
    is_map = name in MAPS
    rows = picture.table.rows if is_map else ()
    ranked = [(rank, area, value) for rank, area, _, value, *_ in rows if rank != tables.NOTHING]
    missing = missing_names(overview) if is_map else ""
    link = data_link(picture.figures)
    estimated = any(row.get(v.EST_KIND) in (FILLED, NOWCAST) for row in picture.figures)
    return Figure(place, name, picture.title, picture, drawn, link, missing, estimated, ranked)


def _labelled(svg: str, name: str) -> Markup:
    """The SVG as one image with its size; its name is the title of the figure, its description the text of it."""
    width = float(re.findall(r'viewBox="-?[\d.]+ 0 ([\d.]+) ', svg)[0]) * _LARGER
    named = f'role="img" aria-labelledby="{name}-title" aria-describedby="{name}-text"'
    return Markup(svg.replace("<svg", f'<svg width="{width:.0f}" {named}', 1))  # noqa: S704 (vl-convert escapes texts)


def data_link(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV inside an address: texts that a spreadsheet would take for a formula are marked."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    return f"data:text/csv;charset=utf-8,{quote(in_utf8(excel_safe_csv(text.getvalue())), safe='')}"


def _results(pages: Sequence[Overview]) -> list[Any]:
    """The results that the pages rest on and that name their sources."""
    parts = [
        part
        for one in pages
        for part in (one.result, one.result.published, one.levels, one.targets, one.inequality, one.profile)
        if part is not None
    ]
    sides = [side.result for one in pages if one.difference for side in (one.difference.before, one.difference.after)]
    return [*parts, *sides]


def _sources(pages: Sequence[Overview]) -> dict[str, Source]:
    """The editions of the pages, by id and in their order."""
    found = {name: source for part in _results(pages) for name, source in part.sources.items()}
    return dict(sorted(found.items()))


def _readings(pages: Sequence[Overview]) -> dict[str, Reading]:
    """What was read, by file."""
    parts = [part for part in _results(pages) if hasattr(part, "readings")]
    return {reading.file.name: reading for part in parts for reading in (*part.readings, *getattr(part, "weights", ()))}


def _source_blocks(pages: Sequence[Overview]) -> list[Block]:
    """The editions used, with date, groups, licence and sha256; then the files given."""
    readings, files = _readings(pages), pages[0].result.request.files
    heads = wording.phrases("source_columns")
    known = editions()
    hashes: dict[str, list[str]] = {}
    rows: list[tuple[str, ...]] = []
    given: list[tuple[str, ...]] = []
    for name, reading in readings.items():
        file = reading.file
        if name in files:
            size = phrase("sources.bytes", size=wording.count(file.size))
            given.append((Path(name).name, size, wording.count(reading.rows), file.sha256))
        else:
            hashes.setdefault(Path(name).parent.name, []).append(file.sha256)
    for name, source in _sources(pages).items():
        if name in known:
            own = hashes.get(name) or [file["sha256"] for file in known[name].files]
            groups, date = say(source.membership or source.groups), wording.day(known[name].vintage)
            rows.append((name, source.title, date, groups, source.licence, "\n".join(own) or tables.NOTHING))
    columns = tuple(heads[name] for name in ("edition", "title", "date", "groups", "licence", "sha256"))
    of_files = tuple(heads[name] for name in ("file", "size", "rows", "sha256"))
    editions_used = Block(phrase("sources.table"), columns, rows)
    files_given = Block(phrase("sources.own"), of_files, given, frozenset(of_files[1:3]))
    return [block for block in (editions_used, files_given) if block.rows]


def _citation(pages: Sequence[Overview], heading: str) -> str:
    """How the page is cited: the program, the title, and the citation of every edition."""
    citations = dict.fromkeys(source.citation for source in _sources(pages).values())
    return phrase("sources.cite_text", version=__version__, title=heading, citations=wording.listed(citations))


def _remarks(pages: Sequence[Overview]) -> list[str]:
    """Remarks on the whole page: the minimum of coverage, the conditions of licences, the disclaimer."""
    licences = catalogue().licences
    used = dict.fromkeys(part for source in _sources(pages).values() for part in source.licence.split(", "))
    conditions = [
        phrase("sources.conditions", licence=name, conditions=licences[name].restricts)
        for name in used if name in licences and licences[name].restricts
    ]  # fmt: skip
    minimum = phrase("sources.minimum", minimum=tables.with_unit(f"{pages[0].result.request.minimum:g}", "PT"))
    first = pages[0].result
    about = estimates.notes(first.estimates, first.request.estimate)
    return [minimum, *about, *map(shown, conditions), phrase("un_disclaimer.citation")]
