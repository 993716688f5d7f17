"""Rules: whether a number of a submission is credible. A kind is a function; a rule is data that names its kind.

A kind is declared once, beside its function: `@kind` says how VTL says such a rule, or why it cannot; the keyword
arguments of the function are the parameters that the rule has, with their types.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, partial
from importlib import import_module
from inspect import Parameter, signature
from pkgutil import iter_modules
from typing import Any, TypeVar

from divide_cli.catalogue import Rule
from divide_cli.validation.rules.findings import Violations, by_area
from divide_cli.validation.rules.submission import Submission
from divide_cli.validation.vtl import Vtl, text

TOGETHER: Mapping[str, type] = {"few": int}
"""Parameters of every rule that reports its cases `together`: up to so many, it reports each alone."""
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Stage(Enum):
    """What a kind of rule is asked of."""

    FILE = auto()
    """A path and the error that says why the file cannot be read."""
    REFUSED = auto()
    """A path and rows that the reader refused for one reason."""
    READING = auto()
    """A path and its observations, with what the reader noticed."""
    VALUES = auto()
    """A submission."""
    PREVIOUS = auto()
    """A submission and an earlier one, side by side."""
    WAIVERS = auto()
    """A waiver and the day."""


@dataclass(frozen=True)
class Kind:
    """A kind of rule: its function, what it is asked of, how VTL says it, and whether it is asked area by area."""

    name: str
    function: Callable[..., Any]
    vtl: Vtl
    stage: Stage = Stage.VALUES
    by_area: bool = False

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters of a rule of the kind: name, type, and the default of those that may be left out."""
        parameters = signature(self.function).parameters.values()
        return {one.name: one for one in parameters if one.kind is Parameter.KEYWORD_ONLY}

    def ask(self, rule: Rule, *subject: Any) -> Any:
        """What the rule says of that which the kind is asked of (its stage)."""
        parameters = {name: value for name, value in rule.parameters.items() if name not in TOGETHER}
        return self.function(*subject, rule, **parameters)

    def violations(self, submission: Submission, rule: Rule) -> Violations:
        """The cases of a rule on values."""
        check: Callable[[Submission], Violations] = partial(self.ask, rule)
        return by_area(submission, check) if self.by_area else check(submission)


_KINDS: dict[str, Kind] = {}


def kind(vtl: Vtl, *, stage: Stage = Stage.VALUES, by_area: bool = False) -> Callable[[_Function], _Function]:
    """Declares the function as the kind of rule of its name."""

    def declare(function: _Function) -> _Function:
        _KINDS[function.__name__] = Kind(function.__name__, function, vtl, stage, by_area)
        return function

    return declare


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds of rules, by name."""
    import_module("divide_cli.validation.waivers")
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return _KINDS


def as_vtl(rules: Sequence[Rule]) -> str:
    """The rules as one VTL program."""
    return text(rules, {name: one.vtl for name, one in kinds().items()})
