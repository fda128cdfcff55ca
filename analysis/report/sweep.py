"""The report of a sweep as text: where the objective is least and how sure that is, then every point."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.figures.paths import short_names, with_currency
from analysis.metrics import metric_of
from analysis.report.compare_cells import laid_out, plus_minus
from analysis.report.compare_words import WIDTH, wrapped
from analysis.report.sweep_words import answer, close_points, heading, point_text, value_text

if TYPE_CHECKING:
    from analysis.experiments.sweep import Sweep
    from analysis.metrics import Metric

BESIDE = ("cpst", "throughput", "wrong_per_1000", "sla_share")
"""Metrics that stand beside the objective unless others are asked for."""
COLUMNS = 4
"""Metrics that stand side by side in one table."""
CELL = 15
"""Width of the column of a metric."""
BEST, CLOSE, FAILS = "*", "~", "x"
"""Marks of points: the best, those within its noise, those that fail a condition."""
MEANINGS = {BEST: "best", CLOSE: "within the noise of the best", FAILS: "fails a condition"}


def sweep_report(sweep: Sweep, metrics: Sequence[str] = ()) -> str:
    """The whole report, at most 80 columns wide; `metrics` are the columns in place of the usual ones."""
    columns = [metric_of(name) for name in metrics] or usual_columns(sweep)
    marks = _marks(sweep)
    blocks = [heading(sweep), wrapped(answer(sweep))]
    blocks += [_table(sweep, columns[k : k + COLUMNS], marks) for k in range(0, len(columns), COLUMNS)]
    blocks.append(_notes(sweep, marks))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def usual_columns(sweep: Sweep) -> list[Metric]:
    """The objective and what it is weighed against."""
    others = [metric_of(name) for name in BESIDE if name != sweep.objective.name]
    return [sweep.objective, *others][:COLUMNS]


def _table(sweep: Sweep, columns: Sequence[Metric], marks: dict[str, str]) -> list[str]:
    """One row per point, with its mark."""
    titles = [title(metric, CELL - 1) for metric in columns]
    varied, unit = _varied(sweep)
    header = [
        ["", *(upper for upper, _ in titles)],
        [varied, *(lower for _, lower in titles)],
        [unit, *(metric.unit_in(sweep.scenario.currency)[: CELL - 1] for metric in columns)],
    ]
    rows = []
    for name, point in sweep.points.items():
        label = " · ".join(map(value_text, point.values())) + f" {marks[name]}".rstrip()
        rows.append([label, *(plus_minus(sweep.comparison.estimate(name, metric)) for metric in columns)])
    longest = max(len(row[0]) for row in (*header, *rows)) + 3
    return laid_out(header, rows, (min(longest, WIDTH - CELL * len(columns)), *(CELL for _ in columns)))


def _varied(sweep: Sweep) -> tuple[str, str]:
    """What the first column has values of, and their unit; of several paths amounts of money have it beside them."""
    names = short_names(sweep.paths)
    if len(names) == 1:
        return names[0], sweep.currencies[0]
    return " · ".join(map(with_currency, names, sweep.currencies)), ""


def title(metric: Metric, width: int) -> tuple[str, str]:
    """What a column is called, in two lines."""
    lines = textwrap.wrap(metric.head.replace("_", " "), width)
    return ("", lines[0]) if len(lines) == 1 else (lines[0], lines[1])


def _marks(sweep: Sweep) -> dict[str, str]:
    """The mark of each point; empty for one without."""
    decision, close = sweep.comparison.decision, close_points(sweep)
    found = {}
    for name in sweep.points:
        standing = decision.standings.get(name)
        is_failing = standing is not None and bool(standing.failed)
        found[name] = (
            BEST if name == decision.winner else FAILS if is_failing else CLOSE if name in close else ""
        )
    return found


def _notes(sweep: Sweep, marks: dict[str, str]) -> list[str]:
    """What the marks mean, what the points were set against, and what to mind."""
    compared = sweep.comparison
    legend = [f"{mark} {meaning}" for mark, meaning in MEANINGS.items() if mark in marks.values()]
    lines = wrapped(
        "; ".join([", ".join(legend), "± half of the 95 % interval"])
        if legend
        else "± half of the 95 % interval"
    )
    kind = "the scenario as written" if sweep.is_as_written else "the first point"
    lines += wrapped(f"Differences (in the folder) are to {point_text(sweep, compared.baseline)}, {kind}.")
    if compared.replications < FEWEST_FOR_CLAIMS:
        lines += wrapped(
            f"{compared.replications} replications: too few to claim anything; from {FEWEST_FOR_CLAIMS} on "
            "intervals can be relied on (-n 30)."
        )
    if compared.base.lost:
        numbers = ", ".join(map(str, compared.base.lost))
        lines += wrapped(f"Left out for every point, since a worker died: replication {numbers}.")
    return lines
