"""Every message as printed: each code is raised by a small case, and tests/golden/errors.yaml has what it prints.

DIVIDE_GOLDEN=1 writes that file again; read the difference. The page of the errors in docs/ has its examples from it.
"""

import os
import re
from pathlib import Path

import pytest
import yaml

from divide_cli.errors import DivideError, messages
from divide_cli.errors.text_safety import visible
from divide_cli.sources import editions
from tests.conventions.every_error import CASES, FOREIGN, IGNORED, Bench
from tests.conventions.test_words import LONG, Text, offences

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "errors.yaml"
ROOT = GOLDEN.parents[2]
CODES = sorted(messages())


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(editions, "own_folder", lambda: Path("~/.local/share/divide/editions"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "DIVIDE_EDITIONS"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return Bench(monkeypatch)


@pytest.fixture(scope="module")
def golden() -> dict[str, dict[str, object]]:
    content: dict[str, dict[str, object]] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    return content


def anywhere(message: str) -> str:
    """The message without what differs from one machine and run to the next: folders, and the port of a server."""
    return re.sub(r"(http://127\.0\.0\.1):\d+", r"\1", message.replace(f"{ROOT}/", ""))


def ours(code: str, entry: dict[str, object]) -> dict[str, object]:
    """The entry without the words of a library."""
    lines = str(entry.get("message", "")).splitlines()
    kept = [line for line in lines if code not in FOREIGN or not line.startswith("  found: ")]
    return {**entry, "message": kept}


def block(code: str, entry: dict[str, object]) -> str:
    """An entry of the golden file; a message has a line for each of its own."""
    text = str(entry.get("message") or entry["reason"]).replace("\n", "\n    ")
    if "reason" in entry:
        return f"{code}:\n  reason: |-\n    {text}\n"
    return f"{code}:\n  exit_code: {entry['exit_code']}\n  message: |-\n    {text}\n"


def test_every_code_has_a_case_and_every_case_a_code() -> None:
    assert sorted(CASES) == CODES, "add a case to tests/conventions/every_error.py"
    assert set(messages()) >= IGNORED


def test_every_code_is_explained_in_plain_words() -> None:
    meanings = yaml.safe_load((ROOT / "scripts" / "docs" / "errors.yaml").read_text(encoding="utf-8"))
    assert list(meanings) == CODES, "add a sentence to scripts/docs/errors.yaml"
    assert not [fault for code, text in meanings.items() for fault in offences(Text(code, text, LONG))]


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_raised_and_its_message_is_as_golden(
    code: str, bench: Bench, golden: dict[str, dict[str, object]]
) -> None:
    if code in IGNORED:
        recorded = CASES[code](bench)
        assert isinstance(recorded, tuple)
        assert recorded[0] == code
        entry: dict[str, object] = {"reason": recorded[1]}
    else:
        with pytest.raises(DivideError) as raised:
            CASES[code](bench)
        error = raised.value
        if error.code == "engine_extra_missing" != code:
            pytest.skip(error.found)  # as with the oldest libraries, which have no engines
        assert error.code == code
        entry = {"exit_code": error.exit_code, "message": anywhere(f"divide: error: {error}")}
    if os.environ.get("DIVIDE_GOLDEN"):
        golden = yaml.safe_load(GOLDEN.read_text(encoding="utf-8")) | {code: entry}
        ordered = {name: golden[name] for name in sorted(golden) if name in messages()}
        GOLDEN.write_text("".join(map(block, ordered, ordered.values())), encoding="utf-8")
    assert ours(code, entry) == ours(code, golden[code])


@pytest.mark.parametrize("code", CODES)
def test_every_message_is_complete(code: str, golden: dict[str, dict[str, object]]) -> None:
    """It says what to do, no part of a template is left, each line has its label, and no text of ours has an end mark."""
    first, *lines = str(golden[code].get("message") or golden[code]["reason"]).splitlines()
    texts = {"subject": first.removeprefix("divide: error: ")} | dict(line.strip().split(": ", 1) for line in lines)
    assert set(texts) <= {"subject", "where", "expected", "found", "what to do", "or go on"}
    assert code in IGNORED or "what to do" in texts
    assert texts["subject"][0] == texts["subject"][0].lower()
    for name, text in texts.items():
        assert text == visible(text).strip()
        assert not re.search(r"\{[a-z_]*\}|\bNone\b|  ", text), text
        assert name in ("where", "expected", "found") or not text.endswith((".", ";", ",", ":")), text
