"""The cells of a file, unchanged."""

import gzip

import pytest

from divide_cli.errors import SourceError
from divide_cli.readers import opening
from divide_cli.readers.opening import Grid, grids


def only(path, lines=(), encoding=""):
    file, made = grids(str(path), {str(path): lines}, encoding)
    assert list(made) == [str(path)]
    return file, made[str(path)]


def written(path, content):
    path.write_bytes(content)
    return path


def test_cells_are_not_touched(tmp_path):
    path = written(tmp_path / "x.csv", b'\xef\xbb\xbfArea,Value\r\n ALB ,08.50\r\n"a, ""b""",=1+1\r\n\r\nKEN\r\n')
    file, made = only(path)
    assert file.sha256 and file.delimiter == ","
    assert made == Grid([["Area", "Value"], [" ALB ", "08.50"], ['a, "b"', "=1+1"], ["KEN"]], [1, 2, 3, 5], 4)


def test_a_record_stands_on_its_first_line(tmp_path):
    path = written(tmp_path / "x.csv", b'a,b\n"one\ntwo\nthree",1\nlast,2\n')
    assert only(path)[1].lines == [1, 2, 5]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Pays;Valeur\nCôte;1\n".encode("windows-1252"), ""),
        ("Pays;Valeur\nCôte;1\n".encode("utf-16"), ""),
        ("Pays;Valeur\rCôte;1\r".encode(), ""),
        (gzip.compress("Pays;Valeur\nCôte;1\n".encode()), ""),
        ("Pays;Valeur\nCôte;1\n".encode("cp850"), "cp850"),
    ],
    ids=("Windows-1252", "UTF-16", "carriage returns", "gzip", "as said"),
)  # fmt: skip
def test_encodings_and_delimiters_are_those_of_the_readers(content, encoding, tmp_path):
    made = only(written(tmp_path / "x.csv", content), encoding=encoding)[1]
    assert made == Grid([["Pays", "Valeur"], ["Côte", "1"]], [1, 2], 2)


def test_a_cell_of_nearly_a_megabyte(tmp_path):
    path = written(tmp_path / "x.csv", b"a,b\n1," + b"x" * 999_000 + b"\n")
    assert len(only(path)[1].rows[1][1]) == 999_000


def test_of_a_long_table_the_lines_asked_for_and_those_around_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MOST_ROWS", 50)
    path = written(tmp_path / "x.csv", b"a,b\n" + b"".join(b"%d,x\n" % line for line in range(2, 1001)))
    made = only(path, lines=(500, 502, 1000))[1]
    assert made.lines == [*range(1, 21), *range(498, 505), 998, 999, 1000]
    assert made.rows[-1] == ["1000", "x"] and made.total == 1000 and made.cut
    short = written(tmp_path / "y.csv", b"a,b\n" * 50)
    assert not only(short)[1].cut


def test_sheets_of_a_workbook(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(path)
    first, second = book.add_worksheet("By sex"), book.add_worksheet("Notes")
    first.write_row(1, 0, ["Area", 85.5])
    second.write_string(0, 0, "=1+1")
    book.close()
    made = grids(str(path), {})[1]
    assert made == {
        f"{path}[By sex]": Grid([["", ""], ["Area", "85.5"]], [1, 2], 2),
        f"{path}[Notes]": Grid([["=1+1"]], [1], 1),
    }


def test_json_has_no_cells(tmp_path):
    file, made = grids(str(written(tmp_path / "x.json", b'[{"a": 1}]')), {})
    assert made == {} and file.sha256


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(SourceError, match="cannot be opened"):
        grids(str(tmp_path / "none.csv"), {})
