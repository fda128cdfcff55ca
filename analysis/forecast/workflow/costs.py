"""Costs of a stage: what was counted on the walk in minutes, tokens and money, and the load of each role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from analysis.forecast.effort import MILLION, Effort, mean_tokens
from analysis.forecast.stages import Load
from analysis.forecast.workflow.token import Count
from sim.flows import policy_of, stage_of
from sim.quantities import HOUR, MINUTE
from sim.scenario import Scenario
from sim.workers import AgentRole, HumanRole, at_work


class StageCosts:
    """Adds up what the counts of one stage cost."""

    def __init__(self, scenario: Scenario, type_id: str, stage: str, counts: Mapping[Count, float]) -> None:
        """`counts` are per task."""
        self.scenario, self.type_id, self.stage, self.counts = scenario, type_id, stage, counts
        self.lines: dict[str, float] = defaultdict(float)
        self.minutes: dict[str, float] = defaultdict(float)
        self.tokens = {
            name: tokens_at(scenario, type_id, stage, name) for name in ("input_tokens", "output_tokens")
        }
        self.lines["tools"] += counts.get(Count("store_cost"), 0.0)
        for count, number in counts.items():
            if count.role:
                self._of_role(count, number)
        self._checks()

    def effort(self) -> Effort:
        """All lines, without damage."""
        return Effort(**self.lines)

    def loads(self) -> dict[str, Load]:
        """Starts and minutes by role."""
        starts = {count.role: number for count, number in self.counts.items() if count.what == "starts"}
        return {role: Load(number, self.minutes[role]) for role, number in sorted(starts.items())}

    def _of_role(self, count: Count, number: float) -> None:
        role = self.scenario.workers[count.role]
        if isinstance(role, HumanRole):
            self._person(count, role, number)
            return
        match count.what.partition(":")[0]:
            case "attempts":
                self._attempts(count.role, role, number)
            case "assists":
                self._call(count.role, number, number)
            case "move_cost":
                self.lines["tools"] += number
            case "validations":
                self._call(count.role, number, number)
                self.lines["tools"] += number * float(self._at(role, "tool_cost"))
                self._work(count.role, number * self._at(role, "work_time").mean_value())
            case "answers":
                self._answers(count, number)

    def _attempts(self, name: str, role: AgentRole, number: float) -> None:
        """Attempts read and write, failed ones too, but a transient failure writes nothing."""
        reflection, sandbox = role.self_correction, role.sandbox
        longer = 1.0 + (reflection.more_time if reflection is not None else 0.0)
        more = 1.0 + (reflection.more_output if reflection is not None else 0.0)
        boot = sandbox.boot if sandbox is not None else 0
        reads = self.counts.get(Count("reads", name), 0.0)
        written = (number - self.counts.get(Count("unwritten", name), 0.0)) * more
        self._call(name, reads, written, self.counts.get(Count("extra_tokens", name), 0.0))
        self._work(name, number * (self._at(role, "work_time").mean_value() * longer + boot))
        self.lines["tools"] += number * float(self._at(role, "tool_cost"))
        self.lines["sandbox"] += number * float(sandbox.cost) if sandbox is not None else 0.0

    def _answers(self, count: Count, number: float) -> None:
        asker = self.scenario.workers[count.what.partition(":")[2]]
        rule = asker.clarification if isinstance(asker, AgentRole) else None
        assert rule is not None
        self._tokens(
            count.role, number * rule.input_tokens.mean_value(), number * rule.output_tokens.mean_value()
        )
        self._work(count.role, number * rule.time.mean_value())

    def _person(self, count: Count, role: HumanRole, number: float) -> None:
        """Executions and rework in units of the role's work time, reviews in units of its review time."""
        lines = {
            "execution": ("work_time", "human_execution", "execution_minutes"),
            "rework": ("work_time", "rework", "rework_minutes"),
            "reviews": ("review_time", "human_review", "review_minutes"),
        }
        if count.what not in lines:
            return
        field, line, minutes = lines[count.what]
        ticks = number * self._at(role, field).mean_value()
        self.lines[line] += ticks / HOUR * float(role.wage)
        self.lines[minutes] += ticks / MINUTE
        self.minutes[count.role] += ticks / MINUTE

    def _checks(self) -> None:
        """Verifications, and validations by a fixed check."""
        for count, policy, line in (
            ("verifications", "verification", "verification"),
            ("validations", "validator", "tools"),
        ):
            number = self.counts.get(Count(count), 0.0)
            if number:
                rule = policy_of(self.scenario, self.type_id, self.stage, policy)
                self.lines[line] += number * float(rule.cost)

    def _call(self, name: str, reads: float, writes: float, extra: float = 0.0) -> None:
        self._tokens(name, reads * self.tokens["input_tokens"] + extra, writes * self.tokens["output_tokens"])

    def _tokens(self, name: str, read: float, written: float) -> None:
        price = self.scenario.price(name)
        self.lines["input_tokens"] += read
        self.lines["output_tokens"] += written
        self.lines["inference"] += (read * float(price.input) + written * float(price.output)) / MILLION

    def _work(self, name: str, ticks: float) -> None:
        self.lines["agent_minutes"] += ticks / MINUTE
        self.minutes[name] += ticks / MINUTE

    def _at(self, role: AgentRole | HumanRole, field: str) -> Any:
        return at_work(role, field, self.type_id, self.stage)


def tokens_at(scenario: Scenario, type_id: str, stage: str, field: str) -> float:
    """Mean `input_tokens` or `output_tokens` of an attempt at a stage."""
    written = getattr(stage_of(scenario, type_id, stage), field, None)
    return float(written.mean_value()) if written is not None else mean_tokens(scenario, type_id, field)
