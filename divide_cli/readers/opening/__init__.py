"""Bytes -> documents: containers, encodings, workbooks, spooled bytes."""
