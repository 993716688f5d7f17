"""What a release says of itself is true: version, date, image, citation, and no address that does not exist."""

import re
import tomllib
from datetime import date
from pathlib import Path

import yaml

from divide_cli import __version__
from scripts.docs import links

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_version_and_date_are_the_same_everywhere():
    heading = re.search(r"^## (\S+) \((\S+)\)$", text("CHANGELOG.md"), flags=re.MULTILINE)
    assert heading and heading[1] == __version__ == CITATION["version"]
    assert date.fromisoformat(heading[2]) == CITATION["date-released"]
    assert f"version {__version__}. Methods" in text("docs/methods.md")


def test_the_citation_has_what_the_format_requires():
    """Citation File Format 1.2.0: these keys are required, and authors have a name."""
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert CITATION["cff-version"] == "1.2.0" and all(author["name"] for author in CITATION["authors"])


def test_the_image_is_pinned_and_its_user_has_no_rights():
    dockerfile = text("Dockerfile")
    images = re.findall(r"^FROM (\S+)", dockerfile, flags=re.MULTILINE)
    assert len(set(images)) == 1 and re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", images[0])
    steps = [line.split()[0] for line in dockerfile.splitlines() if re.match(r"[A-Z]+ ", line)]
    assert "USER divide" in dockerfile and steps.index("USER") < steps.index("ENTRYPOINT")
    extras = re.search(r'"/source\[(\S+)\]"', dockerfile)
    assert extras and set(extras[1].split(",")) <= set(PROJECT["optional-dependencies"])


def test_llms_txt_has_the_form_and_links_that_lead_somewhere():
    """A heading, a summary in a quote, sections with lists of links (llmstxt.org)."""
    lines = text("llms.txt").splitlines()
    assert lines[0] == "# divide" and lines[2].startswith("> ")
    targets = re.findall(r"\]\(([^)]+)\)", text("llms.txt"))
    assert len(targets) > 15
    assert [target for target in targets if links.problem(ROOT / "llms.txt", target)] == []


def test_nothing_is_said_to_be_published_that_is_not():
    """No address of a project page, and every `pip install` names a checkout, or an extra of a message."""
    assert "urls" not in PROJECT
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if path.is_relative_to(ROOT / "docs" / "reference"):
            continue  # texts of messages
        for command in re.findall(
            r"(?:pip|pipx|uv|uvx) (?:tool )?install[^`\n]*divide-cli[^`\n]*", path.read_text("utf-8")
        ):
            assert "git+" in command or re.search(r"divide-cli\[\w+\]", command), f"{path.name}: {command}"


def test_licence_files_exist():
    assert all((ROOT / name).is_file() for name in PROJECT["license-files"])
