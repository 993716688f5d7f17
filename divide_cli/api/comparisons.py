"""The verbs that say why: `diff`, why a figure moved, and `explain`, why it is what it is."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from divide_cli.api import choices
from divide_cli.api.choices import Words, Years
from divide_cli.catalogue import catalogue, codelist
from divide_cli.concepts import DIMENSIONS, TOTAL, WORLD
from divide_cli.errors import NothingComputedError, OptionError, suggestion
from divide_cli.frames import in_memory
from divide_cli.language import clauses, commas, say

if TYPE_CHECKING:
    from divide_cli.analysis.decomposition.differences import Difference
    from divide_cli.analysis.decomposition.explanation import Explanation
    from divide_cli.analysis.request import Request
    from divide_cli.claims.reproduce import Reproduction
    from divide_cli.validation.report import Finding

BETWEEN = ":"
"""The mark between the two ends of an option, as in `--years 2015:2024`."""
DECOMPOSED = ("absolute_difference", "ratio")
"""The measures of gaps whose change is taken apart."""
_YEAR = re.compile(r"(19|20)\d\d")


def diff(
    before: str,
    after: str = "",
    *,
    indicators: Words = None,
    gaps: Words = None,
    areas: Words = None,
    years: Years = None,
    between: str = "",
    income_fy: str = "",
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
    figures_only: bool = False,
) -> "Difference":
    """Compares two editions or files, two fiscal years (`income_fy` FY26:FY27), or two years (`between` 2015:2024).

    With `figures_only`, group values and gaps are left out. Raises OptionError if nothing distinguishes the sides,
    NothingComputedError if no figure is on either.
    """
    after = after or before
    span, lists = _ends(between, "--years", int), _ends(income_fy, "--income-fy", str)
    if span and years:
        raise OptionError("years_contradict", found=clauses((between, commas(years))), where="--years, --year")
    if not span and before == after and len(set(lists)) < 2:
        raise OptionError("diff_same_sides", found=before)
    ids = {
        "indicators": choices.known_values("--indicator", indicators, "indicators"),
        "gaps": choices.known_values("--gap", gaps, "gaps"),
    }
    further = {"minimum": min_coverage, "population": str(population or ""), "keep": True, "estimate": estimate, **ids}
    given = [side for side in (before, after) if in_memory.exists(side)]
    further |= {"measures": DECOMPOSED, "reading": choices.reading(given, population, "", {}, skip_refused)}
    requests = [
        _request(side, fiscal, areas, span or years, groups, further)
        for side, fiscal in zip((before, after), lists * 2 if len(lists) == 1 else lists or [""] * 2, strict=True)
    ]
    names = _names(before, after, lists)
    from divide_cli.analysis.decomposition.differences import differences

    both = (names[0], requests[0]), (names[1], requests[1])
    difference = differences(*both, (span[0], span[1]) if span else None, figures_only)
    if not len(difference.counts) and not len(difference.changes):
        options = choices.as_options(
            indicator=indicators or (), gap=gaps or (), area=areas or (), year=span or years or ()
        )
        raise NothingComputedError(
            "nothing_compared", options=options, where=say(" and ").join(dict.fromkeys((before, after)))
        )
    return difference


class Explained(NamedTuple):
    """An explanation, what rules find in the rows behind it, and the claim that it is about, if any."""

    explanation: "Explanation | None"
    findings: "tuple[Finding, ...]"
    claim: "Reproduction | None" = None

    @property
    def doubts(self) -> Sequence[str]:
        """What is improbable in the files of the number, in words."""
        return self.explanation.result.doubts if self.explanation else ()


def explain(
    words: Sequence[str],
    *,
    editions: Words = None,
    income_fy: str | None = None,
    min_coverage: float = 75.0,
    population: Path | None = None,
    groups: Words = None,
    estimate: bool = False,
    skip_refused: bool = False,
) -> Explained:
    """Explains one number: an indicator, a gap or a claim, then an area, a year, codes such as SEX=F, and files.

    Raises OptionError for any other word, NothingComputedError if there is no such number.
    """
    asked = words_of(words)
    claim = None
    if asked["claim"]:
        from divide_cli import api

        claim = api.reproduce(only=[asked["claim"]], editions=editions, estimate=estimate)
        asked, editions = _of_claim(claim, asked, editions)
    if not asked["gap"] and not asked["indicator"]:
        return Explained(None, (), claim)
    further = {"minimum": min_coverage, "population": str(population or ""), "estimate": estimate}
    further["reading"] = choices.reading(asked["files"], population, "", {}, skip_refused)
    request = choices.checked_request(asked["files"], [asked["area"]], None, editions, groups, income_fy, **further)
    from divide_cli.analysis.decomposition.explanation import Query
    from divide_cli.analysis.decomposition.explanation import explain as explained

    query = Query(**{name: asked[name] for name in ("indicator", "area", "gap", "year", "breakdown")})
    explanation = explained(query, replace(request, areas=()))
    if explanation is None:
        what = " ".join(map(str, filter(None, (query.gap or query.indicator, query.area, query.year))))
        codes = "".join(f" {name}={code}" for name, code in query.breakdown.items())
        raise NothingComputedError("nothing_explained", found=what + codes, where=commas(editions or asked["files"]))
    return Explained(explanation, _findings(explanation), claim)


def words_of(words: Sequence[str]) -> dict[str, Any]:
    """What the words of a selector name: claim, gap, indicator, area, year, breakdown and files."""
    entries, claims = (
        catalogue(),
        [name for name in _claims() if name.partition(".")[2] == words[0] or name == words[0]],
    )
    asked: dict[str, Any] = {
        "claim": "",
        "gap": "",
        "indicator": "",
        "area": "",
        "year": None,
        "breakdown": {},
        "files": [],
    }
    first, *others = words
    if first in entries.gaps:
        asked |= {"gap": first, "indicator": entries.gaps[first].indicator}
    elif claims:
        asked["claim"] = claims[0]
    else:
        choices.known_values("SELECTOR", [first], "indicators", [*entries.indicators, *entries.gaps, *_claims()])
        asked["indicator"] = first
    for word in others:
        name, equals, code = word.partition("=")
        if in_memory.exists(word) and not os.path.isdir(word):
            asked["files"].append(word)
        elif equals:
            asked["breakdown"][name.upper()] = code.upper()
        elif _YEAR.fullmatch(word):
            asked["year"] = int(word)
        elif asked["area"]:
            raise OptionError("selector_has_two_areas", found=f"{asked['area']}, {word}", where="SELECTOR")
        else:
            asked["area"] = choices.area_codes([word], "SELECTOR")[0]
    asked["area"] = asked["area"] or WORLD
    return asked


def _claims() -> list[str]:
    """The embedded claims, each with its publication."""
    from divide_cli.catalogue.claims import publications

    return [f"{name}.{claim.id}" for name, file in publications().items() for claim in file.claims]


def _of_claim(claim: "Reproduction", asked: dict[str, Any], editions: Words) -> tuple[dict[str, Any], Words]:
    """The number that a claim states, and the edition of the judgement on countries' figures, or of the other one."""
    outcome = claim.outcomes[0]
    selector, judged = outcome.claim.selector, [one for one in outcome.judgements.values() if one.number.has_value]
    breakdown = {name: code for name, code in zip(DIMENSIONS, selector.breakdown, strict=True) if code != TOTAL}
    codes = {"gap": selector.gap, "area": selector.areas[0], "year": selector.year, "breakdown": breakdown}
    indicator = selector.indicator or (catalogue().gaps[selector.gap].indicator if selector.gap else "")
    known = bool(judged) and selector.areas[0] in codelist("CL_AREA").codes
    number = {**asked, **codes, "indicator": indicator if known else "", "gap": selector.gap if known else ""}
    return number, editions or ([judged[-1].edition] if known else None)


def _findings(explanation: "Explanation") -> "tuple[Finding, ...]":
    """What the rules of the catalogue find in the files of the number, about its rows."""
    lines = _lines(explanation)
    files = [name for name in lines if in_memory.bytes_of(name) is not None or os.path.isfile(name)]
    if not files:
        return ()
    from divide_cli import api

    found = api.validate(files, limit=0).report.findings
    return tuple(one for one in found if lines[one.file] & {one.line, *one.lines})


def _lines(explanation: "Explanation") -> dict[str, set[int]]:
    """The lines behind the number, by file."""
    lines: dict[str, set[int]] = {}
    for part in explanation.parts:
        for file, line in zip(part.lines["FILE"], part.lines["LINE"], strict=True):
            lines.setdefault(str(file), set()).add(int(line))
    return lines


def _ends(text: str, option: str, kind: type) -> list[Any]:
    """The two ends of a text such as `2015:2024`, or the only one; none if the text is empty."""
    if not text:
        return []
    try:
        ends = [kind(part.strip()) for part in text.split(BETWEEN)]
    except ValueError:
        ends = []
    fewest = 1 if kind is str else 2
    if not fewest <= len(ends) <= 2 or not all(ends):
        raise OptionError("ends_malformed", found=text, where=option)
    return ends


def _request(side: str, fiscal: str, areas: Words, years: Years, groups: Words, further: dict[str, Any]) -> "Request":
    """The request for a side: an edition by its id, or a file."""
    from divide_cli.sources.editions import editions

    edition, file = side in editions(), in_memory.exists(side)
    if not edition and not file:
        hint = suggestion(side, editions(), "`divide list editions`")
        raise OptionError("diff_side_unknown", expected=commas(editions()), found=side, where=say("A or B"), hint=hint)
    files, ids = ([], [side]) if edition else ([side], [])
    return choices.checked_request(files, areas, years, ids, groups, fiscal or None, **further)


def _names(before: str, after: str, lists: Sequence[str]) -> tuple[str, str]:
    """What the sides are called: the edition or file, and the fiscal year if that is what differs."""
    names = [_short(side, other) for side, other in ((before, after), (after, before))]
    if len(lists) == 2:
        names = [f"{name}, {fiscal}" for name, fiscal in zip(names, lists, strict=True)]
    return names[0], names[1]


def _short(side: str, other: str) -> str:
    """The end of a path that distinguishes it from the other: its name, with as many folders as that takes."""
    parts, others = Path(side).parts, Path(other).parts
    ends = (Path(*parts[-size:]) for size in range(1, len(parts) + 1) if parts[-size:] != others[-size:])
    return str(next(ends, Path(*parts[-1:])))
