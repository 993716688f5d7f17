"""The results about files, claims, surveys and editions, and the page and the pictures for readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from divide_cli.api.python.calls import Call
from divide_cli.api.python.figures import Gaps
from divide_cli.api.python.results import VEGA_LITE, Result

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.reports.blocks import Output


@dataclass(frozen=True, eq=False, repr=False)
class Readings(Result):
    """What `read` returns: the contents of files, and what became of each row.

    >>> import divide_cli as divide, pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["KEN"], "INDICATOR": ["internet_use"], "TIME_PERIOD": [2024],
    ...                       "OBS_VALUE": [35.0]})
    >>> divide.read(frame).outcomes[["OUTCOME", "ROWS"]].values.tolist()
    [['used', 1]]
    """

    limit: int = 100
    _kind: ClassVar[str] = "read"

    @property
    def figures(self) -> "pd.DataFrame":
        """The observations of all files in one layout; table `observations`. A key of two files has two rows."""
        return self.table("figures")

    @property
    def groups(self) -> "pd.DataFrame":
        """The memberships of files of area groups, in the layout that `groups=` takes."""
        return self.table("groups")

    @property
    def outcomes(self) -> "pd.DataFrame":
        """FILE, OUTCOME (used, ignored, rejected), REASON, ROWS, and LINES: a list of lines, or of rows of a frame."""
        return self.table("outcomes")

    @property
    def exit_code(self) -> int:
        """1 if no row of any file could be used; otherwise 0."""
        from divide_cli.reports import reading

        failure = reading.failure(self._call.answer)
        return failure.exit_code if failure else 0

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import reading

        return reading.output(answer, self.limit)


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Result):
    """What `validate` returns: the faults that rules find.

    >>> import divide_cli as divide, pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["KEN"], "INDICATOR": ["internet_use"], "TIME_PERIOD": [2024],
    ...                       "OBS_VALUE": [350.0]})
    >>> divide.validate(frame, against="none").findings[["RULE", "FILE", "LINE"]].values.tolist()[0]
    ['value_out_of_range', '<frame 1>', 1]
    """

    fail_on: str = "error"
    encoding: str = ""
    _kind: ClassVar[str] = "validate"

    @property
    def findings(self) -> "pd.DataFrame":
        """A row for each finding that is listed: RULE, SEVERITY, FILE, LINE (a row of a frame), COLUMN, texts, key.

        At most `limit` are listed for each rule; `summary` has the exact counts.
        """
        return self.table("findings")

    @property
    def summary(self) -> "pd.DataFrame":
        """A row for each rule that was broken: COUNT findings, of which WAIVED are accepted and LISTED are listed."""
        return self.table("summary")

    @property
    def exit_code(self) -> int:
        """3 if a file is unreadable; 1 for findings at or above `fail_on`, or if no row could be checked; or 0."""
        code: int = self._call.answer.exit_code(self.fail_on)
        return code

    def to_html(self) -> str:
        """The page of findings of `divide validate --format html`, in the language of the call."""
        from divide_cli.reports import tables

        with self._call.speaking(self._call.lang):
            return tables.text_in("html", self._spoken_output)

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import validation

        return validation.output(answer.report, answer.rules, self.encoding, self.fail_on)


@dataclass(frozen=True, eq=False, repr=False)
class Verdicts(Result):
    """What `reproduce` returns: the verdict on each claim.

    >>> import divide_cli as divide
    >>> divide.reproduce(only="p21_urban").claims["PRINTED"].unique().tolist()
    ['85']
    """

    _kind: ClassVar[str] = "reproduce"

    @property
    def claims(self) -> "pd.DataFrame":
        """A row for each claim and basis: VERDICT, PRINTED, and the number that it is compared with, in UNIT_MEASURE.

        Numbers are times ten to the power of UNIT_MULT. What is between LOWEST and HIGHEST prints as the figure does.
        """
        return self.table("claims")

    @property
    def findings(self) -> "pd.DataFrame":
        """The claims that are not as expected, with what was expected and found; the columns of `Findings.findings`."""
        return self.table("findings")

    @property
    def exit_code(self) -> int:
        """1 if a claim is not as expected; otherwise 0."""
        return int(bool(self._call.answer.unexpected))

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import claims

        return claims.output(answer)


@dataclass(frozen=True, eq=False, repr=False)
class Estimates(Result):
    """What `tabulate` returns: estimates of a survey with their precision, and gaps between subgroups.

    >>> import divide_cli as divide, pathlib, tempfile
    >>> from divide_cli.survey.example import write_example
    >>> folder = tempfile.TemporaryDirectory()
    >>> files = {path.name: path for path in write_example(pathlib.Path(folder.name))}
    >>> divide.tabulate(files["households.csv"], design=files["design.yaml"], by="SEX").exit_code
    0
    """

    _kind: ClassVar[str] = "tabulate"

    @property
    def observations(self) -> "pd.DataFrame":
        """The estimates of indicators of the catalogue, as a submission has them; table `observations`."""
        return self.table("observations")

    @property
    def estimates(self) -> "pd.DataFrame":
        """All estimates: value, STD_ERR, confidence interval, SAMPLE_SIZE, design effect; units in UNIT_MEASURE."""
        return self.table("estimates")

    @property
    def gaps(self) -> "pd.DataFrame":
        """The gaps between subgroups, with the errors of both sides; table `survey_gaps`."""
        return self.table("gaps")

    @property
    def covariances(self) -> "pd.DataFrame":
        """The covariances of subgroups, which `divide measure --covariance` takes."""
        return self.table("covariances")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import survey

        return survey.output(answer)


@dataclass(frozen=True, eq=False, repr=False)
class Editions(Result):
    """What `editions` returns: the editions, embedded and your own.

    >>> import divide_cli as divide
    >>> divide.editions().editions["ID"].is_unique
    True
    """

    _kind: ClassVar[str] = "editions"

    @property
    def editions(self) -> "pd.DataFrame":
        """ID, NAME and ABOUT of each edition."""
        return self.table("editions")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import listing

        return listing.output("editions", listing.list_as_rows(answer))


@dataclass(frozen=True, eq=False, repr=False)
class Page:
    """What `report` returns: the page of figures with pictures, and the results that it rests on.

    >>> import divide_cli as divide
    >>> len(divide.report("KEN", "UGA").aggregates) > 0
    True
    """

    _call: Call[Any]

    @property
    def gaps(self) -> "pd.DataFrame":
        """The gaps of the page; the columns of `Gaps.gaps`."""
        return self._figures.gaps

    @property
    def aggregates(self) -> "pd.DataFrame":
        """The group values and levels of the page; the columns of `Gaps.aggregates`."""
        return self._figures.aggregates

    def to_html(self) -> str:
        """The page that `divide report` writes, in the language of the call. Needs the extra `report`."""
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
    >>> divide.chart("ranking").data["UNIT_MEASURE"].unique().tolist()
    ['PT']
    """

    _call: Call[Any]

    @property
    def alternative(self) -> str:
        """What the picture shows, in sentences."""
        return str(self._drawn.alternative)

    @property
    def data(self) -> "pd.DataFrame":
        """The rows of result frames behind the picture, with their columns."""
        import pandas as pd

        return pd.DataFrame(list(self._drawn.figures))

    @property
    def specification(self) -> dict[str, Any]:
        """The picture as a specification of Vega-Lite 6, with its rows."""
        from divide_cli.reports.charts import for_programs

        with self._call.speaking(self._call.lang):
            return for_programs(self._call.spoken.chart, self._drawn)

    def to_svg(self) -> str:
        """The picture that `divide chart` writes; SourceError (`charts_need_extra`) without the extra `report`."""
        return self._file("svg").decode()

    def to_png(self) -> bytes:
        """The picture as PNG; SourceError (`charts_need_extra`) without the extra `report`."""
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
