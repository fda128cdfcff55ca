"""The three forms of a page say the same: every table, every number, every sentence."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from typing import Any

import pytest
from markdown_it import MarkdownIt

from analysis.page import json_document, markdown_page
from tests.page.examples import RESULTS, document, parsed, undrawn_page

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
KINDS = list(RESULTS)


def tables_of_markdown(text: str) -> list[list[list[str]]]:
    """The cells of each table as Markdown shows them."""
    tables: list[list[list[str]]] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in itertools.pairwise(tokens):
        if token.type == "table_open":
            tables.append([])
        if token.type == "tr_open":
            tables[-1].append([])
        if token.type == "inline" and before.type in ("td_open", "th_open"):
            tables[-1][-1].append(shown(token))
    return tables


def shown(token: Any) -> str:
    """What is read of an inline token."""
    return "".join(child.content for child in token.children or ())


def read_of_markdown(text: str) -> str:
    """All that is read of a Markdown text."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return " ".join(shown(token) if token.type == "inline" else token.content for token in tokens)


def tables_of_json(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for section in page["sections"] for block in section["blocks"] if block["kind"] == "table"]


def rows_of_json(table: dict[str, Any]) -> list[list[str]]:
    heads = [f"{one['label']} {one['unit']}".strip() for one in table["columns"]]
    cells = [
        [f"{one['text']} {one.get('interval', '')}".strip() for one in row["cells"]] for row in table["rows"]
    ]
    return [heads, *cells]


def bare(cell: str) -> str:
    """A cell without marks, notes and the brackets around units."""
    text = re.sub(r" \((?:chosen|baseline|fails|\d+)\)$", "", cell)
    text = re.sub(r" \((?:chosen|baseline|fails|\d+)\)$", "", text)
    return re.sub(r"[()]", "", " ".join(text.split()))


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_of_every_table_is_the_same_in_all_three(kind: str) -> None:
    page = json.loads(json_document(document(kind)))
    in_json = [
        [[bare(cell) for cell in row] for row in rows_of_json(table)] for table in tables_of_json(page)
    ]
    in_html = [[[bare(cell) for cell in row] for row in table] for table in parsed(undrawn_page(kind)).tables]
    in_markdown = [
        [[bare(cell) for cell in row] for row in t] for t in tables_of_markdown(markdown_page(document(kind)))
    ]
    assert in_html == in_json
    assert in_markdown == in_json


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_is_in_all_three_as_often(kind: str) -> None:
    page = json.loads(json_document(document(kind)))
    texts = [page["title"], *page["facts"], page["description"], page["answer"], *page["reasons"]]
    for section in page["sections"]:
        texts.append(section["title"])
        for block in section["blocks"]:
            texts += [
                block.get("title", ""),
                block.get("description", ""),
                block.get("text", ""),
                *block.get("items", ()),
            ]
            texts += [block.get("remark", ""), *block.get("footnotes", ())]
    texts += [cell for table in tables_of_json(page) for row in rows_of_json(table) for cell in row]
    in_json = Counter(NUMBER.findall(" \n ".join(texts)))
    in_markdown = Counter(NUMBER.findall(read_of_markdown(markdown_page(document(kind)))))
    seen = parsed(undrawn_page(kind))
    in_html = Counter(NUMBER.findall(" \n ".join([*seen.texts, *seen.described, *titles_of(page)])))
    marks = footnote_marks(page)  # numbers of footnotes are in the pages alone
    assert +(in_html - marks - Counter(NUMBER.findall(page["title"]))) == in_json
    assert +(in_markdown - marks) == in_json


def titles_of(page: dict[str, Any]) -> list[str]:
    return [
        block["title"] for part in page["sections"] for block in part["blocks"] if block["kind"] == "figure"
    ]


def footnote_marks(page: dict[str, Any]) -> Counter[str]:
    """The numbers of footnotes, where they stand in cells and below tables."""
    found: Counter[str] = Counter()
    for table in tables_of_json(page):
        number = {note: str(place) for place, note in enumerate(table["footnotes"], 1)}
        found.update(number.values())
        found.update(number[cell["note"]] for row in table["rows"] for cell in row["cells"] if "note" in cell)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_is_the_number_that_scripts_get(kind: str) -> None:
    checked = 0
    for table in tables_of_json(json.loads(json_document(document(kind)))):
        for row in table["rows"]:
            for cell in row["cells"]:
                value = cell.get("value")
                if value is None or not re.fullmatch(r"[-+]?[\d,]+(\.\d+)?", cell["text"]):
                    continue
                read = float(cell["text"].replace(",", ""))
                assert any(
                    math.isclose(read, value * scale, rel_tol=0.006, abs_tol=0.051) for scale in (1, 100)
                )
                assert cell.get("low", value) <= value <= cell.get("high", value)
                checked += 1
    assert checked >= 4


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_undefined_is_a_dash_with_a_footnote_and_no_number(kind: str) -> None:
    for table in tables_of_json(json.loads(json_document(document(kind)))):
        for row in table["rows"]:
            for column, cell in zip(table["columns"][1:], row["cells"][1:], strict=True):
                if cell["text"] == "-" and "note" in cell:
                    assert "value" not in cell
                    assert cell["note"] in table["footnotes"], column
