"""The reference of the commands, from the program itself: docs/reference/commands.md."""

import re
from typing import Any

from typer.main import get_command

from divide_cli.cli.commands import app
from scripts.docs.markdown import page

_RECORD = re.compile(r"(?P<names>[^<]+?)\s*(?:<(?P<values>.+)>)?")
_FACTS = re.compile(r"(?P<text>.*?)\s*(?:\[(?P<facts>(?:default: |required|-?\d[\d.]*<)[^\]]*)\])?", re.DOTALL)
_KINDS = {"str": "text", "int": "number", "float": "number", "path": "path", "int range": "number"}


def _values(text: str | None) -> str:
    """What an option takes: the words to choose from, or the kind of value, and whether it may be repeated."""
    if not text:
        return ""
    repeated = re.fullmatch(r"list\[(.+)\]", text)
    one = (repeated[1] if repeated else text).removesuffix(" range")
    kind = ", ".join(f"`{word}`" for word in one.split("|")) if "|" in one else _KINDS.get(one, one)
    return f"{kind}, repeatable" if repeated else kind


def _parameter(parameter: Any, context: Any) -> dict[str, str]:
    """Names, values, default and help of an option or an argument, as `--help` has them."""
    record, text = parameter.get_help_record(context)
    names, help_text = _RECORD.fullmatch(record), _FACTS.fullmatch(text)
    if not names or not help_text:
        raise RuntimeError(f"the help of {parameter.name} has another form: {record} {text}")
    facts = [fact for fact in (help_text["facts"] or "").split("; ") if fact]
    bounds = [re.sub(r"<=?x<=?", " to ", fact) for fact in facts if re.search("x<", fact)]
    default = next((fact.removeprefix("default: ") for fact in facts if fact.startswith("default: ")), "")
    return {
        "names": ", ".join(f"`{name}`" for name in re.split(r", | / ", names["names"].strip())),
        "values": "; ".join([_values(names["values"]), *bounds]).strip("; "),
        "default": "required" if "required" in facts else default,
        "help": help_text["text"],
    }


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
        "usage": command.get_usage(context).removeprefix("Usage: "),
        "help": command.help,
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
    return {"docs/reference/commands.md": page("commands.md.j2", commands=commands, about=program.help)}
