"""Columns whose names are nearly those of a breakdown, and cells that the csv module cannot divide."""

from divide_cli import api

HEAD = "Goal,Target,Indicator,SeriesCode,SeriesDescription,GeoAreaCode,GeoAreaName,TimePeriod,Value,Time_Detail,{age},[Sex],[Units]"
ROW = "17,17.8,17.8.1,IT_USE_ii99,x,404,Kenya,2021,28.8,2021,{age},{sex},PERCENT"


def test_a_damaged_name_of_a_breakdown_is_a_further_dimension(tmp_path):
    """`[Age?]` is not the age: its codes stay in a column of their own, and every observation has an age."""
    path = tmp_path / "sdg.csv"
    lines = [HEAD.format(age="[Age?]"), ROW.format(age="15+", sex="FEMALE"), ROW.format(age="15-24", sex="FEMALE")]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    (found,) = api.read([str(path)])
    frame = found.read.frame
    assert frame["AGE"].astype(str).tolist() == ["_T", "_T"]
    assert frame["AGE_COLUMN"].astype(str).tolist() == ["15+", "15-24"]
    assert frame["SEX"].astype(str).tolist() == ["F", "F"]
    assert api.validate([str(path)]).report.inputs[0].used == 2


def test_a_page_goes_without_the_cells_of_text_that_cannot_be_divided(divide, tmp_path):
    """A carriage return alone before a cell: the rows are read, and the page has its findings."""
    rows = ["Year,Sex,Value", "2019,Female,45", "\r2020,Male,147", "2020,Female,48", ""]
    (tmp_path / "indicator_17-8-1.csv").write_bytes("\r\n".join(rows).encode())
    made = divide("validate", "indicator_17-8-1.csv", "--area", "KEN", "--format", "html", "--out", "page.html")
    assert made.returncode == 1, made.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<html" in page and "147" in page
