"""A simulator of people and AI agents at work on the same queue: scenario in, event log out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.errors import InvariantError, ScenarioError, WorkforceError
    from sim.loading import load, loads
    from sim.log import Log
    from sim.run import simulate
    from sim.scenario import Scenario

__all__ = [
    "InvariantError", "Log", "Scenario", "ScenarioError", "WorkforceError", "load", "loads", "simulate",
]  # fmt: skip

_HOMES = {
    "InvariantError": "sim.errors",
    "Log": "sim.log",
    "Scenario": "sim.scenario",
    "ScenarioError": "sim.errors",
    "WorkforceError": "sim.errors",
    "load": "sim.loading",
    "loads": "sim.loading",
    "simulate": "sim.run",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that the command line starts fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
