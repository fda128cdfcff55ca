"""The layout of a log's numbers: task types, stages, roles and positions as the places that folds count at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.flows import is_plain
from sim.log import NULL, Block
from sim.log.columns import Integers
from sim.scenario import Scenario
from sim.workers import HumanRole


class Layout:
    """Places of one scenario's task types, their stages, roles and positions.

    Stages are numbered type by type in the order of the workflow. A worker is one position of one role; workers are
    numbered role by role, so that `first_worker` of a role plus its position, less one, is the worker. `role_of` is
    the role of each worker; one more entry lets rows without a worker be asked too.
    """

    def __init__(self, scenario: Scenario) -> None:
        """The layout of every log of this scenario."""
        self.scenario = scenario
        self.types = tuple(sorted(scenario.tasks))
        self.is_plain = np.array([is_plain(scenario, name) for name in self.types], dtype=np.bool_)
        self.stages = tuple((name, stage) for name in self.types for stage in scenario.stages(name))
        """Task type and stage by place."""
        self.type_of_stage = np.array([self.types.index(name) for name, _ in self.stages], dtype=np.int64)
        self._stage_places: dict[tuple[str, ...], Integers] = {}
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

    def stage_places(self, block: Block, rows: Integers) -> Integers:
        """The place of the stage of some rows of tasks, NULL for rows without one."""
        names = block.names["stage"]
        if names not in self._stage_places:
            self._stage_places[names] = self._table_of_stages(names)
        places: Integers = self._stage_places[names][block["type"][rows], block["stage"][rows]]
        return places

    def places_of(self, block: Block, rows: Integers, stage_codes: Integers) -> Integers:
        """The place of each code of another column of stages, such as `born`; NULL where there is none."""
        self.stage_places(block, rows[:0])
        known = block.names["stage"]
        born = block.names["born"]
        code = np.array([known.index(name) if name in known else NULL for name in born] + [NULL], np.int64)
        places: Integers = self._stage_places[known][block["type"][rows], code[stage_codes]]
        return places

    def _table_of_stages(self, names: tuple[str, ...]) -> Integers:
        """Place by task type and code of the stage; the last column is for no stage."""
        table = np.full((len(self.types), len(names) + 1), NULL, np.int64)
        for place, (type_id, stage) in enumerate(self.stages):
            if stage in names:
                table[self.types.index(type_id), names.index(stage)] = place
        return table

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
