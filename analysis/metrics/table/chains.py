"""Metrics of what happens between workers: cascade failure risk, failures, hops, doubled actions, guards."""

from __future__ import annotations

from analysis.metrics.stage_parts import CATEGORIES
from analysis.metrics.sums import total
from analysis.metrics.table.metric import MONEY, Metric, cohort
from analysis.metrics.tally import Tally
from analysis.metrics.words import REFUSALS
from sim.log.columns import ACTIONS, COST_LINES
from sim.quantities import BILLION, SECOND
from sim.rules.routing import Reason

_CORRECTION = COST_LINES.index("correction")
_DISCOVERED, _REROUTED = ACTIONS.index("discovered"), ACTIONS.index("rerouted")


def _retries(category: str) -> Metric:
    place = CATEGORIES.index(category)
    return cohort(
        f"retries_{category}", "per task", "lower",
        f"{category} failures that agents answered with another try or a move towards one / cohort tasks",
        lambda part: part.chain.retries[place], lambda part: part.tasks, source="row RT-02 to RT-05",
    )  # fmt: skip


def _misrouted(name: str, reason: Reason, meaning: str) -> Metric:
    return Metric(
        name, "share", "lower", f"passes through a stage of cohort tasks {meaning} / passes",
        lambda tally: tally.cohort.reasons[reason], _arrivals, source="row HX-06",
    )  # fmt: skip


def _per_1000(name: str, meaning: str, counted: str) -> Metric:
    return cohort(
        name, "per 1,000", "lower", f"{meaning}, per 1,000 cohort tasks",
        lambda part: 1000 * int(getattr(part.chain, counted)), lambda part: part.tasks, source="row RT-23",
    )  # fmt: skip


def _arrivals(tally: Tally) -> int:
    """Passes through stages; none where nothing hands work out."""
    return total(stage.arrivals for stage in tally.stages)


CHAIN_METRICS = (
    cohort(
        "cfr_analytic", "share", "lower",
        "1 - E over paths of prod(1 - P_i), P_i = passes on clean input in which the agents of a stage left a defect "
        "of their own or a visible failure / such passes",
        lambda part: part.cfr.billionths, lambda part: part.cfr.tasks * BILLION, source="playbook 4.2",
    ),
    cohort(
        "cfr_chain", "share", "lower",
        "cohort tasks with a defect or a visible failure left by at least one agent stage / cohort tasks",
        lambda part: part.chain.defective, lambda part: part.tasks, source="row RT-14",
    ),
    cohort(
        "landed_ratio", "share", "higher", "cohort tasks delivered and right at the end / those that ended",
        lambda part: part.right, lambda part: part.ended,
    ),
    cohort(
        "sunk_per_task", MONEY, "lower", "all cost of cohort tasks that failed / cohort tasks",
        lambda part: part.chain.sunk, lambda part: part.tasks * BILLION,
    ),
    cohort(
        "repeat_cost_per_task", MONEY, "lower",
        "cost of work at stages to which a task had come before / cohort tasks",
        lambda part: part.chain.repeat_cost, lambda part: part.tasks * BILLION,
    ),
    cohort(
        "discovered_share", "share", None, "wrong deliveries that clients found / wrong deliveries, of cohort tasks",
        lambda part: part.actions[_DISCOVERED], lambda part: part.wrong + part.chain.wrong_again,
    ),
    cohort(
        "correction_per_task", MONEY, "lower",
        "cost of people correcting wrong deliveries that came to light / cohort tasks",
        lambda part: part.costs[_CORRECTION], lambda part: part.tasks * BILLION, source="row BE-11",
    ),
    cohort(
        "hops_mean", "hops", "lower", "transfers between agents of cohort tasks that ended / those tasks",
        lambda part: part.chain.hops, lambda part: part.ended, source="playbook 7.3",
    ),
    Metric(
        "hops_max", "hops", None, "most transfers between agents within one cohort task",
        lambda tally: tally.cohort.chain.most_hops, lambda tally: 1, source="playbook 7.3",
    ),
    cohort(
        "hop_limit_per_1000", "per 1,000", "lower", "calls refused by the hop limit, per 1,000 cohort tasks",
        lambda part: 1000 * part.reasons[Reason.HOP_LIMIT], lambda part: part.tasks, source="playbook 7.3",
    ),
    *map(_retries, CATEGORIES),
    _per_1000("double_sends_per_1000", "actions done twice after a lost acknowledgement", "double_sends"),
    _per_1000("double_work_per_1000", "attempts that did again what was half done", "double_work"),
    _per_1000(
        "repeated_escalations_per_1000", "times a task went to a person again in one pass through a stage",
        "repeated_escalations",
    ),
    cohort(
        "partial_publishes_per_1000", "per 1,000", "lower",
        "parallel branches that ended while another of the task failed: joins that failed, per 1,000 cohort tasks",
        lambda part: 1000 * part.reasons[Reason.BRANCH_FAILED], lambda part: part.tasks, source="row RT-23",
    ),
    cohort(
        "failed_hand_offs_per_1000", "per 1,000", "lower", "hand-offs that went wrong, per 1,000 cohort tasks",
        lambda part: 1000 * part.actions[_REROUTED], lambda part: part.tasks, source="row RT-23",
    ),
    _misrouted("wrong_lane_share", Reason.WRONG_LANE, "that came to the wrong worker first"),
    _misrouted("unusable_return_share", Reason.UNUSABLE_RETURN, "whose first result was unusable"),
    _misrouted("missing_context_share", Reason.MISSING_CONTEXT, "that waited for missing context"),
    Metric(
        "hand_off_mean", "s", "lower", "mean time between the end of a stage and the queue of the next one",
        lambda tally: total(stage.hand_off_ticks for stage in tally.stages),
        lambda tally: SECOND * total(stage.hand_offs for stage in tally.stages), source="row HX-13",
    ),
    cohort(
        "validator_flag_share", "share", None, "outputs that a validator flagged / outputs validated",
        lambda part: part.chain.flagged_right + part.chain.flagged_wrong, lambda part: part.chain.validated,
        source="playbook 3.1",
    ),
    cohort(
        "validator_catch_share", "share", "higher", "wrong outputs that a validator flagged / wrong ones validated",
        lambda part: part.chain.flagged_wrong,
        lambda part: part.chain.flagged_wrong + part.chain.passed_wrong, source="playbook 3.1",
    ),
    cohort(
        "validator_false_alarm_share", "share", "lower",
        "right outputs that a validator flagged / right ones validated",
        lambda part: part.chain.flagged_right,
        lambda part: part.chain.flagged_right + part.chain.passed_right, source="playbook 3.1",
    ),
    cohort(
        "refused_per_1000", "per 1,000", "lower", "calls and transfers that guards refused, per 1,000 cohort tasks",
        lambda part: 1000 * total(part.reasons[reason] for reason in REFUSALS), lambda part: part.tasks,
        source="playbook 7.3",
    ),
    Metric(
        "guard_trips", "trips", "lower",
        "times a guard began to stop work in a replication; calls refused for guards without a state",
        lambda tally: total(guard.trips for guard in tally.guards), lambda tally: 1, source="playbook 7.3",
    ),
)  # fmt: skip
"""What happens between workers."""
