"""Each notebook is what its text says, without outputs and without traces of a machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from tests.notebooks.pairs import FOLDER, METADATA, SOURCES, made_from, text_of

NOTEBOOKS = [source.with_suffix(".ipynb") for source in SOURCES]
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def said(notebook: Any) -> list[tuple[str, str]]:
    """What is in the cells; blank lines between them are the formatter's business."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_is_made_from_its_text(source: Path) -> None:
    path, expected = source.with_suffix(".ipynb"), text_of(made_from(source))
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(expected, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == expected, (
        "UPDATE_GOLDEN=1 pytest tests/notebooks makes it again"
    )


def test_no_notebook_is_without_its_text() -> None:
    assert sorted(FOLDER.glob("*.ipynb")) == NOTEBOOKS
    assert len(NOTEBOOKS) == 5


@each_notebook
def test_the_text_can_be_made_from_the_notebook(path: Path) -> None:
    again = jupytext.reads(jupytext.writes(jupytext.read(path), fmt="py:percent"), fmt="py:percent")
    assert said(again) == said(jupytext.read(path.with_suffix(".py")))


@each_notebook
def test_a_notebook_is_valid_and_stripped(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert not any(cell.metadata for cell in notebook.cells)
    assert notebook.metadata == METADATA


@each_notebook
def test_a_notebook_tells_a_story(path: Path) -> None:
    cells = nbformat.read(path, as_version=nbformat.NO_CONVERT).cells
    assert "**Question.**" in cells[0].source
    assert any(cell.source == "## Answer" for cell in cells)
    assert cells[-1].source.startswith("## Now yours")
