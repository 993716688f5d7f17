"""A page read back: its elements as a tree, its pictures with their tables and data."""

import csv
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

VOID = {"meta", "br", "img", "link", "input", "hr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def all(self, *tags: str, **attributes: str) -> list["Element"]:
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags and attributes.items() <= child.attributes.items():
                    found.append(child)
                found += child.all(*tags, **attributes)
        return found

    def every(self) -> list["Element"]:
        return [one for child in self.children if isinstance(child, Element) for one in (child, *child.every())]

    @property
    def text(self) -> str:
        """The text below the element; a blank where a line must not end is a blank."""
        parts = [
            child if isinstance(child, str) else "\n" if child.tag == "br" else child.text for child in self.children
        ]
        return "".join(parts).replace("\u00a0", " ")


class Page(HTMLParser):
    """The tree of a page; fails where tags do not pair."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert self.open == [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, tag

    def handle_data(self, data):
        self.open[-1].children.append(data)


@dataclass
class Figure:
    """A picture of a page: its rows of data, the cells of its table by column, the texts on its drawings."""

    id: str
    element: Element
    rows: list[dict[str, str]]
    cells: list[dict[str, str]]
    drawings: list[Element]

    @property
    def labels(self) -> list[str]:
        texts = [text for drawing in self.drawings for text in drawing.all("text")]
        return [line.text for text in texts for line in (text.all("tspan") or [text])]


def table_of(table: Element) -> list[dict[str, str]]:
    heads = [cell.text for cell in table.all("th", scope="col")]
    body = table.all("tbody")[0]
    return [dict(zip(heads, [cell.text for cell in row.all("th", "td")], strict=True)) for row in body.all("tr")]


def figures_of(page: Page) -> dict[str, Figure]:
    found = {}
    for figure in page.root.all("figure"):
        link = next(link for link in figure.all("a") if "download" in link.attributes)
        text = unquote(link.attributes["href"].partition(",")[2])
        rows = list(csv.DictReader(io.StringIO(text)))
        cells = table_of(figure.all("table")[0])
        name = figure.attributes["id"].removeprefix("chart-")
        found[name] = Figure(name, figure, rows, cells, figure.all("svg"))
    return found
