"""The options of the command line: any command with any options and values ends with 0 to 3, and 2 or 3 with a message."""

import random
from pathlib import Path
from typing import Any

from tests.runner import divide

FIGURES = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n" + "".join(
    f"{area},internet_use,{sex},{year},{40 + year - 2018 + 3 * (sex == 'M')}\n"
    for area in ("KEN", "UGA", "TZA") for year in (2018, 2019) for sex in "FM"
)  # fmt: skip
ODD = (
    "", " ", "x", "-1", "0", "1e9", "nan", "inf", "99999999999999999999", "2020", "KEN", "ken", "WLD", "LDC", "F", "internet_use",
    "internet_use_sex", "ratio", "gini", "spike", "wdi_2026_08", "\x1b[31mx", "é", "a" * 300, "a,b", ",", "Q1,Q2", "../..", "/dev/null", "/",
    ".", "figures.csv", "rules.yaml", "missing.csv", "-", "--", "sdmx_tidy", "utf-16", "rot13", "idna", "2026-01-01", "9999-12-31",
    "out/x.html", "x.xlsx", "x.json", "x.parquet", "folder", "%s", "{0}", "$(x)", "SEX", "URBANISATION", "income_group", "REF_AREA", "FY26", "\udce9",
)  # fmt: skip
COMMANDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("compute", "figures.csv", "--no-write"): (
        "--gap", "--indicator", "--area", "--year", "--income-fy", "--measure", "--min-coverage", "--population", "--groups",
        "--format", "--table", "--edition", "--out", "--no-write",
    ),
    ("measure", "internet_use", "figures.csv"): (
        "--over", "--order", "--reference", "--without", "--measure", "--area", "--year", "--level", "--min-coverage", "--population",
        "--groups", "--covariance", "--panel", "--format", "--income-fy",
    ),
    ("targets", "figures.csv"): ("--target", "--area", "--year", "--min-coverage", "--groups", "--format", "--income-fy"),
    ("read", "figures.csv"): (
        "--to", "--out", "--indicator", "--area", "--dataflow", "--encoding", "--dimension", "--attribute", "--structure", "--format",
    ),
    ("validate", "figures.csv"): (
        "--previous", "--rules", "--only", "--skip", "--waivers", "--write-waivers", "--owner", "--expires", "--reason", "--limit",
        "--format", "--out", "--fail-on", "--indicator", "--area", "--dataflow", "--encoding", "--dimension", "--structure",
    ),
    ("rules",): ("--rules", "--only", "--format", "--out"),
    ("template", "internet_use"): ("--area", "--year", "--format", "--out"),
    ("list", "indicators"): ("--x",),
    ("show", "KEN"): ("--x",),
    ("claims", "new", "claims.yaml"): ("--title",),
    ("fetch", "internet_use"): ("--base-url", "--source"),
}  # fmt: skip
FORMATS = (
    "table",
    "json",
    "csv",
    "markdown",
    "html",
    "xlsx",
    "sarif",
    "junit",
    "github",
    "yaml",
    "vtl",
    "parquet",
    "sdmx-csv",
)


def options(chance: random.Random, folder: Path) -> str:
    """One command with up to three options, of which some have values that do not fit."""
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
    (folder / "rules.yaml").write_text("x: {}\n", encoding="utf-8")
    (folder / "folder").mkdir()
    command, known = chance.choice(list(COMMANDS.items()))
    words: list[Any] = list(command)
    if command[0] == "fetch":
        words += [
            "--base-url",
            chance.choice(["http://127.0.0.1:9", "ftp://x", "x", "http://[", "http://127.0.0.1:99999"]),
            "--to",
            "folder",
        ]
        known = ("--source",)
    if chance.random() < 0.2:
        words[-1 if command[0] in ("list", "show", "template") else 1 : None] = [chance.choice(ODD)]
    for _ in range(chance.randint(0, 3)):
        option = chance.choice(known)
        words.append(option)
        if option != "--no-write":
            words.append(
                chance.choice(FORMATS)
                if option in ("--format", "--to") and chance.random() < 0.8
                else chance.choice(ODD)
            )
    if words[0] == "fetch" and "--base-url" not in words:
        return "not run"
    made = divide(folder, "--debug", *words, given=FIGURES.encode() if chance.random() < 0.5 else b"")
    assert made.returncode in (0, 1, 2, 3), (words, made.returncode, made.stderr[-3000:])
    assert "Traceback" not in made.stderr, (words, made.stderr[-3000:])
    assert "\x1b" not in made.stdout + made.stderr, (words, "an escape of the terminal")
    if made.returncode in (2, 3):
        assert made.stderr.strip(), words
    return f"code {made.returncode}"


FAMILIES = {"options": options}
