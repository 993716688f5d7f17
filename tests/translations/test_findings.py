"""The page and the tables of findings contain no English sentence in another language."""

import re
from html import unescape
from pathlib import Path

import pytest

from divide_cli import api, language
from divide_cli.catalogue.load import data_dir
from divide_cli.errors import DivideError
from divide_cli.reports import excerpts, findings, html, tables
from divide_cli.reports.html.page import isolated, lines
from scripts.translations.files import COMPLETE
from tests.translations import made_up

ROOT = Path(__file__).resolve().parents[2]
SUBMISSIONS = sorted((ROOT / "tests" / "submissions").glob("*.csv"))
FAULTS = [path for path in SUBMISSIONS if not path.name.startswith("ok_")]
PLANTED = ["error_value_not_a_number", "error_duplicate_key", "error_total_outside_sexes"]
"""Three files with one fault each, which a reader must find and correct from the page alone."""


def words_of(page: str) -> set[str]:
    """The words of a page in small Latin letters, without markup, code, ids, file names and addresses."""
    text = re.sub(r"(?s)<style>.*?</style>|<code>.*?</code>|`[^`]*`", " ", page)
    text = unescape(re.sub(r"<[^>]+>", " ", text))
    text = re.sub(r"\S*[_/\\.]\S*|--[a-z-]+", " ", text)
    return set(re.findall(r"(?<![\w-])[a-z]{3,}(?![\w-])", text))


def without_names(page: str) -> str:
    """The page without what no language translates: ids of rules, titles in their sources, and names of programs."""
    named = (
        r'<span class="codes">.*?</span>',
        r'<td data-name="(?:Источник|المصدر|来源)".*?</td>',
        r"[(（]python [^()（）<]*[)）]",
    )
    return re.sub(f"(?s){'|'.join(named)}", " ", page).replace(" divide ", " ")


def page_of(path: Path) -> str:
    report, described = api.validate([str(path)])
    return html.text(report, described, excerpts.reread(report, ""))


@pytest.mark.parametrize("path", FAULTS[::4], ids=lambda path: path.stem)
def test_every_sentence_of_findings_can_be_translated(path):
    """In a language whose texts are in brackets, only data are outside: what the file contains, and ids of rules."""
    with made_up.spoken():
        try:
            report, described = api.validate([str(path)])
        except DivideError as error:
            pytest.skip(f"needs options: {error.code}")
        page = html.text(report, described, excerpts.reread(report, ""))
        blocks = [tables.in_language(block) for block in findings.blocks(report, described)]
    cells = [
        (block.title, *block.columns, *block.notes, block.empty, *(c for row in block.rows for c in row))
        for block in blocks
    ]
    shown = words_of(made_up.outside(page)) | {
        word for texts in cells for text in texts for word in words_of(made_up.outside(text))
    }
    own = path.read_text(encoding="utf-8", errors="replace").lower()
    libraries = {"python", "pandas", "pyarrow"}  # the footer names them with their numbers
    assert {word for word in shown if word not in own} - libraries <= set(described)


@pytest.mark.parametrize("code", language.LANGUAGES[1:])
@pytest.mark.parametrize("name", PLANTED)
def test_a_page_in_a_language_has_its_direction_and_no_english(code, name):
    """The words of the page are those of the language: no English word is there that the file itself does not have."""
    path = ROOT / "tests" / "submissions" / f"{name}.csv"
    if code not in COMPLETE:
        pytest.skip(f"the texts of {code} are not whole yet")
    english = words_of(page_of(path))
    with language.speaking(code, data_dir()):
        page = page_of(path)
    assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in page
    if code in ("ru", "ar", "zh"):  # French and Spanish share words with English
        own = path.read_text(encoding="utf-8").lower()
        assert {word for word in words_of(without_names(page)) & english if word not in own} <= set()


def test_a_message_that_begins_with_a_code_has_the_direction_of_the_page():
    """A browser gives `KEN، ...` the direction of its first letter, unless the page says that it is an Arabic sentence."""
    path = ROOT / "tests" / "submissions" / "error_total_outside_sexes.csv"
    with language.speaking("ar", data_dir()):
        page = page_of(path)
    messages = re.findall(r'class="wrong"><bdi( dir="rtl")?>([^<]*)', page)
    assert [text[:1] for _, text in messages if text[:1].isascii()]
    assert all(stated for stated, _ in messages)


@pytest.mark.parametrize(
    ("code", "heads"),
    [
        ("en", ["Errors", "Warnings", "Notes"]), ("fr", ["Erreurs", "Avertissements", "Remarques"]),
        ("ru", ["Ошибки", "Предупреждения", "Примечания"]), ("ar", ["أخطاء", "تحذيرات", "ملاحظات"]), ("zh", ["错误", "警告", "提示"]),
    ],
)  # fmt: skip
def test_the_table_of_files_has_the_words_of_the_boxes_above_it(code, heads):
    """A note on the data is no footnote: French has `Remarques` for the one and `Notes` for the other."""
    paths = [
        str(ROOT / "tests" / "submissions" / f"{name}.csv") for name in ("error_duplicate_key", "error_row_refused")
    ]
    with language.speaking(code, data_dir()):
        report, described = api.validate(paths)
        page = html.text(report, described, excerpts.reread(report, ""))
    assert re.findall(r'<th scope="col" class="number">([^<]*)</th>', page)[:3] == heads


@pytest.mark.parametrize("code", ["fr", "es"])
def test_one_file_of_many_that_could_not_be_read_agrees(code):
    """The number is after the noun, so that the sentence is right for one file too."""
    with language.speaking(code, data_dir()):
        told = language.say("{unread:,} of {number:,} files could not be read.", unread=1, number=5)
    assert re.search(r": 1 (sur|de) 5\.$", told)


def test_numbers_options_and_codes_keep_their_order_from_right_to_left():
    """A line of Arabic writes -2.5 as 2.5-, --year as year--, 2026-08-20 as 20-08-2026 and 5.b.1 as b.1.5.

    Ranges of years and ages are read from the right, as their line is.
    """
    text = "محجوب [-74.8, 75.7]، بمقدار -2.5، في 2022-2025، 15-24، 2026-08-20، الرمز _T، `divide show _T`، --format csv، <b>"
    text += " لا قيمة [0.00, –]، المؤشر 5.b.1، wdi_2026_08، a_res_80_173، 35.0 %"
    with language.speaking("ar", data_dir()):
        safe = isolated(text)
    assert re.findall(r'<bdi dir="ltr">(.*?)</bdi>', safe) == [
        "[-74.8,\u00a075.7]", "-2.5", "2026-08-20", "_T", "`divide show _T`", "--format csv", "[0.00,\u00a0–]", "5.b.1",
        "wdi_2026_08", "a_res_80_173",
    ]  # fmt: skip
    assert unescape(re.sub("</?bdi[^>]*>", "", safe)).replace("\u00a0", " ") == text
    assert "<b>" not in safe
    assert isolated("-2.5 <") == "-2.5 &lt;"  # other languages have nothing to keep


def test_figures_stay_on_one_line_in_every_language():
    """A blank that keeps the line is between the ends of an interval, before %, and before the colon of a divide."""
    texts = {
        "70.8 [70.7, 70.9] PP, coverage 78.8 %": "70.8 [70.7,~70.9] PP, coverage 78.8~%",
        "72,9 [54,1\u00a0; 77,3]": "72,9 [54,1~;~77,3]",
        "[-1 234,5; 1 234,5]": "[-1 234,5; 1 234,5]",
        "[-1\u202f234,5; 1\u202f234,5]": "[-1\u202f234,5;~1\u202f234,5]",
        "Internet use, men : women": "Internet use, men~: women",
        "in 2023, a, b": "in 2023, a, b",
        "低收入经济体（LIC）：20.2%。 有5个组别": "低收入经济体（LIC）：20.2%。有5个组别",
    }
    assert [isolated(text).replace("\u00a0", "~") for text in texts] == list(texts.values())


def test_lines_of_figures_have_the_direction_of_the_page():
    """`4.60 [2.46, 5.84]` stands as the line of words above it does; a hash or a code stays from left to right."""
    with language.speaking("ar", data_dir()):
        found = [
            lines(text).partition(">")[0] for text in ("4.60 [2.46, 5.84]", "0.92 <", "KEN كينيا", "WLD (232)", "–")
        ]
    assert found == ['<bdi dir="rtl"'] * 3 + ["<bdi"] + ['<bdi dir="rtl"']
    assert "dir" not in lines("4.60 [2.46, 5.84]")


def test_a_sentence_begins_with_a_capital_in_every_alphabet():
    """Names, codes and commands stay as they are: internet_use is no word, and `divide` no sentence."""
    assert [findings.sentence(text) for text in ("код неизвестен: 'W'", "à corriger", "correct it", "рост-2")] == [
        "Код неизвестен: 'W'", "À corriger", "Correct it", "рост-2",
    ]  # fmt: skip
    for text in (
        "internet_use is missing",
        "`divide show SEX`",
        "iOS users",
        "KEN: 40",
        "2024",
        "رمز غير معروف",
        "代码未知",
    ):
        assert findings.sentence(text) == text


def test_the_looks_of_pages_name_no_side():
    """Margins and columns follow the direction of the language: start and end, never left and right."""
    style = (ROOT / "divide_cli" / "reports" / "html" / "page.css").read_text(encoding="utf-8")
    named = re.findall(r"[@\w-]*\b(?:left|right)\b[\w-]*", re.sub(r"(?s)/\*.*?\*/", "", style))
    assert set(named) <= {"@bottom-right"}  # the page number on paper, which has no other name
