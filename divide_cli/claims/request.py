"""What claims are checked against: the request that serves them, their editions, and those that take their place."""

from collections.abc import Sequence

from divide_cli.analysis.request import Request
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.catalogue.claims import Claim
from divide_cli.claims.claims_file import catalogue_entries
from divide_cli.sources import editions as sources


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


def default_editions() -> list[str]:
    """The default editions of country figures, the newest first."""
    entries = [entry for entry in sources.editions().values() if entry.role == "country" and entry.default]
    return [entry.id for entry in sorted(entries, key=lambda entry: entry.vintage, reverse=True)]


def editions_of(claim: Claim, editions: Sequence[str]) -> Sequence[str]:
    """The editions requested, or the claim's own and, if these have no country figures, the default ones."""
    if editions:
        return editions
    has_countries = any(sources.editions()[name].role == "country" for name in claim.editions)
    return claim.editions if has_countries else (*claim.editions, *default_editions())


def _economies(claims: Sequence[Claim]) -> tuple[str, ...]:
    """The areas of the claims that are economies."""
    areas = {area for claim in claims for area in claim.selector.every_area}
    return tuple(sorted(area for area in areas if is_economy(area)))


def published_editions() -> list[str]:
    """The editions of published figures, the newest first."""
    entries = [entry for entry in sources.editions().values() if entry.role == "published"]
    return [entry.id for entry in sorted(entries, key=lambda entry: entry.vintage, reverse=True)]
