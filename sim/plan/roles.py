"""Effects of agent roles in numbers: what follows their failures, what they notice, whom they ask."""

from __future__ import annotations

from sim.plan.activities import Key
from sim.plan.steps import AgentNumbers
from sim.quantities import billionths, nano
from sim.rules.recovery import compile_recovery
from sim.workers import AgentRole

PURPOSES = ("recovery", "partial_work", "detect_upstream", "clarify", "ask_back", "ack_loss")
"""Draws of an agent beside those of the attempt itself."""


def agent_numbers(role: AgentRole, key: Key) -> AgentNumbers:
    """The role's effects on the grids the engine computes on."""
    asked, sandbox, reflection = role.clarification, role.sandbox, role.self_correction
    return AgentNumbers(
        recovery=compile_recovery(role.recovery),
        is_naive=role.retries.policy == "naive",
        memory_gain=role.recovery.memory_gain,
        partial_work=billionths(role.recovery.partial_work),
        propagation_factor=role.propagation_factor,
        detect_upstream=billionths(role.detect_upstream),
        on_upstream_defect=role.on_upstream_defect,
        clarify=billionths(asked.probability) if asked is not None else 0,
        asks=asked.asks if asked is not None else "",
        ack_loss=billionths(role.ack_loss),
        idempotent=role.idempotent,
        more_output=reflection.more_output if reflection is not None else 0.0,
        boot=sandbox.boot if sandbox is not None else 0,
        contains_damage=sandbox is not None and sandbox.contains_damage,
        damage_cap=nano(role.damage_cap) if role.damage_cap is not None else -1,
        streams={purpose: key.stream(f"attempt.{purpose}") for purpose in PURPOSES},
    )
