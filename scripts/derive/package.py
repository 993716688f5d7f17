"""datapackage.json: a Frictionless Data Package (v1) over every CSV under data/, the schemas of schemas/ inline."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from scripts.derive.common import FACTS, ROOT, origin, require, same


def schema(name: str, path: Path) -> dict[str, Any]:
    """A Table Schema in schemas/, with the fields of the file, in its order."""
    loaded: dict[str, Any] = json.loads((ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    known = {field["name"]: field for field in loaded["fields"]}
    with path.open(encoding="utf-8") as lines:
        header = lines.readline().rstrip("\n").split(",")
    require(set(header) <= set(known), f"{path.name}: columns that schemas/{name}.json does not describe")
    return {**loaded, "fields": [known[column] for column in header]}


def edition(path: Path) -> dict[str, Any]:
    """Title, licence, source and schema of the observations of an edition, from its origin.yaml."""
    facts = origin(path.parent.name)
    licence = facts["licence"]
    return {
        "name": facts["id"],
        "title": facts["title"],
        "description": facts["citation"],
        "schema": schema("observations", path),
        "licenses": [{"name": licence["id"], "title": licence["name"], "path": licence["url"]}],
        "sources": [{"title": facts["producer"], "path": facts["url"]}],
    }


def listed(path: Path, known: dict[str, Any]) -> dict[str, Any]:
    """The same for a codelist, an area group or a list of labels, from facts/resources.yaml."""
    facts = known["resources"][path.stem]
    prefix = {"area_groups": "area_group_", "labels": "label_", "translations": "translated_"}.get(path.parent.name, "")
    return {
        "name": f"{prefix}{path.stem}".lower(),
        "title": facts["title"],
        "schema": schema(facts["schema"], path),
        "licenses": [{"name": name, **known["licences"][name]} for name in facts["licences"]],
        "sources": [known["sources"][name] for name in facts["sources"]],
    }


def resource(path: Path, out: Path, known: dict[str, Any]) -> dict[str, Any]:
    """One resource of the package, with the size and sha256 of its file."""
    content = path.read_bytes()
    require(b"\r" not in content and content.endswith(b"\n"), f"{path.name}: not LF throughout")
    about = edition(path) if path.name == "observations.csv" else listed(path, known)
    return {
        "name": about.pop("name"),
        "path": path.relative_to(out).as_posix(),
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        **about,
    }


def write_package(out: Path) -> None:
    """Writes datapackage.json; DeriveError unless the facts describe exactly the existing codelists and area groups."""
    known = yaml.safe_load((FACTS / "resources.yaml").read_text(encoding="utf-8"))
    catalogue = [*sorted(out.glob("catalogue/*/*.csv")), *sorted(out.glob("translations/*.csv"))]
    same(
        (path.stem for path in catalogue),
        known["resources"],
        "facts/resources.yaml against data/catalogue and data/translations",
    )
    files = [*catalogue, *sorted(out.glob("sources/*/observations.csv"))]
    package = {
        "profile": "data-package",
        "name": "divide-data",
        "title": "Figures, weights, groupings and code lists on digital divides",
        "description": "Licences differ by resource: ITU's figures are CC BY-NC-SA 3.0 IGO, the code is MIT.",
        "resources": [resource(path, out, known) for path in files],
    }
    content = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    (out / "datapackage.json").write_bytes(content.encode())
