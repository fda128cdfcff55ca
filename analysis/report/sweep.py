"""The report of a sweep as text: where the objective is least and how sure that is, then every point."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS, LOWER_BOUND, Estimate
from analysis.experiments.sweep_rows import close_points, leader
from analysis.figures.paths import short_names, with_currency
from analysis.figures.units import scale_of
from analysis.format import UNDEFINED
from analysis.metrics import metric_of
from analysis.report.compare_cells import in_unit, laid_out
from analysis.report.compare_tables import verdict
from analysis.report.compare_words import WIDTH, wrapped
from analysis.report.sweep_words import (
    CLOSE,
    answer,
    baseline_kind,
    heading,
    overload,
    point_text,
    value_text,
)

if TYPE_CHECKING:
    from analysis.experiments.sweep import Sweep
    from analysis.metrics import Metric

BESIDE = ("cpst", "wrong_per_1000", "sla_share", "throughput")
"""Metrics that stand beside the objective and the conditions as long as there is room."""
SAME = {"wrong_per_1000": "escape_share"}
"""Metrics that say what another one says too."""
LONGEST_NAME = 28
"""Characters of a point's values beside its numbers; longer ones have a line to themselves."""
LEAST_CELL = 9
"""Characters that a column of numbers has at least, so that its head is no tower."""
GAP = 3
"""Characters between two columns."""
MOST_LINES = 3
"""Lines that the varied paths have above the values."""
MEANINGS = {
    "%": "best, with how likely that is",
    CLOSE: f"{CLOSE} within the noise of the best: the paired interval of the difference, which holds for "
    "all points together, has 0 in it",
    "+": "+1 for one more condition that fails",
}
"""What the signs of the last column mean."""


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A metric at every point."""

    head: tuple[str, ...]
    """What it is called, in lines, the unit last."""
    cells: tuple[str, ...]

    @property
    def width(self) -> int:
        """Characters with those before it."""
        return GAP + max(map(len, (*self.head, *self.cells)))


def sweep_report(sweep: Sweep, metrics: Sequence[str] = ()) -> str:
    """The whole report, at most 80 columns wide; `metrics` are the columns in place of the usual ones."""
    columns = [metric_of(name) for name in metrics] or usual_columns(sweep)
    verdicts = _verdicts(sweep)
    blocks = [heading(sweep), wrapped(answer(sweep)), *_tables(sweep, columns, verdicts)]
    blocks.append(_notes(sweep, verdicts))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def usual_columns(sweep: Sweep) -> list[Metric]:
    """The objective, what the conditions limit, and what else has room beside them in 80 columns."""
    rule = sweep.comparison.decision.rule
    limited = [] if rule is None else [metric_of(condition.metric) for condition in rule.subject_to]
    found = list(dict.fromkeys([sweep.objective, *limited]))
    room = _room(sweep, _verdicts(sweep)) - sum(_column(sweep, metric).width for metric in found)
    known = {metric.name for metric in found}
    for name in BESIDE:
        if name not in known and SAME.get(name) not in known:
            room -= _column(sweep, metric_of(name)).width
            if room < 0:
                break
            found.append(metric_of(name))
    return found


def _tables(sweep: Sweep, metrics: Sequence[Metric], verdicts: Sequence[str]) -> Iterator[list[str]]:
    """As many tables as it takes to show all columns."""
    room, shown, used = _room(sweep, verdicts), list[NumberColumn](), 0
    for column in (_column(sweep, metric) for metric in metrics):
        if shown and used + column.width > room:
            yield _table(sweep, shown, verdicts)
            shown, used = [], 0
        shown.append(column)
        used += column.width
    yield _table(sweep, shown, verdicts)


def _table(sweep: Sweep, columns: Sequence[NumberColumn], verdicts: Sequence[str]) -> list[str]:
    """One row per point, what the rule says of it last."""
    heads = [_varied(sweep), *(column.head for column in columns), _standing_head(sweep, verdicts)]
    height = max(map(len, heads))
    header = zip(*(("",) * (height - len(head)) + tuple(head) for head in heads), strict=True)
    rows = zip(_names(sweep), *(column.cells for column in columns), verdicts, strict=True)
    widths = (_name_width(sweep), *(column.width for column in columns))
    last = " " * GAP
    return laid_out(
        [[*cells, last + text] for *cells, text in header],
        [[*cells, last + text] for *cells, text in rows],
        widths,
    )


def _column(sweep: Sweep, metric: Metric) -> NumberColumn:
    """A metric at every point, the unit above the numbers; times in a unit in which the shortest can be read."""
    estimates = [sweep.estimate(name, metric) for name in sweep.points]
    unit = metric.unit_in(sweep.scenario.currency)
    if metric.unit == "s":
        shortest = min((found.value for found in estimates if found.value), default=0.0)
        scale = scale_of(metric.unit, [shortest])
        estimates, unit = [_scaled(found, scale.factor) for found in estimates], scale.unit
    cells = tuple(_cell(metric, found) for found in estimates)
    unit = "%" if metric.unit == "share" else unit
    width = max(LEAST_CELL, len(unit), *map(len, (*cells, *metric.head.split())))
    return NumberColumn((*textwrap.wrap(metric.head, width), unit), cells)


def _scaled(found: Estimate, factor: float) -> Estimate:
    """The same in another unit."""
    value, low, high = (
        None if part is None else factor * part for part in (found.value, found.low, found.high)
    )
    return replace(found, value=value, low=low, high=high)


def _cell(metric: Metric, found: Estimate) -> str:
    """A number with half of its interval, without its unit."""
    text = in_unit(metric, found)
    text = text.removesuffix(" %") if metric.unit == "share" else text
    return f"> {text}" if found.note == LOWER_BOUND and found.value is not None else text


def _room(sweep: Sweep, verdicts: Sequence[str]) -> int:
    """Characters for columns of numbers."""
    texts = (*verdicts, *_standing_head(sweep, verdicts))
    return WIDTH - _name_width(sweep) - GAP - max(map(len, texts))


def _names(sweep: Sweep) -> list[str]:
    """The varied values of each point."""
    return [" · ".join(map(value_text, point.values())) for point in sweep.points.values()]


def _name_width(sweep: Sweep) -> int:
    """Characters of the first column with what is before it."""
    lengths = map(len, (*_varied(sweep), *_names(sweep)))
    return 2 + max((length for length in lengths if length <= LONGEST_NAME), default=0)


def _varied(sweep: Sweep) -> list[str]:
    """What the first column has values of, in lines; of several paths amounts of money have their unit beside them."""
    names = short_names(sweep.paths)
    if len(names) == 1:
        return [names[0], sweep.currencies[0]]
    pieces = list(map(with_currency, names, sweep.currencies))
    text = "\N{NO-BREAK SPACE}· ".join(pieces)
    width = max(map(len, pieces)) + 2
    while len(lines := textwrap.wrap(text, width)) > MOST_LINES:
        width += 1
    return [*(line.replace("\N{NO-BREAK SPACE}", " ") for line in lines), ""]


def _standing_head(sweep: Sweep, verdicts: Sequence[str]) -> tuple[str, ...]:
    """What the last column has, in lines."""
    if sweep.comparison.decision.winner is not None:
        return ("best or", "what fails", "")
    return ("what fails", "") if any("fails" in text for text in verdicts) else ("",)


def _verdicts(sweep: Sweep) -> list[str]:
    """What the rule says of each point: the best and how likely that is, within the noise of it, or what it fails."""
    decision, best, close = sweep.comparison.decision, leader(sweep), close_points(sweep)
    found = []
    for name in sweep.points:
        standing = decision.standings.get(name)
        lead = f"{CLOSE} " if name in close else ""
        if name == best:
            lead = "least, " if decision.winner is None else "best, "
        is_told = standing is not None and (standing.failed or name == decision.winner)
        said = verdict(standing, decision) if is_told else UNDEFINED
        found.append(lead + said if said != UNDEFINED else lead.rstrip(", "))
    return found


def _notes(sweep: Sweep, verdicts: Sequence[str]) -> list[str]:
    """What the marks mean, what the points were set against, and what to mind."""
    compared = sweep.comparison
    legend = [text for sign, text in MEANINGS.items() if any(sign in said for said in verdicts)]
    lines = wrapped("; ".join(["± half of the 95 % interval", *legend]))
    base = point_text(sweep, compared.baseline)
    lines += wrapped(f"Differences (in the folder) are to {base}, {baseline_kind(sweep)}.")
    for told in overload(sweep):
        lines += wrapped(told)
    if compared.replications < FEWEST_FOR_CLAIMS:
        lines += wrapped(
            f"{compared.replications} replications: too few to claim anything; from {FEWEST_FOR_CLAIMS} on "
            "intervals can be relied on (-n 30)."
        )
    if compared.base.lost:
        numbers = ", ".join(map(str, compared.base.lost))
        lines += wrapped(f"Left out for every point, since a worker died: replication {numbers}.")
    return lines
