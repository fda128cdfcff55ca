"""Leverage: people's minutes per success without agents over those with them, beside the playbook's bands."""

from __future__ import annotations

PLAYBOOK_BANDS: dict[str, tuple[float, float | None]] = {
    "copilot": (1.2, 1.5),
    "guardian": (3.0, 5.0),
    "escalation": (5.0, 10.0),
    "autonomous": (20.0, None),
}
"""Leverage that the playbook promises of a topology, from and to (row TP-13, its sections 2.1 to 2.4)."""


def is_in_playbook_band(topology: str, leverage: float | None) -> bool | None:
    """Whether the leverage keeps the promise; None without one, or without a leverage."""
    if leverage is None or topology not in PLAYBOOK_BANDS:
        return None
    low, high = PLAYBOOK_BANDS[topology]
    return low <= leverage and (high is None or leverage <= high)
