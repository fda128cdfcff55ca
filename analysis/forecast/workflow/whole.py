"""The forecast of one task type that needs a walk: outcomes, stages, risk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import fsum

import numpy as np

from analysis.forecast.effort import Effort
from analysis.forecast.journey import Journey
from analysis.forecast.stages import Load, StageForecast
from analysis.forecast.workflow.costs import StageCosts
from analysis.forecast.workflow.graph import RIGHT, Graph
from analysis.forecast.workflow.grid import OF_TASK, grid_of, normal_nodes
from analysis.forecast.workflow.needs import damage, judges, people_vary, values, varying_models
from analysis.forecast.workflow.passing import Entry, StageWalk
from analysis.forecast.workflow.risk import Risk, risk_of
from analysis.forecast.workflow.token import AGENT_PASSES, HIDDEN, PASSES, VISIBLE, Count, Pass
from sim.flows import stages_of, topology_of
from sim.maths import FloatArray
from sim.quantities import HOUR, MINUTE
from sim.scenario import Scenario
from sim.workers import HumanRole


@dataclass(frozen=True, slots=True)
class WorkflowForecast:
    """What one task of a type comes to."""

    journey: Journey
    effort: Effort
    stages: tuple[StageForecast, ...]
    loads: Mapping[str, Load]
    """By role, over all stages and corrections."""
    risk: Risk
    checks: float
    """Validations, verifications, answers, joins and corrections."""


def workflow_forecast(scenario: Scenario, type_id: str) -> WorkflowForecast:
    """The forecast of a type whose stages must be walked."""
    return _Type(scenario, type_id).forecast()


class _Type:
    """The walks of one task type."""

    def __init__(self, scenario: Scenario, type_id: str) -> None:
        self.scenario, self.type_id, self.task = scenario, type_id, scenario.tasks[type_id]
        self.names = stages_of(self.task)
        varying = {name: varying_models(scenario, type_id, name) for name in self.names}
        is_varied = any(varying.values()) or any(people_vary(scenario, type_id, name) for name in self.names)
        self.nodes, self.weights = normal_nodes(OF_TASK) if is_varied else (np.zeros(1), np.ones(1))
        self.dear, places = values(scenario, type_id)
        self.walks = {
            name: StageWalk(
                scenario,
                type_id,
                name,
                grid_of(self.nodes, varying[name], judges(scenario, type_id, name)),
                places,
            )
            for name in self.names
        }

    def passing(self, stage: str, entry: Entry) -> Pass:
        """What a pass through a stage comes to."""
        return self.walks[stage].through(entry)

    def forecast(self) -> WorkflowForecast:
        """The mean over classes of value and over hardness."""
        risk, marginal = risk_of(self.scenario, self.type_id, self.passing, self.weights, self.dear)
        outcomes, counts = self._means()
        costs = {
            name: StageCosts(self.scenario, self.type_id, name, _of_stage(counts, name))
            for name in self.names
        }
        stages = tuple(
            self._stage(name, _of_stage(counts, name), _of_stage(marginal, name), outcomes, costs[name])
            for name in self.names
        )
        journey = _journey(outcomes, counts)
        after = self._corrections(journey.corrected)
        escapes = Effort(damage=damage(self.scenario, self.type_id) * journey.wrong)
        return WorkflowForecast(
            journey=journey,
            effort=added([*(stage.effort for stage in stages), after[0], escapes]),
            stages=stages,
            loads=together([*(stage.loads for stage in stages), after[1]]),
            risk=risk,
            checks=journey.corrected + fsum(n for (_, what), n in counts.items() if _is_check(what)),
        )

    def _means(self) -> tuple[dict[str, float], dict[tuple[str, Count], float]]:
        """Outcomes and counts per task: means over values and hardness, with what is done again after delivery."""
        outcomes: dict[str, float] = defaultdict(float)
        counts: dict[tuple[str, Count], float] = defaultdict(float)
        for place, share in self.dear.items():
            graph = Graph(self.scenario, self.type_id, self.passing, place, len(self.weights))
            ends = graph.walk()
            right = ends.arrived.get(RIGHT, graph.ones * 0.0)
            wrong = sum((mass for born, mass in ends.arrived.items() if born != RIGHT), graph.ones * 0.0)
            again = self._done_again(wrong)
            for born, mass in ends.arrived.items():
                outcomes[f"wrong:{born}" if born else "right"] += share * self._mean(mass)
            outcomes["failed"] += share * self._mean(ends.failed)
            outcomes["corrected"] += share * self._mean(self._corrected(wrong, right))
            for key, amount in ends.counts.items():
                counts[key] += share * self._mean(amount * again)
        return outcomes, counts

    def _mean(self, values: FloatArray) -> float:
        return float((values * np.ones_like(self.weights)) @ self.weights)

    def _done_again(self, wrong: FloatArray) -> FloatArray:
        """How often the workflow is gone through: wrong deliveries that are found open the task once again."""
        rule = self.task.discovery
        if rule is None or rule.then != "reopen":
            return np.ones_like(wrong)
        return 1.0 + rule.probability * wrong

    def _corrected(self, wrong: FloatArray, right: FloatArray) -> FloatArray:
        """Share of tasks that are delivered wrong and right in the end."""
        rule = self.task.discovery
        if rule is None:
            return wrong * 0.0
        return rule.probability * wrong * (right if rule.then == "reopen" else 1.0)

    def _corrections(self, corrected: float) -> tuple[Effort, dict[str, Load]]:
        """The effort of correcting what is discovered, and who has it."""
        rule = self.task.discovery
        if rule is None or rule.then != "correct" or not corrected:
            return Effort(), {}
        role = self.scenario.workers[rule.by]
        assert isinstance(role, HumanRole)
        ticks = corrected * (rule.correction_time or role.work_time).mean_value()
        effort = Effort(correction=ticks / HOUR * float(role.wage), correction_minutes=ticks / MINUTE)
        return effort, {rule.by: Load(corrected, ticks / MINUTE)}

    def _stage(
        self, name: str, counts: Mapping[Count, float], marginal: Mapping[Count, float],
        outcomes: Mapping[str, float], costs: StageCosts,
    ) -> StageForecast:  # fmt: skip
        """P_i is marginal, of passes with right input; where there is none, of the passes that there are."""
        of_agents = marginal if marginal.get(AGENT_PASSES) else counts
        passes = of_agents.get(AGENT_PASSES, 0.0)
        visible = of_agents.get(VISIBLE, 0.0) / passes if passes else 0.0
        hidden = of_agents.get(HIDDEN, 0.0) / passes if passes else 0.0
        return StageForecast(
            type_id=self.type_id,
            stage=name,
            done_by=topology_of(self.scenario, self.type_id, name).kind,
            passes=counts.get(PASSES, 0.0),
            agent_passes=counts.get(AGENT_PASSES, 0.0),
            attempts=fsum(number for count, number in counts.items() if count.what == "attempts"),
            visible=visible,
            right=1.0 - hidden / (1.0 - visible) if visible < 1.0 else 0.0,
            escapes=outcomes.get(f"wrong:{name}", 0.0),
            effort=costs.effort(),
            loads=costs.loads(),
        )


def _is_check(count: Count) -> bool:
    return count.what in ("validations", "verifications") or count.what.startswith("answers:")


def _of_stage(counts: Mapping[tuple[str, Count], float], stage: str) -> dict[Count, float]:
    return {what: number for (where, what), number in counts.items() if where == stage}


def _journey(outcomes: Mapping[str, float], counts: Mapping[tuple[str, Count], float]) -> Journey:
    """Outcomes of the task; visits, and ways to a person, are summed over its stages."""

    def total(what: str) -> float:
        return fsum(number for (_, count), number in counts.items() if count.what == what)

    passes, visible, hidden = total("agent_passes"), total("visible"), total("hidden")
    return Journey(
        right=outcomes["right"],
        wrong=fsum(share for name, share in outcomes.items() if name.startswith("wrong:")),
        failed=outcomes["failed"], corrected=outcomes["corrected"],
        by_value=total("to_person:value"), by_confidence=total("to_person:confidence"),
        by_failure=total("to_person:failure"), by_rejection=total("to_person:rejection"),
        by_check=total("to_person:flagged") + total("to_person:verification"),
        by_chance=total("to_person:premature"),
        outputs=passes - visible, right_outputs=passes - visible - hidden,
        confident=passes - visible, right_confident=passes - visible - hidden,
        attempts=total("attempts"), transient_failures=total("unwritten"),
        reviews=total("reviews"), revisions=total("revisions"),
        alone=total("alone"), drafted=total("drafted"), assisted=total("assisted"), redone=total("redone"),
    )  # fmt: skip


def added(efforts: Sequence[Effort]) -> Effort:
    """The sum, field by field."""
    return Effort(**{
        each.name: fsum(getattr(effort, each.name) for effort in efforts) for each in fields(Effort)
    })  # fmt: skip


def together(parts: Sequence[Mapping[str, Load]]) -> dict[str, Load]:
    """Loads by role, summed over the parts."""
    roles = sorted({role for part in parts for role in part})
    each = {role: [part[role] for part in parts if role in part] for role in roles}
    return {
        role: Load(fsum(load.visits for load in loads), fsum(load.minutes for load in loads))
        for role, loads in each.items()
    }
