"""The choices of a call, checked against the catalogue before anything heavy is imported."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from divide_cli.catalogue import Rule, Service, catalogue, codelist
from divide_cli.catalogue.applicability import left_out, objection, objection_to_query
from divide_cli.errors import OptionError, suggestion
from divide_cli.errors.text_safety import without_login

if TYPE_CHECKING:
    from divide_cli.analysis.request import Request
    from divide_cli.readers import ReadOptions
    from divide_cli.validation.report import Skipped
    from divide_cli.validation.waivers import Baseline

Words = Sequence[str] | None
"""Ids or codes; None if nothing is chosen, which usually means all."""
Years = Sequence[int] | None
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
            listing = " or ".join(f"`divide list {one}`" for one in kind.split()) or "`divide list`"
            raise OptionError(
                "option_value_unknown",
                expected=", ".join(codes) if len(codes) <= 20 else f"one of {len(codes)} codes",
                found=value,
                where=option,
                hint=_of_another_kind(value, listing) or suggestion(value, codes, listing),
            )
    return tuple(values or ())


def _of_another_kind(value: str, listing: str) -> str:
    """The hint for the id of another kind of entry; empty if there is none."""
    of_kind = [kind for kind in KINDS if value in getattr(catalogue(), kind)]
    return f"{value} is one of `divide list {of_kind[0]}`; {listing} lists all" if of_kind else ""


def known_areas(option: str, values: Words, own_codes: Iterable[str] = ()) -> tuple[str, ...]:
    """The codes of economies and groups, or of `own_codes`, in any case.

    Raises OptionError for the first other text, with the economies of such a name.
    """
    from divide_cli.catalogue.names import area_hint, areas_like

    codes = [*codelist("CL_AREA").codes, *own_codes]
    typed = [value.upper() if value.isascii() and value not in codes else value for value in values or ()]
    for value, code in zip(values or (), typed, strict=True):
        if code not in codes and areas_like(value):
            expected = f"one of {len(codes)} codes"
            raise OptionError(
                "option_value_unknown", expected=expected, found=value, where=option, hint=area_hint(value)
            )
    return known_values(option, typed, "areas", codes)


def checked_request(
    files: Words, areas: Words, years: Years, editions: Words, groups: Words, income_fy: str | None, **further: Any
) -> "Request":
    """The request of a call. Raises OptionError for an unknown area, edition or fiscal year of income groups.

    `further` are fields of the request whose codes the verb has checked.
    """
    from divide_cli.sources.editions import edition
    from divide_cli.sources.groupings import membership, vintage

    own_codes = membership(vintage(None, date.max), tuple(groups)).groups if groups else ()
    checked_areas = known_areas("--area", areas, own_codes)
    if files and editions:
        raise OptionError("edition_with_files", found=", ".join(editions))
    for name in editions or ():
        edition(name)
    if income_fy:
        vintage(income_fy, date.max)

    from divide_cli.analysis.request import Request

    return Request(
        files=tuple(files or ()),
        areas=checked_areas,
        years=tuple(years or ()),
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
    comparison = next((entry for entry in entries.comparisons.values() if entry.over == over), None)
    if gap := entries.gaps.get(gap_or_indicator):
        comparison = entries.comparisons[gap.comparison]
        if over not in ("", comparison.over):
            raise OptionError(
                "over_contradicts_gap",
                indicator=gap.indicator, over=over, expected=comparison.over, found=over, where="--over",
            )  # fmt: skip
    else:
        if Path(gap_or_indicator).is_file() and gap_or_indicator not in entries.indicators:
            raise OptionError("question_is_file", found=gap_or_indicator, where="GAP|INDICATOR")
        ids = [*entries.gaps, *entries.indicators]
        known_values("GAP|INDICATOR", [gap_or_indicator], "gaps indicators", ids)
    over = over or (comparison.over if comparison else AREAS)
    if not from_files:
        known_values("--over", [over], "groupings", ["SEX", "URBANISATION", "AGE", *entries.groupings, AREAS])
    ranks, left_out, chosen = _codes(order), _codes(without), reference.strip()
    if repeated := sorted({code for code in ranks if ranks.count(code) > 1}):
        raise OptionError("order_repeats", found=", ".join(repeated), where="--order")
    if chosen in left_out:
        raise OptionError("reference_left_out", found=chosen, where="--without")
    grouping = entries.groupings.get(over)
    if not ranks and grouping and grouping.ordered:
        ranks = grouping.codes[::-1]
    indicator = gap.indicator if gap else gap_or_indicator
    subgroups = {"order": ranks, "reference": chosen, "without": tuple(dict.fromkeys(left_out))}
    return {"indicator": indicator, "over": over, "comparison": comparison, **subgroups}


def _codes(typed: str) -> tuple[str, ...]:
    """The codes between the commas."""
    return tuple(code.strip() for code in typed.split(",") if code.strip())


def check_applicable(measures: Sequence[str], query: Mapping[str, Any]) -> None:
    """Raises OptionError for the first of the measures that does not apply to the query."""
    for name in measures:
        measure, sides = catalogue().every_measure[name], query["comparison"] is not None or bool(query["reference"])
        if reason := objection_to_query(measure, query["indicator"], query["over"], sides):
            ordered = bool(query["order"])
            without = left_out(query["indicator"], query["over"], sides, ordered)
            expected = f"one of the {len(catalogue().every_measure) - len(without)} measures that apply"
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
            raise OptionError("measure_not_applicable", expected=", ".join(apply), found=found, where="--measure")


def checked_file_options(indicator: str, area: str, dataflow: str) -> str:
    """The code of the area. Raises OptionError for an unknown code in the options that describe a file."""
    known_values("--indicator", [indicator] if indicator else (), "indicators")
    known_values("--dataflow", [dataflow] if dataflow else (), "dataflows")
    return "".join(known_areas("--area", [area] if area else ()))


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
        names = ", ".join(f"{service.id} ({service.name})" for service in services.values())
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
    typed = [f"--{option} {', '.join(map(str, values))}" for option, values in choice.items() if values]
    return f" ({'; '.join(typed)})" if typed else ""


def baseline(path: Path | None, owner: str, expires: str, reason: str) -> "Baseline | None":
    """The file of waivers to write; None if none is wanted.

    Raises OptionError if a part is missing, the day is past or none, or the file exists.
    """
    given = {"--write-waivers": str(path or ""), "--owner": owner.strip(), "--expires": expires.strip()}
    if path is None and not (owner or expires or reason):
        return None
    if path is None or not all(given.values()):
        raise OptionError(
            "baseline_incomplete", found=", ".join(name for name, text in given.items() if text) or "--reason"
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

    why = reason.strip() or f"found when checks began, {date.today()}"
    return Baseline(path, Waiver(why, owner.strip(), day.isoformat()))
