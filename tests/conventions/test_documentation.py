"""The documentation agrees with the project: commands and options exist, pictures are those of the code, pages are linked."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from divide_cli import api
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import publications
from divide_cli.cli.commands import app
from scripts.docs import __main__ as docs
from scripts.docs import examples, links, markdown

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
INDEX = ROOT / "docs" / "index.md"
LONGEST_README = 150


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_link_leads_somewhere():
    assert links.broken() == []


@pytest.mark.parametrize(
    ("link", "wrong"),
    [
        ("index.md", ""),
        ("concepts.md#bounds", ""),
        ("../README.md#how-to-cite", ""),
        ("https://www.itu.int/en", ""),
        ("no_such_page.md", "leads to no file"),
        ("concepts.md#no-such-heading", "leads to no heading"),
        ("../../README.md", "leads to no file"),
        ("https:/www.itu.int", "is not a web address"),
        ("/docs/index.md", "is not a relative link"),
    ],
)
def test_a_broken_link_is_found(link, wrong):
    assert links.problem(INDEX, link) == wrong


def test_an_example_is_a_real_run_with_the_files_of_its_page():
    page = (
        "<!-- file: two.csv -->\n```csv\nREF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2024,40\n```\n"
        "<!-- begin: divide read two.csv --format csv | tail -n 1 | cut -c1-16; echo $? -->\nold\n<!-- end -->\n"
    )
    (after,) = examples.regenerated([page])
    assert after.endswith(
        "```text\n$ divide read two.csv --format csv | tail -n 1 | cut -c1-16; echo $?\n"
        "KEN,internet_use\n0\n```\n<!-- end -->\n"
    )


def test_the_examples_of_a_tutorial_run_in_order_in_one_folder():
    page = (
        "<!-- examples: in order -->\n<!-- file: figures/one.txt -->\n```text\na\n```\n"
        "<!-- begin: cp figures/one.txt two.txt; divide --version > version.txt -->\n<!-- end -->\n"
        "<!-- begin: cat two.txt; cut -d ' ' -f 1 version.txt -->\n<!-- end -->\n"
    )
    (after,) = examples.regenerated([page])
    assert "$ cat two.txt; cut -d ' ' -f 1 version.txt\na\ndivide\n```" in after
    with pytest.raises(RuntimeError, match="two.txt"):
        examples.regenerated([page.replace("<!-- examples: in order -->", "")])


def test_an_example_that_fails_is_an_error():
    with pytest.raises(RuntimeError, match="exit code 3"):
        examples.regenerated(["<!-- begin: divide read no_such_file.csv -->\n<!-- end -->\n"])


def test_a_page_that_differs_and_one_that_is_generated_no_longer_are_found():
    pages = {path.relative_to(ROOT).as_posix(): text(path) for path in docs.pages_in_place()}
    assert docs.differences(pages) == ([], [])
    old, obsolete = "docs/reference/commands.md", pages.pop("docs/reference/output.md")
    assert obsolete
    assert docs.differences(pages | {old: "new", "docs/reference/another.md": "new"}) == (
        [old, "docs/reference/another.md"],
        [ROOT / "docs/reference/output.md"],
    )


def test_a_cell_of_a_table_stays_one_cell():
    assert markdown.table(("a", "b"), [("x | y", "<code>\nand more")]) == (
        "| a | b |\n| --- | --- |\n| x \\| y | &lt;code> and more |"
    )


def test_the_readme_is_short():
    assert len(text(ROOT / "README.md").splitlines()) <= LONGEST_README


def test_every_page_can_be_reached_from_the_index():
    seen, queue = set(), [INDEX]
    while queue:
        page = queue.pop()
        seen.add(page)
        for target in re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", text(page)):
            path = (page.parent / target).resolve()
            if path not in seen and path.is_relative_to(ROOT / "docs"):
                queue.append(path)
    assert set((ROOT / "docs").rglob("*.md")) <= seen


def command_lines(page: Path) -> list[str]:
    """Every `divide ...` of a page: in its code blocks, its generated parts and its sentences."""
    lines = [
        line
        for block in re.findall(r"^```(?:sh|yaml|text)\n(.*?)^```", text(page), flags=re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]
    found = [
        match
        for line in lines
        for match in re.findall(
            r"(?:^(?:\$ )?|- run: |run: |\$\()(divide(?= [a-z-]).*)", line.partition("  #")[0].strip()
        )
    ]
    return found + re.findall(r"`(divide [a-z][^`]*)`", text(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_and_options_exist(page):
    program: Any = get_command(app)
    for line in command_lines(page):
        words = shlex.split(re.split(r"[|;>&)…\[]", line)[0].replace("'", "").replace('"', ""))[1:]
        command = program
        while words and hasattr(command, "commands"):
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {
            "--help",
            "-h",
        }
        unknown = [word for word in words if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known]
        assert not unknown, line


def test_the_picture_of_the_packages_is_that_of_the_code():
    """docs/architecture.md draws the entries of divide_cli/ and the packages in them."""
    picture = re.search(r"```text\ndivide_cli/\n(.*?)```", text(ROOT / "docs" / "architecture.md"), flags=re.DOTALL)
    assert picture
    drawn: set[str] = set()
    outer = ""
    for line in picture[1].splitlines():
        name = line.split()[0].strip("/")
        inner = line.startswith("    ")
        outer = name if not inner else outer
        drawn.add(f"{outer}/{name}" if inner else name)
    package = ROOT / "divide_cli"
    inside = {path.parent.relative_to(package).as_posix() for path in package.glob("*/*/__init__.py")}
    top = {path.parent.name for path in package.glob("*/__init__.py")} | {
        path.name for path in package.glob("*.py")
    } - {"__init__.py", "__main__.py"}
    assert drawn <= top | inside, drawn - top - inside
    assert top <= drawn, top - drawn


def test_the_layers_are_those_of_the_import_contract():
    contracts = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    line = " > ".join(layers).replace("divide_cli.", "")
    for page in ("README.md", "docs/architecture.md"):
        assert f"\n{line}\n" in text(ROOT / page), page


def test_counts_in_the_pages_are_those_of_the_catalogue():
    assert f"{len(api.entries('measures'))} measures" in text(ROOT / "README.md")
    assert f"[{len(catalogue().dataflows)} layouts]" in text(ROOT / "docs" / "analysts.md")
    counts = [len(one.claims) for one in publications().values()]
    claims = " ".join(text(ROOT / "docs" / "claims.md").split())
    assert "{} of A/RES/80/173, {} of ITU's Facts and Figures 2024, and {} of Facts".format(*counts) in claims
