"""The embedded editions are observations: they are not checked again when a command loads them."""

import pytest

from divide_cli.catalogue.load import data_dir
from divide_cli.frames.schema import conform
from divide_cli.sources.editions import editions, load

EMBEDDED = sorted(name for name, edition in editions().items() if edition.folder.is_relative_to(data_dir()))


def test_every_folder_of_the_data_is_an_edition() -> None:
    assert sorted(path.name for path in (data_dir() / "sources").iterdir() if path.is_dir()) == EMBEDDED


@pytest.mark.parametrize("name", EMBEDDED)
def test_an_embedded_edition_keeps_the_schema_of_observations(name: str) -> None:
    observations = load(name)
    assert len(observations.frame)
    assert conform(observations.frame, observations.dimensions) is observations.frame
