"""The verb sensitivity: which parameters of a scenario matter most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from analysis.cli.group import Verb, with_options
from analysis.cli.outcome import Exit
from analysis.cli.usage import check_unused
from analysis.cli.varied_experiment import (
    Request,
    carried_out,
    common_options,
    metrics_in,
    overrides_of,
    scenario_asked,
    shown,
)
from analysis.cli.varying import parse_vary, renamed, vary_fault, vary_option

if TYPE_CHECKING:
    from analysis.experiments.one_at_a_time import Sensitivity
    from analysis.experiments.ranges import Ranges
    from analysis.experiments.sobol import SobolIndices
    from analysis.runs.experiment import ExperimentRecord
    from sim import Scenario


@dataclass(frozen=True)
class SensitivityRequest(Request):
    """What was asked for on the command line."""

    varied: tuple[str, ...]
    parameters: tuple[str, ...]
    by: float
    method: Literal["one_at_a_time", "sobol"]
    points: int
    closely: int
    metrics: str | None


OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("file"),
    vary_option("A parameter with its range, such as topology.threshold=0.7..0.95; may be given often.", False),
    click.option("--parameter", "parameters", multiple=True, metavar="PATH", help="A parameter with the usual range."),
    click.option(
        "--by", type=click.FloatRange(0, 90, min_open=True), default=20, show_default=True, metavar="PERCENT",
        help="The usual range: so much of the value to both sides.",
    ),
    click.option(
        "--method", type=click.Choice(("one_at_a_time", "sobol")), default="one_at_a_time", show_default=True,
        help="Each parameter alone, or all at once and the share of the variance that comes from each.",
    ),
    click.option(
        "--points", type=click.IntRange(2, 8192), default=64, show_default=True,
        help="Rows of the design of sobol, a power of 2; each costs a point per parameter and two more.",
    ),
    click.option(
        "--closely", type=click.IntRange(1, 200), default=8, show_default=True, metavar="COUNT",
        help="How many parameters get all -n replications when nobody named any: those that move the metrics most in "
        "two. For the 32 of a scenario that takes 0.2 s this is half a minute on two cores, for all of them 2.5 times "
        "that.",
    ),
    click.option("--metrics", metavar="LIST", help="What to explain, such as cpst,sla_share; else as in decide."),
    *common_options("point"),
)  # fmt: skip
"""Arguments and options of `sensitivity`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def sensitivity(**typed: Any) -> Exit:
    """See which parameters matter most.

    Without --vary and --parameter these are what the file calls uncertain, or else the numbers it states: two
    replications of each show which --closely to look at, the others are set aside. The last line names the folder with
    the tables.
    """
    return explain_variation(SensitivityRequest(**typed))


def explain_variation(request: SensitivityRequest) -> Exit:
    """Finds what was asked for; raises ScenarioError, click's errors and those of the simulator."""
    from analysis.experiments.sensitivity import sensitivity as found_by
    from analysis.report.compare_words import wrapped
    from analysis.report.sensitivity import sensitivity_answer, sensitivity_report
    from analysis.report.sensitivity_scope import scope

    if request.method != "sobol":
        check_unused("points", "--method sobol")
    else:
        check_unused("closely", "--method one_at_a_time")
    metrics = metrics_in(request.metrics, "--metrics") or None
    scenario = scenario_asked(request)
    ranges = ranges_asked(request, scenario)
    is_open = request.method != "sobol" and ranges is None and not scenario.uncertain
    if not is_open:
        check_unused("closely", "parameters that nobody named")
    found, target = carried_out(
        "sensitivity", request, scenario,
        lambda executor, progress: found_by(
            scenario, ranges, metrics, request.method, request.replications, request.points, request.by / 100,
            seed=request.seed, progress=progress, executor=executor, closely=request.closely if is_open else None,
        ),
        lambda found: _record(request, found),
    )  # fmt: skip
    return shown(
        request,
        found,
        target,
        lambda: "\n\n".join([sensitivity_report(found), *scope(found, scenario)]),
        lambda: "\n".join(wrapped(sensitivity_answer(found))),
    )


def ranges_asked(request: SensitivityRequest, scenario: Scenario) -> Ranges:
    """The parameters with their ranges, all of them checked; None for the usual ones.

    Raises ScenarioError that names the --vary at fault, click.UsageError for parameters that do not fit the method.
    """
    from analysis.experiments.points import scenarios_at
    from analysis.experiments.ranges import parameters_of
    from analysis.experiments.variance_shares import design
    from sim.errors import ScenarioError

    given = _given(request)
    by = request.by / 100
    try:
        scenarios_at(scenario, [{path: value} for path, ends in given.items() for value in ends])
        usual = parameters_of(scenario, request.parameters, by).varied if request.parameters else ()
        ranges = {**given, **{one.path: (one.low, one.high) for one in usual}}
        found = parameters_of(scenario, ranges or None, by)
        if request.method == "sobol":
            design(len(found.varied), request.points, 0)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except ScenarioError as error:
        raise renamed(error, parse_vary(request.varied)) from None
    return ranges or None


def _given(request: SensitivityRequest) -> dict[str, tuple[Any, Any]]:
    """The ranges that were typed; raises ScenarioError for a --vary that is no range."""
    from analysis.experiments.axes import Between
    from sim.errors import ScenarioError

    found = {}
    for number, axis in enumerate(parse_vary(request.varied), 1):
        if not isinstance(axis, Between) or axis.is_log:
            message = "a parameter has a range, such as 0.7..0.95"
            raise ScenarioError([vary_fault(number, axis.paths[0], "E0203", message)])
        found[axis.path] = (axis.low, axis.high)
    return found


def _record(request: SensitivityRequest, found: Sensitivity | SobolIndices) -> ExperimentRecord:
    """What goes into the folder."""
    from analysis.experiments.one_at_a_time import Sensitivity
    from analysis.runs.experiment import ExperimentRecord, reasons_of

    reasons = {}
    if isinstance(found, Sensitivity):
        reasons = reasons_of({f"{path} {end}".strip(): run for (path, end), run in found.runs.items()})
    elif not found.is_complete:
        reasons = {"sobol": "some replications were stopped by a limit"}
    document = found.to_json_dict()
    return ExperimentRecord(
        "sensitivity", found.scenario, document["seed"], document["replications"], document,
        {"summary": found.rows()}, found, overrides_of(request), reasons,
    )  # fmt: skip
