"""The verb breakeven: from which value on one variant is better than another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.decisions import check_conditions, unknown_metric
from analysis.cli.group import Verb, with_options
from analysis.cli.outcome import Exit
from analysis.cli.usage import check_unused, usage_errors
from analysis.cli.varied_experiment import (
    Request,
    carried_out,
    common_options,
    overrides_of,
    scenario_asked,
    shown,
)
from analysis.cli.varying import parse_vary, vary_option

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from analysis.cli.progress import Progress
    from analysis.experiments.crossover import Breakeven
    from analysis.experiments.search.pair import Pair
    from analysis.runs.experiment import ExperimentRecord
    from sim import Scenario


@dataclass(frozen=True)
class BreakevenRequest(Request):
    """What was asked for on the command line."""

    between: str
    varied: tuple[str, ...]
    metric: str | None
    staff_to: tuple[str, ...]
    points: int
    tolerance: float


OPTIONS = (
    click.argument("file", metavar="FILE"),
    click.option(
        "--between", required=True, metavar="A,B",
        help="Two variants of the file or topologies, such as 'as written,guardian'; a variant goes before a topology "
        "of its name.",
    ),
    vary_option(
        "What to vary: path=0.5..0.99 between two values, numbers or of one unit, or path=10,20,40 to begin with these."
    ),
    click.option(
        "--minimise", "metric", metavar="METRIC",
        help="What to compare, in place of what the file's decide minimises; the larger wins where more is better.",
    ),
    click.option(
        "--staff-to", multiple=True, metavar="CONDITION",
        help="First find each variant's least people that meet this as the file is written, such as 'sla_share>=0.95', "
        "and keep them along the path; may be given often.",
    ),
    click.option(
        "--points", type=click.IntRange(2, 60), default=5, show_default=True,
        help="Evenly spread values to look at first; what lies between two of them may be missed.",
    ),
    click.option(
        "--tolerance", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.005, show_default=True,
        help="How exactly to search for a crossing, in parts of the range.",
    ),
    *common_options("value"),
)  # fmt: skip
"""Arguments and options of `breakeven`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def breakeven(**typed: Any) -> Exit:
    """Find from which value on another variant wins.

    Two variants of the FILE along the values of a path, on the same draws: where the paired difference crosses 0,
    with an interval.
    """
    return breakeven_of(BreakevenRequest(**typed))


def breakeven_of(request: BreakevenRequest) -> Exit:
    """Searches for what was asked for; raises ScenarioError, click's errors and those of the simulator."""
    from analysis.experiments.search.pair import checked_pair
    from analysis.report.breakeven import answer, breakeven_report

    if request.metric is not None and (message := unknown_metric(request.metric)):
        raise click.BadParameter(message, param_hint="--minimise")
    check_conditions(request.staff_to, "--staff-to")
    scenario = scenario_asked(request)
    with usage_errors():
        pair = checked_pair(scenario, [name.strip() for name in request.between.split(",")])
    vary, values = _range(request)
    found, target = carried_out(
        "breakeven", request, scenario,
        lambda executor, progress: _found(request, scenario, pair, vary, values, executor, progress),
        lambda found: _record(request, found),
    )  # fmt: skip
    return shown(request, found, target, lambda: breakeven_report(found), lambda: "\n".join(answer(found)))


def _range(request: BreakevenRequest) -> tuple[str, dict[str, Any]]:
    """The path and its range, as arguments of the experiment; raises ScenarioError or click's errors for none."""
    from analysis.experiments.axes import Between

    axes = parse_vary(request.varied)
    if len(axes) != 1 or len(axes[0].paths) != 1:
        raise click.BadParameter("a break-even is along one path", param_hint="--vary")
    axis = axes[0]
    if isinstance(axis, Between):
        return axis.path, {"low": axis.low, "high": axis.high}
    check_unused("points", "a range such as path=0.5..0.99")
    if len(axis.rows) < 2:
        raise click.BadParameter(
            "a break-even is between two values, such as path=0.5..0.99", param_hint="--vary"
        )
    return axis.paths[0], {"values": [row[0] for row in axis.rows]}


def _found(
    request: BreakevenRequest,
    scenario: Scenario,
    pair: Pair,
    vary: str,
    values: dict[str, Any],
    executor: Executor,
    progress: Progress,
) -> Breakeven:
    from analysis.experiments.breakeven import breakeven as searched

    with usage_errors():
        return searched(
            scenario, pair, vary, **values, metric=request.metric, points=request.points,
            tolerance=request.tolerance, replications=request.replications, seed=request.seed,
            progress=progress, executor=executor, staff_to=request.staff_to,
        )  # fmt: skip


def _record(request: BreakevenRequest, found: Breakeven) -> ExperimentRecord:
    """What goes into the folder: every point, and the crossings."""
    from analysis.runs.experiment import ExperimentRecord, reasons_of

    document = found.to_json_dict()
    tables = {"points": document["points"], "crossings": document["crossings"]}
    return ExperimentRecord(
        "breakeven", found.scenario, found.seed, found.replications, document, tables, found,
        overrides_of(request), reasons_of(found.results()),
    )  # fmt: skip
