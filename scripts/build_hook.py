"""Puts data/ and schemas/ into the wheel, as divide_cli/_data and divide_cli/_schemas.

Translations are compiled on the way: the wheel has the .mo file of each .po file, so that no user needs Babel.

DIVIDE_BUILD_WITHOUT=CC-BY-NC-SA-3.0-IGO (or another licence id) leaves out editions under that licence. Attribution
then satisfies all terms in the wheel.
"""

import os
import re
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """The build hook that maps the folders of facts into the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds every file, except editions under the licence to leave out."""
        root = Path(self.root)
        unwanted = {name for name in os.environ.get("DIVIDE_BUILD_WITHOUT", "").split(",") if name}
        left_out = [
            origin.parent
            for origin in root.glob("data/sources/*/origin.yaml")
            if _licence(origin.read_text(encoding="utf-8")) in unwanted
        ]
        if version == "editable":
            return
        for folder, target in (("data", "_data"), ("schemas", "_schemas")):
            for path in sorted((root / folder).rglob("*")):
                if (
                    path.is_file()
                    and path.parent.name != "__cache__"
                    and not path.name.startswith(".divide-")  # what a command writes at this moment
                    and path.suffix not in (".po", ".mo")
                    and not any(edition in path.parents for edition in left_out)
                ):
                    inside = path.relative_to(root / folder).as_posix()
                    build_data["force_include"][str(path)] = f"divide_cli/{target}/{inside}"
        for compiled in _compiled(root / "data" / "translations", root / "build" / "translations"):
            build_data["force_include"][str(compiled)] = f"divide_cli/_data/translations/{compiled.name}"


def _compiled(source: Path, target: Path) -> list[Path]:
    """The .mo file of each .po file, written to the folder of the build."""
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for path in sorted(source.glob("*.po")):
        with path.open("rb") as file, (target / f"{path.stem}.mo").open("wb") as compiled:
            write_mo(compiled, read_po(file))
        paths.append(target / f"{path.stem}.mo")
    return paths


def _licence(origin: str) -> str:
    """The licence id in an origin.yaml, read without PyYAML, which is not installed during the build."""
    found = re.search(r"^licence:\s*\n\s+id:\s*(\S+)", origin, flags=re.MULTILINE)
    return found.group(1) if found else ""
