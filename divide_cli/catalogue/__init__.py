"""The catalogue: data/ as frozen records. Loads without pandas."""

from divide_cli.catalogue.codelists import Codelist, age_span, area_aliases, area_name, codelist, economies, is_economy
from divide_cli.catalogue.dataflows import Dataflow
from divide_cli.catalogue.load import Catalogue, catalogue, data_dir, schema_dir
from divide_cli.catalogue.records import (
    Aggregation,
    Band,
    Comparison,
    Gap,
    Indicator,
    Measure,
    Qualifier,
    Rule,
    Target,
    Template,
    Unit,
)
from divide_cli.catalogue.sources import Edition, Grouping, Licence, Limit, Manners, Service, Weight

__all__ = [
    "Aggregation",
    "Band",
    "Catalogue",
    "Codelist",
    "Comparison",
    "Dataflow",
    "Edition",
    "Gap",
    "Grouping",
    "Indicator",
    "Licence",
    "Limit",
    "Manners",
    "Measure",
    "Qualifier",
    "Rule",
    "Service",
    "Target",
    "Template",
    "Unit",
    "Weight",
    "age_span",
    "area_aliases",
    "area_name",
    "catalogue",
    "codelist",
    "data_dir",
    "economies",
    "is_economy",
    "schema_dir",
]
