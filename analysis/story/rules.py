"""What a scenario says of the work at a stage: thresholds, limits, revisions, where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sim.log.columns import NULL
from sim.quantities import billionths
from sim.rules.failures import Outcome
from sim.scenario import Scenario
from sim.topology import Action, Flow
from sim.topology.flow import ReviewRule, RouteRule, Step

_OUTPUT, _PASSED = int(Outcome.RIGHT), int(Outcome.PASSED)


@dataclass(frozen=True, slots=True)
class StageRules:
    """The rules at one stage of one task type."""

    flow: Flow

    def threshold(self, role: str) -> int:
        """Confidence from which on an output of this agent role goes on, in billionths; NULL where nobody asks."""
        route = self._route(role)
        return billionths(route.threshold) if route is not None else NULL

    def value_limit(self, role: str) -> Decimal | None:
        """Value above which a task goes to a person; None for no limit."""
        route = self._route(role)
        if route is not None and route.value_limit is not None:
            return route.value_limit
        limits = [step.rule.value_limit for step in self.flow.steps if isinstance(step.rule, RouteRule)]
        return next((limit for limit in limits if limit is not None), None)

    def most_revisions(self, role: str) -> int | None:
        """Times this role may send an output back; None when it does not review."""
        rules = [step.rule for step in self.flow.steps if step.action is Action.REVIEW and step.role == role]
        return next((rule.max_revisions for rule in rules if isinstance(rule, ReviewRule)), None)

    def _route(self, role: str) -> RouteRule | None:
        """What an output of this role is asked, by itself or after its validation."""
        for step in self.flow.steps:
            if step.action is Action.ATTEMPT and step.role == role:
                return self._asked(step)
        return None

    def _asked(self, step: Step) -> RouteRule | None:
        following = self.flow.steps[step.go[_OUTPUT]]
        if following.action is Action.VALIDATE:
            following = self.flow.steps[following.go[_PASSED]]
        return following.rule if isinstance(following.rule, RouteRule) else None


def rules_of(scenario: Scenario, type_id: str) -> dict[str, StageRules]:
    """The rules of every stage of a task type, by stage."""
    return {stage: StageRules(scenario.flow(type_id, stage)) for stage in scenario.stages(type_id)}
