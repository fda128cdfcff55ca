"""Topologies: who does a stage and who checks it, compiled to a table of steps. The engine knows only steps."""

from sim.topology.build import NO_EXTRAS, Extras, compile_flow
from sim.topology.custom import Custom
from sim.topology.flow import (
    FINAL,
    INSTANT,
    STAGE,
    Action,
    Flow,
    ReviewRule,
    RouteRule,
    Step,
    models_of,
    roles_of,
)
from sim.topology.presets import (
    KINDS,
    AnyTopology,
    Autonomous,
    Cascade,
    Copilot,
    Escalation,
    Guardian,
    HumanOnly,
    Ladder,
    Tier,
    Topology,
    Triage,
)

__all__ = [
    "FINAL", "INSTANT", "KINDS", "NO_EXTRAS", "STAGE", "Action", "AnyTopology", "Autonomous", "Cascade",
    "Copilot", "Custom", "Escalation", "Extras", "Flow", "Guardian", "HumanOnly", "Ladder", "ReviewRule",
    "RouteRule", "Step", "Tier", "Topology", "Triage", "compile_flow", "models_of", "roles_of",
]  # fmt: skip
