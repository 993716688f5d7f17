"""Readers: a file -> observations. The dataflow is recognised by the file's head and named with the evidence.

A family is a small module with `load(document, match, options)`; a new format of a known family is an entry in
data/catalogue/dataflows.yaml.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from divide_cli import concepts as v
from divide_cli.errors import DivideError, SourceError
from divide_cli.frames.columns import constant
from divide_cli.frames.observations import Observations
from divide_cli.readers.layouts import itu_datahub, json_records, memberships, tidy, wide, workbook
from divide_cli.readers.layouts.memberships import Memberships
from divide_cli.readers.layouts.recognition import Match, recognise
from divide_cli.readers.national import open_sdg
from divide_cli.readers.opening.documents import Document, open_document
from divide_cli.readers.options import ReadOptions

FAMILIES: Mapping[str, Callable[[Document, Match, ReadOptions], Observations | Memberships]] = {
    "table": tidy.load,
    "itu_datahub": itu_datahub.load,
    "wide": wide.load,
    "json": json_records.load,
    "workbook": workbook.load,
    "memberships": memberships.load,
    "open_sdg": open_sdg.load,
}


def read(path: str, edition: str = "", options: ReadOptions | None = None) -> Observations | Memberships:
    """The observations of one file (`-` is standard input), marked with the edition that they belong to.

    A dataflow that holds area groups gives memberships instead.

    Every row of the file is used, ignored or refused, and its Reading says which and why; a strict choice raises the
    first refusal instead. SourceError where the file cannot be opened or is of no known dataflow.
    """
    chosen = options or ReadOptions()
    document = open_document(path, chosen)
    match = recognise(document, chosen)
    made = FAMILIES[match.flow.family](document, match, chosen)
    if isinstance(made, Memberships):
        return made
    made.frame[v.EDITION] = constant(edition, len(made.frame))
    return made


@dataclass(frozen=True)
class FileReading:
    """A file with the observations or memberships that it holds, or the error that says why it cannot be read."""

    path: str
    read: Observations | Memberships | None
    error: DivideError | None = None


def load(path: str, edition: str, indicator: str = "") -> Observations:
    """The observations of one file, all of them: what cannot be used is an error."""
    made = read(path, edition, ReadOptions(indicator=indicator))
    if isinstance(made, Memberships):
        raise SourceError(
            "memberships_not_observations",
            found=f"{len(made.frame)} memberships ({made.readings[0].dataflow})",
            where=path,
            hint=f"`divide read {path} --to csv --out groups.csv`, then `--groups groups.csv`",
        )
    return made


__all__ = ["FAMILIES", "FileReading", "Memberships", "ReadOptions", "load", "read", "recognise"]
