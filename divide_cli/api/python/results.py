"""What the functions of `import divide_cli` return: frames for programs, and tables with pictures for readers."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from divide_cli import language
from divide_cli.api.python import frames
from divide_cli.api.python.calls import Call
from divide_cli.errors import OptionError, suggestion
from divide_cli.language import commas

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from divide_cli.reports.blocks import Block, Output
    from divide_cli.reports.charts.of_results import Drawing

VEGA_LITE = "application/vnd.vegalite.v6+json"
"""The type of the specification of a picture in a notebook."""


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """The answer of a call. It does not change: each access gives new frames.

    Frames are those of the command with `--format json`, with the same columns (`docs/reference/output.md`): codes and
    texts as text, numbers as numbers, what is missing as NaN or NA. UNIT_MEASURE has the unit of OBS_VALUE and of its
    bounds; COVERAGE is in per cent. Notebooks show the tables of the command, with bounds and notes, and a picture
    where a chart applies (extra `report`), in the language of the call.

    >>> import divide_cli as divide
    >>> result = divide.compute(gap="internet_use_income", edition="itu_aggregates_2025_11", year=2024)
    >>> list(result.tables)
    ['gaps', 'aggregates']
    """

    _call: Call[Any] = field()
    _kind: ClassVar[str] = "result"

    @property
    def tables(self) -> "dict[str, pd.DataFrame]":
        """All frames by name, new ones at each access; the first is the one that `--format csv` prints.

        >>> import divide_cli as divide
        >>> sorted(divide.editions().tables)
        ['editions']
        """
        return {name: frames.with_plain_texts(frame) for name, frame in self._frames.items()}

    def table(self, table: str = "") -> "pd.DataFrame":
        """The frame of that name, or the first. Raises OptionError (`option_value_unknown`) for another name.

        >>> import divide_cli as divide
        >>> divide.editions().table("editions").columns.tolist()
        ['ID', 'NAME', 'ABOUT']
        """
        known = list(self._frames)
        if table and table not in known:
            hint = suggestion(table, known)
            raise OptionError("option_value_unknown", expected=commas(known), found=table, where="table", hint=hint)
        return frames.with_plain_texts(self._frames[table or known[0]])

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is improbable in the files, in words: the warnings of the command.

        >>> import divide_cli as divide
        >>> divide.editions().doubts
        ()
        """
        return tuple(getattr(self._call.answer, "doubts", ()))

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, or 1 if there are findings, or 3 if a file is unreadable.

        >>> import divide_cli as divide
        >>> divide.editions().exit_code
        0
        """
        return 0

    def to_json(self) -> str:
        r"""The text that the command prints with `--format json`, byte for byte.

        >>> import divide_cli as divide
        >>> divide.editions().to_json().split("\n")[0:2]
        ['{', '  "editions": [']
        """
        from divide_cli.reports import tables

        with self._call.speaking(language.ENGLISH):
            return tables.text_ended(tables.text_in("json", self._output(self._call.answer)))

    def to_markdown(self) -> str:
        r"""The text that the command prints with `--format markdown`, in the language of the call.

        >>> import divide_cli as divide
        >>> divide.editions().to_markdown().split("\n")[2]
        '| Id | Name | About |'
        """
        from divide_cli.reports import tables

        with self._call.speaking(self._call.lang):
            return tables.text_ended(tables.text_in("markdown", self._spoken_output))

    def to_arrow(self, table: str = "") -> "pa.Table":
        """The frame of that name, or the first, as a table of pyarrow.

        >>> import divide_cli as divide
        >>> divide.editions().to_arrow().column_names
        ['ID', 'NAME', 'ABOUT']
        """
        return frames.as_arrow(self.table(table))

    def to_polars(self, table: str = "") -> "pl.DataFrame":
        """The frame of that name, or the first, as a polars frame; SourceError (`polars_missing`) without polars.

        >>> import divide_cli as divide
        >>> divide.editions().to_polars().columns
        ['ID', 'NAME', 'ABOUT']
        """
        polars: pl.DataFrame = frames.as_polars(self.table(table))
        return polars

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The first frame for other libraries: `polars.DataFrame(result)` and `divide.validate(result)` work."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __str__(self) -> str:
        """The tables as a terminal shows them."""
        from divide_cli.reports.tables import as_text

        with self._call.speaking(self._call.lang):
            return as_text(self._blocks(), shutil.get_terminal_size((100, 24)).columns)

    def __repr__(self) -> str:
        """The number of rows of each frame."""
        counts = ", ".join(f"{len(frame):,} {name}" for name, frame in self._frames.items())
        return f"<divide {self._kind}: {counts}>"

    def _repr_html_(self) -> str:
        from divide_cli.reports.html.fragment import fragment

        with self._call.speaking(self._call.lang):
            return fragment(self._blocks(), self._drawing)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_mimebundle_(
        self, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """The result in each type that a notebook may show: HTML, Markdown, text, and Vega-Lite for its picture."""
        forms: dict[str, Callable[[], Any]] = {
            "text/plain": self.__str__,
            "text/html": self._repr_html_,
            "text/markdown": self._repr_markdown_,
        }
        if self._drawing:
            forms[VEGA_LITE] = self._vega_lite
        wanted = [name for name in forms if (not include or name in include) and name not in (exclude or ())]
        return {name: forms[name]() for name in wanted}

    def _vega_lite(self) -> Mapping[str, Any]:
        from divide_cli.reports.charts import for_programs

        with self._call.speaking(self._call.lang):
            return for_programs(*self._drawing) if self._drawing else {}

    def _output(self, answer: Any) -> "Output":
        """The output of the command for an answer."""
        raise NotImplementedError

    def _picture(self, _answer: Any) -> "Drawing | None":
        """The chart that applies to an answer, if any."""
        return None

    def _for_readers(self) -> Any:
        """The answer in the language of the call, with what only tables show."""
        return self._call.spoken

    @cached_property
    def _frames(self) -> "Mapping[str, pd.DataFrame]":
        with self._call.speaking(language.ENGLISH):
            return self._output(self._call.answer).frames()

    @cached_property
    def _spoken(self) -> Any:
        with self._call.speaking(self._call.lang):
            return self._for_readers()

    @cached_property
    def _spoken_output(self) -> "Output":
        return self._output(self._spoken)

    @cached_property
    def _drawing(self) -> "Drawing | None":
        with self._call.speaking(self._call.lang):
            return self._picture(self._spoken)

    def _blocks(self) -> "list[Block]":
        """The tables, and the doubts that they do not have among their notes."""
        from divide_cli.reports.blocks import Block
        from divide_cli.reports.tables import doubts_as_notes

        blocks = list(self._spoken_output.blocks())
        told = {note for block in blocks for note in block.notes}
        doubts = [note for note in doubts_as_notes(getattr(self._spoken, "doubts", ())) if note not in told]
        return [*blocks, *([Block("Notes", (), [], notes=tuple(doubts))] if doubts else [])]
