"""What claims are checked against: the request for the numbers of all claims of a run."""

from collections.abc import Sequence

from divide_cli.analysis.request import Request
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.catalogue.claims import Claim
from divide_cli.claims.claims_file import catalogue_entries, default_editions, editions_of


def request_for(claims: Sequence[Claim], editions: Sequence[str]) -> Request:
    """The request that serves all claims: their indicators, all measures if one names any, and every year.

    It is for every year because a claim about a year missing from an edition is answered with the years that it has.
    Other years and measures say why a claim differs.
    """
    measures = catalogue().measures
    entries = catalogue_entries(claims)
    names = {name for claim in claims for name in editions_of(claim, editions)} or default_editions()
    return Request(
        editions=tuple(sorted(names)),
        indicators=tuple(sorted(entries["indicators"])),
        measures=tuple(measures) if entries["measures"] else ("absolute_difference",),
        economies=_economies(claims),
        keep=True,
    )


def _economies(claims: Sequence[Claim]) -> tuple[str, ...]:
    """The areas of the claims that are economies."""
    areas = {area for claim in claims for area in claim.selector.every_area}
    return tuple(sorted(area for area in areas if is_economy(area)))
