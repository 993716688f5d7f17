"""The commands by name, and those for the catalogue and the editions: `divide list`, `show` and `fetch`."""

from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Annotated

import typer
from typer.models import CommandInfo

from divide_cli import __version__
from divide_cli.cli import (
    analysis,
    completion,
    editions,
    files,
    options,
    pages,
    print_entries,
    print_listing,
    profile,
    reproduce,
    tabulate,
    why,
)
from divide_cli.cli.languages import spoken
from divide_cli.language import later
from divide_cli.reports import Format
from divide_cli.reports.progress import tell_fetched

app = typer.Typer(
    name="divide",
    help="Compute gaps in Internet use, mobile telephones and network coverage.\n\nEvery figure is shown with its "
    "coverage, bounds, source and edition. Start with `divide compute`.",
    epilog="Exit codes: 0 success; 1 findings, or nothing could be computed; 2 wrong option or value; 3 a file cannot "
    "be read or understood. Others: 70 a bug of divide; 130 interrupted.",
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
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of a bug, instead of writing it to a file."),
) -> None:
    """The digital-divide indicator calculator."""


def list_entries(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="Kind of entry. [default: the kinds]", autocompletion=completion.kinds),
    ] = None,
    format: options.HowToPrint = Format.table,
) -> None:
    """List the entries of the catalogue.

    The catalogue describes indicators, gaps, measures, editions, areas and more. Without KIND, the kinds are listed.
    """
    print_listing(kind, format.value)


def show_entry(
    entry: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Id of an entry, or code of an area or group.",
            autocompletion=completion.every_entry,
        ),
    ],
    format: options.HowToPrint = Format.table,
) -> None:
    """Show one entry of the catalogue.

    Shows everything known about it, such as definition, formula, source, licence and coverage by year.

    \b
    Examples:
      divide show internet_use
      divide show wdi_2026_08
      divide show KEN
    """
    print_entries(entry, format.value)


def fetch(
    indicators: Annotated[
        list[str],
        typer.Argument(
            metavar="INDICATOR",
            help="Ids (`divide list indicators`).",
            autocompletion=completion.entries("indicators"),
        ),
    ],
    source: Annotated[str, typer.Option(help="Service: itu (ITU DataHub) or worldbank (World Bank, WDI).")] = "itu",
    to: Annotated[
        Path | None, options.one("DIR", "Folder in which the edition gets its own folder. [default: your data folder]")
    ] = None,
    base_url: Annotated[
        str, options.one("URL", "Address to use instead of the service's own, for a mirror or a test.")
    ] = "",
) -> None:
    """Download current figures from ITU or the World Bank.

    The figures become an edition of your own, named after the source and the day. Its id is printed for
    `divide compute --edition`. If a download is interrupted, run the same command again: it continues where it stopped.
    """
    from divide_cli import api

    try:
        tell_fetched(api.fetch(indicators, source=source, to=to, base_url=base_url))
    except KeyboardInterrupt as interrupt:
        interrupt.args = (later("run the same command again to continue"),)
        raise


reproduce.claims_app.command("new")(spoken(reproduce.new))
reproduce.claims_app.command("find")(spoken(reproduce.find))
editions.edition_app.command("add")(spoken(editions.add, writes_for_machines=True))
app.add_typer(reproduce.claims_app, name="claims")
app.add_typer(editions.edition_app, name="edition")
app.command("chart")(spoken(pages.chart))
app.command("compute")(spoken(analysis.compute))
app.command("diff")(spoken(why.diff))
app.command("explain")(spoken(why.explain))
app.command("fetch")(spoken(fetch, writes_for_machines=True))
app.command("list")(spoken(list_entries))
app.command("lock")(spoken(reproduce.lock, writes_for_machines=True))
app.command("measure")(spoken(analysis.measure))
app.command("profile")(spoken(profile.profile))
app.command("read")(spoken(files.read))
app.command("report")(spoken(pages.report))
app.command("reproduce")(spoken(reproduce.reproduce))
app.command("rules")(spoken(files.rules))
app.command("show")(spoken(show_entry))
app.command("tabulate")(spoken(tabulate.tabulate))
app.command("template")(spoken(files.template))
app.command("validate")(spoken(files.validate))
app.command("targets")(spoken(analysis.targets))


def app_for(words: Sequence[str]) -> typer.Typer:
    """The app for a command line: the command that it asks for, and the names of the others.

    Typer builds the options of every command that it is given, which takes as long as all imports of this package.
    Without words, a shell completes those of any command.
    """
    if not words:
        return app
    asked = next((word for word in words if not word.startswith("-")), "")
    light = copy(app)
    light.registered_commands = [one if one.name == asked else _listed(one) for one in app.registered_commands]
    return light


def _listed(command: CommandInfo) -> CommandInfo:
    """The command as a list of commands needs it: its name and its help, no options."""

    def listed() -> None: ...

    listed.__doc__ = command.callback.__doc__
    short = copy(command)
    short.callback = listed
    return short
