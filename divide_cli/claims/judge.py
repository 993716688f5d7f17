"""A number and a printed figure -> the verdict of one basis, in words that say by how much.

Published figures are rounded, so that a number made from them is an interval: a claim is *reproduced* where the whole
interval prints as the claim does, and *within rounding of the inputs* where only a part of it does. From countries the
interval is what the missing people leave open: a claim is *reproduced* where the value of the economies that report
prints as the claim does, *differs* where nothing in the interval does, and is *not computable* between the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from divide_cli.claims.arithmetic import Number
from divide_cli.claims.printed import Accepted
from divide_cli.claims.records import (
    COUNTRIES,
    DIFFERS,
    DOUBLE,
    NOT_COMPUTABLE,
    QUOTED,
    REPRODUCED,
    WITHIN,
    Claim,
)
from divide_cli.frames.bounds import half_up


@dataclass(frozen=True)
class Judged:
    """What one basis says of a claim. `tension`: the number rounds to the figure, and its qualifier does not hold."""

    basis: str
    verdict: str
    number: Number
    edition: str = ""
    said: str = ""
    tension: bool = False


def judge(
    claim: Claim,
    held: Accepted,
    number: Number,
    basis: str,
    edition: str,
    printed: Sequence[Accepted] = (),
    view: bool = False,
) -> Judged:
    """The verdict. `printed` are what other printed figures give for it; a `view` consists of the claims."""
    verdict, said = _verdict(claim, held, number, basis, printed)
    if view and verdict in (REPRODUCED, WITHIN):
        verdict, said = QUOTED, f"{edition} consists of the publication's own figures"
    tension = verdict in (DIFFERS, NOT_COMPUTABLE) and not isnan(number.value) and held.rounds(number.value)
    if tension:
        value = text(number.value, held.decimals)
        said = f"a tension: {value} rounds to the figure and is not {claim.qualifier} {claim.printed}; {said}"
    return Judged(basis, verdict, number, edition, said, tension)


def _verdict(claim: Claim, held: Accepted, number: Number, basis: str, printed: Sequence[Accepted]) -> tuple[str, str]:
    if isnan(number.value):
        return _unknown(held, number)
    if not number.bounded:
        return NOT_COMPUTABLE, "the value has no bounds"
    if basis == COUNTRIES:
        return _from_countries(claim, held, number)
    return _from_published(claim, held, number, printed)


def _unknown(held: Accepted, number: Number) -> tuple[str, str]:
    """Without a value: differs where not even the bounds meet the figure."""
    if not number.bounded or held.meets(number.lower, number.upper):
        return NOT_COMPUTABLE, number.missing
    nearest = number.lower if held.beyond(number.lower) > 0 else number.upper
    return DIFFERS, f"{number.missing}; whatever the others report, {_apart(held, nearest)}"


def _from_countries(claim: Claim, held: Accepted, number: Number) -> tuple[str, str]:
    value = number.value
    if held.holds(value, value):
        return QUOTED if claim.selector.plain and _single(number) else REPRODUCED, ""
    if held.meets(number.lower, number.upper):
        return NOT_COMPUTABLE, f"{_apart(held, value)}, and the economies that do not report may make up for it"
    return _outside(held, value, ())


def _from_published(claim: Claim, held: Accepted, number: Number, printed: Sequence[Accepted]) -> tuple[str, str]:
    value, read = number.value, claim.selector.plain
    if held.holds(number.lower, number.upper):
        return QUOTED if read else REPRODUCED, ""
    if not held.meets(number.lower, number.upper):
        return _outside(held, value, printed)
    if read and held.closed and held.decimals is not None and _rounded(value, held.decimals) == held.number:
        return QUOTED, "the published figure lies on the edge of what the printed one may stand for"
    span = f"{text(number.lower, held.decimals)} to {text(number.upper, held.decimals)}"
    return WITHIN, f"the rounded inputs allow {span}"


def _outside(held: Accepted, value: float, printed: Sequence[Accepted]) -> tuple[str, str]:
    twice = _twice(held, value, printed)
    return (DOUBLE, twice) if twice else (DIFFERS, _apart(held, value))


def _single(number: Number) -> bool:
    """Whether the number is an economy's own."""
    return number.membership == "_Z"


def _apart(held: Accepted, value: float) -> str:
    """How far a value lies from what the printed figure may stand for."""
    by = held.beyond(value)
    if held.least:
        return f"{value:g} economies, not {held.least:g} or more"
    side = "above" if by > 0 else "below"
    span = f"{text(held.lower, held.decimals)} to {text(held.upper, held.decimals)}"
    if by == 0:
        return f"{text(value, held.decimals)} is on the end of {span}, which does not count"
    return f"{text(value, held.decimals)} is {text(abs(by), held.decimals)} {side} {span}"


def _rounded(value: float, decimals: int) -> float:
    return float(half_up(np.asarray(value), decimals))


def _twice(held: Accepted, value: float, printed: Sequence[Accepted]) -> str:
    """How rounding twice would make the printed figure of the value; empty where it would not."""
    if held.decimals is None or not held.closed or held.rounds(value):
        return ""
    for more in (1, 2):
        once = _rounded(value, held.decimals + more)
        if _rounded(once, held.decimals) == held.number:
            return f"{text(value, held.decimals)} rounded to {once:.{held.decimals + more}f} and then again"
    for made in printed:
        if made.holds(value, value) and _rounded(made.number, held.decimals) == held.number:
            given, unrounded = text(made.number, held.decimals), text(value, held.decimals)
            return f"{given} follows from the other figures as printed, {unrounded} from the unrounded ones"
    return ""


def text(value: float, decimals: int | None = None) -> str:
    """The value with two decimals more than the figure is printed with (a word: two), without trailing zeros."""
    if isnan(value):
        return "unknown"
    plain = f"{value:.{(decimals or 0) + 2}f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
