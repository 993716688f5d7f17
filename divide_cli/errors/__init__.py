"""The one exception that users see: a stable code, and what, expected, found, where, what to do.

Exit codes: 1 nothing could be computed; 2 a wrong option or option value; 3 a path or content that cannot be read or
understood. Anything else that is raised is a bug and shows its traceback.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from divide_cli.errors.text_safety import MESSAGE, shown


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Code of an error -> templates of its texts: subject, and expected, found, hint where these are always alike."""
    import yaml

    text = Path(__file__).with_name("messages.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # type: ignore[no-any-return]  # noqa: S506


class Place(str):
    """`file:line, column X` as a text that knows its file, line (0: of the whole file) and column."""

    file: str
    line: int
    column: str

    def __new__(cls, file: str | Path, line: int = 0, column: str = "") -> "Place":
        """The place; line and column are left out where there is none."""
        place = super().__new__(cls, f"{file}" + f":{line}" * bool(line) + f", column {column}" * bool(column))
        place.file, place.line, place.column = f"{file}", int(line), column
        return place


class DivideError(Exception):
    """A failure that the user can act on: `code` is an entry of messages.yaml, whose templates `parts` fill.

    `expected`, `found` and `hint` that are given stand in place of the entry's. `str()` gives the lines that the
    terminal shows. Texts of files and names of files are data: what a terminal would obey is made visible, and what is
    long is cut.
    """

    exit_code = 3

    def __init__(self, code: str, *, where: str = "", **parts: Any) -> None:
        super().__init__(code, where, parts)
        self.code = code
        self.where = where
        self.parts = parts

    def _text(self, name: str) -> str:
        if name in self.parts:
            return str(self.parts[name])
        return messages()[self.code].get(name, "").format_map(self.parts)

    @cached_property
    def subject(self) -> str:
        """What is wrong, in a few words."""
        return self._text("subject")

    @cached_property
    def expected(self) -> str:
        """What would be right; empty where nothing in particular is expected."""
        return self._text("expected")

    @cached_property
    def found(self) -> str:
        """What stands there instead; empty where there is nothing to show."""
        return self._text("found")

    @cached_property
    def hint(self) -> str:
        """What to do; empty where that is plain."""
        return self._text("hint")

    def __str__(self) -> str:
        texts = {"where": self.where, "expected": self.expected, "found": self.found, "what to do": self.hint}
        lines = [f"  {label}: {shown(text, MESSAGE)}" for label, text in texts.items() if text]
        return "\n".join([shown(self.subject), *lines])


class OptionError(DivideError):
    """A wrong option or option value."""

    exit_code = 2


class NothingComputedError(DivideError):
    """The input was understood, but nothing could be computed from it."""

    exit_code = 1


class SourceError(DivideError):
    """A path or content that cannot be read or understood."""


class UnknownCodeError(SourceError):
    """A code that no codelist or catalogue entry holds."""


class CatalogueError(DivideError):
    """An entry of the catalogue (data/) that breaks its own contract, and the other errors of its file (`others`)."""

    others: "tuple[CatalogueError, ...]" = ()

    @classmethod
    def of(cls, errors: "Sequence[CatalogueError]") -> "CatalogueError":
        """The first error, followed by the others where it is shown."""
        first, *others = (part for error in errors for part in (error, *error.others))
        first.others = tuple(others)
        return first

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(str(error) for error in self.others)])


@contextmanager
def collecting(errors: list[CatalogueError]) -> Iterator[None]:
    """Adds the error of the block to those of the file, so that all are shown at once."""
    try:
        yield
    except CatalogueError as error:
        errors.append(error)


def nearest(code: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known codes most like `code`, best first, whatever the case of its letters; empty where none is alike."""
    by_fold = {name.casefold(): name for name in known}
    text = code.casefold()
    # the ratio is twice the letters in common by the letters of both: most names fall short of a half at a glance
    alike = [name for name in by_fold if 4 * sum(map(name.__contains__, text)) >= len(text) + len(name)]
    return [by_fold[match] for match in get_close_matches(text, alike, n=limit, cutoff=0.5)]


def suggestion(code: str, known: Iterable[str], listing: str) -> str:
    """A hint for an unknown `code`: the nearest known ones, then the command that lists all (`listing`)."""
    close = nearest(code, known)
    meant = f"did you mean {', '.join(close)}? " if close else ""
    return f"{meant}{listing} lists what is known"
