"""Generated parts of pages, between `<!-- begin: COMMAND -->` and `<!-- end -->`.

The command is a line of bash: `divide compute | head -n 12`, `divide read survey.csv 2>&1; echo $?`. It runs in a
folder of its own, 80 columns wide. The folder contains the files that the page shows (a fenced block below
`<!-- file: NAME -->`) and the specimens of tests/ that the command names. With households.csv it has the files of
`divide tabulate --example`. `formats` stands for the table of layouts.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from divide_cli.survey.example import example_files
from scripts.docs import ROOT
from scripts.docs.markdown import table

_PART = re.compile(r"(<!-- begin: (?P<command>.+?) -->\n)(?P<text>.*?)(<!-- end -->)", re.DOTALL)
_FILE = re.compile(r"<!-- file: (?P<name>\S+) -->\n```\w*\n(?P<text>.*?)```", re.DOTALL)
_FINDINGS = ("divide validate", "divide reproduce")
"""Commands whose exit code 1 is a result: findings are what such an example is about."""


def output(command: str, files: dict[str, str]) -> str:
    """What the command prints on stdout, run where it can leave nothing behind."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    for name in ("DIVIDE_EDITIONS", "GITHUB_STEP_SUMMARY", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        work, data_home = Path(folder, "work"), Path(folder, "data")
        work.mkdir()
        if "households.csv" in command.split():
            files = {**example_files(), **files}
        for word in set(command.split()):
            for specimen, target in _specimens(word):
                (work / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(specimen, work / target)
        for name, text in files.items():
            (work / name).write_text(text, encoding="utf-8")
        program = f'set -o pipefail; divide() {{ "{sys.executable}" -m divide_cli "$@"; }}; {command}'
        run = subprocess.run(
            ["bash", "-c", program],
            env={**environment, "XDG_DATA_HOME": str(data_home)},
            capture_output=True,
            text=True,
            cwd=work,
            check=False,
        )
    if run.returncode > any(name in command for name in _FINDINGS):
        raise RuntimeError(f"{command}: exit code {run.returncode}\n{run.stderr}")
    text = run.stdout.replace(f"{sys.executable} -m divide_cli", "divide").replace("python -m divide_cli", "divide")
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _specimens(word: str) -> list[tuple[Path, str]]:
    """The files of tests/ that a word of a command names, by path or by name, and where the command looks for them."""
    if word.startswith("tests/"):
        return [(ROOT / word, word)]
    if not re.fullmatch(r"[\w.-]+\.(csv|yaml|xlsx|json|zip|gz)", word):
        return []
    places = ("tests/sources/*", "tests/submissions")
    return [(path, word) for place in places for path in ROOT.glob(f"{place}/{word}")]


def formats() -> str:
    """The table of the layouts that are read."""
    from divide_cli.catalogue import catalogue

    layouts = sorted(catalogue().dataflows.items(), key=lambda item: item[1].name.casefold())
    rows = [(layout.name, f"`{name}`", layout.recognised, f"`{layout.example}`") for name, layout in layouts]
    return table(("layout", "id", "recognised by", "example"), rows)


def _part(command: str, files: dict[str, str]) -> str:
    """The text of a generated part: the table of layouts, or a command and what it prints."""
    return formats() if command == "formats" else f"```text\n$ {command}\n{output(command, files)}\n```"


def regenerated(pages: list[str]) -> list[str]:
    """The pages with each generated part as it should be. The commands run side by side."""
    files = [{match["name"]: match["text"] for match in _FILE.finditer(page)} for page in pages]
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        parts = [
            {match["command"]: pool.submit(_part, match["command"], shown) for match in _PART.finditer(page)}
            for page, shown in zip(pages, files, strict=True)
        ]
        return [
            _PART.sub(lambda match, made=made: f"{match[1]}{made[match['command']].result()}\n{match[4]}", page)  # type: ignore[misc]
            for page, made in zip(pages, parts, strict=True)
        ]
