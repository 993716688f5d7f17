"""The part of the page on one file: what was read, then each rule that it breaks, with the places."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from divide_cli.catalogue import catalogue
from divide_cli.errors.text_safety import CELL, MESSAGE, shown
from divide_cli.reports.by_file import Broken, about, few, key_in_codes, sentence, sheet_of
from divide_cli.reports.html_rows import Excerpts
from divide_cli.validation.report import Applied, Described, Finding, Input

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
        yield from _table(entry, broken.findings, len(hints) > 1, excerpts)
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


def _table(entry: Input, findings: Sequence[Finding], advised: bool, excerpts: Excerpts) -> Iterator[str]:
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
