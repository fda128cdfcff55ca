"""Tables of chains: stages, the ways of defects, and what of them is in hand at each stage."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.metrics import Tally, by_stage
from analysis.metrics import defect_flow as ways_of_defects
from analysis.metrics.stage_parts import DELIVERED

CLIENT = "client"


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


def defects_by_stage(tallies: Sequence[Tally], type_id: str | None = None) -> pd.DataFrame:
    """One row per stage of a task type, in the order of its workflow: what happens to defects on their way.

    Columns: `stage`; `inherited`, born before and not yet caught or delivered; `born` here; `caught` here;
    `escaped`, delivered from here; `passed_on`; so inherited + born = caught + escaped + passed_on. A task that is
    wrong already counts once, for its first defect, however much more goes wrong with it. Of the ways in
    `defect_flow`; what clients find was delivered before. Without `type_id` the type with most defects; `attrs` holds
    `type`, `tasks` (that ended) and `found_by_clients`. Raises KeyError for an unknown type.
    """
    ways = defect_flow(tallies)
    known = list(dict.fromkeys(stages(tallies)["type"]))
    if type_id is None:
        counts = ways.groupby("type")["count"].sum()
        type_id = max(known, key=lambda name: int(counts.get(name, 0)))
    order = [str(row["stage"]) for row in by_stage(tallies) if row["type"] == type_id]
    if not order:
        raise KeyError(f"no task type {type_id!r}; there is {', '.join(known)}")
    mine = ways[ways["type"] == type_id]
    frame = _passed(mine[mine["to"] != CLIENT], order)
    ended = [tally.types[type_id].ended for tally in tallies]
    found = int(mine.loc[mine["to"] == CLIENT, "count"].sum())
    frame.attrs |= {"type": type_id, "tasks": int(pd.Series(ended).sum()), "found_by_clients": found}
    return frame


def _passed(ways: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """The ways stage by stage; one that ends before its birth, after a loop, ends where it began."""
    born = ways["born"].map(order.index).astype(int)
    ends = pd.concat([born, ways["at"].map(order.index).astype(int)], axis=1).max(axis=1)
    is_out = ways["to"] == DELIVERED
    rows, inherited = [], 0
    for place, stage in enumerate(order):
        added = int(ways.loc[born == place, "count"].sum())
        caught = int(ways.loc[(ends == place) & ~is_out, "count"].sum())
        escaped = int(ways.loc[(ends == place) & is_out, "count"].sum())
        passed_on = inherited + added - caught - escaped
        rows.append({"stage": stage, "inherited": inherited, "born": added, "caught": caught,
                     "escaped": escaped, "passed_on": passed_on})  # fmt: skip
        inherited = passed_on
    return pd.DataFrame(rows)
