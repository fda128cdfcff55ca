"""How workers do at a stage on its grid of hardness: agents' outputs and what they state, people's work."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from analysis.forecast.agents import AgentWork, agent_work, harder_at, varies
from analysis.forecast.stated import passes
from analysis.forecast.workflow.grid import Grid, normal_nodes
from sim import maths
from sim.maths import FloatArray
from sim.quantities import BILLION
from sim.rules.success import compile_success
from sim.scenario import Scenario
from sim.workers import AgentRole, HumanRole, at_work

_LINE = np.linspace(-9.0, 9.0, 145)
"""Hardness at which stated confidence is tabulated."""
_UNSEEN = 41
"""Nodes for the part of the seen hardness that has nothing to do with the task."""


class AgentSkill:
    """An agent role at one stage, on the stage's grid."""

    def __init__(self, scenario: Scenario, type_id: str, stage: str, name: str, grid: Grid) -> None:
        """Compiles the role's curves for this work."""
        role = scenario.workers[name]
        assert isinstance(role, AgentRole)
        self.role = role
        self.work: AgentWork = agent_work(scenario, type_id, name, stage=stage)
        self.hardness: FloatArray = grid.hardness.get(role.model, grid.common)
        self.noise = grid.noise.get(name)
        self._sure: dict[tuple[int, bool], FloatArray] = {}

    def wrong(self, gain: float, factor: float) -> FloatArray:
        """P(wrong | an output, hardness) before schema errors.

        `gain` logits are added to the skill, `factor` multiplies the error of an agent whose input is wrong
        (decision D10); then the agent mends a share of its errors (row RT-16): p' = p + (1 - p) rate.
        """
        reflection = self.role.self_correction
        mended = reflection.rate if reflection is not None else 0.0
        right = replace(self.work, hardness=self.hardness).right_before_schema(gain)
        return np.minimum((1.0 - right) * factor, 1.0) * (1.0 - mended)

    def judgment(self, gain: float) -> FloatArray:
        """P(judgment failure | no other failure, hardness)."""
        shares: FloatArray = self.work.failures.judgment_probability(self.hardness, maths.block, gain)
        return shares

    def reaches(self, threshold: int, is_right: bool) -> FloatArray:
        """P(theta >= threshold, in billionths | right or wrong, schema valid, hardness).

        Approximate, to about one per cent, for an agent that sees all of the hardness and has no hint and no
        noise: its theta jumps between two nodes.
        """
        key = threshold, is_right
        if key not in self._sure:
            self._sure[key] = self._shares(threshold, float(is_right))
        return self._sure[key]

    def _shares(self, threshold: int, is_right: float) -> FloatArray:
        seen = self.work.confidence.seen
        if seen == 0.0 or not varies(self.work.skill):
            return np.asarray(passes(replace(self.work, visible=np.zeros(1)), threshold, is_right))
        if self.noise is not None:
            sees = math.sqrt(seen) * self.hardness + math.sqrt(1.0 - seen) * self.noise
            line = passes(replace(self.work, visible=_LINE), threshold, is_right)
            return np.asarray(np.interp(sees, _LINE, line), dtype=np.float64)
        unseen, weights = normal_nodes(_UNSEEN) if seen < 1.0 else (np.zeros(1), np.ones(1))
        visible = math.sqrt(seen) * _LINE[:, None] + math.sqrt(1.0 - seen) * unseen
        table = passes(replace(self.work, visible=visible), threshold, is_right) @ weights
        return np.asarray(np.interp(self.hardness, _LINE, table), dtype=np.float64)


def person_right(scenario: Scenario, type_id: str, stage: str, name: str, grid: Grid) -> FloatArray:
    """P(right) of a human role at a stage, on the stage's grid: what the grid lacks of its hardness is averaged."""
    role = scenario.workers[name]
    assert isinstance(role, HumanRole)
    skill = compile_success(at_work(role, "success", type_id, stage))
    nodes, weights = normal_nodes(_UNSEEN) if varies(skill) else (np.zeros(1), np.ones(1))
    hardness = grid.common[..., None] + math.sqrt(grid.rest) * nodes
    logit = skill.logit(hardness, maths.block) - harder_at(scenario, type_id, stage)
    shares: FloatArray = skill.probability(logit, maths.block) / BILLION
    return np.asarray(shares @ weights, dtype=np.float64)
