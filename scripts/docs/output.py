"""The columns of the output, from schemas/*.json: docs/reference/output.md."""

import json

from scripts.docs import ROOT
from scripts.docs.markdown import page, table

FRAMES = ("gaps", "aggregates", "disparities", "targets", "observations")


def pages() -> dict[str, str]:
    """The page of exit codes, streams and columns."""
    frames = [_frame(name) for name in FRAMES]
    return {"docs/reference/output.md": page("output.md.j2", frames=frames)}


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
        "missing": ", ".join(f"`{mark}`" for mark in schema.get("missingValues", []) if mark),
        "columns": table(("column", "type", "unit", "may be empty", "meaning"), rows),
    }
