"""Every format for programs has the same bytes in every environment. `python -m tests.properties.environments` runs all."""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.properties.processes import Commands

ENVIRONMENTS: Mapping[str, tuple[Mapping[str, str | None], str]] = {
    "LC_ALL=C": ({"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ""),
    "PYTHONIOENCODING=ascii": ({"PYTHONIOENCODING": "ascii"}, ""),
    "PYTHONIOENCODING=latin-1": ({"PYTHONIOENCODING": "latin-1"}, ""),
    "no HOME": ({"HOME": None, "XDG_DATA_HOME": None, "XDG_CONFIG_HOME": None}, ""),
    "HOME that cannot be written": ({"HOME": "/proc/self", "XDG_DATA_HOME": None}, ""),
    "TZ=Pacific/Kiritimati": ({"TZ": "Pacific/Kiritimati"}, ""),
    "TZ=America/Adak": ({"TZ": "America/Adak"}, ""),
    "PYTHONUNBUFFERED=1": ({"PYTHONUNBUFFERED": "1"}, ""),
    "PYTHONHASHSEED=7": ({"PYTHONHASHSEED": "7"}, ""),
    "umask 077": ({}, "umask 077"),
    "COLUMNS=1": ({"COLUMNS": "1"}, ""),
    "COLUMNS=100000": ({"COLUMNS": "100000"}, ""),
    "TERM=dumb": ({"TERM": "dumb", "NO_COLOR": None}, ""),
    "FORCE_COLOR=1": ({"FORCE_COLOR": "1", "NO_COLOR": None}, ""),
    "standard input closed": ({}, "exec <&-"),
    "standard error closed": ({}, "exec 2>&-"),
}
"""Variables, unset where None, and a line of the shell before the command."""
COMMENT = "Enquête à l’École “Ñandú” 🖧"
FIGURES = "\n".join(
    [
        "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,OBS_COMMENT",
        *(f"CIV,internet_use,{sex},{year},{40 + year % 7},PT,{COMMENT}" for sex in "FM" for year in (2020, 2021)),
        f"CIV,internet_use,_T,2020,60,PT,{COMMENT}",
        "",
    ]
)
COMMANDS = {
    **{f"read --format {form}": ("read", "figures.csv", "--format", form) for form in ("csv", "json")},
    **{f"read --to {form}": ("read", "figures.csv", "--to", form, "--out", f"out/figures.{form}", "--format", "json") for form in ("csv", "sdmx-csv", "parquet")},
    **{
        f"validate --format {form}": ("validate", "figures.csv", "--format", form)
        for form in ("json", "junit", "sarif", "github", "markdown", "html")
    },
    "validate --format xlsx": ("validate", "figures.csv", "--format", "xlsx", "--out", "out/report.xlsx"),
    "validate --format html --out": ("validate", "figures.csv", "--format", "html", "--out", "out/report.html"),
    **{f"compute --format {form}": ("compute", "figures.csv", "--no-write", "--format", form) for form in ("csv", "json", "markdown")},
    "compute --out": ("compute", "figures.csv", "--format", "json", "--out", "out"),
    "compute of the editions": ("compute", "--gap", "internet_use_sex", "--format", "json", "--out", "out"),
    **{f"measure --format {form}": ("measure", "internet_use_sex", "figures.csv", "--format", form) for form in ("csv", "json", "markdown")},
    **{f"targets --format {form}": ("targets", "--area", "CIV", "--format", form) for form in ("csv", "json", "markdown")},
    **{
        f"reproduce --format {form}": ("reproduce", "--only", "p16_offline", "--format", form)
        for form in ("json", "junit", "sarif", "github", "markdown")
    },
    **{f"rules --format {form}": ("rules", "--format", form) for form in ("yaml", "vtl")},
    "template": ("template", "internet_use", "--area", "CIV"),
    "template --format xlsx": ("template", "internet_use", "--area", "CIV", "--out", "out/template.xlsx"),
    "claims new": ("claims", "new", "out/claims.yaml"),
}  # fmt: skip
QUICK = (
    "read --format csv",
    "validate --format junit",
    "validate --format xlsx",
    "compute --out",
    "rules --format yaml",
)
"""Commands of `make test`: text, XML, a workbook, Parquet and JSON, YAML."""

Bytes = dict[str, bytes]
"""What is printed, and the files that are written, by name; and the exit code."""


def outputs(names: Iterable[str], variables: Mapping[str, str | None], before: str) -> dict[str, Bytes]:
    """What the commands give in the environment."""
    given = {}
    with tempfile.TemporaryDirectory() as place, Commands(variables, before) as commands:
        for name in names:
            folder = Path(place, name.replace(" ", "_"))
            (folder / "out").mkdir(parents=True)
            (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
            closed = "2>&-" in before
            code = commands.run(
                folder, *COMMANDS[name], out=folder / "printed", err=None if closed else folder / "told"
            )
            if not closed:
                told = (folder / "told").read_bytes()
                assert b"Traceback" not in told, told.decode(errors="replace")
            files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in (folder / "out").iterdir()}
            given[name] = {"code": str(code).encode(), "printed": (folder / "printed").read_bytes(), **files}
            assert code in (0, 1) and (given[name]["printed"] or files), (name, code)
    return given


def differences(names: Iterable[str], environments: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Each environment, and the outputs of commands whose bytes differ from those of the usual environment."""
    names = list(names)
    usual = outputs(names, {"PYTHONIOENCODING": None}, "")
    for name in names:
        for file, content in usual[name].items():
            if not file.endswith((".xlsx", ".parquet")):
                content.decode("utf-8")
    for environment in environments:
        found = outputs(names, *ENVIRONMENTS[environment])
        files = [(name, file) for name in names for file in sorted(usual[name].keys() | found[name].keys())]
        different = [f"{name}: {file}" for name, file in files if usual[name].get(file) != found[name].get(file)]
        yield environment, different


if __name__ == "__main__":
    total = 0
    for where, different in differences(COMMANDS, ENVIRONMENTS):
        print(f"{where}: {len(COMMANDS)} commands, {len(different)} outputs differ", *different, sep="\n  ", flush=True)
        total += len(different)
    print(f"{len(COMMANDS)} commands in {len(ENVIRONMENTS)} environments: {total} differences")
    sys.exit(bool(total))
