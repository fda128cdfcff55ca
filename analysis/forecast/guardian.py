"""The expected journey of a task that people review: output, verdict, revision, verdict, ..."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.forecast.agents import AgentWork, agent_work, expected_tries
from analysis.forecast.journey import Journey
from analysis.forecast.people import person_right_after
from sim.maths import FloatArray
from sim.scenario import Scenario
from sim.topology import STAGE, Guardian
from sim.workers import HumanRole, at_work


@dataclass(slots=True)
class _Tally:
    """What the rounds of attempts and reviews add up to, per task; arrays are over hardness."""

    handed_over: FloatArray
    right: float = 0.0
    wrong: float = 0.0
    failed: float = 0.0
    rejected: float = 0.0
    attempts: float = 0.0
    transient_failures: float = 0.0
    reviews: float = 0.0
    revisions: float = 0.0


@dataclass(frozen=True, slots=True)
class _Round:
    """One output of the agent with its retries: how often it is tried, and how many attempts were used.

    `used` holds, by number of attempts a task has used so far, the share of tasks that come to an output or a
    judgment failure; what is missing ran out of retries. It does not depend on hardness.
    """

    used: FloatArray
    attempts: float
    exhausted: float


def guardian_journey(scenario: Scenario, type_id: str, topology: Guardian) -> Journey:
    """A recursion over revisions at each hardness: a revision meets the hardness of the output before."""
    agent = agent_work(scenario, type_id, topology.agent)
    reviewer = scenario.workers[topology.reviewer or topology.human]
    assert isinstance(reviewer, HumanRole)
    review = at_work(reviewer, "review", type_id, STAGE)
    tally = _rounds(agent, topology, review.catch_rate, review.false_reject)
    person = person_right_after(scenario, type_id, topology.human, agent)
    by_person, person_is_right = agent.mean(tally.handed_over), agent.mean(tally.handed_over * person)
    output = agent.first_output()
    outputs, right_outputs = agent.mean(output), agent.mean(output * agent.right())
    return Journey(
        right=tally.right + person_is_right, wrong=tally.wrong + by_person - person_is_right,
        by_failure=tally.failed, by_rejection=tally.rejected,
        outputs=outputs, right_outputs=right_outputs, confident=outputs, right_confident=right_outputs,
        attempts=tally.attempts, transient_failures=tally.transient_failures,
        reviews=tally.reviews, revisions=tally.revisions, alone=tally.failed, redone=tally.rejected,
    )  # fmt: skip


def _rounds(agent: AgentWork, topology: Guardian, catch_rate: float, false_reject: float) -> _Tally:
    """The first output with its review, then each revision with its own, until nothing is sent back."""
    stopped = agent.stopped
    reach = np.full_like(agent.hardness, 1.0 - stopped)
    tally = _Tally(handed_over=np.full_like(agent.hardness, stopped), failed=stopped, attempts=stopped)
    used = np.zeros(agent.max_attempts + 1)
    used[0] = 1.0
    for revision in range(topology.max_revisions + 1):
        tried = _try(agent, used)
        come, may_revise = float(tried.used.sum()), float(tried.used[:-1].sum())
        _count_attempts(tally, agent, reach, tried)
        output = reach * (1.0 - agent.judgment())
        right = agent.right(topology.revision_gain if revision else 0.0)
        caught = output * (right * false_reject + (1.0 - right) * catch_rate)
        again = topology.revise_share * may_revise if revision < topology.max_revisions else 0.0
        tally.reviews += agent.mean(output) * come
        tally.right += agent.mean(output * right) * (1.0 - false_reject) * come
        tally.wrong += agent.mean(output * (1.0 - right)) * (1.0 - catch_rate) * come
        tally.revisions += agent.mean(caught) * again
        tally.rejected += agent.mean(caught) * (come - again)
        tally.handed_over = tally.handed_over + caught * (come - again)
        if again == 0.0:
            break
        reach, used = caught * topology.revise_share, tried.used
        used[-1] = 0.0
    return tally


def _count_attempts(tally: _Tally, agent: AgentWork, reach: FloatArray, tried: _Round) -> None:
    """Attempts of one output, and the tasks that a visible failure ends."""
    attempts = agent.mean(reach) * tried.attempts
    failed = reach * (tried.exhausted + float(tried.used.sum()) * agent.judgment())
    tally.attempts += attempts
    tally.transient_failures += attempts * agent.transient
    tally.failed += agent.mean(failed)
    tally.handed_over = tally.handed_over + failed


def _try(agent: AgentWork, used: FloatArray) -> _Round:
    """One output with its retries, for tasks that have used so many attempts; `max_attempts` caps them."""
    left = np.minimum(agent.tries, agent.max_attempts - np.arange(len(used)))
    after = np.zeros_like(used)
    for number in range(1, min(agent.tries, agent.max_attempts) + 1):
        share = agent.transient ** (number - 1) * (1.0 - agent.transient)
        after[number:] += np.where(left >= number, used, 0.0)[:-number] * share
    exhausted = float(np.sum(used * agent.transient**left))
    attempts = float(np.sum(used * [expected_tries(agent.transient, int(most)) for most in left]))
    return _Round(after, attempts, exhausted)
