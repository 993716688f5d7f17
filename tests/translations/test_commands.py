"""No English is left in what commands show: in a language of brackets, only codes and quoted data are outside them."""

import re
from html import unescape
from pathlib import Path

import pytest

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import publications
from divide_cli.catalogue.load import data_dir
from divide_cli.language import JOINTS
from divide_cli.reports.catalogue import KINDS
from divide_cli.survey.example import write_example
from tests.reports.pages import Page
from tests.runner import divide
from tests.translations import made_up

ROOT = Path(__file__).resolve().parents[2]
FAULTY = str(ROOT / "tests" / "submissions" / "error_total_outside_sexes.csv")
COMMANDS = (
    "compute --indicator internet_use --area WLD --area KEN",
    "compute --gap internet_use_sex --estimate",
    "measure internet_use_income",
    "measure internet_use --over REF_AREA",
    "measure internet_use_urbanisation --area WLD",
    "targets --area KEN --area AFR",
    "targets --target universal_internet_use --status on_track",
    "reproduce",
    "reproduce --basis published --estimate",
    "profile KEN AFR LDC",
    "diff wdi_2025_10 wdi_2026_08 --year 2023",
    "diff wdi_2026_08 --income-fy FY26:FY27",
    "diff wdi_2026_08 --years 2015:2024",
    "explain internet_use LIC 2024",
    "explain internet_use ARB 2024 --estimate",
    "explain internet_use_income WLD",
    "explain p21_urban",
    f"validate {FAULTY} --format html",
    f"validate {FAULTY}",
    f"read {FAULTY}",
    "tabulate survey/households.csv --design survey/design.yaml --by SEX,URBANISATION,SEX:URBANISATION",
    "tabulate survey/persons.csv --init",
    "tabulate survey/households.csv --init --out draft.yaml",
    "list indicators",
    "show internet_use",
    "show internet_use_income",
    "show a_res_80_173.p21_urban",
    "show wdi_2026_08",
    "show few_respondents",
    "show GGY",
    "show HIC",
    "show VUT",
    "show palma_ratio",
    "measure internet_use --over itu_region",
    "claims find report.md",
    "reproduce report.md",
    "profile KEN --estimate",
    "template internet_use",
    "rules",
)
WORKBOOKS = (
    f"validate {FAULTY} --format xlsx --out book.xlsx",
    "compute --indicator internet_use --gap internet_use_sex --area WLD --area KEN --format xlsx --out book.xlsx",
    "profile KEN --format xlsx --out book.xlsx",
    "measure internet_use_income --area WLD --format xlsx --out book.xlsx",
)
REPORT = """In 2025, 94 % <!-- divide: internet_use HIC 2025 --> of people in high-income economies used the Internet.
In the world it was 73 % <!-- divide: internet_use WLD 2025 -->, and 95 % in 2024."""
PAGES = (
    "report --out page.html",
    "report KEN AFR --out page.html",
    "report KEN --estimate --out page.html",
    f"report --findings {FAULTY} --out page.html",
    "chart divides --out page.html --format svg",
)
NOT_WORDS = r"""(?sx) <style>.*?</style> | <script.*?</script> | <code>.*?</code> | `[^`]*` | data:[^"]*"
    | <meta[^>]*> | (?<![\w-])--[a-z][a-z-]* | https?://[^\s⟦⟧]+ | \b[0-9a-f]{12,64}\b"""
"""Markup without text, commands, options, addresses and fingerprints."""
ATTRIBUTES = r'(?:aria-label|title|alt)="([^"]*)"'
FORMULAE = {"sum", "exp", "sqrt", "mu"}
TOOLS = {"divide", "python", "pandas", "pyarrow", "utf", "csv", "json", "html"}
"""Names of programs and formats."""
KEYS = {"itu", "unsd", "worldbank", "indicator", "area", "year"}
"""Providers whose codes are shown, and keys of selectors."""
IN_WORKBOOKS = {"closed", "widened", "met", "not", "indicator", "area", "over", "order", "level", "panel", "all", "gap"}
"""Codes of columns, whose words are in the column before, and the names of options."""


def ids() -> set[str]:
    """Ids of entries."""
    kinds = (
        "indicators",
        "gaps",
        "measures",
        "targets",
        "rules",
        "licences",
        "estimates",
        "groupings",
        "weights",
        "comparisons",
    )
    kinds += ("every_measure", "charts", "publication_rules")
    names = {name for kind in kinds for name in getattr(catalogue(), kind)}
    names |= {*KINDS, *(rule.kind for rule in catalogue().rules.values())}
    names |= {name for grouping in catalogue().groupings.values() for name in grouping.lists}
    names |= {claim.id for content in publications().values() for claim in content.claims} | {*publications()}
    names |= {path.name for path in (data_dir() / "sources").iterdir()}
    return names


def left_outside(shown: str) -> set[str]:
    """The words in Latin letters outside the brackets that are no codes: `Kenya`, `above`, but not KEN or y15t24."""
    outside = made_up.outside(re.sub(NOT_WORDS, " ", shown))
    text = unescape(re.sub(r"<[^>]+>", " | ", outside) + " | ".join(re.findall(ATTRIBUTES, outside)))
    text = re.sub(r"\S*[_/\\]\S*|\S+\.[a-z]{2,5}\b", " ", text)  # ids, paths and names of files
    return set(re.findall(r"(?<![\w-])[A-Za-z]*[a-z]{2,}(?![\w-])", text))


@pytest.fixture(scope="module")
def allowed() -> set[str]:
    return ids() | FORMULAE | TOOLS | KEYS


@pytest.mark.parametrize("command", COMMANDS)
def test_tables_have_no_words_that_cannot_be_translated(command, allowed, tmp_path):
    shown, unknown = said_by(tmp_path, command)
    assert left_outside(shown) - allowed == set()
    assert unknown == set()


TITLED = (
    "compute --indicator internet_use",
    "measure internet_use_income",
    "measure internet_use --over itu_region",
    "measure internet_use --over REF_AREA --year 2024",
    "targets --area KEN --area AFR",
    "profile KEN LIC",
    "diff wdi_2025_10 wdi_2026_08 --year 2023",
    "explain internet_use LIC 2024",
    "reproduce",
)


def ids_in(text: str) -> set[str]:
    """The ids of entries with an underscore, those of editions apart, by which editions are cited; no commands."""
    editions = {path.name for path in (data_dir() / "sources").iterdir()}
    return {name for name in ids() - editions if re.search(rf"(?<![\w.]){name}(?!\w)", text) and "_" in name}


@pytest.mark.parametrize("command", TITLED)
def test_titles_name_entries_in_words(command, tmp_path):
    """`Internet use by income group`, not `by income_group`; also the heads of the rows of parts."""
    done = divide(tmp_path, *command.split(), "--format", "markdown", columns=4000)
    lines = done.stdout.replace("\\_", "_").splitlines()
    titles = [line for line in lines if line.startswith("#")]
    assert titles
    assert ids_in("\n".join(titles)) == set()


@pytest.mark.parametrize("code", ["en", "ru", "zh"])
def test_headings_of_pages_name_entries_in_words(code, tmp_path):
    pytest.importorskip("vl_convert", reason="draws pictures (extra report)")
    for words in (["report"], ["report", "KEN", "LIC"]):
        divide(tmp_path, *words, "--lang", code, "--out", "page.html")
        root = Page((tmp_path / "page.html").read_text(encoding="utf-8")).root
        headings = root.all("h1", "h2", "h3", "h4", "caption", "figcaption", "title") + root.all("th", scope="col")
        labels = [one.attributes.get(name, "") for one in root.every() for name in ("aria-label", "title", "alt")]
        assert len(headings) > 10 and any(labels)
        assert ids_in("\n".join([*(one.text for one in headings), *labels])) == set()


def test_sheets_name_entries_in_words(tmp_path):
    """The title of each sheet is its first cell."""
    openpyxl = pytest.importorskip("openpyxl")
    done = divide(tmp_path, "measure", "internet_use_income", "--format", "xlsx", "--out", "book.xlsx")
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert ids_in("\n".join(str(sheet["A1"].value) for sheet in book)) == set()


def test_what_is_compared_is_named_in_the_language(tmp_path):
    """As the titles of the chart of income groups are."""
    for code, title in (
        ("fr", "par groupe de revenu"), ("es", "por grupo de ingresos"), ("ru", "по группам по уровню дохода"),
        ("ar", "حسب فئة الدخل"), ("zh", "按收入组别"),
    ):  # fmt: skip
        assert title in divide(tmp_path, "measure", "internet_use_income", "--lang", code, columns=200).stdout


@pytest.mark.parametrize("command", PAGES)
def test_pages_have_no_words_that_cannot_be_translated(command, allowed, tmp_path):
    pytest.importorskip("vl_convert", reason="draws pictures (extra report)")
    said_by(tmp_path, command)
    assert left_outside((tmp_path / "page.html").read_text(encoding="utf-8")) - allowed == set()


@pytest.mark.parametrize("command", WORKBOOKS)
def test_workbooks_have_no_words_that_cannot_be_translated(command, allowed, tmp_path):
    """In cells and comments. Sheets keep their names, which the links of other files use."""
    openpyxl = pytest.importorskip("openpyxl")
    _, unknown = said_by(tmp_path, command)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    texts = [str(cell.value) for cell in cells if isinstance(cell.value, str)]
    texts += [cell.comment.text for cell in cells if cell.comment]
    words = {word for text in texts for word in left_outside(text)}
    assert words - allowed - IN_WORKBOOKS - set(book.sheetnames) == set()
    assert unknown == set()


def said_by(folder: Path, command: str) -> tuple[str, set[str]]:
    """What the command shows in the made-up language, and the texts that it says but that are not collected.

    The words of a survey, its variables and the keys of its design are data.
    """
    (folder / "report.md").write_text(REPORT, encoding="utf-8")
    if "survey/" in command:
        write_example(folder / "survey")
    with made_up.in_commands() as brackets:
        done = divide(folder, *command.split(), "--lang", "fr", columns=4000)
        unknown = {
            str(text) for text in brackets.unknown if left_outside(re.sub(r"\{[^{}]*\}", " ", str(text))) - ids()
        }
    assert done.returncode in (0, 1), done.stderr
    shown = done.stdout + done.stderr
    variables = [rf"\b{word}\b" for word in words_of_design(folder)] if "survey/" in command else []
    return re.sub("|".join([*QUOTED, *variables]), " ", shown), unknown


QUOTED = (
    "Made-up survey of households and persons", "Hours online in a week, of those who use the Internet", "March 2024",
    r"By urban-rural area[^)]*\)", "World Bank country classification(?! FY)",
)  # fmt: skip
"""Texts of the example of a survey, the place of a figure in a publication, and the title of the source of an area."""


def words_of_design(folder: Path) -> set[str]:
    """The keys and the variables of the design file of the example, without its comments and its names."""
    design = (folder / "survey" / "design.yaml").read_text(encoding="utf-8")
    bare = re.sub(r"#.*|(name|source): [A-Z\w][^\n]*|fieldwork: .*", r"\1", design)
    return {*re.findall(r"[a-z_]{2,}", bare), "codes", "bands", "unknown", "exclude", "persons", "households"}


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Coverage unknown.", "measure internet_use_urbanisation --area WLD"),
        ("{text} is {text_2} above the range {span}", "reproduce"),
    ],
)
def test_a_sentence_that_is_not_collected_is_found(text, command, allowed, tmp_path):
    """The test can fail: without one sentence, its words are outside the brackets."""
    with made_up.without(text):
        shown, unknown = said_by(tmp_path, command)
    assert left_outside(shown) - allowed
    assert text in unknown


def test_words_inside_slots_are_seen():
    """A word in a slot of a sentence in brackets is outside, since its own translation is missing."""
    assert left_outside(made_up.bracketed("Parity is {lower}: {meaning}.").format(lower=1, meaning="inside")) == {
        "inside"
    }


def test_texts_have_one_form_or_several():
    """A .po file has one entry for a text: no text is both alone and with a plural."""
    forms: dict[tuple[str, str], set[str]] = {}
    for message in made_up.messages():
        forms.setdefault((message.context, message.text), set()).add(message.several)
    assert [text for text, several in forms.items() if len(several) > 1] == []


def test_every_joint_is_collected():
    assert {message.context for message in made_up.messages()} >= {f"joints:{name}" for name in JOINTS}
