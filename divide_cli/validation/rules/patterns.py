"""Searches texts for the patterns of rules, and gives up those that would take for ever.

Python's regular expressions backtrack: `(a+)+$` needs 2^n steps for n letters. The patterns of the catalogue are tested
and run here. Those of a user's file run in a helper process that ends itself when its time is up. This limit holds on
every system and in every thread, and the results are exactly those of Python. A linear engine would find other texts:
RE2 knows `\\b`, `\\w` and `\\d` for ASCII only, and no look-around.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

from divide_cli.catalogue import catalogue
from divide_cli.errors import SourceError

SECONDS = 5
"""The time that a pattern of a user has for all texts of a file. The catalogue's take milliseconds."""
_HELPER = (
    "import faulthandler, json, os, re, sys",
    "faulthandler.dump_traceback_later({seconds}, exit=True, file=open(os.devnull, 'w'))",
    "pattern, flags, way, texts = json.load(sys.stdin)",
    "found = map(getattr(re.compile(pattern, flags), way), texts)",
    "json.dump([match and match[0] for match in found], sys.stdout)",
    "faulthandler.cancel_dump_traceback_later()",
)
"""The program of the helper process."""


def searched(pattern: str, texts: Sequence[str], *, whole: bool = False) -> list[str | None]:
    """The part of each text that the pattern matches, ignoring case, or None; with `whole`, of whole texts with case.

    Raises SourceError if a pattern that is not in the catalogue takes longer than its time.
    """
    flags, way = (0, "fullmatch") if whole else (int(re.IGNORECASE), "search")
    if pattern not in _known():
        return list(_within_time(pattern, flags, way, tuple(texts)))
    matches = map(getattr(re.compile(pattern, flags), way), texts)
    return [match[0] if match else None for match in matches]


@cache
def _known() -> frozenset[str]:
    """The patterns of the catalogue, and those that stand for none."""
    own = (value for rule in catalogue().rules.values() for value in rule.parameters.values() if isinstance(value, str))
    return frozenset({r"(?!)", "(?s:.*)", *own})


@cache
def _within_time(pattern: str, flags: int, way: str, texts: tuple[str, ...]) -> tuple[str | None, ...]:
    """The matches that another process finds; SourceError if it does not finish."""
    command = [sys.executable, "-I", "-S", "-c", "\n".join(_HELPER).format(seconds=SECONDS)]
    work = json.dumps([pattern, flags, way, texts])
    try:
        done = subprocess.run(command, input=work, capture_output=True, text=True, encoding="ascii", check=True)  # noqa: S603
    except (subprocess.CalledProcessError, OSError) as error:
        raise SourceError("pattern_too_slow", seconds=SECONDS, found=pattern, where="--rules") from error
    return tuple(json.loads(done.stdout))
