"""Generated parts of pages, between `<!-- begin: COMMAND -->` and `<!-- end -->`.

The command is a line of bash: `divide compute | head -n 12`, `divide read survey.csv 2>&1; echo $?`. It runs in a
folder of its own, 80 columns wide. The folder contains the files that the page shows (a fenced block below
`<!-- file: NAME -->`) and the specimens of tests/ that the command names. With households.csv it has the files of
`divide tabulate --example`. `formats` stands for the table of layouts. On a page with `<!-- examples: in order -->`,
such as a tutorial, all commands run in one folder, one after the other: what one of them writes, the next one reads.
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
_IN_ORDER = "<!-- examples: in order -->"
"""Says that the commands of a page run in one folder, one after the other."""
_FINDINGS = ("divide validate", "divide reproduce")
"""Commands whose exit code 1 is a result: findings are what such an example is about."""


def output(command: str, files: dict[str, str]) -> str:
    """What the command prints on stdout, run where it can leave nothing behind."""
    return outputs([command], files)[0]


def outputs(commands: list[str], files: dict[str, str]) -> list[str]:
    """What each command prints on stdout. They run one after the other in one folder, as a reader runs them."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work")
        work.mkdir()
        words = {word for command in commands for word in command.split()}
        if "households.csv" in words:
            files = {**example_files(), **files}
        for word in words:
            for specimen, target in _specimens(word):
                (work / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(specimen, work / target)
        for name, text in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text, encoding="utf-8")
        return [_output(command, work) for command in commands]


def _output(command: str, work: Path) -> str:
    """What a command prints on stdout in a folder, next to which is one for the user's data."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    for name in ("DIVIDE_EDITIONS", "GITHUB_STEP_SUMMARY", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    program = f'set -o pipefail; divide() {{ "{sys.executable}" -m divide_cli "$@"; }}; {command}'
    run = subprocess.run(
        ["bash", "-c", program],
        env={**environment, "XDG_DATA_HOME": str(work.parent / "data")},
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


def _parts(commands: list[str], files: dict[str, str]) -> dict[str, str]:
    """Command -> the text of its generated part: the table of layouts, or the command and what it prints."""
    if commands == ["formats"]:
        return {"formats": formats()}
    texts = zip(commands, outputs(commands, files), strict=True)
    return {command: f"```text\n$ {command}\n{text}\n```" for command, text in texts}


def regenerated(pages: list[str]) -> list[str]:
    """The pages with each generated part as it should be. Commands run side by side, those of a tutorial in order."""
    files = [{match["name"]: match["text"] for match in _FILE.finditer(page)} for page in pages]
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        made = []
        for page, shown in zip(pages, files, strict=True):
            commands = list(dict.fromkeys(match["command"] for match in _PART.finditer(page)))
            together = [commands] if _IN_ORDER in page else [[command] for command in commands]
            made.append([pool.submit(_parts, some, shown) for some in together])
        parts = [{name: text for one in results for name, text in one.result().items()} for results in made]
    return [
        _PART.sub(lambda match, texts=texts: f"{match[1]}{texts[match['command']]}\n{match[4]}", page)  # type: ignore[misc]
        for page, texts in zip(pages, parts, strict=True)
    ]
