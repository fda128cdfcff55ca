"""Charts: what is drawn, with which units and intervals, on whose Axes, and that no name of a user is read as code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from analysis import figures, frames
from analysis.experiments import Comparison, Replications
from analysis.experiments.breakeven import breakeven
from analysis.experiments.compare import compare
from analysis.experiments.crossover import Breakeven
from analysis.experiments.decision import rule_of
from analysis.experiments.one_at_a_time import Sensitivity
from analysis.experiments.replicate import replicate
from analysis.experiments.sensitivity import sensitivity
from analysis.experiments.sweep import Sweep, sweep
from analysis.figures import style
from analysis.figures.costs import LINES
from analysis.figures.frontier import DOMINATED
from analysis.figures.times import MOST_TICKS, durations
from analysis.figures.units import scale_of
from analysis.format import significant
from analysis.frames.compared import DAMAGE_LINE, Basis
from analysis.metrics import Metric
from sim import Scenario, load, simulate
from sim.log.columns import COST_LINES

matplotlib.use("agg")
SHIPPED = Path(__file__).parents[2] / "scenarios"
SMALL = {"warm_up": "1 day", "horizon": "2 days", "workers.clerk.positions": 3}
THRESHOLD, POSITIONS = "topology.threshold", "workers.clerk.positions"
PAIR, DAMAGE = ("guardian", "autonomous"), "tasks.invoice.damage_if_wrong"
HOSTILE = (
    "<script>alert(1)</script>",
    "pay $x^2$ and $y_1$",
    "</text><image href='x'/>",
    "{{7*7}} ${x} %s]]>",
)


@dataclass(frozen=True)
class Data:
    """What charts are drawn of."""

    scenario: Scenario
    log: Any
    compared: Comparison
    swept: Sweep
    over_two: Sweep
    moved: Sensitivity
    turning: Breakeven
    chain: Replications
    guarded: tuple[Scenario, Any]
    task: str


@pytest.fixture(scope="module")
def data() -> Data:
    scenario = load(SHIPPED / "invoice_reconciliation.yaml", SMALL)
    log = simulate(scenario)
    budget = {
        "guards.budgets": {"models": {"money": 2, "period": "12 h"}},
        "warm_up": "1 h",
        "horizon": "1 day",
    }
    guarded = load(SHIPPED / "runaway_loop.yaml", budget)
    chain = load(SHIPPED / "five_agent_chain.yaml", {"warm_up": "1 day", "horizon": "2 days"})
    conditions = ["escape_share <= 0.03"]
    topologies = scenario.topologies("human_only", "guardian", "escalation", "autonomous")
    moved = sensitivity(scenario, [THRESHOLD, "workers.clerk.review.catch_rate"], "cpst", replications=3)
    assert isinstance(moved, Sensitivity)
    return Data(
        scenario, log, compare(topologies, 3, minimise="cpst", subject_to=conditions),
        sweep(scenario, {THRESHOLD: [0.6, 0.85, 0.95]}, 2, minimise="cpst_with_damage", subject_to=conditions),
        sweep(scenario, {THRESHOLD: [0.7, 0.95], POSITIONS: [2, 3]}, 2, minimise="cpst", subject_to=conditions),
        moved, breakeven(scenario, PAIR, DAMAGE, 10, 200, points=3, tolerance=0.1, replications=3),
        replicate(chain, 1), (guarded, simulate(guarded)), str(log.events().trace_id.dropna().iloc[-1]),
    )  # fmt: skip


Draw = Callable[..., Axes]
CHARTS: dict[str, Callable[[Data], Callable[..., Axes]]] = {
    "plot_breakeven": lambda data: _of(figures.plot_breakeven, data.turning),
    "plot_budget": lambda data: _of(figures.plot_budget, data.guarded[1], data.guarded[0]),
    "plot_calibration": lambda data: _of(figures.plot_calibration, data.log, data.scenario),
    "plot_cfr": lambda data: _of(figures.plot_cfr, data.compared),
    "plot_comparison": lambda data: _of(figures.plot_comparison, data.compared),
    "plot_convergence": lambda data: _of(figures.plot_convergence, data.compared.base),
    "plot_cost_breakdown": lambda data: _of(figures.plot_cost_breakdown, data.compared),
    "plot_cycle_times": lambda data: _of(figures.plot_cycle_times, data.log, data.scenario),
    "plot_defect_flow": lambda data: _of(figures.plot_defect_flow, data.chain),
    "plot_frontier": lambda data: _of(figures.plot_frontier, data.compared),
    "plot_heat_map": lambda data: _of(figures.plot_heat_map, data.over_two),
    "plot_ledger": lambda data: _of(figures.plot_ledger, data.log, data.scenario),
    "plot_queue": lambda data: _of(figures.plot_queue, data.log, data.scenario, "clerk"),
    "plot_sensitivity": lambda data: _of(figures.plot_sensitivity, data.moved),
    "plot_trace": lambda data: _of(figures.plot_trace, data.log, data.scenario, data.task),
    "plot_trade_off": lambda data: _of(figures.plot_trade_off, data.swept),
    "plot_utilisation": lambda data: _of(figures.plot_utilisation, data.log, data.scenario),
    "plot_workload": lambda data: _of(figures.plot_workload, data.log, data.scenario, "clerk"),
}
LABELS = {
    "plot_breakeven": (f"{DAMAGE} (EUR)", "guardian minus autonomous (EUR)"),
    "plot_budget": ("local time (Europe/Vienna)", "spent in the period (EUR)"),
    "plot_calibration": ("stated confidence, mean of the band (%)", "right, with 95 % interval (%)"),
    "plot_cfr": ("tasks (%)", ""),
    "plot_comparison": ("cost per success (EUR)", ""),
    "plot_convergence": ("replications", "cost per success (EUR)"),
    "plot_cost_breakdown": ("EUR per success", ""),
    "plot_cycle_times": ("cycle time (logarithmic)", "tasks"),
    "plot_defect_flow": ("stage: what comes in | what becomes of it", "defects"),
    "plot_frontier": ("loaded cost per success (EUR)", "wrong or failed at the end (%)"),
    "plot_heat_map": (THRESHOLD, POSITIONS),
    "plot_ledger": ("local time (Europe/Berlin)", "spent by then (EUR)"),
    "plot_queue": ("local time (Europe/Berlin)", "tasks waiting"),
    "plot_sensitivity": ("cost per success (EUR)\nbeside the bars: the changed value", ""),
    "plot_trace": ("local time (Europe/Berlin)", ""),
    "plot_trade_off": ("", ""),
    "plot_utilisation": ("local time (Europe/Berlin)", ""),
    "plot_workload": ("hour of the week (Europe/Berlin)", "tasks at once"),
}


def _of(draw: Draw, *given: Any) -> Draw:
    return lambda **how: draw(*given, **how)


def figure_of(ax: Axes) -> Figure:
    found = ax.get_figure(root=True)
    assert found is not None
    return found


def texts(ax: Axes) -> list[str]:
    """What is written anywhere in the figure, as it is read."""
    figure = figure_of(ax)
    figure.draw_without_rendering()
    return [text.get_text().replace("\\$", "$") for text in figure.findobj(Text)]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    pyplot.close("all")


# -- every chart ------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-10")
def test_every_public_chart_has_an_example() -> None:
    assert sorted(CHARTS) == sorted(LABELS) == sorted(figures.__all__)
    assert all(callable(getattr(figures, name)) for name in figures.__all__)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_labels_the_axes_it_is_given_with_units_and_returns_them(data: Data, name: str) -> None:
    ax = Figure().subplots()
    assert CHARTS[name](data)(ax=ax) is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == LABELS[name]
    assert ax.get_title(loc="left")
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_for_paper_stays_on_its_page_and_leaves_no_state_behind(data: Data, name: str) -> None:
    before = dict(matplotlib.rcParams)
    figure = figure_of(CHARTS[name](data)(size="print"))
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == []
    assert figure.get_figwidth() == style.SIZES["print"][0]
    assert 1.5 < figure.get_figheight() <= 12
    figure.draw_without_rendering()
    for ax in figure.axes:
        keys = ax.get_legend()
        parts = [ax.xaxis.label, ax.yaxis.label, *(keys.get_texts() if keys else [])]
        parts += [
            child
            for child in ax.get_children()
            if isinstance(child, Text) and child.get_text() == ax.get_title("left")
        ]
        boxes = [part.get_window_extent() for part in parts if part.get_text()]
        assert all(box.x0 >= -1 and box.x1 <= figure.bbox.width + 1 for box in boxes)
        assert all(box.y0 >= -1 and box.y1 <= figure.bbox.height + 1 for box in boxes)


@pytest.mark.parametrize("name", CHARTS)
def test_svg_has_the_same_bytes_each_time_and_is_well_formed(data: Data, name: str) -> None:
    first, second = (style.svg(figure_of(CHARTS[name](data)(size="report"))) for _ in range(2))
    assert first == second
    ElementTree.fromstring(first)
    assert "<text" in first


def test_a_notebook_shows_its_charts(data: Data) -> None:
    figures.plot_cfr(data.compared)
    assert len(pyplot.get_fignums()) == 1


def test_a_size_that_does_not_exist_is_an_error(data: Data) -> None:
    with pytest.raises(ValueError, match="notebook, report, print"):
        figures.plot_cfr(data.compared, size="poster")


def test_charts_import_matplotlib_only_when_they_are_drawn() -> None:
    code = (
        "import sys, analysis.figures as f; f.plot_queue; f.plot_heat_map; f.plot_trade_off\n"
        "assert not {'matplotlib', 'pandas', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# -- what is drawn ----------------------------------------------------------------------------------------------


def test_a_comparison_draws_each_variant_at_its_value_with_its_interval(data: Data) -> None:
    rows = frames.comparison(data.compared)
    ax = figures.plot_comparison(data.compared, size="report")
    lines = [tuple(line.get_xdata()) for line in ax.get_lines()]
    for row in rows.to_dict("records"):
        assert (row["low"], row["high"]) in lines
        assert (row["value"],) in lines
    assert sum(text.endswith("· chosen") for text in texts(ax)) == 1
    assert "95 % intervals" in ax.get_title(loc="left")


def test_a_share_next_to_one_is_not_called_all(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = frames.comparison(data.compared, "sla_share").assign(value=0.99991, low=0.9998, high=1.0)
    monkeypatch.setattr(frames, "comparison", lambda *_: rows)
    ax = figures.plot_comparison(data.compared, "sla_share", size="report")
    assert any(text.startswith("99.99") for text in texts(ax))
    assert "100" not in {text.get_text() for text in ax.texts}


@pytest.mark.parametrize(("basis", "metric"), [("worked", "cpst"), ("paid", "cpst_loaded")])
def test_bars_of_cost_end_where_the_cost_of_a_success_is(data: Data, basis: Basis, metric: str) -> None:
    ax = figures.plot_cost_breakdown(data.compared, basis, size="report")
    ends = [0.0] * len(data.compared.variants)
    for bars in ax.containers:
        for place, bar in enumerate(bars):
            assert bar.get_x() == pytest.approx(ends[place])
            ends[place] += bar.get_width()
    expected = [found.estimate(metric) for found in data.compared.variants.values()]
    assert ends == pytest.approx([estimate.value for estimate in expected])
    drawn = [tuple(line.get_xdata()) for line in ax.get_lines()]
    assert drawn == [(estimate.low, estimate.high) for estimate in expected]


def test_the_key_of_a_cost_chart_has_every_line_and_its_title_the_basis_of_the_decision(data: Data) -> None:
    ax, alike = (
        figures.plot_cost_breakdown(found, size="report") for found in (data.compared, data.compared.base)
    )
    keys = ax.get_legend()
    assert keys is not None
    lines = list(dict.fromkeys(frames.cost_breakdown(data.compared)["line"]))
    assert [text.get_text() for text in keys.get_texts()] == lines
    assert "paid hours, idle" in lines
    assert "by hours paid, with 95 % intervals" in " ".join(ax.get_title(loc="left").split())
    assert "by minutes worked" in " ".join(alike.get_title(loc="left").split())


def test_a_line_of_cost_has_one_colour_and_hatch_in_all_charts() -> None:
    named = {name.replace("_", " ") for name in COST_LINES} | {
        "platform",
        "paid hours, worked",
        "paid hours, idle",
        DAMAGE_LINE,
    }
    assert set(LINES) == named
    at_once = [look for line, look in LINES.items() if not line.startswith("paid")]
    assert len(set(at_once)) == len(at_once)


def test_damage_that_decides_is_the_last_part_of_the_bars_and_has_a_look_of_its_own(data: Data) -> None:
    harmful = replace(data.compared, rule=rule_of(data.scenario, "cpst_with_damage"))
    ax, plain = (figures.plot_cost_breakdown(found, size="report") for found in (harmful, data.compared))
    assert DAMAGE_LINE not in texts(plain)
    assert "damage included" in " ".join(ax.get_title(loc="left").split())
    *spent, last = ax.containers
    assert last.get_label() == DAMAGE_LINE
    assert {bar.get_facecolor() for bar in last}.isdisjoint(
        bar.get_facecolor() for part in spent for bar in part
    )
    assert {bar.get_hatch() for bar in last}.isdisjoint(bar.get_hatch() for part in spent for bar in part)
    objective = harmful.decision.objective
    assert objective is not None
    assert objective.name == "cpst_loaded_with_damage"
    expected = [found.estimate(objective) for found in harmful.variants.values()]
    ends = [bar.get_x() + bar.get_width() for bar in last]
    assert ends == pytest.approx([estimate.value for estimate in expected], rel=1e-12)
    assert [tuple(line.get_xdata()) for line in ax.get_lines()] == [(one.low, one.high) for one in expected]
    assert {significant(estimate.value or 0.0) for estimate in expected} <= set(texts(ax))


def test_variants_in_one_place_are_all_seen_and_named_together(data: Data) -> None:
    twins = dict.fromkeys(("first", "second", "third"), data.scenario)
    ax = figures.plot_frontier(compare(twins, 2), size="report")
    sizes = [float(point.get_sizes()[0]) for point in ax.collections]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] > 0.1 * sizes[0]
    assert len({float(point.get_zorder()) for point in ax.collections}) == 3
    (label,) = [text for text in texts(ax) if text.startswith("first")]
    assert [line.removesuffix(" · chosen") for line in label.split("\n")] == list(twins)


def test_dominated_variants_of_a_frontier_are_hollow_and_no_axis_falls_below_zero(data: Data) -> None:
    rows = frames.frontier(data.compared)
    ax = figures.plot_frontier(data.compared, size="report")
    points = ax.collections
    assert len(points) == len(rows)
    for point, is_out in zip(points, rows["dominated"], strict=True):
        face = tuple(point.get_facecolor()[0])
        assert (face == (1.0, 1.0, 1.0, 1.0)) == is_out
    assert ax.get_xlim()[0] >= 0
    assert ax.get_ylim()[0] >= 0
    names = [name for name in data.compared.variants if any(text.startswith(name) for text in texts(ax))]
    assert names == list(data.compared.variants)


def test_a_frontier_weighs_the_cost_that_the_decision_does_unless_told(data: Data) -> None:
    assert not data.compared.is_staffed_alike
    ax, alike, told = (
        figures.plot_frontier(data.compared, size="report"), figures.plot_frontier(data.compared.base, size="report"),
        figures.plot_frontier(data.compared, "cpst", size="report"),
    )  # fmt: skip
    assert ax.get_xlabel() == "loaded cost per success (EUR)"
    assert alike.get_xlabel() == told.get_xlabel() == "cost per success (EUR)"


def test_a_frontier_says_what_it_is_and_what_its_points_mean(data: Data) -> None:
    ax = figures.plot_frontier(data.compared, size="report")
    assert " ".join(ax.get_title(loc="left").split()) == "Cost against risk, with 95 % intervals"
    (told,) = [" ".join(text.split()) for text in texts(ax) if text.startswith("size: ")]
    is_any_hollow = bool(frames.frontier(data.compared)["dominated"].any())
    assert "per week" in told
    assert told.endswith(DOMINATED) == is_any_hollow
    others = figures.plot_frontier(data.compared, "cycle_time_mean", "sla_share", "cpst", size="report")
    assert others.get_title(loc="left").startswith("Mean cycle time against within SLA")
    assert any("size: cost per success (EUR)" in " ".join(text.split()) for text in texts(others))


def test_a_trade_off_has_a_panel_per_metric_and_marks_the_chosen_point_in_each(data: Data) -> None:
    ax = figures.plot_trade_off(data.swept, size="report")
    rows = frames.trade_off(data.swept)
    chosen = rows.loc[rows["is_winner"], "point"].unique().tolist()
    assert len(chosen) == 1
    assert len(ax.child_axes) == 3
    written = texts(ax)
    for unit in (
        "Sent to a person (%)",
        "Wrong deliveries (per 1,000)",
        "Cost per success with damage (EUR)",
    ):
        assert unit in written
    for panel, (_, part) in zip(ax.child_axes, rows.groupby("metric", sort=False), strict=True):
        across = [line.get_xdata()[0] for line in panel.get_lines() if len(set(line.get_xdata())) == 1]
        assert chosen[0] in across
        assert len(panel.collections[0].get_segments()) == len(part)
    assert {"chosen", "misses a condition", "as written"} <= set(written)


def test_a_heat_map_hatches_what_misses_a_condition_and_frames_the_best(data: Data) -> None:
    rows = frames.heat_map(data.over_two)
    ax = figures.plot_heat_map(data.over_two, size="report")
    cells = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert sum(bool(cell.get_hatch()) for cell in cells) == (~rows["is_feasible"]).sum() > 0
    framed = [cell for cell in cells if not cell.get_hatch()]
    best = rows[rows["is_winner"]].iloc[0]
    assert [(cell.get_x() + 0.5, cell.get_y() + 0.5) for cell in framed] == [
        (sorted(set(rows["x"])).index(best["x"]), sorted(set(rows["y"])).index(best["y"]))
    ]
    assert "framed: chosen" in " ".join(ax.get_title(loc="left").split())
    assert "cost per success (EUR)" in " ".join(texts(ax))


def test_a_tornado_draws_both_ends_with_intervals_and_greys_what_is_not_seen(data: Data) -> None:
    rows = frames.sensitivity(data.moved)
    ax = figures.plot_sensitivity(data.moved, size="report")
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert [bar.get_width() for bar in bars] == pytest.approx(
        [*rows[["to_low", "to_high"]].to_numpy().ravel()]
    )
    assert [bar.get_alpha() for bar in bars] == [
        1.0 if seen else 0.45 for seen in rows["is_seen"] for _ in "12"
    ]
    intervals = [line for line in ax.get_lines() if line.get_marker() == "|"]
    assert len(intervals) == rows[["to_low_low", "to_high_low"]].notna().sum().sum() == 2 * len(rows)
    assert "no effect seen" in texts(ax)


def test_only_the_parameters_that_matter_most_are_drawn_if_there_are_many(data: Data) -> None:
    ax = figures.plot_sensitivity(data.moved, most=1, size="report")
    assert len(ax.get_yticks()) == 1
    assert "not shown: 1 of less effect" in ax.get_xlabel()


def test_a_defect_flow_draws_every_part_of_its_frame(data: Data) -> None:
    rows = frames.defects_by_stage(data.chain.tallies)
    ax = figures.plot_defect_flow(data.chain, size="report")
    heights = sorted(patch.get_height() for patch in ax.patches if isinstance(patch, Rectangle))
    parts = rows[["inherited", "born", "passed_on", "caught", "escaped"]].to_numpy().ravel()
    assert heights == sorted(part for part in parts if part)
    assert [label.get_text() for label in ax.get_xticklabels()] == rows["stage"].tolist()
    assert len(ax.collections) == (rows["passed_on"] > 0).sum()


def test_a_defect_flow_is_called_by_the_variant_that_it_shows(data: Data) -> None:
    plain = figures.plot_defect_flow(data.chain, size="report").get_title(loc="left")
    named = figures.plot_defect_flow(data.chain, size="report", variant="an editor $reads$").get_title(
        loc="left"
    )
    assert plain.startswith("Defects of ")
    assert " ".join(named.split()) == "an editor \\$reads\\$: d" + " ".join(plain.split())[1:]


def test_a_budget_shows_its_limit_and_its_alerts(data: Data) -> None:
    scenario, log = data.guarded
    ax = figures.plot_budget(log, scenario, size="report")
    levels = [line.get_ydata()[0] for line in ax.get_lines() if len(set(line.get_ydata())) == 1]
    assert {2.0, 1.2, 1.8} <= set(levels)
    assert {"limit\nEUR 2.00", "alert 60 %", "alert 90 %"} <= set(texts(ax))


def test_cycle_times_count_every_task_and_name_the_quantiles(data: Data) -> None:
    ax = figures.plot_cycle_times(data.log, data.scenario, size="report")
    heights = [patch.get_height() for patch in ax.patches if isinstance(patch, Rectangle)]
    assert sum(heights) == len(frames.cycle_times(data.log, data.scenario))
    written = texts(ax)
    for name in ("median", "90 %", "99 %"):
        assert any(text.startswith(name) for text in written)
    assert {label.get_text() for label in ax.get_xticklabels()} <= {
        "1 s", "3 s", "10 s", "30 s", "1 min", "3 min", "10 min", "30 min", "1 h", "3 h", "8 h"
    }  # fmt: skip


def test_a_calibration_has_an_interval_for_each_band_and_says_its_figures(data: Data) -> None:
    rows = frames.calibration(data.log, data.scenario)
    ax = figures.plot_calibration(data.log, data.scenario, size="report")
    segments = ax.collections[0].get_segments()
    assert len(segments) == len(rows)
    written = " ".join(texts(ax))
    assert f"ECE {rows.attrs['ece']:.3f} · AUROC {rows.attrs['auroc']:.3f}" in written


def test_shifts_are_shaded_behind_a_queue(data: Data) -> None:
    ax = figures.plot_queue(data.log, data.scenario, "clerk", size="report")
    shaded = [
        patch for patch in ax.patches if matplotlib.colors.same_color(patch.get_facecolor(), style.SHADE)
    ]
    assert len(shaded) == len(frames.shifts(data.log, data.scenario, "clerk"))


def test_hours_worked_in_overtime_alone_are_marked_and_not_called_fully_used(data: Data) -> None:
    rows = frames.utilisation(data.log, data.scenario)
    sums = rows.groupby(["role", "position", "hour"])[["busy", "on_shift"]].sum()
    late = sums[(sums["on_shift"] == 0) & (sums["busy"] > 0)]
    ax = figures.plot_utilisation(data.log, data.scenario, size="report")
    (marks,) = [line for line in ax.get_lines() if line.get_marker() == "x"]
    assert sorted(marks.get_xdata()) == sorted(late.reset_index()["hour"])
    assert len(late)
    assert any("×: overtime" in text for text in texts(ax))


def test_days_are_named_by_weekday_and_what_they_share_stands_at_the_end(data: Data) -> None:
    written = texts(figures.plot_queue(data.log, data.scenario, "clerk", size="report"))
    assert {"Tue 06", "Jan 2026"} <= set(written)
    minutes = texts(figures.plot_trace(data.log, data.scenario, data.task, size="report"))
    assert any(text.endswith(" Jan 2026") and len(text) > len("Jan 2026") for text in minutes)


def test_outcomes_of_stays_close_together_stand_above_and_below(data: Data) -> None:
    events = data.log.events()
    tried = events[events["action"] == "attempted"].groupby("trace_id").size()
    ax = figures.plot_trace(data.log, data.scenario, str(tried.idxmax()), size="print")
    stays = frames.trace(data.log, data.scenario, str(tried.idxmax()))
    shown = [text.get_text() for text in ax.texts if text.get_text()]
    assert len(shown) >= min(2, stays["outcome"].notna().sum())


# -- names of users ---------------------------------------------------------------------------------------------


def test_names_of_users_are_drawn_as_they_are_and_never_as_formulas(data: Data) -> None:
    hostile = compare(dict.fromkeys(HOSTILE, data.scenario), 1)
    for draw in (
        figures.plot_comparison,
        figures.plot_cost_breakdown,
        figures.plot_frontier,
        figures.plot_cfr,
    ):
        ax = draw(hostile, size="report")
        shown = [line for text in texts(ax) for line in text.split("\n")]  # one label for those in one place
        assert set(style.shorts(HOSTILE, "report")) <= {text.replace("$", "\\$") for text in shown}
        assert not any(text._preprocess_math(text.get_text())[1] for text in figure_of(ax).findobj(Text))
        page = ElementTree.fromstring(style.svg(figure_of(ax)))
        tags = {node.tag.rpartition("}")[2] for node in page.iter()}
        assert not tags & {"script", "image", "foreignObject", "a"}


@pytest.mark.parametrize(
    ("name", "longest", "expected"),
    [
        ("short", 10, "short"),
        ("a name with\nlines", 30, "a name with lines"),
        ("ten letters and more", 10, "ten lette…"),
        ("$x$", 10, r"\$x\$"),
    ],
)
def test_long_names_get_an_ellipsis_and_dollars_stay_dollars(name: str, longest: int, expected: str) -> None:
    assert style.short(name, longest) == expected


def test_names_that_begin_alike_stay_apart() -> None:
    found = style.shorts(["a name that goes on and on 1", "a name that goes on and on 2"], "print")
    assert found == ["a name…and on 1", "a name…and on 2"]


def test_names_that_begin_and_end_alike_show_where_they_differ() -> None:
    names = [f"specialist for the {which} letters 1" for which in ("incoming", "outgoing")]
    assert len(set(style.shorts(names, "print"))) == 2
    assert all(len(name) <= style.LONGEST_NAME["print"] for name in style.shorts(names, "print"))


def test_markers_and_colours_together_tell_many_series_apart() -> None:
    assert len({(style.colour(place), style.marker(place)) for place in range(49)}) == 49


# -- extremes ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hopeless() -> Comparison:
    changes = {**SMALL, "workers.extractor.success": 0, "workers.clerk.success": 0}
    scenario = load(SHIPPED / "invoice_reconciliation.yaml", changes)
    return compare(scenario.topologies("escalation", "autonomous"), 2)


def test_without_a_success_charts_say_so(hopeless: Comparison) -> None:
    for draw in (figures.plot_comparison, figures.plot_cost_breakdown, figures.plot_frontier):
        assert "undefined: no successes" in texts(draw(hopeless, size="report"))
    assert "undefined: no successes" in texts(figures.plot_convergence(hopeless.base, size="report"))
    swept = sweep(hopeless.base.scenario, {THRESHOLD: [0.5, 0.9]}, 1, minimise="cpst")
    assert "undefined at every point" in texts(figures.plot_trade_off(swept, size="report"))


def test_one_replication_is_drawn_without_intervals(data: Data) -> None:
    one = replicate(data.scenario, 1)
    assert "no intervals" in figures.plot_comparison(one, size="report").get_title(loc="left")
    assert "one replication: no interval" in texts(figures.plot_convergence(one, size="report"))
    figures.plot_frontier(one, size="report")
    figures.plot_cfr(one, size="report")


def test_a_single_task_that_always_takes_as_long_is_one_bar() -> None:
    changes = {
        **SMALL, "tasks.invoice.arrivals": {"process": "deterministic", "every": "25 h"},
        "workers.extractor.work_time": "30 s", "topology": {"kind": "autonomous", "agent": "extractor"},
    }  # fmt: skip
    scenario = load(SHIPPED / "invoice_reconciliation.yaml", changes)
    ax = figures.plot_cycle_times(simulate(scenario), scenario, size="print")
    assert ax.get_title(loc="left") == "Cycle time of one task"
    assert sum(patch.get_height() for patch in ax.patches if isinstance(patch, Rectangle)) == 1


def test_quantiles_that_are_the_same_share_a_label_and_tasks_are_counted_in_whole_numbers() -> None:
    changes = {
        **SMALL, "tasks.invoice.arrivals": {"process": "deterministic", "every": "25 h"},
        "workers.extractor.work_time": "30 s", "topology": {"kind": "autonomous", "agent": "extractor"},
    }  # fmt: skip
    scenario = load(SHIPPED / "invoice_reconciliation.yaml", changes)
    log = simulate(scenario)
    ax = figures.plot_cycle_times(log, scenario, size="report")
    assert [text for text in texts(ax) if "median" in text] == ["median = 90 % = 99 % = 30 s"]
    assert all(tick == int(tick) for tick in ax.get_yticks())
    assert len([text for text in ax.get_xticklabels() if text.get_text()]) >= 2
    assert "nothing waits in this time" in texts(
        figures.plot_queue(log, scenario, "extractor", size="report")
    )


@pytest.mark.parametrize(("low", "high"), [(3_500, 5_900), (10, 11), (0.3, 0.9), (3, 4_000_000), (50, 51)])
@pytest.mark.parametrize("size", ["report", "print"])
def test_an_axis_of_durations_has_ticks_enough_and_not_too_many(
    low: float, high: float, size: style.Size
) -> None:
    ax = Figure().subplots()
    durations(ax, low, high, size)
    assert 1 <= len(ax.get_xticks()) <= MOST_TICKS[size]
    assert all(low <= tick <= high for tick in ax.get_xticks())
    assert len({text.get_text() for text in ax.get_xticklabels()}) == len(ax.get_xticks())


def test_without_a_budget_the_chart_of_budgets_says_so(data: Data) -> None:
    assert "no guard has a budget per period" in texts(
        figures.plot_budget(data.log, data.scenario, size="report")
    )


def test_fifty_workers_fit_on_a_page() -> None:
    changes = {**SMALL, "workers.clerk.positions": 50, "workers.extractor.positions": 4}
    scenario = load(SHIPPED / "invoice_reconciliation.yaml", changes)
    ax = figures.plot_utilisation(simulate(scenario), scenario, size="report")
    assert len(ax.get_yticks()) <= 25 < 50
    assert figure_of(ax).get_figheight() <= 12


@pytest.mark.parametrize(
    ("unit", "values", "expected"),
    [("share", [0.5], (100.0, "%")), ("s", [30.0], (1.0, "s")), ("s", [300.0], (1 / 60, "min")),
     ("s", [9_000.0], (1 / 3_600, "h")), ("s", [200_000.0], (1 / 86_400, "days")), ("EUR", [5.0], (1.0, "EUR")),
     ("s", [float("nan")], (1.0, "s"))],
)  # fmt: skip
def test_numbers_are_shown_in_a_unit_that_is_readable(
    unit: str, values: list[float], expected: tuple[float, str]
) -> None:
    scale = scale_of(unit, values)
    assert (scale.factor, scale.unit) == expected


def test_a_metric_of_ones_own_is_drawn_by_its_name_in_words(data: Data) -> None:
    own = Metric(
        "right_per_task", "share", "higher", "successes over tasks", lambda tally: tally.cohort.right,
        lambda tally: tally.cohort.tasks,
    )  # fmt: skip
    assert figures.plot_comparison(data.compared, own).get_xlabel() == "right per task (%)"
    one = next(iter(data.compared.variants.values()))
    assert figures.plot_convergence(one, own).get_ylabel() == "right per task (%)"
