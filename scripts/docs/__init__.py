"""The documentation: examples that are real runs, and pages generated from the catalogue, the program and its tests."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
