"""Charts at their extremes: huge, tiny and full numbers, short windows, many roles, two replications."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from analysis import figures, frames
from analysis.experiments.replicate import replicate
from analysis.figures import costs, style
from analysis.figures.pools import _named
from analysis.figures.times import durations
from analysis.figures.units import most_of
from sim import Scenario, load, simulate

SHIPPED = Path(__file__).parents[2] / "scenarios"
each_size = pytest.mark.parametrize("size", ["notebook", "report", "print"])


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    pyplot.close("all")


def invoices(**changes: Any) -> Scenario:
    """The shipped invoices on a Tuesday alone."""
    small = {"warm_up": "1 day", "horizon": "2 days", "workers.clerk.positions": 3, **changes}
    return load(SHIPPED / "invoice_reconciliation.yaml", small)


@pytest.fixture(scope="module")
def tuesday() -> tuple[Scenario, Any]:
    scenario = invoices()
    return scenario, simulate(scenario)


def drawn(ax: Axes) -> Figure:
    """The figure of these Axes, laid out."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    return figure


def tick_boxes(ax: Axes) -> list[Bbox]:
    """Where the texts below the x axis are, from left to right."""
    drawn(ax)
    shown = [label for label in ax.get_xticklabels() if label.get_text()]
    low, high = ax.get_xlim()
    return [label.get_window_extent() for label in shown if low <= label.get_position()[0] <= high]


def compared(monkeypatch: pytest.MonkeyPatch, values: list[float], size: style.Size, **columns: Any) -> Axes:
    """A comparison of variants with these values."""
    rows = pd.DataFrame({
        "variant": [f"variant {place}" for place in range(len(values))], "value": values, "low": values,
        "high": values, "unit": "EUR", "note": None, "is_baseline": False, "is_winner": False, **columns,
    })  # fmt: skip
    monkeypatch.setattr(frames, "comparison", lambda *_: rows)
    return figures.plot_comparison(None, "sla_share" if "unit" in columns else "cpst", size=size)  # type: ignore[arg-type]


# -- numbers beside axes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.0, "0"), (-0.0, "0"), (2.5, "2.5"), (-2.5, "\u22122.5"), (4e9, "4,000,000,000"), (1.5e-6, "0.0000015"),
     (0.1 + 0.2, "0.3"), (1_000.0, "1,000")],
)  # fmt: skip
def test_numbers_beside_an_axis_have_no_exponents(number: float, expected: str) -> None:
    assert style._written_out(number) == expected


@each_size
@pytest.mark.parametrize("values", [[1.85e6, 6.46e6], [1e9, 4.6e9], [0.0, 1.6e-6], [2.35, 8.71]])
def test_long_numbers_below_an_axis_do_not_touch(
    monkeypatch: pytest.MonkeyPatch, values: list[float], size: style.Size
) -> None:
    boxes = tick_boxes(compared(monkeypatch, values, size))
    assert len(boxes) >= 2
    assert all(left.x1 + 2 < right.x0 for left, right in pairwise(boxes))


@pytest.mark.parametrize(
    ("values", "top"), [([0.7, 1.0], 100.0), ([0.9985, 0.99991, 1.0], 100.0), ([0.2, 0.3], 30.0)]
)
def test_an_axis_of_shares_has_no_tick_above_one_hundred_per_cent(
    monkeypatch: pytest.MonkeyPatch, values: list[float], top: float
) -> None:
    ax = compared(monkeypatch, values, "report", unit="share")
    low, high = ax.get_xlim()
    assert high > top
    assert max(tick for tick in ax.get_xticks() if tick <= high) == pytest.approx(top)
    assert low < min(values) * 100


def test_a_value_above_what_should_be_possible_is_not_cut_off() -> None:
    assert most_of("%", [99.0, float("nan")]) == 100.0
    assert most_of("per 1,000", [1_000.0]) == 1_000.0
    assert most_of("%", [101.0]) == most_of("EUR", [1.0]) == float("inf")


@each_size
def test_when_every_delivery_is_wrong_no_tick_says_more_and_no_point_is_cut(
    monkeypatch: pytest.MonkeyPatch, size: style.Size
) -> None:
    rows = pd.DataFrame({
        "metric": "escape_per_1000", "point": [0.6, 0.8], "value": 1_000.0, "low": 1_000.0, "high": 1_000.0,
        "unit": "per 1,000", "is_feasible": True, "is_winner": False, "is_baseline": False,
    })  # fmt: skip
    rows.attrs |= {"path": "topology.threshold", "path_currency": ""}
    monkeypatch.setattr(frames, "trade_off", lambda *_: rows)
    monkeypatch.setattr("analysis.figures.sweeps.sentence", lambda _: "Wrong deliveries")
    (panel,) = figures.plot_trade_off(None, size=size).child_axes  # type: ignore[arg-type]
    assert max(panel.get_yticks()) <= 1_000
    dots = [line for line in panel.get_lines() if len(list(line.get_xdata())) == 1]  # type: ignore[arg-type]
    assert len(dots) == 2
    assert not any(dot.get_clip_on() for dot in dots)


@each_size
@pytest.mark.parametrize(("low", "high"), [(11_000, 158_000), (3_500, 5_900), (0.02, 9e6), (40_000, 90_000)])
def test_durations_below_an_axis_do_not_touch(low: float, high: float, size: style.Size) -> None:
    @style.chart
    def chart(size: style.Size) -> Axes:
        ax = style.new_axes(None, size)
        durations(ax, low, high, size)
        return style.dress(ax, "", "", "")

    boxes = tick_boxes(chart(size=size))
    assert boxes
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_a_scale_of_colours_is_written_out_and_one_value_has_one_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for values, expected in (([4.1e6, 5.86e6], None), ([1.0, 1.0], ["100"])):
        unit = "EUR" if expected is None else "share"
        rows = pd.DataFrame({"x": [1, 2], "y": 1, "value": values, "unit": unit, "is_feasible": True})
        rows["is_winner"] = False
        rows.attrs |= {"x": "a", "y": "b", "x_currency": "", "y_currency": "", "metric": "cpst"}
        monkeypatch.setattr(frames, "heat_map", lambda *_, rows=rows: rows)
        figure = drawn(figures.plot_heat_map(None, size="report"))  # type: ignore[arg-type]
        (bar,) = [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]
        shown = [text.get_text() for text in bar.get_yticklabels()]
        assert not bar.yaxis.get_offset_text().get_text()
        assert shown == expected if expected else all(text.endswith(",000") for text in shown)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("4800000 / h", "4,800,000 / h"), ("40000000", "40,000,000"), ("0.0016", "0.0016"), ("27.2 / h", "27.2 / h"),
     ("1000", "1000"), ("2026-01-05", "2026-01-05"), ("guardian", "guardian")],
)  # fmt: skip
def test_a_changed_value_is_never_cut_into_another_number(value: str, expected: str) -> None:
    from analysis.figures.sensitivity import LONGEST_VALUE, _grouped

    assert _grouped(value) == expected
    assert len(f"EUR {expected}") <= LONGEST_VALUE


# -- over time --------------------------------------------------------------------------------------------------


def test_hours_that_were_not_measured_are_hatched_and_have_no_work(tuesday: tuple[Scenario, Any]) -> None:
    scenario, log = tuesday
    ax = figures.plot_workload(log, scenario, "clerk", size="report")
    hatched = [patch.get_extents() for patch in ax.patches if patch.get_hatch() == "////"]
    inverse = ax.transData.inverted()
    assert [tuple(round(x) for x in inverse.transform(box)[:, 0]) for box in hatched] == [(0, 24), (48, 168)]
    (line,) = ax.get_lines()
    drawn_work: Any = line.get_ydata()
    known = [hour for hour, work in enumerate(drawn_work) if not isnan(work)]
    assert known[:-1] == list(range(24, 48))
    keys = ax.get_legend()
    assert keys is not None
    assert "not measured" in [text.get_text() for text in keys.get_texts()]


@pytest.mark.parametrize("window", [("1 week", "2 weeks"), ("34 h 30 min", "202 h 15 min")])
def test_a_week_or_all_of_its_hours_leave_nothing_unmeasured(window: tuple[str, str]) -> None:
    from analysis.figures.workload import _unmeasured

    assert _unmeasured(invoices(warm_up=window[0], horizon=window[1])) == []


def test_a_window_over_a_sunday_night_leaves_the_days_between() -> None:
    from analysis.figures.workload import _unmeasured

    assert _unmeasured(invoices(warm_up="6 days", horizon="8 days")) == [(24, 144)]


def test_too_much_work_in_the_last_hour_of_a_shift_is_red_too(
    monkeypatch: pytest.MonkeyPatch, tuesday: tuple[Scenario, Any]
) -> None:
    hours = range(168)
    rows = pd.DataFrame({"day": [str(hour // 24) for hour in hours], "hour": [hour % 24 for hour in hours]})
    rows["workload"] = [9.0 if hour in (30, 31) else 0.0 for hour in hours]
    rows["capacity"] = [6.0 if hour in (30, 31) else 0.0 for hour in hours]
    monkeypatch.setattr(frames, "workload", lambda *_: rows)
    ax = figures.plot_workload(tuesday[1], tuesday[0], "clerk", size="report")
    (red,) = [one for one in ax.collections if one.get_label() == "more than can be done then"]
    (outline,) = red.get_paths()
    assert outline.contains_point((30.5, 7.5))
    assert outline.contains_point((31.5, 7.5))
    assert not outline.contains_point((32.5, 1.5))


def test_where_no_work_came_the_chart_of_workload_says_so() -> None:
    scenario = invoices(topology={"kind": "autonomous", "agent": "extractor"})
    ax = figures.plot_workload(simulate(scenario), scenario, "clerk", size="report")
    assert "nothing came to it in this time" in [text.get_text() for text in ax.texts]


def test_the_hours_of_a_day_begin_at_the_edges_of_their_columns(tuesday: tuple[Scenario, Any]) -> None:
    ax = figures.plot_utilisation(tuesday[1], tuesday[0], size="report")
    assert [ax.get_xticks()[0], ax.get_xticks()[-1]] == [-0.5, 23.5]
    assert [text.get_text() for text in ax.get_xticklabels()][-1] == "24:00"


def test_roles_of_a_heat_map_stand_in_the_order_of_the_file(tuesday: tuple[Scenario, Any]) -> None:
    ax = figures.plot_utilisation(tuesday[1], tuesday[0], size="report")
    named = [text.get_text() for text in ax.get_yticklabels()]
    assert named == ["extractor 1", "extractor 2", "clerk 1", "clerk 2", "clerk 3"]


def test_of_many_positions_the_first_of_each_role_is_named() -> None:
    clerks = [("clerk", number) for number in range(1, 51)]
    agents = [("agent", number) for number in range(1, 5)]
    found = _named([*clerks, *agents])
    assert {0, 50} <= set(found)
    assert all(after - before >= 3 for before, after in pairwise(found))
    assert _named([(f"role {number}", 1) for number in range(30)]) == list(range(0, 30, 2))


def test_a_part_of_a_day_does_not_call_the_rest_of_it_absent() -> None:
    scenario = invoices(warm_up="8 h", horizon="17 h")
    figure = drawn(figures.plot_utilisation(simulate(scenario), scenario, size="report"))
    assert any("absent or not measured" in ax.get_ylabel() for ax in figure.axes)


def test_a_task_that_begins_at_midnight_has_its_day(
    monkeypatch: pytest.MonkeyPatch, tuesday: tuple[Scenario, Any]
) -> None:
    for begin, end, expected in (
        ("2026-01-05 00:00:05", "2026-01-05 00:21:35", "Mon 05 Jan 2026"),
        ("2026-01-04 23:50:00", "2026-01-05 00:11:00", "Sun 04 Jan to Mon 05 Jan 2026"),
    ):
        ends = {"begin": [pd.Timestamp(begin, tz="UTC")], "end": [pd.Timestamp(end, tz="UTC")]}
        about = {"who": "extractor 1", "doing": "attempted", "outcome": "right", "cost": 0.0}
        rows = pd.DataFrame({**ends, **about})
        monkeypatch.setattr(frames, "trace", lambda *_, rows=rows: rows)
        ax = figures.plot_trace(tuesday[1], tuesday[0], "invoice-0", size="report")
        drawn(ax)
        assert ax.xaxis.get_offset_text().get_text() == expected


def test_alerts_are_not_written_over_the_limit_where_more_than_it_was_spent() -> None:
    budget = {"guards.budgets": {"models": {"money": 0.01, "period": "1 h"}}}
    scenario = load(SHIPPED / "runaway_loop.yaml", {**budget, "warm_up": "1 h", "horizon": "1 day"})
    ax = figures.plot_budget(simulate(scenario), scenario, size="report")
    drawn(ax)
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) >= 2
    assert all(below.y1 <= above.y0 for below, above in pairwise(boxes))


# -- intervals and colours --------------------------------------------------------------------------------------


def test_two_replications_have_an_interval_that_is_seen() -> None:
    result = replicate(invoices(), 2)
    (row,) = frames.convergence(result).to_dict("records")
    ax = figures.plot_convergence(result, size="report")
    bars = [one.get_segments() for one in ax.collections if isinstance(one, LineCollection)]
    assert [[tuple(end) for end in bar] for (bar,) in bars] == [[(2, row["low"]), (2, row["high"])]]
    low, high = ax.get_xlim()
    assert low < 2 < high


def test_what_never_costs_anything_has_no_axis_below_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pd.DataFrame({"replications": [2, 3], "value": 0.0, "low": 0.0, "high": 0.0})
    monkeypatch.setattr(frames, "convergence", lambda *_: rows)

    class Result:
        scenario = invoices()

    ax = figures.plot_convergence(Result(), size="report")  # type: ignore[arg-type]
    assert ax.get_ylim()[0] == 0.0


def test_idle_hours_are_much_lighter_than_worked_ones() -> None:
    from matplotlib.colors import to_rgb

    # Grey and the green of Okabe and Ito look alike to those who do not see green: lightness tells them apart.
    worked, idle = (sum(to_rgb(costs.LINES[f"paid hours, {what}"][0])) / 3 for what in ("worked", "idle"))
    assert idle > worked + 0.3
