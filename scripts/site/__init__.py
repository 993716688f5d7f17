"""The documentation site: pages of the project as a site of static files, which loads nothing from elsewhere."""

from pathlib import Path

from scripts.docs import ROOT

BUILD = ROOT / "build" / "documentation"
"""Where the site is made. Its pages are in `pages`, the finished site is in `site`."""
HERE = Path(__file__).resolve().parent
