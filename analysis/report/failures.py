"""The part of a report on failures: why tasks fail, what follows, guards, hand-offs, who delivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.format import count, duration, share, significant
from analysis.metrics import (
    CATEGORIES,
    Row,
    causes,
    deliveries,
    guard_trips,
    task_failures,
    visible_failures,
)
from analysis.report.tables import flowing, table, whole
from sim.quantities import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.experiments import Replications

_LEFT = {
    "retries_exhausted": "no retry left", "attempts_exhausted": "no attempt left", "hop_limit": "no hop left",
    "deterministic_failure": "left the agent", "judgment_failure": "left the agent",
    "governance_failure": "left the agent", "blocked": "left blocked",
}  # fmt: skip
"""Ends of the agent's part by reason: the task went to the next tier, to a person, or failed."""
_FOLLOWED = _LEFT | {
    "transient_failure": "tried again after a wait", "retried_unchanged": "tried again unchanged",
    "ack_lost": "done again, acknowledgement lost", "fixed": "a fix tried",
    "other_parameters": "other parameters tried", "richer_context": "richer context tried",
    "narrower_task": "a narrower task tried", "other_tool": "another tool tried",
    "other_model": "another model tried", "handed_to_peer": "a peer tried", "rolled_back": "rolling back tried",
    "owner_asked": "the owner asked",
}  # fmt: skip
"""What followed a visible failure, by reason."""
MOST_ROWS = 12
"""Rows of a table of causes; the rest is summed up in one more."""
LABEL = 24
"""Width of what stands before a list of counts."""


def _words(reason: object) -> str:
    return str(reason).replace("_", " ")


def failure_table(result: Replications) -> list[str]:
    """Why tasks failed; the counts sum to the failures (row RT-15)."""
    rows, tasks = task_failures(result.tallies), sum(tally.cohort.tasks for tally in result.tallies)
    if not rows:
        return []
    cells = [
        (_words(row["reason"]), count(whole(row, "tasks")), share(whole(row, "tasks") / tasks))
        for row in rows
    ]
    failed = sum(whole(row, "tasks") for row in rows)
    return [
        "  Why tasks fail",
        *table(("", "tasks", "of all"), [*cells, ("all", count(failed), share(failed / tasks))]),
    ]


def recovery_table(result: Replications) -> list[str]:
    """Failed attempts by category, and what followed each at once: a try, whether it helped or not, or the end."""
    found = visible_failures(result.tallies)
    if not found:
        return []
    lines = ["  What followed visible failures at once, whether it helped or not"]
    for category in CATEGORIES:
        rows = [row for row in found if row["category"] == category]
        if rows:
            rows.sort(key=lambda row: -whole(row, "count"))
            parts = [f"{_followed(row['then'])} {count(whole(row, 'count'))}" for row in rows]
            lines += _labelled(f"{category} {count(sum(whole(row, 'count') for row in rows))}:", parts)
    return [*lines, *_after_the_last_try(result)]


def _after_the_last_try(result: Replications) -> list[str]:
    """Where tasks went that left their agent for want of an output."""
    to_person = result.estimate("escalation_failure").value
    reasons = [row for row in task_failures(result.tallies) if str(row["reason"]) in _LEFT]
    failed, tasks = (
        sum(whole(row, "tasks") for row in reasons), sum(tally.cohort.tasks for tally in result.tallies),
    )  # fmt: skip
    went = [f"to a person {share(to_person)}"] if to_person else []
    went += [f"failed {share(failed / tasks)}"] if failed else []
    return _labelled("In the end, of tasks:", went)


def _followed(reason: object) -> str:
    """What followed, in words."""
    return _FOLLOWED.get(str(reason), _words(reason))


def _labelled(label: str, parts: Sequence[str]) -> list[str]:
    """A label, then the parts over as many lines as they need."""
    return flowing(f"    {label:<{LABEL}}", parts)


def guard_table(result: Replications) -> list[str]:
    """What guards stopped, and when budgets were spent."""
    rows = guard_trips(result.tallies)
    if not rows:
        return []
    cells = [
        (_words(row["guard"]), count(whole(row, "trips")), count(whole(row, "refused")), _exhaustion(row))
        for row in rows
    ]
    hops = result.estimate("hops_mean").value, max(tally.cohort.chain.most_hops for tally in result.tallies)
    return [
        "  Guards, all replications", *table(("", "trips", "refused", "budget spent after"), cells),
        f"    Transfers between agents: {significant(hops[0])} per task, {hops[1]} at most",
    ]  # fmt: skip


def _exhaustion(row: Row) -> str:
    after = row["exhausted_after"]
    if not isinstance(after, float):
        return "never" if row["periods"] else "-"
    return f"{duration(after * DAY)} ({row['periods_spent']} of {row['periods']} periods)"


def cause_table(result: Replications) -> list[str]:
    """What correcting wrong deliveries cost, by who caused them (row BE-11)."""
    rows = sorted(causes(result.tallies), key=lambda row: -float(row["correction"] or 0.0))
    if not rows:
        return []
    cells = [
        (f"{row['role']} {row['position']}", count(whole(row, "wrong_deliveries")), count(whole(row, "found")),
         significant(float(row["correction"] or 0.0)))
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip
    if len(rows) > MOST_ROWS:
        rest = rows[MOST_ROWS:]
        wrong, found = (sum(whole(row, name) for row in rest) for name in ("wrong_deliveries", "found"))
        cost = sum(float(row["correction"] or 0.0) for row in rest)
        cells.append((f"{len(rest)} others", count(wrong), count(found), significant(cost)))
    header = ("", "wrong deliveries", "found", f"correction {result.scenario.currency}")
    return ["  What clients found, by who caused it", *table(header, cells)]


def routing_lines(result: Replications) -> list[str]:
    """Faults in handing work out, of passes through a stage; doubled actions per 1,000 tasks."""
    shares = [
        (label, result.estimate(name).value)
        for label, name in (
            ("wrong lane", "wrong_lane_share"), ("unusable return", "unusable_return_share"),
            ("missing context", "missing_context_share"),
        )
    ]  # fmt: skip
    counts = [
        (label, result.estimate(f"{name}_per_1000").value)
        for label, name in (
            ("double sends", "double_sends"), ("double work", "double_work"),
            ("repeated escalations", "repeated_escalations"), ("partial publishes", "partial_publishes"),
            ("failed hand-offs", "failed_hand_offs"),
        )
    ]  # fmt: skip
    lines = []
    if any(value for _, value in shares):
        lines += _labelled("Handing out, of passes:", [f"{label} {share(value)}" for label, value in shares])
    if any(value for _, value in counts):
        known = [f"{label} {significant(value)}" for label, value in counts if value]
        lines += _labelled("Per 1,000 tasks:", known)
    return ["  Hand-offs", *lines] if lines else []


def delivery_table(result: Replications) -> list[str]:
    """Who delivered, where more than one role did: tiers of a cascade, agents and people."""
    rows = [row for row in deliveries(result.tallies) if row["deliveries"]]
    if len(rows) < 2:
        return []
    rows.sort(key=lambda row: -whole(row, "deliveries"))
    cells = [
        (str(row["role"]), str(row["kind"]), share(float(row["share"] or 0.0))) for row in rows[:MOST_ROWS]
    ]
    return ["  Who delivers", *table(("", "", "of deliveries"), cells)]
