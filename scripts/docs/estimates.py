"""Generates docs/reference/estimates.md: the model of estimates, and the tables of its benchmarks."""

import csv
from collections import defaultdict
from collections.abc import Sequence

from divide_cli.catalogue import area_name, catalogue
from scripts.docs import ROOT
from scripts.docs.markdown import page, table

FOLDER = ROOT / "benchmarks" / "estimates"
DESIGNS = {
    "never": "whole economy hidden",
    "stops": "a tenth of economies stop reporting",
    "nobody": "nobody reports any more (a nowcast)",
    "gap": "gap of three years",
    "all of the above": "**all but gaps**",
}
OURS, TREND, LAST = "divide: partial pooling", "logit trend with group donors", "last value carried forward"
FAMILIES = (
    LAST,
    TREND,
    "the same by region",
    OURS,
    "without GNI per head",
    "own trend around donors",
    "Gaussian process",
)
WAYS = ("reporting only", LAST, TREND, OURS, "breaks back-cast")
INPUTS = ("wdi_2026_08", "DataHub 2026-04", "wdi_2025_10")


def pages() -> dict[str, str]:
    """The page and its path."""
    explanation = "\n".join(f"- {sentence}" for sentence in catalogue().estimates["estimates"].explanation)
    parts = {
        "explanation": explanation,
        "hidden": _hidden(),
        "gains": _gains(),
        "administrative": _administrative(),
        "readings": _readings(),
        "verdict": _verdict(),
        "overall": _overall(),
        "cells": _cells(),
        "groups": _groups(),
        "aggregates": _aggregates(),
        "by_group": _by_group(),
        "causes": _causes(),
    }
    return {"docs/reference/estimates.md": page("estimates.md.j2", **parts)}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _hidden() -> str:
    order = list(DESIGNS)
    rows = sorted(_rows("cross_validation"), key=lambda row: (order.index(row["design"]), int(row["horizon"])))
    head = ("Hidden", "Years", "Values", *(_short(name) for name in FAMILIES), "Held", "of others")
    cells = [
        (
            DESIGNS[row["design"]],
            row["horizon"] if row["horizon"] != "0" else "",
            f"{int(row['values']):,}",
            *(row[name] for name in FAMILIES),
            f"{row['coverage']} %",
            f"{row['of others']} %",
        )
        for row in rows
    ]
    return table(head, cells)


def _short(name: str) -> str:
    return f"**{name}**" if name == OURS else name


def _gains() -> str:
    rows = sorted(_rows("gains"), key=lambda row: float(row["error"]))
    gains = ("gain", "fitted half", "other half")
    cells = [
        (
            _short(row["family"]),
            f"{float(row['error']):.2f}",
            *(f"{float(row[name]):+.2f}" for name in gains),
            f"{float(row['standard error']):.2f}",
        )
        for row in rows
        if row["family"] != OURS
    ]
    return table(
        ("Instead of the model", "Median error", "Gain", "In one half", "In the other", "Standard error"), cells
    )


def _readings() -> str:
    shown = [row for row in _rows("readings") if (row["window"], row["between"]) == ("values", "nearest")]
    by_input = [name for name in shown[0] if name.endswith(("2023", "2024"))]
    cells = [
        (
            row["group"],
            row["summary"],
            row["damping"],
            f"{float(row['hidden']):.2f}",
            f"{float(row['model / reading']):.2f} ± {float(row['standard error']):.2f}",
            *(f"{float(row[name]):.2f}" for name in (*by_input, "from the trial")),
        )
        for row in shown
    ]
    head = ("Slopes of", "Their", "Damping", "Hidden values", "Model / reading", *by_input, "From the trial")
    return table(head, cells)


def _verdict() -> dict[str, str]:
    """How many readings the model is a tenth better than, and what it is of the strongest and the weakest."""
    rows = [row for row in _rows("readings") if row["between"] == "nearest"]
    ratios = [float(row["model / reading"]) for row in rows]
    better = [100 * (1 - ratio) for ratio in (max(ratios), min(ratios))]
    return {
        "readings": str(len(rows)),
        "tenth": str(sum(ratio <= 0.9 for ratio in ratios)),
        "least": f"{better[0]:.0f}",
        "most": f"{better[1]:.0f}",
    }


def _administrative() -> str:
    errors = ("whole economies", "after the last value", "error")
    cells = [
        (
            row["series"],
            row["way"],
            f"{row['known']} %",
            *(f"{float(row[name]):.2f}" for name in errors),
            f"{float(row['gain']):+.2f} ± {float(row['standard error']):.2f}",
        )
        for row in _rows("administrative")
    ]
    return table(("Series", "As", "Known", "Whole economies", "After the last value", "All", "Gain"), cells)


def _overall() -> str:
    errors = (OURS, LAST, "strongest trend", "weakest trend")
    cells = [
        (
            row["overall"],
            *(f"{float(row[name]):.2f}" for name in errors),
            f"{row['group']}, {row['summary']}, {row['damping']}",
            f"{float(row['model / strongest']):.2f} ± {float(row['standard error']):.2f}",
            f"{row['a tenth better than']} of {row['readings']}",
        )
        for row in _rows("overall")
    ]
    head = ("Overall", *map(_short, errors), "The strongest", "Model / strongest", "A tenth better than")
    return table(head, cells)


def _cells() -> str:
    order = list(DESIGNS)
    rows = sorted(_rows("cells"), key=lambda row: (order.index(row["design"]), int(row["horizon"])))
    cells = [
        (
            DESIGNS[row["design"]],
            row["horizon"].replace("0", ""),
            *(f"{float(row[name]):.0f} %" for name in ("share", "above")),
            *(f"{float(row[name]):.2f}" for name in ("error", "without")),
            f"{float(row['model']):.2f}" if row["model"] else "",
            f"{float(row['later known']):.2f}" if row["later known"] else "",
        )
        for row in rows
    ]
    head = ("Hidden", "Years", "Of all values", "Above the median", "Error", "All without it")
    return table((*head, "Error, if observed later", "That value known"), cells)


def _groups() -> str:
    cells = [
        (
            DESIGNS[row["design"]],
            row["horizon"].replace("0", ""),
            row["cases"],
            f"{row['coverage']} %",
            f"{row['if independent']} %",
        )
        for row in _rows("group_coverage")
    ]
    return table(("Hidden", "Years", "Cases", "Held", "If independent"), cells)


def _aggregates() -> str:
    errors: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in _rows("aggregates"):
        errors[row["input"], row["year"]].append(row)
    cells = []
    for source in INPUTS:
        for year in ("2022", "2023", "2024", "2025"):
            means = {name: _mean([row[name] for row in errors[source, year]]) for name in WAYS}
            ratio = f"{means[OURS] / means[TREND]:.2f}"
            cells.append((source, year, *(_points(means[name]) for name in WAYS), ratio))
    return table(("Input", "Year", *map(_short, WAYS), "Model / trend"), cells)


def _mean(texts: Sequence[str]) -> float:
    known = [abs(float(text)) for text in texts if text]
    return sum(known) / len(known) if known else float("nan")


def _points(value: float) -> str:
    return f"{value:.2f}" if value == value else "–"


def _by_group() -> str:
    values = {(row["input"], row["group"], row["year"]): row for row in _rows("aggregates")}
    keys = [(source, year) for source in INPUTS[:2] for year in ("2022", "2023", "2024", "2025")]
    groups = list(dict.fromkeys(row["group"] for row in _rows("aggregates")))
    cells = [
        (f"{group} {area_name(group)}", *(_cell(values[source, group, year]) for source, year in keys))
        for group in groups
    ]
    return table(("Group", *(f"{source}, {year}" for source, year in keys)), cells)


def _cell(row: dict[str, str]) -> str:
    inside = float(row["low"]) - 0.05 <= 0 <= float(row["high"]) + 0.05
    return f"{float(row[OURS]):+.1f} ({'in' if inside else 'out'})"


def _causes() -> str:
    rows = [row for row in _rows("causes") if row["input"] in INPUTS[:2] and row["year"] in ("2023", "2024")]
    ordered = sorted(rows, key=lambda row: (row["input"], row["year"], -abs(float(row["part"]))))
    names = ("kind", "millions", "points", "part")
    cells = [(row["input"], row["year"], _named(row["area"]), *(row[name] for name in names)) for row in ordered]
    return table(("Input", "Year", "Economy", "Estimate", "Million people", "Model minus trend", "Of the world"), cells)


def _named(area: str) -> str:
    return f"{area} {area_name(area)}"
