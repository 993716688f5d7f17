"""The pages of the catalogue: indicators, gaps, measures, targets and claims, in docs/reference/."""

from divide_cli import api
from divide_cli.catalogue import catalogue
from scripts.docs.markdown import table


def pages() -> dict[str, str]:
    """One page for each kind of entry."""
    return {
        f"docs/reference/{kind}.md": f"# {kind.capitalize()}\n\n"
        + table(("id", "name"), [(f"`{name}`", getattr(entry, "name", "")) for name, entry in entries.items()])
        for kind, entries in (
            ("indicators", catalogue().indicators),
            ("gaps", catalogue().gaps),
            ("measures", catalogue().measures),
            ("targets", catalogue().targets),
            ("claims", dict.fromkeys(api.entries("claims"))),
        )
    }
