"""The figures that a publication quotes: its divides in short, and each figure with the published ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from divide_cli import concepts as v
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import Gap, area_name, catalogue, codelist
from divide_cli.catalogue.claims import Claim, Content, publications
from divide_cli.language import clauses, commas, joint, labelled, later, remarked, say
from divide_cli.reports import tables
from divide_cli.reports.published import (
    GAP_KEY,
    Citations,
    Lookup,
    country_sources,
    latest_at,
    measures_of,
    plain_groups,
    records,
    short_of,
    title_of,
)
from divide_cli.reports.tables import NOTHING, Block, Row, number, with_unit
from divide_cli.sources.editions import editions, published_editions

DIVIDE_COLUMNS = ("Divide", "Quoted", "Published", later("From countries"))
FIGURE_COLUMNS = ("Para", "What", "Quoted", "Published")


_Line = tuple[str, str, str]
"""What a publication says, its figure as printed, and the published figures for it (empty for none)."""


@dataclass(frozen=True)
class Quotations:
    """What a quoting edition says (`quoted`), the published figures, and the gaps of groups from country figures."""

    request: Request
    quoted: Lookup
    published: Lookup
    countries: Sequence[Row]
    citations: Citations

    def blocks(self, edition: str) -> list[Block]:
        """The divides in short, and every figure and gap that is quoted."""
        publication = publications()[PurePath(editions()[edition].view).stem]
        blocks = self._divides(publication.publication.citation), self._figures(publication)
        return [block for block in blocks if block.rows or block.notes]

    def _gaps(self, gap: Gap) -> list[Row]:
        """The gap in each measure that is shown, for each year that the publication gives both sides of."""
        rows = [row for key, rows in self.quoted.gaps.items() if key[0] == gap.id for row in rows]
        return [row for measure in measures_of(self.request, gap) for row in rows if row[v.MEASURE] == measure]

    def divides(self) -> list[tuple[Gap, list[tuple[Row, Row | None, Row | None]]]]:
        """Each gap that is cited and quoted, with its rows by measure: quoted, published, from countries."""
        cited = sorted((gap for gap in catalogue().gaps.values() if gap.cited), key=lambda gap: gap.cited)
        rows = [(gap, [(row, *self._others(row)) for row in self._gaps(gap)]) for gap in cited]
        return [(gap, of_gap) for gap, of_gap in rows if of_gap]

    def _others(self, row: Row) -> tuple[Row | None, Row | None]:
        """The published gap of the year of a quoted one, else of the latest; the latest from countries."""
        key = {name: row[name] for name in GAP_KEY if name != v.TIME_PERIOD}
        every_gap = (one for rows in self.published.gaps.values() for one in rows)
        published = next(iter(self.published.gap(row)), None) or latest_at(key, every_gap)
        return published, latest_at(key, self.countries)

    def _divides(self, citation: str) -> Block:
        """A row for each gap and measure; the first of a gap names the years, the editions and the coverage."""
        cells: list[tuple[str, ...]] = []
        rules: set[int] = set()
        for gap, rows in self.divides():
            what = say(
                "Para {cited}: {title_of}",
                cited=commas(map(str, gap.cited)),
                title_of=title_of(gap, between=f"{joint('comma').rstrip()}\n"),
            )
            for place, (row, published, upward) in enumerate(rows):
                measure = catalogue().measures[row[v.MEASURE]]
                rules |= set() if place else {len(cells)}
                says_it = measure.unit == "difference"  # PP says that it is one
                first = what if says_it else labelled(what, short_of(row))
                figures = self._beside(row, published, upward, in_full=not place)
                cells.append((short_of(row) if place else first, *figures))
        notes = (say("Gaps are computed from the figures of their column."),) if cells else ()
        title = say("The divides that {citation} cites: quoted, published, from countries", citation=citation)
        return tables.without_empty_columns(
            Block(title, DIVIDE_COLUMNS, cells, rules=frozenset(rules - {0}), notes=notes)
        )

    def _beside(self, row: Row, published: Row | None, upward: Row | None, in_full: bool) -> list[str]:
        """A quoted gap, the published one and that from countries; `in_full` adds years, editions and coverage."""
        cells = [self._plain(row), NOTHING, NOTHING]
        places = [say("\nin {time_period}", time_period=row[v.TIME_PERIOD]), "", ""]
        if published is not None:
            cells[1], places[1] = (
                self._plain(published),
                say(
                    "\nin {time_period} {source}", time_period=published[v.TIME_PERIOD], source=self._source(published)
                ),
            )
        if upward is not None:
            cells[2] = self.citations.marked(tables.stated(upward), upward)
            places[2] = say(
                "\nin {time_period} {source}, coverage {coverage_of}",
                time_period=upward[v.TIME_PERIOD],
                source=self._source(upward),
                coverage_of=tables.coverage_of(upward),
            )
        return [f"{cell}{place}" for cell, place in zip(cells, places, strict=True)] if in_full else cells

    def _plain(self, row: Row) -> str:
        """The value without its bounds; ITU's figures are all estimates, so that no mark says it."""
        unit = str(row[v.UNIT_MEASURE])
        return self.citations.marked(with_unit(number(row[v.OBS_VALUE], unit), unit), row, estimates=False)

    def _source(self, row: Row) -> str:
        return self.citations.of(row[v.EDITION])

    def _figures(self, content: Content) -> Block:
        """Each figure and gap that is published too; in a sentence for each paragraph, those that are not."""
        paragraphs: dict[str, list[_Line]] = {}
        for claim in content.claims:
            if _is_wanted(claim, self.request):
                paragraphs.setdefault(claim.where.removeprefix(say("para ")), []).append(self._figure(claim))
        for gap in catalogue().gaps.values():
            lines = [self._gap(gap, row) for row in self._gaps(gap)]
            for paragraph in map(str, gap.cited) if lines else ():
                paragraphs.setdefault(paragraph, []).extend(lines)
        cells: list[tuple[str, ...]] = []
        rules, notes = set(), []
        for paragraph, lines in paragraphs.items():
            published = [line for line in lines if line[-1]]
            rules |= {len(cells)} if published else set()
            cells += [(paragraph if line is published[0] else "", *line) for line in published]
            if alone := [remarked(what, quoted) for what, quoted, figures in lines if not figures]:
                notes.append(
                    say(
                        "Para {paragraph}: no edition available has a figure for {alone}.",
                        paragraph=paragraph,
                        alone=clauses(alone),
                    )
                )
        title = say("The figures that {citation} quotes, and the published ones", citation=content.publication.citation)
        return Block(title, FIGURE_COLUMNS, cells, rules=frozenset(rules - {0}), notes=tuple(notes))

    def _figure(self, claim: Claim) -> _Line:
        """A printed figure and the newest published value at its place."""
        selector, area = claim.selector, claim.selector.areas[0]
        key = {v.INDICATOR: selector.indicator, v.REF_AREA: area}
        key |= dict(zip(v.DIMENSIONS, selector.breakdown, strict=True))
        what = [catalogue().indicators[selector.indicator].short]
        what += [codelist(f"CL_{name}").name(key[name]).lower() for name in v.DIMENSIONS if key[name] != v.TOTAL]
        what += [area_name(area)] if area != v.WORLD else []
        unit = catalogue().indicators[selector.indicator].unit
        if selector.complement:
            rows = [
                (100 - row[v.OBS_VALUE], say(" in {time_period}", time_period=row[v.TIME_PERIOD]), row)
                for row in self._last_years(key)
            ]
            name, quoted = say("offline (100 - {what})", what=commas(what)), claim.quotation
        else:
            newest = self.published.value({**key, v.TIME_PERIOD: selector.year})[:1]
            rows = [(row[v.OBS_VALUE], "", row) for row in newest]
            name, quoted = commas([*what, str(selector.year)]), with_unit(claim.quotation, claim.unit)
        figures = [f"{with_unit(number(value, unit), unit)}{year} {self._source(row)}" for value, year, row in rows]
        return name, quoted, clauses(figures)

    def _last_years(self, key: dict[str, str]) -> list[Row]:
        """The value of the last year of each edition at the key, the newest edition first."""
        rows = [row for rows in self.published.aggregates.values() for row in rows if key.items() <= row.items()]
        latest = (latest_at({v.EDITION: name}, rows) for name in published_editions())
        return [row for row in latest if row is not None]

    def _gap(self, gap: Gap, row: Row) -> _Line:
        """A quoted gap and the published one of its year."""
        rows = [row, *self.published.gap(row)[:1]]
        texts = [self.citations.marked(tables.value_of(one), one, estimates=False) for one in rows]
        published = [f"{text} {self._source(one)}" for text, one in zip(texts[1:], rows[1:], strict=True)]
        what = labelled(commas((title_of(gap), str(row[v.TIME_PERIOD]))), short_of(row))
        return what, texts[0], "".join(published)


def _is_wanted(claim: Claim, request: Request) -> bool:
    """Whether the claim prints a figure (or its complement) that the request includes."""
    selector = claim.selector
    return (
        bool(selector.indicator and (claim.is_figure or selector.complement) and not request.gaps)
        and (not request.indicators or selector.indicator in request.indicators)
        and (not request.areas or selector.area in request.areas)
        and (not request.years or selector.year in (None, *request.years))
    )


def quotations(result: Result) -> list[Quotations]:
    """What each quoting edition of a result says, next to published figures and those from countries."""
    other = result.published or result
    published, citations = Lookup.of(other, published_editions()), Citations(result, other)
    gaps = records(plain_groups(result, result.gaps, country_sources(result)))
    quoted = [source.id for source in result.sources.values() if source.role == "quoted"]
    return [Quotations(result.request, Lookup.of(result, [name]), published, gaps, citations) for name in quoted]
