"""A draft of the design file for a file of records (`--init`): what could be guessed, and what is to be filled in.

Places marked FILL IN are needed before the draft is valid; those marked CHECK are guesses that labels do not prove.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.user_yaml import PlainLoader
from divide_cli.language import clauses, commas, digits, labelled, later, remarked, say
from divide_cli.survey.design import TO_FILL_IN
from divide_cli.survey.design_file import further_dimensions
from divide_cli.survey.guesses import MOST_ROWS, NO, NOT_STATED, YES, Guess, guesses
from divide_cli.survey.submission import persons_from

FILL_IN, CHECK = "FILL IN", "CHECK"
UNKNOWN_YET = f'"{TO_FILL_IN}"'
OLDEST_BAND, ADULTS, YOUTH = 75, 25, 15


def draft(path: Path) -> str:
    """The draft as YAML with comments. Raises SourceError if the file cannot be read."""
    found, labels, is_long = guesses(path)
    entries = catalogue().survey_words
    wanted = [name for name, entry in entries.items() if entry.role != "answer"]
    guessed = commas(name for name in wanted if name in found)
    missing = commas(name for name in wanted if name not in found)
    head = [
        say(
            "Draft of a design file for `divide tabulate {file}`. {page} explains each key.",
            file=path.name,
            page="docs/surveys.md",
        ),
        say(
            "{fill}: needed before the file is valid. {check}: a guess; compare it with the questionnaire.",
            fill=FILL_IN,
            check=CHECK,
        ),
        say("Guessed from names and labels: {guessed}.", guessed=guessed or say("nothing")),
        say("Not found: {missing}.", missing=missing or say("nothing")),
    ]
    if not labels.variables and not labels.values:
        head.append(say("The file has no labels of variables or values, so guesses rest on names and usual codes."))
    if is_long:
        head.append(say("Numbers of rows (n) are those of the first {most:,} rows.", most=MOST_ROWS))
    parts = (*_survey(found.get(v.AGE)), *_sample(found), *_breakdowns(found), *_indicators(found))
    return "\n".join([*(f"# {line}" for line in head), *parts, ""])


def _survey(age: Guess | None) -> Iterator[str]:
    yield "survey:"
    yield f"  name: {UNKNOWN_YET} # {_to_fill_in(say('the name of the survey'))}"
    yield "  producer: ''"
    yield "  source: ''"
    if age and (lowest := min(_ages(age))) > 0:
        yield f"  population: {_scalar(persons_from(int(lowest)))} # {_to_check()}"
    yield f"area: {UNKNOWN_YET} # {_to_fill_in(say('the code of the country, such as TUN (`divide list economies`)'))}"
    yield f"year: {UNKNOWN_YET} # {_to_fill_in(say('the year of the figures'))}"
    yield ""


def _sample(found: Mapping[str, Guess]) -> Iterator[str]:
    """Unit, weight, strata, clusters and id."""
    yield f"unit: persons # {say('what a row is: `persons` or `households`')}"
    if "weight" in found:
        yield f"weight: {_scalar(found['weight'].variable.name)}{_about(found['weight'])}"
    else:
        weight = say("the variable of the weight; `null` if every row counts the same")
        yield f"weight: {UNKNOWN_YET} # {_to_fill_in(weight)}"
    sample = {
        "strata": later("not found: the variables of the stratum"),
        "clusters": later("not found: the variables of the sampling units of each stage"),
    }
    for key, meaning in sample.items():
        if key in found:
            yield f"{key}: [{_scalar(found[key].variable.name)}]{_about(found[key], check=True)}"
        else:
            yield f"# {key}: [] # {say(meaning)}"
    if not {"strata", "clusters"} & set(found):
        without = say(
            "Without strata, clusters or replicate weights, standard errors cannot be had, and none are given."
        )
        yield f"# {without}"
    if "id" in found:
        yield f"id: {_scalar(found['id'].variable.name)}{_about(found['id'])}"
    yield f"missing: exclude # {say('answers not stated: `exclude`, or `no` (count as no)')}"
    yield ""


def _about(guess: Guess, *, check: bool = False) -> str:
    """The comment on a guess: the label of the variable, and the others that fit."""
    parts = [CHECK] if check or guess.others or not guess.sure else []
    parts += [_one_line(guess.variable.label)] if guess.variable.label else []
    parts += [say("or {others}", others=commas(guess.others[:5]))] if guess.others else []
    return f" # {clauses(parts)}" if parts else ""


def _breakdowns(found: Mapping[str, Guess]) -> Iterator[str]:
    """Sex, age and place as they are; further breakdowns behind # signs, to be removed."""
    usual = [found[name] for name in v.DIMENSIONS if name in found]
    further = [found[name] for name in sorted(further_dimensions()) if name in found]
    yield "breakdowns:" if usual else "breakdowns: {}"
    for guess in usual:
        yield from _age(guess) if guess.entry == v.AGE else _codes(guess)
    if further:
        signs = say(
            "Further breakdowns. To use one, remove its # signs; {page} says which codes there are.",
            page="docs/surveys.md",
        )
        yield f"  # {signs}"
    for guess in further:
        yield from (f"  # {line[2:]}" for line in _codes(guess))
    yield ""


def _age(guess: Guess) -> Iterator[str]:
    unknown, ages = list(guess.meanings), _ages(guess)
    yield f"  AGE:{_about(guess)}"
    yield f"    variable: {_scalar(guess.variable.name)}"
    ends = say("in years; the data have {first} to {last}", first=f"{min(ages):g}", last=f"{max(ages):g}")
    yield f"    bands: [{', '.join(_bands(int(min(ages))))}] # {ends}"
    yield from _values("unknown", guess, unknown)


def _ages(guess: Guess) -> list[Any]:
    """The ages in the data."""
    return [value for value, (_, count) in guess.variable.values.items() if count and value not in guess.meanings]


def _bands(low: int) -> Iterator[str]:
    """The age groups of ITU DataHub, the first from the lowest age in the file."""
    if low < YOUTH:
        yield f"Y{10 if low >= 10 else 0}T{YOUTH - 1}"
    if low < ADULTS:
        yield f"Y{max(low, YOUTH)}T{ADULTS - 1}"
    yield f"Y{max(low, ADULTS)}T{OLDEST_BAND - 1}"
    yield f"Y_GE{OLDEST_BAND}"


def _codes(guess: Guess) -> Iterator[str]:
    yield f"  {guess.entry}:{_about(guess)}"
    yield f"    variable: {_scalar(guess.variable.name)}"
    yield "    codes:"
    for value in guess.variable.values:
        code = guess.meanings.get(value)
        if code != NOT_STATED:
            meaning = _meaning(guess, value)
            comment = meaning if code else clauses((_to_fill_in(say("a code")), meaning))
            yield f"      {_scalar(value)}: {code or UNKNOWN_YET} # {comment}"
    yield from _values("unknown", guess, [value for value, code in guess.meanings.items() if code == NOT_STATED])


def _values(key: str, guess: Guess, values: Sequence[Any], *, required: bool = False) -> Iterator[str]:
    """A key with values, each explained in a comment above it."""
    if not values and not required:
        return
    for value in values:
        yield f"    # {_scalar(value)}: {_meaning(guess, value)}"
    yield f"    {key}: [{', '.join(map(_scalar, values))}]"


def _meaning(guess: Guess, value: Any) -> str:
    label, count = guess.variable.values[value]
    return remarked(_one_line(label) or say("no label"), digits(f"n = {count:,}"))


def _indicators(found: Mapping[str, Guess]) -> Iterator[str]:
    indicators = catalogue().indicators
    guessed = [guess for name, guess in found.items() if name in indicators]
    of_persons = [guess for guess in guessed if indicators[guess.entry].population_base != "all households"]
    yield f"indicators: # {say('ids of `divide list indicators`, or your own with a name')}"
    if not of_persons:
        yield f"  internet_use: # {_to_fill_in(say('the question, and the values that mean yes and no'))}"
        yield f"    {{variable: {UNKNOWN_YET}, yes: [1], no: [2], not_stated: [9]}}"
    for guess in of_persons:
        yield from _indicator(guess)
    for guess in guessed:
        if guess not in of_persons:
            needed = say(
                "{indicator} is of households. Add `filter`: which person stands for the household.",
                indicator=guess.entry,
            )
            yield f"  # {needed}"
            yield from (f"  # {line[2:]}" for line in _indicator(guess))


def _indicator(guess: Guess) -> Iterator[str]:
    yield f"  {guess.entry}:{_about(guess)}"
    yield f"    variable: {_scalar(guess.variable.name)}"
    for answer in (YES, NO, NOT_STATED):
        values = [value for value, meaning in guess.meanings.items() if meaning == answer]
        yield from _values(answer, guess, values, required=answer != NOT_STATED)
    if guess.unread:
        unread = say("these values have no meaning yet; add each to `yes`, `no` or `not_stated`")
        yield f"    # {_to_fill_in(unread)}"
        yield from (f"    # {_scalar(value)}: {_meaning(guess, value)}" for value in guess.unread)
    period = say("reference period of the question, such as last three months; `divide validate` asks for it")
    yield f"    period: '' # {period}"


def _to_fill_in(what: str) -> str:
    return labelled(FILL_IN, what)


def _to_check() -> str:
    return clauses((CHECK, say("the lowest age in the data")))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _scalar(value: Any) -> str:
    """A value as YAML: a number without decimals if it has none, a text with quotation marks if it needs them."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    try:
        plain = yaml.load(f"[{value}]", Loader=PlainLoader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError:
        plain = None
    return value if plain == [value] and "#" not in value else json.dumps(value, ensure_ascii=False)
