"""The findings that a report lists, in its order: by file as given, then line, then severity.

Of a rule that has very many findings only the places are kept: each finding is created when it is read, and forgotten.
So a report of a million findings is written as one goes along, and their texts are never in memory together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np

from divide_cli.concepts import SEVERITIES
from divide_cli.frames.columns import Array
from divide_cli.validation.report import Finding, Waiver
from divide_cli.validation.rules.findings import Findings, Places

AT_ONCE = 10_000
"""Up to so many findings of a rule in a file are created at once: as many as a baseline lists."""


@dataclass(frozen=True)
class Listing:
    """The findings of a rule in a file that are listed: which of its cases, and the waiver that accepts each.

    `waiver_of` is the number of the waiver, -1 where nobody has accepted the finding. `created` are the findings, if
    they exist already.
    """

    findings: Findings
    cases: Array
    waivers: Sequence[Waiver]
    waiver_of: Array
    created: Sequence[Finding] | None = None

    def __len__(self) -> int:
        return len(self.cases)

    def finding(self, place: int) -> Finding:
        """The finding at a place of the list."""
        if self.created is not None:
            return self.created[place]
        finding, waiver = self.findings.finding(int(self.cases[place])), int(self.waiver_of[place])
        return finding if waiver < 0 else replace(finding, waiver=self.waivers[waiver])

    def kept(self) -> "Listing":
        """The same list with its findings created, unless they are very many."""
        if self.findings.places is not None and len(self) > AT_ONCE:
            return self
        return replace(self, created=[self.finding(place) for place in range(len(self))])

    @property
    def places(self) -> Places:
        """The file and the line of each finding."""
        if self.created is None and self.findings.places is not None:
            return self.findings.places.only(self.cases)
        found = [self.finding(place) for place in range(len(self))]
        files = sorted({finding.file for finding in found})
        file_of = np.array([files.index(finding.file) for finding in found], dtype=np.intp)
        return Places(files, file_of, np.array([finding.line for finding in found], dtype=np.int64))


@dataclass(frozen=True)
class _Listed(Sequence[Finding]):
    """The findings of several lists in an order: the number of the list that has each, and its place there."""

    lists: Sequence[Listing]
    list_of: Array
    place: Array

    def __len__(self) -> int:
        return len(self.list_of)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Finding]: ...
    def __getitem__(self, at: int | slice) -> Finding | Sequence[Finding]:
        if isinstance(at, slice):
            return replace(self, list_of=self.list_of[at], place=self.place[at])
        return self.lists[int(self.list_of[at])].finding(int(self.place[at]))

    def __iter__(self) -> Iterator[Finding]:
        return (self[at] for at in range(len(self)))


def in_order(lists: Sequence[Listing], place_of: Callable[[str], int]) -> Sequence[Finding]:
    """All findings by the place of their file, its name, line, severity and rule; otherwise in the order given.

    They are a tuple, unless some are created only when they are read.
    """
    if not lists:
        return ()
    ids = sorted({one.findings.rule.id for one in lists})
    places = [one.places for one in lists]
    names = sorted({file for part in places for file in part.files})
    columns: list[list[Array]] = []
    for number, (one, part) in enumerate(zip(lists, places, strict=True)):
        rule = one.findings.rule
        of_all = (ids.index(rule.id), -SEVERITIES.index(rule.severity), number)
        of_file = ([names.index(file) for file in part.files], [place_of(file) for file in part.files])
        columns.append([
            *(np.full(len(one), value, dtype=np.int32) for value in of_all),
            np.asarray(part.lines),
            *(np.array(values, dtype=np.int32)[part.file_of] for values in of_file),
            np.arange(len(one), dtype=np.int32),
        ])  # fmt: skip
    rule_of, severity, list_of, line, name, file, place = (np.concatenate(each) for each in zip(*columns, strict=True))
    order = np.lexsort((rule_of, severity, line, name, file))
    listed = _Listed(lists, list_of[order], place[order])
    return tuple(listed) if all(one.created is not None for one in lists) else listed
