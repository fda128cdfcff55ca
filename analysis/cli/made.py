"""What comes of a run: its replications, how precise they are, and how they begin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.cli.outcome import counted
from analysis.cli.progress import Progress

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from analysis.experiments import Replications
    from analysis.experiments.inputs import InputDraws
    from analysis.experiments.precision import Precision, Sought
    from analysis.warmup import WarmUp
    from sim import Scenario


@dataclass(frozen=True)
class Made:
    """What came of a run."""

    result: Replications
    sought: Sought | None
    """How precise it is, and what ended it, if that was asked for."""
    warm_up: WarmUp | None
    """How its beginning was judged; None for a run that is too short to be looked at."""
    inputs: InputDraws | None = None
    """What draws of uncertain inputs add; None where none were drawn."""

    @property
    def stopped(self) -> str:
        """How a limit of time stopped it; empty when none did."""
        if self.sought is None or self.sought.stopped_by != "time":
            return ""
        return f"stopped by the limit of time after {counted(len(self.result.logs), 'replication')}"

    def document(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            **self.result.to_json_dict(),
            "precision": None if self.sought is None else self.sought.to_json_dict(),
            "warm_up": None if self.warm_up is None else self.warm_up.to_json_dict(),
            "over_inputs": None if self.inputs is None else self.inputs.to_json_dict(),
        }


def made_of(
    scenario: Scenario,
    replications: int,
    wanted: Precision | None,
    seed: int,
    progress: Progress,
    keep: Path | None,
    place: Executor,
) -> Made:
    """The replications, until they are precise enough if that was asked for, and how they begin."""
    from analysis.experiments import replicate
    from analysis.experiments.precision import replicate_until
    from analysis.experiments.warm_up import warm_up_of

    if wanted is None:
        result = replicate(scenario, replications, seed, progress=progress, keep=keep, executor=place)
        return Made(result, None, warm_up_of(result, place))
    precise = replicate_until(scenario, wanted, replications, seed, progress, keep, executor=place)
    return Made(precise.found, precise.sought, warm_up_of(precise.found, place))


def with_inputs(made: Made, draws: int | None, progress: Progress, place: Executor) -> Made:
    """The same with replications whose uncertain inputs are drawn, as many as those without unless told.

    A limit of time that ended the replications leaves no more draws than those. An interruption among them ends the
    command: what is finished stays to be resumed.
    """
    from analysis.experiments import replicate
    from analysis.experiments.inputs import InputDraws, draws_wanted

    stated = made.result
    count = draws_wanted({"": stated.scenario}, draws, len(stated.logs))
    if made.stopped:
        count = min(count, len(stated.logs))
    if not count or stated.is_interrupted:
        return made
    drawn = replicate(
        stated.scenario, count, stated.seed, progress=progress, executor=place, draw_inputs=True
    )
    if drawn.is_interrupted:
        raise KeyboardInterrupt
    return replace(made, inputs=InputDraws(stated, drawn))
