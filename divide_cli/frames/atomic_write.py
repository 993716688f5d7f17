"""Writes files completely or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from divide_cli.errors import SourceError, reason_of


@contextmanager
def moved_into_place(path: Path, what: str = "the observations", **parts: str) -> Iterator[Path]:
    """A temporary path next to `path`, which replaces `path` at the end or is removed on failure.

    If `path` is a device, a pipe or /dev/stdout, it is not replaced: the bytes are written to it at the end. Raises
    SourceError if `path` is a folder or cannot be written; `what` names the output, `parts` are texts of the error.
    """
    parts = {"what": what, "where": str(path), **parts}
    temporary = path
    try:
        if path.is_dir():
            raise SourceError("output_is_folder", **parts)
        special = path.exists() and not path.is_file()
        if special:
            descriptor, name = tempfile.mkstemp(prefix="divide-", suffix=path.suffix)
            os.close(descriptor)
            temporary = Path(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{os.getpid()}")
        yield temporary
        if special:
            with temporary.open("rb") as file, path.open("wb") as device:
                shutil.copyfileobj(file, device)
        else:
            temporary.replace(path)
    except OSError as error:
        raise SourceError("output_unwritable", found=reason_of(error), **parts) from error
    finally:
        if temporary != path:
            with suppress(OSError):
                temporary.unlink()


def texts(files: Mapping[Path, str], what: str, **parts: str) -> tuple[Path, ...]:
    """Writes all texts as UTF-8, or none; SourceError if that is impossible (`what` names the texts, as above)."""
    with ExitStack() as places:
        for path, text in files.items():
            temporary = places.enter_context(moved_into_place(path, what, **parts))
            temporary.write_text(text, encoding="utf-8", errors="replace", newline="")
    return tuple(files)
