"""Three gaps in SQL for DuckDB, as an analyst would script them: `python gaps_duckdb.py FILE FOLDER [--unchecked]`.

The same checks as `divide compute` (codes, units, range, years, keys), the same weights, groups and measures; it
writes gaps.parquet and aggregates.parquet. Left out, to its advantage: hash and line numbers, messages that point to a
cell, bounds, footnotes, tables, the interpolation of populations, and populations by age, so that groups have no
value by age. `--unchecked` leaves out the keys too.
"""

import csv
import sys
from pathlib import Path

import duckdb

DATA = Path(__file__).resolve().parents[2] / "data"
LISTS = ("world", "income_group", "ldc", "lldc", "sids_un", "itu_region")
DAY = "2026-07-01"
SIDES = {
    "internet_use_income": ("REF_AREA", "HIC", "LIC"),
    "internet_use_urbanisation": ("URBANISATION", "URB", "RUR"),
    "internet_use_sex": ("SEX", "M", "F"),
}
MEASURES = {
    "absolute_difference": "r - c",
    "ratio": "r / nullif(c, 0)",
    "parity_score": "c / nullif(r, 0)",
    "relative_gap": "100 * (r - c) / nullif(r, 0)",
    "relative_gap_to_compared": "100 * (r - c) / nullif(c, 0)",
    "adjusted_parity": "case when c <= r then c / nullif(r, 0) else 2 - r / nullif(c, 0) end",
    "excess_persons": "(r * n - c * m) / 100",
    "persons_to_parity": "(r - c) * m / 100",
}


def codes(name: str) -> str:
    """The codes of a codelist as a list in SQL."""
    with (DATA / "catalogue" / "codelists" / f"{name}.csv").open(encoding="utf-8", newline="") as rows:
        return "(" + ", ".join(repr(row["code"]) for row in csv.DictReader(rows)) + ")"


def source(path: str) -> tuple[str, list[str]]:
    """The table as DuckDB reads it, and the names of its columns."""
    if path.endswith(".parquet"):
        return f"'{path}'", duckdb.sql(f"select * from '{path}' limit 0").columns
    with open(path, encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    kinds = {"TIME_PERIOD": "SMALLINT", "OBS_VALUE": "DOUBLE"}
    columns = ", ".join(f"'{name}': '{kinds.get(name, 'VARCHAR')}'" for name in header)
    return f"read_csv('{path}', header=true, columns={{{columns}}})", header


def main() -> None:
    """Checks the file, and writes its group values and gaps."""
    path, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    table, header = source(path)
    further = [name for name in header if name in ("EDUCATION", "QUANTILE")]
    key = ["REF_AREA", "INDICATOR", "SEX", "AGE", "URBANISATION", *further, "TIME_PERIOD"]
    cell = ", ".join(key[1:])
    listed = {name: codes(f"CL_{name}") for name in ("SEX", "AGE", "URBANISATION", "UNIT_MEASURE", "OBS_STATUS")}
    wrong = [f"{name} not in {listed[name]}" for name in listed]
    wrong += [f"REF_AREA not in {codes('CL_AREA')}", "TIME_PERIOD not between 1900 and 2100", "UNIT_MEASURE <> 'PT'"]
    wrong += ["OBS_VALUE not between 0 and 100", *(f"{name} is null" for name in further)]
    run = duckdb.connect()
    (failing,) = run.execute(f"select count(*) from {table} where {' or '.join(wrong)}").fetchone() or (0,)
    if failing:
        raise SystemExit(f"{failing} rows are wrong")
    if "--unchecked" not in sys.argv:
        twice = run.execute(f"select 1 from {table} group by {', '.join(key)} having count(*) > 1 limit 1").fetchone()
        if twice:
            raise SystemExit("two rows have one key")
    inside = f"valid_from <= '{DAY}' and (valid_to is null or valid_to > '{DAY}')"
    groups = " union all ".join(
        f"select REF_AREA, \"GROUP\" as g from read_csv('{DATA}/catalogue/area_groups/{name}.csv', all_varchar=true) "
        f"where {inside}"
        for name in LISTS
    )
    run.execute(f"create table members as {groups}")
    sources = DATA / "sources"
    run.execute(
        "create table people as "
        f"select REF_AREA, SEX, TIME_PERIOD, OBS_VALUE as persons from "
        f"'{sources}/wdi_population_2026_07/observations.csv' "
        "where SEX = '_T' and AGE = '_T' and URBANISATION = '_T' union all "
        f"select REF_AREA, SEX, TIME_PERIOD, sum(OBS_VALUE) from '{sources}/un_wpp_2024/observations.csv' "
        "where SEX <> '_T' and AGE <> '_T' and URBANISATION = '_T' group by all"
    )
    run.execute(f"create table seen as select * from {table} where INDICATOR = 'internet_use'")
    plain = " and ".join(f"{name} = '_T'" for name in ("AGE", "URBANISATION", *further))
    run.execute(
        f"create table groups as with p as (select s.*, m.g, case when {plain} then p.persons end as persons "
        "from seen s join members m using (REF_AREA) left join people p using (REF_AREA, SEX, TIME_PERIOD)), "
        "whole as (select m.g, SEX, TIME_PERIOD, sum(persons) as total from people join members m using (REF_AREA) "
        "group by all) "
        f"select p.g as REF_AREA, {cell}, sum(persons * OBS_VALUE) / sum(persons) filter (OBS_VALUE is not null) as "
        "OBS_VALUE, 100 * sum(persons) filter (OBS_VALUE is not null) / any_value(total) as COVERAGE, "
        "count(OBS_VALUE) as N_AREAS, any_value(total) as people from p join whole using (g, SEX, TIME_PERIOD) "
        "group by all"
    )
    run.execute("update groups set OBS_VALUE = null where COVERAGE < 75 or COVERAGE is null")
    run.execute(f"copy (from groups order by REF_AREA, {cell}) to '{folder}/aggregates.parquet' (compression zstd)")
    run.execute(
        f"create table everything as select REF_AREA, {cell}, OBS_VALUE, people from groups union all "
        f"select s.REF_AREA, {cell}, s.OBS_VALUE, p.persons from seen s left join people p "
        "using (REF_AREA, SEX, TIME_PERIOD)"
    )
    made = []
    for gap, (over, reference, compared) in SIDES.items():
        same = [name for name in key if name != over]
        shared = ", ".join(same)
        first, second = (
            f"select {shared}, OBS_VALUE as {value}, people as {persons} from everything where {over} = '{code}'"
            for value, persons, code in (("r", "n", reference), ("c", "m", compared))
        )
        made += [
            f"select '{gap}' as GAP, '{measure}' as MEASURE, {shared}, {formula} as OBS_VALUE, r as REFERENCE_VALUE, "
            f"c as COMPARED_VALUE from ({first}) join ({second}) using ({shared})"
            for measure, formula in MEASURES.items()
        ]
    gaps = " union all by name ".join(made)
    run.execute(f"copy (from ({gaps}) order by all) to '{folder}/gaps.parquet' (compression zstd)")
    print(run.execute(f"select count(*) from '{folder}/gaps.parquet'").fetchone(), "gaps")


if __name__ == "__main__":
    main()
