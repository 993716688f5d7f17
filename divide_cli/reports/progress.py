"""Progress on a terminal: a spinner if work takes more than a second, a bar for downloads, what was fetched."""

import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli.errors.text_safety import MESSAGE, count_of, shown
from divide_cli.language import commas, ended, labelled, later, remarked, say

if TYPE_CHECKING:
    import rich.progress

    from divide_cli.sources.fetch import Fetched
    from divide_cli.sources.file_edition import Added

PATIENCE = 1.0


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Shows `what` with a spinner on stderr once the work has taken a second, and clears it at the end.

    It yields a function that takes the step in progress. Stages are shown with their rows and bytes.
    """
    if not sys.stderr.isatty():
        yield lambda _now: None
        return
    from rich.console import Console
    from rich.markup import escape

    status = Console(stderr=True).status(f"{say(what)} ...")
    timer = threading.Timer(PATIENCE, status.start)
    timer.daemon = True
    timer.start()

    def show(now: str) -> None:
        status.update(escape(f"{now} ..."))

    from divide_cli.frames import stages

    try:
        with stages.told_to(show):
            yield show
    finally:
        timer.cancel()
        timer.join()
        status.stop()


class Bar:
    """Progress of a download: complete files out of those expected; nothing without a `progress`."""

    def __init__(self, progress: "rich.progress.Progress | None" = None, what: str = "") -> None:
        self._progress, self._what, self._files = progress, what, 0
        self._task = progress.add_task(what, total=None) if progress else None

    def _update(self, **changes: Any) -> None:
        if self._progress and self._task is not None:
            self._progress.update(self._task, **changes)

    def expect(self, files: int) -> None:
        """Makes the bar longer by `files`."""
        self._files += files
        self._update(total=self._files)

    def tell(self, now: str) -> None:
        """Names the next file, or why nothing happens for a while."""
        self._update(description=labelled(self._what, now))

    def done(self) -> None:
        """Counts one more file as complete."""
        self._update(advance=1)


@contextmanager
def downloading(what: str) -> Iterator[Bar]:
    """A bar on stderr while files are downloaded, cleared at the end; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield Bar()
        return
    from rich import progress
    from rich.console import Console

    text = progress.TextColumn("{task.description}", markup=False)
    columns = (text, progress.BarColumn(), progress.MofNCompleteColumn(), progress.TimeElapsedColumn())
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield Bar(shown, what)


def tell_fetched(download: "Fetched") -> None:
    """Prints the id, and notes for the user."""
    counts = (download.downloaded, download.resumed, download.carried)
    origins = (
        later("{count} downloaded"), later("{count} of an interrupted download"),
        later("{count} fetched earlier that day"),
    )  # fmt: skip
    files = commas(say(origin, count=count) for count, origin in zip(counts, origins, strict=True) if count)
    mega = download.size >= 1e6
    size = say("{size:.1f} MB", size=download.size / 1e6) if mega else say("{size:.1f} kB", size=download.size / 1e3)
    place = say("{files} ({size}), in {folder}", files=files, size=size, folder=download.folder)
    lines = [labelled(commas(download.indicators), place)]
    terms = download.service.licence
    if terms["redistributable"] is not True:
        limit = commas((remarked(terms["name"], terms["url"]), str(terms["redistributable"])))
        lines.append(f"{ended(labelled(say('Licence'), limit))} {terms.get('notes', '')}")
    lines.append(_how_to_use(download.edition, download.folder, download.searched))
    print("\n".join(line.rstrip() for line in lines), file=sys.stderr)
    print(download.edition)


def _how_to_use(edition: str, folder: Path, searched: bool) -> str:
    setting = "" if searched else f"DIVIDE_EDITIONS={shlex.quote(str(folder.parent))} "
    return f"{setting}divide compute --edition {edition}"


def tell_added(added: "Added") -> None:
    """Prints the id, and on stderr what became of the rows, the licence, and how to use the edition."""
    reading = added.reading
    read = say(
        "{used:,} of {rows} used (layout {layout}), in {folder}",
        used=reading.used,
        rows=count_of(reading.rows, "row"),
        layout=reading.dataflow,
        folder=shown(str(added.folder)),
    )
    lines = [labelled(commas(added.indicators), read)]
    fates = ((later("{rows} ignored"), reading.ignored), (later("{rows} rejected"), reading.refused))
    for fate, parts in fates:
        for part in parts:
            lines.append("  " + labelled(say(fate, rows=count_of(part.rows, "row")), shown(part.reason, MESSAGE)))
    lines += [f"  {shown(note, MESSAGE)}" for note in reading.notes]
    lines += [
        labelled(say("Licence"), shown(say(added.licence))),
        _how_to_use(added.edition, added.folder, added.searched),
    ]
    print("\n".join(lines), file=sys.stderr)
    print(added.edition)
