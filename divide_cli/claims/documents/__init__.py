"""Claims where they are printed: texts in which a mark next to a figure says what the figure states."""

from divide_cli.claims.documents.document import SUFFIXES, Document, is_text, load, walk

__all__ = ["SUFFIXES", "Document", "is_text", "load", "walk"]
