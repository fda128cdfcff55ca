"""The table of metrics, in the order of reports."""

from __future__ import annotations

from analysis.metrics.table.chains import CHAIN_METRICS
from analysis.metrics.table.costs import COST_METRICS, LOADED_WITH_DAMAGE
from analysis.metrics.table.metric import MONEY, Direction, Metric, PartMetric, quotient
from analysis.metrics.table.people import PEOPLE_METRICS
from analysis.metrics.table.quality import QUALITY_METRICS
from analysis.metrics.table.times import TIME_METRICS
from sim.problems import alternatives

__all__ = [
    "LOADED_WITH_DAMAGE", "METRICS", "MONEY", "Direction", "Metric", "PartMetric", "metric_of", "quotient",
]  # fmt: skip

METRICS = (*COST_METRICS, *QUALITY_METRICS, *TIME_METRICS, *PEOPLE_METRICS, *CHAIN_METRICS)
"""Every metric, in the order of reports."""
_BY_NAME = {metric.name: metric for metric in (*METRICS, LOADED_WITH_DAMAGE)}


def metric_of(metric: Metric | str) -> Metric:
    """The metric itself, or the one of that name; raises KeyError with the likely name, or the names there are."""
    if isinstance(metric, Metric):
        return metric
    if metric not in _BY_NAME:
        raise KeyError(f"no metric {metric!r}{alternatives(metric, list(_BY_NAME))}")
    return _BY_NAME[metric]
