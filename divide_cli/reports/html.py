"""A report as one page for those who own the data: by file and rule what is wrong, where, how grave, and what to do.

The page loads nothing and runs nothing, which its policy enforces; it is read on a screen, light or dark, and on paper.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files as resources

from divide_cli.errors.text_safety import MESSAGE, grown
from divide_cli.readers.opening.grid import Grid
from divide_cli.reports.by_file import GRAVEST_FIRST, Broken, files, not_checked, rules, sentence
from divide_cli.reports.findings_json import versions
from divide_cli.reports.html_file import Known, data, escaped, folded, section
from divide_cli.reports.html_rows import Excerpts
from divide_cli.reports.steps import steps, unwaived
from divide_cli.validation.report import Described, Input, Report

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
    style = resources("divide_cli.reports").joinpath("page.css").read_text(encoding="utf-8")
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
