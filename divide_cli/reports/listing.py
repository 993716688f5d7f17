"""Entries of the catalogue on the terminal, and the rules as a table, as the YAML that --rules takes, or as VTL."""

import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import NODEFAULT, structs, to_builtins

from divide_cli.catalogue import Rule
from divide_cli.errors.text_safety import count_of
from divide_cli.reports.tables import Block, Output, tell_written, write

if TYPE_CHECKING:
    from divide_cli.reports.catalogue import Entry


def _width() -> int:
    """The columns of the terminal, whichever stream is one, or what COLUMNS says; as rich, without importing it."""
    for stream in (0, 1, 2):
        with suppress(OSError):
            return shutil.get_terminal_size((os.get_terminal_size(stream).columns, 24)).columns
    return shutil.get_terminal_size((80, 24)).columns


def print_kinds(kinds: Mapping[str, Mapping[str, "Entry"]]) -> None:
    """Each kind with the number of its entries."""
    for kind, entries in kinds.items():
        print(f"{kind:<14}{len(entries):>5}   divide list {kind}")
    print("\ndivide show ID prints one entry.")


def print_list(kind: str, entries: Mapping[str, "Entry"]) -> None:
    """One entry a paragraph: id, name, and a line about it."""
    width = _width()
    column = min(max((len(name) for name in entries), default=0) + 2, 40)
    for name, entry in entries.items():
        text = " · ".join(part for part in (entry.name, entry.about) if part)
        lines = textwrap.wrap(text, max(width - column, 30), break_long_words=False, break_on_hyphens=False) or [""]
        print(f"{name:<{column}}{lines[0]}")
        for line in lines[1:]:
            print(" " * column + line)
    print(f"\n{len(entries)} {kind}. divide show ID prints one.")


def print_entry(entry: "Entry") -> None:
    """Everything about one entry."""
    width = _width()
    print(f"{entry.id}: {entry.name} ({entry.kind.removesuffix('s')})")
    for label, text in entry.describe():
        if text:
            print(
                textwrap.fill(
                    f"{label}: {text}", width, initial_indent="  ", subsequent_indent="      ",
                    break_long_words=False, break_on_hyphens=False,
                )
            )  # fmt: skip
    print()


def rule_table(rules: Sequence[Rule]) -> list[Block]:
    """One row a rule, in the order in which they are applied."""
    rows: list[tuple[str, ...]] = [
        (rule.severity, rule.id, rule.name, f"{rule.kind} ({rule.tolerance:g})" if rule.tolerance else rule.kind)
        for rule in rules
    ]
    columns = ("severity", "rule", "what is wrong", "kind (tolerance)")
    note = "`divide show RULE` prints one; `--format yaml` prints entries in the form that --rules takes."
    return [
        Block(count_of(len(rules), "rule"), columns, rows, notes=(note,), whole=frozenset({"rule", "kind (tolerance)"}))
    ]


def rules_as_yaml(rules: Sequence[Rule]) -> str:
    """The rules as entries of a file of --rules; what is as usual is left out."""
    import yaml  # here, since listing the catalogue does without

    class Dumper(yaml.SafeDumper):
        """Writes each list anew: an alias saves a line and costs the reader a search."""

        def ignore_aliases(self, _data: Any) -> bool:
            """Everything is written where it stands."""
            return True

    usual = {
        field.name: field.default if field.default_factory is NODEFAULT else field.default_factory()
        for field in structs.fields(Rule)
    }
    entries = {
        rule.id: {
            name: to_builtins(value)
            for name, value in structs.asdict(rule).items()
            if name != "id" and (usual[name] is NODEFAULT or value != usual[name])
        }
        for rule in rules
    }
    return yaml.dump(entries, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120)


def deliver_rules(rules: Sequence[Rule], form: str, out: Path | None) -> None:
    """Prints the rules, or writes them to `out`, whole or not at all. SourceError where they cannot be written."""
    texts = {"yaml": lambda: rules_as_yaml(rules), "vtl": lambda: _as_vtl(rules)}
    write(Output(lambda: rule_table(rules), texts), form, out, "rules")
    tell_written([out] if out else [])


def _as_vtl(rules: Sequence[Rule]) -> str:
    from divide_cli.validation.rules import as_vtl

    return as_vtl(rules)
