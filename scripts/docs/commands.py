"""The reference of the commands, from the program itself: docs/reference/commands.md."""

import re
from textwrap import dedent
from typing import Any

from typer.main import get_command

from divide_cli.cli.commands import app
from scripts.docs import ROOT
from scripts.docs.markdown import page

_FACTS = re.compile(r"\s*\[((?:default: |required|-?\d[\d.]*<|x>)[^\]]*)\]")
"""What `--help` adds to the text of an option: its default, its bounds, whether it is required."""

_GUIDES = {
    "claims new": "claims.md#check-your-own-report",
    "compute": "analysts.md#compute-the-gaps",
    "diff": "analysts.md#find-out-why-a-figure-moved",
    "edition add": "analysts.md#choose-the-edition",
    "explain": "analysts.md#explain-a-number",
    "fetch": "fetch.md",
    "lock": "claims.md#check-your-own-report",
    "measure": "analysts.md#measure-inequality",
    "profile": "analysts.md#profile-an-area",
    "read": "formats.md#see-what-a-file-contains",
    "reproduce": "claims.md",
    "rules": "statisticians.md#add-rules-of-your-own",
    "targets": "analysts.md#check-targets",
    "template": "statisticians.md#start-from-a-template",
    "validate": "statisticians.md#check-a-file",
}
"""Where the guides explain a command."""

_KINDS = {"str": "text", "int": "number", "float": "number", "path": "path", "int range": "number"}


def _values(text: str, repeatable: bool) -> str:
    """What an option takes: the words to choose from, or the kind of value, and whether it may be repeated."""
    one = re.sub(r"^list\[(.+)\]$", r"\1", text).removesuffix(" range")
    words = one.split("|")
    if len(words) == 1:
        kind = _KINDS.get(one.lower(), one)
    else:
        kind = " or ".join(words) if one.isupper() else ", ".join(f"`{word}`" for word in words)
    return f"{kind}, repeatable" if repeatable else kind


def _parameter(parameter: Any, context: Any) -> dict[str, str]:
    """Names, values, default and help of an option or an argument, as `--help` has them."""
    record, text = parameter.get_help_record(context)
    names = [*parameter.opts, *parameter.secondary_opts]
    if parameter.param_type_name == "argument":
        names, record = [record.partition(" <")[0]], record.partition(" <")[2]
    metavar = " ".join(word for word in re.split(r", | / | ", record) if word not in names).strip("<>")
    facts = [fact for group in _FACTS.findall(text) for fact in group.split("; ")]
    bounds = [
        re.sub(r"<=?x<=?", " to ", re.sub(r"^x>=", "at least ", fact))
        for fact in facts
        if re.search(r"\bx[<>]|<=?x<", fact)
    ]
    default = next((fact.removeprefix("default: ") for fact in facts if fact.startswith("default: ")), "")
    return {
        "names": ", ".join(f"`{name}`" for name in names),
        "values": "; ".join([_values(metavar, parameter.multiple or parameter.nargs == -1), *bounds]).strip("; "),
        "default": "required" if "required" in facts else default,
        "help": _FACTS.sub("", text),
    }


def _paragraph(text: str) -> dict[str, str]:
    """A paragraph of a command's help: its text, or its heading and the lines that keep their layout."""
    if not text.startswith("\b\n"):
        return {"text": " ".join(text.split()), "lines": ""}
    heading, _, lines = text.removeprefix("\b\n").partition("\n")
    return {"text": heading, "lines": dedent(lines)}


def _guide(target: str) -> str:
    """A link to a section of a guide, with the title of the page."""
    title = (ROOT / "docs" / target.partition("#")[0]).read_text(encoding="utf-8").partition("\n")[0]
    return f"[{title.removeprefix('# ')}](../{target})"


def _described(name: str, command: Any) -> dict[str, Any]:
    """A command as the template shows it."""
    context = command.context_class(command, info_name=f"{app.info.name} {name}")
    parameters = [
        (parameter.param_type_name, _parameter(parameter, context))
        for parameter in command.params
        if not parameter.hidden
    ]
    return {
        "name": name,
        "guide": _guide(_GUIDES[name]) if name in _GUIDES else "",
        "usage": command.get_usage(context).removeprefix("Usage: "),
        "summary": command.help.split("\n\n")[0],
        "paragraphs": [_paragraph(text) for text in command.help.split("\n\n")],
        "arguments": [shown for kind, shown in parameters if kind == "argument"],
        "options": [shown for kind, shown in parameters if kind == "option"],
    }


def pages() -> dict[str, str]:
    """The page of the commands, in the order of `divide --help`."""
    program: Any = get_command(app)
    commands = []
    for name, command in program.commands.items():
        inner = getattr(command, "commands", None)
        commands += (
            [_described(f"{name} {part}", one) for part, one in inner.items()] if inner else [_described(name, command)]
        )
    return {"docs/reference/commands.md": page("commands.md.j2", commands=commands)}
