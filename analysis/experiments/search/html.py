"""Rows as a table of HTML, for notebooks."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.format import significant


def html_table(rows: Sequence[Mapping[str, Any]], caption: str) -> str:
    """The rows, all of the same columns, under a caption; every text is escaped."""
    lines = [f"<table><caption>{html.escape(caption)}</caption>"]
    if rows:
        lines.append(_row(list(rows[0]), "th"))
    lines += [_row([_shown(value) for value in row.values()], "td") for row in rows]
    return "\n".join([*lines, "</table>"])


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return significant(value) if value is None or isinstance(value, float) else str(value)
