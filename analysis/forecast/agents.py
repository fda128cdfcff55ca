"""One agent at one kind of work: what it comes to at each hardness, on the nodes of a quadrature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import maths
from sim.flows import stage_of
from sim.maths import FloatArray
from sim.quantities import BILLION, billionths
from sim.rules.confidence import ConfidenceCurve, compile_confidence
from sim.rules.failures import FailureCurve, compile_failures
from sim.rules.success import SkillCurve, compile_success
from sim.scenario import Scenario
from sim.tables import NORMAL_NODES, NORMAL_WEIGHTS
from sim.topology import STAGE
from sim.workers import AgentRole, at_work


@dataclass(frozen=True, slots=True)
class AgentWork:
    """An agent role at one stage of a task type.

    `hardness` and `visible` (the hardness the agent sees) are the nodes, `weight` is their probability; the
    three broadcast against each other. Rates are shares.
    """

    hardness: FloatArray
    visible: FloatArray
    weight: FloatArray
    skill: SkillCurve
    confidence: ConfidenceCurve
    failures: FailureCurve
    harder_by: float
    schema_invalid: float
    tool_errors: float
    tries: int
    """Attempts in a row of which all but the last may end in a transient failure."""
    max_attempts: int

    def mean(self, values: Any) -> float:
        """Expectation over hardness."""
        return float(np.sum(self.weight * values))

    def right(self, gain: float = 0.0) -> FloatArray:
        """P(right and its schema valid | an output, hardness); `gain` logits are added to the skill."""
        return (1.0 - self.schema_invalid) * self.right_before_schema(gain)

    def right_before_schema(self, gain: float = 0.0) -> FloatArray:
        """P(right | an output, hardness) before schema errors."""
        block = maths.block
        logit = self.skill.logit(self.hardness, block) + (gain - self.harder_by)
        shares: FloatArray = self.skill.probability(logit, block) / BILLION
        return shares

    def judgment(self) -> FloatArray:
        """P(judgment failure | no other failure, hardness)."""
        shares: FloatArray = self.failures.judgment_probability(self.hardness, maths.block)
        return shares

    @property
    def transient(self) -> float:
        """P(transient failure) of each attempt."""
        return self.failures.transient / BILLION

    @property
    def stopped(self) -> float:
        """Share of tasks whose first attempt ends for good: a deterministic or a governance failure."""
        shares = self.failures.deterministic / BILLION, self.failures.governance / BILLION
        return 1.0 - (1.0 - shares[0]) * (1.0 - shares[1])

    @property
    def first_tries(self) -> int:
        """Attempts of one task at most before its first output."""
        return min(self.tries, self.max_attempts)

    def first_output(self) -> FloatArray:
        """P(the first attempts and their retries end with an output | hardness)."""
        survived = 1.0 - self.transient**self.first_tries
        return (1.0 - self.stopped) * survived * (1.0 - self.judgment())

    def first_attempts(self) -> float:
        """Expected attempts until the first output or failure; the stopped tasks have one."""
        return self.stopped + (1.0 - self.stopped) * expected_tries(self.transient, self.first_tries)


def expected_tries(transient: float, tries: int) -> float:
    """Expected length of a series of at most `tries` attempts that goes on after each transient failure."""
    return math.fsum(transient**number for number in range(tries))


def agent_work(
    scenario: Scenario, type_id: str, name: str, with_stated: bool = False, stage: str = STAGE
) -> AgentWork:
    """The agent role `name` at a stage; `with_stated` when its stated confidence is asked for as well."""
    role, harder_by = scenario.workers[name], harder_at(scenario, type_id, stage)
    assert isinstance(role, AgentRole)
    skill = compile_success(at_work(role, "success", type_id, stage))
    failures = compile_failures(at_work(role, "failures", type_id, stage), skill)
    confidence = compile_confidence(at_work(role, "confidence", type_id, stage), skill, failures, harder_by)
    hardness, visible, weight = _nodes(confidence.seen if with_stated else 0.0, varies(skill))
    return AgentWork(
        hardness=hardness, visible=visible, weight=weight,
        skill=skill, confidence=confidence, failures=failures, harder_by=harder_by,
        schema_invalid=billionths(role.schema_invalid) / BILLION,
        tool_errors=billionths(role.tool_errors) / BILLION,
        tries=role.retries.limit + 1, max_attempts=role.max_attempts,
    )  # fmt: skip


def harder_at(scenario: Scenario, type_id: str, stage: str) -> float:
    """Logits taken from success at this stage of this type."""
    written = stage_of(scenario, type_id, stage)
    return scenario.tasks[type_id].harder_by + (written.harder_by if written is not None else 0.0)


def varies(skill: SkillCurve) -> bool:
    """Whether success depends on hardness at all."""
    return skill.spread != 0.0 or skill.table is not None


def _nodes(seen: float, hardness_matters: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Nodes of hardness and of visible hardness, correlated by sqrt(seen), with their weights.

    One node when hardness changes nothing; a line when the agent sees nothing or everything of it; else a
    square, visible hardness down and the rest across.
    """
    if not hardness_matters:
        return np.zeros(1), np.zeros(1), np.ones(1)
    if seen in (0.0, 1.0):
        return NORMAL_NODES, NORMAL_NODES, NORMAL_WEIGHTS
    visible = NORMAL_NODES[:, None]
    hardness = math.sqrt(seen) * visible + math.sqrt(1.0 - seen) * NORMAL_NODES
    return hardness, visible, NORMAL_WEIGHTS[:, None] * NORMAL_WEIGHTS
