"""Metrics of what comes out."""

from __future__ import annotations

from analysis.metrics.sums import total
from analysis.metrics.table.metric import Metric, cohort
from analysis.metrics.tally import RolePart
from sim.rules.routing import Reason

QUALITY_METRICS = (
    cohort(
        "success_share", "share", "higher", "cohort tasks delivered and right, whoever did it / cohort tasks",
        lambda part: part.right, lambda part: part.tasks,
        source="playbook 4.1: successfully executed tasks",
    ),
    cohort(
        "reported_success_share", "share", "higher", "cohort tasks delivered, right or wrong / cohort tasks",
        lambda part: part.delivered, lambda part: part.tasks,
    ),
    cohort(
        "escape_share", "share", "lower", "wrong deliveries / cohort tasks",
        lambda part: part.wrong, lambda part: part.tasks,
    ),
    cohort(
        "wrong_per_1000", "per 1,000", "lower", "wrong deliveries per 1,000 delivered cohort tasks",
        lambda part: 1000 * part.wrong, lambda part: part.delivered,
    ),
    cohort(
        "cfr_delivered", "share", "lower", "(wrong deliveries + failed) / cohort tasks that ended",
        lambda part: part.wrong + part.failed, lambda part: part.ended, source="row RT-14",
    ),
    cohort(
        "unfinished_share", "share", "lower", "cohort tasks not ended when the run ended / cohort tasks",
        lambda part: part.unfinished, lambda part: part.tasks,
    ),
    Metric(
        "rejection_rate", "share", None, "reviews that did not approve / reviews, of cohort tasks",
        lambda tally: total(_not_approved(role) for role in tally.roles),
        lambda tally: total(total(role.verdicts) for role in tally.roles), source="row HI-03",
    ),
    cohort(
        "retries_per_task", "per task", "lower", "tries after a transient failure / cohort tasks",
        lambda part: part.reasons[int(Reason.TRANSIENT_FAILURE)], lambda part: part.tasks,
    ),
)  # fmt: skip
"""What comes out."""


def _not_approved(role: RolePart) -> int:
    approved_right, _, _, approved_wrong, _, _ = role.verdicts
    return total(role.verdicts) - approved_right - approved_wrong
