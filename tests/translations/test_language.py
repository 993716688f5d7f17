"""The language of what people read: its numbers and plurals, who chooses it, and what stays English."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from babel.numbers import format_decimal
from typer.main import get_command

from divide_cli import language
from divide_cli.api.choices import measure_ids
from divide_cli.catalogue.claims import publications
from divide_cli.catalogue.codelists import age_name, codelist
from divide_cli.catalogue.load import Catalogue, catalogue, data_dir
from divide_cli.cli.commands import app
from divide_cli.frames.columns import compose
from divide_cli.language import LANGUAGES
from divide_cli.survey.submission import persons_from
from tests.runner import divide

ROOT = Path(__file__).resolve().parents[2]
FILE = str(ROOT / "tests" / "submissions" / "error_ages_contradict_total.csv")


@pytest.mark.parametrize("code", ["fr", "ru", "zh"])
def test_numbers_are_those_of_cldr(code):
    with language.speaking(code, data_dir()):
        assert language.digits("1,234,567.5") == format_decimal(1234567.5, locale=code)
        assert language.say("{number:,.1f}", number=-1234.5) == format_decimal(-1234.5, locale=code)


def test_numbers_in_spanish_and_arabic_are_those_of_the_united_nations():
    """Spanish: a space and a comma. Arabic: Western digits, as in the UN's statistical tables; a year has no sign."""
    with language.speaking("es", data_dir()):
        assert language.say("{number:,.2f} ({year})", number=9876543.21, year=2024) == "9\u202f876\u202f543,21 (2024)"
    with language.speaking("ar", data_dir()):
        assert language.say("{number:,.2f} ({year})", number=9876543.21, year=2024) == "9,876,543.21 (2024)"


@pytest.mark.parametrize(
    ("code", "commas", "semicolons"),
    [("en", "8, 12", "8; 12"), ("ru", "8, 12", "8; 12"), ("ar", "8، 12", "8؛ 12"), ("zh", "8、12", "8；12")],
)
def test_lists_have_the_signs_of_the_language(code, commas, semicolons):
    """Arabic and Chinese have commas of their own; a Latin comma in an Arabic line also turns its order around."""
    with language.speaking(code, data_dir()):
        assert language.commas([8, 12]) == commas
        assert language.clauses(["8", "12"]) == semicolons
    assert language.clauses(["8"]) == "8"
    assert not language.commas([])


@pytest.mark.parametrize(
    ("code", "numbers", "words"),
    [
        ("en", "[1.5, 2.5]", "[1 million, 2 million]"),
        ("fr", "[1.5\u202f; 2.5]", "[1 million\u202f; 2 million]"),
        ("ar", "[1.5, 2.5]", "[1 million، 2 million]"),
        ("zh", "[1.5, 2.5]", "[1 million，2 million]"),
    ],
)
def test_bounds_with_words_have_the_comma_of_the_words(code, numbers, words):
    with language.speaking(code, data_dir()):
        assert language.between("1.5", "2.5") == numbers
        assert language.between("1 million", "2 million") == words


def test_remarks_on_a_row_have_the_semicolon_of_the_language():
    pieces = [(np.array([0]), ["first"]), (np.array([0]), ["second"])]
    for code, text in (("en", "first; second"), ("ar", "first؛ second"), ("zh", "first；second")):
        with language.speaking(code, data_dir()):
            assert compose(pieces)[1] == [text]


LATIN = {
    "api/python/frames.py", "api/python/results.py", "frames/schema.py", "readers/layouts/memberships.py",
    "readers/layouts/tables.py", "readers/layouts/workbook.py", "readers/mapping/attributes.py",
    "readers/mapping/codes.py", "readers/national/breakdowns.py", "analysis/pipeline.py", "reports/junit.py",
    "reports/parquet.py", "sources/editions.py", "sources/fetch/providers.py", "sources/fetch/store.py",
    "survey/clusters.py", "survey/draft.py", "survey/publication.py", "validation/vtl.py",
}  # fmt: skip
"""Where a comma or a semicolon joins what machines read, licences, quoted cells, or the answers of a service."""


def test_lists_that_people_read_are_joined_with_the_signs_of_the_language():
    joined = re.compile(r"""(["'])[,;] \1\.join""")
    program = ROOT / "divide_cli"
    found = {
        path.relative_to(program).as_posix()
        for path in program.rglob("*.py")
        if joined.search(path.read_text(encoding="utf-8"))
    }
    assert found == LATIN


@pytest.mark.parametrize(
    ("code", "band", "words"),
    [
        ("en", "Y_GE1", "1 year and over"),
        ("ru", "Y_GE21", "21 год и старше"),
        ("ru", "Y_GE22", "22 года и старше"),
        ("ru", "Y_GE75", "75 лет и старше"),
        ("ar", "Y_GE3", "3 سنوات فأكثر"),
        ("ar", "Y5T10", "من 5 إلى 10 سنوات"),
        ("ar", "Y15T24", "من 15 إلى 24 سنة"),
        ("fr", "Y_GE1", "1 an et plus"),
    ],
)
def test_bands_of_ages_agree_with_their_number(code, band, words):
    """Russian: 1 год, 2 года, 5 лет. Arabic: 3 to 10 take the plural, 11 to 99 the singular."""
    with language.speaking(code, data_dir()):
        assert age_name(band) == words


@pytest.mark.parametrize(
    ("age", "words"),
    [(15, "лица в возрасте 15 лет и старше"), (21, "лица в возрасте 21 года и старше")],
)
def test_the_ages_of_persons_agree_with_their_number(age, words):
    """The genitive: 21 года, 15 лет."""
    with language.speaking("ru", data_dir()):
        assert persons_from(age) == words


@pytest.mark.parametrize(("code", "unit"), [("ru", "п. п."), ("ar", "ن.م."), ("fr", "pts")])
def test_an_abbreviation_ends_a_sentence_with_one_full_stop(code, unit):
    """Percentage points: two languages abbreviate them with a full stop, which is not doubled. Paths keep their dots."""
    with language.speaking(code, data_dir()):
        said = language.filled("{side}: {gap}.", {"side": "KEN", "gap": language.measured("5", unit)})
        assert said.count(".") == (1 if code == "fr" else 2)
        assert said.endswith(f"{unit.rstrip('.')}.")
        assert language.filled("{file}.", {"file": "../.."}) == "../..."


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("ru", {1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 12: 2, 21: 0, 22: 1, 25: 2, 100: 2, 101: 0}),
        ("ar", {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 103: 3, 111: 4}),
        ("zh", {0: 0, 1: 0, 2: 0, 100: 0}),
        ("fr", {0: 0, 1: 0, 2: 2, 1_000_000: 1}),
        ("es", {0: 2, 1: 0, 2: 2, 1_000_000: 1}),
    ],
)
def test_plural_forms_are_chosen_by_the_rules_of_the_language(code, forms, tmp_path):
    """By hand, from the plural rules of CLDR: which form each number takes, in the file as it is compiled."""
    from scripts.translations import files
    from scripts.translations.collect import Message

    (tmp_path / "translations").mkdir()
    texts = tuple(f"form {number} of {{number}}" for number in range(files.forms(code)))
    content = files.text_of(code, [files.Translation(Message("", "{number} row", "{number} rows"), texts)])
    (tmp_path / "translations" / f"{code}.po").write_text(content, encoding="utf-8")
    with language.speaking(code, tmp_path):
        said = {number: language.counted(number, "{number} row", "{number} rows") for number in forms}
    assert said == {number: f"form {form} of {number}" for number, form in forms.items()}


def test_a_text_without_translation_stays_english(tmp_path):
    with language.speaking("fr", tmp_path):
        assert language.say("line {line}", line=3) == "line 3"
        assert language.translated("rules:no_rows.name", "The file is empty") == "The file is empty"


def test_a_part_with_braces_is_no_template(tmp_path):
    with language.speaking("fr", tmp_path):
        assert language.say("found {text}", text="{0.__class__} {x}") == "found {0.__class__} {x}"


@pytest.mark.parametrize("code", LANGUAGES[1:])
def test_every_area_has_a_name_in_each_language(code):
    """Of M49 or CLDR, or, for groups and former areas, a translation."""
    english = codelist("CL_AREA")
    with language.speaking(code, data_dir()):
        named = {area: english.name(area) for area in english.rows}
    economies = {area for area, row in english.rows.items() if row["kind"] == "economy"}
    assert not {area for area in economies if not language_has(code, area)}
    assert all(named.values())


def language_has(code: str, area: str) -> bool:
    with language.speaking(code, data_dir()):
        return bool(language.area(area))


def test_the_entries_of_a_language_are_its_own():
    """Entries are kept for each language: French ones do not stay after the block."""
    english = catalogue().indicators["internet_use"].name
    with language.speaking("fr", data_dir()):
        french = catalogue().indicators["internet_use"].name
    assert catalogue().indicators["internet_use"].name == english != french


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_findings_for_machines_are_the_same_in_every_language(form, tmp_path):
    outputs = {divide(tmp_path, "validate", FILE, "--format", form, "--lang", code).stdout for code in LANGUAGES}
    assert len(outputs) == 1


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize(
    "words", [("targets", "--area", "KEN"), ("profile", "KEN"), ("list", "rules"), ("show", "ratio"), ("read", FILE)]
)
def test_figures_for_machines_are_the_same_in_every_language(words, form, tmp_path):
    outputs = {divide(tmp_path, *words, "--format", form, "--lang", code).stdout for code in ("en", "fr", "ar")}
    assert len(outputs) == 1


def test_files_beside_the_tables_are_the_same_in_every_language(tmp_path):
    for code in ("en", "fr"):
        words = ("--gap", "internet_use_sex", "--out", code, "--lang", code)
        assert divide(tmp_path, "compute", *words).returncode == 0
    for name in ("gaps.parquet", "aggregates.parquet"):
        assert (tmp_path / "fr" / name).read_bytes() == (tmp_path / "en" / name).read_bytes()


def test_an_option_or_divide_lang_chooses_the_language_and_lang_does_not(tmp_path):
    english = divide(tmp_path, "validate", FILE).stdout
    french = divide(tmp_path, "validate", FILE, "--lang", "fr").stdout
    assert divide(tmp_path, "validate", FILE, LANG="fr_FR.UTF-8", LC_ALL="C.UTF-8").stdout == english != french
    assert divide(tmp_path, "validate", FILE, DIVIDE_LANG="fr").stdout == french
    assert divide(tmp_path, "validate", FILE, "--lang", "en", DIVIDE_LANG="fr").stdout == english
    assert divide(tmp_path, "list", DIVIDE_LANG="fr").stdout != divide(tmp_path, "list").stdout


def commands() -> dict[str, Any]:
    """Every command and command of a group, by its name."""
    whole = get_command(app)
    return {
        f"{name} {inner}".strip(): one
        for name, command in whole.commands.items()
        for inner, one in getattr(command, "commands", {"": command}).items()
    }


def test_every_command_has_the_option():
    without = [name for name, one in commands().items() if "lang" not in {parameter.name for parameter in one.params}]
    assert without == []


@pytest.mark.parametrize(
    ("code", "told"), [("fr", "ensuite\u00a0: divide reproduce a.yaml"), ("zh", "下一步：divide reproduce a.yaml")]
)
def test_a_new_claims_file_is_told_in_the_language_and_written_in_english(code, told, tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / code).mkdir()
    done = divide(tmp_path / code, "claims", "new", "a.yaml", "--lang", code)
    divide(tmp_path / "en", "claims", "new", "a.yaml")
    assert told in done.stderr and "wrote" not in done.stderr
    assert (tmp_path / code / "a.yaml").read_bytes() == (tmp_path / "en" / "a.yaml").read_bytes()


def test_a_lock_is_the_same_in_every_language(tmp_path):
    claims = tmp_path / "a.yaml"
    divide(tmp_path, "claims", "new", "a.yaml")
    divide(tmp_path, "lock", str(claims), "--out", "en.lock")
    done = divide(tmp_path, "lock", str(claims), "--out", "ru.lock", "--lang", "ru")
    assert "записано" in done.stderr and "wrote" not in done.stderr
    assert (tmp_path / "ru.lock").read_bytes() == (tmp_path / "en.lock").read_bytes()


def test_an_error_is_in_the_language(tmp_path):
    said = divide(tmp_path, "validate", "absent.csv", "--lang", "fr").stderr
    assert "what to do" not in said


def test_english_needs_no_translation(tmp_path):
    """Neither Babel nor the translations are read in English, and Babel not in a language that is compiled."""
    code = (
        "import sys, divide_cli.language as l; from divide_cli.catalogue.load import data_dir;"
        "from divide_cli.catalogue import catalogue; catalogue().rules;"
        "assert not {'babel', 'gettext'} & set(sys.modules), 'English';"
        "l.use('fr', data_dir()); catalogue().rules; assert 'gettext' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", LANGUAGES)
def test_paragraphs_of_claims_are_the_numbers_that_gaps_have(code):
    """So a figure and a gap of one paragraph stand together: `para 20` is 20 in each language."""
    with language.speaking(code, data_dir()):
        places = [claim.where for claim in publications()["a_res_80_173"].claims]
        numbers = {place.removeprefix(language.say("para ")) for place in places}
    assert numbers == {"16", "20", "21", "22"}


def test_a_catalogue_keeps_its_language():
    """Whatever language is spoken when a kind of entries is first used."""
    english = Catalogue(data_dir())
    with language.speaking("fr", data_dir()):
        french = Catalogue(data_dir())
        assert english.measures["absolute_difference"].name == "Absolute difference"
    assert french.measures["absolute_difference"].name == "Différence absolue"


@pytest.mark.parametrize("typed", ["difference", "Absolute difference", "écart"])
def test_measures_have_their_english_names_in_every_language(typed):
    """The names of tables in the language, and those of tables in English."""
    with language.speaking("fr", data_dir()):
        label = catalogue().measures["absolute_difference"].short if typed == "écart" else typed
        assert measure_ids((label,), catalogue().measures) == ("absolute_difference",)


def test_marked_texts_mean_the_same_in_every_language(tmp_path):
    """A word of a mark is English, also where the first command of a process speaks another language."""
    text = "The gap is 27.2 percentage points <!-- divide: internet_use_urbanisation difference WLD 2025 -->.\n"
    (tmp_path / "a.md").write_text(text, "utf-8")
    for code in ("fr", "en"):
        finished = divide(tmp_path, "reproduce", "a.md", "--lang", code, PYTHONUTF8="1")
        assert finished.returncode == 0 and "27" in finished.stdout, finished.stderr


def test_members_of_a_group_follow_the_colon_of_the_language(tmp_path):
    """French: a no-break space before it; Chinese: its own."""
    for code, text in {"en": "9 economies: ARM", "fr": "9 économies\u00a0: ARM", "zh": "9个经济体：ARM"}.items():
        assert text in divide(tmp_path, "profile", "CIS", "--lang", code).stdout


def test_decimals_have_the_signs_of_the_language(tmp_path):
    """The band of parity is a decimal, 0.98 to 1.02, so that it is printed as it was given."""
    for code, text in {"en": "0.98", "fr": "0,98", "ru": "0,98", "zh": "0.98"}.items():
        shown = divide(tmp_path, "targets", "--lang", code, columns=200).stdout
        assert text in shown and ("0.98" in shown) == (text == "0.98")
