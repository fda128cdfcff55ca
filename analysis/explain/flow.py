"""The way of a task as a text diagram: its stages, and below each the steps of its table."""

from __future__ import annotations

from textwrap import wrap

from analysis.explain.steps import heading, recovery_lines, results
from analysis.explain.stops import stopped_to
from analysis.format import share
from sim.flows import next_of, stage_of, stages_of, topology_of
from sim.scenario import Scenario
from sim.stages import DELIVER, Stage
from sim.topology import Action, Flow, Step
from sim.workers import AgentRole

_WIDTH = 34
_TEXT = 64
"""Width of what a step does; more goes on the next line."""
_DEEPER = 9
"""How much further to the right the results of a stage's steps begin than those of the stage."""
_FINAL = {Action.DELIVER: "delivered", Action.FAIL: "failed"}
_OF_STAGE = {Action.DELIVER: "done", Action.FAIL: "failed"}
_ENDINGS = {"by_agent": "done by an agent", "by_person": "done by a person", "failed": "failed"}


def flow_lines(scenario: Scenario) -> list[str]:
    """The diagram: each step with its number, each result with where it leads; once where all types go alike."""
    drawn = {type_id: _of_type(scenario, type_id) for type_id in scenario.tasks}
    first = next(iter(drawn.values()))
    if all(lines == first for lines in drawn.values()):
        return first
    return [
        text for type_id, lines in drawn.items() for text in (f"{type_id}", *(f"  {line}" for line in lines))
    ]


def _of_type(scenario: Scenario, type_id: str) -> list[str]:
    task = scenario.tasks[type_id]
    if not task.stages:
        return _steps(scenario, scenario.flow(type_id), "", _FINAL)
    lines = ["arrives --> 1"]
    names = stages_of(task)
    for number, name in enumerate(names, 1):
        kind = topology_of(scenario, type_id, name).kind.replace("_", " ")
        lines.append(f"{number}  {name}: {kind}")
        inner = _steps(scenario, scenario.flow(type_id, name), f"{number}.", _OF_STAGE)
        lines += [f"   {line}" for line in inner]
        lines += [f"   {line}" for line in _leads(scenario, type_id, name, names)]
    return lines


def _leads(scenario: Scenario, type_id: str, stage: str, names: tuple[str, ...]) -> list[str]:
    """Where a stage leads: by share, side by side, or by how it ended."""
    written = stage_of(scenario, type_id, stage)
    assert written is not None
    ways = {
        _ENDINGS[ending]: _into(scenario, type_id, target, names) for ending, target in written.on.items()
    }
    if written.parallel:
        ways["done, side by side"] = ", ".join(_place(branch, names) for branch in written.parallel)
        ways["when all of these are done"] = _place(str(written.join), names)
    following = next_of(scenario.tasks[type_id], stage)
    for target, part in following.items():
        ways["done" if len(following) == 1 else f"done, {share(part)}"] = _into(
            scenario, type_id, target, names
        )
    return [_arrow(label, target, _WIDTH + _DEEPER) for label, target in ways.items()]


def _into(scenario: Scenario, type_id: str, target: str, names: tuple[str, ...]) -> str:
    """The place of a stage; with its limit when a task may come to it again."""
    place = _place(target, names)
    limited = stage_of(scenario, type_id, target)
    is_limited = isinstance(limited, Stage) and "max_passes" in limited.model_fields_set
    return f"{place} (at most {limited.max_passes} times)" if is_limited and limited is not None else place


def _place(target: str, names: tuple[str, ...]) -> str:
    return "delivered" if target == DELIVER else f"{names.index(target) + 1} {target}"


def _steps(scenario: Scenario, flow: Flow, prefix: str, finals: dict[Action, str]) -> list[str]:
    """The steps of one stage."""
    numbers = _numbers(flow, prefix)
    lines = [f"arrives --> {_target(flow, 0, numbers, finals)}"] if not prefix else []
    indent = " " * (len(prefix) + 3)
    for place, step in enumerate(flow.steps):
        if step.action in finals:
            continue
        first, *rest = wrap(heading(scenario, flow, step), _TEXT)
        lines += [f"{numbers[place]}  {first}", *(f"{indent}{line}" for line in rest)]
        lines += recovery_lines(scenario, step, indent)
        ways = [(label, _target(flow, to, numbers, finals)) for label, to in results(step)]
        ways += _questions(scenario, flow, place, numbers)
        ways += _stops(scenario, flow, step, numbers)
        for number, (label, target) in enumerate(ways, 1):
            corner = "'" if number == len(ways) else "|"
            lines.append(f"{indent}{corner}-- {_arrow(label, target)}")
    return lines


def _questions(scenario: Scenario, flow: Flow, place: int, numbers: dict[int, str]) -> list[tuple[str, str]]:
    """Where the questions of an agent, and those of whoever answers them, lead."""
    step = flow.steps[place]
    if step.action is Action.ATTEMPT:
        role = scenario.workers[step.role]
        rule = role.clarification if isinstance(role, AgentRole) else None
        if rule is None:
            return []
        return [(f"asks, {share(rule.probability)}", numbers[flow.questions[step.role, rule.asks]])]
    pair = next((pair for pair, answer in flow.questions.items() if answer == place), None)
    if pair is None:
        return []
    asker = scenario.workers[pair[0]]
    assert isinstance(asker, AgentRole)
    assert asker.clarification is not None
    other = pair[0] if pair[1] == asker.clarification.asks else asker.clarification.asks
    work = next(
        k for k, each in enumerate(flow.steps) if each.action is Action.ATTEMPT and each.role == pair[0]
    )
    back = f"asks back, {share(asker.clarification.probability)}"
    return [(back, numbers[flow.questions[pair[0], other]]), ("nobody asks any more", numbers[work])]


def _stops(scenario: Scenario, flow: Flow, step: Step, numbers: dict[int, str]) -> list[tuple[str, str]]:
    """Where a guard sends what it stops at a step; nothing where none can."""
    person = numbers[flow.person] if flow.person >= 0 else "failed"
    ways = dict.fromkeys(person if goes_on else "failed" for goes_on in stopped_to(scenario, step))
    return [("stopped by a guard", " or ".join(ways))] if ways else []


def _arrow(label: str, target: str, width: int = _WIDTH) -> str:
    return f"{label} {'-' * max(width - len(label), 1)}> {target}"


def _numbers(flow: Flow, prefix: str) -> dict[int, str]:
    """Steps where something is done or decided, counted from 1."""
    places = [place for place, step in enumerate(flow.steps) if step.action not in _FINAL]
    return {place: f"{prefix}{number}" for number, place in enumerate(places, 1)}


def _target(flow: Flow, place: int, numbers: dict[int, str], finals: dict[Action, str]) -> str:
    return finals.get(flow.steps[place].action) or numbers[place]
