"""Property tests take the same examples in every run, whatever other tests of the process have done before."""

import importlib
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def drawn():
    """The examples of a law, in their order."""
    examples = []

    @settings(max_examples=200)
    @given(st.text(), st.integers())
    def law(text, number):
        examples.append((text, number))

    law()
    return examples


@pytest.mark.skipif(not settings.default.derandomize, reason="this profile looks for new examples")
def test_a_module_that_is_imported_changes_no_example(tmp_path, monkeypatch):
    """Fifty texts and numbers, in a module that Hypothesis takes for one of the program."""
    before = drawn()
    constants = (f"TEXT_{n}, NUMBER_{n} = 'text {n}', {100_003 * n + 70_001}\n" for n in range(50))
    (tmp_path / "imported_between.py").write_text("".join(constants))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("imported_between")
    monkeypatch.delitem(sys.modules, "imported_between")
    assert drawn() == before
