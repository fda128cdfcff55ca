"""Every notebook runs from its top to its end, warns of nothing, and shows its charts and its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.notebooks.pairs import FOLDER, SOURCES, made_from

pytestmark = pytest.mark.ci

ROOT = FOLDER.parent
LONGEST = 120
"""Seconds that one cell may take, on a machine that does other things too."""
WARNINGS_ARE_ERRORS = """\
import warnings

warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")  # of the kernel's own
"""
"""Run by the kernel before the first cell, so that no cell has to say it."""


@pytest.fixture(autouse=True)
def _kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel with settings of its own, that imports this source."""
    startup = tmp_path / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00_warnings.py").write_text(WARNINGS_ARE_ERRORS, encoding="utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def executed(notebook: Any) -> Any:
    """The notebook with its outputs, as a user gets them who runs all cells in its folder.

    Its tests leave the warnings of the kernel's client alone; those of the cells are errors in the kernel.
    """
    place = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=LONGEST, kernel_name="python3", resources=place).execute()
    return notebook


def outputs(cell: Any) -> list[Any]:
    return list(cell.outputs) if cell.cell_type == "code" else []


@pytest.mark.mechanism("MR-10")
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_draws(source: Path) -> None:
    notebook = executed(made_from(source))
    for cell in notebook.cells:
        shown = outputs(cell)
        assert not [part.text for part in shown if part.output_type == "stream"]
        drawn = cell.source.count("analysis.plot_") if cell.cell_type == "code" else 0
        charts = [part for part in shown if "image/png" in part.get("data", {})]
        assert len(charts) == drawn, cell.source
    said = [part.get("data", {}) for cell in notebook.cells[-3:] for part in outputs(cell)]
    answer = [data["text/markdown"] for data in said if "text/markdown" in data]
    assert len(answer) == 1
    assert "[" in answer[0], "an answer has its interval"


@pytest.mark.filterwarnings("default")
def test_a_warning_ends_a_notebook() -> None:
    source = "import warnings\nwarnings.warn('look here')"
    warns = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    with pytest.raises(CellExecutionError, match="look here"):
        executed(warns)
