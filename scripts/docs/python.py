"""The reference of the functions of `import divide_cli`, from their docstrings: docs/reference/api.md."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import divide_cli
from scripts.docs.markdown import page

_SECTION = re.compile(r"^(Args|Returns|Raises):$", re.MULTILINE)
_HEADS = {"Args": "Words", "Returns": "Result", "Raises": "Errors"}
_ENTRY = re.compile(r"^ {4}(\S[^:]*): ")


def pages() -> dict[str, str]:
    """The page of the functions, then of the results."""
    public = {name: getattr(divide_cli, name) for name in divide_cli.__all__ if name != "catalogue"}
    functions = [_function(name, value) for name, value in public.items() if inspect.isfunction(value)]
    errors = [
        {
            "name": name,
            "text": (inspect.getdoc(value) or "").split("\n\n", maxsplit=1)[0].replace("\n", " "),
            "example": _text_and_example(value)[1],
        }
        for name, value in public.items()
        if name.endswith("Error")
    ]
    results = [
        _result(name, value) for name, value in public.items() if inspect.isclass(value) and not name.endswith("Error")
    ]
    results.sort(key=lambda one: one["name"] != "Result")
    return {"docs/reference/api.md": page("api.md.j2", functions=functions, results=results, errors=errors)}


def _function(name: str, value: Any) -> dict[str, Any]:
    """A function as the template shows it: its call, its text, its sections and its example."""
    text, example = _text_and_example(value)
    first, *parts = _SECTION.split(text)
    sections = [
        (_HEADS[head], list(_entries(body)))
        for head, body in zip(parts[::2], [part.partition("\n\n")[0] for part in parts[1::2]], strict=True)
    ]
    after = parts[-1].partition("\n\n")[2].strip() if parts else ""
    return {
        "name": name, "call": _call_in_lines(name, value), "text": first.strip(), "sections": sections, "after": after,
        "example": example,
    }  # fmt: skip


def _entries(body: str) -> Iterator[tuple[str, str]]:
    """The entries of a section: a name (empty for a text without one) and its text."""
    entries: list[list[str]] = []
    for line in body.strip("\n").splitlines():
        match = _ENTRY.match(line)
        if match and not line.startswith("     ") and len(match[1].split()) < 30:
            entries.append([match[1], line[match.end() :]])
        elif re.fullmatch(r" {4}[\w, ]+:", line):
            entries.append([line.strip()[:-1], ""])
        elif entries:
            entries[-1][1] += f" {line.strip()}"
        else:
            entries.append(["", line.strip()])
    return ((name, text.strip()) for name, text in entries)


def _result(name: str, value: Any) -> dict[str, Any]:
    """A result: its text, its example, and what it offers besides what every result does."""
    text, example = _text_and_example(value)
    members = []
    for member, defined in vars(value).items():
        if member.startswith("_") or not (isinstance(defined, property) or inspect.isfunction(defined)):
            continue
        described, further = _text_and_example(defined.fget if isinstance(defined, property) else defined)
        example += f"\n{further}" if name != "Result" else ""
        shown = member if isinstance(defined, property) else _call(member, defined)
        members.append((shown, " ".join(described.split())))
    return {"name": name, "text": text, "example": example, "members": members}


def _text_and_example(value: Any) -> tuple[str, str]:
    """The docstring without its example, and the example."""
    whole = inspect.getdoc(value) or ""
    text, prompt, example = whole.partition(">>> ")
    return text.strip(), (prompt + example).strip()


def _call(name: str, value: Any) -> str:
    """The call with its words and their defaults, without types."""
    parameters = [one.replace(annotation=one.empty) for one in inspect.signature(value).parameters.values()]
    return f"{name}{inspect.Signature([one for one in parameters if one.name != 'self'])}"


def _call_in_lines(name: str, value: Any) -> str:
    """The call with a line for each word, as ruff lays it out."""
    words = _call(name, value).removeprefix(f"{name}(").removesuffix(")").replace("'", '"').split(", ")
    return "\n".join([f"{name}(", *(f"    {word}," for word in words), ")"])
