"""What the log of a CI system, a terminal or a spreadsheet obeys is neutralised in every command and format.

The patterns below are those of the systems, written here from their sources, and not those of the program.
"""

import csv
import io
import json
import re
from pathlib import Path

import pytest
import yaml

from divide_cli.errors.text_safety import as_json, excel_safe, visible

OBEYED = {
    "Azure Pipelines, GitHub (before 2019)": re.compile(r"##(?:vso)?\[[^\]]+\]"),  # anywhere in a line
    "TeamCity": re.compile(r"##teamcity\["),
    "GitLab": re.compile(r"section_(?:start|end):\d+:"),
    "Travis": re.compile(r"travis_(?:fold|time):\w+"),
    "Buildkite": re.compile(r"^(?:---|\+\+\+|~~~)\s", re.MULTILINE),
    "GitHub, Gitea": re.compile(r"^\s*::[^:\s]+(?: .*?)?::", re.MULTILINE),
}
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff\U000e0000-\U000e0fff]")
COMMANDS = (
    "##vso[task.setvariable variable=x]y", "##vso[task.prependpath]/elsewhere", "##[error]no", "##[add-mask]x",
    "##teamcity[buildStatus status='FAILURE']", "section_start:1560896352:x\r\x1b[0Khead", "section_end:1560896352:x",
    "travis_fold:start:x", "--- head", "+++ head", "~~~ head", "::error file=a:b,line=1::message", "::add-mask::x",
    "\n::set-output name=x::y", "word ##vso[a b]c ##[group]d",
)  # fmt: skip
ESCAPES = ("\x1b[2J", "\x9b31m", "user\u202egnp.exe", "pass\u200bword")


def obeyed(text: str) -> list[str]:
    return [name for name, pattern in OBEYED.items() if pattern.search(text)] + ["terminal"] * bool(
        CONTROLS.search(text)
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_shown_and_not_obeyed(command):
    assert obeyed(command)
    assert obeyed(visible(command)) == []
    assert json.loads(as_json({"text": command})) == {"text": command}
    assert [name for name in obeyed(as_json({"text": command})) if name not in ("Buildkite", "GitHub, Gitea")] == []


@pytest.mark.parametrize(
    "text", ["a -- b", "x---y", "1.5--3", "C++", "+++", "# heading", "a::b", "sections_start:1", "##"]
)
def test_what_is_no_command_stays(text):
    assert visible(text) == ("++\\u002b" if text == "+++" else text)


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit", "github", "markdown", "html"])
def test_no_report_on_a_submission_is_obeyed(form, divide, tmp_path):
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["REF_AREA", "INDICATOR", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_COMMENT"])
        writer.writerow(["KEN", "internet_use", "_T", 2019, "40.1", ""])
        for number, text in enumerate(COMMANDS):
            writer.writerow([text, "internet_use", "_T", 2000 + number, "41.5", ""])
            writer.writerow(["KEN", text, "_T", 2000 + number, "41.5", ""])
            writer.writerow(["KEN", "internet_use", "F", text, "41.5", ""])
            writer.writerow(["KEN", "internet_use", "M", 2000 + number, text, ""])
            writer.writerow(["KEN", "internet_use", "_T", 2000 + number, "141.5", f"{text} last 12 months"])
    made = divide("validate", "x.csv", "--format", form, "--limit", "0", columns=100)
    assert made.returncode == 1, made.stderr
    printed = re.sub(r"(?m)^::(?:error|warning|notice) [^\n]*?::", "", made.stdout) if form == "github" else made.stdout
    if form == "html":
        printed = re.sub(r"(?s)<style>.*?</style>|<script>.*?</script>", "", printed)
    assert obeyed(printed) == [] and obeyed(made.stderr) == []


@pytest.fixture
def editions(tmp_path):
    """An edition of somebody else, with everything that is obeyed in each text of its origin."""
    folder = tmp_path / "editions" / "theirs"
    folder.mkdir(parents=True)
    text = " ".join((*COMMANDS, *ESCAPES))
    root = Path(__file__).resolve().parents[2] / "data" / "sources" / "wdi_2026_08" / "origin.yaml"
    origin = yaml.safe_load(root.read_text(encoding="utf-8"))
    content = b"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2020,41.5\n"
    (folder / "observations.csv").write_bytes(content)
    from hashlib import sha256

    raw = [{"path": "observations.csv", "sha256": sha256(content).hexdigest(), "bytes": len(content)}]
    origin |= {
        "id": "theirs",
        "raw": raw,
        "notes": [text, *COMMANDS, *ESCAPES],
        "left_out": [{"what": text, "why": text}],
    }
    origin |= dict.fromkeys(("title", "producer", "method", "citation"), text) | {
        "url": f"https://u:s3cret@x.org/{text}"
    }
    (folder / "origin.yaml").write_text(yaml.safe_dump(origin, allow_unicode=False), encoding="utf-8")
    return folder.parent


@pytest.mark.parametrize(
    "command",
    [("list", "editions"), ("show", "theirs"), ("compute", "--no-write", "--edition", "theirs"),
     ("compute", "--no-write", "--edition", "theirs", "--format", "json"),
     ("compute", "--no-write", "--edition", "theirs", "--format", "markdown"),
     ("targets", "--edition", "theirs"), ("measure", "internet_use", "--edition", "theirs")],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("columns", [40, 200])
def test_no_command_obeys_an_edition(command, columns, editions, divide):
    made = divide(*command, columns=columns, DIVIDE_EDITIONS=str(editions))
    assert "Traceback" not in made.stderr
    assert obeyed(made.stdout) == [] and obeyed(made.stderr) == []
    assert "s3cret" not in made.stdout + made.stderr


FORMULAS = ("=1+1", "+1+1", "-2+3", "@SUM(1)", "\tx", "\rx", "=cmd|' /C calc'!A0", "x;=1+1", "＝1+1")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_like_a_formula_is_marked(text):
    cells = re.split(r"[;\t\r]", excel_safe(text))
    assert all(cell == "" or cell[0] not in "=+-@＝" for cell in cells) and "'" in excel_safe(text)
    assert excel_safe(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", ["-2.5", "+3", "-1e-3", "-12,5", "-5%", "a=b", "", "_T", "-.5", "Côte d'Ivoire"])
def test_a_number_or_a_text_is_not_marked(text):
    assert excel_safe(text) == text


@pytest.fixture
def formulas(tmp_path):
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE", "OBS_COMMENT"])
        writer.writerows(["KEN", "internet_use", 2000 + at, "41.5", text] for at, text in enumerate(FORMULAS))
    return tmp_path / "x.csv"


def test_csv_is_marked_on_request_only(formulas, divide, tmp_path):
    exact, safe = (divide("read", "x.csv", "--format", "csv", *options).stdout for options in ((), ("--excel-safe",)))
    comments = [[row["OBS_COMMENT"] for row in csv.DictReader(io.StringIO(text, newline=""))] for text in (exact, safe)]
    assert comments == [list(FORMULAS), [excel_safe(text) for text in FORMULAS]]
    assert divide("read", "x.csv", "--out", "y.csv", "--excel-safe").returncode == 0
    with (tmp_path / "y.csv").open(encoding="utf-8", newline="") as written:
        assert [row["OBS_COMMENT"] for row in csv.DictReader(written)] == comments[1]
    assert divide("compute", "x.csv", "--no-write", "--format", "csv", "--excel-safe").returncode == 0


def test_a_workbook_is_marked_on_request(formulas, divide, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    divide("validate", "x.csv", "--format", "xlsx", "--out", "safe.xlsx", "--excel-safe")
    book = openpyxl.load_workbook(tmp_path / "safe.xlsx")
    texts = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert {"'=1+1", "'@SUM(1)"} <= texts and not [text for text in texts if text[:1] in ("=", "@")]
