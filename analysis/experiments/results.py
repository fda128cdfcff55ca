"""Results: the replications of a scenario, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import estimates
from analysis.estimates import Estimate
from analysis.experiments.shares import at_limit
from analysis.experiments.stability import growths, unbounded
from analysis.experiments.tables import framed, html_table
from analysis.metrics import (
    METRICS,
    Metric,
    Tallies,
    Tally,
    by_type,
    by_worker,
    metric_of,
    plain_values,
    queues,
    value_of,
)
from analysis.metrics.packs import PackedSequence
from analysis.metrics.table import quotient
from sim import Log, Scenario, simulate

if TYPE_CHECKING:
    import pandas as pd

DEPENDS_ON_QUEUES = (
    "cycle_time_mean", "cycle_time_p50", "cycle_time_p90", "cycle_time_p99", "wait_mean", "wait_people_mean",
    "wait_longest", "wip", "sla_share", "unfinished_share",
)  # fmt: skip
"""Metrics that have no value of their own where a queue grows without bound: they follow how long one looks."""


@dataclass(frozen=True, slots=True)
class LogInfo:
    """What is kept of a replication's log besides its tally."""

    replication: int
    digest: str
    rows: int
    task_count: int
    event_count: int
    ended: int
    """Tick at which the run ended."""
    status: str
    """`complete`, or `partial` when a limit stopped it."""
    stopped_by: str

    @classmethod
    def of(cls, log: Log) -> LogInfo:
        """What is kept of this log."""
        return cls(*(getattr(log, name) for name in cls.__slots__))

    @classmethod
    def from_line(cls, line: bytes) -> LogInfo:
        """What `line` gave."""
        return value_of(cls, json.loads(line))

    def line(self) -> bytes:
        """The same in one object, which takes a third of the memory."""
        return json.dumps(plain_values(self), separators=(",", ":")).encode("ascii")


class Logs(PackedSequence[LogInfo, bytes]):
    """What is kept of the logs of some replications, in their order."""

    pack = staticmethod(LogInfo.line)
    unpack = staticmethod(LogInfo.from_line)


@dataclass(frozen=True, eq=False, repr=False)
class Replications:
    """Some replications of one scenario: a tally and the facts of the log of each, in order."""

    scenario: Scenario
    seed: int
    tallies: Tallies
    """Packed; any other sequence is packed when it is given."""
    logs: Logs
    """Packed like the tallies."""
    is_interrupted: bool = False
    """Whether somebody interrupted the run, so that replications may be missing."""
    lost: Mapping[int, str] = field(default_factory=dict)
    """Replications that are missing because their worker died each time, with what happened."""
    draw_inputs: bool = False
    """Whether each replication has a draw of the values that the scenario calls uncertain."""

    def __post_init__(self) -> None:
        """Packs the tallies and what is kept of the logs."""
        object.__setattr__(self, "tallies", Tallies.of(self.tallies))
        object.__setattr__(self, "logs", Logs.of(self.logs))

    @property
    def is_complete(self) -> bool:
        """Whether no limit stopped any replication and none is missing."""
        is_whole = not self.is_interrupted and not self.lost
        return is_whole and all(log.status == "complete" for log in self.logs)

    def __repr__(self) -> str:
        cost = self.estimate("cpst")
        spread = "" if cost.low is None or cost.high is None else f" [{cost.low:.3g}, {cost.high:.3g}]"
        value = "undefined" if cost.value is None else f"{cost.value:.3g} {self.scenario.currency}{spread}"
        return f"<{len(self.logs)} replications of {self.scenario.name!r}, seed {self.seed}: CPST {value}>"

    def estimate(self, metric: Metric | str) -> Estimate:
        """A metric, or the one of that name, over the replications; KeyError lists the names for an unknown one."""
        return estimate_of(metric_of(metric), self.tallies)

    def estimates(self) -> dict[str, Estimate]:
        """Every metric over the replications, by name."""
        return {metric.name: estimate_of(metric, self.tallies) for metric in METRICS}

    def to_frame(self) -> pd.DataFrame:
        """One row per replication, one column per metric; an undefined number is NaN."""
        import pandas as pd

        columns: dict[str, Any] = {"replication": [log.replication for log in self.logs]}
        for metric in METRICS:
            values = [quotient(*pair) for pair in self.tallies.totals(metric)]
            columns[metric.name] = pd.Series(values, dtype="float64")
        return pd.DataFrame(columns)

    def summary(self) -> pd.DataFrame:
        """One row per metric: value, interval, unit, and a note where one of them cannot be given."""
        return framed(self._summary_rows())

    def _summary_rows(self) -> list[dict[str, Any]]:
        rows, growing = [], [growth.role for growth in unbounded(self)]
        for metric in METRICS:
            found = estimate_of(metric, self.tallies)
            row = {"metric": metric.name, "value": found.value, "low": found.low, "high": found.high}
            depends = growing and metric.name in DEPENDS_ON_QUEUES
            note = f"depends on the window: the queue of {', '.join(growing)} grows" if depends else ""
            note = "; ".join(filter(None, [found.note, note]))
            rows.append(row | {"unit": metric.unit_in(self.scenario.currency), "note": note})
        return rows

    def by_type(self) -> pd.DataFrame:
        """One row per task type, pooled over the replications."""
        return framed(by_type(self.tallies))

    def by_worker(self) -> pd.DataFrame:
        """One row per position, pooled over the replications."""
        return framed(by_worker(self.tallies))

    def queues(self) -> pd.DataFrame:
        """One row per role, pooled over the replications."""
        return framed(queues(self.tallies))

    def events(self) -> pd.DataFrame:
        """The events of the first replication, which is simulated again."""
        first = self.logs[0].replication
        simulated = self.scenario.drawn(self.seed, first) if self.draw_inputs else self.scenario
        return simulate(simulated, self.seed, first).events()

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return {
            "scenario": {"name": self.scenario.name, "digest": self.scenario.digest()},
            "seed": self.seed,
            "replications": len(self.logs),
            "is_complete": self.is_complete,
            "metrics": {row.pop("metric"): row for row in self._summary_rows()},
            "by_type": by_type(self.tallies),
            "by_worker": by_worker(self.tallies),
            "queues": queues(self.tallies),
            "queue_growth": [growth.to_json_dict() for growth in growths(self)],
            "logs": [{name: getattr(log, name) for name in LogInfo.__slots__} for log in self.logs],
        }

    def save(self, path: Path | str) -> Path:
        """Writes everything into one file that `load` reads back; raises OSError when it cannot be written."""
        from analysis.experiments import saved

        return saved.write_document(Path(path), saved.REPLICATIONS, saved.replications_document(self))

    @classmethod
    def load(cls, path: Path | str) -> Replications:
        """What `save` wrote; raises SavedResultError for another file, OSError when it cannot be read."""
        from analysis.experiments import saved

        return saved.loaded(path, saved.REPLICATIONS, saved.replications_of)

    def _repr_html_(self) -> str:
        """The summary as a table, every text escaped."""
        head = f"{self.scenario.name} · {len(self.logs)} replications · seed {self.seed}"
        return html_table(self._summary_rows(), head)


def estimate_of(metric: Metric, tallies: Sequence[Tally]) -> Estimate:
    """A metric over replications: total over total; no metric is negative and no share above 1.

    Of cases that all came out alike the interval is Clopper and Pearson's: that nothing varied makes nothing certain.
    """
    totals = totals_of(metric, tallies)
    if is_bound(metric, tallies):
        return estimates.lower_bound(totals)
    found = estimates.within(estimates.ratio(totals), 0.0, 1.0 if metric.unit == "share" else None)
    return at_limit(metric, found, totals)


def totals_of(metric: Metric, tallies: Sequence[Tally]) -> estimates.Totals:
    """Numerator and denominator of a metric in each replication."""
    if isinstance(tallies, Tallies):
        return tallies.totals(metric)
    return [(metric.numerator(tally), metric.denominator(tally)) for tally in tallies]


def is_bound(metric: Metric, tallies: Sequence[Tally]) -> bool:
    """Whether unfinished tasks make a metric a lower bound in any replication."""
    if isinstance(tallies, Tallies):
        return tallies.is_bound(metric)
    return any(map(metric.is_bound, tallies))
