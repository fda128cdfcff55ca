"""The verb run: replications of one scenario, a page on the screen and a folder with everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.decisions import check_decision
from analysis.cli.engine import ENGINE_OPTIONS, EngineKind, check_engine, chosen_executor
from analysis.cli.gates import met_gates, parse_gate
from analysis.cli.group import Verb, with_options
from analysis.cli.outcome import Exit, counted, say
from analysis.cli.progress import progress_bar
from analysis.cli.settings import LARGEST_SEED, MOST_REPLICATIONS, load_with, set_option, split_settings

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from sim import Scenario

HOME = "runs"
"""Folder that run folders are put into unless `--out` names one."""


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    file: str
    replications: int
    seed: int | None
    settings: tuple[str, ...]
    out: str | None
    events: bool
    gates: tuple[str, ...]
    jobs: int
    engine: EngineKind
    address: str | None
    as_json: bool
    quiet: bool
    verbose: bool
    no_progress: bool


OPTIONS = (
    click.argument("file"),
    click.option(
        "-n", "--replications", type=click.IntRange(1, MOST_REPLICATIONS), default=10, show_default=True,
        help="How often to repeat the run with other draws.",
    ),
    click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="In place of the scenario's seed."),
    set_option(),
    click.option("--out", metavar="DIR", help="The folder of this run; runs/NAME-HASH unless given."),
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
    return run_scenario(Request(**typed))


def run_scenario(request: Request) -> Exit:
    """Runs what was asked for; raises ScenarioError, RunFolderError and the errors of the simulator."""
    from analysis.runs import check_target

    check_engine(request.jobs, request.engine, request.address)
    gates = tuple(map(parse_gate, request.gates))
    texts = split_settings(request.settings)
    scenario = load_with(request.file, texts)
    check_decision(scenario, request.file, texts)
    seed = scenario.seed if request.seed is None else request.seed
    target, identity = _target(request, scenario, seed)
    check_target(target, identity)  # before the work, not after it
    if request.verbose:
        say(f"{scenario.name}: {counted(request.replications, 'replication')}, seed {seed}, into {target}")
    with TemporaryDirectory(prefix="workforce-") as folder:
        keep = Path(folder) / "events.parquet" if request.events or request.replications == 1 else None
        result = _simulated(request, scenario, seed, keep)
        _write(request, result, texts, target, keep)
    _show(request, result, target)
    met = met_gates(gates, result.estimates())
    for sentence in met:
        say(sentence)
    return _code(result, bool(met))


def _simulated(request: Request, scenario: Scenario, seed: int, keep: Path | None) -> Replications:
    """The replications; an error of one of them is told with its number."""
    from analysis.experiments import replicate

    with (
        chosen_executor(request.jobs, request.engine, request.address) as executor,
        progress_bar("simulating", is_wanted=not (request.no_progress or request.quiet)) as progress,
    ):
        try:
            return replicate(
                scenario, request.replications, seed, progress=progress, keep=keep, executor=executor
            )
        except Exception as error:
            for note in getattr(error, "__notes__", ()):
                say(note)
            raise


def _target(request: Request, scenario: Scenario, seed: int) -> tuple[Path, str]:
    """The folder to write, and what tells this run from others."""
    from analysis.runs import run_identity, run_name

    identity = run_identity(scenario, seed, request.replications)
    if request.out is not None:
        return Path(request.out), identity
    return Path(HOME) / run_name(Path(request.file).stem, identity), identity


def _write(
    request: Request, result: Replications, texts: dict[str, str], target: Path, events: Path | None
) -> None:
    from analysis.runs import RunRecord, write_run

    digests = {log.replication: log.digest for log in result.logs} | dict.fromkeys(result.lost, "")
    stopped = {log.replication: log.stopped_by for log in result.logs if log.stopped_by}
    record = RunRecord(
        result.scenario,
        result.seed,
        tuple(digests[replication] for replication in sorted(digests)),
        result.to_json_dict(),
        result.to_frame(),
        stopped | dict(result.lost),
        texts,
        request.replications if result.is_interrupted else None,
        None if 0 in result.lost else events,
    )
    if request.verbose:
        say(f"writing {target}")
    write_run(record, target)


def _show(request: Request, result: Replications, target: Path) -> None:
    """The page, or the JSON document, on standard output; the folder is the last line of the page."""
    if request.as_json:
        from analysis.runs import json_text

        click.echo(json_text({**result.to_json_dict(), "folder": str(target)}), nl=False)
        return
    if not request.quiet:
        from analysis.report import run_report

        click.echo(run_report(result).rstrip("\n") + "\n")
    click.echo(str(target))


def _code(result: Replications, is_gate_met: bool) -> Exit:
    """130 when interrupted, 1 when some replications were stopped or a gate is met, 3 when all were stopped."""
    if result.is_interrupted:
        say(f"interrupted after {counted(len(result.logs), 'replication')}; the folder holds these")
        return Exit.INTERRUPTED
    stopped = [log for log in result.logs if log.stopped_by]
    for log in stopped:
        say(f"replication {log.replication} was stopped: {log.stopped_by}")
    for replication, reason in result.lost.items():
        say(f"replication {replication} is missing: {reason}")
    if len(stopped) == len(result.logs):
        return Exit.FAILURE
    return Exit.GATE if stopped or result.lost or is_gate_met else Exit.OK
