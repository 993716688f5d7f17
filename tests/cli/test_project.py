"""The configuration of a project, the action and the hooks, on a made-up repository."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from divide_cli.api.project import Project, project
from divide_cli.errors import SourceError
from tests.cli.conftest import divide

__all__ = ["divide"]
ROOT = Path(__file__).resolve().parents[2]
SUBMISSIONS = ROOT / "tests" / "submissions"
SARIF = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
RIGHT = "74 % <!-- divide: internet_use WLD 2025 --> are online.\n"
WRONG = "71 % <!-- divide: internet_use WLD 2025 --> are online.\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a submission that breaks a rule with an error, one with a warning, and a text."""
    (tmp_path / "submissions").mkdir()
    (tmp_path / "docs").mkdir()
    shutil.copy(SUBMISSIONS / "error_ages_contradict_total.csv", tmp_path / "submissions" / "a.csv")
    shutil.copy(SUBMISSIONS / "warn_jump.csv", tmp_path / "submissions" / "b.csv")
    (tmp_path / "docs" / "report.md").write_text(WRONG, encoding="utf-8")
    return tmp_path


def configure(folder: Path, *lines: str, name: str = "divide.toml") -> Path:
    """Writes a configuration."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_validate_alone_is_enough(divide, repository):
    """It gives what the same choice gives as arguments, in the working directory."""
    given = divide("validate", "submissions/a.csv", "submissions/b.csv", "--fail-on", "warning", "--format", "json")
    configure(repository, 'files = ["submissions/*.csv"]', 'fail-on = "warning"')
    alone = divide("validate", "--format", "json")
    assert given.returncode == alone.returncode == 1
    assert json.loads(alone.stdout)["findings"] == json.loads(given.stdout)["findings"]
    assert divide("validate", "submissions/b.csv").returncode == 1, "fail-on of the project"
    assert divide("validate", "submissions/b.csv", "--fail-on", "error").returncode == 0, "an argument takes its place"


def test_waivers_and_rules_of_a_project(divide, repository):
    people = ("--owner", "A. Statistician", "--expires", "2099-12-31")
    assert divide("validate", "submissions/a.csv", "--write-waivers", "accepted.yaml", *people).returncode == 0
    configure(repository, 'files = ["submissions/a.csv"]', 'waivers = "accepted.yaml"', 'rules = ["rules.yaml"]')
    rule = dict(yaml.safe_load((ROOT / "data" / "catalogue" / "rules.yaml").read_text(encoding="utf-8"))["spike"])
    (repository / "rules.yaml").write_text(yaml.safe_dump({"mine": {**rule, "name": "Mine"}}), encoding="utf-8")
    finished = divide("validate", "--format", "json")
    report = json.loads(finished.stdout)
    assert '"mine"' in finished.stdout
    assert finished.returncode == 0 and report["summary"]
    assert all(entry["waived"] == entry["count"] for entry in report["summary"])


def test_reproduce_and_lock_take_the_claims_of_the_project(divide, repository):
    configure(repository, "[tool.divide]", 'claims = ["docs"]', name="pyproject.toml")
    assert divide("reproduce").stderr.startswith("1 claim, 1 not as expected")
    (repository / "docs" / "report.md").write_text(RIGHT, encoding="utf-8")
    assert divide("reproduce").stderr.startswith("1 claim, all as expected")
    assert divide("lock").stderr == "1 claim: wrote divide.lock\n"
    configure(repository, 'claims = ["claims.yaml"]')
    divide("claims", "new", "claims.yaml")
    assert json.loads(divide("reproduce", "--format", "json").stdout)["claims"][0]["publication"] == "claims"


@pytest.mark.parametrize(
    ("lines", "told", "line"),
    [
        (['file = ["a.csv"]'], "did you mean files", 1),
        (['files = ["a.csv"]', "", 'fail_on = "error"'], "did you mean fail-on", 3),
        (['fail-on = "warnings"'], "error, warning, note", 1),
        (['files = "a.csv"'], "a list of texts", 1),
        (["# one", "waivers = 3"], "a text", 2),
        (["rules = [3]"], "a list of texts", 1),
        (["[validate]", 'files = ["a.csv"]'], "the keys are files, rules, claims, waivers, fail-on", 1),
    ],
)
def test_wrong_keys_are_named_with_their_line(tmp_path, lines, told, line):
    path = configure(tmp_path, *lines)
    with pytest.raises(SourceError) as caught:
        project(tmp_path)
    assert f"where: {path}:{line}\n" in f"{caught.value}\n" and told in str(caught.value)
    section = configure(tmp_path / ".", "[project]", 'name = "x"', "", "[tool.divide]", *lines, name="pyproject.toml")
    path.unlink()
    if lines[0] != "[validate]":  # a table of its own in that file
        with pytest.raises(SourceError) as caught:
            project(tmp_path)
        assert f"where: {section}:{line + 4}\n" in f"{caught.value}\n" and told in str(caught.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    """The first wrong key hid the others, against what the docstring of `project` promises."""
    (tmp_path / "divide.toml").write_text('fail_on = "error"\nfiles = "x.csv"\nfail-on = "warnings"\n')
    with pytest.raises(SourceError) as raised:
        project(tmp_path)
    errors = (raised.value, *raised.value.others)
    assert [error.code for error in errors] == ["config_key_unknown", "config_value_wrong", "config_value_wrong"]


def test_a_pattern_that_matches_nothing_is_an_error_where_it_is_used(divide, repository):
    configure(repository, "# ours", 'files = ["none/*.csv"]', 'claims = ["docs"]')
    finished = divide("validate")
    assert finished.returncode == 3 and "matches no file" in finished.stderr and "divide.toml:2" in finished.stderr
    assert divide("validate", "submissions/b.csv").returncode == 0
    assert divide("reproduce").stderr.startswith("1 claim, 1 not as expected")


def test_no_configuration_says_nothing(tmp_path):
    assert project(tmp_path) == Project()
    configure(tmp_path, "[project]", 'name = "x"', name="pyproject.toml")
    assert project(tmp_path) == Project()
    (tmp_path / "divide.toml").write_bytes(b"\xff = [")
    with pytest.raises(SourceError, match="cannot be read"):
        project(tmp_path)


def environment(folder: Path) -> dict[str, str]:
    """The variables of a runner, with `divide` on the path."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / "divide"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m divide_cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}


def run_action(folder: Path, command: str, arguments: str) -> "subprocess.CompletedProcess[str]":
    """The steps of the action that are commands, but for the installation, as a runner runs them."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (step,) = [one for one in action["runs"]["steps"] if one.get("name") == "run"]
    inputs = {name: entry["default"] for name, entry in action["inputs"].items()}
    inputs |= {"command": command, "arguments": arguments}
    own = {name: inputs[re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", text)[1]] for name, text in step["env"].items()}
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(
        bash, cwd=folder, env={**environment(folder), **own}, capture_output=True, text=True, check=False
    )


def test_the_action_annotates_summarises_and_writes_sarif(repository):
    finished = run_action(repository, "validate", "submissions/*.csv")
    assert finished.returncode == 1 and "::error file=submissions/a.csv,line=" in finished.stdout, finished.stderr
    log = json.loads((repository / "divide.sarif").read_text(encoding="utf-8"))
    assert not list(Draft7Validator(SARIF).iter_errors(log)) and log["runs"][0]["results"]
    assert (repository / "summary.md").stat().st_size
    (repository / "summary.md").unlink()
    configure(repository, 'claims = ["docs"]')
    finished = run_action(repository, "reproduce", "")
    assert finished.returncode == 1 and "::error file=docs/report.md,line=1,endLine=1,col=1," in finished.stdout
    log = json.loads((repository / "divide.sarif").read_text(encoding="utf-8"))
    assert not list(Draft7Validator(SARIF).iter_errors(log)) and len(log["runs"][0]["results"]) == 1
    assert "another year" in (repository / "summary.md").read_text(encoding="utf-8")
    (repository / "docs" / "report.md").write_text(RIGHT, encoding="utf-8")
    assert run_action(repository, "reproduce", "docs").returncode == 0
    assert run_action(repository, "fetch", "").returncode == 2


def test_the_hooks_run_on_the_repository(repository):
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    configure(repository, 'claims = ["docs"]')

    def code(name: str, *files: str) -> int:
        given = files if hooks[name].get("pass_filenames", True) else ()
        command = [*hooks[name]["entry"].split(), *given]
        finished = subprocess.run(
            command, cwd=repository, env=environment(repository), capture_output=True, check=False
        )
        return finished.returncode

    assert code("divide-validate", "submissions/a.csv") == 1
    assert code("divide-validate", "submissions/b.csv") == 0
    assert re.search(hooks["divide-reproduce"]["files"], "docs/report.md")
    assert code("divide-reproduce", "docs/report.md") == 1
    (repository / "docs" / "report.md").write_text(RIGHT, encoding="utf-8")
    assert code("divide-reproduce", "docs/report.md") == 0
