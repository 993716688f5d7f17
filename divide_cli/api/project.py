"""The configuration of a project: `divide.toml`, or `[tool.divide]` of pyproject.toml, in the working directory.

It has the files, rules, waivers and claims of the project, and `fail-on`, so that `divide validate` and `divide
reproduce` need no arguments. Arguments of a command take the place of its entries. Names of files are relative to its
folder, and may be patterns such as `submissions/*.csv`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from divide_cli.concepts import SEVERITIES
from divide_cli.errors import OptionError, Place, SourceError, reason_of, suggestion
from divide_cli.language import commas, say

NAMES = ("divide.toml", "pyproject.toml")
"""The files that may have it, the first one first."""
LISTS = ("files", "rules", "claims")
KEYS = (*LISTS, "waivers", "fail-on")
_SECTION = "tool.divide"
_MOST = 1_000_000
"""The most bytes of a configuration file."""


@dataclass(frozen=True)
class Project:
    """What a configuration says; empty where it says nothing. `path` is its file, empty if there is none."""

    path: str = ""
    files: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    waivers: str = ""
    fail_on: str = ""

    def validation(self, words: Mapping[str, Any]) -> dict[str, Any]:
        """The options of `divide validate` with those of the project where none is given; OptionError without files."""
        files = list(words["files"] or self._named("files", self.files))
        if not files:
            raise OptionError("files_missing", where=self.path)
        rules = words["rules"] or self._named("rules", self.rules) or None
        waivers = words["waivers"] or (
            Path(self.path).parent / self.waivers if self.waivers and not words["write_waivers"] else None
        )
        return {**words, "files": files, "rules": rules, "waivers": waivers}

    def severity(self, fail_on: str | None) -> str:
        """The lowest severity that fails a run: the one given, that of the project, or `error`."""
        return fail_on or self.fail_on or SEVERITIES[-1]

    def claimed(self, claims: list[Path] | None) -> list[Path] | None:
        """The claims files and texts given, or those of the project; None if there are none."""
        return claims or [Path(name) for name in self._named("claims", self.claims)] or None

    def _named(self, key: str, texts: tuple[str, ...]) -> list[str]:
        """The files and folders that the texts of a key name; SourceError for a pattern that matches none."""
        return list(dict.fromkeys(name for text in texts for name in _named(Path(self.path), key, text)))


def project(folder: Path = Path()) -> Project:
    """The configuration in a folder. Raises SourceError if it cannot be read, with all that is wrong with it."""
    for name in NAMES:
        path = folder / name
        if path.is_file():
            entries = _entries(path)
            if entries is not None:
                return _checked(path, entries)
    return Project()


def _entries(path: Path) -> Mapping[str, Any] | None:
    """The entries of a file; None if it is a pyproject.toml without a section of ours."""
    import tomllib

    try:
        with path.open("rb") as handle:
            raw = handle.read(_MOST)
        text = raw.decode("utf-8")
        if path.name == NAMES[1] and _SECTION not in text:
            return None
        content: Any = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError("config_unreadable", found=reason_of(error), where=str(path)) from error
    if path.name == NAMES[0]:
        return content  # type: ignore[no-any-return]
    tools = content.get("tool", {})
    section = tools.get("divide") if isinstance(tools, dict) else None
    if section is not None and not isinstance(section, dict):
        raise _wrong(path, "divide", section, "a table")
    return section


def _checked(path: Path, entries: Mapping[str, Any]) -> Project:
    """The configuration; SourceError with all that is wrong with its keys and values."""
    faults = (_fault(path, key, value) for key, value in entries.items())
    if errors := [fault for fault in faults if fault]:
        raise SourceError.of(errors)
    keys: dict[str, Any] = {
        key.replace("-", "_"): tuple(value) if key in LISTS else value for key, value in entries.items()
    }
    return Project(str(path), **keys)


def _fault(path: Path, key: str, value: Any) -> SourceError | None:
    """What is wrong with a key or its value, if anything."""
    if key not in KEYS:
        hint = suggestion(key, KEYS) or say("the keys are {keys}", keys=commas(KEYS))
        return SourceError("config_key_unknown", found=key, where=_place(path, key), hint=hint)
    if key in LISTS:
        is_list = isinstance(value, list) and all(isinstance(one, str) and one for one in value)
        return None if is_list else _wrong(path, key, value, 'a list of texts, such as ["reports/*.csv"]')
    if not isinstance(value, str) or not value:
        return _wrong(path, key, value, "a text")
    if key == "fail-on" and value not in SEVERITIES:
        return _wrong(path, key, value, commas(SEVERITIES[::-1]))
    return None


def _named(path: Path, key: str, text: str) -> Iterator[str]:
    """The files and folders that a text names, relative to the folder of the configuration."""
    if not re.search(r"[*?\[]", text):
        yield (path.parent / text).as_posix()
        return
    try:
        names = sorted(found.as_posix() for found in path.parent.glob(text))
    except (ValueError, NotImplementedError, IndexError):  # an absolute pattern, or `**` inside a name
        names = []
    if not names:
        raise SourceError("config_pattern_empty", found=text, where=_place(path, key))
    yield from names


def _wrong(path: Path, key: str, value: Any, expected: str) -> SourceError:
    return SourceError("config_value_wrong", what=key, expected=expected, found=repr(value), where=_place(path, key))


def _place(path: Path, key: str) -> Place:
    """The file and the line of a key."""
    text = path.read_text(encoding="utf-8")
    match = re.search(
        rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=|^[ \t]*\[[^\]\n]*{re.escape(key)}\]", text, re.MULTILINE
    )
    return Place(path, text[: match.start()].count("\n") + 1 if match else 0)
