"""Writes the pictures of docs/gallery/ and the page that shows them: `python -m scripts.gallery` (extra `report`)."""

import sys
from pathlib import Path

from divide_cli import api
from divide_cli.catalogue import catalogue
from divide_cli.reports import charts
from divide_cli.reports.charts.changes import drawn

DOCS = Path(__file__).resolve().parents[1] / "docs"
AREA = "KEN"
"""The area of the pictures of a profile."""
OWN_FILE = ("boundaries",)
"""Charts that need a file of the user's."""
HEAD = """# Gallery

The pictures of `divide report`, from the embedded figures. `make gallery` writes this page.
`divide chart ID` writes one of them, and [Report](report.md) says what they mean.
"""


def main() -> int:
    folder = DOCS / "gallery"
    folder.mkdir(exist_ok=True)
    parts = [HEAD]
    for name, chart in catalogue().charts.items():
        if name in OWN_FILE:
            continue
        areas = [AREA] if "profile" in chart.rests_on else []
        entry, overview = api.chart(name, areas)
        picture = drawn(entry, overview)
        (folder / f"{name}.svg").write_bytes(charts.alone(entry, picture, "svg") + b"\n")
        command = " ".join(["divide chart", name, *areas])
        parts.append(f"## {chart.name}\n\n`{command}`\n\n![{chart.about}](gallery/{name}.svg)\n")
    (DOCS / "gallery.md").write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
