"""Where measures apply: tables by quantity and unit, and by what is compared, for docs/reference/measures.md.

The measures with the same `applies` are one group. Over a dimension or grouping, a measure needs enough subgroups, an
order, or two named sides.
"""

from collections.abc import Iterable, Sequence

from divide_cli import concepts as v
from divide_cli.catalogue import Measure, catalogue, codelist
from divide_cli.catalogue.applicability import left_out, objection, quantity_of
from scripts.docs.markdown import table

OVER = (v.SEX, v.URBANISATION, v.AGE, "income_group", "itu_region", v.REF_AREA)
"""What `divide measure --over` compares, apart from further dimensions of files."""
YES, NO = "yes", "–"


def groups() -> list[list[Measure]]:
    """The measures, in groups that apply to the same quantities for the same reason; those without a limit first."""
    by_limit: dict[tuple[object, ...], list[Measure]] = {}
    for measure in catalogue().every_measure.values():
        key = (tuple(measure.applies.quantities), measure.applies.reason) if measure.applies else ()
        by_limit.setdefault(key, []).append(measure)
    return [by_limit[key] for key in sorted(by_limit, key=len)]


def _links(measures: Iterable[Measure]) -> str:
    return ", ".join(f"[`{measure.id}`](#{measure.id})" for measure in measures)


def where_measures_apply() -> str:
    """The text of the section: the groups with their reasons, then a table by quantity, and one by what is compared."""
    return (
        "Elsewhere a measure is left out, and `--format json` has the reason. With `--measure` it is an error.\n\n"
        f"{_by_group()}\n\n{_by_quantity()}\n\n{_by_dimension()}"
    )


def _by_group() -> str:
    rows = [
        (f"{letter}", _links(group), group[0].applies.reason if group[0].applies else "they apply to all quantities")
        for letter, group in zip(_letters(), groups(), strict=False)
    ]
    return table(("Group", "Measures", "Why not elsewhere"), rows)


def _letters() -> Sequence[str]:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _by_quantity() -> str:
    """A row for each quantity and unit of the catalogue, a column for each group."""
    letters = _letters()[: len(groups())]
    kinds: dict[tuple[str, str], list[str]] = {}
    for name, entry in catalogue().indicators.items():
        kinds.setdefault((quantity_of(name).id, entry.unit), []).append(name)
    rows = []
    for (quantity, unit), names in sorted(
        kinds.items(), key=lambda item: list(catalogue().quantities).index(item[0][0])
    ):
        cells = [NO if objection(group[0], names[0]) else YES for group in groups()]
        rows.append((f"{catalogue().quantities[quantity].name}, `{unit}`", len(names), *cells))
    return table(("Figures, unit", "Indicators", *letters), rows)


def _by_dimension() -> str:
    """A row for each dimension or grouping: the families that apply to all quantities there, and why others do not."""
    comparisons = {entry.over: entry for entry in catalogue().comparisons.values()}
    rows = []
    for over in OVER:
        comparison, grouping = comparisons.get(over), catalogue().groupings.get(over)
        ordered = bool(grouping and grouping.ordered)
        absent = set(left_out("internet_use", over, comparison is not None, ordered))
        number = _number(over)
        few = {one.id for one in catalogue().subgroup_measures.values() if number and one.subgroups > number}
        why = [
            *([] if comparison else ["no comparison names two sides"]),
            *([] if ordered else ["no order, unless `--order` gives one"]),
            *([f"{number} subgroups are too few for those that need 3"] if few else []),
        ]
        applying = len(catalogue().every_measure.keys() - absent - few)
        sides = f"{comparison.reference}, {comparison.compared}" if comparison else NO
        rows.append((f"`{over}`", sides, applying, "; ".join(why)))
    rows.append(
        (
            "a dimension of your file",
            NO,
            _of_a_file(),
            "no comparison names two sides; no order, unless `--order` gives one",
        )
    )
    return table(("Over", "Named sides", "Measures of shares of people", "Why not the others"), rows)


def _of_a_file() -> int:
    """The number of measures that apply over a dimension that only a file has."""
    return len(catalogue().every_measure) - len(left_out("internet_use", "OTHER", False, False))


def _number(over: str) -> int:
    """The number of subgroups of a closed dimension; 0 if it is open."""
    if over not in (v.SEX, v.URBANISATION):
        return 0
    return sum(code not in (v.TOTAL, v.NOT_APPLICABLE) for code in codelist(f"CL_{over}").codes)
