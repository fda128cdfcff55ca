"""The walk of a task from stage to stage, at each node of the part of hardness that its stages share."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.forecast.workflow.passing import Entry
from analysis.forecast.workflow.token import PASSES, Count, Defect, Ending, Exit, Pass
from sim import maths
from sim.flows import next_of, policy_of, stage_of, stages_of
from sim.maths import FloatArray
from sim.rules.handoff import HandOff
from sim.rules.verification import Verification
from sim.scenario import Scenario
from sim.stages import DELIVER
from sim.topology import ReviewRule
from sim.workers import AgentRole

NEGLIGIBLE = 1e-10
"""Probability below which a place is not followed any further: long loops end here."""
RIGHT = ""
"""Stands for no stage where a defect was born: there is none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task is in its workflow."""

    stage: str
    born: str = RIGHT
    """Stage where its defect was born; empty when it has none."""
    context: float = 1.0
    """What is left of the context."""
    written: float = 0.0
    """Tokens that the stages before wrote, on average: what a transcript holds."""
    passes: tuple[tuple[str, int], ...] = ()
    """How often it came to each stage that it may come to again."""
    visited: frozenset[str] = frozenset()
    """Stages that it came through in this branch, where work may be sent back."""
    is_first: bool = False
    """Whether the task has just arrived: no hand-off led here."""


@dataclass(slots=True)
class Ends:
    """What a walk comes to, by node of the task's part of hardness, per task that begins it."""

    failed: FloatArray
    arrived: dict[str, FloatArray] = field(default_factory=dict)
    """By the stage where the defect was born; empty for right."""
    counts: dict[tuple[str, Count], FloatArray] = field(default_factory=dict)
    """By stage and quantity."""
    context: float = 1.0
    written: float = 0.0

    def arrive(self, born: str, mass: FloatArray) -> None:
        """Adds what comes to the end of the walk."""
        self.arrived[born] = self.arrived[born] + mass if born in self.arrived else mass

    def count(self, stage: str, what: Count, amount: FloatArray) -> None:
        """Adds to a count of a stage."""
        key = stage, what
        self.counts[key] = self.counts[key] + amount if key in self.counts else amount


Passing = Callable[[str, Entry], Pass]
"""What a pass through a stage comes to."""


class Graph:
    """The stages of one task type, walked with given passes."""

    def __init__(self, scenario: Scenario, type_id: str, passing: Passing, dear: int, nodes: int) -> None:
        """`dear` is the place of the task's value among the limits, `nodes` the length of every array."""
        self.scenario, self.type_id, self.passing, self.dear = scenario, type_id, passing, dear
        self.task = scenario.tasks[type_id]
        self.ones = np.ones(nodes)
        self.repeated = repeated_stages(scenario, type_id)
        names = stages_of(self.task)
        self.sends_back = any(_sends_back(scenario, type_id, name) for name in names)
        rules = [policy_of(scenario, type_id, name, "hand_off") for name in names]
        self.is_transcribed = any(rule is not None and rule.mode == "transcript" for rule in rules)

    def walk(self) -> Ends:
        """From the first stage until the task is delivered or failed."""
        first = stages_of(self.task)[0]
        passes = ((first, 1),) if first in self.repeated else ()
        visited = frozenset({first}) if self.sends_back else frozenset()
        return self._walk(Place(first, passes=passes, visited=visited, is_first=True), DELIVER)

    def _walk(self, first: Place, until: str) -> Ends:
        """From a place until a stage (or delivery) is come to."""
        ends = Ends(self.ones * 0.0)
        waiting: dict[Place, FloatArray] = {first: self.ones}
        order = deque([first])
        while order:
            place = order.popleft()
            mass = waiting.pop(place)
            for target, amount in self._from(place, mass, ends):
                if target.stage in (until, DELIVER):
                    ends.arrive(target.born, amount)
                    ends.context, ends.written = min(ends.context, target.context), target.written
                elif float(np.max(amount)) >= NEGLIGIBLE:
                    if target not in waiting:
                        order.append(target)
                    waiting[target] = waiting.get(target, 0.0) + amount
        return ends

    def _from(self, place: Place, mass: FloatArray, ends: Ends) -> list[tuple[Place, FloatArray]]:
        """Passes through a stage, and where that leads."""
        rule = self._hand_off(place)
        entry = Entry(
            inherited=place.born != RIGHT,
            gain=float(maths.scalar.log(place.context)) if place.context < 1.0 else 0.0,
            misread=rule.misread if rule is not None else 0.0,
            may_return=self._may_return(place),
            dear=self.dear,
        )
        result = self.passing(place.stage, entry)
        self._count(place, rule, result, mass, ends)
        found: list[tuple[Place, FloatArray]] = []
        for way, share in result.exits.items():
            found += self._after(place, way, mass * share, ends)
        return found

    def _count(self, place: Place, rule: HandOff | None, result: Pass, mass: FloatArray, ends: Ends) -> None:
        """Adds the counts of a pass, and what the hand-off before it took."""
        ends.count(place.stage, PASSES, mass)
        extra = 0.0
        if rule is not None:
            extra = {"contract": float(rule.contract_tokens), "transcript": place.written}.get(
                rule.mode or "", 0.0
            )
            if rule.store is not None:
                ends.count(place.stage, Count("store_cost"), mass * float(rule.store.read_cost))
        for what, amount in result.counts.items():
            ends.count(place.stage, what, mass * amount)
            if extra and what.what == "reads":
                ends.count(place.stage, Count("extra_tokens", what.role), mass * amount * extra)

    def _may_return(self, place: Place) -> bool:
        """Whether the stage where the defect was born lies in this branch and may be passed again."""
        if place.born not in place.visited:
            return False
        written = stage_of(self.scenario, self.type_id, place.born)
        return written is None or dict(place.passes).get(place.born, 0) < written.max_passes

    def _hand_off(self, place: Place) -> HandOff | None:
        """The rule of the hand-off that led here; the first stage has none."""
        if place.is_first:
            return None
        rule: HandOff | None = policy_of(self.scenario, self.type_id, place.stage, "hand_off")
        return rule

    def _after(self, place: Place, way: Exit, mass: FloatArray, ends: Ends) -> list[tuple[Place, FloatArray]]:
        """Where a way out of a stage leads."""
        if way.ending is Ending.SENT_BACK:
            return self._enter(replace(place, born=RIGHT, is_first=False), place.born, mass, ends)
        born = {Defect.NONE: RIGHT, Defect.OWN: place.stage, Defect.INHERITED: place.born}[way.defect]
        written = stage_of(self.scenario, self.type_id, place.stage)
        left = replace(place, born=born, written=place.written + self._writes(place.stage), is_first=False)
        target = written.on.get(way.ending.value) if written is not None else None
        if target is not None:
            return self._enter(left, target, mass, ends)
        if way.ending is Ending.FAILED:
            ends.failed = ends.failed + mass
            return []
        if written is not None and written.parallel and written.join is not None:
            return self._fork(left, written.parallel, written.join, mass, ends)
        found = []
        for name, share in next_of(self.task, place.stage).items():
            found += self._enter(left, name, mass * share, ends)
        return found

    def _enter(self, left: Place, stage: str, mass: FloatArray, ends: Ends) -> list[tuple[Place, FloatArray]]:
        """Comes to a stage: the hand-off loses context, too many passes fail."""
        if stage == DELIVER:
            return [(replace(left, stage=stage), mass)]
        passes = dict(left.passes)
        if stage in self.repeated:
            passes[stage] = passes.get(stage, 0) + 1
        written = stage_of(self.scenario, self.type_id, stage)
        if written is not None and passes.get(stage, 0) > written.max_passes:
            ends.failed = ends.failed + mass
            return []
        if left.born == stage:
            left = replace(left, born=RIGHT)  # done again: what was wrong with it is thrown away
        rule: HandOff | None = policy_of(self.scenario, self.type_id, stage, "hand_off")
        loss = rule.context_loss if rule is not None and rule.store is None else 0.0
        context = max(round(left.context * (1.0 - loss), 9), 1e-9)
        there = replace(
            left, stage=stage, context=context, passes=tuple(sorted(passes.items())),
            visited=left.visited | {stage} if self.sends_back else frozenset(),
        )  # fmt: skip
        return [(there, mass)]

    def _fork(
        self, left: Place, branches: tuple[str, ...], join: str, mass: FloatArray, ends: Ends
    ) -> list[tuple[Place, FloatArray]]:
        """Every branch until the join, independent given the task's part of hardness; wrong when any is."""
        whole: Mapping[str, FloatArray] = {RIGHT: self.ones}
        context, written, total = 1.0, 0.0, self.ones
        for branch in branches:
            part = Ends(self.ones)
            for first, _ in self._enter(replace(left, visited=frozenset()), branch, mass, part):
                part = self._walk(first, join)
            for (stage, what), amount in part.counts.items():
                ends.count(stage, what, mass * amount)
            whole = joined(whole, part.arrived)
            total = total * (part.failed + sum(part.arrived.values(), self.ones * 0.0))
            context, written = min(context, part.context), written + part.written - left.written
        through = sum(whole.values(), self.ones * 0.0)
        ends.failed = ends.failed + mass * (total - through)
        found = []
        for born, share in whole.items():
            there = replace(left, born=born, context=context, written=left.written + written)
            found += self._enter(there, join, mass * share, ends)
        return found

    def _writes(self, stage: str) -> float:
        """Mean tokens that a stage writes, where a later hand-off passes them on."""
        if not self.is_transcribed:
            return 0.0
        written = stage_of(self.scenario, self.type_id, stage)
        tokens = (written.output_tokens if written is not None else None) or self.task.output_tokens
        return float(tokens.mean_value())


def joined(first: Mapping[str, FloatArray], second: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Two branches at their join, by the stage where a defect was born: the earlier branch's, if it has one."""
    both: dict[str, FloatArray] = defaultdict(float)  # type: ignore[arg-type]
    for born, share in first.items():
        for other, part in second.items():
            both[born or other] = both[born or other] + share * part
    return dict(both)


def repeated_stages(scenario: Scenario, type_id: str) -> tuple[str, ...]:
    """Stages that a task may come to more than once: on a cycle, or any when work is sent back."""
    task = scenario.tasks[type_id]
    names = stages_of(task)
    leads = {name: _leads(scenario, type_id, name) for name in names}
    reached = {name: set(leads[name]) for name in names}
    for middle in names:
        for name in names:
            if middle in reached[name]:
                reached[name] |= reached[middle]
    return tuple(name for name in names if name in reached[name])


def _leads(scenario: Scenario, type_id: str, stage: str) -> set[str]:
    """Stages that a pass through a stage may lead to."""
    task, written = scenario.tasks[type_id], stage_of(scenario, type_id, stage)
    leads = set(next_of(task, stage))
    if written is not None:
        leads |= {*written.on.values(), *written.parallel}
    names = stages_of(task)
    if _sends_back(scenario, type_id, stage):
        leads |= set(names[: names.index(stage)])
    return leads - {DELIVER}


def _sends_back(scenario: Scenario, type_id: str, stage: str) -> bool:
    """Whether somebody at a stage sends work back to where its defect was born."""
    for step in scenario.flow(type_id, stage).steps:
        if isinstance(step.rule, ReviewRule) and step.rule.send_back:
            return True
        if isinstance(step.rule, Verification) and step.rule.then == "again":
            return True
        role = scenario.workers.get(step.role)
        if isinstance(role, AgentRole) and role.detect_upstream and role.on_upstream_defect == "send_back":
            return True
    return False
