"""Charts: tidy tables drawn with matplotlib, each `plot_*` function on Axes it is given or makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.figures.breakeven import plot_breakeven
    from analysis.figures.calibration import plot_calibration
    from analysis.figures.compared import plot_comparison, plot_convergence
    from analysis.figures.costs import plot_cost_breakdown
    from analysis.figures.defects import plot_defect_flow
    from analysis.figures.frontier import plot_frontier
    from analysis.figures.pools import plot_queue, plot_utilisation
    from analysis.figures.risk import plot_cfr
    from analysis.figures.sensitivity import plot_sensitivity
    from analysis.figures.spending import plot_budget, plot_ledger
    from analysis.figures.sweeps import plot_heat_map, plot_trade_off
    from analysis.figures.tasks import plot_cycle_times, plot_trace
    from analysis.figures.workload import plot_workload

__all__ = [
    "plot_breakeven", "plot_budget", "plot_calibration", "plot_cfr", "plot_comparison", "plot_convergence",
    "plot_cost_breakdown", "plot_cycle_times", "plot_defect_flow", "plot_frontier", "plot_heat_map", "plot_ledger",
    "plot_queue", "plot_sensitivity", "plot_trace", "plot_trade_off", "plot_utilisation", "plot_workload",
]  # fmt: skip

_HOMES = {
    "plot_breakeven": "breakeven", "plot_budget": "spending", "plot_calibration": "calibration",
    "plot_cfr": "risk", "plot_comparison": "compared", "plot_convergence": "compared",
    "plot_cost_breakdown": "costs", "plot_cycle_times": "tasks", "plot_defect_flow": "defects",
    "plot_frontier": "frontier", "plot_heat_map": "sweeps", "plot_ledger": "spending", "plot_queue": "pools",
    "plot_sensitivity": "sensitivity", "plot_trace": "tasks", "plot_trade_off": "sweeps",
    "plot_utilisation": "pools", "plot_workload": "workload",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Imports a chart when it is first used, so that the command line starts fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'analysis.figures' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analysis.figures.{_HOMES[name]}"), name)
