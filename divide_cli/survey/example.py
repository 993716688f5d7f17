"""A small made-up survey with a known truth: a population of persons in households, and a sample of it with its design.

Four strata (two regions, urban and rural) have 60 enumeration areas each. The sample has 12 areas of a stratum and 6
households of an area. Being online depends on sex, age, place, wealth, household and area. The seed is fixed, and
`truth.csv` has the figures of the whole population, which the sample estimates.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import exp, log1p
from pathlib import Path
from typing import Any

from divide_cli.catalogue.load import data_dir
from divide_cli.errors import SourceError, reason_of
from divide_cli.frames.atomic_write import write
from divide_cli.language import commas

AREAS, SAMPLED_AREAS = 60, 12
HOUSEHOLDS, SAMPLED_HOUSEHOLDS = (20, 40), 6
SEED = 20260801
Row = dict[str, Any]
HOUSEHOLD = (
    *("hh_id", "region", "urban", "ea", "n_ea", "n_hh", "hh_weight", "quintile"),
    *("h_internet", "h_computer", "h_tablet"),
)
PERSON = (
    *("hh_id", "person", "sex", "age", "disability", "language"),
    *("net_ever", "net_last", "hours", "phone"),
)
"""Columns of the two files."""
STRATA = ((1, 1), (1, 2), (2, 1), (2, 2))
"""Region, and urban (1) or rural (2)."""
NOT_STATED = {"net_ever": 0.02, "hours": 0.05, "phone": 0.02, "disability": 0.03}
"""The share of persons who do not answer a question."""
MEASURED: Mapping[str, tuple[bool, Callable[[Row], float], Callable[[Row], bool]]] = {
    "households_with_internet": (True, lambda one: one["h_internet"] == 1, lambda _: True),
    "households_with_computer": (True, lambda one: 1 in (one["h_computer"], one["h_tablet"]), lambda _: True),
    "internet_use": (False, lambda one: one["net_last"] != 3, lambda _: True),
    "mobile_ownership": (False, lambda one: one["phone"] != 3, lambda one: one["age"] >= 10),
    "hours_online": (False, lambda one: one["hours"], lambda one: one["net_last"] != 3),
}
"""Of each indicator of the example: whether it is of households, its value, and whether somebody is in its scope."""


def write_example(folder: Path) -> tuple[Path, ...]:
    """Writes households.csv, persons.csv, design.yaml and truth.csv into the folder, which is made if it is absent.

    Raises SourceError if one of them exists already, or cannot be written.
    """
    contents = {folder / name: text for name, text in example_files().items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError("survey_example_unwritable", found=reason_of(error), where=str(folder)) from error
    if existing := [path.name for path in contents if path.exists()]:
        raise SourceError("survey_example_unwritable", found=commas(existing), where=str(folder))
    return write(contents, "the example")


def example_files() -> dict[str, str]:
    """The name and the content of each file of the example."""
    rng = random.Random(SEED)  # noqa: S311 (a made-up survey keeps no secrets)
    population = [household for stratum in STRATA for household in _stratum(rng, *stratum)]
    sample = _sampled(rng, population)
    design = (data_dir() / "templates" / "design.yaml").read_text(encoding="utf-8")
    persons = [_answers(rng, person) for household in sample for person in household["persons"]]
    return {
        "households.csv": _csv(HOUSEHOLD, sample),
        "persons.csv": _csv(PERSON, persons),
        "design.yaml": design,
        "truth.csv": _csv(("INDICATOR", "SEX", "AGE", "URBANISATION", "OBS_VALUE"), list(_truth(population))),
    }


def _csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    return "\n".join([",".join(columns), *(",".join(str(row[name]) for name in columns) for row in rows), ""])


def _stratum(rng: random.Random, region: int, urban: int) -> Iterator[Row]:
    """The households of a stratum with their persons. Those of an area have an effect in common."""
    for area in range(1, AREAS + 1):
        effect = _spread(rng, 0.5)
        low, high = HOUSEHOLDS
        size = low + int(rng.random() * (high - low + 1))
        for number in range(1, size + 1):
            place = {"region": region, "urban": urban, "ea": area, "n_ea": AREAS, "n_hh": size}
            yield _household(rng, {"hh_id": f"{region}{urban}{area:02d}{number:02d}", **place}, effect)


def _spread(rng: random.Random, size: float) -> float:
    """A number around 0 with about that standard deviation: the sum of three uniform ones."""
    return 2 * size * (rng.random() + rng.random() + rng.random() - 1.5)


def _is(rng: random.Random, logit: float) -> bool:
    """Whether something is so that has these log odds."""
    return rng.random() < 1 / (1 + exp(-logit))


def _household(rng: random.Random, place: Row, of_area: float) -> Row:
    urban = place["urban"] == 1
    quintile = min(5, 1 + int(5 * rng.random() ** (0.8 if urban else 1.25)))
    wealth, effect = quintile - 3, of_area + _spread(rng, 0.6)
    online = _is(rng, 0.4 + 0.8 * urban + 0.6 * wealth + effect)
    household = {
        **place,
        "quintile": quintile,
        "h_internet": 2 - online,
        "h_computer": 2 - _is(rng, -1.2 + 0.6 * urban + 0.8 * wealth + online),
        "h_tablet": 2 - _is(rng, -2.2 + 0.5 * wealth + online),
    }
    language = 1 + (rng.random() < (0.2 if place["region"] == 1 else 0.6))
    size = 1 + int(7 * rng.random())
    members = [_person(rng, household, number, language, effect) for number in range(1, size + 1)]
    return {**household, "persons": members}


def _person(rng: random.Random, household: Row, number: int, language: int, effect: float) -> Row:
    woman = rng.random() < 0.51
    age = int(18 + 62 * rng.random() ** 1.4) if number == 1 else int(82 * rng.random() ** 1.5)
    disabled = _is(rng, -3.5 + 0.04 * age)
    urban, wealth, at_home = household["urban"] == 1, household["quintile"] - 3, household["h_internet"] == 1
    of_age = -1.5 if age < 10 else 1.0 if age < 35 else 0.3 if age < 60 else -1.4
    online = _is(rng, 0.2 + of_age - 0.4 * woman + 0.5 * urban + 0.3 * wealth + at_home - 0.9 * disabled + effect)
    owns = age >= 10 and _is(rng, 1.4 + 0.5 * of_age - 0.3 * woman + 0.4 * urban + 0.4 * wealth)
    return {
        "hh_id": household["hh_id"],
        "person": number,
        "sex": 1 + woman,
        "age": age,
        "disability": 2 - disabled,
        "language": language,
        "urban": household["urban"],
        "net_ever": 2 - (online or _is(rng, -1.5)),
        "net_last": (1 + (rng.random() < 0.3)) if online else 3,
        "hours": round(min(60.0, -12 * log1p(-rng.random()) * (1.2 if urban else 0.8))) if online else "",
        "phone": (1 + (rng.random() < 0.25)) if owns else 3,
    }


def _sampled(rng: random.Random, population: Sequence[Row]) -> list[Row]:
    """A simple random sample of the areas of each stratum, and of the households of each of these areas."""
    by_area: dict[tuple[int, int], dict[int, list[Row]]] = {}
    for household in population:
        stratum = by_area.setdefault((household["region"], household["urban"]), {})
        stratum.setdefault(household["ea"], []).append(household)
    return [
        {**household, "hh_weight": f"{AREAS / SAMPLED_AREAS * household['n_hh'] / SAMPLED_HOUSEHOLDS:.4f}"}
        for areas in by_area.values()
        for area in sorted(_drawn(rng, list(areas), SAMPLED_AREAS))
        for household in _drawn(rng, areas[area], SAMPLED_HOUSEHOLDS)
    ]


def _drawn(rng: random.Random, units: Sequence[Any], count: int) -> list[Any]:
    """So many of the units, each with the same probability, in their order."""
    ranked = sorted(range(len(units)), key=[rng.random() for _ in units].__getitem__)
    return [units[place] for place in sorted(ranked[:count])]


def _answers(rng: random.Random, person: Row) -> Row:
    """What the person answers: some say nothing, and only those who ever used the Internet are asked when."""
    silent = {name: rng.random() < share for name, share in NOT_STATED.items()}
    asked = person["net_ever"] == 1 and not silent["net_ever"]
    online = person["net_last"] != 3
    return {
        **person,
        "net_ever": 9 if silent["net_ever"] else person["net_ever"],
        "net_last": person["net_last"] if asked else "",
        "hours": "" if not (asked and online) else 99 if silent["hours"] else person["hours"],
        "phone": 9 if silent["phone"] else person["phone"],
        "disability": 9 if silent["disability"] else person["disability"],
    }


def _truth(population: Sequence[Row]) -> Iterator[Row]:
    """The figures of the whole population: in total, by sex, by place, and by both."""
    persons = [person for household in population for person in household["persons"]]
    for name, (of_households, value, counts) in MEASURED.items():
        units = [unit for unit in (population if of_households else persons) if counts(unit)]
        for sex, place in [(s, u) for s in ("_T", *(() if of_households else "FM")) for u in ("_T", "URB", "RUR")]:
            within = [value(unit) for unit in units if _in(unit, sex, place)]
            figure = sum(within) / len(within) * (1 if name == "hours_online" else 100)
            yield {"INDICATOR": name, "SEX": sex, "AGE": "_T", "URBANISATION": place, "OBS_VALUE": f"{figure:.4f}"}


def _in(unit: Row, sex: str, place: str) -> bool:
    return (sex == "_T" or unit["sex"] == "MF".index(sex) + 1) and (
        place == "_T" or unit["urban"] == ("URB", "RUR").index(place) + 1
    )
