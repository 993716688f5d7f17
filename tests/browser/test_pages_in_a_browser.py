"""The pages in a real browser, in six languages: nothing is asked of the network, nothing overflows, all can be read."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

from divide_cli.language import LANGUAGES
from tests.browser import chromium
from tests.runner import in_a_process

pytest.importorskip("vl_convert", reason="charts need the extra `report` (vl-convert-python)")
pytestmark = pytest.mark.skipif(chromium.binary() is None, reason="no Chromium is installed (Debian: chromium)")

AXE = Path(os.environ.get("DIVIDE_AXE", Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"))
"""The file of axe-core, which `make browser` installs from npm."""
VIEWS = {
    "narrow": {"width": 360}, "wide": {"width": 1280}, "narrow, dark": {"width": 360, "scheme": "dark"},
    "wide, dark": {"width": 1280, "scheme": "dark"}, "print": {"width": 703, "media": "print"},
}  # fmt: skip
"""Paper is A4 without its margins: 186 mm."""
CHECKS = """
(() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (text) => { const m = text.match(/[\\d.]+/g); return m ? m.map(Number) : [0, 0, 0, 0]; };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0.99) return c.slice(0, 3);
    }
    return parse(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    const style = getComputedStyle(e), svg = e.closest("svg");
    if (svg && e.closest(".chart-tiles")) continue;
    const colour = parse(svg ? style.fill : style.color).slice(0, 3), paper = behind(svg ? svg.parentElement : e);
    const [a, b] = [luminance(colour), luminance(paper)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push([node.data.trim().slice(0, 40), style.color, paper]);
  }
  const shown = (e) => e.checkVisibility();
  const small = [...document.querySelectorAll("svg text")].filter(shown).filter((t) => {
    const box = t.ownerSVGElement.getBoundingClientRect(), view = t.ownerSVGElement.viewBox.baseVal;
    return t.textContent.trim() && (parseFloat(getComputedStyle(t).fontSize) * box.width) / view.width < (matchMedia("print").matches ? 8 : 9);  // 6 pt
  });
  const cut = [...document.querySelectorAll("svg text")].filter(shown).filter((t) => {
    const box = t.getBoundingClientRect(), whole = t.ownerSVGElement.getBoundingClientRect();
    return t.textContent.trim() && (box.left < whole.left - 3 || box.right > whole.right + 3);
  });
  const ink = (t) => {
    const box = t.getBoundingClientRect(), trim = box.height / 6;
    return { left: box.left, right: box.right, top: box.top + trim, bottom: box.bottom - trim };
  };
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom && b.top < a.bottom;
  const piled = [...document.querySelectorAll("svg")].filter(shown).flatMap((svg) => {
    const texts = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim()).map((t) => [t.textContent, ink(t)]);
    return texts.flatMap(([a, one], i) => texts.slice(i + 1).filter(([, two]) => meet(one, two)).map(([b]) => [a, b]));
  });
  const lines = (cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return new Set([...range.getClientRects()].map((r) => Math.round(r.bottom))).size;
  };
  const wide = window.innerWidth > 600;
  const broken = [...document.querySelectorAll("#sources table:first-of-type td:nth-child(3)")].filter((c) => wide && lines(c) > 1);
  return {
    piled: piled.slice(0, 10),
    broken: broken.map((c) => c.textContent),
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    dir: document.documentElement.dir,
    lang: document.documentElement.lang,
    faint: faint.slice(0, 10),
    small: small.map((t) => t.textContent).slice(0, 10),
    cut: cut.map((t) => t.textContent).slice(0, 10),
    headless: [...document.querySelectorAll("table")].filter((t) => !t.querySelector("thead th[scope=col]")).length,
    nameless: [...document.querySelectorAll("svg")].filter((s) => {
      const text = (ids) => (s.getAttribute(ids) || "").split(" ").map((i) => (document.getElementById(i) || {}).textContent || "").join("");
      return text("aria-labelledby").length < 5 || text("aria-describedby").length < 30;
    }).length,
    pictures: [...document.querySelectorAll("svg")].filter(shown).length,
  };
})()
"""


ENGLISH = {"report": (), "kenya": ("KEN",), "findings": ("--findings", "figures.csv")}
OTHERS = {"report": ("narrow", "wide", "print"), "findings": ("narrow", "wide")}
"""Page -> its views in the five other languages."""
CASES = [
    *((page, "en", view) for page in ENGLISH for view in VIEWS),
    *(("estimates", "en", view) for view in ("narrow", "wide, dark")),
    *((page, code, view) for code in LANGUAGES[1:] for page, views in OTHERS.items() for view in views),
]
PAGES = {**ENGLISH, "estimates": ("--estimate",)}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A page in a language, written when it is first opened."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "figures.csv").write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2023,130\n", encoding="utf-8"
    )

    @cache
    def page(name: str, code: str) -> Path:
        out = folder / f"{name}-{code}.html"
        finished = in_a_process(
            folder, "report", *PAGES[name], "--lang", code, "--out", out.name
        )  # fonts are of a process
        assert finished.returncode in (0, 1), finished.stderr
        return out

    return page


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium.running(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module", params=CASES, ids=", ".join)
def view(request, browser, written):
    page, code, how = request.param
    opened = chromium.View(browser, written(page, code), **VIEWS[how])
    if target := os.environ.get("DIVIDE_SCREENSHOTS"):
        keep(opened, Path(target) / f"{page}-{code}-{how.replace(', ', '-')}.png")
    yield opened
    opened.close()


def keep(view, path: Path) -> None:
    """Writes the whole page as a picture, to be looked at."""
    import base64

    size = view.send("Page.getLayoutMetrics")["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16_000), "scale": 1}
    shot = view.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    path.write_bytes(base64.b64decode(shot["data"]))


def test_page_loads_nothing_and_can_be_read(view, request):
    _, code, _ = request.node.callspec.params["view"]
    found = view.evaluate(CHECKS)
    assert found["overflow"] <= 0
    assert (found["dir"], found["lang"]) == ("rtl" if code == "ar" else "ltr", code)
    assert found["faint"] == []
    assert found["small"] == []
    assert found["cut"] == []
    assert found["piled"] == []
    assert found["broken"] == []
    assert found["headless"] == found["nameless"] == 0
    assert [url for url in view.requests if not url.startswith("file:")] == []
    assert len(view.requests) == 1
    assert view.complaints == []


def test_axe_finds_no_serious_fault(view):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (`make browser`, or DIVIDE_AXE names axe.min.js)")
    view.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = view.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations))")
    faults = [
        (fault["id"], fault["impact"], [node["target"] for node in fault["nodes"]][:3]) for fault in json.loads(found)
    ]
    assert [fault for fault in faults if fault[1] in ("serious", "critical")] == []
