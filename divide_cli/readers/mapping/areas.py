"""Areas as providers spell them -> codes of CL_AREA."""

from collections.abc import Mapping
from functools import cache

import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, area_aliases, codelist
from divide_cli.errors import OptionError, SourceError, suggestion
from divide_cli.errors.text_safety import grown
from divide_cli.frames.columns import Texts, fixed
from divide_cli.readers.mapping import columns
from divide_cli.readers.mapping.raw_rows import Rows
from divide_cli.readers.options import ReadOptions


@cache
def spellings(scheme: str) -> Mapping[str, str]:
    """Text -> area code of a scheme.

    `itu` and `worldbank` differ from ISO alpha-3 in single codes; `eurostat` has ISO's two letters but for Greece and
    the United Kingdom; `m49` has numbers with or without leading zeros; `iso` any of ISO's.
    """
    known = codelist("CL_AREA").rows
    two = {row["iso2"]: code for code, row in known.items() if row["iso2"]}
    numbers = {row["m49"]: code for code, row in known.items() if row["m49"]}
    numbers |= {number.lstrip("0"): code for number, code in numbers.items()}
    made: dict[str, str] = {}
    if scheme in ("eurostat", "iso"):
        made |= two
    if scheme in ("m49", "iso"):
        made |= numbers
    return {**made, **area_aliases(scheme)}


def areas(rows: Rows, column: str | None, flow: Dataflow, options: ReadOptions) -> Texts:
    """REF_AREA of each row: the column's codes, or the `--area` of a file that has none."""
    known = codelist("CL_AREA").rows
    if column is not None:
        known_texts = {**spellings(flow.area_scheme), **flow.codes.get(v.REF_AREA, {})}
        return columns.coded(rows, column, v.REF_AREA, known_texts)
    if not options.area:
        raise SourceError(
            "area_missing",
            found=f"columns {', '.join(rows.columns)}",
            where=rows.file.name,
            hint=options.hint("--area CODE", rows.file.name),
        )
    if options.area not in known:
        raise OptionError(
            "option_value_unknown",
            found=options.area,
            where="--area",
            hint=suggestion(options.area, known, "`divide list areas`"),
        )
    return fixed(options.area, v.REF_AREA, len(rows))


def outside(frame: pd.DataFrame) -> tuple[str, ...]:
    """What the reader should know of areas that are no economies: kept as observations, members of no group."""
    known = codelist("CL_AREA").rows
    counts = frame[v.REF_AREA].value_counts(sort=False)
    return tuple(
        f"{code} ({known[code]['name']}): {grown(int(counts[code]), 'row')} kept; {_why(known[code])}"
        for code in counts.index[counts.to_numpy() > 0]
        if known[code]["kind"] not in ("economy", "group")
    )


def _why(area: Mapping[str, str]) -> str:
    if area["kind"] == "former":
        return f"ceased to exist {area['valid_to']}, member of no group"
    if area["part_of"]:
        return f"its people are counted with {area['part_of']}, member of no group"
    return "member of no group"
