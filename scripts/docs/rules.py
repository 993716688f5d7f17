"""The pages of the rules: docs/rules/."""

from divide_cli.catalogue import catalogue
from scripts.docs.markdown import table


def pages() -> dict[str, str]:
    """The index of the rules."""
    rows = [(f"`{name}`", rule.severity, rule.name) for name, rule in catalogue().rules.items()]
    return {"docs/rules/index.md": f"# Rules\n\n{table(('rule', 'severity', 'in words'), rows)}"}
