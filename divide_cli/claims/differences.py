"""Why a claim differs: the deviations for which its printed text would be right, or the nearest other way.

One thing at a time is changed: the unit, the sign, the year, the edition ... A deviation is only stated if the printed
figure, with its qualifier, would be true of its number. Where few ways were tried, a match is unlikely by chance: these
come first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import compute, regrouped
from divide_cli.analysis.request import Result
from divide_cli.catalogue import area_name, catalogue
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, Claim, ClaimsFile
from divide_cli.catalogue.codelists import code_name
from divide_cli.claims.claims_file import published_editions
from divide_cli.claims.numbers import Key, Number, Values, index, number_of
from divide_cli.claims.printed import DIGITS, PrintedFigure, printed_figure
from divide_cli.claims.request import request_for
from divide_cli.claims.verdicts import Deviation, Diagnosis, Judgement
from divide_cli.errors import CatalogueError
from divide_cli.frames.columns import constant
from divide_cli.language import clauses, commas, digits, labelled, remarked, say
from divide_cli.sources.groupings import fiscal_years

MOST_WAYS = 3
"""The ways that a remark lists for a deviation; it counts the others."""
EXPLAINS_BASES = (Deviation.EDITION, Deviation.FORMULA, Deviation.COMPLEMENT, Deviation.MEMBERS)
"""Deviations that may also explain why one basis differs from a claim that the other confirms."""
NO_VALUES = Values({}, {}, ())
SMALL = 1000
_POWERS = (0, 3, 6, 9)


class Alternative(NamedTuple):
    """Another way to read or compute the claim, in words, its number, and the figure that would be true of it."""

    deviation: Deviation
    way: str
    number: Number
    figure: PrintedFigure
    near: bool = False
    """Whether it is near enough to the claim to be named although it does not fit."""

    @property
    def fits(self) -> bool:
        """Whether the printed figure would be true."""
        return self.figure.holds(self.number.value, self.number.value)


def in_words(diagnoses: Sequence[Diagnosis], figure: PrintedFigure) -> str:
    """Writes `another year: would hold for 2024 (71.2) and 2 more; another area: ...`; empty without a diagnosis."""
    texts = []
    for diagnosis in diagnoses:
        ways = commas(remarked(way, _text(value, figure)) for way, value in diagnosis.ways[:MOST_WAYS])
        more = len(diagnosis.ways) - MOST_WAYS
        ways += say(" and {more} more", more=more) if more > 0 else ""
        held = say("would hold {fits}", fits=ways)
        texts.append(labelled(say(diagnosis.deviation.value), held))
    return clauses(texts)


def _text(value: float, figure: PrintedFigure) -> str:
    """The value with its decimals; a small whole number as 33.0, since (33) would be a note."""
    text = figure.text(value)
    return text if digits(".") in text or abs(value) >= SMALL else text + digits(".0")


@dataclass
class Differences:
    """The other ways to compute claims; values for other members are computed when first needed."""

    result: Result
    values: Values
    claims: Sequence[Claim]
    _regrouped: dict[tuple[str, str], dict[str, Values]] = field(default_factory=dict)

    def explained(
        self, file: ClaimsFile, claim: Claim, figure: PrintedFigure, judgement: Judgement, *, wrong: bool
    ) -> Judgement:
        """The judgement with its diagnoses in its remark; without any, with the nearest way, if it is nearer.

        `wrong` says whether the claim as a whole is wrong. If it is not, only what tells the bases apart is named.
        """
        if claim.selector.area == ANY_ECONOMY:
            return judgement
        passage = file.passages.get(claim.id)
        alternatives = self._alternatives(claim, figure, judgement, passage.stated if passage else "")
        tried = [other for other in alternatives if other.number.has_value]
        if tried and passage and passage.units and tried[0].fits:
            tried = tried[:1]  # the figure is right, and only its unit is wrong
        tried = [other for other in tried if wrong or other.near or other.deviation in EXPLAINS_BASES]
        diagnoses = tuple(_diagnoses(tried))
        reason = in_words(diagnoses, figure) or _nearest(tried, figure, judgement)
        remark = clauses((judgement.remark, reason)) if reason else judgement.remark
        return replace(judgement, remark=remark, diagnoses=diagnoses)

    def _alternatives(
        self, claim: Claim, figure: PrintedFigure, judgement: Judgement, stated: str
    ) -> Iterator[Alternative]:
        edition, basis = judgement.edition, judgement.basis
        yield from _misprints(claim, judgement.number, figure, stated)
        for values in (self.values, self._further if basis == Basis.PUBLISHED else NO_VALUES):
            for other in sorted(
                {name for name, own in values.numbers if own == basis and name != edition}, reverse=True
            ):
                number = number_of(claim, figure, values, other, basis)
                yield Alternative(Deviation.EDITION, say("in {other}", other=other), number, figure, near=True)
        of_series = _of_other_series(claim, self.values, edition, basis, judgement.number.year)
        for deviation, way, changed, near in (*_of_other_units(claim), *_variants(claim), *of_series):
            try:
                other_figure = printed_figure(changed)
            except CatalogueError:  # a word that is not a number in that unit
                continue
            number = number_of(changed, other_figure, self.values, edition, basis)
            yield Alternative(deviation, way, number, other_figure, near)
        if not claim.selector.gap and (basis == Basis.COUNTRIES or claim.selector.persons):
            for fiscal_year, values in self._other_members(edition, basis).items():
                number = number_of(claim, figure, values, edition, basis)
                if number.value != judgement.number.value:
                    way = say("with groups {fiscal_year}", fiscal_year=fiscal_year)
                    yield Alternative(Deviation.MEMBERS, way, number, figure, near=True)

    @cached_property
    def _further(self) -> Values:
        """The values of the published editions that the run does not use."""
        unused = [name for name in published_editions() if name not in self.result.sources]
        return Values.of(compute(request_for(self.claims, unused))) if unused else NO_VALUES

    def _other_members(self, edition: str, basis: str) -> dict[str, Values]:
        """Values of the groups whose members change with the fiscal year, by fiscal year."""
        if (edition, basis) not in self._regrouped:
            selectors = [claim.selector for claim in self.claims]
            years = {s.year for s in selectors} | {s.since for s in selectors}
            years |= {s.relative_to.get("year") for s in selectors}
            frame = self.result.observed[edition]
            rows = frame[v.INDICATOR].isin({s.indicator for s in selectors}).to_numpy()
            rows = rows & frame[v.TIME_PERIOD].isin([int(year) for year in years if year is not None]).to_numpy()
            groups = sorted({area for s in selectors for area in s.every_area})
            frames = regrouped(self.result, edition, rows, groups, fiscal_years())
            self._regrouped[edition, basis] = {
                fiscal_year: self._overlay(frame, edition, basis, fiscal_year)
                for fiscal_year, frame in frames.items()
                if len(frame)
            }
        return self._regrouped[edition, basis]

    def _overlay(self, frame: pd.DataFrame, edition: str, basis: str, fiscal_year: str) -> Values:
        """The values of the run, with those for other members in their place."""
        texts = {v.EDITION: edition, v.MEMBERSHIP: v.AS_PUBLISHED if basis == Basis.PUBLISHED else fiscal_year}
        texts = {name: v.TOTAL for name in self.result.dimensions if name not in frame} | texts
        frame = frame.assign(**{name: constant(text, len(frame)) for name, text in texts.items()})
        changed = index(((frame, frame[v.POPULATION]),), self.result.dimensions)[edition, basis]
        own = self.values.numbers[edition, basis]
        numbers = {**own, **{key: {**own.get(key, {}), **series} for key, series in changed.items()}}
        return Values({(edition, basis): numbers}, {}, self.result.dimensions)


def _diagnoses(tried: Sequence[Alternative]) -> Iterator[Diagnosis]:
    """The deviations with a way that fits, those with the fewest ways tried first."""
    by_deviation = {one: [other for other in tried if other.deviation == one] for one in Deviation}
    for deviation, ways in sorted(by_deviation.items(), key=lambda pair: len(pair[1])):
        if fits := tuple(dict.fromkeys((other.way, other.number.value) for other in ways if other.fits)):
            yield Diagnosis(deviation, fits)


def _nearest(tried: Sequence[Alternative], figure: PrintedFigure, judgement: Judgement) -> str:
    """Writes `nearest: for 2024 (71.2)`, if a way that is near enough to be meant is nearer than the claim."""
    near = [(abs(figure.beyond(other.number.value)), other.way, other.number.value) for other in tried if other.near]
    distance, way, value = min(near, key=lambda one: one[0], default=(0.0, "", 0.0))
    return (
        say("nearest: {way} ({text})", way=way, text=figure.text(value))
        if way and distance < abs(figure.beyond(judgement.number.value))
        else ""
    )


Variant = tuple[Deviation, str, Claim, bool]
"""A deviation, the way in words, the changed claim, and whether the way is near."""


def _changed(claim: Claim, **codes: Any) -> Claim:
    """The claim with other codes in its selector."""
    return structs.replace(claim, selector=structs.replace(claim.selector, **codes))


def _misprints(claim: Claim, number: Number, figure: PrintedFigure, stated: str) -> Iterator[Alternative]:
    """The same number printed in its own unit, in another power of ten, with its sign, with its digits in order."""
    entries = catalogue().units
    if stated:
        yield Alternative(
            Deviation.UNIT, say("in {unit}, not {stated}", unit=entries[claim.unit].name, stated=stated), number, figure
        )
    yield Alternative(Deviation.SIGN, say("with the other sign"), _scaled(number, -1), figure)
    if claim.unit in ("PT", "RATIO") and claim.has_digits:
        factor, way = (0.01, say("as a fraction of 1")) if claim.unit == "PT" else (100, say("in percent"))
        yield Alternative(Deviation.UNIT, way, _scaled(number, factor), figure)
    if claim.unit in ("PS", "NUMBER") and claim.has_digits:
        for power in _POWERS:
            if power != claim.unit_mult:
                way = say("in units of 10^{power}", power=power) if power else say("in single units")
                yield Alternative(Deviation.UNIT, way, _scaled(number, 10.0 ** (claim.unit_mult - power)), figure)
    for text in _transposed(claim.printed):
        other = printed_figure(structs.replace(claim, printed=text))
        yield Alternative(Deviation.DIGITS, say("as {other}", other=text), number, other)


def _scaled(number: Number, factor: float) -> Number:
    """The number times a factor."""
    low, high = sorted((number.lower * factor, number.upper * factor))
    return replace(number, lower=low, value=round(number.value * factor, DIGITS + 3), upper=high)


def _transposed(printed: str) -> Iterator[str]:
    """The texts in which two neighbouring digits, also those before and after the point, change places."""
    places = [at for at, letter in enumerate(printed) if letter.isdigit()]
    for first, second in pairwise(places):
        letters = list(printed)
        letters[first], letters[second] = letters[second], letters[first]
        text = "".join(letters)
        if text != printed and not (text.lstrip("-")[0] == "0" and printed.lstrip("-")[0] != "0"):
            yield text


def _of_other_units(claim: Claim) -> Iterator[Variant]:
    """The claim about the number in another unit: people for percent, points for percent."""
    selector, entries = claim.selector, catalogue()
    if selector.gap:
        own, unit = entries.measures[selector.measure], entries.indicators[entries.gaps[selector.gap].indicator].unit
        for other in entries.measures.values():
            code = entries.units[unit].difference if other.unit == "difference" else other.unit
            if other.unit != own.unit and code != "PS":
                changed = structs.replace(_changed(claim, measure=other.id), unit=code, unit_mult=0)
                yield (
                    Deviation.UNIT,
                    say("as {other}, in {unit}", other=other.id, unit=entries.units[code].name),
                    changed,
                    False,
                )
    elif selector.change and not selector.relative_to:
        kind = "absolute" if selector.change == "relative" else "relative"
        unit = entries.units[v.PERSONS if selector.persons else entries.indicators[selector.indicator].unit].difference
        code = unit if kind == "absolute" else "PT"
        changed = structs.replace(_changed(claim, change=kind), unit=code)
        words = say("as absolute change") if kind == "absolute" else say("as relative change")
        way = say("{change}, in {unit}", change=words, unit=entries.units[code].name)
        yield Deviation.UNIT, way, changed, False
    elif not selector.relative_to and entries.indicators[selector.indicator].unit == "PT" and len(selector.areas) == 1:
        if selector.persons:
            yield (
                Deviation.UNIT,
                say("in percent"),
                structs.replace(_changed(claim, persons=False), unit="PT", unit_mult=0),
                False,
            )
        else:
            for power, way in ((6, say("in million people")), (9, say("in billion people"))):
                changed = structs.replace(_changed(claim, persons=True), unit="PS", unit_mult=power)
                yield Deviation.UNIT, way, changed, False


def _variants(claim: Claim) -> Iterator[Variant]:
    """The same claim by other formulae with the same unit, and as its complement."""
    selector, measures = claim.selector, catalogue().measures
    if selector.gap:
        for other in measures.values():
            if other.unit == measures[selector.measure].unit and other.id != selector.measure:
                yield Deviation.FORMULA, say("as {other}", other=other.id), _changed(claim, measure=other.id), True
    if selector.change == "relative":
        of = say("the percentage") if selector.persons else say("the number of people")
        yield Deviation.FORMULA, say("as growth of {of}", of=of), _changed(claim, persons=not selector.persons), True
    is_share = claim.unit == "PT" or (selector.persons and claim.unit == "PS")
    if not selector.gap and not selector.change and is_share:
        near = claim.unit == "PT" and not selector.persons
        yield Deviation.COMPLEMENT, say("as its complement"), _changed(claim, complement=not selector.complement), near


def _of_other_series(claim: Claim, values: Values, edition: str, basis: str, latest: int | None) -> Iterator[Variant]:
    """The claim for other years of its series, the nearest first, for other subgroups, and for other areas."""
    selector, year = claim.selector, claim.selector.year or latest
    numbers: Mapping[Key, Any] = values.numbers.get((edition, basis), {})
    what = f"{selector.gap} {selector.measure}" if selector.gap else selector.indicator
    area, own = selector.areas[0], selector.breakdown
    years = numbers.get((what, area, *own), {})
    for other in sorted((set(years) - {year}) if year else (), key=lambda one: (abs(one - (year or 0)), one)):
        near = abs(other - (year or 0)) == 1
        yield (
            Deviation.YEAR,
            say("for {other}", other=other),
            _changed(claim, year=other),
            near and selector.year is not None,
        )
    keys = [key for key in numbers if len(selector.areas) == 1]
    for key in (key for key in keys if key[0] == what and key[1] == area and key[2:] != own):
        codes = {name: code for name, code, mine in zip(v.DIMENSIONS, key[2:], own, strict=True) if code != mine}
        if len(codes) == 1:
            yield Deviation.BREAKDOWN, say("for {other}", other=_of(codes)), _changed(claim, **codes), False
    if selector.gap:
        indicator = catalogue().gaps[selector.gap].indicator
        for gap in catalogue().gaps.values():
            if gap.indicator == indicator and gap.id != selector.gap:
                yield Deviation.BREAKDOWN, say("for {other}", other=gap.id), _changed(claim, gap=gap.id), False
    for key in (key for key in keys if key[0] == what and key[1] != area and key[2:] == own):
        if key[1] not in selector.every_area:
            yield (
                Deviation.AREA,
                say("for {other}", other=f"{key[1]} {area_name(key[1])}"),
                _changed(claim, area=key[1]),
                False,
            )


def _of(codes: Mapping[str, str]) -> str:
    """The codes with their names: `F Female`; `everybody` for the total."""
    return " ".join(
        say("the total") if code == v.TOTAL else f"{code} {code_name(name, code)}" for name, code in codes.items()
    )
