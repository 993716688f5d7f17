"""Fonts of pictures: a page is drawn with those that vl-convert brings, where they have the letters of its language."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from divide_cli import language
from divide_cli.catalogue import data_dir
from divide_cli.reports import charts
from tests.runner import ROOT, in_a_process

pytest.importorskip("vl_convert", reason="the extra report is not installed")

FONTS = Path(charts.__file__).with_name("fonts.conf")
VARIABLE = "FONTCONFIG_FILE"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("code", ["fr", "ru"])
def test_pictures_do_not_depend_on_the_fonts_of_the_machine(tmp_path: Path, code: str) -> None:
    """Texts have the same widths with the fonts of the machine, if it has Liberation Sans, and with those brought."""
    own = in_a_process(tmp_path, "chart", "divides", "--lang", code)
    brought = in_a_process(tmp_path, "chart", "divides", "--lang", code, **{VARIABLE: str(FONTS)})
    assert own.returncode == brought.returncode == 0
    assert brought.stdout == own.stdout


@pytest.mark.parametrize(("code", "brought"), [("en", True), ("ru", True), ("ar", False), ("zh", False)])
def test_only_letters_that_vl_convert_has(monkeypatch: pytest.MonkeyPatch, code: str, brought: bool) -> None:
    """Arabic and Chinese have fonts of the machine; the variable is as before when the page is drawn."""
    monkeypatch.delenv(VARIABLE, raising=False)
    language.use(code, data_dir())
    try:
        with charts.begun():
            assert (os.environ.get(VARIABLE) == str(FONTS)) is brought
    finally:
        language.use("en")
    assert VARIABLE not in os.environ


def test_a_file_of_the_user_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "mine.conf")
    with charts.begun():
        assert os.environ[VARIABLE] == "mine.conf"
    assert os.environ[VARIABLE] == "mine.conf"


@pytest.mark.parametrize("first", ["en", "ar"])
def test_pictures_do_not_depend_on_those_drawn_before(tmp_path: Path, first: str) -> None:
    """A process that has drawn a page in another language draws what a new one does."""
    other = "ar" if first == "en" else "en"
    script = "from pathlib import Path; import sys; from tests.runner import divide\n"
    script += "for code in sys.argv[1:]: divide(Path(), 'report', '--lang', code, '--out', f'{code}.html')"
    pages = []
    for codes in ([first, other], [other]):
        subprocess.run([sys.executable, "-c", script, *codes], cwd=tmp_path, check=True, env=ENVIRONMENT)
        pages.append((tmp_path / f"{other}.html").read_bytes())
        (tmp_path / f"{other}.html").unlink()
    assert pages[0] == pages[1]
