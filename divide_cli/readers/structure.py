"""The structure of a file, as its producer states it: which columns are dimensions and which are attributes.

Three forms are read: an SDMX-ML or SDMX-JSON data structure definition (versions 2.0 to 3.0), and a Table Schema, whose
primary key is the dimensions. Only the names are used; codelists are those of the catalogue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

from divide_cli.catalogue import user_json
from divide_cli.errors import SourceError
from divide_cli.language import say
from divide_cli.readers.opening.container import refuse_above

_KINDS = {"Dimension": "dimensions", "TimeDimension": "dimensions", "Attribute": "attributes"}
"""The elements of SDMX-ML that are components of a structure, and their role."""


@dataclass
class Structure:
    """The names of the columns that are dimensions, and of those that are attributes."""

    dimensions: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    path: str = field(default="", compare=False)
    """The file that states it."""


def structure(path: Path) -> Structure:
    """The roles that the file states. Raises SourceError if it states none, or several structures."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError("file_unopenable", found=error.strerror or "", where=str(path)) from None
    refuse_above("structure_bytes", len(content), "structure_too_large", str(path))
    found = [one for one in _structures(content, str(path)) if one.dimensions]
    if len(found) != 1:
        raise SourceError(
            "structure_unclear", found=say("{count} structures with dimensions", count=len(found)), where=str(path)
        )
    return replace(found[0], path=str(path))


def _structures(content: bytes, where: str) -> list[Structure]:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _of_xml(content, where)
    try:
        return list(_of_json(user_json.loads(content)))
    except ValueError as error:
        raise SourceError(
            "structure_unreadable", found=say("another kind of file ({error})", error=error), where=where
        ) from None
    except (KeyError, TypeError, AttributeError):  # a part that is missing, or of another type
        raise SourceError("structure_unreadable", found=say("JSON of another form"), where=where) from None


def _of_xml(content: bytes, where: str) -> list[Structure]:
    """The structures of SDMX-ML: the components inside each DataStructure (2.1, 3.0) or KeyFamily (2.0)."""
    structures: list[Structure] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: Mapping[str, str]) -> None:
        element = name.rpartition(" ")[2]
        if element in ("DataStructure", "KeyFamily"):
            structures.append(Structure())
        elif element in _KINDS and structures:
            component = attributes.get("id") or attributes.get("conceptRef")
            if component:
                getattr(structures[-1], _KINDS[element]).append(component)

    def refuse_entities(*_: Any) -> None:
        raise SourceError("structure_unreadable", found=say("an entity declaration"), where=where)

    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse_entities
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise SourceError("structure_unreadable", found=str(error), where=where) from None
    return structures


def _of_json(entries: Any) -> Iterator[Structure]:
    """The structures of SDMX-JSON (`dataStructures`), or that of a Table Schema (`fields` and `primaryKey`)."""
    if not isinstance(entries, Mapping):
        return
    if "fields" in entries:
        key = entries.get("primaryKey", [])
        keys = [key] if isinstance(key, str) else list(key)
        names = [one.get("name", "") for one in entries["fields"] if isinstance(one, Mapping)]
        yield Structure(keys, [name for name in names if name not in keys])
    data = entries.get("data")
    inside = data if isinstance(data, Mapping) else entries
    for one in inside.get("dataStructures", ()):
        parts = one.get("dataStructureComponents", {})
        dimensions, attributes = parts.get("dimensionList", {}), parts.get("attributeList", {})
        named = [*dimensions.get("dimensions", ()), *dimensions.get("timeDimensions", ())]
        timed = dimensions.get("timeDimension")
        named += [timed] if isinstance(timed, Mapping) else []
        yield Structure([part["id"] for part in named], [part["id"] for part in attributes.get("attributes", ())])
