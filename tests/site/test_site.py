"""The documentation site: it builds without a warning, no link of it is dead, and it loads nothing from elsewhere."""

import tomllib

import pytest

from scripts.site import HERE, checks, pages
from scripts.site.__main__ import build
from tests.browser import chromium

pytest.importorskip("zensical", reason="the site needs zensical, of the development environment")
POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documentation")
    assert build(folder) == []
    return folder / "site"


def test_every_page_is_built(site):
    built = {path.relative_to(site).with_suffix(".md") for path in site.rglob("*.html")}
    assert built == {place for place in pages.sources().values() if place.suffix == ".md"}


def test_every_page_is_in_the_navigation():
    """All but those of single rules, which their index lists."""

    def entries(part: object) -> list[str]:
        if isinstance(part, str):
            return [part]
        return [name for one in (part.values() if isinstance(part, dict) else part) for name in entries(one)]

    nav = tomllib.loads((HERE / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    expected = {place.as_posix() for place in pages.sources().values() if place.suffix == ".md"}
    assert sorted(entries(nav)) == sorted(
        {name for name in expected if not name.startswith("rules/")} | {"rules/index.md"}
    )


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="b.html#there">', ""),
        ('<a href="https://www.itu.int">', ""),
        ('<a href="c.html">', "the link 'c.html' leads to no file"),
        ('<a href="b.html#no">', "the link 'b.html#no' leads to no anchor"),
        ('<a href="../b.html">', "the link '../b.html' leads to no file"),
        ('<img src="https://example.org/a.png">', "https://example.org/a.png is loaded from elsewhere"),
        ('<img srcset="//example.org/a.png 2x">', "//example.org/a.png is loaded from elsewhere"),
        ('<script src="//example.org/a.js"></script>', "//example.org/a.js is loaded from elsewhere"),
        (
            '<link rel="stylesheet" href="https://example.org/a.css">',
            "https://example.org/a.css is loaded from elsewhere",
        ),
        ('<link rel="preconnect" href="https://example.org">', "https://example.org is loaded from elsewhere"),
        ("<style>@import 'https://example.org/a.css';</style>", "https://example.org/a.css is loaded from elsewhere"),
        (
            '<p style="background: url(https://example.org/a.png)">',
            "https://example.org/a.png is loaded from elsewhere",
        ),
        ('<pre class="mermaid">', "the class mermaid loads a library for diagrams from elsewhere"),
        ("<pre><code>@import 'https://example.org/a.css'</code></pre>", ""),
    ],
)
def test_what_is_wrong_with_a_page_is_found(html, problem, tmp_path):
    (tmp_path / "b.html").write_text(f'{POLICY}<h1 id="there">b</h1>', encoding="utf-8")
    (tmp_path / "a.html").write_text(POLICY + html, encoding="utf-8")
    assert checks.problems(tmp_path) == ([f"a.html: {problem}"] if problem else [])


def test_a_page_without_a_policy_and_a_style_from_elsewhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text("<p>", encoding="utf-8")
    (tmp_path / "a.css").write_text("p { background: url(https://example.org/a.png) }", encoding="utf-8")
    assert checks.problems(tmp_path) == [
        "a.html: has no policy that keeps a browser from loading anything from elsewhere",
        "a.css: https://example.org/a.png is loaded from elsewhere",
    ]


def test_a_site_without_a_page_is_a_problem(tmp_path):
    assert checks.problems(tmp_path) == ["the site has no page"]


@pytest.mark.skipif(chromium.binary() is None, reason="no Chromium is installed (Debian: chromium)")
def test_a_browser_asks_nothing_of_the_network_and_searches(site, tmp_path):
    """Opened from a folder, at two widths: each request is for a file of the site, nothing is wider than the window,
    and a search finds the page of measures."""
    with chromium.running(tmp_path / "profile") as browser:
        for name in ("index.html", "analysts.html", "reference/measures.html", "gallery.html"):
            for width in (1280, 400):
                view = chromium.View(browser, site / name, width)
                assert len(view.requests) > 3
                outside = [url for url in view.requests if not url.startswith((site.as_uri(), "data:", "blob:"))]
                assert not outside and not view.complaints
                assert view.evaluate("document.documentElement.scrollWidth") <= width, name
                view.close()
        view = chromium.View(browser, site / "index.html", 1280)
        found = view.evaluate(SEARCH.replace("WORDS", "absolute concentration index"))
        assert any("reference/measures.html" in link for link in found), found
        assert [url for url in view.requests if not url.startswith((site.as_uri(), "data:", "blob:"))] == []


SEARCH = """
(async () => {
  document.querySelector(".md-search__button").click();
  for (let i = 0; i < 200; i++) {
    await new Promise((done) => setTimeout(done, 100));
    const box = [...document.querySelectorAll("*")].map((e) => e.shadowRoot).find((root) => root && root.querySelector("input"));
    if (!box) continue;
    const input = box.querySelector("input");
    if (!input.value) {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, "WORDS");
      input.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
    }
    const links = [...box.querySelectorAll("a[href]")].map((a) => a.href);
    if (links.length) return links;
  }
  return [];
})()
"""
