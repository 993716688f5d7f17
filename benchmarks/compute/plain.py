"""The yardstick: what `divide compute FILE` does, as a careful analyst would script it in pandas.

`python plain.py FILE FOLDER` reads a tidy CSV with SDMX columns with the defaults of `read_csv`; checks types, codes,
units, range, years and key; weights with WDI and UN WPP populations; and writes gaps.parquet and aggregates.parquet. It
works on whole columns, without a loop over rows. It imports nothing of divide_cli; the facts are read from data/ or
given below. Left out, to its advantage: hash and line numbers, messages that point to a cell, footnotes, tables, the
parity band, and comments on single members.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data"
MINIMUM = 75.0
UNCOUNTED = "not computable: no population for this breakdown and year"
VINTAGE = "2026-07-01"
MEMBERSHIP = "FY27 (membership of 2026-07-01)"
UNITS = {
    "coverage_4g": "PT", "internet_use": "PT", "mobile_ownership": "PT", "population": "PS",
    "skill_privacy_settings": "PT", "skill_security_measures": "PT",
}  # fmt: skip
WEIGHTS = {
    "coverage_4g": 0,
    "internet_use": 0,
    "mobile_ownership": 10,
    "skill_privacy_settings": 0,
    "skill_security_measures": 0,
}
COMBINED = ("coverage_4g", "internet_use", "mobile_ownership")
LISTS = ("world", "income_group", "ldc", "lldc", "sids_un", "itu_region")
DIMENSIONS = ["SEX", "AGE", "URBANISATION"]
COMPARISONS = {
    "income": ("income_group", "HIC", "LIC"),
    "urbanisation": ("URBANISATION", "URB", "RUR"),
    "sex": ("SEX", "M", "F"),
    "youth": ("AGE", "Y15T24", "Y25T74"),
}
GAPS = [
    *(("internet_use", name) for name in COMPARISONS),
    *(("mobile_ownership", name) for name in COMPARISONS),
    *(("coverage_4g", name) for name in ("income", "urbanisation")),
    *(
        (skill, name)
        for skill in ("skill_privacy_settings", "skill_security_measures")
        for name in ("sex", "urbanisation", "youth")
    ),
]
GAP_COLUMNS = [
    "GAP", "INDICATOR", "OVER", "REFERENCE", "COMPARED", "MEASURE", "REF_AREA", *DIMENSIONS, "TIME_PERIOD", "OBS_VALUE",
    "UNIT_MEASURE", "REFERENCE_VALUE", "COMPARED_VALUE", "BOUND_LOWER", "BOUND_UPPER", "COVERAGE", "REFERENCE_COVERAGE",
    "COMPARED_COVERAGE", "N_AREAS", "N_AREAS_TOTAL", "OBS_STATUS", "OBS_COMMENT", "EDITION", "MEMBERSHIP", "WEIGHTS",
    "SOURCE",
]  # fmt: skip
VALUE_COLUMNS = [name for name in GAP_COLUMNS if name not in (
    "GAP", "OVER", "REFERENCE", "COMPARED", "MEASURE", "REFERENCE_VALUE", "COMPARED_VALUE", "REFERENCE_COVERAGE",
    "COMPARED_COVERAGE",
)]  # fmt: skip


def divided(numerator, denominator):
    return numerator / denominator.where(denominator != 0)


# ruff: noqa: ARG005 (every formula takes the same four)
MEASURES = {  # name: (formula of r, c, N_r, N_c; unit; whether it rises with the reference)
    "absolute_difference": (lambda r, c, n, m: r - c, "PP", True),
    "ratio": (lambda r, c, n, m: divided(r, c), "RATIO", True),
    "parity_score": (lambda r, c, n, m: divided(c, r), "RATIO", False),
    "relative_gap": (lambda r, c, n, m: 100 * divided(r - c, r), "PT", True),
    "relative_gap_to_compared": (lambda r, c, n, m: 100 * divided(r - c, c), "PT", True),
    "adjusted_parity": (lambda r, c, n, m: divided(c, r).where(c <= r, 2 - divided(r, c)), "RATIO", False),
    "excess_persons": (lambda r, c, n, m: (r * n - c * m) / 100, "PS", True),
    "persons_to_parity": (lambda r, c, n, m: (r - c) * m / 100, "PS", True),
}


def codes(name):
    return pd.read_csv(DATA / "catalogue" / "codelists" / f"{name}.csv", keep_default_na=False)


def check(frame, further):
    """Stops at the first thing that is wrong: types, codes, units, range, years, key."""
    if not pd.api.types.is_float_dtype(frame["OBS_VALUE"]) or not pd.api.types.is_integer_dtype(frame["TIME_PERIOD"]):
        raise SystemExit("a value or a year is not a number")
    for name in ("REF_AREA", "URBANISATION", "SEX", "AGE", "UNIT_MEASURE", "OBS_STATUS"):
        codelist = "CL_AREA" if name == "REF_AREA" else f"CL_{name}"
        wrong = ~frame[name].isin(codes(codelist)["code"])
        if wrong.any():
            raise SystemExit(f"unknown codes of {name}: {frame.loc[wrong, name].unique()[:5]}")
    if not frame["INDICATOR"].isin(list(UNITS)).all():
        raise SystemExit("an unknown indicator")
    if frame[further].isna().any().any():
        raise SystemExit("an empty breakdown")
    if (frame["UNIT_MEASURE"] != frame["INDICATOR"].map(UNITS)).any():
        raise SystemExit("a unit is not the indicator's")
    highest = frame["UNIT_MEASURE"].map({"PT": 100.0, "PS": np.inf})
    if ((frame["OBS_VALUE"] < 0) | (frame["OBS_VALUE"] > highest)).any():
        raise SystemExit("a value is out of range")
    if not frame["TIME_PERIOD"].between(1900, 2100).all():
        raise SystemExit("a year is out of range")
    if frame.duplicated(["REF_AREA", "INDICATOR", *DIMENSIONS, *further, "TIME_PERIOD"]).any():
        raise SystemExit("two rows have one key")


def membership():
    """REF_AREA and GROUP of every membership at the vintage."""
    lists = [pd.read_csv(DATA / "catalogue" / "area_groups" / f"{name}.csv") for name in LISTS]
    rows = pd.concat(lists)
    inside = (rows["valid_from"] <= VINTAGE) & (rows["valid_to"].isna() | (rows["valid_to"] > VINTAGE))
    return rows.loc[inside, ["REF_AREA", "GROUP"]]


def populations(years, asked):
    """Persons by base (0, or 10 for ages 10 and over), area, breakdown and year."""
    wdi = pd.read_csv(DATA / "sources" / "wdi_population_2026_07" / "observations.csv")
    wpp = pd.read_csv(DATA / "sources" / "un_wpp_2024" / "observations.csv")
    bands = wpp.pivot(index=["REF_AREA", "SEX", "AGE"], columns="TIME_PERIOD", values="OBS_VALUE")
    bands = bands.reindex(columns=range(bands.columns.min(), bands.columns.max() + 1))
    bands = bands.interpolate(axis=1, limit_area="inside")[[year for year in years if year in bands.columns]]
    spans = codes("CL_AGE").set_index("code")[["age_from", "age_to"]].replace("", np.nan).astype(float)
    held = spans.loc[bands.index.get_level_values("AGE").unique()]
    made = []
    for base in (0, 10):
        for age in asked:
            start = max(spans.loc[age, "age_from"], base) if age != "_T" else base
            end = spans.loc[age, "age_to"] if age != "_T" else np.nan
            end = np.inf if np.isnan(end) else end
            tiles = held[(held["age_from"] >= start) & (held["age_to"].fillna(np.inf) <= end)]
            fills = len(tiles) and tiles["age_from"].min() == start and tiles["age_to"].fillna(np.inf).max() == end
            if not fills:
                continue
            part = (
                bands[bands.index.get_level_values("AGE").isin(tiles.index)]
                .groupby(["REF_AREA", "SEX"])
                .sum(min_count=1)
            )
            both = part.groupby("REF_AREA").sum(min_count=1)
            both.index = pd.MultiIndex.from_product([both.index, ["_T"]], names=["REF_AREA", "SEX"])
            long = pd.concat([part, both]).stack().rename("PERSONS").reset_index()
            made.append(long.assign(AGE=age, URBANISATION="_T", BASE=base))
    later = pd.concat(made)
    first = wdi.rename(columns={"OBS_VALUE": "PERSONS"}).assign(BASE=0)
    key = ["BASE", "REF_AREA", *DIMENSIONS, "TIME_PERIOD"]
    both = pd.concat([first[[*key, "PERSONS"]], later[[*key, "PERSONS"]]]).dropna(subset="PERSONS")
    both = both[both["TIME_PERIOD"].isin(years)]
    return both.drop_duplicates(key)  # WDI is first


def aggregated(frame, persons, members, further):
    """The values of the groups from those of economies."""
    key = ["INDICATOR", *DIMENSIONS, *further, "TIME_PERIOD"]
    frame = frame[frame["INDICATOR"].isin(COMBINED)]
    cell = frame.groupby(key, sort=False).ngroup()
    cells = frame.loc[~cell.duplicated(), key].reset_index(drop=True)
    reports = frame["OBS_VALUE"].notna()
    counted = reports & frame["PERSONS"].notna()
    weight = frame["PERSONS"].where(counted)
    parts = pd.DataFrame(
        {
            "cell": cell,
            "REF_AREA": frame["REF_AREA"],
            "people": weight,
            "amount": weight * frame["OBS_VALUE"],
            "N_AREAS": counted.astype(int),
            "estimates": (counted & (frame["OBS_STATUS"] == "E")).astype(int),
        }
    )
    cells["BASE"] = cells["INDICATOR"].map(WEIGHTS)
    plain = (cells[further] == "_T").all(axis=1)
    base = ["BASE", *DIMENSIONS, "TIME_PERIOD"]
    whole = persons[(persons["BASE"] == 0) & (persons[DIMENSIONS] == "_T").all(axis=1)]
    whole = whole[["REF_AREA", "TIME_PERIOD", "PERSONS"]].rename(columns={"PERSONS": "whole"})
    persons = persons.merge(whole, how="left", on=["REF_AREA", "TIME_PERIOD"], validate="many_to_one")
    made = []
    for group, rows in members.groupby("GROUP"):
        inside = parts[parts["REF_AREA"].isin(rows["REF_AREA"])]
        sums = (
            inside.groupby("cell")[["people", "amount", "N_AREAS", "estimates"]]
            .sum()
            .reindex(cells.index, fill_value=0)
        )
        total = (
            persons[persons["REF_AREA"].isin(rows["REF_AREA"])]
            .groupby(base)
            .agg(sum=("PERSONS", "sum"), size=("PERSONS", "size"), met=("whole", "sum"), met_size=("whole", "count"))
        )
        all_of = whole[whole["REF_AREA"].isin(rows["REF_AREA"])].groupby("TIME_PERIOD")["whole"]
        group_frame = (
            cells.join(sums)
            .merge(total, how="left", left_on=base, right_index=True, validate="many_to_one")
            .merge(
                all_of.agg(all="sum", all_size="size"),
                how="left",
                left_on="TIME_PERIOD",
                right_index=True,
                validate="many_to_one",
            )
        )
        made.append(group_frame.assign(REF_AREA=group, N_AREAS_TOTAL=len(rows), plain=plain))
    values = pd.concat(made, ignore_index=True)
    values["POPULATION"] = values["sum"].where(values["plain"] & (values["sum"] > 0))
    share = values["people"] / values["POPULATION"]
    value = divided(values["amount"], values["people"])
    lacking = values["N_AREAS_TOTAL"] - values["size"].fillna(0)  # members without a weight, and what they may weigh
    bounded = lacking == values["all_size"].fillna(0) - values["met_size"].fillna(0)
    most = (values["all"] - values["met"]).where(bounded, np.inf).mask(lacking == 0, 0)
    least = values["people"] / (values["POPULATION"] + most)
    values["BOUND_LOWER"] = least * value.fillna(0)
    values["BOUND_UPPER"] = values["BOUND_LOWER"] + (1 - least) * 100
    values["COVERAGE"] = 100 * share
    uncounted = share.isna()
    silent = ~uncounted & (values["N_AREAS"] == 0)
    withheld = ~silent & (values["COVERAGE"] < MINIMUM)
    values["OBS_VALUE"] = value.mask(withheld | uncounted | silent)
    estimated = values["estimates"] > 0
    values["OBS_STATUS"] = np.select([uncounted | silent, withheld, estimated], ["O", "Q", "E"], "A")
    values["OBS_COMMENT"] = np.select(
        [uncounted, silent, withheld, lacking > 0, estimated],
        [
            UNCOUNTED,
            "no member reports a value",
            "withheld: coverage is below 75 % of people",
            "coverage is an upper limit: a member has no weight",
            "some of the values are estimates",
        ],
        "",
    )
    return values.assign(
        MEMBERSHIP=MEMBERSHIP, WEIGHTS=values["BASE"].map({0: "population", 10: "population aged 10+"})
    )


def stated(frame):
    """The values of economies that a comparison takes."""
    taken = pd.Series(False, index=frame.index)
    for over, reference, compared in COMPARISONS.values():
        if over in frame:
            taken |= frame[over].isin([reference, compared])
    values = frame[taken].rename(columns={"PERSONS": "POPULATION"})
    known = values["OBS_VALUE"].notna()
    values["POPULATION"] = values["POPULATION"].where(values["POPULATION"] > 0)
    values["BOUND_LOWER"] = values["BOUND_UPPER"] = values["OBS_VALUE"]
    values["COVERAGE"] = np.where(known, 100.0, 0.0)
    values["N_AREAS"] = known.astype(int)
    values["OBS_STATUS"] = values["OBS_STATUS"].where(known, "O")
    values["OBS_COMMENT"] = values["OBS_COMMENT"].fillna("")
    return values.assign(N_AREAS_TOTAL=1, MEMBERSHIP="_Z", WEIGHTS="_Z")


def paired(values, further):
    """The two sides of every gap in one row, the reference's columns ending in _r and the compared's in _c."""
    made = []
    for indicator, name in GAPS:
        over, reference, compared = COMPARISONS[name]
        column = over if over in values else "REF_AREA"
        key = [k for k in ("REF_AREA", *DIMENSIONS, *further, "TIME_PERIOD") if k != column]
        part = values[values["INDICATOR"] == indicator]
        sides = [part[part[column] == code].drop(columns=column) for code in (reference, compared)]
        pairs = sides[0].merge(sides[1], on=key, suffixes=("_r", "_c"), validate="one_to_one")
        pairs[column] = "WLD" if column == "REF_AREA" else "_Z"
        single = len(sides[0]) + len(sides[1]) - 2 * len(pairs)
        if single:
            print(f"{indicator}_{name}: {single} keys have one side only", file=sys.stderr)
        made.append(
            pairs.assign(
                GAP=f"{indicator}_{name}", INDICATOR=indicator, OVER=over, REFERENCE=reference, COMPARED=compared
            )
        )
    pairs = pd.concat(made, ignore_index=True)
    return pairs.sort_values(["GAP", "REF_AREA", "TIME_PERIOD", *DIMENSIONS, *further], ignore_index=True)


def gaps_of(pairs):
    """One row for each pair and measure."""
    pairs = pairs.rename(columns={"OBS_VALUE_r": "REFERENCE_VALUE", "OBS_VALUE_c": "COMPARED_VALUE"})
    pairs = pairs.rename(columns={"COVERAGE_r": "REFERENCE_COVERAGE", "COVERAGE_c": "COMPARED_COVERAGE"})
    less = (pairs["COMPARED_COVERAGE"] < pairs["REFERENCE_COVERAGE"]) | pairs["COMPARED_COVERAGE"].isna()
    pairs["COVERAGE"] = np.minimum(pairs["REFERENCE_COVERAGE"], pairs["COMPARED_COVERAGE"])  # unknown where either is
    for name in ("N_AREAS", "N_AREAS_TOTAL"):
        pairs[name] = pairs[f"{name}_c"].where(less, pairs[f"{name}_r"])
    sides = pairs["OBS_STATUS_r"], pairs["OBS_STATUS_c"]
    status = np.select([(sides[0] == code) | (sides[1] == code) for code in "OQE"], list("OQE"), "A")
    pairs["OBS_STATUS"] = pd.Series(status, index=pairs.index, dtype="str")
    said = pairs["OBS_COMMENT_r"], pairs["OBS_COMMENT_c"]
    worded = pairs["REFERENCE"] + ": " + said[0] + "; " + pairs["COMPARED"] + ": " + said[1]
    pairs["OBS_COMMENT"] = said[0].where(said[0] == said[1], worded)
    pairs["MEMBERSHIP"], pairs["WEIGHTS"] = pairs["MEMBERSHIP_r"], pairs["WEIGHTS_r"]
    reference, compared = pairs["REFERENCE_VALUE"], pairs["COMPARED_VALUE"]
    persons = pairs["POPULATION_r"], pairs["POPULATION_c"]
    known = reference.notna() & compared.notna()
    made = []
    for measure, (formula, unit, rises) in MEASURES.items():
        value = formula(reference, compared, *persons)
        ends = [
            formula(pairs["BOUND_LOWER_r"], pairs["BOUND_UPPER_c"], *persons),
            formula(pairs["BOUND_UPPER_r"], pairs["BOUND_LOWER_c"], *persons),
        ]
        lower, upper = ends if rises else ends[::-1]
        undefined = known & value.isna()
        reason = UNCOUNTED if unit == "PS" else "undefined: division by zero"
        made.append(
            pairs.assign(
                MEASURE=measure, UNIT_MEASURE=unit, OBS_VALUE=value, BOUND_LOWER=lower, BOUND_UPPER=upper,
                OBS_STATUS=pairs["OBS_STATUS"].mask(undefined, "O"),
                OBS_COMMENT=pairs["OBS_COMMENT"].mask(undefined, reason),
            )
        )  # fmt: skip
        made[-1] = made[-1][[name for name in (*GAP_COLUMNS, "EDUCATION") if name in made[-1]]]
    return pd.concat(made, ignore_index=True)


def main():
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    frame = pd.read_csv(path)
    further = [name for name in ("EDUCATION",) if name in frame]
    check(frame, further)
    frame["BASE"] = frame["INDICATOR"].map(WEIGHTS)
    persons = populations(sorted(frame["TIME_PERIOD"].unique()), sorted({"_T", *frame["AGE"]}))
    key = ["BASE", "REF_AREA", *DIMENSIONS, "TIME_PERIOD"]
    frame = frame.merge(persons, how="left", on=key, validate="many_to_one")
    frame["PERSONS"] = frame["PERSONS"].where((frame[further] == "_T").all(axis=1))
    groups = aggregated(frame, persons, membership(), further)
    common = ["REF_AREA", "INDICATOR", *DIMENSIONS, *further, "TIME_PERIOD", "OBS_VALUE", "BOUND_LOWER", "BOUND_UPPER"]
    common += [
        "COVERAGE",
        "N_AREAS",
        "N_AREAS_TOTAL",
        "POPULATION",
        "OBS_STATUS",
        "OBS_COMMENT",
        "MEMBERSHIP",
        "WEIGHTS",
    ]
    values = pd.concat([stated(frame)[common], groups[common]], ignore_index=True)
    gaps = gaps_of(paired(values, further)).assign(EDITION=path.name, SOURCE=path.name)
    groups = groups.assign(EDITION=path.name, SOURCE=path.name, UNIT_MEASURE=groups["INDICATOR"].map(UNITS))
    groups = groups.sort_values(["INDICATOR", "REF_AREA", "TIME_PERIOD", *DIMENSIONS, *further], ignore_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    gaps[[*GAP_COLUMNS, *further]].to_parquet(folder / "gaps.parquet", compression="zstd")
    groups[[*VALUE_COLUMNS, *further]].to_parquet(folder / "aggregates.parquet", compression="zstd")
    print(f"{len(frame):,} observations: {len(gaps):,} gaps, {len(groups):,} group values")


if __name__ == "__main__":
    main()
