"""Series of national files: the indicator of each row, by the label of its series and the SDG number of the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.labels import SeriesLabel, denials, forms, label_of, normal, series_labels
from divide_cli.errors import SourceError, suggestion
from divide_cli.frames.columns import packed, unique_rows
from divide_cli.language import commas, later, say
from divide_cli.readers.mapping.codes import Meanings, SeriesMeaning, chosen_indicator
from divide_cli.readers.mapping.names import series_named
from divide_cli.readers.mapping.raw_rows import BETWEEN, Rows, TextColumn, WrongText, joined
from divide_cli.readers.recognition import ReadOptions

NO_COLUMN = "(no column of series)"
"""Label for the figures of a file without a series column."""
_MANY = later("--indicator applies to a file of one series: delete the columns or rows of the others")
SHARE = "PT"
"""The unit of shares of people or households."""
LEAST_COUNTS = 3
"""The least number of values that are counts, not shares with mistakes: one or two may have lost a decimal point."""
SHARES = {SHARE, "PER_100_POP", "PER_100_HH"}
"""Units with the same scale, which offices often confuse. The value is kept, and the difference is reported."""


@dataclass(frozen=True)
class Vocabulary:
    """The labels in files of one SDG indicator (`9.c.1`; `9.c.1.1` is a national part of it) and one area."""

    sdg: str
    area: str

    @cached_property
    def labels(self) -> tuple[SeriesLabel, ...]:
        """The labels that the file may use, those of its own number first; only codes if it has no number."""
        numbers = (self.sdg, ".".join(self.sdg.split(".")[:3]))
        own = [label for label in series_labels() if label.area in ("", self.area)]
        fitting = [label for label in own if (label.sdg in numbers if self.sdg else label.is_code)]
        return tuple(sorted(fitting, key=lambda label: (not label.area, label.sdg != self.sdg)))

    @cached_property
    def codes(self) -> dict[str, str]:
        """UNSD series codes and indicator ids -> the indicator."""
        unsd = catalogue().series_codes.get("unsd", {})
        ids = {normal(indicator): indicator for indicator in catalogue().indicators}
        return {**{normal(code): indicator for code, indicator in unsd.items()}, **ids}

    def meaning(self, text: str) -> SeriesMeaning | None:
        """The meaning of a label, which may be empty; None if it is unknown."""
        for form in forms(text):
            for label in self.labels:
                words = label.matched(form)
                if words is not None:
                    comment = words or ("" if label.codes or " " not in text.strip() else text.strip())
                    return {**label.codes, v.OBS_COMMENT: comment} if comment else label.codes
            if form in self.codes:
                return {v.INDICATOR: self.codes[form]}
        return None if self.sdg else series_named(text)

    def of_row(self) -> SeriesMeaning | None:
        """The meaning of a row without a series; None if the SDG indicator has several series."""
        return next((label.codes for label in self.labels if not label.label and label.sdg == self.sdg), None)

    def of_file(self) -> SeriesMeaning | None:
        """The meaning of a file without a series column; None if the SDG indicator does not determine it."""
        own = (label.codes for label in self.labels if label.shown == NO_COLUMN and label.sdg == self.sdg)
        return self.of_row() or next(own, None)

    def shown(self) -> list[str]:
        """The labels, for hints."""
        return [label.shown for label in self.labels if label.label and label.codes and not label.pattern]

    def choice(self) -> str:
        """The indicators to choose from for the SDG number, as text."""
        parent = ".".join(self.sdg.split(".")[:3])
        sdg_of = {entry.id: entry.sdg for entry in catalogue().indicators.values() if entry.sdg}
        own = commas(indicator for indicator, sdg in sdg_of.items() if sdg == parent)
        return (
            say("one of SDG {parent}: {own}", parent=parent, own=own)
            if own
            else say("an indicator of SDG {values}", values=commas(sorted(set(sdg_of.values()))))
        )


def sdg_number(inner: str, pattern: str, options: ReadOptions) -> str:
    """The SDG number of a file: from its name, else from the indicator that the user names, else empty."""
    indicator = chosen_indicator(options)
    match = re.search(pattern, inner)
    if match:
        return re.sub(r"[-_.]", ".", match[1])
    return (catalogue().indicators[indicator].sdg or "") if indicator else ""


def tells_series(texts: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether at least half of the labels of a column are series of an indicator."""
    labels = [text for text in texts if text.strip() and label_of("", text) is None]
    of_series = [text for text in labels if v.INDICATOR in (vocabulary.meaning(text) or ())]
    return bool(of_series) and 2 * len(of_series) >= len(labels)


def series(
    rows: Rows, names: Sequence[str], vocabulary: Vocabulary, options: ReadOptions, together: bool = False
) -> Meanings:
    """The series of each row and their meanings. Rows without an indicator are rejected.

    A text that does not name a series has an empty meaning. Unknown ones have one reason each, or one `together`.
    """
    if not names:
        return Meanings.constant(_of_file(rows, vocabulary, options), len(rows))
    source = joined([rows.columns[name] for name in names], BETWEEN)
    column = commas(names)
    rows.add({column: source.mapped(shown_together)})
    chosen = options.indicator if _one_unknown(source.values, vocabulary, options) else ""
    meanings = [_meaning(text, vocabulary, options, chosen) for text in source.values]
    if not any(meaning or meaning is None for meaning in meanings):
        # all rows repeat the title of the SDG indicator, as if there were no series column
        whole = vocabulary.of_file()
        meanings = [whole or meaning for meaning in meanings]
    _refuse(rows, column, vocabulary, meanings, options.indicator, together)
    return Meanings(rows.columns[column], [meaning or None for meaning in meanings])


def shown_together(text: str) -> str:
    """The texts of several columns of a row, joined for reports."""
    return " / ".join(part.strip() for part in text.split(BETWEEN) if part.strip())


def _one_unknown(texts: Sequence[str], vocabulary: Vocabulary, options: ReadOptions) -> bool:
    """Whether the only label in the file is unknown, and the user names its indicator."""
    labels = [text for text in texts if text.strip(BETWEEN + " ")]
    parts = [part for text in labels for part in text.split(BETWEEN) if part.strip()]
    return bool(options.indicator) and len(labels) == 1 and any(vocabulary.meaning(part) is None for part in parts)


def _meaning(text: str, vocabulary: Vocabulary, options: ReadOptions, chosen: str) -> SeriesMeaning | None:
    """The combined meaning of the labels of a row, empty without a series; None if they are unknown or contradictory.

    Unknown labels have the `chosen` indicator, if there is one.
    """
    parts = [part for part in text.split(BETWEEN) if label_of("", part) is None]
    meanings: list[SeriesMeaning | None] = [vocabulary.meaning(part) for part in parts]
    if chosen:
        meanings = [{v.INDICATOR: chosen, v.OBS_COMMENT: part} for part in parts]
    meaning: dict[str, str] = {}
    for of_label in meanings:
        if of_label is None:
            return None
        for concept, code in of_label.items():
            if concept == v.OBS_COMMENT and concept in meaning:
                meaning[concept] += f" | {code}"
            elif meaning.setdefault(concept, code) != code:
                return None
    if v.INDICATOR in meaning:
        return meaning
    rest = {v.INDICATOR: options.indicator} if options.indicator else vocabulary.of_row()
    return {**meaning, **rest} if rest else {}


def _refuse(
    rows: Rows,
    column: str,
    vocabulary: Vocabulary,
    meanings: Sequence[SeriesMeaning | None],
    chosen: str,
    together: bool,
) -> None:
    def unknown_series(wrong: WrongText) -> SourceError:
        expected = (
            say("a series of SDG {sdg}", sdg=vocabulary.sdg) if vocabulary.sdg else say("a series of an SDG indicator")
        )
        own = say(_MANY) if chosen else say("give --indicator if all rows are of one indicator")
        close = "" if denials(wrong.text) else suggestion(wrong.text, vocabulary.shown())
        hint = say("{close} Or {own}", close=close, own=own) if close else own
        return wrong.refusal("series_unknown", "series", counted=True, expected=expected, hint=hint)

    def missing(wrong: WrongText) -> SourceError:
        return wrong.refusal(
            "series_missing", expected=vocabulary.choice(), found=say("no series{count}", count=wrong.count)
        )

    unknown = [index for index, meaning in enumerate(meanings) if meaning is None]
    unsaid = [index for index, meaning in enumerate(meanings) if meaning == {}]
    if unsaid:
        empty = np.isin(rows.columns[column].codes, unsaid) & np.isnan(rows.numbers)
        rows.fate.ignore(empty, "series_and_value_missing")
    rows.refuse_texts(column, unknown, unknown_series, together)
    rows.refuse_texts(column, unsaid, missing)


def _of_file(rows: Rows, vocabulary: Vocabulary, options: ReadOptions) -> SeriesMeaning:
    meaning = {v.INDICATOR: options.indicator} if options.indicator else vocabulary.of_file()
    if meaning and not options.indicator:
        by = say("the number {sdg} in the file name", sdg=vocabulary.sdg)
        rows.notes = (
            *rows.notes,
            say("the file does not name its series: {by} says {indicator}", by=by, indicator=meaning[v.INDICATOR]),
        )
    if meaning:
        return meaning
    number = say("SDG {sdg} in the file name, and no column of series", sdg=vocabulary.sdg)
    parts = {
        "expected": vocabulary.choice(),
        "found": number if vocabulary.sdg else say("no SDG number in the file name"),
    }
    raise options.missing("indicator_missing", "--indicator ID", rows.file.name, **parts)


def refuse_counts(rows: Rows, series: Meanings, vocabulary: Vocabulary, options: ReadOptions) -> None:
    """SourceError if the values are counts, and only the number in the file name says that they are shares.

    Portals of regions number their tables themselves: 4-4-1 is also a table of applications. Values are counts if all
    are whole numbers and more than half are above the greatest share.
    """
    meaning = next((one for one in series.of if one), None)
    if meaning is None or options.indicator or catalogue().indicators[meaning[v.INDICATOR]].unit != SHARE:
        return
    values, times = np.unique(rows.numbers[~np.isnan(rows.numbers)], return_counts=True)
    most = catalogue().units[SHARE].maximum or 0
    above = int(times[values > most].sum())
    if times.sum() >= LEAST_COUNTS and 2 * above > times.sum() and (values == np.round(values)).all():
        name = catalogue().indicators[meaning[v.INDICATOR]].name
        found = say(
            "{times:,} whole numbers, {above:,} of them above {most:g}, up to {values:,.0f}",
            times=times.sum(),
            above=above,
            most=most,
            values=values[-1],
        )
        parts = {"number": vocabulary.sdg, "indicator": name, "most": f"{most:g}", "found": found}
        raise SourceError("counts_under_number", where=rows.file.name, **parts)


def by_unit(rows: Rows, column: str, series: Meanings) -> Meanings:
    """The series with the indicator that fits the unit: another one of the same SDG indicator, if only that one does.

    17.6.1 has a rate and a number of subscriptions, which some files distinguish only by the unit.
    """
    indicators = catalogue().indicators
    siblings: dict[tuple[str, str], list[str]] = {}
    for entry in indicators.values():
        siblings.setdefault((entry.sdg or "", entry.unit), []).append(entry.id)
    source = rows.columns[column]
    sizes = ((column.codes, max(len(column.values), 1)) for column in (series.column, source))
    first, codes = unique_rows(packed(sizes, len(rows)))
    texts, meanings, moved = list[str](), list[SeriesMeaning | None](), False
    for row in first:
        text, meaning, unit = series.column.text(row), series.of[series.column.codes[row]], source.text(row)
        label = label_of(v.UNIT_MEASURE, unit) if unit.strip() else None
        if meaning and label:
            own = indicators[meaning[v.INDICATOR]]
            others = siblings.get((own.sdg or "", label.code), []) if own.sdg and label.code != own.unit else []
            if len(others) == 1 and not {own.unit, label.code} <= SHARES:
                meaning, moved = {**meaning, v.INDICATOR: others[0]}, True
        texts.append(f"{text}{BETWEEN}{unit}")
        meanings.append(meaning)
    return Meanings(TextColumn(codes, texts), meanings) if moved else series
