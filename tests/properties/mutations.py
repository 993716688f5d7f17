"""Mutated specimens: what a reading must hold to, whatever the bytes. `python -m tests.properties.mutations 20000`."""

import csv
import io
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import catalogue
from divide_cli.errors import DivideError
from divide_cli.frames.observations import Observations
from divide_cli.frames.schema import conform
from divide_cli.readers import Memberships, ReadOptions

SOURCES = Path(__file__).resolve().parents[1] / "sources"
BESIDE = (".expected.csv", ".choices.yaml", ".pyc")
SPECIMENS = {
    f"{path.parent.name}/{path.name}": path
    for path in sorted(SOURCES.glob("*/*"))
    if path.is_file() and not path.name.endswith(BESIDE)
}
TOKENS = (
    b"",
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xe9",
    b"1e999",
    b"nan",
    b"-",
    b"[",
    b"}",
)


def choices_of(path: Path) -> dict[str, Any]:
    """--area and --indicator of the specimen."""
    beside = path.with_name(f"{path.name.partition('.')[0]}.choices.yaml")
    said = yaml.safe_load(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    return {name: said[name] for name in ("area", "indicator") if name in said}


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four changes: bytes put in, taken out, changed; cut off; lines repeated or swapped."""
    made = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(made))
        kind = chance.randrange(6)
        if kind == 0:
            made[place:place] = chance.choice(TOKENS) or bytes([chance.randrange(256)])
        elif kind == 1:
            del made[place : place + chance.randint(1, 40)]
        elif kind == 2 and place < len(made):
            made[place] = chance.randrange(256)
        elif kind == 3:
            del made[place:]
        else:
            lines = bytes(made).split(b"\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            if kind == 4:
                lines[one], lines[other] = lines[other], lines[one]
            else:
                lines.insert(one, lines[other])
            made = bytearray(b"\n".join(lines))
    return bytes(made)


def rows_by_csv_module(raw: bytes, encoding: str, delimiter: str, headers: list[set[str]]) -> int:
    """The records below the header, blank lines apart, as the csv module reads them.

    The header is the first record with all names of a header that the layout may have; else it is the first record.
    """
    text = raw.decode(encoding).removeprefix("\ufeff").replace("\r\n", "\n")
    if "\n" not in text[: 1 << 16]:
        text = text.replace("\r", "\n")
    records = [record for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if record]
    cells = [{cell.strip() for cell in record} for record in records]
    heads = (place for place, names in enumerate(cells) if any(header <= names for header in headers))
    return len(records) - 1 - next(heads, 0)


def check(path: Path, choices: dict[str, Any]) -> str:
    """Reads the file and returns what came of it; AssertionError where a row is unaccounted for.

    Nothing but a DivideError may be raised, with the file's name and the documented exit code.
    """
    try:
        found = readers.read(str(path), "noise", ReadOptions(**choices, strict=False))
    except DivideError as error:
        said, outcome = error, "error"
    else:
        said = None
        (reading,) = found.readings
        piles = (*reading.ignored, *reading.refused)
        assert reading.rows == reading.used + sum(pile.rows for pile in piles)
        assert reading.used >= 0
        assert isinstance(found, Memberships) or reading.used == len(found.frame)
        assert all(pile.rows == len(pile.lines) for pile in piles)
        flow = catalogue().dataflows[reading.dataflow]
        if reading.file.delimiter and path.suffix != ".xlsx" and flow.family in ("table", "itu_datahub"):
            headers = [{name for name in one if name[0] not in "~@"} for one in (flow.header, *flow.alternatives)]
            known = [header for header in headers if header]
            count = rows_by_csv_module(path.read_bytes(), reading.file.encoding, reading.file.delimiter, known)
            assert reading.rows == count, (reading.rows, count)
        outcome = "refusals" if reading.refused else "read"
        if v.OBS_VALUE in found.frame:
            assert not (found.frame[v.OBS_VALUE].abs() == float("inf")).any()
    if said is not None:
        assert said.exit_code in (2, 3), said
        assert said.subject
        assert path.name in said.where or said.exit_code == 2, said
    try:
        strict = readers.read(str(path), "noise", ReadOptions(**choices))
        if isinstance(strict, Observations):
            conform(strict.frame, strict.dimensions)
    except DivideError:
        assert outcome != "read", "a strict reading fails where nothing is refused"
    else:
        assert outcome == "read", f"a strict reading passes over: {outcome}"
        assert len(strict.frame) == len(found.frame)
    return outcome


def main(count: int, seed: int) -> None:
    """Checks so many mutated specimens, and prints what came of them; the same seed gives the same specimens."""
    chance = random.Random(seed)
    names = list(SPECIMENS)
    outcomes: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            name = names[number % len(names)]
            path = Path(folder) / SPECIMENS[name].name
            path.write_bytes(mutated(SPECIMENS[name].read_bytes(), chance))
            try:
                outcomes[name.partition("/")[0], check(path, choices_of(SPECIMENS[name]))] += 1
            except Exception:
                kept = Path(tempfile.gettempdir()) / f"mutation_{number}_{path.name}"
                kept.write_bytes(path.read_bytes())
                print(f"{name}, mutation {number}: kept as {kept}", file=sys.stderr)
                raise
    for flow in sorted({flow for flow, _ in outcomes}):
        print(f"{flow:<28}" + "  ".join(f"{what} {outcomes[flow, what]:>6}" for what in ("read", "refusals", "error")))
    print(
        f"{sum(outcomes.values())} mutated specimens, none lost a row in silence or raised anything but a DivideError"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000, int(sys.argv[2]) if len(sys.argv) > 2 else 80_173)
