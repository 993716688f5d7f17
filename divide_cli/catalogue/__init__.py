"""The catalogue: data/ as frozen records. Loads without pandas."""

from divide_cli.catalogue.codelists import age_span, area_aliases, area_name, codelist, codelists, economies, is_economy
from divide_cli.catalogue.dataflows import Dataflow
from divide_cli.catalogue.load import catalogue, data_dir, in_english, schema_dir
from divide_cli.catalogue.measure_parts import Band
from divide_cli.catalogue.records import Chart, Comparison, Gap, Indicator, Measure, Target, Template, Unit
from divide_cli.catalogue.rules import Rule
from divide_cli.catalogue.sources import Edition, Manners, Service, Weight
