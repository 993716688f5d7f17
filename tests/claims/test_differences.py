"""What a differing claim is diagnosed with: each deviation, its rank, and what is never said of a right figure."""

import pytest

from tests.claims.conftest import claim, only, run

ITU = "itu_aggregates_2025_11"


def selector(area="WLD", year=2025, **keys):
    return {"indicator": "internet_use", "area": area, "year": year, **keys}


def gap(measure, area="WLD", year=2025):
    return {"gap": "internet_use_urbanisation", "measure": measure, "area": area, "year": year}


@pytest.mark.parametrize(
    ("keys", "deviation", "way", "value"),
    [
        # 100 - 73.6 = 26.4
        ({"printed": "26.4", "selector": selector()}, "its complement", "as its complement", 26.4),
        ({"printed": "71.2", "selector": selector()}, "another year", "for 2024", 71.2),
        ({"printed": "69.2", "selector": selector()}, "another year", "for 2023", 69.2),
        ({"printed": "67.6", "selector": selector(year=2024)}, "another edition", "in itu_aggregates_2024_11", 67.6),
        ({"printed": "88.8", "selector": selector("LMC")}, "another area", "for UMC Upper-middle-income economies", 88.8),
        ({"printed": "85.4", "selector": selector()}, "another sex, age or place", "for URB Urban", 85.4),
        ({"printed": "73.6", "selector": selector(URBANISATION="RUR")}, "another sex, age or place", "for the total", 73.6),
        ({"printed": "0.736", "selector": selector()}, "another unit", "as a fraction of 1", 0.736),
        ({"printed": "76.3", "selector": selector()}, "digits transposed", "as 73.6", 73.6),
        ({"printed": "37.6", "selector": selector()}, "digits transposed", "as 73.6", 73.6),
        # 73.6 % of the people of the world are 6,047 million
        ({"printed": "6.05", "unit": "PS", "unit_mult": 6, "selector": selector(persons=True)}, "another unit",
         "in units of 10^9", 6.0469),
        ({"printed": "73.6", "unit": "PS", "unit_mult": 6, "selector": selector(persons=True)}, "another unit",
         "in percent", 73.6),
        # 71.2 - 73.6 = -2.4, and 100 (73.6 / 71.2 - 1) = 3.37
        ({"printed": "-2.4", "unit": "PP", "selector": selector(since=2024, change="absolute")}, "another sign",
         "with the other sign", -2.4),
        ({"printed": "3.4", "unit": "PP", "selector": selector(since=2024, change="absolute")}, "another unit",
         "as relative change, in percent", 100 * 2.4 / 71.2),
        # 85.4 - 58.2 = 27.2, of 85.4 it is 31.85 %
        ({"printed": "27.2", "selector": gap("relative_gap")}, "another unit",
         "as absolute_difference, in percentage points", 27.2),
        ({"printed": "31.9", "unit": "PP", "selector": gap("absolute_difference")}, "another unit",
         "as relative_gap, in percent", 100 * 27.2 / 85.4),
        # 58.2 / 85.4 = 0.6815, and its inverse is 1.467
        ({"printed": "0.68", "unit": "RATIO", "selector": gap("ratio")}, "another formula", "as parity_score", 58.2 / 85.4),
    ],
)  # fmt: skip
def test_each_deviation(write, keys, deviation, way, value):
    """In a file whose only claim names only the edition of 2025: other editions are read to explain it."""
    outcome = only(write(claim(editions=[ITU], expect="differs", **keys)), bases=("published",))
    assert outcome.verdict == "differs"
    diagnoses = {one.deviation: one.ways for one in outcome.judgements["published"].diagnoses}
    assert dict(diagnoses[deviation])[way] == pytest.approx(value, abs=5e-4)
    assert f"{deviation}: would hold {way} (" in outcome.judgements["published"].remark


def test_every_way_of_a_diagnosis_fits_the_printed_figure(write):
    """`about 74`: from 73 to 75. Europe's towns have more; whatever is named is within."""
    outcome = only(write(claim(printed="74", qualifier="about", selector=selector("EUR"))), bases=("published",))
    diagnoses = outcome.judgements["published"].diagnoses
    assert diagnoses
    assert all(73 <= value <= 75 for one in diagnoses for _, value in one.ways)
    tried = [len(one.ways) for one in diagnoses]
    assert len(tried) == len({one.deviation for one in diagnoses})


def test_several_ways_are_all_listed_with_those_tried_least_first(write):
    """A third offline in 2025: the edition of 2024 fits, two earlier years, and two groups of areas."""
    keys = selector(year=None, complement=True)
    outcome = only(write(claim(printed="a third", selector=keys, editions=[ITU])), bases=("published",))
    (edition, year, area) = outcome.judgements["published"].diagnoses[:3]
    assert (edition.deviation, year.deviation, area.deviation) == ("another edition", "another year", "another area")
    assert [way for way, _ in year.ways] == ["for 2023", "for 2022"]
    assert {way[:7] for way, _ in area.ways} == {"for ARB", "for SID"}


@pytest.mark.parametrize(
    "keys",
    [
        {"printed": "73.6", "selector": selector()},
        {"printed": "74", "selector": selector()},
        {"printed": "27.2", "unit": "PP", "selector": gap("absolute_difference")},
        {"printed": "6.05", "unit": "PS", "unit_mult": 9, "selector": selector(persons=True)},
        {"printed": "50", "selector": selector(year=1950)},
    ],
)
def test_what_is_right_or_unknown_has_no_diagnosis(write, keys):
    outcome = only(write(claim(editions=[ITU, "wdi_2026_08"], **keys)))
    assert outcome.verdict in ("quoted", "reproduced", "within rounding of the inputs", "not computable")
    assert not any(judgement.diagnoses for judgement in outcome.judgements.values() if judgement.verdict != "differs")


def test_no_embedded_claim_that_holds_is_diagnosed_with_another_figure(base):
    """If published figures confirm a claim, countries that differ are explained by members or editions only."""
    allowed = {"another edition", "another formula", "its complement", "other members", "another year"}
    for outcome in base.outcomes:
        if outcome.verdict not in ("differs", "conflicts"):
            for judgement in outcome.judgements.values():
                assert {one.deviation for one in judgement.diagnoses} <= allowed, outcome.id


def test_a_figure_of_a_far_group_is_not_named_if_nothing_fits(write):
    path = write(claim(printed="12.34", selector=selector()), claim(id="two", printed="73.6", selector=selector()))
    first, second = run(path, bases=("published",)).outcomes
    assert first.verdict == "differs" and not first.judgements["published"].diagnoses
    assert second.verdict == "quoted"
