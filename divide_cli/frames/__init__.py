"""The canonical frames: schemas, keys, columns, comments, bounds, and the safe writing of files."""
