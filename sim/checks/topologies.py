"""Checks of topologies: ladders and cascades whose parts go together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.problems import Problem
from sim.topology import AnyTopology, Cascade, Escalation

if TYPE_CHECKING:
    from sim.scenario import Scenario

Path = tuple[str, ...]


def topologies(scenario: Scenario) -> Iterator[tuple[Path, AnyTopology]]:
    """Every topology with the place where it is written."""
    yield ("topology",), scenario.topology
    for type_id, task in scenario.tasks.items():
        if task.topology is not None:
            yield ("tasks", type_id, "topology"), task.topology
        for name, stage in task.stages.items():
            if stage.topology is not None:
                yield ("tasks", type_id, "stages", name, "topology"), stage.topology


def ladders_and_cascades(scenario: Scenario) -> Iterator[Problem]:
    """Peers that nobody names, tiers that triage could not find."""
    for path, topology in topologies(scenario):
        ladder = topology.ladder if isinstance(topology, Escalation) else None
        if ladder is not None and ladder.peers and ladder.peer is None:
            yield Problem((*path, "ladder", "peers"), "E0352", "needs peer: the agent role that tries")
        if isinstance(topology, Cascade) and topology.triage is not None:
            yield from _tiers(len(topology.triage.boundaries), len(topology.tiers), path)


def _tiers(bounds: int, tiers: int, path: Path) -> Iterator[Problem]:
    if bounds >= tiers:
        rule = f"{bounds} boundaries need at least {bounds + 1} tiers, but there are {tiers}"
        yield Problem((*path, "triage", "boundaries"), "E0351", rule)
