"""Attributes of a task, fixed when it arrives: value and tokens."""

from __future__ import annotations

from typing import Any

from sim.draws import Stream
from sim.plan.activities import minor_units
from sim.plan.draws_for import BlockDraws
from sim.recorded import RecordedTask
from sim.tasks import TaskType

MOST_TOKENS = float(10**9)
"""Tokens of one attempt at most."""
DEAREST = float(10**15)
"""Value of a task at most, in minor units."""


class Attributes:
    """Value in minor units of the currency, input tokens and output tokens of each task."""

    width = 3

    def __init__(
        self,
        task: TaskType,
        seed: int,
        replication: int,
        type_id: str,
        digits: int,
        recorded: list[RecordedTask],
    ) -> None:
        """`digits` are those of the currency's minor unit; what was recorded replaces what would be drawn."""
        self.recorded, self.digits = recorded, digits
        self.drawn = [
            (
                name,
                field.sampler(),
                float(10**digits) if name == "value" else 1.0,
                cap,
                Stream(seed, replication, name, type_id),
            )
            for name, field, cap in (
                ("value", task.value, DEAREST),
                ("input_tokens", task.input_tokens, MOST_TOKENS),
                ("output_tokens", task.output_tokens, MOST_TOKENS),
            )
        ]

    def facts(self, first: int, count: int) -> list[list[int]]:
        """One list per attribute for the tasks first, first + 1, ..."""
        draws = BlockDraws.span(first, count)
        m: Any = draws.m
        columns: list[list[int]] = []
        for name, sampler, scale, cap, stream in self.drawn:
            known = self._recorded(name, first, count)
            if known is None:
                drawn = m.clip(sampler.quantile(draws.u(stream), m) * scale, 0.0, cap)
                known = m.round_to_int(drawn).tolist()
            columns.append(known)
        return columns

    def _recorded(self, name: str, first: int, count: int) -> list[int] | None:
        block = self.recorded[first : first + count]
        if not block or getattr(block[0], name) is None:
            return None
        if name == "value":
            return [minor_units(task.value, self.digits) for task in block if task.value is not None]
        return [getattr(task, name) for task in block]
