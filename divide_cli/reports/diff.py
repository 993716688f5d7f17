"""The output of `divide diff`: what figures became of, the largest revisions, and why group values and gaps moved."""

import math
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.decomposition.changes import CHANGE, COMMON, DIFFERENCE, EQUAL, FROM, TO, Change
from divide_cli.analysis.decomposition.differences import (
    CONTRIBUTION,
    LOG,
    NOTE,
    SCALE,
    TERM,
    TOP,
    Difference,
    Side,
)
from divide_cli.catalogue import catalogue
from divide_cli.errors.text_safety import count_of
from divide_cli.language import clauses, commas, later, say
from divide_cli.reports import estimates, tables
from divide_cli.reports.json import provenance
from divide_cli.reports.published import names_of, place_of
from divide_cli.reports.tables import NOTHING, Block, Footnotes, Output, Row, number, of_frames

PRECISION = later(
    "Precision: equal to the decimals of the coarser figure (15.4428 and 15.4428229). "
    "Revised: different beyond these decimals."
)
ORDER = later("The revisions that weigh most come first: their size times the people of the economy.")
MOST_REVISIONS = 12
"""The number of revisions printed for an indicator; --format csv prints all."""
MOST_NAMED = 2
"""The number of economies named in a table; JSON names more."""
MOST_FROM, WITHHELD = later("Most from"), later("withheld")
WIDTH = 36
"""The width of the bars, in characters."""
MEANINGS: Mapping[str, str] = {
    "REVISED": later("Revised: figures of economies that both sides have."),
    "PERFORMANCE": later("Performance: the change of economies that report in both years."),
    "REPORTERS": later("Reporters: members that report on one side only."),
    "WEIGHTS": later("Weights: other populations."),
    "MEMBERSHIP": later("Membership: economies that join or leave the group."),
    "ESTIMATES": later("Estimates: figures that are estimates on one side at least."),
}
TERMS = later("Terms are Shapley values: they sum to the difference, and the order of the factors does not matter.")
FACTORS = later("Of a ratio, the terms are factors: the earlier ratio times all of them is the later one.")
MEAN = later("Most from: the economies that contribute most, each relative to the mean of its group.")


def output(difference: Difference, frame: str) -> Output:
    """The difference as tables, JSON, CSV (the changes or, if named, the decomposition) or Markdown."""
    before, after = difference.before, difference.after
    sides = {"from": _about(before), "to": _about(after)}
    counts = difference.counts.rename_axis(v.INDICATOR).reset_index()
    meta = {**sides, "counts": counts.astype({v.INDICATOR: str}).to_dict("records")}
    frames = {"changes": difference.changes, "decomposition": difference.decomposition}
    if before.result.request.estimate:
        frames["estimates"] = difference.estimates
    whole = of_frames(partial(_blocks, difference), meta, frames, frame)
    flat = {**frames, "decomposition": _flat(difference.decomposition)}
    as_csv = of_frames(whole.blocks, meta, flat, frame).texts["csv"]
    return Output(whole.blocks, {**whole.texts, "csv": as_csv}, whole.frames)


def revisions(difference: Difference, most: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The figures, and the group values and gaps, that were revised by more than `most`."""
    changes, rows = difference.changes, difference.decomposition
    figures = changes[changes[CHANGE].isin([Change.REVISED]) & (changes[DIFFERENCE].abs() > most)]
    return figures, rows[rows[DIFFERENCE].abs() > most]


def tell_revisions(difference: Difference, most: float | None) -> int:
    """Says on stderr which revisions are larger than `most`, and how many; the exit code, 1 if there are any."""
    if most is None:
        return 0
    figures, values = revisions(difference, most)
    if not len(figures) and not len(values):
        return 0
    largest = max([*figures[DIFFERENCE].abs(), *values[DIFFERENCE].abs()])
    counts = say(
        "{figures} and {values} or gap",
        figures=count_of(len(figures), "figure"),
        values=count_of(len(values), "group value"),
    )
    print(
        say(
            "divide: {counts} differ by more than {most:g}, the largest by {largest:g}",
            counts=counts,
            most=most,
            largest=largest,
        ),
        file=sys.stderr,
    )
    return 1


def _about(side: Side) -> dict[str, Any]:
    return {"name": side.name, "year": side.year, **provenance(side.result)}


def _flat(decomposition: pd.DataFrame) -> pd.DataFrame:
    """The decomposition with its largest contributions as text: `CHN +1.25 REVISED; IND -0.3 REPORTERS`."""
    if not len(decomposition):
        return decomposition
    texts = [
        clauses(f"{one[v.REF_AREA]} {one[CONTRIBUTION]:+.6g} {one[TERM]}" for one in top or ())
        for top in decomposition[TOP]
    ]
    return decomposition.assign(**{TOP: texts})


def _blocks(difference: Difference) -> list[Block]:
    notes = Footnotes()
    shown = _shown(difference)
    blocks = [_counts(difference, notes), *_revisions(difference)]
    for indicator, rows in shown.groupby(v.INDICATOR, observed=True, sort=False):
        records = rows.to_dict("records")
        blocks += _moved(str(indicator), records, difference, notes)
        blocks += [_waterfall(row, difference) for row in records if _is_drawn(row, difference)]
    blocks += estimates.moved(difference)
    used = [name for name in difference.terms if _has(shown, name)]
    ratios = [FACTORS] if len(shown) and (shown[SCALE] == LOG).any() else []
    meanings = [MEANINGS[name] for name in used]
    about = [TERMS, *meanings, *ratios, MEAN] if used else []
    precision = "" if difference.across_years else PRECISION
    return [
        *blocks,
        notes.block(
            precision,
            *estimates.notes(difference.after.result.estimates, difference.after.result.request.estimate),
            *tables.doubts_as_notes(difference.doubts),
            *about,
            names_of(shown[v.REF_AREA].astype(str) if len(shown) else ()),
        ),
    ]


def _counts(difference: Difference, notes: Footnotes) -> Block:
    """How many figures both sides have, and what became of them, by indicator."""
    kinds = difference.changes.groupby([v.INDICATOR, CHANGE], observed=True).size()
    names = dict.fromkeys([*difference.counts.index.astype(str), *difference.changes[v.INDICATOR].astype(str)])
    shown = [Change.WITHDRAWN, Change.ADDED] if difference.across_years else list(Change)
    cells = []
    for name in names:
        common, equal = (int(difference.counts[column].get(name, 0)) for column in (COMMON, EQUAL))
        numbers = [
            common,
            *([] if difference.across_years else [equal]),
            *(int(kinds.get((name, kind), 0)) for kind in shown),
        ]
        cells.append((catalogue().indicators[name].name, *(f"{number:,}" for number in numbers)))
    before, after = (_cited(side, notes) for side in (difference.before, difference.after))
    title = say("Figures of {before} and of {after}", before=before, after=after)
    heads = (
        [say("Only in {name}", name=name) for name in difference.names] if difference.across_years else [EQUAL, *shown]
    )
    columns = ("Indicator", say("In both"), *(head.capitalize() for head in heads))
    return Block(title, columns, cells, frozenset(columns[1:]), empty=say("Neither side has a figure."))


def _cited(side: Side, notes: Footnotes) -> str:
    source = side.result.sources[side.edition]
    name = commas((side.name, side.year)) if side.year else side.name
    note = say("{citation}; groups {membership}.", citation=source.citation, membership=source.membership)
    return f"{name} {notes.mark(note)}"


def _revisions(difference: Difference) -> list[Block]:
    """The revisions of each indicator that weigh most; across years, every figure changes, so none is listed."""
    if difference.across_years:
        return []
    changes = difference.changes.assign(PEOPLE=difference.people)
    revised = changes[changes[CHANGE] == Change.REVISED]
    order = np.lexsort((revised[DIFFERENCE].abs(), (revised[DIFFERENCE].abs() * revised["PEOPLE"]).fillna(-1)))[::-1]
    blocks = []
    for indicator, rows in revised.iloc[order].groupby(v.INDICATOR, observed=True):
        first, further = rows.head(MOST_REVISIONS), max(len(rows) - MOST_REVISIONS, 0)
        cells = [_revision(row, difference) for row in first.to_dict("records")]
        title = say("Largest revisions: {name}", name=catalogue().indicators[str(indicator)].name)
        columns = ("Area", "Year", "Breakdown", "From", "To", "Difference")
        block = Block(title, columns, cells, frozenset(columns[3:]), notes=(ORDER,), left_out=further)
        blocks.append(tables.without_empty_columns(block))
    return blocks


def _breakdown(row: Row, difference: Difference) -> str:
    names = (*v.DIMENSIONS, *difference.dimensions)
    return " ".join(str(row[name]) for name in names if row[name] not in (v.TOTAL, v.NOT_APPLICABLE))


def _revision(row: Row, difference: Difference) -> tuple[str, ...]:
    unit = str(row[v.UNIT_MEASURE])
    values = number(row[FROM], unit), number(row[TO], unit), number(row[DIFFERENCE], unit, "+")
    return str(row[v.REF_AREA]), str(row[v.TIME_PERIOD]), _breakdown(row, difference), *values


def _shown(difference: Difference) -> pd.DataFrame:
    """The rows of the decomposition that tables print: those that moved, in the years asked for, or the latest."""
    rows = difference.decomposition
    if not len(rows) or difference.across_years:
        return rows
    if not difference.before.result.request.years:
        latest = rows[rows[DIFFERENCE].notna()].groupby(v.INDICATOR, observed=True)[v.TIME_PERIOD].max()
        rows = rows[rows[v.TIME_PERIOD] == rows[v.INDICATOR].map(latest)]
    return rows


def _has(rows: pd.DataFrame, name: str) -> bool:
    """Whether a term of any row is not zero."""
    return bool(len(rows)) and bool((rows[name].abs() > v.EXACT).any())


def _moved(indicator: str, rows: Sequence[Row], difference: Difference, notes: Footnotes) -> list[Block]:
    """Why the group values, and the gaps, of an indicator moved."""
    name, blocks = catalogue().indicators[indicator].name, []
    groups, gaps = [row for row in rows if not row[v.GAP]], [row for row in rows if row[v.GAP]]
    for what, part in [(say("group values"), groups)] * bool(groups) + [(say("gaps"), gaps)] * bool(gaps):
        terms = [term for term in difference.terms if any(abs(row[term]) > v.EXACT for row in part)]
        years = sorted({row[v.TIME_PERIOD] for row in part}) if not difference.across_years else []
        heads = ["Area", *(["Gap", "Measure"] if part[0][v.GAP] else []), "Breakdown", *(["Year"] if years[1:] else [])]
        columns = (*heads, "From", "To", "Difference", *(term.capitalize() for term in terms), MOST_FROM, "Remark")
        ordered = sorted(part, key=lambda row: (place_of(str(row[v.REF_AREA])), row[v.GAP], row[v.MEASURE]))
        cells = [_cells(row, terms, difference, bool(years[1:]), notes) for row in ordered]
        title = say(
            "Why {what} moved: {part}", what=what, part=commas([name, *map(str, years if len(years) == 1 else ())])
        )
        block = Block(title, columns, cells, frozenset(columns[len(heads) : -2]), whole=frozenset(heads))
        blocks.append(tables.without_empty_columns(block))
    return blocks


def _cells(
    row: Row, terms: Sequence[str], difference: Difference, with_year: bool, notes: Footnotes
) -> tuple[str, ...]:
    unit = str(row[v.UNIT_MEASURE])
    gap = [_sides(row), catalogue().measures[row[v.MEASURE]].short] if row[v.GAP] else []
    year = [str(row[v.TIME_PERIOD])] if with_year else []
    withheld = math.isnan(row[DIFFERENCE])
    ends = [say(WITHHELD) if math.isnan(row[end]) else number(row[end], unit) for end in (FROM, TO)]
    values = [*ends, NOTHING if withheld else _in_unit(row[DIFFERENCE], row)]
    named = "\n".join(f"{one[v.REF_AREA]} {_amount(one[CONTRIBUTION], row)}" for one in (row[TOP] or ())[:MOST_NAMED])
    amounts = [_term(row, term) for term in terms]
    remark = "" if withheld or not row[NOTE] else notes.mark(tables.sentence(row[NOTE]))
    return (str(row[v.REF_AREA]), *gap, _breakdown(row, difference), *year, *values, *amounts, named, remark)


def _sides(row: Row) -> str:
    """`HIC:LIC`: the sides of a gap."""
    comparison = catalogue().comparisons[catalogue().gaps[row[v.GAP]].comparison]
    return f"{comparison.reference}:{comparison.compared}"


def _term(row: Row, term: str) -> str:
    return NOTHING if math.isnan(row[term]) else _amount(row[term], row)


def _amount(term: float, row: Row) -> str:
    """A term in the unit of the value, or the factor that it stands for on the logarithmic scale."""
    if row[SCALE] == LOG:
        return f"×{math.exp(term):.3f}"
    return _in_unit(term, row)


def _in_unit(amount: float, row: Row) -> str:
    """An amount in the unit of the value, with one decimal more than the value."""
    unit = str(row[v.UNIT_MEASURE])
    return number(amount, unit, "+", catalogue().units[unit].decimals + 1)


def _is_drawn(row: Row, difference: Difference) -> bool:
    """Whether a row gets its own picture: the areas asked for, or the world, if their value moved."""
    wanted = difference.before.result.request.areas or (v.WORLD,)
    moved = row[SCALE] != LOG and row[NOTE] == "" and abs(row[DIFFERENCE]) > v.EXACT
    return moved and row[v.REF_AREA] in wanted


def _waterfall(row: Row, difference: Difference) -> Block:
    """From one value to the other, term by term: each bar begins where the one before it ends."""
    terms = [(name, row[name]) for name in difference.terms if not math.isnan(row[name]) and abs(row[name]) > v.EXACT]
    ends = row[FROM] + np.cumsum([0.0, *(amount for _, amount in terms)])
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    unit, before, after = str(row[v.UNIT_MEASURE]), *difference.names
    places = [round((end - low) / span * WIDTH) for end in ends]
    cells: list[tuple[str, ...]] = [(before, number(row[FROM], unit), " " * places[0] + "|")]
    for (name, amount), start, end in zip(terms, places, places[1:], strict=False):
        bar = " " * min(start, end) + ("+" if amount > 0 else "-") * max(abs(end - start), 1)
        cells.append((say(name.capitalize()), _amount(amount, row), bar))
    cells.append((after, number(row[TO], unit), " " * places[-1] + "|"))
    sides = _sides(row) if row[v.GAP] else ""
    parts = [catalogue().indicators[row[v.INDICATOR]].name, str(row[v.REF_AREA]), sides, _breakdown(row, difference)]
    period = "" if difference.across_years else str(row[v.TIME_PERIOD])
    columns = ("Term", "Value", say("From one value to the other"))
    return Block(commas(filter(None, (*parts, period))), columns, cells, frozenset(("Value",)))
