"""Printed text and qualifier -> the numbers that they accept."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import Claim, Selector
from divide_cli.claims.printed import printed_figure
from divide_cli.errors import CatalogueError


def printed(text: str, qualifier: str = "exactly", unit: str = "PT", place: str = "") -> Claim:
    selector = Selector("WLD", 2025, "internet_use")
    return Claim("one", "page 1", "A figure.", text, unit, selector, (), "quoted", qualifier=qualifier, place=place)


@pytest.mark.parametrize(
    ("text", "qualifier", "unit", "lower", "upper", "closed"),
    [
        ("74", "exactly", "PT", 73.5, 74.5, True),
        ("0.94", "exactly", "RATIO", 0.935, 0.945, True),
        ("0.940", "exactly", "RATIO", 0.9395, 0.9405, True),
        ("54.0", "exactly", "PT", 53.95, 54.05, True),
        ("1,234", "exactly", "NUMBER", 1233.5, 1234.5, True),
        ("12,345,678.5", "exactly", "NUMBER", 12345678.45, 12345678.55, True),
        ("93", "more than", "PT", 93, 94, False),
        ("15", "just over", "PT", 15, 16, False),
        ("30", "at least", "PT", 30, 31, True),
        ("20", "less than", "PT", 19, 20, False),
        ("85", "almost", "PT", 84, 85, False),
        ("7", "about", "RATIO", 6, 8, True),
        ("four times", "more than", "RATIO", 4, 5, False),
        ("four times", "four times", "RATIO", 3.5, 4.5, True),
        ("a third", "a third", "PT", 29.1666667, 36.6666667, True),
        ("a third", "exactly", "PT", 29.1666667, 36.6666667, True),
        ("a quarter", "more than", "PT", 25, 33.3333333, False),
        ("half", "almost", "PT", 40, 50, False),
        ("parity", "exactly", "RATIO", 0.975, 1.025, True),
    ],
)
def test_what_a_printed_figure_stands_for(text, qualifier, unit, lower, upper, closed):
    figure = printed_figure(printed(text, qualifier, unit))
    assert (figure.lower, figure.upper) == pytest.approx((lower, upper), abs=1e-6)
    assert figure.closed is closed


def test_a_place_widens_the_interval():
    figure = printed_figure(printed("280", unit="PS", place="10"))
    assert (figure.lower, figure.upper) == (275, 285)


def test_some_countries_are_two_or_more():
    figure = printed_figure(printed("20", "some countries below"))
    assert figure.holds(2, 2) and figure.holds(50, 50) and not figure.holds(1, 1)
    assert figure.number == 20


@pytest.mark.parametrize("text", ["", "many", "12 %", "1e3", "1.2.3", "0x10", "1,2,3", "1234,567,890", ",5", "1.2,345"])
def test_a_text_that_is_no_figure_is_an_error(text):
    with pytest.raises(CatalogueError, match="not a number or a known word"):
        printed_figure(printed(text), "report.yaml:3")


@pytest.mark.parametrize(
    ("text", "meant"), [("1,6", "1.6"), ("0,940", "0.940"), ("73,65", "73.65"), ("1234,567", "1234.567")]
)
def test_a_decimal_comma_is_an_error_that_says_what_to_write(text, meant):
    with pytest.raises(CatalogueError, match=f"write {meant}, with a decimal point"):
        printed_figure(printed(text), "report.yaml:3")


@given(st.decimals(min_value=-1000, max_value=1000, places=2), st.integers(-60, 60))
def test_what_rounds_to_a_figure_is_accepted_and_nothing_else(number, thousandths):
    """x = n + k / 1000 is accepted exactly where |k| is at most half a hundredth."""
    figure = printed_figure(printed(str(number), unit="RATIO"))
    value = float(Fraction(number) + Fraction(thousandths, 1000))
    assert figure.holds(value, value) is (abs(thousandths) <= 5)
    assert figure.meets(value, value) is figure.holds(value, value)
    assert (figure.beyond(value) == 0) is (abs(thousandths) < 5) or abs(thousandths) == 5


def test_the_ends_of_a_fraction_lie_halfway_to_its_neighbours():
    """Fractions of qualifiers.yaml: between denominators up to five."""
    known = sorted({Fraction(n, d) for d in range(1, 6) for n in range(d + 1)})
    for entry in catalogue().qualifiers.values():
        if entry.whole:
            place = known.index(Fraction(entry.number))
            assert Fraction(entry.lower) == (known[place - 1] + known[place]) / 2, entry.id
            assert Fraction(entry.upper) == (known[place] + known[place + 1]) / 2, entry.id


def test_the_word_parity_is_the_band_of_the_measure():
    band = catalogue().measures["parity_score"].band
    word = catalogue().qualifiers["parity"]
    half = Fraction(1, 2 * 10**band.decimals)
    assert Fraction(word.lower) == Fraction(band.lower) - half
    assert Fraction(word.upper) == Fraction(band.upper) + half


def test_every_qualifier_has_a_test_and_every_test_a_meaning():
    for entry in catalogue().qualifiers.values():
        assert entry.meaning
        assert bool(entry.least) != bool(entry.lower and entry.upper), entry.id
        if not entry.least:
            assert Fraction(entry.lower) < Fraction(entry.upper), entry.id
