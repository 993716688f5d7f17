"""What should be printed in place of wrong figures, as a unified patch of their texts. Nothing is rewritten.

A figure keeps its decimals, its thousands and its sign as printed. If a word before it has a test, the nearest figure
of that precision that passes it is taken. A figure without a value stays, and so does a word that no other can replace.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import unified_diff
from pathlib import PurePosixPath

from msgspec import structs

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import ClaimsFile, Passage, Verdict
from divide_cli.claims.printed import printed_figure
from divide_cli.claims.reproduce import Outcome
from divide_cli.errors import CatalogueError
from divide_cli.frames.bounds import half_up

_GROUP = re.compile(r"(?<=\d)(\D+)(?=\d{3}(?!\d))")
WRONG = (Verdict.DIFFERS, Verdict.DOUBLE)


@dataclass(frozen=True)
class Patch:
    """The patch of all texts, the figures that it corrects, and the wrong ones that it cannot correct."""

    text: str
    corrected: tuple[Outcome, ...]
    left: tuple[Outcome, ...]


def patch_of(files: Sequence[ClaimsFile], outcomes: Sequence[Outcome]) -> Patch:
    """The patch that corrects the figures with unexpected verdicts; its text is empty if there are none."""
    wrong = [outcome for outcome in outcomes if outcome.passage and outcome.unexpected]
    corrected: list[Outcome] = []
    texts: list[str] = []
    for file in files:
        claims = [outcome for outcome in outcomes if outcome.file is file and outcome.passage]
        changes: set[Change] = set()
        for own, of_figure in _corrections(claims):
            corrected += own
            changes |= of_figure
        changed = file.text
        for start, end, text in sorted(changes, reverse=True):
            changed = changed[:start] + text + changed[end:]
        texts.append(_diff(file, changed))
    done = {outcome.id for outcome in corrected}
    return Patch("".join(texts), tuple(corrected), tuple(outcome for outcome in wrong if outcome.id not in done))


Change = tuple[int, int, str]
"""A span of a text, and what should be there."""


def _corrections(outcomes: Sequence[Outcome]) -> Iterator[tuple[list[Outcome], set[Change]]]:
    """The claims about each wrong figure, and the changes that correct it.

    A figure stays if another claim is right about it, or if its claims would correct it in different ways.
    """
    for start in sorted({outcome.passage.start for outcome in outcomes if outcome.passage}):
        own = [outcome for outcome in outcomes if outcome.passage and outcome.passage.start == start]
        corrections = [correction(outcome) for outcome in own]
        if all(outcome.unexpected for outcome in own) and len({shown for shown, _ in corrections}) == 1:
            changes = {change for shown, in_mark in corrections for change in (*shown, *in_mark)}
            if changes:
                yield own, changes


def correction(outcome: Outcome) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The changes that give the right figure and the right unit, in the text and in a mark that repeats them.

    There are none if what is right is unknown.
    """
    passage, judgement = outcome.passage, outcome.deciding
    if passage is None or judgement is None or judgement.verdict not in WRONG or not judgement.number.has_value:
        return (), ()
    value, printed = judgement.number.value, outcome.file.text[passage.start : passage.end]
    figure = printed if outcome.figure.holds(value, value) else _figure(outcome, value, printed)
    if figure is None:
        return (), ()
    shown = [(passage.start, passage.end, figure)]
    texts = [figure]
    if passage.stated:
        end = passage.unit_start + _length_of_unit(outcome.file.text, passage)
        texts.append(_unit(outcome))
        shown.append((passage.unit_start, end, texts[-1]))
    in_mark = tuple((*span, text) for span, text in zip(passage.in_mark, texts, strict=False))
    return tuple(shown), in_mark


def _figure(outcome: Outcome, value: float, printed: str) -> str | None:
    """The figure that is true of the number, in the precision of the printed one; a word for a word."""
    if outcome.figure.decimals is None:
        words = [entry.id for entry in catalogue().qualifiers.values() if entry.number]
    else:
        step = Decimal(1).scaleb(-outcome.figure.decimals)
        nearest = Decimal(str(half_up(value, outcome.figure.decimals))).quantize(step)
        words = [str(number) for number in (nearest, nearest + step, nearest - step)]
    for word in words:
        try:
            figure = printed_figure(structs.replace(outcome.claim, printed=word))
        except CatalogueError:
            continue
        if figure.holds(value, value):
            return word if outcome.figure.decimals is None else _as_printed(word, printed)
    return None


def _as_printed(number: str, printed: str) -> str:
    """The number with the sign and the thousands of the printed one: \u22121\u202f234.5 for -1234.5."""
    sign = "\u2212" if "\u2212" in printed else "-"
    whole, point, decimals = number.lstrip("-").partition(".")
    if group := _GROUP.search(printed.partition(".")[0]):
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", lambda _: group[1], whole)
    return (sign if number.startswith("-") else "") + whole + point + decimals


def _length_of_unit(text: str, passage: Passage) -> int:
    """The length of the unit in the text, which may have breaks between its words."""
    words = r"[\s~]+".join(map(re.escape, passage.unit.split()))
    match = re.compile(words, re.IGNORECASE).match(text, passage.unit_start)
    return len(match[0]) if match else 0


def _unit(outcome: Outcome) -> str:
    """The unit of the number as a text prints it; in LaTeX, a percent sign has a backslash."""
    printed = catalogue().units[outcome.claim.unit].printed
    unit = printed[0] if printed else ""
    return "\\%" if unit == "%" and PurePosixPath(outcome.file.path).suffix.lower() == ".tex" else unit


def _diff(file: ClaimsFile, changed: str) -> str:
    """The unified diff of a text, which `git apply` and `patch -p1` read; empty if nothing changes."""
    name = file.path.lstrip("/")
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (file.text, changed))
    return "".join(_with_ends(unified_diff(before, after, f"a/{name}", f"b/{name}")))


def _with_ends(lines: Iterator[str]) -> Iterator[str]:
    """The lines of a diff; one of a text that does not end with a line break says so."""
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
