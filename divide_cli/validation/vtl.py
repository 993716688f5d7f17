"""Rules as a VTL 2.1 text: those that ask of single rows as datapoint rulesets, those on totals and parts as checks.

What VTL cannot say, or says only in part, stands in the text as a comment with the reason. Source: SDMX Technical
Working Group, Validation and Transformation Language 2.1, reference manual (define datapoint ruleset, check_datapoint,
check, setdiff).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue, codelist
from divide_cli.frames.columns import fields

_LEVELS = {"note": 1, "warning": 2, "error": 3}
_ROWS = "DS_ROWS"
_WITH_HALF = "DS_WITH_HALF"
"""The rows with half a unit of the last decimal of each value."""
_HALF = "HALF"
_KEY = ", ".join(v.KEY)
_MOST_DECIMALS = 6
_COMPONENTS = (*v.KEY, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, *v.QUANTITIES, _HALF)
_CODES = "code_unknown"
"""The rule whose codes the reader knows; the others of its kind are about how a file is written."""


class Unsaid(StrEnum):
    """Why VTL cannot say a rule."""

    PEOPLE = "needs the population of each area by sex, age and place, which no data set of a submission holds"
    SERIES = "compares a value with the history of its series, after other rules have set rows aside"
    FILE = "asks how a file is written, which is gone once its rows are a data set"
    TEXTS = "looks for words in comments; VTL 2.1 has no search in any case of letters, and no finding of a whole file"
    FURTHER = "is about parts of the country or further breakdowns, which the data set has no columns for"
    AGES = "reads the bounds of age bands out of their codes, and compares all bands of a key"
    TOGETHER = "judges all values of an indicator together"
    CHANCE = "tests all values of an indicator together against chance"
    PREVIOUS = "compares two submissions; an engine that holds both can join them by key"
    END = "needs the years in which each area existed"
    TODAY = "asks for the day on which it is applied"
    WAIVERS = "is about waivers, not about data"
    TWO_COMMENTS = "reads the comments of two rows of one key"
    SEVERAL_YEARS = "asks how many years of a series agree; one year may do so by chance"


@dataclass(frozen=True)
class OfRows:
    """How VTL says rules of a kind that ask of single rows: the name of each condition, and what ought to hold."""

    conditions: Callable[[Rule], Mapping[str, str]]


@dataclass(frozen=True)
class OfKeys:
    """How VTL says rules of a kind that compare rows: the statements of a rule, of which it is one among all."""

    statements: Callable[[Rule, Sequence[Rule]], str]


Vtl = Unsaid | OfRows | OfKeys


def text(rules: Sequence[Rule], kinds: Mapping[str, Vtl]) -> str:
    """The rules as one VTL program on the data set DS_ROWS; each result has the id of its rule and holds what fails.

    `kinds` says how VTL says each kind of rule.
    """
    rows, keys, unsaid = [], [], []
    for rule in rules:
        vtl = kinds[rule.kind]
        if rule.id == _CODES:
            rows.append(_ruleset(rule, _known_codes()))
        elif reason := vtl if isinstance(vtl, Unsaid) else _why_not(rule):
            unsaid.append(_remark(f"{rule.id} ({rule.name}): {reason}"))
        elif isinstance(vtl, OfRows):
            rows.append(_ruleset(rule, vtl.conditions(rule)))
        elif isinstance(vtl, OfKeys):
            keys.append(vtl.statements(rule, rules))
    with_half = f"{_WITH_HALF} := {_ROWS}[calc {_HALF} := {_half(v.OBS_VALUE)}];\n"
    program = [_HEAD.format(version=__version__), with_half, *rows, _VALUES_HEAD, _values(), *keys]
    return "\n".join([*program, _remark("Not exported, with the reason:"), *unsaid, ""])


_HEAD = f"""/* Rules of divide {{version}} as VTL 2.1.
   Input: the data set {_ROWS} with the identifiers LINE, {_KEY}
   (LINE numbers the rows, so that a repeated key can be seen; it and TIME_PERIOD are integers, the others strings)
   and the measures OBS_VALUE (number), UNIT_MEASURE, OBS_STATUS (strings), {", ".join(v.QUANTITIES)}
   (numbers). Each result is named as its rule and holds the rows, or keys, that break it; errorlevel 3 is an error,
   2 a warning, 1 a note. Decimals are those that the number needs: a zero at the end is not seen, so that a few cases
   fewer are found. */
"""


def _why_not(rule: Rule) -> Unsaid | None:
    """Why a rule is not exported though others of its kind are."""
    parameters = rule.parameters
    if parameters.get("throughout") or rule.scope.get("of_parts") or "where" in rule.scope:
        return Unsaid.FURTHER
    if parameters.get("said_apart"):
        return Unsaid.TWO_COMMENTS
    if parameters.get("adds_to", "total") != "total" or parameters.get("years", [1])[0] > 1:
        return Unsaid.SEVERAL_YEARS
    return None


def _among(component: str, codes: Iterable[str]) -> str:
    """The component is one of the codes."""
    texts = ", ".join(f'"{code}"' for code in codes)
    return f"{component} in {{{texts}}}"


def _number(value: float) -> str:
    """A number as VTL writes it: without an exponent."""
    return f"{value:.12f}".rstrip("0").rstrip(".") or "0"


def _remark(words: str) -> str:
    """A comment; what would end it is parted."""
    return f"/* {' '.join(words.split()).replace('*/', '* /')} */"


def _remarks(rule: Rule, note: str = "") -> str:
    """What stands above the statements of a rule."""
    return _remark(f"{rule.id}: {rule.name}. {rule.reason}" + (f" Here: {note}." if note else ""))


def _check(expression: str, rule: Rule) -> str:
    return f'check({expression} errorcode "{rule.id}" errorlevel {_LEVELS[rule.severity]} invalid)'


def _indicators(rule: Rule) -> list[str] | None:
    """The indicators that the rule's scope names, by id or unit; None where it names all."""
    scope = rule.scope
    if not {"units", "indicators", "without"} & set(scope):
        return None
    return [
        entry.id
        for entry in catalogue().indicators.values()
        if entry.unit in scope.get("units", [entry.unit])
        and entry.id in scope.get("indicators", [entry.id])
        and entry.id not in scope.get("without", ())
    ]


def _by_unit() -> Mapping[str, list[str]]:
    """Unit -> the indicators that are measured in it; only units that any indicator has."""
    indicators = catalogue().indicators.values()
    by_unit = {unit: [entry.id for entry in indicators if entry.unit == unit] for unit in catalogue().units}
    return {unit: own for unit, own in by_unit.items() if own}


# rules that ask of single rows


def _ruleset(rule: Rule, conditions: Mapping[str, str]) -> str:
    """A datapoint ruleset on the components that its conditions name, and its check."""
    level = _LEVELS[rule.severity]
    components = [name for name in _COMPONENTS if any(re.search(rf"\b{name}\b", one) for one in conditions.values())]
    data = _WITH_HALF if _HALF in components else _ROWS
    lines = [
        f'  {name}: {condition} errorcode "{rule.id}" errorlevel {level}' for name, condition in conditions.items()
    ]
    note = f"rows of {', '.join(rule.unless)} are reported here too" if rule.unless else ""
    return (
        f"{_remarks(rule, note)}\ndefine datapoint ruleset dpr_{rule.id} (variable {', '.join(components)}) is\n"
        + ";\n".join(lines)
        + f"\nend datapoint ruleset;\n{rule.id} <- check_datapoint({data}, dpr_{rule.id});\n"
    )


def _known_codes() -> Mapping[str, str]:
    """The codes of every column that has a codelist or a pattern: what the reader refuses as unknown."""
    shape = str(fields("observations")[v.AGE]["constraints"]["pattern"])
    conditions = {
        v.REF_AREA: _among(v.REF_AREA, codelist("CL_AREA").codes),
        v.INDICATOR: _among(v.INDICATOR, catalogue().indicators),
        v.SEX: _among(v.SEX, codelist("CL_SEX").codes),
        v.AGE: f'match_characters({v.AGE}, "{shape}")',
        v.URBANISATION: _among(v.URBANISATION, codelist("CL_URBANISATION").codes),
        v.OBS_STATUS: _among(v.OBS_STATUS, codelist("CL_OBS_STATUS").codes),
    }
    return {f"in_{name}": condition for name, condition in conditions.items()}


def holds(condition: str | Callable[[Rule], str], **derived: Callable[[Rule], float]) -> OfRows:
    """One condition on the rows of the rule's scope, in which parameters of the rule and `derived` are filled in."""

    def conditions(rule: Rule) -> Mapping[str, str]:
        indicators = _indicators(rule)
        when = f"when {_among(v.INDICATOR, indicators)} then " if indicators is not None else ""
        text = condition if isinstance(condition, str) else condition(rule)
        return {"holds": when + _filled(text, rule, derived)}

    return OfRows(conditions)


def _filled(condition: str, rule: Rule, derived: Mapping[str, Callable[[Rule], float]]) -> str:
    """The condition with the numbers that the rule gives: its parameters, the room of its tolerance, and others."""
    numbers = {name: value for name, value in rule.parameters.items() if isinstance(value, int | float)}
    numbers |= {"room": rule.tolerance + v.EXACT, "exact": v.EXACT} | {name: of(rule) for name, of in derived.items()}
    return condition.format(**{name: _number(value) for name, value in numbers.items()})


def out_of_range(rule: Rule) -> Mapping[str, str]:
    """The least and the greatest value of each unit, or `most`."""
    scope, conditions = _indicators(rule), {}
    for name, indicators in _by_unit().items():
        unit = catalogue().units[name]
        own = [code for code in indicators if scope is None or code in scope]
        most = min((bound for bound in (unit.maximum, rule.parameters.get("most")) if bound is not None), default=None)
        bounds = []
        if unit.minimum is not None:
            bounds.append(f"{v.OBS_VALUE} >= {_number(unit.minimum - rule.tolerance)}")
        if most is not None:
            bounds.append(f"{v.OBS_VALUE} <= {_number(most + rule.tolerance)}")
        if own and bounds:
            conditions[f"of_{name}"] = f"when {_among(v.INDICATOR, own)} then {' and '.join(bounds)}"
    return conditions


def _possible_year() -> str:
    bounds = fields("observations")[v.TIME_PERIOD]["constraints"]
    return f"{v.TIME_PERIOD} >= {bounds['minimum']} and {v.TIME_PERIOD} <= {bounds['maximum']}"


def possible_year(_rule: Rule) -> Mapping[str, str]:
    """The years of the schema of observations."""
    return {"holds": _possible_year()}


def unit_of_indicator(_rule: Rule) -> Mapping[str, str]:
    """The unit of each indicator."""
    return {
        f"of_{unit}": f'when {_among(v.INDICATOR, own)} then {v.UNIT_MEASURE} = "{unit}"'
        for unit, own in _by_unit().items()
    }


def share_of_counts(rule: Rule) -> str:
    """The percentage is that of the two counts, whatever their scale.

    Without a division: a denominator of zero is a fault, and no failure of the engine.
    """
    fits = " or ".join(
        f"abs({100 * scale} * NUMERATOR - OBS_VALUE * DENOMINATOR) <= (HALF + {{room}}) * DENOMINATOR"
        for scale in (1, *rule.parameters.get("scales", ()))
    )
    incomplete = "isnull(NUMERATOR) or isnull(DENOMINATOR) or isnull(OBS_VALUE)"
    return f"{incomplete} or (DENOMINATOR > 0 and ({fits}))"


# rules that compare rows

_VALUES_HEAD = _remark(
    "What the rules below compare: rows whose value, year and unit can be right, and keys that have one value; each "
    "with half a unit of its last decimal. Other rules that set rows aside (slips of the unit, dragged years) are not "
    "said here."
)


def _half(component: str) -> str:
    """Half a unit of the last decimal that the number needs."""
    expression = "0"
    for decimals in range(_MOST_DECIMALS, -1, -1):
        half = _number(0.5 * 10.0**-decimals)
        expression = f"if {component} = round({component}, {decimals}) then {half} else {expression}"
    return f"({expression})"


def _values() -> str:
    """The statements that make VALUES of the rows."""
    sound = [f"({_possible_year()})"]
    for name, own in _by_unit().items():
        unit = catalogue().units[name]
        limits = [f'{v.UNIT_MEASURE} = "{name}"']
        limits += [f"{v.OBS_VALUE} >= {_number(unit.minimum)}"] if unit.minimum is not None else []
        limits += [f"{v.OBS_VALUE} <= {_number(unit.maximum)}"] if unit.maximum is not None else []
        sound.append(f"(not ({_among(v.INDICATOR, own)}) or ({' and '.join(limits)}))")
    return (
        f"GIVEN := {_ROWS}[filter not isnull({v.OBS_VALUE})];\n"
        f"LOWEST := min(GIVEN[keep {v.OBS_VALUE}] group by {_KEY});\n"
        f"HIGHEST := max(GIVEN[keep {v.OBS_VALUE}] group by {_KEY});\n"
        f"SOUND := GIVEN[filter {' and '.join(sound)}][keep {v.OBS_VALUE}];\n"
        f"LEAST := min(SOUND group by {_KEY});\n"
        f"GREATEST := max(SOUND[rename {v.OBS_VALUE} to UPPER] group by {_KEY});\n"
        f"VALUES := inner_join(LEAST, GREATEST)[filter {v.OBS_VALUE} = UPPER][keep {v.OBS_VALUE}]"
        f"[calc {_HALF} := {_half(v.OBS_VALUE)}];\n"
    )


def duplicate_key(rule: Rule, _rules: Sequence[Rule]) -> str:
    """A key that stands in several rows, with several values or with one."""
    if rule.parameters["values"] == "different":
        return f"{_remarks(rule)}\n{rule.id} <- {_check('LOWEST = HIGHEST', rule)};\n"
    counts = f"TIMES_{rule.id}"
    once = f"{counts}[calc ONCE := int_var = 1 or LOW <> HIGH][keep ONCE]"
    return (
        f"{_remarks(rule, 'keys with one value in several rows')}\n"
        f"{counts} := inner_join(count(GIVEN[keep {v.OBS_VALUE}] group by {_KEY}), "
        f"LOWEST[rename {v.OBS_VALUE} to LOW], HIGHEST[rename {v.OBS_VALUE} to HIGH]);\n"
        f"{rule.id} <- {_check(once, rule)};\n"
    )


def _side(name: str, dimension: str, code: str, scope: str = "") -> str:
    """The values of one code, and half a unit of their last decimal, under a name."""
    return f'VALUES{scope}[sub {dimension} = "{code}"][rename {v.OBS_VALUE} to {name}, {_HALF} to {_HALF}_{name}]'


def _holds(condition: str, sides: str, rule: Rule) -> str:
    return _check(f"{sides}[calc HOLDS := {condition}][keep HOLDS]", rule)


def sides(condition: str | Callable[[Rule], str], total: bool = True) -> OfKeys:
    """A condition on TOTAL, ONE and OTHER, the total and its parts side by side; cases of exported rules are theirs."""

    def statements(rule: Rule, rules: Sequence[Rule]) -> str:
        dimension, (one, other) = rule.parameters["dimension"], rule.parameters["parts"]
        indicators = _indicators(rule)
        scope = f"[filter {_among(v.INDICATOR, indicators)}]" if indicators is not None else ""
        codes = [*([("TOTAL", v.TOTAL)] if total else []), ("ONE", one), ("OTHER", other)]
        values = ", ".join(_side(name, dimension, code, scope) for name, code in codes)
        text = condition if isinstance(condition, str) else condition(rule)
        check = _holds(_filled(text, rule, {}), f"SIDES_{rule.id}", rule)
        for before in rules:
            same = before.parameters.get("dimension") == dimension
            in_program = before.kind in ("total_outside", "composition") and _why_not(before) is None
            if before.id in rule.unless and same and in_program:
                check = f"setdiff({check}, {before.id})"
        return f"{_remarks(rule)}\nSIDES_{rule.id} := inner_join({values});\n{rule.id} <- {check};\n"

    return OfKeys(statements)


def less(one: str, other: str) -> str:
    """The smaller of two numbers."""
    return f"(if {one} < {other} then {one} else {other})"


def more(one: str, other: str) -> str:
    """The greater of two numbers."""
    return f"(if {one} > {other} then {one} else {other})"


def total_between(rule: Rule) -> str:
    """The total lies between its parts, each as an interval."""
    total, one, other = "HALF_TOTAL", "HALF_ONE", "HALF_OTHER"
    if rule.parameters.get("finest"):
        total = one = other = less("HALF_TOTAL", less("HALF_ONE", "HALF_OTHER"))
    least, greatest = less(f"ONE - {one}", f"OTHER - {other}"), more(f"ONE + {one}", f"OTHER + {other}")
    return f"{least} - (TOTAL + {total}) <= {{room}} and (TOTAL - {total}) - {greatest} <= {{room}}"


NOT_BEHIND = "OTHER - ONE - HALF_ONE - HALF_OTHER <= {room}"
"""The first of two sides reaches the second."""


def ordered(rule: Rule, _rules: Sequence[Rule]) -> str:
    """A check for each two neighbours in the order."""
    order = rule.parameters["order"]
    note = "neighbours in the order only, and without regard to networks that shrink or years in a row"
    statements = f"{_remarks(rule, note if len(order) > 2 else '')}\n"
    for place, (above, below) in enumerate(pairwise(order), start=1):
        pair = f"inner_join({_side('ONE', v.INDICATOR, above)}, {_side('OTHER', v.INDICATOR, below)})"
        statements += f"{rule.id}_{place} <- {_holds(_filled(NOT_BEHIND, rule, {}), pair, rule)};\n"
    return statements
