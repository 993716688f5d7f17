"""Rules of the house that can be read off the files; each failure says what to mend."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "divide_cli").rglob("*.py"))
LONGEST = 400


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_modules_are_short():
    long = {str(path.relative_to(ROOT)): n for path in MODULES if (n := len(text(path).splitlines())) > LONGEST}
    assert not long, f"ask what these are two of: {long}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_catch_all_no_assert_for_input_no_todo(path):
    tree = ast.parse(text(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            name = getattr(node.type, "id", "") if node.type else "everything"
            assert name not in ("everything", "Exception", "BaseException"), (
                f"{path}:{node.lineno}: name the error that is expected"
            )
    assert not re.search(r"\b(TODO|FIXME|XXX|placeholder)\b", text(path).replace('"XXX"', "")), (
        f"{path}: finish it or leave it out"
    )
    assert ast.get_docstring(tree), f"{path}: say in a line what the module promises"


def test_the_middle_neither_prints_nor_reads_the_environment():
    ends = ("cli", "reports", "__main__.py")
    for path in MODULES:
        inside = path.relative_to(ROOT / "divide_cli").parts
        if inside[0] in ends:
            continue
        calls = {getattr(node.func, "id", "") for node in ast.walk(ast.parse(text(path))) if isinstance(node, ast.Call)}
        assert "print" not in calls, f"{path}: only cli/ and reports/ print"


def test_every_module_can_be_imported_first():
    """No circle of imports that only one order of importing hides."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES]
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    for known in [module for module in sys.modules if module.partition('.')[0] == 'divide_cli']:\n"
        "        del sys.modules[known]\n"
        "    importlib.import_module(name)\n"
    )
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


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
            "groupby.apply",
        ):
            assert banned not in text(path), f"{path}: {banned}"


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
            found = re.search(r"(?<![\w.])/(home|root|work|tmp|Users)/\w|pypi\.org|files\.pythonhosted", text(path))
            if path.name == "test_house.py":
                continue
            assert not found, f"{path.relative_to(ROOT)}: {found.group(0) if found else ''}"


def test_readme_shows_what_the_commands_print_now():
    finished = subprocess.run(
        [sys.executable, "-m", "scripts.docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


def test_data_package_is_valid_for_frictionless():
    frictionless = pytest.importorskip("frictionless", reason="a development library that the oldest environment lacks")
    report = frictionless.validate(str(ROOT / "data" / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "note"])[:5]


@pytest.mark.parametrize("name", ["gaps", "aggregates", "observations", "disparities", "targets"])
def test_every_column_is_described(name):
    import json

    schema = json.loads(text(ROOT / "schemas" / f"{name}.json"))
    for field in schema["fields"]:
        assert field["description"], field["name"]
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", field["name"]), f"{field['name']} is no SDMX concept id"
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
