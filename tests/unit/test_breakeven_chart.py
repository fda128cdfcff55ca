"""The chart of a break-even and its tables: the numbers of the result, what is drawn of them, and extreme cases."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color
from matplotlib.text import Text

from analysis import frames
from analysis.experiments.breakeven import breakeven
from analysis.experiments.crossover import Breakeven
from analysis.experiments.results import estimate_of
from analysis.figures import plot_breakeven, style
from analysis.figures.paths import fitting
from sim import Scenario, load

SHIPPED = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"
SMALL = {"warm_up": "1 day", "horizon": "2 days", "workers.clerk.positions": 3}
PAIR, DAMAGE = ("guardian", "autonomous"), "tasks.invoice.damage_if_wrong"
HOSTILE = ("pay $x^2$ and $y_1$", "<script>alert(1)</script>")


@pytest.fixture(scope="module")
def small() -> Scenario:
    return load(SHIPPED, SMALL)


@pytest.fixture(scope="module")
def turning(small: Scenario) -> Breakeven:
    return breakeven(small, PAIR, DAMAGE, 10, 200, points=3, tolerance=0.1, replications=3)


def drawn(
    monkeypatch: pytest.MonkeyPatch, values: Sequence[float], found: Sequence[tuple[Any, ...]] = (), half: float = 0.5,
    size: style.Size = "report", **about: Any,
) -> Axes:  # fmt: skip
    """The chart of these differences at 0, 10, 20...; `found` are rows of `frames.crossings`."""
    between = about.setdefault("between", PAIR)
    rows = pd.DataFrame(
        {"at": [10.0 * place for place in range(len(values))], "value": [*values], "unit": "EUR"}
    )
    rows = rows.assign(low=rows["value"] - half, high=rows["value"] + half)
    rows["better"] = ["" if not value or isnan(value) else between[value > 0] for value in values]
    rows["is_sure"] = (rows["low"] > 0) | (rows["high"] < 0)
    crossings = pd.DataFrame(found, columns=["at", "low", "high", "before", "after"])
    usual = {"path": DAMAGE, "path_unit": "", "path_currency": "EUR", "metric": "cpst"}
    about = {"is_least_best": True, "is_whole": False} | about
    for frame in (rows, crossings):
        frame.attrs |= usual | about
    monkeypatch.setattr(frames, "breakeven", lambda _: rows)
    monkeypatch.setattr(frames, "crossings", lambda _: crossings)
    return plot_breakeven(None, size=size)  # type: ignore[arg-type]


def texts(ax: Axes) -> list[str]:
    """What is written anywhere in the figure, as it is read."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    return [text.get_text().replace("\\$", "$") for text in figure.findobj(Text)]


# -- tables -----------------------------------------------------------------------------------------------------


def test_the_table_has_the_paired_difference_at_every_value(turning: Breakeven) -> None:
    rows = frames.breakeven(turning)
    assert rows["at"].tolist() == [point.at for point in turning.points]
    for row, point in zip(rows.to_dict("records"), turning.points, strict=True):
        gap = turning.difference(point)
        assert (row["value"], row["low"], row["high"]) == (gap.value, gap.low, gap.high)
        one, other = (estimate_of(turning.metric, part.tallies).value for part in point.pair())
        assert (row["one"], row["other"]) == (one, other)
        assert row["value"] == pytest.approx(row["one"] - row["other"], rel=1e-9)
        assert row["better"] == ("autonomous" if row["value"] > 0 else "guardian")
        assert row["is_sure"] == (row["low"] > 0 or row["high"] < 0)
    assert rows.attrs["between"] == PAIR
    assert [rows.attrs[name] for name in ("path", "path_unit", "path_currency")] == [DAMAGE, "", "EUR"]
    assert rows.attrs["is_least_best"]


def test_the_table_of_break_evens_is_that_of_the_result(turning: Breakeven) -> None:
    rows = frames.crossings(turning)
    assert rows.to_dict("records") == turning.summary().to_dict("records")
    assert len(rows) == 1
    assert rows.attrs == frames.breakeven(turning).attrs


def test_durations_are_in_seconds_and_what_is_undefined_is_nan(small: Scenario) -> None:
    hopeless = small.with_values({"workers.extractor.success": 0, "workers.clerk.success": 0})
    path, ends = "workers.clerk.review_time", ("1 min", "9 min")
    found = breakeven(hopeless, PAIR, path, *ends, points=2, metric="cpst", replications=1)
    rows = frames.breakeven(found)
    assert rows["at"].tolist() == [60.0, 540.0]
    assert rows.attrs["path_unit"] == "s"
    assert rows[["one", "other", "value", "low", "high"]].isna().all(axis=None)
    assert rows["better"].tolist() == ["", ""]
    ax = plot_breakeven(found, size="report")
    assert "undefined for one of them at every value" in texts(ax)
    assert ax.get_xlabel() == "workers.clerk.review_time (min)"
    assert frames.crossings(found).empty


# -- what is drawn ----------------------------------------------------------------------------------------------


def test_the_break_even_is_marked_with_its_interval_and_each_side_says_who_is_cheaper(
    turning: Breakeven,
) -> None:
    ax = plot_breakeven(turning, size="report")
    rows, (found,) = frames.breakeven(turning), frames.crossings(turning).to_dict("records")
    lines = [(tuple(line.get_xdata()), tuple(line.get_ydata())) for line in ax.get_lines()]
    assert ((found["at"],), (0,)) in [(x, y) for x, y in lines if len(x) == 1]
    assert (tuple(rows["at"]), tuple(rows["value"])) in lines
    ends = tuple(
        end if end == end else ax.get_xlim()[k] for k, end in enumerate((found["low"], found["high"]))
    )
    assert (ends, (0, 0)) in lines
    written = texts(ax)
    assert [text for text in written if "cheaper" in text] == ["← autonomous cheaper", "guardian cheaper →"]
    assert sum(text.startswith("break-even ") for text in written) == 1
    assert "paired 95 % intervals" in " ".join(ax.get_title(loc="left").split())
    assert ax.get_ylabel() == "guardian minus autonomous (EUR)"


def test_points_that_are_not_sure_are_hollow(monkeypatch: pytest.MonkeyPatch) -> None:
    ax = drawn(monkeypatch, [2.0, 0.2, -0.3, -2.0], [(14.0, 8.0, 18.0, "autonomous", "guardian")])
    points = [line for line in ax.get_lines() if line.get_marker() in ("o", "s")]
    assert [same_color(point.get_markerfacecolor(), "white") for point in points] == [
        False,
        True,
        True,
        False,
    ]
    assert [point.get_marker() for point in points] == ["s", "s", "o", "o"]


def test_an_interval_that_goes_on_beyond_the_range_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ax = drawn(monkeypatch, [0.4, 0.1, -0.3], [(12.5, nan, nan, "autonomous", "guardian")])
    assert "break-even EUR 12.5 [<0, >20.0]" in texts(ax)


def test_whole_numbers_are_written_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    ax = drawn(
        monkeypatch,
        [3.0, -1.0, -2.0],
        [(10, 0, 10, "autonomous", "guardian")],
        is_whole=True,
        path_currency="",
    )
    assert "break-even 10 [0, 10]" in texts(ax)


@pytest.mark.parametrize(
    ("values", "half", "said"),
    [
        ([3.0, 2.0, 1.0], 0.5, "autonomous cheaper at every value: no break-even"),
        ([-3.0, -2.0, -0.1], 0.5, "guardian cheaper at every value: no break-even, not surely everywhere"),
        ([nan, 2.0, nan], 0.5, "autonomous cheaper wherever both are defined: no break-even"),
        ([0.0, 0.0, 0.0], 0.0, "no difference at any value"),
    ],
)
def test_without_a_break_even_the_chart_says_so(
    monkeypatch: pytest.MonkeyPatch, values: list[float], half: float, said: str
) -> None:
    ax = drawn(monkeypatch, values, half=half)
    assert said in texts(ax)
    assert ("undefined there" in ax.get_xlabel()) == any(map(isnan, values))
    assert ax.get_ylim()[0] < 0 < ax.get_ylim()[1]


def test_what_is_undefined_is_a_gap_with_a_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    ax = drawn(monkeypatch, [3.0, nan, 1.0, -1.0], [(25.0, 22.0, 28.0, "autonomous", "guardian")])
    (line,) = [line for line in ax.get_lines() if len(line.get_xdata()) == 4]
    assert [isnan(value) for value in line.get_ydata()] == [False, True, False, False]
    (crosses,) = [line for line in ax.get_lines() if line.get_marker() == "x"]
    assert [*crosses.get_xdata()] == [10.0]


def test_more_is_better_where_the_metric_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(14.0, 8.0, 18.0, "autonomous", "guardian")]
    ax = drawn(monkeypatch, [2.0, 0.2, -2.0], found, metric="success_share", is_least_best=False)
    assert "guardian better →" in texts(ax)


@pytest.mark.parametrize("size", ["report", "print"])
def test_many_break_evens_are_named_once_for_each_variant(
    monkeypatch: pytest.MonkeyPatch, size: style.Size
) -> None:
    values = [3.0 * (-1) ** place for place in range(8)]
    names = ("guardian", "autonomous")
    found = [(10.0 * k + 5, 10.0 * k + 4, 10.0 * k + 6, names[k % 2 == 0], names[k % 2]) for k in range(7)]
    ax = drawn(monkeypatch, values, found, size=size)
    written = texts(ax)
    assert [text for text in written if "cheaper" in text] == ["autonomous cheaper", "guardian cheaper"]
    assert {"5.00", "65.0"} <= set(written)
    assert "◆: break-even" in ax.get_xlabel()


@pytest.mark.parametrize("size", ["report", "print"])
@pytest.mark.parametrize(
    "between", [HOSTILE, ("a name that goes on and on, and on: 1", "a name that goes on and on: 2")]
)
def test_long_and_hostile_names_stay_within_the_picture(
    monkeypatch: pytest.MonkeyPatch, size: style.Size, between: tuple[str, str]
) -> None:
    ax = drawn(
        monkeypatch, [3.0, -3.0, -4.0], [(5.0, 4.0, 6.0, between[1], between[0])], size=size, between=between
    )
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    labels = [text for text in ax.texts if "cheaper" in text.get_text()]
    boxes = sorted((text.get_window_extent() for text in labels), key=lambda box: box.x0)
    assert boxes[0].x1 < boxes[1].x0
    assert all(box.x0 >= -1 and box.x1 <= figure.bbox.width + 1 for box in boxes)
    assert not any(text._preprocess_math(text.get_text())[1] for text in figure.findobj(Text))
    tags = {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(style.svg(figure)).iter()}
    assert not tags & {"script", "image", "foreignObject", "a"}


@pytest.mark.parametrize(
    ("path", "longest", "shown"),
    [("workers.clerk.wage", 20, "workers.clerk.wage"), ("workers.clerk.wage", 12, "clerk.wage"),
     ("workers.clerk.wage", 3, "…ge")],
)  # fmt: skip
def test_a_path_loses_its_first_parts_where_there_is_no_room(path: str, longest: int, shown: str) -> None:
    assert fitting(path, longest) == shown
