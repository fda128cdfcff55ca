"""Cascade failure risk from estimates: 1 - E over paths of prod(1 - P_i), by stage and by where stages lead.

P_i is the share of passes with clean input in which the agents of stage i left a defect or a visible failure. The
paths are those that a task takes whose agents make no mistake: from each stage on as often to the next as passes
without an agent's defect went there. A task that fails early, or that a check sends back, is so no reason to count
fewer stages. Branches that run side by side must all be clean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.metrics.layout import Layout
from analysis.metrics.stage_parts import StagePart
from analysis.metrics.sums import total
from analysis.metrics.work_by_stage import END, FORK, JOIN
from sim.quantities import BILLION

SWEEPS = 10_000
"""Most sweeps over the stages of a workflow with loops."""
TOLERANCE = 1e-13
"""Change of every stage's number below which the sweeps end."""

Ways = Mapping[tuple[int, int], int]
"""Passes without an agent's defect by stage and by where they led."""


def cfr_billionths(layout: Layout, type_id: str, parts: Sequence[StagePart], led_to: Ways) -> int:
    """The estimated risk of one task type in billionths; 0 without agents."""
    places = [place for place, (name, _) in enumerate(layout.stages) if name == type_id]
    ways = {place: _ways_from(place, led_to) for place in places}
    forks = {place: _branches_of(layout, place) for place in places}
    clean = dict.fromkeys(places, 1.0)
    for _ in range(SWEEPS):
        change = 0.0
        for place in reversed(places):
            value = _survives(parts[place]) * _onwards(ways[place], forks[place], clean)
            change = max(change, abs(value - clean[place]))
            clean[place] = value
        if change < TOLERANCE:
            break
    return round((1.0 - clean[places[0]]) * BILLION)


def _survives(part: StagePart) -> float:
    """Estimated probability that the agents of a stage leave no defect of their own: 1 - P_i."""
    return 1.0 - part.agent_failures / part.agent_passes if part.agent_passes else 1.0


def _ways_from(place: int, led_to: Ways) -> list[tuple[int, float]]:
    """Where a stage led, with shares."""
    ways = [(to, count) for (start, to), count in sorted(led_to.items()) if start == place]
    passes = total(count for _, count in ways)
    return [(to, count / passes) for to, count in ways]


def _branches_of(layout: Layout, place: int) -> list[int]:
    """Stages that begin side by side when this one ends, and the stage that joins them."""
    type_id, stage = layout.stages[place]
    written = layout.scenario.tasks[type_id].stages.get(stage)
    if written is None or not written.parallel:
        return []
    names = [*written.parallel, *([written.join] if written.join is not None else [])]
    return [layout.stages.index((type_id, name)) for name in names]


def _onwards(ways: list[tuple[int, float]], fork: list[int], clean: Mapping[int, float]) -> float:
    """Probability that all that follows a stage is clean; 1 where nothing is known to follow."""
    if not ways:
        return 1.0
    found = 0.0
    for to, share in ways:
        if to == FORK:
            for place in fork:
                share *= clean[place]
        elif to not in (END, JOIN):
            share *= clean[to]
        found += share
    return found
