"""Remarks: what a scenario says and its author may take for something else."""

from __future__ import annotations

from collections.abc import Iterator

from sim.overlay import variant_warnings
from sim.rules.failures import Outcome
from sim.scenario import Scenario
from sim.topology import STAGE, Action, Flow


def remarks(scenario: Scenario) -> Iterator[str]:
    """Flagged work that fails, and values that variants forget."""
    places = [
        type_id if stage == STAGE else f"{type_id}.{stage}"
        for (type_id, stage), flow in scenario.flows().items()
        if _fails_what_is_flagged(flow)
    ]
    if places:
        yield (
            f"what the validator flags fails, for lack of a person to send it to: {', '.join(places)}; see "
            "escalation, guardian or a cascade"
        )
    base = scenario.tree()
    for name, patch in scenario.variants.items():
        yield from variant_warnings(base, name, patch)


def _fails_what_is_flagged(flow: Flow) -> bool:
    """Whether a validator stands where its flags lead to the failure of the task."""
    return any(
        step.action is Action.VALIDATE and flow.steps[step.go[Outcome.FLAGGED]].action is Action.FAIL
        for step in flow.steps
        if Outcome.FLAGGED in step.go
    )
