"""What each row of a trace says, in plain sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.format import duration
from analysis.story.passages import FAULTS as ROUTING_FAULTS
from analysis.story.passages import MOVES, REFUSED, asked, checked, discovered, in_vain, joined, refused
from analysis.story.rules import StageRules, rules_of
from analysis.story.trace import Row, Trace
from analysis.story.wording import confidence_text, ordinal, value_text
from sim.log.columns import NULL
from sim.plan.activities import minor_units
from sim.scenario import Scenario
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
    "ack_lost": "done, but the acknowledgement was lost",
    "blocked": "left blocked, since nobody removed the cause",
    "self_retry": "unsure, so it tries again itself",
    "handed_to_peer": "unsure, so it is handed to a peer",
    "next_tier": "unsure, so the next tier tries",
    "flagged": "held for wrong by the validator",
    "premature": "sure enough, but sent to a person all the same",
    "gated": "held for approval",
    "upstream_defect": "noticed that what came in is wrong",
    "sent_back": "sent back to where the defect was born",
    "verification_failed": "found wrong",
    "passes_exhausted": "the stage was passed as often as it may be",
    **REFUSED,
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
        self._rules = rules_of(scenario, trace.type_id)
        self._failures: Counter[int] = Counter()
        self._revisions: Counter[int] = Counter()

    def lines(self) -> Iterator[Line]:
        """The whole story between arrival and end; what branches do side by side is told in order of time."""
        groups: list[tuple[int, list[Line]]] = []
        for line in self._lines():
            if line.tick is None:
                groups[-1][1].append(line)
            else:
                groups.append((line.tick, [line]))
        if any(row.branch for row in self.trace.rows):
            groups.sort(key=lambda group: group[0])
        for _, lines in groups:
            yield from lines

    def _lines(self) -> Iterator[Line]:
        for row, following in zip(self.trace.rows, self.trace.following, strict=True):
            if row.action == "unfinished":
                yield from self._cut_short(row)
            elif row.action != "arrived":
                if row.started != NULL and row.role:
                    yield self._start(row)
                yield from self._end(row, following)
            elif following is not None and following.waited > 0:
                yield Line(row.ended, f"joined the queue of {following.role}{_in_line(following)}")
            if row.is_stage_end:
                self._failures[row.branch] = self._revisions[row.branch] = 0

    def _rules_at(self, row: Row) -> StageRules:
        return self._rules[row.stage]

    def _start(self, row: Row) -> Line:
        what = {"reviewed": " the review", "validated": " the check", "clarified": " the answer"}.get(
            row.action, ""
        )
        what = " the correction" if row.action == "corrected" else what
        where = f"{row.stage}: " if len(self._rules) > 1 else ""
        wait = f" (waited {duration(row.waited)})" if row.waited else " at once"
        return Line(row.started, f"{where}{row.who} started{what}{wait}")

    def _end(self, row: Row, following: Row | None) -> Iterator[Line]:
        told = self._told(row)
        if told:
            yield Line(row.ended, told, row.cost)
            if row.action == "recovered" and row.next != "attempt":
                yield Line(None, self._where(row, following))
            return
        if row.action == "attempted" and row.outcome in FAILURES and row.next == "attempt":
            yield Line(
                row.ended, f"{row.who} {FAILURES[row.outcome]}; {self._next_try(row, following)}", row.cost
            )
            return
        yield Line(row.ended, self._result(row), row.cost)
        if row.action == "executed" and (not row.is_stage_end or row.next in ("deliver", "redeliver")):
            return
        cause = self._cause(row) if row.action != "refused" else ""
        self._failures[row.branch] = 0
        where = self._where(row, following)
        yield Line(None, f"{cause}: {where}" if cause else where)

    def _result(self, row: Row) -> str:
        """What work came to."""
        match row.action:
            case "attempted":
                return f"{row.who} {self._attempted(row)}"
            case "reviewed":
                return f"{row.who} {_verdict(row)}"
            case "validated" | "verified":
                return checked(row)
            case "refused":
                return refused(row)
            case "clarified":
                return f"{row.who} answered"
            case _:
                return f"{row.who} {self._executed(row)}"

    def _told(self, row: Row) -> str:
        """The one sentence of rows that need no more; empty for the others."""
        match row.action:
            case "rerouted":
                return ROUTING_FAULTS.get(row.reason, "was handed out wrongly")
            case "recovered":
                return in_vain(row)
            case "discovered":
                return discovered(row, self.trace)
            case "corrected":
                return f"{row.who} corrected it"
            case "joined":
                return joined(row)
            case _:
                return f"{row.who} {asked(row)}" if row.reason == "clarification" else ""

    def _attempted(self, row: Row) -> str:
        if row.outcome in FAILURES:
            self._failures[row.branch] += row.outcome == "transient"
            return FAILURES[row.outcome]
        if row.outcome == "invalid":
            return "proposed a result that breaks its schema (wrong), so nothing counts as sure"
        if row.theta == NULL:
            return "came to no output"
        sure = confidence_text(row.theta, self._rules_at(row).threshold(row.role))
        if row.theta != row.theta_raw:
            why = "for an error in its logs" if row.theta else "since what came in is wrong"
            sure = f"{confidence_text(row.theta_raw)}, lowered to {sure} {why}"
        again = ", doing again what was done" if row.doubled == 1 else ""
        return f"proposed a result, sure to {sure} ({_truth(row)}, as it turned out){again}"

    def _next_try(self, row: Row, following: Row | None) -> str:
        """What is done about a visible failure, and how long that takes."""
        wait = following.queued - row.ended if following is not None and following.queued != NULL else None
        begin = "waits" if wait is None else f"waits {duration(wait)}"
        if row.reason == "ack_lost":
            return f"in truth it was done, but the acknowledgement was lost; {begin} and does it again"
        if row.reason != "transient_failure":
            then = MOVES.get(row.reason, f"{row.assigned} tries next")
            return f"{then}, {begin}" if wait else then
        self._failures[row.branch] += 1
        role = self.scenario.workers[row.role]
        limit = role.retries.limit + 1 if isinstance(role, AgentRole) else 1
        return f"{begin}, try {self._failures[row.branch] + 1} of {limit}"

    def _cause(self, row: Row) -> str:
        failures = self._failures[row.branch]
        match row.reason:
            case "confident" | "low_confidence":
                threshold = self._rules_at(row).threshold(row.role)
                if threshold == NULL or row.theta == NULL:
                    return "sure enough" if row.reason == "confident" else "not sure enough"
                sign = ">=" if row.reason == "confident" else "<"
                return (
                    f"{confidence_text(row.theta, threshold)} {sign} {confidence_text(threshold, row.theta)}"
                )
            case "high_value":
                return f"value {self.value()} is above the limit{self._limit(row)}"
            case "every_output":
                return "every output is reviewed" if row.next == "review" else self._unchecked(row)
            case "retries_exhausted":
                return f"{failures} {'tries' if failures > 1 else 'try'} used up"
            case "attempts_exhausted":
                return "no attempt is left"
            case "revision_asked":
                self._revisions[row.branch] += 1
                made = self._revisions[row.branch]
                most = self._rules_at(row).most_revisions(row.role)
                return f"revision {made} of {made if most is None else most}"
            case _:
                return CAUSES.get(row.reason, "")

    @staticmethod
    def _unchecked(row: Row) -> str:
        """Why an output goes on that no route asks about."""
        return "" if row.next in ("validate", "verify") else "nobody checks"

    def _cut_short(self, row: Row) -> Iterator[Line]:
        if row.reason == "working":
            yield self._start(row)
            yield Line(row.ended, f"{row.who} was still at work when the run ended", row.cost)
        elif row.reason == "waiting":
            text = f"was still waiting for {row.role} when the run ended{_in_line(row)}"
            yield Line(row.ended, text, row.cost)
        elif row.reason == "in_transit":
            yield Line(row.ended, f"was still on its way to {row.stage} when the run ended", row.cost)
        else:
            yield Line(row.ended, "was still waiting for its next try when the run ended", row.cost)

    def _limit(self, row: Row) -> str:
        """The value limit of the stage, when the row is of one that has it."""
        limit = self._rules_at(row).value_limit(row.role)
        if limit is None:
            return ""
        digits = self.scenario.minor_digits
        return f" of {value_text(minor_units(limit, digits), self.scenario.currency, digits)}"

    def value(self) -> str:
        """The value of the task with its currency."""
        return value_text(self.trace.rows[0].value, self.scenario.currency, self.scenario.minor_digits)

    def _executed(self, row: Row) -> str:
        again = "did it again and " if row.rework else ""
        helped = f"with help of {row.model} " if row.model else ""
        done = "delivered" if row.next in ("deliver", "redeliver") else "finished"
        return f"{again}{helped}{done}, {_truth(row)}"

    def _where(self, row: Row, following: Row | None) -> str:
        """Where the task goes after a row."""
        place = _in_line(following) if following is not None else ""
        match row.next:
            case "deliver":
                return "delivered"
            case "redeliver":
                return "delivered again"
            case "fail":
                return "the task failed"
            case "give_up":
                return "given up, what was delivered stays"
            case "branch":
                return f"splits into branches: {', '.join(self._branches(row))}"
            case "join":
                return "this branch is done"
            case _ if row.is_stage_end and following is not None:
                return f"on to stage {following.stage}{place}"
            case "review":
                return f"to the quarantine queue{place}"
            case "validate":
                return f"to be validated{place}"
            case "verify":
                return "to a look at the ground truth"
            case "execute" if row.action == "reviewed":
                return f"to {row.assigned}, to be done again{place}"
            case "execute":
                return f"to the exception queue{place}"
            case _:
                return f"{'to' if row.action == 'attempted' else 'back to'} {row.assigned}{place}"

    def _branches(self, row: Row) -> tuple[str, ...]:
        written = self.scenario.tasks[self.trace.type_id].stages.get(row.stage)
        return written.parallel if written is not None else ()


def _truth(row: Row) -> str:
    return "right" if row.is_right == 1 else "wrong"


def _verdict(row: Row) -> str:
    is_mistaken = (row.outcome == "approved") != (row.is_right == 1)
    return f"{VERDICTS[row.outcome]}, {'though' if is_mistaken else 'and'} it was {_truth(row)}"


def _in_line(row: Row) -> str:
    return f", {ordinal(row.ahead + 1)} in line" if row.waited > 0 else ""
