"""One pass through a stage: a walk over its step table, with what the engine would know of a task as the state.

Every token carries a probability at each node of the stage's grid of hardness. The work of one model at one
stage meets the same hardness each time, so tries after the first succeed less often than independent ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from analysis.forecast.workflow import checks
from analysis.forecast.workflow.attempts import answer, attempt
from analysis.forecast.workflow.grid import Grid
from analysis.forecast.workflow.skills import AgentSkill, person_right
from analysis.forecast.workflow.token import (
    AGENT_PASSES,
    HIDDEN,
    VISIBLE,
    Count,
    Defect,
    Ending,
    Exit,
    Output,
    Pass,
    Token,
    Verdict,
)  # fmt: skip
from sim.flows import is_mutating
from sim.maths import FloatArray
from sim.scenario import Scenario
from sim.topology import Action, Flow, Step

NEGLIGIBLE = 1e-12
"""Probability below which a state is not followed any further."""
OF_AGENTS = (Action.ATTEMPT, Action.CLARIFY, Action.ROUTE, Action.VALIDATE, Action.TRIAGE)
"""Steps that are the agents' part of a stage."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How work comes into a stage."""

    inherited: bool = False
    gain: float = 0.0
    """Logits that the context lost so far takes."""
    misread: float = 0.0
    """Share that the agents misread."""
    may_return: bool = False
    """Whether a defect may be sent back to the stage where it was born."""
    dear: int = 0
    """Place of the task's value among the value limits of its type: how many of them it is above."""


class StageWalk:
    """Walks one stage of one task type for different entries."""

    def __init__(
        self, scenario: Scenario, type_id: str, stage: str, grid: Grid, limits: Mapping[Decimal, int]
    ) -> None:
        """`limits` gives each value limit its place among those of the type, from 0."""
        self.scenario, self.type_id, self.stage = scenario, type_id, stage
        self.flow: Flow = scenario.flow(type_id, stage)
        self.grid, self.limits = grid, limits
        self.stands_for: dict[int, int] = {}
        for (place, _), twin in self.flow.stand_ins.items():
            if twin > place:
                self.stands_for.setdefault(twin, place)
        self.is_mutating = is_mutating(scenario, type_id, stage)
        self._agents: dict[str, AgentSkill] = {}
        self._people: dict[str, FloatArray] = {}
        self._passes: dict[Entry, Pass] = {}

    def agent(self, name: str) -> AgentSkill:
        """An agent role at this stage."""
        if name not in self._agents:
            self._agents[name] = AgentSkill(self.scenario, self.type_id, self.stage, name, self.grid)
        return self._agents[name]

    def person(self, name: str) -> FloatArray:
        """P(right) of a human role at this stage."""
        if name not in self._people:
            self._people[name] = person_right(self.scenario, self.type_id, self.stage, name, self.grid)
        return self._people[name]

    def through(self, entry: Entry) -> Pass:
        """What a pass comes to, per task that enters in this way."""
        if entry not in self._passes:
            self._passes[entry] = Walker(self, entry).walk()
        return self._passes[entry]


class Walker:
    """The work list of one pass."""

    def __init__(self, stage: StageWalk, entry: Entry) -> None:
        self.stage, self.entry = stage, entry
        self.steps = stage.flow.steps
        self.result = Pass()
        self.waiting: dict[Token, FloatArray] = {}
        self.order: deque[Token] = deque()

    def walk(self) -> Pass:
        """Follows every state until the stage ends."""
        whole = np.ones(self.stage.grid.shape)
        for misread, share in ((False, 1.0 - self.entry.misread), (True, self.entry.misread)):
            self.put(Token(0, self.entry.inherited, misread, gain=self.entry.gain), whole * share)
        while self.order:
            token = self.order.popleft()
            self._visit(token, self.waiting.pop(token))
        return self.result

    def put(self, token: Token, mass: FloatArray) -> None:
        """Adds probability to a state."""
        if float(np.max(mass)) < NEGLIGIBLE:
            return
        if token in self.waiting:
            self.waiting[token] = self.waiting[token] + mass
        else:
            self.waiting[token] = mass
            self.order.append(token)

    def count(self, what: str, role: str, mass: FloatArray) -> None:
        """Adds to a count."""
        key = Count(what, role)
        self.result.counts[key] = self.result.counts[key] + self.stage.grid.by_task(mass)

    def go(self, token: Token, to: int, mass: FloatArray) -> None:
        """Moves a token to a step; where the agents' part ends, what they made of it is noted."""
        if token.is_fresh and self.steps[to].action is Action.DELIVER:
            mass = self._acknowledged(token, mass)
        if token.verdict is Verdict.OPEN and token.attempts and self.steps[to].action not in OF_AGENTS:
            token = self.judged(token, mass)
        self.put(replace(token, step=to), mass)

    def _acknowledged(self, token: Token, mass: FloatArray) -> FloatArray:
        """What lands with its acknowledgement; for the rest the agent does it again (row RT-09)."""
        role = self.stage.agent(token.by_role).role
        if not (role.ack_loss and self.stage.is_mutating and token.attempts < role.max_attempts):
            return mass
        self.put(replace(token, step=token.made_at), mass * role.ack_loss)
        return mass * (1.0 - role.ack_loss)

    def judged(self, token: Token, mass: FloatArray) -> Token:
        """The token with the verdict on the agents' own work (decision D7), which is counted."""
        self.count(*AGENT_PASSES, mass)
        if token.output is Output.RIGHT:
            return replace(token, verdict=Verdict.CLEAN)
        self.count(*(HIDDEN if token.output is Output.WRONG else VISIBLE), mass)
        return replace(token, verdict=Verdict.FAILED)

    def fail(self, token: Token, mass: FloatArray) -> None:
        """Ends the pass without an output."""
        if token.verdict is Verdict.OPEN and token.attempts:
            token = self.judged(token, mass)
        self.leave(token, Ending.FAILED, mass)

    def leave(self, token: Token, ending: Ending, mass: FloatArray) -> None:
        """Ends the pass."""
        if ending is Ending.FAILED:
            defect = Defect.INHERITED if token.inherited else Defect.NONE
        elif token.carries:
            defect = Defect.INHERITED
        else:
            defect = Defect.OWN if token.is_wrong else Defect.NONE
        way = Exit(ending, defect, token.verdict is not Verdict.FAILED)
        self.result.exits[way] = self.result.exits[way] + self.stage.grid.by_task(mass)

    def send_back(self, token: Token, mass: FloatArray) -> None:
        """Ends the pass: the task goes back to the stage where its defect was born."""
        way = Exit(Ending.SENT_BACK, Defect.INHERITED, token.verdict is not Verdict.FAILED)
        self.result.exits[way] = self.result.exits[way] + self.stage.grid.by_task(mass)

    def is_dear(self, limit: Decimal | None) -> bool:
        """Whether the task's value is above a limit; no value is above none."""
        return limit is not None and self.entry.dear > self.stage.limits[limit]

    def _visit(self, token: Token, mass: FloatArray) -> None:
        step: Step = self.steps[token.step]
        match step.action:
            case Action.ATTEMPT:
                attempt(self, token, step, mass)
            case Action.CLARIFY:
                answer(self, token, step, mass)
            case Action.ROUTE:
                checks.route(self, token, step, mass)
            case Action.TRIAGE:
                checks.triage(self, token, step, mass)
            case Action.VALIDATE:
                checks.validate(self, token, step, mass)
            case Action.REVIEW:
                checks.review(self, token, step, mass)
            case Action.VERIFY:
                checks.verify(self, token, step, mass)
            case Action.EXECUTE:
                checks.execute(self, token, step, mass)
            case Action.DELIVER:
                self.leave(token, Ending.BY_PERSON if token.by_person else Ending.BY_AGENT, mass)
            case _:
                self.fail(token, mass)
