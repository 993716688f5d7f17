"""A tabulation: microdata and a design file -> published estimates of each indicator by the breakdowns asked for.

`tabulate` composes the stages of this package. Everything up to the sums of the cells happens on the engine; what
follows is small.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from divide_cli import concepts as v
from divide_cli.errors import OptionError, suggestion
from divide_cli.frames.columns import Array
from divide_cli.frames.observations import InputFile
from divide_cli.language import commas, later, say
from divide_cli.survey import engines
from divide_cli.survey.cells import sums
from divide_cli.survey.design import Design
from divide_cli.survey.design_file import read_design
from divide_cli.survey.estimates import Estimates, estimate
from divide_cli.survey.faults import Note
from divide_cli.survey.microdata import open_microdata
from divide_cli.survey.publication import Publish, Published, publish
from divide_cli.survey.variables import Choices, Prepared, needed, prepare
from divide_cli.survey.variance import Lonely


@dataclass(frozen=True)
class TabulationRequest:
    """What to tabulate, and how; an empty selection means everything that the design has."""

    data: Path
    design: Path
    indicators: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    """Tabulations, such as SEX or SEX:URBANISATION; each breakdown of the design by itself if there are none."""
    engine: str = "pandas"
    master: str = ""
    memory: str = engines.MEMORY
    one_psu: Lonely = Lonely.ERROR
    level: float = 95.0
    publish: Publish = Publish.FLAG


@dataclass(frozen=True)
class Tabulation:
    """Published estimates with the design that they follow, and notes on what was left out."""

    request: TabulationRequest
    design: Design
    published: Published
    notes: tuple[Note, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    """Tabulations that do not apply to households: the unit of the rows, and the tabulation."""
    replicates: int = 0
    """The number of replicate weights."""
    gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The gaps between subgroups, in the columns of the schema `survey_gaps`, once they are computed."""
    inputs: tuple[InputFile, ...] = ()
    """The files that were read: the design, the data (all files of a folder as one), the roster."""

    @property
    def table(self) -> pd.DataFrame:
        """The estimates, a row for each."""
        return self.published.table

    @property
    def dimensions(self) -> list[str]:
        """The dimensions of the table in the house's order: those of every observation, then further ones."""
        used = {name for one in self.tabulations for name in one.split(":") if name}
        return [*v.DIMENSIONS, *sorted(used - set(v.DIMENSIONS))]

    @property
    def tabulations(self) -> list[str]:
        """The tabulations in their order; `` is all people."""
        return list(dict.fromkeys(self.table[v.TABULATION]))

    def covariance(self, indicator: str, tabulation: str) -> Array:
        """The covariance of the estimates of an indicator in a tabulation, in the order of their rows."""
        return self.published.estimates.covariances[indicator, tabulation]

    def freedom(self, indicator: str, tabulation: str) -> Array:
        """The degrees of freedom of two estimates together, in the order of their rows."""
        return self.published.estimates.freedoms[indicator, tabulation]


def tabulate(request: TabulationRequest) -> Tabulation:
    """The estimates of the request. Raises OptionError, CatalogueError or SourceError for what is wrong with it."""
    design = read_design(request.design)
    indicators = known(request.indicators, list(design.indicators), "--indicator", later("indicator"))
    by = request.by or tuple(design.breakdowns)
    dimensions = tuple(dict.fromkeys(name for one in by for name in one.split(":")))
    known(dimensions, list(design.breakdowns), "--by", later("breakdown"))
    choices = Choices(indicators, dimensions)
    with engines.running(request.engine, request.master, request.memory) as engine:
        names = needed(design, choices)
        data = open_microdata(request.data, names, engine)
        roster = open_microdata(design.roster_path, names, engine) if design.roster_path else None
        parts = [part for part in prepare(data, design, choices, roster) if part.quantities]
        cells = [sums(part, tuple(part.breakdowns), engines.collect) for part in parts]
    of_parts = [_applying(part, by) for part in parts]
    estimates = [estimate(one, own, request.one_psu, request.level) for one, own in zip(cells, of_parts, strict=True)]
    skipped = tuple((part.unit, one) for part, own in zip(parts, of_parts, strict=True) for one in by if one not in own)
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    replicates = max(len(part.replicates.columns) if part.replicates else 0 for part in parts)
    published = publish(together(estimates), request.publish)
    read = [request.design, request.data, *([design.roster_path] if design.roster_path else [])]
    inputs = tuple(map(fingerprint, read))
    return Tabulation(request, design, published, notes, skipped, replicates, inputs=inputs)


def fingerprint(path: Path) -> InputFile:
    """The name of a file with the hash and size of its bytes; of a folder, those of all its files in order."""
    digest, size = hashlib.sha256(), 0
    for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest() if path.is_dir() else b"")
            digest = digest if path.is_dir() else hashlib.file_digest(content, "sha256")
            size += file.stat().st_size
    return InputFile(str(path), digest.hexdigest(), size, "")


def known(names: Sequence[str], listed: Sequence[str], option: str, what: str) -> tuple[str, ...]:
    """The names without repetitions; OptionError for the first that is not listed in the design."""
    for name in names:
        if name not in listed:
            parts = {"expected": commas(listed) or say("none"), "what": say(what)}
            hint = {"hint": suggestion(name, listed)} if listed and suggestion(name, listed) else {}
            raise OptionError("survey_breakdown_absent", found=name, where=option, **parts, **hint)
    return tuple(dict.fromkeys(names))


def _applying(part: Prepared, by: Iterable[str]) -> tuple[str, ...]:
    """The tabulations whose breakdowns the rows of the part have: households have no sex."""
    return tuple(one for one in by if set(one.split(":")) <= set(part.breakdowns))


def together(parts: Sequence[Estimates]) -> Estimates:
    """The estimates of persons and of households in one table. A dimension that a part does not have is total."""
    table = pd.concat([part.table for part in parts], ignore_index=True)
    dimensions = [name for part in parts for name in part.table if name in _dimensions(part.table)]
    table = table.fillna(dict.fromkeys(dimensions, v.TOTAL))
    covariances = {key: matrix for part in parts for key, matrix in part.covariances.items()}
    freedoms = {key: matrix for part in parts for key, matrix in part.freedoms.items()}
    return replace(parts[0], table=table, covariances=covariances, freedoms=freedoms)


def _dimensions(table: pd.DataFrame) -> set[str]:
    return {name for one in set(table[v.TABULATION]) for name in one.split(":") if name}
