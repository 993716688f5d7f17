"""JSON of users (figures, structures, locks), read as possibly malicious data.

JSON does not say what an object means that names a key twice. The json module silently takes the last value, another
program may take the first: a figure could differ from one program to the next. Such a text is not read.
"""

import json
from typing import Any


def loads(text: str | bytes) -> Any:
    """The content of the text; ValueError if it is not JSON, is too deep, or names a key twice in one object."""
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("values are nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; ValueError if a key occurs twice."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in entries if names.count(name) > 1)
        raise ValueError(f"the key {repeated!r:.80} occurs twice in one object")
    return entries
