"""Contents: the document of a folder, by what kind of result it holds."""

from __future__ import annotations

from analysis.page.model import PageDocument
from analysis.page.source import Source


def page_of(source: Source) -> PageDocument:
    """What the page of a result says; nothing is simulated, and pictures are drawn when a form shows them."""
    from analysis.experiments import Comparison, Replications
    from analysis.experiments.crossover import Breakeven
    from analysis.experiments.solution import Solution
    from analysis.experiments.sweep import Sweep
    from analysis.page.kinds.breakeven import breakeven_page
    from analysis.page.kinds.compare import compare_page
    from analysis.page.kinds.run import run_page
    from analysis.page.kinds.sensitivity import sensitivity_page
    from analysis.page.kinds.solve import solve_page
    from analysis.page.kinds.sweep import sweep_page

    match source.result:
        case Replications() as result:
            return run_page(source, result)
        case Comparison() as result:
            return compare_page(source, result)
        case Sweep() as result:
            return sweep_page(source, result)
        case Solution() as result:
            return solve_page(source, result)
        case Breakeven() as result:
            return breakeven_page(source, result)
        case result:
            return sensitivity_page(source, result)
