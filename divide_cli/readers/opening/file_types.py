"""Files that hold no text: images, documents, web pages, survey files; each is refused by what it is."""

import codecs

from divide_cli.errors import SourceError

_NOT_TEXT = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file (save it as .xlsx)"),
    (b"$FL2", "an SPSS file of survey microdata"),
)


def refuse_other_kinds(head: bytes, name: str) -> None:
    """SourceError where the first bytes are those of a file that holds no text."""
    if not head:
        raise SourceError("file_empty", where=name)
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip()[:15].lower()
    if begin.startswith((b"<!doctype html", b"<html")):
        raise SourceError(
            "file_is_web_page", found=head[:60].decode("utf-8", errors="replace").split("\n")[0], where=name
        )
    for magic, kind in _NOT_TEXT:
        if head.startswith(magic):
            raise SourceError("file_not_text", found=kind, where=name)
