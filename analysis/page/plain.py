"""The page as JSON: the same texts and numbers, nothing that a browser or a script would run."""

from __future__ import annotations

import json
from typing import Any

from analysis.page.model import Block, Cell, Command, Figure, Listing, PageDocument, Paragraph, Section, Table
from analysis.page.texts import harmless

ACTIVE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Characters that mean something where JSON is put into a page; inside texts only, so escapes keep their meaning."""


def json_document(document: PageDocument) -> str:
    """The document as one JSON object that ends with a line break; undefined numbers are null."""
    text = harmless(json.dumps(_page(document), indent=2, allow_nan=False, ensure_ascii=False))
    for character, escape in ACTIVE.items():
        text = text.replace(character, escape)
    return text + "\n"


def _page(document: PageDocument) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "title": document.title,
        "facts": list(document.facts),
        "description": document.description,
        "answer": document.answer,
        "reasons": list(document.reasons),
        "sections": [_section(section) for section in document.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "blocks": [_block(block) for block in section.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Table():
            return _table(block)
        case Figure():
            return {"kind": "figure", "title": block.title, "description": block.description}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text}
        case Listing():
            return {"kind": "list", "items": list(block.items)}
        case Command():
            return {"kind": "command", "text": block.text}


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "title": table.title,
        "remark": table.remark,
        "columns": [{"label": column.label, "unit": column.unit} for column in table.columns],
        "rows": [{"mark": row.mark, "cells": [_cell(cell) for cell in row.cells]} for row in table.rows],
        "footnotes": list(table.footnotes),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    found: dict[str, Any] = {"text": cell.text}
    if cell.beside:
        found["interval"] = cell.beside
    if cell.value is not None:
        found["value"] = cell.value
    if cell.low is not None and cell.high is not None:
        found |= {"low": cell.low, "high": cell.high}
    return found | ({"note": cell.note} if cell.note else {})
