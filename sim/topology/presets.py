"""Topologies as they are written: who does a stage and who checks it.

human_only   execute -> deliver
copilot      execute with assistance -> deliver
guardian     attempt -> review -> deliver | attempt again | execute with the draft -> deliver
escalation   attempt -> route -> deliver | execute with the draft -> deliver
autonomous   attempt -> deliver
cascade      attempt of tier 1 -> route -> deliver | attempt of tier 2 -> ...
custom       its own steps
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from sim.quantities import Money, Number, Share
from sim.spec import Id, Spec, default, fault
from sim.topology.custom import Custom


class HumanOnly(Spec):
    """People do everything; the baseline that "x times" needs."""

    kind: Literal["human_only"]
    human: Id
    """Role that does the work."""
    agent: Id | None = None
    """Not used; kept so that overlays may change the kind alone."""


class Copilot(Spec):
    """People do everything with an agent's assistance."""

    kind: Literal["copilot"]
    human: Id
    """Role that does the work."""
    agent: Id
    """Role whose model assists."""
    assist_factor: Annotated[Number, Field(ge=0.1, le=100)] = default(
        1.35, "seed TP-01 gives 1.2 to 1.5; the middle"
    )
    """Assisted work takes the time divided by this."""


class Guardian(Spec):
    """Agents do everything, people approve every output."""

    kind: Literal["guardian"]
    agent: Id
    """Role that does the work."""
    human: Id
    """Role that does what was rejected."""
    reviewer: Id | None = None
    """Role that reviews; the `human` unless named."""
    max_revisions: Annotated[int, Field(ge=0, le=100)] = default(2)
    """Times one output may be sent back to the agent."""
    revise_share: Share = default(1.0)
    """Share of caught outputs that are sent back while revisions are left; the rest is rejected."""
    revision_gain: Annotated[Number, Field(ge=-20, le=20)] = default(0.0, "off")
    """Logits added to the success of a revision; the agent's stated confidence does not know of it."""
    send_back: bool = default(False, "off")
    """Whether a caught defect of an earlier stage goes back to the stage where it was born."""


class Ladder(Spec):
    """What agents try before a person is asked (row CR-14)."""

    own: Annotated[int, Field(ge=0, le=100)] = default(1)
    """Times the agent tries again itself."""
    peers: Annotated[int, Field(ge=0, le=100)] = default(0, "off")
    """Times another agent role tries after that."""
    peer: Id | None = None
    """That role."""


class Escalation(Spec):
    """Agents do everything, people take what is uncertain or dear."""

    kind: Literal["escalation"]
    agent: Id
    """Role that does the work."""
    human: Id
    """Role that takes the exceptions."""
    threshold: Share = default(0.85, "seed section 3.1")
    """Outputs with theta below it go to a person; exactly the threshold delivers."""
    value_limit: Money | None = None
    """Tasks of a higher value go to a person whatever theta is; exactly the limit delivers. None: no limit."""
    value_check: Literal["after", "before"] = default("after", "decision D37: the draft helps")
    """Whether the value is looked at after the agent's work or before it."""
    premature_escalation: Share = default(0.0, "off")
    """Share of outputs that are sure enough but go to a person all the same (row HI-12)."""
    ladder: Ladder | None = None
    """What agents try before a person is asked; without it unsure outputs go to a person at once (decision D11)."""


class Autonomous(Spec):
    """Agents do everything, nobody checks."""

    kind: Literal["autonomous"]
    agent: Id
    """Role that does the work."""
    human: Id | None = None
    """Not used; kept so that overlays may change the kind alone."""


class Tier(Spec):
    """One tier of a cascade; a bare word is its agent role."""

    bare_form = "agent"

    agent: Id
    """Role that tries."""
    threshold: Share = default(0.85, "seed section 3.1")
    """Outputs with theta below it go to the next tier."""

    @model_validator(mode="before")
    @classmethod
    def _from_role(cls, value: Any) -> Any:
        return {"agent": value} if isinstance(value, str) else value


class Triage(Spec):
    """Where a cascade begins, by an estimate of how hard the task is (row CR-17)."""

    boundaries: Annotated[tuple[Number, ...], Field(min_length=1, max_length=9, strict=False)]
    """Hardness (a standard normal over tasks) from which the second, the third, ... tier begins; they rise."""
    error: Annotated[Number, Field(ge=0, le=100)] = default(0.0, "off")
    """Standard deviation of the estimate's error."""

    @model_validator(mode="after")
    def _rising(self) -> Triage:
        if any(later <= earlier for earlier, later in pairwise(self.boundaries)):
            raise fault("E0217", "boundaries must rise")
        return self


class Cascade(Spec):
    """Cheap agents first, dearer ones for what is unsure or failed, a person at the end if there is one."""

    kind: Literal["cascade"]
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=9, strict=False)]
    """The agents, in the order in which they try; the last one's threshold counts only where a person follows."""
    human: Id | None = None
    """Role that takes what no tier is sure of; without it the last tier delivers."""
    agent: Id | None = None
    """Not used; kept so that overlays may change the kind alone."""
    value_limit: Money | None = None
    """Tasks of a higher value go to the person whatever theta is."""
    triage: Triage | None = None
    """Begins hard tasks at a later tier; without it all begin at the first."""


def _kind(value: Any) -> str:
    return (
        str(value.get("kind", "no kind given"))
        if isinstance(value, dict)
        else str(getattr(value, "kind", ""))
    )


Topology = Annotated[
    Annotated[HumanOnly, Tag("human_only")]
    | Annotated[Copilot, Tag("copilot")]
    | Annotated[Guardian, Tag("guardian")]
    | Annotated[Escalation, Tag("escalation")]
    | Annotated[Autonomous, Tag("autonomous")]
    | Annotated[Cascade, Tag("cascade")]
    | Annotated[Custom, Tag("custom")],
    Discriminator(_kind),
]
"""Who does a stage and who checks it, told apart by the key `kind`."""

KINDS = ("human_only", "copilot", "guardian", "escalation", "autonomous")
"""Presets that need nothing but the bindings `agent` and `human`: what `Scenario.topologies` gives."""
AnyTopology = HumanOnly | Copilot | Guardian | Escalation | Autonomous | Cascade | Custom
"""The union of all topologies, without pydantic's marks."""
