"""Rules on what a file says of a percentage's making: persons counted, persons asked, standard error."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation.rules.submission import Array, Floats, Mask, Table
from divide_cli.validation.rules.totals import EXACT
from divide_cli.validation.rules.violations import Hits, Said, none, number
from divide_cli.validation.rules.violations import single as of_rows

NUMERATOR, DENOMINATOR, SAMPLE_SIZE, STD_ERR = v.QUANTITIES


def _given(table: Table, rule: Rule, *names: str) -> tuple[Mask, list[Floats]]:
    """The places of the scope at which all the quantities are given, and the quantities."""
    seen = table.of_scope(rule)
    columns = [table.column(name) if name in table.frame else np.full(len(table), np.nan) for name in names]
    for column in columns:
        seen = seen & ~np.isnan(column)
    return np.asarray(seen), columns


def quotient(table: Table, rule: Rule) -> Hits:
    """100 x numerator / denominator lies outside the rounding interval of the percentage by more than the tolerance.

    `scales`: what either of the two may be counted in (thousands, millions).
    """
    seen, (above, below) = _given(table, rule, NUMERATOR, DENOMINATOR)
    share = np.divide(100 * above, below, out=np.full(len(table), np.inf), where=below > 0)
    fits = np.zeros(len(table), dtype=bool)
    for scale in (1, *rule.parameters.get("scales", ())):  # a numerator in thousands beside a denominator in persons
        fits |= np.abs(share * scale - table.value) <= table.half + rule.tolerance + EXACT
    wrong = seen & ~fits

    def word(place: int) -> Said:
        made = number(share[place]) if below[place] > 0 else "no share"
        shown = f"{number(above[place])} of {number(below[place])}"
        return Said(f"{made} ({shown})", number(table.value[place]))

    return of_rows(np.flatnonzero(wrong), word, int(seen.sum()))


def small_sample(table: Table, rule: Rule) -> Hits:
    """Fewer respondents than `least`."""
    seen, (asked,) = _given(table, rule, SAMPLE_SIZE)
    wrong = seen & (asked < rule.parameters["least"])

    def word(place: int) -> Said:
        return Said(f"at least {rule.parameters['least']} respondents", number(asked[place]))

    return of_rows(np.flatnonzero(wrong), word, int(seen.sum()), column=SAMPLE_SIZE)


def imprecise(table: Table, rule: Rule) -> Hits:
    """100 x standard error / min(p, 100 - p) is above `most`: the coefficient of variation of the rarer answer."""
    seen, (error,) = _given(table, rule, STD_ERR)
    rarer = np.minimum(table.value, 100 - table.value)
    seen = seen & (rarer > 0)
    spread = np.divide(100 * error, rarer, out=np.zeros(len(table)), where=rarer > 0)
    wrong = seen & (spread > rule.parameters["most"])

    def word(place: int) -> Said:
        return Said(f"a coefficient of variation of at most {rule.parameters['most']} %", f"{spread[place]:.0f} %")

    return of_rows(np.flatnonzero(wrong), word, int(seen.sum()), column=STD_ERR)


def wide_interval(table: Table, rule: Rule) -> Hits:
    """NCHS 2017: an interval that is too wide to publish the proportion.

    The width is 2 z x standard error. Too wide: `wide` PP or more; or more than `narrow` PP and more than `relative`
    per cent of the percentage. Parameter `z`.
    """
    seen, (error,) = _given(table, rule, STD_ERR)
    settings = rule.parameters
    width = 2 * settings["z"] * error
    relative = np.divide(100 * width, table.value, out=np.full(len(table), np.inf), where=table.value > 0)
    wrong = seen & ((width >= settings["wide"]) | ((width > settings["narrow"]) & (relative > settings["relative"])))

    def word(place: int) -> Said:
        return Said(
            f"an interval of less than {settings['wide']} PP", f"{width[place]:.1f} PP", f"{relative[place]:.0f} %"
        )

    return of_rows(np.flatnonzero(wrong), word, int(seen.sum()), column=STD_ERR)


def implausible_error(table: Table, rule: Rule) -> Hits:
    """The standard error is not what so many respondents give: deff = se^2 n / (p (100 - p)) outside `least` to `most`.

    deff is the design effect, the variance as a multiple of that of a simple random sample.
    """
    seen, (asked, error) = _given(table, rule, SAMPLE_SIZE, STD_ERR)
    spread = table.value * (100 - table.value)
    seen = seen & (spread > 0) & (asked > 0)
    effect = np.divide(error**2 * asked, spread, out=np.ones(len(table)), where=spread > 0)
    settings = rule.parameters
    wrong: Array = seen & ((effect < settings["least"]) | (effect > settings["most"]))

    def word(place: int) -> Said:
        shown = f"{number(error[place])} with {number(asked[place])} respondents"
        return Said(f"a design effect of {settings['least']} to {settings['most']}", shown, f"{effect[place]:.2g}")

    return of_rows(np.flatnonzero(wrong), word, int(seen.sum()), column=STD_ERR)


__all__ = ["implausible_error", "imprecise", "none", "quotient", "small_sample", "wide_interval"]
