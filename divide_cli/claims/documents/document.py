"""Texts with marks -> claims files: what each mark claims about the figure next to it, with its place.

The figure of a mark is the one that ends right before it. A mark that begins with a figure and an equals sign
(`94 % = internet_use HIC 2025`) is about that figure in the paragraph before it.
"""

import hashlib
import os
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgspec import structs

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import HOLDS, Claim, ClaimsFile, Draft, Passage, Publication
from divide_cli.claims.claims_file import published_editions, units_of, wrong_in
from divide_cli.claims.documents.figures import TextFigure, figure_before, figures_in, paragraph_before
from divide_cli.claims.documents.marks import Meaning, WrongMarkError, claim_of, id_of, is_known, meaning_of, words_of
from divide_cli.claims.documents.markup import FORMATS, HIDDEN, Mark, marked
from divide_cli.claims.printed import printed_figure
from divide_cli.errors import CatalogueError, Place, SourceError, reason_of
from divide_cli.language import commas
from divide_cli.sources.editions import editions

SUFFIXES = tuple(FORMATS)
"""The suffixes of texts in which marks are found."""
MOST_ERRORS = 100
"""The wrong marks of a text that are named; the others are when these are corrected."""
_SKIPPED = ("node_modules",)
_NAMED_FIGURE = re.compile(r"\s*(?P<figure>[^=]{1,80}?)\s+=\s")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_LONGEST = 200


def is_text(path: Path) -> bool:
    """Whether a path is of a text in which marks are found, by its suffix."""
    return path.suffix.lower() in SUFFIXES


def texts_in(folder: Path) -> list[Path]:
    """The texts in a folder and those below it, sorted, without hidden folders; SourceError if there are none."""
    paths: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        paths += [Path(parent, name) for name in sorted(names) if is_text(Path(name)) and not name.startswith(".")]
    if not paths:
        raise SourceError("texts_missing", expected=commas(SUFFIXES), where=str(folder))
    return paths


def load(path: Path) -> ClaimsFile:
    """The claims that are marked in a text; SourceError if it is unreadable, CatalogueError with all wrong marks."""
    return Document.read(path).claims_file()


@dataclass
class Document:
    """A text with its marks. `running` is its running text, of the same length."""

    path: str
    raw: bytes = field(repr=False)
    text: str = field(repr=False)
    marks: list[Mark] = field(repr=False)
    running: str = field(repr=False)

    def __post_init__(self) -> None:
        """Finds the line ends."""
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        self._taken: set[int] = set()

    @staticmethod
    def read(path: Path) -> "Document":
        """The text of a file; SourceError if it is not UTF-8, or larger than any text."""
        limit = catalogue().limits["text_bytes"]
        try:
            with path.open("rb") as handle:
                raw = handle.read(limit.most + 1)
            text = raw.decode("utf-8")
        except (OSError, ValueError) as error:
            raise SourceError("text_unreadable", found=reason_of(error), where=str(path)) from error
        if len(raw) > limit.most:
            raise SourceError("text_unreadable", expected=f"at most {limit.most:,} {limit.name}", where=str(path))
        return Document.of(path.as_posix(), raw, text, path.suffix.lower())

    @staticmethod
    def of(path: str, raw: bytes, text: str, suffix: str) -> "Document":
        """The document of a text in the format of a suffix."""
        markup = marked(text, suffix)
        return Document(path, raw, text, markup.marks, markup.running_text())

    def claims_file(self) -> ClaimsFile:
        """The claims of the marks, named after what they select; CatalogueError with an error for each wrong mark.

        At most MOST_ERRORS wrong marks are named.
        """
        claims: dict[str, Claim] = {}
        passages: dict[str, Passage] = {}
        errors: list[CatalogueError] = []
        repeats: Counter[str] = Counter()
        for mark in self.marks:
            if len(errors) == MOST_ERRORS:
                break
            try:
                marked_claim = self._claim(mark)
            except WrongMarkError as wrong:
                errors.append(CatalogueError(wrong.code, where=self._place(wrong.at), **wrong.parts))
                continue
            except CatalogueError as error:
                errors.append(error)
                continue
            if marked_claim:
                claim, passage = marked_claim
                if claim.id in claims and claim.id != id_of(claim.selector):
                    errors.append(CatalogueError("claim_id_duplicate", found=claim.id, where=self._place(mark.start)))
                name = claim.id
                while name in claims:
                    repeats[claim.id] += 1
                    name = f"{claim.id}_{repeats[claim.id] + 1}"
                claims[name], passages[name] = structs.replace(claim, id=name), passage
        if errors:
            raise CatalogueError.of(errors)
        publication = Publication(self.path, self.path, "", self.path)
        digest = hashlib.sha256(self.raw).hexdigest()
        return ClaimsFile(self.path, digest, len(self.raw), publication, tuple(claims.values()), passages, self.text)

    def figures(self) -> list[TextFigure]:
        """The figures of the running text."""
        return list(figures_in(self.running, 0, len(self.running)))

    def line_and_column(self, position: int) -> tuple[int, int]:
        """The line and the column of a position, counted from 1."""
        line = bisect_right(self._starts, position)
        return line, position - self._starts[line - 1] + 1

    def sentence(self, start: int, end: int) -> str:
        """The sentence around a span of the running text, on one line."""
        first, last = max(0, start - _LONGEST), min(len(self.running), end + _LONGEST)
        breaks = [one.end() for one in re.finditer(r"[.!?](?=\s)|\n[^\S\n]*\n", self.running[first:start])]
        before = self.running[first + (breaks[-1] if breaks else 0) : start]
        after = self.running[end:last]
        stop = re.search(r"\n[^\S\n]*\n", after) or _SENTENCE_END.search(after)
        after = after[: stop.end()] if stop else after
        if (early := _SENTENCE_END.search(after)) is not None:
            after = after[: early.end()]
        text = f"{before}{self.running[start:end]}{after}".replace("\x00", " ").replace(HIDDEN, " ")
        return re.sub(r" (?=[.,;:!?)])", "", " ".join(text.split()))

    def _place(self, position: int) -> Place:
        line, column = self.line_and_column(position)
        return Place(self.path, line, str(column))

    def _claim(self, mark: Mark) -> tuple[Claim, Passage] | None:
        """The claim of a mark and the place of its figure; None for a comment that is not a mark.

        Raises WrongMarkError or CatalogueError for what is wrong with it.
        """
        if not mark.colon:
            first = next(words_of(mark.words.lstrip(":"), mark.at), None)
            if first is None or not is_known(first.text):
                return None
            raise WrongMarkError(mark.start, "mark_without_colon", {"found": f"divide {first.text}"})
        if not mark.closed:
            raise WrongMarkError(mark.start, "mark_not_closed", {"found": mark.words.strip()})
        if not mark.words.strip():
            raise WrongMarkError(mark.start, "mark_empty", {})
        named = _NAMED_FIGURE.match(mark.words)
        skip = named.end() if named else 0
        meaning = meaning_of(mark.words[skip:], mark.at + skip)
        figure: TextFigure | None
        if named:
            figure, in_mark = self._named(mark, named["figure"], mark.at + named.start("figure"))
        else:
            figure, in_mark = figure_before(self.running, mark.figure_end), ()
        if figure is None:
            raise WrongMarkError(mark.start, "mark_without_figure", {})
        self._taken.add(figure.start)
        claim, passage = self._checked(mark, meaning, figure)
        return claim, replace(passage, in_mark=in_mark)

    def _named(self, mark: Mark, text: str, at: int) -> tuple[TextFigure, tuple[tuple[int, int], ...]]:
        """The figure of the paragraph before that a mark names: the first that no other mark is about.

        Also gives where the mark repeats it, and its unit.
        """
        meant = next(figures_in(text, 0, len(text)), None)
        figures = list(figures_in(self.running, *paragraph_before(self.running, mark.start)))
        alike = [
            one
            for one in figures
            if meant and (one.printed, one.power) == (meant.printed, meant.power) and meant.unit in ("", one.unit)
        ]
        if not alike or meant is None:
            shown = commas(self.text[one.start : one.last] for one in figures) or "no figure"
            raise WrongMarkError(mark.at, "mark_figure_absent", {"expected": shown, "found": text})
        figure = next((one for one in alike if one.start not in self._taken), alike[0])
        unit = ((meant.unit_start + at, meant.last + at),) if meant.stated else ()
        return figure, ((meant.start + at, meant.end + at), *unit)

    def _checked(self, mark: Mark, meaning: Meaning, figure: TextFigure) -> tuple[Claim, Passage]:
        """The claim with its unit, if nothing is wrong with it."""
        where = self._place(mark.start)
        claim = claim_of(meaning, figure.printed, figure.qualifier, _default_editions)
        line, column = self.line_and_column(figure.start)
        end_line, end_column = self.line_and_column(figure.last)
        name = claim.id or id_of(claim.selector)
        claim = structs.replace(claim, id=name or "claim", where=f"line {line}", line=line)
        claim = structs.replace(claim, statement=self.sentence(figure.start, figure.last))
        own_unit, wrong = claim.unit, {"expect"} if claim.expect == HOLDS else set()
        if errors := wrong_in(Draft(claim, frozenset({*wrong, *(() if own_unit else ("unit",))}), ()), where):
            raise errors[0]
        unit, power, stated = _unit(claim, figure)
        claim = structs.replace(claim, unit=own_unit or unit, unit_mult=power)
        printed_figure(claim, where)
        place = (line, column, end_line, end_column, figure.start, figure.end)
        return claim, Passage(*place, figure.stated, figure.unit_start, () if own_unit else stated)


def _default_editions(indicator: str) -> list[str]:
    """The editions of published figures that have the indicator, the newest first."""
    return [name for name in published_editions() if indicator in editions()[name].indicators]


def _unit(claim: Claim, figure: TextFigure) -> tuple[str, int, tuple[str, ...]]:
    """The unit of the number, the power of ten, and the units that the text means if they are others."""
    natural = units_of(claim)
    fits = [unit for unit in natural if not figure.units or unit in figure.units]
    unit = (fits or natural)[0]
    counts = catalogue().units[unit].decimals == 0
    if figure.power and not counts:
        return unit, 0, figure.units if figure.units and not fits else ("PS",)
    return unit, figure.power, () if fits else figure.units


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The paths, each folder replaced by the texts in it."""
    for path in paths:
        yield from texts_in(path) if os.path.isdir(path) else (path,)
