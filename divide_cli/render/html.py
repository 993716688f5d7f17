"""A report as one page for those who own the data: by file and rule what is wrong, where, how grave, and what to do.

The page loads nothing and runs nothing, which its policy enforces; it is read on a screen, light or dark, and on paper.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files as resources

from divide_cli.findings import Described, Input, Report
from divide_cli.plain import MESSAGE
from divide_cli.render.by_file import GRAVEST_FIRST, Broken, files, grown, not_checked, rules
from divide_cli.render.findings_json import versions
from divide_cli.render.html_file import Known, data, escaped, section

MEANINGS = {
    "error": ("Errors", "cannot be right: to be mended before the data are used"),
    "warning": ("Warnings", "probably wrong: to be compared with the source, then mended or confirmed"),
    "note": ("Notes", "unusual: worth a look, nothing has to be done"),
}


def text(report: Report, described: Mapping[str, Described]) -> str:
    """The page; the same report gives the same page."""
    known = rules(report, described)
    style = resources("divide_cli.render").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    found = list(files(report))
    body = [
        '<a class="skip" href="#files">To the findings</a>',
        "<header>",
        "<h1>What was found in the data</h1>",
        f'<p class="verdict">{_verdict(report)}</p>',
        "</header>",
        "<main>",
        *_counts(report),
        *_next(report),
        *_contents(found),
        '<div id="files">',
        *(line for number, (entry, broken) in enumerate(found, 1) for line in section(number, entry, broken, known)),
        "</div>",
        *_not_checked(report, known),
        *_rules(report, known),
        *_explained(),
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


def _open(report: Report, severity: str) -> int:
    return sum(tally.count - tally.waived for tally in report.summary if tally.severity == severity)


def _verdict(report: Report) -> str:
    errors, warnings, notes = (_open(report, severity) for severity in GRAVEST_FIRST)
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
        number = _open(report, severity)
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
    """What to do now, in the order of gravity; nothing where there is nothing to do."""
    steps = [
        ("Find out why a file could not be read: the reason stands below.", report.unreadable),
        ("Mend each error in the file itself, at the line and column that are given.", _open(report, "error")),
        (
            "Compare each warning with the survey's tables or the register. Mend the value, or say why it is right: "
            "it can then be accepted with that reason.",
            _open(report, "warning"),
        ),
    ]
    if not any(needed for _, needed in steps):
        return
    yield '<section aria-labelledby="next"><h2 id="next">What to do now</h2><ol class="steps">'
    yield from (f"<li>{step}</li>" for step, needed in steps if needed)
    yield "<li>Have the file checked again: what was mended is no longer listed.</li></ol></section>"


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
    rows = not_checked(report)
    yield '<section aria-labelledby="not-checked"><h2 id="not-checked">What was not checked, and why</h2>'
    if not rows:
        yield "<p>Every rule looked at every case.</p></section>"
        return
    yield '<table><thead><tr><th scope="col">Rule</th><th scope="col" class="number">Cases</th>'
    yield '<th scope="col">Why</th></tr></thead><tbody>'
    for rule, cases, reason in rows:
        yield (
            f'<tr><th scope="row">{escaped(known[rule][0].name)}</th>'
            f'<td class="number" data-name="Cases">{cases}</td><td data-name="Why">{data(reason, MESSAGE)}</td></tr>'
        )
    yield "</tbody></table></section>"


def _rules(report: Report, known: Known) -> Iterator[str]:
    """The rules of the run: what they asked, how many cases they looked at, how many they found."""
    counts = {name: sum(tally.count for tally in report.summary if tally.rule == name) for name in known}
    yield '<section aria-labelledby="rules"><h2 id="rules">Rules</h2><table><thead><tr><th scope="col">Rule</th>'
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
    yield "</tbody></table></section>"


def _explained() -> Iterator[str]:
    yield '<section aria-labelledby="reading"><h2 id="reading">How to read this page</h2><dl class="facts">'
    told = {
        "Line": "the line of the file, counted from 1, the header among them; in a spreadsheet it is the number of "
        "the row, unless a cell above holds a line break",
        "Column": "the name in the header, or the letter or number of the column where it has none",
        "Observation": "the area, indicator, breakdown and year that the line is about; totals are left out; below "
        "it stand the codes",
        "Rows": "used: became a figure; ignored: holds none, by the layout; refused: could not be understood",
        "Accepted": "found, and accepted for the reason that is given, by the person named, until that day",
        "SHA-256": "the fingerprint of the file that was checked: another file, even by one character, has another",
    }
    yield from (f"<dt>{name}</dt><dd>{meaning}</dd>" for name, meaning in told.items())
    yield "</dl></section>"


def _made_by() -> str:
    told = versions()
    return f"Made by divide {told.pop('divide')} ({', '.join(f'{name} {number}' for name, number in told.items())})."
