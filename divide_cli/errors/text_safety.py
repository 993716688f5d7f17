"""Makes a text from data safe to show: control characters become visible, a long text is cut and says how long it was.

Escaping for a format (HTML, XML, Markdown, a workflow command) comes after this, where that format is written.
"""

import re
from typing import Any

CELL = 200
"""Characters of a cell that are shown."""
MESSAGE = 1_000
"""Characters of a message, which may quote several cells, that are shown."""

_CONTROLS = "\\x00-\\x1f"
_HIDDEN = (
    "\\x7f-\\x9f"  # with those below the blank: terminals obey them
    "\\u00ad\\u200b\\u2060-\\u2065\\ufeff"  # no width: two texts that look alike differ
    "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u206f"  # direction: a text reads in another order than it is written
    "\\u2028\\u2029\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff"  # breaks, anchors, no characters at all
    "\\U000e0000-\\U000e0fff"  # tags and selectors that nothing shows
)
"""The joiners U+200C and U+200D are not among them: Persian, the languages of India and pictographs need them."""
_UNSAFE = f"[{_CONTROLS}{_HIDDEN}]"  # patterns are compiled at their first use: that takes longer than most commands
_UNSAFE_IN_JSON = f"[{_HIDDEN}]"
"""The controls are escaped in any JSON."""
_COMMAND = r"::(?=[A-Za-z-]+(?: [^:]*)?::)|##(?=\[)"
"""How a line begins that runners of workflows obey, wherever a table may break it."""
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def cut(text: str, limit: int = CELL) -> str:
    """The text, or its first `limit` characters and how long it is."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


def in_utf8(text: str) -> str:
    """The text with what no UTF-8 can be written with (a name of a file in other bytes) as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def visible(text: str) -> str:
    """The text with its control characters as `\\u001b`, and breaks and tabs as `\\n`, `\\r`, `\\t`: one line."""
    if text.isascii() and text.isprintable() and "::" not in text and "##" not in text:
        return text
    plain = re.sub(_UNSAFE, _named, text)
    return re.sub(_COMMAND, lambda match: f"{match[0][0]}{_escape(match[0][1])}", plain)


def shown(text: str, limit: int = CELL) -> str:
    """The text cut and made visible: what a reader may be shown in any format, after that format's own escaping."""
    return visible(cut(text, limit))


def as_json(value: Any, levels: int = 2) -> str:
    """The value as JSON that no terminal and no runner obeys: a parser gives the same texts back.

    Down to so many `levels` each entry has a line of its own; below, a line holds an entry whole.
    """
    return harmless_json(_laid_out(value, levels, "")) + "\n"


def plural(number: int, noun: str) -> str:
    """The noun for that number of things: `error`, `errors`."""
    return noun + "s" * (number != 1)


def count_of(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {plural(number, noun)}"


def harmless_json(document: str) -> str:
    """The JSON with what a terminal or a runner would obey written as escapes; a parser gives the same texts back."""
    import json

    def escaped(match: re.Match[str]) -> str:
        return "\\u007f" if match[0] == "\x7f" else json.dumps(match[0])[1:-1]

    return re.sub(_UNSAFE_IN_JSON, escaped, document).replace("##[", "##\\u005b")


def _laid_out(value: Any, levels: int, margin: str) -> str:
    import json

    if not levels or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    inside = f"{margin}  "
    if isinstance(value, list):
        ends, entries = "[]", [_laid_out(entry, levels - 1, inside) for entry in value]
    else:
        ends = "{}"
        entries = [f"{json.dumps(key)}: {_laid_out(entry, levels - 1, inside)}" for key, entry in value.items()]
    return f"{ends[0]}\n{inside}" + f",\n{inside}".join(entries) + f"\n{margin}{ends[1]}"


def _named(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or _escape(match[0])


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
