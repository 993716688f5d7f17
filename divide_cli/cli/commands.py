"""The commands, by name."""

import typer

from divide_cli import __version__
from divide_cli.cli import compute, entries, measure, read, reproduce, targets, validate

app = typer.Typer(
    name="divide",
    help="The digital-divide indicator calculator: gaps in Internet use, telephones and coverage, with their coverage, "
    "bounds, source and edition.",
    epilog="Exit codes: 0 fine, 1 findings or nothing computed, 2 a wrong option or value, 3 a file that cannot be "
    "read or understood.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(flag: bool) -> None:
    if flag:
        print(f"divide {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", "-V", callback=_print_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """The digital-divide indicator calculator."""


app.add_typer(reproduce.claims_app, name="claims")
app.command("compute")(compute.compute)
app.command("fetch")(entries.fetch)
app.command("list")(entries.list_entries)
app.command("lock")(reproduce.lock)
app.command("measure")(measure.measure)
app.command("read")(read.read)
app.command("reproduce")(reproduce.reproduce)
app.command("rules")(validate.rules)
app.command("show")(entries.show_entry)
app.command("template")(validate.template)
app.command("validate")(validate.validate)
app.command("targets")(targets.targets)
