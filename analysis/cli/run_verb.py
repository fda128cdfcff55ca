"""The verb run: replications of one scenario, a page on the screen and a folder with everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.decisions import check_decision
from analysis.cli.draws_option import check_draws, draws_option
from analysis.cli.engine import ENGINE_OPTIONS, check_engine
from analysis.cli.experiment import HOME, Place, asked_of, experiment_place, resume_option
from analysis.cli.gates import met_gates, parse_gate
from analysis.cli.group import Verb, with_options
from analysis.cli.made import Made, made_of, with_inputs
from analysis.cli.outcome import Exit, counted, say
from analysis.cli.precision_options import (
    max_time_option,
    most_option,
    parse_max_time,
    parse_precision,
    within_option,
)
from analysis.cli.settings import (
    LARGEST_SEED,
    MOST_REPLICATIONS,
    VARIANT,
    load_with,
    set_option,
    split_settings,
    variant_of,
    variant_option,
)
from analysis.cli.varied_experiment import Request, working

if TYPE_CHECKING:
    from analysis.experiments.precision import Precision
    from sim import Scenario


@dataclass(frozen=True)
class RunRequest(Request):
    """What was asked for on the command line."""

    variant: str | None
    within: tuple[str, ...]
    most: int
    max_time: str | None
    draws: int | None
    events: bool
    gates: tuple[str, ...]


OPTIONS = (
    click.argument("file"),
    click.option(
        "-n", "--replications", type=click.IntRange(1, MOST_REPLICATIONS), default=10, show_default=True,
        help="How often to repeat the run with other draws.",
    ),
    within_option(
        "Go on until the interval of METRIC is this narrow, such as 'cpst=2 %' of its value or 'wait_mean=5 s' to "
        "each side; may be given often. First looked at after -n replications, 10 at least."
    ),
    most_option("Replications at which --within gives up."),
    max_time_option(),
    draws_option(),
    click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="In place of the scenario's seed."),
    set_option(),
    variant_option(),
    click.option("--out", metavar="DIR", help="The folder of this run; runs/NAME-HASH unless given."),
    resume_option(),
    click.option("--events", is_flag=True, help="Keep the log of the first of many replications, too."),
    click.option(
        "--fail-on", "gates", multiple=True, metavar="GATE",
        help="Exit with 1 when it is met, such as 'cpst>5'; may be given often.",
    ),
    *ENGINE_OPTIONS,
    click.option("--json", "as_json", is_flag=True, help="One JSON document in place of the page."),
    click.option("-q", "--quiet", is_flag=True, help="No page and no progress: only the folder, or the JSON document."),
    click.option("-v", "--verbose", is_flag=True, help="Say what is being done."),
    click.option("--no-progress", is_flag=True, help="No progress bar."),
)  # fmt: skip
"""Arguments and options of `run`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def run(**typed: Any) -> Exit:
    """Simulate a scenario and report on it.

    Cost, quality, time and people, each with its interval. The last line names the folder with everything.
    """
    return run_scenario(RunRequest(**typed))


def run_scenario(request: RunRequest) -> Exit:
    """Runs what was asked for; raises ScenarioError, RunFolderError and the errors of the simulator."""
    check_engine(request.jobs, request.engine, request.address)
    _precision(request)  # before the work, what cannot be reached is said
    gates = tuple(map(parse_gate, request.gates))
    texts = split_settings(request.settings)
    scenario = variant_of(load_with(request.file, texts), request.variant)
    check_decision(scenario, request.file, texts)
    check_draws(request.draws, {"": scenario})
    seed = scenario.seed if request.seed is None else request.seed
    target, identity = _target(request, scenario, seed)
    if request.verbose:
        say(f"{scenario.name}: {counted(request.replications, 'replication')}, seed {seed}, into {target}")
    asked = asked_of("run", request, scenario, seed)
    with (
        experiment_place(asked, target, request.resume, identity) as place,
        TemporaryDirectory(prefix="workforce-") as folder,
    ):
        keep = Path(folder) / "events.parquet" if request.events or request.replications == 1 else None
        made = _simulated(request, scenario, seed, keep, place)
        result = made.result
        _write(request, made, texts, place, identity, keep)
        if result.is_interrupted:
            place.keep()
    _show(request, made, target)
    met = met_gates(gates, result.estimates())
    for sentence in met:
        say(sentence)
    return _code(made, bool(met))


def _simulated(request: RunRequest, scenario: Scenario, seed: int, keep: Path | None, place: Place) -> Made:
    with working(request, place, is_often_short=True) as (executor, progress):
        made = made_of(scenario, request.replications, _precision(request), seed, progress, keep, executor)
        return with_inputs(made, request.draws, progress, executor)


def _precision(request: RunRequest) -> Precision | None:
    """How precise it is to be, and until when; None for a number of replications alone."""
    seconds = parse_max_time(request.max_time)
    return parse_precision(request.within, request.replications, request.most, seconds)


def _target(request: RunRequest, scenario: Scenario, seed: int) -> tuple[Path, str]:
    """The folder to write, and what tells this run from others."""
    from analysis.runs import run_identity, run_name

    goal = [*request.within, f"most {request.most}"] if request.within else []
    goal += [f"within {request.max_time}"] if request.max_time is not None else []
    if scenario.uncertain and request.draws != 0:
        goal.append(f"draws {request.draws} of {scenario.digest_with_inputs()}")
    identity = run_identity(scenario, seed, request.replications, ", ".join(goal))
    if request.out is not None:
        return Path(request.out), identity
    return Path(HOME) / run_name(Path(request.file).stem, identity), identity


def _write(
    request: RunRequest, made: Made, texts: dict[str, str], place: Place, identity: str, events: Path | None
) -> None:
    from analysis.runs import RunRecord, write_run

    result = made.result
    digests = {log.replication: log.digest for log in result.logs} | dict.fromkeys(result.lost, "")
    stopped = {log.replication: log.stopped_by for log in result.logs if log.stopped_by}
    asked = place.asked.options_when(len(digests))
    record = RunRecord(
        result.scenario,
        result.seed,
        tuple(digests[replication] for replication in sorted(digests)),
        made.document(),
        result.to_frame(),
        stopped | dict(result.lost),
        texts | ({} if request.variant is None else {VARIANT: request.variant}),
        {name: value for name, value in asked.items() if name != VARIANT},
        (request.most if request.within else request.replications) if result.is_interrupted else None,
        None if 0 in result.lost else events,
        identity,
        made.stopped,
        result if result.logs else None,
    )
    if request.verbose:
        say(f"writing {place.target}")
    write_run(record, place.target)


def _show(request: RunRequest, made: Made, target: Path) -> None:
    """The page, or the JSON document, on standard output; the folder is the last line of the page."""
    if request.as_json:
        from analysis.runs import json_text

        click.echo(json_text({**made.document(), "folder": str(target)}), nl=False)
        return
    if not request.quiet:
        from analysis.report import run_report

        click.echo(run_report(made.result, made.sought, made.warm_up, made.inputs).rstrip("\n") + "\n")
    click.echo(str(target))


def _code(made: Made, is_gate_met: bool) -> Exit:
    """130 when interrupted, 1 when some replications were stopped or a gate is met, 3 when all were stopped."""
    result = made.result
    if made.stopped:
        say(f"{made.stopped}; the folder holds these")
    if result.is_interrupted:
        done = counted(len(result.logs), "replication")
        say(f"interrupted after {done}; the folder holds these, and --resume continues")
        return Exit.INTERRUPTED
    stopped = [log for log in result.logs if log.stopped_by]
    for log in stopped:
        say(f"replication {log.replication} was stopped: {log.stopped_by}")
    for replication, reason in result.lost.items():
        say(f"replication {replication} is missing: {reason}")
    if len(stopped) == len(result.logs):
        return Exit.FAILURE
    return Exit.GATE if stopped or result.lost or is_gate_met else Exit.OK
