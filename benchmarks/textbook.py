"""Text-book SimPy models of the two benchmark workloads, written as a SimPy tutorial would write them.

W1 is an M/M/10 queue at 85 % load. W2 is an escalation flow: an agent works on every task and states
how sure it is; below the threshold, or when its retries are used up, a person does the task. Each
task leaves one record of its facts in a list; there is no event log. Times are in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from random import Random
from statistics import NormalDist
from typing import Any, NamedTuple

import simpy

Process = Generator[simpy.Event, Any, None]
"""What a SimPy process function yields: the events it waits for."""

SERVERS = 10
SERVICE_MEAN = 60.0
W1_LOAD = 0.85
W1_RATE = W1_LOAD * SERVERS / SERVICE_MEAN
"""Arrivals per second that keep the ten servers of W1 85 % busy."""

VALUE_MEDIAN, VALUE_P95 = 180.0, 2400.0
INPUT_MEAN, INPUT_CV = 3500.0, 0.8
OUTPUT_MEAN, OUTPUT_CV = 600.0, 0.5

AGENT_SLOTS = 200
AGENT_MEAN, AGENT_CV = 30.0, 0.6
TRANSIENT_FAILURE = 0.03
RETRIES = 2
FIRST_WAIT, WAIT_GROWTH = 2.0, 2.0
JITTER = 0.1
"""A retry waits its planned time multiplied by 1 - JITTER to 1 + JITTER, uniformly."""
BETA = (8, 2)
THRESHOLD = 0.85

HUMANS = 25
HUMAN_MEAN, HUMAN_CV = 300.0, 0.5
HUMAN_ACCURACY = 0.98
W2_LOAD = 0.85


def lognormal_from_mean(mean: float, cv: float) -> tuple[float, float]:
    """The (mu, sigma) of a lognormal with this mean and coefficient of variation."""
    variance = math.log(1 + cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def lognormal_from_median(median: float, p95: float) -> tuple[float, float]:
    """The (mu, sigma) of a lognormal with this median and 95 % quantile."""
    return math.log(median), math.log(p95 / median) / NormalDist().inv_cdf(0.95)


def escalation_share() -> float:
    """The share of W2 tasks that go to a person: unsure, or still failing after all retries.

    A Beta(8, 2) variable is below x with probability 9 x^8 - 8 x^9 (eighth of nine uniform order statistics).
    """
    unsure = 9 * THRESHOLD**8 - 8 * THRESHOLD**9
    exhausted = TRANSIENT_FAILURE ** (RETRIES + 1)
    return exhausted + (1 - exhausted) * unsure


W2_RATE = W2_LOAD * HUMANS / (HUMAN_MEAN * escalation_share())
"""Arrivals per second that keep the 25 people of W2 85 % busy."""

VALUE = lognormal_from_median(VALUE_MEDIAN, VALUE_P95)
INPUT_TOKENS = lognormal_from_mean(INPUT_MEAN, INPUT_CV)
OUTPUT_TOKENS = lognormal_from_mean(OUTPUT_MEAN, OUTPUT_CV)
AGENT_TIME = lognormal_from_mean(AGENT_MEAN, AGENT_CV)
HUMAN_TIME = lognormal_from_mean(HUMAN_MEAN, HUMAN_CV)


class QueueRecord(NamedTuple):
    """The facts of one W1 task; times in seconds since the start."""

    arrived: float
    started: float
    ended: float


class EscalationRecord(NamedTuple):
    """The facts of one W2 task; times in seconds since the start."""

    arrived: float
    ended: float
    value: float
    input_tokens: int
    output_tokens: int
    attempts: int
    confidence: float
    right: bool
    human_started: float | None
    """When a person took the task; None when the agent's answer was delivered."""


def queue_task(
    env: simpy.Environment, servers: simpy.Resource, chance: Random, records: list[QueueRecord]
) -> Process:
    """One W1 task: wait for a server, be served, leave a record."""
    arrived = env.now
    with servers.request() as request:
        yield request
        started = env.now
        yield env.timeout(chance.expovariate(1 / SERVICE_MEAN))
    records.append(QueueRecord(arrived, started, env.now))


def escalation_task(
    env: simpy.Environment,
    agents: simpy.Resource,
    humans: simpy.Resource,
    chance: Random,
    records: list[EscalationRecord],
) -> Process:
    """One W2 task: the agent tries, a person takes over when it fails or is unsure, a record stays."""
    arrived = env.now
    value = chance.lognormvariate(*VALUE)
    input_tokens = round(chance.lognormvariate(*INPUT_TOKENS))
    output_tokens = round(chance.lognormvariate(*OUTPUT_TOKENS))
    confidence = chance.betavariate(*BETA)
    right = chance.random() < confidence
    human_started = None

    attempts = 0
    answered = False
    while not answered and attempts <= RETRIES:
        if attempts > 0:
            wait = FIRST_WAIT * WAIT_GROWTH ** (attempts - 1)
            yield env.timeout(wait * chance.uniform(1 - JITTER, 1 + JITTER))
        with agents.request() as request:
            yield request
            yield env.timeout(chance.lognormvariate(*AGENT_TIME))
        attempts += 1
        answered = chance.random() >= TRANSIENT_FAILURE

    if not answered or confidence < THRESHOLD:
        with humans.request() as request:
            yield request
            human_started = env.now
            yield env.timeout(chance.lognormvariate(*HUMAN_TIME))
        right = chance.random() < HUMAN_ACCURACY

    records.append(
        EscalationRecord(
            arrived, env.now, value, input_tokens, output_tokens, attempts, confidence, right, human_started
        )
    )


def poisson_source(
    env: simpy.Environment, tasks: int, rate: float, chance: Random, start_task: Callable[[], Process]
) -> Process:
    """Start `tasks` tasks, `rate` per second, with exponential gaps."""
    for _ in range(tasks):
        yield env.timeout(chance.expovariate(rate))
        env.process(start_task())


def run_w1(tasks: int, seed: int) -> list[QueueRecord]:
    """Simulate W1 until `tasks` tasks have ended; their records in order of ending."""
    env = simpy.Environment()
    chance = Random(seed)
    servers = simpy.Resource(env, capacity=SERVERS)
    records: list[QueueRecord] = []

    def start_task() -> Process:
        return queue_task(env, servers, chance, records)

    env.process(poisson_source(env, tasks, W1_RATE, chance, start_task))
    env.run()
    return records


def run_w2(tasks: int, seed: int) -> list[EscalationRecord]:
    """Simulate W2 until `tasks` tasks have ended; their records in order of ending."""
    env = simpy.Environment()
    chance = Random(seed)
    agents = simpy.Resource(env, capacity=AGENT_SLOTS)
    humans = simpy.Resource(env, capacity=HUMANS)
    records: list[EscalationRecord] = []

    def start_task() -> Process:
        return escalation_task(env, agents, humans, chance, records)

    env.process(poisson_source(env, tasks, W2_RATE, chance, start_task))
    env.run()
    return records
