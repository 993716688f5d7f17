"""`divide reproduce`, `divide lock` and `divide claims new`, as their users run them."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from jsonschema import Draft7Validator

from divide_cli.claims import lock
from divide_cli.errors import SourceError
from tests.claims.conftest import claim
from tests.cli.conftest import divide

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "tests" / "schemas"
SHIPPED = sum(
    len(yaml.safe_load(path.read_text(encoding="utf-8"))["claims"]) for path in ROOT.glob("data/claims/*.yaml")
)
__all__ = ["divide"]
KEYS = {
    "id", "publication", "place", "where", "statement", "printed", "unit", "unit_mult", "qualifier", "accepted", "expect",
    "verdict", "as_expected", "conflicts", "reason", "published", "countries",
}  # fmt: skip


@pytest.fixture
def wrong(write):
    """A claims file with a figure that is wrong, one that is right, and one that is known not to hold."""
    return write(
        claim(id="wrong", printed="72"),
        claim(id="right", printed="74"),
        claim(id="known", printed="72", expect="differs"),
    )


def test_the_embedded_claims_are_as_expected(divide):
    finished = divide("reproduce")
    assert finished.returncode == 0, finished.stderr
    assert f"{SHIPPED} claims, all as expected" in finished.stderr
    assert "p16_offline: cannot hold with p20_internet_2025 (para 20)" in " ".join(finished.stdout.split())
    assert max(map(len, finished.stdout.splitlines())) <= 80


def test_json(divide):
    finished = divide("reproduce", "--format", "json")
    made = json.loads(finished.stdout)
    assert len(made["claims"]) == SHIPPED and made["unexpected"] == 0
    for entry in made["claims"]:
        assert set(entry) == KEYS
        assert {"value", "edition", "verdict"} <= set(entry["published"])
        assert {"value", "lower", "upper", "coverage", "edition", "verdict"} <= set(entry["countries"])
    found = {entry["id"]: entry for entry in made["claims"] if entry["publication"] == "a_res_80_173"}
    assert found["p21_income_ratio"]["published"]["value"] == pytest.approx(94.2 / 23.4)
    assert found["p21_income_ratio"]["accepted"] == {"lower": 4, "upper": 5, "ends": "excluded"}
    assert found["p20_internet_2005"]["countries"]["edition"] == "wdi_2025_10"
    assert "NaN" not in finished.stdout


def test_exit_code_and_message_of_a_wrong_figure(divide, wrong):
    finished = divide("reproduce", str(wrong), columns=200)
    assert finished.returncode == 1
    assert "3 claims, 1 not as expected" in finished.stderr
    told = " ".join(finished.stdout.split())
    assert "!! wrong: claim expected quoted, found differs; published: 73.6 [73.55, 73.65]" in told
    assert "itu_aggregates_2025_11/observations.csv:" in told
    assert "73.6 is 1.1 above the range 71.5 to 72.5" in told


@pytest.mark.parametrize("form", ["json", "junit", "sarif", "github", "markdown", "table"])
def test_every_format_says_what_is_wrong(divide, wrong, form):
    finished = divide("reproduce", str(wrong), "--format", form)
    assert finished.returncode == 1
    assert "wrong" in finished.stdout and "73.6" in finished.stdout


def test_junit(divide, wrong):
    xmlschema = pytest.importorskip("xmlschema", reason="a development library that the oldest environment lacks")
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
    for arguments, cases, failures in ((["reproduce"], SHIPPED, 0), (["reproduce", str(wrong)], 3, 1)):
        text = divide(*arguments, "--format", "junit").stdout
        schema.validate(ElementTree.ElementTree(ElementTree.fromstring(text)))
        root = ElementTree.fromstring(text)
        assert root.get("name") == "divide reproduce"
        assert len(root.findall(".//testcase")) == cases
        assert len(root.findall(".//failure")) == failures
    assert root.find(".//failure/..").get("name") == "report.wrong"
    assert len(ElementTree.fromstring(divide("reproduce", "--format", "junit").stdout).findall("testsuite")) == 3


def test_sarif(divide, wrong):
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
    for arguments in (["reproduce"], ["reproduce", str(wrong)]):
        log = json.loads(divide(*arguments, "--format", "sarif").stdout)
        assert not list(Draft7Validator(schema).iter_errors(log))
    errors = [result for result in log["runs"][0]["results"] if result["level"] == "error"]
    assert [result["ruleId"] for result in errors] == ["report.wrong"]
    place = errors[0]["locations"][0]["physicalLocation"]
    line = wrong.read_text(encoding="utf-8").splitlines()[place["region"]["startLine"] - 1]
    assert line.strip() == "printed: '72'"


def test_github_names_file_and_line(divide, wrong):
    lines = divide("reproduce", str(wrong), "--format", "github").stdout.splitlines()
    assert re.match(rf"::error file={re.escape(str(wrong))},line=\d+,title=", lines[0])
    assert lines[-1] == "divide reproduce: 1 error and 1 note"


def test_two_processes_give_the_same_bytes(divide, tmp_path):
    """JSON, JUnit and SARIF of this process and of one with another order of hashes."""
    forms = ("json", "junit", "sarif")
    here = [divide("reproduce", "--format", form).stdout for form in forms]
    script = (
        "import sys; from pathlib import Path; from tests.runner import divide\n"
        f"for form in {forms}: sys.stdout.write(divide(Path.cwd(), 'reproduce', '--format', form).stdout)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}
    there = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    assert "".join(here) == there.stdout.decode()
    assert "pandas" not in "".join(here) and str(ROOT) not in "".join(here)


def test_the_oldest_libraries_give_the_same_bytes(divide):
    """JSON, JUnit and SARIF equal those of the other environment, if there is one (make test-lowest sets it up)."""
    other = next((path for name in (".venv", ".venv-lowest")
                  if (path := ROOT / name / "bin" / "python").exists() and Path(sys.prefix) != ROOT / name), None)  # fmt: skip
    if other is None:
        pytest.skip("there is no second environment: make test-lowest makes one")
    versions = subprocess.run(
        [other, "-c", "import pandas; print(pandas.__version__)"], capture_output=True, text=True, check=False
    )
    if versions.returncode:
        pytest.skip("the second environment has no pandas")
    import pandas

    if versions.stdout.strip() == pandas.__version__:
        pytest.skip("both environments have the same pandas")
    for form in ("json", "junit", "sarif"):
        theirs = subprocess.run(
            [other, "-m", "divide_cli", "reproduce", "--format", form],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        assert theirs.stdout.decode() == divide("reproduce", "--format", form).stdout, form


def test_basis_edition_and_only(divide):
    finished = divide("reproduce", "--only", "p21_high_income", "--basis", "published", "--format", "json")
    entry = json.loads(finished.stdout)["claims"][0]
    assert finished.returncode == 0
    assert (entry["verdict"], entry["countries"]) == ("quoted", None)
    finished = divide(
        "reproduce", "--only", "p20_internet_2025", "--edition", "itu_aggregates_2024_11", "--format", "json"
    )
    assert json.loads(finished.stdout)["claims"][0]["published"]["edition"] == "itu_aggregates_2024_11"
    assert finished.returncode == 1  # nothing of 2025 in that edition


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["reproduce", "missing.yaml"], 3, "the claims file cannot be read"),
        (["reproduce", "--only", "p99"], 2, "the claim is unknown"),
        (["reproduce", "--edition", "itu_2024"], 2, "the edition is unknown"),
        (["reproduce", "--lock", "missing.lock"], 3, "the lock cannot be read"),
        (["reproduce", "--basis", "neither"], 2, "neither"),
        (["lock", "missing.yaml"], 3, "the claims file cannot be read"),
        (["claims", "new", "2026.yaml"], 2, "does not give a valid id"),
    ],
)
def test_wrong_input_is_one_message(divide, arguments, code, text):
    finished = divide(*arguments)
    assert finished.returncode == code
    assert text in finished.stderr and "Traceback" not in finished.stderr
    assert finished.stdout == ""


def test_a_claims_file_with_a_name_that_is_too_long_is_one_message(divide):
    finished = divide("claims", "new", f"{'x' * 300}.yaml")
    assert finished.returncode == 3 and "the claims file cannot be written" in finished.stderr
    assert "what to do: name another file\n" in finished.stderr and "Traceback" not in finished.stderr


def test_an_error_of_a_claims_file_names_its_line(divide, write):
    path = write(claim(id="a"), claim(id="b", qualifier="roughly"))
    finished = divide("reproduce", str(path))
    lines = [
        number for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "printed:" in line
    ]
    assert finished.returncode == 3
    assert f"{path}:{lines[1]}" in finished.stderr and "roughly" in finished.stderr


def edited(folder: Path, name: str, change) -> None:
    """A user's edition with the name of an embedded one and a changed row, which its origin.yaml accepts."""
    target = folder / name
    shutil.copytree(ROOT / "data" / "sources" / name, target)
    path = target / "observations.csv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        change(row)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    origin = yaml.safe_load((target / "origin.yaml").read_text(encoding="utf-8"))
    content = path.read_bytes()
    origin["files"] = [{"path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}]
    (target / "origin.yaml").write_text(yaml.safe_dump(origin, allow_unicode=True), encoding="utf-8")


def test_a_lock_says_what_has_moved(divide, tmp_path):
    """A lock is written; nothing has moved; then one cell of an edition changes."""
    assert divide("lock").returncode == 0
    lock = tmp_path / "divide.lock"
    first = lock.read_bytes()
    assert divide("lock").returncode == 0
    assert lock.read_bytes() == first
    held = json.loads(first)
    assert set(held) == {"divide", "inputs", "claims", "codelists", "groups", "catalogue", "values"}
    assert "itu_aggregates_2025_11/observations.csv" in held["inputs"]
    assert "wdi_population_2026_07/observations.csv" in held["inputs"]
    assert "measures.parity_score" in held["catalogue"] and "income_group.csv" in held["groups"]
    made = json.loads(divide("reproduce", "--lock", "divide.lock", "--format", "json").stdout)
    assert made["moved"] == []

    def change(row):
        if (row["REF_AREA"], row["URBANISATION"], row["TIME_PERIOD"]) == ("HIC", "_T", "2025"):
            row["OBS_VALUE"] = "90.2"

    edited(tmp_path / "editions", "itu_aggregates_2025_11", change)
    finished = divide(
        "reproduce", "--lock", "divide.lock", "--format", "github", DIVIDE_EDITIONS=str(tmp_path / "editions")
    )
    assert finished.returncode == 1
    moved = finished.stderr
    assert "inputs: itu_aggregates_2025_11/observations.csv changed, sha256 " in moved
    assert "a_res_80_173.p21_high_income, published: 94.2 -> 90.2 (-4)" in moved
    errors = [line for line in finished.stdout.splitlines() if line.startswith("::error ")]
    assert errors and all("90.2" in line or "income" in line or "offline_low_and_middle" in line for line in errors)
    assert any("94.2 -> 90.2 (-4)" in line for line in errors)


def test_a_lock_of_something_else_is_refused(divide, tmp_path):
    (tmp_path / "other.lock").write_text("{}", encoding="utf-8")
    finished = divide("reproduce", "--lock", "other.lock")
    assert finished.returncode == 3 and "the file is not a lock" in finished.stderr


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"inputs": []}, "the file is not a lock"),
        ({"groups": {"a.csv": 3}}, "the file is not a lock"),
        ({"values": {"report.one": 3}}, "the file is not a lock"),
        ({"values": {"report.one": {"verdict": "quoted", "published": {"value": "x"}}}}, "the file is not a lock"),
        ("[" * 100_000, "the lock cannot be read"),
    ],
    ids=str,
)
def test_a_lock_with_other_values_is_refused(changed, text, tmp_path):
    empty = {"divide": "0.2.0", **dict.fromkeys((*lock.PARTS, "values"), {})}
    path = tmp_path / "divide.lock"
    path.write_text(changed if isinstance(changed, str) else json.dumps(empty | changed), encoding="utf-8")
    with pytest.raises(SourceError, match=text):
        lock.read(path)


def test_a_claims_file_is_started_and_holds(divide, tmp_path):
    finished = divide("claims", "new", "report.yaml", "--title", "Annual report")
    assert finished.returncode == 0 and "next: divide reproduce report.yaml" in finished.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.schema.json", "report.yaml"]
    assert divide("reproduce", "report.yaml").returncode == 0
    again = divide("claims", "new", "report.yaml")
    assert again.returncode == 2 and "the file already exists" in again.stderr


def test_the_workflow_of_a_report_repository(divide, tmp_path):
    """The commands of the documented GitHub Actions example, one after the other, in a repository that is a folder."""
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(# \.github/workflows/figures\.yml.*?)```", text, flags=re.DOTALL)
    assert found, "the example stands in the documentation"
    workflow = yaml.safe_load(found[1])
    steps = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    commands = [line for step in steps for line in step.splitlines() if line.startswith("divide ")]
    assert len(commands) >= 2
    assert divide("claims", "new", "claims.yaml").returncode == 0
    assert divide("lock", "claims.yaml").returncode == 0
    for command in commands:
        words = command.partition(" >")[0].split()
        assert divide(*words[1:]).returncode == 0, command
    path = tmp_path / "claims.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"1.5"', '"1.6"'), encoding="utf-8")
    codes = [divide(*command.partition(" >")[0].split()[1:]).returncode for command in commands]
    assert set(codes) == {1}


def test_start_up_is_light():
    """No pandas for --help, or for a claims file that cannot be read."""
    script = (
        "import sys\n"
        "sys.argv = ['divide', *sys.argv[1:]]\n"
        "from divide_cli.__main__ import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    pass\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'pandera'} & set(sys.modules)\n"
        "sys.exit(len(heavy))\n"
    )
    for arguments in (
        ["reproduce", "--help"],
        ["lock", "--help"],
        ["claims", "new", "--help"],
        ["reproduce", "none.yaml"],
    ):
        finished = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert finished.returncode == 0, (arguments, finished.stderr)
