"""What stands below the tables: edition, membership, weights, what was withheld and why, licence."""

from collections.abc import Sequence

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Result
from divide_cli.catalogue import area_name, catalogue
from divide_cli.reports.lookup import Lookup, letter
from divide_cli.reports.numbers import number


def group_order() -> dict[str, int]:
    """The place of each group, as the catalogue lists them."""
    codes = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    return {code: place for place, code in enumerate(codes)}


def disagreement(total: pd.DataFrame, name: str, published: Lookup) -> list[str]:
    """Where published editions give different values for the world in the latest year that they share, says so."""
    world = total[total[v.REF_AREA] == v.WORLD].sort_values(v.TIME_PERIOD, ascending=False)
    for row in world.to_dict("records"):
        found = published.value(row)
        if len({other[v.OBS_VALUE] for other in found}) > 1:
            unit = row[v.UNIT_MEASURE]
            values = ", ".join(f"{number(other[v.OBS_VALUE], unit)} {letter(other[v.EDITION])}" for other in found)
            return [
                f"Published editions disagree on {name}, world, {row[v.TIME_PERIOD]}: {values}; the newest is shown."
            ]
    return []


def footnotes(result: Result, sources: Sequence[str]) -> list[str]:
    """The notes on the run's own figures (the legend of published editions stands apart)."""
    frames = [frame[frame[v.EDITION].isin(sources)] for frame in (result.gaps, result.aggregates) if len(frame)]
    held = {name for frame in frames for name in frame[v.EDITION].unique()}
    used = [source for source in result.sources.values() if source.id in held]
    notes = [" ".join(_about(source.id, source.citation, source.membership, source.method)) for source in used]
    combined = [frame[~frame[v.MEMBERSHIP].isin((v.NOT_APPLICABLE, v.AS_PUBLISHED))] for frame in frames]
    notes += _on_groups(combined[-1], result.request.minimum) if combined and len(combined[-1]) else []
    marked = {status for frame in combined for status in frame[v.OBS_STATUS].unique()}
    notes += ["e: estimates of the source contribute."] if v.ESTIMATED in marked else []
    persons = [name for name in result.request.measures if catalogue().measures[name].unit == v.PERSONS]
    notes += ["From publ.: computed from the published percentages" + _times(bool(persons)) + "."]
    seen = {name for frame in frames for name in frame[v.INDICATOR].unique()}
    combining = {entry.id: entry.aggregation for entry in catalogue().indicators.values()}
    notes += [f"{name}: {combining[name].message}." for name in sorted(seen) if combining[name].method == "none"]
    licences = sorted({source.licence for source in used if "NC" in source.licence})
    notes += [f"Licence of these figures: {', '.join(licences)}."] if licences else []
    return notes


def _about(name: str, citation: str, membership: str, method: str) -> list[str]:
    groups = f"groups {membership}." if membership else ""
    return [text for text in (f"{name}: {citation};", groups, f"{method.rstrip('.')}." if method else "") if text]


def _times(persons: bool) -> str:
    return ", persons with the embedded populations" if persons else ""


def _on_groups(combined: pd.DataFrame, minimum: float) -> list[str]:
    """Weights, the withheld, the meaning of bounds and the names of the groups."""
    weighed = combined[combined[v.OBS_STATUS] != v.MISSING]
    weights = sorted(weighed[v.WEIGHTS].unique())
    notes = [f"Weights: {'; '.join(weights)}."] if weights else []
    withheld = int((combined[v.OBS_STATUS] == v.WITHHELD).sum())
    if withheld:
        notes.append(
            f"Withheld (all years and breakdowns): {withheld} of {len(combined)} group values, whose reporting "
            f"economies hold less than {minimum:g} % of the group's people."
        )
    notes.append("Brackets: the value if the missing people stood at 0, and at 100.")
    met = set(combined[v.REF_AREA].unique())
    names = [f"{code} {area_name(code)}" for code in group_order() if code in met and area_name(code) != code]
    return [*notes, *([f"{'; '.join(names)}."] if names else [])]
