"""The functions about files, claims, surveys and editions, and those that draw: `read` to `chart`."""

from typing import Any

from divide_cli import api
from divide_cli.api.project import project
from divide_cli.api.python.calls import Call
from divide_cli.api.python.files import Editions, Estimates, Findings, Readings, Verdicts
from divide_cli.api.python.frames import Source, Sources, words_of
from divide_cli.api.python.pages import Page, Picture
from divide_cli.api.python.verbs import Files, Path, Words
from divide_cli.errors import DivideError


def read(
    files: Files,
    *,
    indicator: str = "",
    area: str = "",
    dataflow: str = "",
    encoding: str = "",
    dimension: Words = None,
    attribute: Words = None,
    structure: Path | None = None,
    limit: int = 100,
    memory: str = "",
    lang: str = "en",
) -> Readings:
    """Reads files or frames in any layout that is known, as `divide read`, and says what became of each row.

    Args:
        files: paths or frames.
        indicator, area, dataflow, encoding: what the files do not say, or how to read them.
        dimension, attribute: columns that are part of the key, or only describe rows, if the file leaves this open.
        structure: a file that says which columns are dimensions (SDMX-ML, SDMX-JSON or a Table Schema).
        limit: lines listed for each reason in JSON; 0 lists all.
        memory: as in `compute`.
        lang: language of tables.

    Returns:
        Readings with the frames `figures` (or `groups`, for memberships) and `outcomes`. Missing values are NaN.

    Raises:
        SourceError: if a file cannot be read; `others` has the errors of further files.
        OptionError: for an unknown word.

    >>> import divide_cli as divide, pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["KEN", "XXX"], "INDICATOR": "internet_use", "TIME_PERIOD": 2024,
    ...                       "OBS_VALUE": [35.0, 40.0]})
    >>> divide.read(frame).outcomes[["OUTCOME", "ROWS", "LINES"]].values.tolist()
    [['used', 1, []], ['rejected', 1, [2]]]
    """
    sources = Sources()
    call = Call(api.read, {**locals(), "files": sources.each(files)}, sources)
    if errors := [one.error for one in call.answer if one.error]:
        raise DivideError.of(errors)
    return Readings(call, limit)


def validate(
    files: Files = None,
    *,
    previous: Source | None = None,
    against: Words = None,
    rules: Words = None,
    only: Words = None,
    skip: Words = None,
    fail_on: str | None = None,
    waivers: Path | None = None,
    write_waivers: Path | None = None,
    owner: str = "",
    expires: str = "",
    reason: str = "",
    limit: int = 100,
    indicator: str = "",
    area: str = "",
    dataflow: str = "",
    encoding: str = "",
    dimension: Words = None,
    attribute: Words = None,
    structure: Path | None = None,
    memory: str = "",
    lang: str = "en",
) -> Findings:
    """Checks files or frames of figures against the rules, as `divide validate`.

    Args:
        files: paths or frames; default those of divide.toml in the working directory.
        previous: an earlier submission to compare with, key by key.
        against: editions of published figures to compare with, or "none"; default the embedded country figures.
        rules: files with rules of your own (YAML); `only` and `skip` choose rules by id.
        fail_on: the lowest severity that makes `exit_code` 1: "note", "warning" or "error".
        waivers: a file of accepted findings; `write_waivers`, `owner`, `expires`, `reason` write a new one.
        limit: findings listed for each rule; 0 lists all. Counts are exact.
        indicator, area, dataflow, encoding, dimension, attribute, structure, memory, lang: as in `read`.

    Returns:
        Findings with the frames `findings` and `summary`. LINE is a line of a file, or a row of a frame, from 1.

    Raises:
        OptionError: `files_missing`, and for an unknown word.
        SourceError: for rules, waivers or a `previous` that cannot be read. A file of figures that cannot be read is a
            finding (`file_unreadable`), and `exit_code` is 3.

    The reason and the source of each rule are in docs/rules.

    >>> import divide_cli as divide, pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["KEN"], "INDICATOR": "internet_use", "TIME_PERIOD": 2024,
    ...                       "OBS_VALUE": [350.0]})
    >>> result = divide.validate(frame, against="none", only="value_out_of_range")
    >>> result.findings["RULE"].tolist(), result.exit_code
    (['value_out_of_range'], 1)
    """
    sources, config = Sources(), project()
    words = config.validation({**locals(), "files": sources.each(files), "rules": words_of(rules, "rules=")})
    call = Call(api.validate, words, sources)
    return Findings(call, config.severity(fail_on), encoding)


def reproduce(
    claims: Path | list[Path] | None = None,
    *,
    only: Words = None,
    edition: Words = None,
    basis: str = "both",
    estimate: bool = False,
    lock: Path | None = None,
    lang: str = "en",
) -> Verdicts:
    """Checks published figures against their sources, as `divide reproduce`.

    Args:
        claims: claims files, texts with marked figures, or folders of texts; default those of divide.toml, or the
            embedded publications.
        only: ids of claims; default all.
        edition: editions to use instead of those that the claims name.
        basis: recompute from "published" group values, from "countries", or from "both".
        estimate: also give numbers with estimates; no verdict rests on them.
        lock: report what has changed since this lock was written (`divide lock`).
        lang: language of tables.

    Returns:
        Verdicts with the frames `claims` and `findings`. A number that is not computable is NaN.

    Raises:
        NothingComputedError: `marks_missing`, if no file has a claim.
        CatalogueError, SourceError, OptionError: for a wrong claims file, one that cannot be read, an unknown word.

    >>> import divide_cli as divide
    >>> divide.reproduce(only="p21_urban").exit_code
    0
    """
    import pathlib

    sources = Sources()
    paths = project().claimed([pathlib.Path(name) for name in sources.each(claims)])
    words = {**locals(), "claims": paths, "lock": pathlib.Path(lock) if lock else None}
    return Verdicts(Call(api.reproduce, words))


def tabulate(
    data: Path,
    *,
    design: Path,
    indicator: Words = None,
    by: Words = None,
    one_psu: str = "error",
    level: float = 95.0,
    publish: str = "flag",
    engine: str = "pandas",
    master: str = "",
    memory: str = "1GB",
    lang: str = "en",
) -> Estimates:
    """Estimates indicators from the records of a survey, with their precision, as `divide tabulate`.

    Args:
        data: records of persons or households: CSV, Parquet (a file or a folder), SPSS .sav or Stata .dta.
        design: the design file (YAML): weight, strata, clusters, breakdowns, indicators.
        indicator, by: limit to these indicators and breakdowns ("SEX", "SEX:URBANISATION").
        one_psu: what becomes of a stratum with one primary sampling unit: "error", "centred", "merged", "certainty".
        level: per cent; the level of confidence intervals.
        publish: what becomes of estimates that break a rule: `flag`, `suppress` or `all`.
        engine, master, memory: where the records are summed.
        lang: language of tables.

    Returns:
        Estimates with the frames `observations`, `estimates`, `gaps` and `covariances`. Withheld values are NaN.

    Raises:
        CatalogueError: for a wrong design file.
        OptionError, SourceError: for an unknown word; for records or an engine that cannot be used.

    Methods and sources are in docs/surveys.md.

    >>> import divide_cli as divide, pathlib, tempfile
    >>> from divide_cli.survey.example import write_example
    >>> folder = tempfile.TemporaryDirectory()
    >>> files = {path.name: path for path in write_example(pathlib.Path(folder.name))}
    >>> result = divide.tabulate(files["households.csv"], design=files["design.yaml"], by="SEX")
    >>> {"OBS_VALUE", "STD_ERR"} <= set(result.estimates)
    True
    """
    import pathlib

    words = {**locals(), "data": pathlib.Path(data), "design": pathlib.Path(design)}
    return Estimates(Call(api.tabulate, words))


def editions(*, lang: str = "en") -> Editions:
    """The editions, embedded and your own, as `divide list editions`.

    Args:
        lang: language of the table.

    Returns:
        Editions with the frame `editions`: ID, NAME and ABOUT of each; nothing is missing.

    Raises:
        CatalogueError: for a damaged edition of the installation.

    >>> import divide_cli as divide
    >>> "wdi_2026_08" in set(divide.editions().editions["ID"])
    True
    """
    return Editions(Call(_editions, {"lang": lang}))


def _editions() -> Any:
    return api.entries("editions")


def report(
    *areas_and_files: Any,
    edition: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Source | None = None,
    groups: Words = None,
    boundaries: Path | None = None,
    estimate: bool = False,
    skip_refused: bool = False,
    lang: str = "en",
) -> Page:
    """The page of figures with pictures, as `divide report`. Drawing it needs the extra `report`.

    Args:
        areas_and_files: economies or groups that the page is about, by code or name; and paths or frames.
        boundaries: boundaries of economies (GeoJSON), for a map.
        edition, income_fy, min_coverage, population, groups, estimate, skip_refused, lang: as in `compute`.

    Returns:
        Page with the frames `gaps` and `aggregates`, and `to_html()`.

    Raises:
        NothingComputedError: if there is no figure.
        OptionError, SourceError: as in `compute`; `charts_need_extra` when the page is drawn without the extra.

    >>> import divide_cli as divide
    >>> "PT" in set(divide.report("KEN").aggregates["UNIT_MEASURE"])
    True
    """
    import pathlib

    sources = Sources()
    words = {**locals(), "areas_and_files": sources.each(areas_and_files)}
    return Page(Call(api.report, {**words, "boundaries": pathlib.Path(boundaries) if boundaries else None}, sources))


def chart(
    name: str,
    *areas_and_files: Any,
    edition: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Source | None = None,
    groups: Words = None,
    boundaries: Path | None = None,
    estimate: bool = False,
    skip_refused: bool = False,
    lang: str = "en",
) -> Picture:
    """One picture of the page, as `divide chart`. Drawing it needs the extra `report`.

    Args:
        name: id of a chart (`divide list charts`).
        areas_and_files: the area of charts of one area; and paths or frames.
        boundaries: boundaries of economies (GeoJSON), for the chart `boundaries`.
        edition, income_fy, min_coverage, population, groups, estimate, skip_refused, lang: as in `compute`.

    Returns:
        Picture with its drawing (`to_svg()`, `to_png()`), its `specification`, and the frame `data` that it draws.

    Raises:
        NothingComputedError: `nothing_to_draw`, if the results have nothing for it.
        OptionError, SourceError: as in `report`.

    >>> import divide_cli as divide
    >>> divide.chart("ranking").data["UNIT_MEASURE"].unique().tolist()
    ['PT']
    """
    import pathlib

    sources = Sources()
    words = {**locals(), "areas_and_files": sources.each(areas_and_files)}
    return Picture(Call(api.chart, {**words, "boundaries": pathlib.Path(boundaries) if boundaries else None}, sources))
