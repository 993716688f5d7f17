"""The rules as a table, as the YAML that --rules takes, or as VTL."""

import sys
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import yaml

from divide_cli.catalogue import Rule
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import grown, shown
from divide_cli.frames.atomic_write import moved_into_place
from divide_cli.reports.tables import Block, as_markdown, print_rich


def table(rules: Sequence[Rule]) -> list[Block]:
    """One row a rule, in the order in which they are applied."""
    rows: list[tuple[str, ...]] = [
        (rule.severity, rule.id, rule.name, f"{rule.kind} ({rule.tolerance:g})" if rule.tolerance else rule.kind)
        for rule in rules
    ]
    columns = ("severity", "rule", "what is wrong", "kind (tolerance)")
    note = "`divide show RULE` prints one; `--format yaml` prints entries in the form that --rules takes."
    return [
        Block(grown(len(rules), "rule"), columns, rows, notes=(note,), whole=frozenset({"rule", "kind (tolerance)"}))
    ]


def as_yaml(rules: Sequence[Rule]) -> str:
    """The rules as entries of a file of --rules; what is as usual is left out."""
    usual = {
        field.name: field.default_factory() if field.default_factory is not MISSING else field.default
        for field in fields(Rule)
    }
    made = {
        rule.id: {
            name: _plain(value)
            for name, value in vars(rule).items()
            if name != "id" and (usual[name] is MISSING or value != usual[name])
        }
        for rule in rules
    }
    return yaml.dump(made, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes each list anew: an alias saves a line and costs the reader a search."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Everything is written where it stands."""
        return True


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, dict) else value


def deliver(rules: Sequence[Rule], form: str, out: Path | None) -> None:
    """Prints the rules, or writes them to `out`, whole or not at all. SourceError where they cannot be written."""
    if form == "table" and out is None:
        print_rich(table(rules))
        return
    if form == "vtl":
        from divide_cli.validation import vtl

        made = vtl.text(rules)
    else:
        made = as_yaml(rules) if form == "yaml" else as_markdown(table(rules))
    if out is None:
        sys.stdout.write(made)
        return
    if out.is_dir():
        raise SourceError(
            "output_unwritable", what="rules", expected="a file", found="a folder", where=str(out), hint="name a file"
        )
    with moved_into_place(out, "rules") as temporary:
        temporary.write_text(made, encoding="utf-8", newline="")
    print(f"wrote {shown(str(out))}", file=sys.stderr)
