"""`python -m scripts.derive [--raw DIR] [--out DIR]` writes all derived files in data/."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from scripts.derive.areas import cl_area, write_cl_area
from scripts.derive.common import ROOT, DeriveError, Raw, facts, origin, write_files
from scripts.derive.groups import write_groups, write_world
from scripts.derive.income import write_income
from scripts.derive.itu import itu_2024, itu_2025
from scripts.derive.names import write_area_names
from scripts.derive.package import write_package
from scripts.derive.population import wdi_population, with_population, wpp_population
from scripts.derive.translated_areas import write_translated_areas
from scripts.derive.unsd import unsd_sdg_2021
from scripts.derive.wdi import wdi_2025_10, wdi_2026_08, wdi_by_sex, wdi_gni

HAND_WRITTEN = [
    "sources/*/origin.yaml",
    "catalogue/codelists/*.csv",
    "catalogue/labels/*.csv",
    "catalogue/charts/*.csv",
    "translations/glossary.csv",
]


def raw_files(folder: Path) -> Raw:
    """The raw folder, with the sha256 of every file named in the origins and in facts/raw.csv."""
    raw = Raw(folder)
    listed = facts("raw.csv")
    raw.record(dict(zip(listed.columns, row, strict=True)) for row in listed.to_numpy().tolist())
    for path in sorted((ROOT / "data/sources").glob("*/origin.yaml")):
        raw.record(origin(path.parent.name)["raw"])
    return raw


def copy_hand_written(out: Path) -> None:
    """Copies the hand-written files to `out`, unless it is data/ itself."""
    data = ROOT / "data"
    if out.resolve() == data.resolve():
        return
    for pattern in HAND_WRITTEN:
        for path in sorted(data.glob(pattern)):
            target = out / path.relative_to(data)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def derive(folder: Path, out: Path) -> None:
    """Derives every file in `out` from the raw files in `folder`, with the same bytes on every run."""
    raw = raw_files(folder)
    copy_hand_written(out)
    areas = cl_area(raw)
    write_cl_area(areas, out)
    write_area_names(raw, areas, out)
    write_translated_areas(raw, areas, out)
    codes = set(areas["code"])
    write_income(raw, out, codes)
    write_groups(raw, areas, out)
    write_world(areas, *with_population(raw, areas), out)
    economies = set(areas.loc[areas["kind"] != "group", "code"])
    for edition in (wdi_2026_08, wdi_2025_10, wdi_by_sex, wdi_gni, unsd_sdg_2021, wdi_population):
        edition(raw, out, economies)
    wpp_population(raw, out, areas)
    itu_2024(raw, out, codes)
    itu_2025(raw, out, codes)
    write_files(out)
    write_package(out)


def main() -> int:
    """Derives the files and returns 0; returns 3, with a message, if a raw file is not as expected."""
    parser = argparse.ArgumentParser(prog="python -m scripts.derive", description=__doc__)
    default = os.environ.get("DIVIDE_RAW") or str(ROOT.parent / "shared" / "data")
    parser.add_argument(
        "--raw", type=Path, default=Path(default), help="raw files (default $DIVIDE_RAW or ../shared/data)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "data", help="where to write (default data/)")
    options = parser.parse_args()
    try:
        derive(options.raw, options.out)
    except DeriveError as error:
        print(f"derive: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
