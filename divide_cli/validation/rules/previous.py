"""A submission against an earlier one: values revised, withdrawn and added, key by key."""

from collections.abc import Callable, Sequence

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations, combine
from divide_cli.validation.report import Finding
from divide_cli.validation.rules.findings import Cases, column_at, in_words, matcher, worded
from divide_cli.validation.rules.submission import Array, Mask, Table, table_of
from divide_cli.validation.rules.totals import EXACT
from divide_cli.validation.rules.violations import number


def against(rules: Sequence[Rule], now: Observations, before: Observations) -> tuple[list[Cases], dict[str, int]]:
    """The findings of each rule of the kind, and the number of keys it looked at.

    `what`: `revised` (a value that differs by more than the tolerance and rounding, and up to `most`), `withdrawn` (a
    key with a value only in the earlier submission), `added` (only in the new one), or `shifted` (`least` values with
    decimals of a series that stood under the year before).
    """
    chosen = [rule for rule in rules if rule.kind == "against_previous"]
    if not chosen:
        return [], {}
    both = combine([now, before])
    table = table_of(both)
    old = np.zeros(len(both.frame), dtype=bool)
    old[len(now.frame) :] = True
    old = old[table.order]
    new_at, old_at = _paired(table, old)
    made, checked = [], {}
    for rule in chosen:
        shifted = rule.parameters["what"] == "shifted"
        places, earlier = _shifted(table, rule, old) if shifted else _chosen(table, rule, new_at, old_at)
        checked[rule.id] = len(new_at)
        if len(places):
            made.append(
                Cases(rule, len(places), _wording(rule, table, places, earlier), matcher(table, places, v.OBS_VALUE))
            )
    return made, checked


def _paired(table: Table, old: Mask) -> tuple[Array, Array]:
    """For each key the place of its value now and before, -1 where there is none; of two rows with a key, the first."""
    valued = ~np.isnan(table.value)
    keys = np.unique(table.key[valued])
    made = []
    for mine in (valued & ~old, valued & old):
        at = np.flatnonzero(mine)
        place = np.minimum(np.searchsorted(table.key[at], keys), max(len(at) - 1, 0))
        held = table.key[at][place] == keys if len(at) else np.zeros(len(keys), dtype=bool)
        made.append(np.where(held, at[place] if len(at) else -1, -1))
    return made[0], made[1]


def _chosen(table: Table, rule: Rule, new_at: Array, old_at: Array) -> tuple[Array, Array]:
    """The places to name for a rule, and the earlier places (-1 where there is none)."""
    what = rule.parameters["what"]
    if what == "withdrawn":
        mine = (new_at < 0) & (old_at >= 0)
        return old_at[mine], old_at[mine]
    if what == "added":
        mine = (new_at >= 0) & (old_at < 0)
        return new_at[mine], old_at[mine]
    size = np.abs(table.value[new_at] - table.value[old_at])
    rounding = np.maximum(table.half[new_at], table.half[old_at])  # one may be the other with fewer decimals
    mine = (new_at >= 0) & (old_at >= 0) & (size > np.maximum(rule.tolerance, rounding + EXACT))
    mine &= size <= rule.parameters.get("most", np.inf)
    return new_at[mine], old_at[mine]


def _shifted(table: Table, rule: Rule, old: Mask) -> tuple[Array, Array]:
    """The first place of each series whose values stood under the year before, and the earlier place of that value.

    Only values that the earlier submission has not under the same year, with decimals.
    """
    valued = ~np.isnan(table.value) & (table.half < 0.5 - EXACT)
    now, then = np.flatnonzero(valued & ~old), np.flatnonzero(valued & old)
    if not len(now) or not len(then):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)

    def at(keys: Array) -> Array:
        place = np.minimum(np.searchsorted(table.key[then], keys), len(then) - 1)
        return np.where(table.key[then][place] == keys, then[place], -1)

    before = at(table.key[now] - 1)
    same = at(table.key[now])
    moved = (before >= 0) & (table.year[now] > table.year.min()) & (table.value[now] == table.value[before])
    moved &= (same < 0) | (table.value[now] != table.value[same])
    now, before = now[moved], before[moved]
    _, first, count = np.unique(table.series[now], return_index=True, return_counts=True)
    enough = count >= rule.parameters["least"]
    return now[first[enough]], before[first[enough]]


def _wording(rule: Rule, table: Table, places: Array, earlier: Array) -> Callable[[int], Finding]:
    def finding(case: int) -> Finding:
        place, then = int(places[case]), int(earlier[case])
        row = table.frame.iloc[int(table.order[place])]
        key: dict[str, str | int] = {name: str(row[name]) for name in (*v.KEY[:-1], *table.read.dimensions)}
        key[v.TIME_PERIOD] = int(row[v.TIME_PERIOD])
        value = table.value[place]
        was = number(table.value[then]) if then >= 0 else "no value"
        if rule.parameters["what"] == "shifted":
            was = f"{was} under {table.year[then]}, as before"
        found = "no value" if place == then else number(value)
        detail = "" if then < 0 or place == then else f"{value - table.value[then]:+.3g}"
        text = rule.message.format(key=in_words(table, place), expected=was, found=found, detail=detail, count=1)
        column = column_at(table, v.OBS_VALUE, place)
        return worded(rule, str(row[v.FILE]), int(row[v.LINE]), column, key, was, found, text, rule.hint)

    return finding


def same_kind(now: Observations, before: Observations) -> None:
    """SourceError where the two submissions share no indicator and area, so that nothing can be compared."""
    shared = [set(_held(now, name)) & set(_held(before, name)) for name in (v.REF_AREA, v.INDICATOR)]
    if not all(shared):
        raise SourceError(
            "previous_unrelated",
            found=f"{', '.join(_held(before, v.INDICATOR)[:6])} of {', '.join(_held(before, v.REF_AREA)[:6])}",
            where=before.readings[0].file.name,
        )


def _held(read: Observations, name: str) -> list[str]:
    """The codes of a column that some row has."""
    codes = np.unique(read.frame[name].cat.codes.to_numpy())
    return [str(read.frame[name].cat.categories[code]) for code in codes if code >= 0]
