"""Event logs and scenarios in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.estimates import Estimate
    from analysis.experiments import Comparison, Replications
    from analysis.experiments.compare import compare
    from analysis.experiments.replicate import replicate
    from analysis.metrics import METRICS, Tally, tally

__all__ = ["METRICS", "Comparison", "Estimate", "Replications", "Tally", "compare", "replicate", "tally"]

_HOMES = {
    "METRICS": "analysis.metrics",
    "Comparison": "analysis.experiments",
    "Estimate": "analysis.estimates",
    "Replications": "analysis.experiments",
    "Tally": "analysis.metrics",
    "compare": "analysis.experiments",
    "replicate": "analysis.experiments",
    "tally": "analysis.metrics",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that the command line starts fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
