"""Approval rules: which outputs of agents a person must approve before they take effect."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.quantities import Duration, Money, Share
from sim.spec import Id, Spec, default

EdgeName = Literal[
    "publish", "customer_message", "spend", "refund", "access_change", "source_of_truth", "internal"
]
"""What an action does to the world outside (row HI-11)."""
EDGES: tuple[EdgeName, ...] = (
    "publish", "customer_message", "spend", "refund", "access_change", "source_of_truth",
)  # fmt: skip
"""Actions with a blast radius: where a review policy of `edges` reviews."""


class Approval(Spec):
    """When a person approves; an output gets one approval at most (rows HI-01, HI-06, HI-11).

    It is needed where the gate or the review policy asks for it and the topology has no review of its own.
    """

    gate: Literal["none", "risk", "mutations", "all"] = default("none", "off")
    """Holds what it names in quarantine: nothing, what is risky (a high blast radius, or a value above
    `value_limit`), what changes a system of record, everything."""
    review: Literal["none", "edges", "all"] = default("none", "off")
    """Reviews nothing, the actions among `edges`, everything."""
    edges: Annotated[tuple[EdgeName, ...], Field(max_length=20, strict=False)] = default(
        EDGES, "seed HI-11: the edge list"
    )
    """Actions that a review policy of `edges` reviews."""
    value_limit: Money | None = None
    """Tasks of a higher value are risky; exactly the limit is not."""
    reviewer: Id | None = None
    """Human role that approves; without it the topology's human."""
    max_revisions: Annotated[int, Field(ge=0, le=100)] = default(2)
    """Times one output may be sent back to the agent."""
    revise_share: Share = default(1.0)
    """Share of caught outputs that are sent back while revisions are left; the rest is rejected."""
    review_human_work: bool = default(False, "off")
    """Whether what people did needs approval too."""
    proposal_time: Duration = default(0, "off")
    """Time to make a proposal from a read-only simulation before the review; nobody is occupied."""


def needs_approval(
    rule: Approval, action: str, mutating: bool, blast_radius: str
) -> Literal["never", "by_value", "always"]:
    """Whether an output of this kind needs approval: always, never, or when its value is above the limit."""
    by_review = rule.review == "all" or (rule.review == "edges" and action in rule.edges)
    by_gate = rule.gate == "all" or (rule.gate == "mutations" and mutating)
    if by_review or by_gate or (rule.gate == "risk" and blast_radius == "high"):
        return "always"
    return "by_value" if rule.gate == "risk" and rule.value_limit is not None else "never"
