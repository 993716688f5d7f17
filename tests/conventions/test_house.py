"""Rules of the house that can be read off the files; each failure says what to fix."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "divide_cli").rglob("*.py"))
LONGEST = 400
ENVIRONMENT = {"catalogue/load.py", "cli/__init__.py", "reports/validation.py", "sources/editions.py", "temporary.py",
               "survey/clusters.py", "reports/charts/__init__.py"}  # fmt: skip
"""Modules that read the environment: where data, editions, Java and fonts are, the language, a workflow's summary page."""


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_modules_are_short():
    long = {str(path.relative_to(ROOT)): n for path in MODULES if (n := len(text(path).splitlines())) > LONGEST}
    assert not long, f"ask what these are two of: {long}"


def test_no_catch_all_no_todo_and_a_promise():
    """No `except Exception`, nothing left for later, and a docstring that says what the module promises.

    Only the entry point catches everything: what no message foresaw is exit code 70.
    """
    for path in MODULES:
        tree = ast.parse(text(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                name = getattr(node.type, "id", "") if node.type else "everything"
                last = path.parts[-3:] == ("divide_cli", "cli", "__init__.py") and name == "BaseException"
                assert last or name not in ("everything", "Exception", "BaseException"), (
                    f"{path}:{node.lineno}: name the error that is expected"
                )
        assert not re.search(r"\b(TODO|FIXME|XXX|placeholder)\b", text(path).replace('"XXX"', "")), (
            f"{path}: finish it or leave it out"
        )
        assert ast.get_docstring(tree), f"{path}: say in a line what the module promises"


def calls(path: Path) -> set[str]:
    """What a module calls or reads by name: `print`, `os.environ`."""
    return {
        ast.unparse(node) for node in ast.walk(ast.parse(text(path))) if isinstance(node, (ast.Name, ast.Attribute))
    }


def test_only_the_ends_print():
    for path in MODULES:
        if path.relative_to(ROOT / "divide_cli").parts[0] not in ("cli", "reports", "__main__.py"):
            assert "print" not in calls(path), f"{path}: only cli/ and reports/ print"


def test_the_environment_is_read_where_it_is_documented():
    """DIVIDE_DATA and DIVIDE_SCHEMAS, DIVIDE_EDITIONS, and what runners of workflows say."""
    readers = {
        str(path.relative_to(ROOT / "divide_cli")) for path in MODULES if {"os.environ", "os.getenv"} & calls(path)
    }
    assert readers <= ENVIRONMENT, f"what a number depends on is an option, not a variable: {readers - ENVIRONMENT}"


def test_losses_cannot_be_silent():
    """pivot_table, fillna(0), dropna() and errors="coerce" hide losses; the rules of the house name the alternatives."""
    for path in MODULES:
        for banned in (
            "pivot_table(",
            "fillna(0)",
            ".dropna(",
            'errors="coerce"',
            ".iterrows(",
            ".itertuples(",
        ):
            assert banned not in text(path), f"{path}: {banned}"
        assert not re.search(r"\.groupby\([^)]*\)\.apply\(", text(path)), f"{path}: a Python call for each group"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_files_name_no_machine():
    """No path of a machine, no registry's host name."""
    for path in tracked():
        if path.suffix in (".py", ".md", ".yaml", ".json", ".toml", ".txt", ".csv", "") and path.is_file():
            if path.parent.parent.name == "sources" and path.is_relative_to(ROOT / "tests"):
                continue  # specimens, in encodings of their own
            content = path.read_text(encoding="utf-8", errors="replace")  # submissions in encodings of their own
            found = re.search(r"(?<![\w.])/(home|root|work|tmp|Users)/\w|pypi\.org|files\.pythonhosted", content)
            if path.name == "test_house.py":
                continue
            assert not found, f"{path.relative_to(ROOT)}: {found.group(0) if found else ''}"


@pytest.mark.parametrize(
    "name",
    [
        "gaps",
        "aggregates",
        "observations",
        "disparities",
        "targets",
        "ranks",
        "courses",
        "missing",
        "changes",
        "decomposition",
        "members",
    ],
)
def test_every_column_is_described(name):
    import json

    schema = json.loads(text(ROOT / "schemas" / f"{name}.json"))
    for field in schema["fields"]:
        assert field["description"], field["name"]
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*|top", field["name"]), f"{field['name']} is no SDMX concept id"
    assert set(schema["primaryKey"]) <= {field["name"] for field in schema["fields"]}


def test_dependencies_are_declared_alike():
    """requirements/lowest.txt holds, for each library of pyproject.toml, the oldest version that is promised."""
    import tomllib

    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    lowest = dict(
        re.findall(r"^([a-z0-9-]+)(?:\[\w+\])?==(\S+)$", text(ROOT / "requirements" / "lowest.txt"), flags=re.MULTILINE)
    )
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["excel"]]:
        name, bound = re.match(r"([a-z0-9-]+)(?:\[\w+\])?>=([\d.]+)", requirement).groups()
        assert lowest[name].startswith(bound), f"{name}: {lowest[name]} is tested, {bound} is promised"


def test_tests_with_the_oldest_libraries_have_the_tools_of_the_others():
    """A release of a tool on the day of a run changes nothing, such as the examples that Hypothesis draws."""
    pinned = [
        dict(re.findall(r"^([a-z0-9-]+)(?:\[\w+\])?==(\S+)", text(ROOT / "requirements" / name), flags=re.MULTILINE))
        for name in ("lowest.txt", "dev.txt")
    ]
    tools = ("pytest", "pytest-xdist", "hypothesis", "jsonschema", "hatchling", "editables", "build")
    assert [pinned[0].get(tool) for tool in tools] == [pinned[1][tool] for tool in tools]
