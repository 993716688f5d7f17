"""What tests of several folders share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

# The same examples in every run, so that a change is judged by itself: few in `make test`, 200 a law in CI (`thorough`).
# HYPOTHESIS_PROFILE=explore looks for new ones. No deadline: the first example of a run reads the catalogue.
# Hypothesis would also draw constants of the modules that earlier tests of the same process have imported.
settings.register_profile("divide", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=200)
settings.register_profile("explore", deadline=None, max_examples=200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "divide"))
if settings.default and settings.default.derandomize:
    providers.is_local_module_file = lambda path: False

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def raw() -> Path:
    """The folder of raw files ($DIVIDE_RAW, default ../shared/data); the test is skipped where it is absent."""
    folder = Path(os.environ.get("DIVIDE_RAW") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the raw files are not at hand (DIVIDE_RAW, default ../shared/data)")
    return folder
