"""The verb sweep: a scenario at many points, and which of them is best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.decisions import check_rule
from analysis.cli.group import Verb, with_options
from analysis.cli.outcome import Exit, counted, say
from analysis.cli.varied_experiment import (
    Request,
    carried_out,
    common_options,
    metrics_in,
    overrides_of,
    scenario_asked,
    shown,
)
from analysis.cli.varying import parse_vary, renamed, vary_option

if TYPE_CHECKING:
    from analysis.experiments.points import Design, Point
    from analysis.experiments.sweep import Sweep
    from analysis.runs.experiment import ExperimentRecord
    from sim import Scenario


@dataclass(frozen=True)
class SweepRequest(Request):
    """What was asked for on the command line."""

    varied: tuple[str, ...]
    design: Design | None
    points: int | None
    minimise: str | None
    subject_to: tuple[str, ...]
    metrics: str | None


OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("file"),
    vary_option(),
    click.option(
        "--design", type=click.Choice(("grid", "zip", "random", "sobol")),
        help="How points are made: all combinations of lists, lists side by side, or --points of ranges; a grid "
        "unless there is a range.",
    ),
    click.option("--points", type=click.IntRange(1, 10_000), help="How many points of a range; 16 unless given."),
    click.option("--minimise", metavar="METRIC", help="What to choose by, in place of the file's decide."),
    click.option(
        "--subject-to", multiple=True, metavar="CONDITION",
        help="What the choice must meet, such as 'sla_share>=0.95'; may be given often.",
    ),
    click.option("--metrics", metavar="LIST", help="Columns of the table, such as cpst,cfr_delivered,throughput."),
    *common_options("point"),
)  # fmt: skip
"""Arguments and options of `sweep`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def sweep(**typed: Any) -> Exit:
    """Vary values of a scenario and see where it is best.

    Every point of a grid, a list or a range is simulated on the same draws. The last line names the folder with the
    tables.
    """
    return sweep_scenario(SweepRequest(**typed))


def sweep_scenario(request: SweepRequest) -> Exit:
    """Sweeps what was asked for; raises ScenarioError, click's errors and those of the simulator."""
    from analysis.experiments.sweep import sweep as swept
    from analysis.report.compare_words import wrapped
    from analysis.report.sweep import sweep_report
    from analysis.report.sweep_words import answer

    check_rule(request.minimise, request.subject_to)
    columns = metrics_in(request.metrics, "--metrics")
    scenario = scenario_asked(request)
    points = points_asked(request, scenario)
    if request.verbose:
        say(f"{counted(len(points), 'point')}")
    found, target = carried_out(
        "sweep", request, scenario,
        lambda executor, progress: swept(
            scenario, points, request.replications, request.minimise, request.subject_to or None,
            seed=request.seed, progress=progress, executor=executor,
        ),
        lambda found: _record(request, found),
    )  # fmt: skip
    return shown(
        request,
        found,
        target,
        lambda: sweep_report(found, columns),
        lambda: "\n".join(wrapped(answer(found))),
    )


def points_asked(request: SweepRequest, scenario: Scenario) -> list[Point]:
    """The distinct points, all of them checked; raises ScenarioError that names the --vary at fault."""
    from analysis.experiments.points import designed, distinct, scenarios_at
    from sim.errors import ScenarioError

    axes = parse_vary(request.varied)
    seed = scenario.seed if request.seed is None else request.seed
    try:
        asked = designed(scenario, axes, request.design, request.points, seed)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    found = distinct(asked)
    if len(found) < len(asked):
        say(f"warning: {counted(len(asked) - len(found), 'point')} came before; each is simulated once")
    try:
        scenarios_at(scenario, found)
    except ScenarioError as error:
        raise renamed(error, axes) from None
    return found


def _record(request: SweepRequest, found: Sweep) -> ExperimentRecord:
    """What goes into the folder."""
    from analysis.experiments import sweep_rows
    from analysis.runs.experiment import ExperimentRecord, reasons_of

    compared = found.comparison
    tables = {
        "summary": sweep_rows.summary(found),
        "points": sweep_rows.standings(found),
        "replications": list(sweep_rows.replication_rows(found)),
    }
    return ExperimentRecord(
        "sweep", found.scenario, compared.base.seed, compared.replications, found.to_json_dict(), tables, found,
        overrides_of(request), reasons_of(compared.variants),
    )  # fmt: skip
