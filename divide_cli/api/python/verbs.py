"""The functions about figures: gaps, inequality, targets, profiles, and why numbers are what they are."""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any

from divide_cli import api
from divide_cli.api.python.calls import Call
from divide_cli.api.python.figures import Difference, Explanation, Gaps, Inequality, Profile, Targets
from divide_cli.api.python.frames import Source, Sources, is_frame

Words = str | Iterable[str] | None
"""One word, or several."""
Years = int | str | Iterable[int | str] | None
"""Years, and spans such as `2005:2024`; a `range` is one too."""
Files = Source | Sequence[Source] | None
"""One path or frame, or several."""
Path = str | PathLike[str]


def compute(
    files: Files = None,
    *,
    gap: Words = None,
    indicator: Words = None,
    area: Words = None,
    year: Years = None,
    edition: Words = None,
    income_fy: str | None = None,
    measure: Words = None,
    min_coverage: float = 75.0,
    population: Source | None = None,
    groups: Words = None,
    sort: str | None = None,
    top: int | None = None,
    estimate: bool = False,
    encoding: str = "",
    dimension: Words = None,
    attribute: Words = None,
    structure: Path | None = None,
    skip_refused: bool = False,
    memory: str = "",
    lang: str = "en",
) -> Gaps:
    """Computes gaps and group values, as `divide compute`: from the embedded editions, or from your files and frames.

    Args:
        files: paths or frames with one observation a row (REF_AREA, INDICATOR, SEX ..., TIME_PERIOD, OBS_VALUE in the
            unit of the indicator), or in another layout that `divide list dataflows` names. Default: the embedded data.
        gap, indicator, area, year, edition, measure: limit to these; default all. Areas are codes or names.
        income_fy: fiscal year of the income groups, such as "FY26"; default the list in force on the edition's date.
        min_coverage: per cent of people. Values with less coverage are withheld (OBS_STATUS `Q`, OBS_VALUE NaN).
        population: persons by area and year, a path or a frame, to weight by before the embedded populations.
        groups: area groups: paths of CSV files with REF_AREA and GROUP, or names of lists such as "sids_m49".
        sort, top: sort areas by "value", "gap" or "coverage", highest first, and keep the first `top` in tables.
        estimate: estimate economies that did not report, with 90 % intervals.
        encoding, dimension, attribute, structure: how to read the files, where they leave it open.
        skip_refused: leave out rows that are rejected, and count them; otherwise the first is an error.
        memory: for long files, such as "500MB": what needs more goes to a temporary folder. Default a quarter of what
            is free, 2GiB at most.
        lang: language of tables and pictures; frames and JSON are in English.

    Returns:
        Gaps with the frames `gaps` and `aggregates`.

    Raises:
        NothingComputedError: `nothing_computed`, if there is no gap and no value.
        OptionError: for an unknown word, or a number beyond its limits.
        SourceError: for a file or frame that cannot be read; `where` names it and its line or row.

    Formulae and sources are in docs/reference/measures.md and docs/concepts.md.

    >>> import divide_cli as divide, pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["KEN", "KEN"], "INDICATOR": "internet_use", "SEX": ["M", "F"],
    ...                       "TIME_PERIOD": 2024, "OBS_VALUE": [40.0, 30.0]})
    >>> gaps = divide.compute(frame, gap="internet_use_sex", area="KEN", measure="absolute_difference").gaps
    >>> gaps[["REF_AREA", "TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE"]].values.tolist()
    [['KEN', 2024, 10.0, 'PP']]
    """
    sources = Sources()
    words = {**locals(), "files": sources.each(files), "beside": False}
    return Gaps(Call(api.compute, words, sources))


def measure(
    question: str,
    files: Files = None,
    *,
    over: str = "",
    order: str = "",
    reference: str = "",
    without: str = "",
    measure: Words = None,
    area: Words = None,
    year: Years = None,
    edition: Words = None,
    income_fy: str | None = None,
    level: float = 95.0,
    min_coverage: float = 75.0,
    population: Source | None = None,
    groups: Words = None,
    covariance: Path | None = None,
    panel: str = "all",
    encoding: str = "",
    dimension: Words = None,
    attribute: Words = None,
    structure: Path | None = None,
    skip_refused: bool = False,
    memory: str = "",
    lang: str = "en",
) -> Inequality:
    """Measures inequality among the subgroups of one indicator, as `divide measure`.

    Args:
        question: id of a gap or of an indicator.
        files: as in `compute`.
        over: what to compare, such as "SEX", "AGE", "income_group" or "REF_AREA"; default what the gap compares.
        order, without: codes between commas; `reference`: the code of the subgroup to compare with.
        measure, area, year, edition: limit to these; default all measures that apply, the world, the latest year.
        level: per cent; the level of confidence intervals.
        covariance: a CSV file with the covariances of subgroups.
        panel: "all" economies that report in the year, or a "constant" panel.
        income_fy, min_coverage, population, groups, encoding, dimension, attribute, structure, skip_refused, memory,
            lang: as in `compute`.

    Returns:
        Inequality with the frame `disparities`: one row for each measure, area and year, with BOUND_LOWER and
        BOUND_UPPER from rounding and missing data, and CI_LOWER and CI_UPPER from standard errors (NaN without them).

    Raises:
        NothingComputedError: `nothing_measured`, if no subgroups are found.
        OptionError, SourceError: as in `compute`.

    Sources of the measures are in docs/reference/measures.md.

    >>> import divide_cli as divide, pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": "KEN", "INDICATOR": "internet_use", "SEX": ["M", "F"],
    ...                       "TIME_PERIOD": 2024, "OBS_VALUE": [40.0, 30.0]})
    >>> result = divide.measure("internet_use_sex", frame, area="KEN", measure="difference")
    >>> result.disparities["OBS_VALUE"].tolist()
    [10.0]
    """
    sources = Sources()
    words = {**locals(), "files": sources.each(files)}
    return Inequality(Call(api.measure, words, sources))


def targets(
    files: Files = None,
    *,
    target: Words = None,
    area: Words = None,
    year: Years = None,
    edition: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    groups: Words = None,
    status: str | None = None,
    encoding: str = "",
    dimension: Words = None,
    attribute: Words = None,
    structure: Path | None = None,
    skip_refused: bool = False,
    memory: str = "",
    lang: str = "en",
) -> Targets:
    """Shows which areas meet the connectivity targets, as `divide targets`.

    Args:
        files: as in `compute`.
        target: ids of targets (`divide list targets`); default all.
        area: codes or names; default all groups.
        year: default the latest.
        status: list only the areas with it: "met", "on_track", "off_track", "no_trend" or "undetermined".
        edition, income_fy, min_coverage, groups, encoding, dimension, attribute, structure, skip_refused, memory,
            lang: as in `compute`.

    Returns:
        Targets with the frame `targets`: TRACK, DISTANCE in the unit of the value, YEAR_REACHED (NA if not in sight).

    Raises:
        NothingComputedError: `no_target_assessed`, if no area has a figure.
        OptionError, SourceError: as in `compute`.

    Sources of the targets are in docs/reference/targets.md.

    >>> import divide_cli as divide
    >>> divide.targets(target="universal_internet_use", area="KEN").targets["UNIT_MEASURE"].tolist()
    ['PT']
    """
    sources = Sources()
    words = {**locals(), "files": sources.each(files)}
    return Targets(Call(api.targets, words, sources))


def profile(
    *areas_and_files: Any,
    year: Years = None,
    edition: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Source | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
    lang: str = "en",
) -> Profile:
    """Shows all that is known about areas, as `divide profile`.

    Args:
        areas_and_files: economies or groups, by code or name; and paths or frames of figures.
        year: default the latest of each series.
        edition, income_fy, min_coverage, population, groups, estimate, skip_refused, lang: as in `compute`.

    Returns:
        Profile with the frames `levels`, `ranks`, `gaps`, `courses`, `targets` and `missing`, each with UNIT_MEASURE.

    Raises:
        NothingComputedError: `no_profile`, if no area has a figure.
        OptionError: `profile_without_area`, and for a word that is not an area or a file.
        SourceError: as in `compute`.

    >>> import divide_cli as divide
    >>> divide.profile("Kenya").levels["REF_AREA"].unique().tolist()
    ['KEN']
    """
    sources = Sources()
    words = {**locals(), "areas_and_files": sources.each(areas_and_files)}
    return Profile(Call(api.profile, words, sources))


def explain(
    *words: Any,
    edition: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Source | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
    lang: str = "en",
) -> Explanation:
    """Shows why a number is what it is, as `divide explain`.

    Args:
        words: an indicator, a gap or a claim; then an area (default "WLD"), a year, codes such as "SEX=F", and paths or
            frames.
        edition, income_fy, min_coverage, population, groups, estimate, skip_refused, lang: as in `compute`.

    Returns:
        Explanation with the frames `members` (value, weight and contribution of each economy) and `findings`.

    Raises:
        NothingComputedError: `nothing_explained`, if there is no such number.
        OptionError: for any other word.
        SourceError: as in `compute`.

    >>> import divide_cli as divide
    >>> members = divide.explain("internet_use", "LIC", 2023).members
    >>> {"REF_AREA", "OBS_VALUE", "WEIGHT"} <= set(members)
    True
    """
    sources = Sources()
    asked = {**locals(), "words": sources.each([word if is_frame(word) else _word(word) for word in words])}
    return Explanation(Call(api.explain, asked, sources))


def _word(word: Any) -> Any:
    """A year as text; everything else as it is."""
    return str(word) if isinstance(word, int) else word


def diff(
    before: Source,
    after: Source = "",
    *,
    indicator: Words = None,
    gap: Words = None,
    area: Words = None,
    year: Years = None,
    years: str = "",
    income_fy: str = "",
    min_coverage: float = 75.0,
    population: Source | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
    fail_above: float | None = None,
    lang: str = "en",
) -> Difference:
    """Shows what changed between two editions, files or frames, and why, as `divide diff`.

    Args:
        before, after: ids of editions, paths or frames; `after` is `before` by default.
        years: two years to compare instead of two sources, such as "2015:2024".
        income_fy: the fiscal year of the income groups of both sides, or of each ("FY26:FY27").
        fail_above: `exit_code` is 1 if a figure, group value or gap was revised by more, in its own unit.
        indicator, gap, area, year, min_coverage, population, groups, estimate, skip_refused, lang: as in `compute`.

    Returns:
        Difference with the frames `changes` and `decomposition`. A figure of one side only has NaN on the other.

    Raises:
        NothingComputedError: `nothing_compared`, if no figure is on either side.
        OptionError: `diff_same_sides`, `diff_side_unknown` and others.
        SourceError: as in `compute`.

    The terms are Shapley values: docs/concepts.md.

    >>> import divide_cli as divide, pandas as pd
    >>> old = pd.DataFrame({"REF_AREA": ["KEN"], "INDICATOR": "internet_use", "TIME_PERIOD": 2024, "OBS_VALUE": [30.0]})
    >>> result = divide.diff(old, old.assign(OBS_VALUE=35.0), fail_above=1)
    >>> result.changes[["CHANGE", "DIFFERENCE"]].values.tolist(), result.exit_code
    ([['revised', 5.0]], 1)
    """
    sources = Sources()
    sides = {"before": sources.named(before), "after": sources.named(after)}
    words = {**locals(), **sides, "years": str(years or ""), "figures_only": False}
    return Difference(Call(api.diff, words, sources), fail_above)
