"""The design of a survey: what its variables mean. Records of the file that a user writes (`design_file` reads it).

Scalars are those of YAML 1.2, so that `yes`, `no` and `01` are texts. A value is compared as a number in a column of
numbers, and as text in a column of text.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, structs

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.entries import TOGETHER, AboveZero, Code, Entry, FromZero, OneOf, Requirement, Text

Variable = Annotated[str, Meta(min_length=1)]
Variables = tuple[Variable, ...]
Value = bool | int | float | str
NONE: Any = {}
UNKNOWN = "_X"
"""Code of a breakdown for persons whose subgroup is unknown."""
TO_FILL_IN = "?"
"""What a draft has where something is to be filled in."""
OTHER = "other"
"""In place of the values that mean no: every value that the question does not list."""
PERSONS, HOUSEHOLDS = "persons", "households"
Unit = Literal["persons", "households"]


class Range(Entry, frozen=True):
    """Numbers between two ends, both included."""

    at_least: int | float | None = None
    """Lowest number; no limit if absent."""
    at_most: int | float | None = None
    """Highest number; no limit if absent."""


Values = Value | tuple[Value, ...] | Range
Conditions = Mapping[Variable, Values]


class Survey(Entry, frozen=True):
    """The survey that the records come from, as the outputs cite it."""

    name: Text
    """Name of the survey."""
    producer: str = ""
    """Who carried it out."""
    source: str = ""
    """Where its records and documents are."""
    population: str = ""
    """Whom the survey is about, such as "persons aged 18 and over", for the comments on indicators without ages."""
    fieldwork: str = ""
    """When the interviews took place, in words."""


class Replicates(Entry, frozen=True):
    """Replicate weights. The variance is factor x sum of rscales x (replicate - estimate)^2."""

    columns: Variable | Variables
    """The variables, as a list, or as one name with * for any letters."""
    method: Literal["brr", "fay", "jackknife1", "jackknifen", "bootstrap", "successive_differences"]
    """How the replicates were made: balanced repeated replication, with Fay's factor, jackknife without or with strata,
    bootstrap, successive differences."""
    factor: AboveZero | None = None
    """Factor of the sum of squares; that of the method if absent."""
    rscales: tuple[FromZero, ...] = ()
    """Factor of each replicate; 1 if absent. Jackknife with strata needs them."""
    rho: Annotated[float, Meta(ge=0, lt=1)] | None = None
    """Fay's factor: 1 minus the step by which weights are raised and lowered."""
    mse: bool = False
    """Whether deviations are from the estimate of the whole sample, not from the mean of the replicates."""
    combined: bool = True
    """Whether the replicates are weights; false if they are factors to multiply the weight by."""


class Roster(Entry, frozen=True):
    """The file of the persons in the households of DATA."""

    file: Text
    """Name of the file, relative to the design file."""
    key: Variable | Variables
    """The variables that identify a household, with the same names in both files."""
    weight: Variable = ""
    """Weight of a person; that of the household if absent."""
    id: Variable | Variables = ()
    """The variables that identify a person, together with the household; checked to be unique."""


class Breakdown(Entry, frozen=True):
    """How a variable gives the code of a dimension."""

    variable: Variable
    """The variable."""
    codes: Mapping[Value, Text] = {}
    """Each value of the variable and its code in the codelist of the dimension."""
    bands: tuple[Text, ...] = ()
    """For AGE, if the variable is the age in years: the codes of age bands (Y15T24, Y_GE75)."""
    unknown: Values = ()
    """Values that mean not stated. These persons are in totals, and in no subgroup."""


class Question(Entry, frozen=True):
    """A question, and what its answers mean."""

    variable: Variable
    """The variable of the question."""
    yes: Values | None = None
    """Values that mean yes; those of the indicator if absent."""
    no: Values | None = None
    """Values that mean no, or `other`: every value that is not listed. Those of the indicator if absent."""
    not_stated: Values | None = None
    """Values that mean no answer, besides empty cells; those of the indicator if absent."""


Questions = Annotated[tuple[Variable | Question, ...], Meta(min_length=1)]


class Measured(Entry, frozen=True):
    """How an indicator is read from one or several questions."""

    variable: Variable = ""
    """The variable of the only question, or the amount of a mean, a total or a ratio."""
    any: Questions = ()
    """Several questions, of which one `yes` is enough; `no` if all say so, otherwise not stated."""
    all: Questions = ()
    """Several questions that must all be `yes`; `no` if one says so, otherwise not stated."""
    kind: Literal["share", "mean", "total", "ratio"] = "share"
    """share of those who said yes; mean or total of a variable; total of those who said yes; ratio of two totals."""
    yes: Values | None = None
    """Values that mean yes."""
    no: Values | None = None
    """Values that mean no, or `other`: every value that is not listed."""
    not_stated: Values = ()
    """Values that mean no answer, besides empty cells."""
    per: Variable = ""
    """For a ratio: the variable of the denominator."""
    filter: Conditions = NONE
    """Who is in the scope: variables and the values that they must have."""
    ages: Annotated[tuple[int | None, int | None], Meta(title="ages")] | None = None
    """First and last age in the scope, null for none; those of the design if absent."""
    missing: Literal["exclude", "no", ""] = ""
    """Missing answers: left out of the share, or counted as no; as in the design if absent."""
    unit: Unit | Literal[""] = ""
    """Of what the figure is a share; as the catalogue says if absent."""
    period: str = ""
    """Reference period of the question, in words, for the comment."""
    name: str = ""
    """Name of an indicator that the catalogue does not have."""
    unit_measure: Code | Literal[""] = ""
    """Unit of an indicator that the catalogue does not have; PT for a share, NUMBER otherwise."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions of the indicator, each with the values of its answers."""
        asked = self.any or self.all or (self.variable,)
        return tuple(self._complete(Question(one) if isinstance(one, str) else one) for one in asked)

    def _complete(self, question: Question) -> Question:
        own = {name: getattr(question, name) for name in ("yes", "no", "not_stated")}
        return structs.replace(question, **{key: getattr(self, key) for key, value in own.items() if value is None})

    @property
    def variables(self) -> Variables:
        """The variables of the questions or amounts, and of the filter."""
        own = (*(question.variable for question in self.questions), *([self.per] if self.per else []))
        return tuple(dict.fromkeys((*own, *self.filter)))

    @property
    def is_answer(self) -> bool:
        """Whether the questions are answered by yes or no, not by an amount."""
        return self.kind == "share" or bool(self.any or self.all or self.yes is not None)


TOGETHER[Breakdown] = (OneOf((("codes",), ("bands",))),)
TOGETHER[Measured] = (
    OneOf((("variable",), ("any",), ("all",))),
    Requirement("kind", ("ratio",), needs=("variable", "per"), without=("yes", "no", "any", "all")),
    Requirement("kind", ("mean",), needs=("variable",), without=("yes", "no", "any", "all", "per")),
    Requirement("kind", ("share", "total"), without=("per",)),
)


class DesignKeys(Entry, frozen=True):
    """The keys of a design file: survey, sampling design, breakdowns and indicators."""

    survey: Survey
    """The survey."""
    area: Annotated[str, Meta(extra_json_schema={"pattern": "^[A-Z]{3,4}$"})]
    """Code of CL_AREA of the country."""
    year: Annotated[int, Meta(ge=1900, le=2100)]
    """Calendar year of the figures."""
    weight: Variable | None
    """Variable of the weight; null if every row counts the same, as in a census."""
    indicators: Annotated[Mapping[str, Measured], Meta(min_length=1)]
    """Indicators, by their id in the catalogue, or by an id of your own with a name."""
    unit: Unit = "persons"
    """What a row of DATA is."""
    strata: Variable | Variables = ()
    """Variables that together are the stratum."""
    clusters: Variable | Variables = ()
    """Variables of the sampling units of each stage, the primary sampling unit first."""
    populations: Variable | Variables = ()
    """Variables of the number of units in the population at each stage; without them, sampling is with replacement."""
    replicate_weights: Replicates | None = None
    """Replicate weights, if the survey has them instead of strata and clusters."""
    id: Variable | Variables = ()
    """Variables that together identify a row; checked to be unique."""
    members: Variable = ""
    """In a file of households: variable of the number of members, for indicators of persons without a roster."""
    roster: Roster | None = None
    """In a file of households: the file of their members."""
    rows: Conditions = NONE
    """Rows of DATA that belong to the survey: variables and the values that they must have. Others are not read."""
    ages: tuple[int | None, int | None] | None = None
    """First and last age in the scope of all indicators of persons, null for none."""
    missing: Literal["exclude", "no"] = "exclude"
    """Missing answers: left out of the share, or counted as no."""
    breakdowns: Mapping[Code, Breakdown] = {}
    """Dimensions, and the variables that give their codes."""


class Design(DesignKeys, frozen=True):
    """A design that was read, with its file."""

    path: str = ""
    """The design file."""

    @property
    def roster_path(self) -> Path | None:
        """The file of persons, if there is one."""
        return Path(self.path).parent / self.roster.file if self.roster else None

    def unit_of(self, name: str) -> str:
        """Of what the indicator is a figure: persons or households, as it says, or as the catalogue does."""
        indicator = catalogue().indicators.get(name)
        of_households = indicator is not None and indicator.population_base == "all households"
        return self.indicators[name].unit or (HOUSEHOLDS if of_households else PERSONS if indicator else self.unit)

    def missing_of(self, name: str) -> str:
        """What becomes of missing answers of the indicator: exclude or no."""
        return self.indicators[name].missing or self.missing

    @property
    def has_errors_of_design(self) -> bool:
        """Whether standard errors can be had: from strata, clusters or replicate weights."""
        return bool(self.strata or self.clusters or self.replicate_weights)


def names(variables: Variable | Variables) -> Variables:
    """The variables of a key that has one or several."""
    return (variables,) if isinstance(variables, str) and variables else tuple(variables)


def listed(values: Values | None) -> tuple[Value, ...]:
    """The values of a key that has one or several; empty for a range."""
    if values is None or isinstance(values, Range):
        return ()
    return values if isinstance(values, tuple) else (values,)
