"""Tables of sweeps and sensitivities: a metric along one path, over two, and for each parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.estimates import Estimate
from analysis.experiments.money import currency_at
from analysis.experiments.one_at_a_time import Sensitivity
from analysis.experiments.sobol import SobolIndices
from analysis.experiments.sweep import Sweep
from analysis.metrics import metric_of

TRADED = ("escalation_share", "wrong_per_1000")
"""What a threshold trades against cost."""


def trade_off(sweep: Sweep, metrics: Sequence[str] | None = None) -> pd.DataFrame:
    """One row per metric and point of a sweep: `metric`, `point` (the value as it is written), `value`, `low`, `high`,
    `unit`, `is_feasible`, `is_winner`, `is_baseline`.

    Without `metrics`: share sent to a person, wrong deliveries, and what the sweep minimises. Points in rising order
    where they are numbers. `attrs` holds `path` and its `path_currency` (empty where it is no money); paths that vary
    in lock step count as the first. NaN for what is undefined. Raises KeyError for an unknown metric.
    """
    asked = metrics if metrics is not None else (*TRADED, sweep.objective.name)
    path = sweep.paths[0]
    rows = []
    for name in dict.fromkeys(asked):
        found = [
            {"metric": name, "point": point[path], **_at(sweep, key, name)}
            for key, point in sweep.points.items()
        ]
        rows += _in_order(found, "point")
    frame = pd.DataFrame(rows)
    frame.attrs |= {"path": path, "path_currency": sweep.currencies[0]}
    return frame


def heat_map(sweep: Sweep, metric: str | None = None) -> pd.DataFrame:
    """One row per point of a sweep of two paths: `x`, `y` (values as written), `value`, `low`, `high`, `unit`,
    `is_feasible`, `is_winner`, `is_baseline`.

    The metric is what the sweep minimises unless it is named; `attrs` holds `x`, `y` (the paths), `x_currency`,
    `y_currency` (empty where they are no money) and `metric`. Raises KeyError for an unknown metric, ValueError for a
    sweep that does not vary two paths.
    """
    if len(sweep.paths) != 2:
        raise ValueError(f"a heat map needs a sweep of two paths, got {', '.join(sweep.paths)}")
    across, up = sweep.paths
    name = sweep.objective.name if metric is None else metric_of(metric).name
    rows = [
        {"x": point[across], "y": point[up], **_at(sweep, key, name)} for key, point in sweep.points.items()
    ]
    frame = pd.DataFrame(rows)
    currencies = dict(zip(("x_currency", "y_currency"), sweep.currencies, strict=True))
    frame.attrs |= {"x": across, "y": up, "metric": name} | currencies
    return frame


def sensitivity(result: Sensitivity | SobolIndices, metric: str | None = None) -> pd.DataFrame:
    """One row per parameter, the one that matters most first; of the first metric asked about unless it is named.

    Of one at a time: `parameter`, `low_value`, `high_value`, `to_low` and `to_high` (the metric there less as written)
    with `_low` and `_high`, `is_seen`, `unit`; `attrs` holds `base`, the metric as written, and `set_aside`, the
    parameters that only a few replications looked at. Of Sobol indices: `parameter`, `low_value`, `high_value`,
    `first_order` and `total` with `_low` and `_high`. `currency` is that of the parameter's values, empty where they
    are no money; `attrs` holds `metric` and `method`. NaN for what is undefined. Raises KeyError for a metric that was
    not asked about.
    """
    rows = result.rows()
    known = list(dict.fromkeys(row["metric"] for row in rows))
    name = known[0] if metric is None else metric
    if name not in known:
        raise KeyError(f"no metric {name!r} in this analysis; there is {', '.join(known)}")
    is_plain = isinstance(result, Sensitivity)
    values = ("to_low", "to_high") if is_plain else ("first_order", "total")
    spread = [f"{value}{end}" for value in values for end in ("", "_low", "_high")]
    columns = ["parameter", "low_value", "high_value", *spread, *(["is_seen", "unit"] if is_plain else [])]
    frame = pd.DataFrame([{key: row[key] for key in columns} for row in rows if row["metric"] == name])
    frame[spread] = frame[spread].astype(float)
    frame["currency"] = [currency_at(path, result.scenario) for path in frame["parameter"]]
    frame.attrs |= {"metric": name, "method": "one_at_a_time" if is_plain else "sobol"}
    if isinstance(result, Sensitivity):
        frame.attrs |= {"base": _number(result.base.estimate(name).value), "set_aside": result.set_aside}
    return frame


def _at(sweep: Sweep, point: str, name: str) -> dict[str, Any]:
    """A metric at one point, and how the point stands."""
    metric, decision = metric_of(name), sweep.comparison.decision
    found: Estimate = sweep.comparison.estimate(point, metric)
    standing = decision.standings.get(point)
    return {
        "value": _number(found.value), "low": _number(found.low), "high": _number(found.high),
        "unit": metric.unit_in(sweep.scenario.currency),
        "is_feasible": standing is None or standing.is_admitted,
        "is_winner": point == decision.winner,
        "is_baseline": sweep.is_as_written and point == sweep.comparison.baseline,
    }  # fmt: skip


def _in_order(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Rows by rising number, or as they are where something else than numbers is varied."""
    if all(isinstance(row[key], (int, float)) and not isinstance(row[key], bool) for row in rows):
        return sorted(rows, key=lambda row: float(row[key]))
    return rows


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
