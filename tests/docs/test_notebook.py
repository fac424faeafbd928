"""The worked notebook runs from its first cell to its last, and shows what it says."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "tutorials" / "notebook.ipynb"


def test_the_notebook_runs_and_shows_tables_and_figures():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # outputs grow old
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    kinds = [
        kind for cell in notebook.cells for out in cell.get("outputs", ()) for kind in out.get("data", ())
    ]
    assert kinds.count("image/png") == 2
    assert kinds.count("text/html") >= 4
    texts = "".join(
        out.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for out in cell.get("outputs", ())
    )
    assert "<Result of island_cyclone" in texts
