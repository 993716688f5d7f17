"""Rules on any conforming frame: none raises, order and limits change nothing, and what is consistent is let be."""

import csv
import io
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.catalogue.codelists import age_span
from divide_cli.frames.columns import category
from divide_cli.readers import ReadOptions
from divide_cli.sources.editions import country_editions
from divide_cli.validation.rules import Stage, kinds
from divide_cli.validation.rules.findings import findings_of
from divide_cli.validation.rules.implied_shares import ReferencePopulation
from divide_cli.validation.rules.sorting import submission_of
from divide_cli.validation.run import ValidationRequest, validate
from tests.rules.by_hand import hits, submission, table

RULES = catalogue().rules
ON_VALUES = [rule for rule in RULES.values() if kinds()[rule.kind].stage in (Stage.VALUES, Stage.PUBLISHED)]
INDICATORS = (
    "internet_use", "mobile_ownership", "households_with_internet", "coverage_2g", "coverage_3g", "coverage_4g",
    "fixed_broadband_subscriptions",
)  # fmt: skip
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
values = st.sampled_from([0.0, 0.4, 4.2, 40.0, 40.1, 40.1, 42.5, 51.3, 60.0, 74.0, 99.9, 100.0, 100.5, -1.0])
row = st.fixed_dictionaries(
    {
        v.REF_AREA: st.sampled_from(["KEN", "QAT", "YUG", "ATA"]),
        v.INDICATOR: st.sampled_from(INDICATORS),
        v.SEX: st.sampled_from(["_T", "F", "M"]),
        v.AGE: st.sampled_from(["_T", "_T", "Y15T24", "Y25T64", "Y_GE65", "Y20T34", "Y15T22"]),
        v.URBANISATION: st.sampled_from(["_T", "URB", "RUR"]),
        v.TIME_PERIOD: st.integers(2003, 2010),
        v.OBS_VALUE: st.one_of(st.just(float("nan")), values, st.floats(-5, 105).map(lambda value: round(value, 1))),
        v.OBS_STATUS: st.sampled_from(["A", "A", "B", "E"]),
        v.OBS_COMMENT: st.sampled_from(["", "", "last 12 months", "SIM cards", "ages 15-74"]),
        v.PRINTED: st.sampled_from([-1, 0, 1, 2, 15]),
        v.PADDED: st.booleans(),
        v.QUANTITIES[0]: st.sampled_from([float("nan"), 0.0, 400.0]),
        v.QUANTITIES[1]: st.sampled_from([float("nan"), 0.0, 1000.0]),
        v.QUANTITIES[2]: st.sampled_from([float("nan"), 0.0, 20.0, 1000.0]),
        v.QUANTITIES[3]: st.sampled_from([float("nan"), 0.0, 1.5, 40.0]),
        "SUBNATIONAL_AREA": st.sampled_from(["_T", "_T", "Coast", "Lake", "Coast/Town"]),
        "DISABILITY": st.sampled_from(["_T", "_T", "PD"]),
    }
)


def all_found(read: Any) -> None:
    """Every rule on the frame, and every case in words; the lines named are lines of the frame."""
    rows = submission_of(read, against=country_editions())
    known = set(read.frame[v.LINE].tolist())
    for rule in ON_VALUES:
        found = kinds()[rule.kind].violations(rows, rule)
        assert found.checked >= 0
        assert found.concerned(len(rows)).shape == (len(rows),)
        findings = findings_of(rule, "test.csv", rows, found)
        for case in range(findings.size):
            finding = findings.finding(case)
            assert finding.line in known
            assert set(finding.lines) <= known
            assert finding.message


@settings(max_examples=25)
@given(rows=st.lists(row, min_size=1, max_size=40))
def test_no_rule_raises_on_any_frame(rows: list[dict[str, Any]]) -> None:
    all_found(submission(*rows))


@settings(max_examples=30)
@given(rows=st.lists(row, min_size=1, max_size=3), times=st.integers(1, 12))
def test_no_rule_raises_where_rows_are_repeated(rows: list[dict[str, Any]], times: int) -> None:
    all_found(submission(*rows * times))


@pytest.mark.parametrize("kept", [0, 1])
def test_no_rule_raises_on_an_empty_frame_or_one_row(kept: int) -> None:
    read = submission({v.OBS_VALUE: 40.1}, {v.OBS_VALUE: 41.1, v.TIME_PERIOD: 2021})
    all_found(replace(read, frame=read.frame.iloc[:kept].reset_index(drop=True)))


@settings(max_examples=15)
@given(rows=st.lists(row, min_size=1, max_size=20))
def test_no_rule_raises_where_nothing_has_a_value_or_all_are_of_one_year(rows: list[dict[str, Any]]) -> None:
    all_found(submission(*({**one, v.OBS_VALUE: float("nan")} for one in rows)))
    all_found(submission(*({**one, v.TIME_PERIOD: 2005} for one in rows)))


# ---- order and limits

COLUMNS = (v.REF_AREA, v.INDICATOR, v.SEX, v.AGE, v.URBANISATION, v.TIME_PERIOD, v.OBS_VALUE)
BY_PLACE = ("filled_down", "duplicate_key")
"""Kinds that depend on the position of rows: which follow each other, and which of two is the later one."""


def judged(path: Path, rows: list[dict[str, Any]], rules: list[Rule], limit: int = 0) -> Any:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([["" if one[name] != one[name] else one[name] for name in COLUMNS] for one in rows])
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    choices = ReadOptions(strict=False, submitted=True)
    return validate(ValidationRequest((str(path),), tuple(rules), read_options=choices, limit=limit))


unique = st.lists(row, min_size=2, max_size=30, unique_by=lambda one: tuple(one[name] for name in COLUMNS[:-1]))


@one_folder
@given(rows=unique, random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_lines_only(rows: list[dict[str, Any]], random: Any, tmp_path: Path) -> None:
    rules = [rule for rule in RULES.values() if rule.kind not in BY_PLACE]
    order = list(range(len(rows)))
    random.shuffle(order)

    def found(places: list[int]) -> Counter[tuple[Any, ...]]:
        report = judged(tmp_path / "rows.csv", [rows[place] for place in places], rules)
        made = Counter()
        for one in report.findings:
            own = frozenset(places[line - 2] for line in one.lines)
            key = () if RULES[one.rule].together else tuple(one.key.items())
            made[one.rule, one.severity, own, key, one.found if key else ""] += 1
        return made

    assert found(order) == found(list(range(len(rows))))


@one_folder
@given(rows=st.lists(row, min_size=2, max_size=30), limit=st.integers(1, 5))
def test_counts_are_those_without_a_limit(rows: list[dict[str, Any]], limit: int, tmp_path: Path) -> None:
    every = judged(tmp_path / "rows.csv", rows, list(RULES.values()))
    some = judged(tmp_path / "rows.csv", rows, list(RULES.values()), limit)
    counted = Counter(one.rule for one in every.findings)
    assert {tally.rule: tally.count for tally in some.summary} == dict(counted)
    assert {tally.rule: tally.listed for tally in some.summary} == {name: min(n, limit) for name, n in counted.items()}
    assert Counter(one.rule for one in some.findings) == {name: min(n, limit) for name, n in counted.items()}


# ---- what is consistent is let be

BANDS = ("Y0T14", "Y15T24", "Y25T64", "Y_GE65")
CONSISTENT = (
    "total_outside_sexes", "total_just_outside_sexes", "total_outside_places", "total_just_outside_places",
    "sexes_imply_impossible_share", "sexes_imply_odd_share", "places_imply_odd_share", "ages_contradict_total",
    "ages_off_total",
)  # fmt: skip


@cache
def _people(area: str, year: int) -> dict[tuple[str, str], float]:
    """People of each sex in each band."""
    persons = ReferencePopulation(table({v.OBS_VALUE: 1.0, v.TIME_PERIOD: year}))
    at = category(v.REF_AREA).categories.get_loc(area)
    return {
        (sex, age): float(persons.persons_aged(sex, age_span(age) or (0, 0))[0][at, 0])
        for sex in ("F", "M")
        for age in BANDS
    }


@cache
def _urban(area: str, year: int) -> float:
    persons = ReferencePopulation(table({v.OBS_VALUE: 1.0, v.TIME_PERIOD: year}))
    at = category(v.REF_AREA).categories.get_loc(area)
    urban, rural = (float(persons.persons("_T", "_T", code)[at, 0]) for code in ("URB", "RUR"))
    return urban / (urban + rural)


@settings(max_examples=25)
@given(
    shares=st.lists(st.floats(0, 100), min_size=8, max_size=8),
    places=st.tuples(st.floats(0, 100), st.floats(0, 100)),
    decimals=st.integers(0, 3),
    area=st.sampled_from(["KEN", "PER", "QAT", "JPN", "NER"]),
    moves=st.lists(st.floats(-8, 8), min_size=6, max_size=6),
)
@example(  # a run of three bands is nearest to the total in most years, and a point away in one: the total is of all four
    shares=[0.0, 69.16615270084692, 0.0, 76.17379029677929, 0.75, 0.0, 9.971967891762915, 34.78769610182258],
    places=(20.0, 91.10500394971017),
    decimals=1,
    area="QAT",
    moves=[1.1614123742918228, -5.833085465882398, 0.00019878823849906816, 1.9516668292546822, 0.0, 5.904293464676748],
)
def test_true_shares_rounded_trip_no_rule_on_totals(
    shares: list[float], places: tuple[float, float], decimals: int, area: str, moves: list[float]
) -> None:
    """Six years of true shares by sex and band, weighted by the people there are, and rounded as an office would."""
    rows = []
    for step, move in enumerate(moves):
        year = 2015 + step
        people = _people(area, year)
        true = {key: float(np.clip(share + move, 0, 100)) for key, share in zip(people, shares, strict=True)}

        def mean(keys: list[tuple[str, str]], people: Any = people, true: Any = true) -> float:
            return sum(people[key] * true[key] for key in keys) / sum(people[key] for key in keys)

        made = {("_T", "_T", "_T"): mean(list(people))}
        made |= {(sex, "_T", "_T"): mean([key for key in people if key[0] == sex]) for sex in ("F", "M")}
        made |= {("_T", age, "_T"): mean([key for key in people if key[1] == age]) for age in BANDS}
        urban = _urban(area, year)
        made_of_places = {"URB": places[0], "RUR": places[1], "_T": urban * places[0] + (1 - urban) * places[1]}
        rows += [
            {v.SEX: sex, v.AGE: age, v.URBANISATION: place, v.OBS_VALUE: round(value, decimals), v.TIME_PERIOD: year}
            for (sex, age, place), value in made.items()
        ]
        rows += [
            {v.INDICATOR: "mobile_ownership", v.URBANISATION: place, v.OBS_VALUE: round(value, decimals), v.TIME_PERIOD: year}
            for place, value in made_of_places.items()
        ]  # fmt: skip
    made_table = table(*rows, REF_AREA=area, PRINTED=decimals)
    for name in CONSISTENT:
        rule = RULES[name]
        found = hits(rule, made_table)
        assert len(found) == 0, f"{name}: {found.explain(0)}"
    assert hits(RULES["total_outside_sexes"], made_table).checked == len(moves)
    assert hits(RULES["ages_off_total"], made_table).checked == len(moves)
    high = max(one[v.OBS_VALUE] for one in rows[:3]) + 2 * 10.0**-decimals + 0.6  # one total, beyond any rounding
    moved = table(
        *({**one, v.OBS_VALUE: high} if at == 0 else one for at, one in enumerate(rows)),
        REF_AREA=area,
        PRINTED=decimals,
    )
    assert len(hits(RULES["total_outside_sexes"], moved)) == 1
