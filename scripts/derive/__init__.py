"""Derives every CSV file in data/ from the raw files: `python -m scripts.derive [--raw DIR] [--out DIR]`."""
