"""Metrics of what it costs."""

from __future__ import annotations

from analysis.metrics.table.metric import MONEY, OURS, Metric, cohort
from sim.log.columns import COST_LINES
from sim.quantities import BILLION, MONTH


def _line(line: str, meaning: str, source: str = OURS) -> Metric:
    place = COST_LINES.index(line)
    return cohort(
        f"{line}_per_success", MONEY, "lower", f"{meaning} per success",
        lambda part: part.costs[place], lambda part: part.right * BILLION, source=source,
    )  # fmt: skip


COST_METRICS = (
    cohort(
        "cpst", MONEY, "lower", "cost per successful task: all cost of cohort tasks and platform / successes",
        lambda part: part.cost, lambda part: part.right * BILLION, source="playbook 4.1, with every cost",
    ),
    cohort(
        "cpst_playbook", MONEY, "lower", "(inference + tools + human auditing) of cohort tasks / successes",
        lambda part: part.playbook_cost, lambda part: part.right * BILLION, source="playbook 4.1",
    ),
    Metric(
        "cpst_loaded", MONEY, "lower",
        "(people's hours on shift and overtime x wage + other cost) / successes, all of the window",
        lambda tally: tally.paid_cost, lambda tally: tally.window.right * BILLION,
    ),
    cohort(
        "cpst_with_damage", MONEY, "lower", "(all cost + damage of wrong deliveries) / successes",
        lambda part: part.cost + part.damage, lambda part: part.right * BILLION,
    ),
    cohort(
        "cost_per_task", MONEY, "lower", "all cost of cohort tasks and platform / cohort tasks",
        lambda part: part.cost, lambda part: part.tasks * BILLION,
    ),
    cohort(
        "damage_per_task", MONEY, "lower", "damage of wrong deliveries / cohort tasks",
        lambda part: part.damage, lambda part: part.tasks * BILLION,
    ),
    _line("inference", "cost of model usage", "playbook 4.1"),
    _line("tools", "cost of tools and sandboxes", "playbook 4.1"),
    _line("human_execution", "cost of people doing tasks"),
    _line("human_review", "cost of people reviewing outputs", "playbook 4.1"),
    _line("rework", "cost of people doing again what was rejected"),
    _line("sandbox", "cost of sandboxes"),
    _line("verification", "cost of looking at the ground truth"),
    _line("correction", "cost of people correcting wrong deliveries that came to light"),
    cohort(
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
LOADED_WITH_DAMAGE = Metric(
    "cpst_loaded_with_damage", MONEY, "lower",
    "(people's hours on shift and overtime x wage + other cost of the window + damage of the cohort) / successes "
    "of the window",
    lambda tally: tally.paid_cost + tally.cohort.damage, lambda tally: tally.window.right * BILLION,
)  # fmt: skip
"""`cpst_loaded` and the damage of wrong deliveries: what `cpst_with_damage` is where staffing differs."""
