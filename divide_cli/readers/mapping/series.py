"""Codes of series -> indicator and breakdown codes, as a dataflow says."""

import re
from collections.abc import Mapping, Sequence

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, catalogue
from divide_cli.errors import OptionError, SourceError, UnknownCodeError, suggestion
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn
from divide_cli.readers.options import ReadOptions

Meaning = Mapping[str, str]
"""Concept -> code; INDICATOR is one of the concepts. OBS_COMMENT is what is to be said of such rows."""
Told = tuple[TextColumn, Sequence[Meaning | None]]
"""A column whose texts say codes of several concepts, and what each text says."""


def meaning(code: str, flow: Dataflow) -> Meaning | None:
    """What a series of the dataflow holds; None where no indicator of the catalogue claims it.

    A code is a series of the dataflow, or one of them and a suffix ("HHU4212" + "_HHCFemale").
    """
    found = flow.series.get(code) or catalogue().series_codes.get(flow.scheme, {}).get(code)
    if found:
        return {v.INDICATOR: found} if isinstance(found, str) else found
    if flow.suffixes:
        stem, _, suffix = code.replace("%", "").rpartition("_")
        if suffix in flow.suffixes and (whole := meaning(stem, flow)):
            return {**whole, **flow.suffixes[suffix]}
    if flow.own_codes and code in catalogue().indicators:
        return {v.INDICATOR: code}
    return None


def known_series(flow: Dataflow) -> list[str]:
    """The codes of series that the dataflow and the indicators of its scheme name."""
    return [*flow.series, *catalogue().series_codes.get(flow.scheme, {})]


def resolve(rows: Rows, flow: Dataflow, column: str) -> list[Meaning | None]:
    """The meaning of each text of the column of series; rows of a series that no indicator claims are refused."""
    source = rows.columns[column]
    meanings = [meaning(text, flow) for text in source.values]

    def error(text: str, others: str, count: str, where: str) -> SourceError:
        if flow.own_codes and not known_series(flow):
            return UnknownCodeError(
                "code_unknown",
                expected=f"a code of {v.INDICATOR}",
                found=f"{text!r}{f'{others} codes' if others else ''}{count}",
                where=where,
                hint=suggestion(text, catalogue().indicators, "`divide list indicators`"),
            )
        stem = text.replace("%", "").rpartition("_")[0]
        known = known_series(flow)
        known += [f"{stem}_{end}" for end in flow.suffixes if stem in known]
        return UnknownCodeError(
            "series_unknown",
            found=f"{text!r}{f'{others} series' if others else ''}{count}",
            where=where,
            hint=suggestion(text, known, f"`divide show {flow.id}`"),
        )

    rows.refuse_texts(column, [index for index, found in enumerate(meanings) if found is None], error)
    return meanings


def compound(rows: Rows, column: str, rules: Mapping[str, Meaning]) -> list[Meaning | None]:
    """What each text of a column says of several concepts; texts that no rule knows are refused.

    A rule is a text, or after `~` a pattern whose groups its codes may take ({1}).
    """
    source = rows.columns[column]
    patterns = [(re.compile(text[1:]), codes) for text, codes in rules.items() if text.startswith("~")]
    made: list[Meaning | None] = []
    for text in source.values:
        known: Meaning | None = rules.get(text)
        for pattern, codes in patterns if known is None else ():
            if found := pattern.fullmatch(text):
                known = {concept: code.format(found[0], *found.groups()) for concept, code in codes.items()}
                break
        made.append(known)

    def error(text: str, others: str, _count: str, where: str) -> SourceError:
        return UnknownCodeError(
            "code_unknown",
            column=column,
            found=f"{text!r}{others}",
            where=where,
            hint=suggestion(text, [rule for rule in rules if not rule.startswith("~")], "the dataflow's entry"),
        )

    rows.refuse_texts(column, [index for index, found in enumerate(made) if found is None], error)
    return made


def of_file(rows: Rows, flow: Dataflow, options: ReadOptions, inner: str) -> Meaning:
    """The one meaning of a file without a column of series: `--indicator`, or the series that its name holds."""
    if options.indicator:
        if options.indicator not in catalogue().indicators:
            raise OptionError(
                "indicator_unknown",
                found=options.indicator,
                hint=suggestion(options.indicator, catalogue().indicators, "`divide list indicators`"),
            )
        return {v.INDICATOR: options.indicator}
    if v.INDICATOR in flow.constants:
        return {v.INDICATOR: flow.constants[v.INDICATOR]}
    found = re.search(flow.name_series, inner) if flow.name_series else None
    if found and (known := meaning(found[1], flow)):
        return known
    if found:
        raise UnknownCodeError(
            "series_unknown",
            expected="a series of data/catalogue/dataflows.yaml in the name of the file",
            found=repr(found[1]),
            where=rows.file.name,
            hint=suggestion(found[1], known_series(flow), f"`divide show {flow.id}`"),
        )
    raise SourceError(
        "indicator_missing",
        found=f"the name {inner}",
        where=rows.file.name,
        hint=options.hint("--indicator ID", rows.file.name),
    )


def constant(meaning_of_file: Meaning, rows: Rows) -> tuple[TextColumn, list[Meaning | None]]:
    """The column of series that says one meaning in every row."""
    return TextColumn.constant("", len(rows)), [meaning_of_file]
