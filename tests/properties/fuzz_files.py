"""Text and JSON: generated tables whose values are known, and mutated specimens, whose values are parsed again."""

import csv
import io
import json
import math
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from divide_cli import api, readers
from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.errors import DivideError
from divide_cli.frames.observations import Observations
from divide_cli.readers import ReadOptions
from divide_cli.reports import validation
from tests.properties.mutations import SPECIMENS, check, choices_of, mutated

TEXTS = [name for name, path in SPECIMENS.items() if path.suffix in (".csv", ".tsv", ".gz", ".zip", ".txt")]
LONG = [
    name for name, path in SPECIMENS.items()
    if path.suffix == ".csv" and catalogue().dataflows[path.parent.name].family in ("table", "itu_datahub")
]  # fmt: skip
WIDE = [name for name, path in SPECIMENS.items() if path.suffix in (".csv", ".tsv") and catalogue().dataflows[path.parent.name].family == "wide"]  # fmt: skip
JSON = [name for name, path in SPECIMENS.items() if path.suffix == ".json"]
ODD = ("", "..", ":", "NA", "-", "1e3", "1,5", "1.5", "12,345", "0x1A", "１２", "٣", "1_000", "+5", "-0", "5%", "5 %", "007", " 7 ", "1e-400", "1e400", "Infinity", "1.5.2", ",5", "5.", ".5", "12 b", "3*", "9O", "\u20095", "4\xa0000", "½", "null", "true")  # fmt: skip
_PLAIN = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")  # digits of any script


def meant(text: str, decimal: str) -> float | None:
    """The number in a cell, as a reader of the file would write it out; None if it is not one. Written without the program.

    A flag or a percent sign may follow the number.
    """
    bare = re.sub(r"\s*(%|\s[A-Za-z]{1,2})$", "", text.strip()).strip()
    if not _PLAIN.fullmatch(bare) or (decimal == "," and "." in bare) or (decimal != "," and "," in bare):
        return None
    return float(bare.replace(",", "."))


def records(raw: bytes, encoding: str, delimiter: str) -> dict[int, list[str]]:
    """The records of the text by the line on which each begins, as the csv module reads them."""
    text = raw.decode(encoding).removeprefix("\ufeff").replace("\r\n", "\n")
    if "\n" not in text[: 1 << 16]:
        text = text.replace("\r", "\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    by_line, line = {}, 1
    for record in reader:
        if record:
            by_line[line] = record
        line = reader.line_num + 1
    return by_line


def check_values(path: Path, content: Any) -> int:
    """Compares each value read from a text with the cell that the csv module finds there; returns their number."""
    if not isinstance(content, Observations) or not len(content.frame):
        return 0
    (reading,) = content.readings
    file, named = reading.file, reading.columns
    rows = records(path.read_bytes(), file.encoding, file.delimiter)
    heads = {name.strip(): place for record in list(rows.values())[:8] for place, name in enumerate(record)}
    frame, compared = content.frame, 0
    cells = frame[v.CELL] if v.CELL in frame else [""] * len(frame)
    for line, value, cell in zip(frame[v.LINE], frame[v.OBS_VALUE], cells, strict=True):
        name = cell or named.get(v.OBS_VALUE, "")
        record, place = rows.get(int(line)), heads.get(name)
        if record is None or place is None or place >= len(record):
            continue
        number = meant(record[place], file.decimal)
        assert (number is None) == math.isnan(value), (line, record[place], value)
        assert number is None or number == value, (line, record[place], value)
        compared += 1
    return compared


def texts(chance: random.Random, folder: Path) -> str:
    """A mutated specimen of any layout."""
    name = chance.choice(TEXTS)
    path = folder / SPECIMENS[name].name
    path.write_bytes(mutated(SPECIMENS[name].read_bytes(), chance))
    return check(path, choices_of(SPECIMENS[name]))


def values(chance: random.Random, folder: Path) -> str:
    """A specimen of a table with some cells changed: each value that is read is that of its cell."""
    name = chance.choice(LONG + WIDE)
    path = folder / SPECIMENS[name].name
    raw = SPECIMENS[name].read_bytes()
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    lines = raw.decode(encoding).splitlines(keepends=True)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(lines))
        cells = re.split(r"([,;\t|])", lines[place])
        odd = (
            chance.choice(ODD) if chance.random() < 0.7 else repr(round(chance.uniform(-5, 120), chance.randint(0, 6)))
        )
        cells[chance.randrange(0, len(cells), 2)] = f'"{odd}"' if chance.random() < 0.2 else odd
        end = "\n" if lines[place].endswith("\n") else ""
        lines[place] = "".join(cells).rstrip("\r\n") + end
    if chance.random() < 0.2:
        chance.shuffle(rest := lines[1:])
        lines = [lines[0], *rest]
    path.write_bytes("".join(lines).encode("utf-8"))
    choices = choices_of(SPECIMENS[name])
    outcome = check(path, choices)
    try:
        content = readers.read(str(path), "fuzz", ReadOptions(**choices, strict=False, submitted=True))
    except DivideError:
        return outcome
    compared = check_values(path, content)
    return f"{outcome}, values compared" if compared else outcome


def validations(chance: random.Random, folder: Path) -> str:
    """A mutated specimen as a submission: a report comes of it, which every format can show."""
    name = chance.choice(TEXTS)
    path = folder / SPECIMENS[name].name
    path.write_bytes(mutated(SPECIMENS[name].read_bytes(), chance))
    choices = {option: text for option, text in choices_of(SPECIMENS[name]).items() if option in ("area", "indicator")}
    if chance.random() < 0.1:
        choices["indicator"] = "internet_use"
    try:
        result = api.validate([str(path)], limit=5, **choices)
    except DivideError:
        return "message"
    form = chance.choice(["json", "sarif", "junit", "html", "markdown"])
    validation.deliver(result.report, result.rules, form, folder / f"report.{form}", "", "error")
    assert (folder / f"report.{form}").stat().st_size
    return "findings" if result.report.findings else "no findings"


MARKS = {",": (".",), ";": (".", ","), "\t": (".", ",")}


def tables(chance: random.Random, folder: Path) -> str:
    """A table that is written here, with known values, in any delimiter, decimal mark, encoding, order and line end."""
    delimiter = chance.choice(list(MARKS))
    mark, end = chance.choice(MARKS[delimiter]), chance.choice(["\n", "\r\n"])
    encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16", "utf-8"])
    columns = ["REF_AREA", "INDICATOR", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_COMMENT"]
    chance.shuffle(columns)
    areas = chance.sample(["KEN", "UGA", "TZA", "FRA", "BRA", "NPL", "FJI", "AUT"], chance.randint(1, 6))
    expected: dict[tuple[str, str, int], float | None] = {}
    lines = [delimiter.join(columns)]
    places = chance.randint(0, 5)
    for area in areas:
        for year in range(2019, 2019 + chance.randint(1, 4)):
            sex = chance.choice(["F", "M", "_T"])
            value = None if chance.random() < 0.1 else round(chance.uniform(0, 100), places)
            expected[area, sex, year] = value
            text = "" if value is None else f"{value:.{places}f}".replace(".", mark)
            comment = chance.choice(["", "a b", "x" * 50, "é ü", 'say ""x""', f"a{delimiter}b", "1.5"])
            cells = {"REF_AREA": area, "INDICATOR": "internet_use", "SEX": sex, "TIME_PERIOD": str(year), "OBS_VALUE": text, "OBS_COMMENT": f'"{comment}"'}  # fmt: skip
            if chance.random() < 0.3:
                cells["OBS_VALUE"] = f'"{text}"'
            lines.append(delimiter.join(cells[name] for name in columns))
    path = folder / "figures.csv"
    path.write_bytes((end.join(lines) + end * chance.randint(0, 2)).encode(encoding))
    try:
        frame = readers.load(str(path), "fuzz").frame
    except DivideError:
        assert mark == "," and places == 3, "only 1,234 can be two numbers"
        return "two meanings: error"
    keys = zip(frame[v.REF_AREA], frame[v.SEX], frame[v.TIME_PERIOD], strict=True)
    found = {
        (a, s, int(y)): None if math.isnan(n) else n for (a, s, y), n in zip(keys, frame[v.OBS_VALUE], strict=True)
    }
    assert {key: None if number is None else float(f"{number:.{places}f}") for key, number in expected.items()} == found
    return "equal"


def odd_json(chance: random.Random, content: Any) -> Any:
    """The content with something in it replaced, left out, doubled or renamed."""
    if isinstance(content, dict) and content and chance.random() < 0.85:
        name = chance.choice(list(content))
        kind = chance.randrange(5)
        if kind == 0:
            return {key: part for key, part in content.items() if key != name}
        if kind == 1:
            return {(key + "x" if key == name else key): part for key, part in content.items()}
        return {**content, name: odd_json(chance, content[name])}
    if isinstance(content, list) and content and chance.random() < 0.85:
        place = chance.randrange(len(content))
        return [*content[:place], odd_json(chance, content[place]), *content[place + chance.randint(0, 1) :]]
    return chance.choice([None, True, False, 0, -1, 3.5, 1e308, 10**30, "", "x", "12", "12,5", [], {}, [1], {"a": 1}, "\ud800", "1" * 400, [[[]]]])  # fmt: skip


def jsons(chance: random.Random, folder: Path) -> str:
    """A specimen of JSON with parts of another type; values are those of the keys, as the json module reads them."""
    source = SPECIMENS[chance.choice(JSON)]
    content = json.loads(source.read_text(encoding="utf-8-sig"))
    for _ in range(chance.randint(1, 3)):
        content = odd_json(chance, content)
    path = folder / source.name
    if isinstance(content, list):
        text = "[" + ",\n".join(json.dumps(entry) for entry in content) + "]"
    else:
        text = json.dumps(content)
    if chance.random() < 0.15 and '": ' in text:
        cut = chance.choice([match.start() for match in re.finditer(r'"[A-Za-z]\w*": ', text)] or [0])
        name = re.match(r'"[A-Za-z]\w*"', text[cut:])
        text = f"{text[:cut]}{name[0]}: {chance.choice(['1', 'null', '{}'])}, {text[cut:]}" if name else text
    path.write_text(text, encoding="utf-8")
    outcome = check(path, choices_of(source))
    if _twice(text):
        assert outcome == "error", "a key occurs twice"
        return "a key twice: error"
    if outcome == "error" or not isinstance(content, list):
        return outcome
    try:
        read = readers.read(str(path), "fuzz", ReadOptions(**choices_of(source), strict=False))
    except DivideError:
        return outcome
    return f"{outcome}, values compared" if isinstance(read, Observations) and _same(read, content) else outcome


def _twice(text: str) -> bool:
    found = []

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        found.append(len({name for name, _ in entries}) < len(entries))
        return dict(entries)

    json.loads(text, object_pairs_hook=pairs)
    return any(found)


def _same(read: Observations, content: Any) -> bool:
    """Whether values were compared with the entries of the list: each value of the frame is that of its line."""
    path = read.readings[0].columns.get(v.OBS_VALUE, "")
    if "." in path or not path or any(isinstance(entry, list) for entry in content):
        return False
    for line, value in zip(read.frame[v.LINE], read.frame[v.OBS_VALUE], strict=True):
        entry = content[int(line) - 1]
        own = entry.get(path) if isinstance(entry, Mapping) else None
        number = own if isinstance(own, (int, float)) and not isinstance(own, bool) else meant(str(own), ".")
        assert (math.isnan(value) and number is None) or value == number, (line, own, value)
    return True


FAMILIES = {
    "texts": texts,
    "values of texts": values,
    "generated tables": tables,
    "JSON": jsons,
    "validations": validations,
}
