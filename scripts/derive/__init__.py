"""Derive every CSV under data/ from the raw files: `python -m scripts.derive [--raw DIR] [--out DIR]`."""
