"""The pages of the documentation site, as its generator reads them."""

from pathlib import Path

import pytest

from scripts.docs import ROOT, links
from scripts.site import pages


@pytest.fixture
def made(tmp_path, monkeypatch):
    """What becomes of a text that is a page of docs/, and the files that it links to."""

    def make(text: str, name: str = "docs/page.md") -> tuple[str, dict[Path, Path]]:
        monkeypatch.setattr(pages, "ROOT", tmp_path)
        for file in (
            "docs/index.md",
            "docs/other.md",
            "docs/rules/jump.md",
            "schemas/gaps.json",
            "data/sources/origin.yaml",
            "README.md",
        ):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text("# x\n", encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
        places = pages.sources()
        return pages.page(tmp_path / name, places), {
            path.relative_to(tmp_path): place for path, place in places.items() if place.parts[0] == "files"
        }

    return make


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("- a\n  - b\n    - c\n", "- a\n    - b\n        - c\n"),
        ("1. a\n   more\n\n   next\n", "1. a\n    more\n\n    next\n"),
        ("text:\n- a\n- b\nlazy\n", "text:\n\n- a\n- b\n    lazy\n"),
        ("in\n2024. Next year\n", "in\n2024. Next year\n"),
        ("- a\n\ntext\n  wrapped\n", "- a\n\ntext\n  wrapped\n"),
        (
            "```text\n- a\n  - b\n# no heading\n[x](no.md)\n```\n",
            "```text\n- a\n  - b\n# no heading\n[x](no.md)\n```\n",
        ),
        ("<!-- begin: divide list -->\ntext\n<!-- end -->\n", "text\n"),
        ("- a\n\n```text\nx\n```\n\n- b\n", "- a\n\n```text\nx\n```\n\n- b\n"),
        ("## A `b` c\n\n## A b c\n", "## A `b` c {#a-b-c}\n\n## A b c {#a-b-c-1}\n"),
    ],
)
def test_the_flavour_is_that_of_the_generator(made, text, page):
    assert made(text)[0] == page


def test_links_lead_to_places_of_the_site(made):
    text = (
        "[a](other.md#x) [b](rules/jump.md) [the [c]](../schemas/gaps.json) [d](../README.md) `[e](../no.md)` "
        "[f](../data/sources) [g](https://www.itu.int) [h](#x)\n"
    )
    page, files = made(text)
    assert page == (
        "[a](other.md#x) [b](rules/jump.md) [the [c]](files/schemas/gaps.json) [d](index.md) `[e](../no.md)` "
        "f [g](https://www.itu.int) [h](#x)\n"
    )
    assert files == {Path("schemas/gaps.json"): Path("files/schemas/gaps.json")}


def test_a_page_outside_docs_stands_at_the_top(made):
    page, _ = made("[a](docs/rules/jump.md) [b](CONTRIBUTING.md)\n", "CHANGELOG.md")
    assert page == "[a](rules/jump.md) [b](contributing.md)\n"


def test_anchors_of_all_pages_are_those_of_the_repository():
    """GitHub's anchors, which links in the files use, are named in the headings of the site."""
    places = pages.sources()
    for path in sorted(places):
        if path.suffix == ".md":
            page = pages.page(path, places)
            named = {
                line.rpartition(" {#")[2].rstrip("}")
                for line in page.splitlines()
                if line.startswith("#") and " {#" in line
            }
            assert named <= links.anchors(path), path.relative_to(ROOT)
