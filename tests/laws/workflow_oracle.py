"""An oracle for workflows: what the rows of a log come to by stage, told token by token, as plainly as possible."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sim.log.columns import COST_LINES
from sim.scenario import Scenario
from sim.workers import HumanRole

Row = dict[str, Any]
VISIBLE = ("transient", "deterministic", "judgment", "governance")
CHECK_OF_REASON = {
    "low_confidence": "confidence", "self_retry": "confidence", "handed_to_peer": "confidence",
    "next_tier": "confidence", "high_value": "value", "premature": "premature", "upstream_defect": "upstream",
}  # fmt: skip
BETWEEN = ("arrived", "joined", "discovered", "corrected")
GUARDS = ("hop_limit", "trace_budget", "period_budget", "circuit_open", "kill_switch")


@dataclass
class Told:
    """Counts and sums by name, of stages and of the whole; ways of defects."""

    stages: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    whole: Counter[str] = field(default_factory=Counter)
    ways: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    positions: dict[tuple[str, int], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failed_reasons: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class Pass:
    """One pass of a token through a stage, so far."""

    inherited: int | None = None
    own_right: int | None = None
    maker: tuple[str, int] | None = None
    has_lost: bool = False
    has_escalated: bool = False


def is_person(scenario: Scenario, role: str | None) -> bool:
    """Whether a role is done by people."""
    return role is not None and isinstance(scenario.workers[role], HumanRole)


def traces_of(rows: list[Row]) -> dict[str, list[Row]]:
    """The rows of each task, in order."""
    traces: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["type"] is not None:
            traces[row["trace_id"]].append(row)
    return traces


def told(scenario: Scenario, rows: list[Row]) -> Told:
    """What the rows of the cohort tasks come to."""
    found = Told()
    for trace in traces_of(rows).values():
        if scenario.warm_up <= trace[0]["tick"] < scenario.horizon:
            _Teller(scenario, found).tell(trace)
    return found


class _Teller:
    """Tells one task."""

    def __init__(self, scenario: Scenario, found: Told) -> None:
        self.scenario, self.found = scenario, found
        self.passes: dict[int, Pass] = {}
        self.authors: dict[str, tuple[str, int]] = {}
        self.author: tuple[str, int] | None = None
        self.is_defective = self.has_ended = False

    def tell(self, trace: list[Row]) -> None:
        whole = self.found.whole
        whole["tasks"] += 1
        for row in trace:
            self._row(row)
        whole["defective"] += self.is_defective
        ends = [row for row in trace if row["next"] in ("deliver", "fail")]
        whole["unfinished"] += not ends
        whole["hops"] += sum(row["hop"] or 0 for row in ends)
        whole["most_hops"] = max(whole["most_hops"], *(row["hop"] or 0 for row in trace))
        if ends and ends[0]["next"] == "fail":
            whole["sunk"] += sum(row[line] for row in trace for line in COST_LINES)
            self.found.failed_reasons[ends[0]["reason"]] += 1

    def _row(self, row: Row) -> None:
        stage, whole = self.found.stages[row["stage"]], self.found.whole
        now = self.passes.setdefault(row["branch"] or 0, Pass())
        if row["inherited"] is not None:
            now.inherited = row["inherited"]
        if row["action"] in ("attempted", "executed"):
            now.maker = row["role"], row["position"]
            if row["own_right"] is not None:
                now.own_right = row["own_right"]
            if row["own_right"] == 0:
                self.authors[row["stage"]] = now.maker
        self._defects(row, now)
        self._failures(row, now)
        for line in COST_LINES:
            stage["cost " + line] += row[line]
            whole["repeat_cost"] += row[line] if (row["pass"] or 0) > 1 else 0
        if row["queued"] is not None and row["role"] is not None:
            stage["waited"] += (row["ended"] if row["started"] is None else row["started"]) - row["queued"]
        if (
            row["position"] is not None
            and row["started"] is not None
            and is_person(self.scenario, row["role"])
        ):
            stage["people"] += row["ended"] - row["started"]
        if row["agent_failed"] is not None:
            self.is_defective |= row["agent_failed"] == 1
            if now.inherited != 1:
                stage["agent_passes"] += 1
                stage["agent_failures"] += row["agent_failed"]
        if row["action"] == "unfinished" and row["next"] not in ("correct", "join"):
            stage["cut"] += 1
        if row["stage_end"] == 1 and row["action"] not in BETWEEN:
            self._end_of_pass(row, now)
        self._fate(row)
        if row["stage_end"] == 1 or row["action"] in BETWEEN:
            self.passes[row["branch"] or 0] = Pass()

    def _end_of_pass(self, row: Row, now: Pass) -> None:
        stage = self.found.stages[row["stage"]]
        stage["passes"] += 1
        stage["repeats"] += (row["pass"] or 0) > 1
        is_tainted = now.inherited == 1
        if row["is_right"] == 0 and row["born"] == row["stage"] and not is_tainted:
            by_person = now.maker is not None and is_person(self.scenario, now.maker[0])
            stage["born_by_person" if by_person else "born_by_agent"] += 1
        stage["inherited"] += is_tainted
        stage["amplified"] += is_tainted and now.own_right == 0
        stage["repaired"] += is_tainted and row["is_right"] == 1

    def _defects(self, row: Row, now: Pass) -> None:
        """Catches: wrong outputs that a check sends elsewhere."""
        check = None
        if row["action"] == "attempted":
            check = CHECK_OF_REASON.get(row["reason"])
            if (
                check is not None
                and row["is_right"] != 0
                and not (check == "upstream" and now.inherited == 1)
            ):
                check = None
        elif row["is_right"] == 0:
            check = {
                ("validated", "flagged"): "validator", ("verified", "flagged"): "verification",
                ("reviewed", "revised"): "reviewer", ("reviewed", "rejected"): "reviewer",
            }.get((row["action"], row["outcome"]))  # fmt: skip
            check = "client" if row["action"] == "discovered" else check
        if check is not None:
            self.found.ways[
                row["born"] or row["stage"], check, "" if check == "client" else row["stage"]
            ] += 1
            if check != "client":
                self.found.stages[row["stage"]]["caught " + check] += 1

    def _failures(self, row: Row, now: Pass) -> None:
        stage, whole = self.found.stages[row["stage"]], self.found.whole
        if row["action"] == "attempted":
            stage["attempts"] += 1
            if row["outcome"] in VISIBLE:
                stage["failed " + row["outcome"]] += 1
                stage["retries"] += row["next"] == "attempt"
                self.found.failures[row["outcome"], row["reason"]] += 1
        if row["doubled"] == 1:
            whole["double_sends" if now.has_lost else "double_work"] += 1
        now.has_lost |= row["reason"] == "ack_lost"
        if row["action"] == "validated":
            state = "right" if row["is_right"] == 1 else "wrong"
            whole[f"{row['outcome']}_{state}"] += 1
        whole["refused"] += row["reason"] in GUARDS

    def _fate(self, row: Row) -> None:
        whole, is_wrong = self.found.whole, row["is_right"] == 0
        if row["next"] in ("deliver", "redeliver") and is_wrong:
            self.author = self.authors.get(row["born"]) or self.passes[row["branch"] or 0].maker
            self.authors = {}
        if row["next"] == "deliver":
            whole["delivered"] += 1
            whole["wrong"] += is_wrong
            if is_wrong:
                self.found.ways[row["born"], "delivered", row["stage"]] += 1
                assert self.author is not None
                self.found.positions[self.author]["wrong"] += 1
        whole["failed"] += row["next"] == "fail"
        whole["corrected"] += not is_wrong and (row["action"] == "corrected" or row["next"] == "redeliver")
        whole["damage"] += row["damage"] or 0
        if row["action"] == "discovered":
            assert self.author is not None
            self.found.positions[self.author]["found"] += 1
        if row["action"] == "corrected":
            assert self.author is not None
            self.found.positions[self.author]["found_cost"] += row["correction"]
