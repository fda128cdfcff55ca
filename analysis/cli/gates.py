"""`--fail-on 'cpst>5'`: conditions under which a run counts as failed."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from analysis.cli.decisions import unknown_metric

if TYPE_CHECKING:
    from analysis.estimates import Estimate

GATE = re.compile(
    r"(?P<metric>[a-z][a-z0-9_]*)\s*(?P<sign>>=|<=|>|<)\s*(?P<bound>\d{1,15}(\.\d{1,15})?)\s*(?P<unit>%?)"
)
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: a metric, a comparison and a bound."""

    text: str
    metric: str
    sign: str
    bound: float

    def is_met_by(self, value: float | None) -> bool:
        """Whether the run counts as failed; an undefined metric cannot pass a gate."""
        return value is None or SIGNS[self.sign](value, self.bound)


def parse_gate(text: str) -> Gate:
    """The gate that was typed; raises click.BadParameter when it is none, or its metric does not exist."""
    match = GATE.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(
            f"{text!r} is not a gate; such as 'cpst>5' or 'sla_share < 95 %'", param_hint="--fail-on"
        )
    if message := unknown_metric(match["metric"]):
        raise click.BadParameter(message, param_hint="--fail-on")
    bound = float(match["bound"]) / (100 if match["unit"] else 1)
    return Gate(text.strip(), match["metric"], match["sign"], bound)


def met_gates(gates: tuple[Gate, ...], estimates: Mapping[str, Estimate]) -> list[str]:
    """One sentence for each gate that is met."""
    met = [(gate, estimates[gate.metric].value) for gate in gates]
    return [
        f"gate {gate.text} is met: {gate.metric} is {_shown(value)}"
        for gate, value in met
        if gate.is_met_by(value)
    ]


def _shown(value: float | None) -> str:
    from analysis.format import significant

    return "undefined" if value is None else significant(value)
