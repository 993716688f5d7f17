"""Readers: a file -> observations. The dataflow is recognised by the columns of its header.

A family is a small module with `load(text, dataflow, indicator)`; a new format of a known family is an entry in
data/catalogue/dataflows.yaml.
"""

from collections.abc import Callable, Mapping

from divide_cli import vocab as v
from divide_cli.catalogue import Dataflow, catalogue
from divide_cli.errors import SourceError
from divide_cli.frames import constant
from divide_cli.observations import Observations
from divide_cli.readers import itu_datahub, tidy
from divide_cli.readers.delimited import header
from divide_cli.readers.text import Text, open_text

FAMILIES: Mapping[str, Callable[[Text, Dataflow, str], Observations]] = {
    "tidy": tidy.load,
    "itu_datahub": itu_datahub.load,
}


def recognise(text: Text, indicator: str = "") -> Dataflow:
    """The one dataflow whose columns the header holds; SourceError that names what each lacks where there is none."""
    names = set(header(text))
    given = {v.INDICATOR} if indicator else set()
    flows = catalogue().dataflows.values()
    matching = [flow for flow in flows if set(flow.header) - given <= names]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise SourceError(
            "a file fits more than one dataflow", found=", ".join(flow.id for flow in matching), where=text.file.name
        )
    lacking = {flow.id: [name for name in flow.header if name not in names | given] for flow in flows}
    raise SourceError(
        "a file is of no known dataflow",
        expected="; ".join(f"{flow.name} (lacks {', '.join(lacking[flow.id])})" for flow in flows),
        found=f"columns {', '.join(header(text)[:12]) or '(none)'}",
        where=text.file.name,
        hint=_other_delimiter(text) + "`divide list dataflows` shows the layouts that are read",
    )


def _other_delimiter(text: Text) -> str:
    """A hint where the header looks parted by something else than commas."""
    line = text.head.partition("\n")[0]
    found = next(
        (name for mark, name in ((";", "semicolons"), ("\t", "tabs")) if line.count(mark) > line.count(",")), ""
    )
    return f"the cells seem to be parted by {found}: save the file with commas; " if found else ""


def load(path: str, edition: str, indicator: str = "") -> Observations:
    """The observations of one file (`-` is standard input), marked with the edition that they belong to."""
    text = open_text(path)
    dataflow = recognise(text, indicator)
    read = FAMILIES[dataflow.family](text, dataflow, indicator)
    frame = read.frame
    frame[v.EDITION] = constant(edition, len(frame))
    return read


__all__ = ["FAMILIES", "load", "recognise"]
