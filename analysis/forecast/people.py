"""How likely people are right at the work they get, as hard for them as for the agent only in part."""

from __future__ import annotations

import math

import numpy as np

from analysis.forecast.agents import AgentWork, varies
from sim import maths
from sim.maths import FloatArray
from sim.plan.activities import OF_STAGE, SHARED
from sim.quantities import BILLION
from sim.rules.success import SkillCurve, compile_success
from sim.scenario import Scenario
from sim.tables import NORMAL_NODES, NORMAL_WEIGHTS
from sim.topology import STAGE
from sim.workers import HumanRole, at_work

CORRELATION = SHARED + OF_STAGE
"""Correlation of the hardness of one task for a person and for a model."""


def person_right(scenario: Scenario, type_id: str, name: str) -> float:
    """P(right) of a human role at all tasks of a type."""
    skill = _skill(scenario, type_id, name)
    return float(np.sum(NORMAL_WEIGHTS * _right(skill, NORMAL_NODES, scenario.tasks[type_id].harder_by)))


def person_right_after(scenario: Scenario, type_id: str, name: str, agent: AgentWork) -> FloatArray | float:
    """P(right) of a human role given how hard the task is for the agent, on the agent's nodes."""
    skill = _skill(scenario, type_id, name)
    if not varies(skill) or not varies(agent.skill):
        return person_right(scenario, type_id, name)
    rest = math.sqrt(1.0 - CORRELATION * CORRELATION)
    hardness = CORRELATION * NORMAL_NODES[:, None] + rest * NORMAL_NODES
    at_nodes = _right(skill, hardness, scenario.tasks[type_id].harder_by) @ NORMAL_WEIGHTS
    if agent.hardness.ndim == 1:
        return at_nodes
    return np.interp(agent.hardness, NORMAL_NODES, at_nodes)


def _skill(scenario: Scenario, type_id: str, name: str) -> SkillCurve:
    role = scenario.workers[name]
    assert isinstance(role, HumanRole)
    return compile_success(at_work(role, "success", type_id, STAGE))


def _right(skill: SkillCurve, hardness: FloatArray, harder_by: float) -> FloatArray:
    shares: FloatArray = (
        skill.probability(skill.logit(hardness, maths.block) - harder_by, maths.block) / BILLION
    )
    return shares
