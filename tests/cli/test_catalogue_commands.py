"""`divide list`, `divide show`, `--help`, `--version`: what they say and what they import."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from divide_cli import __version__
from divide_cli.reports.catalogue import kinds

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "pyarrow", "pandera", "numpy")


def run_with_modules(*arguments: str) -> tuple[set[str], list[str]]:
    """The modules that a run of the command has imported when it ends, and the files that it has opened."""
    script = (
        "import sys, atexit\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, words: opened.append(str(words[0])) if event == 'open' else None)\n"
        "atexit.register(lambda: sys.stderr.write('\\nOPENED ' + '|'.join(opened)))\n"
        "atexit.register(lambda: sys.stderr.write('MODULES ' + ' '.join(sys.modules)))\n"
        f"sys.argv = ['divide', *{list(arguments)!r}]\n"
        "from divide_cli.__main__ import main\nmain()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    _, _, modules = finished.stderr.partition("MODULES ")
    modules, _, opened = modules.partition("\nOPENED ")
    return set(modules.split()), opened.split("|")


def imported(*arguments: str) -> set[str]:
    """The packages that a run of the command has imported when it ends."""
    return {name.partition(".")[0] for name in run_with_modules(*arguments)[0]}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["compute", "--help"],
        ["list"],
        ["list", "editions"],
        ["list", "indicators"],
        ["show", "parity_score"],
        ["compute", "--gap", "nope"],
        ["measure", "--help"],
        ["measure", "nope"],
        ["targets", "--target", "nope"],
        ["show", "gini_index"],
    ],
)
def test_light_commands_import_nothing_heavy(arguments):
    modules = imported(*arguments)
    assert "divide_cli" in modules  # the probe works
    assert not modules & set(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["claims", "--help"]])
def test_help_imports_the_command_line_alone(arguments):
    """Neither the catalogue nor what reads it: commands, their options with formats and words, errors, the language."""
    modules, opened = run_with_modules(*arguments)
    own = {name for name in modules if name.startswith("divide_cli.") and not name.startswith("divide_cli.cli")}
    assert {"divide_cli.errors", "divide_cli.language", "divide_cli.reports.option_words"} <= own  # the probe works
    assert own <= {
        "divide_cli.__main__", "divide_cli.errors", "divide_cli.errors.text_safety", "divide_cli.language",
        "divide_cli.reports", "divide_cli.reports.option_words", "divide_cli.reports.progress", "divide_cli.temporary",
    }  # fmt: skip
    assert not modules & {"babel", "msgspec", "yaml"}
    assert not [path for path in opened if f"{os.sep}data{os.sep}" in path]


@pytest.mark.parametrize("arguments", [["list"], ["list", "measures"], ["show", "internet_use"]])
def test_the_catalogue_is_read_from_what_was_kept_of_its_yaml(arguments):
    run_with_modules(*arguments)  # keeps it
    modules, opened = run_with_modules(*arguments)
    assert "msgspec" in modules and "yaml" not in modules
    assert not [path for path in opened if path.endswith(".yaml")]


@pytest.mark.parametrize(
    "arguments", [["compute", "--gap", "internet_use_income", "--no-write"], ["profile", "KEN"], ["list", "rules"]]
)
def test_english_reads_no_translations(arguments):
    modules, opened = run_with_modules(*arguments)
    assert any(f"{os.sep}data{os.sep}catalogue{os.sep}" in path for path in opened)  # the probe works
    assert not [path for path in opened if "translations" in path]
    assert not modules & {"babel", "jinja2", "vl_convert"}


def test_version_imports_not_even_typer():
    modules = imported("--version")
    assert "divide_cli" in modules and not modules & {*HEAVY, "typer", "rich", "yaml"}


def test_version_is_the_packages(divide):
    assert divide("--version").stdout == f"divide {__version__}\n"
    assert divide("compute", "--help").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["compute", "--help"],
        ["fetch", "--help"],
        ["list", "--help"],
        ["show", "--help"],
        ["reproduce", "--help"],
        ["lock", "--help"],
        ["claims", "new", "--help"],
        ["measure", "--help"],
        ["profile", "--help"],
        ["tabulate", "--help"],
        ["targets", "--help"],
        ["template", "--help"],
        ["validate", "--help"],
    ],
)
def test_help_is_as_golden(divide, arguments):
    """The help texts, word for word; write them again with DIVIDE_GOLDEN=1. How typer lays them out varies by release."""
    finished = divide(*arguments)
    golden = ROOT / "tests" / "golden" / f"help_{'_'.join(arguments[:-1]) or 'divide'}.txt"
    words = " ".join(finished.stdout.replace("python -m divide_cli", "divide").split())
    if os.environ.get("DIVIDE_GOLDEN"):
        golden.write_text(words + "\n", encoding="utf-8")
    if sys.modules.get("typer") is None:
        import typer
    import typer

    if tuple(map(int, typer.__version__.split(".")[:2])) < (0, 29):
        pytest.skip("the layout of help is compared with the pinned typer only")
    assert words + "\n" == golden.read_text(encoding="utf-8")


def test_every_command_and_option_is_in_the_reference():
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    from typer.main import get_command

    from divide_cli.cli.commands import app

    for name, command in get_command(app).commands.items():
        for inner, one in getattr(command, "commands", {"": command}).items():
            section = f"## `divide {name} {inner}".rstrip() + "`\n"
            assert section in reference, section
            options = reference.partition(section)[2].partition("\n## ")[0]
            for option in one.params:
                if option.param_type_name == "option" and option.name != "help":
                    assert all(f"`{text}`" in options for text in (*option.opts, *option.secondary_opts)), option.opts


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_can_be_listed_and_every_entry_shown(divide, kind):
    finished = divide("list", kind)
    assert finished.returncode == 0
    for entry in kinds()[kind]:
        assert entry in finished.stdout
    for entry in list(kinds()[kind].values()):
        assert all(isinstance(label, str) and isinstance(text, str) for label, text in entry.describe())


@pytest.mark.parametrize(
    ("entry", "texts"),
    [
        ("internet_use", ["17.8.1", "definition", "economies in wdi_2026_08", "2024: 179"]),
        ("wdi_2026_08", ["CC-BY-4.0", "found in", "MEA", "not in this copy"]),
        ("itu_aggregates_2025_11", ["indirect evidence", "CC-BY-NC-SA-3.0-IGO"]),
        ("gini_index", ["0 to 1", "3 or more", "weighted by population", "mu = 0", "cannot exceed"]),
        ("universal_internet_use", ["at least 95", "2030", "Satisfactory from 50"]),
        ("parity_score", ["c / r", "0.98 to 1.02", "inferred from one case"]),
        ("internet_use_income", ["HIC", "para 21"]),
        ("ETH", ["LIC, income_group list oghist"]),
        ("XKX", ["Kosovo"]),
        ("a_res_80_173.p21_urban", ["almost", "85"]),
        ("SEX", ["Female"]),
        ("itu_datahub_csv", ["seriesUnits", "i99H = internet_use"]),
    ],
)
def test_show_says_what_matters(divide, entry, texts):
    finished = divide("show", entry, columns=200)
    assert finished.returncode == 0, finished.stderr
    for text in texts:
        assert text.lower() in " ".join(finished.stdout.split()).lower(), text


def test_editions_of_other_bytes_or_columns_are_shown(divide, tmp_path):
    origin = (ROOT / "data" / "sources" / "wdi_2026_08" / "origin.yaml").read_text(encoding="utf-8")
    for name, content in (
        ("bytes", b"TIME_PERIOD,OBS_VALUE,REF_AREA,X\n2020,1,KEN,\xe9\n"),
        ("columns", b"OBS_VALUE\n1\n"),
    ):
        (tmp_path / name).mkdir()
        named = origin.replace("id: wdi_2026_08", f"id: {name}").partition("files:")
        own = f"  - {{path: observations.csv, sha256: {hashlib.sha256(content).hexdigest()}, bytes: {len(content)}}}\n"
        rest = named[2].partition("left_out:")
        text = f"{named[0]}files:\n{own}left_out:{rest[2]}"
        (tmp_path / name / "origin.yaml").write_text(text, encoding="utf-8")
        (tmp_path / name / "observations.csv").write_bytes(content)
    assert "Areas by year: 2020: 1" in divide("show", "bytes", DIVIDE_EDITIONS=str(tmp_path)).stdout
    assert divide("show", "columns", DIVIDE_EDITIONS=str(tmp_path)).returncode == 0


def test_a_group_says_which_dates_of_leaving_are_not_verified(divide):
    """Bangladesh, Laos and Nepal were due to leave on 24 November 2026; Vanuatu left in 2020."""
    told = " ".join(divide("show", "LDC").stdout.split())
    assert "LAO; NPL: still a member; leaving was due on 2026-11-24 and is not verified" in told
    assert "BGD: still a member; a date of leaving" in told
    assert "VUT, until 2020-12-04: UN-OHRLLS news of 4 December 2020" in told
    assert "KEN, until" not in " ".join(divide("show", "LMC").stdout.split())  # it is a member now


def test_only_the_command_asked_for_has_its_options_built():
    """The others keep their names and their help; an option before the command, or none at all, changes nothing."""
    from typer.main import get_command

    from divide_cli.cli.commands import app, app_for

    whole = get_command(app)
    for words in (["compute", "--gap", "x"], ["--debug", "compute"], ["--", "compute"]):
        light = get_command(app_for(words))
        assert list(light.commands) == list(whole.commands)
        for name, command in light.commands.items():
            assert command.get_short_help_str() == whole.commands[name].get_short_help_str()
        assert len(light.commands["compute"].params) == len(whole.commands["compute"].params) > 10
        assert {len(light.commands[name].params) for name in ("report", "validate", "show")} <= {0, 1}
    assert app_for([]) is app  # a shell that completes names the words elsewhere
