"""`add_edition`: a file of any known layout as an edition of your own."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli.api import choices
from divide_cli.errors import OptionError

if TYPE_CHECKING:
    from divide_cli.sources.file_edition import Added

_ID = re.compile(r"[a-z][a-z0-9_]*")
_ADDRESS = re.compile(r"https?://[^\s/]\S*")


def add_edition(
    file: Path,
    edition: str,
    *,
    to: Path | None = None,
    title: str = "",
    producer: str = "",
    url: str = "",
    licence: str = "",
    citation: str = "",
    vintage: datetime | None = None,
    indicator: str = "",
    area: str = "",
    dataflow: str = "",
    encoding: str = "",
) -> "Added":
    """Makes the file an edition, below the folder given, `$DIVIDE_EDITIONS` or the user's own.

    Raises OptionError for an id that exists or is not valid, SourceError if the file cannot be read. Rows
    that cannot be used are left out, and counted in the result.
    """
    if not _ID.fullmatch(edition):
        raise OptionError("edition_id_malformed", found=edition, where="--id")
    if url and not _ADDRESS.fullmatch(url):
        raise OptionError("url_unsupported", found=url, where="--url")
    area = choices.checked_file_options(indicator, area, dataflow)
    reading = {"indicator": indicator, "area": area, "dataflow": dataflow, "encoding": encoding}
    from divide_cli.sources.editions import folders
    from divide_cli.sources.file_edition import Facts, add

    facts = Facts(title, producer, url, licence, citation, vintage.date() if vintage else None)
    return add(file, edition, reading, facts, to or folders()[0], date.today())
