"""Tables: rows of plain values by column, their usual columns, and how notebooks show them."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.estimates import CONFIDENCE, Estimate
from analysis.format import significant

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
"""A row of a table by column name; None for what is undefined."""


def interval(prefix: str, found: Estimate) -> Row:
    """The columns of an estimate: its value under the prefix, or `value`, its ends behind it."""
    lead = f"{prefix}_" if prefix else ""
    return {prefix or "value": found.value, f"{lead}low": found.low, f"{lead}high": found.high}


def spread(prefix: str, found: Estimate) -> Row:
    """The columns of an estimate, and the note where one of them cannot be given."""
    return interval(prefix, found) | {f"{prefix}_note" if prefix else "note": found.note}


def confidences(of_each: float) -> dict[str, float]:
    """Of what the intervals of an experiment are confident, when `of_each` is that of one difference."""
    return {"estimates": CONFIDENCE, "differences_together": CONFIDENCE, "difference_each": of_each}


def framed(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a frame."""
    import pandas as pd

    return pd.DataFrame(rows)


def html_table(
    rows: Sequence[Mapping[str, Any]],
    caption: str,
    columns: Sequence[str] = (),
    whole: Callable[[int], str] = str,
) -> str:
    """The rows under a caption, with these columns or those of the first row; every text is escaped.

    `whole` says how whole numbers are written.
    """
    names = columns or (list(rows[0]) if rows else [])
    lines = [f"<table><caption>{html.escape(caption)}</caption>"]
    if names:
        lines.append(_line(names, "th"))
    lines += [_line([_shown(row[name], whole) for name in names], "td") for row in rows]
    return "\n".join([*lines, "</table>"])


def _line(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _shown(value: Any, whole: Callable[[int], str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return whole(value)
    return significant(value) if value is None or isinstance(value, float) else str(value)
