"""The texts of entries that readers meet: which they are, and an entry with all of them translated.

An annotation says that a key has such a text (`entries.Words`). Its context is the kind, entry and key:
`measures:ratio.reading.text`, `measures:ratio.warnings.1`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin, is_typeddict

import msgspec
from msgspec import Meta, structs

from divide_cli import language
from divide_cli.catalogue.entries import Record, keys, kinds_in

Change = Callable[[str, str], str]
"""Context and text -> text."""


def in_language(entry: Record, context: str) -> Record:
    """The entry with its texts in the language that is spoken; an English one is the same object."""
    return entry if language.current() == language.ENGLISH else mapped(type(entry), entry, context, language.translated)


def mapped(hint: Any, value: Any, context: str, change: Change) -> Any:
    """The value of that annotation, with each text for readers replaced by what `change` gives for it."""
    if not value or not _has_words(hint):
        return value
    if isinstance(value, str):
        shared = _mark(hint)
        return change(shared if isinstance(shared, str) else context, value)
    if isinstance(value, msgspec.Struct):
        hints = keys(type(value))
        texts = {
            name: mapped(key.hint, getattr(value, name), f"{context}.{name}", change) for name, key in hints.items()
        }
        return structs.replace(value, **texts)
    if isinstance(value, Mapping):
        hints_of = _hints_of_mapping(hint, value)
        return {name: mapped(hints_of[name], part, f"{context}.{name}", change) for name, part in value.items()}
    parts = (mapped(_inner(hint), part, f"{context}.{number}", change) for number, part in enumerate(value, start=1))
    return type(value)(parts)


def _hints_of_mapping(hint: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    """The annotation of each key of a mapping: those of a TypedDict, or one for all, or for those that Meta names."""
    own = next((kind for kind in kinds_in(hint) if is_typeddict(kind) and set(value) <= set(keys(kind))), None)
    if own and not any(get_origin(part) is Mapping for part in (hint, *get_args(hint))):
        return {name: keys(own)[name].hint for name in value}
    if isinstance(named := _mark(hint), tuple):
        word = Annotated[str, Meta(extra={"translated": True})]
        return {name: word if name in named and isinstance(part, str) else None for name, part in value.items()}
    return dict.fromkeys(value, _inner(hint))


def _inner(hint: Any) -> Any:
    """The annotation of the elements of a list or a mapping, also where the annotation offers something else too."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) in (Mapping, tuple, list):
            return next(inner for inner in reversed(get_args(part)) if inner is not Ellipsis)
        if get_origin(part) is Annotated and (inner := _inner(get_args(part)[0])) is not None:
            return inner
    return None


def _mark(hint: Any) -> Any:
    metas = (meta.extra for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta) and meta.extra)
    return next((extra["translated"] for extra in metas if "translated" in extra), None)


@cache
def _words_of_kind(kind: Any) -> bool:
    return any(_has_words(key.hint) for key in keys(kind).values())


def _has_words(hint: Any) -> bool:
    """Whether a value of the annotation may contain a text for readers."""
    if _mark(hint):
        return True
    if is_typeddict(hint) or (isinstance(hint, type) and issubclass(hint, msgspec.Struct)):
        return _words_of_kind(hint)
    return any(_has_words(part) for part in get_args(hint))


def texts_in(value: Any, context: str, change: Change) -> Any:
    """The content of a YAML file with every text replaced by what `change` gives for it."""
    if isinstance(value, str):
        return change(context, value)
    if isinstance(value, Mapping):
        return {name: texts_in(part, f"{context}.{name}", change) for name, part in value.items()}
    if isinstance(value, list):
        return [texts_in(part, f"{context}.{number}", change) for number, part in enumerate(value, start=1)]
    return value
