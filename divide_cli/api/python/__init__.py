"""The face of `import divide_cli`: the verbs as functions that take paths or frames, and their results.

frames      frames in and out            calls     a call: its words, its frames, its answer by language
results     what every result offers     figures, files, pages  the result of each function
verbs, checks                            the functions
"""

from divide_cli.api.python.checks import chart, editions, read, report, reproduce, tabulate, validate
from divide_cli.api.python.figures import Difference, Explanation, Gaps, Inequality, Profile, Targets
from divide_cli.api.python.files import Editions, Estimates, Findings, Readings, Verdicts
from divide_cli.api.python.pages import Page, Picture
from divide_cli.api.python.results import Result
from divide_cli.api.python.verbs import compute, diff, explain, measure, profile, targets

__all__ = [
    "Difference", "Editions", "Estimates", "Explanation", "Findings", "Gaps", "Inequality", "Page", "Picture",
    "Profile", "Readings", "Result", "Targets", "Verdicts", "chart", "compute", "diff", "editions", "explain",
    "measure", "profile", "read", "report", "reproduce", "tabulate", "targets", "validate",
]  # fmt: skip
