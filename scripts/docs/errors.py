"""The page of the errors by code: docs/reference/errors.md."""

import yaml

from scripts.docs import ROOT
from scripts.docs.markdown import table


def pages() -> dict[str, str]:
    """The errors by code."""
    entries = yaml.safe_load((ROOT / "divide_cli" / "errors" / "messages.yaml").read_text(encoding="utf-8"))
    rows = [(f"`{code}`", entry["subject"]) for code, entry in sorted(entries.items())]
    return {"docs/reference/errors.md": f"# Errors by code\n\n{table(('code', 'error'), rows)}"}
