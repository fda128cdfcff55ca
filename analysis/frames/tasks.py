"""Tables of one run's tasks: cycle times, calibration of confidence, the ledger over time, one trace."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.frames.rows import columns_of, local_times
from analysis.logs import Blocks
from sim.log.columns import COST_LINES, NULL
from sim.quantities import BILLION
from sim.scenario import Scenario

ENDS = ("deliver", "fail")
BINS = 10
"""Bands of stated confidence, of equal width."""


def cycle_times(log: Blocks, scenario: Scenario) -> pd.DataFrame:
    """One row per cohort task: `type`, `task`, `arrived` (local time), `seconds` from arrival to end, `end`.

    `end` is `delivered`, `failed` or `unfinished`; an unfinished task has its time so far, a lower bound.
    """
    rows = columns_of(log, "type", "task", "tick", "action", "next")
    arrived = rows["action"] == "arrived"
    begins = {
        key: tick
        for *key_parts, tick in zip(
            rows["type"][arrived], rows["task"][arrived], rows["tick"][arrived], strict=True
        )
        for key in [tuple(key_parts)]
        if scenario.warm_up <= tick < scenario.horizon
    }
    ends: dict[tuple[str, int], tuple[int, str]] = {}
    is_end = np.isin(rows["next"].astype(str), ENDS) | (rows["action"] == "unfinished")
    places = np.flatnonzero(is_end)
    for place in places.tolist():
        key = rows["type"][place], rows["task"][place]
        if key in begins and (key not in ends or ends[key][1] == "unfinished"):
            is_open = rows["action"][place] == "unfinished"
            told = (
                "unfinished" if is_open else {"deliver": "delivered", "fail": "failed"}[rows["next"][place]]
            )
            ends[key] = (int(rows["tick"][place]), told)
    found = [(key, tick, *ends[key]) for key, tick in begins.items() if key in ends]
    return pd.DataFrame(
        {
            "type": [key[0] for key, *_ in found],
            "task": [int(key[1]) for key, *_ in found],
            "arrived": local_times(np.array([begin for _, begin, *_ in found], dtype=np.int64), scenario),
            "seconds": [(end - begin) / 1e6 for _, begin, end, _ in found],
            "end": [told for *_, told in found],
        }
    )


def confidences(log: Blocks, scenario: Scenario, role: str | None = None) -> pd.DataFrame:
    """One row per first attempt that stated a confidence: `type`, `stage`, `role`, `stated`, `right` (0 or 1).

    Of cohort tasks; of one role, or of all agents. `right` is the attempt's own work, before schema errors where those
    are on: what stated confidence is judged on.
    """
    wanted = (
        "type",
        "task",
        "stage",
        "role",
        "action",
        "attempt",
        "theta_raw",
        "is_right",
        "own_right",
        "tick",
        "pass",
    )
    rows = columns_of(log, *wanted)
    cohort = _cohort(rows, scenario)
    is_own = rows["own_right"] != NULL
    right = np.where(is_own, rows["own_right"], rows["is_right"])
    kept = (
        cohort
        & (rows["action"] == "attempted")
        & (rows["attempt"] == 1)
        & (rows["theta_raw"] != NULL)
        & (right != NULL)
    )
    if role is not None:
        kept &= rows["role"] == role
    return pd.DataFrame(
        {
            "type": rows["type"][kept],
            "stage": rows["stage"][kept],
            "role": rows["role"][kept],
            "stated": rows["theta_raw"][kept] / BILLION,
            "right": right[kept],
        }
    )


def _cohort(rows: Mapping[str, np.ndarray], scenario: Scenario) -> np.ndarray:
    """Which rows are of tasks that arrived in the measured window."""
    arrived = rows["action"] == "arrived"
    inside = arrived & (rows["tick"] >= scenario.warm_up) & (rows["tick"] < scenario.horizon)
    members = set(zip(rows["type"][inside], rows["task"][inside].tolist(), strict=True))
    return np.array(
        [key in members for key in zip(rows["type"], rows["task"].tolist(), strict=True)], dtype=bool
    )


def calibration(log: Blocks, scenario: Scenario, role: str | None = None, bins: int = BINS) -> pd.DataFrame:
    """One row per band of stated confidence: `low`, `high`, `count`, `stated` and `right` (means), `right_low`,
    `right_high` (Wilson's 95 % interval, 1927).

    Bands are of equal width; an empty one is left out. `attrs` holds `ece`, the expected calibration error: the mean
    distance of the two, weighted by counts (Naeini, Cooper and Hauskrecht 2015); and `auroc`, the probability that a
    right attempt states more than a wrong one (ties count half), NaN where only one kind occurs.
    """
    rows = confidences(log, scenario, role)
    band = np.minimum((rows["stated"] * bins).astype(int), bins - 1)
    found = []
    for number, part in rows.groupby(band, sort=True):
        share, count = float(part["right"].mean()), len(part)
        low, high = _wilson(share, count)
        found.append(
            {"low": int(str(number)) / bins, "high": (int(str(number)) + 1) / bins, "count": count,
             "stated": float(part["stated"].mean()), "right": share, "right_low": low, "right_high": high}
        )  # fmt: skip
    names = ["low", "high", "count", "stated", "right", "right_low", "right_high"]
    frame = pd.DataFrame(found, columns=names)
    distance = (frame["stated"] - frame["right"]).abs() * frame["count"]
    frame.attrs["ece"] = float(distance.sum() / len(rows)) if len(rows) else float("nan")
    frame.attrs["auroc"] = _auroc(rows["stated"].to_numpy(), rows["right"].to_numpy())
    return frame


def _wilson(share: float, count: int, normal: float = 1.959963984540054) -> tuple[float, float]:
    square = normal * normal
    centre = (share + square / (2 * count)) / (1 + square / count)
    reach = (
        normal
        * float(np.sqrt(share * (1 - share) / count + square / (4 * count * count)))
        / (1 + square / count)
    )
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def _auroc(stated: np.ndarray, right: np.ndarray) -> float:
    """The area under the receiver's curve, from the ranks of what was stated (Mann and Whitney 1947)."""
    positive = int(np.count_nonzero(right == 1))
    negative = len(right) - positive
    if not positive or not negative:
        return float("nan")
    ranks = pd.Series(stated).rank(method="average")
    above = float(ranks[right == 1].sum()) - positive * (positive + 1) / 2
    return above / (positive * negative)


def ledger(log: Blocks, scenario: Scenario, steps: int = 300) -> pd.DataFrame:
    """One row per step of time and line of cost: `time` (its local end), `line`, `total` booked by then, in currency.

    From the start to the horizon, for all tasks; lines that stay 0 are left out.
    """
    rows = columns_of(log, "tick", *COST_LINES)
    edges = np.linspace(0, scenario.horizon, steps + 1).astype(np.int64)[1:]
    times, found = local_times(edges, scenario), []
    places = np.searchsorted(rows["tick"], edges, side="right")
    for line in COST_LINES:
        booked = np.concatenate([[0], np.cumsum(np.maximum(rows[line], 0))])
        if booked[-1]:
            name = line.replace("_", " ")
            found.append(pd.DataFrame({"time": times, "line": name, "total": booked[places] / BILLION}))
    names = ["time", "line", "total"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=names)


def trace(log: Blocks, scenario: Scenario, task: str) -> pd.DataFrame:
    """One row per stay of one task: `who`, `doing` (waiting or the action), `begin`, `end` (local times), `outcome`,
    `stage`, `cost`.

    `task` is a trace id such as `invoice-4711`. Raises KeyError when the log has none of it.
    """
    type_id, _, number = task.rpartition("-")
    wanted = (
        "type",
        "task",
        "stage",
        "role",
        "position",
        "action",
        "outcome",
        "queued",
        "started",
        "ended",
        *COST_LINES,
    )
    rows = columns_of(log, *wanted)
    mine = np.flatnonzero(
        (rows["type"] == type_id) & (rows["task"] == (int(number) if number.isdecimal() else -2))
    )
    if not len(mine):
        raise KeyError(f"the log has no task {task!r}")
    found = []
    for place in mine.tolist():
        role, position = rows["role"][place], int(rows["position"][place])
        queued, started, ended = (int(rows[name][place]) for name in ("queued", "started", "ended"))
        cost = sum(max(int(rows[line][place]), 0) for line in COST_LINES) / BILLION
        about = {"stage": rows["stage"][place], "outcome": rows["outcome"][place]}
        who = f"{role} {position}" if role is not None and position != NULL else (role or "")
        if queued != NULL and (ended if started == NULL else started) > queued:
            left = ended if started == NULL else started
            found.append({"who": who, "doing": "waiting", "begin": queued, "end": left, **about, "cost": 0.0})
        if started != NULL and role is not None:
            doing = rows["action"][place]
            found.append({"who": who, "doing": doing, "begin": started, "end": ended, **about, "cost": cost})
    frame = pd.DataFrame(found, columns=["who", "doing", "begin", "end", "stage", "outcome", "cost"])
    for name in ("begin", "end"):
        frame[name] = local_times(frame[name].to_numpy(dtype=np.int64), scenario)
    return frame
