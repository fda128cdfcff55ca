"""Room on charts of sweeps and sensitivities: titles, numbers and labels stay apart, and money has its currency."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from analysis import frames
from analysis.experiments.money import currency_at
from analysis.figures import plot_heat_map, plot_sensitivity, plot_trade_off, style
from sim import Scenario, load

SHIPPED = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"
DAMAGE, THRESHOLD, WAGE = "tasks.invoice.damage_if_wrong", "topology.threshold", "workers.clerk.wage"
each_size = pytest.mark.parametrize("size", ["report", "print"])


def points(count: int, **columns: Any) -> pd.DataFrame:
    """Rows of a frame of a sweep that nothing is special about."""
    plain = {
        "low": float("nan"),
        "high": float("nan"),
        "unit": "EUR",
        "is_feasible": True,
        "is_winner": False,
    }
    return pd.DataFrame({**columns, **plain, "is_baseline": False}, index=range(count))


def boxes(ax: Axes, texts: Sequence[Text]) -> list[Bbox]:
    """Where these texts are on the page once it is laid out."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    return [text.get_window_extent() for text in texts]


def traded(monkeypatch: pytest.MonkeyPatch, at: Sequence[float], size: style.Size = "report") -> Axes:
    """A trade-off of three metrics with the same values."""
    values = [8.0 + place for place in range(len(at))]
    parts = [points(len(at), metric=name, point=at, value=values) for name in ("cpst", "cpst_loaded", "wip")]
    rows = pd.concat(parts, ignore_index=True)
    rows.attrs |= {"path": DAMAGE, "path_currency": "EUR"}
    monkeypatch.setattr(frames, "trade_off", lambda *_: rows)
    return plot_trade_off(None, size=size)  # type: ignore[arg-type]


@each_size
def test_a_title_is_clear_of_the_first_panel_without_a_key_too(
    monkeypatch: pytest.MonkeyPatch, size: style.Size
) -> None:
    ax = traded(monkeypatch, [10, 20, 40], size)
    assert ax.get_legend() is None
    (title,) = (text for text in ax.findobj(Text) if text.get_text().startswith("What "))
    (head,) = (text for text in ax.child_axes[0].texts if text.get_text().startswith("Cost "))
    above, below = boxes(ax, [title, head])
    assert above.y0 > below.y1


def test_points_at_one_value_are_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    def joined(at: Sequence[float]) -> list[int]:
        lines = (panel.get_lines() for panel in traded(monkeypatch, at).child_axes)
        return [sum(len(line.get_path()) > 1 for line in part) for part in lines]

    assert joined([10, 20, 40]) == [1, 1, 1]
    assert joined([10, 10, 20, 20]) == [0, 0, 0]


def test_an_axis_of_amounts_has_the_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    assert traded(monkeypatch, [10, 20]).child_axes[-1].get_xlabel() == f"{DAMAGE} (EUR)"


@each_size
@pytest.mark.parametrize("columns", [3, 12, 24])
def test_numbers_of_a_heat_map_never_touch_and_the_chosen_has_its_own(
    monkeypatch: pytest.MonkeyPatch, size: style.Size, columns: int
) -> None:
    rows = points(columns, x=range(columns), y=1, value=[10.4 + place for place in range(columns)])
    rows["is_winner"] = rows["x"] == 1
    rows.attrs |= {"x": THRESHOLD, "y": DAMAGE, "x_currency": "", "y_currency": "EUR", "metric": "cpst"}
    monkeypatch.setattr(frames, "heat_map", lambda *_: rows)
    ax = plot_heat_map(None, size=size)  # type: ignore[arg-type]
    assert "11.4" in [text.get_text() for text in ax.texts]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes(ax, ax.texts)))
    assert ax.get_xlabel() == THRESHOLD
    assert ax.get_ylabel().endswith("damage_if_wrong (EUR)")


@each_size
def test_values_beside_the_bars_stay_off_the_names(monkeypatch: pytest.MonkeyPatch, size: style.Size) -> None:
    paths = [WAGE, "workers.extractor.success.mean", "tasks.invoice.arrivals.rate"]
    rows = pd.DataFrame({
        "parameter": paths, "low_value": ["27.2 / h", 0.79921, "48 / h"], "high_value": ["40.8 / h", 1.0, "72 / h"],
        "to_low": [-4.0, -3.9, 2.0], "to_low_low": [-4.5, -4.0, 1.0], "to_low_high": [-3.5, -3.8, 3.0],
        "to_high": [4.0, 4.1, 2.5], "to_high_low": [3.5, 4.0, 2.0], "to_high_high": [4.5, 4.2, 3.0],
        "is_seen": True, "unit": "EUR", "currency": ["EUR", "", ""],
    })  # fmt: skip
    rows.attrs |= {"metric": "cpst", "method": "one_at_a_time", "base": 9.0, "set_aside": ("a", "b")}
    monkeypatch.setattr(frames, "sensitivity", lambda *_: rows)
    ax = plot_sensitivity(None, size=size)  # type: ignore[arg-type]
    found = boxes(ax, ax.texts)
    frame = ax.get_window_extent()
    assert "EUR 27.2 / h" in [text.get_text() for text in ax.texts]
    assert all(frame.x0 < box.x0 and box.x1 < frame.x1 for box in found)
    assert "set aside after 2 replications: 2" in ax.get_xlabel()


@pytest.fixture(scope="module")
def shipped() -> Scenario:
    return load(SHIPPED)


@pytest.mark.parametrize(
    "path",
    [DAMAGE, WAGE, "topology.value_limit", "workers.extractor.tool_cost", "tasks.invoice.value.median"],
)
def test_amounts_of_money_are_told_by_the_scenario(shipped: Scenario, path: str) -> None:
    assert currency_at(path, shipped) == "EUR"


@pytest.mark.parametrize(
    "path",
    [THRESHOLD, "workers.clerk.positions", "tasks.invoice.arrivals.rate", "workers.clerk.work_time.mean",
     "tasks.invoice.input_tokens.mean", "exchange.USD", "workers.clerk.success", "variant", "no.such.path"],
)  # fmt: skip
def test_other_values_have_no_currency(shipped: Scenario, path: str) -> None:
    assert currency_at(path, shipped) == ""


def test_an_amount_that_one_of_two_variants_has_is_known(shipped: Scenario) -> None:
    guardian = shipped.variant("guardian")
    assert currency_at("topology.value_limit", guardian) == ""
    assert currency_at("topology.value_limit", guardian, shipped) == "EUR"
