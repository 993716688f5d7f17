"""The one exception that users see. It has a stable code and says what is wrong, where, and what to do.

Exit codes: 1 nothing could be computed; 2 a wrong option or option value; 3 a path or content that cannot be read or
understood; 70 a fault of the program itself (EX_SOFTWARE).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self, cast

from divide_cli import language
from divide_cli.errors.text_safety import MESSAGE, shown, without_login
from divide_cli.language import commas, say


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Error code -> templates of its texts: subject, and those of expected, found and hint that are always the same."""
    import yaml

    text = Path(__file__).with_name("messages.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # type: ignore[no-any-return]  # noqa: S506


class Place(str):
    """`file:line, column X` as a text that also gives its file, line (0: the whole file) and column.

    Tables in memory (`<frame 1>`) have rows, from 1: `<frame 1>, row 3`.
    """

    file: str
    line: int
    column: str

    def __new__(cls, file: str | Path, line: int = 0, column: str = "") -> "Place":
        """The place, without a line or column if there is none."""
        in_memory = f"{file}".startswith("<frame ")
        at = say(", row {row}", row=line) if in_memory else f":{line}"
        place = super().__new__(
            cls, f"{file}" + at * bool(line) + say(", column {column}", column=column) * bool(column)
        )
        place.file, place.line, place.column = f"{file}", int(line), column
        return place


class DivideError(Exception):
    """A failure that the user can act on. `code` is an entry of messages.yaml; `parts` fill its templates.

    If `parts` contain `expected`, `found` or `hint`, they replace those of the entry. `str()` gives the lines that the
    terminal shows. Contents and names of files are data: control characters are made visible, long texts are cut, and
    the user and password of an address are left out.

    >>> import divide_cli as divide
    >>> try:
    ...     divide.compute(gap="nope")
    ... except divide.DivideError as error:
    ...     error.code, error.found, error.hint
    ('option_value_unknown', 'nope', '`divide list gaps` lists all')
    """

    exit_code = 3
    way_on = ""
    """How to go on all the same, if there is a way; set where the error is about some rows of a file."""
    others: "tuple[DivideError, ...]" = ()
    """The other errors of its file, which are shown below it."""

    def __init__(self, code: str, *, where: str = "", **parts: Any) -> None:
        super().__init__(code, where, parts)
        self.code = code
        self.where = where
        self.parts = parts

    @classmethod
    def of(cls, errors: "Sequence[DivideError]") -> Self:
        """The first error, which shows the others after its own text; all are of the class."""
        first, *others = (part for error in errors for part in (error, *error.others))
        first.others = tuple(others)
        return cast("Self", first)

    def _text(self, name: str) -> str:
        if name in self.parts:
            return without_login(str(self.parts[name]))
        template = language.translated(f"errors:{self.code}.{name}", messages()[self.code].get(name, ""))
        return without_login(language.filled(template, self.parts))

    subject = cached_property[str](lambda error: error._text("subject"))
    """What is wrong, in a few words."""
    expected = cached_property[str](lambda error: error._text("expected"))
    """What would be right; empty if nothing in particular is expected."""
    found = cached_property[str](lambda error: error._text("found"))
    """What was found instead; empty if there is nothing to show."""
    hint = cached_property[str](lambda error: error._text("hint"))
    """What to do; empty if that is obvious."""

    def __str__(self) -> str:
        texts = {
            language.say("where"): without_login(self.where),
            language.say("expected"): self.expected,
            language.say("found"): self.found,
            language.say("what to do"): self.hint,
            language.say("or go on"): self.way_on,
        }
        lines = [f"  {language.labelled(label, shown(text, MESSAGE))}" for label, text in texts.items() if text]
        return "\n".join([shown(self.subject), *lines, *map(str, self.others)])


class OptionError(DivideError):
    """A wrong option or option value.

    >>> import divide_cli as divide
    >>> try:
    ...     divide.compute(min_coverage=120)
    ... except divide.OptionError as error:
    ...     error.code, error.expected, error.exit_code
    ('option_number_wrong', 'from 0 to 100', 2)
    """

    exit_code = 2


class UnforeseenError(DivideError):
    """A fault of the program itself, whatever the input: what has no other error."""

    exit_code = 70


class NothingComputedError(DivideError):
    """The input was understood, but nothing could be computed from it.

    >>> import divide_cli as divide
    >>> try:
    ...     divide.profile("ATA")
    ... except divide.NothingComputedError as error:
    ...     error.code, error.found, error.exit_code
    ('no_profile', 'no figure of ATA', 1)
    """

    exit_code = 1


class SourceError(DivideError):
    """A path or content that cannot be read or understood.

    >>> import divide_cli as divide
    >>> try:
    ...     divide.read("absent.csv")
    ... except divide.SourceError as error:
    ...     error.code, error.where, error.exit_code
    ('file_unopenable', 'absent.csv', 3)
    """


class UnknownCodeError(SourceError):
    """A code that is not in any codelist or catalogue entry."""


class CatalogueError(DivideError):
    """An invalid entry of the catalogue (data/), or of a file of a user in its form.

    >>> import divide_cli as divide, pathlib
    >>> _ = pathlib.Path("claims.yaml").write_text("publication: {id: a}\\nclaims: [{}]\\n")
    >>> try:
    ...     divide.reproduce("claims.yaml")
    ... except divide.CatalogueError as error:
    ...     error.code, error.found, error.exit_code
    ('entry_keys_wrong', 'missing: citation, date, title', 3)
    """


def reason_of(error: Exception) -> str:
    """Why something failed, in the words of the operating system if it gives a reason."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


@contextmanager
def collecting(errors: list[CatalogueError]) -> Iterator[None]:
    """Adds an error of the block to the list, and goes on: all errors of a file are shown together."""
    try:
        yield
    except CatalogueError as error:
        errors.append(error)


def nearest(code: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known codes most similar to `code`, best first, in any letter case; empty if none is similar."""
    by_fold = {name.casefold(): name for name in known}
    text = code.casefold()
    if len(text) > 3 * max(map(len, by_fold), default=0):
        return []  # the ratio below is at most 2 x letters of the name / letters of both, here under a half
    # the ratio is 2 x common letters / letters of both: this quick upper bound rules out most names
    alike = [name for name in by_fold if 4 * sum(map(name.__contains__, text)) >= len(text) + len(name)]
    return [by_fold[match] for match in get_close_matches(text, alike, n=limit, cutoff=0.5)]


def suggestion(code: str, known: Iterable[str], listing: str = "") -> str:
    """A hint for an unknown `code`: the nearest known codes, then the command that lists all of them, if any."""
    close = nearest(code, known)
    meant = [say("did you mean {close}?", close=commas(close))] if close else []
    return " ".join([*meant, *([say("{listing} lists all", listing=listing)] if listing else [])])
