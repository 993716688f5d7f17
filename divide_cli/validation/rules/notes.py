"""Rules on what the notes say: words that speak of another concept, and what ought to be said and is not."""

import re

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation.rules.submission import Table
from divide_cli.validation.rules.violations import Hits, Said, none

_SHOWN = 120


def says(table: Table, rule: Rule) -> Hits:
    """A comment of a row in the scope holds the `pattern` (a regular expression, in any case), and not `unless`."""
    texts = list(table.frame[v.OBS_COMMENT].cat.categories)
    pattern = re.compile(rule.parameters["pattern"], re.IGNORECASE)
    saving = re.compile(rule.parameters.get("unless", r"(?!)"), re.IGNORECASE)
    found = [None if saving.search(text) else pattern.search(text) for text in texts]
    codes = table.column(v.OBS_COMMENT)
    seen = table.of_scope(rule) & (codes >= 0)
    told = np.array([match is not None for match in found], dtype=bool)
    wrong = seen & told[codes] if texts else seen
    expected = str(rule.parameters.get("expected", ""))

    def word(place: int) -> Said:
        match = found[codes[place]]
        return Said(expected, repr(texts[codes[place]][:_SHOWN]), match[0] if match else "")

    places = np.flatnonzero(wrong)
    return Hits(places.reshape(-1, 1), lambda case: word(int(places[case])), int(seen.sum()), column=v.OBS_COMMENT)


def unsaid(table: Table, rule: Rule) -> Hits:
    """No comment of any row in the scope holds the `pattern`, though the file has comments. A case an indicator."""
    texts = list(table.frame[v.OBS_COMMENT].cat.categories)
    seen = table.of_scope(rule)
    codes = table.column(v.OBS_COMMENT)
    used = set(np.unique(codes[seen]).tolist()) - {-1}
    if not any(texts[code].strip() for code in used):
        return none(int(seen.sum()), not_checked={"no comments in the file": 1})
    pattern = re.compile(rule.parameters["pattern"], re.IGNORECASE)
    told = np.array([bool(pattern.search(text)) for text in texts], dtype=bool)
    indicator = table.digits[v.INDICATOR]
    size = len(indicator.codes)
    any_row = np.bincount(indicator.places[seen], minlength=size)
    any_said = np.bincount(indicator.places[seen & told[codes]], minlength=size)
    silent = np.flatnonzero((any_row > 0) & (any_said == 0))
    heads = np.array([[int(np.argmax(seen & (indicator.places == index)))] for index in silent], dtype=np.intp)

    def word(case: int) -> Said:
        return Said(str(rule.parameters.get("expected", "")), "nothing of it", indicator.codes[silent[case]])

    return Hits(heads.reshape(-1, 1), word, int((any_row > 0).sum()), column=v.OBS_COMMENT)


def digit_preference(table: Table, rule: Rule) -> Hits:
    """Last digits 0 and 5 are more frequent than chance: z = (k - n/5) / sqrt(n 4/25) above `z`. A case an indicator.

    Only values with one decimal, and indicators with `least` of them.
    """
    seen = table.of_scope(rule) & (table.half > 0.049) & (table.half < 0.051) & (table.value > 0) & (table.value < 100)
    tenths = table.value[seen]
    tenths *= 10
    np.round(tenths, out=tenths)
    tenths %= 5
    indicator = table.digits[v.INDICATOR]
    size, of = len(indicator.codes), indicator.places[seen]
    count = np.bincount(of, minlength=size)
    round_ = np.bincount(of[tenths == 0], minlength=size)
    score = (round_ - count / 5) / np.sqrt(np.maximum(count, 1) * 4 / 25)
    wrong = np.flatnonzero((count >= rule.parameters["least"]) & (score > rule.parameters["z"]))
    heads = np.array([[int(np.argmax(seen & (indicator.places == index)))] for index in wrong], dtype=np.intp)

    def word(case: int) -> Said:
        index = wrong[case]
        return Said(f"about {count[index] / 5:.0f} of {count[index]:,}", f"{round_[index]:,}", indicator.codes[index])

    return Hits(heads.reshape(-1, 1), word, int((count >= rule.parameters["least"]).sum()))
