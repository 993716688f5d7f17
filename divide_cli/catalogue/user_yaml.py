"""YAML that somebody gives (rules, waivers), read as data that may be meant to harm.

An alias stands for all that it names: a kilobyte of aliases of aliases is thousands of millions of values. They are
counted before anything is built; tags that would make objects are refused by the safe loader.
"""

from pathlib import Path
from typing import Any

import yaml

from divide_cli.catalogue.load import catalogue
from divide_cli.errors import SourceError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 50
"""Levels of nesting; rules and waivers have four."""


def given_yaml(path: Path, what: str) -> Any:
    """The content of a YAML file, `what` in words; SourceError where it cannot be read, is no YAML, or too much."""
    limits = catalogue().limits
    try:
        if path.exists() and not path.is_file():
            raise _refused(what, path, "no file")
        with path.open("rb") as handle:
            raw = handle.read(limits["yaml_bytes"].most + 1)
        if len(raw) > limits["yaml_bytes"].most:
            raise _refused(what, path, "more", f"at most {limits['yaml_bytes'].most:,} {limits['yaml_bytes'].name}")
        text = raw.decode("utf-8-sig")
        _refuse_deep(text)
        loader = _Loader(text)
    except OSError as error:
        raise _refused(what, path, error.strerror or str(error), "a readable file") from error
    except RecursionError as error:
        raise _refused(what, path, f"more than {DEEPEST} levels of nesting") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise _refused(what, path, _told(error)) from error
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > limits["yaml_values"].most:
            raise _refused(what, path, "more", f"at most {limits['yaml_values'].most:,} {limits['yaml_values'].name}")
        return loader.construct_document(node)
    except RecursionError as error:
        raise _refused(what, path, f"more than {DEEPEST} levels of nesting") from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, IndexError, AttributeError) as error:
        # 2026-02-31, a number of thousands of digits, a tag that its text does not fit
        raise _refused(what, path, _told(error)) from error
    finally:
        loader.dispose()


def _refused(what: str, path: Path, found: str, expected: str = "a YAML file") -> SourceError:
    return SourceError("user_yaml_unreadable", what=what, expected=expected, found=found, where=str(path))


def _told(error: Exception) -> str:
    return " ".join(str(error).replace(' in "<unicode string>"', "").split())


def _refuse_deep(text: str) -> None:
    """RecursionError where values are nested so deeply that building them would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RecursionError


def _size(node: yaml.Node, known: dict[int, int], depth: int = 0) -> int:
    """How many values a node stands for, an alias counted with all of its own; RecursionError where it holds itself."""
    if depth > DEEPEST:
        raise RecursionError
    if id(node) not in known:
        children: list[yaml.Node] = []
        if isinstance(node, yaml.SequenceNode):
            children = node.value
        elif isinstance(node, yaml.MappingNode):
            children = [part for pair in node.value for part in pair]
        known[id(node)] = 1 + sum(_size(child, known, depth + 1) for child in children)
    return known[id(node)]
