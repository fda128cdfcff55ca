"""What a page is made of: a result, how it was made, and the log of one replication where one was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.logs import Blocks

if TYPE_CHECKING:
    from analysis.experiments import Comparison, Replications
    from analysis.experiments.crossover import Breakeven
    from analysis.experiments.one_at_a_time import Sensitivity
    from analysis.experiments.sobol import SobolIndices
    from analysis.experiments.solution import Solution
    from analysis.experiments.sweep import Sweep

    Result = Replications | Comparison | Sweep | Solution | Sensitivity | SobolIndices | Breakeven


@dataclass(frozen=True)
class Made:
    """How the results were made, as the manifest of their folder says."""

    kind: str
    """The verb."""
    command: str
    """What repeats it, typed in its folder."""
    seed: int
    replications: int
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Values given beside the scenario's file, by path, as they were typed."""
    partial: Mapping[str, str] = field(default_factory=dict)
    """Why the results are partial, by what is missing; empty when they are complete."""
    identity: str = ""
    scenario_hash: str = ""
    stream_version: int = 0
    log_digests: tuple[str, ...] = ()
    prices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 by file."""


@dataclass(frozen=True)
class Source:
    """Everything that a page says something of."""

    result: Result
    made: Made
    log: Blocks | None = None
    """The log of replication 0 of a run."""
    warm_up: Mapping[str, Any] | None = None
    """How the beginning of a run was judged: ticks `configured` and `advised`, `is_too_short`."""
    over_inputs: Mapping[str, Any] | None = None
    """What draws of uncertain inputs add to a run: number of `draws`, and by metric the range over them."""
