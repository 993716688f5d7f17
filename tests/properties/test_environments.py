"""Some formats in every environment; `python -m tests.properties.environments` compares all formats."""

import os

import pytest

from tests.properties.environments import ENVIRONMENTS, QUICK, differences

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks and a shell")


def test_formats_for_programs_are_the_same_in_every_environment():
    assert not [found for found in differences(QUICK, ENVIRONMENTS) if found[1]]
