"""Digests of every shipped scenario under every topology: run as a script, it prints them as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import sim
from sim.flows import is_plain
from sim.topology import KINDS

ROOT = Path(__file__).parents[2]


def digests(names: list[str] | None = None) -> dict[str, str]:
    """Log digest by scenario and topology (workflows as written); a topology that lacks a binding is left out."""
    found = {}
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        if names and path.stem not in names:
            continue
        scenario = sim.load(path)
        if not all(is_plain(scenario, type_id) for type_id in scenario.tasks):
            found[f"{path.stem}/as written"] = sim.simulate(scenario, log="folded").digest
            continue
        for kind in KINDS:
            try:
                variant = scenario.topologies(kind)[kind]
            except ValueError:  # pydantic's error: a role that this topology needs is not bound
                continue
            found[f"{path.stem}/{kind}"] = sim.simulate(variant, log="folded").digest
    return found


if __name__ == "__main__":
    json.dump(digests(sys.argv[1:]), sys.stdout, indent=1, sort_keys=True)
