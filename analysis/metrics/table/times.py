"""Metrics of how long it takes."""

from __future__ import annotations

from analysis.metrics.sums import total
from analysis.metrics.table.metric import Metric, cohort
from analysis.metrics.tally import QUANTILES, Part
from sim.quantities import SECOND, WEEK


def _cycle(place: int) -> Metric:
    """A quantile of cycle times; a bound where it falls among unfinished tasks."""
    percent = QUANTILES[place]

    def ticks(part: Part) -> int | None:
        found = part.quantiles[place]
        return None if found is None else found.ticks

    def seconds(part: Part) -> int:
        found = part.quantiles[place]
        return SECOND if found is None else SECOND * found.summands

    def is_bound(part: Part) -> bool:
        found = part.quantiles[place]
        return found is not None and found.is_bound

    definition = f"time from arrival to end that {percent} % of the cohort tasks do not exceed"
    return cohort(f"cycle_time_p{percent}", "s", "lower", definition, ticks, seconds, is_bound)


TIME_METRICS = (
    cohort(
        "sla_share", "share", "higher", "cohort tasks delivered within their service level / those with one",
        lambda part: part.within_sla, lambda part: part.with_sla, source="row WL-05",
    ),
    Metric(
        "throughput", "per week", "higher", "tasks delivered in the window per week",
        lambda tally: tally.window.delivered * WEEK, lambda tally: tally.window.ticks, source="row PF-22",
    ),
    Metric(
        "throughput_right", "per week", "higher", "tasks delivered in the window and right, per week",
        lambda tally: tally.window.right * WEEK, lambda tally: tally.window.ticks,
    ),
    Metric(
        "arrivals", "per week", None, "tasks that arrived in the window per week",
        lambda tally: tally.window.arrived * WEEK, lambda tally: tally.window.ticks,
    ),
    cohort(
        "cycle_time_mean", "s", "lower", "mean time from arrival to end of the cohort tasks",
        lambda part: part.cycle_ticks, lambda part: part.tasks * SECOND, lambda part: part.unfinished > 0,
        source="row PF-22",
    ),
    *map(_cycle, range(len(QUANTILES))),
    cohort(
        "wait_mean", "s", "lower", "time in queues per cohort task",
        lambda part: part.waited_ticks, lambda part: part.tasks * SECOND, source="row MR-06",
    ),
    Metric(
        "wait_people_mean", "s", "lower", "mean wait for a person, over the times cohort tasks waited",
        lambda tally: total(wait.ticks for role in tally.people for wait in role.waits),
        lambda tally: SECOND * total(wait.count for role in tally.people for wait in role.waits),
        source="row HI-17",
    ),
    Metric(
        "wait_longest", "s", "lower", "longest wait of a cohort task in one queue",
        lambda tally: max((wait.longest for role in tally.roles for wait in role.waits), default=None),
        lambda tally: SECOND, source="row HI-17",
    ),
    Metric(
        "wip", "tasks", None, "tasks in the system, mean over the window",
        lambda tally: tally.window.task_ticks, lambda tally: tally.window.ticks, source="Little 1961",
    ),
)  # fmt: skip
"""How long it takes."""
