"""Steps of the walk that decide about an output, and the work of people."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.forecast.workflow.attempts import UNKNOWN
from analysis.forecast.workflow.token import Output, Token
from sim import maths
from sim.maths import FloatArray
from sim.plan.activities import OF_MODEL, OF_STAGE, SHARED
from sim.quantities import billionths
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.topology import Action, ReviewRule, RouteRule, Step
from sim.workers import HumanRole, at_work

if TYPE_CHECKING:
    from analysis.forecast.workflow.passing import Walker


_WAYS = (Reason.HIGH_VALUE, Reason.LOW_CONFIDENCE, Reason.CONFIDENT)
MOST_RETURNS = 20
"""Times a verification sends the same work back (as the engine has it)."""


def route(walker: Walker, token: Token, step: Step, mass: FloatArray, is_flagged: bool = False) -> None:
    """By value first, then by theta; what a validator flagged counts as unsure whatever theta is."""
    rule: RouteRule = step.rule
    high, low, confident = (step.go.get(int(reason)) for reason in _WAYS)
    if high is not None and walker.is_dear(rule.value_limit):
        _to(walker, token, high, mass, "value")
        return
    assert confident is not None
    threshold = billionths(rule.threshold)
    sure = mass * (0.0 if is_flagged else _reaches(walker, token, threshold))
    least, below = token.theta
    surely = replace(token, theta=(max(least, threshold), below))
    premature = rule.premature if low is not None else 0.0
    walker.go(surely, confident, sure * (1.0 - premature))
    if low is None:
        return
    if premature:
        _to(walker, surely, low, sure * premature, "premature")
    unsure = token if is_flagged else replace(token, theta=(least, min(below, threshold)))
    _unsure(walker, unsure, step, mass - sure, "flagged" if is_flagged else "confidence")


def _unsure(walker: Walker, token: Token, step: Step, mass: FloatArray, why: str) -> None:
    """The same agent again, a peer, then where the unsure go (row CR-14)."""
    rule: RouteRule = step.rule
    if token.own < rule.own and int(Reason.SELF_RETRY) in step.go:
        walker.go(replace(token, own=token.own + 1), token.made_at, mass)
    elif token.peers < rule.peers and int(Reason.HANDED_TO_PEER) in step.go:
        walker.go(replace(token, peers=token.peers + 1), step.go[int(Reason.HANDED_TO_PEER)], mass)
    else:
        _to(walker, token, step.go[int(Reason.LOW_CONFIDENCE)], mass, why)


def _reaches(walker: Walker, token: Token, threshold: int) -> FloatArray:
    """P(theta >= threshold), given what is known of theta already."""
    low, high = token.theta
    if threshold <= low or not token.by_role:
        return np.ones(1)
    if threshold >= high:
        return np.zeros(1)
    agent, is_right = walker.stage.agent(token.by_role), token.seems_right
    above, rest = agent.reaches(threshold, is_right), agent.reaches(high, is_right)
    whole = agent.reaches(low, is_right) - rest
    return np.divide(above - rest, whole, out=np.zeros_like(above * whole), where=whole > 1e-300)


def triage(walker: Walker, token: Token, step: Step, mass: FloatArray) -> None:
    """Where a cascade begins: the estimate is the hardness all models share at the stage, with its error (CR-17)."""
    grid, known = walker.stage.grid, SHARED + OF_STAGE
    missing = (grid.rest - OF_MODEL) / known
    before, spread = np.zeros(1), math.sqrt(step.rule.error**2 + missing)
    for number, boundary in enumerate((*step.rule.boundaries, math.inf)):
        below = _share_below(boundary - grid.common / math.sqrt(known), spread)
        walker.go(token, step.go[number], mass * (below - before))
        before = below


def _share_below(distance: FloatArray, spread: float) -> FloatArray:
    """P(error < distance) for a normal error of this standard deviation."""
    if spread == 0.0:
        return np.asarray(distance > 0.0, dtype=np.float64)
    shares: FloatArray = maths.block.normal_cdf(maths.block.clip(distance / spread, -37.0, 37.0))
    return shares


def validate(walker: Walker, token: Token, step: Step, mass: FloatArray) -> None:
    """A second opinion: it sees a share of the errors, without those it is blind to as the agent is (CR-05, CR-21)."""
    rule = step.rule
    walker.count("validations", step.role, mass)
    if step.role:
        walker.count("starts", step.role, mass)
    flagged = rule.sensitivity * (1.0 - rule.correlation) if token.is_wrong else 1.0 - rule.specificity
    token, passed = replace(token, is_fresh=False), step.go[int(Outcome.PASSED)]
    walker.go(token, passed, mass * (1.0 - flagged))
    if walker.steps[passed].action is Action.ROUTE:
        route(walker, token, walker.steps[passed], mass * flagged, is_flagged=True)
    else:
        _to(walker, token, step.go[int(Outcome.FLAGGED)], mass * flagged, "flagged")


def review(walker: Walker, token: Token, step: Step, mass: FloatArray) -> None:
    """A person's verdict: one catch draw on any defect (design, section 5)."""
    role, rule, stage = walker.stage.scenario.workers[step.role], step.rule, walker.stage
    assert isinstance(role, HumanRole)
    assert isinstance(rule, ReviewRule)
    walker.count("starts", step.role, mass)
    walker.count("reviews", step.role, mass)
    skill = at_work(role, "review", stage.type_id, stage.stage)
    noticed = skill.catch_rate if token.is_wrong else skill.false_reject
    token, mass, approved = replace(token, is_fresh=False), mass * noticed, mass * (1.0 - noticed)
    walker.go(token, step.go[int(Outcome.APPROVED)], approved)
    if token.carries and rule.send_back and walker.entry.may_return:
        walker.send_back(token, mass)
        return
    again = rule.revise_share if _may_revise(walker, token, rule) else 0.0
    if again:
        walker.count("revisions", step.role, mass * again)
        revised = replace(token, revisions=token.revisions + 1, failures=0)
        to = token.made_at if rule.to_maker else step.go[int(Outcome.REVISED)]
        walker.go(revised, to, mass * again)
    rejected = replace(token, is_rework=True)
    _to(walker, rejected, step.go[int(Outcome.REJECTED)], mass * (1.0 - again), "rejection")


def _may_revise(walker: Walker, token: Token, rule: ReviewRule) -> bool:
    """Own defects and false alarms go back to the agent while revisions and attempts are left."""
    if token.carries or token.revisions >= rule.max_revisions or not token.by_role:
        return False
    return token.attempts < walker.stage.agent(token.by_role).role.max_attempts


def verify(walker: Walker, token: Token, step: Step, mass: FloatArray) -> None:
    """A look at the ground truth: what is found goes back to where it was born, or to a person (row RT-11)."""
    rule = step.rule
    walker.count("verifications", "", mass)
    found = rule.detects if token.is_wrong else 0.0
    walker.go(token, step.go[int(Outcome.PASSED)], mass * (1.0 - found))
    if not found:
        return
    if rule.then == "again" and token.carries and walker.entry.may_return:
        walker.send_back(token, mass * found)
        return
    to, person = step.go[int(Outcome.FLAGGED)], walker.stage.flow.person
    token = replace(token, returns=token.returns + 1, is_fresh=False)
    if token.returns > MOST_RETURNS or not _may_try(walker, token, to):
        if person < 0 or to == person:
            walker.fail(token, mass * found)
            return
        to = person
    is_person = walker.steps[to].action is Action.EXECUTE
    _to(walker, replace(token, is_rework=is_person), to, mass * found, "verification")


def _may_try(walker: Walker, token: Token, place: int) -> bool:
    """Whether work may begin again at a step; a person's always may."""
    step = walker.steps[place]
    if step.action is not Action.ATTEMPT or token.by_person:
        return True
    return token.attempts < walker.stage.agent(token.by_role).role.max_attempts


def execute(walker: Walker, token: Token, step: Step, mass: FloatArray) -> None:
    """A person does the task, faster with a draft or an assistant, and may repair what was wrong before."""
    role, stage = walker.stage.scenario.workers[step.role], walker.stage
    assert isinstance(role, HumanRole)
    has_draft = token.output is not Output.NOTHING
    kind = (
        "assisted" if step.assistant else "redone" if token.is_rework else "drafted" if has_draft else "alone"
    )
    walker.count("starts", step.role, mass)
    walker.count(kind, "", mass)
    faster = (role.draft_help if has_draft else 1.0) * (step.assist_factor if step.assistant else 1.0)
    walker.count("rework" if token.is_rework else "execution", step.role, mass / faster)
    if step.assistant:
        walker.count("assists", step.assistant, mass)
    repaired = at_work(role, "review", stage.type_id, stage.stage).catch_rate if token.inherited else 0.0
    right, to = walker.stage.person(step.role), step.go[int(Outcome.RIGHT)]
    done = replace(token, by_person=True, by_role="", theta=UNKNOWN, is_fresh=False)
    for carries, share in ((token.inherited, 1.0 - repaired), (False, repaired)):
        if share:
            done = replace(done, carries=carries)
            walker.go(replace(done, output=Output.RIGHT), to, mass * share * right)
            walker.go(replace(done, output=Output.WRONG), to, mass * share * (1.0 - right))


def _to(walker: Walker, token: Token, to: int, mass: FloatArray, why: str) -> None:
    """Moves a token; where that is to a person's work, the reason is counted."""
    if walker.steps[to].action is Action.EXECUTE:
        walker.count(f"to_person:{why}", "", mass)
    walker.go(token, to, mass)
