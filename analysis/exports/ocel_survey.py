"""What a log has, found before it is written as OCEL: activities with their attributes, roles, positions, models."""

from __future__ import annotations

import numpy as np

from analysis.exports.columns import ExportColumn, values_of
from analysis.exports.workers import activities
from analysis.logs import Blocks
from sim.log.columns import Block

OBJECTS = frozenset(
    {"type", "task", "role", "position", "assigned", "model", "provider", "value", "capacity"}
)
"""Columns that say which objects took part, or what is an attribute of an object."""
OF_EVENTS = frozenset({"seq", "action", "ended"})
"""Columns that are an event's id, type and time."""


class Survey:
    """Everything that has to be declared before the first event; one reading of the log."""

    def __init__(self, log: Blocks, columns: tuple[ExportColumn, ...]) -> None:
        """Looks through a log for values of these columns."""
        self.columns = tuple(column for column in columns if _is_attribute(column))
        """Columns that are attributes of events."""
        self.activities: dict[str, list[ExportColumn]] = {}
        """The activities that occur, each with the columns that have values in its rows."""
        self.roles: dict[str, list[tuple[int, int]]] = {}
        """The roles that occur, each with the changes of its capacity: tick and slots."""
        self.positions: set[tuple[str, int]] = set()
        self.models: dict[str, str] = {}
        """The models that were used, each with who served it."""
        self.models_of: dict[str, list[str]] = {}
        """The models by role."""
        found: dict[str, set[str]] = {}
        for block in log.blocks():
            self._add_activities(block, found)
            self._add_workforce(block)
        self.activities = {
            activity: [column for column in self.columns if column.name in found[activity]]
            for activity in sorted(found)
        }

    def _add_activities(self, block: Block, found: dict[str, set[str]]) -> None:
        by_row = np.array(activities(block))
        for activity in np.unique(by_row).tolist():
            rows = by_row == activity
            given = found.setdefault(activity, set())
            for column in self.columns:
                least = 1 if column.is_amount else 0  # an amount of nothing is left out
                if column.name not in given and bool((values_of(block, column)[rows] >= least).any()):
                    given.add(column.name)

    def _add_workforce(self, block: Block) -> None:
        roles = block.names["role"]
        for role in np.unique(np.concatenate([block["role"], block["assigned"]])).tolist():
            if role >= 0:
                self.roles.setdefault(roles[role], [])
        changes = np.flatnonzero(block["capacity"] >= 0)
        for row in changes.tolist():
            own = self.roles[roles[int(block["role"][row])]]
            own.append((int(block["tick"][row]), int(block["capacity"][row])))
        holders = np.stack([block["role"], block["position"], block["model"], block["provider"]])
        for role, position, model, provider in np.unique(holders, axis=1).T.tolist():
            if role >= 0 and position >= 0:
                self.positions.add((roles[role], position))
            if model >= 0:
                self._add_model(block, role, model, provider)

    def _add_model(self, block: Block, role: int, model: int, provider: int) -> None:
        name = block.names["model"][model]
        self.models[name] = (*block.names["provider"], "")[provider]
        own = self.models_of.setdefault(block.names["role"][role], []) if role >= 0 else []
        if name not in own:
            own.append(name)


def _is_attribute(column: ExportColumn) -> bool:
    is_twice = column.name.endswith("_us")  # the time is there already
    return column.form != "trace" and not is_twice and column.source not in OBJECTS | OF_EVENTS
