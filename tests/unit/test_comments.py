"""Comments: pieces joined row by row."""

import numpy as np

from divide_cli.frames.columns import Piece, compose, names_where, numbers_where, text_where

YES_NO = np.array([True, False, True])


def joined(pieces: list[Piece], separator: str = "; ") -> list[str]:
    """The texts of `phrased`, row by row."""
    codes, texts = compose(pieces, separator)
    return [texts[code] for code in codes]


def test_pieces_are_joined_in_order_and_silence_leaves_no_separator() -> None:
    made = joined([text_where(YES_NO, "withheld"), (np.array([1, 1, 0]), ("", "estimate"))])
    assert made == ["withheld; estimate", "estimate", "withheld"]


def test_separator_and_blanks_around_texts() -> None:
    note = (np.array([0, 1]), (" survey ", ""))
    source = (np.array([0, 0]), ("ITU estimate. ",))
    assert joined([note, source], " | ") == ["survey | ITU estimate.", "ITU estimate."]


def test_a_piece_without_texts_says_nothing() -> None:
    assert joined([text_where(YES_NO, "a"), (np.zeros(3, dtype=int), [])]) == ["a", "", "a"]


def test_no_rows() -> None:
    assert joined([text_where(np.zeros(0, dtype=bool), "a")]) == []


def test_phrased_writes_each_combination_once() -> None:
    codes, texts = compose([text_where(YES_NO, "a")])
    assert sorted(texts) == ["", "a"]
    assert [texts[code] for code in codes] == ["a", "", "a"]


def test_numbers_are_worded_only_where_said() -> None:
    made = joined([numbers_where(np.array([74.96, 80.0, 12.3]), "coverage {:.1f} %", YES_NO)])
    assert made == ["coverage 75.0 %", "", "coverage 12.3 %"]


def test_number_that_is_said_nowhere_may_be_nan() -> None:
    assert joined([numbers_where(np.array([np.nan, 5.0]), "{:g}", np.array([False, True]))]) == ["", "5"]


def test_listed_names_the_marked() -> None:
    codes, texts = names_where(
        np.array([[True, False, True], [False, False, False], [True, False, True]]), ("TWN", "USA", "VAT")
    )
    assert [texts[code] for code in codes] == ["TWN, VAT", "", "TWN, VAT"]
    assert len(texts) == 2


def test_listed_of_more_than_eight_names() -> None:  # marks are packed into bytes
    names = [f"N{index:02d}" for index in range(11)]
    marks = np.zeros((1, 11), dtype=bool)
    marks[0, [0, 7, 8, 10]] = True
    codes, texts = names_where(marks, names)
    assert texts[codes[0]] == "N00, N07, N08, N10"


def test_many_pieces_with_many_texts_do_not_run_together() -> None:
    """Eight pieces of a thousand texts make 1000^8 = 10^24 combinations, more than an integer of 64 bits tells apart."""
    texts = ["", *(f"t{index}" for index in range(1, 1000))]
    first, last = np.array([0, 999, 5]), np.array([7, 0, 5])
    zero = np.zeros(3, dtype=int)
    made = joined([(first, texts), *[(zero, texts)] * 6, (last, texts)])
    assert made == ["t7", "t999", "t5; t5"]
