"""Event logs and scenarios in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.estimates import Estimate
    from analysis.experiments.breakeven import breakeven
    from analysis.experiments.compare import compare
    from analysis.experiments.comparison import Comparison
    from analysis.experiments.loading import load
    from analysis.experiments.precision import Precision, replicate_until
    from analysis.experiments.replicate import replicate
    from analysis.experiments.results import Replications
    from analysis.experiments.search.pareto import pareto
    from analysis.experiments.sensitivity import sensitivity
    from analysis.experiments.solve import solve
    from analysis.experiments.sweep import sweep
    from analysis.experiments.until_best import UntilBest
    from analysis.metrics import METRICS, Tally, tally

__all__ = [
    "METRICS", "Comparison", "Estimate", "Precision", "Replications", "Tally", "UntilBest", "breakeven", "compare",
    "load", "pareto", "replicate", "replicate_until", "sensitivity", "solve", "sweep", "tally",
]  # fmt: skip

_HOMES = {
    "METRICS": "metrics",
    "Comparison": "experiments.comparison",
    "Estimate": "estimates",
    "Precision": "experiments.precision",
    "Replications": "experiments.results",
    "Tally": "metrics",
    "UntilBest": "experiments.until_best",
    "breakeven": "experiments.breakeven",
    "compare": "experiments.compare",
    "load": "experiments.loading",
    "pareto": "experiments.search.pareto",
    "replicate": "experiments.replicate",
    "replicate_until": "experiments.precision",
    "sensitivity": "experiments.sensitivity",
    "solve": "experiments.solve",
    "sweep": "experiments.sweep",
    "tally": "metrics",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that the command line starts fast.

    Every chart of `analysis.figures` is here too: `analysis.plot_frontier`.
    """
    from importlib import import_module

    home = "figures" if name.startswith("plot_") else _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    return getattr(import_module(f"analysis.{home}"), name)


def __dir__() -> list[str]:
    """The public names, charts included, for completion."""
    from analysis.figures import __all__ as charts

    return sorted([*__all__, *charts])
