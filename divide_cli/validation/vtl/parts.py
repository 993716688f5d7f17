"""VTL of rules that compare rows: a key that stands twice, a total and its parts, one indicator above another."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.frames.schema import fields
from divide_cli.validation.vtl.terms import among, indicators, number, remark, remarks

EXACT = 1e-9
"""What sums of doubles may be off by."""
_MOST_DECIMALS = 6
HALF = "HALF"
WITH_HALF = "DS_WITH_HALF"
"""The rows with half a unit of the last decimal of each value."""
_KEY = ", ".join(v.KEY)
VALUES_HEAD = remark(
    "What the rules below compare: rows whose value, year and unit can be right, and keys that have one value; each "
    "with half a unit of its last decimal. Other rules that set rows aside (slips of the unit, dragged years) are not "
    "said here."
)


def half(component: str) -> str:
    """Half a unit of the last decimal that the number needs."""
    made = "0"
    for decimals in range(_MOST_DECIMALS, -1, -1):
        made = f"if {component} = round({component}, {decimals}) then {number(0.5 * 10.0**-decimals)} else {made}"
    return f"({made})"


def with_half(rows: str) -> str:
    """The statement that makes WITH_HALF of the rows."""
    return f"{WITH_HALF} := {rows}[calc {HALF} := {half(v.OBS_VALUE)}];\n"


def values() -> str:
    """The statements that make VALUES of the rows."""
    sound = [
        f"({v.TIME_PERIOD} >= {bounds['minimum']} and {v.TIME_PERIOD} <= {bounds['maximum']})"
        for bounds in [fields("observations")[v.TIME_PERIOD]["constraints"]]
    ]
    for unit in catalogue().units.values():
        own = [entry.id for entry in catalogue().indicators.values() if entry.unit == unit.id]
        limits = [f'{v.UNIT_MEASURE} = "{unit.id}"']
        limits += [f"{v.OBS_VALUE} >= {number(unit.minimum)}"] if unit.minimum is not None else []
        limits += [f"{v.OBS_VALUE} <= {number(unit.maximum)}"] if unit.maximum is not None else []
        if own:
            sound.append(f"(not ({among(v.INDICATOR, own)}) or ({' and '.join(limits)}))")
    return (
        f"GIVEN := DS_ROWS[filter not isnull({v.OBS_VALUE})];\n"
        f"LOWEST := min(GIVEN[keep {v.OBS_VALUE}] group by {_KEY});\n"
        f"HIGHEST := max(GIVEN[keep {v.OBS_VALUE}] group by {_KEY});\n"
        f"SOUND := GIVEN[filter {' and '.join(sound)}][keep {v.OBS_VALUE}];\n"
        f"LEAST := min(SOUND group by {_KEY});\n"
        f"GREATEST := max(SOUND[rename {v.OBS_VALUE} to UPPER] group by {_KEY});\n"
        f"VALUES := inner_join(LEAST, GREATEST)[filter {v.OBS_VALUE} = UPPER][keep {v.OBS_VALUE}]"
        f"[calc HALF := {half(v.OBS_VALUE)}];\n"
    )


def _duplicates(rule: Rule, level: int, _rules: Sequence[Rule]) -> str:
    """A key that stands in several rows, with several values or with one."""
    tail = f'errorcode "{rule.id}" errorlevel {level} invalid);\n'
    if rule.parameters["values"] == "different":
        return f"{remarks(rule)}\n{rule.id} <- check(LOWEST = HIGHEST {tail}"
    counted = f"TIMES_{rule.id}"
    return (
        f"{remarks(rule, 'keys with one value in several rows')}\n"
        f"{counted} := inner_join(count(GIVEN[keep {v.OBS_VALUE}] group by {_KEY}), "
        f"LOWEST[rename {v.OBS_VALUE} to LOW], HIGHEST[rename {v.OBS_VALUE} to HIGH]);\n"
        f"{rule.id} <- check({counted}[calc ONCE := int_var = 1 or LOW <> HIGH][keep ONCE] {tail}"
    )


def _sides(rule: Rule, total: bool) -> str:
    """The statement that sets the total and its two parts side by side, by the rest of the key."""
    dimension, (one, other) = rule.parameters["dimension"], rule.parameters["parts"]
    wanted = indicators(rule)
    scope = f"[filter {among(v.INDICATOR, wanted)}]" if wanted is not None else ""
    named = [("TOTAL", v.TOTAL)] if total else []
    parts = [
        f'VALUES{scope}[sub {dimension} = "{code}"][rename {v.OBS_VALUE} to {name}, HALF to HALF_{name}]'
        for name, code in (*named, ("ONE", one), ("OTHER", other))
    ]
    return f"SIDES_{rule.id} := inner_join({', '.join(parts)});\n"


def _check(rule: Rule, level: int, condition: str, rules: Sequence[Rule], total: bool = True, note: str = "") -> str:
    """The parts side by side, and a check of what ought to hold; cases that other rules have are theirs."""
    holds = f"SIDES_{rule.id}[calc HOLDS := {condition}][keep HOLDS]"
    made = f'check({holds} errorcode "{rule.id}" errorlevel {level} invalid)'
    for other in rules:
        same = other.parameters.get("dimension") == rule.parameters.get("dimension")
        if other.id in rule.unless and same and _exported(other):
            made = f"setdiff({made}, {other.id})"
    return f"{remarks(rule, note)}\n{_sides(rule, total)}{rule.id} <- {made};\n"


def _exported(rule: Rule) -> bool:
    return rule.kind == "total_outside" or (rule.kind == "composition" and rule.parameters["adds_to"] == "total")


def _less(one: str, other: str) -> str:
    return f"(if {one} < {other} then {one} else {other})"


def _more(one: str, other: str) -> str:
    return f"(if {one} > {other} then {one} else {other})"


def _total_outside(rule: Rule, level: int, rules: Sequence[Rule]) -> str:
    total, one, other = "HALF_TOTAL", "HALF_ONE", "HALF_OTHER"
    if rule.parameters.get("finest"):
        total = one = other = _less("HALF_TOTAL", _less("HALF_ONE", "HALF_OTHER"))
    room = number(rule.tolerance + EXACT)
    least, greatest = _less(f"ONE - {one}", f"OTHER - {other}"), _more(f"ONE + {one}", f"OTHER + {other}")
    condition = f"{least} - (TOTAL + {total}) <= {room} and (TOTAL - {total}) - {greatest} <= {room}"
    return _check(rule, level, condition, rules)


def _composition(rule: Rule, level: int, rules: Sequence[Rule]) -> str:
    exact = number(EXACT)
    outside = f"TOTAL - HALF_TOTAL > {_more('ONE', 'OTHER')} + {_more('HALF_ONE', 'HALF_OTHER')} + {exact}"
    adds = f"abs(ONE + OTHER - TOTAL) <= HALF_ONE + HALF_OTHER + HALF_TOTAL + {exact}"
    return _check(rule, level, f"not (ONE > 0 and OTHER > 0 and {outside} and {adds})", rules)


def _side_behind(rule: Rule, level: int, rules: Sequence[Rule]) -> str:
    condition = f"OTHER - ONE - HALF_ONE - HALF_OTHER <= {number(rule.tolerance + EXACT)}"
    return _check(rule, level, condition, rules, total=False)


def _ordered(rule: Rule, level: int, _rules: Sequence[Rule]) -> str:
    """A check for each two neighbours."""
    note = "neighbours in the order only, and without regard to networks that shrink or years in a row" * (
        len(rule.parameters["order"]) > 2
    )
    made = f"{remarks(rule, note)}\n"
    for place, (above, below) in enumerate(pairwise(rule.parameters["order"]), start=1):
        one, other = (
            f'VALUES[sub {v.INDICATOR} = "{code}"][rename {v.OBS_VALUE} to {name}, HALF to HALF_{name}]'
            for name, code in (("ONE", above), ("OTHER", below))
        )
        condition = f"OTHER - ONE - HALF_ONE - HALF_OTHER <= {number(rule.tolerance + EXACT)}"
        made += (
            f"{rule.id}_{place} <- check(inner_join({one}, {other})[calc HOLDS := {condition}][keep HOLDS] "
            f'errorcode "{rule.id}" errorlevel {level} invalid);\n'
        )
    return made


KINDS: Mapping[str, Callable[[Rule, int, Sequence[Rule]], str]] = {
    "duplicate_key": _duplicates,
    "total_outside": _total_outside,
    "composition": _composition,
    "side_behind": _side_behind,
    "ordered": _ordered,
}
"""Kinds that compare rows; each gives the statements."""
