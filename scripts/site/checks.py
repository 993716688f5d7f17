"""Checks of the built site: every link leads somewhere in it, and nothing is loaded from elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {
    "audio": "src", "embed": "src", "form": "action", "iframe": "src", "image": "href", "img": "src", "input": "src",
    "link": "href", "object": "data", "script": "src", "source": "src", "track": "src", "use": "href", "video": "src",
}  # fmt: skip
"""Element -> its attribute with an address that a browser loads by itself."""
ON_DEMAND = {
    "arithmatex": "formulae", "glightbox": "pictures that open", "language-pyodide": "Python in the page",
    "md-source": "figures of a repository", "mermaid": "diagrams", "pyodide": "Python in the page",
}  # fmt: skip
"""Classes for which the script of the theme would load a library from elsewhere, and what they are for."""
_CSS = re.compile(r"""(?:url\(\s*|@import\s+)["']?(?!data:)((?:[a-z]+:)?//[^"')\s]+)""", re.IGNORECASE)


@dataclass
class Page(HTMLParser):
    """What a page of the site has: anchors, links, addresses that a browser loads, classes, and styles."""

    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    policy: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        text = self.path.read_text(encoding="utf-8")
        self.feed(text)
        self.loaded += _CSS.findall(re.sub(r"(?s)<(pre|code)\b.*?</\1>", "", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what an element brings."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        self.classes |= set(values.get("class", "").split())
        self.policy |= values.get("http-equiv") == "Content-Security-Policy"
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag in LOADED and LOADED[tag] in values:
            self.loaded.append(values[LOADED[tag]])
        self.loaded += [part.split()[0] for part in values.get("srcset", "").split(",") if part.strip()]


def problems(site: Path) -> list[str]:
    """Each link that leads nowhere and each address from elsewhere, with its page."""
    found = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    lines = [
        f"{page.path.relative_to(site)}: {line}" for page in found.values() for line in _of_page(page, site, found)
    ]
    for path in sorted(site.rglob("*.css")):
        outside = _CSS.findall(path.read_text(encoding="utf-8"))
        lines += [f"{path.relative_to(site)}: {address} is loaded from elsewhere" for address in outside]
    return lines if found else ["the site has no page"]


def _of_page(page: Page, site: Path, found: dict[Path, Page]) -> Iterator[str]:
    for link in page.links:
        if wrong := _dead(link, page.path, site, found):
            yield f"the link {link!r} {wrong}"
    for address in page.loaded:
        if urlsplit(address).scheme not in ("", "data") or address.startswith("//"):
            yield f"{address} is loaded from elsewhere"
        elif not address.startswith("data:") and (wrong := _dead(address, page.path, site, found)):
            yield f"the file {address!r} {wrong}"
    for name in sorted(page.classes & set(ON_DEMAND)):
        yield f"the class {name} loads a library for {ON_DEMAND[name]} from elsewhere"
    if not page.policy:
        yield "has no policy that keeps a browser from loading anything from elsewhere"


def _dead(link: str, path: Path, site: Path, found: dict[Path, Page]) -> str:
    """What is wrong with a link of a page, or an empty text. Links to other sites are left alone."""
    parts = urlsplit(link)
    if parts.scheme or link.startswith("//"):
        return ""
    goal = path if not parts.path else path.parent / unquote(parts.path)
    goal = (goal / "index.html" if goal.is_dir() else goal).resolve()
    if not goal.is_file() or not goal.is_relative_to(site.resolve()):
        return "leads to no file"
    if parts.fragment and goal in found and unquote(parts.fragment) not in found[goal].anchors:
        return "leads to no anchor"
    return ""
