"""One changed value, membership row, formula or printed digit: what depends on it fails, and nothing else moves.

A claim that depends on a change and keeps its verdict must be on the same side of its printed interval as before; that is
proven here by fractions, from the printed text alone, and not by the code under test. Changes are drawn from a fixed seed.
"""

import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from math import isnan
from typing import Any

import pytest
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.analysis.measures.pairs import PAIR_FORMULAE
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import Basis
from divide_cli.claims import differences, findings
from divide_cli.claims import lock as locks
from divide_cli.claims import reproduce as module
from divide_cli.claims.reproduce import BASES, Outcome, Reproduction, reproduce
from divide_cli.frames.observations import Observations
from divide_cli.sources import editions, groupings

SEED = 80_173
ENDS = {  # of each qualifier that the embedded claims use: in units of the last printed place, and whether they count
    "exactly": (Fraction(-1, 2), Fraction(1, 2), True),
    "more than": (Fraction(0), Fraction(1), False),
    "just over": (Fraction(0), Fraction(1), False),
    "almost": (Fraction(-1), Fraction(0), False),
    "about": (Fraction(-1), Fraction(1), True),
}
WORDS = {  # the lower end, the number, the upper end
    "a third": (Fraction(700, 24), Fraction(100, 3), Fraction(1100, 30)),
    "a quarter": (Fraction(900, 40), Fraction(25), Fraction(700, 24)),
    "four times": (Fraction(7, 2), Fraction(4), Fraction(9, 2)),
    "parity": (Fraction(975, 1000), Fraction(1), Fraction(1025, 1000)),
}


def side(outcome: Outcome, basis: str) -> str:
    """Where the number is relative to the printed interval, by fractions: in, out, across, and for countries the value."""
    claim, number = outcome.claim, outcome.judgements[basis].number
    if claim.qualifier == "some countries below":
        return "in" if number.value >= 2 else "out" if not isnan(number.value) else "none"
    if claim.printed in WORDS:
        low, middle, high = WORDS[claim.printed]
    else:
        decimals = len(claim.printed.partition(".")[2])
        middle, unit = Fraction(claim.printed), Fraction(1, 10**decimals)
        low, high = middle - unit / 2, middle + unit / 2
    below, above, closed = ENDS.get(claim.qualifier, ENDS["exactly"])
    down, up = 2 * (middle - low), 2 * (high - middle)
    ends = [middle + share * (up if share > 0 else down) for share in (below, above)]

    def place(x: float) -> str:
        exact = Fraction(round(x, 9)).limit_denominator(10**9)
        if closed:
            return "below" if exact < ends[0] else "above" if exact > ends[1] else "in"
        return "below" if exact <= ends[0] else "above" if exact >= ends[1] else "in"

    if isnan(number.value) and not number.has_bounds:
        return "none"
    corners = {place(number.lower), place(number.upper)}
    whole = "in" if corners == {"in"} else "out" if len(corners) == 1 else "across"
    if basis == Basis.PUBLISHED:
        return whole
    value = "none" if isnan(number.value) else "in" if place(number.value) == "in" else "out"
    return f"{value} {'out' if whole == 'out' else 'meets'}"


def fits(outcome: Outcome, basis: str) -> bool:
    """Whether the verdict is the one that the fractions give."""
    value, _, whole = side(outcome, basis).partition(" ")
    if basis == Basis.PUBLISHED:
        verdicts = {
            "in": {"quoted", "reproduced"},
            "across": {"within rounding of the inputs"} | ({"quoted"} if outcome.claim.selector.plain else set()),
            "out": {"differs", "double rounding"},
            "none": {"not computable"},
        }[value]
    elif value == "in":
        verdicts = {"reproduced"}
    else:
        verdicts = {"differs", "double rounding"} if whole == "out" else {"not computable"}
    return outcome.judgements[basis].verdict in verdicts


@pytest.fixture(scope="module")
def read() -> Mapping[str, Observations]:
    """What the editions hold, read once."""
    names = [name for name, entry in editions.editions().items() if entry.role in ("published", "country", "weights")]
    return {name: editions.load(name) for name in names}


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch, read: Mapping[str, Observations], **changed: Observations) -> Iterator[None]:
    """Editions are not read but taken from `read`, some of them changed."""
    taken = {**read, **changed}
    with monkeypatch.context() as patch:
        patch.setattr(editions, "load", lambda name: taken[name])
        patch.setattr(differences, "fiscal_years", list)  # where else a claim would hold is not the question here
        yield


@pytest.fixture(scope="module")
def every(shipped) -> dict[str, Any]:
    return {file.path: list(file.claims) for file in shipped}


def numbers(made: Reproduction) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (outcome.id, basis): (judgement.number.value, judgement.number.lower, judgement.number.upper, judgement.edition)
        for outcome in made.outcomes
        for basis, judgement in outcome.judgements.items()
    }


def same(x: Any, y: Any) -> bool:
    return x == y or (isinstance(x, float) and isnan(x) and isnan(y))


def judge(
    base: Reproduction,
    now: Reproduction,
    depends: set[tuple[str, str]],
    place: str | Mapping[tuple[str, str], str] = "",
) -> tuple[int, int]:
    """Nothing but `depends` (claim and basis) moves; what fails says so, and the rest is proven not to move.

    Returns how many verdicts changed and how many were proven to stay.
    """
    before, after = numbers(base), numbers(now)
    moved = {key for key in before if not all(map(same, before[key], after[key]))}
    assert moved <= depends, f"moved without depending on the change: {sorted(moved - depends)}"
    errors = {finding.rule: finding for finding in findings.report(now).findings if finding.severity == "error"}
    failed = {outcome.id for outcome in now.outcomes if outcome.unexpected}
    assert set(errors) == failed
    assert failed <= {name for name, _ in depends}
    detected = proven = 0
    was = {outcome.id: outcome for outcome in base.outcomes}
    for outcome in now.outcomes:
        for basis in BASES:
            if (outcome.id, basis) not in moved:
                assert outcome.judgements[basis].verdict == was[outcome.id].judgements[basis].verdict
                continue
            if outcome.judgements[basis].verdict != was[outcome.id].judgements[basis].verdict:
                detected += 1
                assert outcome.id in failed
                message = errors[outcome.id].message
                assert basis in message
                assert re.search(r"\d", outcome.judgements[basis].remark) or outcome.judgements[basis].verdict in (
                    "quoted",
                    "reproduced",
                ), message
                named = place if isinstance(place, str) else place[outcome.id, basis]
                assert named in message
            else:
                proven += 1
                assert fits(outcome, basis), (outcome.id, basis)
    return detected, proven


def cells(base: Reproduction) -> dict[tuple[str, ...], set[tuple[str, str]]]:
    """The cells of published editions that claims rest on: (edition, indicator, area, sex, age, place, year) -> claims.

    Found from the selectors alone.
    """
    made: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for outcome in base.outcomes:
        selector, edition = outcome.claim.selector, outcome.judgements[Basis.PUBLISHED].edition
        if not edition or selector.area == "any economy":
            continue
        for key in wanted(selector, outcome.judgements[Basis.PUBLISHED].number.year):
            made.setdefault((edition, *key), set()).add((outcome.id, Basis.PUBLISHED))
    return made


def wanted(selector: Any, latest: int | None) -> set[tuple[str, ...]]:
    """The cells that a selector takes: both sides of a gap, both years of a change, whole and part, both of a ratio."""
    codes = dict(zip(v.DIMENSIONS, selector.breakdown, strict=True))
    indicator, sides = selector.indicator, [{}]
    if selector.gap:
        gap = catalogue().gaps[selector.gap]
        comparison = catalogue().comparisons[gap.comparison]
        indicator = gap.indicator
        concept = comparison.over if comparison.over in v.DIMENSIONS else "area"
        sides = [{concept: comparison.reference}, {concept: comparison.compared}]
    sides += [dict(selector.without)] if selector.without else []
    found = set()
    for year in {selector.year or latest, selector.since} - {None}:
        for area in selector.areas:
            for other in sides:
                taken = {"area": area, **codes, **other}
                found.add((indicator, taken["area"], *(taken[name] for name in v.DIMENSIONS), str(year)))
    if selector.relative_to:
        found |= wanted(structs.replace(selector, relative_to={}, **dict(selector.relative_to)), latest)
    return found


def at(frame: Any, key: tuple[str, ...]) -> int | None:
    """The row of a key (indicator, area, breakdown, year)."""
    rows = (frame[v.INDICATOR] == key[0]) & (frame[v.REF_AREA] == key[1]) & (frame[v.TIME_PERIOD] == int(key[5]))
    for name, code in zip(v.DIMENSIONS, key[2:5], strict=True):
        rows &= frame[name] == code
    found = rows.to_numpy().nonzero()[0]
    return int(found[0]) if len(found) else None


def with_value(read: Observations, row: int, value: float) -> Observations:
    frame = read.frame.copy()
    frame.iloc[row, frame.columns.get_loc(v.OBS_VALUE)] = value
    return replace(read, frame=frame)


def test_the_oracle_agrees_on_what_is(base):
    """The fractions give the verdicts of the embedded claims, before anything is changed."""
    for outcome in base.outcomes:
        assert all(fits(outcome, basis) for basis in BASES), outcome.id


def apart(known: Mapping[tuple[str, ...], set[tuple[str, str]]], chosen: list[Any]) -> list[list[Any]]:
    """The cells in few groups, such that no claim or relation rests on two cells of one group."""
    groups: list[tuple[set[str], list[Any]]] = []
    for key in chosen:
        claims = {name for name, _ in known[key]}
        group = next((each for each in groups if not each[0] & claims), None)
        if group is None:
            groups.append(group := (set(), []))
        group[0].update(claims)
        group[1].append(key)
    return [keys for _, keys in groups]


def test_a_changed_cell_of_a_published_edition(base, shipped, every, read, monkeypatch):
    """Twenty cells that claims rest on, each moved by 0.1 to 5 points; at once where no claim rests on two of them."""
    draw = random.Random(SEED)
    known = cells(base)
    found = {key: at(read[key[0]].frame, key[1:]) for key in known}
    chosen = draw.sample(sorted(key for key, row in found.items() if row is not None), 20)
    steps = {key: draw.choice((0.1, 0.3, 0.6, 1.0, 2.0, 5.0)) * draw.choice((-1, 1)) for key in chosen}
    detected = proven = 0
    for keys in apart(known, chosen):
        changed, new, line = dict(read), {}, {}
        for key in keys:
            edition, row, step = key[0], found[key], steps[key]
            old = float(read[edition].frame[v.OBS_VALUE].iloc[row])
            new[key] = round(old - step if not 0 <= old + step <= 100 else old + step, 1)
            changed[edition] = with_value(changed[edition], row, new[key])
            place = f"{edition}/observations.csv:{read[edition].frame[v.LINE].iloc[row]}"
            line |= dict.fromkeys(known[key], place)
        with held(monkeypatch, read, **changed):
            now = reproduce(shipped, every)
        counts = judge(base, now, set(line), line)
        assert sum(counts) == sum(len(known[key]) for key in keys), keys
        for key in keys:  # a figure that is read back is the changed one
            for outcome in now.outcomes:
                if (outcome.id, Basis.PUBLISHED) in known[key] and outcome.claim.selector.plain:
                    assert outcome.judgements[Basis.PUBLISHED].number.value == new[key]
        detected, proven = detected + counts[0], proven + counts[1]
    assert detected >= 14, "nearly every change of a cell must be seen"
    assert proven, "a small change inside the interval is among them"


def test_a_cell_that_no_claim_rests_on_moves_nothing_but_the_lock(base, shipped, every, read, monkeypatch):
    draw = random.Random(SEED)
    edition = "itu_aggregates_2024_11"
    frame = read[edition].frame
    known = {key[1:] for key in cells(base) if key[0] == edition}
    rows = [row for row in draw.sample(range(len(frame)), 60) if not _touched(frame, row, known)][:3]
    for row in rows:
        with held(monkeypatch, read, **{edition: with_value(read[edition], row, 50.0)}):
            now = reproduce(shipped, every)
        assert judge(base, now, set()) == (0, 0)


def _touched(frame, row, known):
    record = frame.iloc[row]
    key = (
        record[v.INDICATOR],
        record[v.REF_AREA],
        *(record[name] for name in v.DIMENSIONS),
        str(record[v.TIME_PERIOD]),
    )
    return tuple(map(str, key)) in known or record[v.REF_AREA] == v.WORLD


def test_a_changed_value_of_an_economy(base, shipped, every, read, monkeypatch):
    """Ten values of economies: only claims from country figures of that edition, whose group has it, move."""
    draw = random.Random(SEED)
    edition = "wdi_2026_08"
    frame = read[edition].frame
    members = groupings.membership(groupings.vintage(None, editions.edition(edition).vintage))
    recent = [row for row in range(len(frame)) if frame[v.TIME_PERIOD].iloc[row] in (2023, 2024)]
    large = [row for row in recent if frame[v.REF_AREA].iloc[row] in ("CHN", "IND", "USA", "NGA", "ETH", "BRA", "DEU")]
    detected = proven = 0
    for row in draw.sample(large, 7) + draw.sample(recent, 3):
        code, year = str(frame[v.REF_AREA].iloc[row]), int(frame[v.TIME_PERIOD].iloc[row])
        old = float(frame[v.OBS_VALUE].iloc[row])
        new = old - 30 if old > 50 else old + 30
        groups = {name for name, group in members.groups.items() if code in group}
        depends = set()
        for outcome in base.outcomes:
            selector = outcome.claim.selector
            years = {selector.year or year, selector.since, selector.relative_to.get("year")}
            taken = set(selector.every_area)
            named = groups & taken or selector.area == "any economy" or "income" in selector.gap
            if outcome.judgements[Basis.COUNTRIES].edition == edition and year in years and named:
                depends.add((outcome.id, Basis.COUNTRIES))
        with held(monkeypatch, read, **{edition: with_value(read[edition], row, new)}):
            now = reproduce(shipped, every)
        counts = judge(base, now, depends, edition)
        detected, proven = detected + counts[0], proven + counts[1]
    assert detected >= 5 and proven >= 5


def test_a_changed_membership_row(base, shipped, every, read, monkeypatch):
    """Four economies leave their income group: claims of that group move, as computed and as weighed, and no other."""
    own = groupings.periods
    detected = 0
    for code in ("IND", "CHN", "USA", "COD"):
        vintages = (
            groupings.vintage(None, editions.edition(name).vintage)
            for name in ("wdi_2026_08", "itu_aggregates_2025_11")
        )
        groups = {group for taken in vintages for group in ("HIC", "UMC", "LMC", "LIC")
                  if code in groupings.membership(taken).groups[group]}  # fmt: skip

        def without(name, code=code):
            return [row for row in own(name) if not (name.startswith("income_group") and row.area == code)]

        depends = set()
        for outcome in base.outcomes:
            selector = outcome.claim.selector
            if groups & set(selector.every_area) or "income" in selector.gap:
                depends.add((outcome.id, Basis.COUNTRIES))
                if selector.persons:
                    depends.add((outcome.id, Basis.PUBLISHED))
        with held(monkeypatch, read), monkeypatch.context() as patch:
            patch.setattr(groupings, "periods", without)
            now = reproduce(shipped, every)
        counts = judge(base, now, depends)
        assert sum(counts), f"{code}: nothing moved"
        detected += counts[0]
    assert detected


@pytest.mark.parametrize("name", ["ratio", "parity_score", "excess_persons"])
def test_a_changed_formula(name, base, shipped, every, read, monkeypatch):
    """Half as much again: the claims that use the measure fail, with its name and formula in the message."""
    own = PAIR_FORMULAE[name]
    with held(monkeypatch, read), monkeypatch.context() as patch:
        patch.setitem(PAIR_FORMULAE, name, lambda r, c, n_r, n_c: 1.5 * own(r, c, n_r, n_c))
        now = reproduce(shipped, every)
    uses = {outcome.id for outcome in base.outcomes if outcome.claim.selector.measure == name}
    detected, _ = judge(base, now, {(claim, basis) for claim in uses for basis in BASES}, f"{name} = ")
    computed = [
        o
        for o in base.outcomes
        if o.id in uses and o.judgements[Basis.PUBLISHED].verdict in ("reproduced", "within rounding of the inputs")
    ]
    assert computed and detected >= len(computed)


def test_a_changed_printed_digit(base, shipped, monkeypatch):
    """Twenty-five digits: that claim fails, or the computed value is in the new interval too; others only by relation."""
    draw = random.Random(SEED)
    files = {file.path: file for file in shipped}
    able = [outcome for outcome in base.outcomes if outcome.judgements[Basis.PUBLISHED].verdict != "not computable"]
    detected = 0
    for outcome in draw.sample([o for o in able if o.claim.printed[0].isdigit()], 25):
        printed = outcome.claim.printed
        place = draw.choice([index for index, letter in enumerate(printed) if letter.isdigit()])
        digit = draw.choice([other for other in "123456789" if other != printed[place]])
        changed = structs.replace(outcome.claim, printed=printed[:place] + digit + printed[place + 1 :])
        file = outcome.file
        claims = tuple(changed if claim.id == changed.id else claim for claim in file.claims)
        altered = {**files, file.path: replace(file, claims=claims)}
        with monkeypatch.context() as patch:  # the inputs are the same, and so is the computation
            patch.setattr(module, "compute", lambda request: base.result)
            patch.setattr(differences, "fiscal_years", list)
            now = reproduce(list(altered.values()), {path: list(one.claims) for path, one in altered.items()})
        related = {other for claim in claims for relation in claim.relations
                   if changed.id in (claim.id, *relation.others) for other in (claim.id, *relation.others)}  # fmt: skip
        failed = {one.claim.id for one in now.outcomes if one.unexpected and one.file.path == file.path}
        assert not [one.id for one in now.outcomes if one.unexpected and one.file.path != file.path]
        assert failed <= {changed.id, *related}, (changed.id, changed.printed)
        mine = next(one for one in now.outcomes if one.id == outcome.id)
        if changed.id in failed:
            detected += 1
            message = next(f.message for f in findings.report(now).findings if f.rule == outcome.id)
            assert changed.printed in message
        else:
            assert all(fits(mine, basis) for basis in BASES), (changed.id, changed.printed)
            assert all(mine.judgements[b].verdict == outcome.judgements[b].verdict for b in BASES)
    assert detected >= 20


def test_a_moved_number_is_told_with_its_cause(base, shipped, every, read, monkeypatch):
    """The lock of before names the claim, from what to what, and by how much."""
    edition = "itu_aggregates_2025_11"
    row = at(read[edition].frame, ("internet_use", "HIC", "_T", "_T", "_T", "2025"))
    with held(monkeypatch, read, **{edition: with_value(read[edition], row, 90.2)}):
        now = reproduce(shipped, every)
    told = locks.claim_changes(locks.lock_of(base), locks.lock_of(now))
    assert told["a_res_80_173.p21_high_income"] == [
        "a_res_80_173.p21_high_income, published: 94.2 -> 90.2 (-4)",
        "a_res_80_173.p21_high_income: quoted -> differs",
    ]
    assert set(told) == {name for name, _ in cells(base)[edition, "internet_use", "HIC", "_T", "_T", "_T", "2025"]}
