"""Records of rules: what a submission is checked for, and which estimates of a survey may be published.

Each class is the only declaration of its keys.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from divide_cli.catalogue.entries import TRANSLATED, Code, Entry, FromZero, Id, Number, Text, Words
from divide_cli.catalogue.records import NONE, Indicator

_Codes = Annotated[list[str], Meta(min_length=1)]
Severity = Annotated[Literal["note", "warning", "error"], Meta(extra={"error": "severity_unknown"})]


class Scope(TypedDict, total=False):
    """The rows that a rule applies to."""

    indicators: _Codes
    """Indicators, by id."""
    units: _Codes
    """Units of the indicators."""
    without: list[str]
    """Indicators to leave out."""
    where: Mapping[Code, _Codes]
    """Dimension -> codes, of which a row must have one."""
    subnational: bool
    """Whether the rule applies to parts of a country (default: true)."""
    further: bool
    """Whether the rule applies to rows broken down by more than sex, age, urbanisation and part of a country (default:
    true).
    """
    of_parts: bool
    """Whether the rule applies only to parts of a country and to further breakdowns."""
    families: _Codes
    """Families of layouts whose files the rule applies to."""


class Rule(Entry, frozen=True):
    """What a submission is checked for: which rows (`scope`), how (`kind`, `parameters`, `tolerance`) and how severely.

    A `gate` sets the rows that break it aside: later rules do not compare anything with them. A case with rows that
    break a rule named in `unless` is left to that rule. `together` makes one finding of all cases in a `file`, of an
    `indicator`, or of rejected rows with one `reason`.
    """

    id: Id
    """Id of the entry: its key in the file."""
    name: Annotated[str, Meta(min_length=1, max_length=90, extra=TRANSLATED)]
    """What is wrong if the rule is broken, in a few words."""
    kind: Text
    """How the rule is checked: a kind in divide_cli/validation/rules."""
    severity: Severity
    """error: must be corrected; warning: must be examined; note: worth knowing."""
    message: Words
    """Text of the finding; {key}, {found}, {expected}, {detail} and {count} are filled in."""
    hint: Annotated[Words, Meta(title="what to do")]
    """What to do, for readers who are not programmers."""
    reason: Annotated[Words, Meta(title="why")]
    """Why the rule exists, and how sure it is."""
    source: Words
    """Source of the rule, or where the fault was seen."""
    scope: Scope = NONE
    """The rows that it applies to (default: all)."""
    parameters: Annotated[
        Mapping[Annotated[str, Meta(pattern="^[A-Za-z_]+$")], Any], Meta(extra={"translated": ("expected",)})
    ] = {}
    """Further parameters of the kind; divide_cli/validation/rules describes them with each kind."""
    tolerance: FromZero = 0.0
    """Largest deviation that is accepted, in the unit of the values (a fraction for shares of people)."""
    gate: bool = False
    """Whether later rules leave out the rows that break this rule."""
    unless: Annotated[tuple[str, ...], Meta(title="gives way to")] = ()
    """Rules that take precedence: a case with rows that break them is left to them."""
    together: Annotated[Literal["file", "indicator", "reason", ""], Meta(title="one finding for")] = ""
    """One finding for all cases in a file, of an indicator in a file, or of rows rejected for one reason."""

    def is_asked_of(self, indicator: Indicator) -> bool:
        """Whether the scope names the indicator by id or unit, or names none."""
        scope, own, unit = self.scope, indicator.id, indicator.unit
        named = own in scope.get("indicators", (own,)) and own not in scope.get("without", ())
        return named and unit in scope.get("units", (unit,))


class WaiverEntry(Entry, frozen=True):
    """An accepted finding: the rule and key of the finding, why it is accepted, by whom, and until when."""

    rule: Text
    """Id of the rule."""
    key: Mapping[str, str | int]
    """The codes of the figure, or file, line and column; a finding needs all of them."""
    reason: Text
    """Why the finding is accepted."""
    owner: Text
    """The person responsible."""
    expires: date
    """The last day."""


class Condition(TypedDict, total=False):
    """Limits of a number; all that are given hold."""

    below: Number
    """The number is smaller."""
    at_most: Number
    """The number is as large, or smaller."""
    above: Number
    """The number is larger."""
    at_least: Number
    """The number is as large, or larger."""


PublicationNumber = Literal[
    "sample_size",
    "effective_size",
    "clusters",
    "degrees_of_freedom",
    "rarer_events",
    "width",
    "relative_width",
    "complement_relative_width",
    "rest",
]


class PublicationRule(Entry, frozen=True):
    """When an estimate of a survey is too weak to be published, or only with a remark."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Annotated[str, Meta(min_length=1, max_length=90, extra=TRANSLATED)]
    """What is wrong, in a few words."""
    kinds: Annotated[tuple[Literal["share", "mean", "total", "ratio"], ...], Meta(min_length=1)]
    """The kinds of estimates that it applies to."""
    when: Annotated[Mapping[PublicationNumber, Condition], Meta(title="conditions")]
    """Number -> its limits. sample_size: respondents, unweighted; effective_size: those of a simple random sample of
    equal precision; clusters: primary sampling units with respondents; rarer_events: respondents with the rarer answer;
    width: of the interval of Korn and Graubard at 95 %, in points; relative_width and complement_relative_width: in
    percent of the share, and of 100 minus the share; rest: people without a code of the breakdown, in percent.
    """
    verdict: Literal["suppress", "review", "note", "known"]
    """suppress: it is not published; review: someone looks at it first; note: it is published with a remark; known:
    people without a code do not protect a suppressed value.
    """
    message: Words
    """Text of the remark; the numbers of the conditions are filled in by name."""
    reason: Annotated[Words, Meta(title="why")]
    """Why the rule exists."""
    source: Words
    """Source of the rule."""
