"""The pages of the site, made of the Markdown files of the project.

The files are written in GitHub's flavour of Markdown, for readers of the repository too. The site's generator follows
Python-Markdown, so lists are indented by four columns here, and headings name the anchors that GitHub gives them. A
file that a page links to and that is no page, such as a schema or a specimen, is copied to `files/`.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scripts.docs import ROOT, links

AT_THE_TOP = ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages outside docs/."""
_COMMENT = re.compile(r"^<!--.*?-->\n?", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"(?P<fence>```+|~~~+)")
_LINK_OR_CODE = re.compile(
    r"(?<!\\)(?P<sign>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)"
    r"|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
)
_HEADING = re.compile(r"#{1,6} +(?P<text>.+)")
_ITEM = re.compile(r" *(?P<marker>(?:[-*+]|\d\d?\.) +)")


def sources() -> dict[Path, Path]:
    """Page or picture of the project -> its place among the pages of the site."""
    inside = {path: path.relative_to(ROOT / "docs") for path in sorted((ROOT / "docs").rglob("*")) if path.is_file()}
    return inside | {ROOT / name: Path(name.lower()) for name in AT_THE_TOP}


def write(folder: Path) -> None:
    """Writes every page, and every file that a page links to, into a folder that is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    places = sources()
    for path, place in places.copy().items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            target.write_text(page(path, places), encoding="utf-8")
        else:
            shutil.copyfile(path, target)
    for path, place in places.items():
        if place.parts[0] == "files":
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / place)


def page(path: Path, places: dict[Path, Path]) -> str:
    """A page as the generator reads it. The place of each further file that it links to is added to `places`."""
    text = _COMMENT.sub("", path.read_text(encoding="utf-8")).strip()
    anchors: list[str] = []
    lines: list[str] = []
    for part, is_code in _parts(text):
        lines += (
            part if is_code or not part else _in_lists(_with_anchors(_links("\n".join(part), path, places), anchors))
        )
    return "\n".join(lines) + "\n"


def _parts(text: str) -> Iterator[tuple[list[str], bool]]:
    """The lines of a text, block by block, and whether a block is code."""
    part: list[str] = []
    fence = ""
    for line in text.splitlines():
        opened = _FENCE.match(line)
        if opened and not fence:
            yield part, False
            part, fence = [line], opened["fence"]
        elif fence and line.rstrip() == fence:
            yield [*part, line], True
            part, fence = [], ""
        else:
            part.append(line)
    yield part, False


def _links(text: str, path: Path, places: dict[Path, Path]) -> str:
    """The text with links that lead to places of the site. A link to a folder becomes its text."""

    def replaced(match: re.Match[str]) -> str:
        parts = urlsplit(match["target"] or "")
        if parts.scheme or not parts.path:
            return match[0]
        goal = (path.parent / unquote(parts.path)).resolve()
        if goal == ROOT / "README.md":
            goal = ROOT / "docs" / "index.md"
        if goal.is_dir():
            return match["text"]
        place = places.setdefault(goal, Path("files") / goal.relative_to(ROOT))
        relative = Path(os.path.relpath(place, places[path].parent)).as_posix()
        return f"{match['sign']}[{match['text']}]({relative}{'#' + parts.fragment if parts.fragment else ''})"

    return _LINK_OR_CODE.sub(replaced, text)


def _with_anchors(text: str, anchors: list[str]) -> Iterator[str]:
    """Each line; a heading names its anchor, which is numbered where headings of the page are alike."""
    for line in text.split("\n"):
        heading = _HEADING.fullmatch(line)
        if heading:
            anchors.append(links.anchor(heading["text"], anchors))
        yield f"{line} {{#{anchors[-1]}}}" if heading else line


def _in_lists(lines: Iterable[str]) -> Iterator[str]:
    """Each line; items and what belongs to them are indented by four columns a level, and lists begin after a blank."""
    columns: list[int] = []
    before = ""
    for line in lines:
        column, marker = len(line) - len(line.lstrip()), _marker(line)
        if marker or not before:
            columns = [one for one in columns if one <= column] if line else columns
        if marker and not columns and before and not _marker(before):
            yield ""
        yield " " * (4 * len(columns)) + line.lstrip() if columns and line else line
        columns += [column + len(marker)] if marker else []
        before = line


def _marker(line: str) -> str:
    """The mark of an item of a list with the blanks after it, or an empty text."""
    item = _ITEM.match(line)
    return item["marker"] if item else ""
