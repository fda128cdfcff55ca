"""Metrics of what it asks of people."""

from __future__ import annotations

from analysis.metrics.sums import total
from analysis.metrics.table.metric import OURS, Metric, cohort
from analysis.metrics.words import ACTIVITIES, ESCALATIONS
from sim.quantities import HOUR, MINUTE, WEEK


def _escalated(reason: str, meaning: str, source: str = OURS) -> Metric:
    place = ESCALATIONS.index(reason)
    return cohort(
        f"escalation_{reason}", "share", None, f"cohort tasks sent to a person because {meaning}",
        lambda part: part.escalated[place], lambda part: part.tasks, source=source,
    )  # fmt: skip


def _minutes(name: str, activity: str, meaning: str) -> Metric:
    place = ACTIVITIES.index(activity)
    return cohort(
        name, "min", "lower", f"minutes that people {meaning}, per cohort task",
        lambda part: part.people_ticks[place], lambda part: part.tasks * MINUTE,
    )  # fmt: skip


PEOPLE_METRICS = (
    Metric(
        "utilisation", "share", None, "people's work in the window / their hours on shift and overtime",
        lambda tally: total(role.busy_ticks for role in tally.people),
        lambda tally: total(role.present_ticks for role in tally.people), source="row MR-06",
    ),
    Metric(
        "utilisation_agents", "share", None, "agents' work in the window / their slots",
        lambda tally: total(role.busy_ticks for role in tally.agents),
        lambda tally: total(role.present_ticks for role in tally.agents), source="row MR-06",
    ),
    cohort(
        "escalation_share", "share", None, "cohort tasks sent to a person after an agent / cohort tasks",
        lambda part: total(part.escalated), lambda part: part.tasks, source="playbook 2.3",
    ),
    _escalated("confidence", "theta was below the threshold", "playbook 3.1"),
    _escalated("value", "their value was above the limit", "playbook 2.3"),
    _escalated("failure", "the agent came to no output"),
    _escalated("rejected", "a person rejected the output"),
    _escalated("flagged", "a validator flagged the output"),
    _escalated("premature", "the agent was sure enough but did so all the same"),
    _escalated("verification", "a look at the ground truth found the output wrong"),
    _escalated("upstream", "an agent noticed that what it was given is wrong"),
    _escalated("guard", "a guard refused a call"),
    cohort(
        "human_minutes_per_task", "min", "lower", "minutes of people's work per cohort task",
        lambda part: total(part.people_ticks), lambda part: part.tasks * MINUTE,
    ),
    cohort(
        "human_minutes_per_success", "min", "lower", "minutes of people's work at cohort tasks per success",
        lambda part: total(part.people_ticks), lambda part: part.right * MINUTE,
    ),
    _minutes("execute_minutes_per_task", "execute", "do tasks"),
    _minutes("review_minutes_per_task", "review", "review outputs"),
    _minutes("rework_minutes_per_task", "rework", "do again what was rejected"),
    _minutes("correction_minutes_per_task", "correct", "correct wrong deliveries that came to light"),
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
