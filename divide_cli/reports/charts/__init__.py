"""Charts: specifications of the catalogue filled with rows, and drawn by vl-convert as SVG or PNG.

The SVG is trimmed: it has no style, no script, no address, and no number with more digits than a screen can show. Texts
come from data, and are escaped as XML.
"""

import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast
from unicodedata import east_asian_width
from xml.etree import ElementTree

from divide_cli import language
from divide_cli.catalogue import Chart
from divide_cli.catalogue.load import read_yaml
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import visible
from divide_cli.frames import atomic_write
from divide_cli.reports.tables import Block

VERSION = "6.4"
"""The version of Vega-Lite that specifications are written in."""
Size = Literal["wide", "narrow", "both"]
_DROPPED = {
    "aria-label", "aria-hidden", "aria-roledescription", "role", "class", "font-family", "pointer-events",
    "stroke-miterlimit", "version",
}  # fmt: skip
"""Attributes of vl-convert's SVG that say what the page says once."""
_PLACES = {"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "points", "viewBox"}
"""Attributes whose numbers are lengths: a tenth of a unit is finer than a screen shows."""
_NUMBER = re.compile(r"-?\d*\.\d{2,}(?:e-?\d+)?")
_SHIFT = re.compile(r"translate\((-?[\d.]+)")
_SVG = "{http://www.w3.org/2000/svg}"
_WORD = re.compile(r"\{(\w+)\}")
_FONTS = "FONTCONFIG_FILE"
"""The variable that names the file which says where fonts are."""
_LIBRARY_ALONE = threading.Event()
"""Set while this process draws with the fonts of vl-convert alone."""
_SIGNED = re.compile(r"(?<![\w.,)-])[-+−]\d[\d.,]*")
_VALUE = 26
"""The width of a value, for which there is room between the highest mark and names on the right."""
_SCALE = 2.0
"""Pixels of a PNG for each unit of the drawing."""


@dataclass(frozen=True)
class Picture:
    """What a chart draws: its rows, further words of its specification, and what the page says about it.

    `figures` are rows of result frames, with their columns, from which the rows come; `table` is what the page prints.
    `alternative` says in sentences what the picture shows.
    """

    rows: Sequence[Mapping[str, Any]]
    alternative: str
    table: Block
    figures: Sequence[Mapping[str, Any]]
    words: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""


def svg(chart: Chart, picture: Picture, size: Size) -> str:
    """The picture as an SVG element for a page: colours of texts are `currentColor`, there is no background."""
    return trimmed(drawing(chart, picture, size).result())


def drawing(chart: Chart, picture: Picture, size: Size) -> Future[str]:
    """The picture as vl-convert draws it, for `trimmed`. It is drawn while the caller goes on."""
    _add_fonts()
    return _thread().submit(_library().vegalite_to_svg, specification(chart, picture, size), **_options())


@contextmanager
def begun() -> Iterator[None]:
    """Starts vl-convert, which takes as long as several pictures, while figures are computed.

    SourceError if the extra is not installed.
    """
    with _fonts_of_the_library():
        _thread().submit(_library().vegalite_to_svg, {"mark": "point", "data": {"values": []}}, **_options())
        yield


@contextmanager
def _fonts_of_the_library() -> Iterator[None]:
    """Lets vl-convert measure texts with the fonts that it brings, if these have the letters of the language.

    Those are in memory. It opens a font of the system again for each letter, which takes longer than all else. It looks
    for fonts once in a process, which draws the page of one language.
    """
    if _FONTS in os.environ or language.current() not in _palette()["fonts_of_the_library"]:
        yield
        return
    if not _thread.cache_info().currsize:  # they stay, whatever is drawn later
        _LIBRARY_ALONE.set()
    os.environ[_FONTS] = str(Path(__file__).with_name("fonts.conf"))
    try:
        yield
    finally:
        os.environ.pop(_FONTS, None)


def _add_fonts() -> None:
    """Adds the fonts of the machine to those of the library, if the language needs them and the library began alone."""
    if not _LIBRARY_ALONE.is_set() or language.current() in _palette()["fonts_of_the_library"]:
        return
    _LIBRARY_ALONE.clear()
    for folder in map(os.path.expanduser, _palette()["fonts_of_the_machine"]):
        if os.path.isdir(folder):
            _thread().submit(_library().register_font_directory, folder).result()


@cache
def _thread() -> ThreadPoolExecutor:
    """The thread that draws."""
    return ThreadPoolExecutor(max_workers=1)


def alone(chart: Chart, picture: Picture, form: str) -> bytes:
    """The picture as a file: SVG with its title and text, or PNG; dark on white."""
    _add_fonts()
    spec = standalone(chart, picture)
    if form == "png":
        return bytes(_library().vegalite_to_png(spec, scale=_SCALE, **_options()))
    drawn = ElementTree.fromstring(trimmed(_library().vegalite_to_svg(spec, **_options())))  # noqa: S314 (own output)
    drawn.set("xmlns", "http://www.w3.org/2000/svg")
    drawn.set("font-family", _palette()["config"]["font"])
    drawn.set("role", "img")
    for place, (tag, text) in enumerate({"title": picture.title or chart.name, "desc": picture.alternative}.items()):
        element = ElementTree.Element(tag)
        element.text = visible(text)
        drawn.insert(place, element)
    return ElementTree.tostring(drawn, encoding="unicode").encode()


def standalone(chart: Chart, picture: Picture) -> dict[str, Any]:
    """The specification of the picture with its title, dark on white, for a program that draws Vega-Lite."""
    looks = _palette()["alone"]
    spec = cast(
        dict[str, Any], _replaced(specification(chart, picture, next(iter(chart.sizes))), looks["currentColor"])
    )
    spec["config"] = {**spec["config"], "background": looks["background"], "padding": 16}
    anchor = "start" if language.direction() == "ltr" else "end"
    spec["title"] = {"text": picture.title or chart.name, "anchor": anchor, "fontSize": 15, "offset": 12}
    return spec


def for_programs(chart: Chart, picture: Picture) -> dict[str, Any]:
    """The specification with the name of its grammar, by which programs that draw know its version."""
    schema = f"https://vega.github.io/schema/vega-lite/v{VERSION.partition('.')[0]}.json"
    return {"$schema": schema, **standalone(chart, picture)}


def deliver(picture: bytes, out: Path | None) -> None:
    """Prints the picture on stdout, or writes it to `out`, complete or not at all; SourceError if that fails."""
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(picture + b"\n")
    else:
        atomic_write.write({out: picture}, "the picture")


def specification(chart: Chart, picture: Picture, size: Size) -> dict[str, Any]:
    """The complete specification: each `{word}` is replaced with a value of the size, the rows, labels or colours."""
    words = {**_palette()["colours"], **chart.labels, **_sides(chart.sizes[size]), **picture.words}
    words |= {"rows": list(picture.rows), "panels": _panels(picture.words.get("series", ()), words.get("columns", 1))}
    spec = cast(dict[str, Any], _filled(chart.spec, words))
    return {**spec, "config": {**_palette()["config"], **spec.get("config", {})}}


def _sides(size: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a size, with the side where a line of the language begins, for names, headings and keys.

    Axes of numbers and of years go from left to right in every language.
    """
    width = size.get("width", 0)
    left = {"near": "left", "edge": 0, "inset": 4, "anchor": "start", "padding": 8}
    if language.direction() == "ltr":
        return {**size, **left}
    room = {"start": width - size["start"] + _VALUE} if "start" in size else {}
    return {**size, "near": "right", "edge": width, "inset": width - 4, "anchor": "end", "padding": 8 + _VALUE, **room}


def _panels(names: Sequence[str], columns: int) -> list[str]:
    """The names of panels from left to right, row by row; the first of a row is where a line of the language begins."""
    if language.direction() == "ltr":
        return list(names)
    return [name for at in range(0, len(names), columns) for name in reversed(names[at : at + columns])]


def _filled(part: Any, words: Mapping[str, Any]) -> Any:
    """The part of a specification with its words; rows are taken as they are."""
    if isinstance(part, Mapping):
        return {key: _filled(value, words) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, words) for value in part]
    match = _WORD.fullmatch(part) if isinstance(part, str) else None
    return words[match[1]] if match else part


def _replaced(part: Any, colour: str) -> Any:
    """The part of a specification with the colour in place of `currentColor`."""
    if isinstance(part, Mapping):
        return {key: _replaced(value, colour) for key, value in part.items()}
    if isinstance(part, list):
        return [_replaced(value, colour) for value in part]
    return colour if part == "currentColor" else part


@cache
def _palette() -> Mapping[str, Any]:
    return cast(Mapping[str, Any], read_yaml(Path(__file__).with_name("palette.yaml")))


def palette(name: str) -> Any:
    """A part of palette.yaml: `colours`, `classes`, `edges`."""
    return _palette()[name]


def _library() -> Any:
    """vl-convert; SourceError if the extra is not installed."""
    try:
        import vl_convert
    except ImportError as error:
        raise SourceError("charts_need_extra", found="vl-convert-python is not installed") from error
    return vl_convert


def _options() -> dict[str, Any]:
    """Nothing is loaded, from the network or from files."""
    return {"vl_version": VERSION, "allowed_base_urls": []}


def trimmed(svg: str) -> str:
    """The SVG without what the page says once, with short numbers, and without groups that say nothing.

    It is as wide as its texts, and its directions do not depend on those of the page.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 (own output)
    if language.direction() == "rtl":
        _direct(root)
    _widen(root)
    _trim(root)
    root.tag = "svg"
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    return ElementTree.tostring(root, encoding="unicode")


def _direct(root: ElementTree.Element) -> None:
    """Texts start at their left end, as Vega has placed them; in each, its first letter decides the direction.

    A number keeps its sign at its left end.
    """
    root.set("direction", "ltr")
    for element in root.iter():
        if element.tag in (f"{_SVG}text", f"{_SVG}tspan"):
            element.set("unicode-bidi", "plaintext")
            element.text = _SIGNED.sub("\u2066\\g<0>\u2069", element.text or "")


def _widen(root: ElementTree.Element) -> None:
    """Makes room for wide characters (Chinese), which vl-convert takes for narrow ones if it has no font for them."""
    _, _, width, height = root.attrib["viewBox"].split()
    spans = list(_spans(root, 0.0))
    left, right = min([0.0, *(span[0] for span in spans)]), max([float(width), *(span[1] for span in spans)])
    root.set("viewBox", f"{left:.0f} 0 {right - left:.0f} {height}")


def width_of(text: str) -> int:
    """The number of letters that a text is as wide as: a Chinese character is as wide as two."""
    return len(text) + sum(east_asian_width(sign) in "WF" for sign in text)


def _spans(element: ElementTree.Element, start: float) -> Iterator[tuple[float, float]]:
    """The two ends of each text with wide characters below an element that starts there."""
    place = _SHIFT.match(element.get("transform", ""))
    start += float(place[1]) if place else 0.0
    for text in element if element.tag == f"{_SVG}text" and len(element) else [element]:
        if text.text and not text.text.isascii():
            width = width_of(text.text)
            length = width / 2 * float(element.get("font-size", "12").removesuffix("px"))
            before = {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0) * length
            yield from [(start - before, start - before + length)] if width > len(text.text) else []
    if element.tag != f"{_SVG}text":
        for child in element:
            yield from _spans(child, start)


def _trim(element: ElementTree.Element) -> None:
    element.tag = element.tag.rpartition("}")[2]
    for name, value in list(element.attrib.items()):
        if name in _DROPPED or (name, value) in _USUAL:
            del element.attrib[name]
        elif name in _PLACES:
            element.attrib[name] = _NUMBER.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), value)
    children = []
    for child in element:
        _trim(child)
        if child.tag == "g" and not child.attrib:
            children += list(child)
        elif child.tag != "g" or len(child):
            children.append(child)
    element[:] = [child for child in children if not _is_invisible(child)]


_USUAL = {("transform", "translate(0,0)"), ("font-size", "12px"), ("opacity", "1"), ("stroke-width", "1")}


def _is_invisible(element: ElementTree.Element) -> bool:
    """Whether a path paints nothing: the backgrounds of groups."""
    paints = {"fill", "stroke"} & set(element.attrib)
    return element.tag == "path" and not paints
