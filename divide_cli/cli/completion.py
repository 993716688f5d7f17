"""What a shell completes: ids of the catalogue, and codes and names of areas. Without pandas.

Each function has the signature that typer calls: it takes the text typed so far, and gives what begins with it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

Completions = Iterator[tuple[str, str]]
"""Ids, and what shells that can show it say about each."""
Complete = Callable[[str], Completions]


def _matching(incomplete: str, names: Iterable[tuple[str, str]]) -> Completions:
    """The ids that begin with the text; in small letters, if it has no capitals and they are codes in capitals."""
    for name, about in names:
        if name.startswith(incomplete):
            yield name, about
        elif name.lower().startswith(incomplete):
            yield name.lower(), about


def entries(kind: str) -> Complete:
    """Completes the ids of the entries of a kind."""

    def complete(incomplete: str) -> Completions:
        from divide_cli import api

        return _matching(incomplete, ((name, entry.name) for name, entry in api.kinds()[kind].items()))

    return complete


def areas(incomplete: str) -> Completions:
    """Completes codes of economies and groups, and names of one word: no shell need quote them."""
    from divide_cli.catalogue import codelist

    names = {code: row["name"] for code, row in codelist("CL_AREA").rows.items()}
    words = {name: code for code, name in names.items() if name.isalpha()}
    return _matching(incomplete, (names | words).items())


def gaps_and_indicators(incomplete: str) -> Completions:
    """Completes the ids that `divide measure` takes."""
    yield from entries("gaps")(incomplete)
    yield from entries("indicators")(incomplete)


def selectors(incomplete: str) -> Completions:
    """Completes what `divide explain` takes: ids of gaps, indicators and claims, then codes of areas."""
    from divide_cli.catalogue.claims import publications

    yield from gaps_and_indicators(incomplete)
    claims = [claim for document in publications().values() for claim in document.claims]
    yield from _matching(incomplete, ((claim.id, claim.where) for claim in claims))
    yield from areas(incomplete)


def pair_measures(incomplete: str) -> Completions:
    """Completes the measures of gaps, which `divide compute` takes."""
    from divide_cli.catalogue import catalogue

    return _matching(incomplete, ((name, entry.name) for name, entry in catalogue().measures.items()))


def over(incomplete: str) -> Completions:
    """Completes dimensions and groupings."""
    from divide_cli.catalogue import catalogue

    dimensions = {"SEX": "Sex", "URBANISATION": "Urban and rural areas", "AGE": "Age", "REF_AREA": "Areas"}
    groupings = {name: entry.name for name, entry in catalogue().groupings.items()}
    return _matching(incomplete, {**dimensions, **groupings}.items())


def fiscal_years(incomplete: str) -> Completions:
    """Completes the fiscal years for which there are income groups."""
    from divide_cli.sources.groupings import fiscal_years as known

    return _matching(incomplete, ((label, "") for label in known()))


def kinds(incomplete: str) -> Completions:
    """Completes the kinds of entries."""
    from divide_cli import api

    return _matching(incomplete, ((kind, f"{len(listed)} entries") for kind, listed in api.kinds().items()))


def every_entry(incomplete: str) -> Completions:
    """Completes the ids of all kinds of entries, each once."""
    from divide_cli import api

    ids: Mapping[str, str] = {name: kind for kind, listed in api.kinds().items() for name in listed}
    return _matching(incomplete, ids.items())
