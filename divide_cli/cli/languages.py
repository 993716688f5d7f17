"""The option --lang of every command whose output people read.

Machines read the same in every language: with a format for them, and in the files that a command writes besides its
tables, everything is in English.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any, TypeVar

import typer

from divide_cli import language
from divide_cli.reports.option_words import Language

Outcome = TypeVar("Outcome")
Command = Callable[..., None]
VARIABLE = "DIVIDE_LANG"
"""The environment variable that chooses the language if no option does. LANG has no effect: runs stay the same."""
_FOR_PEOPLE = frozenset(("table", "markdown", "html", "xlsx", "svg", "png"))
_Lang = Annotated[
    Language, typer.Option(envvar=VARIABLE, help="Language of what people read; formats for machines stay English.")
]


def spoken(command: Command, *, writes_for_machines: bool = False) -> Command:
    """The command with the option --lang, run in that language if people read its output.

    A command that `writes_for_machines` prints for people all the same; what it writes stays English.
    """

    @wraps(command)
    def in_language(*, lang: Language, **words: Any) -> None:
        if lang != language.ENGLISH and (writes_for_machines or _for_people(words)):
            from divide_cli.catalogue.load import data_dir

            language.use(lang.value, data_dir())
        command(**words)

    own = signature(command)
    lang = Parameter("lang", Parameter.KEYWORD_ONLY, default=Language.en, annotation=_Lang)
    in_language.__signature__ = own.replace(parameters=[*own.parameters.values(), lang])  # type: ignore[attr-defined]
    in_language.__annotations__ = {**command.__annotations__, "lang": _Lang}
    return in_language


def for_machines(result: Outcome, again: Callable[[], Outcome]) -> Outcome:
    """The result in English, for files that machines read; `again` computes it if it has texts in another language."""
    if language.current() == language.ENGLISH:
        return result
    from divide_cli.catalogue.load import data_dir

    with language.speaking(language.ENGLISH, data_dir()):
        return again()


def _for_people(options: Mapping[str, Any]) -> bool:
    """Whether people read the output: no option chooses a format for machines, also not by the name of a file."""
    forms = [options[name] for name in ("format", "to") if options.get(name)]
    if forms:
        return all(str(form.value if isinstance(form, StrEnum) else form) in _FOR_PEOPLE for form in forms)
    suffix = getattr(options.get("out"), "suffix", "").lower().removeprefix(".")
    return suffix in ("", "md", *_FOR_PEOPLE)
