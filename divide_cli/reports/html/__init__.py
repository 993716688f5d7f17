"""A report as one page for those who own the data: by file and rule what is wrong, where, how grave, and what to do.

The page loads nothing and runs nothing, which its policy enforces; it is read on a screen, light or dark, and on paper.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files as resources

from divide_cli.catalogue import catalogue
from divide_cli.errors.text_safety import CELL, MESSAGE, grown, shown
from divide_cli.readers.opening.grid import Grid
from divide_cli.reports.excerpts import BESIDE, COMPARED, INVOLVED, Excerpt, Row, Rows, letters
from divide_cli.reports.findings import (
    GRAVEST_FIRST,
    Broken,
    about,
    few,
    files,
    key_in_codes,
    not_checked,
    rules,
    sentence,
    sheet_of,
    steps,
    unwaived,
)
from divide_cli.reports.json import versions
from divide_cli.validation.report import Applied, Described, Finding, Input, Report

MOST = 2_000
"""Findings of a page that have their rows shown; more make it slow to open."""
_CELL = 60
"""Characters of a cell that are shown."""
_OTHERS = (INVOLVED, COMPARED, BESIDE)


class Excerpts:
    """The rows of the findings of a page, from the tables of its files; `left` counts those beyond the first `MOST`."""

    def __init__(self, report: Report, tables: Mapping[str, Grid]) -> None:
        self._sheets = {entry.path for entry in report.inputs}
        self._rows = {
            file: Rows(grid, [finding for finding in report.findings if finding.file == file])
            for file, grid in tables.items()
        }
        self._made = self.left = 0

    def first_break(self, file: str) -> int:
        """The line of the first row with a line break inside a cell; 0 where no row that is kept has one."""
        grid = self._rows[file].grid if file in self._rows else Grid([], [], 0)
        lined = zip(grid.lines, grid.rows, strict=True)
        return next((line for line, row in lined if any("\n" in cell for cell in row)), 0)

    def of(self, finding: Finding) -> Iterator[str]:
        """The table; nothing where the file has no cells or the finding no line."""
        rows = self._rows.get(finding.file)
        if rows is None:
            return
        if self._made >= MOST:
            self.left += 1
            return
        if excerpt := rows.about(finding):
            self._made += 1
            yield from _excerpt(excerpt, finding.file not in self._sheets)


def _excerpt(excerpt: Excerpt, sheet: bool) -> Iterator[str]:
    """The rows under the names of their columns; on a sheet, the letters of the columns beside these."""
    yield '<div class="rows"><table class="excerpt"><thead><tr>'
    yield f'<th scope="col">{"Row" if sheet else "Line"}</th>'
    for column, name in zip(excerpt.columns, excerpt.names, strict=True):
        letter = f'<span class="letter">{letters(column)}</span> ' if sheet or not name else ""
        yield f'<th scope="col">{letter}{_text(name)}</th>'
    yield "</tr></thead><tbody>"
    for row in excerpt.rows:
        yield from _row(row, excerpt)
    yield "</tbody></table>"
    said = []
    if excerpt.more > 0:
        said.append(f"{excerpt.more:,} more line{'s are' if excerpt.more > 1 else ' is'} involved.")
    if excerpt.hidden:
        said.append(f"{excerpt.hidden:,} more column{'s are' if excerpt.hidden > 1 else ' is'} not shown.")
    if said:
        yield f'<p class="soft">{" ".join(said)}</p>'
    yield "</div>"


def _row(row: Row, excerpt: Excerpt) -> Iterator[str]:
    other = row.role in _OTHERS
    yield f'<tr class="{"other" if other else "meant"}"><th scope="row">{row.line} <span>{row.role}</span></th>'
    for column, cell in zip(excerpt.columns, row.cells, strict=True):
        said = '<i class="soft">no cell</i>' if cell is None else _text(cell)
        if column == excerpt.marked and not other:
            said = f"<mark>{said or '(empty)'}</mark>"
        beside = ' class="same"' if column == excerpt.marked and row.role == INVOLVED else ""
        yield f"<td{beside}>{said}</td>"
    yield "</tr>"


def _text(said: str) -> str:
    return f"<bdi>{escape(shown(said, _CELL), quote=True)}</bdi>" if said else ""


Known = Mapping[str, tuple[Described, Applied | None]]
_SHORT = 1
"""Findings of a rule that are printed on one page."""
_FEW_ROWS = 3
"""Rows of a finding that compares a total with its parts, or two rows with each other."""
_KINDS = {
    "Where": "where",
    "What is wrong": "wrong",
    "What it is about": "about",
    "Expected": "value",
    "Found": "value",
}
"""The columns of findings, and the classes that the style sheet gives them widths by."""


def escaped(said: str, limit: int = CELL) -> str:
    """A text of ours or of data, made harmless."""
    return escape(shown(said, limit), quote=True)


def data(said: str, limit: int = CELL) -> str:
    """A text of data, whose direction does not change that of the page."""
    return f"<bdi>{escaped(said, limit)}</bdi>"


def folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """What is not for everyone: folded until it is asked for, and printed where it is open."""
    yield f"<details><summary>{title}</summary>"
    yield from lines
    yield "</details>"


def section(number: int, entry: Input, broken: tuple[Broken, ...], known: Known, excerpts: Excerpts) -> Iterator[str]:
    """The section of a file, `file-<number>`."""
    yield f'<section id="file-{number}" aria-labelledby="name-{number}"><h2 id="name-{number}">{data(entry.path)}</h2>'
    if entry.sha256:
        yield from _facts(entry, excerpts.first_break(entry.path))
    if entry.error:
        told = "".join(f"<p>{escaped(line, MESSAGE)}</p>" for line in entry.error.splitlines() if line.strip())
        yield f'<div class="told"><p><b>The file could not be read, and nothing in it was checked.</b></p>{told}</div>'
    elif not broken and entry.sha256:
        yield "<p>Nothing was found.</p>"
    for one in broken:
        yield from _rule(entry, one, known[one.rule][0], excerpts)
    yield "</section>"


def _facts(entry: Input, first_break: int) -> Iterator[str]:
    """What the file was read as, where its rows went, how its lines are counted; its fingerprint is folded."""
    flow = catalogue().dataflows.get(entry.dataflow)
    away = ((entry.used, "used"), (entry.ignored, "ignored"), (entry.refused, "refused"))
    apart = (
        f"A cell on line {first_break:,} holds a line break: below it, the row numbers of a spreadsheet are smaller "
        "than the numbers of the lines here."
    )
    yield _listed({
        "Read as": data(flow.name if flow else entry.dataflow or "unknown"),
        "Rows": f"{entry.rows:,}: {', '.join(f'{count:,} {name}' for count, name in away if count) or 'none'}",
        **({"Lines": apart} if first_break else {}),
    })  # fmt: skip
    inside = {
        "Layout": f"<code>{escaped(entry.dataflow)}</code>" if entry.dataflow else "unknown",
        "Size": f"{entry.size:,} bytes",
        "SHA-256": f"<code>{escaped(entry.sha256)}</code>",
    }
    yield from folded("Which file this was", [_listed(inside)])


def _listed(facts: Mapping[str, str]) -> str:
    pairs = "".join(f"<dt>{name}</dt><dd>{fact}</dd>" for name, fact in facts.items())
    return f'<dl class="facts">{pairs}</dl>'


def _rule(entry: Input, broken: Broken, rule: Described, excerpts: Excerpts) -> Iterator[str]:
    """A rule that the file breaks: why it is asked and what to do, then the places."""
    hints = {finding.hint for finding in broken.findings if finding.hint} or {rule.hint}
    short = " short" if len(broken.findings) <= _SHORT else ""
    yield f'<div class="rule {broken.severity}{short}"><div class="head">'
    yield f'<h3><span class="badge">{broken.severity.capitalize()}</span>'
    yield f"{escaped(sentence(rule.name))}</h3>"
    accepted = f", of which {broken.waived:,} accepted" if broken.waived else ""
    yield f'<p class="soft">{broken.number} in this file{_rows_of(broken)}{accepted}</p>'
    if rule.reason:
        yield f"<p>{escaped(sentence(rule.reason), MESSAGE)}</p>"
    if len(hints) == 1 and (hint := next(iter(hints))):
        yield f'<p class="advice"><b>What to do:</b> {escaped(sentence(hint), MESSAGE)}</p>'
    yield "</div>"
    if broken.findings:
        yield from _findings(entry, broken.findings, len(hints) > 1, excerpts)
    if broken.count > len(broken.findings):
        more = f"{broken.count - len(broken.findings):,} more of this kind are not listed here"
        yield f"<p><b>{more}</b>; whoever ran the check can list them all (<code>--limit 0</code>).</p>"
    yield from folded("Codes, for whoever checks the file", _codes(broken))
    yield "</div>"


def _rows_of(broken: Broken) -> str:
    """How many rows the findings are about, where one finding is about many."""
    rows = [len(finding.lines) for finding in broken.findings]
    return f", about {sum(rows):,} rows" if max(rows, default=0) > _FEW_ROWS else ""


def _codes(broken: Broken) -> Iterator[str]:
    """The ids that options and waivers name: of the rule, and of the observation on each line."""
    yield f"<p>Rule <code>{escaped(broken.rule)}</code></p>"
    keys = [(finding.line, key_in_codes(finding.key)) for finding in broken.findings if finding.key]
    if keys:
        yield '<ul class="codes">'
        yield from (f"<li>{line or 'all'}: {data(key)}</li>" for line, key in keys)
        yield "</ul>"


def _findings(entry: Input, findings: Sequence[Finding], advised: bool, excerpts: Excerpts) -> Iterator[str]:
    """The findings, a row each, below it the rows of the file; columns that would be empty are left out."""
    rows = [_cells(entry, finding, advised) for finding in findings]
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    yield '<table class="findings" role="table"><thead role="rowgroup"><tr role="row">'
    yield from (f'<th scope="col" role="columnheader" class="{_KINDS[name]}">{name}</th>' for name in names)
    yield '</tr></thead><tbody role="rowgroup">'
    for finding, row in zip(findings, rows, strict=True):
        excerpt = "".join(excerpts.of(finding))
        looks = " ".join(["waived"] * bool(finding.waiver) + ["told-of"] * bool(excerpt))
        named = f' class="{looks}"' if looks else ""
        first, *others = names
        cells = (
            f'<td role="cell" data-name="{name}" class="{_KINDS[name]}{"" if row[name] else " empty"}">{row[name]}</td>'
            for name in others
        )
        yield f'<tr role="row"{named}><th role="rowheader" scope="row">{row[first]}</th>{"".join(cells)}</tr>'
        if excerpt:
            yield f'<tr role="row" class="shown"><td role="cell" colspan="{len(names)}">{excerpt}</td></tr>'
    yield "</tbody></table>"


def _cells(entry: Input, finding: Finding, advised: bool) -> dict[str, str]:
    """The cells of a finding by the names of their columns."""
    said = data(sentence(finding.message), MESSAGE)
    if advised and finding.hint:
        said += f'<span class="beside"><b>What to do:</b> {escaped(sentence(finding.hint), MESSAGE)}</span>'
    if waiver := finding.waiver:
        why = f"{waiver.reason} ({waiver.owner}, until {waiver.expires})"
        said += f'<span class="beside accepted"><b>Accepted:</b> {data(why, MESSAGE)}</span>'
    return {
        "Where": _where(entry, finding),
        "What is wrong": said,
        "What it is about": " · ".join(data(word) for word in about(finding.key)),
        "Expected": data(finding.expected) if finding.expected else "",
        "Found": data(finding.found) if finding.found else "",
    }


def _where(entry: Input, finding: Finding) -> str:
    sheet = sheet_of(finding.file, entry.path)
    row = "row" if sheet else "line"
    lines = [line for line in finding.lines if line and line != finding.line]
    parts = [f"sheet {data(sheet)}"] if sheet else []
    parts += [f"column {data(finding.column)}"] if finding.column else []
    parts += [f"see {row}{'s' * (len(lines) > 1)} {few(lines)} too"] if lines and finding.line else []
    beside = f'<span class="beside">{"<br>".join(parts)}</span>' if parts else ""
    return (f"{row.capitalize()} {finding.line}" if finding.line else "The whole file") + beside


MEANINGS = {
    "error": ("Errors", "cannot be right: to be mended before the data are used"),
    "warning": ("Warnings", "probably wrong: to be compared with the source, then mended or confirmed"),
    "note": ("Notes", "small or unusual: worth a look; the data can be used as they are"),
}


def text(report: Report, described: Mapping[str, Described], tables: Mapping[str, Grid] | None = None) -> str:
    """The page; the same report gives the same page.

    `tables` are the cells of the inputs by the names that findings give them (`reread.tables`), of which the rows of
    each finding are shown; without them none are.
    """
    known = rules(report, described)
    style = resources("divide_cli.reports.html").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    found = list(files(report))
    excerpts = Excerpts(report, tables or {})
    sections = [section(number, entry, broken, known, excerpts) for number, (entry, broken) in enumerate(found, 1)]
    body = [
        '<a class="skip" href="#files">To the findings</a>',
        "<header>",
        "<h1>What was found in the data</h1>",
        f'<p class="verdict">{_verdict(report)}</p>',
        "</header>",
        "<main>",
        *_next(report),
        *_counts(report),
        *_contents(found),
        '<div id="files">',
        *(line for lines in sections for line in lines),
        *_left(excerpts),
        "</div>",
        '<section class="more" aria-labelledby="more"><h2 id="more">For whoever wants to know more</h2>',
        "<p>What is folded is printed only where it is open.</p>",
        *folded("How to read this page", _explained()),
        *folded("What was not checked, and why", _not_checked(report, known)),
        *folded("Rules that were applied", _rules(report, known)),
        "</section>",
        "</main>",
        f"<footer><p>{_made_by()}</p></footer>",
    ]
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escaped(_title(report))}</title>",
        f"<style>{style}</style>",
    ]
    lines = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def _title(report: Report) -> str:
    names = [entry.path.rsplit("/", 1)[-1] for entry in report.inputs]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"Findings: {names[0]}{more}" if names else "Findings"


def _verdict(report: Report) -> str:
    errors, warnings, notes = (unwaived(report, severity) for severity in GRAVEST_FIRST)
    unread = sum(1 for entry in report.inputs if entry.error)
    of_all = "The file" if len(report.inputs) == 1 else f"{unread:,} of {len(report.inputs):,} files"
    said = [f"{of_all} could not be read."] if unread else []
    if errors:
        said.append(f"{grown(errors, 'error')} {'has' if errors == 1 else 'have'} to be mended.")
    if warnings:
        said.append(f"{grown(warnings, 'warning')} should be compared with the source.")
    if not errors and not warnings:
        clean = "Nothing has to be mended." if notes else "No fault was found."
        said.append(clean if report.checked else "Nothing could be checked: this is no sign that the data are sound.")
    return " ".join(said)


def _counts(report: Report) -> Iterator[str]:
    yield '<ul class="counts">'
    for severity, (name, meaning) in MEANINGS.items():
        number = unwaived(report, severity)
        yield (
            f'<li class="{severity if number else "good"}"><strong>{number:,}</strong><b>{name}</b>'
            f"<span>{meaning}</span></li>"
        )
    if waived := sum(tally.waived for tally in report.summary):
        yield (
            f'<li class="good"><strong>{waived:,}</strong><b>Accepted</b>'
            "<span>found, and accepted for a reason that is given; not counted among the others</span></li>"
        )
    yield "</ul>"


def _next(report: Report) -> Iterator[str]:
    """What to do now; nothing where there is nothing to do."""
    if told := steps(report):
        yield '<section aria-labelledby="next"><h2 id="next">What to do now</h2><ol class="steps">'
        yield from (f"<li>{step}</li>" for step in told)
        yield "</ol></section>"


def _left(excerpts: Excerpts) -> Iterator[str]:
    if excerpts.left:
        more = f"The rows of {excerpts.left:,} more findings are not shown"
        yield f"<p><b>{more}</b>: the page would be slow to open.</p>"


def _contents(found: list[tuple[Input, tuple[Broken, ...]]]) -> Iterator[str]:
    """The files with what was found in each, as links; nothing where there is one."""
    if len(found) < 2:
        return
    yield '<nav aria-label="Files"><table><caption>Files</caption><thead><tr><th scope="col">File</th>'
    yield from (f'<th scope="col" class="number">{name}</th>' for name, _ in MEANINGS.values())
    yield "</tr></thead><tbody>"
    for number, (entry, broken) in enumerate(found, 1):
        counts = (sum(one.open for one in broken if one.severity == severity) for severity in MEANINGS)
        cells = (
            f'<td class="number" data-name="{name}">{count:,}</td>'
            for (name, _), count in zip(MEANINGS.values(), counts, strict=True)
        )
        if entry.error:
            cells = (f'<td class="number empty">{dash}</td>' for dash in "–" * len(MEANINGS))
        unread = ' <span class="badge error">cannot be read</span>' if entry.error else ""
        yield f'<tr><th scope="row"><a href="#file-{number}">{data(entry.path)}</a>{unread}</th>{"".join(cells)}</tr>'
    yield "</tbody></table></nav>"


def _not_checked(report: Report, known: Known) -> Iterator[str]:
    """What the page is silent on, and why: a rule that looked at nothing says nothing of the data."""
    rows = not_checked(report, given=True)
    if not rows:
        yield "<p>Every rule looked at every case.</p>"
        return
    yield '<table><thead><tr><th scope="col">Rule</th><th scope="col" class="number">Cases</th>'
    yield '<th scope="col">Why</th></tr></thead><tbody>'
    for rule, cases, reason in rows:
        yield (
            f'<tr><th scope="row">{escaped(sentence(known[rule][0].name))}</th><td class="number" data-name="Cases">'
            f'{cases}</td><td data-name="Why">{data(sentence(reason), MESSAGE)}</td></tr>'
        )
    yield "</tbody></table>"


def _rules(report: Report, known: Known) -> Iterator[str]:
    """The rules of the run: what they asked, how many cases they looked at, how many they found."""
    counts = {name: sum(tally.count for tally in report.summary if tally.rule == name) for name in known}
    yield '<table><thead><tr><th scope="col">Rule</th>'
    yield '<th scope="col" class="number">Cases checked</th><th scope="col" class="number">Found</th>'
    yield '<th scope="col">Source</th></tr></thead><tbody>'
    for name, (rule, applied) in known.items():
        checked = "skipped" if applied and applied.skipped else f"{applied.checked:,}" if applied else ""
        yield (
            f'<tr><th scope="row">{escaped(rule.name)} <span class="codes">{escaped(name)}</span></th>'
            f'<td class="number" data-name="Cases checked">{checked}</td>'
            f'<td class="number" data-name="Found">{counts[name]:,}</td>'
            f'<td data-name="Source" class="{"" if rule.source else "empty"}">{escaped(rule.source, MESSAGE)}</td></tr>'
        )
    yield "</tbody></table>"


def _explained() -> Iterator[str]:
    yield '<dl class="facts">'
    told = {
        "Line": "the line of the file, counted from 1, the header among them; in a spreadsheet it is the number of "
        "the row, unless a cell above holds a line break",
        "Column": "the name in the header, or the letter or number of the column where it has none",
        "What it is about": "the area, indicator, group and year of the figure; totals are left out",
        "Rows of the file": "as they stand in it: the one that is meant, its cell marked; those also involved; some to "
        "compare it with, such as the years around",
        "Rows": "used: became a figure; ignored: holds none, by the layout; refused: could not be understood",
        "Accepted": "found, and accepted for the reason that is given, by the person named, until that day",
        "SHA-256": "the fingerprint of the file that was checked: another file, even by one character, has another",
    }
    yield from (f"<dt>{name}</dt><dd>{meaning}</dd>" for name, meaning in told.items())
    yield "</dl>"


def _made_by() -> str:
    told = versions()
    return f"Made by divide {told.pop('divide')} ({', '.join(f'{name} {number}' for name, number in told.items())})."
