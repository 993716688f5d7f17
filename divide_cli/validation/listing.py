"""The findings that a report lists, in its order: by file as given, then line, then severity.

Of a rule that has very many findings only the places are kept: each finding is created when it is read, and forgotten.
So a report of a million findings is written as one goes along, and their texts are never in memory together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np

from divide_cli.catalogue import Rule
from divide_cli.concepts import SEVERITIES
from divide_cli.frames.columns import Array
from divide_cli.validation.report import Finding, Waiver
from divide_cli.validation.rules.findings import Findings, Places

AT_ONCE = 10_000
"""Up to so many findings of a rule in a file are created at once: as many as a baseline lists."""


@dataclass(frozen=True)
class Listing:
    """The findings of a rule in a file that are listed: which of its cases, and the waiver that accepts each.

    `waiver_of` is the number of the waiver, -1 where nobody has accepted the finding.
    """

    findings: Findings
    cases: Array
    waivers: Sequence[Waiver]
    waiver_of: Array

    def __len__(self) -> int:
        return len(self.cases)

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        return self.findings.rule

    @property
    def places(self) -> Places:
        """The file and the line of each finding."""
        if self.findings.places is None:
            raise ValueError(self.rule.id)
        return self.findings.places.only(self.cases)

    def finding(self, place: int) -> Finding:
        """The finding at a place of the list."""
        finding, waiver = self.findings.finding(int(self.cases[place])), int(self.waiver_of[place])
        return finding if waiver < 0 else replace(finding, waiver=self.waivers[waiver])


@dataclass(frozen=True)
class Created:
    """Findings of a rule in a file that exist: nothing else is kept of what they were created from."""

    rule: Rule
    every: Sequence[Finding]

    def __len__(self) -> int:
        return len(self.every)

    @property
    def places(self) -> Places:
        """The file and the line of each finding."""
        files = sorted({finding.file for finding in self.every})
        file_of = np.array([files.index(finding.file) for finding in self.every], dtype=np.intp)
        return Places(files, file_of, np.array([finding.line for finding in self.every], dtype=np.int64))

    def finding(self, place: int) -> Finding:
        """The finding at a place of the list."""
        return self.every[place]


def kept(listing: Listing) -> Listing | Created:
    """The list with its findings created, unless they are very many."""
    if listing.findings.places is not None and len(listing) > AT_ONCE:
        return listing
    return Created(listing.rule, [listing.finding(place) for place in range(len(listing))])


@dataclass(frozen=True)
class _Listed(Sequence[Finding]):
    """The findings of several lists in an order: the number of the list that has each, and its place there."""

    lists: Sequence[Listing | Created]
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


def in_order(lists: Sequence[Listing | Created], place_of: Callable[[str], int]) -> Sequence[Finding]:
    """All findings by the place of their file, its name, line, severity and rule; otherwise in the order given.

    They are a tuple, unless some are created only when they are read.
    """
    if not lists:
        return ()
    ids = sorted({one.rule.id for one in lists})
    places = [one.places for one in lists]
    names = sorted({file for part in places for file in part.files})
    columns: list[list[Array]] = []
    for number, (one, part) in enumerate(zip(lists, places, strict=True)):
        of_all = (ids.index(one.rule.id), -SEVERITIES.index(one.rule.severity), number)
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
    return tuple(listed) if all(isinstance(one, Created) for one in lists) else listed
