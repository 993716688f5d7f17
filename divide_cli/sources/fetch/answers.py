"""What an answer of a service must be before it is kept: whole, JSON, and of the shape that its reader expects."""

import json
import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], None]


class UnusableError(Exception):
    """An answer that will not become better by asking again: what was expected, and what was found."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found


class UnreachableError(UnusableError):
    """No connection, and none before in this run."""


class ChangedError(UnusableError):
    """Pages that do not belong together: the source changed while it was being downloaded."""


class TransientError(Exception):
    """A failure that asking again may mend; `wait` is what the service asked for, in seconds."""

    def __init__(self, found: str, wait: float | None = None) -> None:
        super().__init__(found)
        self.found = found
        self.wait = wait


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def parse(body: bytes) -> Any:
    """What the body says; UnusableError for a page of a website, TransientError for JSON that is cut off or broken."""
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            title = re.search(rb"<title[^>]*>([^<]{0,200})", body, flags=re.IGNORECASE)
            words = " ".join(title.group(1).decode("utf-8", "replace").split()) if title else ""
            raise UnusableError("JSON", f"a page of a website{f', {words!r}' if words else ''}") from error
        raise TransientError(f"{len(body)} bytes that are no whole JSON ({error})") from error


def rows(payload: Any, keys: frozenset[str], what: str) -> list[dict[str, Any]]:
    """The payload as a list of objects with those keys; UnusableError where it is something else."""
    expected = f"{what}, as a list of objects with {', '.join(sorted(keys))}"
    if not isinstance(payload, list):
        raise UnusableError(expected, brief(payload))
    for number, row in enumerate(payload, 1):
        if not isinstance(row, dict) or not keys <= row.keys():
            raise UnusableError(expected, f"element {number}: {brief(row)}")
    return payload


def brief(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:120]} ..."
