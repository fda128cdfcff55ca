"""Sentences of what happens between workers: checks, questions, faults, guards, branches, discovery."""

from __future__ import annotations

from analysis.format import duration
from analysis.story.trace import Row, Trace

MOVES = {
    "retried_unchanged": "tries the same again",
    "fixed": "the cause is to be fixed",
    "other_parameters": "tries with other parameters",
    "richer_context": "tries with more context",
    "narrower_task": "tries with a narrower task",
    "other_tool": "tries with another tool",
    "other_model": "another model tries",
    "handed_to_peer": "handed to a peer",
    "rolled_back": "rolled back to the state before",
    "owner_asked": "the owner of the cause is asked",
}
"""What is done about a visible failure, by reason."""
REFUSED = {
    "hop_limit": "no transfer between agents is left",
    "trace_budget": "the budget of the trace is spent",
    "period_budget": "the budget of the period is spent",
    "circuit_open": "the circuit breaker is open",
    "kill_switch": "the kill switch took agents off",
}
"""Why a guard stops work, by reason."""
FAULTS = {
    "wrong_lane": "came to the wrong worker first and was routed again",
    "unusable_return": "the first result came back unusable",
    "missing_context": "waited for context that somebody forgot to send",
}
"""Faults in handing work out, by reason."""


def checked(row: Row) -> str:
    """What a validator or a look at the ground truth made of an output."""
    truth = "right" if row.is_right == 1 else "wrong"
    is_mistaken = (row.outcome == "passed") != (row.is_right == 1)
    joint = "though" if is_mistaken else "and"
    if row.action == "verified":
        seen = "showed nothing wrong" if row.outcome == "passed" else "showed that something is wrong"
        return f"a look at the ground truth {seen}, {joint} the output was {truth}"
    who = row.who or "a fixed check"
    verdict = "let it pass" if row.outcome == "passed" else "flagged it"
    return f"{who} {verdict}, {joint} it was {truth}"


def discovered(row: Row, trace: Trace) -> str:
    """A client found out that a delivery was wrong."""
    ending = trace.ending
    after = duration(row.ended - ending.ended) if ending is not None else "some time"
    then = "to be corrected" if row.next == "correct" else "the task is opened again"
    return f"the client found out after {after} that it is wrong: {then}, {row.assigned} comes next"


def joined(row: Row) -> str:
    """All branches are there."""
    if row.reason == "branch_failed":
        return f"branches joined, but one of them had failed{_onwards(row)}"
    state = "" if row.is_right == 1 else ", something of it wrong"
    return f"branches joined{state}: on to stage {row.stage}"


def _onwards(row: Row) -> str:
    return ": the task failed" if row.next == "fail" else ""


def in_vain(row: Row) -> str:
    """A recovery move that did not help; what comes next is told by the row's reason."""
    then = MOVES.get(row.reason)
    return f"that did not help; {then}" if then else "that did not help, and nothing else is left to try"


def refused(row: Row) -> str:
    """A guard refused a call."""
    return f"refused a call of {row.role}: {REFUSED.get(row.reason, row.reason)}"


def asked(row: Row) -> str:
    """An agent asks another one."""
    return f"has a question: asks {row.assigned}"
