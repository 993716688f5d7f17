"""The results about figures and why they are so: their frames, the output of their command, and their picture."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from divide_cli.api.python.results import Result

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.reports.blocks import Output
    from divide_cli.reports.charts.of_results import Drawing


@dataclass(frozen=True, eq=False, repr=False)
class Gaps(Result):
    """What `compute` returns: gaps and group values.

    >>> import divide_cli as divide
    >>> result = divide.compute(gap="internet_use_income", edition="itu_aggregates_2025_11", year=2024)
    >>> result.aggregates["UNIT_MEASURE"].unique().tolist()
    ['PT']
    """

    _kind: ClassVar[str] = "compute"

    @property
    def gaps(self) -> "pd.DataFrame":
        """A row for each gap, measure, area and year; columns as in the table `gaps` of docs/reference/output.md.

        OBS_VALUE is in UNIT_MEASURE: PP percentage points, RT a ratio, PS persons. OBS_STATUS says why one is missing.

        >>> sorted(result.gaps["UNIT_MEASURE"].unique())
        ['PP', 'PS', 'PT', 'RATIO']
        """
        return self.table("gaps")

    @property
    def aggregates(self) -> "pd.DataFrame":
        """A row for each group value, and for levels of economies where areas are named or sorted; table `aggregates`.

        OBS_VALUE is in UNIT_MEASURE: PT per cent, and others. N_AREAS of N_AREAS_TOTAL economies have a value.

        >>> "LIC" in set(result.aggregates["REF_AREA"])
        True
        """
        return self.table("aggregates")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import gaps

        return gaps.output(answer)

    def _for_readers(self) -> Any:
        """With the published figures of the same choice, which tables have too."""
        from divide_cli.analysis import pipeline

        return replace(self._call.spoken, published=pipeline.beside(self._call.spoken))

    def _picture(self, answer: Any) -> "Drawing | None":
        from divide_cli.reports.charts import of_results

        return of_results.of_result(answer)


@dataclass(frozen=True, eq=False, repr=False)
class Inequality(Result):
    """What `measure` returns: measures of inequality among subgroups.

    >>> import divide_cli as divide
    >>> result = divide.measure("internet_use_income", edition="itu_aggregates_2025_11")
    >>> "gini" in set(result.disparities["MEASURE"])
    False
    """

    _kind: ClassVar[str] = "measure"

    @property
    def disparities(self) -> "pd.DataFrame":
        """A row for each measure, area and year, with bounds and intervals; table `disparities`.

        >>> result.disparities["REF_AREA"].unique().tolist()
        ['WLD']
        """
        return self.table("disparities")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import inequality

        return inequality.output(answer)


@dataclass(frozen=True, eq=False, repr=False)
class Targets(Result):
    """What `targets` returns: which areas meet the targets, and when the others would.

    >>> import divide_cli as divide
    >>> result = divide.targets(target="universal_internet_use", area="KEN")
    >>> list(result.tables)
    ['targets']
    """

    _kind: ClassVar[str] = "targets"

    @property
    def targets(self) -> "pd.DataFrame":
        """A row for each target, area, year and edition: TRACK, and DISTANCE in the unit of the value.

        >>> result.targets["REF_AREA"].unique().tolist()
        ['KEN']
        """
        return self.table("targets")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import targets

        return targets.output(answer)

    def _picture(self, answer: Any) -> "Drawing | None":
        from divide_cli.reports.charts import of_results

        return of_results.of_targets(answer)


@dataclass(frozen=True, eq=False, repr=False)
class Profile(Result):
    """What `profile` returns: all that is known about areas.

    >>> import divide_cli as divide
    >>> result = divide.profile("KEN")
    >>> sorted(result.tables)
    ['courses', 'gaps', 'levels', 'missing', 'ranks', 'targets']
    """

    _kind: ClassVar[str] = "profile"

    @property
    def levels(self) -> "pd.DataFrame":
        """The latest value of each indicator, or that of the years; the columns of `aggregates`.

        >>> result.levels["REF_AREA"].unique().tolist()
        ['KEN']
        """
        return self.table("levels")

    @property
    def gaps(self) -> "pd.DataFrame":
        """The latest gaps, or those of the years; the columns of `gaps`.

        >>> result.gaps["REF_AREA"].unique().tolist()
        ['KEN']
        """
        return self.table("gaps")

    @property
    def ranks(self) -> "pd.DataFrame":
        """The rank of each level of an economy among the groups that it is in; table `ranks`.

        >>> result.ranks["REF_AREA"].unique().tolist()
        ['KEN']
        """
        return self.table("ranks")

    @property
    def courses(self) -> "pd.DataFrame":
        """A row for each series over the years; table `courses`.

        >>> "internet_use" in set(result.courses["INDICATOR"])
        True
        """
        return self.table("courses")

    @property
    def targets(self) -> "pd.DataFrame":
        """The columns of the table `targets`.

        >>> "universal_internet_use" in set(result.targets["TARGET"])
        True
        """
        return self.table("targets")

    @property
    def missing(self) -> "pd.DataFrame":
        """What has no figure; table `missing`.

        >>> result.missing.columns.tolist()
        ['REF_AREA', 'INDICATOR', 'GAP', 'REASON']
        """
        return self.table("missing")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import profile

        return profile.output(answer)

    def _picture(self, answer: Any) -> "Drawing | None":
        from divide_cli.reports.charts import of_results

        return of_results.of_profile(answer)


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Result):
    """What `explain` returns: a number taken apart.

    >>> import divide_cli as divide
    >>> result = divide.explain("internet_use", "LIC", 2023)
    >>> list(result.tables)
    ['members', 'findings']
    """

    _kind: ClassVar[str] = "explain"

    @property
    def members(self) -> "pd.DataFrame":
        """A row for each economy and side: its value, weight and contribution; table `members`.

        >>> result.members["REF_AREA"].is_unique
        True
        """
        return self.table("members")

    @property
    def findings(self) -> "pd.DataFrame":
        """What the rules find in the rows behind the number; the columns of `Findings.findings`.

        >>> result.findings["SEVERITY"].isin(["error", "warning", "note"]).all().item()
        True
        """
        return self.table("findings")

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import explain

        return explain.output(*answer)


@dataclass(frozen=True, eq=False, repr=False)
class Difference(Result):
    """What `diff` returns: what changed between two editions, files or years, and why.

    >>> import divide_cli as divide
    >>> result = divide.diff("wdi_2025_10", "wdi_2026_08", indicator="internet_use", year=2023)
    >>> result.changes["INDICATOR"].unique().tolist()
    ['internet_use']
    """

    fail_above: float | None = None
    _kind: ClassVar[str] = "diff"

    @property
    def changes(self) -> "pd.DataFrame":
        """A row for each figure that differs; DIFFERENCE is in the unit of the indicator; table `changes`.

        >>> result.changes["TIME_PERIOD"].unique().tolist()
        [2023]
        """
        return self.table("changes")

    @property
    def decomposition(self) -> "pd.DataFrame":
        """The change of each group value and gap, as the sum of its terms in UNIT_MEASURE; table `decomposition`.

        >>> result.decomposition["INDICATOR"].unique().tolist()
        ['internet_use']
        """
        return self.table("decomposition")

    @property
    def exit_code(self) -> int:
        """1 if a figure, group value or gap was revised by more than `fail_above`; otherwise 0.

        >>> result.exit_code
        0
        """
        from divide_cli.reports import diff

        larger = () if self.fail_above is None else diff.revisions(self._call.answer, self.fail_above)
        return int(any(len(frame) for frame in larger))

    def _output(self, answer: Any) -> "Output":
        from divide_cli.reports import diff

        return diff.output(answer, "changes")

    def _picture(self, answer: Any) -> "Drawing | None":
        from divide_cli.reports.charts import of_results

        return of_results.of_difference(answer)
