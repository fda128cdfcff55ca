"""Loading: any saved result, by what its file says it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from analysis.experiments import comparison, crossover, one_at_a_time, saved, sobol, solution, sweep
from analysis.experiments.comparison import Comparison
from analysis.experiments.crossover import Breakeven
from analysis.experiments.one_at_a_time import Sensitivity
from analysis.experiments.results import Replications
from analysis.experiments.sobol import SobolIndices
from analysis.experiments.solution import Solution
from analysis.experiments.sweep import Sweep

Saved = Replications | Comparison | Sweep | Solution | Sensitivity | SobolIndices | Breakeven
"""Whatever can be saved."""
LOADERS: Mapping[str, Callable[[Path], Saved]] = {
    saved.REPLICATIONS: Replications.load,
    comparison.KIND: Comparison.load,
    crossover.KIND: Breakeven.load,
    one_at_a_time.KIND: Sensitivity.load,
    sobol.KIND: SobolIndices.load,
    solution.KIND: Solution.load,
    sweep.KIND: Sweep.load,
}


def load(path: Path | str) -> Saved:
    """The result in a file that `save` wrote, or in the folder of a run or another experiment.

    Raises SavedResultError for anything else, OSError when it cannot be read.
    """
    place = Path(path) / saved.RESULT if Path(path).is_dir() else Path(path)
    kind = saved.kind_of(place)
    if kind not in LOADERS:
        raise saved.SavedResultError(f"{place} is a saved result of {kind}, which this version does not read")
    return LOADERS[kind](place)
