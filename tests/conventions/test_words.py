"""Words: no text that a person reads uses a word of words.yaml, and its sentences are short.

One case for each file or command lists all its offences with line and text:
`python -m pytest tests/conventions/test_words.py`, or `-k README` for one of them.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jinja2 import Environment
from typer.main import get_command

from divide_cli.cli.commands import app

ROOT = Path(__file__).resolve().parents[2]
BANNED: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
)
PATTERNS = {name: re.compile(rf"\b(?:{entry['pattern']})\b", re.IGNORECASE) for name, entry in BANNED.items()}

SHORT = 25
"""Most words of a sentence in messages, help, rules, the catalogue and reports."""
LONG = 30
"""Most words of a sentence in documentation."""

MACHINE_KEYS = {
    "citation": "as its publisher wants to be cited",
    "codes": "codes of providers",
    "columns": "names and patterns of columns",
    "cut": "a pattern",
    "example": "a command",
    "formula": "a formula",
    "header": "names of columns",
    "missing": "markers in files",
    "path": "a name of a file",
    "pattern": "a pattern",
    "title": "the title of a publication",
    "without": "patterns of columns",
}
"""Keys of YAML files whose texts nobody reads as sentences, and why."""
LISTS = {"source": "a list of citations, divided by semicolons"}
"""Keys whose texts have no sentences: their words are checked, their length is not."""


class Text(NamedTuple):
    """A text, where it is, and the most words that a sentence of it may have (0: not counted; -1: of the code)."""

    place: str
    text: str
    most: int


# --- what is wrong with a text


def sentences(text: str) -> list[str]:
    """The sentences: up to a full stop, question or exclamation mark before a capital letter, digit, quote or code."""
    ends = r"(?<![ .(][A-Z]\.)(?<!\bcf\.)(?<!\bvs\.)(?<!\bNo\.)(?<=[.!?])[\"”’')\]]*\s+(?=[A-Z0-9{`\"“‘'(\[*–-])"
    return [sentence for sentence in re.split(ends, " ".join(text.split())) if sentence]


def words(sentence: str) -> int:
    """The number of words; code between backticks is one."""
    return len(re.findall(r"\S*[^\W_]\S*", re.sub(r"`[^`]*`", "code", sentence)))


def offences(text: Text) -> Iterator[str]:
    """Each banned word and each long sentence, with its place."""
    plain = " ".join(re.sub(r"`+[^`]*`+", "`code`", text.text).split())
    for name, pattern in PATTERNS.items():
        if not (text.most < 0 and BANNED[name].get("texts")):
            for match in pattern.finditer(plain):
                around = plain[max(0, match.start() - 60) : match.end() + 60]
                yield f"{text.place}: '{match[0]}' (write: {BANNED[name]['instead']}): ... {around} ..."
    for sentence in sentences(text.text) if text.most > 0 else ():
        if words(sentence) > text.most:
            yield f"{text.place}: {words(sentence)} words (at most {text.most}): {sentence}"


# --- the texts


def of_yaml(path: Path) -> Iterator[Text]:
    """The values that are texts, by line, and the comments."""

    def values(node: yaml.Node, key: str) -> Iterator[Text]:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value not in MACHINE_KEYS:
                    yield from values(value, name.value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                yield from values(value, key)
        elif " " in node.value and not node.value.startswith("http"):
            yield Text(f"line {node.start_mark.line + 1}, {key}", node.value, 0 if key in LISTS else SHORT)

    text = path.read_text(encoding="utf-8")
    root = yaml.compose(text)
    yield from values(root, "") if root else ()
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    yield from comments((number, line) for number, line in numbered if line.startswith("#"))


def comments(lines: Iterator[tuple[int, str]]) -> Iterator[Text]:
    """Comments, those of consecutive lines together."""
    parts: list[str] = []
    start = last = 0
    for number, line in [*lines, (-1, "")]:
        if parts and number != last + 1:
            yield Text(f"line {start}, comment", " ".join(parts), -1)
            parts = []
        start, last = (start if parts else number), number
        parts.append(line.lstrip("#: "))


def of_python(path: Path) -> Iterator[Text]:
    """Docstrings, comments, and the texts of the program, whose parts in braces are one word."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    done: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            done.add(node.value)
            yield Text(f"line {node.lineno}, docstring", node.value.value, -1)
        elif isinstance(node, ast.JoinedStr):
            done |= set(ast.walk(node))
            parts = [
                str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "{}" for part in node.values
            ]
            yield Text(f"line {node.lineno}", "".join(parts), SHORT)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in done and " " in node.value:
            yield Text(f"line {node.lineno}", node.value, SHORT)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    yield from comments((token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT)


def of_template(path: Path) -> Iterator[Text]:
    """The sentences of a page: what is between its tags, without the statements of Jinja, and the texts in these."""
    page, line = [], 1
    for line, kind, text in Environment(autoescape=True).lex(path.read_text(encoding="utf-8")):
        if kind == "data":
            page.append(text)
        elif kind == "variable_begin":
            page.append("{}")
        elif kind == "string" and " " in text:
            yield Text(f"line {line}", text[1:-1], SHORT)
    inline = re.sub(r"</?(b|i|a|bdi|code|mark|em|strong|span|br)\b[^>]*>", " ", "".join(page))
    for block in re.split(r"<[^>]*>", inline):
        if " " in block.strip():
            yield Text("text", unescape(block), SHORT)


def of_markdown(path: Path) -> Iterator[Text]:
    """Paragraphs, list items, headings and cells of tables; code blocks and generated parts are left out.

    The sentences of a page that `make docs` writes as a whole are counted where they come from.
    """
    block: list[str] = []
    start, skipped = 0, ""
    page = path.read_text(encoding="utf-8")
    most = 0 if page.startswith("<!-- Generated") else LONG

    def done() -> Iterator[Text]:
        if block:
            yield Text(f"line {start}", re.sub(r"\]\([^)]*\)", "]", " ".join(block)), most)
            block.clear()

    for number, line in enumerate(page.splitlines(), 1):
        stripped = line.strip()
        if skipped:
            skipped = "" if skipped in stripped else skipped
            continue
        opening = {"```": "```", "<!-- begin": "<!-- end"}
        ending = next((end for begin, end in opening.items() if stripped.startswith(begin)), "")
        new = re.match(r"([-*]|\d+\.) |#|\||>", stripped)
        if ending or not stripped or new:
            yield from done()
            start = number
        if ending:
            skipped = ending
        elif stripped.startswith("|"):
            cells = re.split(r"(?<!\\)\|", stripped.strip("|"))
            yield from (Text(f"line {number}", cell, most) for cell in cells if " " in cell.strip())
        elif stripped and not stripped.startswith("<!--"):
            start = start if block else number
            block.append(re.sub(r"^([-*]|\d+\.|#+|>) +", "", stripped))
    yield from done()


def of_help(name: str) -> Iterator[Text]:
    """What `divide NAME --help` says: the command's text, and that of each option and argument."""
    command: Any = get_command(app)
    for word in name.split():
        command = command.commands[word]
    for paragraph in (command.help or "").split("\n\n"):
        for part in paragraph.splitlines() if paragraph.startswith("\b") else [paragraph]:
            yield Text("help", part, SHORT)
    yield Text("epilog", command.epilog or "", SHORT)
    for parameter in command.params:
        yield Text("/".join(parameter.opts), getattr(parameter, "help", "") or "", SHORT)


def commands() -> Iterator[str]:
    """The commands by name; "" is the program itself."""
    program: Any = get_command(app)
    yield ""
    for name, command in program.commands.items():
        yield name
        yield from (f"{name} {below}" for below in getattr(command, "commands", {}))


def sources() -> Iterator[tuple[str, Callable[[], Iterator[Text]]]]:
    """What is read, by name: files relative to the root, and the help of commands."""
    readers = {
        of_yaml: (
            "divide_cli/**/*.yaml",
            "data/catalogue/**/*.yaml",
            "data/claims/*.yaml",
            "data/sources/*/origin.yaml",
            "data/templates/*.yaml",
            "schemas/*.json",
        ),
        of_template: ("divide_cli/reports/**/*.html.j2",),
        of_markdown: ("*.md", "docs/**/*.md"),
        of_python: ("divide_cli/**/*.py", "scripts/docs/*.py"),
    }
    for read, globs in readers.items():
        for path in sorted({path for pattern in globs for path in ROOT.glob(pattern) if "__cache__" not in path.parts}):
            yield str(path.relative_to(ROOT)), partial(read, path)
    for name in commands():
        yield f"divide {name} --help".replace("  ", " "), partial(of_help, name)


@pytest.mark.parametrize(("name", "read"), [pytest.param(*source, id=source[0]) for source in sources()])
def test_texts_use_plain_words_and_short_sentences(name: str, read: Callable[[], Iterator[Text]]) -> None:
    found = list(dict.fromkeys(offence for text in read() for offence in offences(text)))
    if found:
        pytest.fail("\n".join([f"{name}: {len(found)} to rewrite", *found]), pytrace=False)


# --- the check itself


@pytest.mark.parametrize("name", BANNED)
def test_a_banned_word_has_a_reason_and_is_found(name: str) -> None:
    entry = BANNED[name]
    assert set(entry) <= {"pattern", "instead", "reason", "example", "allowed", "texts"}
    assert entry["instead"]
    assert entry["reason"]
    assert list(offences(Text("", entry["example"], SHORT)))
    for phrase, reason in entry.get("allowed", {}).items():
        assert reason
        assert not PATTERNS[name].search(phrase)


def test_long_sentences_are_found_one_by_one() -> None:
    most = " ".join(["word"] * SHORT) + "."
    assert not list(offences(Text("", most, SHORT)))
    assert not list(offences(Text("", f"Word {most[5:]} {most.capitalize()}", SHORT)))
    assert len(list(offences(Text("", f"One {most} {most.capitalize()}", SHORT)))) == 1
    assert not list(offences(Text("", f"Run `{most}` again.", SHORT)))


def test_readers_find_the_texts(tmp_path: Path) -> None:
    pages = {
        of_yaml: ("a.yaml", "# mend a comment\nrule:\n  pattern: mend a pattern\n  hint: >-\n    mend\n    a hint\n"),
        of_template: (
            "a.j2",
            '{# mend #}{% set x = "mend it" %}<p>Mend <b>a</b>\n{{ x }} here</p><p class="mend it"></p>',
        ),
        of_markdown: (
            "a.md",
            "# Mend it\n\n- mend\n  this\n- a\n\n| mend | mend that |\n```\nmend code\n```\nMend `x`.\n",
        ),
        of_python: ("a.py", '"""Mend a\nmodule."""\n# mend a\n# comment\nx = f"mend {1} now"\ny = "mend " "it"\n'),
    }
    counts = {}
    for read, (name, text) in pages.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        counts[read] = sum(1 for one in read(path) for _ in offences(one))
    assert counts == {of_yaml: 2, of_template: 2, of_markdown: 4, of_python: 4}
