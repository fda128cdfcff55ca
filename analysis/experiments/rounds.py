"""Rounds: several scenarios replicated on the same draws, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace

from analysis.experiments.replicate import Progress, part_of, replicate
from analysis.experiments.results import Replications
from sim import Scenario


def simulated(
    scenarios: Mapping[str, Scenario],
    numbers: range,
    seed: int,
    progress: Progress | None,
    place: Executor,
    draw_inputs: bool = False,
) -> dict[str, Replications]:
    """Every scenario replicated, with its uncertain inputs drawn or as they are written.

    Those that can only give the same results are simulated once.
    """
    digests = {
        name: scenario.digest_with_inputs() if draw_inputs else scenario.digest()
        for name, scenario in scenarios.items()
    }
    count = len(numbers)
    whole = count * len(dict.fromkeys(digests.values()))
    found: dict[str, Replications] = {}
    for name, scenario in scenarios.items():
        if digests[name] not in found:
            told = part_of(progress, len(found) * count, whole)
            part = replicate(
                scenario, count, seed,
                first=numbers.start, progress=told, executor=place, draw_inputs=draw_inputs,
            )  # fmt: skip
            if part.is_interrupted:
                raise KeyboardInterrupt
            found[digests[name]] = part
    return {name: replace(found[digests[name]], scenario=scenario) for name, scenario in scenarios.items()}


def joined(first: Mapping[str, Replications], then: Mapping[str, Replications]) -> dict[str, Replications]:
    """The replications of two rounds, by variant."""
    return {
        name: replace(
            one,
            tallies=one.tallies + then[name].tallies,
            logs=one.logs + then[name].logs,
            lost={**one.lost, **then[name].lost},
        )
        for name, one in first.items()
    }


def same_replications(variants: Mapping[str, Replications]) -> dict[str, Replications]:
    """The variants with the replications that all of them have: one that was lost is left out everywhere."""
    if not any(variant.lost for variant in variants.values()):
        return dict(variants)
    lost = {number: reason for variant in variants.values() for number, reason in variant.lost.items()}
    found = {}
    for name, variant in variants.items():
        kept = [k for k, log in enumerate(variant.logs) if log.replication not in lost]
        if not kept:
            raise ValueError("no replication was finished for every variant")
        tallies, logs = variant.tallies.chosen(kept), variant.logs.chosen(kept)
        found[name] = replace(variant, tallies=tallies, logs=logs, lost=lost)
    return found
