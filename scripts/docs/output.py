"""The columns of the output, from schemas/*.json and the codelists: docs/reference/output.md."""

import json

from divide_cli.catalogue import codelist
from scripts.docs import ROOT
from scripts.docs.markdown import page, table

FRAMES = (
    "gaps",
    "aggregates",
    "estimates",
    "disparities",
    "targets",
    "ranks",
    "courses",
    "missing",
    "changes",
    "decomposition",
    "members",
    "observations",
    "survey_gaps",
)
"""Schemas of the frames that commands print or write."""


def pages() -> dict[str, str]:
    """The page of exit codes, streams, codes and columns."""
    values = {
        "statuses": _codes("CL_OBS_STATUS", ("status", "name", "meaning")),
        "units": _codes("CL_UNIT_MEASURE", ("unit", "name", "meaning")),
        "frames": [_frame(name) for name in FRAMES],
    }
    return {"docs/reference/output.md": page("output.md.j2", **values)}


def _codes(name: str, head: tuple[str, ...]) -> str:
    """A table of the codes of a codelist."""
    rows = codelist(name).rows.items()
    return table(head, [(f"`{code}`", f"`{row['name']}`", f"{row['description']}.") for code, row in rows])


def _frame(name: str) -> dict[str, str]:
    """Title, key and columns of a frame."""
    schema = json.loads((ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    rows = [
        (
            f"`{field['name']}`",
            field["type"],
            f"`{field['unit']}`" if field.get("unit", "").isupper() else field.get("unit", ""),
            "no" if field.get("constraints", {}).get("required") else "yes",
            field["description"],
        )
        for field in schema["fields"]
    ]
    return {
        "name": name,
        "title": schema["title"],
        "key": ", ".join(f"`{column}`" for column in schema["primaryKey"]),
        "columns": table(("column", "type", "unit", "may be missing", "meaning"), rows),
    }
