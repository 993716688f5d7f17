"""The tables of a result, and its picture, as a piece of HTML for a notebook: it loads nothing and runs nothing."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from divide_cli.catalogue import Chart
from divide_cli.errors import SourceError
from divide_cli.reports import charts
from divide_cli.reports.blocks import Block, in_language
from divide_cli.reports.charts import Picture
from divide_cli.reports.html import page
from divide_cli.reports.tables import notes


def fragment(blocks: Sequence[Block], picture: tuple[Chart, Picture] | None = None) -> str:
    """The picture, if there is one and it can be drawn, and the blocks with their notes. Every text is escaped."""
    drawing = drawn(*picture) if picture else ""
    style = Path(__file__).with_name("tables.css").read_text(encoding="utf-8")
    parts = {"style": Markup(style), "drawing": Markup(drawing), "title": "", "alternative": ""}  # noqa: S704 (own output)
    if picture and drawing:
        parts |= {"title": picture[1].title, "alternative": picture[1].alternative}
    template = _environment().get_template("tables.html.j2")
    return template.render(blocks=[in_language(block) for block in blocks], notes=notes, **parts)


def drawn(chart: Chart, picture: Picture) -> str:
    """The picture as SVG, as wide as it was drawn; empty without the extra that draws."""
    try:
        drawing = charts.svg(chart, picture, "wide" if "wide" in chart.sizes else next(iter(chart.sizes)))
    except SourceError as error:
        if error.code != "charts_need_extra":
            raise
        return ""
    width = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', drawing)
    return drawing.replace("<svg", f'<svg width="{width[1]}"', 1) if width else drawing


@cache
def _environment() -> Environment:
    return page.new_environment()
