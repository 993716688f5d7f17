"""Which rules a run applies: those of the catalogue and of the user's files, less what --only and --skip leave out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from divide_cli.catalogue import Rule, catalogue, rules_from
from divide_cli.cli.options import known_values
from divide_cli.validation.report import Described


def known_rules(files: Sequence[str]) -> dict[str, Rule]:
    """The rules of the catalogue, and those of the files; an id of a file takes the place of the catalogue's."""
    made = dict(catalogue().rules)
    for path in files:
        for name, rule in rules_from(Path(path)).items():
            made[name] = rule
    return made


def chosen(files: Sequence[str], only: Sequence[str], skip: Sequence[str]) -> tuple[tuple[Rule, ...], dict[str, str]]:
    """The rules to apply, in their order, and why the others are skipped. OptionError for an unknown id."""
    known = known_rules(files)
    wanted = known_values("--only", only, known, "rules") or tuple(known)
    unwanted = known_values("--skip", skip, known, "rules")
    skipped = {name: "--only" for name in known if name not in wanted}
    skipped |= {name: "--skip" for name in unwanted if name in wanted}
    return tuple(rule for name, rule in known.items() if name not in skipped), skipped


def described(applied: Sequence[Rule], skipped: Mapping[str, str], files: Sequence[str]) -> dict[str, Described]:
    """What a report says of each rule, applied or skipped."""
    known = known_rules(files)
    names = [*(rule.id for rule in applied), *skipped]
    return {
        name: Described(name, known[name].name, known[name].severity, known[name].reason, known[name].hint,
                        known[name].source)
        for name in names
    }  # fmt: skip
