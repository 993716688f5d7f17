"""A text in Markdown, Quarto, LaTeX or reStructuredText -> its running text and its marks.

The running text has the length and the lines of the text. Code and other verbatim parts are `NOT_TEXT` in it, comments
and marks are `~`. A mark is a comment that begins with `divide:`, or:

- Markdown, Quarto: the attribute `divide` of a span: `[71 %]{divide="internet_use HIC 2025"}`.
- LaTeX: the macro `\\divideclaim{71\\,\\%}{internet_use HIC 2025}`.
- reStructuredText: the role `:divide:`, with the mark as its text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from divide_cli.claims.documents.figures import NOT_TEXT

HIDDEN = "~"
_BLANK = re.compile(r"\n[^\S\n]*\n")
_LONGEST_MARK = 2_000
"""The most characters between the braces of a macro."""
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_HEAD = re.compile(r"\s*divide(?:(?P<colon>\s*:(?!:))|(?=[\s:]|$))", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """A mark from `start` to `end`; its words begin at `at`. Its figure ends before `figure_end`.

    `closed` is False if its end is missing, `colon` if it is a comment without the colon.
    """

    start: int
    end: int
    words: str
    at: int
    figure_end: int
    closed: bool = True
    colon: bool = True


@dataclass
class Markup:
    """The text, the marks found in it, and the spans to hide, each with the character that takes their place."""

    text: str
    marks: list[Mark] = field(default_factory=list)
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    def hide(self, start: int, end: int, letter: str = NOT_TEXT) -> None:
        """Hides a span of the running text."""
        if end > start:
            self.spans.append((start, end, letter))

    def comment(self, start: int, end: int, content: tuple[int, int], *, closed: bool = True) -> None:
        """Hides a comment, which is a mark if it begins with `divide:`."""
        self.hide(start, end, HIDDEN)
        words = self.text[slice(*content)]
        if head := _HEAD.match(words):
            at = content[0] + head.end()
            mark = Mark(start, end, self.text[at : content[1]], at, start, closed, bool(head["colon"]))
            self.marks.append(mark)

    def running_text(self) -> str:
        """The text with its hidden spans replaced; line ends stay."""
        pieces, last = [], 0
        for first, end, letter in sorted(self.spans):
            if end > (start := max(first, last)):
                pieces += [self.text[last:start], re.sub(r"[^\r\n]", letter, self.text[start:end])]
                last = end
        return "".join([*pieces, self.text[last:]])


_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)")
_LIST_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)]|\[\^[^\]]*\]:)(?:\s|$)")
_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?![ \t]*\r?\n)(?:.*?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_IN_MARKDOWN = re.compile(
    r"\\.|(?P<ticks>`+)|(?P<comment><!--)|<(?P<tag>pre|code|script|style|textarea)\b|\]\{(?P<attributes>[^{}\n]*)\}",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"(?:^|\s)divide\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")


def _markdown(markup: Markup) -> None:
    """Marks of Markdown and Quarto. Front matter, fenced and indented code, code spans and `<pre>` are not text."""
    text, last = markup.text, 0
    for start, end in [*_markdown_blocks(text), (len(text), len(text))]:
        _markdown_spans(markup, last, start)
        markup.hide(start, end)
        last = max(last, end)


def _markdown_blocks(text: str) -> Iterator[tuple[int, int]]:
    """The spans of front matter, fenced code and indented code."""
    position = 0
    if front := _FRONT_MATTER.match(text):
        yield front.span()
        position = front.end()
    fence, opened, after_blank, in_list, commented = "", 0, True, False, False
    for line in _LINES.findall(text, position):
        start, position = position, position + len(line)
        bare = line.strip()
        match = _FENCE.match(line)
        if fence:
            closing = bare.lstrip("> \t")
            if closing and set(closing) == {fence[0]} and len(closing) >= len(fence):
                yield opened, position
                fence = ""
        elif commented or line.lstrip(" \t>").startswith("<!--"):
            commented = line.rfind("-->") < max(0, line.rfind("<!--")) or (commented and "-->" not in line)
        elif match and not (match["fence"][0] == "`" and "`" in match["info"]):
            fence, opened = match["fence"], start
        elif after_blank and bare and not in_list and line.expandtabs(4).startswith("    "):
            yield start, position
            continue  # a line of code keeps the next one in the block
        elif bare:
            indented = line[:1] in " \t"
            in_list = bool(_LIST_ITEM.match(line)) or (in_list and (indented or not after_blank))
        after_blank = not bare
    if fence:
        yield opened, len(text)


def _markdown_spans(markup: Markup, position: int, end: int) -> None:
    """Comments, code spans and attributes between two positions."""
    text, without_end = markup.text, dict[str, int]()
    while match := _IN_MARKDOWN.search(text, position, end):
        position = match.end()
        if match["comment"]:
            close = text.find("-->", position, end)
            stop = close + 3 if close >= 0 else _line_end(text, position, end)
            markup.comment(match.start(), stop, (position, close if close >= 0 else stop), closed=close >= 0)
            position = stop
        elif ticks := match["ticks"]:
            close = _closing_ticks(text, ticks, position, end, without_end)
            if close:
                markup.hide(match.start(), close)
                position = close
        elif tag := match["tag"]:
            closing = re.compile(rf"</{tag}\s*>", re.IGNORECASE)
            close_tag = closing.search(text, position, end) if without_end.get(tag.casefold()) is None else None
            if close_tag:
                markup.hide(match.start(), close_tag.end())
                position = close_tag.end()
            else:
                without_end[tag.casefold()] = position
        elif match["attributes"] is not None and (attribute := _ATTRIBUTE.search(match["attributes"])):
            group = "double" if attribute["double"] is not None else "single"
            at = match.start("attributes") + attribute.start(group)
            markup.marks.append(Mark(match.start(), position, attribute[group], at, match.start()))
            markup.hide(match.start(), position, HIDDEN)


def _line_end(text: str, position: int, end: int) -> int:
    """The end of the line, or `end` if it has none."""
    found = text.find("\n", position, end)
    return found if found >= 0 else end


def _paragraph_end(text: str, position: int, end: int, ends: dict[str, int]) -> int:
    """The end of the paragraph, which is looked for once only: `ends` keeps it."""
    if not position <= ends.get("paragraph", -1) <= end:
        blank = _BLANK.search(text, position, end)
        ends["paragraph"] = blank.start() if blank else end
    return ends["paragraph"]


def _closing_ticks(text: str, ticks: str, position: int, end: int, without_end: dict[str, int]) -> int:
    """The end of a code span of so many ticks within its paragraph; 0 if it is not closed."""
    if position < without_end.get(ticks, 0):
        return 0
    stop = _paragraph_end(text, position, end, without_end)
    close = re.compile(rf"(?<!`){ticks}(?!`)").search(text, position, stop)
    if close:
        return close.end()
    without_end[ticks] = stop
    return 0


_VERBATIM = "verbatim|Verbatim|lstlisting|minted|alltt|comment|filecontents|luacode|pycode"
_IN_LATEX = re.compile(
    rf"\\begin\{{(?P<verbatim>(?:{_VERBATIM})\*?)\}}|\\verb\*?(?P<delimiter>[^a-zA-Z\s*])"
    r"|\\(?:lstinline|mintinline(?:\[[^\]\n]*\])?\{[^}\n]*\})(?:\[[^\]\n]*\])?(?P<inline>[^a-zA-Z\s])"
    r"|(?P<off>\\iffalse)(?![a-zA-Z])|(?P<stop>\\end\{document\})|\\divideclaim\s*(?P<claim>\{)|\\.|(?P<comment>%)",
    re.DOTALL,
)


def _latex(markup: Markup) -> None:
    """Marks of LaTeX. Verbatim parts, `\\iffalse` and what follows the document are not text."""
    text, position, end = markup.text, 0, len(markup.text)
    while match := _IN_LATEX.search(text, position):
        position = match.end()
        if environment := match["verbatim"]:
            position = _hidden_to(markup, match.start(), position, f"\\end{{{environment}}}", end)
        elif match["off"]:
            position = _hidden_to(markup, match.start(), position, "\\fi", end)
        elif match["stop"]:
            markup.hide(match.start(), end)
            return
        elif delimiter := match["delimiter"] or match["inline"]:
            line_end = _line_end(text, position, end)
            position = _hidden_to(markup, match.start(), position, "}" if delimiter == "{" else delimiter, line_end)
        elif match["claim"]:
            position = _macro(markup, match.start(), match.start("claim"))
        elif match["comment"]:
            stop = _line_end(text, position, end)
            content = position + len(text[position:stop]) - len(text[position:stop].lstrip("%"))
            markup.comment(match.start(), stop, (content, stop))
            position = stop


def _hidden_to(markup: Markup, start: int, position: int, closing: str, end: int) -> int:
    """Hides from `start` to the end of the closing text, or to `end` if there is none; returns where it ends."""
    close = markup.text.find(closing, position, end)
    stop = close + len(closing) if close >= 0 else end
    markup.hide(start, stop)
    return stop


def _macro(markup: Markup, start: int, brace: int) -> int:
    """Adds a mark that is a macro with two arguments, the figure and the words; returns where it ends."""
    text = markup.text
    figure_end = _closing_brace(text, brace)
    second = re.compile(r"\s*\{").match(text, figure_end + 1) if figure_end else None
    markup.hide(start, brace + 1, HIDDEN)
    if not figure_end or second is None:
        markup.marks.append(Mark(start, brace + 1, "", brace + 1, start, closed=False))
        return brace + 1
    close = _closing_brace(text, second.end() - 1)
    stop = close or _line_end(text, second.end(), len(text))
    words = text[second.end() : stop]
    markup.marks.append(Mark(start, stop + bool(close), words, second.end(), figure_end, closed=bool(close)))
    markup.hide(figure_end, stop + bool(close), HIDDEN)
    return stop


_BRACES = re.compile(r"\\.|[{}]|\n[^\S\n]*\n", re.DOTALL)


def _closing_brace(text: str, brace: int) -> int:
    """The position of the brace that closes the one at the position, near it in its paragraph; 0 if there is none."""
    depth = 0
    for match in _BRACES.finditer(text, brace, brace + _LONGEST_MARK):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0 and match[0] == "}":
            return match.start()
        if match[0].startswith("\n"):
            return 0
    return 0


_EXPLICIT = re.compile(r"(?P<indent>[ \t]*)\.\.(?:[ \t]+(?P<rest>.*))?$")
_DIRECTIVE = re.compile(r"(?:\|[^|]+\|\s+)?(?P<name>[\w.:+-]+?)\s?::(?:\s|$)")
_LITERAL_DIRECTIVES = frozenset(
    ("code", "code-block", "sourcecode", "parsed-literal", "raw", "math", "literalinclude", "highlight", "doctest",
     "testcode", "testoutput", "prompt", "graphviz", "mermaid", "ipython", "plot")
)  # fmt: skip
_IN_RST = re.compile(
    r"\\.|(?P<literal>``)|:divide:`(?P<role>(?:\\.|[^`\\\n]|\n(?![^\S\n]*\n))*)(?P<closed>`?)", re.DOTALL
)


def _restructuredtext(markup: Markup) -> None:
    """Marks of reStructuredText. Literal blocks and directives of code, doctests and inline literals are not text."""
    last = 0
    for start, end in [*_rst_blocks(markup), (len(markup.text), len(markup.text))]:
        _rst_spans(markup, last, start)
        last = max(last, end)
    markup.marks.sort(key=lambda mark: mark.start)


def _rst_blocks(markup: Markup) -> list[tuple[int, int]]:
    """Hides comments, literal blocks, code and doctests, and adds the marks among comments; the spans are sorted."""
    lines = _LINES.findall(markup.text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    spans: list[tuple[int, int]] = []
    number = 0
    while number < len(lines):
        line = lines[number].rstrip("\r\n")
        explicit = _EXPLICIT.match(line)
        rest = (explicit["rest"] or "") if explicit else ""
        directive = _DIRECTIVE.match(rest)
        after = number + 1
        is_mark = bool(_HEAD.match(rest))
        if explicit and (is_mark or not directive) and not re.match(r"[_\[|]", rest):
            after = _block_end(lines, number + 1, len(explicit["indent"]) + 1, gaps=not is_mark)
            content = (starts[number] + (explicit.start("rest") if rest else len(line)), starts[after])
            markup.comment(starts[number], starts[after], content)
            spans.append((starts[number], starts[after]))
        elif explicit and directive and directive["name"] in _LITERAL_DIRECTIVES:
            after = _block_end(lines, number + 1, len(explicit["indent"]) + 1)
            spans.append((starts[number], starts[after]))
            markup.hide(*spans[-1])
        elif line.lstrip().startswith(">>>"):
            while after < len(lines) and lines[after].strip():
                after += 1
            spans.append((starts[number], starts[after]))
            markup.hide(*spans[-1])
        elif line.rstrip().endswith("::") and not explicit:
            after = _block_end(lines, number + 1, len(line) - len(line.lstrip()) + 1)
            spans.append((starts[number + 1], starts[after]))
            markup.hide(*spans[-1])
        number = after
    return spans


def _block_end(lines: list[str], number: int, indent: int, *, gaps: bool = True) -> int:
    """The number of the line after the block of lines from `number` on that are so far indented, or blank if `gaps`."""
    end = number
    for at in range(number, len(lines)):
        bare = lines[at].strip()
        if bare and len(lines[at]) - len(lines[at].lstrip()) < indent:
            break
        if not bare and not gaps:
            break
        end = at + 1 if bare else end
    return end


def _rst_spans(markup: Markup, position: int, end: int) -> None:
    """Inline literals and roles between two positions."""
    text, ends = markup.text, dict[str, int]()
    while match := _IN_RST.search(text, position, end):
        position = match.end()
        if match["role"] is not None:
            _role(markup, match)
        elif match["literal"]:
            close = text.find("``", position, _paragraph_end(text, position, end, ends))
            if close >= 0:
                markup.hide(match.start(), close + 2)
                position = close + 2


def _role(markup: Markup, match: re.Match[str]) -> None:
    markup.hide(match.start(), match.end(), HIDDEN)
    closed = bool(match["closed"])
    end = match.end() if closed else _line_end(markup.text, match.start("role"), match.end())
    words = match["role"] if closed else markup.text[match.start("role") : end]
    markup.marks.append(Mark(match.start(), end, words, match.start("role"), match.start(), closed))


FORMATS: Mapping[str, Callable[[Markup], None]] = {
    ".md": _markdown,
    ".qmd": _markdown,
    ".tex": _latex,
    ".rst": _restructuredtext,
}
"""The suffix of a file -> what finds the marks in its text."""


def marked(text: str, suffix: str) -> Markup:
    """The text with its marks, in the order of the text."""
    markup = Markup(text)
    FORMATS[suffix](markup)
    return markup
