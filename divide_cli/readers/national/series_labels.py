"""Series of national files: which indicator a row holds, by the labels of its series and the SDG number of the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.labels import Says, forms, label_of, normal, series_labels
from divide_cli.errors import OptionError, SourceError, UnknownCodeError, suggestion
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, joined
from divide_cli.readers.mapping.series import Meaning
from divide_cli.readers.options import ReadOptions

NO_COLUMN = "(no column of series)"
"""Label of what a file holds that has no column of series."""
BETWEEN = "\x1f"
"""Parts the texts of several columns that are read together."""


@dataclass(frozen=True)
class Vocabulary:
    """What labels say in the files of one SDG indicator (`9.c.1`; `9.c.1.1` is a national part of it) of one area."""

    sdg: str
    area: str

    @cached_property
    def known(self) -> tuple[Says, ...]:
        """The labels that this file may use, those of its own number first; codes alone where it has no number."""
        numbers = (self.sdg, ".".join(self.sdg.split(".")[:3]))
        own = [says for says in series_labels() if says.area in ("", self.area)]
        fitting = [says for says in own if (says.sdg in numbers if self.sdg else says.is_code)]
        return tuple(sorted(fitting, key=lambda says: (not says.area, says.sdg != self.sdg)))

    @cached_property
    def codes(self) -> dict[str, str]:
        """The codes of UNSD's series, and ids of indicators -> the indicator."""
        found = catalogue().series_codes.get("unsd", {})
        ids = {normal(indicator): indicator for indicator in catalogue().indicators}
        return {**{normal(code): indicator for code, indicator in found.items()}, **ids}

    def says(self, text: str) -> Meaning | None:
        """What a label says, perhaps nothing alone; None where no list knows it."""
        for form in forms(text):
            for says in self.known:
                found = says.matched(form)
                if found is not None:
                    told = found or ("" if says.codes or " " not in text.strip() else text.strip())
                    return {**says.codes, v.OBS_COMMENT: told} if told else says.codes
            if form in self.codes:
                return {v.INDICATOR: self.codes[form]}
        return None

    def unsaid(self) -> Meaning | None:
        """What a row holds whose series is not said; None where the SDG indicator has several series."""
        own = [says for says in self.known if not says.label and says.sdg == self.sdg]
        return own[0].codes if own else None

    def of_file(self) -> Meaning | None:
        """What a file without a column of series holds; None where the SDG indicator leaves that open."""
        own = [says for says in self.known if says.shown == NO_COLUMN and says.sdg == self.sdg]
        return self.unsaid() or (own[0].codes if own else None)

    def shown(self) -> list[str]:
        """The labels, for hints."""
        return [says.shown for says in self.known if says.label and says.codes and not says.pattern]


def number_of(inner: str, pattern: str, options: ReadOptions) -> str:
    """The SDG number of a file: by its name, else by the indicator that the user names; empty where none tells."""
    if options.indicator and options.indicator not in catalogue().indicators:
        raise OptionError(
            "indicator_unknown",
            found=options.indicator,
            hint=suggestion(options.indicator, catalogue().indicators, "`divide list indicators`"),
        )
    found = re.search(pattern, inner)
    if found:
        return re.sub(r"[-_.]", ".", found[1])
    return (catalogue().indicators[options.indicator].sdg or "") if options.indicator else ""


def tells_series(texts: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether at least half of a column's labels are labels of series that name an indicator."""
    labels = [text for text in texts if text.strip() and label_of("", text) is None]
    known = [text for text in labels if v.INDICATOR in (vocabulary.says(text) or ())]
    return bool(known) and 2 * len(known) >= len(labels)


def resolve(
    rows: Rows, names: Sequence[str], vocabulary: Vocabulary, options: ReadOptions
) -> tuple[TextColumn, dict[str, Meaning]]:
    """The column that says the series of each row, and the meaning of its texts; rows of no indicator are refused."""
    if not names:
        return TextColumn.constant("", len(rows)), {"": _of_file(rows, vocabulary, options)}
    source = joined([rows.columns[name] for name in names], BETWEEN)
    shown = [" / ".join(part.strip() for part in text.split(BETWEEN) if part.strip()) for text in source.values]
    column = ", ".join(names)
    rows.columns = {**rows.columns, column: TextColumn(source.codes, shown)}
    unknown, unsaid, made = [], [], dict[str, Meaning]()
    stands = _one_unknown(source.values, vocabulary, options)
    for index, text in enumerate(source.values):
        parts = [part for part in text.split(BETWEEN) if label_of("", part) is None]
        said = [vocabulary.says(part) for part in parts]
        if stands:
            said = [{v.INDICATOR: options.indicator, v.OBS_COMMENT: part} for part in parts]
        if any(found is None for found in said):
            unknown.append(index)
            continue
        meaning = _united([found for found in said if found])
        if meaning is not None and v.INDICATOR not in meaning:
            rest = {v.INDICATOR: options.indicator} if options.indicator else vocabulary.unsaid()
            meaning = {**meaning, **rest} if rest else {}
        if meaning is None:
            unknown.append(index)
        elif not meaning:
            unsaid.append(index)
        else:
            made[shown[index]] = meaning
    whole = None if made or unknown else vocabulary.of_file()
    if whole:  # all rows repeat the title of the SDG indicator: as in a file without a column of series
        made, unsaid = {shown[index]: whole for index in unsaid}, []
    _refuse(rows, column, vocabulary, unknown, unsaid)
    return rows.columns[column], made


def _one_unknown(texts: Sequence[str], vocabulary: Vocabulary, options: ReadOptions) -> bool:
    """Whether the file has one label of a series throughout that nobody knows, and the user says what it is."""
    labels = [text for text in texts if text.strip(BETWEEN + " ")]
    parts = [part for text in labels for part in text.split(BETWEEN) if part.strip()]
    return bool(options.indicator) and len(labels) == 1 and any(vocabulary.says(part) is None for part in parts)


def _united(said: Sequence[Meaning]) -> Meaning | None:
    """What several labels of a row say together; None where they contradict each other."""
    made: dict[str, str] = {}
    for found in said:
        for concept, code in found.items():
            if concept == v.OBS_COMMENT and concept in made:
                made[concept] += f" | {code}"
            elif made.setdefault(concept, code) != code:
                return None
    return made


def _refuse(rows: Rows, column: str, vocabulary: Vocabulary, unknown: Sequence[int], unsaid: Sequence[int]) -> None:
    def of_none(text: str, others: str, count: str, where: str) -> SourceError:
        return UnknownCodeError(
            "series_unknown",
            expected=f"a series of SDG {vocabulary.sdg}" if vocabulary.sdg else "a series of an SDG indicator",
            found=f"{text!r}{f'{others} series' if others else ''}{count}",
            where=where,
            hint=suggestion(text, vocabulary.shown(), "data/catalogue/labels/series.csv"),
        )

    def not_said(_text: str, _others: str, count: str, where: str) -> SourceError:
        return SourceError("series_missing", expected=_choice(vocabulary), found=f"no series{count}", where=where)

    if unsaid:
        source = rows.columns[column]
        empty = np.isin(source.codes, unsaid) & np.isnan(rows.numbers)
        rows.fate.ignore(empty, "series_and_value_missing")
    rows.refuse_texts(column, unknown, of_none)
    rows.refuse_texts(column, unsaid, not_said)


def _of_file(rows: Rows, vocabulary: Vocabulary, options: ReadOptions) -> Meaning:
    if options.indicator:
        return {v.INDICATOR: options.indicator}
    known = vocabulary.of_file()
    if known:
        return known
    raise SourceError(
        "indicator_missing",
        expected=_choice(vocabulary),
        found=f"SDG {vocabulary.sdg} in the file's name, and no column of series"
        if vocabulary.sdg
        else "no SDG number",
        where=rows.file.name,
        hint=options.hint("--indicator ID", rows.file.name),
    )


def _choice(vocabulary: Vocabulary) -> str:
    """The indicators that the SDG number leaves open."""
    parent = ".".join(vocabulary.sdg.split(".")[:3])
    own = [entry.id for entry in catalogue().indicators.values() if entry.sdg and entry.sdg == parent]
    if own:
        return f"one of SDG {parent}: {', '.join(own)}"
    numbers = sorted({entry.sdg for entry in catalogue().indicators.values() if entry.sdg})
    return f"an indicator of SDG {', '.join(numbers)}"
