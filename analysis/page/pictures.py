"""Pictures of a page: a chart at the page's size, with what it says in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.units import scale_of
from analysis.format import UNDEFINED, interval, share, significant
from analysis.page.model import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

PER_CENT = scale_of("share", ()).factor


def picture(
    title: str, description: str, plot: Callable[..., Axes], *about: Any, below: str = "", **how: Any
) -> Figure:
    """A chart that is drawn when the page is; `below` is one more line under it."""

    def drawn(size: style.Size) -> str:
        ax = plot(*about, size=size, **how)
        if below:
            ax.set_xlabel(f"{ax.get_xlabel()}\n{style.plain(below)}")
        figure = ax.get_figure(root=True)
        assert figure is not None
        return style.svg(figure)

    return Figure(title, description, drawn)


def records(rows: DataFrame) -> list[dict[str, Any]]:
    """The rows of a table by column name."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def with_interval(row: dict[str, Any], role: str, factor: float) -> str:
    """The number of a row, of its axis `role` if it has several, with the interval.

    A share next to 1 is not rounded to it, as in the charts.
    """
    prefix = f"{role}_" if role else ""
    value, low, high = row[role or "value"], row[f"{prefix}low"], row[f"{prefix}high"]
    if value != value:
        return "undefined"
    text = significant(value * factor)
    if factor == PER_CENT and text == "100":
        text = share(value).removesuffix(" %")
    return f"{text} {_bounds(low * factor, high * factor)}".rstrip()


def share_with_interval(row: dict[str, Any]) -> str:
    """A share of a row with its interval, in per cent."""
    if row["value"] != row["value"]:
        return "undefined"
    bounds = interval(row["low"], row["high"], "%")
    return share(row["value"]) + ("" if bounds == UNDEFINED else f" {bounds}")


def listed(parts: Iterable[tuple[str, str]]) -> str:
    """Names, each with its text behind it."""
    return ", ".join(f"{name} {text}" for name, text in parts)


def scale_of_rows(rows: DataFrame) -> tuple[float, str]:
    """The factor and the unit in which the numbers of a table are told."""
    scale = scale_of(str(rows["unit"].iloc[0]), [*rows["value"], *rows["high"]])
    return scale.factor, scale.unit


def _bounds(low: float, high: float) -> str:
    text = interval(low, high)
    return "" if text == UNDEFINED else text
