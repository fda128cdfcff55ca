"""What the verbs that simulate have in common: options, place of work, folder, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from analysis.cli.decisions import check_decision, unknown_metric
from analysis.cli.engine import ENGINE_OPTIONS, EngineKind, check_engine, chosen_executor
from analysis.cli.experiment import Place, asked_of, experiment_place, resume_option, target_of
from analysis.cli.outcome import Exit, counted, say
from analysis.cli.progress import Progress, progress_bar
from analysis.cli.settings import LARGEST_SEED, MOST_REPLICATIONS, load_with, set_option, split_settings

if TYPE_CHECKING:
    from analysis.runs.experiment import ExperimentRecord
    from sim import Scenario


class Result(Protocol):
    """What such a verb finds."""

    @property
    def is_complete(self) -> bool:
        """Whether no limit stopped any replication and none is missing."""

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values."""

    def save(self, path: Path) -> Path:
        """Writes everything into one file."""


Found = TypeVar("Found", bound=Result)


@dataclass(frozen=True)
class WorkRequest:
    """What every verb that simulates is asked."""

    replications: int
    seed: int | None
    settings: tuple[str, ...]
    out: str | None
    resume: bool
    jobs: int | None
    engine: EngineKind
    address: str | None
    as_json: bool
    quiet: bool
    verbose: bool
    no_progress: bool


@dataclass(frozen=True)
class Request(WorkRequest):
    """What every verb about one file is asked."""

    file: str


def experiment_options(answer: str) -> tuple[Callable[[Any], Any], ...]:
    """What every experiment takes: seed, settings, folder, where the work is done, and how much is said.

    `answer` is what `--quiet` leaves of the page.
    """
    return (
        click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="In place of the scenario's seed."),
        set_option(),
        click.option("--out", metavar="DIR", help="The folder of the results; runs/NAME-HASH unless given."),
        resume_option(),
        *ENGINE_OPTIONS,
        click.option("--json", "as_json", is_flag=True, help="One JSON document in place of the page."),
        click.option("-q", "--quiet", is_flag=True, help=f"No progress, and of the page only {answer}."),
        click.option("-v", "--verbose", is_flag=True, help="Say what is being done."),
        click.option("--no-progress", is_flag=True, help="No progress bar."),
    )  # fmt: skip


def common_options(of_what: str) -> tuple[Callable[[Any], Any], ...]:
    """The options of all these verbs, after their own."""
    return (
        click.option(
            "-n", "--replications", type=click.IntRange(1, MOST_REPLICATIONS), default=10, show_default=True,
            help=f"How often to repeat each {of_what}, with the same draws for all.",
        ),
        *experiment_options("the answer"),
    )  # fmt: skip


def scenario_asked(request: Request) -> Scenario:
    """The scenario in the file, with its settings; raises ScenarioError."""
    texts = split_settings(request.settings)
    scenario = load_with(request.file, texts)
    check_decision(scenario, request.file, texts)
    return scenario


def metrics_in(text: str | None, option: str) -> tuple[str, ...]:
    """The metrics of a list such as `cpst,throughput`; raises click.BadParameter for a name that is none."""
    names = tuple(name.strip() for name in text.split(",")) if text else ()
    for name in names:
        if message := unknown_metric(name):
            raise click.BadParameter(message, param_hint=option)
    return names


@contextmanager
def working(
    request: WorkRequest, place: Place, is_often_short: bool = False
) -> Iterator[tuple[Executor, Progress]]:
    """Where to do the work, and whom to tell how far it is; an error of a replication is told with its number."""
    is_told = not (request.no_progress or request.quiet)
    with (
        chosen_executor(request.jobs, request.engine, request.address, is_often_short) as executor,
        progress_bar("simulating", is_wanted=is_told) as progress,
    ):
        try:
            yield place.remembering(executor), progress
        except Exception as error:
            for note in getattr(error, "__notes__", ()):
                say(note)
            raise


def carried_out(
    kind: str,
    request: Request,
    scenario: Scenario,
    work: Callable[[Executor, Progress], Found],
    record: Callable[[Found], ExperimentRecord],
) -> tuple[Found, Path]:
    """The result of the work, and the folder that it was written into."""
    check_engine(request.jobs, request.engine, request.address)
    asked = asked_of(kind, request, scenario, scenario.seed if request.seed is None else request.seed)
    target = target_of(asked, request.file, request.out)
    if request.verbose:
        say(f"{scenario.name}: {counted(request.replications, 'replication')} each, into {target}")
    with experiment_place(asked, target, request.resume) as place:
        with working(request, place) as (executor, progress):
            found = work(executor, progress)
        place.write(record(found))
    return found, target


def shown(
    request: Request, found: Result, target: Path, page: Callable[[], str], answer: Callable[[], str]
) -> Exit:
    """Prints the page, the answer alone or the JSON document; 1 when some replications were stopped or lost."""
    from analysis.runs import json_text

    if request.as_json:
        click.echo(json_text({**found.to_json_dict(), "folder": str(target)}), nl=False)
    else:
        click.echo((answer() if request.quiet else page()) + f"\n\n{target}")
    if found.is_complete:
        return Exit.OK
    say("some replications were stopped or lost; the manifest in the folder says which")
    return Exit.GATE


def overrides_of(request: WorkRequest) -> Mapping[str, str]:
    """Values given beside the file, by path, as they were typed."""
    return split_settings(request.settings)
