"""Where measures apply: every indicator is of one quantity; elsewhere a measure is left out with the reason, or an error."""

import json
from pathlib import Path

import pandas as pd
import pytest

from divide_cli import api
from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.applicability import (
    is_band_meant,
    left_out,
    naming,
    objection,
    objection_to_query,
    quantity_of,
)
from divide_cli.errors import OptionError
from divide_cli.reports import inequality

HEAD = "REF_AREA,INDICATOR,{over},TIME_PERIOD,OBS_VALUE,POPULATION"


def figures(folder: Path, indicator: str, over: str, values: dict[str, float]) -> str:
    """A file with a value and a million people for each code."""
    rows = [f"KEN,{indicator},{code},2022,{value},1000000" for code, value in values.items()]
    path = folder / "figures.csv"
    path.write_text("\n".join([HEAD.format(over=over), *rows, ""]))
    return str(path)


def test_every_indicator_is_of_one_quantity() -> None:
    for name, entry in catalogue().indicators.items():
        quantities = [
            quantity.id
            for quantity in catalogue().quantities.values()
            if entry.unit in quantity.units and entry.population_base in quantity.bases
        ]
        assert len(quantities) == 1, (name, quantities)
        assert entry.direction in catalogue().directions


def test_measures_name_known_quantities() -> None:
    for measure in catalogue().every_measure.values():
        unknown = set(measure.applies.quantities if measure.applies else ()) - catalogue().quantities.keys()
        assert not unknown, measure.id


@pytest.mark.parametrize(
    ("indicator", "quantity"),
    [
        ("internet_use", "share_of_people"),
        ("coverage_4g", "share_of_people"),
        ("skill_none", "share_of_surveyed"),
        ("households_with_internet", "share_of_households"),
        ("schools_with_internet", "share_of_schools"),
        ("population_share", "part_of_population"),
        ("fixed_broadband_subscriptions", "rate_per_person"),
        ("price_mobile_data", "price"),
        ("price_mobile_data_usd", "price"),
        ("gni_per_head", "income"),
        ("internet_users", "number"),
    ],
)
def test_quantities_of_indicators(indicator: str, quantity: str) -> None:
    assert quantity_of(indicator).id == quantity


COUNTED = ("excess_persons", "persons_to_parity")
OF_SHARES = (
    "odds_ratio",
    "complement_ratio",
    "slope_index",
    "relative_index",
    "complement_check",
    "time_to_parity_logistic",
)
SUMMED = ("gini_index", "hoover_index", "palma_ratio", "ratio_20_20", "atkinson_index_one", "theil_index")
AVERAGED = (
    "population_attributable_risk",
    "between_group_variance",
    "absolute_concentration_index",
    "slope_index_linear",
)
ANYWHERE = ("absolute_difference", "ratio", "relative_gap", "subgroup_difference", "change", "velocity")


@pytest.mark.parametrize(
    ("indicator", "applying", "others"),
    [
        ("internet_use", (*COUNTED, *OF_SHARES, *SUMMED, *AVERAGED), ()),
        ("households_with_internet", (*OF_SHARES, *SUMMED, *AVERAGED), COUNTED),
        ("skill_none", (*OF_SHARES, *SUMMED, *AVERAGED), COUNTED),
        ("fixed_broadband_subscriptions", (*SUMMED, *AVERAGED), (*COUNTED, *OF_SHARES)),
        ("gni_per_head", (*SUMMED, *AVERAGED), (*COUNTED, *OF_SHARES)),
        ("price_mobile_data", AVERAGED, (*COUNTED, *OF_SHARES, *SUMMED)),
        ("price_mobile_data_usd", AVERAGED, (*COUNTED, *OF_SHARES, *SUMMED)),
        ("internet_users", (), (*COUNTED, *OF_SHARES, *SUMMED, *AVERAGED)),
        ("population_share", (), (*COUNTED, *OF_SHARES, *SUMMED, *AVERAGED)),
    ],
)
def test_which_measures_apply(indicator: str, applying: tuple[str, ...], others: tuple[str, ...]) -> None:
    measures = catalogue().every_measure
    assert {name: objection(measures[name], indicator) for name in (*applying, *ANYWHERE)} == dict.fromkeys(
        (*applying, *ANYWHERE), ""
    )
    name = quantity_of(indicator).name
    for other in others:
        assert objection(measures[other], indicator).startswith(f"not applicable to {name}: "), other


def test_pairs_need_two_named_sides_and_orders_an_order() -> None:
    measures = catalogue().every_measure
    assert objection_to_query(measures["ratio"], "internet_use", "SEX", sides=True) == ""
    reason = "not applicable over WEALTH: no comparison names a reference and a compared side"
    assert objection_to_query(measures["ratio"], "internet_use", "WEALTH", sides=False) == reason
    unordered = left_out("internet_use", "WEALTH", sides=False, ordered=False)
    assert unordered["slope_index"] == "not applicable over WEALTH: the subgroups have no order"
    assert "slope_index" not in left_out("internet_use", "WEALTH", sides=False, ordered=True)


def test_a_parity_score_is_itus_only_for_the_sexes() -> None:
    score = catalogue().measures["parity_score"]
    assert naming(score, "internet_use", "SEX").short == "parity" and is_band_meant(score, "internet_use", "SEX")
    for indicator, over in (("internet_use", "income_group"), ("price_mobile_data", "SEX"), ("internet_use", "AGE")):
        assert naming(score, indicator, over).name == "Ratio of compared to reference"
        assert not is_band_meant(score, indicator, over)


def test_targets_and_tables_of_gaps_use_measures_that_apply() -> None:
    entries = catalogue()
    for gap in entries.gaps.values():
        assert not any(objection(entries.measures[name], gap.indicator) for name in gap.shown), gap.id
    for target in entries.targets.values():
        if target.parity:
            over = entries.comparisons[target.parity].over
            assert is_band_meant(entries.measures["parity_score"], target.indicator, over), target.id


def test_prices_are_not_counted_in_persons(tmp_path: Path) -> None:
    """Left out of everything, with the reasons in the JSON and in a note; asked for, an error."""
    path = figures(tmp_path, "price_mobile_data", "SEX", {"M": 2.0, "F": 3.0})
    result = api.measure("price_mobile_data", [path], over="SEX", areas=["KEN"])
    present = set(result.frame[v.MEASURE])
    assert {"absolute_difference", "ratio", "parity_score", "relative_gap"} <= present
    assert not present & {*COUNTED, *OF_SHARES, *SUMMED}
    out = inequality.output(result)
    listed = {name for entry in json.loads(out.texts["json"]())["meta"]["left_out"] for name in entry["measures"]}
    assert {*COUNTED, *OF_SHARES, *SUMMED} <= listed and not listed & present
    notes = [note for block in out.blocks() for note in block.notes if "do not apply to prices" in note]
    assert len(notes) == 1 and "excess persons, persons to parity (people are counted" in notes[0]
    names = [row[0] for block in out.blocks() for row in block.rows if block.title.startswith("Measures")]
    assert "compared ratio" in names and "parity" not in names
    with pytest.raises(OptionError) as refused:
        api.measure("price_mobile_data", [path], over="SEX", areas=["KEN"], measures=["excess_persons"])
    assert refused.value.code == "measure_not_applicable"
    assert "excess_persons: not applicable to prices: people are counted" in str(refused.value)


def test_households_are_not_persons(tmp_path: Path) -> None:
    path = figures(tmp_path, "households_with_internet", "URBANISATION", {"URB": 80.0, "RUR": 60.0})
    result = api.measure("households_with_internet", [path], over="URBANISATION", areas=["KEN"])
    present = set(result.frame[v.MEASURE])
    assert "odds_ratio" in present and not present & {*COUNTED}


def test_compute_leaves_out_what_does_not_apply(tmp_path: Path) -> None:
    """The people of a survey's scope are not counted: skills have shares and no persons; use of the Internet has both."""
    head = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE"
    rows = [
        f"KEN,{name},{sex},2022,{value}"
        for name in ("internet_use", "skill_privacy_settings")
        for sex, value in (("M", 40), ("F", 30))
    ]
    path = tmp_path / "both.csv"
    path.write_text("\n".join([head, *rows, ""]))
    gaps: pd.DataFrame = api.compute([str(path)], beside=False).gaps
    of = {name: set(gaps[gaps[v.INDICATOR] == name][v.MEASURE]) for name in ("internet_use", "skill_privacy_settings")}
    assert of["internet_use"] == set(catalogue().measures)
    assert of["skill_privacy_settings"] == set(catalogue().measures) - {*COUNTED}
    with pytest.raises(OptionError) as refused:
        api.compute([str(path)], gaps=["skill_privacy_settings_sex"], measures=["excess_persons"], beside=False)
    assert refused.value.code == "measure_not_applicable"
    both = api.compute([str(path)], measures=["excess_persons"], beside=False).gaps
    assert set(both[v.INDICATOR]) == {"internet_use"}
