"""Errors planted at known places in copies of real files: what a typist, a spreadsheet or an export does wrong."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from divide_cli.catalogue import codelist


@dataclass(frozen=True)
class Source:
    """A real file: its path below the raw files, its area, its own faults to fix first, its columns.

    `value` is empty where each year has a column; `mended` is line -> text before and after. Of `economies` only the
    rows are read whose `labels` name one: others are set aside, with whatever is wrong in them.
    """

    path: str
    area: str = ""
    mended: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    year: str = ""
    value: str = ""
    sex: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    labels: str = ""
    economies: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planted:
    """An error: the lines and the column at which it is to be found, and the rules any of which finds it."""

    lines: tuple[int, ...]
    column: str
    rules: tuple[str, ...]


@dataclass
class Sheet:
    """The records of a file, with the line on which each begins (the header is record 0)."""

    source: Source
    records: list[list[str]]
    lines: list[int]

    def __post_init__(self) -> None:
        self.header = self.records[0]

    @classmethod
    def of(cls, raw: Path, source: Source) -> "Sheet":
        text = (raw / source.path).read_text(encoding="utf-8-sig")
        at = text.split("\n")
        for line, (before, after) in source.mended.items():
            assert before in at[line - 1], f"line {line} is {at[line - 1]!r}"
            at[line - 1] = at[line - 1].replace(before, after)
        records, lines = [], []
        for record, line in _records("\n".join(at)):
            records.append(record)
            lines.append(line)
        return cls(source, records, lines)

    def copy(self) -> "Sheet":
        return Sheet(self.source, [list(record) for record in self.records], list(self.lines))

    def column(self, name: str) -> int:
        return self.header.index(name)

    def written(self, folder: Path) -> Path:
        """The file, under its own name, each record on the line where it was."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        at = 1
        for record, line in zip(self.records, self.lines, strict=True):
            out.write("\n" * (line - at))
            writer.writerow(record)
            at = line + 1 + sum(text.count("\n") for text in record)
        target = folder / Path(self.source.path).name
        target.write_text(out.getvalue(), encoding="utf-8", newline="")
        return target

    def rows(self) -> list[int]:
        """The records with figures that are read."""
        known = codelist("CL_AREA").rows
        every = range(1, len(self.records))
        if not self.source.economies:
            return list(every)
        place = self.column(self.source.labels)
        return [index for index in every if known.get(self.records[index][place], {}).get("kind") == "economy"]

    def series(self) -> dict[tuple[str, ...], dict[int, tuple[int, int]]]:
        """Series -> year -> record and column of its value."""
        made: dict[tuple[str, ...], dict[int, tuple[int, int]]] = {}
        source = self.source
        years = [(place, int(name)) for place, name in enumerate(self.header) if name.isdigit() and not source.value]
        for index in self.rows():
            record = self.records[index]
            if source.value:
                year, value = self.column(source.year), self.column(source.value)
                apart = {year, value, *map(self.column, source.beside)}
                key = tuple(text for place, text in enumerate(record) if place not in apart)
                if record[value].strip():
                    made.setdefault(key, {})[int(record[year])] = (index, value)
            else:
                for place, year in years:
                    if record[place]:
                        made.setdefault(tuple(record[: years[0][0]]), {})[year] = (index, place)
        return made

    def number(self, at: tuple[int, int]) -> float:
        return float(self.records[at[0]][at[1]])

    def text(self, at: tuple[int, int]) -> str:
        return self.records[at[0]][at[1]].strip()

    def put(self, at: tuple[int, int], text: str, *rules: str) -> Planted:
        self.records[at[0]][at[1]] = text
        return Planted((self.lines[at[0]],), self.header[at[1]], rules)


def _records(text: str) -> Iterator[tuple[list[str], int]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    before = 0
    for record in reader:
        if record:
            yield record, before + 1
        before = reader.line_num


Kind = Callable[[Sheet, Random], Planted | None]
"""Plants one error at a place drawn at random; None where the place drawn does not allow it."""


def _inner(sheet: Sheet, random: Random) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """A value with a year on each side, and those two."""
    series = [years for years in sheet.series().values() if len(years) >= 3]
    years = random.choice(series)
    order = sorted(years)
    place = random.randrange(1, len(order) - 1)
    return years[order[place]], years[order[place - 1]], years[order[place + 1]]


def _any(sheet: Sheet, random: Random) -> tuple[int, int]:
    years = random.choice(list(sheet.series().values()))
    return random.choice(list(years.values()))


def fraction_for_percent(sheet: Sheet, random: Random) -> Planted | None:
    """0.74 for 74, among years that hardly differ."""
    at, before, after = _inner(sheet, random)
    value, around = sheet.number(at), (sheet.number(before), sheet.number(after))
    if value < 15 or any(abs(value - other) > 8 for other in around):
        return None
    return sheet.put(at, f"{value / 100:.6g}", "unit_slip_hundred")


def point_lost(sheet: Sheet, random: Random) -> Planted | None:
    """968 for 96.8; of a whole number, a digit typed twice."""
    at = _any(sheet, random)
    text = sheet.text(at)
    wrong = text.replace(".", "") if "." in text else text + text[-1:]
    return sheet.put(at, wrong, "value_out_of_range") if float(wrong) > 100 else None


def negative(sheet: Sheet, random: Random) -> Planted | None:
    at = _any(sheet, random)
    return sheet.put(at, f"-{sheet.text(at)}", "value_out_of_range") if sheet.number(at) > 0 else None


def letter_for_digit(sheet: Sheet, random: Random) -> Planted | None:
    """O for 0, l for 1."""
    at = _any(sheet, random)
    text = sheet.text(at)
    wrong = text.replace("0", "O") if "0" in text else text.replace("1", "l")
    return sheet.put(at, wrong, "value_not_a_number") if wrong != text else None


def zero_for_missing(sheet: Sheet, random: Random) -> Planted | None:
    at, before, after = _inner(sheet, random)
    if min(map(sheet.number, (at, before, after))) <= 5:
        return None
    return sheet.put(at, "0", "zero_for_missing")


def misspelt_code(sheet: Sheet, random: Random) -> Planted | None:
    """A label or code without its last letter but one."""
    at, place = _any(sheet, random)[0], sheet.column(sheet.source.labels)
    text = sheet.records[at][place]
    return (
        sheet.put((at, place), text[:-2] + text[-1], "label_unknown", "code_unknown", "series_unknown")
        if len(text) > 2
        else None
    )


def row_twice(sheet: Sheet, random: Random) -> Planted | None:
    """The row once more, below it, with another value."""
    at = _any(sheet, random)
    value = sheet.number(at)
    again = list(sheet.records[at[0]])
    again[at[1]] = f"{value + 2.7 if value < 50 else value - 2.7:.1f}"
    sheet.records.insert(at[0] + 1, again)
    lines = sheet.lines
    tall = sum(text.count("\n") for text in again) + 1
    sheet.lines = [*lines[: at[0] + 1], lines[at[0]] + tall, *(line + tall for line in lines[at[0] + 1 :])]
    return Planted((lines[at[0]] + tall,), sheet.header[at[1]], ("duplicate_key",))


def comma_lost(sheet: Sheet, random: Random) -> Planted | None:
    """An empty cell dropped, or two cells run together."""
    at = _any(sheet, random)[0]
    record = sheet.records[at]
    empty = [place for place, text in enumerate(record) if not text]
    place = random.choice(empty) if empty else random.randrange(1, len(record))
    del record[place]
    return Planted((sheet.lines[at],), "", ("row_ragged",))


def _of_sex(sheet: Sheet, random: Random) -> tuple[int, int, int] | None:
    """Records of the total, women and men of one key, drawn among the rows of men."""
    codes, sex = sheet.source.codes, sheet.column(sheet.source.sex)
    men = random.choice([index for index in sheet.rows() if sheet.records[index][sex] == codes["M"]])
    total, women = (_record(sheet, men, {sex: codes[code]}) for code in ("_T", "F"))
    return (total, women, men) if total and women else None


def _record(sheet: Sheet, index: int, change: Mapping[int, str]) -> int | None:
    """The one record with a value that differs from another in the cells to change only; None where there is none."""
    value = sheet.column(sheet.source.value)
    apart = {value, *map(sheet.column, sheet.source.beside)}
    wanted = [change.get(at, text) for at, text in enumerate(sheet.records[index]) if at not in apart]
    found = [
        row for row, record in enumerate(sheet.records)
        if [text for at, text in enumerate(record) if at not in apart] == wanted and record[value].strip()
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _quiet(sheet: Sheet, women: int, men: int) -> bool:
    """Whether the distance of the sexes is that of a neighbouring year, give or take two points.

    Where the truth itself leaves its neighbours as an error would, nobody can tell which of the figures is wrong.
    """
    value, year = sheet.column(sheet.source.value), sheet.column(sheet.source.year)

    def apart(index: int, other: int) -> float:
        return sheet.number((index, value)) - sheet.number((other, value))

    beside = []
    for step in (-1, 1):
        change = {year: str(int(sheet.records[men][year]) + step)}
        one, other = _record(sheet, women, change), _record(sheet, men, change)
        if one and other:
            beside.append(apart(one, other))
    return bool(beside) and all(abs(apart(women, men) - gap) <= 2 for gap in beside)


CONSISTENCY = (
    "total_outside_sexes", "total_outside_places", "total_just_outside_sexes", "total_just_outside_places",
    "sexes_imply_impossible_share", "sexes_imply_odd_share", "spike",
)  # fmt: skip


def digit_typo_in_part(sheet: Sheet, random: Random) -> Planted | None:
    """8 for 9 in the tens of women or men."""
    found = _of_sex(sheet, random)
    if found is None or not _quiet(sheet, *found[1:]):
        return None
    at = (random.choice(found[1:]), sheet.column(sheet.source.value))
    return _tens(sheet, at, random, CONSISTENCY)


def _tens(sheet: Sheet, at: tuple[int, int], random: Random, rules: Sequence[str]) -> Planted | None:
    """Another digit, by one, in the tens of a value."""
    text = sheet.text(at)
    if not 10 <= sheet.number(at) < 100:
        return None
    tens = int(text[0])
    return sheet.put(at, str(tens - 1 if tens == 9 or random.random() < 0.5 else tens + 1) + text[1:], *rules)


def digit_typo_in_band(sheet: Sheet, random: Random) -> Planted | None:
    """8 for 9 in the tens of an age band of ten years or more, in a year that did not leave its neighbours."""
    age = sheet.column(sheet.source.codes["AGE"])
    at, before, after = _inner(sheet, random)
    first, _, last = sheet.records[at[0]][age].rstrip("+").partition("~")
    line = (sheet.number(before) + sheet.number(after)) / 2
    if not first or (last and int(last) - int(first) < 9) or abs(sheet.number(at) - line) > 4:
        return None
    return _tens(sheet, at, random, ("ages_contradict_total", "ages_off_total", "spike", "jump"))


def swapped_sexes(sheet: Sheet, random: Random) -> Planted | None:
    """Values of women and men exchanged in one year."""
    found = _of_sex(sheet, random)
    if found is None:
        return None
    value = sheet.column(sheet.source.value)
    one, other = (sheet.records[index] for index in found[1:])
    one[value], other[value] = other[value], one[value]
    return Planted(tuple(sheet.lines[index] for index in found[1:]), sheet.source.value, ("sexes_swapped",))


def total_outside_parts(sheet: Sheet, random: Random) -> Planted | None:
    """A total two points above both parts."""
    found = _of_sex(sheet, random)
    if found is None or not _quiet(sheet, *found[1:]):
        return None
    value = sheet.column(sheet.source.value)
    top = max(sheet.number((index, value)) for index in found[1:])
    return sheet.put((found[0], value), f"{top + 2:.1f}", "total_outside_sexes") if top < 97 else None


def year_shifted(sheet: Sheet, random: Random) -> Planted | None:
    """A value under the year after its own, which has one already."""
    years = random.choice([years for years in sheet.series().values() if len(years) >= 3])
    order = sorted(years)
    place = random.randrange(1, len(order) - 1)
    year, after = order[place], order[place + 1]
    if after != year + 1 or sheet.text(years[year]) == sheet.text(years[after]):
        return None
    at = years[year][0], sheet.column(sheet.source.year)
    lines = sheet.lines[years[year][0]], sheet.lines[years[after][0]]
    sheet.records[at[0]][at[1]] = str(after)
    return Planted(lines, sheet.source.value, ("duplicate_key",))


def network_above(sheet: Sheet, random: Random) -> Planted | None:
    """A newer network three points above the older one, in a year in which the older one did not leave its neighbours."""
    order: Sequence[str] = [sheet.source.codes[code] for code in ("2G", "3G", "4G")]
    series = sheet.column(sheet.source.labels)
    older, before, after = _inner(sheet, random)
    here, line = sheet.records[older[0]][series], (sheet.number(before) + sheet.number(after)) / 2
    if here not in order[:-1] or sheet.number(older) > 97 or abs(sheet.number(older) - line) > 2:
        return None
    newer = _record(sheet, older[0], {series: order[order.index(here) + 1]})
    return sheet.put((newer, older[1]), f"{sheet.number(older) + 3:.1f}", "coverage_not_cumulative") if newer else None


KINDS: Mapping[str, Kind] = {
    kind.__name__: kind
    for kind in (
        digit_typo_in_part, digit_typo_in_band, fraction_for_percent, point_lost, negative, letter_for_digit, misspelt_code, row_twice,
        comma_lost, swapped_sexes, total_outside_parts, network_above, year_shifted, zero_for_missing,
    )
}  # fmt: skip

FILES: Mapping[str, tuple[Source, tuple[str, ...]]] = {
    "Korea, use by sex and age": (
        Source(
            "national_submissions/korea/indicator_17-8-1.csv", "KOR", {59: ("86.8", "96.8")}, "Year", "Value",
            "data.Sex", {"_T": "", "F": "data.Female", "M": "data.Male", "AGE": "data.Age"}, "data.Sex",
        ),
        (
            "digit_typo_in_part", "digit_typo_in_band", "fraction_for_percent", "point_lost", "negative",
            "letter_for_digit", "misspelt_code", "row_twice", "comma_lost", "swapped_sexes", "total_outside_parts",
            "year_shifted", "zero_for_missing",
        ),
    ),
    "Kazakhstan, telephones by region, place and sex": (
        Source(
            "national_submissions/kazakhstan/indicator_5-b-1.csv", "KAZ", {852: ("86.2", "96.2")}, "Year", "Value",
            "SEX", {"_T": "", "F": "F", "M": "M"}, "REF_AREA",
        ),
        (
            "digit_typo_in_part", "fraction_for_percent", "point_lost", "negative", "letter_for_digit", "row_twice",
            "comma_lost", "total_outside_parts", "year_shifted", "zero_for_missing",
        ),
    ),
    "Kyrgyzstan, networks": (
        Source(
            "national_submissions/kyrgyzstan/indicator_9-c-1__from-sdmx.csv", "KGZ", {27: (",98,", ",99.3,")},
            "TIME_PERIOD", "OBS_VALUE", "SEX",
            {"2G": "IT_MOB_2GNTWK", "3G": "IT_MOB_3GNTWK", "4G": "IT_MOB_4GNTWK"}, "SERIES", beside=("TIME_DETAIL",),
        ),
        (
            "fraction_for_percent", "point_lost", "negative", "letter_for_digit", "misspelt_code", "row_twice",
            "comma_lost", "network_above", "year_shifted", "zero_for_missing",
        ),
    ),
    "ITU DataHub, telephones": (
        Source(
            "itu_datahub_2025_10/individuals-who-own-a-mobile-cellular-telephone_1760732826255.csv", "", {}, "dataYear",
            "dataValue", labels="entityIso", beside=("dataNote", "dataSource"),
        ),
        (
            "fraction_for_percent", "point_lost", "negative", "letter_for_digit", "misspelt_code", "row_twice",
            "comma_lost", "year_shifted", "zero_for_missing",
        ),
    ),
    "World Bank, use": (
        Source("wdi/internet_use/API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv", labels="Country Code", economies=True),
        (
            "fraction_for_percent", "point_lost", "negative", "letter_for_digit", "misspelt_code", "comma_lost",
            "zero_for_missing",
        ),
    ),
}  # fmt: skip
