"""Records with a design -> the columns of estimates, the same on every engine, and one clear error for each fault."""

import itertools
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from divide_cli.errors import CatalogueError
from divide_cli.survey.design import Design
from divide_cli.survey.design_file import read_design
from divide_cli.survey.microdata import Labels, in_memory, open_microdata
from divide_cli.survey.variables import Choices, Prepared, needed, prepare

YES, NO, SILENT = 1, 2, 9
QUESTION = {"yes": [YES], "no": [NO], "not_stated": [SILENT]}


def design(tmp_path: Path, **keys: Any) -> Design:
    content = {"survey": {"name": "Test"}, "area": "TUN", "year": 2024, "weight": "w", **keys}
    path = tmp_path / "design.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return read_design(path)


def collected(prepared: Prepared) -> pd.DataFrame:
    frame = prepared.frame.collect().to_pandas().copy()
    for dimension, codes in prepared.codes.items():
        frame[dimension] = [codes[int(number)] for number in frame[dimension]]
    return frame.astype({name: float for name in frame if name[:2] in ("x_", "y_")})


def sums(prepared: Prepared) -> dict[str, tuple[float, float]]:
    """Of each indicator the weighted sums of y and x."""
    frame = collected(prepared)

    w = frame[prepared.weight].astype(float)
    return {
        one.indicator: (float((w * frame[one.numerator]).sum()), float((w * frame[one.denominator]).sum()))
        for one in prepared.quantities
    }


@pytest.mark.parametrize("combine", ["any", "all"])
def test_several_questions_follow_three_valued_logic(tmp_path: Path, combine: str) -> None:
    """Kleene's tables: `any` is yes if one is, no if both are, else unknown; `all` is no if one is, yes if both are."""
    pairs = list(itertools.product([YES, NO, SILENT, None], repeat=2))
    read = design(tmp_path, indicators={"internet_use": {combine: ["a", "b"], **QUESTION}})
    frame = pd.DataFrame({"w": 1.0, "a": [a for a, _ in pairs], "b": [b for _, b in pairs]})
    (prepared,) = prepare(in_memory(frame), read)
    table = collected(prepared)
    one_decides, all_decide = (YES, NO) if combine == "any" else (NO, YES)
    for (a, b), y, x in zip(pairs, table["y_internet_use"], table["x_internet_use"], strict=True):
        answers = {a, b}
        answer = one_decides if one_decides in answers else all_decide if answers == {all_decide} else None
        assert (y, x) == (float(answer == YES), float(answer is not None)), (a, b)


@pytest.mark.parametrize(("missing", "expected"), [("exclude", (3.0, 7.0)), ("no", (3.0, 19.0))])
def test_missing_answers_are_left_out_or_count_as_no(
    tmp_path: Path, missing: str, expected: tuple[float, float]
) -> None:
    """By hand: weights 3 (yes), 4 (no), 5 (not stated), 7 (empty); 3 of 7, or 3 of 19."""
    read = design(tmp_path, missing=missing, indicators={"internet_use": {"variable": "a", **QUESTION}})
    frame = pd.DataFrame({"w": [3, 4, 5, 7], "a": [YES, NO, SILENT, None]})
    (prepared,) = prepare(in_memory(frame), read)
    assert sums(prepared) == {"internet_use": expected}
    code = {"exclude": "survey_answers_excluded", "no": "survey_answers_counted"}[missing]
    assert [(note.code, note.count) for note in prepared.notes] == [(code, 2)]


def test_ages_filters_and_ranges_say_who_is_in_the_scope(tmp_path: Path) -> None:
    """By hand. In scope: ages 15 to 74 with job 1; rows 2 and 4; use on at least 1 day: row 4 of weight 8."""
    days = {"variable": "days", "yes": {"at_least": 1}, "no": 0, "not_stated": [99], "filter": {"job": [1, "x"]}}
    ages = {"AGE": {"variable": "age", "bands": ["Y15T24", "Y25T74"], "unknown": [998]}}
    read = design(tmp_path, ages=[15, 74], breakdowns=ages, indicators={"internet_use": days})
    frame = pd.DataFrame(
        {"w": [1, 2, 4, 8, 16], "age": [14, 15, 75, 74, 998], "days": [5, 0, 5, 7, 5], "job": [1, 1, 1, 1, 1]}
    )
    frame.loc[len(frame)] = [32, 30, 3, 2]  # no job: outside
    (prepared,) = prepare(in_memory(frame), read)
    assert sums(prepared) == {"internet_use": (8.0, 10.0)}
    assert collected(prepared)["AGE"].tolist() == ["_X", "Y15T24", "_X", "Y25T74", "_X", "Y25T74"]


@pytest.mark.parametrize("no", [0, "other", {"at_most": 0}])
@pytest.mark.parametrize("silent", [[99], {"at_least": 98}])
def test_values_that_are_not_stated_are_in_no_range(tmp_path: Path, no: Any, silent: Any) -> None:
    """By hand: on 0, 5, 99, 0 and 3 days with weights 1, 2, 4, 8 and 16; yes are 2 + 16 of 27, without the weight 4."""
    top = {} if silent == [99] else {"at_most": 97}
    days = {"variable": "days", "yes": {"at_least": 1, **top}, "no": no, "not_stated": silent}
    frame = pd.DataFrame({"w": [1, 2, 4, 8, 16], "days": [0, 5, 99, 0, 3]})
    (prepared,) = prepare(in_memory(frame), design(tmp_path, indicators={"internet_use": days}))
    assert sums(prepared) == {"internet_use": (18.0, 27.0)}


def test_means_totals_and_ratios(tmp_path: Path) -> None:
    """By hand, weights 1, 2, 3 and 4. Hours 10, 20, empty, 30: mean (10 + 40 + 120) / 7. Users: 1 + 4 of 7.

    Those without an answer are not among the respondents of a total either.
    """
    indicators = {
        "hours": {"name": "Hours", "kind": "mean", "variable": "h", "not_stated": [99]},
        "spent": {"name": "Spent", "kind": "total", "variable": "h", "not_stated": [99]},
        "users": {"name": "Users", "kind": "total", "variable": "a", **QUESTION},
        "each": {"name": "Hours of a person", "kind": "ratio", "variable": "h", "per": "n", "not_stated": [99]},
    }
    frame = pd.DataFrame({"w": [1, 2, 3, 4], "h": [10, 20, 99, 30], "a": [1, 2, 9, 1], "n": [1, 2, 5, 3]})
    (prepared,) = prepare(in_memory(frame), design(tmp_path, indicators=indicators))
    assert sums(prepared) == {
        "hours": (170.0, 7.0),
        "spent": (170.0, 7.0),
        "users": (5.0, 7.0),
        "each": (170.0, 1 + 4 + 12),
    }


RECORDS = pd.DataFrame(
    {
        "w": [1.5, 2.5, None, 0.0, 3.5, 4.0] * 4,
        "region": ["a", "a", "b", "b", "a", "b"] * 4,
        "urban": ["u", "r", "u", "r"] * 6,
        "ea": [1, 2, 3] * 8,
        "sex": [1, 2, 9, 1, None, 2] * 4,
        "age": [20, 40, 998, 80, 15, 24] * 4,
        "a": [1, 2, 9, None] * 6,
        "b": [2.0, 2.0, 1.0, 9.0, None, 1.0] * 4,
        "h": [1.25, None, 99.0, 3.0, 0.0, 7.5] * 4,
        "flag": [True, False, True, True] * 6,
    }
)
EVERYTHING: dict[str, Any] = {
    "strata": ["region", "urban"],
    "clusters": "ea",
    "breakdowns": {
        "SEX": {"variable": "sex", "codes": {1: "M", 2: "F"}, "unknown": [9]},
        "AGE": {"variable": "age", "bands": ["Y15T24", "Y25T74"], "unknown": [998]},
        "URBANISATION": {"variable": "urban", "codes": {"u": "URB", "r": "RUR"}},
    },
    "indicators": {
        "internet_use": {"any": ["a", "b"], **QUESTION, "ages": [15, 74]},
        "mobile_ownership": {"variable": "flag", "yes": True, "no": "other"},
        "hours": {"name": "Hours", "kind": "mean", "variable": "h", "not_stated": 99, "filter": {"flag": True}},
    },
}


def on_engine(engine: str, folder: Path) -> Any:
    if engine == "pandas":
        return RECORDS
    if engine == "arrow types":
        return RECORDS.convert_dtypes(dtype_backend="pyarrow")
    if engine == "categories":
        return RECORDS.astype({"region": "category", "urban": "category"})
    library = pytest.importorskip(engine.split(maxsplit=1)[0])
    if engine == "polars":
        return library.from_pandas(RECORDS).lazy()
    if engine == "polars with NaN":
        return library.from_pandas(RECORDS, nan_to_null=False).lazy()
    RECORDS.to_parquet(folder / "records.parquet")
    return library.sql(f"select * from '{folder / 'records.parquet'}'")


@pytest.mark.parametrize("engine", ["pandas", "arrow types", "categories", "polars", "polars with NaN", "duckdb"])
def test_every_engine_gives_the_same_columns(tmp_path: Path, engine: str) -> None:
    """The oracle is plain pandas, written here row by row."""
    read = design(tmp_path, **EVERYTHING)
    (prepared,) = prepare(in_memory(on_engine(engine, tmp_path)), read)
    frame = collected(prepared)
    expected = []
    for row in RECORDS[RECORDS["w"] > 0].to_dict("records"):
        answers = {row["a"], row["b"]}
        use = YES in answers, YES in answers or answers == {NO}
        scope = 15 <= row["age"] <= 74
        hours = row["flag"] and row["h"] == row["h"] and row["h"] != 99
        age = "Y15T24" if 15 <= row["age"] <= 24 else "Y25T74" if 25 <= row["age"] <= 74 else "_X"
        expected.append(
            (
                *(
                    row["w"],
                    f"{row['region']} / {row['urban']}",
                    row["ea"],
                    {1: "M", 2: "F"}.get(row["sex"], "_X"),
                    age,
                ),
                *({"u": "URB", "r": "RUR"}[row["urban"]], float(use[0] and scope), float(use[1] and scope)),
                *(float(row["flag"]), 1.0, row["h"] if hours else 0.0, float(hours)),
            )
        )
    names = [prepared.weight, prepared.strata, *prepared.stages, "SEX", "AGE", "URBANISATION"]
    names += [name for one in prepared.quantities for name in (one.numerator, one.denominator)]
    rows = [tuple(row) for row in frame[names].astype({prepared.weight: float}).itertuples(index=False)]
    assert sorted(rows) == sorted(expected)
    assert not frame.isna().any().any()
    assert {(note.code, note.count) for note in prepared.notes} == {
        ("survey_weight_zero", 4),
        ("survey_weight_missing", 4),
        ("survey_breakdown_unknown", sum(row[3] == "_X" for row in expected)),
        ("survey_answers_excluded", sum(row[4] != "_X" and row[7] == 0 for row in expected)),
        ("survey_answers_excluded", sum(row[8] == 1 and row[11] == 0 for row in expected)),
        ("survey_outside_scope", sum(row[8] == 0 for row in expected)),
    } - {("survey_answers_excluded", 0)}


def messages_of(error: CatalogueError) -> list[tuple[str, str]]:
    return [(one.code, one.found) for one in (error, *error.others)]


def test_all_faults_of_the_records_are_said_at_once_with_their_counts(tmp_path: Path) -> None:
    frame = RECORDS.assign(id=[1, *range(1, 24)], ea=RECORDS["ea"].where(RECORDS.index > 0))
    frame.loc[1, "w"], frame.loc[7, "w"] = -2.0, float("inf")
    frame.loc[4, "a"] = 7
    frame.loc[5, "age"] = 130
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(frame), design(tmp_path, id="id", **EVERYTHING))
    assert messages_of(raised.value) == [
        ("survey_weight_negative", "2 of 24 rows"),
        ("survey_sample_missing", "1 of 15 rows"),
        ("survey_age_impossible", "1 of 15 rows: 130 in 1"),
        ("survey_value_unlisted", "1 of 15 rows: 7 in 1"),
        ("survey_id_duplicate", "1 id in 2 rows, such as 1"),
    ]


def test_messages_have_the_labels_of_values(tmp_path: Path) -> None:
    read = design(tmp_path, indicators={"internet_use": {"variable": "a", "yes": [YES], "no": [NO]}})
    labels = Labels(values={"a": {9.0: "Don't know"}})
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(pd.DataFrame({"w": 1.0, "a": [1.0, 9.0, 9.0, 5.0]}), labels=labels), read)
    assert raised.value.found == "3 of 4 rows: 9 (Don't know) in 2, 5 in 1"


def test_variables_that_the_data_lack_are_named_with_the_nearest(tmp_path: Path) -> None:
    read = design(tmp_path, strata="regoin", indicators={"internet_use": {"variable": "A", **QUESTION}})
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(RECORDS), read)
    assert messages_of(raised.value) == [
        ("survey_variable_missing", "`regoin` in strata"),
        ("survey_variable_missing", "`A` in indicators, internet_use"),
    ]
    hints = [one.hint for one in (raised.value, *raised.value.others)]
    assert hints == ["did you mean region?", "did you mean a, ea, age?"]


def test_only_what_is_chosen_is_needed_and_checked(tmp_path: Path) -> None:
    """A value that the design does not list is no error of an indicator that nobody asks for."""
    read = design(tmp_path, **EVERYTHING)
    chosen = Choices(("mobile_ownership",), ("SEX",))
    assert needed(read, chosen) == ("w", "region", "urban", "ea", "sex", "flag")
    (prepared,) = prepare(in_memory(RECORDS.assign(a=7)), read, chosen)
    assert [one.indicator for one in prepared.quantities] == ["mobile_ownership"]
    assert prepared.breakdowns == {"SEX": "SEX"}


HOUSEHOLDS = pd.DataFrame({"hh": [1, 2, 3], "w": [10.0, 20.0, 30.0], "size": [2, 1, 4], "net": [1, 2, 1]})
PERSONS = pd.DataFrame({"hh": [1, 1, 2, 3], "sex": [1, 2, 2, 1], "use": [1, 1, 2, 2]})
INDICATORS = {
    "households_with_internet": {"variable": "net", "yes": [1], "no": [2]},
    "at_home": {"name": "Internet at home", "unit": "persons", "variable": "net", "yes": [1], "no": [2]},
}


def test_households_with_a_roster_give_figures_of_both(tmp_path: Path) -> None:
    """By hand. Households: 10 + 30 of 60. Persons at home: 10 + 10 + 30 of 70; users: 10 + 10 of 70."""
    use = {"internet_use": {"variable": "use", "yes": [1], "no": [2]}}
    roster = {"file": "persons.csv", "key": "hh"}
    read = design(tmp_path, unit="households", roster=roster, indicators={**INDICATORS, **use})
    households, persons = prepare(in_memory(HOUSEHOLDS), read, roster=in_memory(PERSONS))
    assert (households.unit, persons.unit) == ("households", "persons")
    assert sums(households) == {"households_with_internet": (40.0, 60.0)}
    assert sums(persons) == {"at_home": (50.0, 70.0), "internet_use": (20.0, 70.0)}


def test_households_without_a_roster_count_their_members(tmp_path: Path) -> None:
    """By hand. Weights 10 x 2, 20 x 1 and 30 x 4; at home: 20 + 120 of 160."""
    read = design(tmp_path, unit="households", members="size", indicators=INDICATORS)
    households, persons = prepare(in_memory(HOUSEHOLDS), read)
    assert sums(households) == {"households_with_internet": (40.0, 60.0)}
    assert sums(persons) == {"at_home": (140.0, 160.0)}


def test_rows_without_their_other_half_are_counted(tmp_path: Path) -> None:
    roster = {"file": "persons.csv", "key": "hh"}
    read = design(tmp_path, unit="households", roster=roster, indicators=INDICATORS)
    (_, persons) = prepare(in_memory(HOUSEHOLDS), read, roster=in_memory(PERSONS[PERSONS["hh"] != 2]))
    assert [(note.code, note.count) for note in persons.notes] == [("survey_household_empty", 1)]
    strangers = pd.concat([PERSONS, pd.DataFrame({"hh": [7, 8], "sex": 1, "use": 1})])
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(HOUSEHOLDS), read, roster=in_memory(strangers))
    assert messages_of(raised.value) == [("survey_household_missing", "2 of 6 persons")]
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(pd.concat([HOUSEHOLDS, HOUSEHOLDS])), read, roster=in_memory(PERSONS))
    assert ("survey_id_duplicate", "3 ids in 6 rows, such as 1, 2, 3") in messages_of(raised.value)


def test_keys_of_both_files_are_compared_as_numbers(tmp_path: Path) -> None:
    """Whole numbers in one file, with decimals in the other, which a missing value causes; also in polars."""
    polars = pytest.importorskip("polars")
    roster = {"file": "persons.csv", "key": "hh"}
    read = design(tmp_path, unit="households", roster=roster, indicators=INDICATORS)
    for library in (lambda frame: frame, polars.from_pandas):
        persons = library(PERSONS.astype({"hh": float}))
        _, of_persons = prepare(in_memory(library(HOUSEHOLDS)), read, roster=in_memory(persons))
        assert sums(of_persons) == {"at_home": (50.0, 70.0)}


def test_variables_are_looked_for_in_the_file_that_needs_them(tmp_path: Path) -> None:
    """The key is needed in both files, the strata with the households; `use` is a variable of persons."""
    use = {"households_with_internet": {"variable": "use", "yes": [1], "no": [2]}}
    roster = {"file": "persons.csv", "key": "hh"}
    read = design(tmp_path, unit="households", roster=roster, strata="sex", indicators=use)
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(HOUSEHOLDS), read, roster=in_memory(PERSONS))
    assert [one.parts["variable"] for one in (raised.value, *raised.value.others)] == ["sex", "use"]
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(HOUSEHOLDS), read, roster=in_memory(PERSONS.rename(columns={"hh": "HH"})))
    assert raised.value.parts["variable"] == "hh"


@pytest.mark.parametrize("combined", [True, False])
def test_replicate_weights_are_full_weights_in_the_order_of_their_numbers(tmp_path: Path, combined: bool) -> None:
    """A factor of 2 and a weight of 3 are a replicate weight of 6."""
    columns = {f"rep{number}": [float(number), 2.0] for number in (10, 2, 1)}
    frame = pd.DataFrame({"w": [1.0, 3.0], "a": [1, 2], **columns})
    replicates = {"columns": "rep*", "method": "jackknife1", "combined": combined}
    read = design(tmp_path, replicate_weights=replicates, indicators={"internet_use": {"variable": "a", **QUESTION}})
    (prepared,) = prepare(in_memory(frame), read)
    assert prepared.replicates is not None
    table = collected(prepared)[list(prepared.replicates.columns)].to_numpy().tolist()
    assert table == [[1.0, 2.0, 10.0], [2.0, 2.0, 2.0] if combined else [6.0, 6.0, 6.0]]


SHARES = {("tun_r7", "withinwt"): 59.45, ("tun_r8", "withinwt_hh"): 61.95, ("tun_r8", "withinwt_ea"): 60.5}


@pytest.mark.parametrize(("file", "weight"), SHARES)
def test_internet_users_of_tunisia(raw: Path, tmp_path: Path, file: str, weight: str) -> None:
    """The shares that were worked out by hand from the two rounds, as the note on their source prints them."""
    pytest.importorskip("pyreadstat")
    question = {"tun_r7": "Q91B", "tun_r8": "Q92I"}[file]
    use = {"variable": question, "yes": [1, 2, 3, 4], "no": [0], "not_stated": [-1, 8, 9]}

    content = {
        "survey": {"name": "T"},
        "area": "TUN",
        "year": 2020,
        "weight": weight,
        "indicators": {"internet_use": use},
    }
    (tmp_path / "design.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    read = read_design(tmp_path / "design.yaml")
    data = open_microdata(raw / "microdata_afrobarometer" / f"{file}_data.sav", needed(read))
    (prepared,) = prepare(data, read)
    y, x = sums(prepared)["internet_use"]
    printed = f"{SHARES[file, weight]}"
    assert round(100 * y / x, len(printed.partition(".")[2])) == SHARES[file, weight]


def test_an_infinite_weight_is_shown_and_no_number_beside_it(tmp_path: Path) -> None:
    read = design(tmp_path, indicators={"internet_use": {"variable": "a", **QUESTION}})
    with pytest.raises(CatalogueError) as raised:
        prepare(in_memory(pd.DataFrame({"w": ["110", "Inf", "x", "130"], "a": [YES, NO, YES, NO]})), read)
    assert ("survey_variable_text", "texts such as 'Inf', 'x'") in messages_of(raised.value)
