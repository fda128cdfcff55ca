"""An attempt of an agent in the walk: its visible failures in the order they are tested, then its output."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.forecast.workflow.recovery import after_failure
from analysis.forecast.workflow.skills import AgentSkill
from analysis.forecast.workflow.token import Output, Token
from sim.maths import FloatArray
from sim.quantities import BILLION
from sim.rules.failures import Outcome
from sim.rules.guards import Guards
from sim.topology import ReviewRule, Step

if TYPE_CHECKING:
    from analysis.forecast.workflow.passing import Walker

UNKNOWN, ZERO = (0, BILLION + 1), (0, 1)
"""What is known of theta before anybody asks, and of a theta that is 0."""


def attempt(walker: Walker, token: Token, step: Step, mass: FloatArray) -> None:
    """One attempt: deterministic, governance, transient and judgment failures, then right or wrong."""
    agent = walker.stage.agent(step.role)
    walker.count("starts", step.role, mass)
    walker.count("attempts", step.role, mass)
    walker.count("reads", step.role, mass * token.more_input)
    token = replace(
        token, attempts=token.attempts + 1, by_role=step.role, made_at=token.step, by_person=False,
    )  # fmt: skip
    token, mass = _deterministic(walker, token, agent, mass)
    token, mass = _governance(walker, token, agent, mass)
    transient = agent.work.transient
    walker.count("unwritten", step.role, mass * transient)
    after_failure(walker, token, Outcome.TRANSIENT, mass * transient)
    mass = mass * (1.0 - transient)
    judgment = agent.judgment(token.judgment_gain)
    after_failure(walker, token, Outcome.JUDGMENT, mass * judgment)
    _output(walker, token, agent, step, mass * (1.0 - judgment))


def _deterministic(
    walker: Walker, token: Token, agent: AgentSkill, mass: FloatArray
) -> tuple[Token, FloatArray]:
    """The failure that is drawn once for the task and stage: who tries again meets the same draw."""
    rate, (low, high) = agent.work.failures.deterministic / BILLION, token.deterministic
    if int(Outcome.DETERMINISTIC) in token.cleared or rate <= low:
        return token, mass
    share = min((rate - low) / (high - low), 1.0)
    failed = replace(token, deterministic=(low, min(high, rate)))
    after_failure(walker, failed, Outcome.DETERMINISTIC, mass * share)
    return replace(token, deterministic=(rate, high)) if share < 1.0 else token, mass * (1.0 - share)


def _governance(
    walker: Walker, token: Token, agent: AgentSkill, mass: FloatArray
) -> tuple[Token, FloatArray]:
    """The failure that is drawn once for the task, stage and role."""
    rate, role = agent.work.failures.governance / BILLION, token.by_role
    if int(Outcome.GOVERNANCE) in token.cleared or role in token.allowed or not rate:
        return token, mass
    share = 1.0 if role in token.barred else rate
    failed = replace(token, barred=token.barred | {role})
    after_failure(walker, failed, Outcome.GOVERNANCE, mass * share)
    return replace(token, allowed=token.allowed | {role}), mass * (1.0 - share)


def _output(walker: Walker, token: Token, agent: AgentSkill, step: Step, mass: FloatArray) -> None:
    """A question to another agent in place of an output; else right, wrong, or wrong by a broken schema."""
    mass = _ask(walker, token, agent, mass)
    factor = agent.role.propagation_factor if token.inherited else 1.0
    wrong = agent.wrong(_gain(walker, token, agent, step), factor)
    invalid = agent.work.schema_invalid
    token = replace(token, is_fresh=True, failures=0)
    for seems_right, theta, share in (
        (True, UNKNOWN, (1.0 - invalid) * (1.0 - wrong)),
        (False, UNKNOWN, (1.0 - invalid) * wrong),
        (False, ZERO, np.full(1, invalid)),
    ):
        output = Output.RIGHT if seems_right and not token.misread else Output.WRONG
        made = replace(token, output=output, seems_right=seems_right, theta=theta)
        _notice(walker, made, agent, step, mass * share)


def _gain(walker: Walker, token: Token, agent: AgentSkill, step: Step) -> float:
    """Logits that the story of the pass adds to the skill."""
    following = walker.steps[step.go[int(Outcome.RIGHT)]].rule
    revision = following.revision_gain if token.revisions and isinstance(following, ReviewRule) else 0.0
    return token.gain + float(revision) + agent.role.recovery.memory_gain * token.failures


def _notice(walker: Walker, token: Token, agent: AgentSkill, step: Step, mass: FloatArray) -> None:
    """Sends an output on; a defect of the input that is noticed is reported, repaired or sent back (D9)."""
    noticed = agent.role.detect_upstream if token.inherited else 0.0
    to = step.go[int(Outcome.RIGHT)]
    token = replace(token, carries=token.inherited)
    walker.go(token, to, mass * (1.0 - noticed))
    if not noticed:
        return
    if agent.role.on_upstream_defect == "repair":
        walker.go(replace(token, carries=False), to, mass * noticed)
    elif agent.role.on_upstream_defect == "send_back" and walker.entry.may_return:
        walker.send_back(token, mass * noticed)
    else:
        walker.go(replace(token, theta=ZERO), to, mass * noticed)


def _ask(walker: Walker, token: Token, agent: AgentSkill, mass: FloatArray) -> FloatArray:
    """What hands over an output instead of asking another agent (row RT-19)."""
    rule = agent.role.clarification
    if rule is None:
        return mass
    _question(walker, token, rule.asks, mass * rule.probability)
    return mass * (1.0 - rule.probability)


def _question(walker: Walker, token: Token, role: str, mass: FloatArray) -> None:
    """To whoever is asked; where no hop is left, to the person of the stage, or failed."""
    guards = walker.stage.scenario.guards
    if token.hops < (guards or Guards()).max_hops:
        walker.put(
            replace(token, step=walker.stage.flow.questions[token.by_role, role], hops=token.hops + 1), mass
        )
    elif walker.stage.flow.person >= 0:
        walker.count("to_person:failure", "", mass)
        walker.go(token, walker.stage.flow.person, mass)
    else:
        walker.fail(token, mass)


def answer(walker: Walker, token: Token, step: Step, mass: FloatArray) -> None:
    """An answer: whoever gave it may ask back, else the work is tried again."""
    rule = walker.stage.agent(token.by_role).role.clarification
    assert rule is not None
    walker.count("starts", step.role, mass)
    walker.count(f"answers:{token.by_role}", step.role, mass)
    other = token.by_role if step.role == rule.asks else rule.asks
    _question(walker, token, other, mass * rule.probability)
    walker.put(replace(token, step=token.made_at), mass * (1.0 - rule.probability))
