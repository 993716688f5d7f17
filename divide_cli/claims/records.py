"""Records of a claims file: publication, claim, selector. The field names are the keys of the YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from divide_cli import concepts as v

ANY_ECONOMY = "any economy"

QUOTED = "quoted"
REPRODUCED = "reproduced"
WITHIN = "within rounding of the inputs"
DOUBLE = "double rounding"
DIFFERS = "differs"
NOT_COMPUTABLE = "not computable"
CONFLICTS = "conflicts"
VERDICTS = (QUOTED, REPRODUCED, WITHIN, DOUBLE, DIFFERS, NOT_COMPUTABLE, CONFLICTS)

PUBLISHED, COUNTRIES = "published", "countries"
BASES = (PUBLISHED, COUNTRIES)


@dataclass(frozen=True)
class Publication:
    """What prints the claims."""

    id: str
    title: str
    date: str
    citation: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selector:
    """Which number a claim is about.

    Either `indicator` with the codes of a breakdown, or `gap` and `measure`. Then, in this order: `without` takes the
    people of a part away, `complement` is 100 minus the value, `persons` the people it stands for, `since` with
    `change` its change (relative: in percent of the earlier one), `relative_to` its ratio to the number of other codes.
    """

    area: str | tuple[str, ...]
    year: int | None
    indicator: str = ""
    gap: str = ""
    measure: str = ""
    SEX: str = v.TOTAL
    AGE: str = v.TOTAL
    URBANISATION: str = v.TOTAL
    without: Mapping[str, str] = field(default_factory=dict)
    complement: bool = False
    persons: bool = False
    since: int | None = None
    change: str = ""
    relative_to: Mapping[str, Any] = field(default_factory=dict)
    at_most: float | None = None

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that are named."""
        return (self.area,) if isinstance(self.area, str) else self.area

    @property
    def breakdown(self) -> tuple[str, str, str]:
        """The codes of SEX, AGE and URBANISATION."""
        return self.SEX, self.AGE, self.URBANISATION

    @property
    def plain(self) -> bool:
        """Whether the number is one cell, read as it stands."""
        derived = self.gap or self.without or self.complement or self.persons or self.since or self.relative_to
        return not derived and len(self.areas) == 1 and self.area != ANY_ECONOMY


@dataclass(frozen=True)
class Relation:
    """How a claim hangs together with others of its publication; one of the three is given."""

    complement_of: str = ""
    ratio_of: tuple[str, ...] = ()
    difference_of: tuple[str, ...] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """The ids of the other claims."""
        return (self.complement_of,) if self.complement_of else self.ratio_of or self.difference_of


@dataclass(frozen=True)
class Claim:
    """A figure as printed, which number it is of, and the verdict that is expected.

    `unit_mult` is the power of ten that the figure is printed in (6: millions); `place` the unit of its last place that
    counts, where that is not its last digit (280 printed for 277: 10). `bases` expects a verdict of each basis too.
    """

    id: str
    where: str
    statement: str
    printed: str
    unit: str
    qualifier: str
    selector: Selector
    editions: tuple[str, ...]
    expect: str
    relations: tuple[Relation, ...] = ()
    bases: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    unit_mult: int = 0
    place: str = ""
    line: int = 0


@dataclass(frozen=True)
class ClaimsFile:
    """A file of claims, read: `path` as given, `sha256` of its bytes."""

    path: str
    sha256: str
    size: int
    publication: Publication
    claims: tuple[Claim, ...]
