"""The expected journey of a task with one stage, under each preset that needs no walk."""

from __future__ import annotations

from typing import assert_never

from analysis.forecast.agents import AgentWork, agent_work, expected_tries
from analysis.forecast.guardian import guardian_journey
from analysis.forecast.journey import Journey
from analysis.forecast.people import person_right, person_right_after
from analysis.forecast.stated import right_and_confident, wrong_and_confident
from analysis.forecast.values import dear_share
from sim.flows import topology_of
from sim.quantities import billionths
from sim.scenario import Scenario
from sim.topology import Autonomous, Cascade, Copilot, Custom, Escalation, Guardian, HumanOnly


def journey_of(scenario: Scenario, type_id: str) -> Journey:
    """The expected journey of a task of this type, which must be plain (`sim.flows.is_plain`)."""
    match topology := topology_of(scenario, type_id):
        case HumanOnly():
            right = person_right(scenario, type_id, topology.human)
            return Journey(right=right, wrong=1.0 - right, alone=1.0)
        case Copilot():
            right = person_right(scenario, type_id, topology.human)
            return Journey(right=right, wrong=1.0 - right, assisted=1.0)
        case Autonomous():
            return _autonomous(scenario, type_id, topology)
        case Escalation():
            return _escalation(scenario, type_id, topology)
        case Guardian():
            return guardian_journey(scenario, type_id, topology)
        case Cascade() | Custom():
            raise AssertionError("a cascade or steps of one's own are no plain stage")
        case _:
            assert_never(topology)


def _autonomous(scenario: Scenario, type_id: str, topology: Autonomous) -> Journey:
    agent = agent_work(scenario, type_id, topology.agent)
    output = agent.first_output()
    outputs, right = agent.mean(output), agent.mean(output * agent.right())
    return Journey(
        right=right, wrong=outputs - right, failed=1.0 - outputs,
        outputs=outputs, right_outputs=right, confident=outputs, right_confident=right,
        attempts=agent.first_attempts(), transient_failures=(1.0 - agent.stopped) * _transients(agent),
    )  # fmt: skip


def _escalation(scenario: Scenario, type_id: str, topology: Escalation) -> Journey:
    agent = agent_work(scenario, type_id, topology.agent, with_stated=True)
    threshold = billionths(topology.threshold)
    output = agent.first_output()
    right_sure = output * right_and_confident(agent, threshold)
    wrong_sure = output * wrong_and_confident(agent, threshold)
    dear = dear_share(scenario, type_id, topology.value_limit)
    delivered = (1.0 - dear) * (right_sure + wrong_sure)
    person = person_right_after(scenario, type_id, topology.human, agent)
    outputs, confident = agent.mean(output), agent.mean(right_sure + wrong_sure)
    right = (1.0 - dear) * agent.mean(right_sure) + agent.mean((1.0 - delivered) * person)
    by_confidence = (1.0 - dear) * (outputs - confident)
    return Journey(
        right=right, wrong=1.0 - right,
        by_value=dear, by_confidence=by_confidence, by_failure=(1.0 - dear) * (1.0 - outputs),
        outputs=outputs, right_outputs=agent.mean(output * agent.right()),
        confident=confident, right_confident=agent.mean(right_sure),
        attempts=agent.first_attempts(), transient_failures=(1.0 - agent.stopped) * _transients(agent),
        alone=1.0 - outputs, drafted=dear * outputs + by_confidence,
    )  # fmt: skip


def _transients(agent: AgentWork) -> float:
    """Expected transient failures of a task that no other failure stops at once."""
    return agent.transient * expected_tries(agent.transient, agent.first_tries)
