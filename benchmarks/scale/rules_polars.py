"""The eight rules as an analyst would write them in polars: `python rules_polars.py FILE OUT.json`.

The same rules as specifications.RULES of benchmarks/validate: codes of seven columns are listed, not empty; years are
whole numbers from 1900 to 2100, values are numbers from 0 to 100 or empty, no key occurs twice, rows have the cells of
the header. The output has each failing line with its rule. Columns without a rule are not read.
"""

import json
import sys
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "validate"))
import specifications as rules


def main() -> None:
    """Writes the failing lines of the file by rule."""
    path, out = sys.argv[1:]
    header = pl.scan_csv(path, n_rows=0).collect_schema().names()
    key = [name for name in header if name in {*rules.KEY, "QUANTILE"}]
    listed = rules.lists()
    texts = [name for name in header if name in {*rules.TEXTS, "QUANTILE"}]
    table = (
        pl.scan_csv(path, schema_overrides=dict.fromkeys(header, pl.String))
        .select(*(pl.col(name).cast(pl.Categorical) for name in texts), "TIME_PERIOD", "OBS_VALUE")
        .with_row_index("line", offset=2)
        .collect(engine="streaming")
    )
    year = pl.col("TIME_PERIOD").cast(pl.Int32, strict=False)
    value = pl.col("OBS_VALUE").cast(pl.Float64, strict=False)
    checks = {
        "code_unknown": pl.any_horizontal(
            ~_known(name, codes) for name, codes in ((name, listed.get(name)) for name in texts)
        ),
        "period_not_a_year": year.is_null(),
        "year_out_of_range": ~year.is_between(*rules.YEARS),
        "value_not_a_number": value.is_null() & (pl.col("OBS_VALUE").fill_null("") != ""),
        "value_out_of_range": ~value.is_between(*rules.PERCENT),
        "duplicate_key": ~pl.struct(key).is_first_distinct(),
    }
    lines = {
        rule: table.lazy().filter(wrong).select("line").collect(engine="streaming")["line"].to_list()
        for rule, wrong in checks.items()
    }
    Path(out).write_text(json.dumps(lines))
    print({rule: len(found) for rule, found in lines.items()})


def _known(name: str, codes: list[str] | None) -> pl.Expr:
    column = pl.col(name)
    known = column.is_in(pl.Series(codes, dtype=pl.Categorical)) if codes else column.cast(pl.String) != ""
    return known.fill_null(False)  # an empty cell is missing in polars


if __name__ == "__main__":
    main()
