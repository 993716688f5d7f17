"""Rules check whether the numbers of a submission are credible.

A kind of rule is a function; a rule is data that names its kind. A kind is declared once, next to its function: `@kind`
says how VTL expresses such a rule, or why it cannot. The keyword arguments of the function are the parameters of the
rule, with their types.
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
"""Parameters of every rule that reports its cases `together`: up to that number, it reports each separately."""
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Stage(Enum):
    """What a kind of rule checks."""

    FILE = auto()
    """A path, and the error that says why the file cannot be read."""
    REFUSED = auto()
    """A path, and rows that the reader rejected for one reason."""
    READING = auto()
    """A path and its observations, with the remarks of the reader."""
    VALUES = auto()
    """A submission."""
    PUBLISHED = auto()
    """A submission, and the figures that editions have of its areas."""
    PREVIOUS = auto()
    """A submission and an earlier one, side by side."""
    WAIVERS = auto()
    """A waiver and the day."""


def _never(_rule: Rule) -> bool:
    return False


def _has_several_breakdowns(submission: Submission) -> bool:
    """Whether there are several codes of further dimensions: the rows of an area are not together then."""
    size = submission.of_one_breakdown
    return len(submission) > 0 and bool(submission.key[0] // size != submission.key[-1] // size)


@dataclass(frozen=True)
class Kind:
    """A kind of rule: its function, what it checks, how VTL expresses it, and whether it is applied area by area.

    `across` says whether a rule compares rows with different codes of further dimensions, such as regions.
    """

    function: Callable[..., Any]
    vtl: Vtl
    stage: Stage = Stage.VALUES
    by_area: bool = False
    across: Callable[[Rule], bool] = _never

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters of a rule of the kind: name, type, and the default of optional ones."""
        parameters = signature(self.function).parameters.values()
        return {one.name: one for one in parameters if one.kind is Parameter.KEYWORD_ONLY}

    def ask(self, rule: Rule, *subject: Any) -> Any:
        """Applies the rule to what its kind checks (its stage)."""
        parameters = {name: value for name, value in rule.parameters.items() if name not in TOGETHER}
        return self.function(*subject, rule, **parameters)

    def violations(self, submission: Submission, rule: Rule) -> Violations:
        """The cases of a rule on values."""
        submission.forget_other_kinds(rule.kind)
        check: Callable[[Submission], Violations] = partial(self.ask, rule)
        if not self.by_area:
            return check(submission)
        if self.across(rule) and _has_several_breakdowns(submission):
            return check(submission).in_order()
        return by_area(submission, check)


_KINDS: dict[str, Kind] = {}


def kind(
    vtl: Vtl, *, stage: Stage = Stage.VALUES, by_area: bool = False, across: Callable[[Rule], bool] = _never
) -> Callable[[_Function], _Function]:
    """Declares the function as the kind of rule of its name."""

    def declare(function: _Function) -> _Function:
        _KINDS[function.__name__] = Kind(function, vtl, stage, by_area, across)
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
