"""What a run says of uncertain inputs: the range over their draws beside the interval of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.format import UNDEFINED, interval, share, significant
from analysis.metrics import metric_of
from analysis.report.compare_cells import laid_out
from analysis.report.compare_inputs import range_text
from analysis.report.compare_words import wrapped

if TYPE_CHECKING:
    from analysis.experiments.inputs import InputDraws

SHOWN = (
    ("cpst", "CPST"), ("cpst_with_damage", "CPST with damage"), ("success_share", "right, of all tasks"),
    ("wrong_per_1000", "wrong / 1,000"), ("sla_share", "within SLA"), ("cycle_time_mean", "cycle time, mean, s"),
    ("cost_per_month", "cost per month"),
)  # fmt: skip
"""Metrics that are shown, with what they are called; all are in the JSON document."""
WIDTHS = (24, 10, 18, 18, 10)
"""Widths of the columns."""


def input_lines(inputs: InputDraws) -> list[str]:
    """One row per metric: its value with the interval at the stated values, then the range over the draws."""
    title = f"Over the stated ranges, {inputs.draws} draws of {', '.join(inputs.paths)}"
    header = [
        ["", "as stated", "95 % interval", "95 % of draws,", "variance"],
        ["", "", "of the mean", "one by one", "by inputs"],
    ]
    rows = []
    for name, label in SHOWN:
        metric = metric_of(name)
        found, spread = inputs.stated.estimate(name), inputs.range(metric)
        if found.value is None or (
            name == "cpst_with_damage" and not inputs.stated.estimate("damage_per_task").value
        ):
            continue
        bounds = interval(found.low, found.high) if found.has_interval else UNDEFINED
        rows.append([label, significant(found.value), bounds, range_text(spread), share(spread.from_inputs)])
    return [*wrapped(title), *laid_out(header, rows, WIDTHS)]
