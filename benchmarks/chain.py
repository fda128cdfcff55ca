"""Text-book SimPy model of the workload `chain`: five agent stages in a row, as a SimPy tutorial would write it.

Every stage tries with two retries after transient failures and is wrong on its own with the same probability; a
defect stays in the task from the stage where it was born to the end. Each task leaves one record of its facts in
a list; there is no event log. Times are in seconds.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import simpy

from benchmarks.textbook import (
    AGENT_MEAN,
    AGENT_TIME,
    FIRST_WAIT,
    INPUT_TOKENS,
    JITTER,
    OUTPUT_TOKENS,
    RETRIES,
    TRANSIENT_FAILURE,
    WAIT_GROWTH,
    Process,
    poisson_source,
)

STAGES = ("research", "enrich", "draft", "check", "publish")
STAGE_SLOTS = 20
"""Tasks that one stage's agents work on at once."""
STAGE_ERROR = 0.05
"""Probability that the work of one stage is wrong."""
CHAIN_LOAD = 0.6
ATTEMPTS_A_STAGE = sum(TRANSIENT_FAILURE**retry for retry in range(RETRIES + 1))
"""Expected attempts at one stage."""
CHAIN_RATE = CHAIN_LOAD * STAGE_SLOTS / (AGENT_MEAN * ATTEMPTS_A_STAGE)
"""Arrivals per second that keep the slots of every stage 60 % busy."""


class ChainRecord(NamedTuple):
    """The facts of one task; times in seconds, moments since the start."""

    arrived: float
    ended: float
    input_tokens: int
    output_tokens: int
    attempts: int
    waited: float
    """Time in queues of all stages together."""
    worked: float
    """Time at work of all stages together."""
    born: str | None
    """The stage where the defect was born that the task carries; None without one."""
    failed: bool
    """Whether a stage used up its retries; the task ends there."""


def chain_task(
    env: simpy.Environment, agents: dict[str, simpy.Resource], chance: Random, records: list[ChainRecord]
) -> Process:
    """One task: stage after stage tries until it answers, a defect is inherited, a record stays."""
    arrived = env.now
    input_tokens = round(chance.lognormvariate(*INPUT_TOKENS))
    output_tokens = round(chance.lognormvariate(*OUTPUT_TOKENS))
    all_attempts, waited, worked = 0, 0.0, 0.0
    born, failed = None, False

    for stage, pool in agents.items():
        attempts = 0
        answered = False
        while not answered and attempts <= RETRIES:
            if attempts > 0:
                wait = FIRST_WAIT * WAIT_GROWTH ** (attempts - 1)
                yield env.timeout(wait * chance.uniform(1 - JITTER, 1 + JITTER))
            queued = env.now
            with pool.request() as request:
                yield request
                started = env.now
                yield env.timeout(chance.lognormvariate(*AGENT_TIME))
            waited += started - queued
            worked += env.now - started
            attempts += 1
            answered = chance.random() >= TRANSIENT_FAILURE
        all_attempts += attempts
        if not answered:
            failed = True
            break
        is_wrong = chance.random() < STAGE_ERROR
        if is_wrong and born is None:
            born = stage

    records.append(
        ChainRecord(arrived, env.now, input_tokens, output_tokens, all_attempts, waited, worked, born, failed)
    )


def run_chain(tasks: int, seed: int) -> list[ChainRecord]:
    """Simulate the chain until `tasks` tasks have ended; their records in order of ending."""
    env = simpy.Environment()
    chance = Random(seed)
    agents = {stage: simpy.Resource(env, capacity=STAGE_SLOTS) for stage in STAGES}
    records: list[ChainRecord] = []

    def start_task() -> Process:
        return chain_task(env, agents, chance, records)

    env.process(poisson_source(env, tasks, CHAIN_RATE, chance, start_task))
    env.run()
    return records
