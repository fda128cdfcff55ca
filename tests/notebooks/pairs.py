"""Notebooks as pairs: the `.ipynb` that belongs to a `.py` of percent cells, the same bytes every time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("[0-9][0-9]_*.py"))
METADATA: dict[str, Any] = {
    "jupytext": {
        "formats": "ipynb,py:percent",
        "notebook_metadata_filter": "-all",
        "cell_metadata_filter": "-all",
    },
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""All that a notebook says about where it runs: nothing of a machine, and no version."""


def made_from(source: Path) -> Any:
    """The notebook of a source, without outputs; its cells are named by their place, such as `01-cell-03`."""
    read = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    prefix = re.split("_", source.stem, maxsplit=1)[0]
    cells = [_cell(cell, f"{prefix}-cell-{place:02}") for place, cell in enumerate(read.cells)]
    return nbformat.v4.new_notebook(cells=cells, metadata=METADATA, nbformat_minor=5)


def _cell(cell: Any, name: str) -> Any:
    if cell.cell_type == "code":
        return nbformat.v4.new_code_cell(cell.source, id=name)
    return nbformat.v4.new_markdown_cell(cell.source, id=name)


def text_of(notebook: Any) -> str:
    """A notebook as it is written to its file."""
    return str(nbformat.writes(notebook)) + "\n"
