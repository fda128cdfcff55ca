"""One task's story in plain sentences, told from the log and the scenario alone."""

from __future__ import annotations

from pathlib import Path

from analysis.logs import Blocks
from analysis.story.layout import laid_out
from analysis.story.sentences import Teller
from analysis.story.source import UnreadableLogError, story_log
from analysis.story.trace import UnknownTraceError, read_trace
from sim.scenario import Scenario

__all__ = ["UnknownTraceError", "UnreadableLogError", "tell"]


def tell(scenario: Scenario, log: Blocks | Path | str, trace_id: str) -> str:
    """The story of one task, such as `invoice-4711`: who did what when, why it went on, what it cost.

    `log` is a log, live or saved, or the path of a log's Parquet file. Clock times are in the scenario's
    zone. Raises UnknownTraceError when the log has no such task, UnreadableLogError when a saved log is
    missing, damaged or of another scenario.
    """
    return laid_out(scenario, Teller(scenario, read_trace(scenario, story_log(scenario, log), trace_id)))
