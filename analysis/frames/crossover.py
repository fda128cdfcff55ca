"""Tables of a break-even: the difference of two variants along a path, and where it changes its sign."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.experiments.crossover import Breakeven
from analysis.experiments.results import estimate_of
from sim.quantities import SECOND
from sim.uncertainty import DURATION

POINT = ("at", "one", "other", "value", "low", "high", "better", "is_sure", "unit")
CROSSING = ("at", "low", "high", "before", "after")


def breakeven(found: Breakeven) -> pd.DataFrame:
    """One row per value of the path: `at`, the metric of the first variant (`one`) and of the second (`other`), their
    paired difference `value` with `low` and `high`, `better` (a name; empty where neither is), `is_sure`, `unit`.

    `at` is in seconds for a duration. `attrs` holds `path`, its `path_unit` (`s` for a duration, `h` for an amount per
    hour, empty for a number), its `path_currency` (empty where it is no money), `between` (both names), `metric`,
    whether less of it is better (`is_least_best`), and `is_whole`: whether the path takes whole numbers only. NaN for
    what is undefined.
    """
    rows = []
    for point in found.points:
        one, other = (estimate_of(found.metric, part.tallies).value for part in point.pair())
        gap = found.difference(point)
        rows.append({
            "at": _place(found, point.at), "one": _number(one), "other": _number(other),
            "value": _number(gap.value), "low": _number(gap.low), "high": _number(gap.high),
            "better": found.better(1 if gap.value > 0 else -1) if gap.value else "",
            "is_sure": gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0),
            "unit": found.metric.unit_in(found.scenario.currency),
        })  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(POINT))
    frame.attrs |= _about(found)
    return frame


def crossings(found: Breakeven) -> pd.DataFrame:
    """One row per break-even: `at`, its interval `low` to `high`, the better variant `before` and `after` it.

    NaN for an end of the interval that is beyond the values looked at. No row where the better variant never changes.
    Units and `attrs` are those of `breakeven`.
    """
    rows = [
        {
            "at": _place(found, part.at),
            "low": _number(None if part.low is None else _place(found, part.low)),
            "high": _number(None if part.high is None else _place(found, part.high)),
            "before": found.better(part.sign_before),
            "after": found.better(-part.sign_before),
        }
        for part in found.crossings
    ]
    frame = pd.DataFrame(rows, columns=list(CROSSING))
    frame.attrs |= _about(found)
    return frame


def _about(found: Breakeven) -> dict[str, Any]:
    return {
        "path": found.vary,
        "path_unit": "s" if found.unit == DURATION else found.unit,
        "path_currency": found.currency,
        "between": found.between,
        "metric": found.metric.name,
        "is_least_best": found.metric.direction != "higher",
        "is_whole": found.is_whole,
    }


def _place(found: Breakeven, at: float) -> float:
    """A place along the path, a duration in seconds."""
    return at / SECOND if found.unit == DURATION else at


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
