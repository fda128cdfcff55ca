"""The flow of a task as a text diagram, drawn from the step table."""

from __future__ import annotations

from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.scenario import Scenario
from sim.topology import Action, Escalation, Flow, Guardian, Step, compile_flow

_WIDTH = 34
_FINAL = {Action.DELIVER: "delivered", Action.FAIL: "failed"}
_RESULTS = {
    (Action.ATTEMPT, Outcome.RIGHT): "output",
    (Action.ATTEMPT, Outcome.TRANSIENT): "visible failure, no retry left",
    (Action.EXECUTE, Outcome.RIGHT): "done",
    (Action.REVIEW, Outcome.APPROVED): "approved",
    (Action.REVIEW, Outcome.REVISED): "sent back",
    (Action.REVIEW, Outcome.REJECTED): "rejected",
    (Action.ROUTE, Reason.CONFIDENT): "yes",
    (Action.ROUTE, Reason.LOW_CONFIDENCE): "no: theta below",
    (Action.ROUTE, Reason.HIGH_VALUE): "no: value above",
}
"""Results of steps in words."""


def flow_lines(scenario: Scenario) -> list[str]:
    """The diagram: each step with its number, each result with the step it leads to."""
    flow = compile_flow(scenario.topology)
    numbers = _numbers(flow)
    lines = [f"arrives --> {_target(flow, 0, numbers)}"]
    for place, step in enumerate(flow.steps):
        if step.action in _FINAL:
            continue
        lines.append(f"{numbers[place]}  {_heading(scenario, flow, step)}")
        results = list(step.go.items())
        for key, to in results:
            corner = "'" if key == results[-1][0] else "|"
            label = _RESULTS[step.action, key]  # type: ignore[index]
            lines.append(f"   {corner}-- {label} {'-' * (_WIDTH - len(label))}> {_target(flow, to, numbers)}")
    return lines


def _numbers(flow: Flow) -> dict[int, int]:
    """Steps where something is done or decided, counted from 1."""
    places = [place for place, step in enumerate(flow.steps) if step.action not in _FINAL]
    return {place: number for number, place in enumerate(places, 1)}


def _target(flow: Flow, place: int, numbers: dict[int, int]) -> str:
    return _FINAL.get(flow.steps[place].action) or str(numbers[place])


def _heading(scenario: Scenario, flow: Flow, step: Step) -> str:
    match step.action:
        case Action.ATTEMPT:
            return f"{step.role} attempts"
        case Action.EXECUTE if step.assistant:
            return f"{step.role} does the task, assisted by {step.assistant}"
        case Action.EXECUTE:
            is_first = flow.steps[0] is step
            return f"{step.role} does the task" + ("" if is_first else ", with the draft if there is one")
        case Action.REVIEW:
            return f"{step.role} reviews" + _revisions(scenario)
        case _:
            return _condition(scenario)


def _revisions(scenario: Scenario) -> str:
    topology = scenario.topology
    most = topology.max_revisions if isinstance(topology, Guardian) else 0
    return f" (at most {most} revision{'s' if most != 1 else ''})"


def _condition(scenario: Scenario) -> str:
    topology = scenario.topology
    assert isinstance(topology, Escalation)
    text = f"theta >= {topology.threshold:g}"
    if topology.value_limit is not None:
        text += f" and value <= {scenario.currency} {topology.value_limit:,f}"
    return f"{text} ?"
