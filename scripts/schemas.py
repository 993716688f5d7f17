"""Writes schemas/yaml/*.json from the declarations of the catalogue's entries: `python -m scripts.schemas [--check]`.

Types, patterns and bounds are those of the annotations. Descriptions are the texts below the keys. TOGETHER says which
keys go together. The kinds of rules and the families of layouts are those that are implemented.
"""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from divide_cli.catalogue import catalogue, claims, dataflows, estimates, measure_parts, records, sources
from divide_cli.catalogue.entries import TOGETHER, OneOf, Requirement, keys, kinds_in
from divide_cli.catalogue.rules import PublicationRule, Rule
from divide_cli.survey import design

FOLDER = Path(__file__).resolve().parents[1] / "schemas" / "yaml"
KINDS: dict[str, tuple[Any, str]] = {
    "charts": (records.Chart, "each key is a chart's id, as in `divide chart`"),
    "comparisons": (records.Comparison, "each key is a comparison's id"),
    "dataflows": (dataflows.Dataflow, "each key is the id of a layout"),
    "directions": (measure_parts.Direction, "each key is a direction of an indicator"),
    "estimates": (estimates.Estimation, "each key is the id of a model"),
    "gaps": (records.Gap, "each key is a gap's id, <indicator>_<comparison>"),
    "groupings": (sources.Grouping, "each key is a grouping's id"),
    "indicators": (records.Indicator, "each key is an indicator's id, as in the column INDICATOR"),
    "licences": (sources.Licence, "each key is a licence's id"),
    "limits": (sources.Limit, "each key is a limit's id"),
    "measures": (records.Measure, "each key is a measure's id, which identifies its definition"),
    "publication_rules": (PublicationRule, "each key is the id of a publication rule"),
    "quantities": (measure_parts.Quantity, "each key is a quantity's id"),
    "qualifiers": (records.Qualifier, "each key is a word as printed"),
    "rules": (Rule, "each key is a rule's id; rules are applied in this order"),
    "services": (sources.Service, "each key is a service's id, as in --source"),
    "survey_words": (records.SurveyWords, "each key is a key, a dimension or an indicator of the design, or an answer"),
    "targets": (records.Target, "each key is a target's id"),
    "templates": (records.Template, "each key is a template's id"),
    "units": (records.Unit, "each key is a code of CL_UNIT_MEASURE"),
    "weights": (sources.Weight, "each key is a weight's id"),
}
"""Name of a schema -> what an entry is, and what the keys of a file are."""


OF_OWN_EDITIONS = (
    Requirement("role", ("quoted",), needs=("view",)),
    Requirement("role", ("published", "country", "weights", "covariate"), needs=("raw",)),
)
OF_CLAIMS = (
    Requirement("expect", tuple(word for word in claims.Verdict if word not in ("quoted", "reproduced")), ("reason",)),
)


_SEX = {"description": "Code of CL_SEX.", "enum": ["F", "M"]}
_AGE = {"description": "Code of CL_AGE.", "type": "string", "pattern": "^Y"}
_URBANISATION = {"description": "Code of CL_URBANISATION.", "enum": ["URB", "RUR"]}
_BASIS = {
    "description": "Verdict expected on this basis.",
    "enum": [word for word in claims.Verdict if word != "conflicts"],
}


def _closed(fewest: int, most: int, **known: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a mapping of a claim that has no other keys; the reader says which are known."""
    limits = {"minProperties": fewest, "maxProperties": most}
    return {"propertyNames": {"enum": list(known)}, **limits, "properties": known}


_AREA = {"description": "Code of CL_AREA.", "type": "string", "pattern": "^[A-Z]{3,4}$"}
PART = _closed(1, 1, area=_AREA, SEX=_SEX, AGE=_AGE, URBANISATION=_URBANISATION)
OTHER = _closed(
    1,
    6,
    area=_AREA,
    year={"description": "Calendar year.", "type": "integer", "minimum": 1900, "maximum": 2100},
    without={
        "description": "Part whose people are subtracted; {} if none are.",
        "type": "object",
        **PART,
        "minProperties": 0,
    },
    SEX={**_SEX, "enum": ["F", "M", "_T"]},
    AGE={**_AGE, "pattern": "^(Y|_T$)"},
    URBANISATION={**_URBANISATION, "enum": ["URB", "RUR", "_T"]},
)
BASES = _closed(1, 2, published=_BASIS, countries=_BASIS)
CLOSED = (("Selector", "without", PART), ("Selector", "relative_to", OTHER), ("Claim", "bases", BASES))
"""Mappings of a claims file with fixed keys."""


@cache
def described(kind: Any) -> dict[str, str]:
    """The text below each key of a kind of entry."""
    try:
        body = ast.parse(inspect.getsource(kind)).body[0].body  # type: ignore[attr-defined]
    except OSError:  # its keys are not names, so it is written as a call and describes its keys itself
        return {}
    return {
        ast.unparse(line.target): " ".join(ast.literal_eval(below.value).split())
        for line, below in pairwise(body)
        if isinstance(line, ast.AnnAssign) and isinstance(below, ast.Expr)
    }


def conditions(kind: Any) -> Iterator[dict[str, Any]]:
    """The JSON Schema of the keys that go together."""
    for rule in TOGETHER.get(kind, ()):
        if isinstance(rule, OneOf):
            yield {"oneOf": [_group(group, rule) for group in rule.groups]}
        else:
            yield {"if": _if(kind, rule), "then": _then(rule)}


def _group(group: tuple[str, ...], rule: OneOf) -> dict[str, Any]:
    others = sorted({name for other in rule.groups for name in other} - set(group))
    return {"required": list(group), "not": {"anyOf": [{"required": [name]} for name in others]}}


def _if(kind: Any, rule: Requirement) -> dict[str, Any]:
    usual = rule.values and keys(kind)[rule.key].default in rule.values
    required = {} if usual else {"required": [rule.key]}
    return {**required, **({"properties": {rule.key: {"enum": list(rule.values)}}} if rule.values else {})}


def _then(rule: Requirement) -> dict[str, Any]:
    then: dict[str, Any] = {}
    if rule.needs:
        then = {
            "required": list(rule.needs),
            "properties": {name: {"not": {"enum": ["", [], None]}} for name in rule.needs},
        }
    if rule.without:
        then["not"] = {"anyOf": [{"required": [name]} for name in rule.without]}
    return then


def subkinds(kind: Any) -> tuple[Any, ...]:
    """The kinds of the parts of an entry, and of their parts."""
    parts = dict.fromkeys(part for key in keys(kind).values() for part in kinds_in(key.hint))
    return tuple(dict.fromkeys(deeper for part in parts for deeper in (part, *subkinds(part))))


def schema_of(kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of one entry and those of its parts, by name."""
    (whole,), parts = msgspec.json.schema_components(
        [kind], schema_hook=lambda _path: {"type": "string"}, ref_template="#/$defs/{name}"
    )
    name = whole["$ref"].rpartition("/")[2]
    for part in (kind, *subkinds(kind)):
        schema = parts[part.__name__]
        schema["additionalProperties"] = False
        for key, text in described(part).items():
            schema["properties"][key] = {"description": text, **schema["properties"][key]}
        for said in schema["properties"].values():
            said.pop("default", None)
            if "enum" in said:
                said["enum"] = [value for value in said["enum"] if value != ""]
        if rules := list(conditions(part)):
            schema["allOf"] = rules
    if "Terms" in parts:  # the id is enough for an edition of a user
        parts["Terms"]["required"] += ["name", "url", "redistributable"]
    entry = parts.pop(name)
    return entry, parts


def file_schema(name: str) -> dict[str, Any]:
    """The schema of the files of one kind of entry: a mapping from ids to entries."""
    kind, about = KINDS[name]
    entry, parts = schema_of(kind)
    ids = entry["properties"].pop("id")
    entry["required"].remove("id")
    if name in ("rules", "dataflows"):
        entry["properties"]["kind" if name == "rules" else "family"]["enum"] = _implemented(name)
    head = _head(name.capitalize(), f"data/catalogue/{name}: {about}.")
    names = {"propertyNames": {"pattern": ids["pattern"]}} if "pattern" in ids else {}
    return {**head, "type": "object", "minProperties": 1, **names, "additionalProperties": entry, **_defs(parts)}


def _implemented(name: str) -> list[str]:
    if name == "rules":
        from divide_cli.validation.rules import kinds

        return sorted(kinds())
    from divide_cli.readers import FAMILIES

    return sorted(FAMILIES)


def origin_schema() -> dict[str, Any]:
    """The schema of origin.yaml, which requires more of the project's own editions than of a user's."""
    entry, parts = schema_of(sources.Edition)
    del entry["properties"]["folder"]
    entry["required"] += ["via", "raw", "left_out", "notes"]
    entry["allOf"] = [{"if": _if(sources.Edition, rule), "then": _then(rule)} for rule in OF_OWN_EDITIONS]
    about = "data/sources/<edition>/origin.yaml: origin, licence, contents and omissions of an edition."
    return {**_head("Origin of an edition", about), **{k: v for k, v in entry.items() if k != "title"}, **_defs(parts)}


def claims_schema() -> dict[str, Any]:
    """The schema of a claims file; its words are those of qualifiers.yaml."""
    entry, parts = schema_of(claims.Content)
    claim, qualifiers = parts["Claim"], catalogue().qualifiers
    del claim["properties"]["line"]
    words = "|".join(word for word, test in qualifiers.items() if test.number)
    claim["properties"]["printed"]["pattern"] = rf"^(-?[0-9][0-9,]*(\.[0-9]+)?|{words})$"
    claim["properties"]["qualifier"]["enum"] = list(qualifiers)
    claim["allOf"] = [{"if": _if(claims.Claim, rule), "then": _then(rule)} for rule in OF_CLAIMS]
    groups = OneOf((("indicator",), ("gap", "measure")))
    parts["Selector"]["oneOf"] = [_group(group, groups) for group in groups.groups]
    for kind, key, limits in CLOSED:
        schema = parts[kind]["properties"][key]
        parts[kind]["properties"][key] = {"description": schema["description"], **limits, **schema}
    parts["Selector"]["dependentRequired"] = {"since": ["change"], "change": ["since"]}
    parts["Relation"] |= {"minProperties": 1, "maxProperties": 1}
    about = "data/claims/<publication>.yaml, or a file of your own: the figures that one publication prints, as tests."
    head = _head("Claims of one publication", about)
    return {**head, **{key: value for key, value in entry.items() if key != "title"}, **_defs(parts)}


def design_schema() -> dict[str, Any]:
    """The schema of a design file of a survey. Keys of mappings are values of variables, which JSON writes as texts."""
    entry, parts = schema_of(design.DesignKeys)
    about = "The design file of a survey, for `divide tabulate`: what its variables mean."
    head = _head("Design of a survey", about)
    return {**head, **{key: value for key, value in entry.items() if key != "title"}, **_defs(parts)}


def _head(title: str, description: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "description": description}


def _defs(parts: dict[str, Any]) -> dict[str, Any]:
    return {"$defs": dict(sorted(parts.items()))} if parts else {}


def texts() -> dict[str, str]:
    """The text of each schema, by its file name."""
    schemas = {name: file_schema(name) for name in KINDS} | {"origin": origin_schema(), "claims": claims_schema()}
    schemas["design"] = design_schema()
    return {f"{name}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def main(arguments: list[str]) -> int:
    """Writes the schemas, or with --check reports those that differ from the declarations."""
    stale = [name for name, text in texts().items() if (FOLDER / name).read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for name in stale:
            print(f"schemas/yaml/{name} is not what `python -m scripts.schemas` writes")
        return int(bool(stale))
    for name in stale:
        (FOLDER / name).write_text(texts()[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
