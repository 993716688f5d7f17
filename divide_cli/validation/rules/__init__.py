"""Rules: whether a number of a submission is credible. A kind is a function of whole columns; a rule is data.

A rule of the catalogue names its kind; `KINDS` has the function of each. A new kind is one function and one entry here.
"""

from collections.abc import Callable, Mapping

from divide_cli.catalogue import Rule
from divide_cli.validation.rules import (
    age_bands,
    ages,
    duplication,
    implied_shares,
    notes,
    order,
    regions,
    sample,
    sums,
    time,
    totals,
    unit_errors,
    values,
)
from divide_cli.validation.rules.chunking import by_area
from divide_cli.validation.rules.structure import READ_KINDS
from divide_cli.validation.rules.submission import Table
from divide_cli.validation.rules.violations import Hits

KINDS: Mapping[str, Callable[[Table, Rule], Hits]] = {
    "out_of_range": values.out_of_range,
    "year_out_of_range": values.year_out_of_range,
    "year_not_yet": values.year_not_yet,
    "other_unit": values.other_unit,
    "duplicate_key": values.duplicate_key,
    "fractions": unit_errors.fractions,
    "part_fractions": unit_errors.part_fractions,
    "slip": by_area(values.slip),
    "lonely_zero": by_area(values.lonely_zero),
    "padded": values.padded,
    "too_precise": values.too_precise,
    "total_outside": by_area(totals.total_outside),
    "composition": totals.composition,
    "one_side": by_area(totals.one_side),
    "swapped": by_area(totals.swapped),
    "sum_of_parts": sums.sum_of_parts,
    "total_beyond_parts": regions.total_beyond_parts,
    "stands_apart": regions.stands_apart,
    "implied_share": by_area(implied_shares.implied_share),
    "age_bands": ages.misfit,
    "mean_of_bands": by_area(age_bands.mean_of_bands),
    "ordered": by_area(order.ordered),
    "side_behind": by_area(order.side_behind),
    "same_sides": by_area(order.same_sides),
    "copied": by_area(order.copied),
    "copied_across": duplication.copied_across,
    "filled_down": order.filled_down,
    "jump": time.jump,
    "spike": by_area(time.spike),
    "fall": by_area(time.fall),
    "ratio": time.ratio,
    "gap_in_years": by_area(time.gap_in_years),
    "repeated": by_area(time.repeated),
    "after_the_end": by_area(time.after_the_end),
    "quotient": by_area(sample.quotient),
    "small_sample": by_area(sample.small_sample),
    "imprecise": by_area(sample.imprecise),
    "wide_interval": by_area(sample.wide_interval),
    "implausible_error": by_area(sample.implausible_error),
    "says": notes.says,
    "unsaid": notes.unsaid,
    "digit_preference": notes.digit_preference,
}
"""Kinds of rules on values."""

APART = ("unreadable", "refused", *READ_KINDS, "against_previous", "waiver")
"""Kinds of rules on files, on their rows as the reader saw them, on two submissions, and on waivers."""
