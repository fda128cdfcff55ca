"""Goals of a comparison: after how many replications it is looked at, and what has come of it."""

from __future__ import annotations

from dataclasses import replace

from analysis.experiments.comparison import Comparison, Search
from analysis.experiments.precision import Precision, Sought
from analysis.experiments.until_best import UntilBest, still_in_the_race
from analysis.experiments.widths import Width, width_of

Goal = UntilBest | Precision
"""When to stop: one variant is known to be the best, or the differences are known closely enough."""


def first_total(goal: Goal | None, replications: int) -> int:
    """Replications at the first look, not more than the goal has at most; raises ValueError for too few."""
    if isinstance(goal, UntilBest):
        fewest, total = 2, min(replications, goal.most)
    else:
        fewest, total = 1, replications
    if total < fewest:
        raise ValueError(f"replications are at least 1, and 2 to search for the best, got {total}")
    return goal.first_total(total) if isinstance(goal, Precision) else total


def next_total(goal: Goal | None, found: Comparison, done: int, first: int) -> int | None:
    """Replications at the next look; None when it is time to stop."""
    if goal is None:
        return None
    if isinstance(goal, Precision):
        return goal.next_total(widths_of(found, goal), done)
    if done >= goal.most or len(_left(found, goal, first)) < 2:
        return None
    return min(done + first, goal.most)


def with_outcome(found: Comparison, goal: Goal | None, first: int, is_over: bool) -> Comparison:
    """The comparison that says what has come of the goal; `is_over` when time was up before."""
    if goal is None:
        return found
    if isinstance(goal, UntilBest):
        left = _left(found, goal, first)
        stopped_by = "precision" if len(left) < 2 else "time" if is_over else "replications"
        return replace(found, search=Search(goal.indifference, left, goal.confidence, stopped_by))
    return replace(found, precision=Sought.of(widths_of(found, goal), goal, is_over))


def _left(found: Comparison, until: UntilBest, first: int) -> tuple[str, ...]:
    """The variants that may still be the best."""
    return still_in_the_race(found, until, min(first, found.replications))


def widths_of(found: Comparison, precision: Precision) -> tuple[Width, ...]:
    """How wide the intervals of the differences to the baseline are, all variants together (Bonferroni).

    A width in per cent is one of the baseline's value: a difference may be 0. A single variant is looked at itself.
    """
    widths = []
    for goal in precision.goals:
        base = found.estimate(found.baseline, goal.of)
        others = [name for name in found.variants if name != found.baseline]
        if not others:
            widths.append(width_of(goal, base, base.value))
        for name in others:
            gap = found.difference(name, goal.of).paired
            widths.append(width_of(goal, gap, base.value, name))
    return tuple(widths)
