"""The people of a break-even: how their idle hours count, how many were given, and what to mind of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.experiments.conditions import check
from analysis.experiments.search.values import staff_paths
from analysis.report.people import PAID, idle_in_variants, ranked_on, staffed_as, stated_conditions
from analysis.report.words import limit

if TYPE_CHECKING:
    from analysis.experiments.crossover import Breakeven


def ranked(found: Breakeven) -> str:
    """Why another metric is compared than was asked for; empty where it is the same."""
    if found.metric.name == found.stated:
        return ""
    return ranked_on(found.metric, is_staffed=found.staffing is not None)


def staffing(found: Breakeven) -> str:
    """Who was given how many people; empty where they are those that are written."""
    if found.staffing is None:
        return ""
    scope = ", with the file as it is written and so along the path"
    return staffed_as(found.staffing, found.scenario.currency, scope)


def warned(found: Breakeven) -> list[str]:
    """What to mind of the people: conditions that those who were given do not meet along the path, or who is idle."""
    return _missed(found) if found.staffing is not None else list(filter(None, [_idle(found)]))


def counted_idle(found: Breakeven) -> str:
    """Who is idle at every value, where their idle hours count in what is compared; empty elsewhere."""
    return _idle(found) if found.staffing is None and found.metric.name in PAID else ""


def _missed(found: Breakeven) -> list[str]:
    """At how many values a variant does not meet a condition that it was staffed to."""
    sentences = []
    for name, given in (found.staffing or {}).items():
        results = found.along()[name]
        for condition in given.conditions:
            missed = sum(not check(condition, result.tallies).is_met for result in results)
            if missed:
                kept = limit(condition, found.scenario.currency)
                sentences.append(f"at {missed} of {len(results)} values {name} does not keep to {kept}")
    return sentences


def _idle(found: Breakeven) -> str:
    """Who is idle at every value; nobody is called so where the path is how many there are."""
    if any(found.vary in staff_paths(result.scenario).values() for result in found.results().values()):
        return ""
    return idle_in_variants("breakeven", found.along(), stated_conditions(found.scenario), found.metric)
