"""A claims file to begin with: one claim that holds on the embedded figures, and the schema for the editor."""

from pathlib import Path

from divide_cli.catalogue import data_dir, schema_dir
from divide_cli.errors import OptionError, SourceError

SCHEMA = "claims.schema.json"


def started(path: Path, title: str) -> dict[Path, str]:
    """The files to write, with their texts: the claims file and its JSON Schema. OptionError where the file exists."""
    if path.exists():
        raise OptionError("file_exists", found=str(path))
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in path.stem.lower()).strip("_")
    if not name or not name[0].isalpha():
        raise OptionError("publication_id_malformed", found=path.name)
    try:
        template = (data_dir() / "templates" / "claims.yaml").read_text(encoding="utf-8")
        schema = (schema_dir() / "yaml" / "claims.json").read_text(encoding="utf-8")
    except OSError as error:
        raise SourceError("claims_template_unreadable", found=str(error)) from error
    text = template.replace("id: my_report", f"id: {name}", 1)
    if title:
        text = text.replace("title: Title of the report", f"title: {_scalar(title)}", 1)
        text = text.replace("citation: Author, Title of the report, 2026", f"citation: {_scalar(title)}", 1)
    return {path: text, path.with_name(SCHEMA): schema}


def _scalar(title: str) -> str:
    """The title as a YAML text."""
    return '"' + " ".join(title.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'
