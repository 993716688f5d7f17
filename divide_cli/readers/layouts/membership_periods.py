"""Terms of memberships: from which day to which a classification of a list holds, and who says so."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.errors import SourceError
from divide_cli.readers.opening.documents import Document

GROUP, MARK, COLUMN, LISTED = "GROUP", "mark", "column", "listed"
COLUMNS = (v.REF_AREA, GROUP, "valid_from", "valid_to", "source")
_CENTURY = 80
"""Two digits from here on are years of the last century: the Bank's fiscal years begin with FY89."""


def year_of_file(document: Document, flow: Dataflow) -> int:
    """The fiscal year that the name of the file or its cells say; 0 where its columns say years, or nothing does.

    SourceError where the dataflow expects a year and the file says none.
    """
    patterns = flow.memberships.get("year_of_file", ())
    sheets = document.workbook.sheets.values() if document.workbook else ()
    texts = [document.inner, *(text for lines in sheets for row in lines for text in row if text)]
    for entry in patterns:
        for text in texts:
            if found := re.search(entry["pattern"], text):
                return _year(found[1]) + int(entry.get("add", 0))
    if patterns:
        raise SourceError("fiscal_year_missing", found=f"the name {document.inner}", where=document.name)
    return 0


def _year(text: str) -> int:
    """A year of two or four digits."""
    number = int(text)
    return number if number > 99 else number + (1900 if number >= _CENTURY else 2000)


def dated(frame: pd.DataFrame, told: Mapping[str, Any], year: int) -> pd.DataFrame:
    """The classifications as memberships in alphabetical order: runs of equal group in consecutive fiscal years.

    Fiscal year n lasts from the day `begins` of year n-1 to that day of year n; without years, from `valid_from` on.
    """
    made = _apart(frame, told.get("splits", {}))
    pattern = re.compile(told.get("year_of_column", "$^"))
    heads = {head: _year(found[1]) if (found := pattern.fullmatch(head)) else year for head in made[COLUMN].unique()}
    says = told.get("says", {})
    made = made.assign(year=made[COLUMN].map(heads).astype("int64"), says=[says.get(mark, "") for mark in made[MARK]])
    made = made.sort_values([v.REF_AREA, "year", GROUP], kind="stable")
    before = made.shift()
    follows = (
        (made[v.REF_AREA] == before[v.REF_AREA]) & (made[GROUP] == before[GROUP]) & (made["year"] == before["year"] + 1)
    )
    runs = made.groupby((~follows).cumsum(), sort=True).agg(
        REF_AREA=(v.REF_AREA, "first"),
        GROUP=(GROUP, "first"),
        start=("year", "min"),
        end=("year", "max"),
        said=("says", "max"),
        together=("together", "first"),
    )
    last = max(heads.values(), default=year)
    edition = told["source"].format(fy=f"{last % 100:02d}")
    parts = zip(runs["said"], runs["together"], strict=True)
    runs["source"] = ["; ".join(part for part in (edition, *more) if part) for more in parts]
    if last:
        runs["valid_from"] = (runs["start"] - 1).astype(str) + f"-{told['begins']}"
        runs["valid_to"] = runs["end"].astype(str) + f"-{told['begins']}"
    else:
        runs["valid_from"], runs["valid_to"] = told["valid_from"], ""
    ordered = runs.sort_values([v.REF_AREA, "valid_from", GROUP], kind="stable")
    return ordered[list(COLUMNS)].reset_index(drop=True)


def _apart(frame: pd.DataFrame, splits: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The classifications, those of areas that the list joins given once for each of them."""
    parts = [frame[~frame[LISTED].isin(list(splits))].assign(together="")]
    for joined, entry in splits.items():
        own = frame[frame[LISTED] == joined]
        parts += [own.assign(**{v.REF_AREA: code, "together": entry["says"]}) for code in entry["codes"]]
    return pd.concat(parts, ignore_index=True)
