"""One verdict after the other, on claims written for it and on the embedded figures."""

import csv

import pytest

from divide_cli.catalogue import data_dir
from divide_cli.catalogue.claims import Claim
from divide_cli.catalogue.entries import build
from divide_cli.claims import numbers
from divide_cli.claims.findings import reports
from divide_cli.claims.numbers import Absence, Number, Values
from divide_cli.claims.printed import printed_figure
from divide_cli.claims.verdicts import judge
from divide_cli.reports.claims import blocks
from tests.claims.conftest import claim, only, run

GAP = {"gap": "internet_use_income", "measure": "ratio", "area": "WLD", "year": 2025}


def selector(area="WLD", year=2025, **keys):
    return {"indicator": "internet_use", "area": area, "year": year, **keys}


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        ({"printed": "74"}, "quoted"),
        ({"printed": "73.6"}, "quoted"),
        ({"printed": "73"}, "differs"),
        ({"printed": "73.60"}, "within rounding of the inputs"),  # 73.6 may be 73.55 to 73.65
        ({"printed": "73.64"}, "within rounding of the inputs"),
        ({"printed": "26", "selector": selector(complement=True)}, "reproduced"),
        ({"printed": "26.44", "selector": selector(complement=True)}, "within rounding of the inputs"),
        ({"printed": "27", "selector": selector(complement=True)}, "differs"),
        ({"printed": "4.0", "unit": "RATIO", "selector": GAP}, "reproduced"),
        ({"printed": "4.03", "unit": "RATIO", "selector": GAP}, "within rounding of the inputs"),
        ({"printed": "4.1", "unit": "RATIO", "selector": GAP}, "differs"),
        ({"printed": "four times", "qualifier": "more than", "unit": "RATIO", "selector": GAP}, "reproduced"),
        ({"printed": "four times", "qualifier": "almost", "unit": "RATIO", "selector": GAP}, "differs"),
        (
            {"printed": "6.0", "unit": "PS", "unit_mult": 9, "selector": selector(persons=True)},
            "within rounding of the inputs",
        ),
        ({"printed": "5.8", "unit": "PS", "unit_mult": 9, "selector": selector(year=2024, persons=True)}, "reproduced"),
        ({"printed": "3.4", "selector": selector(since=2024, change="relative")}, "within rounding of the inputs"),
        ({"printed": "3", "selector": selector(since=2024, change="relative")}, "within rounding of the inputs"),
        ({"printed": "2", "unit": "PP", "selector": selector(since=2024, change="absolute")}, "reproduced"),
        ({"printed": "78", "selector": {**selector(), "SEX": "F"}}, "not computable"),
        ({"printed": "93", "selector": {**selector(), "indicator": "coverage_4g"}}, "not computable"),
    ],
)
def test_verdict_on_published_figures(write, keys, verdict):
    outcome = only(write(claim(**keys)), bases=("published",))
    assert outcome.verdict == verdict, outcome.judgements["published"]


WORLD_OF_THREE = {
    ("internet_use", "WLD", "_T", "_T", "_T"): (73.6, 1000),
    ("internet_use", "HIC", "_T", "_T", "_T"): (94.2, 170),
    ("internet_use", "WLD", "F", "_T", "_T"): (60.0, 500),
    ("internet_use", "WLD", "F", "Y15T24", "_T"): (90.0, 125),
    ("internet_use", "WLD", "_T", "Y15T24", "_T"): (80.0, 200),
}
"""Percent and people of a world, its high-income economies, its women and its young people."""


def of_three(decimals=1, **keys):
    """The number of a claim about the three, known with so many decimals."""
    half = 0.5 / 10**decimals
    series = {
        key: {2025: Number(value - half, value, value + half, 100.0, people, "FY26", 2025, (("e", *key, "2025"),))}
        for key, (value, people) in WORLD_OF_THREE.items()
    }
    one = build(Claim, claim(**keys), "report.yaml")
    return numbers.number_of(one, printed_figure(one), Values({("e", "published"): series}, {}, ()), "e", "published")


def test_a_cell_that_is_used_twice_has_one_value():
    """Offline outside high income: 1 - (100 - h) 170 / ((100 - w) 1000), with h = 94.2 and w = 73.6, each +- 0.05.

    Offline are 26.4 % of 1000 and 5.8 % of 170: 1 - 9.86 / 264 = 96.27 %. The ends are 1 - 9.945 / 263.5 = 96.23 and
    1 - 9.775 / 264.5 = 96.30. As if the world offline could be 26.35 % above the line and 26.45 % below it, they would be
    95.86 and 96.67.
    """
    share = of_three(
        selector=selector(without={"area": "HIC"}, complement=True, persons=True, relative_to={"without": {}})
    )
    ends = 1 - 9.86 / 264, 1 - 9.945 / 263.5, 1 - 9.775 / 264.5
    assert spans(share) == pytest.approx([100 * end for end in ends])
    naive = (263.5 - 9.945) / 264.5, (264.5 - 9.775) / 263.5
    assert 100 * naive[0] < share.lower < share.upper < 100 * naive[1]


def test_a_share_of_itself_is_everything():
    """x / x is 100 %, whatever x is rounded to."""
    assert spans(of_three(selector=selector(relative_to={"SEX": "_T"}))) == (100, 100, 100)


def test_a_part_keeps_the_other_codes_of_its_whole():
    """Women who are not young: 60 % of 500 less 90 % of 125 is 187.5 of 375, half. (Less all young people: 46.7 %.)"""
    rest = of_three(selector={**selector(without={"AGE": "Y15T24"}), "SEX": "F"})
    assert (rest.value, rest.persons) == (50, 375)


def test_both_readings_of_the_share_offline_outside_high_income(base):
    """96.19 [96.15, 96.23] as the rest of the world; 91.27 as a sum that leaves out the unclassified (audit of FY26)."""
    judgements = {o.claim.id: o.judgements["published"] for o in base.outcomes if o.claim.id.startswith("offline_")}
    rest, parts = judgements["offline_not_hic"], judgements["offline_low_and_middle"]
    assert (rest.verdict, parts.verdict) == ("reproduced", "differs")
    assert spans(rest.number) == pytest.approx((96.19, 96.15, 96.23), abs=0.005)
    assert parts.number.value == pytest.approx(91.27, abs=0.005)


@pytest.mark.parametrize(
    ("printed", "value", "decimals", "verdict", "remark"),
    [
        ("67.60", 67.6, 1, "within rounding of the inputs", "67.6 is published with fewer decimals than 67.60"),
        ("67.600", 67.60, 2, "within rounding of the inputs", "67.6 is published with fewer decimals than 67.600"),
        ("67.6", 67.6, 1, "quoted", ""),
        ("67.6", 67.60, 2, "quoted", ""),
        ("68", 67.6, 1, "quoted", ""),
        ("85", 84.5, 1, "quoted", "84.5 is halfway, and rounds up; it stands for 84.45 to 84.55"),
        ("84", 84.5, 1, "within rounding of the inputs", "84.5 as published stands for 84.45 to 84.55"),
        ("67.5", 67.6, 1, "differs", "67.6 is 0.05 above the range 67.45 to 67.55"),
        ("67.7", 67.6, 1, "differs", "67.6 is 0.05 below the range 67.65 to 67.75"),
        ("100.00", 100.0, 1, "within rounding of the inputs", "100 is published with fewer decimals than 100.00"),
    ],
)
@pytest.mark.parametrize("basis", ["published", "countries"])
def test_a_quotation_has_no_more_decimals_than_the_figure(printed, value, decimals, verdict, remark, basis):
    """ "67.60" stands for 67.595 to 67.605, and a published 67.6 for 67.55 to 67.65: the second decimal is unknown."""
    half = 0.5 / 10**decimals
    figure = Number(value - half, value, min(value + half, 100), membership="_Z", year=2025)
    one = build(Claim, claim(printed=printed), "report.yaml")
    made = judge(one, printed_figure(one), figure, basis, "edition")
    assert made.verdict == verdict
    assert made.remark.startswith(remark) if remark else not made.remark


def test_a_ratio_of_printed_figures_is_rounded_twice(write):
    """94 / 23 is 4.09 and prints as 4.1; the unrounded figures give 4.03, which prints as 4.0."""
    high = claim(id="high", printed="94", selector=selector("HIC"))
    low = claim(id="low", printed="23", selector=selector("LIC"))
    ratio = claim(id="ratio", printed="4.1", unit="RATIO", selector=GAP, relations=[{"ratio_of": ["high", "low"]}])
    outcome = run(write(high, low, ratio), bases=("published",)).outcomes[2]
    assert outcome.verdict == "double rounding"
    assert "4.087 follows from the other figures as printed, 4.026 from the unrounded ones" in (
        outcome.judgements["published"].remark
    )


def test_an_economy_rounded_in_two_steps(write):
    """The first value of the form x.45 to x.5: to one decimal it is x.5, and then x + 1."""
    with (data_dir() / "sources" / "wdi_2026_08" / "observations.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["TIME_PERIOD"] == "2023" and row["OBS_VALUE"]]
    row = next(row for row in rows if 0.45 < float(row["OBS_VALUE"]) % 1 < 0.5)
    where = selector(row["REF_AREA"], 2023)
    whole = int(float(row["OBS_VALUE"]))
    for printed, verdict in ((whole, "quoted"), (whole + 1, "double rounding"), (whole + 2, "differs")):
        outcome = only(write(claim(printed=str(printed), selector=where, editions=["wdi_2026_08"])))
        assert outcome.judgements["countries"].verdict == verdict, (row, printed)
    assert f"rounded to {whole}.5 and then again" in (
        only(write(claim(printed=str(whole + 1), selector=where, editions=["wdi_2026_08"])))
        .judgements["countries"]
        .remark
    )


@pytest.mark.parametrize(
    ("printed", "area", "year", "verdict"),
    [
        ("90", "EUR", 2023, "reproduced"),  # 89.68 of all of Europe's people
        ("91", "EUR", 2023, "differs"),
        ("73", "WLD", 2024, "reproduced"),  # 72.7 at 96.6 % coverage, 70.3 to 73.6
        ("71", "WLD", 2024, "not computable"),  # the missing 3.4 % decide
        ("68", "WLD", 2024, "differs"),  # not even all missing people offline make it 68.5
        ("65", "SIDS", 2024, "not computable"),  # withheld, 48.7 to 76.2
        ("80", "SIDS", 2024, "differs"),  # withheld, and beyond what is possible
        ("50", "WLD", 2031, "not computable"),
    ],
)
def test_verdict_from_countries(write, printed, area, year, verdict):
    path = write(claim(printed=printed, selector=selector(area, year), editions=["wdi_2026_08"]))
    outcome = only(path, bases=("countries",))
    assert outcome.verdict == verdict, outcome.judgements["countries"]


def test_an_economys_own_figure_is_quoted(write):
    path = write(claim(printed="35.0", selector=selector("KEN", 2024), editions=["wdi_2026_08"]))
    value = only(path).judgements["countries"].number.value
    text = f"{value:.1f}"
    outcome = only(write(claim(printed=text, selector=selector("KEN", 2024), editions=["wdi_2026_08"])))
    assert outcome.judgements["countries"].verdict == "quoted"
    assert outcome.verdict == "quoted"


def test_people_of_an_economy_are_computed(write):
    keys = {"unit": "PS", "unit_mult": 6, "selector": selector("KEN", 2024, persons=True), "editions": ["wdi_2026_08"]}
    number = only(write(claim(printed="1", **keys))).judgements["countries"].number
    outcome = only(write(claim(printed=f"{number.value:.1f}", **keys)))
    assert outcome.judgements["countries"].verdict == "reproduced"


def test_nothing_is_reproduced_from_an_edition_that_consists_of_the_claims(write):
    """The edition of the resolution's own figures has 74, and 94 / 23: both are quotations."""
    plain = claim(id="plain", printed="74", editions=["a_res_80_173"])
    ratio = claim(id="ratio", printed="4.1", unit="RATIO", selector=GAP, editions=["a_res_80_173"])
    outcomes = run(write(plain, ratio), bases=("published",)).outcomes
    assert [outcome.verdict for outcome in outcomes] == ["quoted", "quoted"]
    assert "consists of" in outcomes[1].judgements["published"].remark


def test_the_first_edition_that_holds_the_number_is_taken(write):
    """The 2025 edition begins in 2022, so that 2019 comes from that of 2024."""
    path = write(
        claim(
            printed="52.9",
            selector=selector(year=2019),
            editions=["itu_aggregates_2025_11", "itu_aggregates_2024_11"],
        )
    )
    assert only(path).judgements["published"].edition == "itu_aggregates_2024_11"


@pytest.mark.parametrize(
    ("keys", "texts"),
    [
        (
            {"selector": selector(year=1950)},
            {
                "published": "itu_aggregates_2025_11 has internet_use for World in 2022 to 2025, not in 1950",
                "countries": "wdi_2026_08 has internet_use for World in 2004 to 2024, not in 1950",
            },
        ),
        (
            {"selector": selector("any economy", 1950), "unit": "NUMBER", "editions": ["wdi_2026_08"]},
            {"countries": "wdi_2026_08 has internet_use by economy (latest values 2014 to 2024), not in 1950"},
        ),
    ],
)
def test_a_year_that_no_edition_has_is_told_with_those_that_they_have(write, keys, texts):
    made = run(write(claim(**keys, expect="not computable", reason="")))
    outcome = made.outcomes[0]
    assert outcome.verdict == "not computable"
    assert {basis: outcome.judgements[basis].remark for basis in texts} == texts
    notes = " ".join(note for block in blocks(made) for note in block.notes)
    assert all(text in notes for text in texts.values())
    unlike = reports(run(write(claim(**keys))))[0].findings[0]
    assert all(text in unlike.message for text in texts.values())


def test_a_tension_is_told(write):
    outcome = only(
        write(claim(printed="85", qualifier="almost", selector={**selector(), "URBANISATION": "URB"})),
        bases=("published",),
    )
    judgement = outcome.judgements["published"]
    assert (outcome.verdict, judgement.tension) == ("differs", True)
    assert judgement.remark.startswith("a tension: 85.4 rounds to the figure, but is not almost 85")


def test_conflicts_are_found_through_relations(write):
    offline = claim(id="offline", printed="a third", selector=selector(complement=True))
    online = claim(id="online", printed="74", relations=[{"complement_of": "offline"}])
    both = run(write(offline, online), bases=("published",)).outcomes
    assert [outcome.verdict for outcome in both] == ["conflicts", "conflicts"]
    assert both[0].conflicts == ("cannot hold with online (page 1): together they make 102.67 to 111.17, not 100",)
    agreeing = {**offline, "printed": "26"}
    assert [o.verdict for o in run(write(agreeing, online), bases=("published",)).outcomes] == ["reproduced", "quoted"]


@pytest.mark.parametrize(
    ("relation", "printed", "unit", "conflict"),
    [("ratio_of", "4.1", "RATIO", False), ("ratio_of", "4.3", "RATIO", True),
     ("difference_of", "71", "PP", False), ("difference_of", "73", "PP", True)],
)  # fmt: skip
def test_ratios_and_differences_must_agree(write, relation, printed, unit, conflict):
    measure = "ratio" if relation == "ratio_of" else "absolute_difference"
    high = claim(id="high", printed="94", selector=selector("HIC"))
    low = claim(id="low", printed="23", selector=selector("LIC"))
    made = claim(
        id="made",
        printed=printed,
        unit=unit,
        selector={**GAP, "measure": measure},
        relations=[{relation: ["high", "low"]}],
    )
    outcomes = run(write(high, low, made), bases=("published",)).outcomes
    assert [bool(outcome.conflicts) for outcome in outcomes] == [conflict] * 3


def test_a_ratio_to_a_figure_that_may_be_0_has_no_limit_and_conflicts_with_nothing(write):
    high = claim(id="high", printed="94", selector=selector("HIC"))
    low = claim(id="low", printed="0", qualifier="more than", selector=selector("LIC"))
    made = claim(id="made", printed="4.1", unit="RATIO", selector=GAP, relations=[{"ratio_of": ["high", "low"]}])
    outcomes = run(write(high, low, made), bases=("published",)).outcomes
    assert [outcome.conflicts for outcome in outcomes] == [(), (), ()]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"printed": "68", "selector": selector(year=2024), "editions": ["itu_aggregates_2025_11"]},
         "would hold in itu_aggregates_2024_11 (67.6)"),
        ({"printed": "71", "selector": selector(), "editions": ["itu_aggregates_2025_11"]}, "would hold for 2024 (71.2)"),
        ({"printed": "26", "selector": selector()}, "would hold as its complement (26.4)"),
        ({"printed": "0.25", "unit": "RATIO", "selector": GAP}, "would hold as parity_score (0.2484)"),
        ({"printed": "4.3", "selector": selector(since=2024, change="relative")},
         "would hold as growth of the number of people (4.317)"),
        ({"printed": "96", "selector": selector(["LIC", "LMC", "UMC"], complement=True, persons=True,
                                                relative_to={"area": "WLD"})},
         "would hold with groups FY25_oghist (96.05)"),
    ],
)  # fmt: skip
def test_what_differs_says_where_it_would_hold(write, keys, told):
    other = claim(id="other", selector=selector(year=2024), editions=["itu_aggregates_2024_11"])
    outcome = run(write(claim(**keys), other), bases=("published",)).outcomes[0]
    assert outcome.verdict == "differs"
    assert told in outcome.judgements["published"].remark


def test_other_members_of_a_group_are_tried(write):
    """The lower-middle-income economies of 2024 with the groups of other fiscal years."""
    path = write(claim(printed="54.0", selector=selector("LMC", 2024), editions=["wdi_2026_08"]))
    said = only(path, bases=("countries",)).judgements["countries"].remark
    assert "59.464 is 5.414 above the range 53.95 to 54.05" in said
    assert "nearest: " in said


def number(value, low, high, persons=float("nan"), coverage=float("nan")):
    return Number(low, value, high, coverage, persons)


def spans(made):
    return made.value, made.lower, made.upper


def test_arithmetic_by_hand():
    x, y = number(60, 59, 61, persons=200), number(30, 29, 31, persons=50)
    assert spans(numbers.complement(x)) == (40, 39, 41)
    assert spans(numbers.people(x)) == (120, 118, 122)
    assert spans(numbers.total([x, y])) == (90, 88, 92)
    assert spans(numbers.ratio(x, y)) == pytest.approx((2, 59 / 31, 61 / 29))
    assert spans(numbers.change(x, y, "absolute")) == (30, 28, 32)
    assert spans(numbers.change(x, y, "relative")) == pytest.approx((100, 100 * 59 / 31 - 100, 100 * 61 / 29 - 100))
    rest = numbers.remainder(x, y)  # 120 - 15 of 150 people
    assert spans(rest) == pytest.approx((70, (118 - 15.5) / 1.5, (122 - 14.5) / 1.5))
    assert rest.persons == 150
    assert spans(numbers.scale_down(x, 1)) == pytest.approx((6, 5.9, 6.1))
    assert numbers.people(y).persons == 50
    assert str(numbers.people(number(1, 1, 1)).lack) == "no source counts these people"
    nothing = numbers.no_number(Absence.VALUE)
    assert numbers.ratio(x, nothing).lack == numbers.total([x, nothing]).lack == nothing.lack
    zero = numbers.ratio(x, number(0, 0, 0))
    assert not zero.has_value and not zero.has_bounds
    assert str(zero.lack) == "undefined: it divides by zero"
    nobody = numbers.remainder(x, x)
    assert not nobody.has_value and nobody.lack == zero.lack


def test_a_ratio_to_nobody_is_undefined(write):
    """Everybody in the United Arab Emirates is online; a ratio to the share offline has no value, and says so."""
    keys = {
        "indicator": "internet_use",
        "area": "KEN",
        "year": 2022,
        "complement": True,
        "relative_to": {"area": "ARE"},
    }
    path = write(claim(printed="2", unit="RATIO", selector=keys, editions=["wdi_2026_08"], expect="not computable"))
    judgement = only(path).judgements["countries"]
    assert (judgement.verdict, judgement.remark) == ("not computable", "undefined: it divides by zero")
