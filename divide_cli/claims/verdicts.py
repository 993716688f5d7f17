"""A number and a printed figure -> the verdict of one basis, with a remark that says by how much they differ.

Published figures are rounded, so a number computed from them is an interval. A claim is *reproduced* if the whole
interval prints as the claim does, and *within rounding of the inputs* if only a part of it does. From countries, the
interval is what the missing people leave open. A claim is *reproduced* if the value of the economies that report prints
as the claim does, *differs* if nothing in the interval does, and is *not computable* between the two.

Claims of one publication *conflict* if they cannot all be true by the relations that they declare: complements must be
able to make 100, and a ratio or a difference must be able to be that of the two others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue.claims import Basis, Claim, Relation, Verdict
from divide_cli.claims.numbers import Number, quotient
from divide_cli.claims.printed import DIGITS, PrintedFigure, number_text
from divide_cli.frames.bounds import Bounded, half_up, monotone
from divide_cli.language import commas, digits, remarked, say


class Deviation(StrEnum):
    """In what a claim may deviate from a figure that its text would fit."""

    UNIT = "another unit"
    SIGN = "another sign"
    DIGITS = "digits transposed"
    COMPLEMENT = "its complement"
    FORMULA = "another formula"
    BREAKDOWN = "another sex, age or place"
    YEAR = "another year"
    EDITION = "another edition"
    AREA = "another area"
    MEMBERS = "other members"


@dataclass(frozen=True)
class Diagnosis:
    """A deviation for which the printed text would be right, and the ways in which: in words, with their numbers."""

    deviation: Deviation
    ways: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Judgement:
    """The verdict of one basis. `tension`: the number rounds to the figure, but its qualifier is not satisfied.

    `diagnoses` are the deviations that would explain a figure that differs, the least likely by chance first.
    """

    basis: str
    verdict: Verdict
    number: Number
    edition: str = ""
    remark: str = ""
    tension: bool = False
    diagnoses: tuple[Diagnosis, ...] = ()


def judge(
    claim: Claim,
    figure: PrintedFigure,
    number: Number,
    basis: str,
    edition: str,
    related: Sequence[PrintedFigure] = (),
    quoted: bool = False,
) -> Judgement:
    """Gives the verdict.

    `related` are values given by other printed figures. An edition is `quoted` if it consists of the claims themselves.
    """
    if not number.has_value:
        verdict, remark = _without_value(figure, number)
    elif not number.has_bounds:
        verdict, remark = Verdict.NOT_COMPUTABLE, say("the value has no bounds")
    elif basis == Basis.COUNTRIES:
        verdict, remark = _from_countries(claim, figure, number)
    else:
        verdict, remark = _from_published(claim, figure, number, related)
    if quoted and verdict in (Verdict.REPRODUCED, Verdict.WITHIN):
        verdict, remark = Verdict.QUOTED, say("{edition} consists of the publication's own figures", edition=edition)
    fails = verdict in (Verdict.DIFFERS, Verdict.NOT_COMPUTABLE)
    tension = fails and number.has_value and figure.rounds(number.value)
    if tension:
        value = figure.text(number.value)
        remark = say(
            "a tension: {value} rounds to the figure, but is not {qualifier} {printed}; {remark}",
            value=value,
            qualifier=language.translated(f"qualifiers:{claim.qualifier}.word", claim.qualifier),
            printed=claim.printed,
            remark=remark,
        )
    return Judgement(basis, verdict, number, edition, remark, tension)


def _without_value(figure: PrintedFigure, number: Number) -> tuple[Verdict, str]:
    """The verdict without a value: a claim differs if not even the bounds meet the figure."""
    if not number.has_bounds or figure.meets(number.lower, number.upper):
        return Verdict.NOT_COMPUTABLE, str(number.lack)
    nearest = number.lower if figure.beyond(number.lower) > 0 else number.upper
    return Verdict.DIFFERS, say(
        "{reason}; whatever the other economies report, {distance}",
        reason=number.lack,
        distance=_distance(figure, nearest),
    )


def _from_countries(claim: Claim, figure: PrintedFigure, number: Number) -> tuple[Verdict, str]:
    value = number.value
    if claim.selector.plain and number.membership == v.NOT_APPLICABLE:  # an economy's own figure
        return _from_published(claim, figure, number, ())
    if figure.holds(value, value):
        return Verdict.REPRODUCED, ""
    if figure.meets(number.lower, number.upper):
        distance = _distance(figure, value)
        return Verdict.NOT_COMPUTABLE, say(
            "{distance}, and the economies without data could account for this", distance=distance
        )
    return _outside(figure, value, ())


def _from_published(
    claim: Claim, figure: PrintedFigure, number: Number, related: Sequence[PrintedFigure]
) -> tuple[Verdict, str]:
    value, plain = number.value, claim.selector.plain
    if figure.holds(number.lower, number.upper):
        return Verdict.QUOTED if plain else Verdict.REPRODUCED, ""
    if not figure.overlaps(number.lower, number.upper):
        return _outside(figure, value, related)
    span = say("{text} to {text_2}", text=figure.text(number.lower), text_2=figure.text(number.upper))
    if not plain:
        return Verdict.WITHIN, say("the rounded inputs allow {span}", span=span)
    if _coarser(number, figure):
        text = say(
            "{text} is published with fewer decimals than {printed}, and stands for {span}",
            text=figure.text(value),
            printed=claim.printed,
            span=span,
        )
        return Verdict.WITHIN, text
    if figure.closed and figure.decimals is not None and half_up(value, figure.decimals) == figure.number:
        return Verdict.QUOTED, say(
            "{text} is halfway, and rounds up; it stands for {span}", text=figure.text(value), span=span
        )
    return Verdict.WITHIN, say("{text} as published stands for {span}", text=figure.text(value), span=span)


def _coarser(number: Number, figure: PrintedFigure) -> bool:
    """Whether the number is known with fewer decimals than the figure is printed with."""
    low, high = figure.rounding
    return bool(round(number.upper - number.lower - (high - low), DIGITS) > 0)


def _outside(figure: PrintedFigure, value: float, related: Sequence[PrintedFigure]) -> tuple[Verdict, str]:
    two_steps = _double_rounding(figure, value, related)
    return (Verdict.DOUBLE, two_steps) if two_steps else (Verdict.DIFFERS, _distance(figure, value))


def _distance(figure: PrintedFigure, value: float) -> str:
    """How far a value is from the numbers that the printed figure may represent."""
    distance = figure.beyond(value)
    if figure.least:
        return say("{value:g} economies, not {least:g} or more", value=value, least=figure.least)
    span = say("{text} to {text_2}", text=figure.text(figure.lower), text_2=figure.text(figure.upper))
    if distance == 0:
        return say("{text} is at the end of the range {span}, which is excluded", text=figure.text(value), span=span)
    parts = {"text": figure.text(value), "text_2": figure.text(abs(distance)), "span": span}
    if distance > 0:
        return say("{text} is {text_2} above the range {span}", **parts)
    return say("{text} is {text_2} below the range {span}", **parts)


def _double_rounding(figure: PrintedFigure, value: float, related: Sequence[PrintedFigure]) -> str:
    """How rounding twice would turn the value into the printed figure; empty if it would not."""
    if figure.decimals is None or not figure.closed or figure.rounds(value):
        return ""
    for decimals in (figure.decimals + 1, figure.decimals + 2):
        once = float(half_up(value, decimals))
        if half_up(once, figure.decimals) == figure.number:
            return say(
                "{text} rounded to {once} and then again", text=figure.text(value), once=digits(f"{once:.{decimals}f}")
            )
    for other in related:
        if other.holds(value, value) and half_up(other.number, figure.decimals) == figure.number:
            number = figure.text(other.number)
            return say(
                "{number} follows from the other figures as printed, {text} from the unrounded ones",
                number=number,
                text=figure.text(value),
            )
    return ""


def conflicts(claims: Sequence[Claim], figures: Mapping[str, PrintedFigure]) -> dict[str, list[str]]:
    """What each claim conflicts with, by id; a conflict counts for each claim that is part of it."""
    places = {claim.id: claim.where for claim in claims}
    conflicts_of: dict[str, list[str]] = {}
    for claim in claims:
        for relation in claim.relations:
            contradiction = _contradiction(claim, relation, figures)
            members = (claim.id, *relation.others) if contradiction else ()
            for name in members:
                others = commas(remarked(other, places[other]) for other in members if other != name)
                conflict = say("cannot hold with {others}: {contradiction}", others=others, contradiction=contradiction)
                if conflict not in conflicts_of.setdefault(name, []):
                    conflicts_of[name].append(conflict)
    return conflicts_of


def _contradiction(claim: Claim, relation: Relation, figures: Mapping[str, PrintedFigure]) -> str:
    """Why the figures of a relation cannot be true together; empty if they can, or if a ratio has no limit."""
    figure, others = figures[claim.id], [figures[name] for name in relation.others]
    spans = [Bounded(other.lower, other.number, other.upper) for other in others]
    if relation.complement_of:
        low, high = figure.lower + others[0].lower, figure.upper + others[0].upper
        if low <= 100 <= high:
            return ""
        return say("together they make {low} to {high}, not 100", low=number_text(low), high=number_text(high))
    span = _related(claim, relation, spans)
    if isnan(span.lower) or isnan(span.upper) or figure.meets(span.lower, span.upper):
        return ""
    ends = {"lower": number_text(span.lower), "upper": number_text(span.upper)}
    if relation.ratio_of:
        return say("the ratio of the printed figures is {lower} to {upper}", **ends)
    return say("the difference of the printed figures is {lower} to {upper}", **ends)


def implied(claim: Claim, figures: Mapping[str, PrintedFigure]) -> list[PrintedFigure]:
    """The values for this claim given by the printed figures of others: the number, and the ends of their rounding."""
    implied_figures = []
    for relation in claim.relations:
        others = [figures[name] for name in relation.others]
        span = _related(claim, relation, [Bounded(o.rounding[0], o.number, o.rounding[1]) for o in others])
        ends = (span.lower, span.upper)
        implied_figures.append(PrintedFigure(span.value, *ends, closed=True, rounding=ends))
    return implied_figures


def _related(claim: Claim, relation: Relation, spans: Sequence[Bounded]) -> Bounded:
    """The complement, ratio or difference that a relation forms from the other figures, in the unit of the claim."""
    if relation.complement_of:
        return monotone(lambda x: 100 - x, falling=spans)
    if relation.ratio_of:
        scale = 100 if claim.unit == "PT" else 1
        return monotone(lambda x, y: quotient(scale * x, y), rising=spans[:1], falling=spans[1:])
    return monotone(lambda x, y: x - y, rising=spans[:1], falling=spans[1:])
