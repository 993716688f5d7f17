"""Claims of one publication that cannot all hold, found through the relations that they declare.

A claim stands for an interval of numbers; complements must be able to make 100, a ratio or a difference must be able to
be that of the two others.
"""

from collections.abc import Mapping, Sequence

from divide_cli.claims.judge import text
from divide_cli.claims.printed import Accepted
from divide_cli.claims.records import Claim, Relation


def conflicts(claims: Sequence[Claim], held: Mapping[str, Accepted]) -> dict[str, list[str]]:
    """What each claim is in conflict with, by id; a conflict is told of each claim that takes part in it."""
    where = {claim.id: claim.where for claim in claims}
    found: dict[str, list[str]] = {}
    for claim in claims:
        for relation in claim.relations:
            told = _contradiction(claim, relation, held)
            for name in (claim.id, *relation.others) if told else ():
                others = [other for other in (claim.id, *relation.others) if other != name]
                cited = ", ".join(f"{other} ({where[other]})" for other in others)
                line = f"cannot hold with {cited}: {told}"
                if line not in found.setdefault(name, []):
                    found[name].append(line)
    return found


def _contradiction(claim: Claim, relation: Relation, held: Mapping[str, Accepted]) -> str:
    own = held[claim.id]
    first, *more = (held[name] for name in relation.others)
    if relation.complement_of:
        low, high = own.lower + first.lower, own.upper + first.upper
        return "" if low <= 100 <= high else f"together they make {text(low)} to {text(high)}, and not 100"
    second = more[0]
    if relation.ratio_of:
        scale = 100 if claim.unit == "PT" else 1
        low, high = scale * first.lower / second.upper, scale * first.upper / second.lower
        name = "ratio"
    else:
        low, high, name = first.lower - second.upper, first.upper - second.lower, "difference"
    return "" if own.meets(low, high) else f"the {name} of the printed figures is {text(low)} to {text(high)}"


def implied(claim: Claim, held: Mapping[str, Accepted]) -> list[Accepted]:
    """What the figures of other claims, as printed, give for this one: the number, and the ends of their rounding."""
    made = []
    for relation in claim.relations:
        first, *more = (held[name] for name in relation.others)
        low, number, high = first.nearest[0], first.number, first.nearest[1]
        if relation.complement_of:
            low, number, high = 100 - high, 100 - number, 100 - low
        elif relation.ratio_of:
            scale = 100 if claim.unit == "PT" else 1
            other = more[0]
            low, number, high = (
                scale * one / two
                for one, two in zip(
                    (low, number, high), (other.nearest[1], other.number, other.nearest[0]), strict=True
                )
            )
        else:
            other = more[0]
            low, number, high = low - other.nearest[1], number - other.number, high - other.nearest[0]
        made.append(Accepted(number, low, high, True, (low, high), None))
    return made
