"""Tables of one run's pools over time: queue, shifts, use by worker and hour, workload against capacity."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from analysis.frames.rows import columns_of, local_times
from analysis.logs import Blocks
from analysis.metrics.hours import HOURS, HourSums, LocalClock
from sim.log.columns import NULL, Integers
from sim.quantities import HOUR
from sim.scenario import Scenario

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def queue(
    log: Blocks, scenario: Scenario, role: str, begin: int = 0, end: int | None = None, steps: int = 400
) -> pd.DataFrame:
    """One row per step of time: the queue of a role between two ticks (all of the run up to the horizon).

    `time` is the local begin of the step; `length` the mean number of tasks that wait in it; `longest` the most at
    once; `oldest` the seconds that the one waiting longest has waited at the end of the step, 0 when nobody waits;
    `slots` what the role can work on at once at the begin. Raises KeyError for an unknown role.
    """
    _known(scenario, role)
    rows = columns_of(log, "role", "queued", "started", "ended", "action", "capacity", "tick")
    waits = (rows["role"] == role) & (rows["queued"] != NULL)
    joined = rows["queued"][waits]
    left = np.where(rows["started"] == NULL, rows["ended"], rows["started"])[waits]
    edges = np.linspace(begin, scenario.horizon if end is None else end, steps + 1).astype(np.int64)
    ticks, length = _lengths(joined, left)
    return pd.DataFrame(
        {
            "time": local_times(edges[:-1], scenario),
            "length": np.diff(_integral(joined, left, edges)) / np.maximum(np.diff(edges), 1),
            "longest": _most(ticks, length, edges),
            "oldest": _oldest(joined, left, edges[1:]) / 1e6,
            "slots": _slots_at(rows, role, edges[:-1]),
        }
    )


def shifts(log: Blocks, scenario: Scenario, role: str) -> pd.DataFrame:
    """One row per stretch of time in which a role can work: `begin`, `end` (local times), `slots`."""
    _known(scenario, role)
    rows = columns_of(log, "role", "action", "capacity", "tick")
    is_change = (rows["role"] == role) & (rows["action"] == "capacity_changed")
    begins, slots = rows["tick"][is_change], rows["capacity"][is_change]
    ends = np.append(begins[1:], scenario.horizon)
    kept = (slots > 0) & (begins < scenario.horizon)
    return pd.DataFrame(
        {
            "begin": local_times(begins[kept], scenario),
            "end": local_times(np.minimum(ends[kept], scenario.horizon), scenario),
            "slots": slots[kept],
        }
    )


def _known(scenario: Scenario, role: str) -> None:
    if role not in scenario.workers:
        raise KeyError(f"no role {role!r}; there is {', '.join(scenario.workers)}")


def _lengths(joined: Integers, left: Integers) -> tuple[Integers, Integers]:
    """When the length of a queue changes, and what it is then; at one tick some leave before others join."""
    ticks = np.concatenate([left, joined])
    changes = np.concatenate([np.full(len(left), -1), np.full(len(joined), 1)])
    order = np.argsort(ticks, kind="stable")
    return ticks[order], np.cumsum(changes[order])


def _integral(joined: Integers, left: Integers, edges: Integers) -> Any:
    """Tasks waiting, integrated from tick 0 until each edge, in task ticks."""
    found = np.zeros(len(edges))
    for ticks, sign in ((joined, 1), (left, -1)):
        ordered = np.sort(ticks)
        sums = np.concatenate([[0.0], np.cumsum(ordered.astype(float))])
        count = np.searchsorted(ordered, edges, side="right")
        found += sign * (count * edges.astype(float) - sums[count])
    return found


def _most(ticks: Integers, length: Integers, edges: Integers) -> Integers:
    """The largest length within each step, what it begins with included."""
    before = np.concatenate([[0], length])
    firsts = np.searchsorted(ticks, edges, side="right")
    return np.array([before[first : last + 1].max() for first, last in pairwise(firsts)], dtype=np.int64)


def _oldest(joined: Integers, left: Integers, edges: Integers) -> Integers:
    """Ticks that the task which waits longest has waited at each edge."""
    order = np.argsort(joined, kind="stable")
    joined, left = joined[order], left[order]
    found = []
    for edge in edges.tolist():
        waiting = np.flatnonzero(left[: np.searchsorted(joined, edge, side="right")] > edge)
        found.append(edge - int(joined[waiting[0]]) if len(waiting) else 0)
    return np.array(found, dtype=np.int64)


def _slots_at(rows: dict[str, Any], role: str, edges: Integers) -> Integers:
    is_change = (rows["role"] == role) & (rows["action"] == "capacity_changed")
    ticks, slots = rows["tick"][is_change], np.concatenate([[0], rows["capacity"][is_change]])
    found: Integers = slots[np.searchsorted(ticks, edges, side="right")]
    return found


def utilisation(log: Blocks, scenario: Scenario) -> pd.DataFrame:
    """One row per position and hour of the week: `role`, `position`, `day`, `hour`, `busy`, `on_shift`, `present`,
    `utilisation`.

    Over the measured window, on the scenario's clock: `busy` are hours of work, `on_shift` hours on shift times tasks
    at once, `present` the same or the hours of work where those are more (overtime); `utilisation` is `busy` over
    `present`, NaN where the position is never there.
    """
    rows = columns_of(log, "role", "position", "started", "ended", "action", "capacity", "tick")
    clock = LocalClock(scenario)
    holders = [
        (role, number)
        for role in scenario.roles_at_work()
        for number in range(1, scenario.workers[role].positions + 1)
    ]
    places = {holder: place for place, holder in enumerate(holders)}
    busy = HourSums(clock, len(holders))
    worked = (rows["position"] != NULL) & (rows["started"] != NULL)
    who = [
        places[holder] for holder in zip(rows["role"][worked], rows["position"][worked].tolist(), strict=True)
    ]
    begins, ends = (
        np.clip(rows[name][worked], scenario.warm_up, scenario.horizon) for name in ("started", "ended")
    )
    busy.add(np.array(who, dtype=np.int64), begins, ends)
    present = _present(rows, scenario, clock)
    found = [
        {"role": role, "position": number, "day": DAYS[hour // 24], "hour": hour % 24, "busy": ticks / HOUR,
         "on_shift": present[role][hour] / scenario.workers[role].positions / HOUR}
        for (role, number), hours in zip(holders, busy.totals(), strict=True)
        for hour, ticks in enumerate(hours)
    ]  # fmt: skip
    frame = pd.DataFrame(found)
    frame["present"] = frame[["busy", "on_shift"]].max(axis=1)
    frame["utilisation"] = frame["busy"] / frame["present"].where(frame["present"] > 0)
    return frame


def workload(log: Blocks, scenario: Scenario, role: str) -> pd.DataFrame:
    """One row per hour of the week: `day`, `hour`, `workload`, `capacity`: mean tasks at once.

    Workload is the work that joined the role's queue in that hour, however late it was done; capacity the slots on
    shift. Both in slots, over the measured window. Raises KeyError for an unknown role.
    """
    _known(scenario, role)
    rows = columns_of(log, "role", "position", "queued", "started", "ended", "action", "capacity", "tick")
    clock = LocalClock(scenario)
    inside = (rows["queued"] >= scenario.warm_up) & (rows["queued"] < scenario.horizon)
    asked = (rows["role"] == role) & (rows["started"] != NULL) & inside
    joined, work = rows["queued"][asked], (rows["ended"] - rows["started"])[asked]
    place = np.searchsorted(clock.starts, joined, side="right") - 1
    hour = (joined + clock.shifts[place]) // HOUR % HOURS
    asked_ticks = np.bincount(hour, weights=work.astype(float), minlength=HOURS)
    whole = HourSums(clock, 1)
    whole.add(np.array([0]), np.array([scenario.warm_up]), np.array([scenario.horizon]))
    length = np.maximum(np.array(whole.totals()[0], dtype=float), 1.0)
    capacity = np.array(_present(rows, scenario, clock)[role], dtype=float)
    return pd.DataFrame(
        {
            "day": [DAYS[number // 24] for number in range(HOURS)],
            "hour": [number % 24 for number in range(HOURS)],
            "workload": asked_ticks / length,
            "capacity": capacity / length,
        }
    )


def _present(rows: dict[str, Any], scenario: Scenario, clock: LocalClock) -> dict[str, list[int]]:
    """Slots on shift of each role, integrated over the measured window, by hour of the week, in ticks."""
    found = {}
    for role in scenario.workers:
        is_change = (rows["role"] == role) & (rows["action"] == "capacity_changed")
        begins, slots = rows["tick"][is_change], rows["capacity"][is_change]
        ends = np.append(begins[1:], scenario.horizon) if len(begins) else begins
        sums = HourSums(clock, 1, is_weighted=True)
        since, until = (np.clip(ticks, scenario.warm_up, scenario.horizon) for ticks in (begins, ends))
        sums.add(np.zeros(len(begins), dtype=np.int64), since, until, slots.astype(object))
        found[role] = sums.totals()[0]
    return found
