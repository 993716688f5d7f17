"""Files made to harm their readers. `MADE` and `BOMBS` name each; a maker writes it and gives its path.

Bombs cost a reader that trusts them gigabytes or minutes; the others end in a traceback, or in a text that is obeyed.
"""

import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,OBS_COMMENT\n"
ROW = "KAZ,internet_use,_T,2020,85.5,\n"
GOOD = HEADER + ROW
Maker = Callable[[Path], Path]
MADE: dict[str, Maker] = {}
BOMBS: dict[str, Maker] = {}


def _made(register: dict[str, Maker], name: str) -> Callable[[Maker], Maker]:
    def keep(maker: Maker) -> Maker:
        register[name] = maker
        return maker

    return keep


def bomb(name: str) -> Callable[[Maker], Maker]:
    return _made(BOMBS, name)


def trick(name: str) -> Callable[[Maker], Maker]:
    return _made(MADE, name)


def _is(name: str, content: bytes, register: dict[str, Maker] = MADE, suffix: str = ".csv") -> None:
    def maker(folder: Path) -> Path:
        path = folder / f"{name.replace(' ', '_')}{suffix}"
        path.write_bytes(content)
        return path

    register[name] = maker


def deflated(content: bytes, times: int = 1) -> bytes:
    """The raw DEFLATE stream of `times` copies: one is packed, and its bytes are repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)
    return once * times + packer.flush()


def zipped(entries: list[tuple[str, bytes, int, int, int]]) -> bytes:
    """A zip of (name, packed bytes, method, checksum, size claimed)."""
    parts: list[bytes] = []
    size_so_far, directory = 0, bytearray()
    for name, packed, method, crc, size in entries:
        encoded = name.encode()
        common = struct.pack("<HHHHHIIIHH", 20, 0x800, method, 0, 33, crc, len(packed), size, len(encoded), 0)
        directory += struct.pack("<IH", 0x02014B50, 20) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0, size_so_far) + encoded
        parts += [struct.pack("<I", 0x04034B50), common, encoded, packed]
        size_so_far += 30 + len(encoded) + len(packed)
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(directory), size_so_far, 0)
    return b"".join(parts) + bytes(directory) + tail


MEGABYTE = ROW.encode() * (1_000_000 // len(ROW))


@bomb("a zip of gigabytes of rows")
def _zip_of_rows(folder: Path) -> Path:
    path = folder / "rows.zip"
    path.write_bytes(zipped([("rows.csv", deflated(MEGABYTE, 1500), 8, 0, 1_500_000_000)]))
    return path


@bomb("a zip of gigabytes of zeros")
def _zip_of_zeros(folder: Path) -> Path:
    path = folder / "zeros.zip"
    path.write_bytes(zipped([("zeros.csv", deflated(bytes(1 << 20), 1500), 8, 0, 1500 << 20)]))
    return path


@bomb("a zip that claims little and holds much")
def _lying_zip(folder: Path) -> Path:
    path = folder / "modest.zip"
    path.write_bytes(zipped([("rows.csv", deflated(MEGABYTE, 1500), 8, zlib.crc32(MEGABYTE[:100]), 100)]))
    return path


@bomb("a gzip of gigabytes of rows")
def _gzip_of_rows(folder: Path) -> Path:
    path = folder / "rows.csv.gz"
    path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflated(MEGABYTE, 1500) + bytes(8))
    return path


@bomb("zips in zips")
def _nested(folder: Path) -> Path:
    inner = zipped([("0.csv", deflated(bytes(1 << 20), 100), 8, 0, 100 << 20)])
    for level in range(3):
        inner = zipped([(f"{level}-{place}.zip", inner, 0, zlib.crc32(inner), len(inner)) for place in range(4)])
    path = folder / "nested.zip"
    path.write_bytes(inner)
    return path


@bomb("a zip in a zip")
def _nested_once(folder: Path) -> Path:
    inner = zipped([("0.csv", GOOD.encode(), 0, zlib.crc32(GOOD.encode()), len(GOOD))])
    path = folder / "twice.zip"
    path.write_bytes(zipped([("inner.zip", inner, 0, zlib.crc32(inner), len(inner))]))
    return path


@bomb("a zip of tens of thousands of files")
def _many_members(folder: Path) -> Path:
    path = folder / "many.zip"
    path.write_bytes(zipped([(f"{number}.csv", b"", 0, 0, 0) for number in range(65_000)]))
    return path


@bomb("a zip packed with bzip2")
def _bzip2(folder: Path) -> Path:
    path = folder / "bz2.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("rows.csv", bytes(1 << 20))
    return path


KINDS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(folder: Path, sheet: bytes, times: int = 1, shared: bytes = b"") -> Path:
    """A workbook of one sheet, whose rows are `sheet` as often as said, and of the texts that it shares."""
    path = folder / "book.xlsx"
    kinds, office, main = f'xmlns="{KINDS}"', OFFICE, f'xmlns="{MAIN}"'
    small = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships {kinds}><Relationship Id="r1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships {kinds}><Relationship Id="r1" Type="{office}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"<sst {main}>{shared.decode()}</sst>",
    }
    entries = [(name, text.encode(), 0, zlib.crc32(text.encode()), len(text.encode())) for name, text in small.items()]
    if times == 1:
        whole = f"<worksheet {main}><sheetData>".encode() + sheet + b"</sheetData></worksheet>"
        entries.append(("xl/worksheets/sheet1.xml", deflated(whole), 8, zlib.crc32(whole), len(whole)))
    else:
        begin, end = f"<worksheet {main}><sheetData>".encode(), b"</sheetData></worksheet>"
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        head = packer.compress(begin) + packer.flush(zlib.Z_FULL_FLUSH)
        once = packer.compress(sheet) + packer.flush(zlib.Z_FULL_FLUSH)
        packed = head + once * times + packer.compress(end) + packer.flush()
        crc = zlib.crc32(begin)
        for _ in range(times if len(sheet) * times < 50_000_000 else 0):  # a larger one is never read to its end
            crc = zlib.crc32(sheet, crc)
        crc = zlib.crc32(end, crc)
        entries.append(("xl/worksheets/sheet1.xml", packed, 8, crc, len(begin) + len(sheet) * times + len(end)))
    path.write_bytes(zipped(entries))
    return path


@bomb("a workbook whose sheet is gigabytes")
def _fat_sheet(folder: Path) -> Path:
    return workbook(folder, b'<row><c t="inlineStr"><is><t>x</t></is></c></row>' * 20_000, 1500)


@bomb("a workbook with blanks for gigabytes")
def _blank_sheet(folder: Path) -> Path:
    return workbook(folder, b" " * 1_000_000, 1500)


@bomb("a workbook with two cells far apart")
def _far_corners(folder: Path) -> Path:
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbook(folder, cells)


@bomb("a workbook that shows one long text a million times")
def _one_text(folder: Path) -> Path:
    text = b"<si><t>" + b"x" * 1_000_000 + b"</t></si>"
    return workbook(folder, b'<row><c t="s"><v>0</v></c></row>' * 1000, 1000, text)


@bomb("a workbook with entities of entities")
def _entities(folder: Path) -> Path:
    path = workbook(folder, b"")
    names = "abcdefghij"
    told = '<!ENTITY a "' + "x" * 100 + '">'
    told += "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip(names, names[1:], strict=False))
    evil = f'<?xml version="1.0"?><!DOCTYPE sst [{told}]><sst><si><t>&j;</t></si></sst>'
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/styles.xml", evil)
    return path


@bomb("JSON of millions of empty lists")
def _empty_lists(folder: Path) -> Path:
    path = folder / "lists.json"
    path.write_bytes(b"[" + b"[]," * 20_000_000 + b"[]]")
    return path


@bomb("JSON of hundreds of megabytes")
def _large_json(folder: Path) -> Path:
    path = folder / "large.json"
    with path.open("wb") as out:
        out.write(b'[{"a": "')
        for _ in range(300):
            out.write(b"x" * 1_000_000)
        out.write(b'"}]')
    return path


@bomb("a cell of three hundred megabytes")
def _huge_cell(folder: Path) -> Path:
    path = folder / "cell.csv"
    with path.open("wb") as out:
        out.write(HEADER.encode() + b'KAZ,internet_use,_T,2020,85.5,"')
        for _ in range(300):
            out.write(b"x" * 1_000_000)
        out.write(b'"\n')
    return path


@bomb("a Parquet file of hundreds of columns of one value")
def _parquet(folder: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "rows.parquet"
    same = pa.array([1.0] * 1_000_000)
    pq.write_table(pa.table({f"c{number}": same for number in range(300)}), path, compression="zstd")
    return path


def long_text_shown_often(folder: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "text.parquet"
    codes = pa.array([0] * 1_000_000, pa.int32())
    columns = {
        "REF_AREA": pa.DictionaryArray.from_arrays(codes, pa.array(["KAZ"])),
        "INDICATOR": pa.DictionaryArray.from_arrays(codes, pa.array(["internet_use"])),
        "TIME_PERIOD": pa.DictionaryArray.from_arrays(codes, pa.array(["2020"])),
        "OBS_VALUE": pa.array([1.0] * 1_000_000),
        "OBS_COMMENT": pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 100_000])),
    }
    pq.write_table(pa.table(columns), path, compression="zstd")
    return path


@bomb("a header of a hundred thousand columns")
def _wide(folder: Path) -> Path:
    path = folder / "wide.csv"
    extra = ",".join(f"c{number}" for number in range(100_000))
    path.write_text(HEADER.rstrip() + "," + extra + "\n" + ROW.rstrip() + "," * 100_000 + "\n")
    return path


@bomb("a header of a million columns")
def _wider(folder: Path) -> Path:
    path = folder / "wider.csv"
    extra = ",".join(f"c{number}" for number in range(1_000_000))
    path.write_text(HEADER.rstrip() + "," + extra + "\n" + ROW.rstrip() + "," * 1_000_000 + "\n")
    return path


_is("ten megabytes in a cell", (HEADER + ROW.rstrip() + "x" * 10_000_000 + "\n").encode())
_is("a NUL in a cell", GOOD.replace("85.5", "85\0.5").encode())
_is("nothing but NUL", bytes(100_000))
_is("UTF-16 without its mark, cut in half a unit", GOOD.encode("utf-16-le")[:-1])
_is("UTF-16 cut in half a unit", GOOD.encode("utf-16")[:-1])
_is("UTF-16 with half a pair", b"\xff\xfe" + GOOD.encode("utf-16-le") + b"\x00\xd8,\x00")
_is("UTF-8 with half a pair", GOOD.replace("85.5,", "85.5,\ud800").encode("utf-8", "surrogatepass") + "é\n".encode())
_is("UTF-8 of too many bytes", GOOD.replace("KAZ", "é").encode() + b"\xc0\xaf\xf8\x88\x80\x80\x80\n")
_is("a quotation mark never closed", (HEADER + '"' + ROW * 200_000).encode())
_is("deep JSON", b"[" * 100_000 + b"]" * 100_000, suffix=".json")
_is("deep JSON objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, suffix=".json")
_is("JSON with a number of thousands of digits", b'[{"a": ' + b"9" * 10_000 + b"}]", suffix=".json")
_is("JSON with an incomplete character", b'[{"indicator": "\\ud83d", "value": 1}]', suffix=".json")
_is("JSON in UTF-16", '[{"indicator": "x"}]'.encode("utf-16"), suffix=".json")
_is("JSON cut off", b'[{"a": 1}, {"a"', suffix=".json")
_is("no gzip behind its mark", b"\x1f\x8b" + b"x" * 100, suffix=".gz")
_is("a gzip cut off", gzip.compress(GOOD.encode() * 1000, mtime=0)[:-50], suffix=".gz")
_is("a gzip of nothing", gzip.compress(b"", mtime=0), suffix=".gz")
_is("no zip behind its mark", b"PK\x03\x04" + b"x" * 100, suffix=".zip")
_is("no workbook behind its name", b"PK\x05\x06" + bytes(18), suffix=".xlsx")
_is("no Parquet behind its mark", b"PAR1" + b"x" * 100 + b"PAR1", suffix=".parquet")
_is("a header repeated", (HEADER.rstrip() + ",SEX\n" + ROW).encode())
_is("a gzip in a gzip", gzip.compress(gzip.compress(GOOD.encode(), mtime=0), mtime=0), suffix=".gz")


@trick("a zip that claims two gigabytes")
def _claim(folder: Path) -> Path:
    path = folder / "claim.zip"
    content = GOOD.encode()
    path.write_bytes(zipped([("x.csv", deflated(content, 1), 8, zlib.crc32(b"another"), 2_000_000_000)]))
    return path


@trick("a zip that is encrypted")
def _encrypted(folder: Path) -> Path:
    made = bytearray(zipped([("x.csv", GOOD.encode(), 0, zlib.crc32(GOOD.encode()), len(GOOD))]))
    made[6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    path = folder / "secret.zip"
    path.write_bytes(bytes(made))
    return path


@trick("a workbook in a zip")
def _book_in_zip(folder: Path) -> Path:
    book = workbook(folder, b"").read_bytes()
    path = folder / "book.zip"
    path.write_bytes(zipped([("book.xlsx", book, 0, zlib.crc32(book), len(book))]))
    return path


@trick("a workbook of which two parts have one name")
def _twice(folder: Path) -> Path:
    path = workbook(folder, b"")
    with zipfile.ZipFile(path) as archive:
        parts = [(member.filename, archive.read(member)) for member in archive.infolist()]
    parts.append(("xl/Worksheets/sheet1.xml", b"<worksheet/>"))
    path.write_bytes(zipped([(name, part, 0, zlib.crc32(part), len(part)) for name, part in parts]))
    return path


@trick("a workbook whose XML is broken")
def _broken_xml(folder: Path) -> Path:
    return workbook(folder, b"<row>")


@trick("a Parquet file with lists for texts")
def _lists(folder: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "REF_AREA": pa.array([["KAZ"]]),
        "INDICATOR": ["internet_use"],
        "TIME_PERIOD": [2020],
        "OBS_VALUE": [1.0],
    }
    path = folder / "lists.parquet"
    pq.write_table(pa.table(columns), path)
    return path
