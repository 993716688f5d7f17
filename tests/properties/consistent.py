"""Submissions that are right, made from shares that are true: `python -m tests.properties.consistent 21000 [seed]`.

Each country-year has the shares of women and men in four age bands, on logistic curves of their own, and the shares in
towns and in the country. Totals are weighted by the people that there are, and every figure is rounded as an office
would. Coverage by each network is no higher than by the one before it. `divide validate` must find no error in these.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from divide_cli import api
from divide_cli import concepts as v
from divide_cli.frames.columns import category
from divide_cli.sources.population import Population, people_behind

YEARS = range(2005, 2025)
BANDS = ("Y0T14", "Y15T24", "Y25T64", "Y_GE65")
GROUPS = [(sex, age) for sex in ("F", "M") for age in BANDS]
PLACES = ("URB", "RUR")
NETWORKS = ("coverage_2g", "coverage_3g", "coverage_4g")


def _people(codes: dict[str, str]) -> np.ndarray:
    """The people of a breakdown: areas x years."""
    rows = pd.DataFrame(
        {v.INDICATOR: "internet_use", **dict.fromkeys(v.DIMENSIONS, v.TOTAL), **codes, v.TIME_PERIOD: list(YEARS)}
    )
    typed = rows.astype(dict.fromkeys([v.INDICATOR, *v.DIMENSIONS], "category")).astype({v.TIME_PERIOD: "int16"})
    people = people_behind(typed, (), Population(""))
    return np.asarray(people.persons[0])


def _curves(random: np.random.Generator, number: int) -> np.ndarray:
    """Logistic curves: shape (number, years)."""
    middle, pace, top = (
        random.uniform(2000, 2030, number),
        random.uniform(0.05, 0.3, number),
        random.uniform(40, 99, number),
    )
    return np.asarray(top[:, None] / (1 + np.exp(-pace[:, None] * (np.array(YEARS) - middle[:, None]))))


def submission(seed: int) -> pd.DataFrame:
    """The figures of every economy whose people of all breakdowns are known, for twenty years."""
    random = np.random.default_rng(seed)
    of_group = np.stack([_people({v.SEX: sex, v.AGE: age}) for sex, age in GROUPS])
    of_place = np.stack([_people({v.URBANISATION: place}) for place in PLACES])
    known = (
        ~np.isnan(of_group).any(axis=(0, 2)) & ~np.isnan(of_place).any(axis=(0, 2)) & (of_place > 0).all(axis=(0, 2))
    )
    parts = []
    for at in np.flatnonzero(known):
        area, decimals = category(v.REF_AREA).categories[at], int(random.integers(0, 3))
        shares, places = _curves(random, len(GROUPS)), _curves(random, len(PLACES))
        weights, of_places = of_group[:, at], of_place[:, at]

        def mean(chosen: list[bool], shares: np.ndarray = shares, weights: np.ndarray = weights) -> np.ndarray:
            return np.asarray((shares[chosen] * weights[chosen]).sum(axis=0) / weights[chosen].sum(axis=0))

        made = {("internet_use", "_T", "_T", "_T"): mean([True] * len(GROUPS))}
        made |= {("internet_use", sex, "_T", "_T"): mean([one[0] == sex for one in GROUPS]) for sex in ("F", "M")}
        made |= {("internet_use", "_T", age, "_T"): mean([one[1] == age for one in GROUPS]) for age in BANDS}
        made |= {("mobile_ownership", "_T", "_T", place): share for place, share in zip(PLACES, places, strict=True)}
        made["mobile_ownership", "_T", "_T", "_T"] = (places * of_places).sum(axis=0) / of_places.sum(axis=0)
        reach = np.minimum.accumulate(np.sort(_curves(random, len(NETWORKS)), axis=0)[::-1], axis=0)
        made |= {(name, "_T", "_T", "_T"): share for name, share in zip(NETWORKS, reach, strict=True)}
        for (indicator, sex, age, place), values in made.items():
            texts = [f"{value:.{decimals}f}" for value in values]
            parts.append(pd.DataFrame({
                v.REF_AREA: area, v.INDICATOR: indicator, v.SEX: sex, v.AGE: age, v.URBANISATION: place,
                v.TIME_PERIOD: list(YEARS), v.OBS_VALUE: texts,
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def errors_in(frame: pd.DataFrame) -> tuple[int, dict[str, int]]:
    """How many country-years a submission has, and the errors found in it, by rule."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "right.csv"
        frame.to_csv(path, index=False)
        report = api.validate([str(path)], limit=1, against=["none"]).report
    number = len(frame[[v.REF_AREA, v.TIME_PERIOD]].drop_duplicates())
    return number, {tally.rule: tally.count for tally in report.summary if tally.severity == "error"}


def main() -> None:
    """Checks as many country-years as asked for, and prints what was found."""
    wanted, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    done, found = 0, dict[str, int]()
    while done < wanted:
        number, errors = errors_in(submission(seed))
        done, seed = done + number, seed + 1
        for rule, count in errors.items():
            found[rule] = found.get(rule, 0) + count
    print(f"{done:,} country-years, errors: {found or 'none'}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
