"""Records of the model that estimates values which no office reported: its parts, choices and tested errors.

Every number of the model is a key here; `divide_cli/analysis/estimates/` has the formulae. The errors are those of the
cross-validation in `benchmarks/estimates/`, which a change of the other keys must repeat.
"""

from typing import Annotated, Literal

from msgspec import Meta

from divide_cli.catalogue.entries import AboveZero, Area, Count, Entry, FromZero, Id, Words

Share = Annotated[float, Meta(ge=0, lt=1)]


class Growth(Entry, frozen=True):
    """The growth that economies of a donor group share in a year, on the logit scale."""

    trim: Annotated[float, Meta(ge=0, lt=0.5)]
    """Share of the changes that is left out at each end before the mean is taken."""
    pooling: FromZero
    """How many economies the growth of the world counts for in that of a group of n: n / (n + pooling) is its own."""
    most: AboveZero
    """Largest change in a year that counts, on the logit scale; a larger one, such as a break, counts as this."""
    quorum: Count
    """Number of economies with a value in a year and the year before, below which the year is a nowcast."""
    window: Count
    """Number of years whose mean growth a nowcast uses."""


class Level(Entry, frozen=True):
    """The level of economies without any value: a regression of each year's values, on the logit scale."""

    covariate: Id
    """Id of the edition with the covariate, gross national income per head; its logarithm is used."""
    indicator: Id
    """Id of the indicator in that edition."""
    shrinkage: AboveZero
    """How many economies draw the effect of an income group, a region, or both, to zero (ridge penalty)."""


class Errors(Entry, frozen=True):
    """The standard deviations of predictive errors on the logit scale, fitted to hidden observations."""

    walk: AboveZero
    """Of the distance from the nearest value: it grows with the square root of the years (a random walk)."""
    noise: AboveZero
    """Of a survey, as a share of people: on the logit scale it is divided by p (1 - p)."""
    never: AboveZero
    """Of an economy without any value."""
    world: Share
    """Share of the variance that all economies have in common in a year."""
    region: Share
    """Share of the variance that the economies of one region have in common in a year."""
    nowcast: FromZero
    """Of the growth that all economies have in common, for each year of a nowcast."""


class Simulation(Entry, frozen=True):
    """How intervals are made."""

    draws: Count
    """Number of joint draws."""
    seed: Count
    """Seed of the generator, which the year follows."""
    level: Annotated[float, Meta(gt=50, lt=100)]
    """Level of the intervals, in percent."""


class Sexes(Entry, frozen=True):
    """How women and men are estimated jointly, from the distance of their logits."""

    totals: Id
    """Id of the edition with the values of both sexes together, if the edition by sex has none."""
    walk: AboveZero
    """Standard deviation of the distance, for each year from the nearest one known; it grows with the square root."""
    noise: AboveZero
    """Noise of the two surveys, as a share of people: on the logit scale it is divided by p (1 - p)."""
    never: AboveZero
    """Standard deviation of the distance of an economy that never reported by sex."""


class Break(Entry, frozen=True):
    """A year from which the values of an economy are not comparable with earlier ones."""

    area: Area
    """Code of the economy."""
    year: Annotated[int, Meta(ge=1990, le=2100)]
    """First year of the new definition, scope or source."""
    treatment: Literal["kept", "back_cast"]
    """kept: earlier values stay; back_cast: they are replaced by estimates, as far as these reach."""
    reason: Words
    """What changed."""
    source: Words
    """Where this is stated."""


class Estimation(Entry, frozen=True):
    """The model that estimates values of one indicator which no office reported."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    indicator: Id
    """Id of the indicator that is estimated."""
    nearest: Annotated[float, Meta(gt=0, lt=50)]
    """How near to 0 and 100 percent a value may be on the logit scale; a nearer one counts as this."""
    nowcast: Count
    """How many years after the last one with a quorum are estimated."""
    income: Id
    """Id of the grouping whose groups, crossed with those of `region`, are donor groups."""
    region: Id
    """Id of the grouping by region."""
    growth: Growth
    """The growth that donors have in common."""
    level: Level
    """The level of economies without any value."""
    errors: Errors
    """How wrong estimates are."""
    simulation: Simulation
    """How intervals are made."""
    sexes: Sexes
    """How women and men are estimated jointly."""
    breaks: tuple[Break, ...]
    """Breaks in the series of economies, and what is done about them."""
    explanation: Annotated[tuple[Words, ...], Meta(min_length=1)]
    """The model in sentences, for those who must defend it."""
    source: Words
    """Where the model comes from, and how it was chosen."""
