"""The canonical frames: their schemas, keys, columns and comments, and files written whole."""
