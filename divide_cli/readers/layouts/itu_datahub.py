"""Reader of ITU DataHub CSV downloads: a table whose breakdown rows name the series that they belong to."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations
from divide_cli.readers.layouts.recognition import Match
from divide_cli.readers.layouts.tidy import rows_of
from divide_cli.readers.mapping.observations import observations
from divide_cli.readers.mapping.raw_rows import Rows
from divide_cli.readers.mapping.series import meaning
from divide_cli.readers.opening.documents import Document
from divide_cli.readers.options import ReadOptions

PARENT = "PARENT"


def load(document: Document, match: Match, options: ReadOptions) -> Observations:
    """The rows as observations; a breakdown row whose parent is another series than its code says is refused."""
    rows, plan = rows_of(document, match, options)
    _confirm(rows, match.flow, plan.column_of[v.INDICATOR], plan.column_of[PARENT])
    return observations(rows, plan, match.flow, options, document.inner, match.evidence)


def _confirm(rows: Rows, flow: Dataflow, series: str, parent: str) -> None:
    codes, parents = rows.columns[series], rows.columns[parent]
    for index, code in enumerate(codes.values):
        own, stem = meaning(code, flow), code.replace("%", "").rpartition("_")
        if own is None or stem[2] not in flow.suffixes:
            continue
        of_series = codes.codes == index
        for position in np.unique(parents.codes[of_series]):
            named = parents.values[position]
            above = meaning(named, flow) if named else own
            if above is None or above[v.INDICATOR] != own[v.INDICATOR]:
                here = of_series & (parents.codes == position)
                rows.fate.refuse(
                    here,
                    SourceError(
                        "parent_series_differs",
                        expected=f"a series of {own[v.INDICATOR]}",
                        found=repr(named),
                        where=rows.where(int(np.argmax(here)), parent),
                    ),
                )
