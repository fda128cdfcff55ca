"""The table of metrics: what each number is called, its unit, which way is better, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from analysis.metrics.cohort import ACTIVITIES, ESCALATIONS
from analysis.metrics.sums import total
from analysis.metrics.tally import QUANTILES, Part, RolePart, Tally
from sim.log.columns import COST_LINES
from sim.quantities import BILLION, HOUR, MINUTE, MONTH, SECOND, WEEK
from sim.rules.routing import Reason

MONEY = "currency"
"""Unit of a metric that is an amount in the scenario's currency."""

Direction = Literal["lower", "higher"] | None


@dataclass(frozen=True, slots=True)
class PartMetric:
    """A metric of the cohort tasks of one type, or of all: the quotient of two integers."""

    numerator: Callable[[Part], int | None]
    denominator: Callable[[Part], int]
    is_bound: Callable[[Part], bool]
    """Whether unfinished tasks make the number a lower bound."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a replication: the quotient of two integers."""

    name: str
    unit: str
    """`currency`, `share` (0 to 1), `s`, `min`, or what is counted."""
    direction: Direction
    """Which way is better; None where that depends."""
    definition: str
    numerator: Callable[[Tally], int | None]
    """None where the number is undefined."""
    denominator: Callable[[Tally], int]
    """0 where the number is undefined."""
    is_bound: Callable[[Tally], bool] = lambda tally: False
    """Whether unfinished tasks make the number a lower bound."""
    of_part: PartMetric | None = None
    """The same number for one task type, where it has one."""

    def value(self, tally: Tally) -> float | None:
        """The number of one replication; None where it is undefined, never 0 or infinity in its place."""
        return quotient(self.numerator(tally), self.denominator(tally))

    def unit_in(self, currency: str) -> str:
        """The unit, with the currency's code for an amount."""
        return self.unit.replace(MONEY, currency)


def quotient(numerator: int | None, denominator: int) -> float | None:
    """The quotient of two integers, rounded once; None where it is undefined."""
    return None if numerator is None or denominator == 0 else numerator / denominator


def _cohort(
    name: str, unit: str, direction: Direction, definition: str,
    numerator: Callable[[Part], int | None], denominator: Callable[[Part], int],
    is_bound: Callable[[Part], bool] = lambda part: False,
) -> Metric:  # fmt: skip
    """A metric of the cohort's tasks, of all or of one type."""
    return Metric(
        name, unit, direction, definition,
        lambda tally: numerator(tally.cohort), lambda tally: denominator(tally.cohort),
        lambda tally: is_bound(tally.cohort), PartMetric(numerator, denominator, is_bound),
    )  # fmt: skip


def _cycle(place: int) -> Metric:
    """A quantile of cycle times; a bound where it falls among unfinished tasks."""
    percent = QUANTILES[place]

    def ticks(part: Part) -> int | None:
        found = part.quantiles[place]
        return None if found is None else found.ticks

    def is_bound(part: Part) -> bool:
        found = part.quantiles[place]
        return found is not None and found.is_bound

    definition = f"time from arrival to end that {percent} % of the cohort tasks do not exceed"
    return _cohort(f"cycle_time_p{percent}", "s", "lower", definition, ticks, lambda part: SECOND, is_bound)


def _line(line: str, meaning: str) -> Metric:
    place = COST_LINES.index(line)
    return _cohort(
        f"{line}_per_success", MONEY, "lower", f"{meaning} per success",
        lambda part: part.costs[place], lambda part: part.right * BILLION,
    )  # fmt: skip


def _escalated(reason: str, meaning: str) -> Metric:
    place = ESCALATIONS.index(reason)
    return _cohort(
        f"escalation_{reason}", "share", None, f"cohort tasks sent to a person because {meaning}",
        lambda part: part.escalated[place], lambda part: part.tasks,
    )  # fmt: skip


def _minutes(name: str, activity: str, meaning: str) -> Metric:
    place = ACTIVITIES.index(activity)
    return _cohort(
        name, "min", "lower", f"minutes that people {meaning}, per cohort task",
        lambda part: part.people_ticks[place], lambda part: part.tasks * MINUTE,
    )  # fmt: skip


COST_METRICS = (
    _cohort(
        "cpst", MONEY, "lower", "cost per successful task: all cost of cohort tasks and platform / successes",
        lambda part: part.cost, lambda part: part.right * BILLION,
    ),
    _cohort(
        "cpst_playbook", MONEY, "lower", "(inference + tools + human auditing) of cohort tasks / successes",
        lambda part: part.playbook_cost, lambda part: part.right * BILLION,
    ),
    Metric(
        "cpst_loaded", MONEY, "lower",
        "(people's hours on shift and overtime x wage + other cost) / successes, all of the window",
        lambda tally: tally.paid_cost, lambda tally: tally.window.right * BILLION,
    ),
    _cohort(
        "cpst_with_damage", MONEY, "lower", "(all cost + damage of wrong deliveries) / successes",
        lambda part: part.cost + part.damage, lambda part: part.right * BILLION,
    ),
    _cohort(
        "cost_per_task", MONEY, "lower", "all cost of cohort tasks and platform / cohort tasks",
        lambda part: part.cost, lambda part: part.tasks * BILLION,
    ),
    _cohort(
        "damage_per_task", MONEY, "lower", "damage of wrong deliveries / cohort tasks",
        lambda part: part.damage, lambda part: part.tasks * BILLION,
    ),
    _line("inference", "cost of model usage"),
    _line("tools", "cost of tools and sandboxes"),
    _line("human_execution", "cost of people doing tasks"),
    _line("human_review", "cost of people reviewing outputs"),
    _line("rework", "cost of people doing again what was rejected"),
    _cohort(
        "platform_per_success", MONEY, "lower", "fixed costs of the window per success",
        lambda part: part.platform, lambda part: part.right * BILLION,
    ),
    Metric(
        "cost_per_month", f"{MONEY} / month", "lower",
        "cost booked in the window per month of 30 days, people's minutes of work x wage",
        lambda tally: tally.active_cost * MONTH, lambda tally: tally.window.ticks * BILLION,
    ),
    Metric(
        "cost_per_month_paid", f"{MONEY} / month", "lower",
        "cost booked in the window per month of 30 days, people's hours on shift and overtime x wage",
        lambda tally: tally.paid_cost * MONTH, lambda tally: tally.window.ticks * BILLION,
    ),
)  # fmt: skip
"""What it costs."""

QUALITY_METRICS = (
    _cohort(
        "success_share", "share", "higher", "cohort tasks delivered and right, whoever did it / cohort tasks",
        lambda part: part.right, lambda part: part.tasks,
    ),
    _cohort(
        "reported_success_share", "share", "higher", "cohort tasks delivered, right or wrong / cohort tasks",
        lambda part: part.delivered, lambda part: part.tasks,
    ),
    _cohort(
        "escape_share", "share", "lower", "wrong deliveries / cohort tasks",
        lambda part: part.wrong, lambda part: part.tasks,
    ),
    _cohort(
        "wrong_per_1000", "per 1,000", "lower", "wrong deliveries per 1,000 delivered cohort tasks",
        lambda part: 1000 * part.wrong, lambda part: part.delivered,
    ),
    _cohort(
        "cfr_delivered", "share", "lower", "(wrong deliveries + failed) / cohort tasks that ended",
        lambda part: part.wrong + part.failed, lambda part: part.ended,
    ),
    _cohort(
        "unfinished_share", "share", "lower", "cohort tasks not ended when the run ended / cohort tasks",
        lambda part: part.unfinished, lambda part: part.tasks,
    ),
    Metric(
        "rejection_rate", "share", None, "reviews that did not approve / reviews, of cohort tasks",
        lambda tally: total(_not_approved(role) for role in tally.roles),
        lambda tally: total(total(role.verdicts) for role in tally.roles),
    ),
    _cohort(
        "retries_per_task", "per task", "lower", "tries after a transient failure / cohort tasks",
        lambda part: part.reasons[int(Reason.TRANSIENT_FAILURE)], lambda part: part.tasks,
    ),
)  # fmt: skip
"""What comes out."""

TIME_METRICS = (
    _cohort(
        "sla_share", "share", "higher", "cohort tasks delivered within their service level / those with one",
        lambda part: part.within_sla, lambda part: part.with_sla,
    ),
    Metric(
        "throughput", "per week", "higher", "tasks delivered in the window per week",
        lambda tally: tally.window.delivered * WEEK, lambda tally: tally.window.ticks,
    ),
    Metric(
        "throughput_right", "per week", "higher", "tasks delivered in the window and right, per week",
        lambda tally: tally.window.right * WEEK, lambda tally: tally.window.ticks,
    ),
    Metric(
        "arrivals", "per week", None, "tasks that arrived in the window per week",
        lambda tally: tally.window.arrived * WEEK, lambda tally: tally.window.ticks,
    ),
    _cohort(
        "cycle_time_mean", "s", "lower", "mean time from arrival to end of the cohort tasks",
        lambda part: part.cycle_ticks, lambda part: part.tasks * SECOND, lambda part: part.unfinished > 0,
    ),
    *map(_cycle, range(len(QUANTILES))),
    _cohort(
        "wait_mean", "s", "lower", "time in queues per cohort task",
        lambda part: part.waited_ticks, lambda part: part.tasks * SECOND,
    ),
    Metric(
        "wait_people_mean", "s", "lower", "mean wait for a person, over the times cohort tasks waited",
        lambda tally: total(wait.ticks for role in tally.people for wait in role.waits),
        lambda tally: SECOND * total(wait.count for role in tally.people for wait in role.waits),
    ),
    Metric(
        "wait_longest", "s", "lower", "longest wait of a cohort task in one queue",
        lambda tally: max((wait.longest for role in tally.roles for wait in role.waits), default=None),
        lambda tally: SECOND,
    ),
    Metric(
        "wip", "tasks", None, "tasks in the system, mean over the window",
        lambda tally: tally.window.task_ticks, lambda tally: tally.window.ticks,
    ),
)  # fmt: skip
"""How long it takes."""

PEOPLE_METRICS = (
    Metric(
        "utilisation", "share", None, "people's work in the window / their hours on shift and overtime",
        lambda tally: total(role.busy_ticks for role in tally.people),
        lambda tally: total(role.present_ticks for role in tally.people),
    ),
    Metric(
        "utilisation_agents", "share", None, "agents' work in the window / their slots",
        lambda tally: total(role.busy_ticks for role in tally.agents),
        lambda tally: total(role.present_ticks for role in tally.agents),
    ),
    _cohort(
        "escalation_share", "share", None, "cohort tasks sent to a person after an agent / cohort tasks",
        lambda part: total(part.escalated), lambda part: part.tasks,
    ),
    _escalated("confidence", "theta was below the threshold"),
    _escalated("value", "their value was above the limit"),
    _escalated("failure", "the agent came to no output"),
    _escalated("rejected", "a person rejected the output"),
    _cohort(
        "human_minutes_per_task", "min", "lower", "minutes of people's work per cohort task",
        lambda part: total(part.people_ticks), lambda part: part.tasks * MINUTE,
    ),
    _cohort(
        "human_minutes_per_success", "min", "lower", "minutes of people's work at cohort tasks per success",
        lambda part: total(part.people_ticks), lambda part: part.right * MINUTE,
    ),
    _minutes("execute_minutes_per_task", "execute", "do tasks"),
    _minutes("review_minutes_per_task", "review", "review outputs"),
    _minutes("rework_minutes_per_task", "rework", "do again what was rejected"),
    Metric(
        "people_on_shift", "people", None, "people on shift, mean over the time when anybody is",
        lambda tally: total(total(role.available_hours) for role in tally.people),
        lambda tally: tally.window.staffed_ticks,
    ),
    Metric(
        "overtime_per_week", "h / week", "lower", "hours of people's work outside their shifts, per week",
        lambda tally: WEEK * total(role.overtime_ticks for role in tally.people),
        lambda tally: HOUR * tally.window.ticks,
    ),
)  # fmt: skip
"""What it asks of people."""


def _not_approved(role: RolePart) -> int:
    approved_right, _, _, approved_wrong, _, _ = role.verdicts
    return total(role.verdicts) - approved_right - approved_wrong


METRICS = (*COST_METRICS, *QUALITY_METRICS, *TIME_METRICS, *PEOPLE_METRICS)
"""Every metric, in the order of reports."""
_BY_NAME = {metric.name: metric for metric in METRICS}


def metric_of(name: str) -> Metric:
    """The metric of that name; raises KeyError that lists the names."""
    if name not in _BY_NAME:
        raise KeyError(f"no metric {name!r}; there is {', '.join(_BY_NAME)}")
    return _BY_NAME[name]
