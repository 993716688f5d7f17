"""The programs of the how-to pages that no generated example runs: those in R and in chunks of Quarto."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.runner import ROOT, divide

HOWTO = ROOT / "docs" / "howto"


def page(name):
    return (HOWTO / name).read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R is installed (Debian: r-base-core)")
def test_r_reads_the_csv_and_prints_what_the_page_says(tmp_path):
    text = page("r.md")
    command = re.search(r"<!-- begin: divide (compute .*?--format csv --no-write) > gaps.csv", text)
    program = re.search(r"```r\n(# gaps\.R\n.*?)```", text, flags=re.DOTALL)
    printed = re.search(r"It prints `(.*?)`", text)
    assert command and program and printed
    finished = divide(tmp_path, *command[1].split())
    (tmp_path / "gaps.csv").write_text(finished.stdout, encoding="utf-8")
    (tmp_path / "gaps.R").write_text(program[1], encoding="utf-8")
    run = subprocess.run(["Rscript", "gaps.R"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == printed[1]


def test_the_chunk_of_quarto_prints_tables_in_markdown(tmp_path):
    """Run as Python runs it, with the `divide` of this environment."""
    chunk = re.search(r"```\{python\}\n(.*?)```", page("quarto.md"), flags=re.DOTALL)
    assert chunk
    program = chunk[1].replace('["divide", ', f'["{sys.executable}", "-m", "divide_cli", ')
    assert program != chunk[1]
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "| --- |" in run.stdout and "72.9" in run.stdout
    assert not list(tmp_path.iterdir())
