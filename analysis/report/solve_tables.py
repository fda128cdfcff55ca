"""Tables of a search: the candidates that were tried, and the frontier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.format import UNDEFINED
from analysis.metrics import Metric, metric_of
from analysis.report.chance import probability
from analysis.report.compare_cells import in_unit, laid_out
from analysis.report.compare_words import WIDTH, wrapped
from analysis.report.words import bound

if TYPE_CHECKING:
    from analysis.experiments.conditions import Check
    from analysis.experiments.search.candidate import Candidate
    from analysis.experiments.search.pareto import Pareto
    from analysis.experiments.solution import Solution

TOGETHER = 2
"""Conditions that stand side by side in a table."""
MOST_ROWS = 24
"""Candidates that a table shows; the best of them when there are more."""


def is_line(solution: Solution) -> bool:
    """Whether the least along one path was looked for."""
    return len(solution.paths) == 1 and solution.method == "integer"


def candidate_tables(solution: Solution) -> list[list[str]]:
    """What was tried, two conditions side by side."""
    if len(solution.objectives) > 1 and solution.frontier is not None:
        return []
    firsts = range(0, max(len(solution.conditions), 1), TOGETHER)
    return [_table(solution, first) for first in firsts]


def _table(solution: Solution, first: int) -> list[str]:
    conditions = solution.conditions[first : first + TOGETHER]
    currency = solution.scenario.currency
    metrics = solution.objectives[: 1 if len(conditions) == TOGETHER else 2]
    names = [metric_of(part.metric).head[:20] for part in conditions]
    bounds = [f"{part.sign} {bound(part, currency)}, prob." for part in conditions]
    header = [
        ["Tried (* the answer)", "", *names, *(metric.head[:14] for metric in metrics)],
        ["", "", *bounds, *(_unit(metric, currency)[:14] for metric in metrics)],
    ]
    rows = []
    for found in _shown(solution):
        star = " *" if found is solution.best else ""
        cells = [_cell(part) for part in found.checks[first : first + TOGETHER]]
        goals = [in_unit(metric, one) for metric, one in zip(metrics, found.objectives, strict=False)]
        rows.append([found.label + star, "" if found.passes else "fails", *cells, *goals])
    widths = (
        WIDTH - 6 - 22 * len(conditions) - 16 * len(metrics),
        6,
        *(22 for _ in cells),
        *(16 for _ in goals),
    )
    return laid_out(header, rows, widths)


def _unit(metric: Metric, currency: str) -> str:
    """The unit for the head of a column; shares have theirs in every cell."""
    return "" if metric.unit == "share" else metric.unit_in(currency)


def _cell(part: Check) -> str:
    chance = UNDEFINED if part.probability is None else probability(part.probability)
    return f"{in_unit(metric_of(part.condition.metric), part.estimate)} {chance:>6}"


def _shown(solution: Solution) -> list[Candidate]:
    """The candidates in order of their values, or the best of many."""
    tried = list(solution.tried)
    if is_line(solution):
        path = solution.paths[0]
        if all(isinstance(found.values[path], int | float) for found in tried):
            tried.sort(key=lambda found: float(found.values[path]))
    if len(tried) > MOST_ROWS:
        sign = -1 if solution.objectives[0].direction == "higher" else 1
        best = sorted(
            tried,
            key=lambda found: (
                found is not solution.best, found.shortfall, sign * (found.objectives[0].value or 0.0)
            ),
        )  # fmt: skip
        tried = best[:MOST_ROWS]
    return tried


def frontier_tables(solution: Solution) -> list[list[str]]:
    """The frontier of what passes, for several objectives."""
    found = solution.frontier
    return [] if found is None else [frontier_table(found, solution.scenario.currency)]


def frontier_table(found: Pareto, currency: str) -> list[str]:
    """What no other dominates, and how many are dominated; `?` where the paired intervals leave doubt."""
    metrics = found.objectives
    header = [
        ["Frontier", *(metric.head[:16] for metric in metrics)],
        ["", *(_unit(metric, currency)[:16] for metric in metrics)],
    ]
    rows = []
    first = {name: found.estimates(name)[0].value or 0.0 for name in found.efficient}
    for name in sorted(first, key=first.__getitem__, reverse=metrics[0].direction == "higher"):
        cells = [in_unit(metric, one) for metric, one in zip(metrics, found.estimates(name), strict=True)]
        rows.append([name + ("" if found.flags[name].is_sure else " ?"), *cells])
    widths = (WIDTH - 18 * len(metrics), *(18 for _ in metrics))
    out = len(found.variants) - len(rows)
    note = f"{out} more are dominated. ? = the paired intervals leave doubt that nothing dominates it."
    return [*laid_out(header, rows, widths), "", *wrapped(note)]
