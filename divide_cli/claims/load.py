"""Reads claims files: YAML with the line of each claim; a wrong key, code or word is an error that names the line."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from divide_cli.catalogue import catalogue, data_dir
from divide_cli.catalogue.entries import build
from divide_cli.catalogue.load import LOADER
from divide_cli.claims.checks import named, sound, typed
from divide_cli.claims.printed import accepted
from divide_cli.claims.records import Claim, ClaimsFile, Publication, Relation, Selector
from divide_cli.errors import CatalogueError, OptionError, SourceError, suggestion


def embedded() -> list[Path]:
    """The claims files of this installation."""
    return sorted((data_dir() / "claims").glob("*.yaml"))


def load(path: Path) -> ClaimsFile:
    """The claims of a file; SourceError or CatalogueError with the line where it is not one.

    A file of this installation goes by its path below data/, so that a report names no folder of the machine.
    """
    shown = path.relative_to(data_dir()).as_posix() if path.is_relative_to(data_dir()) else str(path)
    try:
        raw = path.read_bytes()
        content, lines = _parsed(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        found = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError("claims_file_unreadable", found=found, where=str(path), hint=_START) from error
    except yaml.YAMLError as error:
        raise SourceError("claims_file_not_yaml", found=str(error), where=str(path), hint=_START) from error
    if not isinstance(content, dict) or set(content) != {"publication", "claims"}:
        found = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise SourceError("claims_missing", found=found, where=str(path), hint=_START)
    if not isinstance(content["publication"], dict) or len(lines) == 0:
        expected = "publication: a mapping; claims: a list of mappings"
        raise SourceError("claims_missing", expected=expected, where=str(path), hint=_START)
    about = {**content["publication"], "date": str(content["publication"].get("date", ""))}
    publication = build(Publication, about, f"{path}, publication")
    typed(publication, f"{path}, publication")
    named(publication.id, f"{path}, publication")
    claims = tuple(_claim(dict(entry), path, line) for entry, line in zip(content["claims"], lines, strict=True))
    _ids(claims, path)
    return ClaimsFile(shown, hashlib.sha256(raw).hexdigest(), len(raw), publication, claims)


_START = "`divide claims new` writes one to begin with"


def _parsed(text: str) -> tuple[Any, list[int]]:
    """The content, and the line of `printed` of each claim (of the claim itself where it has none)."""
    loader = LOADER(text)
    node = loader.get_single_node()
    content = loader.construct_document(node) if node is not None else None
    lines = []
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        for item in value.value if key.value == "claims" and isinstance(value, yaml.SequenceNode) else ():
            if not isinstance(item, yaml.MappingNode):
                raise yaml.YAMLError(f"line {item.start_mark.line + 1}: a claim is no mapping")
            entries = item.value
            names = [name.value for name, _ in entries]
            for name in {name for name in names if names.count(name) > 1}:
                raise yaml.YAMLError(f"line {item.start_mark.line + 1}: {name} stands twice in a claim")
            marks = [name.start_mark.line for name, _ in entries if name.value == "printed"]
            lines.append(next(iter(marks), item.start_mark.line) + 1)
    return content, lines


def _claim(entry: dict[str, Any], path: Path, line: int) -> Claim:
    where = f"{path}:{line}"
    if not isinstance(entry.get("selector"), dict):
        raise CatalogueError("claim_selector_missing", found=str(entry.get("id", "")), where=where)
    selector = build(Selector, entry["selector"], f"{where}, selector")
    given = entry.get("relations", [])
    if not isinstance(given, list) or not all(isinstance(relation, dict) for relation in given):
        raise CatalogueError("claim_relations_malformed", found=repr(given), where=where)
    relations = tuple(build(Relation, relation, f"{where}, relations") for relation in given)
    claim = build(Claim, {**entry, "selector": selector, "relations": relations, "line": line}, where)
    if not isinstance(claim.printed, str):
        raise CatalogueError("printed_figure_not_text", printed=claim.printed, found=repr(claim.printed), where=where)
    for record in (selector, *relations, claim):
        typed(record, where)
    sound(claim, where)
    accepted(claim, where)
    return claim


def _ids(claims: tuple[Claim, ...], path: Path) -> None:
    by_id: dict[str, Claim] = {}
    for claim in claims:
        if claim.id in by_id:
            raise CatalogueError(
                "claim_id_duplicate",
                found=f"{claim.id}, also in line {by_id[claim.id].line}",
                where=f"{path}:{claim.line}",
            )
        by_id[claim.id] = claim
    for claim in claims:
        for relation in claim.relations:
            for name in relation.others:
                if name not in by_id:
                    hint = suggestion(name, by_id, str(path))
                    where = f"{path}:{claim.line}"
                    raise CatalogueError("claim_relation_target_unknown", found=name, where=where, hint=hint)


def chosen(files: Iterable[ClaimsFile], only: Collection[str]) -> dict[str, list[Claim]]:
    """The claims of each file that `only` names, as `id` or `publication.id`; all where it is empty.

    Claims that a chosen one is related to are not chosen by it. OptionError for an id that no file has.
    """
    files = list(files)
    publications = [file.publication.id for file in files]
    for file in files:
        if publications.count(file.publication.id) > 1:
            raise OptionError("publication_id_duplicate", found=file.publication.id, where=file.path)
    taken: dict[str, list[Claim]] = {}
    met: set[str] = set()
    every: list[str] = []
    for file in files:
        names = {claim.id: {claim.id, f"{file.publication.id}.{claim.id}"} for claim in file.claims}
        taken[file.path] = [claim for claim in file.claims if not only or names[claim.id] & set(only)]
        met.update(*names.values())
        every += names
    for name in only:
        if name not in met:
            raise OptionError(
                "claim_unknown", found=name, where="--only", hint=suggestion(name, every, "`divide list claims`")
            )
    return taken


def used(claims: Iterable[Claim]) -> Mapping[str, set[str]]:
    """The indicators, gaps and measures that the claims name; a gap's indicator among them."""
    known = catalogue()
    claims = list(claims)
    gaps = {claim.selector.gap for claim in claims} - {""}
    indicators = {claim.selector.indicator for claim in claims} - {""} | {known.gaps[gap].indicator for gap in gaps}
    return {"indicators": indicators, "gaps": gaps, "measures": {claim.selector.measure for claim in claims} - {""}}
