"""What each row of a trace says, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from analysis.format import duration
from analysis.story.trace import Row, Trace
from analysis.story.wording import confidence_text, ordinal, value_text
from sim.log.columns import NULL
from sim.plan.activities import minor_units
from sim.quantities import billionths
from sim.scenario import Scenario
from sim.topology import Escalation, Guardian
from sim.workers import AgentRole

FAILURES = {
    "transient": "failed: provider or network trouble (transient)",
    "deterministic": "failed: something the task needs is missing or invalid (deterministic)",
    "judgment": "gave up: it could not judge the case (judgment)",
    "governance": "stopped: a right or a policy is missing (governance)",
}
"""What a visible failure looks like, by outcome."""
VERDICTS = {"approved": "approved it", "revised": "sent it back for a revision", "rejected": "rejected it"}
"""What a person made of an output, by outcome."""
CAUSES = {
    "deterministic_failure": "not tried again, since it would fail the same way",
    "judgment_failure": "not tried again, since a person must judge",
    "governance_failure": "never tried again",
    "revisions_exhausted": "no revision is left",
    "rejected": "rejected",
}
"""Why a task goes where it goes, for the reasons that need no number."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence at a tick (None: it belongs to the one above), with what it cost in nano-units."""

    tick: int | None
    text: str
    cost: int = 0


class Teller:
    """Turns the rows of one trace into lines."""

    def __init__(self, scenario: Scenario, trace: Trace) -> None:
        """A teller of `trace`."""
        self.scenario, self.trace = scenario, trace
        topology = scenario.topology
        self.threshold = billionths(topology.threshold) if isinstance(topology, Escalation) else NULL
        self._failures = self._revisions = 0

    def lines(self) -> Iterator[Line]:
        """The whole story between arrival and end."""
        for row, following in pairwise((*self.trace.rows, None)):
            assert row is not None
            if row.action == "unfinished":
                yield from self._cut_short(row)
            elif row.action != "arrived":
                yield self._start(row)
                yield from self._end(row, following)
            elif following is not None and following.waited > 0:
                yield Line(row.ended, f"joined the queue of {following.role}{_in_line(following)}")

    def _start(self, row: Row) -> Line:
        what = " the review" if row.action == "reviewed" else ""
        wait = f" (waited {duration(row.waited)})" if row.waited else " at once"
        return Line(row.started, f"{row.who} started{what}{wait}")

    def _end(self, row: Row, following: Row | None) -> Iterator[Line]:
        match row.action:
            case "attempted" if row.reason == "transient_failure":
                failed = f"{row.who} {FAILURES[row.outcome]}; {self._next_try(row, following)}"
                yield Line(row.ended, failed, row.cost)
                return
            case "attempted":
                yield Line(row.ended, f"{row.who} {self._attempted(row)}", row.cost)
            case "reviewed":
                yield Line(row.ended, f"{row.who} {_verdict(row)}", row.cost)
            case _:
                yield Line(row.ended, f"{row.who} {_executed(row)}", row.cost)
                return
        cause = self._cause(row)
        self._failures = 0
        yield Line(None, f"{cause}: {_where(row, following)}" if cause else _where(row, following))

    def _attempted(self, row: Row) -> str:
        if row.outcome in FAILURES:
            self._failures += row.outcome == "transient"
            return FAILURES[row.outcome]
        if row.outcome == "invalid":
            return "proposed a result that breaks its schema (wrong), so nothing counts as sure"
        sure = confidence_text(row.theta, self.threshold)
        if row.theta != row.theta_raw:
            sure = f"{confidence_text(row.theta_raw)}, lowered to {sure} for an error in its logs"
        return f"proposed a result, sure to {sure} ({_truth(row)}, as it turned out)"

    def _next_try(self, row: Row, following: Row | None) -> str:
        self._failures += 1
        wait = following.queued - row.ended if following is not None and following.queued != NULL else None
        begin = "waits" if wait is None else f"waits {duration(wait)}"
        role = self.scenario.workers[row.role]
        limit = role.retries.limit + 1 if isinstance(role, AgentRole) else 1
        return f"{begin}, try {self._failures + 1} of {limit}"

    def _cause(self, row: Row) -> str:
        match row.reason:
            case "confident" | "low_confidence":
                sign = ">=" if row.reason == "confident" else "<"
                threshold = confidence_text(self.threshold, row.theta)
                return f"{confidence_text(row.theta, self.threshold)} {sign} {threshold}"
            case "high_value":
                return f"value {self.value()} is above the limit of {self._limit()}"
            case "every_output":
                return "every output is reviewed" if row.next == "review" else "nobody checks"
            case "retries_exhausted":
                return f"{self._failures} {'tries' if self._failures > 1 else 'try'} used up"
            case "attempts_exhausted":
                return "no attempt is left"
            case "revision_asked":
                self._revisions += 1
                topology = self.scenario.topology
                most = topology.max_revisions if isinstance(topology, Guardian) else self._revisions
                return f"revision {self._revisions} of {most}"
            case _:
                return CAUSES.get(row.reason, "")

    def _cut_short(self, row: Row) -> Iterator[Line]:
        if row.reason == "working":
            yield self._start(row)
            yield Line(row.ended, f"{row.who} was still at work when the run ended", row.cost)
        elif row.reason == "waiting":
            text = f"was still waiting for {row.role} when the run ended{_in_line(row)}"
            yield Line(row.ended, text, row.cost)
        else:
            yield Line(row.ended, "was still waiting for its next try when the run ended", row.cost)

    def _limit(self) -> str:
        """The value limit of the topology, which a task sent on for its value has."""
        topology, digits = self.scenario.topology, self.scenario.minor_digits
        assert isinstance(topology, Escalation)
        assert topology.value_limit is not None
        return value_text(minor_units(topology.value_limit, digits), self.scenario.currency, digits)

    def value(self) -> str:
        """The value of the task with its currency."""
        return value_text(self.trace.rows[0].value, self.scenario.currency, self.scenario.minor_digits)


def _truth(row: Row) -> str:
    return "right" if row.is_right == 1 else "wrong"


def _verdict(row: Row) -> str:
    is_mistaken = (row.outcome == "approved") != (row.is_right == 1)
    return f"{VERDICTS[row.outcome]}, {'though' if is_mistaken else 'and'} it was {_truth(row)}"


def _executed(row: Row) -> str:
    again = "did it again and " if row.rework else ""
    helped = f"with help of {row.model} " if row.model else ""
    return f"{again}{helped}delivered, {_truth(row)}"


def _where(row: Row, following: Row | None) -> str:
    """Where the task goes after a row."""
    place = _in_line(following) if following is not None else ""
    match row.next:
        case "deliver":
            return "delivered"
        case "fail":
            return "the task failed"
        case "review":
            return f"to the quarantine queue{place}"
        case "execute" if row.action == "reviewed":
            return f"to {row.assigned}, to be done again{place}"
        case "execute":
            return f"to the exception queue{place}"
        case _:
            return f"back to {row.assigned}{place}"


def _in_line(row: Row) -> str:
    return f", {ordinal(row.ahead + 1)} in line" if row.waited > 0 else ""
