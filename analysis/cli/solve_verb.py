"""The verb solve: the least people, agents or spending that meet conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

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
from analysis.cli.varying import parse_vary, renamed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from analysis.cli.progress import Progress
    from analysis.experiments.solution import Solution
    from analysis.runs.experiment import ExperimentRecord
    from sim import Scenario


@dataclass(frozen=True)
class SolveRequest(Request):
    """What was asked for on the command line."""

    least: tuple[str, ...]
    staff: tuple[str, ...]
    subject_to: tuple[str, ...]
    sure: float | None
    low: int
    high: int | None
    minimise: tuple[str, ...]
    method: Literal["integer", "optuna"]
    trials: int


OPTIONS = (
    click.argument("file", metavar="FILE"),
    click.option(
        "--staff", multiple=True, metavar="ROLE",
        help="The least positions of this role, such as clerk; may be given often.",
    ),
    click.option(
        "--least", multiple=True, metavar="PATH[=VALUES]",
        help="The least at a path, such as workers.clerk.positions, or among the values path=4:10:2, path=50,100,200 "
        "or path=0.5..0.9, the least first; may be given often.",
    ),
    click.option(
        "--subject-to", multiple=True, metavar="CONDITION",
        help="What must be met, such as 'sla_share>=0.95'; may be given often; else what the file's decide says.",
    ),
    click.option(
        "--sure", type=click.FloatRange(0.5, 1.0, max_open=True), metavar="PROBABILITY",
        help="Demand each condition with this probability, such as 0.95; else the estimates decide.",
    ),
    click.option("--low", type=int, default=1, show_default=True, help="The least whole number to try."),
    click.option("--high", type=int, help="The largest; eight times what the file says, 64 at least, unless given."),
    click.option(
        "--minimise", multiple=True, metavar="METRIC",
        help="What several paths together are to make small, or large where more is better; up to 3 with the method "
        "optuna. [default: cost_per_month_paid]",
    ),
    click.option(
        "--method", type=click.Choice(("integer", "optuna")), default="integer", show_default=True,
        help="Step by step, or by Optuna's samplers (extra optuna), for many paths and for ranges.",
    ),
    click.option(
        "--trials", type=click.IntRange(1, 100_000), default=100, show_default=True,
        help="Candidates that the method optuna tries.",
    ),
    *common_options("candidate"),
)  # fmt: skip
"""Arguments and options of `solve`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def solve(**typed: Any) -> Exit:
    """Find the least that is enough.

    The least people of a role, or the least at any path of the FILE, that meet conditions; on the same draws, shown
    with what one less comes to. Exit code 1 when nothing that was tried is enough.
    """
    return solve_scenario(SolveRequest(**typed))


def solve_scenario(request: SolveRequest) -> Exit:
    """Searches for what was asked for; raises ScenarioError, click's errors and those of the simulator."""
    from analysis.report.solve import answer, solve_report

    _check(request)
    scenario = scenario_asked(request)
    least = _least(request, scenario)
    _check_search(request, scenario, least)
    found, target = carried_out(
        "solve", request, scenario,
        lambda executor, progress: _solved(request, scenario, least, executor, progress),
        lambda found: _record(request, found),
    )  # fmt: skip
    code = shown(request, found, target, lambda: solve_report(found), lambda: "\n".join(answer(found)))
    return Exit.GATE if found.best is None else code


def _check(request: SolveRequest) -> None:
    """Raises click's errors for options that say nothing or do not go together."""
    if not request.least and not request.staff:
        raise click.UsageError("say what to find the least of: --staff ROLE or --least PATH")
    if request.method != "optuna":
        check_unused("trials", "--method optuna")
    check_conditions(request.subject_to, "--subject-to")
    for name in request.minimise:
        if message := unknown_metric(name):
            raise click.BadParameter(message, param_hint="--minimise")


def _check_search(request: SolveRequest, scenario: Scenario, least: dict[str, Sequence[Any]]) -> None:
    """Raises ScenarioError or click's errors for what cannot be searched, before anything is done for it."""
    from analysis.experiments.axes import Listed
    from analysis.experiments.conditions import check_replications
    from analysis.experiments.search.plan import Plan
    from analysis.experiments.search.values import values_to_try
    from analysis.experiments.solve import COST, checked
    from sim.errors import ScenarioError

    paths = [text.partition("=")[0].strip() for text in request.least]
    try:
        with usage_errors():
            check_replications(request.sure, request.replications)
            plan = Plan.of(scenario, request.subject_to or None, request.minimise or COST, None, request.sure)
            checked(plan, values_to_try(scenario, least), request.method)
    except ScenarioError as error:
        raise renamed(error, [Listed((path,), ()) for path in paths], "--least") from None


def _least(request: SolveRequest, scenario: Scenario) -> dict[str, Sequence[Any]]:
    """The values to try by path; raises ScenarioError or click's errors for paths and values that cannot be."""
    from analysis.experiments.axes import Between
    from analysis.experiments.search.values import whole_numbers

    paths = [f"workers.{_role(scenario, role)}.positions" for role in request.staff]
    paths += [text for text in request.least if "=" not in text]
    if not paths:
        check_unused("low", "--staff, or --least without values")
        check_unused("high", "--staff, or --least without values")
    axes = parse_vary([text for text in request.least if "=" in text], "--least")
    _check_once([*paths, *(path for axis in axes for path in axis.paths)])
    with usage_errors():
        found: dict[str, Sequence[Any]] = {
            path: whole_numbers(scenario, path, request.low, request.high) for path in paths
        }
    for axis in axes:
        if isinstance(axis, Between):
            if request.method != "optuna" and not axis.is_whole:
                raise click.BadParameter(
                    f"{axis.path}: list the values to try, or give --method optuna for a range",
                    param_hint="--least",
                )
            found[axis.path] = (axis.low, axis.high)
        elif len(axis.paths) > 1:
            raise click.BadParameter(f"{' & '.join(axis.paths)}: one path at a time", param_hint="--least")
        else:
            found[axis.paths[0]] = [row[0] for row in axis.rows]
    return found


def _check_once(paths: Sequence[str]) -> None:
    twice = [path for place, path in enumerate(paths) if path in paths[:place]]
    if twice:
        raise click.BadParameter(f"{twice[0]} is given twice", param_hint="--staff / --least")


def _role(scenario: Scenario, role: str) -> str:
    from sim.problems import alternatives

    if role not in scenario.workers:
        names = list(scenario.workers)
        raise click.BadParameter(f"no role {role}{alternatives(role, names)}", param_hint="--staff")
    return role


def _solved(
    request: SolveRequest,
    scenario: Scenario,
    least: dict[str, Sequence[Any]],
    executor: Executor,
    progress: Progress,
) -> Solution:
    from analysis.experiments.solve import COST
    from analysis.experiments.solve import solve as solved

    with usage_errors():
        return solved(
            scenario, least, request.subject_to or None, minimise=request.minimise or COST, sure=request.sure,
            method=request.method, trials=request.trials, replications=request.replications, seed=request.seed,
            progress=progress, executor=executor,
        )  # fmt: skip


def _record(request: SolveRequest, found: Solution) -> ExperimentRecord:
    """What goes into the folder: every candidate, the steps below the answer, the frontier."""
    from analysis.runs.experiment import ExperimentRecord, reasons_of

    document = found.to_json_dict()
    tables = {"candidates": document["candidates"], "one_less": document["one_less"]}
    if found.frontier is not None:
        tables["frontier"] = found.frontier.rows()
    return ExperimentRecord(
        "solve", found.scenario, found.seed, found.replications, document, tables, found,
        overrides_of(request), reasons_of({part.label: part.result for part in found.tried}),
    )  # fmt: skip
