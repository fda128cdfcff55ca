"""Who did what in a row of the log, in words."""

from __future__ import annotations

from sim.log.columns import NULL, Block


def activities(block: Block) -> list[str]:
    """What was done in each row: the action, with the stage if it has one, such as `attempted match`."""
    actions, stages = block.names["action"], (*(f" {stage}" for stage in block.names["stage"]), "")
    pairs = zip(block["action"].tolist(), block["stage"].tolist(), strict=True)
    return [actions[action] + stages[stage] for action, stage in pairs]


def workers(block: Block) -> list[str]:
    """Who worked in each row: role and position, such as `clerk 7`; empty for nobody."""
    roles = (*block.names["role"], "")
    pairs = zip(block["role"].tolist(), block["position"].tolist(), strict=True)
    return ["" if NULL in (role, number) else f"{roles[role]} {number}" for role, number in pairs]
