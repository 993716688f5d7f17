"""What was fetched: the edition's id on stdout, so that a script can use it; where it lies and its terms on stderr."""

import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from divide_cli.catalogue import Service
    from divide_cli.sources.fetch import Fetched


def tell(done: "Fetched", service: "Service", *, found: bool) -> None:
    """Prints the id, and what the user should know; `found`: whether the folder is among those that are searched."""
    counts = (
        (done.downloaded, "downloaded"),
        (done.resumed, "of an interrupted download"),
        (done.carried, "fetched earlier that day"),
    )
    files = ", ".join(f"{count} {what}" for count, what in counts if count)
    lines = [f"{', '.join(done.indicators)}: {files} ({_size(done.size)}), in {done.folder}"]
    terms = service.licence
    if terms["redistributable"] is not True:
        lines.append(f"Licence: {terms['name']} ({terms['url']}), {terms['redistributable']}. {terms.get('notes', '')}")
    setting = "" if found else f"DIVIDE_EDITIONS={shlex.quote(str(done.folder.parent))} "
    lines.append(f"{setting}divide compute --edition {done.edition}")
    print("\n".join(line.rstrip() for line in lines), file=sys.stderr)
    print(done.edition)


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
