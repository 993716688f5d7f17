"""Every text to be translated: of the catalogue, of the codelists, of the errors and reports, and of the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, nodes

from divide_cli.analysis.decomposition.shapley import Factor
from divide_cli.analysis.targets import MET, NOT_MET, UNSURE
from divide_cli.catalogue import catalogue, codelist
from divide_cli.catalogue.claims import publications
from divide_cli.catalogue.entries import title
from divide_cli.catalogue.load import Entries, data_dir, read_csv, read_yaml
from divide_cli.catalogue.words import mapped, texts_in
from divide_cli.concepts import AS_PUBLISHED, SEVERITIES
from divide_cli.errors import messages
from divide_cli.frames.columns import fields
from divide_cli.language import JOINTS
from divide_cli.readers.opening.text import DELIMITERS
from divide_cli.reports.catalogue import KINDS
from divide_cli.sources.editions import editions
from divide_cli.survey.methods import sentences

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "divide_cli"
CODELISTS = ("CL_SEX", "CL_URBANISATION", "CL_UNIT_MEASURE", "CL_OBS_STATUS")
"""The codelists whose names are translated, beside the areas. The names of age bands are sentences of the program."""
WORDS = (
    ("validation.report", "NotChecked"), ("validation.report", "Skipped"), ("catalogue.claims", "Verdict"),
    ("catalogue.claims", "Basis"), ("analysis.targets", "Track"), ("analysis.trends", "Course"),
    ("analysis.decomposition.changes", "Change"), ("claims.verdicts", "Deviation"),
)  # fmt: skip
"""Enumerations whose values are shown, with blanks for underscores."""
FRAMES = ("gaps", "aggregates", "disparities", "ranks", "courses", "targets", "missing", "estimates")
"""The tables of workbooks of figures, whose columns are described in them."""
SYMBOLS = {"sum", "exp", "ln", "sqrt", "max", "min", "mu", "logit"}
"""The words of formulae that are signs: a formula of signs alone is the same in every language."""
COUNTED = (*SEVERITIES, "more row")
NOUNS = (*(word for severity in SEVERITIES for word in (severity, severity.capitalize())), *DELIMITERS.values())
"""Nouns that are counted where a variable names them, with and without their number."""


class Message(NamedTuple):
    """A text: its context (empty for a sentence of the program), English, and the English for several things."""

    context: str
    text: str
    several: str = ""


def every_message() -> list[Message]:
    """All texts, each once, in a stable order; of a noun that is also counted, the form for one serves alone."""
    parts = (
        _of_errors(),
        _of_catalogue(),
        _of_editions(),
        _of_claims(),
        _of_codelists(),
        _of_area_groups(),
        _of_reports(),
        _of_pages(),
        _of_spreadsheets(),
        _of_methods(),
        _of_program(),
    )
    found = dict.fromkeys(message for part in parts for message in part if _is_text(message))
    counted = {message.text for message in found if message.several}
    texts = [message for message in found if message.several or message.context or message.text not in counted]
    return [*texts, *(Message(f"joints:{name}", text) for name, text in JOINTS.items())]


def _is_text(message: Message) -> bool:
    """Whether anything is to be translated outside slots: letters that are no address, commas, signs of a text."""
    text = message.text
    bare = re.sub(r"\{[^{}]*\}", "", text)
    if re.fullmatch(r"rules:\w+\.message|page\..+", message.context):
        return bool(bare)
    if re.fullmatch(r"measures:\w+\.formula", message.context):
        return bool(set(re.findall(r"\b[a-z]{2,}\b", bare)) - SYMBOLS)
    if re.search("[,;] ", bare):
        return True
    return any(map(str.isalpha, bare)) and not re.fullmatch(r"https?://\S+", text)


def _listed(call: Any, *arguments: Any) -> list[Message]:
    """The texts that a function gives to its last argument."""
    found: list[Message] = []

    def note(context: str, text: str) -> str:
        found.append(Message(context, text))
        return text

    call(*arguments, note)
    return found


def _of_errors() -> Iterator[Message]:
    for code, texts in messages().items():
        for field, text in texts.items():
            yield Message(f"errors:{code}.{field}", text)


def _of_catalogue() -> Iterator[Message]:
    kinds = [name for name, kind in vars(type(catalogue())).items() if isinstance(kind, Entries)]
    for name in sorted([*kinds, "every_measure"]):
        for entry in getattr(catalogue(), name).values():
            if name == "qualifiers":
                yield Message(f"qualifiers:{entry.id}.word", entry.id)
            yield from _listed(
                mapped, type(entry), entry, f"{name.removeprefix('every_').replace('measure', 'measures')}:{entry.id}"
            )


def _of_editions() -> Iterator[Message]:
    for edition in editions().values():
        if not edition.folder.is_relative_to(data_dir()):
            continue
        yield from _listed(mapped, type(edition), edition, f"editions:{edition.id}")


def _of_claims() -> Iterator[Message]:
    for name, content in publications().items():
        yield from _listed(mapped, type(content.publication), content.publication, f"claims:{name}")
        for claim in content.claims:
            yield from _listed(mapped, type(claim), claim, f"claims:{name}.{claim.id}")


def _of_codelists() -> Iterator[Message]:
    for name in CODELISTS:
        for code, row in codelist(name).rows.items():
            yield Message(f"{name}:{code}.name", row["name"])
    named = {row["code"] for row in read_csv(data_dir() / "translations" / "areas.csv", "codelist_unreadable")}
    for code in ("_T", "_Z"):
        if code in codelist("CL_AGE").rows:
            yield Message(f"CL_AGE:{code}.name", codelist("CL_AGE").rows[code]["name"])
    for code, row in codelist("CL_AREA").rows.items():
        if not {code, row["m49"]} & named:
            yield Message(f"CL_AREA:{code}.name", row["name"])
        yield Message(f"CL_AREA:{code}.note", row["note"])


def _of_area_groups() -> Iterator[Message]:
    for path in sorted((data_dir() / "catalogue" / "area_groups").glob("*.csv")):
        rows = read_csv(path, "codelist_unreadable")
        yield from (Message("area_groups", source) for source in dict.fromkeys(row["source"] for row in rows))


def _of_reports() -> Iterator[Message]:
    content = dict(read_yaml(PROGRAM / "reports" / "texts.yaml"))
    heads = content.pop("list")
    content.pop("formats")
    content["template"] = {name: part for name, part in content["template"].items() if name != "formats"}
    content["marks"] = {name: {"meaning": mark["meaning"]} for name, mark in content["marks"].items()}
    found = _listed(texts_in, content, "texts")
    yield from (message for message in found if not message.context.endswith(".when"))
    yield from (Message("texts.list", head) for head in heads)


def _labels() -> Iterator[Message]:
    """The labels of the keys that `divide show` shows."""
    for name, kind in KINDS.items():
        entries = kind.entries() if kind.entries else getattr(catalogue(), name)
        for entry in list(entries.values())[:1]:
            yield from (Message("", title(type(entry), key)) for key in kind.keys.split())


def _of_pages() -> Iterator[Message]:
    path = PROGRAM / "reports" / "page_texts.yaml"
    for section, texts in read_yaml(path).items() if path.exists() else ():
        for name, text in texts.items():
            forms = text if isinstance(text, dict) else {}
            yield Message("", forms["one"], forms["other"]) if forms else Message(f"page.{section}.{name}", text)


def _of_spreadsheets() -> Iterator[Message]:
    content = dict(read_yaml(PROGRAM / "reports" / "spreadsheet_texts.yaml"))
    content.pop("formats")
    content["columns"] = {name: {"name": entry["name"]} for name, entry in content["columns"].items()}
    yield from _listed(texts_in, content, "spreadsheet")
    for schema in FRAMES:
        yield from (Message("", field["description"]) for field in fields(schema).values())


def _of_methods() -> Iterator[Message]:
    yield from (Message("", entry["text"]) for entry in sentences())


TERMS = ("Performance", *(str(factor.name).capitalize() for factor in Factor), "Revised")
"""The terms of a difference, as heads."""


def _of_program() -> Iterator[Message]:
    for path in sorted(PROGRAM.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from _said(_calls(tree))
        if path.is_relative_to(PROGRAM / "reports"):
            yield from _heads(tree)
    for path in sorted(PROGRAM.rglob("*.j2")):
        yield from _said(_calls_of_page(path.read_text(encoding="utf-8")))
    for module, name in WORDS:
        for word in getattr(import_module(f"divide_cli.{module}"), name):
            yield Message("", word.value.replace("_", " "))
            if name in ("Track", "Change"):
                yield Message("", word.value.replace("_", " ").capitalize())
    for word in (MET, NOT_MET, UNSURE, AS_PUBLISHED, "Equal", *TERMS):
        yield Message("", word)
    yield from _labels()
    for noun in COUNTED:
        yield from _nouns("count_of", noun)
    for noun in NOUNS:
        yield from _nouns("plural", noun)


def _heads(tree: ast.AST) -> Iterator[Message]:
    """Texts of the heads of tables: tuples named `columns` or `..._COLUMNS`, and those given to a table."""
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Assign) and any(_names_columns(target) for target in node.targets):
            parts = [node.value]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("Block", "writer.table"):
            parts = [*node.args[:2], *(word.value for word in node.keywords if word.arg in ("notes", "empty"))]
        for part in parts:
            inner = part.elts if isinstance(part, (ast.Tuple, ast.List)) else [part]
            yield from (Message("", text) for each in inner for text in _literals(each))
            yield from (
                Message("", text)
                for each in inner
                if isinstance(each, ast.Tuple)
                for one in each.elts
                for text in _literals(one)
            )


def _names_columns(target: ast.expr) -> bool:
    names = [ast.unparse(part) for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return any(re.fullmatch(r"columns|heads|.*COLUMNS|MISSING|REPORTING", name) for name in names)


Call = tuple[str, list[str]]
"""The name of a function, and the literal texts among its arguments."""


def _said(calls: Iterable[Call]) -> Iterator[Message]:
    for name, texts in calls:
        if name in ("say", "later", "marked", "working") and texts:
            yield Message("", texts[0])
        elif name == "counted" and len(texts) == 2:
            yield Message("", *texts)
        elif name in ("count_of", "plural") and texts:
            yield from _nouns(name, texts[0])


def _nouns(name: str, noun: str) -> Iterator[Message]:
    if name == "count_of":
        yield Message("", f"{{number:,}} {noun}", f"{{number:,}} {noun}s")
    else:
        yield Message("", noun, f"{noun}s")


def _calls(tree: ast.AST) -> Iterator[Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            yield name, [text for part in node.args for text in _literals(part)]


def _literals(node: ast.AST) -> list[str]:
    """The text of a literal, or the texts between which a condition chooses."""
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _calls_of_page(source: str) -> Iterator[Call]:
    page = Environment(autoescape=True).parse(source)
    for node in page.find_all(nodes.Call):
        if isinstance(node.node, nodes.Name):
            yield node.node.name, [part.value for part in node.args if isinstance(part, nodes.Const)]
    for filtered in page.find_all(nodes.Filter):
        if filtered.name in ("count_of", "plural"):
            yield filtered.name, [part.value for part in filtered.args if isinstance(part, nodes.Const)]
