"""An oracle for metrics: what a log comes to, told row by row from its events, as plainly as possible."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sim.log import Log
from sim.log.columns import COST_LINES
from sim.scenario import Scenario
from sim.workers import HumanRole

ESCALATION = {
    "low_confidence": "confidence",
    "high_value": "value",
    "retries_exhausted": "failure",
    "deterministic_failure": "failure",
    "judgment_failure": "failure",
    "governance_failure": "failure",
    "attempts_exhausted": "failure",
    "rejected": "rejected",
    "revisions_exhausted": "rejected",
}
WORK = {"attempted": "attempt", "executed": "execute", "reviewed": "review"}


@dataclass
class Expected:
    """Counts and sums by name: of task types, of roles, of positions, of the window."""

    types: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    roles: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    positions: dict[tuple[str, int], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    window: Counter[str] = field(default_factory=Counter)
    cycles: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def rows_of(log: Log) -> list[dict[str, Any]]:
    """The events as mappings of Python's integers and texts, None for no value."""
    frame = log.events()
    columns = {}
    for name in frame.columns:
        values = [None if value is None or value != value else value for value in frame[name].astype(object)]
        columns[name] = [int(value) if isinstance(value, float) else value for value in values]
    for line in COST_LINES:
        columns[line] = [amount or 0 for amount in columns[line]]  # null where a mechanism is off
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def expected(scenario: Scenario, log: Log) -> Expected:
    """What the log should come to."""
    found, rows = Expected(), rows_of(log)
    traces: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["type"] is not None:
            traces[row["trace_id"]].append(row)
    for trace in traces.values():
        if scenario.warm_up <= trace[0]["tick"] < scenario.horizon:
            _tell(scenario, found, trace)
        first, last = (_inside(scenario, trace[place]["tick"]) for place in (0, -1))
        found.window["task_ticks"] += last - first
    for row in rows:
        _book(scenario, found, row)
    _tell_capacity(scenario, found, rows)
    return found


def _inside(scenario: Scenario, tick: int) -> int:
    return min(max(tick, scenario.warm_up), scenario.horizon)


def _is_person(scenario: Scenario, role: str | None) -> bool:
    return role is not None and isinstance(scenario.workers[role], HumanRole)


def _tell(scenario: Scenario, found: Expected, trace: list[dict[str, Any]]) -> None:
    """The story of one cohort task."""
    of_type, arrived, last = found.types[trace[0]["type"]], trace[0]["tick"], trace[-1]
    of_type["tasks"] += 1
    maker: tuple[str, int] | None = None
    following, sent_for = "", ""
    for row in trace:
        activity = WORK.get(row["action"], following)
        if activity == "execute" and sent_for == "rejected":
            activity = "rework"
        _tell_row(scenario, found, row, activity, maker)
        if row["action"] in ("attempted", "executed"):
            maker = row["role"], row["position"]
        if row["action"] in ("attempted", "reviewed") and row["next"] == "execute":
            if not sent_for:
                of_type["escalated " + ESCALATION[row["reason"]]] += 1
            sent_for = ESCALATION[row["reason"]]
        following = row["next"] or following
    time = last["tick"] - arrived
    of_type["cycle"] += time
    fate = {"deliver": "delivered", "fail": "failed"}.get(last["next"], "unfinished")
    assert fate != "unfinished" or last["action"] == "unfinished"
    of_type[fate] += 1
    if fate != "unfinished":
        found.cycles[trace[0]["type"]].append(time)
    if fate == "delivered":
        assert maker is not None
        _tell_delivery(scenario, found, last, arrived, maker)


def _tell_row(
    scenario: Scenario, found: Expected, row: dict[str, Any], activity: str, maker: tuple[str, int] | None
) -> None:
    of_type, role, position = found.types[row["type"]], row["role"], (row["role"], row["position"])
    of_type["action " + row["action"]] += 1
    of_type["reason " + row["reason"]] += 1
    if row["outcome"]:
        of_type["outcome " + row["outcome"]] += 1
    for line in COST_LINES:
        of_type["cost " + line] += row[line]
    if row["queued"] is not None:
        wait = (row["ended"] if row["started"] is None else row["started"]) - row["queued"]
        of_type["waited"] += wait
        found.roles[role]["waits " + activity] += 1
        found.roles[role]["waited " + activity] += wait
        found.roles[role]["longest " + activity] = max(found.roles[role]["longest " + activity], wait)
    if row["started"] is not None:
        work = row["ended"] - row["started"]
        found.roles[role]["runs " + activity] += 1
        found.roles[role]["work " + activity] += work
        if _is_person(scenario, role):
            of_type["people " + activity] += work
        counts = found.positions[position]
        counts["starts"] += 1
        counts["work"] += work
        counts["finished"] += row["action"] != "unfinished"
        for line in COST_LINES:
            counts["cost " + line] += row[line]
        if row["action"] == "reviewed":
            counts["good"] += (row["outcome"] == "approved") == bool(row["is_right"])
            output = "right" if row["is_right"] else "wrong"
            found.roles[role][f"verdict {output} {row['outcome']}"] += 1
        elif row["is_right"] is not None:
            counts["good"] += row["is_right"]
    if maker is not None and not _is_person(scenario, maker[0]):
        people = ("human_execution", "human_review", "rework")
        found.positions[maker]["correction"] += sum(row[line] for line in people)


def _tell_delivery(
    scenario: Scenario, found: Expected, last: dict[str, Any], arrived: int, maker: tuple[str, int]
) -> None:
    of_type, sla = found.types[last["type"]], scenario.tasks[last["type"]].sla
    if last["is_right"]:
        of_type["right"] += 1
    else:
        of_type["wrong by " + ("person" if _is_person(scenario, maker[0]) else "agent")] += 1
        found.positions[maker]["wrong"] += 1
    if sla is not None:
        calendar = scenario.calendar(sla.calendar)
        of_type["within sla"] += calendar.open_between(arrived, last["tick"]) <= sla.ticks


def _book(scenario: Scenario, found: Expected, row: dict[str, Any]) -> None:
    """What a row adds to the window, whatever its task."""
    if scenario.warm_up <= row["tick"] < scenario.horizon:
        for line in COST_LINES:
            found.window["cost " + line] += row[line]
        found.window["arrived"] += row["action"] == "arrived"
        found.window["delivered"] += row["next"] == "deliver"
        found.window["right"] += row["next"] == "deliver" and row["is_right"] == 1
        found.window["failed"] += row["next"] == "fail"
    if row["queued"] is not None:
        until = row["ended"] if row["started"] is None else row["started"]
        found.roles[row["role"]]["queue"] += _inside(scenario, until) - _inside(scenario, row["queued"])
    if row["started"] is not None:
        begin, end = _inside(scenario, row["started"]), _inside(scenario, row["ended"])
        found.roles[row["role"]]["busy"] += end - begin
        found.positions[row["role"], row["position"]]["busy"] += end - begin
        role = scenario.workers[row["role"]]
        calendar = scenario.calendar(role.calendar if isinstance(role, HumanRole) else None)
        found.roles[row["role"]]["overtime"] += end - begin - calendar.open_between(begin, end)


def _tell_capacity(scenario: Scenario, found: Expected, rows: list[dict[str, Any]]) -> None:
    """Slots between one change and the next, and the time when any person was there."""
    slots: Counter[str] = Counter()
    before = 0
    changes = [
        (row["tick"], row["role"], row["capacity"]) for row in rows if row["action"] == "capacity_changed"
    ]
    stops = [row["tick"] for row in rows if row["action"] == "stopped"]
    for tick, role, capacity in [*changes, (min([scenario.horizon, *stops]), None, 0)]:
        span = max(_inside(scenario, tick) - _inside(scenario, before), 0)
        for name, count in slots.items():
            found.roles[name]["available"] += count * span
        if any(count for name, count in slots.items() if _is_person(scenario, name)):
            found.window["staffed"] += span
        before = max(before, tick)
        if role is not None:
            slots[role] = capacity
