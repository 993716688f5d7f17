"""What `divide compute` shows: the paragraphs of the resolution, the same gaps from country figures, group values."""

from divide_cli.analysis.pipeline import beside, published_editions
from divide_cli.analysis.request import Result
from divide_cli.reports import cited, country
from divide_cli.reports.lookup import Lookup
from divide_cli.reports.tables import Block


def summary(result: Result) -> list[Block]:
    """The blocks of a run, in reading order."""
    other = beside(result)
    published = Lookup.of(other, published_editions())
    blocks = [] if result.request.files else cited.blocks(result, other, published)
    blocks += country.blocks(result, other, published)
    if not blocks:
        blocks = [Block("Nothing of this choice has a summary table", (), [], empty="--format csv prints every gap.")]
    return blocks
