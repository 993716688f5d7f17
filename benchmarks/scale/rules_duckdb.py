"""The eight rules as an analyst would write them in SQL for DuckDB: `python rules_duckdb.py FILE OUT.json`.

The same rules and the same output as rules_polars.py.
"""

import csv
import json
import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "validate"))
import specifications as rules


def main() -> None:
    """Writes the failing lines of the file by rule."""
    path, out = sys.argv[1:]
    with open(path, encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    key = ", ".join(name for name in header if name in {*rules.KEY, "QUANTILE"})
    listed = rules.lists()
    wrong = [
        f"{name} not in ({', '.join(map(repr, listed[name]))})" if name in listed else f"{name} = ''"
        for name in header
        if name in {*rules.TEXTS, "QUANTILE"}
    ]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in header)
    used = ", ".join(name for name in header if name in {*rules.TEXTS, *rules.KEY, "QUANTILE", "OBS_VALUE"})
    connection = duckdb.connect()
    connection.execute(
        f"create table t as select row_number() over () + 1 as line, {used} from "
        f"read_csv('{path}', header=true, columns={{{columns}}}, force_not_null=[{', '.join(map(repr, header))}])"
    )
    year, value = "try_cast(TIME_PERIOD as integer)", "try_cast(OBS_VALUE as double)"
    checks = {
        "code_unknown": " or ".join(wrong),
        "period_not_a_year": f"{year} is null",
        "year_out_of_range": f"{year} not between {rules.YEARS[0]} and {rules.YEARS[1]}",
        "value_not_a_number": f"{value} is null and OBS_VALUE <> ''",
        "value_out_of_range": f"{value} not between {rules.PERCENT[0]} and {rules.PERCENT[1]}",
    }
    lines = {
        rule: [line for (line,) in connection.execute(f"select line from t where {test} order by line").fetchall()]
        for rule, test in checks.items()
    }
    again = f"select unnest(list_sort(list(line))[2:]) as line from t group by {key} having count(*) > 1 order by line"
    lines["duplicate_key"] = [line for (line,) in connection.execute(again).fetchall()]
    Path(out).write_text(json.dumps(lines))
    print({rule: len(found) for rule, found in lines.items()})


if __name__ == "__main__":
    main()
