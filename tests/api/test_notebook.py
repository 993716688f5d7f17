"""The notebook of docs/ runs from its first cell to its last, and shows tables, bounds, notes and pictures."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import divide_cli

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
jupyter_client = pytest.importorskip("jupyter_client")
pytest.importorskip("ipykernel")
ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def test_the_notebook_has_no_outputs_and_uses_every_function() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    used = set(re.findall(r"\bdivide\.(\w+)", "\n".join(cell.source for cell in cells)))
    functions = {name for name in divide_cli.__all__ if name[0].islower()}
    assert used >= functions


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """The source of each cell and what its last line shows, by type."""
    pytest.importorskip("vl_convert")
    folder = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("DIVIDE_EDITIONS", raising=False)
        sockets = {"transport": "ipc", "connection_file": str(folder / "kernel.json")}  # others may take a port
        kernel = jupyter_client.AsyncKernelManager(kernel_name="python3", **sockets)
        where = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(notebook, kernel, timeout=300, startup_timeout=300, resources=where).execute()
    return {
        cell.source: {kind: data for output in cell.outputs for kind, data in output.get("data", {}).items()}
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


VEGA_LITE = "application/vnd.vegalite.v6+json"


@pytest.mark.parametrize("call", ["compute(indicator", "targets(target", "profile(", "diff("])
def test_results_show_tables_and_a_picture(call: str, outputs: Mapping[str, Mapping[str, Any]]) -> None:
    data = next(data for source, data in outputs.items() if f"divide.{call}" in source)
    assert {"text/plain", "text/html", "text/markdown", VEGA_LITE} <= set(data)
    assert "<table>" in data["text/html"] and "<svg" in data["text/html"] and "<script" not in data["text/html"]
    assert data[VEGA_LITE]["$schema"].endswith("vega-lite/v6.json") and data[VEGA_LITE]["title"]["text"]
    assert data["text/markdown"].startswith("### ")


def test_bounds_notes_and_findings_are_shown(outputs: Mapping[str, Mapping[str, Any]]) -> None:
    shown = {source.splitlines()[-1]: data for source, data in outputs.items()}
    of_income = outputs['result = divide.compute(gap="internet_use_income")\nresult']["text/html"]
    assert re.search(r"\[\d+\.\d,\s\d+\.\d\]", of_income) and "<li>" in of_income
    assert "150" in shown["findings"]["text/html"] and "&lt;frame 1&gt;" in shown["findings"]["text/html"]
    assert "<iframe sandbox srcdoc=" in shown['divide.report("Kenya")']["text/html"]
    assert shown['divide.chart("ranking")']["image/svg+xml"].startswith("<svg")
    assert 'lang="fr"' in shown['divide.targets(target="universal_internet_use", lang="fr")']["text/html"]
