"""Sentences on whether there are as many people as the work needs: who is idle, and who was staffed to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.experiments.conditions import FORM
from analysis.experiments.objectives import LOADED
from analysis.format import share
from analysis.metrics import Metric, queues
from analysis.report.soundness import times_switched_off
from analysis.report.words import limits
from sim.workers import HumanRole

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison, Staffing
    from analysis.experiments.results import Replications
    from sim import Scenario

IDLE = 0.3
"""Utilisation below which people are called idle (the low mark of the seeds' workload rule, row LC-10)."""
SERVICE = "sla_share"
"""The metric that a number of people is chosen by, unless somebody says otherwise."""
ENOUGH = f"{SERVICE}>=0.95"
"""The condition that is proposed where the scenario has none on the service level."""
PAID = (*(metric.name for metric in LOADED.values()), "cost_per_month_paid")
"""Metrics in which people's idle hours count."""


def idle_roles(result: Replications) -> dict[str, float]:
    """The utilisation of each role of people that is idle and could be fewer.

    Nobody is called idle where a kill switch took the agents off: the numbers then mix two times.
    """
    if times_switched_off(result):
        return {}
    found = {}
    for row in queues(result.tallies):
        name, used = str(row["role"]), row["utilisation"]
        role = result.scenario.workers[name]
        if isinstance(role, HumanRole) and role.positions > 1 and isinstance(used, float) and used < IDLE:
            found[name] = used
    return found


def idle_in_run(result: Replications) -> str:
    """Who is idle in a run, and what finds the fewest people; empty for nobody."""
    found, workers = idle_roles(result), result.scenario.workers
    if not found:
        return ""
    told = ", ".join(
        f"{role} is {share(used)} utilised with {workers[role].positions} positions"
        for role, used in found.items()
    )
    staff = " ".join(f"--staff {role}" for role in found)
    limit = _service_level(stated_conditions(result.scenario), [result])
    return f"{told}: workforce solve FILE {staff} --subject-to {limit} finds the fewest"


def idle_in_comparison(comparison: Comparison) -> str:
    """Who is idle in which variant; empty for nobody, and where each variant was staffed for itself."""
    if comparison.staffing is not None:
        return ""
    results = {name: [variant] for name, variant in comparison.variants.items()}
    conditions = () if comparison.rule is None else map(str, comparison.rule.subject_to)
    return idle_in_variants("compare", results, conditions, comparison.decision.objective)


def idle_in_variants(
    verb: str,
    results: Mapping[str, Sequence[Replications]],
    conditions: Iterable[str],
    objective: Metric | None,
) -> str:
    """Who is idle in all results of a variant, for all variants together, and what staffs each of them for itself.

    `conditions` are those of the choice; one on the service level is what is proposed to staff to.
    """
    idle = _idle_by_role(results)
    if not idle:
        return ""
    told = "; ".join(f"{role} {', '.join(parts)}" for role, parts in idle.items())
    why = ", and idle hours count" if objective is not None and objective.name in PAID else ""
    limit = _service_level(conditions, [result for some in results.values() for result in some])
    command = f"workforce {verb} FILE --staff-to {limit}"
    return f"people are idle most of the time ({told}){why}: {command} first finds the least people of each variant"


def _idle_by_role(results: Mapping[str, Sequence[Replications]]) -> dict[str, list[str]]:
    """In which variants a role is idle in every result, and how much it is used there: `16.9 % used in guardian`."""
    found: dict[str, list[str]] = {}
    for name, some in results.items():
        each = [idle_roles(result) for result in some]
        for role in each[0]:
            if all(role in part for part in each):
                used = [part[role] for part in each]
                lead = "at most " if min(used) < max(used) else ""
                found.setdefault(role, []).append(f"{lead}{share(max(used))} used in {name}")
    return found


def stated_conditions(scenario: Scenario) -> Sequence[str]:
    """What a scenario says that a choice must keep to."""
    return () if scenario.decide is None else scenario.decide.subject_to


def _service_level(conditions: Iterable[str], results: Sequence[Replications]) -> str:
    """A condition on the service level as it is typed: a stated one, or a usual one; without any SLA its place."""
    for text in conditions:
        match = FORM.fullmatch(text)
        if match is not None and match["metric"] == SERVICE and match["sign"].startswith(">"):
            return f"'{text.replace(' ', '')}'"
    return "CONDITION" if all(part.estimate(SERVICE).value is None for part in results) else f"'{ENOUGH}'"


def ranked_on(objective: Metric, *, is_staffed: bool) -> str:
    """Why the form of an objective that pays idle people stands in its place."""
    why = "each is staffed for itself" if is_staffed else "staffing differs"
    return f"ranked on {objective.label}: {why}, so idle hours count"


def staffed_as(staffing: Mapping[str, Staffing], currency: str, scope: str = "") -> str:
    """Who was given how many people for which conditions; `scope` says where that is so."""
    texts, conditions = [], ""
    for name, found in staffing.items():
        conditions = limits(found.conditions, currency)
        people = ", ".join(f"{role} {count}" for role, count in found.positions.items()) or "nobody"
        texts.append(f"{name} {people}" + ("" if found.is_met else " (nothing that was tried meets it)"))
    return f"Staffed with the least people for {conditions}{scope}: {'; '.join(texts)}."
