"""Experiments: replications of a scenario, and what they come to."""

from __future__ import annotations

from analysis.experiments.compare import compare
from analysis.experiments.comparison import Comparison, Difference
from analysis.experiments.decision import Decision
from analysis.experiments.replicate import Progress, replicate, replicate_one
from analysis.experiments.results import LogInfo, Replications, estimate_of, totals_of
from analysis.experiments.until_best import UntilBest

__all__ = [
    "Comparison", "Decision", "Difference", "LogInfo", "Progress", "Replications", "UntilBest", "compare",
    "estimate_of", "replicate", "replicate_one", "totals_of",
]  # fmt: skip
