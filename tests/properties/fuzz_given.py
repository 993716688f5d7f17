"""Claims, rules, waivers, locks and origins with parts of another type, missing, doubled or damaged: one message each."""

import datetime
import json
import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from msgspec import structs, to_builtins

from divide_cli.catalogue import catalogue, data_dir
from divide_cli.catalogue.user_yaml import rules_from
from divide_cli.claims import claims_file
from divide_cli.claims import lock as locks
from divide_cli.claims.reproduce import reproduce
from divide_cli.errors import DivideError
from divide_cli.sources import editions
from divide_cli.validation import run as validation
from divide_cli.validation.waivers import waivers_from
from tests.properties.mutations import mutated

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2024, 10**30, 1.5, float("nan"), float("inf"), "", " ", "x", "WLD", "F", "2024", "1,5", "internet_use",
    "{found}", "{", "\x1b[31m", "é" * 300, "(", "a" * 5000, datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1, 1), [], {}, [1], ["x"],
    {"a": 1}, [[]], [{}], {"x": {"y": []}}, {1: 2}, {None: None}, b"\xff", "2026-02-30", "~", "../../x", "0", "1e5", "-5", "٣",
)  # fmt: skip


def changed(chance: random.Random, content: Any) -> Any:
    """The content with one part replaced, left out, doubled, renamed or wrapped."""
    if isinstance(content, Mapping) and content and chance.random() < 0.88:
        name = chance.choice(list(content))
        kind = chance.randrange(8)
        if kind == 0:
            return {key: part for key, part in content.items() if key != name}
        if kind == 1:
            other = chance.choice([f"{name}x", 1, None, True, datetime.date(2026, 1, 1), "id", ""])
            return {(other if key == name else key): part for key, part in content.items()}
        if kind == 2:
            return {**content, chance.choice(["id", "line", "folder", "where", "x", 7]): chance.choice(ODD)}
        return {**content, name: changed(chance, content[name])}
    if isinstance(content, (list, tuple)) and content and chance.random() < 0.88:
        place = chance.randrange(len(content))
        return [*content[:place], changed(chance, content[place]), *content[place + chance.randint(0, 1) :]]
    return chance.choice(ODD) if chance.random() < 0.85 else [content]


def _written(chance: random.Random, content: Any, path: Path) -> None:
    """Writes one to three changes of the content as YAML; in one case of seven with mutated bytes."""
    for _ in range(chance.randint(1, 3)):
        content = changed(chance, content)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode("utf-8", "surrogatepass")
    path.write_bytes(mutated(text, chance) if chance.random() < 0.15 else text)


def _outcome(act: Callable[[], object]) -> str:
    """`used`, or `message`: a text with a place, and exit code 1 to 3."""
    try:
        act()
    except DivideError as raised:
        error = raised
    else:
        return "used"
    assert error.exit_code in (1, 2, 3) and str(error).strip(), repr(error)
    assert len(str(error)) < 60_000
    return "message"


CLAIM = {
    "id": "one", "where": "page 1", "statement": "A figure.", "printed": "73.6", "unit": "PT", "qualifier": "exactly",
    "selector": {"indicator": "internet_use", "area": "WLD", "year": 2025}, "editions": ["itu_aggregates_2025_11"],
    "relations": [], "expect": "differs", "reason": "Edition: a test.", "bases": {"countries": "not computable"},
}  # fmt: skip
SELECTORS: tuple[dict[str, Any], ...] = (
    {"indicator": "internet_use", "area": "WLD", "year": 2025, "complement": True},
    {"indicator": "internet_use", "area": "WLD", "year": 2025, "persons": True, "without": {"area": "LDC"}},
    {"indicator": "internet_use", "area": "WLD", "year": 2025, "since": 2024, "change": "relative"},
    {"indicator": "internet_use", "area": "WLD", "year": 2025, "relative_to": {"area": "LDC"}},
    {"indicator": "internet_use", "area": ["AFR", "EUR"], "year": 2025, "persons": True},
    {"indicator": "internet_use", "area": "any economy", "year": 2024, "at_most": 40},
    {"gap": "internet_use_sex", "measure": "parity_score", "area": "WLD", "year": 2025},
)


def claims(chance: random.Random, folder: Path) -> str:
    """A file of two claims, which is then reproduced."""
    second = {
        **CLAIM,
        "id": "two",
        "selector": chance.choice(SELECTORS),
        "unit": chance.choice(["PT", "PS", "NUMBER", "RATIO"]),
    }
    if chance.random() < 0.3:
        second["relations"] = [{chance.choice(["complement_of", "difference_of"]): "one"}]
    publication = {"id": "report", "title": "A report", "date": "2026-01-01", "citation": "A report, 2026"}
    path = folder / "report.yaml"
    _written(chance, {"publication": publication, "claims": [CLAIM, second]}, path)

    def act() -> None:
        file = claims_file.load(path)
        reproduce([file], claims_file.selection([file], ()))

    return _outcome(act)


@cache
def _rules() -> dict[str, dict[str, Any]]:
    content = {}
    for name, rule in catalogue().rules.items():
        entry = {key: value for key, value in structs.asdict(rule).items() if key != "id" and value not in ({}, (), "")}
        content[name] = to_builtins(entry)
    return content


SUBMISSION = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,OBS_COMMENT\n" + "".join(
    f"KEN,internet_use,{sex},{year},{value},a note\n"
    for year in range(2018, 2024) for sex, value in (("F", year - 1990), ("M", year - 1985), ("_T", year - 1950))
)  # fmt: skip


def rules(chance: random.Random, folder: Path) -> str:
    """A file of one or two rules of the catalogue; if they are accepted, a submission is validated with them."""
    names = chance.sample(list(_rules()), chance.randint(1, 2))
    path = folder / "rules.yaml"
    _written(chance, {name: _rules()[name] for name in names}, path)

    def act() -> None:
        own = rules_from(path)
        (folder / "figures.csv").write_text(SUBMISSION, encoding="utf-8")
        request = validation.ValidationRequest(
            files=(str(folder / "figures.csv"),), rules=tuple(own.values()), skipped={}, previous="", waivers=(), limit=10
        )  # fmt: skip
        validation.validate(request, lambda _step: None)

    return _outcome(act)


def waivers(chance: random.Random, folder: Path) -> str:
    """A file of waivers."""
    entry = {
        "rule": "spike",
        "key": {"REF_AREA": "KEN", "SEX": "F"},
        "reason": "known",
        "owner": "me",
        "expires": "2030-01-01",
    }
    path = folder / "waivers.yaml"
    _written(chance, [entry, {**entry, "rule": "jump"}], path)
    return _outcome(lambda: [str(one) for one in waivers_from(str(path), ["spike", "jump"])])


@cache
def _lock() -> dict[str, Any]:
    value = {"value": 73.6, "edition": "itu_aggregates_2025_11", "verdict": "quoted"}
    parts = {part: {"a": "0" * 64} for part in locks.PARTS}
    return {
        "divide": "0.2.0",
        **parts,
        "values": {"report.one": {"verdict": "quoted", "published": value, "countries": value}},
    }


def lock(chance: random.Random, folder: Path) -> str:
    """A lock, compared with one that was not changed."""
    content: Any = _lock()
    for _ in range(chance.randint(1, 3)):
        content = changed(chance, content)
    text = json.dumps(content, default=str, skipkeys=True).encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        text = b"[" * 100_000
    path = folder / "divide.lock"
    path.write_bytes(mutated(text, chance) if chance.random() < 0.15 else text)
    return _outcome(lambda: locks.changes(locks.read(path), _lock()))


@cache
def _origin() -> dict[str, Any]:
    content = yaml.safe_load(
        (data_dir() / "sources" / "wdi_by_sex_2019_2023" / "origin.yaml").read_text(encoding="utf-8")
    )
    return {**content, "id": "mine"}


def origin(chance: random.Random, folder: Path) -> str:
    """The origin of an edition of one's own: it is used, or has a message, and other editions are found."""
    own = folder / "editions" / "mine"
    own.mkdir(parents=True)
    _written(chance, _origin(), own / "origin.yaml")
    source = data_dir() / "sources" / "wdi_by_sex_2019_2023" / "observations.csv"
    (own / "observations.csv").write_bytes(source.read_bytes())
    folders, editions.folders = editions.folders, lambda: (folder / "editions", data_dir() / "sources")
    editions.editions.cache_clear()
    try:
        assert "wdi_2026_08" in editions.editions()
        told = editions.left_out()
        assert all(text.strip() for text in told)
        outcome = _outcome(lambda: editions.load("mine"))
        if outcome == "used":
            assert len(editions.load("mine").frame) == len(editions.load("wdi_by_sex_2019_2023").frame)
        for name in [one for one in editions.editions() if one not in BEFORE]:
            _outcome(lambda name=name: editions.areas_by_year(editions.edition(name)))
        return outcome
    finally:
        editions.folders = folders
        editions.editions.cache_clear()


BEFORE = frozenset(path.name for path in (data_dir() / "sources").iterdir())

FAMILIES = {"claims": claims, "rules": rules, "waivers": waivers, "locks": lock, "origins": origin}
