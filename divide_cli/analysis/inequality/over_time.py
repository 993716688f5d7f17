"""Courses: the settings of one area and edition over the years -> change, pace, distance in time, parity,
convergence.
"""

from collections.abc import Sequence

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.inequality.measured import NONE, Choice, Row, blank, withheld
from divide_cli.analysis.inequality.subgroup_sets import Setting
from divide_cli.analysis.measures.subgroups import Array, divided
from divide_cli.analysis.trends import Convergence, beta, crossing, fitted, logit, sigma, time_distance
from divide_cli.catalogue import catalogue


def courses(settings: Sequence[Setting], choice: Choice) -> list[Row]:
    """The measures over the years of settings of one area and edition, in the order of their years.

    Of two sides where the question has a comparison, of all subgroups where there are at least three.
    """
    if len(settings) < 2:
        return []
    rows = [*_sides(settings, choice), *_convergence(settings, choice)]
    names = [name for name in choice.measures if name in catalogue().time_measures]
    return [row for row in rows if (not choice.measures or row[v.MEASURE] in names)]


def _sides(settings: Sequence[Setting], choice: Choice) -> list[Row]:
    comparison = settings[0].question.comparison
    if comparison is None:
        return []
    both = [
        s for s in settings if s.place(comparison.reference) is not None and s.place(comparison.compared) is not None
    ]
    if len(both) < 2:
        return []
    years = np.array([s.year for s in both], dtype=float)
    r, c = (
        np.array([float(s.values[s.codes.index(code)]) for s in both])
        for code in (comparison.reference, comparison.compared)
    )
    known = ~(np.isnan(r) | np.isnan(c))
    if known.sum() < 2:
        return []
    years, r, c = years[known], r[known], c[known]
    last = [s for s, taken in zip(both, known, strict=True) if taken][-1]
    maximum = last.subgroups().maximum
    said = f"from {years[0]:.0f} to {years[-1]:.0f}, {len(years)} years"
    return [
        *([_complement(last, r, c, maximum, said)] if np.isfinite(maximum) else []),
        _told(last, "change", float((r - c)[-1] - (r - c)[0]), said=said),
        _pace(last, "velocity", years, r - c, choice, said),
        _distance(last, years, r, c, said),
        _parity(last, "time_to_parity_linear", years, r - c, choice, said),
        *(
            [_parity(last, "time_to_parity_logistic", years, logit(r, maximum) - logit(c, maximum), choice, said)]
            if np.isfinite(maximum)
            else []
        ),
    ]


def _complement(setting: Setting, r: Array, c: Array, maximum: float, said: str) -> Row:
    """Whether the ratio of the shares and that of the lacking shares tell one story of the first year and the last."""
    ends = [0, -1]
    shares, lacking = divided(r[ends], c[ends]), divided(maximum - c[ends], maximum - r[ends])
    moved = np.array([shares[1] - shares[0], lacking[1] - lacking[0]])
    if np.isnan(moved).any():
        return _told(setting, "complement_check", NONE, said=f"{said}; undefined: a side at 0 or at {maximum:g}")
    story = "opposite stories" if moved[0] * moved[1] < 0 else "one story"
    told = (
        f"{story}: the ratio of the shares went from {shares[0]:.2f} to {shares[1]:.2f}, that of the lacking shares "
        f"from {lacking[0]:.2f} to {lacking[1]:.2f}"
    )
    return _told(setting, "complement_check", float(moved[1]), said=f"{said}; {told}")


def _told(
    setting: Setting,
    name: str,
    value: float,
    lower: float = NONE,
    upper: float = NONE,
    level: float = NONE,
    said: str = "",
) -> Row:
    row = blank(setting, catalogue().time_measures[name])
    return {
        **row,
        v.OBS_VALUE: value,
        v.OBS_STATUS: v.MISSING if np.isnan(value) else v.NORMAL,
        v.OBS_COMMENT: said,
        v.CI_LOWER: lower,
        v.CI_UPPER: upper,
        v.CI_LEVEL: NONE if np.isnan(lower) else level,
    }


def _pace(setting: Setting, name: str, years: Array, values: Array, choice: Choice, said: str) -> Row:
    line = fitted(years, values, choice.level)
    doubt = f"; {line.refused}" if line.refused else ""
    return _told(setting, name, line.slope, line.lower, line.upper, choice.level, said + doubt)


def _distance(setting: Setting, years: Array, r: Array, c: Array, said: str) -> Row:
    found = time_distance(years, r, c)
    if found.open:
        row = _told(setting, "time_distance", NONE, said=f"{said}; more than the years at hand")
        end = v.BOUND_LOWER if found.years > 0 else v.BOUND_UPPER
        return {**row, end: found.years}
    return _told(setting, "time_distance", found.years, said=said)


def _parity(setting: Setting, name: str, years: Array, values: Array, choice: Choice, said: str) -> Row:
    found = crossing(fitted(years, values, choice.level), 0.0, rising=bool(values[-1] < 0))
    doubt = f"; {found.refused}" if found.refused else ""
    return _told(setting, name, found.year, found.lower, found.upper, choice.level, said + doubt)


def _convergence(settings: Sequence[Setting], choice: Choice) -> list[Row]:
    """Sigma and beta convergence of the subgroups, over the years whose subgroups cover enough people."""
    sound = [s for s in settings if not withheld(s, choice)]
    if len(sound) < 2 or max(len(s.codes) for s in sound) < 3:
        return []
    codes = sorted({code for s in sound for code in s.codes})
    values = np.full((len(codes), len(sound)), np.nan)
    for column, setting in enumerate(sound):
        values[[codes.index(code) for code in setting.codes], column] = setting.values
    years = np.array([s.year for s in sound], dtype=float)
    said = f"from {years[0]:.0f} to {years[-1]:.0f}, {len(years)} years"
    found: dict[str, Convergence] = {
        "sigma_convergence": sigma(years, values, choice.level), "beta_convergence": beta(years, values, choice.level),
    }  # fmt: skip
    return [
        _told(sound[-1], name, each.slope, each.lower, each.upper, choice.level,
              f"{said}, {each.areas} subgroups" + (f"; {each.refused}" if each.refused else ""))
        for name, each in found.items()
    ]  # fmt: skip
