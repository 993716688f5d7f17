"""What a result rests on, as data: version, options, editions, inputs with their sha256. No time of day."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli import __version__

if TYPE_CHECKING:
    from divide_cli.analysis.request import Result
    from divide_cli.frames.observations import Reading


def _input(reading: "Reading", base: bool) -> dict[str, Any]:
    path = Path(reading.file.name)
    return {
        "path": f"{path.parent.name}/{path.name}" if base else reading.file.name,
        "sha256": reading.file.sha256,
        "bytes": reading.file.size,
        "encoding": reading.file.encoding,
        "dataflow": reading.dataflow,
        "rows_in": reading.rows,
        "rows_used": reading.used,
        "rows_ignored": sum(pile.rows for pile in reading.ignored),
        "estimates": reading.estimates,
        "licence": reading.licence,
        "ignored_columns": list(reading.ignored_columns),
        "notes": list(reading.notes),
    }


def of_readings(readings: Sequence["Reading"]) -> dict[str, Any]:
    """The provenance of observations that were read from files."""
    return {"tool": "divide", "version": __version__, "inputs": [_input(reading, False) for reading in readings]}


def provenance(result: "Result") -> dict[str, Any]:
    """The provenance of a result; the same for the same inputs and options."""
    request = result.request
    embedded = not request.files
    return {
        "tool": "divide",
        "version": __version__,
        "options": {
            "files": list(request.files),
            "edition": list(request.editions),
            "gap": list(request.gaps),
            "indicator": list(request.indicators),
            "area": list(request.areas),
            "year": list(request.years),
            "measure": list(request.measures),
            "income_fy": request.income_fy,
            "min_coverage": request.minimum,
            "population": request.population,
            "groups": list(request.groups),
        },
        "editions": [
            {
                "id": source.id,
                "title": source.title,
                "role": source.role,
                "citation": source.citation,
                "licence": source.licence,
                "membership": source.membership,
            }
            for source in result.sources.values()
        ],
        "inputs": [_input(reading, embedded) for reading in result.readings],
        "weights": [_input(reading, not request.population) for reading in result.weights],
        "dimensions": list(result.dimensions),
        "keys_with_one_side_only": dict(result.single),
    }
