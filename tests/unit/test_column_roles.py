"""Which columns of a tidy file are part of the key: by known concepts, by what the cells determine, or as stated."""

from pathlib import Path

import pytest

from divide_cli import readers
from divide_cli.errors import OptionError, SourceError
from divide_cli.readers import ReadOptions
from divide_cli.readers.structure import structure

HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE"
ROWS = ("KEN,internet_use,F,2020,40.5,PT", "KEN,internet_use,M,2020,44.5,PT", "UGA,internet_use,F,2021,20.5,PT")


def read(folder: Path, further: str, cells: tuple[str, ...], **options: object) -> readers.Observations:
    """The observations of a file with further columns."""
    path = folder / "figures.csv"
    lines = [f"{HEADER},{further}", *(f"{row},{cell}" for row, cell in zip(ROWS, cells, strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return readers.read(str(path), "", ReadOptions(**options))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("further", "cells"),
    [
        ("DATA_SOURCE", ("survey A", "survey B", "survey A")),  # an attribute by its concept, whatever it holds
        ("SOURCE_DETAIL", ("", "survey", "")),  # an optional attribute may be empty
        ("REF_AREA_LABEL", ("Kenya", "Kenya", "Uganda")),  # the label of a code by its name
        ("COUNTRY_IN_WORDS", ("Kenya", "Kenya", "Uganda")),  # the label of a code by its cells
        ("WOMEN_OR_MEN", ("Women", "Men", "Women")),
        ("HAS_NOTHING", ("", "", "")),
    ],
)
def test_a_column_that_adds_nothing_to_the_key_is_an_attribute(
    tmp_path: Path, further: str, cells: tuple[str, ...]
) -> None:
    found = read(tmp_path, further, cells)
    assert found.dimensions == ()
    assert further in found.readings[0].ignored_columns
    assert found.readings[0].remarks == ()


@pytest.mark.parametrize(
    ("further", "cells"),
    [
        ("WEALTH", ("Q1", "Q2", "Q1")),  # codes
        ("WEALTH", ("Q1", "Q1", "Q5")),  # codes that the area determines: each area may report another fifth
        ("EDUCATION_LEV", ("_T", "_T", "_T")),
        ("EDUCATION_LEV", ("Primary", "Secondary", "Primary")),  # a known breakdown, even if the sex determines it
        ("SCHOOLING", ("some years", "some years", "_T")),  # a total code is no label
    ],
)
def test_a_column_of_codes_is_a_dimension(tmp_path: Path, further: str, cells: tuple[str, ...]) -> None:
    found = read(tmp_path, further, cells)
    assert found.dimensions == (further,)
    assert found.readings[0].remarks == ()


def test_a_column_of_words_that_no_code_determines_is_a_dimension_and_doubted(tmp_path: Path) -> None:
    found = read(tmp_path, "PLACE", ("at home", "at work", "at work"))
    assert found.dimensions == ("PLACE",)
    (remark,) = found.readings[0].remarks
    assert (remark.kind, remark.column, remark.lines) == ("dimension_doubtful", "PLACE", [2, 3, 4])
    assert "PLACE has words in 3 rows, the first on line 2 ('at home'): read as a dimension" in found.readings[0].notes


def test_options_decide(tmp_path: Path) -> None:
    words = ("at home", "at work", "at work")
    assert read(tmp_path, "PLACE", words, attributes=("PLACE",)).dimensions == ()
    given = read(tmp_path, "PLACE", words, dimensions=("PLACE",))
    assert (given.dimensions, given.readings[0].remarks) == (("PLACE",), ())
    assert read(tmp_path, "TITLE", words, dimensions=("TITLE",)).dimensions == ("TITLE",)
    for options, code in (
        ({"attributes": ("SEX",)}, "column_role_fixed"),
        ({"dimensions": ("PLACES",)}, "column_unknown"),
    ):
        with pytest.raises(OptionError) as caught:
            read(tmp_path, "PLACE", words, **options)
        assert caught.value.code == code


STRUCTURES = {
    "dsd.xml": """<?xml version="1.0"?>
<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure">
 <str:DataStructure id="X"><str:DataStructureComponents>
  <str:DimensionList><str:Dimension id="REF_AREA"/><str:Dimension id="PLACE"/><str:TimeDimension id="TIME_PERIOD"/></str:DimensionList>
  <str:AttributeList><str:Attribute id="REMARK"/></str:AttributeList>
 </str:DataStructureComponents></str:DataStructure></mes:Structure>""",
    "dsd_2_0.xml": """<Structure><KeyFamily id="X"><Components><Dimension conceptRef="REF_AREA"/>
<Dimension conceptRef="PLACE"/><TimeDimension conceptRef="TIME_PERIOD"/><Attribute conceptRef="REMARK"/></Components></KeyFamily>
</Structure>""",
    "dsd.json": """{"data": {"dataStructures": [{"dataStructureComponents": {
"dimensionList": {"dimensions": [{"id": "REF_AREA"}, {"id": "PLACE"}], "timeDimension": {"id": "TIME_PERIOD"}},
"attributeList": {"attributes": [{"id": "REMARK"}]}}}]}}""",
    "schema.json": """{"fields": [{"name": "REF_AREA"}, {"name": "PLACE"}, {"name": "TIME_PERIOD"}, {"name": "REMARK"}],
"primaryKey": ["REF_AREA", "PLACE", "TIME_PERIOD"]}""",
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_given_structure_decides(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(STRUCTURES[name], encoding="utf-8")
    stated = structure(path)
    assert stated.dimensions == ["REF_AREA", "PLACE", "TIME_PERIOD"]
    assert stated.attributes == ["REMARK"]
    cells = ("at home,x,1", "at work,y,2", "at work,x,3")
    found = read(tmp_path, "PLACE,REMARK,OUTSIDE", cells, structure=stated)
    assert (found.dimensions, found.readings[0].remarks) == (("PLACE",), ())
    assert {"REMARK", "OUTSIDE"} <= set(found.readings[0].ignored_columns)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<Structure><KeyFamily id='X'>", "structure_unreadable"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><Structure/>", "structure_unreadable"),
        ("not a structure", "structure_unreadable"),
        ("[]", "structure_unclear"),
        ('{"dataStructures": [{"dataStructureComponents": null}]}', "structure_unreadable"),
        ('{"dataStructures": [{"dataStructureComponents": {"dimensionList": {"dimensions": [{}]}}}]}',
         "structure_unreadable"),
        ('{"fields": [{"name": "REF_AREA"}]}', "structure_unclear"),
        ("<S><DataStructure><Dimension id='A'/></DataStructure><DataStructure><Dimension id='B'/></DataStructure></S>",
         "structure_unclear"),
    ],
)  # fmt: skip
def test_a_structure_that_cannot_decide_is_refused(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "structure"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        structure(path)
    assert caught.value.code == code
