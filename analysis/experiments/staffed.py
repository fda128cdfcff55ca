"""Staffing before an experiment: every variant with the least people that meet the same conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from analysis.experiments.comparison import Staffing
from analysis.experiments.conditions import Condition, parse_condition
from analysis.experiments.decision import Rule
from analysis.experiments.replicate import Progress
from analysis.experiments.search.pair import Pair, variants_at
from analysis.experiments.search.staffing import least_staffing
from analysis.experiments.search.values import staff_paths
from sim import Scenario

LOADED = "cpst_loaded"
"""What is made small between staffed variants unless something else is asked for: it counts idle people."""


def staffed(
    named: Mapping[str, Scenario],
    conditions: Sequence[str],
    replications: int,
    seed: int,
    progress: Progress | None,
    place: Executor,
) -> tuple[dict[str, Scenario], dict[str, Staffing]]:
    """Every scenario with the least people that meet the conditions by their estimates, and how many those are.

    Each number of people is tried with the replications and the draws of the experiment that follows; variants that
    differ in their people alone are searched once. Raises what `least_staffing` raises.
    """
    required = tuple(map(parse_condition, conditions))
    scenarios: dict[str, Scenario] = {}
    found: dict[str, Staffing] = {}
    alike: dict[str, str] = {}
    for name, scenario in named.items():
        first = alike.setdefault(_without_people(scenario), name)
        if first == name:
            least = least_staffing(
                scenario, conditions, replications, seed, progress=progress, executor=place
            )
            found[name] = Staffing(least.positions, required, least.is_met)
        else:
            found[name] = found[first]
        scenarios[name] = with_people(scenario, found[name].positions)
    return scenarios, found


def _without_people(scenario: Scenario) -> str:
    """What the results follow from but for the number of people, and what is uncertain."""
    bare = with_people(scenario, dict.fromkeys(staff_paths(scenario), 1))
    return bare.digest_with_inputs()


def with_people(scenario: Scenario, positions: Mapping[str, int]) -> Scenario:
    """The scenario with so many people in these roles; the others stay as they are."""
    values = {f"workers.{role}.positions": count for role, count in positions.items()}
    return scenario.with_values(values) if values else scenario


def pair_at(
    scenario: Scenario, pair: Pair, vary: str, value: Any, staffing: Mapping[str, Staffing] | None = None
) -> tuple[Scenario, Scenario]:
    """Both variants with a value at a path, with the people that each was given; raises what `variants_at` does."""
    one, other = variants_at(scenario, pair, vary, value)
    if staffing is None:
        return one, other
    return with_people(one, staffing[pair[0]].positions), with_people(other, staffing[pair[1]].positions)


def rule_when_staffed(rule: Rule | None, conditions: Sequence[str]) -> Rule:
    """What to choose by: the rule and the conditions of the staffing, which a variant may fail to meet."""
    required = tuple(map(parse_condition, conditions))
    if rule is None:
        return Rule(LOADED, required)
    stated: tuple[Condition, ...] = rule.subject_to
    return Rule(rule.minimise, stated + tuple(one for one in required if one not in stated))
