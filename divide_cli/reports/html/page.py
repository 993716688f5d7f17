"""What every page shares: its templates, its style and the policy that allows nothing else, and the blocks of tables.

The page loads nothing and runs nothing, which its policy enforces. It works on a screen, light or dark, wide or narrow,
and on paper. Its layout is in the templates of this folder, its looks in page.css, its words in page_texts.yaml.
"""

import base64
import hashlib
import html
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from divide_cli import language
from divide_cli.errors.text_safety import CELL, MESSAGE, count_of, plural, shown, visible
from divide_cli.language import commas
from divide_cli.reports import wording
from divide_cli.reports.json import versions

_FROM_LEFT = re.compile(
    r"`[^`]+`|(?<!\S)--[a-z-]+(?: [A-Za-z0-9][A-Za-z0-9._/-]*)?|(?<!\w)_[A-Z]\b"  # commands, options, codes such as _T
    r"|(?<![\w.])[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b|(?<![\w.])\d+\.[a-z]\.\d+"  # ids of editions, SDG 5.b.1
    r"|(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])|\[[-+−]?\d[\d.,]*,[ \u00a0](?:[-+−]?\d[\d.,]*|–)\]"  # dates, intervals
    r"|(?<![\w.,)-])[-+−]\d(?:[\d.,]*\d)?"  # numbers with a sign
)
"""What a line from right to left would turn around: it writes the sign of -2.5 and the hyphens of --year at the end."""
_TOGETHER = re.compile(r"(?<=\d) (?=%)|(?<=[,;]) (?=(?:[-+−]?\d[\d.,\u00a0\u202f]*|–)\])|(?<=\S) (?=: )")
"""The blanks where a line must not end: in `35.0 %`, in `[34.6, 35.4]` and before the colon of `men : women`."""
_AFTER_WIDE = re.compile("(?<=[。；：，]) ")
"""The blank between two sentences, which Chinese does not have."""
_ARABIC, _LATIN = re.compile("[\u0600-\u06ff]"), re.compile("[A-Za-z]")
LONGEST_NAME = 80
"""The number of characters of a name that the title of a page shows."""


def rendered(template: Template, title: str, **parts: Any) -> str:
    """The page of a template; the same parts give the same bytes."""
    style = _style()
    numbers = versions()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    libraries = commas(f"{name} {number}" for name, number in numbers.items() if name != "divide")
    shared = {"title": title, "style": style, "digest": digest, "versions": numbers, "libraries": libraries}
    return template.render(**shared, **parts)


@cache
def _style() -> str:
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def new_environment() -> Environment:
    """Templates that escape every text, with quotes as in `html.escape`; an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else Markup(html.escape(str(value))),  # noqa: S704
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = (shown, visible, lines, isolated, count_of, plural)
    made.filters |= {function.__name__: function for function in filters} | {"count": wording.count}
    made.globals |= {
        "CELL": CELL, "MESSAGE": MESSAGE, "phrase": wording.phrase, "language": language.current,
        "direction": language.direction, "say": language.say, "counted": language.counted,
        "labelled": language.labelled,
    }  # fmt: skip
    return made


def lines(text: str, limit: int = MESSAGE) -> Markup:
    """The text with its lines, each made safe to show and isolated from the direction of the page."""
    if text.isascii() and text.isalnum():
        return Markup(text)  # noqa: S704 (letters and digits)
    parts = (f"<bdi{_direction(line)}>{isolated(shown(line, limit))}</bdi>" for line in text.split("\n"))
    return Markup("<br>".join(parts))  # noqa: S704 (escaped above)


def _direction(line: str) -> str:
    """The direction of a line of figures, or with Arabic words, which may begin with a code; not of a code alone."""
    from_right = _ARABIC.search(line) or not _LATIN.search(line)
    return ' dir="rtl"' if language.direction() == "rtl" and from_right else ""


def isolated(text: str) -> Markup:
    """The text, safe to show, whose figures stay on one line.

    From right to left, intervals, dates, options and codes keep their order: `[-2.5, 3.1]`.
    """
    safe = html.escape(_TOGETHER.sub("\u00a0", _AFTER_WIDE.sub("", text)))
    if language.direction() == "rtl":
        safe = _FROM_LEFT.sub(r'<bdi dir="ltr">\g<0></bdi>', safe)
    return Markup(safe)  # noqa: S704 (escaped above)
