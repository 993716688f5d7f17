"""Generated parts of README.md: the output of commands, between `<!-- begin: COMMAND -->` and `<!-- end -->`.

`python -m scripts.docs` writes them; `--check` fails where the README says what the code no longer does.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PART = re.compile(r"(<!-- begin: (?P<command>.+?) -->\n)(?P<text>.*?)(<!-- end -->)", re.DOTALL)


def output(command: str, columns: int = 80) -> str:
    """What the command prints on stdout, 80 columns wide, run where it can leave nothing behind."""
    words = shlex.split(command)
    cut = None
    if "|" in words:  # `divide ... | head -n N`, shortened here
        cut = int(words[-1])
        words = words[: words.index("|")]
    environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    environment.pop("DIVIDE_EDITIONS", None)
    with tempfile.TemporaryDirectory() as folder:
        for word in words[1:]:  # a specimen stands for a user's file
            for pattern in (f"tests/sources/*/{word}", f"tests/submissions/{word}") if word.endswith(".csv") else ():
                for specimen in ROOT.glob(pattern):
                    shutil.copy(specimen, folder)
        run = subprocess.run(
            [sys.executable, "-m", "divide_cli", *words[1:]],
            env=environment,
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
    if run.returncode > (words[1] == "validate"):  # findings are what such an example is about
        raise RuntimeError(f"{command}: {run.stderr}")
    lines = [line.rstrip() for line in run.stdout.replace(f"{sys.executable} -m divide_cli", "divide").splitlines()]
    return "\n".join(lines[:cut]).replace("python -m divide_cli", "divide").strip("\n")


def formats() -> str:
    """The table of the layouts that are read."""
    from divide_cli.catalogue import catalogue

    rows = [
        f"| {flow.name} | {flow.recognised} | `{flow.example}` |"
        for flow in sorted(catalogue().dataflows.values(), key=lambda flow: flow.name.casefold())
    ]
    return "\n".join(["| format | recognised by | example |", "| --- | --- | --- |", *rows])


def made(command: str) -> str:
    """The text of a generated part: the table of formats, or a command and what it prints."""
    return formats() if command == "formats" else f"```text\n$ {command}\n{output(command)}\n```"


def generated(text: str) -> str:
    """The text with every generated part made anew."""
    return _PART.sub(lambda part: f"{part[1]}{made(part['command'])}\n{part[4]}", text)


def main() -> int:
    """Writes README.md, or, with --check, says whether it is what would be written."""
    path = ROOT / "README.md"
    before = path.read_text(encoding="utf-8")
    after = generated(before)
    if "--check" not in sys.argv[1:]:
        path.write_text(after, encoding="utf-8")
        return 0
    if before == after:
        return 0
    print("README.md is not what the commands print now: run `make docs` and read the difference", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
