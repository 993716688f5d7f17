"""divide: the digital-divide indicator calculator.

The functions have the words and defaults of the commands. They take paths or frames, and return frozen results:

>>> import divide_cli as divide
>>> divide.__all__[:1]
['CatalogueError']

Nothing heavy is imported before a function is used. Failures are `DivideError` with a code and its parts.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from divide_cli import catalogue as catalogue
    from divide_cli.api.python import Difference as Difference
    from divide_cli.api.python import Editions as Editions
    from divide_cli.api.python import Estimates as Estimates
    from divide_cli.api.python import Explanation as Explanation
    from divide_cli.api.python import Findings as Findings
    from divide_cli.api.python import Gaps as Gaps
    from divide_cli.api.python import Inequality as Inequality
    from divide_cli.api.python import Page as Page
    from divide_cli.api.python import Picture as Picture
    from divide_cli.api.python import Profile as Profile
    from divide_cli.api.python import Readings as Readings
    from divide_cli.api.python import Result as Result
    from divide_cli.api.python import Targets as Targets
    from divide_cli.api.python import Verdicts as Verdicts
    from divide_cli.api.python import chart as chart
    from divide_cli.api.python import compute as compute
    from divide_cli.api.python import diff as diff
    from divide_cli.api.python import editions as editions
    from divide_cli.api.python import explain as explain
    from divide_cli.api.python import measure as measure
    from divide_cli.api.python import profile as profile
    from divide_cli.api.python import read as read
    from divide_cli.api.python import report as report
    from divide_cli.api.python import reproduce as reproduce
    from divide_cli.api.python import tabulate as tabulate
    from divide_cli.api.python import targets as targets
    from divide_cli.api.python import validate as validate
    from divide_cli.errors import CatalogueError as CatalogueError
    from divide_cli.errors import DivideError as DivideError
    from divide_cli.errors import NothingComputedError as NothingComputedError
    from divide_cli.errors import OptionError as OptionError
    from divide_cli.errors import SourceError as SourceError

__version__ = "0.2.0"
__all__ = [
    "CatalogueError", "Difference", "DivideError", "Editions", "Estimates", "Explanation", "Findings", "Gaps",
    "Inequality", "NothingComputedError", "OptionError", "Page", "Picture", "Profile", "Readings", "Result",
    "SourceError", "Targets", "Verdicts", "catalogue", "chart", "compute", "diff", "editions", "explain", "measure",
    "profile", "read", "report", "reproduce", "tabulate", "targets", "validate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """The public name, imported when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module 'divide_cli' has no attribute {name!r}")
    from importlib import import_module

    if name == "catalogue":
        return import_module("divide_cli.catalogue")
    value = getattr(import_module("divide_cli.errors" if name.endswith("Error") else "divide_cli.api.python"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})
