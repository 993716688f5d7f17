"""The results about files, claims, surveys and editions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from divide_cli.api.python.results import Result

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.reports.blocks import Output


@dataclass(frozen=True, eq=False, repr=False)
class Readings(Result):
    """What `read` returns: the contents of files, and what became of each row.

    >>> import divide_cli as divide, pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["KEN"], "INDICATOR": ["internet_use"], "TIME_PERIOD": [2024],
    ...                       "OBS_VALUE": [35.0]})
    >>> result = divide.read(frame)
    >>> list(result.tables)
    ['figures', 'outcomes']
    """

    limit: int = 100
    _kind: ClassVar[str] = "read"

    @property
    def figures(self) -> "pd.DataFrame":
        """The observations of all files in one layout; table `observations`. A key of two files has two rows.

        >>> result.figures["OBS_VALUE"].tolist()
        [35.0]
        """
        return self.table("figures")

    @property
    def groups(self) -> "pd.DataFrame":
        """The memberships of files of area groups, in the layout that `groups=` takes.

        >>> "groups" in result.tables  # the frame has figures
        False
        """
        return self.table("groups")

    @property
    def outcomes(self) -> "pd.DataFrame":
        """FILE, OUTCOME (used, ignored, rejected), REASON, ROWS, and LINES: a list of lines, or of rows of a frame.

        >>> result.outcomes[["OUTCOME", "ROWS"]].values.tolist()
        [['used', 1]]
        """
        return self.table("outcomes")

    @property
    def exit_code(self) -> int:
        """1 if no row of any file could be used; otherwise 0.

        >>> result.exit_code
        0
        """
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
    >>> result = divide.validate(frame, against="none")
    >>> result.findings[["RULE", "FILE", "LINE"]].values.tolist()[0]
    ['value_out_of_range', '<frame 1>', 1]
    """

    fail_on: str = "error"
    encoding: str = ""
    _kind: ClassVar[str] = "validate"

    @property
    def findings(self) -> "pd.DataFrame":
        """A row for each finding that is listed: RULE, SEVERITY, FILE, LINE (a row of a frame), COLUMN, texts, key.

        At most `limit` are listed for each rule; `summary` has the exact counts.

        >>> result.findings["SEVERITY"].tolist()
        ['error']
        """
        return self.table("findings")

    @property
    def summary(self) -> "pd.DataFrame":
        """A row for each rule that was broken: COUNT findings, of which WAIVED are accepted and LISTED are listed.

        >>> result.summary[["RULE", "COUNT"]].values.tolist()
        [['value_out_of_range', 1]]
        """
        return self.table("summary")

    @property
    def exit_code(self) -> int:
        """3 if a file is unreadable; 1 for findings at or above `fail_on`, or if no row could be checked; or 0.

        >>> result.exit_code
        1
        """
        code: int = self._call.answer.exit_code(self.fail_on)
        return code

    def to_html(self) -> str:
        """The page of findings of `divide validate --format html`, in the language of the call.

        >>> result.to_html()[:15]
        '<!doctype html>'
        """
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
    >>> result = divide.reproduce(only="p21_urban")
    >>> result.claims["PRINTED"].unique().tolist()
    ['85']
    """

    _kind: ClassVar[str] = "reproduce"

    @property
    def claims(self) -> "pd.DataFrame":
        """A row for each claim and basis: VERDICT, PRINTED, and the number that it is compared with, in UNIT_MEASURE.

        Numbers are times ten to the power of UNIT_MULT. What is between LOWEST and HIGHEST prints as the figure does.

        >>> result.claims["VERDICT"].tolist()
        ['differs', 'differs']
        """
        return self.table("claims")

    @property
    def findings(self) -> "pd.DataFrame":
        """The claims that are not as expected, with what was expected and found; the columns of `Findings.findings`.

        >>> result.findings.columns[:3].tolist()
        ['RULE', 'SEVERITY', 'FILE']
        """
        return self.table("findings")

    @property
    def exit_code(self) -> int:
        """1 if a claim is not as expected; otherwise 0.

        >>> result.exit_code  # it differs, as expected
        0
        """
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
    >>> result = divide.tabulate(files["households.csv"], design=files["design.yaml"], by="SEX")
    >>> result.exit_code
    0
    """

    _kind: ClassVar[str] = "tabulate"

    @property
    def observations(self) -> "pd.DataFrame":
        """The estimates of indicators of the catalogue, as a submission has them; table `observations`.

        >>> result.observations["SEX"].unique().tolist()
        ['_T', 'F', 'M']
        """
        return self.table("observations")

    @property
    def estimates(self) -> "pd.DataFrame":
        """All estimates: value, STD_ERR, confidence interval, SAMPLE_SIZE, design effect; units in UNIT_MEASURE.

        >>> (result.estimates["SAMPLE_SIZE"] > 0).all().item()
        True
        """
        return self.table("estimates")

    @property
    def gaps(self) -> "pd.DataFrame":
        """The gaps between subgroups, with the errors of both sides; table `survey_gaps`.

        >>> "absolute_difference" in set(result.gaps["MEASURE"])
        True
        """
        return self.table("gaps")

    @property
    def covariances(self) -> "pd.DataFrame":
        """The covariances of subgroups, which `divide measure --covariance` takes.

        >>> result.covariances.columns[-3:].tolist()
        ['SUBGROUP', 'OTHER_SUBGROUP', 'COVARIANCE']
        """
        return self.table("covariances")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import survey

        return survey.output(answer)


@dataclass(frozen=True, eq=False, repr=False)
class Editions(Result):
    """What `editions` returns: the editions, embedded and your own.

    >>> import divide_cli as divide
    >>> result = divide.editions()
    >>> list(result.tables)
    ['editions']
    """

    _kind: ClassVar[str] = "editions"

    @property
    def editions(self) -> "pd.DataFrame":
        """ID, NAME and ABOUT of each edition.

        >>> result.editions["ID"].is_unique
        True
        """
        return self.table("editions")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import listing

        return listing.output("editions", listing.list_as_rows(answer))
