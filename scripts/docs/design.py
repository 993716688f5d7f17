"""The keys of the design file of a survey, from its records: docs/reference/design.md."""

import re
from typing import Any

from divide_cli.catalogue.entries import keys
from divide_cli.survey import design
from scripts.docs.markdown import page, table
from scripts.schemas import described

PARTS: dict[str, tuple[Any, str]] = {
    "The file": (design.DesignKeys, "The keys at the left margin."),
    "survey": (design.Survey, "What the output cites."),
    "breakdowns": (design.Breakdown, "One entry for each dimension: `SEX`, `AGE`, `URBANISATION` or a further one."),
    "indicators": (
        design.Measured,
        "One entry for each indicator: `variable`, or several questions in `any` or `all`.",
    ),
    "Questions of any and all": (design.Question, "The name of a variable, or these keys."),
    "Ranges of values": (design.Range, "Wherever values are listed, a range of numbers is possible instead."),
    "roster": (design.Roster, "The file of the persons, if DATA has households."),
    "replicate_weights": (design.Replicates, "Instead of `strata` and `clusters`."),
}
"""Heading -> the kind of entry, and what it is."""
NOT_KEYS = {"path"}


def pages() -> dict[str, str]:
    """The page of the keys."""
    parts = [{"title": title, "about": about, "keys": _keys(kind)} for title, (kind, about) in PARTS.items()]
    text = page("design.md.j2", parts=parts)
    return {"docs/reference/design.md": re.sub(r"\n{3,}", "\n\n", text)}


def _keys(kind: Any) -> str:
    texts = described(kind)
    rows = [
        (f"`{name}`", "yes" if key.required else "", texts[name])
        for name, key in keys(kind).items()
        if name not in NOT_KEYS
    ]
    return table(("key", "required", "meaning"), rows)
