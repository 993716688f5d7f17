"""Marks in texts: which figures they are about, what is not text, and what a wrong mark says."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divide_cli.catalogue.claims import Claim
from divide_cli.claims.documents import Document, load
from divide_cli.claims.documents.figures import figure_before
from divide_cli.errors import CatalogueError, SourceError

HIC = "internet_use HIC 2025"


def claims(text: str, suffix: str = ".md") -> list[Claim]:
    """The claims of a text."""
    return list(Document.of("report", text.encode(), text, suffix).claims_file().claims)


def one(text: str, suffix: str = ".md") -> Claim:
    """The only claim of a text."""
    (claim,) = claims(text, suffix)
    return claim


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".md", f"Online: 94 % <!-- divide: {HIC} --> of people."),
        (".md", f"Online: **94** %<!--divide:{HIC}--> of people."),
        (".md", f"Online: 94&nbsp;per cent <!--\n divide: {HIC}\n-->."),
        (".md", f"| 94 <!-- divide: {HIC} --> | 23 |"),
        (".md", f"94 % of 4 economies <!-- divide: 94 % = {HIC} -->."),
        (".md", f"- 94 % in a list\n\n    and 94 % <!-- divide: {HIC} --> in its second paragraph"),
        (".qmd", f'Online: [94 %]{{divide="{HIC}"}} of people.'),
        (".qmd", f"Online: [94 %]{{.figure divide='{HIC}' #x}} of people."),
        (".qmd", f"---\ntitle: 5 % <!-- divide: none -->\n---\n94 % <!-- divide: {HIC} -->"),
        (".tex", f"Online: 94\\,\\% % divide: {HIC}\nof people."),
        (".tex", f"Online: $94$~\\%\n  %% divide: {HIC}\nof people."),
        (".tex", f"Online: \\divideclaim{{94\\,\\%}}{{{HIC}}} of people."),
        (".tex", f"Online: \\textbf{{\\divideclaim{{\\qty{{94}}{{\\percent}}}}{{{HIC}}}}}."),
        (".rst", f"Online: 94 % :divide:`{HIC}` of people."),
        (".rst", f"Online: **94 %**\\ :divide:`{HIC}` of people."),
        (".rst", f"Online: 94 % of people\nin 4 groups.\n\n.. divide: 94 % = {HIC}\n\nMore."),
        (".rst", f"Online: 94 % of people.\n\n.. divide: 94 %\n   = {HIC}\n"),
    ],
)
def test_the_forms_of_a_mark(suffix, text):
    claim = one(text, suffix)
    assert (claim.printed, claim.unit, claim.qualifier) == ("94", "PT", "exactly")
    assert (claim.selector.indicator, claim.selector.area, claim.selector.year) == ("internet_use", "HIC", 2025)
    assert claim.id == "internet_use_hic_2025"


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".md", "```\n94 % <!-- divide: wrong -->\n```\n"),
        (".md", "> ~~~ python\n> 94 % <!-- divide: wrong -->\n> ~~~\n"),
        (".md", "````\n```\n94 % <!-- divide: wrong -->\n````\n"),
        (".md", "```\n94 % <!-- divide: wrong --> never closed"),
        (".md", "Text:\n\n    94 % <!-- divide: wrong -->\n\n\tand <!-- divide: wrong -->\n"),
        (".md", "`94 % <!-- divide: wrong -->` and ``a ` <!-- divide: wrong -->``"),
        (".md", "<pre>\n94 % <!-- divide: wrong -->\n</pre>"),
        (".md", "\\<!-- divide: wrong -->"),
        (".md", "<!-- A remark: divide: wrong -->"),
        (".md", "<!-- begin: divide reproduce -->"),
        (".md", "<!-- divide the class in two -->"),
        (".tex", "\\begin{verbatim}\n94 % divide: wrong\n\\end{verbatim}"),
        (".tex", "\\verb|94 % divide: wrong|\n\\lstinline{94 % divide: wrong}"),
        (".tex", "% 94\\,\\% % divide: wrong"),
        (".tex", "94 \\% divide: not a comment"),
        (".tex", "\\iffalse 94 % divide: wrong\n\\fi"),
        (".tex", "\\end{document}\n94 % divide: wrong"),
        (".tex", "\\newcommand{\\divideclaim}[2]{#1}\n\\providecommand\\divideclaim[2]{#1}"),
        (".rst", "Example::\n\n    94 % :divide:`wrong`\n\n    .. divide: wrong\n"),
        (".rst", ".. code-block:: rst\n   :caption: x\n\n   94 % :divide:`wrong`\n\n   .. divide: wrong\n"),
        (".rst", "Write ``94 % :divide:`wrong```."),
        (".rst", ".. A comment\n   with 94 % :divide:`wrong`\n"),
        (".rst", ".. role:: divide(raw)\n   :format: divide\n"),
        (".rst", ">>> print('94 % :divide:`wrong`')\n"),
    ],
)
def test_code_and_verbatim_parts_have_no_marks(suffix, text):
    assert claims(text, suffix) == []
    after = {".md": f"\n\n94 % <!-- divide: {HIC} -->", ".rst": f"\n\n94 % :divide:`{HIC}`"}
    if suffix in after and "never closed" not in text:  # and what follows is text again
        assert one(text + after[suffix], suffix).printed == "94"


@pytest.mark.parametrize(
    ("figure", "printed", "qualifier", "unit", "power"),
    [
        ("nearly 95 %", "95", "almost", "PT", 0),
        ("Over\n95 per cent", "95", "more than", "PT", 0),
        ("just over **95** %", "95", "just over", "PT", 0),
        ("approximately 95.0 percent", "95.0", "about", "PT", 0),
        ("no less than 95 %", "95", "at least", "PT", 0),
        ("discover 95 %", "95", "exactly", "PT", 0),
        ("two-thirds", "two thirds", "exactly", "PT", 0),
        ("more than half", "half", "more than", "PT", 0),
    ],
)
def test_qualifiers_and_units(figure, printed, qualifier, unit, power):
    claim = one(f"In 2025, {figure} <!-- divide: {HIC} -->.")
    assert (claim.printed, claim.qualifier, claim.unit, claim.unit_mult) == (printed, qualifier, unit, power)


@pytest.mark.parametrize(
    ("text", "printed", "power"),
    [
        ("1,234.5 million people", "1,234.5", 6),
        ("1\u202f234 million", "1,234", 6),
        ("6 050 million", "6,050", 6),
        ("6{,}050~million", "6,050", 6),
        ("6.05 billion", "6.05", 9),
        ("\u22122.5", "-2.5", 0),
    ],
)
def test_numbers_as_texts_print_them(text, printed, power):
    figure = figure_before(text, len(text))
    assert figure is not None and (figure.printed, figure.power) == (printed, power)


@pytest.mark.parametrize("text", ["5G", "COVID-19", "70-71 %", "2.3.4", "version 1.2.3", "71 % of all", "x71", ""])
def test_what_is_not_one_figure_before_a_mark(text):
    assert figure_before(text, len(text)) is None


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("2025 HIC internet_use", {"area": "HIC", "year": 2025}),
        ("internet_use", {"area": "WLD", "year": None}),
        ("internet_use, Kenya, 2024", {"area": "KEN", "year": 2024}),
        ('internet_use "low income" latest', {"area": "LIC", "year": None}),
        ("internet_use women 2024", {"SEX": "F", "year": 2024}),
        ("internet_use M 2024", {"SEX": "M"}),
        ("internet_use rural 2024", {"URBANISATION": "RUR"}),
        ("internet_use 15\u201324 2024", {"AGE": "Y15T24"}),
        ("internet_use LIC persons complement 2024", {"persons": True, "complement": True}),
        ("internet_use LIC LMC persons 2024", {"area": ("LIC", "LMC"), "persons": True}),
        ("internet_use since=2020 change=absolute 2024", {"since": 2020, "change": "absolute", "year": 2024}),
        ("internet_use without=HIC 2024", {"without": {"area": "HIC"}}),
        ("internet_use HIC relative_to=LIC,2020 2024", {"relative_to": {"area": "LIC", "year": 2020}}),
        ("internet_use sex=F area=HIC year=2024", {"SEX": "F", "area": "HIC", "year": 2024}),
    ],
)
def test_the_words_of_a_mark(words, keys):
    claim = one(f"71 <!-- divide: {words} -->")
    assert claim.selector.indicator == "internet_use"
    assert {key: getattr(claim.selector, key) for key in keys} == keys
    assert claim.editions == ("itu_aggregates_2025_11", "itu_aggregates_2024_11")


def test_gaps_measures_editions_and_verdicts():
    words = 'internet_use_sex ratio WLD 2024 itu_aggregates_2024_11 expect=differs reason="Edition. Old." id=sexes'
    claim = one(f"1.2 <!-- divide: {words} -->")
    assert (claim.selector.gap, claim.selector.measure, claim.unit) == ("internet_use_sex", "ratio", "RATIO")
    assert (claim.editions, claim.expect, claim.id) == (("itu_aggregates_2024_11",), "differs", "sexes")
    assert (
        one("5 points <!-- divide: internet_use_sex difference WLD 2024 -->").selector.measure == "absolute_difference"
    )


@pytest.mark.parametrize(
    ("words", "place", "told"),
    [
        ("internet_usage HIC 2025", "report:2, column 19", "did you mean internet_use"),
        ("internet_use HCI 2025", "report:2, column 32", "did you mean"),
        ("internet_use womn 2025", "report:2, column 32", "Women"),
        ("internet_use yaer=2025", "report:2, column 32", "did you mean year"),
        ("internet_use 2024 2025", "report:2, column 37", "2024, then 2025"),
        ("internet_use Korea 2025", "report:2, column 32", "KOR"),
        ("internet_use_sex HIC 2025", "report:2, column 6", "measure"),
        ("internet_use HIC 2025 expect=true", "report:2, column 6", "true"),
        ("", "report:2, column 6", "internet_use HIC 2025"),
    ],
)
def test_a_wrong_mark_is_one_error_at_its_place(words, place, told):
    with pytest.raises(CatalogueError) as caught:
        claims(f"# Title\n71 % <!-- divide: {words} --> of people")
    assert str(caught.value).count("where: ") == 1
    assert f"where: {place}\n" in f"{caught.value}\n" and told in str(caught.value)


def test_every_wrong_mark_of_a_text_is_named():
    with pytest.raises(CatalogueError) as caught:
        claims("71 % <!-- divide: internet_use XYZ -->\n\n71 % of <!-- divide: internet_use -->\n\n7 % <!-- divide: x")
    assert [line.strip() for line in str(caught.value).splitlines() if "where:" in line] == [
        "where: report:1, column 32",
        "where: report:3, column 9",
        "where: report:5, column 5",
    ]


def test_claims_of_one_text_have_ids_of_their_own():
    marks = f"94 % <!-- divide: {HIC} --> and 94.2 % <!-- divide: {HIC} -->"
    assert [claim.id for claim in claims(marks)] == ["internet_use_hic_2025", "internet_use_hic_2025_2"]
    with pytest.raises(CatalogueError, match="two claims have the same id"):
        claims("94 % <!-- divide: internet_use id=a --> and 94.2 % <!-- divide: internet_use id=a -->")


def test_equal_figures_of_a_paragraph_are_taken_in_turn():
    text = "Of men 71 %, of women 71 %.\n\n.. divide: 71 % = internet_use men\n.. divide: 71 % = internet_use women\n"
    file = Document.of("report", text.encode(), text, ".rst").claims_file()
    assert [passage.column for passage in file.passages.values()] == [8, 23]
    assert [claim.selector.SEX for claim in file.claims] == ["M", "F"]


def test_lines_and_columns_count_characters(tmp_path: Path):
    path = tmp_path / "report.md"
    path.write_bytes(f"Größe\r\n\U0001f310 ist 94 % <!-- divide: {HIC} -->\r\n".encode())
    (passage,) = load(path).passages.values()
    assert (passage.line, passage.column, passage.end_column) == (2, 7, 11)


PIECES = st.sampled_from(
    ["<!--", "-->", "divide:", " ", "\n", "\n\n", "    ", "`", "``", "```\n", "~~~", "<pre>", "</pre>", "\\", "%", "{",
     "}", "[", "]{divide=\"", "\"}", "\\divideclaim{", "}{", "\\begin{verbatim}", "\\end{verbatim}", "\\verb|", "\\iffalse",
     "\\fi", "..", ".. divide: ", ".. code::\n", "::\n", ":divide:`", ">>> ", "71 %", "half", "internet_use", " = ", "HIC",
     "\"", "'", "2025", "since=", "---\n", "- ", "> ", "\x00", "\u2028", "\r\n", "\ufeff", "about", "million", ",", "~"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=40).map("".join)


@settings(max_examples=500, deadline=None)
@given(before=TEXTS, after=TEXTS)
@pytest.mark.parametrize("suffix", [".md", ".qmd", ".tex", ".rst"])
def test_random_texts_never_break_the_parser(suffix, before, after):
    """2,000 texts: each gives claims or errors at places in the text; hidden parts change neither length nor lines."""
    mark = {".tex": "\n\n94\\,\\% % divide: internet_use HIC 2025\n\n"}.get(
        suffix,
        "\n\n94 % :divide:`internet_use HIC 2025`\n\n" if suffix == ".rst" else f"\n\n94 % <!-- divide: {HIC} -->\n\n",
    )
    text = before + mark + after
    document = Document.of("report", text.encode("utf-8", "replace"), text, suffix)
    assert len(document.running) == len(text)
    assert document.running.count("\n") == text.count("\n")
    try:
        file = document.claims_file()
    except CatalogueError as error:
        for part in (error, *error.others):
            line, column = part.where.line, int(part.where.column)
            assert 1 <= line <= text.count("\n") + 1 and column >= 1
    else:
        for claim in file.claims:
            passage = file.passages[claim.id]
            assert text[passage.start : passage.end].strip()
            assert text[: passage.start].count("\n") + 1 == passage.line


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.from_regex(r"[a-z,.;()*']{1,9}", fullmatch=True), max_size=12), number=st.integers(0, 3))
@pytest.mark.parametrize("suffix", [".md", ".qmd", ".tex", ".rst"])
def test_marks_are_found_whatever_prose_is_around(suffix, words, number):
    """Prose without markup hides no mark: all are found, in their order, with their figures."""
    prose = " ".join(words)
    forms = {".tex": "{}\\% % divide: internet_use {}\n", ".rst": "{} % :divide:`internet_use {}` "}
    form = forms.get(suffix, "{} % <!-- divide: internet_use {} --> ")
    areas = ("HIC", "LIC", "WLD")[:number]
    text = "".join(
        f"{prose.replace(chr(42), '')} 9{place} text and " + form.format(f"8{place}", area)
        for place, area in enumerate(areas)
    )
    found = claims(f"{text} {prose}", suffix)
    assert [(claim.printed, claim.selector.area) for claim in found] == [
        (f"8{n}", area) for n, area in enumerate(areas)
    ]


def test_marks_do_not_show_in_rendered_markdown():
    """A renderer (CommonMark) gives the same text with and without marks, apart from comments of HTML."""
    markdown_it = pytest.importorskip("markdown_it", reason="a library of the terminal that need not be installed")
    text = (Path(__file__).parent / "report" / "report.md").read_text(encoding="utf-8").split("---\n", 2)[2]
    prose, example = text.split("```\n", 1)
    render = markdown_it.MarkdownIt("commonmark").enable("table").render
    shown = re.sub(r"<!--.*?-->", "", render(prose))
    without_marks = render(re.sub(r"<!--.*?-->", "", prose))
    assert re.sub(r"\s+(?=<)", "", shown) == re.sub(r"\s+(?=<)", "", without_marks)
    assert "internet_use" not in shown and "internet_use" in render(f"```\n{example}")


@pytest.mark.parametrize(
    ("suffix", "piece"),
    [
        (".md", "` "), (".md", "<!--"), (".md", "<pre>"), (".md", "[7 %]{divide=\""), (".tex", "\\divideclaim{"),
        (".tex", "\\iffalse"), (".tex", "% divide: x\n"), (".rst", "``"), (".rst", ":divide:`"),
        (".rst", "7 %\n\n.. divide: 7 % = x\n\n"),
    ],
)  # fmt: skip
def test_long_hostile_texts_are_read_in_time(suffix, piece):
    """200 kB of one beginning that is never ended: quadratic reading would take minutes."""
    text = piece * (200_000 // len(piece))
    with suppress(CatalogueError):
        assert not claims(text, suffix)


def test_a_text_that_is_too_long_or_not_utf_8_is_refused(tmp_path: Path):
    path = tmp_path / "report.md"
    path.write_bytes(b"71 %\n" * 2_000_001)
    with pytest.raises(SourceError, match="at most 10,000,000 bytes"):
        load(path)
    path.write_bytes("Größe".encode("latin-1"))
    with pytest.raises(SourceError, match="cannot be read"):
        load(path)
