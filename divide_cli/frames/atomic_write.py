"""Files that are written whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from divide_cli.errors import SourceError


@contextmanager
def moved_into_place(path: Path, what: str = "observations") -> Iterator[Path]:
    """A temporary path beside `path`; it takes the place of `path` at the end, or is removed where that fails.

    What is no file (a device, a pipe, /dev/stdout) keeps its place: the bytes are written to it at the end.
    """
    temporary = path
    try:
        special = path.exists() and not path.is_file() and not path.is_dir()
        if special:
            descriptor, name = tempfile.mkstemp(prefix="divide-", suffix=path.suffix)
            os.close(descriptor)
            temporary = Path(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{os.getpid()}")
        yield temporary
        if special:
            with temporary.open("rb") as made, path.open("wb") as device:
                shutil.copyfileobj(made, device)
        else:
            temporary.replace(path)
    except OSError as error:
        raise SourceError(
            "output_unwritable",
            what=what,
            found=os.strerror(error.errno) if error.errno else str(error),
            where=str(path),
        ) from error
    finally:
        if temporary != path:
            with suppress(OSError):
                temporary.unlink()


def texts(files: Mapping[Path, str], what: str) -> tuple[Path, ...]:
    """Writes the texts, as UTF-8; SourceError where that cannot be done (`what` names them)."""
    for path, text in files.items():
        with moved_into_place(path, what) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    return tuple(files)
