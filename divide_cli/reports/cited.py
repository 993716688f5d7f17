"""The gaps that a publication cites, paragraph by paragraph: its own figures, and what the published editions give."""

from dataclasses import replace
from typing import Any

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import published_editions
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import area_name, catalogue, codelist
from divide_cli.reports.lookup import Lookup, Row, legend, letter
from divide_cli.reports.marks import ESTIMATE, marks, meanings
from divide_cli.reports.numbers import bounded, number, with_unit
from divide_cli.reports.tables import Block
from divide_cli.sources.editions import edition, is_figure, quotation

COLUMNS = ("Para", "What", "Quoted", "Published")
Line = tuple[str, str, str]
ONLY = "quoted only"


def blocks(result: Result, other: Result, published: Lookup) -> list[Block]:
    """One block for each quoting publication; `other` holds the published figures that `published` indexes."""
    quoting = [source for source in result.sources.values() if source.role == "quoted"]
    return [block for source in quoting if (block := _block(result, other, published, source.id)) is not None]


def _block(result: Result, other: Result, published: Lookup, name: str) -> Block | None:
    publication = edition(name).view.rsplit("/", 1)[-1].removesuffix(".yaml")
    document = catalogue().claims[publication]
    quoted = Lookup.of(result, [name])
    paragraphs: dict[str, list[Line]] = {}
    for claim in document["claims"]:
        if _asked(claim, result.request):
            paragraphs.setdefault(claim["where"].removeprefix("para "), []).append(_figure(claim, published))
    for gap in catalogue().gaps.values():
        lines = [line for measure in gap.shown for line in _gaps(gap.id, measure, quoted, published)]
        for paragraph in gap.cited if lines else ():
            paragraphs.setdefault(str(paragraph), []).extend(lines)
    rows: list[tuple[str, ...]] = []
    rules: set[int] = set()
    for where, found in paragraphs.items():
        rules.add(len(rows))
        rows += [(where if index == 0 else "", *line) for index, line in enumerate(found)]
    if not rows:
        return None
    title = f"The divides that {document['publication']['citation']} cites: as quoted, and from published figures"
    notes = ["Gaps are computed from the figures of their column; brackets: what the rounding of those figures allows."]
    if any(line[-1] == ONLY for line in rows):
        notes.append(
            f"{ONLY}: no published edition at hand holds the figure, so that nothing stands beside the quotation."
        )
    notes += meanings((line[2].rpartition(" ")[2] for line in rows), list(catalogue().measures))
    block = Block(title, COLUMNS, rows, rules=frozenset(rules - {0}), notes=tuple(notes))
    return replace(block, notes=tuple(note for note in (*notes, legend(other, [block])) if note))


def _asked(claim: dict[str, Any], request: Request) -> bool:
    """Whether the claim prints a figure (or its complement) that the request takes."""
    selector = claim["selector"]
    if "indicator" not in selector or not (is_figure(claim) or selector.get("complement")) or request.gaps:
        return False
    return (
        (not request.indicators or selector["indicator"] in request.indicators)
        and (not request.areas or selector["area"] in request.areas)
        and (not request.years or selector["year"] in (None, *request.years))
    )


def _figure(claim: dict[str, Any], published: Lookup) -> Line:
    """A printed figure beside the newest published value at its place."""
    selector = claim["selector"]
    key = {v.INDICATOR: selector["indicator"], v.REF_AREA: selector["area"]}
    key |= {name: selector.get(name, v.TOTAL) for name in v.DIMENSIONS}
    what = [catalogue().indicators[selector["indicator"]].short]
    what += [codelist(f"CL_{name}").name(key[name]).lower() for name in v.DIMENSIONS if key[name] != v.TOTAL]
    what += [area_name(selector["area"])] if selector["area"] != v.WORLD else []
    if selector.get("complement"):
        found = _last_years(key, published)
        words = [f"{number(100 - row[v.OBS_VALUE], row[v.UNIT_MEASURE])} % in {_dated(row)}" for row in found]
        return f"offline: 100 - {', '.join(what)}", quotation(claim), "; ".join(words) or ONLY
    found = published.value({**key, v.TIME_PERIOD: selector["year"]})[:1]
    words = [
        f"{with_unit(number(row[v.OBS_VALUE], row[v.UNIT_MEASURE]), row[v.UNIT_MEASURE])} {letter(row[v.EDITION])}"
        for row in found
    ]
    quoted = with_unit(quotation(claim), claim["unit"])
    return ", ".join([*what, str(selector["year"])]), quoted, "; ".join(words) or ONLY


def _dated(row: Row) -> str:
    return f"{row[v.TIME_PERIOD]} {letter(row[v.EDITION])}"


def _last_years(key: dict[str, str], published: Lookup) -> list[Row]:
    """The value of the last year of each edition at the key, the newest edition first."""
    last: dict[str, Row] = {}
    for rows in published.aggregates.values():
        for row in rows:
            name = row[v.EDITION]
            same = all(row[column] == code for column, code in key.items())
            if same and (name not in last or row[v.TIME_PERIOD] > last[name][v.TIME_PERIOD]):
                last[name] = row
    return [last[name] for name in published_editions() if name in last]


def _gaps(gap: str, measure: str, quoted: Lookup, published: Lookup) -> list[Line]:
    """The gap in that measure for each year that the publication gives both sides of."""
    known = catalogue()
    comparison = known.comparisons[known.gaps[gap].comparison]
    lines = []
    for row in (row for key, found in quoted.gaps.items() for row in found if key[:2] == (gap, measure)):
        what = f"{known.indicators[row[v.INDICATOR]].short}, {comparison.name}, {row[v.TIME_PERIOD]}"
        title = f"{what}: {known.measures[measure].short}"
        words = [f"{_spoken(other)} {letter(other[v.EDITION])}" for other in published.gap(row)[:1]]
        lines.append((title, _spoken(row), "; ".join(words) or ONLY))
    return lines


def _spoken(row: Row) -> str:
    unit = row[v.UNIT_MEASURE]
    text = with_unit(bounded(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)
    return f"{text} {marks(row).replace(ESTIMATE, '')}".strip()  # ITU's figures are all estimates
