"""The same rules in the form of each program: codelists, required cells, types, years, range of percentages, key.

The codes are those of the catalogue of `divide`, so that all four check the same lists.
"""

import csv
import json
import re
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "data"
KEY = ["REF_AREA", "INDICATOR", "SEX", "AGE", "URBANISATION", "EDUCATION", "TIME_PERIOD"]
TEXTS = ["REF_AREA", "INDICATOR", "SEX", "AGE", "URBANISATION", "EDUCATION", "UNIT_MEASURE", "OBS_STATUS"]
YEARS = (1900, 2100)
PERCENT = (0, 100)
RULES = ("code_unknown", "value_not_a_number", "period_not_a_year", "row_ragged", "year_out_of_range",
         "value_out_of_range", "duplicate_key", "repeated_row")  # fmt: skip
"""The rules of `divide` that say the same."""


def lists() -> dict[str, list[str]]:
    """The codes that a column may hold, for the columns that a list closes."""
    made = {}
    for name in ("REF_AREA", "SEX", "URBANISATION", "UNIT_MEASURE", "OBS_STATUS"):
        file = "CL_AREA" if name == "REF_AREA" else f"CL_{name}"
        with (DATA / "catalogue" / "codelists" / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
            made[name] = [row["code"] for row in csv.DictReader(lines)]
    files = (DATA / "catalogue" / "indicators").glob("*.yaml")
    made["INDICATOR"] = sorted(re.findall(r"^([a-z]\w*):", "\n".join(file.read_text("utf-8") for file in files), re.M))
    return made


def frictionless(path: Path) -> None:
    """A Table Schema."""
    codes = lists()
    fields: list[dict[str, Any]] = [
        {"name": name, "type": "string",
         "constraints": {"required": True, **({"enum": codes[name]} if name in codes else {})}}
        for name in TEXTS
    ]  # fmt: skip
    fields.append({"name": "TIME_PERIOD", "type": "integer",
                   "constraints": {"required": True, "minimum": YEARS[0], "maximum": YEARS[1]}})  # fmt: skip
    fields.append({"name": "OBS_VALUE", "type": "number",
                   "constraints": {"minimum": PERCENT[0], "maximum": PERCENT[1]}})  # fmt: skip
    fields.append({"name": "OBS_COMMENT", "type": "string"})
    order = [*KEY, "OBS_VALUE", "UNIT_MEASURE", "OBS_STATUS", "OBS_COMMENT"]
    fields.sort(key=lambda field: order.index(field["name"]))
    path.write_text(json.dumps({"fields": fields, "primaryKey": KEY}), encoding="utf-8")


def pandera(path: Path) -> None:
    """A DataFrameSchema as pandera writes it (YAML reads JSON)."""
    codes = lists()
    columns: dict[str, Any] = {
        name: {"dtype": "str", "nullable": False, **({"isin": codes[name]} if name in codes else {})} for name in TEXTS
    }
    columns["TIME_PERIOD"] = {"dtype": "int64", "in_range": _between(*YEARS)}
    columns["OBS_VALUE"] = {"dtype": "float64", "nullable": True, "in_range": _between(*PERCENT)}
    path.write_text(
        json.dumps({"schema_type": "dataframe", "api": "pandas", "columns": columns, "unique": KEY,
                    "report_duplicates": "exclude_first"}), encoding="utf-8",
    )  # fmt: skip


def _between(low: int, high: int) -> dict[str, Any]:
    return {"min_value": low, "max_value": high, "include_min": True, "include_max": True}


def pointblank(path: Path, data: Path) -> None:
    """A workflow in YAML; a step says the column that it is about."""
    codes = lists()
    steps: list[dict[str, Any]] = []
    for name in TEXTS:
        steps.append({"col_vals_not_null": {"columns": [name]}})
        if name in codes:
            steps.append({"col_vals_in_set": {"columns": [name], "set": codes[name]}})
    for name, (low, high), absent in (("TIME_PERIOD", YEARS, False), ("OBS_VALUE", PERCENT, True)):
        steps.append({"col_vals_between": {"columns": [name], "left": low, "right": high, "na_pass": absent}})
    steps.append({"rows_distinct": {"columns_subset": KEY}})
    document = {"tbl": str(data), "df_library": "polars", "steps": steps}
    path.write_text(json.dumps(document), encoding="utf-8")
