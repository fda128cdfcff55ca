"""Tables of chains: stages, and the ways of defects."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.metrics import Tally, by_stage
from analysis.metrics import defect_flow as ways_of_defects


def stages(tallies: Sequence[Tally]) -> pd.DataFrame:
    """One row per stage of each task type, over all replications: passes, defects, checks, failures, cost."""
    return pd.DataFrame(by_stage(tallies))


def defect_flow(tallies: Sequence[Tally]) -> pd.DataFrame:
    """One row per way of defects, for a flow picture: `type`, `born`, `to`, `at`, `count`.

    `born` is the stage where a defect was born, `to` the check that caught it there or at the stage `at`, or
    `delivered`; a client finds out after the delivery, at no stage.
    """
    rows = ways_of_defects(tallies)
    return pd.DataFrame(rows, columns=["type", "born", "to", "at", "count"])
