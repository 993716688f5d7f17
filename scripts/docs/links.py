"""Links in all Markdown files of the project: each relative link leads to a file, and each #anchor to a heading.

Links to the web are checked for their syntax only; nothing is requested.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scripts.docs import ROOT

_FOLDERS = (".ci", "benchmarks", "data", "docs", "requirements", "schemas", "scripts", "tests")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)[^\n]*\n.*?^ {0,3}\1[^\n]*$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_LINK = re.compile(r"(?<!\\)\]\(\s*<?(?P<target>[^)\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s+(?P<target>\S+)", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(?P<text>.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"(?P<name>[^\"]+)\"")


def files() -> list[Path]:
    """The Markdown files of the project, without those of installed packages."""
    inside = (path for name in _FOLDERS for path in sorted((ROOT / name).rglob("*.md")))
    return [*sorted(ROOT.glob("*.md")), *(path for path in inside if "node_modules" not in path.parts)]


def _blank(match: re.Match[str]) -> str:
    """The lines of a match, emptied: numbers of lines stay."""
    return "\n" * match[0].count("\n")


def anchor(heading: str, earlier: Sequence[str] = ()) -> str:
    """The anchor that GitHub gives to a heading, numbered if earlier ones of the page are alike."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[`*]|(?<!\w)_|_(?!\w)", "", text).casefold()
    slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
    alike = sum(name == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", name) is not None for name in earlier)
    return f"{slug}-{alike}" if alike else slug


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a page: its headings, numbered where two are alike, and those set by hand."""
    text = _COMMENT.sub(_blank, _FENCE.sub(_blank, path.read_text(encoding="utf-8")))
    names: list[str] = []
    for heading in _HEADING.finditer(text):
        names.append(anchor(heading["text"], names))
    return frozenset([*names, *(match["name"] for match in _ANCHOR.finditer(text))])


def _targets(path: Path) -> Iterator[tuple[int, str]]:
    """Each link of a page with its line."""
    text = _COMMENT.sub(_blank, _FENCE.sub(_blank, path.read_text(encoding="utf-8")))
    text = _CODE.sub(_blank, text)
    for pattern in (_LINK, _DEFINITION):
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start("target")) + 1, match["target"]


def problem(path: Path, target: str) -> str:
    """What is wrong with a link of a page, or an empty text."""
    parts = urlsplit(target)
    if parts.scheme in ("http", "https"):
        return "" if re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?", parts.netloc) else "is not a web address"
    if parts.scheme == "mailto":
        return "" if re.fullmatch(r"[^@\s]+@[\w-]+(\.[\w-]+)+", parts.path) else "is not an e-mail address"
    if parts.scheme or target.startswith("/") or not target:
        return "is not a relative link"
    page = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not page.exists():
        return "leads to no file"
    if not page.is_relative_to(ROOT):
        return "leads out of the project"
    if parts.fragment and (page.suffix != ".md" or unquote(parts.fragment) not in anchors(page)):
        return "leads to no heading"
    return ""


def broken() -> list[str]:
    """Every link that leads nowhere: file, line, link and what is wrong."""
    anchors.cache_clear()
    return [
        f"{path.relative_to(ROOT)}:{line}: the link {target!r} {wrong}"
        for path in files()
        for line, target in _targets(path)
        if (wrong := problem(path, target))
    ]
