"""Columns of the log: name, unit and meaning, and the block of rows that folds read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.rules.failures import Outcome
from sim.rules.routing import Reason

SCHEMA_VERSION = 1
"""Version of the rows; a change of a column's meaning raises it."""
NULL = -1
"""Stands for "no value" in a block of integers; every value is 0 or more."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the log."""

    name: str
    kind: Literal["integer", "name"]
    unit: str
    meaning: str
    is_nullable: bool = True
    bits: int = 64
    """Bits of an integer in a file; all are 64 bits wide in a block."""


def _integer(name: str, unit: str, meaning: str, is_nullable: bool = True, bits: int = 64) -> Column:
    return Column(name, "integer", unit, meaning, is_nullable, bits)


def _name(name: str, meaning: str, is_nullable: bool = True) -> Column:
    return Column(name, "name", "", meaning, is_nullable)


COLUMNS = (
    _integer("seq", "", "number of the row, from 0 without gaps", False),
    _integer("tick", "us", "when the activity ended; rows are in this order", False),
    _name("type", "task type"),
    _integer("task", "", "index of the task within its type; with the type it is the trace id"),
    _integer("cause_seq", "", "row that led to this one"),
    _name("stage", "stage of the task's workflow"),
    _integer("step", "", "number of the row within its trace, from 1 without gaps", bits=32),
    _integer("attempt", "", "how often this role has started this activity on this stage, from 1", bits=32),
    _name("role", "role that did it, or whose capacity changed"),
    _integer("position", "", "position of the role, from 1", bits=32),
    _name("model", "model that was used"),
    _name("provider", "who served the model"),
    _name("action", "what was done", False),
    _name("reason", "why the task goes where it goes next"),
    _name("outcome", "how the activity ended"),
    _integer(
        "is_right", "0 or 1", "whether the output in hand after the row is right, whoever made it", bits=8
    ),
    _name("status", "status of the task after the row"),
    _name("next", "what the task does next"),
    _name("assigned", "role the task is assigned to next"),
    _integer("theta_raw", "1e-9", "stated confidence", bits=32),
    _integer("theta", "1e-9", "confidence after penalties; what the router reads", bits=32),
    _integer("queued", "us", "when the task joined the queue"),
    _integer("started", "us", "when the work started"),
    _integer("ended", "us", "when the work ended", False),
    _integer("input_tokens", "tokens", "tokens read by the model", bits=32),
    _integer("output_tokens", "tokens", "tokens written by the model", bits=32),
    _integer("inference", "1e-9 currency", "cost of model usage", False),
    _integer("tools", "1e-9 currency", "cost of tools and sandboxes", False),
    _integer("human_execution", "1e-9 currency", "cost of people doing tasks", False),
    _integer("human_review", "1e-9 currency", "cost of people reviewing outputs", False),
    _integer("rework", "1e-9 currency", "cost of people doing again what was rejected", False),
    _integer("sandbox", "1e-9 currency", "cost of sandboxes"),
    _integer("verification", "1e-9 currency", "cost of looking at the ground truth"),
    _integer("correction", "1e-9 currency", "cost of people correcting wrong deliveries that came to light"),
    _integer("damage", "1e-9 currency", "damage of a wrong or doubled delivery; in no cost line"),
    _integer("value", "minor units", "value of the task, on its arrival"),
    _integer("capacity", "slots", "tasks the role can work on at once from now on"),
    _integer("pass", "", "how often the task came to this stage, from 1", bits=32),
    _integer("branch", "", "token of the task that did it: 0, or the number of a parallel branch", bits=32),
    _integer("hop", "", "transfers between agents within the trace so far", bits=32),
    _integer("context", "1e-9", "share of the context left; null while all of it is", bits=32),
    _integer("inherited", "0 or 1", "whether what came into the stage was wrong", bits=8),
    _integer("own_right", "0 or 1", "whether the work of this row is right, whatever it was given", bits=8),
    _integer(
        "agent_failed",
        "0 or 1",
        "where the agents' part of a stage ends: whether a defect of their own or a visible failure is left",
        bits=8,
    ),
    _integer("stage_end", "1", "the row ends its stage", bits=8),
    _integer("doubled", "1", "the row did an action a second time", bits=8),
    _name("born", "stage where the defect that stands after the row was born"),
    _name("guard", "guard that stopped the work, or that changed its state"),
    _integer("spent", "1e-9 currency", "what the guard had counted by then"),
)
"""Every column, in order. Columns that are null throughout take no part in the digest, so a new one that is
not used changes nothing."""

COST_LINES = (
    "inference", "tools", "human_execution", "human_review", "rework", "sandbox", "verification", "correction",
)  # fmt: skip
"""Columns of the ledger; the last three are null where their mechanism is off."""

ACTIONS = (
    "arrived", "attempted", "executed", "reviewed", "unfinished", "capacity_changed", "stopped", "validated",
    "verified", "clarified", "rerouted", "recovered", "discovered", "corrected", "refused", "guard_changed", "joined",
)  # fmt: skip
"""Values of the column `action`."""
(
    ARRIVED, ATTEMPTED, EXECUTED, REVIEWED, UNFINISHED, CAPACITY_CHANGED, STOPPED, VALIDATED, VERIFIED, CLARIFIED,
    REROUTED, RECOVERED, DISCOVERED, CORRECTED, REFUSED, GUARD_CHANGED, JOINED,
) = range(len(ACTIONS))  # fmt: skip
NEXT = (
    "attempt", "execute", "review", "deliver", "fail", "validate", "verify", "clarify", "branch", "join", "correct",
    "redeliver", "give_up",
)  # fmt: skip
"""Values of the column `next`. A task is delivered once; what is delivered again after a reopening is `redeliver`,
what comes to nothing then is `give_up`."""
(
    NEXT_ATTEMPT, NEXT_EXECUTE, NEXT_REVIEW, NEXT_DELIVER, NEXT_FAIL, NEXT_VALIDATE, NEXT_VERIFY, NEXT_CLARIFY,
    NEXT_BRANCH, NEXT_JOIN, NEXT_CORRECT, NEXT_REDELIVER, NEXT_GIVE_UP,
) = range(len(NEXT))  # fmt: skip
STATUSES = (
    "ASSIGNED", "RETRYING", "AUTO_COMMITTED", "AWAITING_AUDIT", "ESCALATED", "REVISING", "SUCCESS", "FAILED",
    "UNFINISHED", "VALIDATING", "VERIFYING", "CLARIFYING", "JOINING", "REOPENED", "CORRECTING", "REFUSED",
)  # fmt: skip
"""Values of the column `status`; AUTO_COMMITTED and SUCCESS are deliveries (row CR-08)."""
REASONS = tuple(reason.name.lower() for reason in Reason)
OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive rows: a column of int64 each, names as codes into `names`, NULL for no value."""

    columns: dict[str, Integers]
    names: dict[str, tuple[str, ...]]
    nothing: Integers | None = None
    """The array that columns share which are null throughout, so that nobody has to look."""

    def __len__(self) -> int:
        return len(self.columns["seq"])

    def __getitem__(self, column: str) -> Integers:
        return self.columns[column]

    def code(self, column: str, name: str) -> int:
        """Code of a name in a column; -2, which no row has, when the log does not know it."""
        names = self.names[column]
        return names.index(name) if name in names else -2
