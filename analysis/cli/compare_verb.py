"""The verb compare: variants on the same draws, and which of them to choose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.decisions import check_conditions, check_decision, check_rule
from analysis.cli.draws_option import check_draws, draws_option
from analysis.cli.engine import check_engine
from analysis.cli.experiment import Place, asked_of, experiment_place, target_of
from analysis.cli.group import Verb, with_options
from analysis.cli.outcome import Exit, counted, say
from analysis.cli.precision_options import (
    max_time_option,
    most_option,
    parse_goal,
    parse_max_time,
    sure_option,
    within_option,
)
from analysis.cli.settings import MOST_REPLICATIONS, load_with, split_settings
from analysis.cli.usage import check_unused
from analysis.cli.varied_experiment import WorkRequest, experiment_options, working

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison
    from sim import Scenario

EVERY_TOPOLOGY = "all"


@dataclass(frozen=True)
class CompareRequest(WorkRequest):
    """What was asked for on the command line."""

    files: tuple[str, ...]
    topologies: str | None
    baseline: str | None
    minimise: str | None
    subject_to: tuple[str, ...]
    staff_to: tuple[str, ...]
    draws: int | None
    until_best: float | None
    sure: float
    within: tuple[str, ...]
    most: int
    max_time: str | None


OPTIONS = (
    click.argument("files", nargs=-1, required=True, metavar="FILE..."),
    click.option(
        "--topologies", metavar="LIST",
        help="Compare the file under these, such as copilot,guardian, or under all that its bindings allow.",
    ),
    click.option("--baseline", metavar="NAME", help="What the others are set against; else the file as written."),
    click.option("--minimise", metavar="METRIC", help="What to choose by, in place of the file's decide."),
    click.option(
        "--subject-to", multiple=True, metavar="CONDITION",
        help="What the choice must meet, such as 'sla_share>=0.95'; may be given often.",
    ),
    click.option(
        "--staff-to", multiple=True, metavar="CONDITION",
        help="First find each variant's least people that meet this, such as 'sla_share>=0.95'; may be given often.",
    ),
    click.option(
        "-n", "--replications", type=click.IntRange(2, MOST_REPLICATIONS), default=30, show_default=True,
        help="How often to repeat each variant, with the same draws for all.",
    ),
    draws_option(),
    click.option(
        "--until-best", type=click.FloatRange(min=0, min_open=True), metavar="LEAD",
        help="Go on, -n at a time, until the best is known, if it is ahead by this in the objective.",
    ),
    sure_option(),
    within_option(
        "Go on until the difference of METRIC to the baseline is this narrow for every variant, such as 'cpst=2 %' of "
        "the baseline's value or 'wait_mean=5 s' to each side; may be given often."
    ),
    most_option("Replications at which --until-best or --within gives up."),
    max_time_option(),
    *experiment_options("what to choose"),
)  # fmt: skip
"""Arguments and options of `compare`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def compare(**typed: Any) -> Exit:
    """Choose between variants of a scenario.

    The variants in the FILE beside the file as written, its topologies, or several files; on the same draws, with
    paired differences and what to choose.
    """
    return compare_scenarios(CompareRequest(**typed))


def compare_scenarios(request: CompareRequest) -> Exit:
    """Compares what was asked for; raises ScenarioError, click's errors and those of the simulator."""
    from analysis.experiments.variants import check_together

    check_engine(request.jobs, request.engine, request.address)
    check_rule(request.minimise, request.subject_to)
    _check_goal(request)
    check_conditions(request.staff_to, "--staff-to")
    stated = _loaded(request)
    scenarios, baseline = _scenarios(request, stated)
    baseline = request.baseline or baseline
    check_draws(request.draws, scenarios)
    try:
        check_together(scenarios, baseline)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if request.verbose:
        say(f"{counted(len(scenarios), 'variant')}, {counted(request.replications, 'replication')} each")
    seed = scenarios[baseline].seed if request.seed is None else request.seed
    asked = asked_of("compare", request, scenarios, seed)
    with experiment_place(asked, target_of(asked, request.files[0], request.out), request.resume) as place:
        result = _compared(request, scenarios, baseline, place)
        _write(request, result, place, stated)
    _show(request, result, place.target)
    return _code(result)


def _loaded(request: CompareRequest) -> dict[str, Scenario]:
    """The scenarios in the files, by their names below the folder that these have in common."""
    from analysis.runs.contents import names_below

    texts = split_settings(request.settings)
    loaded: dict[str, Scenario] = {}
    for name, file in zip(names_below(request.files), request.files, strict=True):
        if name in loaded:
            raise click.UsageError(f"{file} is given twice")
        scenario = load_with(file, texts)
        check_decision(scenario, file, texts)
        loaded[name] = scenario
    return loaded


def _scenarios(request: CompareRequest, loaded: dict[str, Scenario]) -> tuple[dict[str, Scenario], str]:
    """What to compare by name, and the one as written."""
    from analysis.experiments.variants import named_scenarios

    first = next(iter(loaded.values()))
    if len(loaded) > 1:
        if request.topologies is not None:
            raise click.UsageError("--topologies goes with one FILE")
        by_stem = {Path(file).stem: scenario for file, scenario in loaded.items()}
        named = by_stem if len(by_stem) == len(loaded) else loaded
        return named, next(iter(named))
    named = named_scenarios(first) if request.topologies is None else _topologies(first, request.topologies)
    own = first.digest()
    same = [name for name, scenario in named.items() if scenario.digest() == own]
    return named, same[0]


def _topologies(scenario: Scenario, text: str) -> dict[str, Scenario]:
    """The scenario under the topologies that were listed, and as written when that is none of them."""
    from pydantic import ValidationError

    from analysis.experiments.variants import AS_WRITTEN
    from sim.errors import ScenarioError
    from sim.topology import KINDS

    is_every = text.strip() == EVERY_TOPOLOGY
    kinds = list(KINDS) if is_every else [kind.strip() for kind in text.split(",")]
    found: dict[str, Scenario] = {}
    for kind in kinds:
        if kind not in KINDS:
            raise click.BadParameter(
                f"no topology {kind!r}; there are {', '.join(KINDS)}", param_hint="--topologies"
            )
        try:
            found[kind] = scenario.topologies(kind)[kind]
        except (ScenarioError, ValidationError) as error:
            if not is_every:
                message = f"{kind} needs what the file does not bind: {_first_line(error)}"
                raise click.BadParameter(message, param_hint="--topologies") from None
    if scenario.digest() not in [part.digest() for part in found.values()]:
        return {AS_WRITTEN: scenario, **found}
    return found


def _first_line(error: Exception) -> str:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error).split("\n")[0]


def _compared(
    request: CompareRequest, scenarios: dict[str, Scenario], baseline: str, place: Place
) -> Comparison:
    from analysis.experiments import compare as compared

    with working(request, place) as (executor, progress):
        return compared(
            scenarios, request.replications, baseline, request.minimise, request.subject_to or None,
            seed=request.seed, progress=progress, executor=executor, **_goal(request),
            draws=request.draws, staff_to=request.staff_to,
        )  # fmt: skip


def _goal(request: CompareRequest) -> dict[str, Any]:
    """When to stop, as an argument of `compare`; raises click's errors for what cannot be."""
    best, seconds = (request.until_best, request.sure), parse_max_time(request.max_time)
    return parse_goal(best, request.within, request.replications, request.most, seconds)


def _check_goal(request: CompareRequest) -> None:
    """Says before the work what cannot be reached; raises click's errors, also for what would change nothing."""
    _goal(request)
    if request.until_best is None:
        check_unused("sure", "--until-best")
        if not request.within:
            check_unused("most", "--until-best or --within")


def _write(request: CompareRequest, result: Comparison, place: Place, stated: dict[str, Scenario]) -> None:
    """The folder of the comparison, with every variant."""
    from analysis.runs import ExperimentRecord, reasons_of

    document = result.to_json_dict()
    tables = {name: document[name] for name in ("summary", "differences", "standings")}
    record = ExperimentRecord(
        "compare", result.base.scenario, result.base.seed, result.replications, document, tables, result,
        split_settings(request.settings), reasons_of(result.variants) | _stopped(result),
        {name: variant.scenario for name, variant in result.variants.items()}, stated,
    )  # fmt: skip
    place.write(record)


def _show(request: CompareRequest, result: Comparison, target: Path) -> None:
    """The page, or the JSON document, on standard output; a folder is the last line of the page."""
    from analysis.report.compare import compare_report, recommended
    from analysis.runs import json_text

    if request.as_json:
        click.echo(json_text({**result.to_json_dict(), "folder": str(target)}), nl=False)
        return
    click.echo(recommended(result) if request.quiet else compare_report(result))
    click.echo(f"\n{target}")


def _stopped(result: Comparison) -> dict[str, str]:
    """That a limit of time ended it; empty when none did."""
    if "time" not in [part.stopped_by for part in (result.search, result.precision) if part is not None]:
        return {}
    return {"comparison": f"stopped by the limit of time after {counted(result.replications, 'replication')}"}


def _code(result: Comparison) -> Exit:
    """1 when some replications were stopped or lost, else 0."""
    for reason in _stopped(result).values():
        say(reason)
    for name, variant in result.variants.items():
        for log in variant.logs:
            if log.stopped_by:
                say(f"{name}: replication {log.replication} was stopped: {log.stopped_by}")
    for number, reason in result.base.lost.items():
        say(f"replication {number} is left out: {reason}")
    return Exit.OK if result.is_complete else Exit.GATE
