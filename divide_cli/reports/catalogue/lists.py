"""Entries that are lists of areas and codes: groupings, weights, areas, codelists."""

from datetime import date

from divide_cli.catalogue import (
    Grouping,
    Weight,
    area_name,
    codelist,
)
from divide_cli.reports.catalogue.entry import Entry, Lines


def grouping(entry: Grouping) -> Entry:
    """A grouping of areas and its lists."""

    def describe() -> Lines:
        return [
            ("groups", ", ".join(f"{code} {area_name(code)}" for code in entry.codes)),
            ("lists", ", ".join(f"{entry.id}_{key} ({path})" for key, path in entry.lists.items())),
            ("default list", entry.default),
            ("note", entry.note),
        ]

    return Entry("groupings", entry.id, entry.name, ", ".join(entry.codes), describe)


def weight(entry: Weight) -> Entry:
    """A population that weighs."""
    return Entry(
        "weights",
        entry.id,
        entry.name,
        ", then ".join(entry.editions),
        lambda: [
            ("editions", ", then ".join(entry.editions)),
            ("ages", f"{entry.age_from} and over"),
            ("note", entry.note),
            ("source", entry.source),
        ],
    )


def area(code: str) -> Entry:
    """An area: its codes and groups."""
    row = codelist("CL_AREA").rows[code]

    def describe() -> Lines:
        from divide_cli.sources.groupings import memberships_of

        return [
            ("kind", row["kind"]),
            ("counted with", row["part_of"]),
            ("ISO alpha-2, M49", ", ".join(part for part in (row["iso2"], row["m49"]) if part)),
            ("ceased to exist", row["valid_to"]),
            ("note", row["note"]),
            *(("groups", text) for text in memberships_of(code, date.today())),
            ("source", row["source"]),
        ]

    return Entry("areas", code, row["name"], row["kind"], describe)


def code_list(name: str) -> Entry:
    """A codelist and its codes."""
    entries = codelist(name)
    return Entry(
        "codelists",
        name,
        name.removeprefix("CL_"),
        f"{len(entries.codes)} codes",
        lambda: [(code, entries.name(code)) for code in entries.codes],
    )
