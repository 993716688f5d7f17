"""The verbs about files as people submit them: `read`, `validate`, and the rules."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from divide_cli.api import choices
from divide_cli.api.choices import Words
from divide_cli.catalogue import Rule
from divide_cli.errors import DivideError, OptionError

if TYPE_CHECKING:
    from divide_cli.readers import FileReading
    from divide_cli.validation.report import Described, Report


def read(
    files: Sequence[str],
    *,
    indicator: str = "",
    area: str = "",
    dataflow: str = "",
    encoding: str = "",
    dimensions: Words = None,
    attributes: Words = None,
    structure: Path | None = None,
) -> list["FileReading"]:
    """Reads each file: its observations or memberships and the outcome of each row, or why it cannot be read."""
    area = choices.checked_file_options(indicator, area, dataflow)
    from divide_cli.readers import FileReading, ReadOptions
    from divide_cli.readers import read as read_file

    roles = choices.column_choices(dimensions, attributes, structure)
    options = ReadOptions(indicator, area, dataflow, encoding, **roles, strict=False)
    readings = []
    for path in files:
        try:
            readings.append(FileReading(path, read_file(path, "", options)))
        except OptionError:
            raise
        except DivideError as error:
            readings.append(FileReading(path, None, error))
    return readings


class Validation(NamedTuple):
    """The report on submissions, and its description of each rule, applied or skipped."""

    report: "Report"
    rules: Mapping[str, "Described"]

    def exit_code(self, fail_on: str) -> int:
        """The exit code of `divide validate`.

        3 if a file is unreadable; 1 for findings at or above that severity, or if no row could be checked; else 0.
        """
        checked = any(entry.used for entry in self.report.inputs)
        return 3 if self.report.unreadable else 1 if self.report.failing(fail_on) or not checked else 0


def validate(
    files: Sequence[str],
    *,
    previous: Path | None = None,
    against: Words = None,
    rules: Words = None,
    only: Words = None,
    skip: Words = None,
    waivers: Path | None = None,
    write_waivers: Path | None = None,
    owner: str = "",
    expires: str = "",
    reason: str = "",
    limit: int = 100,
    indicator: str = "",
    area: str = "",
    dataflow: str = "",
    encoding: str = "",
    dimensions: Words = None,
    attributes: Words = None,
    structure: Path | None = None,
    tell: Callable[[str], None] = lambda _now: None,
) -> Validation:
    """Finds the faults in submissions: at most `limit` findings are listed for each rule, 0 for all; counts are exact.

    `against` are the editions to compare with (by default the embedded ones of countries), or the word `none`.
    `write_waivers` is a new file in which all findings are accepted, as `owner` says, until the day that they expire.
    `tell` receives the step in progress.
    """
    area = choices.checked_file_options(indicator, area, dataflow)
    accepted = choices.baseline(write_waivers, owner, expires, reason)
    every_rule = choices.known_rules(rules)
    selection, skipped = choices.chosen_rules(every_rule, only, skip)
    compared = choices.compared_editions(against)
    from divide_cli.readers import ReadOptions
    from divide_cli.validation import run
    from divide_cli.validation.report import Described, limited
    from divide_cli.validation.waivers import MOST_LISTED, waivers_from, with_baseline

    names = [*(rule.id for rule in selection), *skipped]
    roles = choices.column_choices(dimensions, attributes, structure)
    request = run.ValidationRequest(
        files=tuple(dict.fromkeys(files)),
        rules=selection,
        skipped=skipped,
        previous=str(previous or ""),
        against=compared,
        waivers=tuple(waivers_from(str(waivers), names)) if waivers else (),
        read_options=ReadOptions(indicator, area, dataflow, encoding, **roles, strict=False, submitted=True),
        limit=MOST_LISTED if accepted else limit,
    )
    report = run.validate(request, tell)
    if accepted:
        report = limited(with_baseline(report, accepted), limit)
    return Validation(report, {name: Described.of(every_rule[name]) for name in names})


def rules(files: Words = None, *, only: Words = None) -> tuple[Rule, ...]:
    """The rules that a validation applies, in their order: those of the catalogue, and those of the files."""
    return choices.chosen_rules(choices.known_rules(files), only, ())[0]
