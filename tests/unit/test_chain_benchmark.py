"""The chain benchmark: the text-book model is the stated workload, and the simulator does the same work."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

import sim
from benchmarks import chain
from benchmarks.simulator import SCENARIOS, horizon_for
from tests.statistics.family import REPLICATIONS, Look, statistical

TASKS = 2_000
SECOND = 1_000_000
SLOTS = len(chain.STAGES) * chain.STAGE_SLOTS


class Facts(NamedTuple):
    """What both models say about one history of the chain; times in seconds."""

    throughput: float
    """Deliveries per second while tasks arrive."""
    utilisation: float
    """Work over slots times the time in which tasks arrive."""
    wait: float
    """Mean time in queues of a task, all stages together."""
    cycle: float
    """Mean time from arrival to end."""
    attempts: float
    """Mean attempts at a task."""
    wrong: float
    """Share wrong of what was delivered."""
    born: tuple[float, ...]
    """Share of the delivered tasks with a defect that was born in each stage."""
    input_tokens: float
    """Mean input tokens of an attempt."""


def facts_of_records(records: list[chain.ChainRecord]) -> Facts:
    """The facts of a text-book run."""
    end = max(task.arrived for task in records)
    delivered = [task for task in records if not task.failed]
    return Facts(
        throughput=sum(task.ended <= end for task in delivered) / end,
        utilisation=math.fsum(task.worked for task in records) / (SLOTS * end),
        wait=statistics.fmean(task.waited for task in records),
        cycle=statistics.fmean(task.ended - task.arrived for task in records),
        attempts=statistics.fmean(task.attempts for task in records),
        wrong=statistics.fmean(task.born is not None for task in delivered),
        born=tuple(statistics.fmean(task.born == stage for task in delivered) for stage in chain.STAGES),
        input_tokens=statistics.fmean(task.input_tokens for task in records),
    )


def facts_of_log(log: sim.Log, horizon: int) -> Facts:
    """The facts of a simulated run, of the tasks that arrived before the horizon."""
    frame: Any = log.events()
    arrived = frame[(frame.action == "arrived") & (frame.tick < horizon)].set_index("task").tick
    frame = frame[frame.task.isin(arrived.index)]
    tried = frame[frame.action == "attempted"]
    ended = frame[frame.next.isin(["deliver", "fail"])].set_index("task")
    delivered = ended[ended.next == "deliver"]
    seconds = horizon / SECOND
    return Facts(
        throughput=(delivered.tick <= horizon).sum() / seconds,
        utilisation=(tried.ended - tried.started).sum() / (SLOTS * horizon),
        wait=(tried.started - tried.queued).sum() / SECOND / len(ended),
        cycle=(ended.tick - arrived).mean() / SECOND,
        attempts=len(tried) / len(ended),
        wrong=(delivered.is_right == 0).mean(),
        born=tuple((delivered.born == stage).mean() for stage in chain.STAGES),
        input_tokens=tried.input_tokens.mean(),
    )


@cache
def textbook(seed: int) -> list[Facts]:
    """What the text-book model comes to in the replications of a seed."""
    return [facts_of_records(chain.run_chain(TASKS, 1000 * seed + number)) for number in range(REPLICATIONS)]


@cache
def simulated(seed: int) -> list[Facts]:
    """What the simulator comes to in the replications of a seed."""
    scenario = sim.load(SCENARIOS / "chain.yaml", {"horizon": horizon_for("chain", TASKS)})
    runs = (sim.simulate(scenario, seed, number) for number in range(REPLICATIONS))
    return [facts_of_log(log, scenario.horizon) for log in runs]


@statistical
def test_the_chain_keeps_its_stages_60_percent_busy(look: Look) -> None:
    look.mean([facts.utilisation for facts in textbook(look.seed)], chain.CHAIN_LOAD)
    assert statistics.stdev(facts.utilisation for facts in textbook(look.seed)) < 0.03


@statistical
def test_a_chain_of_five_is_wrong_as_often_as_its_stages_say(look: Look) -> None:
    look.mean([facts.wrong for facts in textbook(look.seed)], 1 - 0.95**5)
    for number in range(len(chain.STAGES)):
        look.mean([facts.born[number] for facts in textbook(look.seed)], 0.05 * 0.95**number)


@statistical
def test_attempts_are_five_and_the_retries(look: Look) -> None:
    look.mean([facts.attempts for facts in textbook(look.seed)], 5 * (1 + 0.03 + 0.03**2))


def test_a_task_fails_at_the_stage_that_uses_up_its_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "TRANSIENT_FAILURE", 1.0)
    records = chain.run_chain(50, seed=1)
    assert {(task.attempts, task.failed, task.born) for task in records} == {(3, True, None)}


QUANTITIES: dict[str, Callable[[Facts], float]] = {
    "throughput": lambda facts: facts.throughput,
    "utilisation": lambda facts: facts.utilisation,
    "wait": lambda facts: facts.wait,
    "cycle": lambda facts: facts.cycle,
    "attempts": lambda facts: facts.attempts,
    "wrong": lambda facts: facts.wrong,
    "born in the first stage": lambda facts: facts.born[0],
    "born in the last stage": lambda facts: facts.born[-1],
    "input tokens": lambda facts: facts.input_tokens,
}


@pytest.mark.parametrize("quantity", QUANTITIES)
@statistical
def test_the_simulator_does_the_work_of_the_text_book_model(look: Look, quantity: str) -> None:
    read = QUANTITIES[quantity]
    differences = [
        read(ours) - read(theirs)
        for ours, theirs in zip(simulated(look.seed), textbook(look.seed), strict=True)
    ]
    look.mean(differences, 0.0)


@statistical
def test_the_simulated_chain_is_wrong_as_often_as_its_stages_say(look: Look) -> None:
    look.mean([facts.wrong for facts in simulated(look.seed)], 1 - 0.95**5)
    look.mean([facts.attempts for facts in simulated(look.seed)], 5 * (1 + 0.03 + 0.03**2))
