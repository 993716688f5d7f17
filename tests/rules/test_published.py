"""Submissions held against an edition written by hand: other years, another country, far away, and what proves nothing."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from divide_cli import concepts as v
from divide_cli.sources import editions
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kinds
from divide_cli.validation.rules.sorting import submission_of
from divide_cli.validation.rules.submission import Submission
from tests.rules.by_hand import hits, lines, rule, table, years

KENYA = (20.11, 24.52, 27.93, 33.34, 38.75, 42.16, 49.57)
"""Internet use of 2010 to 2016 as the edition has it."""
UGANDA = (8.21, 11.62, 14.03, 19.44, 21.85, 26.26, 30.67)
ORIGIN = (
    "id: {id}\ntitle: {id}\nproducer: me\nurl: none\naccessed: 2026-01-01\nvintage: {vintage}\nrole: country\n"
    "licence: {{id: CC0-1.0, name: none}}\ncitation: me\nindicators: [internet_use]\n"
)


def write(folder: Path, name: str, vintage: str, **series: tuple[float, ...]) -> None:
    (folder / name).mkdir()
    rows = [
        f"{area},internet_use,_T,{2010 + at},{value},ages 15-74"
        for area, values in series.items()
        for at, value in enumerate(values)
    ]
    rows += ["KEN,internet_use,F,2012,25.01,", "KEN,internet_use,M,2012,30.85,"]
    text = "\n".join(["REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,OBS_COMMENT", *rows, ""])
    (folder / name / "figures.csv").write_text(text, encoding="utf-8")
    raw = text.encode()
    own = f"files: [{{path: figures.csv, sha256: {hashlib.sha256(raw).hexdigest()}, bytes: {len(raw)}}}]\n"
    (folder / name / "origin.yaml").write_text(ORIGIN.format(id=name, vintage=vintage) + own, encoding="utf-8")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two editions of one's own: a new one, and an old one in which Kenya's 2016 was 60.07."""
    write(tmp_path, "new", "2026-02-01", KEN=KENYA, UGA=UGANDA)
    write(tmp_path, "old", "2025-02-01", KEN=(*KENYA[:-1], 60.07), UGA=UGANDA)
    monkeypatch.setenv("DIVIDE_EDITIONS", str(tmp_path))
    editions.editions.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    editions.editions.cache_clear()


def held(*rows: dict[str, Any], against: tuple[str, ...] = ("new",), **defaults: Any) -> Submission:
    """The rows, with two decimals, next to these editions."""
    return replace(table(*rows, **{v.PRINTED: 2, **defaults}), against=against)


def texts(name: str, rows: Submission) -> list[tuple[str, str, str]]:
    found = hits(rule(name), rows)
    return [(one.found, one.expected, one.detail) for one in map(found.explain, range(len(found)))]


def test_the_published_figures_themselves_break_no_rule() -> None:
    rows = held(*years("internet_use", 2010, *KENYA), *years("internet_use", 2010, *UGANDA, REF_AREA="UGA"))
    for name in ("published_shifted", "published_elsewhere", "far_from_published"):
        assert (len(hits(rule(name), rows)), hits(rule(name), rows).checked) == (0, 14)


@pytest.mark.parametrize(("lag", "found"), [(-1, True), (2, True), (3, True), (4, False), (-4, False)])
def test_a_series_under_other_years(lag: int, found: bool) -> None:
    """The seven figures of 2010 to 2016, `lag` years later: up to three years are looked at."""
    shifted = held(*years("internet_use", 2010 + lag, *KENYA))
    assert lines(rule("published_shifted"), shifted) == ([2] if found else [])


def test_a_shifted_block_names_its_years_and_the_published_ones() -> None:
    """2010 and 2011 stand where they belong; 2013 to 2017 have the figures of 2012 to 2016, 27.93 to 49.57."""
    rows = held(*years("internet_use", 2010, *KENYA[:2], None, *KENYA[2:]))
    (found,) = texts("published_shifted", rows)
    assert found == (
        "27.93, 33.34, 38.75, 42.16 ...",
        "the figures of these years",
        "those of 2012 to 2016 (new) under 2013 to 2017",
    )


def test_figures_rounded_to_one_decimal_are_the_same_figures() -> None:
    """24.52 is 24.5, and 27.93 is 27.9; 24.6 and 27.8 are not."""
    rounded = [round(value, 1) for value in KENYA]
    assert lines(rule("published_shifted"), held(*years("internet_use", 2011, *rounded), PRINTED=1)) == [2]
    other = [value + 0.1 for value in rounded]
    assert lines(rule("published_shifted"), held(*years("internet_use", 2011, *other), PRINTED=1)) == []


def test_what_does_not_prove_a_shift() -> None:
    asked = rule("published_shifted")
    whole = [float(round(value)) for value in KENYA]
    assert lines(asked, held(*years("internet_use", 2011, *whole), PRINTED=0)) == []  # whole numbers agree by chance
    assert lines(asked, held(*years("internet_use", 2013, 20.11, 24.52, 27.93))) == []  # three values, not four
    # 20.11, 38.75, 42.16 and 49.57 are four of six values, 67 %; with 35.00 of 2014 they are four of seven, 57 %
    assert lines(asked, held(*years("internet_use", 2011, 20.11, 25.0, 26.0, None, 38.75, 42.16, 49.57))) == [2]
    assert lines(asked, held(*years("internet_use", 2011, 20.11, 25.0, 26.0, 35.0, 38.75, 42.16, 49.57))) == []


def test_a_level_that_lasts_proves_nothing(own: Path) -> None:
    """Figures that stand at 93 for years, with 0.1 between them, agree with those of other years by nature."""
    level = (93.11, 93.21, 93.31, 93.41, 93.51, 93.61, 93.71)
    write(own, "level", "2026-03-01", KEN=level)
    editions.editions.cache_clear()
    assert lines(rule("published_shifted"), held(*years("internet_use", 2011, *level), against=("level",))) == []
    assert lines(
        rule("published_shifted", step=0.05), held(*years("internet_use", 2011, *level), against=("level",))
    ) == [2]


def test_another_countrys_block() -> None:
    """Uganda's 2011 to 2014 in Kenya's rows; Kenya's own figures of the other years do not count against it."""
    rows = held(*years("internet_use", 2010, KENYA[0], *UGANDA[1:5], *KENYA[5:]))
    assert texts("published_elsewhere", rows) == [
        ("11.62, 14.03, 19.44, 21.85", "figures of Kenya", "Uganda of 2011 to 2014 (new)")
    ]
    three = held(*years("internet_use", 2010, KENYA[0], *UGANDA[1:4], *KENYA[4:]))
    assert texts("published_elsewhere", three) == []


def test_a_country_that_no_edition_has_may_hold_anothers_figures() -> None:
    rows = held(*years("internet_use", 2010, *(round(value, 1) for value in UGANDA)), REF_AREA="TZA", PRINTED=1)
    found = hits(rule("published_elsewhere"), rows)
    assert [found.explain(0).detail, len(found.explain(0).rows)] == ["Uganda of 2010 to 2016 (new)", 7]


def test_two_countries_whose_rows_changed_places_are_two_cases() -> None:
    rows = held(*years("internet_use", 2010, *UGANDA), *years("internet_use", 2010, *KENYA, REF_AREA="UGA"))
    assert lines(rule("published_elsewhere"), rows) == [2, 9]


NEAR = years("internet_use", 2010, 20, 25)
"""Two figures of Kenya that are near those of the edition: 20.11 and 24.52."""


def test_far_is_more_than_ten_points_beyond_rounding() -> None:
    """Two whole numbers: 38 is 10.07 from 27.93, less half a point of rounding 9.57; 39 is 11.07, less half a point 10.57."""
    assert lines(rule("far_from_published"), held(*NEAR, *years("internet_use", 2012, 38), PRINTED=0)) == []
    rows = held(*NEAR, *years("internet_use", 2012, 39), PRINTED=0)
    assert lines(rule("far_from_published"), rows) == [4]
    assert texts("far_from_published", rows) == [("39", "27.93 (new: ages 15-74)", "")]


def test_what_both_say_about_the_figure_is_quoted() -> None:
    """The ages in the edition, and those in the file: two definitions."""
    rows = held(*NEAR, *years("internet_use", 2012, 39, OBS_COMMENT="all  ages"), PRINTED=0)
    assert texts("far_from_published", rows) == [("39 (all ages)", "27.93 (new: ages 15-74)", "")]
    long = held(*NEAR, *years("internet_use", 2012, 39, OBS_COMMENT="x" * 101), PRINTED=0)
    assert texts("far_from_published", long)[0][0] == f"39 ({'x' * 100}...)"


def test_years_that_are_far_are_one_case_at_the_furthest() -> None:
    """35, 50 and 45 are 14.89, 25.48 and 17.07 points from 20.11, 24.52 and 27.93; the four other years agree."""
    rows = held(*years("internet_use", 2010, 35.0, 50.0, 45.0, *KENYA[3:]))
    assert lines(rule("far_from_published"), rows) == [3]
    assert texts("far_from_published", rows)[0][2] == "; also 2010: 35, published 20.11, 2012: 45, published 27.93"


def test_where_most_figures_differ_the_definition_does() -> None:
    """More than half of the figures of an area and indicator, and two at least, must be near for one to be a mistake.

    35, 40 and 45 are far from 20.11, 24.52 and 27.93; 33.0 and 38.0 are near 33.34 and 38.75; women at 26 are near 25.01.
    """
    far, near, women = (35.0, 40.0), (33.0, 38.0), {v.SEX: "F", v.TIME_PERIOD: 2012, v.OBS_VALUE: 26.0}
    cases = {
        (): years("internet_use", 2010, *far, 45.0),
        (2, 2): years("internet_use", 2010, *far, None, *near),
        (1, 0): [{v.SEX: "F", v.TIME_PERIOD: 2012, v.OBS_VALUE: 66.0}, *years("internet_use", 2010, 20.0)],
    }
    for rows in cases.values():
        found = hits(rule("differs_from_published"), held(*rows))
        assert (len(found), lines(rule("far_from_published"), held(*rows))) == (1, [])
    both = held(*years("internet_use", 2010, *far, None, *near), women)
    assert (lines(rule("far_from_published"), both), lines(rule("differs_from_published"), both)) == ([3], [])


def test_a_series_that_agrees_otherwise_is_held_to_five_points() -> None:
    """48.76 for 38.75 among six figures that agree is 10.01 points away, 43.9 is 5.15, 43.7 is 4.95."""
    asked = rule("far_from_published")
    for value, found in ((48.76, [6]), (43.9, [6]), (43.7, [])):
        assert lines(asked, held(*years("internet_use", 2010, *KENYA[:4], value, *KENYA[5:]))) == found
    assert (
        lines(asked, held(*years("internet_use", 2010, 21.0, 25.0, 28.0, 34.0, 43.9))) == []
    )  # none of the others agrees


def test_of_several_editions_the_nearest_counts() -> None:
    """Kenya's 2016 was 60.07 in the old edition: a file that has it agrees with what was published once."""
    rows = years("internet_use", 2010, *KENYA[:-1], 60.07)
    assert lines(rule("far_from_published"), held(*rows, against=("new", "old"))) == []
    assert texts("far_from_published", held(*rows)) == [("60.07", "49.57 (new: ages 15-74)", "")]


def test_only_rows_with_the_published_key_are_compared() -> None:
    """Women with women; regions, further groups and other ages have no partner, and are counted as not checked."""
    asked, counted = rule("differs_from_published"), rule("far_from_published")
    far = {v.TIME_PERIOD: 2012, v.OBS_VALUE: 90.0, v.INDICATOR: "internet_use"}
    assert lines(asked, held({**far, v.SEX: "F"})) == [2]
    for further in ({v.AGE: "Y15T24"}, {v.URBANISATION: "URB"}, {v.REF_AREA: "TZA"}, {v.TIME_PERIOD: 2019}):
        found = hits(counted, held({**far, **further}))
        assert (len(found), found.checked, found.not_checked) == (0, 0, {NotChecked.NOT_PUBLISHED: 1})
    for further in ({"SUBNATIONAL_AREA": "Coast"}, {"EDUCATION": "tertiary"}):
        found = hits(counted, held({**far, **further}))
        assert (len(found), found.checked, found.not_checked) == (0, 0, {NotChecked.WITHIN_COUNTRY: 1})
    assert lines(asked, held({**far, "EDUCATION": "_T"}, {**far, "EDUCATION": "tertiary"})) == [2]
    unknown = hits(counted, held({**far, v.INDICATOR: "mobile_ownership"}))
    assert (unknown.checked, unknown.not_checked) == (0, {NotChecked.NO_EDITION: 1})


def test_the_order_of_the_rows_changes_nothing() -> None:
    """Five series, shuffled: the same cases with the same words.

    Kenya is at most 7.41 points away (49.57 less 42.16) but for women and men; all figures of Uganda are far.
    """
    rows = [
        *years("internet_use", 2011, *KENYA), *years("internet_use", 2010, *KENYA, REF_AREA="UGA"),
        *years("internet_use", 2010, 60.0, 70.0, 80.0, REF_AREA="KEN", SEX="_T", URBANISATION="_T", AGE="_T", SUBNATIONAL_AREA="Coast"),
        {v.INDICATOR: "internet_use", v.SEX: "F", v.TIME_PERIOD: 2012, v.OBS_VALUE: 66.0},
        {v.INDICATOR: "internet_use", v.SEX: "M", v.TIME_PERIOD: 2012, v.OBS_VALUE: 77.0},
    ]  # fmt: skip
    names = ("published_shifted", "published_elsewhere", "far_from_published", "differs_from_published")
    first = {name: texts(name, held(*rows, SUBNATIONAL_AREA="_T")) for name in names}
    assert [len(cases) for cases in first.values()] == [1, 1, 2, 1]
    for seed in range(8):
        shuffled = random.Random(seed).sample(rows, len(rows))
        again = {name: texts(name, held(*shuffled, SUBNATIONAL_AREA="_T")) for name in names}
        assert again == first


def test_areas_checked_apart_are_checked_alike() -> None:
    """The cases are within an area: a block of one area finds what the whole finds."""
    whole = held(*years("internet_use", 2011, *KENYA), *years("internet_use", 2010, *KENYA, REF_AREA="UGA"))
    for name in ("published_shifted", "published_elsewhere", "far_from_published"):
        apart = [
            case
            for area in ("KEN", "UGA")
            for case in texts(name, replace(submission_of_area(whole, area), against=whole.against))
        ]
        assert apart == texts(name, whole)
        assert kinds()[rule(name).kind].by_area


def submission_of_area(rows: Submission, area: str) -> Submission:
    return submission_of(replace(rows.read, frame=rows.frame[rows.frame[v.REF_AREA] == area].reset_index(drop=True)))


def test_without_editions_nothing_is_compared() -> None:
    found = hits(rule("far_from_published"), table(*years("internet_use", 2010, 90.0)))
    assert (len(found), found.checked, found.not_checked) == (0, 0, {NotChecked.NO_EDITION: 1})


@pytest.fixture(scope="module")
def world() -> Any:
    """Internet use of all economies as the World Bank has it, 2005 to 2024, with one decimal."""
    read = editions.load("wdi_2025_10")
    frame = read.frame[read.frame[v.TIME_PERIOD] >= 2005].reset_index(drop=True)
    return replace(read, frame=frame.assign(**{v.OBS_VALUE: frame[v.OBS_VALUE].round(1)}))


def cases_in(name: str, read: Any) -> int:
    return len(hits(rule(name), submission_of(read, against=("wdi_2026_08", "wdi_2025_10"))))


def test_a_year_more_is_seen_in_most_countries(world: Any) -> None:
    """Countries with four figures that have decimals, vary by half a point and are below 97 %: about nine of ten."""
    frame = world.frame
    later = replace(world, frame=frame.assign(**{v.TIME_PERIOD: (frame[v.TIME_PERIOD] + 1).astype("int16")}))
    assert cases_in("published_shifted", later) > 0.8 * frame[v.REF_AREA].nunique()
    assert cases_in("published_elsewhere", later) == 0


def test_figures_of_their_own_are_nobodys(world: Any) -> None:
    """A level of its own for each country, up to five points off, and a deviation in each year: nothing is found."""
    random_numbers = np.random.default_rng(80_174)
    area = world.frame[v.REF_AREA].cat.codes.to_numpy()
    for spread in (0.3, 1.0, 5.0):
        off = random_numbers.normal(0, spread, area.max() + 1)[area] + random_numbers.normal(0, spread / 3, len(area))
        values = np.clip(world.frame[v.OBS_VALUE] + off, 0, 100).round(1)
        other = replace(world, frame=world.frame.assign(**{v.OBS_VALUE: values}))
        assert (cases_in("published_shifted", other), cases_in("published_elsewhere", other)) == (0, 0)
