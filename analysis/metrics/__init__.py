"""Metrics: from a log to numbers.

fold        takes the blocks of a log and ends in a Tally
tally       what one replication comes to, in whole ticks, nano-units and counts
table       the metrics: name, unit, direction, definition, numerator and denominator
breakdowns  rows by task type, worker, queue, verdict and hour of the week
leverage    the playbook's bands
"""

from analysis.metrics.breakdowns import (
    BOTTLENECK,
    Row,
    busiest_hours,
    by_hour,
    by_type,
    by_worker,
    queues,
    verdicts,
    wait_columns,
)  # fmt: skip
from analysis.metrics.cohort import ACTIVITIES, ESCALATIONS
from analysis.metrics.fold import Fold, tally
from analysis.metrics.leverage import PLAYBOOK_BANDS, is_in_playbook_band
from analysis.metrics.table import METRICS, Metric, metric_of
from analysis.metrics.tally import (
    QUANTILES,
    WAIT_EDGES,
    Part,
    PositionPart,
    Quantile,
    RolePart,
    Tally,
    Waits,
    Window,
)

__all__ = [
    "ACTIVITIES", "BOTTLENECK", "ESCALATIONS", "METRICS", "PLAYBOOK_BANDS", "QUANTILES", "WAIT_EDGES", "Fold",
    "Metric", "Part", "PositionPart", "Quantile", "RolePart", "Row", "Tally", "Waits", "Window",
    "busiest_hours", "by_hour", "by_type", "by_worker", "is_in_playbook_band", "metric_of", "queues", "tally",
    "verdicts", "wait_columns",
]  # fmt: skip
