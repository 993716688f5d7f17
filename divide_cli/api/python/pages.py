"""The results with pictures: the page of `report`, and the picture of `chart`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from divide_cli.api.python.calls import Call
from divide_cli.api.python.figures import Gaps
from divide_cli.api.python.results import VEGA_LITE

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.reports.blocks import Output


@dataclass(frozen=True, eq=False, repr=False)
class Page:
    """What `report` returns: the page of figures with pictures, and the results that it rests on.

    >>> import divide_cli as divide
    >>> result = divide.report("KEN", "UGA")
    >>> len(result.aggregates) > 0
    True
    """

    _call: Call[Any]

    @property
    def gaps(self) -> "pd.DataFrame":
        """The gaps of the page; the columns of `Gaps.gaps`.

        >>> "KEN" in set(result.gaps["REF_AREA"])
        True
        """
        return self._figures.gaps

    @property
    def aggregates(self) -> "pd.DataFrame":
        """The group values and levels of the page; the columns of `Gaps.aggregates`.

        >>> "KEN" in set(result.aggregates["REF_AREA"])
        True
        """
        return self._figures.aggregates

    def to_html(self) -> str:
        """The page that `divide report` writes, in the language of the call. Needs the extra `report`.

        >>> result.to_html()[:15]
        '<!doctype html>'
        """
        from divide_cli.reports.html.report import text

        with self._call.speaking(self._call.lang):
            return text(self._call.spoken)

    def __repr__(self) -> str:
        """What the page has."""
        return f"<divide report: {len(self._call.answer)} parts; to_html() gives the page>"

    def _repr_html_(self) -> str:
        """The page in a frame of its own, which keeps its style and its policy."""
        import html

        return f'<iframe sandbox srcdoc="{html.escape(self.to_html())}" width="100%" height="800"></iframe>'

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        """The page for a notebook, and a line for a terminal."""
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    @cached_property
    def _figures(self) -> "_OfPage":
        return _OfPage(self._call)


@dataclass(frozen=True, eq=False, repr=False)
class _OfPage(Gaps):
    """The figures of the first part of a page."""

    def _output(self, answer: Any) -> "Output":
        return super()._output(answer[0].result)


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """What `chart` returns: a picture, and the rows that it draws.

    >>> import divide_cli as divide
    >>> result = divide.chart("ranking")
    >>> result.data["UNIT_MEASURE"].unique().tolist()
    ['PT']
    """

    _call: Call[Any]

    @property
    def alternative(self) -> str:
        """What the picture shows, in sentences.

        >>> result.alternative[:34]
        'Of 179 economies with a value of 2'
        """
        return str(self._drawn.alternative)

    @property
    def data(self) -> "pd.DataFrame":
        """The rows of result frames behind the picture, with their columns.

        >>> "KEN" in set(result.data["REF_AREA"])
        True
        """
        import pandas as pd

        return pd.DataFrame(list(self._drawn.figures))

    @property
    def specification(self) -> dict[str, Any]:
        """The picture as a specification of Vega-Lite 6, with its rows.

        >>> result.specification["$schema"]
        'https://vega.github.io/schema/vega-lite/v6.json'
        """
        from divide_cli.reports.charts import for_programs

        with self._call.speaking(self._call.lang):
            return for_programs(self._call.spoken.chart, self._drawn)

    def to_svg(self) -> str:
        """The picture that `divide chart` writes; SourceError (`charts_need_extra`) without the extra `report`.

        >>> result.to_svg()[:4]
        '<svg'
        """
        return self._file("svg").decode()

    def to_png(self) -> bytes:
        """The picture as PNG; SourceError (`charts_need_extra`) without the extra `report`.

        >>> result.to_png()[1:4]
        b'PNG'
        """
        return self._file("png")

    def __repr__(self) -> str:
        """The title of the picture."""
        return f"<divide chart: {self._drawn.title}>"

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, Any]:
        """The drawing, its specification, and its title for a terminal."""
        return {"image/svg+xml": self.to_svg(), VEGA_LITE: self.specification, "text/plain": repr(self)}

    def _file(self, form: str) -> bytes:
        from divide_cli.reports import charts

        with self._call.speaking(self._call.lang):
            return charts.alone(self._call.spoken.chart, self._drawn, form)

    @cached_property
    def _drawn(self) -> Any:
        from divide_cli.reports.charts.changes import drawn

        with self._call.speaking(self._call.lang):
            return drawn(*self._call.spoken)
