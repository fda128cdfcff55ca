"""Metrics: from a log to numbers.

fold          takes the blocks of a log and ends in a Tally
tally         what one replication comes to, in whole ticks, nano-units and counts
stage_parts   its parts by stage and by guard
table         the metrics: name, unit, direction, definition, numerator and denominator
breakdowns    rows by task type, worker, queue, verdict and hour of the week
chain_tables  rows by stage, way of a defect, failure, guard and tier
tallies       the tallies of many replications, packed; `saved` is their codec, `pooled` makes them one
labels        what metrics are called
leverage      the playbook's bands
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
from analysis.metrics.chain_tables import (
    by_stage,
    causes,
    defect_flow,
    deliveries,
    guard_trips,
    risk_totals,
    task_failures,
    visible_failures,
)
from analysis.metrics.fold import Fold, tally
from analysis.metrics.growth import compared_parts
from analysis.metrics.labels import label_of
from analysis.metrics.leverage import PLAYBOOK_BANDS, is_in_playbook_band
from analysis.metrics.saved import plain_values, tally_document, tally_of, value_of
from analysis.metrics.stage_parts import CATEGORIES, CHECKS, DELIVERED, DefectFlow, GuardPart, StagePart
from analysis.metrics.table import LOADED_WITH_DAMAGE, METRICS, Metric, metric_of
from analysis.metrics.tallies import Packed, Tallies
from analysis.metrics.tally import (
    QUANTILES,
    WAIT_EDGES,
    ChainPart,
    Part,
    PositionPart,
    Quantile,
    RolePart,
    Tally,
    Waits,
    Window,
)
from analysis.metrics.words import ACTIVITIES, ESCALATIONS

__all__ = [
    "ACTIVITIES", "BOTTLENECK", "CATEGORIES", "CHECKS", "DELIVERED", "ESCALATIONS", "LOADED_WITH_DAMAGE", "METRICS",
    "PLAYBOOK_BANDS",
    "QUANTILES", "WAIT_EDGES", "ChainPart", "DefectFlow", "Fold", "GuardPart", "Metric", "Packed", "Part",
    "PositionPart", "Quantile", "RolePart", "Row", "StagePart", "Tallies", "Tally", "Waits", "Window",
    "busiest_hours", "by_hour", "by_stage", "by_type", "by_worker", "causes", "compared_parts", "defect_flow",
    "deliveries", "guard_trips", "is_in_playbook_band", "label_of", "metric_of", "plain_values", "queues",
    "risk_totals", "tally", "tally_document", "tally_of", "task_failures", "value_of", "verdicts", "visible_failures",
    "wait_columns",
]  # fmt: skip
