"""The choices of a call, checked against the catalogue before anything heavy is imported."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from divide_cli.catalogue import Measure, Rule, Service, area_name, catalogue, codelist, in_english
from divide_cli.catalogue.applicability import left_out, objection, objection_to_query
from divide_cli.errors import OptionError, suggestion
from divide_cli.errors.text_safety import without_login
from divide_cli.language import clauses, commas, say

if TYPE_CHECKING:
    from divide_cli.analysis.request import Request
    from divide_cli.readers import ReadOptions
    from divide_cli.validation.report import Skipped
    from divide_cli.validation.waivers import Baseline

Words = Sequence[str] | None
"""Ids or codes; None if nothing is chosen, which usually means all."""
Years = Sequence[int | str] | None
"""Years, and spans such as `2005:2024`."""
AREAS = "REF_AREA"
KINDS = ("gaps", "indicators", "measures", "targets", "units", "dataflows", "groupings")
"""Kinds of entries whose ids may be given to the wrong option."""


def known_values(option: str, values: Words, kind: str, codes: Iterable[str] | None = None) -> tuple[str, ...]:
    """The values, if all are ids of the kind or codes; OptionError for the first that is not, with the nearest ones.

    `kind` may be several, with spaces between them.
    """
    codes = list(getattr(catalogue(), kind) if codes is None else codes)
    for value in values or ():
        if value not in codes:
            listing = say(" or ").join(f"`divide list {one}`" for one in kind.split()) or "`divide list`"
            raise OptionError(
                "option_value_unknown",
                expected=commas(codes) if len(codes) <= 20 else say("one of {count} codes", count=len(codes)),
                found=value,
                where=option,
                hint=_of_another_kind(value, listing) or suggestion(value, codes, listing),
            )
    return tuple(values or ())


def area_codes(typed: Words, where: str = "--area", own: Iterable[str] = ()) -> tuple[str, ...]:
    """The codes of areas as people type them, each once: codes in any case, and names of economies and of groups.

    `own` are codes of the user's groups. Raises OptionError for the first text that means no area, or several.
    """
    groups = tuple(own)
    return tuple(dict.fromkeys(_area_code(text, where, groups) for text in typed or ()))


def _area_code(text: str, where: str, own: Sequence[str]) -> str:
    from divide_cli.catalogue.names import areas_typed, groups_with

    for code in (text, text.upper()):
        if code in own:
            return code
    codes = areas_typed(text)
    if len(codes) > 1 or (not codes and len(codes := groups_with(text)) > 1):
        raise OptionError("area_ambiguous", expected=_named(codes), found=text, where=where)
    if not areas_typed(text):
        expected, hint = say("the code or the name of an economy or a group"), _hint_to_areas(text, own)
        raise OptionError("option_value_unknown", expected=expected, found=text, where=where, hint=hint)
    return codes[0]


def _hint_to_areas(text: str, own: Sequence[str]) -> str:
    """The areas that an unknown text may mean, by code or name; if there are none, all groups that there are."""
    from divide_cli.catalogue.names import area_hint, areas_like, groups_like, groups_with

    if close := groups_with(text):
        return say("did you mean {named}?", named=_named(close))
    elsewhere = groups_like(text)
    if areas_like(text) and not elsewhere:
        return area_hint(text)
    if len(text.strip()) <= _LONGEST_CODE:
        return suggestion(text, [*codelist("CL_AREA").codes, *own], "`divide list areas`")
    groups = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    without = say("divide has no list of {elsewhere}: ", elsewhere=elsewhere[0]) if elsewhere else ""
    return say(
        "{without}pass one with --groups FILE, or use one of the groups {named}",
        without=without,
        named=_named((*groups, *own)),
    )


def _named(codes: Iterable[str]) -> str:
    """`AFR Africa (ITU region), EUR Europe (ITU region)`; a code without a name stays alone."""
    return commas(" ".join(dict.fromkeys((code, area_name(code)))) for code in codes)


_LONGEST_CODE = 4


def year_span(typed: Sequence[str | int] | None) -> tuple[int, ...]:
    """The years of `2015`, `2005:2024` and `2015-2024`, each once and in order; OptionError for any other text."""
    years: set[int] = set()
    for text in typed or ():
        ends = [part.strip() for part in re.split("[:\N{EN DASH}-]", str(text))]
        known = len(ends) <= 2 and all(re.fullmatch(r"\d{4}", end, re.ASCII) for end in ends)
        first, last = (int(ends[0]), int(ends[-1])) if known else (0, 0)
        if not _FIRST_YEAR <= first <= last <= _LAST_YEAR:
            raise OptionError(
                "year_not_understood", first=_FIRST_YEAR, last=_LAST_YEAR, found=str(text), where="--year"
            )
        years.update(range(first, last + 1))
    return tuple(sorted(years))


_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def measure_ids(typed: Words, measures: Mapping[str, Measure]) -> tuple[str, ...]:
    """The ids of measures, typed as ids or as tables print them, in any case; OptionError for the first unknown one.

    English names are known in every language.
    """
    ids: dict[str, str] = {}
    known = in_english().every_measure
    for entry in (*measures.values(), *(known[name] for name in measures if name in known)):
        for label in entry.labels:
            ids.setdefault(label.casefold(), entry.id)
    return known_values(
        "--measure", [ids.get(text.strip().casefold(), text) for text in typed or ()], "measures", measures
    )


def as_spelled(typed: str, codes: Iterable[str]) -> str:
    """The code that a text is in any case; the text itself if there is none."""
    return next((code for code in codes if code.casefold() == typed.strip().casefold()), typed)


def _of_another_kind(value: str, listing: str) -> str:
    """The hint for the id of another kind of entry; empty if there is none."""
    of_kind = [kind for kind in KINDS if value in getattr(catalogue(), kind)]
    return (
        say(
            "{value} is one of `divide list {of_kind}`; {listing} lists all",
            value=value,
            of_kind=of_kind[0],
            listing=listing,
        )
        if of_kind
        else ""
    )


def checked_request(
    files: Words, areas: Words, years: Years, editions: Words, groups: Words, income_fy: str | None, **further: Any
) -> "Request":
    """The request of a call. Raises OptionError for an unknown area, edition or fiscal year of income groups.

    `further` are fields of the request whose codes the verb has checked.
    """
    from divide_cli.sources.editions import edition
    from divide_cli.sources.groupings import membership, vintage

    own_codes = membership(vintage(None, date.max), tuple(groups)).groups if groups else ()
    checked_areas = area_codes(areas, own=own_codes)
    if files and editions:
        raise OptionError("edition_with_files", found=commas(editions))
    for name in editions or ():
        edition(name)
    if income_fy:
        vintage(income_fy, date.max)

    from divide_cli.analysis.request import Request

    return Request(
        files=tuple(files or ()),
        areas=checked_areas,
        years=year_span(years),
        editions=tuple(editions or ()),
        groups=tuple(groups or ()),
        income_fy=income_fy,
        **further,
    )


def query_fields(
    gap_or_indicator: str, over: str, order: str, reference: str, without: str, *, from_files: bool
) -> dict[str, Any]:
    """The fields of a query: the indicator, what is compared, the comparison of the catalogue, and the subgroups named.

    A gap itself says what it compares. Subgroups are in order if the order is given or their grouping has one. Raises
    OptionError if the order repeats a subgroup, or if the reference is left out.
    """
    entries = catalogue()
    over = as_spelled(over, ["SEX", "URBANISATION", "AGE", *entries.groupings, AREAS])
    comparison = next((entry for entry in entries.comparisons.values() if entry.over == over), None)
    if gap := entries.gaps.get(gap_or_indicator):
        comparison = entries.comparisons[gap.comparison]
        if over not in ("", comparison.over):
            raise OptionError(
                "over_contradicts_gap",
                indicator=gap.indicator, over=over, expected=comparison.over, found=over, where="--over",
            )  # fmt: skip
    else:
        if os.path.isfile(gap_or_indicator) and gap_or_indicator not in entries.indicators:
            raise OptionError("question_is_file", found=gap_or_indicator, where="GAP|INDICATOR")
        ids = [*entries.gaps, *entries.indicators]
        known_values("GAP|INDICATOR", [gap_or_indicator], "gaps indicators", ids)
    over = over or (comparison.over if comparison else AREAS)
    if not from_files:
        known_values("--over", [over], "groupings", ["SEX", "URBANISATION", "AGE", *entries.groupings, AREAS])
    ranks, left_out, chosen = _codes(order), _codes(without), decodable(reference).strip()
    if repeated := sorted({code for code in ranks if ranks.count(code) > 1}):
        raise OptionError("order_repeats", found=commas(repeated), where="--order")
    if chosen in left_out:
        raise OptionError("reference_left_out", found=chosen, where="--without")
    grouping = entries.groupings.get(over)
    if not ranks and grouping and grouping.ordered:
        ranks = grouping.codes[::-1]
    indicator = gap.indicator if gap else gap_or_indicator
    subgroups = {"order": ranks, "reference": chosen, "without": tuple(dict.fromkeys(left_out))}
    return {"indicator": indicator, "over": over, "comparison": comparison, **subgroups}


def decodable(typed: str) -> str:
    """The text with � for bytes that are not UTF-8, which no figure has."""
    return typed.encode(errors="surrogateescape").decode(errors="replace")


def _codes(typed: str) -> tuple[str, ...]:
    """The codes between the commas."""
    return tuple(code.strip() for code in decodable(typed).split(",") if code.strip())


def check_applicable(measures: Sequence[str], query: Mapping[str, Any]) -> None:
    """Raises OptionError for the first of the measures that does not apply to the query."""
    for name in measures:
        measure, sides = catalogue().every_measure[name], query["comparison"] is not None or bool(query["reference"])
        if reason := objection_to_query(measure, query["indicator"], query["over"], sides):
            ordered = bool(query["order"])
            without = left_out(query["indicator"], query["over"], sides, ordered)
            expected = say(
                "one of the {count} measures that apply", count=len(catalogue().every_measure) - len(without)
            )
            raise OptionError("measure_not_applicable", expected=expected, found=f"{name}: {reason}", where="--measure")


def check_applicable_to_gaps(gaps: Sequence[str], indicators: Sequence[str], measures: Sequence[str]) -> None:
    """Raises OptionError for the first of the measures that applies to none of the gaps chosen."""
    every = catalogue().gaps.values()
    chosen = [gap for gap in every if gap.id in (gaps or catalogue().gaps)]
    names = {gap.indicator for gap in chosen if gap.indicator in (indicators or [gap.indicator])}
    for name in measures:
        reasons = [objection(catalogue().measures[name], indicator) for indicator in sorted(names)]
        if reasons and all(reasons):
            apply = [one.id for one in catalogue().measures.values() if not objection(one, min(names))]
            found = f"{name}: {reasons[0]}"
            raise OptionError("measure_not_applicable", expected=commas(apply), found=found, where="--measure")


def checked_file_options(indicator: str, area: str, dataflow: str) -> str:
    """The code of the area of a file. Raises OptionError for an unknown code in the options that describe a file."""
    known_values("--indicator", [indicator] if indicator else (), "indicators")
    known_values("--dataflow", [dataflow] if dataflow else (), "dataflows")
    return "".join(area_codes([area] if area else ()))


def column_choices(dimensions: Words, attributes: Words, structure: Path | None) -> dict[str, Any]:
    """The fields of ReadOptions that say which columns are dimensions. Raises SourceError for a wrong structure."""
    from divide_cli.readers import structure as structures

    stated = structures.structure(structure) if structure else None
    return {"dimensions": tuple(dimensions or ()), "attributes": tuple(attributes or ()), "structure": stated}


def reading(
    files: Words, population: Path | None, encoding: str, columns: Mapping[str, Any], skip_refused: bool
) -> "ReadOptions":
    """How a command that computes reads its files. Raises OptionError for an option about files that are not given."""
    from divide_cli.readers import ReadOptions

    about_files = {"--encoding": encoding, **{f"--{name.removesuffix('s')}": given for name, given in columns.items()}}
    unserved = [option for option, given in about_files.items() if given and not files]
    unserved += ["--skip-refused"] if skip_refused and not (files or population) else []
    if unserved:
        raise OptionError("option_without_files", option=unserved[0], where=unserved[0])
    return ReadOptions(encoding=encoding, **columns, strict=not skip_refused, selecting=True)


def compared_editions(against: Words) -> tuple[str, ...]:
    """The editions to compare with: those named, none for the word `none`, else the embedded ones of country figures.

    Raises OptionError for an unknown one, and for `none` with others.
    """
    from divide_cli.sources.editions import country_editions, edition

    if not against:
        return country_editions()
    if list(against) == ["none"]:
        return ()
    return tuple(dict.fromkeys(edition(name).id for name in against))


def known_rules(files: Words) -> Mapping[str, Rule]:
    """The rules of the catalogue and of the files; a rule of a file replaces that of the catalogue with the same id."""
    from divide_cli.catalogue.user_yaml import rules_from  # imports the reader of YAML, which most runs do not need

    own = {name: rule for path in files or () for name, rule in rules_from(Path(path)).items()}
    return {**catalogue().rules, **own}


def chosen_rules(rules: Mapping[str, Rule], only: Words, skip: Words) -> "tuple[tuple[Rule, ...], dict[str, Skipped]]":
    """The rules to apply, in order, and the option that skips each other rule. Raises OptionError for an unknown id."""
    from divide_cli.validation.report import Skipped

    ids = known_values("--only", only, "rules", rules) or tuple(rules)
    unwanted = known_values("--skip", skip, "rules", rules)
    skipped = {name: Skipped.NOT_CHOSEN for name in rules if name not in ids}
    skipped |= {name: Skipped.LEFT_OUT for name in unwanted if name in ids}
    return tuple(rule for name, rule in rules.items() if name not in skipped), skipped


def checked_service(source: str, base_url: str) -> Service:
    """The service with that id. Raises OptionError if there is none, or if the address is not empty and not of http."""
    services = catalogue().services
    if source not in services:
        names = commas(f"{service.id} ({service.name})" for service in services.values())
        raise OptionError("source_unknown", expected=names, found=source, where="--source")
    if base_url and not _is_http_address(base_url):
        raise OptionError("url_unsupported", found=_without_secrets(base_url), where="--base-url")
    return services[source]


def _is_http_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and not parts.query and not parts.fragment
        return bool(plain and parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # an invalid port or bracket
        return False


def _without_secrets(url: str) -> str:
    """A rejected address without what may be a secret: login, query, fragment, a port that is not a number."""
    bare = re.sub(r"[?#].*", "?***", re.sub(r"^[^/]*@", "***@", without_login(url)), flags=re.DOTALL)
    return re.sub(r"(?<=://)([^/:]*):(?!\d*(?:/|$))[^/]*", r"\1:***", bare)


def as_options(**choice: Iterable[object]) -> str:
    """The options of a choice as they are typed, in brackets; empty if there are none."""
    typed = [f"--{option} {commas(values)}" for option, values in choice.items() if values]
    return f" ({clauses(typed)})" if typed else ""


def baseline(path: Path | None, owner: str, expires: str, reason: str) -> "Baseline | None":
    """The file of waivers to write; None if none is wanted.

    Raises OptionError if a part is missing, the day is past or none, or the file exists.
    """
    given = {"--write-waivers": str(path or ""), "--owner": owner.strip(), "--expires": expires.strip()}
    if path is None and not (owner or expires or reason):
        return None
    if path is None or not all(given.values()):
        raise OptionError(
            "baseline_incomplete", found=commas(name for name, text in given.items() if text) or "--reason"
        )
    try:
        day = date.fromisoformat(expires.strip())
    except ValueError:
        day = date.min
    if day < date.today():
        raise OptionError("baseline_day_wrong", found=expires, where="--expires")
    if os.path.exists(path):  # false, not an error, for a name that is too long
        raise OptionError("file_exists", found=str(path))
    from divide_cli.validation.report import Waiver
    from divide_cli.validation.waivers import Baseline

    why = reason.strip() or say("found when checks began, {today}", today=date.today())
    return Baseline(path, Waiver(why, owner.strip(), day.isoformat()))
