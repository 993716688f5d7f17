"""Age bands: the code says the band (Y15T24, Y_GE75), whether or not CL_AGE lists it."""

import re
from functools import cache

OPEN = 999
"""The last year of an open band."""
_BAND = re.compile(r"Y(?:(\d{1,3})T(\d{1,3})|_GE(\d{1,3}))")


@cache
def age_span(code: str) -> tuple[int, int] | None:
    """First and last year of age of a band, both inside it; `_T` is every age; None for what is no band."""
    if code == "_T":
        return 0, OPEN
    found = _BAND.fullmatch(code)
    if not found:
        return None
    first = int(found[1] or found[3])
    last = int(found[2]) if found[2] else OPEN
    return (first, last) if first <= last else None


def age_name(code: str) -> str:
    """The band in words: `15 to 24 years`, `75 years and over`."""
    span = age_span(code)
    if span is None or code == "_T":
        return code
    return f"{span[0]} years and over" if span[1] == OPEN else f"{span[0]} to {span[1]} years"
