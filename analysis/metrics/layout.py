"""The layout of a log's numbers: task types, roles and positions as the places that folds count at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.log import NULL, Block
from sim.log.columns import Integers
from sim.scenario import Scenario
from sim.workers import HumanRole


class Layout:
    """Places of one scenario's task types, roles and positions.

    A worker is one position of one role; workers are numbered role by role, so that `first_worker` of a role
    plus its position, less one, is the worker. `role_of` is the role of each worker; one more entry lets rows
    without a worker be asked too.
    """

    def __init__(self, scenario: Scenario) -> None:
        """The layout of every log of this scenario."""
        self.scenario = scenario
        self.types = tuple(sorted(scenario.tasks))
        self.roles = scenario.roles_at_work()
        workers = [scenario.workers[role] for role in self.roles]
        self.is_person = np.array([isinstance(worker, HumanRole) for worker in workers], dtype=np.bool_)
        self.positions = np.array([worker.positions for worker in workers], dtype=np.int64)
        self.first_worker = np.cumsum(self.positions) - self.positions
        self.worker_count = int(self.positions.sum())
        self.role_of = np.append(np.repeat(np.arange(len(self.roles)), self.positions), 0)
        self.warm_up, self.horizon = scenario.warm_up, scenario.horizon

    def check(self, block: Block) -> None:
        """Raises ValueError when the block is of another scenario's log."""
        for column, expected in (("type", self.types), ("role", self.roles)):
            names = block.names[column]
            if names != expected:
                raise ValueError(
                    f"the log is of another scenario: its {column}s are {names}, expected {expected}"
                )
        position, role = block["position"], block["role"]
        if (position > np.where(role >= 0, self.positions[role], 0)).any():
            raise ValueError("a log of another scenario: it has a position that its role has not here")

    def workers(self, role: Integers, position: Integers) -> Integers:
        """The worker of each row, NULL where nobody worked."""
        worker: Integers = np.where(position > 0, self.first_worker[role] + position - 1, NULL)
        return worker

    def is_inside(self, ticks: Integers) -> NDArray[np.bool_]:
        """Whether each tick lies in the measured window."""
        inside: NDArray[np.bool_] = (ticks >= self.warm_up) & (ticks < self.horizon)
        return inside

    def by_person(self, worker: Integers) -> NDArray[np.bool_]:
        """Whether each worker is a person; False where nobody worked."""
        by_person: NDArray[np.bool_] = (worker >= 0) & self.is_person[self.role_of[worker]]
        return by_person

    def clipped(self, ticks: Integers) -> Integers:
        """The ticks, moved into the measured window where they lie outside it."""
        inside: Integers = np.clip(ticks, self.warm_up, self.horizon)
        return inside
