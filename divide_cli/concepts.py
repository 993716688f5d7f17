"""Column ids (SDMX concepts) and reserved codes. Every frame and every file uses these names."""

from typing import Final

REF_AREA: Final = "REF_AREA"
INDICATOR: Final = "INDICATOR"
SEX: Final = "SEX"
AGE: Final = "AGE"
URBANISATION: Final = "URBANISATION"
TIME_PERIOD: Final = "TIME_PERIOD"
OBS_VALUE: Final = "OBS_VALUE"
UNIT_MEASURE: Final = "UNIT_MEASURE"
OBS_STATUS: Final = "OBS_STATUS"
OBS_COMMENT: Final = "OBS_COMMENT"
DECIMALS: Final = "DECIMALS"
CITATION: Final = "CITATION"
STD_ERR: Final = "STD_ERR"
CI_LOWER: Final = "CI_LOWER"
CI_UPPER: Final = "CI_UPPER"
CI_LEVEL: Final = "CI_LEVEL"
DEGREES_OF_FREEDOM: Final = "DEGREES_OF_FREEDOM"
POPULATION: Final = "POPULATION"
UNCERTAINTY: Final = (STD_ERR, CI_LOWER, CI_UPPER, CI_LEVEL)
"""Optional columns of observations: the standard error of a value, or its confidence interval with its level."""
AMOUNTS: Final = (*UNCERTAINTY, DEGREES_OF_FREEDOM, POPULATION)
"""Optional columns of observations with numbers: those of UNCERTAINTY, the degrees of freedom of the standard error,
and the people of the value.
"""

# estimates of a survey
KIND: Final = "KIND"
TABULATION: Final = "TABULATION"
SAMPLE_SIZE: Final = "SAMPLE_SIZE"
N_PSU: Final = "N_PSU"
N_STRATA: Final = "N_STRATA"
N_POSITIVE: Final = "N_POSITIVE"
DESIGN_EFFECT: Final = "DESIGN_EFFECT"
DESIGN_EFFECT_REPLACE: Final = "DESIGN_EFFECT_REPLACE"
SAMPLE: Final = (SAMPLE_SIZE, N_PSU, N_STRATA, DESIGN_EFFECT, DESIGN_EFFECT_REPLACE)
"""Optional columns of written observations: what an estimate of a survey rests on."""
REASON: Final = "REASON"
RULES: Final = "RULES"
REMARK: Final = "REMARK"

EDITION: Final = "EDITION"

RULE_PAGE: Final = "docs/rules/{}.md"
"""Address of the page of a rule, by id: relative to the repository, or a web address once the pages are published."""

# where an observation was read
FILE: Final = "FILE"
LINE: Final = "LINE"

# results
GAP: Final = "GAP"
OVER: Final = "OVER"
REFERENCE: Final = "REFERENCE"
COMPARED: Final = "COMPARED"
MEASURE: Final = "MEASURE"
REFERENCE_VALUE: Final = "REFERENCE_VALUE"
COMPARED_VALUE: Final = "COMPARED_VALUE"
BOUND_LOWER: Final = "BOUND_LOWER"
BOUND_UPPER: Final = "BOUND_UPPER"
COVERAGE: Final = "COVERAGE"
REFERENCE_COVERAGE: Final = "REFERENCE_COVERAGE"
COMPARED_COVERAGE: Final = "COMPARED_COVERAGE"
N_AREAS: Final = "N_AREAS"
N_AREAS_TOTAL: Final = "N_AREAS_TOTAL"
MEMBERSHIP: Final = "MEMBERSHIP"
WEIGHTS: Final = "WEIGHTS"
SOURCE: Final = "SOURCE"
COUNTS: Final = "COUNTS"
"""Internal: the population that counts the people of a value (WEIGHTS names what weighted the percentage)."""

DIMENSIONS: Final = (SEX, AGE, URBANISATION)
"""Breakdown dimensions that every observation has. Others follow them as they occur."""

EST_VALUE: Final = "EST_VALUE"
EST_LOWER: Final = "EST_LOWER"
EST_UPPER: Final = "EST_UPPER"
EST_LEVEL: Final = "EST_LEVEL"
EST_SHARE: Final = "EST_SHARE"
EST_N_AREAS: Final = "EST_N_AREAS"
EST_KIND: Final = "EST_KIND"
ESTIMATES: Final = (EST_VALUE, EST_LOWER, EST_UPPER, EST_LEVEL, EST_SHARE, EST_N_AREAS, EST_KIND)
"""Columns that `--estimate` appends to results (schemas/estimates.json)."""

KEY: Final = (REF_AREA, INDICATOR, *DIMENSIONS, TIME_PERIOD)

TOTAL: Final = "_T"
NOT_APPLICABLE: Final = "_Z"

WORLD: Final = "WLD"
PERSONS: Final = "PS"

AS_PUBLISHED: Final = "as published"
"""MEMBERSHIP and WEIGHTS of a group value that its source states."""

# observation status, SDMX CL_OBS_STATUS
NORMAL: Final = "A"
ESTIMATED: Final = "E"
FORECAST: Final = "F"
MISSING: Final = "O"
WITHHELD: Final = "Q"
UNRELIABLE: Final = "U"

ERROR_BELOW: Final = "ERROR_BELOW"
ERROR_ABOVE: Final = "ERROR_ABOVE"
"""Internal: the standard errors of a value below and above it: STD_ERR twice, or those of the sides of its interval."""
FREEDOM: Final = "FREEDOM"
"""Internal: the degrees of freedom of those standard errors; infinite if none are stated."""

REPORTERS: Final = "REPORTER_SET"
"""Internal: a number that identifies the set of economies behind a group value."""

BASIS: Final = "BASIS"
"""Internal: the origin of a value, `stated` by its source or `combined` from economies."""

PRINTED: Final = "PRINTED"
"""Internal: decimals of the value as the file writes it; -1 if it has no value or an exponent."""

PADDED: Final = "PADDED"
"""Internal: whether the value has spaces around it in its cell."""

CELL: Final = "CELL"
"""Internal: the column of the value, in files with values in several columns."""

LABELS: Final = "LABELS"
"""Internal: labels of a row that mean the same as others in the file: two titles of a series, two words for %."""

QUANTITIES: Final = ("NUMERATOR", "DENOMINATOR", SAMPLE_SIZE, STD_ERR)
"""Numbers that a file may give with a percentage: numerator, denominator and sample in persons, standard error."""

COVERAGE_IS_LIMIT: Final = "COVERAGE_IS_LIMIT"
"""Internal: whether the coverage of a group value is a lower limit, because the weight of a member is unknown."""

SIDES_UNLIKE: Final = "SIDES_UNLIKE"
"""Internal: whether the two sides of a gap between groups rest on different economies."""

BAND_PLACE: Final = "BAND_PLACE"
"""Internal: the position of a score in the band of its measure, a BandPlace; empty if no band is intended for it."""

NO_VALUE: Final = "NO_VALUE_REASON"
"""Internal: why a measure has no value, the name of a NoValue; empty if it has one."""

INTERVAL_STATUS: Final = "INTERVAL_STATUS"
"""Internal: whether the row has a confidence interval, and with both ends, an IntervalStatus."""

PERIOD_TEXT: Final = "PERIOD_TEXT"
REMARK_TEXT: Final = "REMARK_TEXT"
PANEL_TEXT: Final = "PANEL_TEXT"
"""Internal: the years that a measure over time rests on, what to take into account, and which economies, in words."""

ROW_FLAGS: Final = (COVERAGE_IS_LIMIT, SIDES_UNLIKE, BAND_PLACE)
"""Internal: properties of a row of results that only tables use."""

BIAS: Final = "BIAS"
PARTED_BY: Final = "PARTED_BY"
PART: Final = "PART"
N_SUBGROUPS: Final = "N_SUBGROUPS"

SUBGROUP: Final = "SUBGROUP"
OTHER_SUBGROUP: Final = "OTHER_SUBGROUP"
COVARIANCE: Final = "COVARIANCE"
"""Columns of a file of covariances: two subgroups, and the covariance of the errors of their values."""

COVERED_SET: Final = "COVERED_SET"
"""Further dimension of published medians: the years in all of which the economies behind a median have a figure."""

COURSE: Final = "COURSE"
FIRST_YEAR: Final = "FIRST_YEAR"
LAST_YEAR: Final = "LAST_YEAR"
N_POINTS: Final = "N_POINTS"

INTERNAL: Final = (
    FILE, LINE, COUNTS, REPORTERS, BASIS, ERROR_BELOW, ERROR_ABOVE, FREEDOM, PRINTED, PADDED, CELL, LABELS,
    *ROW_FLAGS, NO_VALUE, INTERVAL_STATUS, PERIOD_TEXT, REMARK_TEXT, PANEL_TEXT,
)  # fmt: skip

SEVERITIES: Final = ("note", "warning", "error")
"""Severities of findings, from the lowest to the highest."""

EXACT: Final = 1e-9
"""The rounding error allowed in sums of doubles."""
