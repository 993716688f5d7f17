"""Writes the pictures of docs/gallery/ and the page that shows them: `python -m scripts.gallery` (extra `report`)."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

from divide_cli import api
from divide_cli.catalogue import catalogue
from divide_cli.reports import charts
from divide_cli.reports.charts.changes import drawn

DOCS = Path(__file__).resolve().parents[1] / "docs"
AREA = "KEN"
"""The area of the pictures of a profile."""
OWN_FILE = ("boundaries",)
"""Charts that need a file of the user's."""
TERMINAL = ("compute", "--indicator", "internet_use", "--edition", "wdi_2026_08", "--no-write")
"""The command whose bars in the terminal are shown."""
WIDTH = 120
"""The columns of the terminal."""
HEAD = """# Gallery

The pictures of `divide report`, from the embedded figures. `make gallery` writes this page.
`divide chart ID` writes one of them, and [Report](report.md) says what they mean.
"""


BARS = """## Bars in the terminal

A bar is full up to the lowest possible value, dark up to the value, and light up to the highest.
A withheld value has its bounds only.

`divide {command}`

```text
{text}
```
"""


def in_a_terminal(*arguments: str) -> str:
    """What a command prints on a terminal, without its colours."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm"}
    command = [sys.executable, "-m", "divide_cli", *arguments]
    process = subprocess.Popen(command, stdout=writer, stderr=subprocess.DEVNULL, env=environment)
    os.close(writer)
    printed = b""
    with suppress(OSError):  # the end of a terminal
        while part := os.read(reader, 1 << 16):
            printed += part
    os.close(reader)
    if process.wait():
        raise SystemExit(f"{command}: exit code {process.returncode}")
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", printed.decode()).replace("\r\n", "\n")
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def main() -> int:
    folder = DOCS / "gallery"
    folder.mkdir(exist_ok=True)
    parts = [HEAD]
    for name, chart in catalogue().charts.items():
        if name in OWN_FILE:
            continue
        areas = [AREA] if "profile" in chart.rests_on else []
        entry, overview = api.chart(name, areas)
        picture = drawn(entry, overview)
        (folder / f"{name}.svg").write_bytes(charts.alone(entry, picture, "svg") + b"\n")
        command = " ".join(["divide chart", name, *areas])
        parts.append(f"## {chart.name}\n\n`{command}`\n\n![{chart.about}](gallery/{name}.svg)\n")
    first = in_a_terminal(*TERMINAL).partition("\n\nNotes")[0]
    parts.append(BARS.format(command=" ".join(TERMINAL), text=first))
    (DOCS / "gallery.md").write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
