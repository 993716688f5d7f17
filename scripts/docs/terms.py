"""The page of the terms in six languages, docs/reference/terms.md, from data/translations/glossary.csv."""

import csv

from scripts.docs import ROOT
from scripts.docs.markdown import table

GLOSSARY = ROOT / "data" / "translations" / "glossary.csv"
HEADS = {
    "en": "English",
    "fr": "français",
    "es": "español",
    "ru": "русский",
    "ar": "العربية",
    "zh": "中文",
    "source": "Source",
}
INTRODUCTION = (
    "The terms that `divide` uses in the six official languages of the United Nations, with the organisation whose "
    "usage each follows. A dot separates variants; the first is preferred. The list is "
    "`data/translations/glossary.csv`. [Languages](../languages.md) says how translations follow it."
)


def pages() -> dict[str, str]:
    """The terms, a row each."""
    with GLOSSARY.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    cells = [[row[name].replace(" | ", " · ") for name in HEADS] for row in rows]
    content = table(list(HEADS.values()), cells)
    return {"docs/reference/terms.md": f"# Terms in six languages\n\n{INTRODUCTION}\n\n{content}"}
