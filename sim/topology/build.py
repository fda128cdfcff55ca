"""Topologies compiled: presets as labelled steps, then what policies and guards put between them, then a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from sim.rules.agent_effects import Clarification
from sim.rules.approval import Approval
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.rules.validation import Validator
from sim.rules.verification import Verification
from sim.topology.custom import AttemptStep, Custom, ExecuteStep, ReviewStep, RouteStep
from sim.topology.flow import STAGE, Action, Flow, ReviewRule, RouteRule, Step
from sim.topology.presets import (
    AnyTopology,
    Autonomous,
    Cascade,
    Copilot,
    Escalation,
    Guardian,
    HumanOnly,
)

OUTPUT, FAILED = int(Outcome.RIGHT), int(Outcome.TRANSIENT)
DELIVER, FAIL, EXECUTE, ATTEMPT, APPROVE = "deliver", "fail", "execute", "attempt", "approve"
_CONFIDENT, _LOW, _HIGH = int(Reason.CONFIDENT), int(Reason.LOW_CONFIDENCE), int(Reason.HIGH_VALUE)
_SELF, _PEER = int(Reason.SELF_RETRY), int(Reason.HANDED_TO_PEER)
_APPROVED, _REVISED, _REJECTED = int(Outcome.APPROVED), int(Outcome.REVISED), int(Outcome.REJECTED)
_PASSED, _FLAGGED = int(Outcome.PASSED), int(Outcome.FLAGGED)


@dataclass(frozen=True, slots=True)
class Extras:
    """What policies, roles and guards add to the flow of a topology."""

    approval: Approval | None = None
    approval_when: Literal["never", "by_value", "always"] = "never"
    reviewer: str = ""
    validator: Validator | None = None
    verification: Verification | None = None
    person: str = ""
    """Human role that takes what a guard stops where the topology has nobody."""
    stand_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Agent role -> roles that may try in its place."""
    clarifications: Mapping[str, Clarification] = field(default_factory=dict)
    """Agent role -> the questions that it asks."""


NO_EXTRAS = Extras()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A step whose results lead to labels instead of places."""

    action: Action
    role: str = ""
    go: dict[int, str] = field(default_factory=dict)
    assistant: str = ""
    assist_factor: float = 1.0
    rule: object = None


Steps = dict[str, Labelled]


def compile_flow(topology: AnyTopology, stage: str = STAGE, extras: Extras = NO_EXTRAS) -> Flow:
    """The step table of a topology with what policies, roles and guards add."""
    steps = _steps_of(topology)
    first = next(iter(steps))
    human = getattr(topology, "human", None) or extras.reviewer or extras.person
    if extras.validator is not None:
        _validate(steps, extras.validator)
    if extras.approval is not None and extras.approval_when != "never":
        _approve(steps, extras, human)
    if extras.verification is not None:
        _verify(steps, extras.verification, first, human)
    names_person = isinstance(topology, Custom) and bool(topology.human)
    person = _person(steps, human if names_person else extras.person, names_person)
    stand_ins = _stand_ins(steps, extras)
    questions = _questions(steps, extras)
    return _table(steps, stage, person, stand_ins, questions)


# -- presets ----------------------------------------------------------------------------------------------------


def _steps_of(topology: AnyTopology) -> Steps:
    match topology:
        case HumanOnly():
            return {EXECUTE: _execute(topology.human), DELIVER: Labelled(Action.DELIVER)}
        case Copilot():
            assisted = replace(
                _execute(topology.human), assistant=topology.agent, assist_factor=topology.assist_factor
            )
            return {EXECUTE: assisted, DELIVER: Labelled(Action.DELIVER)}
        case Guardian():
            return _guardian(topology)
        case Escalation():
            return _escalation(topology)
        case Autonomous():
            return {
                ATTEMPT: _attempt(topology.agent, DELIVER, FAIL),
                DELIVER: Labelled(Action.DELIVER),
                FAIL: Labelled(Action.FAIL),
            }
        case Cascade():
            return _cascade(topology)
        case Custom():
            return _custom(topology)
        case _:
            assert_never(topology)


def _attempt(role: str, output: str, failed: str) -> Labelled:
    return Labelled(Action.ATTEMPT, role, {OUTPUT: output, FAILED: failed})


def _execute(role: str) -> Labelled:
    return Labelled(Action.EXECUTE, role, {OUTPUT: DELIVER})


def _guardian(topology: Guardian) -> Steps:
    rule = ReviewRule(
        topology.max_revisions, topology.revise_share, topology.revision_gain, topology.send_back
    )
    go = {_APPROVED: DELIVER, _REVISED: ATTEMPT, _REJECTED: EXECUTE}
    return {
        ATTEMPT: _attempt(topology.agent, "review", EXECUTE),
        "review": Labelled(Action.REVIEW, topology.reviewer or topology.human, go, rule=rule),
        EXECUTE: _execute(topology.human),
        DELIVER: Labelled(Action.DELIVER),
    }


def _escalation(topology: Escalation) -> Steps:
    ladder = topology.ladder
    go = {_CONFIDENT: DELIVER, _LOW: EXECUTE, _HIGH: EXECUTE}
    rule = RouteRule(topology.threshold, topology.value_limit, topology.premature_escalation)
    steps: Steps = {ATTEMPT: _attempt(topology.agent, "route", EXECUTE)}
    if ladder is not None:
        rule = replace(rule, own=ladder.own, peers=ladder.peers if ladder.peer else 0)
        if ladder.own:
            go[_SELF] = ATTEMPT
        if rule.peers:
            go[_PEER] = "peer"
    steps["route"] = Labelled(Action.ROUTE, "", go, rule=rule)
    if _PEER in go:
        assert ladder is not None
        steps["peer"] = _attempt(str(ladder.peer), "route", EXECUTE)
    if topology.value_check == "before" and topology.value_limit is not None:
        before = RouteRule(0.0, topology.value_limit)
        check = Labelled(Action.ROUTE, "", {_CONFIDENT: ATTEMPT, _HIGH: EXECUTE}, rule=before)
        steps = {"before": check, **steps}
    return {**steps, EXECUTE: _execute(topology.human), DELIVER: Labelled(Action.DELIVER)}


def _cascade(topology: Cascade) -> Steps:
    steps: Steps = {}
    names = [f"tier_{number}" for number in range(1, len(topology.tiers) + 1)]
    last = EXECUTE if topology.human else DELIVER
    if topology.triage is not None:
        go = {
            number: names[min(number, len(names) - 1)]
            for number in range(len(topology.triage.boundaries) + 1)
        }
        steps["triage"] = Labelled(Action.TRIAGE, "", go, rule=topology.triage)
    for number, (name, tier) in enumerate(zip(names, topology.tiers, strict=True)):
        is_last = number == len(names) - 1
        unsure = last if is_last else names[number + 1]
        failed = (EXECUTE if topology.human else FAIL) if is_last else names[number + 1]
        if is_last and not topology.human:
            steps[name] = _attempt(tier.agent, DELIVER, failed)
            continue
        route = {_CONFIDENT: DELIVER, _LOW: unsure}
        if topology.human:
            route[_HIGH] = EXECUTE
        limit = topology.value_limit if topology.human else None
        steps[name] = _attempt(tier.agent, f"route_{number + 1}", failed)
        rule = RouteRule(tier.threshold, limit, is_last=is_last)
        steps[f"route_{number + 1}"] = Labelled(Action.ROUTE, "", route, rule=rule)
    if topology.human:
        steps[EXECUTE] = _execute(topology.human)
    else:
        steps[FAIL] = Labelled(Action.FAIL)
    return {**steps, DELIVER: Labelled(Action.DELIVER)}


def _custom(topology: Custom) -> Steps:
    steps: Steps = {}
    for name, step in topology.steps.items():
        match step:
            case AttemptStep():
                steps[name] = _attempt(step.attempt, step.output, _after_failure(topology, step.failed))
            case RouteStep():
                rule = RouteRule(
                    step.route.threshold, step.route.value_limit, step.route.premature_escalation
                )
                go = {_CONFIDENT: step.confident, _LOW: step.unsure, _HIGH: step.dear or step.unsure}
                steps[name] = Labelled(Action.ROUTE, "", go, rule=rule)
            case ReviewStep():
                verdicts = ReviewRule(
                    step.max_revisions, step.revise_share, step.revision_gain, to_maker=False
                )
                go = {_APPROVED: step.approved, _REVISED: step.revised, _REJECTED: step.rejected}
                steps[name] = Labelled(Action.REVIEW, step.review, go, rule=verdicts)
            case ExecuteStep():
                factor = step.assist_factor if step.assistant else 1.0
                go = {OUTPUT: step.done}
                steps[name] = Labelled(Action.EXECUTE, step.execute, go, step.assistant or "", factor)
    steps[DELIVER], steps[FAIL] = Labelled(Action.DELIVER), Labelled(Action.FAIL)
    return steps


def _after_failure(topology: Custom, name: str) -> str:
    """Where a failure goes that leads to a route: without an output nothing is sure."""
    step = topology.steps.get(name)
    return _after_failure(topology, step.unsure) if isinstance(step, RouteStep) else name


# -- what goes between ------------------------------------------------------------------------------------------


def _led(step: Labelled, old: str, new: str) -> Labelled:
    """The step with its results that led to `old` leading to `new`."""
    return replace(step, go={key: new if to == old else to for key, to in step.go.items()})


def _validate(steps: Steps, rule: Validator) -> None:
    """A validator after every attempt; what it flags goes where the unsure go, else where failures go."""
    for name in [name for name, step in steps.items() if step.action is Action.ATTEMPT]:
        output, failed = steps[name].go[OUTPUT], steps[name].go[FAILED]
        following = steps[output]
        unsure = following.go[_LOW] if following.action is Action.ROUTE else failed
        go = {_PASSED: output, _FLAGGED: unsure}
        steps[f"validate_{name}"] = Labelled(Action.VALIDATE, rule.role or "", go, rule=rule)
        steps[name] = replace(steps[name], go={**steps[name].go, OUTPUT: f"validate_{name}"})


def _approve(steps: Steps, extras: Extras, human: str) -> None:
    """A review before every delivery of an agent's output that has none yet."""
    rule = extras.approval
    assert rule is not None
    by_agent = (Action.ATTEMPT, Action.ROUTE, Action.VALIDATE)
    made_by = (*by_agent, Action.EXECUTE) if rule.review_human_work else by_agent
    held = [name for name, step in steps.items() if step.action in made_by and DELIVER in step.go.values()]
    if not held:
        return
    attempts = [name for name, step in steps.items() if step.action is Action.ATTEMPT]
    redo = EXECUTE if EXECUTE in steps else "redo"
    if redo not in steps:
        steps[redo] = _execute(human)
    go = {_APPROVED: DELIVER, _REJECTED: redo, _REVISED: attempts[0] if attempts else redo}
    verdicts = ReviewRule(
        rule.max_revisions if attempts else 0, rule.revise_share, proposal_ticks=rule.proposal_time
    )
    gate = APPROVE
    if extras.approval_when == "by_value":
        gate = "gate"
        dear = RouteRule(0.0, rule.value_limit)
        steps[gate] = Labelled(Action.ROUTE, "", {_CONFIDENT: DELIVER, _HIGH: APPROVE}, rule=dear)
    for name in held:
        steps[name] = _led(steps[name], DELIVER, gate)
    steps[APPROVE] = Labelled(Action.REVIEW, extras.reviewer or human, go, rule=verdicts)


def _verify(steps: Steps, rule: Verification, first: str, human: str) -> None:
    """A verification before everything that is delivered."""
    caught = first
    if rule.then == "person" and human:
        caught = EXECUTE if EXECUTE in steps else "redo"
        if caught not in steps:
            steps[caught] = _execute(human)
    for name, step in list(steps.items()):
        steps[name] = _led(step, DELIVER, "verify")
    steps["verify"] = Labelled(Action.VERIFY, "", {_PASSED: DELIVER, _FLAGGED: caught}, rule=rule)


def _person(steps: Steps, role: str, is_asked: bool) -> str:
    """The step that takes what a guard stops; empty when nobody does.

    `is_asked` when the topology itself names the role; else whoever does the work anyway takes it.
    """
    executions = [name for name, step in steps.items() if step.action is Action.EXECUTE]
    named = [name for name in executions if steps[name].role == role]
    if named or (executions and not is_asked):
        executions = named or executions
        return executions[0]
    if not role:
        return ""
    output = "verify" if "verify" in steps else DELIVER
    steps["person"] = Labelled(Action.EXECUTE, role, {OUTPUT: output})
    return "person"


def _stand_ins(steps: Steps, extras: Extras) -> dict[tuple[str, str], str]:
    """Attempts by other roles in the place of each attempt, with the same ways on; they may stand in for each other."""
    found: dict[tuple[str, str], str] = {}
    for name in [name for name, step in steps.items() if step.action is Action.ATTEMPT]:
        group, waiting = {steps[name].role: name}, [steps[name].role]
        while waiting:
            for role in extras.stand_ins.get(waiting.pop(), ()):
                if role not in group:
                    group[role] = f"{name}_by_{role}"
                    steps[group[role]] = replace(steps[name], role=role)
                    waiting.append(role)
        for label in group.values():
            found |= {(label, role): other for role, other in group.items() if other != label}
    return found


def _questions(steps: Steps, extras: Extras) -> dict[tuple[str, str], str]:
    """Steps at which agents answer questions: of whoever is asked, and of the asker who is asked back."""
    found: dict[tuple[str, str], str] = {}
    attempting = [step.role for step in steps.values() if step.action is Action.ATTEMPT]
    for asker in dict.fromkeys(attempting):
        rule = extras.clarifications.get(asker)
        for role in (rule.asks, asker) if rule is not None else ():
            found[asker, role] = f"clarify_{asker}_{role}"
            steps[found[asker, role]] = Labelled(Action.CLARIFY, role, rule=rule)
    return found


def _table(
    steps: Steps,
    stage: str,
    person: str,
    stand_ins: dict[tuple[str, str], str],
    questions: dict[tuple[str, str], str],
) -> Flow:
    """Places for labels; the ends come last but for the order in which presets write them."""
    needed = {to for step in steps.values() for to in step.go.values()}
    for name, action in ((DELIVER, Action.DELIVER), (FAIL, Action.FAIL)):
        if name in needed and name not in steps:
            steps[name] = Labelled(action)
    place = {name: number for number, name in enumerate(steps)}
    table = tuple(
        Step(
            step.action, step.role, {key: place[to] for key, to in step.go.items()}, step.assistant,
            step.assist_factor, step.rule, name,
        )
        for name, step in steps.items()
    )  # fmt: skip
    return Flow(
        stage,
        table,
        place[person] if person else -1,
        {(place[name], role): place[twin] for (name, role), twin in stand_ins.items()},
        {pair: place[name] for pair, name in questions.items()},
    )
