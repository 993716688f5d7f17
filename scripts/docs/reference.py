"""The pages of the catalogue, docs/reference/: indicators, gaps, measures, targets and claims.

Each entry has a section whose anchor is its id, with the texts that `divide show` prints. The examples of measures are
those that tests/unit works out by hand.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import Content, publications
from divide_cli.reports.catalogue import Entry, kinds
from divide_cli.reports.findings import sentence
from divide_cli.reports.readings import in_words
from divide_cli.sources.editions import editions
from scripts.docs import ROOT
from scripts.docs.applicability import where_measures_apply
from scripts.docs.markdown import page, table

LINKED = ("indicators", "gaps", "measures", "targets")
"""Kinds with ids that are links where a text names them."""

HEADINGS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    kind: {name: (entry["title"], entry["text"]) for name, entry in entries.items()}
    for kind, entries in yaml.safe_load((ROOT / "scripts" / "docs" / "reference.yaml").read_text("utf-8")).items()
}
"""Of each file of data/catalogue/indicators and each family of measures: heading and what to know about the group."""

SUBGROUPS = (
    "In measures of subgroups, `y_j` is the value of a subgroup and `p_j` its share of people. `mu` is the average, "
    "`sum p_j y_j`, and `r_j` is `y_j / mu`. `J` is the number of subgroups.\n\nExamples: three subgroups with 20, 40 "
    "and 80 %, and a half, a quarter and a quarter of the people. Then `mu` = 40, `r_j` = 1/2, 1, 2 and `X_j` = 1/4, "
    "5/8, 7/8."
)
BASES = {"published": "published figures", "countries": "country figures"}
"""What claims are recomputed from, by its name in claims files."""
INTERVALS = {
    "exact": "from the standard errors; the measure is linear in the values",
    "ellipse": "from the lowest to the highest measure of all values that agree with the estimates",
    "curved": "from truths that would give such estimates",
    "kinked_at_mean": "from truths that would give such estimates; values may be equal to the average",
    "kinked_at_ties": "from truths that would give such estimates; values may be tied",
    "line": "from the residuals of the fitted line",
    "none": "none",
}
"""How a confidence interval is made, by its code in the catalogue."""
_OPERATORS: Mapping[type, Callable[[float, float], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_EXAMPLE = re.compile(r'^    "(?P<id>\w+)": (?P<value>.+?),(?:  # (?P<how>.+))?$', re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A section for an entry: its id, a first paragraph, and lines of a list."""

    id: str
    lead: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Section:
    """A heading, a text and the entries below it; a page without sections has one without heading."""

    title: str
    text: str
    entries: Sequence[Part]


def pages() -> dict[str, str]:
    """One page for each kind of entry."""
    texts = {"indicators": _indicators, "gaps": _gaps, "measures": _measures, "targets": _targets, "claims": _claims}
    return {f"docs/reference/{kind}.md": re.sub(r"\n{3,}", "\n\n", text()) for kind, text in texts.items()}


# --- texts


def _escaped(text: str) -> str:
    """A text of the catalogue as Markdown, with links for the ids in it."""
    escaped = text.replace("<", "&lt;").replace("*", r"\*").replace("|", r"\|")
    return _ids().sub(lambda match: _link(match[0]), escaped)


@cache
def _places() -> Mapping[str, str]:
    """Id -> the page of the entry, for ids that cannot be mistaken for words."""
    return {name: kind for kind in LINKED for name in kinds()[kind] if "_" in name}


@cache
def _ids() -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(sorted(_places(), key=len, reverse=True)) + r")\b")


def _link(name: str, kind: str = "") -> str:
    return f"[`{name}`]({kind or _places()[name]}.md#{name})"


def _links(kind: str, names: Iterable[str]) -> str:
    return ", ".join(_link(name, kind) for name in names)


def _described(entry: Entry, *left_out: str) -> Iterator[str]:
    """The lines of `divide show`, except those with these labels."""
    for label, text in entry.describe():
        if text and label not in left_out:
            yield f"{sentence(label).rstrip('.')}: {_escaped(text)}"


def _run(*commands: str) -> str:
    return "Run: " + ", ".join(f"`{command}`" for command in commands)


# --- indicators


def _embedded(indicator: str) -> list[str]:
    """The embedded editions with figures of the indicator."""
    return [edition.id for edition in editions().values() if indicator in edition.indicators]


def _indicators() -> str:
    sections = []
    for name, (title, text) in HEADINGS["indicators"].items():
        content = yaml.safe_load((ROOT / "data/catalogue/indicators" / f"{name}.yaml").read_text(encoding="utf-8"))
        sections.append(Section(title, text, [_indicator(kinds()["indicators"][entry]) for entry in content]))
    count = sum(len(section.entries) for section in sections)
    intro = (
        f"The program has {count} indicators. It reads their figures from [files](../formats.md). Those with embedded "
        "figures need no file.\n\n"
        "```sh\n"
        "divide show internet_use                    # one indicator, with its economies by year\n"
        "divide compute --indicator internet_use     # its gaps and group values\n"
        "divide measure internet_use --over REF_AREA # inequality among economies\n"
        "divide template internet_use                # an empty submission\n"
        "```\n\n"
        "To use your own figures, add the names of your files to the command.\n\n"
        + table(
            ("Group", "Indicators"),
            [(f"[{section.title}](#{_anchor(section.title)})", len(section.entries)) for section in sections],
        )
    )
    return page("reference.md.j2", title="Indicators", intro=intro, sections=sections)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _indicator(entry: Entry) -> Part:
    indicator = catalogue().indicators[entry.id]
    economies = [label for label, _ in entry.describe() if label.startswith("economies in ")]
    codes = ", ".join(f"{scheme} `{code}`" for scheme, code in indicator.codes.items())
    gaps = [gap.id for gap in catalogue().gaps.values() if gap.indicator == entry.id]
    targets = [target.id for target in catalogue().targets.values() if target.indicator == entry.id]
    embedded = _embedded(entry.id)
    lines = [
        *_described(entry, "definition", "codes", "source", *economies),
        *([f"Codes: {codes}"] if codes else []),
        *([f"Gaps: {_links('gaps', gaps)}"] if gaps else []),
        *([f"Targets: {_links('targets', targets)}"] if targets else []),
        f"Embedded figures: {', '.join(f'`{name}`' for name in embedded) if embedded else 'none'}",
        f"Source: {_escaped(indicator.source)}",
    ]
    return Part(entry.id, f"**{_escaped(entry.name)}.** {_escaped(indicator.definition)}", lines)


# --- gaps


def _gaps() -> str:
    cited = [name for name, gap in catalogue().gaps.items() if gap.cited]
    others = [name for name in catalogue().gaps if name not in cited]
    intro = (
        "A gap is one indicator and one comparison of two groups. Values are first combined into group values, and "
        "then compared. The average of the gaps of economies is another number.\n\n"
        "All [measures of a gap](measures.md#measures-of-a-gap) are computed and written. The tables show the two that "
        "each entry names."
    )
    sections = [
        Section("Cited by A/RES/80/173", "", [_gap(kinds()["gaps"][name]) for name in cited]),
        Section("Further gaps", "", [_gap(kinds()["gaps"][name]) for name in others]),
        Section("Comparisons", "", [_comparison(entry) for entry in kinds()["comparisons"].values()]),
    ]
    return page("reference.md.j2", title="Gaps", intro=intro, sections=sections)


def _gap(entry: Entry) -> Part:
    gap = catalogue().gaps[entry.id]
    embedded = _embedded(gap.indicator)
    of_a_file = "" if embedded else " FILE"
    lines = [
        f"Indicator: {_link(gap.indicator, 'indicators')}",
        f"Comparison: [{catalogue().comparisons[gap.comparison].name}](#{gap.comparison})",
        *([f"Cited: A/RES/80/173, paragraph {', '.join(map(str, gap.cited))}"] if gap.cited else []),
        f"Measures in tables: {_links('measures', gap.shown)}",
        *([] if embedded else ["Embedded figures: none"]),
        _run(f"divide compute{of_a_file} --gap {entry.id}", f"divide measure {entry.id}{of_a_file}"),
    ]
    return Part(entry.id, f"**{_escaped(entry.name)}.**", lines)


def _comparison(entry: Entry) -> Part:
    comparison = catalogue().comparisons[entry.id]
    lines = [
        f"Over: `{comparison.over}`",
        f"Reference group: `{comparison.reference}`",
        f"Compared group: `{comparison.compared}`",
        *([f"Within: `{comparison.area}`"] if comparison.area else []),
        f"Source: {_escaped(comparison.source)}",
    ]
    return Part(entry.id, f"**{_escaped(sentence(entry.name).rstrip('.'))}.**", lines)


# --- measures


@cache
def _examples() -> Mapping[str, str]:
    """Measure -> its value in the example, and how it is worked out, from the tests."""
    examples = {}
    for name in ("pair", "subgroup"):
        text = (ROOT / "tests" / "unit" / f"test_{name}_measures.py").read_text(encoding="utf-8")
        body = text.partition("\nEXAMPLES = {\n")[2].partition("\n}\n")[0]
        for match in _EXAMPLE.finditer(body):
            value = _value(ast.parse(match["value"], mode="eval").body)
            number = f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
            examples[match["id"]] = _worked(match["how"] or "", number)
    return examples


def _worked(how: str, number: str) -> str:
    """`80 - 60 = 20`; the number alone if the comment leaves out signs of multiplication."""
    if re.fullmatch(r"[\d\s./()+-]+", how):
        return number if re.search(r"\d \d", how) else f"{_escaped(how)} = {number}"
    return f"{number} ({_escaped(how)})" if " of " in how else number


def _value(node: ast.expr) -> float:
    """The number of an expression of numbers, + - * / **, sqrt and log."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return -_value(part)
        case ast.BinOp(left=left, op=sign, right=right):
            return float(_OPERATORS[type(sign)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=[part]):
            return float(getattr(math, name)(_value(part)))
    raise ValueError(ast.unparse(node))


def _measures() -> str:
    every = kinds()["measures"]
    measures = catalogue().every_measure
    sections = []
    for family, (title, text) in HEADINGS["measures"].items():
        own = [every[name] for name, measure in measures.items() if measure.family == family]
        sections.append(Section(title, text, [_measure(entry) for entry in own]))
    intro = (
        f"The program has {len(measures)} measures: formulae that give one number. `divide compute` and `divide "
        "measure` use them.\n\n"
        "```sh\n"
        "divide compute --gap internet_use_sex --measure parity_score\n"
        "divide measure internet_use_income                        # every measure that applies\n"
        "divide measure internet_use --over REF_AREA --measure gini_index\n"
        "```\n\n"
        "Rounding and missing data give [bounds](../concepts.md#bounds). Standard errors give a confidence "
        f"interval.\n\n{SUBGROUPS}\n\n"
        + table(
            ("Family", "Measures"),
            [(f"[{section.title}](#{_anchor(section.title)})", len(section.entries)) for section in sections],
        )
        + f"\n\n## Where measures apply\n\n{where_measures_apply()}"
    )
    return page("reference.md.j2", title="Measures", intro=intro, sections=sections)


def _measure(entry: Entry) -> Part:
    measure = catalogue().every_measure[entry.id]
    interval = INTERVALS.get(measure.interval, "")
    lines = [
        f"Formula: `{measure.formula}`",
        f"Reading: {_escaped(in_words(measure))}",
        *([f"Example: {_examples()[entry.id]}"] if entry.id in _examples() else []),
        *_described(entry, "formula", "reading", "beware", "confidence interval", "family", "subgroups", "source"),
        *([f"Subgroups: at least {measure.subgroups}"] if measure.subgroups > 2 else []),
        *([f"Scale: {_scale(entry)}"] if measure.scale else []),
        *([f"Confidence interval: {interval}"] if interval else []),
        *(f"Warning: {_escaped(warning)}" for warning in measure.warnings),
        f"Source: {_escaped(measure.source)}",
    ]
    return Part(entry.id, f"**{_escaped(entry.name)}.**", lines)


def _scale(entry: Entry) -> str:
    """Absolute or relative, and whether weighted, as `divide show` says it after the family."""
    return dict(entry.describe())["family"].partition(", ")[2]


# --- targets


def _targets() -> str:
    intro = (
        "`divide targets` compares figures with these targets. It shows the shortfall, the pace, and the year in which "
        "a line through the latest years reaches the target.\n\n"
        "```sh\n"
        "divide targets\n"
        "divide targets --target gender_parity_internet --area AFR\n"
        "divide targets FILE --target affordable_mobile_data\n"
        "```"
    )
    section = Section("", "", [_target(entry) for entry in kinds()["targets"].values()])
    return page("reference.md.j2", title="Targets", intro=intro, sections=[section])


def _target(entry: Entry) -> Part:
    target = catalogue().targets[entry.id]
    embedded = _embedded(target.indicator)
    lines = [
        *_described(entry),
        *([] if embedded else ["Embedded figures: none"]),
        _run(f"divide targets{'' if embedded else ' FILE'} --target {entry.id}"),
    ]
    return Part(entry.id, f"**{_escaped(entry.name)}.**", lines)


# --- claims


def _claims() -> str:
    sections = [_publication(name, content) for name, content in publications().items()]
    count = sum(len(section.entries) for section in sections)
    intro = (
        f"The program has {count} embedded claims: figures as publications print them. Each has the number behind it "
        "and the verdict that is expected. `divide reproduce` recomputes them. [For publishers of figures]"
        "(../claims.md) explains the verdicts.\n\n"
        "```sh\n"
        "divide reproduce                                   # all claims\n"
        "divide reproduce --only a_res_80_173.p21_urban     # one claim\n"
        "divide show a_res_80_173.p21_urban\n"
        "```"
    )
    return page("reference.md.j2", title="Claims", intro=intro, sections=sections)


def _publication(name: str, content: Content) -> Section:
    about = content.publication
    verdicts = [claim.expect for claim in content.claims]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts))
    notes = "".join(f"\n\n{_escaped(note)}" for note in about.notes)
    text = f"{about.title}, {about.date}. Cited as: {about.citation}.{notes}\n\nExpected verdicts: {counts}."
    entries = [_claim(kinds()["claims"][f"{name}.{claim.id}"]) for claim in content.claims]
    return Section(about.citation, text, entries)


def _claim(entry: Entry) -> Part:
    claim = next(
        own for name, content in publications().items() for own in content.claims if f"{name}.{own.id}" == entry.id
    )
    bases = "; ".join(f"{BASES[basis]}: {verdict}" for basis, verdict in claim.bases.items())
    lines = [
        *_described(entry, "publication", "reason"),
        *([f"Expected verdict by basis: {bases}"] if bases else []),
        *([f"Reason: {_escaped(claim.reason)}"] if claim.reason else []),
    ]
    return Part(entry.id, _escaped(entry.name), lines)
