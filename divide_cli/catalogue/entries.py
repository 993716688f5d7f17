"""What the values of an entry may be, which keys go together, and the check that reports all errors at once.

A kind of entry is a Struct (or, for a part that stays a mapping, a TypedDict) whose annotations describe its keys.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NotRequired,
    Required,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import msgspec
from msgspec import Meta

from divide_cli.errors import CatalogueError
from divide_cli.language import clauses, commas, labelled, later, say

Record = TypeVar("Record")

Number = int | float
AboveZero = Annotated[int, Meta(gt=0)] | Annotated[float, Meta(gt=0)]
FromZero = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1)]
Decimals = Annotated[int, Meta(ge=0, le=9)]
Text = Annotated[str, Meta(min_length=1)]
TRANSLATED = {"translated": True}
Words = Annotated[str, Meta(min_length=1, extra=TRANSLATED)]
"""A text for readers, which has a translation in each language; other texts are ids, citations and patterns."""
Base = Annotated[str, Meta(min_length=1, extra={"translated": "population base"})]
"""The population of a figure. It has one translation everywhere, since entries are matched by it."""
Short = Annotated[str, Meta(min_length=1, max_length=20, extra=TRANSLATED)]
Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$")]
Area = Annotated[str, Meta(pattern=r"^[A-Z]{3,4}$")]
Address = Annotated[str, Meta(min_length=1, extra_json_schema={"format": "uri", "pattern": "^https?://"})]
DecimalText = Annotated[Decimal, Meta(extra_json_schema={"pattern": r"^[0-9]+(\.[0-9]+)?$"})]
Texts = Annotated[tuple[Text, ...], Meta(min_length=1)]
Unique = Meta(min_length=1, extra_json_schema={"uniqueItems": True})
UniqueTexts = Annotated[tuple[Text, ...], Unique]
Ids = Annotated[tuple[Id, ...], Unique]
Areas = Annotated[tuple[Area, ...], Unique]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry, or a part of one, whose keys are its fields."""


class Requirement(NamedTuple):
    """If `key` has one of the values (or any value, if none is named), `needs` are required and `without` excluded."""

    key: str
    values: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class OneOf(NamedTuple):
    """All keys of exactly one group are given, and no key of the other groups."""

    groups: tuple[tuple[str, ...], ...]


TOGETHER: dict[Any, tuple[Requirement | OneOf, ...]] = {}
"""Kind of entry -> which of its keys go together."""


class Key(NamedTuple):
    """What a key may contain, whether it is required, and its value if it is absent."""

    hint: Any
    required: bool
    default: Any


@cache
def keys(kind: Any) -> dict[str, Key]:
    """The keys of a kind of entry, in order."""
    if is_typeddict(kind):
        hints = get_type_hints(kind, include_extras=True)
        wrapped = (NotRequired, Required)
        bare = {name: get_args(hint)[0] if get_origin(hint) in wrapped else hint for name, hint in hints.items()}
        return {name: Key(hint, name in kind.__required_keys__, None) for name, hint in bare.items()}
    return {field.name: Key(field.type, field.required, field.default) for field in msgspec.structs.fields(kind)}


def build(kind: type[Record], values: Mapping[str, Any], where: str, code: str = "key_type_wrong") -> Record:
    """The record of the entry; the CatalogueError names all wrong keys and values, and what is allowed.

    `code` is the error for a value of the wrong kind.
    """
    errors = list(_wrong_keys(kind, values, where))
    try:
        record = msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        errors += _wrong_values(kind, values, where, code)
        unplaced = CatalogueError(
            code, what="entry", found=str(error), where=where
        )  # in a list with mappings and others
        raise CatalogueError.of(errors or [unplaced]) from error
    if errors:
        raise CatalogueError.of(errors)
    return record


def sound_part(kind: Any, values: Mapping[str, Any]) -> tuple[Any, frozenset[str]]:
    """The record of the keys that are right by themselves, and the names of those that are wrong or missing.

    These have their default; required ones have None, whatever their type. Another record is its sound part, too.
    """
    sound: dict[str, Any] = {}
    wrong = {str(name) for name in values if name not in keys(kind)}
    for name, key in keys(kind).items():
        parts = [part for part in kinds_in(key.hint) if isinstance(values.get(name), Mapping)]
        try:
            sound[name] = msgspec.convert(values[name], key.hint)
        except KeyError:
            sound |= {name: None} if key.required else {}
            wrong |= {name} if key.required else set()
        except msgspec.ValidationError:
            sound |= {name: sound_part(parts[0], values[name])[0] if parts else None} if key.required else {}
            wrong.add(name)
    return kind(**sound), frozenset(wrong)


def _wrong_keys(kind: Any, values: Mapping[str, Any], where: str) -> Iterator[CatalogueError]:
    known = keys(kind)
    unknown = sorted(str(name) for name in values if name not in known)
    missing = sorted(name for name, key in known.items() if key.required and name not in values)
    lists = ((say("unknown"), unknown), (say("missing"), missing))
    if unknown or missing:
        faults = clauses(labelled(label, commas(names)) for label, names in lists if names)
        expected = commas(name for name in known if name != "id" or name not in values)  # often not a key of the YAML
        yield CatalogueError("entry_keys_wrong", expected=expected, found=faults, where=where)
    for rule in TOGETHER.get(kind, ()):
        if expected := _broken(rule, known, values):
            yield CatalogueError("entry_keys_wrong", expected=expected, found=commas(map(str, values)), where=where)
    for name, key in known.items():
        for part in _parts(key.hint, values[name], f"{where}, {name}") if name in values else ():
            yield from _wrong_keys(*part)


def _broken(rule: Requirement | OneOf, known: Mapping[str, Key], values: Mapping[str, Any]) -> str:
    """What the rule requires, if the values break it; else empty."""
    if isinstance(rule, OneOf):
        complete = [group for group in rule.groups if set(group) <= set(values)]
        started = [group for group in rule.groups if set(group) & set(values)]
        return "" if len(complete) == len(started) == 1 else say(" or ").join(commas(group) for group in rule.groups)
    value = values.get(rule.key, known[rule.key].default)
    if value not in rule.values if rule.values else rule.key not in values:
        return ""
    lacking = [name for name in rule.needs if values.get(name) in (None, "", [])]
    surplus = [name for name in rule.without if name in values]
    asked = [
        *(say("with {name}", name=name) for name in lacking),
        *(say("without {name}", name=name) for name in surplus),
    ]
    return f"{rule.key} {value if rule.values else ''}".strip() + f" {commas(asked)}" if asked else ""


def _wrong_values(kind: Any, values: Mapping[str, Any], where: str, code: str) -> Iterator[CatalogueError]:
    for name, key in keys(kind).items():
        if name not in values:
            continue
        try:
            msgspec.convert(values[name], key.hint)
        except msgspec.ValidationError:
            parts = list(_parts(key.hint, values[name], f"{where}, {name}"))
            for part in parts:
                yield from _wrong_values(*part, code)
            if not parts:
                yield _wrong_value(key.hint, values[name], where, name, code)


def _wrong_value(hint: Any, value: Any, where: str, name: str, code: str) -> CatalogueError:
    if own := _meta(hint, "extra").get("error"):
        return CatalogueError(own, expected=allowed(hint), found=str(value), where=where)
    shown = f"{value!r:.200}"
    return CatalogueError(code, what=name, expected=allowed(hint), found=shown, where=f"{where}, {name}")


@cache
def kinds_in(hint: Any) -> tuple[Any, ...]:
    """The kinds of entries that an annotation names, at any depth."""
    if is_typeddict(hint) or (isinstance(hint, type) and issubclass(hint, msgspec.Struct)):
        return (hint,)
    return tuple(kind for part in get_args(hint) for kind in kinds_in(part))


def _parts(hint: Any, value: Any, where: str) -> Iterator[tuple[Any, Mapping[str, Any], str]]:
    """The mappings within a value that are of another kind: the kind, the mapping and its place."""
    for kind in kinds_in(hint):
        if isinstance(value, list):
            for number, part in enumerate(value, start=1):
                yield from _parts(_inner(hint), part, f"{where} {number}")
        elif isinstance(value, Mapping) and get_origin(_bare(hint)) is Mapping:
            for name, part in value.items():
                yield from _parts(_inner(hint), part, f"{where}, {name}")
        elif isinstance(value, Mapping):
            yield kind, value, where


def _bare(hint: Any) -> Any:
    """The annotation without its Meta."""
    return _bare(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


def _inner(hint: Any) -> Any:
    """The annotation of the elements of a list or mapping."""
    arguments = [part for part in get_args(_bare(hint)) if part is not Ellipsis]
    return arguments[-1] if arguments else Any


def _meta(hint: Any, name: str) -> Any:
    """What the Meta of an annotation gives under that name; an empty mapping if there is none."""
    values = (getattr(meta, name) for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta))
    return next(filter(None, values), {})


def title(kind: Any, name: str) -> str:
    """The label of a key in `divide show`: its title, else its name with spaces."""
    hint = keys(kind)[name].hint if name in keys(kind) else None
    return _meta(hint, "title") or name.replace("_", " ")


_WORDS = {
    str: later("text"),
    bool: later("true or false"),
    int: later("a whole number"),
    float: later("a number"),
    Decimal: later("a decimal number"),
    date: later("a day such as 2026-08-20, without quotation marks"),
}

_UNIONS = (get_origin(Number), get_origin(FromZero))  # of plain types, and of annotated ones


def allowed(hint: Any) -> str:
    """What a key may contain, in words: `text`, `favourable, adverse, none`, `a whole number or null`."""
    return say(" or ").join(dict.fromkeys(_words(hint)))


def _words(hint: Any) -> Iterator[str]:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        yield commas(str(part) for part in parts if part != "")
    elif origin in _UNIONS:
        bare = [_bare(part) for part in parts]
        for part in parts:  # a whole number is a number
            yield from _words(part) if _bare(part) is not int or float not in bare else ()
    elif origin is Annotated:
        bounds = _bounds(parts[1:])
        for word in _words(parts[0]):
            yield f"{word} {bounds}" if bounds else word
    elif hint is type(None):
        yield "null"
    else:
        yield say("a list") if (origin or hint) in (tuple, list) else say(_WORDS.get(hint, later("a mapping")))


_SIGNS = {
    "gt": later("above {bound}"),
    "ge": later("from {bound}"),
    "le": later("to {bound}"),
    "pattern": later("of the form {bound}"),
    "min_length": later("of a length from {bound}"),
    "max_length": later("to {bound}"),
}


def _bounds(metas: tuple[Any, ...]) -> str:
    """What limits a value, in words: `from 0 to 9`."""
    text = ""
    for meta in metas:
        for name, sign in _SIGNS.items():
            if (bound := getattr(meta, name, None)) is not None and (name, bound) != ("min_length", 1):
                between = "" if not text else " " if name in ("le", "max_length") else say(" and ")
                text += between + say(sign, bound=bound)
    return text
