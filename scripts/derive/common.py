"""Shared parts of the derivations: verified raw files, checks that raise errors, and one way to write a CSV file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[2]
FACTS = Path(__file__).resolve().parent / "facts"
KEY = ["INDICATOR", "REF_AREA", "SEX", "AGE", "URBANISATION", "TIME_PERIOD"]
COLUMNS = [
    "REF_AREA",
    "INDICATOR",
    "SEX",
    "AGE",
    "URBANISATION",
    "TIME_PERIOD",
    "OBS_VALUE",
    "UNIT_MEASURE",
    "OBS_STATUS",
    "OBS_COMMENT",
]
PUBLISHED = [*COLUMNS, "DECIMALS", "CITATION"]
GROUP_COLUMNS = ["REF_AREA", "GROUP", "valid_from", "valid_to", "source"]


class DeriveError(Exception):
    """A raw file or a derived table that is not as expected, and must not be used."""


def require(ok: bool, message: str) -> None:
    """Raises DeriveError with `message` unless `ok`."""
    if not ok:
        raise DeriveError(message)


def same(found: Iterable[str], expected: Iterable[str], what: str) -> None:
    """Raises DeriveError with both differences unless the two sets of codes are equal."""
    left, right = set(found), set(expected)
    require(left == right, f"{what}: unexpected {sorted(left - right)}, absent {sorted(right - left)}")


@dataclass
class Raw:
    """The folder of raw files. It gives the path of a file only if its bytes are as recorded."""

    folder: Path
    recorded: dict[str, tuple[str, int]] = field(default_factory=dict)

    def record(self, entries: Iterable[dict[str, Any]]) -> None:
        """Adds what the facts say about raw files: path, sha256, bytes."""
        for entry in entries:
            self.recorded[str(entry["path"])] = (str(entry["sha256"]), int(entry["bytes"]))

    def path(self, name: str) -> Path:
        """The path of the raw file `name`; DeriveError if it is missing, not recorded, or different from the record."""
        require(name in self.recorded, f"raw file {name}: no sha256 recorded (origin.yaml or facts/raw.csv)")
        file = self.folder / name
        require(file.is_file(), f"raw file {name}: not found in the raw folder (set --raw or DIVIDE_RAW)")
        sha256, size = self.recorded[name]
        content = file.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        require(
            found == sha256 and len(content) == size,
            f"raw file {name}: expected sha256 {sha256} and {size} bytes, found {found} and {len(content)}",
        )
        return file


def text(path: Path, **options: Any) -> pd.DataFrame:
    """Every cell of a delimited file as text. Empty cells are empty strings; NA is Namibia."""
    frame: pd.DataFrame = pd.read_csv(path, dtype=str, keep_default_na=False, **options)
    return frame


def facts(name: str) -> pd.DataFrame:
    """A hand-written table in scripts/derive/facts, as text."""
    return text(FACTS / name)


def origin(edition: str) -> dict[str, Any]:
    """The hand-written origin.yaml of an edition."""
    loaded = yaml.safe_load((ROOT / "data/sources" / edition / "origin.yaml").read_text(encoding="utf-8"))
    require(isinstance(loaded, dict), f"origin.yaml of {edition}: not a mapping")
    result: dict[str, Any] = loaded
    return result


_FILES = re.compile(r"^files:\n(?:  .*\n)+", re.MULTILINE)


def write_files(out: Path) -> None:
    """Writes the name, sha256 and size of each derived file of an edition under `files` of its origin.yaml."""
    for path in sorted((out / "sources").glob("*/observations.csv")):
        content, origin = path.read_bytes(), path.with_name("origin.yaml")
        entry = f"  - path: {path.name}\n    sha256: {hashlib.sha256(content).hexdigest()}\n    bytes: {len(content)}\n"
        text = origin.read_text(encoding="utf-8")
        require(len(_FILES.findall(text)) == 1, f"{origin}: expected one list `files`")
        origin.write_text(_FILES.sub(f"files:\n{entry}", text), encoding="utf-8")


def left_out_codes(edition: str) -> set[str]:
    """Every code that was left out according to the origin of an edition."""
    return {str(code) for entry in origin(edition)["left_out"] for code in entry.get("codes", [])}


def unique(frame: pd.DataFrame, key: list[str], what: str) -> None:
    """Raises DeriveError with the first example unless `key` is unique in `frame`."""
    twice = frame[frame.duplicated(key)]
    require(twice.empty, f"{what}: {len(twice)} duplicate keys, first {twice[key].head(1).to_dict('records')}")


def observations(frame: pd.DataFrame, **constants: str) -> pd.DataFrame:
    """`frame` (REF_AREA, TIME_PERIOD, OBS_VALUE and other columns) as observations. Missing dimensions are totals."""
    defaults = {"SEX": "_T", "AGE": "_T", "URBANISATION": "_T", "OBS_STATUS": "A", "OBS_COMMENT": ""}
    fill = {name: value for name, value in {**defaults, **constants}.items() if name not in frame.columns}
    return frame.assign(**fill)


def write(frame: pd.DataFrame, columns: list[str], path: Path) -> None:
    """Writes `columns` as CSV (UTF-8, LF); DeriveError if a cell is missing."""
    out = frame[columns]
    require(not bool(out.isna().any(axis=None)), f"{path.name}: absent cells in {path.parent.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    out.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_observations(frame: pd.DataFrame, edition: str, out: Path, areas: set[str], published: bool = False) -> None:
    """Checks key, areas and values of an edition, sorts it, and writes sources/<edition>/observations.csv."""
    unique(frame, KEY, edition)
    unknown = sorted(set(frame["REF_AREA"]) - areas)
    require(not unknown, f"{edition}: areas that CL_AREA lacks: {unknown}")
    values = pd.to_numeric(frame["OBS_VALUE"])
    require(bool((values >= 0).all()), f"{edition}: negative values")
    percent = values[frame["UNIT_MEASURE"] == "PT"]
    require(bool((percent <= 100).all()), f"{edition}: percentages above 100")
    columns = PUBLISHED if published else COLUMNS
    write(frame.sort_values(KEY, kind="stable"), columns, out / "sources" / edition / "observations.csv")


def write_group(frame: pd.DataFrame, name: str, out: Path, areas: set[str]) -> None:
    """Checks, sorts and writes one area group; valid_to is exclusive, and empty for current memberships."""
    same(set(frame["REF_AREA"]) - areas, [], f"area group {name}, areas that CL_AREA lacks")
    unique(frame, ["REF_AREA", "GROUP", "valid_from"], f"area group {name}")
    ended = frame[frame["valid_to"] != ""]
    require(bool((ended["valid_from"] < ended["valid_to"]).all()), f"area group {name}: ends before it begins")
    ordered = frame.sort_values(["REF_AREA", "valid_from", "GROUP"], kind="stable")
    write(ordered, GROUP_COLUMNS, out / "catalogue/area_groups" / f"{name}.csv")
