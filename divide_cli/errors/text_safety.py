"""Makes texts from data safe to show: control characters become visible; a long text is cut and its length given.

Each writer of a format (HTML, XML, Markdown, workflow commands) adds its own escaping after this.
"""

import re
from collections.abc import Iterator
from typing import Any

from divide_cli.language import counted, say

CELL = 200
"""How many characters of a cell are shown."""
MESSAGE = 1_000
"""How many characters of a message are shown. A message may quote several cells."""

_CONTROLS = "\\x00-\\x1f"
_HIDDEN = (
    "\\x7f-\\x9f"  # with the controls above: terminals obey them
    "\\u00ad\\u200b\\u2060-\\u2065\\ufeff"  # no width: different texts look the same
    "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u206f"  # direction: a text is shown in another order
    "\\u2028\\u2029\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff"  # breaks, anchors, non-characters
    "\\U000e0000-\\U000e0fff"  # invisible tags and selectors
)
"""Characters to make visible. The joiners U+200C and U+200D stay: Persian, Indian languages and emoji need them."""
_UNSAFE = f"[{_CONTROLS}{_HIDDEN}]"  # compiled at its first use, since that takes longer than most commands
_UNSAFE_IN_JSON = f"[{_HIDDEN}]"
"""Without the controls, which every JSON writer escapes."""
_ANYWHERE = (
    r"##(?=[\w.-]*\[)"  # Azure ##vso[, GitHub and Azure ##[group], TeamCity ##teamcity[
    r"|section_(?:start|end):(?=\d)"  # GitLab
    r"|travis_(?:fold|time):(?=[a-z])"
)
"""The beginning of what the log of a CI system obeys anywhere in a line."""
_AT_START = (
    r"::(?=[\w.-]+(?: (?:(?!::).)*)?::)"  # GitHub, Gitea, Forgejo
    r"|(?<!\S)(?:-{3}|\+{3}|~{3})(?!\S)"  # Buildkite
)
"""The same at the start of a line. It is found anywhere in a text, since a table may break lines anywhere."""
_MARKS = ("::", "##", "section_", "travis_", "---", "+++", "~~~")
_LOGIN = r"(?<=://)[^\s'\"<>]*@"
_FORMULA = r"(?:^|(?<=[;\t\r\n]))(?=[=+\-@\t\r\n＝＋－＠])(?![+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?%?$)"
"""The beginning of what a spreadsheet takes for a formula: a cell, or the rest of one that it splits."""
_PIECE = 1 << 16
"""The number of characters from which on a piece of a text is handed on."""
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def cut(text: str, limit: int = CELL) -> str:
    """The text, or its first `limit` characters and its length."""
    return text if len(text) <= limit else text[:limit] + say("… ({number:,} characters)", number=len(text))


def in_utf8(text: str) -> str:
    """The text with escapes for anything that UTF-8 cannot encode (a file name in other bytes)."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def visible(text: str) -> str:
    """The text on one line: control characters as `\\u001b`, breaks and tabs as `\\n`, `\\r`, `\\t`."""
    if text.isascii() and text.isprintable() and not any(mark in text for mark in _MARKS):
        return text
    return re.sub(f"{_ANYWHERE}|{_AT_START}", _broken, re.sub(_UNSAFE, _named, text))


def without_login(text: str) -> str:
    """The text with `***` for the user and password of every address in it."""
    return re.sub(_LOGIN, "***@", text) if "://" in text and "@" in text else text


def in_paragraph(text: str) -> str:
    """The text to be wrapped, with nothing that a terminal or a log obeys, and without logins; breaks become spaces."""
    return visible(without_login(text.replace("\n", " ")))


def excel_safe(text: str) -> str:
    """The text with an apostrophe where a spreadsheet may begin to read a formula. Numbers stay as they are."""
    return re.sub(_FORMULA, "'", text)


def excel_safe_csv(document: str) -> str:
    """The CSV with the texts of its cells made `excel_safe`."""
    import csv
    import io

    csv.field_size_limit(max(csv.field_size_limit(), len(document)))
    rows = csv.reader(io.StringIO(document, newline=""))
    return "".join(",".join(_quoted(excel_safe(cell)) for cell in row) + "\n" for row in rows)


def _quoted(cell: str) -> str:
    """The cell of a CSV, in quotation marks if it needs them."""
    return '"' + cell.replace('"', '""') + '"' if re.search('[",\r\n]', cell) else cell


def shown(text: str, limit: int = CELL) -> str:
    """The text, cut and with visible control characters. Any format can show it after its own escaping."""
    return visible(cut(text, limit))


def as_json(value: Any, levels: int = 2) -> str:
    """The value as JSON that is harmless to terminals and workflow runners. A parser gives the same texts back.

    Each entry of the first `levels` levels has its own line; deeper entries share the line of their parent.
    """
    return "".join(json_pieces(value, levels))


def json_pieces(value: Any, levels: int = 2) -> Iterator[str]:
    """The text of `as_json` in pieces. An iterator is written as a list, and its entries are not kept."""
    entries, size = [], 0
    for entry in _laid_out(value, levels, ""):
        entries.append(entry)
        size += len(entry)
        if size > _PIECE:
            yield harmless_json("".join(entries))
            entries, size = [], 0
    yield harmless_json("".join(entries)) + "\n"


def _clean(value: Any) -> Any:
    """The value with at most 15 significant digits in each number, as frames are printed."""
    if isinstance(value, dict):
        return {key: _clean(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, Iterator)):
        return [_clean(entry) for entry in value]
    return float(f"{value:.15g}") if isinstance(value, float) else value


def plural(number: int, noun: str) -> str:
    """The noun for that number of things: `error`, `errors`."""
    return counted(number, noun, f"{noun}s")


def count_of(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return counted(number, f"{{number:,}} {noun}", f"{{number:,}} {noun}s")


def harmless_json(document: str) -> str:
    """The JSON with escapes for anything that a terminal or workflow runner would obey. Parsed texts stay the same."""
    import json

    def escaped(match: re.Match[str]) -> str:
        return "\\u007f" if match[0] == "\x7f" else json.dumps(match[0])[1:-1]

    return re.sub(_ANYWHERE, _broken, re.sub(_UNSAFE_IN_JSON, escaped, document))


def _laid_out(value: Any, levels: int, margin: str) -> Iterator[str]:
    import json

    several = isinstance(value, (list, tuple, Iterator))
    if not levels or not (several or isinstance(value, dict)) or not value:
        yield json.dumps(_clean(value), ensure_ascii=False)
        return
    ends, inside = "[]" if several else "{}", f"{margin}  "
    named = (("", entry) for entry in value) if several else ((f"{json.dumps(key)}: ", value[key]) for key in value)
    begin = f"{ends[0]}\n{inside}"
    for name, entry in named:
        yield begin + name
        yield from _laid_out(entry, levels - 1, inside)
        begin = f",\n{inside}"
    yield f"\n{margin}{ends[1]}" if begin[0] == "," else ends


def _named(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or _escape(match[0])


def _broken(match: re.Match[str]) -> str:
    """The beginning of a command with its last character escaped, so that nothing obeys it."""
    return f"{match[0][:-1]}{_escape(match[0][-1])}"


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
