"""Covariances of subgroups: a long CSV -> the covariance of the errors of each subgroup set.

The file has a row for each pair of subgroups of an area in a year: REF_AREA, TIME_PERIOD, SUBGROUP, OTHER_SUBGROUP and
COVARIANCE, in the squared unit of the values. A subgroup with itself has its variance. INDICATOR and OVER (a dimension)
may be given too; rows of others are then for other queries. The order of the two subgroups does not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.inequality.query import in_short
from divide_cli.analysis.inequality.subgroup_sets import SubgroupSet
from divide_cli.analysis.measures.subgroups import Array
from divide_cli.errors import Place, SourceError, suggestion
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.bounds import half_unit
from divide_cli.frames.columns import Mask
from divide_cli.language import clauses, commas, say
from divide_cli.readers.mapping.numbers import figures, separators
from divide_cli.readers.mapping.raw_rows import TextColumn
from divide_cli.readers.opening import TextDocument, open_document
from divide_cli.readers.opening.container import refuse_above

COLUMNS = (v.REF_AREA, v.TIME_PERIOD, v.SUBGROUP, v.OTHER_SUBGROUP, v.COVARIANCE)
KEY = list(COLUMNS[:-1])
OF_QUERY = {v.INDICATOR: "indicator", v.OVER: "dimension"}
"""Columns that a file may have too, if it is for several queries, and what they name."""
LEAST = -1e-9
"""The least eigenvalue of a covariance, as a part of its trace: rounding errors of doubles may make 0 negative."""
FAR = 2.0
"""How many times as large one standard error of an estimate may be as another; further apart, the unit is not the same.
"""
MOST_NAMED = 3


@dataclass(frozen=True)
class Covariances:
    """The rows of a file for one indicator: texts, COVARIANCE as a number, and LINE. Each pair occurs once."""

    path: str
    rows: pd.DataFrame

    @property
    def name(self) -> str:
        """The name of the file without its folder."""
        return Path(self.path).name

    @cached_property
    def by_set(self) -> dict[tuple[str, str], pd.DataFrame]:
        """The rows of each area and year."""
        return {(str(area), str(year)): part for (area, year), part in self.rows.groupby(KEY[:2], sort=False)}

    def refuse(self, wrong: Mask, code: str, column: str, known: Sequence[str] = (), what: str = "") -> None:
        """Raises a SourceError for the first row that is wrong; it names the known codes, and the nearest of them."""
        if wrong.any():
            row = self.rows.iloc[int(np.argmax(wrong))]
            found, where = str(row[column]), Place(self.path, int(row[v.LINE]), column)
            parts = {"what": what, "expected": in_short(known), "hint": suggestion(found, known)} if known else {}
            raise SourceError(code, found=repr(found), where=where, **parts)


def read_covariances(path: str, indicator: str, over: str = "") -> Covariances:
    """The covariances of an indicator over a dimension in a file.

    Raises SourceError if it cannot be read, if its columns are not those expected, if a covariance is not a number, or
    if two rows give a pair different ones.
    """
    document = open_document(path)
    name = document.file.name
    if not isinstance(document, TextDocument):
        raise SourceError("covariance_columns_wrong", found=say("a file that is not a CSV"), where=name)
    refuse_above("covariance_bytes", document.spool.size, "file_too_large", name, "{:,}")
    rows = _of_query(name, _texts(document), {v.INDICATOR: indicator, v.OVER: over})
    column = TextColumn.of(rows[v.COVARIANCE])
    marks = separators(column.values, document.delimiter)
    numbers, beside, _ = figures(column, (), marks.decimal)
    wrong = np.isnan(numbers) | (beside.where(bool) if beside else False)
    wrong |= np.isin(column.codes, marks.doubtful(column.values))
    Covariances(name, rows).refuse(wrong, "covariance_not_a_number", v.COVARIANCE)
    pairs = np.sort(rows[[v.SUBGROUP, v.OTHER_SUBGROUP]].to_numpy(dtype=str), axis=1)
    rows = rows.assign(**{v.SUBGROUP: pairs[:, 0], v.OTHER_SUBGROUP: pairs[:, 1], v.COVARIANCE: numbers})
    _require_one_each(name, rows)
    return Covariances(name, rows[~rows.duplicated(KEY)].reset_index(drop=True))


def _texts(document: TextDocument) -> pd.DataFrame:
    """The cells of the file as texts, with the LINE of each row."""
    where, (header, *records) = document.file.name, list(document.numbered_records())
    names = [name.strip() for name in header[1]]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SourceError("column_duplicate", found=commas(repeated), where=Place(where, header[0]))
    if not records or {*names, *OF_QUERY} != {*COLUMNS, *OF_QUERY}:
        found = commas(names) + ("" if records else say(", and no row"))
        raise SourceError("covariance_columns_wrong", found=found, where=where)
    if ragged := next((record for record in records if len(record[1]) != len(names)), None):
        expected, found = count_of(len(names), "cell"), count_of(len(ragged[1]), "cell")
        parts = {"expected": expected, "found": found, "advice": say("a delimiter is missing or extra")}
        raise SourceError("row_ragged", where=Place(where, ragged[0]), **parts)
    cells = [[cell.strip() for cell in record] for _, record in records]
    return pd.DataFrame(cells, columns=names, dtype=object).assign(**{v.LINE: [line for line, _ in records]})


def _of_query(path: str, rows: pd.DataFrame, query: Mapping[str, str]) -> pd.DataFrame:
    """The rows of the indicator and the dimension, all where the file has no such column; SourceError for none."""
    for column, code in query.items():
        if column in rows and code:
            own = rows[(rows[column] == code).to_numpy()]
            if not len(own):
                found = in_short(sorted(set(rows[column])))
                parts = {"what": OF_QUERY[column], "column": column, "expected": code, "found": found}
                raise SourceError("covariance_of_other_indicator", where=path, **parts)
            rows = own
    return rows.reset_index(drop=True)


def _require_one_each(path: str, rows: pd.DataFrame) -> None:
    """Raises SourceError if two rows give a pair different covariances, by more than rounding errors of doubles."""
    first = rows.groupby(KEY, sort=False)[[v.COVARIANCE, v.LINE]].transform("first")
    value, before = rows[v.COVARIANCE].to_numpy(), first[v.COVARIANCE].to_numpy()
    wrong = ~np.isclose(value, before, rtol=v.EXACT, atol=0)
    if wrong.any():
        at = int(np.argmax(wrong))
        row, where = rows.iloc[at], Place(path, int(rows[v.LINE].iloc[at]), v.COVARIANCE)
        pair = _pair(row[v.SUBGROUP], row[v.OTHER_SUBGROUP])
        found = say(
            "{before:g} in line {iloc} and {value:g} for {pair}",
            before=before[at],
            iloc=first[v.LINE].iloc[at],
            value=value[at],
            pair=pair,
        )
        raise SourceError("covariance_contradictory", found=found, where=where)


def require_figures(covariances: Covariances, sets: Sequence[SubgroupSet], codes: Sequence[str]) -> None:
    """Raises SourceError for the first row of an area or year without a set, or a subgroup that is not in `codes`."""
    rows, areas = covariances.rows, sorted({one.area for one in sets})
    wrong = ~rows[v.REF_AREA].isin(areas).to_numpy()
    covariances.refuse(wrong, "covariance_unknown", v.REF_AREA, areas, "area")
    known = {(one.area, str(one.year)) for one in sets}
    wrong = ~pd.MultiIndex.from_frame(rows[KEY[:2]]).isin(known)
    area = str(rows[v.REF_AREA].iloc[int(np.argmax(wrong))])
    years = sorted(year for one, year in known if one == area)
    covariances.refuse(wrong, "covariance_unknown", v.TIME_PERIOD, years, say("year of {area}", area=area))
    for column in (v.SUBGROUP, v.OTHER_SUBGROUP):
        covariances.refuse(~rows[column].isin(codes).to_numpy(), "covariance_unknown", column, codes, "subgroup")


def covarying(of: SubgroupSet, covariances: Covariances) -> SubgroupSet:
    """The set with the covariance of its errors, and a text that says what it rests on.

    Without a row in the file, errors are independent. A variance that the file does not have is the squared standard
    error of the figures. A covariance that it does not have is 0 if both variances are known, and NaN otherwise. Raises
    SourceError if no errors can covary so, or if a variance is far from that of the figures.
    """
    rows = covariances.by_set.get((of.area, str(of.year)))
    if rows is None:
        text = say(
            "errors of {area} in {year} are taken as independent: {covariances} has no row of them",
            area=of.area,
            year=of.year,
            covariances=covariances.name,
        )
        return of if np.isnan(of.errors).all() else replace(of, errors_text=text)
    given = _square(of.codes, rows)
    own = np.diag(given)
    variances = np.where(np.isnan(own), of.errors**2, own)
    covariance = np.where(np.isnan(given), 0.0, given)
    np.fill_diagonal(covariance, variances)
    unknown = np.isnan(variances)
    _require_possible(of, covariance[np.ix_(~unknown, ~unknown)], covariances.path)
    _require_near(of, own, covariances.path)
    covariance[unknown] = covariance[:, unknown] = np.nan
    errors = np.where(np.isnan(own), of.errors, np.sqrt(np.maximum(own, 0)))
    text = clauses([say("errors are as in {covariances}", covariances=covariances.name), *_remarks(of, given, rows)])
    covary = bool(np.triu(np.nan_to_num(covariance), 1).any())
    if not covary:
        below, above = (np.where(np.isnan(own), side, errors) for side in (of.below, of.above))
        return replace(of, below=below, above=above, errors_text=text)
    if of.uneven is not None:
        text += say("; intervals of values are taken as symmetric")
    return replace(of, below=errors, above=errors, covariance=covariance, errors_text=text)


def _square(codes: Sequence[str], rows: pd.DataFrame) -> Array:
    """The symmetric matrix of the covariances in the order of the codes, NaN where there is none."""
    one, other = (pd.Index(codes).get_indexer(pd.Index(rows[name])) for name in (v.SUBGROUP, v.OTHER_SUBGROUP))
    inside = (one >= 0) & (other >= 0)
    one, other = one[inside], other[inside]
    given = np.full((len(codes), len(codes)), np.nan)
    given[one, other] = given[other, one] = rows[v.COVARIANCE].to_numpy(dtype=np.float64)[inside]
    return given


def _require_possible(of: SubgroupSet, covariance: Array, path: str) -> None:
    """Raises SourceError if the covariance has a negative eigenvalue, so that a variance would be negative."""
    if not len(covariance):
        return
    smallest = float(np.linalg.eigvalsh(covariance)[0])
    if smallest < LEAST * np.trace(covariance):
        found = say("a smallest eigenvalue of {smallest:.3g}", smallest=smallest)
        raise SourceError("covariance_impossible", area=of.area, year=of.year, found=found, where=path)


def _require_near(of: SubgroupSet, own: Array, path: str) -> None:
    """Raises SourceError if a standard error is more than FAR times as large in one of file and figures."""
    errors = np.sqrt(np.maximum(own, 0))
    far = (errors > FAR * of.errors) | (of.errors > FAR * errors)
    if far.any():
        at = int(np.argmax(far))
        parts = {
            "expected": say("about {errors:.3g}, the squared standard error of the figures", errors=of.errors[at] ** 2)
        }
        found = say(
            "{own:g} for {codes}, {area} in {year}", own=own[at], codes=of.codes[at], area=of.area, year=of.year
        )
        raise SourceError("covariance_contradicts_error", found=found, where=path, **parts)


def _remarks(of: SubgroupSet, given: Array, rows: pd.DataFrame) -> list[str]:
    """What the file does not have, what of it is not used, and where its variances differ from those of the figures."""
    own, remarks, codes = np.diag(given), [], np.array(of.codes)
    known = ~(np.isnan(own) & np.isnan(of.errors))
    one, other = np.nonzero(np.triu(np.isnan(given) & known & known[:, None], 1))
    if len(one):
        pairs = [_pair(*names) for names in zip(codes[one], codes[other], strict=True)]
        remarks.append(say("covariances that are not in it are 0: {pairs}", pairs=in_short(pairs, MOST_NAMED)))
    if not known.all():
        remarks.append(say("the variance of {codes} is unknown", codes=in_short(list(codes[~known]), MOST_NAMED)))
    named = {*rows[v.SUBGROUP], *rows[v.OTHER_SUBGROUP]} - {*of.codes, *of.query.without}
    if named:
        remarks.append(say("rows of {named} are not used: no value", named=in_short(sorted(named), MOST_NAMED)))
    if (differs := _differ(own, of.errors)).any():
        texts = [
            say("{code} {sqrt:.3g} for {y:.3g}", code=code, sqrt=np.sqrt(x), y=y)
            for code, x, y, d in zip(codes, own, of.errors, differs, strict=True)
            if d
        ]
        remarks.append(
            say("its standard errors differ from those of the figures: {texts}", texts=in_short(texts, MOST_NAMED))
        )
    return remarks


def _differ(variances: Array, errors: Array) -> Mask:
    """Where a variance is not a squared standard error, even if both are rounded to the decimals that they have."""
    of_errors, of_variances = _half_units(errors), _half_units(variances)
    least, most = np.maximum(errors - of_errors, 0) ** 2, (errors + of_errors) ** 2
    return np.asarray((variances + of_variances < least) | (variances - of_variances > most))


def _half_units(numbers: Array) -> Array:
    """Half a unit of the last decimal of each number; half a unit of a whole number."""
    exponents = [0 if np.isnan(x) else int(Decimal(repr(float(x))).normalize().as_tuple().exponent) for x in numbers]
    return np.asarray(half_unit(np.maximum(-np.array(exponents), 0)))


def _pair(one: str, other: str) -> str:
    return say("{one} with {other}", one=one, other=other)
