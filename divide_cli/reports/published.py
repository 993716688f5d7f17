"""Published figures: found by key, the newest edition first, and beside the paragraphs that quote them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import area_name, catalogue, codelist
from divide_cli.reports.numbers import ESTIMATE, bounded, marks, meanings, number, with_unit
from divide_cli.reports.tables import Block, Row
from divide_cli.sources.editions import edition, is_figure, published_editions, quotation

GAP_KEY = (v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)
VALUE_KEY = (v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)

_SHOWN = (
    v.EDITION, v.INDICATOR, v.UNIT_MEASURE, v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.OBS_STATUS, v.OBS_COMMENT,
    v.COVERAGE, v.N_AREAS, v.N_AREAS_TOTAL, v.MEMBERSHIP, *v.ROW_FLAGS,
)  # fmt: skip
"""The columns beside the key that tables print."""


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows as mappings, with the columns that tables print."""
    shown = [name for name in dict.fromkeys((*GAP_KEY, *_SHOWN)) if name in frame]
    columns = [frame[name].tolist() for name in shown]  # quicker than to_dict("records") on categories
    return [dict(zip(shown, row, strict=True)) for row in zip(*columns, strict=True)]


def printed(result: Result) -> set[str]:
    """The measures that tables print: those asked for, else those that any gap shows."""
    return set(result.request.measures) or {name for gap in catalogue().gaps.values() for name in gap.shown}


def _index(frame: pd.DataFrame, order: Sequence[str], key: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows of the editions by key; the rows of one key in the order of the editions."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(frame[frame[v.EDITION].isin(order)]) if len(frame) else ():
        found.setdefault(tuple(row[name] for name in key), []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: order.index(row[v.EDITION]))
    return found


@dataclass(frozen=True)
class Lookup:
    """Gaps and group values of editions, by key."""

    gaps: Mapping[tuple[Any, ...], list[Row]]
    aggregates: Mapping[tuple[Any, ...], list[Row]]

    @staticmethod
    def of(result: Result, editions: Sequence[str]) -> "Lookup":
        """An index over the frames, for the editions named, the first named first."""
        gaps = result.gaps[result.gaps[v.MEASURE].isin(printed(result))]
        return Lookup(_index(gaps, editions, GAP_KEY), _index(result.aggregates, editions, VALUE_KEY))

    def gap(self, row: Row) -> list[Row]:
        """The gaps at the key of the row."""
        return self.gaps.get(tuple(row[name] for name in GAP_KEY), [])

    def value(self, row: Row) -> list[Row]:
        """The group values at the key of the row."""
        return self.aggregates.get(tuple(row[name] for name in VALUE_KEY), [])


def letter(edition: str) -> str:
    """`(a)` for the newest published edition, `(b)` for the one before ..."""
    return f"({chr(ord('a') + published_editions().index(edition))})"


def legend(result: Result, blocks: Iterable[Block]) -> str:
    """The letters that the blocks use and the editions that they stand for."""
    text = " ".join(cell for block in blocks for row in (*block.rows, block.notes) for cell in row)
    known = [name for name in published_editions() if name in result.sources and letter(name) in text]
    cited = [f"{letter(name)} {name}: {result.sources[name].citation}." for name in known]
    methods = dict.fromkeys(result.sources[name].method for name in known)
    return " ".join([*cited, *methods]).strip()


def disagreement(total: pd.DataFrame, name: str, published: Lookup) -> list[str]:
    """Where published editions give different values for the world in the latest year that they share, says so."""
    world = total[total[v.REF_AREA] == v.WORLD].sort_values(v.TIME_PERIOD, ascending=False)
    for row in world.to_dict("records"):
        found = published.value(row)
        if len({other[v.OBS_VALUE] for other in found}) > 1:
            unit = row[v.UNIT_MEASURE]
            values = ", ".join(f"{number(other[v.OBS_VALUE], unit)} {letter(other[v.EDITION])}" for other in found)
            return [
                f"Published editions disagree on {name}, world, {row[v.TIME_PERIOD]}: {values}; the newest is shown."
            ]
    return []


def group_order() -> dict[str, int]:
    """The place of each group, as the catalogue lists them."""
    codes = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    return {code: place for place, code in enumerate(codes)}


QUOTED_COLUMNS = ("Para", "What", "Quoted", "Published")
Line = tuple[str, str, str]
ONLY = "quoted only"


def quotations(result: Result, other: Result, published: Lookup) -> list[Block]:
    """One block for each quoting publication; `other` holds the published figures that `published` indexes."""
    quoting = [source for source in result.sources.values() if source.role == "quoted"]
    return [block for source in quoting if (block := _quotation(result, other, published, source.id)) is not None]


def _quotation(result: Result, other: Result, published: Lookup, name: str) -> Block | None:
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
    block = Block(title, QUOTED_COLUMNS, rows, rules=frozenset(rules - {0}), notes=tuple(notes))
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
