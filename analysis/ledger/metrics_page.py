"""The page of metrics: what a run measures, made from the table that computes it."""

from __future__ import annotations

from analysis.ledger.markdown import table
from analysis.metrics import METRICS, Metric

HEAD = """# Metrics

Generated from the table that computes them (`python -m analysis.ledger`); do not edit.

Every metric is a quotient of two whole numbers taken from the log. "cohort" is the tasks that arrive from
`warm_up` until `horizon`, whenever they end; "window" is that stretch of time, whatever happens in it. Where the
lower number is 0 the metric is undefined: null in files, `-` in reports. A unit of `currency` is the scenario's.

## What a run leaves

| file | holds |
|---|---|
| `kpis.json` | each metric with its interval (`metrics`), and parts (`by_type`, `by_worker`, `queues`) |
| `replications.parquet` | one row per replication, one column per metric |
| `events.parquet` | the log of replication 0 ([columns](log.md)); with `run --events` |
| `stated/` | what was asked about: the file of the scenario with the values that were set, and what it reads |
| `scenario.resolved.yaml` | the scenario with every default and every price written out |
| `inputs/` | copies of the files the scenario reads |
| `manifest.json` | what made the run, and the SHA-256 of every file |

## What is divided by what

- A share of right deliveries (`success_share`), of wrong ones (`escape_share`) and of unfinished tasks is of
  **all** cohort tasks. So is `damage_per_task`, delivered or not.
- `wrong_per_1000` is of **delivered** cohort tasks: what those who receive the results meet.
- `cfr_delivered` is of the cohort tasks that **ended**, delivered or failed.
- Costs per success divide the cost of all cohort tasks, failed ones included, by those delivered and right;
  only `cpst_loaded` divides what is paid in the window by the successes of the window.
- `sla_share` is of the tasks whose type has a service level. Only delivery in time meets it.
- `utilisation` is people's work inside the window over their hours on shift plus overtime in it. Work past the
  end of a shift is overtime: it counts as work and as time that was there, so utilisation never passes 1.
  `utilisation_agents` is the same of agents, over positions times `concurrency`, around the clock.
- Over replications both numbers of a quotient are added up before they are divided, which for quantiles and the
  longest wait gives their mean; see
  [statistics](statistics.md).

"source" says who defines a metric: a section of the playbook that this project follows, a row of
[what is built](mechanisms.md), a publication, or this project. How sure a value is: [statistics](statistics.md).
"""
BETTER = {"lower": "lower is better", "higher": "higher is better", None: "it depends"}
"""Which way is better, in words."""


def metrics_text() -> str:
    """The page `docs/metrics.md`: every metric with its unit, direction, definition and source."""
    header = ("metric", "unit", "better", "definition", "source")
    return "\n".join([HEAD, "## Every metric", "", *table(header, [_row(metric) for metric in METRICS]), ""])


def _row(metric: Metric) -> tuple[str, ...]:
    return f"`{metric.name}`", metric.unit, BETTER[metric.direction], metric.definition, metric.source
