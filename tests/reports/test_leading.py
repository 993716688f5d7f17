"""Tables that lead with the answer: what is computed first, every mark explained, one line a definition."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from divide_cli import api
from divide_cli.reports import claims, gaps, inequality, targets
from divide_cli.reports.tables import Block

FILE = (
    "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,M,2020,40\nKEN,internet_use,F,2020,0\n"
    "UGA,internet_use,M,2020,20\nUGA,internet_use,F,2020,\n"
)
CALLS = {
    "compute": lambda _: gaps.output(api.compute()),
    "compute --indicator coverage_4g": lambda _: gaps.output(api.compute(indicators=["coverage_4g"])),
    "compute --area UMC": lambda _: gaps.output(api.compute(areas=["UMC"])),
    "compute --year 2023": lambda _: gaps.output(api.compute(years=[2023])),
    "compute --edition itu_aggregates_2024_11": lambda _: gaps.output(api.compute(editions=["itu_aggregates_2024_11"])),
    "compute --edition a_res_80_173": lambda _: gaps.output(api.compute(editions=["a_res_80_173"])),
    "compute --measure": lambda _: gaps.output(api.compute(measures=["relative_gap", "excess_persons"])),
    "compute FILE": lambda file: gaps.output(api.compute([file])),
    "measure internet_use_income": lambda _: inequality.output(api.measure("internet_use_income")),
    "measure mobile_ownership_sex": lambda _: inequality.output(api.measure("mobile_ownership_sex")),
    "measure --over REF_AREA": lambda _: inequality.output(api.measure("internet_use", over="REF_AREA")),
    "targets": lambda _: targets.output(api.targets()),
    "targets --area": lambda _: targets.output(api.targets(areas=["KEN", "RUS"])),
    "reproduce": lambda _: claims.blocks(api.reproduce()),
    "reproduce --edition": lambda _: claims.blocks(api.reproduce(editions=["itu_aggregates_2024_11"])),
}
NUMBER = re.compile(r"(?<![\w-])\((\d{1,3})\)")  # four digits are a year
GAP_MARKS = re.compile(r"(?:\d|%|PP|\]|M) ([e*<=>?]+)(?: |\n|$)")
VERDICT_MARKS = re.compile(r"\(\d+\) (q|=|~~|~|!|\?)(?: |$)", re.MULTILINE)


@cache
def _file(folder) -> str:
    path = folder / "f.csv"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("leading")


@pytest.fixture(scope="module", params=CALLS)
def printed(request, folder) -> list[Block]:
    """The blocks of a call."""
    output = CALLS[request.param](_file(folder))
    return output if isinstance(output, list) else list(output.blocks())


def texts(blocks: list[Block]) -> Iterator[str]:
    """All that is printed but the notes at the end, in reading order."""
    for block in blocks:
        if block.title != "Notes":
            yield from (block.title, *(cell for row in block.rows for cell in row), block.empty, *block.notes)


def notes(blocks: list[Block]) -> list[str]:
    """The notes at the end."""
    return [note for block in blocks if block.title == "Notes" for note in block.notes]


def test_the_notes_are_the_last_block(printed):
    assert [block.title for block in printed].count("Notes") <= 1
    assert "Notes" not in [block.title for block in printed[:-1]]


def test_every_number_has_its_note_and_every_note_its_number(printed):
    cited = dict.fromkeys(int(number) for text in texts(printed) for number in NUMBER.findall(text))
    numbered = [int(found[1]) for note in notes(printed) if (found := re.match(r"\((\d+)\) ", note))]
    assert numbered == list(range(1, len(numbered) + 1))
    assert sorted(cited) == numbered
    for note in notes(printed):
        assert {int(number) for number in NUMBER.findall(note)} <= set(numbered), note


def test_every_mark_is_explained_and_nothing_else(printed):
    joined = "\n".join(texts(printed))
    explained = " ".join(notes(printed))
    parity = " ".join(re.findall(r"Parity is [^.]*\.\d+ to [^:]*: ([^.]*)\.", explained))
    verdicts = " ".join(re.findall(r"After a figure, its verdict: ([^.]*)\.", explained))
    if verdicts:
        assert set(re.findall(r"(?:^|, )(q|=|~~|~|!|\?) ", verdicts)) == set(VERDICT_MARKS.findall(joined))
        return
    if any(block.title.startswith("Measures") for block in printed):
        return
    marks = set("".join(GAP_MARKS.findall(joined)))
    assert {mark for mark in "<=>?" if f"{mark} " in parity} == marks & set("<=>?")
    assert ("*:" in explained, "e: estimates" in explained) == ("*" in marks, "e" in marks)
    assert ("withheld:" in explained) == ("withheld [" in joined)
    assert ("Minus published:" in explained) == bool(
        re.search(r"(?m)^[+-]?[\d.,]+( M)?$", "\n".join(_differences(printed)))
    )


def _differences(blocks: list[Block]) -> Iterator[str]:
    for block in blocks:
        if "Minus\npublished" in block.columns:
            yield from (row[block.columns.index("Minus\npublished")] for row in block.rows)


def test_areas_are_named_only_where_they_appear(printed):
    named = [note for note in notes(printed) if re.match(r"[A-Z]{3,4} [A-Z]", note)]
    joined = "\n".join(texts(printed))
    for entry in "; ".join(named).rstrip(".").split("; ") if named else ():
        code, _, name = entry.partition(" ")
        assert re.search(rf"\b{code}\b", joined) or name in joined or code == "WLD", entry
    assert len(named) <= 1 and notes(printed)[-1:] == (named or notes(printed)[-1:])


def test_what_is_computed_is_before_what_is_not(printed):
    """In each table, the paragraphs of the summaries apart: no value below one that is withheld or missing."""
    for block in printed:
        name = next((name for name in ("Computed", "Value") if name in block.columns), None)
        if name and "Subgroup" not in block.columns and "Economy" not in block.columns:
            cells = [row[block.columns.index(name)] for row in block.rows]
            without = [cell.startswith(("withheld", "no value", "–", "[")) for cell in cells]
            assert without == sorted(without), block.title
        if block.columns[:2] == ("Claim", "Printed"):
            without = [{*row[2:-1]} <= {"–"} for row in block.rows]
            assert without == sorted(without), block.title


def test_no_table_holds_only_dashes(printed):
    for block in printed:
        assert not block.rows or any(cell not in ("", "–") for row in block.rows for cell in row[1:]), block.title


def test_no_column_is_a_dash_in_every_row(printed):
    for block in printed:
        if block.columns[:2] != ("Target", "World") and "Shortfall" not in block.columns:
            for at, name in enumerate(block.columns):
                assert not block.rows or any(row[at] not in ("", "–") for row in block.rows), (block.title, name)


@pytest.mark.parametrize("call", ["measure internet_use_income", "measure mobile_ownership_sex"])
def test_a_reading_takes_three_lines_at_80_columns_at_most(call, capsys, monkeypatch):
    """31 characters are what is left of 80 beside the longest name and value."""
    from divide_cli.reports.tables import print_rich

    monkeypatch.setenv("COLUMNS", "80")
    measures = next(block for block in CALLS[call]("").blocks() if block.title.startswith("Measures"))
    print_rich([measures])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()][3:]
    begun = [at for at, line in enumerate(lines) if line[1:2].strip()]
    assert len(begun) == len(measures.rows)
    assert max(after - at for at, after in zip(begun, [*begun[1:], len(lines)], strict=True)) <= 3
