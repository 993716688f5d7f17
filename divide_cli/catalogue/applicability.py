"""Where a measure applies, and what it is called there: by the quantity of the indicator, the sides and the order.

A measure says in `applies` for which quantities its number means what its name says. Elsewhere it is left out, with the
reason.
"""

from collections.abc import Iterable, Mapping

from divide_cli import language
from divide_cli.catalogue.load import catalogue
from divide_cli.catalogue.measure_parts import Naming, Quantity
from divide_cli.catalogue.records import Measure
from divide_cli.language import commas, say


@language.ByLanguage
def quantity_of(indicator: str) -> Quantity:
    """The quantity that lists the unit and the population base of the indicator; a test holds that there is one."""
    entry = catalogue().indicators[indicator]
    return next(
        quantity
        for quantity in catalogue().quantities.values()
        if entry.unit in quantity.units and entry.population_base in quantity.bases
    )


def objection(measure: Measure, indicator: str) -> str:
    """Why the measure does not apply to the indicator, whatever is compared; empty if it does."""
    quantity = quantity_of(indicator)
    if measure.applies is None or quantity.id in measure.applies.quantities:
        return ""
    return say("not applicable to {quantity}: {reason}", quantity=quantity.name, reason=measure.applies.reason)


def where_in_words(measure: Measure) -> str:
    """The quantities that the measure applies to; empty if to all."""
    names = measure.applies.quantities if measure.applies else ()
    return commas(catalogue().quantities[name].name for name in names)


def needs_sides(measure: Measure) -> bool:
    """Whether the measure needs a reference and a compared side that a comparison names."""
    return measure.family == "pair" or (measure.family == "time" and measure.compares_with == "sides")


def objection_to_query(measure: Measure, indicator: str, over: str, sides: bool) -> str:
    """Why the measure does not apply to the indicator over a dimension or grouping; `sides`: a comparison names two."""
    if reason := objection(measure, indicator):
        return reason
    if needs_sides(measure) and not sides:
        return say("not applicable over {over}: no comparison names a reference and a compared side", over=over)
    return ""


def left_out(indicator: str, over: str, sides: bool, ordered: bool) -> dict[str, str]:
    """The measures that do not apply to a query, each with the reason."""
    reasons = {}
    for name, measure in catalogue().every_measure.items():
        reason = objection_to_query(measure, indicator, over, sides)
        if not reason and measure.family == "ordered" and not ordered:
            reason = say("not applicable over {over}: the subgroups have no order", over=over)
        if reason:
            reasons[name] = reason
    return reasons


def by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    """The measures of each reason, in their order."""
    measures: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        measures.setdefault(reason, []).append(name)
    return measures


def is_band_meant(measure: Measure, indicator: str, over: str) -> bool:
    """Whether the band of the measure is meant for the indicator over a dimension."""
    band = measure.band
    return band is not None and band.over == over and quantity_of(indicator).id in band.of


def naming(measure: Measure, indicator: str, over: str) -> Naming:
    """The names of the measure there: its own, or those of `elsewhere` where its band is not meant."""
    if measure.elsewhere is None or is_band_meant(measure, indicator, over):
        return Naming(measure.name, measure.short)
    return measure.elsewhere


def applicable(measures: Iterable[Measure], indicators: Iterable[str]) -> dict[str, set[str]]:
    """Measure -> those of the indicators that it applies to."""
    names = list(indicators)
    return {measure.id: {name for name in names if not objection(measure, name)} for measure in measures}
