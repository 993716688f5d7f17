"""YAML that users give (rules, waivers, claims), read as data that may be meant to harm.

An alias stands for all that it names: a kilobyte of aliases of aliases is thousands of millions of values. They are
counted before anything is built; tags that would make objects are refused by the safe loader.
"""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from divide_cli.catalogue.load import catalogue
from divide_cli.errors import SourceError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 50
"""Levels of nesting; rules and waivers have four."""


class UserYaml(NamedTuple):
    """A YAML file: its bytes, its content, and the nodes that know their lines (None where the file is empty)."""

    raw: bytes
    content: Any
    node: yaml.Node | None

    def line(self, *path: str | int) -> int:
        """The line of the value at the keys and places of the path, of its key where it has one; from 1 on."""
        node, line = self.node, 1
        for step in path:
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
                line = node.start_mark.line + 1
            elif isinstance(node, yaml.MappingNode):
                pairs = [(name, value) for name, value in node.value if name.value == step]
                if not pairs:
                    break
                name, node = pairs[-1]
                line = name.start_mark.line + 1
        return line


def read_user_yaml(path: Path, what: str) -> UserYaml:
    """The YAML file of a user, `what` in words; SourceError where it cannot be read, is not YAML, or holds too much."""
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
        loader = LOADER(text)
    except OSError as error:
        raise _refused(what, path, error.strerror or str(error), "a readable file") from error
    except RecursionError as error:
        raise _refused(what, path, f"more than {DEEPEST} levels of nesting") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise _refused(what, path, _in_one_line(error)) from error
    try:
        node = loader.get_single_node()
        if node is None:
            return UserYaml(raw, None, None)
        if _size(node, {}) > limits["yaml_values"].most:
            raise _refused(what, path, "more", f"at most {limits['yaml_values'].most:,} {limits['yaml_values'].name}")
        _refuse_twice(node, set())
        return UserYaml(raw, loader.construct_document(node), node)
    except RecursionError as error:
        raise _refused(what, path, f"more than {DEEPEST} levels of nesting") from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, IndexError, AttributeError) as error:
        # 2026-02-31, a number of thousands of digits, a tag that its text does not fit
        raise _refused(what, path, _in_one_line(error)) from error
    finally:
        loader.dispose()


def given_yaml(path: Path, what: str) -> Any:
    """The content of a user's YAML file; SourceError as for read_user_yaml."""
    return read_user_yaml(path, what).content


def _refused(what: str, path: Path, found: str, expected: str = "a YAML file") -> SourceError:
    return SourceError("user_yaml_unreadable", what=what, expected=expected, found=found, where=str(path))


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).replace(' in "<unicode string>"', "").split())


def _refuse_deep(text: str) -> None:
    """RecursionError where values are nested so deeply that building them would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RecursionError


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else []


def _size(node: yaml.Node, sizes: dict[int, int], depth: int = 0) -> int:
    """How many values a node stands for, an alias counted with all of its own; RecursionError where it holds itself."""
    if depth > DEEPEST:
        raise RecursionError
    if id(node) not in sizes:
        sizes[id(node)] = 1 + sum(_size(child, sizes, depth + 1) for child in _children(node))
    return sizes[id(node)]


def _refuse_twice(node: yaml.Node, seen: set[int]) -> None:
    """YAMLError where a mapping has a key twice, of which YAML would silently take the last."""
    if id(node) in seen:
        return
    seen.add(id(node))
    names: set[str] = set()
    for name, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(name, yaml.ScalarNode):
            if name.value in names:
                raise yaml.YAMLError(f"line {name.start_mark.line + 1}: {name.value} stands twice")
            names.add(name.value)
    for child in _children(node):
        _refuse_twice(child, seen)
