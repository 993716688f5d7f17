"""The one exception that users see: what, expected, found, where, what to do, and the exit code.

Exit codes: 1 nothing could be computed; 2 a wrong option or option value; 3 a path or content that cannot be read or
understood. Anything else that is raised is a bug and shows its traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from divide_cli.errors.text_safety import MESSAGE, shown


class DivideError(Exception):
    """A failure that the user can act on; `str()` gives the lines that the terminal shows.

    Texts of files and names of files are data: what a terminal would obey is made visible, and what is long is cut.
    """

    code = 3

    def __init__(self, subject: str, *, expected: str = "", found: str = "", where: str = "", hint: str = "") -> None:
        super().__init__(subject, expected, found, where, hint)
        self.subject = subject
        self.expected = expected
        self.found = found
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        parts = (
            ("where", self.where),
            ("expected", self.expected),
            ("found", self.found),
            ("what to do", self.hint),
        )
        return "\n".join(
            [shown(self.subject), *(f"  {label}: {shown(text, MESSAGE)}" for label, text in parts if text)]
        )


class OptionError(DivideError):
    """A wrong option or option value."""

    code = 2


class NothingComputedError(DivideError):
    """The input was understood, but nothing could be computed from it."""

    code = 1


class SourceError(DivideError):
    """A path or content that cannot be read or understood."""


class UnknownCodeError(SourceError):
    """A code that no codelist or catalogue entry holds."""


class CatalogueError(DivideError):
    """An entry of the catalogue (data/) that breaks its own contract."""


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
