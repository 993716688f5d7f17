"""Results for machines: JSON (numbers to 15 decimals) and CSV (numbers in full)."""

import json

import pandas as pd

from divide_cli.analysis.request import Result
from divide_cli.errors.text_safety import harmless_json
from divide_cli.reports.provenance import provenance


def _records(frame: pd.DataFrame) -> str:
    return frame.to_json(orient="records", double_precision=15, force_ascii=False) or "[]"


def as_json(result: Result) -> str:
    """`{"meta": {...}, "gaps": [...], "aggregates": [...]}`; what is missing is null."""
    meta = json.dumps(provenance(result), ensure_ascii=False)
    made = f'{{"meta": {meta},\n"gaps": {_records(result.gaps)},\n"aggregates": {_records(result.aggregates)}}}\n'
    return harmless_json(made)


def as_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV with a header; what is missing is empty."""
    return str(frame.to_csv(index=False, lineterminator="\n"))
