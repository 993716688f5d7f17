"""The areas of a profile in words: the groups of each, or its members, and what has no figure."""

from collections.abc import Sequence

from divide_cli import concepts as v
from divide_cli.analysis.profiles import Profile
from divide_cli.analysis.profiles.missing import Lack
from divide_cli.catalogue import area_name, catalogue
from divide_cli.errors.text_safety import count_of
from divide_cli.language import clauses, commas, counted, ended, labelled, remarked, say
from divide_cli.reports.published import title_of
from divide_cli.reports.tables import Block, Row
from divide_cli.sources.groupings import INCOME

RANKED = ("world", "itu_region", INCOME)
"""The groupings whose ranks the table shows; JSON and CSV have those of all."""
MOST_MEMBERS = 60
"""The number of members of a group that are listed; of more, the number is given."""


def membership(profile: Profile, area: str) -> dict[str, list[str]]:
    """The groups that an economy is in, or the members of a group."""
    groups = profile.members.groups
    if area in groups:
        return {"members": sorted(groups[area])}
    return {"groups": [code for code, areas in groups.items() if area in areas]}


def heading(profile: Profile) -> list[Block]:
    """The areas, with the groups that each is in, or its members; and those without any figure."""
    areas = profile.request.areas
    texts = {area: _in_words(profile, area) for area in areas}
    vintage = say("Groups of {members}.", members=profile.members.label)
    if len(areas) == 1:
        (area,) = areas
        return [Block(_named(area), (), [], empty=texts[area], notes=(vintage,))]
    rows: list[tuple[str, ...]] = [(_named(area), texts[area]) for area in areas]
    without = [_named(area) for area in areas if not _has_figures(profile, area)]
    where = say("in the files") if profile.request.files else say("in the editions used")
    of_years = say(" of {years}", years=commas(map(str, profile.request.years))) if profile.request.years else ""
    none = (
        say("No figure{of_years} {where}: {without}.", of_years=of_years, where=where, without=clauses(without))
        if without
        else ""
    )
    notes = tuple(text for text in (vintage, none) if text)
    return [Block("Profiles", ("Area", say("Groups it is in, or its members")), rows, notes=notes)]


def _named(area: str) -> str:
    """The code and the name of an area; the code alone of a group without a name."""
    return " ".join(dict.fromkeys((area, area_name(area))))


def _has_figures(profile: Profile, area: str) -> bool:
    return any((frame[v.REF_AREA] == area).any() for frame in (profile.levels, profile.gaps) if len(frame))


def _in_words(profile: Profile, area: str) -> str:
    """The groups that an economy is in, and what it is in no group of; or the members of a group."""
    own_groups = membership(profile, area)
    if "members" in own_groups:
        codes = own_groups["members"]
        listed = labelled("", " ".join(codes)) if len(codes) <= MOST_MEMBERS else say(" (--format json lists them)")
        return counted(len(codes), "{number} economy{listed}", "{number} economies{listed}", listed=listed)
    own, groupings = own_groups["groups"], catalogue().groupings
    none = [groupings[name].name for name in RANKED if not set(groupings[name].codes) & set(own)]
    names = list(map(_named, own))
    return clauses([*names, *(say("no {name}", name=name) for name in none)]) or say("no group")


def missing(profile: Profile) -> list[Block]:
    """What has no figure: a paragraph for all areas without the same figures.

    Indicators are named if another area has a figure, or if a gap or a target is about them; of the others, the number
    is given. Gaps are named of indicators that have a level.
    """
    areas_of: dict[str, list[str]] = {}
    rows = profile.missing.to_dict("records")
    for area in profile.request.areas:
        areas_of.setdefault(_lack([row for row in rows if row[v.REF_AREA] == area]), []).append(area)
    lines = [labelled(commas(areas), text) for text, areas in areas_of.items() if text]
    return [Block(say("What has no figure"), (), [], notes=tuple(lines))] if lines else []


def _lack(rows: Sequence[Row]) -> str:
    """What an area has no figure of, in words."""
    gaps, targets = catalogue().gaps, catalogue().targets
    about = {gap.indicator for gap in gaps.values()} | {target.indicator for target in targets.values()}
    levels = [row for row in rows if not row[v.GAP]]
    named = [row for row in levels if row["REASON"] != Lack.ANY or row[v.INDICATOR] in about]
    without = {row[v.INDICATOR] for row in levels}
    titles = [title_of(gaps[row[v.GAP]]) for row in rows if row[v.GAP] and row[v.INDICATOR] not in without]
    names = [
        remarked(short, say("other years have")) if row["REASON"] == Lack.YEAR else short
        for row in named
        for short in [catalogue().indicators[row[v.INDICATOR]].short]
    ]
    number_of_others = len(levels) - len(named)
    others = (
        say("{indicators} (--format csv --table missing)", indicators=count_of(number_of_others, "further indicator"))
        if number_of_others
        else ""
    )
    parts = [clauses(part) for part in (names, titles) if part]
    return ended(clauses(filter(None, (say(". Gaps: ").join(parts), others)))) if rows else ""
