"""SDMX-CSV as `divide` writes it is read by pysdmx, and what pysdmx writes is read here."""

from pathlib import Path

import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.readers import ReadOptions
from divide_cli.reports import parquet

pysdmx = pytest.importorskip("pysdmx.io", reason="pysdmx is in the development environment only")
SOURCES = Path(__file__).resolve().parents[1] / "sources"
FILES = sorted(
    path
    for flow in ("sdmx_tidy", "itu_datahub_csv", "eurostat_tsv", "data360", "unsd_sdg", "sdmx_csv_2")
    for path in (SOURCES / flow).glob("*.[ct]sv")
    if not path.name.endswith(".expected.csv")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_pysdmx_reads_what_is_written_and_gives_it_back(path: Path, tmp_path: Path) -> None:
    first = readers.read(str(path), "x", ReadOptions(strict=False))
    target, _ = parquet.observations(first, "sdmx-csv", tmp_path / "written.csv")
    (dataset,) = pysdmx.read_sdmx(str(target)).get_datasets()
    assert str(dataset.structure) == "DataStructure=DIVIDE:DS_OBSERVATIONS(1.0)"
    columns = parquet.canonical(first)
    wanted = first.frame[columns].reset_index(drop=True)
    found = dataset.data[columns]
    assert len(found) == len(wanted)
    for name in columns:
        theirs = found[name].astype(object).where(found[name].notna(), "")
        if name in (v.OBS_VALUE, v.DECIMALS, *v.AMOUNTS):
            numbers = pd.to_numeric(theirs.replace("", None)).astype(float)
            pd.testing.assert_series_equal(numbers, wanted[name].astype(float), check_names=False)
        else:
            assert theirs.astype(str).tolist() == wanted[name].astype(str).tolist(), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_written_comes_back_equal(path: Path, tmp_path: Path) -> None:
    first = readers.read(str(path), "x", ReadOptions(strict=False))
    target, _ = parquet.observations(first, "sdmx-csv", tmp_path / "written.csv")
    second = readers.read(str(target), "x")
    assert second.readings[0].dataflow == "sdmx_csv_2"
    columns = parquet.canonical(first)
    pd.testing.assert_frame_equal(
        second.frame[columns].astype(object), first.frame[columns].astype(object), check_dtype=False
    )


@pytest.mark.parametrize("version", ["DATA_SDMX_CSV_1_0_0", "DATA_SDMX_CSV_2_0_0", "DATA_SDMX_CSV_2_1_0"])
def test_what_pysdmx_writes_is_read(version: str, tmp_path: Path) -> None:
    from pysdmx.io.format import Format
    from pysdmx.io.pd import PandasDataset
    from pysdmx.model import Component, Components, Concept, DataType, Role, Schema

    first = readers.read(str(SOURCES / "sdmx_tidy" / "education_dimension.csv"), "x")
    columns = parquet.canonical(first)
    measures, attributes = [v.OBS_VALUE], columns[columns.index(v.OBS_VALUE) + 1 :]
    roles = {
        name: Role.MEASURE if name in measures else Role.ATTRIBUTE if name in attributes else Role.DIMENSION
        for name in columns
    }
    components = Components(
        [
            Component(
                id=name,
                required=True,
                role=role,
                concept=Concept(id=name, dtype=DataType.DOUBLE if name in measures else DataType.STRING),
                attachment_level="O" if role is Role.ATTRIBUTE else None,
            )
            for name, role in roles.items()
        ]
    )
    schema = Schema(
        context="datastructure", agency="DIVIDE", id="DS_OBSERVATIONS", version="1.0", components=components
    )
    data = first.frame[columns].astype(object)
    dataset = PandasDataset(structure=schema, data=data.where(data.notna(), None))
    target = tmp_path / "theirs.csv"
    pysdmx.write_sdmx([dataset], getattr(Format, version), output_path=str(target))
    second = readers.read(str(target), "x")
    assert second.readings[0].dataflow == ("sdmx_csv_1" if version.endswith("1_0_0") else "sdmx_csv_2")
    pd.testing.assert_frame_equal(second.frame[columns].astype(object), data, check_dtype=False)
