"""Measures of inequality: formulae of pairs and of subgroups, their bounds and intervals.

Importing the package registers every formula (`pairs.PAIR_FORMULAE`, `subgroups.SUBGROUP_FORMULAE`).
"""

from divide_cli.analysis.measures import ordered, pairs, unordered

__all__ = ["ordered", "pairs", "unordered"]
