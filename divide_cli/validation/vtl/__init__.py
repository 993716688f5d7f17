"""Rules as a VTL 2.1 text: those that ask of single rows as datapoint rulesets, those on totals and parts as checks.

What VTL cannot say, or says only in part, stands in the text as a comment with the reason. Source: SDMX Technical
Working Group, Validation and Transformation Language 2.1, reference manual (define datapoint ruleset, check_datapoint,
check, setdiff).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue, codelist
from divide_cli.frames.schema import fields
from divide_cli.validation.vtl import parts
from divide_cli.validation.vtl.terms import Said, among, indicators, number, remark, remarks

LEVELS = {"note": 1, "warning": 2, "error": 3}
ROWS = "DS_ROWS"
CODES = "code_unknown"
"""The rule whose codes the reader knows; the others of its kind are about how a file is written."""
Condition = Callable[[Rule], Said]
_PEOPLE = "needs the population of each area by sex, age and place, which no data set of a submission holds"
_SERIES = "compares a value with the history of its series, after other rules have set rows aside"
_FILE = "asks how a file is written, which is gone once its rows are a data set"
_TEXTS = "looks for words in comments; VTL 2.1 has no search in any case of letters, and no finding of a whole file"
_FURTHER = "is about parts of the country or further breakdowns, which the data set has no columns for"
UNSAID: Mapping[str, str] = {
    **dict.fromkeys(("implied_share", "mean_of_bands"), _PEOPLE),
    **dict.fromkeys(("slip", "lonely_zero", "repeated", "spike", "jump", "fall", "ratio", "gap_in_years"), _SERIES),
    **dict.fromkeys(("swapped", "same_sides", "one_side", "copied", "filled_down"), _SERIES),
    **dict.fromkeys(("unreadable", "ignored", "no_values", "remark", "foreign_indicator", "padded"), _FILE),
    **dict.fromkeys(("too_precise", "refused"), _FILE),
    **dict.fromkeys(("says", "unsaid"), _TEXTS),
    **dict.fromkeys(("total_beyond_parts", "stands_apart", "sum_of_parts", "copied_across"), _FURTHER),
    "age_bands": "reads the bounds of age bands out of their codes, and compares all bands of a key",
    **dict.fromkeys(("fractions", "part_fractions"), "judges all values of an indicator together"),
    "digit_preference": "tests all values of an indicator together against chance",
    "against_previous": "compares two submissions; an engine that holds both can join them by key",
    "after_the_end": "needs the years in which each area existed",
    "year_not_yet": "asks for the day on which it is applied",
    "waiver": "is about waivers, not about data",
}
"""Why the rules of a kind are not exported."""
_PARAMETERS: Mapping[str, frozenset[str]] = {
    "out_of_range": frozenset({"most", "near", "throughout"}),
    "year_out_of_range": frozenset(),
    "other_unit": frozenset(),
    "quotient": frozenset({"scales"}),
    "small_sample": frozenset({"least"}),
    "imprecise": frozenset({"most"}),
    "wide_interval": frozenset({"z", "wide", "narrow", "relative"}),
    "implausible_error": frozenset({"least", "most"}),
    "duplicate_key": frozenset({"values", "said_apart"}),
    "total_outside": frozenset({"dimension", "parts", "finest"}),
    "composition": frozenset({"dimension", "parts", "adds_to", "least"}),
    "side_behind": frozenset({"dimension", "parts"}),
    "ordered": frozenset({"order", "fallen", "years", "finest"}),
}
"""The parameters of each kind that the export knows; a rule with another is not exported."""


def text(rules: Sequence[Rule]) -> str:
    """The rules as one VTL program on the data set DS_ROWS; each result has the id of its rule and holds what fails."""
    rows, whole, unsaid = [], [], []
    for rule in rules:
        level = LEVELS[rule.severity]
        if why := _why_not(rule):
            unsaid.append(remark(f"{rule.id} ({rule.name}): {why}"))
        elif rule.id == CODES:
            rows.append(_known_codes(rule))
        elif rule.kind in ROW_KINDS:
            rows.append(_of_rows(rule, ROW_KINDS[rule.kind](rule)))
        else:
            whole.append(parts.KINDS[rule.kind](rule, level, rules))
    program = [
        _HEAD.format(version=__version__),
        parts.with_half(ROWS),
        *rows,
        parts.VALUES_HEAD,
        parts.values(),
        *whole,
    ]
    return "\n".join([*program, remark("Not exported, with the reason:"), *unsaid, ""])


_HEAD = f"""/* Rules of divide {{version}} as VTL 2.1.
   Input: the data set {ROWS} with the identifiers LINE, {", ".join(v.KEY)}
   (LINE numbers the rows, so that a repeated key can be seen; it and TIME_PERIOD are integers, the others strings)
   and the measures OBS_VALUE (number), UNIT_MEASURE, OBS_STATUS (strings), {", ".join(v.QUANTITIES)}
   (numbers). Each result is named as its rule and holds the rows, or keys, that break it; errorlevel 3 is an error,
   2 a warning, 1 a note. Decimals are those that the number needs: a zero at the end is not seen, so that a few cases
   fewer are found. */
"""


def _why_not(rule: Rule) -> str:
    """Why the rule is not exported; nothing where it is."""
    told, known = rule.parameters, _PARAMETERS.get(rule.kind)
    if rule.id == CODES:
        return ""
    if known is None:
        return UNSAID.get(rule.kind, "compares rows in a way that is not exported")
    reasons = {
        f"asks for {', '.join(sorted(set(told) - known))}, which is not exported": not set(told) <= known,
        _FURTHER: bool(told.get("throughout") or rule.scope.get("of_parts") or "where" in rule.scope),
        "reads the comments of two rows of one key": bool(told.get("said_apart")),
        "asks how many years of a series agree; one year may do so by chance": (
            told.get("adds_to", "total") != "total" or told.get("years", [1])[0] > 1
        ),
    }
    return next((why for why, so in reasons.items() if so), "")


def _of_rows(rule: Rule, said: Said) -> str:
    """A datapoint ruleset and its check."""
    level = LEVELS[rule.severity]
    lines = [f'  {name}: {condition} errorcode "{rule.id}" errorlevel {level}' for name, condition in said.conditions]
    components = ", ".join(said.components)
    data = parts.WITH_HALF if parts.HALF in said.components else ROWS
    return (
        f"{remarks(rule, said.note)}\n"
        f"define datapoint ruleset dpr_{rule.id} (variable {components}) is\n"
        + ";\n".join(lines)
        + f"\nend datapoint ruleset;\n{rule.id} <- check_datapoint({data}, dpr_{rule.id});\n"
    )


def _known_codes(rule: Rule) -> str:
    """The codes of every column that has a codelist or a pattern: what the reader refuses as unknown."""
    shape = str(fields("observations")[v.AGE]["constraints"]["pattern"])
    conditions = [
        (v.REF_AREA, among(v.REF_AREA, codelist("CL_AREA").codes)),
        (v.INDICATOR, among(v.INDICATOR, catalogue().indicators)),
        (v.SEX, among(v.SEX, codelist("CL_SEX").codes)),
        (v.AGE, f'match_characters({v.AGE}, "{shape}")'),
        (v.URBANISATION, among(v.URBANISATION, codelist("CL_URBANISATION").codes)),
        (v.OBS_STATUS, among(v.OBS_STATUS, codelist("CL_OBS_STATUS").codes)),
    ]
    named = tuple((f"in_{name}", condition) for name, condition in conditions)
    return _of_rows(rule, Said(tuple(name for name, _ in conditions), named))


def _scoped(rule: Rule, components: Iterable[str], condition: str, note: str = "") -> Said:
    """A condition on the rows of the rule's scope."""
    wanted = indicators(rule)
    when = f"when {among(v.INDICATOR, wanted)} then " if wanted is not None else ""
    return Said((v.INDICATOR, *components), (("holds", when + condition),), note)


def _out_of_range(rule: Rule) -> Said:
    wanted, made = indicators(rule), []
    for unit in catalogue().units.values():
        own = [entry.id for entry in catalogue().indicators.values() if entry.unit == unit.id]
        own = [name for name in own if wanted is None or name in wanted]
        most = min((bound for bound in (unit.maximum, rule.parameters.get("most")) if bound is not None), default=None)
        bounds = []
        if unit.minimum is not None:
            bounds.append(f"{v.OBS_VALUE} >= {number(unit.minimum - rule.tolerance)}")
        if most is not None:
            bounds.append(f"{v.OBS_VALUE} <= {number(most + rule.tolerance)}")
        if own and bounds:
            made.append((f"of_{unit.id}", f"when {among(v.INDICATOR, own)} then {' and '.join(bounds)}"))
    return Said((v.INDICATOR, v.OBS_VALUE), tuple(made))


def _year(_rule: Rule) -> Said:
    bounds = fields("observations")[v.TIME_PERIOD]["constraints"]
    condition = f"{v.TIME_PERIOD} >= {bounds['minimum']} and {v.TIME_PERIOD} <= {bounds['maximum']}"
    return Said((v.TIME_PERIOD,), (("holds", condition),))


def _unit(_rule: Rule) -> Said:
    made = []
    for unit in catalogue().units:
        own = [entry.id for entry in catalogue().indicators.values() if entry.unit == unit]
        if own:
            made.append((f"of_{unit}", f'when {among(v.INDICATOR, own)} then {v.UNIT_MEASURE} = "{unit}"'))
    return Said((v.INDICATOR, v.UNIT_MEASURE), tuple(made))


_ABOVE, _BELOW, _ASKED, _ERROR = v.QUANTITIES


def _quotient(rule: Rule) -> Said:
    """Without a division: a denominator of zero is a fault, and no failure of the engine."""
    room = f"({parts.HALF} + {number(rule.tolerance + parts.EXACT)}) * {_BELOW}"
    fits = " or ".join(
        f"abs({100 * scale} * {_ABOVE} - {v.OBS_VALUE} * {_BELOW}) <= {room}"
        for scale in (1, *rule.parameters.get("scales", ()))
    )
    condition = f"isnull({_ABOVE}) or isnull({_BELOW}) or isnull({v.OBS_VALUE}) or ({_BELOW} > 0 and ({fits}))"
    return _scoped(rule, (v.OBS_VALUE, _ABOVE, _BELOW, parts.HALF), condition)


def _small_sample(rule: Rule) -> Said:
    return _scoped(rule, (v.OBS_VALUE, _ASKED), f"isnull({v.OBS_VALUE}) or {_ASKED} >= {rule.parameters['least']}")


def _imprecise(rule: Rule) -> Said:
    """Of the share and its rest the smaller one counts: the error may exceed neither's."""
    most = number(rule.parameters["most"])
    condition = (
        f"{v.OBS_VALUE} <= 0 or {v.OBS_VALUE} >= 100 or "
        f"(100 * {_ERROR} <= {most} * {v.OBS_VALUE} and 100 * {_ERROR} <= {most} * (100 - {v.OBS_VALUE}))"
    )
    return _scoped(rule, (v.OBS_VALUE, _ERROR), condition)


def _wide_interval(rule: Rule) -> Said:
    told = rule.parameters
    width = f"{number(2 * told['z'])} * {_ERROR}"
    condition = (
        f"{width} < {told['wide']} and ({width} <= {told['narrow']} or "
        f"100 * {width} <= {told['relative']} * {v.OBS_VALUE})"
    )
    note = f"rows of {', '.join(rule.unless)} are reported here too" if rule.unless else ""
    return _scoped(rule, (v.OBS_VALUE, _ERROR), condition, note)


def _implausible_error(rule: Rule) -> Said:
    told = rule.parameters
    spread, effect = f"{v.OBS_VALUE} * (100 - {v.OBS_VALUE})", f"{_ERROR} * {_ERROR} * {_ASKED}"
    condition = (
        f"{spread} <= 0 or {_ASKED} <= 0 or ({effect} >= {number(told['least'])} * {spread} and "
        f"{effect} <= {number(told['most'])} * {spread})"
    )
    return _scoped(rule, (v.OBS_VALUE, _ASKED, _ERROR), condition)


ROW_KINDS: Mapping[str, Condition] = {
    "out_of_range": _out_of_range,
    "year_out_of_range": _year,
    "other_unit": _unit,
    "quotient": _quotient,
    "small_sample": _small_sample,
    "imprecise": _imprecise,
    "wide_interval": _wide_interval,
    "implausible_error": _implausible_error,
}
"""Kinds that ask of single rows."""
