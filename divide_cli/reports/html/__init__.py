"""The page of findings for the data owner: what is wrong, where, how serious it is, and what to do, by file and rule.

Its layout and texts are in findings.html.j2; this module fills them in. `page` has what every page shares.
"""

import html
from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from divide_cli.language import commas, labelled, later, say
from divide_cli.readers.opening import Grid
from divide_cli.readers.opening.workbook import column_letters
from divide_cli.reports import findings, wording
from divide_cli.reports.excerpts import BESIDE, COMPARED, INVOLVED, Excerpt, Rows
from divide_cli.reports.html import page
from divide_cli.validation.report import Described, Finding, Input, Report

MOST = 2_000
"""The number of findings on a page whose rows are shown; more make it slow to open."""
_SHORT_CELL = 60
"""The number of characters of a cell that are shown."""
_FEW_ROWS = 3
"""The number of rows of a finding that compares a total with its parts, or two rows."""


def text(report: Report, described: Mapping[str, Described], tables: Mapping[str, Grid] | None = None) -> str:
    """The page; equal reports give equal pages.

    `tables` are the cells of the inputs by the names that findings give them (`excerpts.reread`). The rows of each
    finding come from them; without tables no rows are shown.
    """
    return page.rendered(
        _environment().get_template("findings.html.j2"),
        _title(report),
        report=report,
        steps=findings.steps(report),
        files=list(findings.files(report)),
        paths={entry.path for entry in report.inputs},
        known=findings.rules(report, described),
        excerpts=Excerpts(report, tables or {}),
        not_checked=findings.not_checked(report, only_given=True),
        marks=findings.texts()["marks"],
    )  # fmt: skip


@cache
def _environment() -> Environment:
    """The templates with what the page of findings needs."""
    environment = page.new_environment()
    filters = (
        column_letters, findings.about, findings.acceptance, findings.key_in_codes, findings.layout,
        findings.sentence, about_rows, columns, fates, hints,
    )  # fmt: skip
    environment.filters |= {function.__name__: function for function in filters}
    environment.globals |= {
        "SHORT": _SHORT_CELL, "INVOLVED": INVOLVED, "zip": zip, "others": (INVOLVED, COMPARED, BESIDE),
        "few": findings.few, "sheet_of": findings.sheet_of, "open_findings": findings.open_findings, "marked": marked,
    }  # fmt: skip
    return environment


class Excerpts:
    """The rows of the findings of a page, from the tables of its files; `left` counts those beyond the first `MOST`."""

    def __init__(self, report: Report, tables: Mapping[str, Grid]) -> None:
        self._rows = {
            file: Rows(grid, (one for one in report.findings if one.file == file)) for file, grid in tables.items()
        }
        self._shown = self.left = 0

    def first_break(self, file: str) -> int:
        """The line of the first row with a line break inside a cell; 0 if no row that is kept has one."""
        grid = self._rows[file].grid if file in self._rows else Grid([], [], 0)
        lined = zip(grid.lines, grid.rows, strict=True)
        return next((line for line, row in lined if any("\n" in cell for cell in row)), 0)

    def of(self, finding: Finding) -> Excerpt | None:
        """The rows of the finding; None if the file has no cells, the finding no line, or it is beyond `MOST`."""
        rows = self._rows.get(finding.file)
        if rows is None:
            return None
        if self._shown >= MOST:
            self.left += 1
            return None
        excerpt = rows.about(finding)
        self._shown += excerpt is not None
        return excerpt


def _title(report: Report) -> str:
    names = [entry.path.rsplit("/", 1)[-1] for entry in report.inputs]
    more = say(" and {count} more", count=len(names) - 1) if len(names) > 1 else ""
    return say("Findings: {names}{more}", names=names[0], more=more) if names else say("Findings")


def fates(entry: Input) -> str:
    """The outcomes of the rows of a file: `40: 36 used, 3 ignored, 1 rejected`."""
    counts = {
        say("{number:,} used", number=entry.used): entry.used,
        say("{number:,} ignored", number=entry.ignored): entry.ignored,
        say("{number:,} rejected", number=entry.refused): entry.refused,
    }
    fates = commas(text for text, count in counts.items() if count) or say("none")
    return labelled(wording.count(entry.rows), fates)


def hints(broken: findings.Broken, rule: Described) -> list[str]:
    """What to do about the findings, each advice once; the rule's own if they have none."""
    return list({finding.hint for finding in broken.findings if finding.hint} or {rule.hint})


def about_rows(broken: findings.Broken) -> str:
    """How many rows the findings are about, if one finding is about many."""
    rows = [len(finding.lines) for finding in broken.findings]
    return say(", covering {rows:,} rows", rows=sum(rows)) if max(rows, default=0) > _FEW_ROWS else ""


def columns(listed: Sequence[Finding]) -> list[str]:
    """The columns that at least one finding fills."""
    filled = {
        later("About"): any(findings.about(finding.key) for finding in listed),
        later("Expected"): any(finding.expected for finding in listed),
        later("Found"): any(finding.found for finding in listed),
    }
    return [later("Where"), later("What is wrong"), *(name for name, some in filled.items() if some)]


def marked(template: str, **parts: Markup | str) -> Markup:
    """The sentence in the language, with parts that are marked up already."""
    return Markup(html.escape(say(template))).format(**parts)  # noqa: S704 (escaped)
