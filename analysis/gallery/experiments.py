"""What the pictures are drawn from: experiments with shipped scenarios, each also as the code that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parents[2]
"""The folder of the project."""
WIDTH = 100
"""Longest line of code on the page."""


@dataclass(frozen=True)
class Experiment:
    """One question to one shipped scenario; its answer is what charts are drawn from."""

    name: str
    """What the answer is called in the code on the page."""
    question: str
    scenario: str
    """File in `scenarios/`, without its ending."""
    verb: Literal["breakeven", "compare", "replicate", "sensitivity", "simulate", "sweep"]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    """Other values than those in the file, by path."""
    topologies: tuple[str, ...] = ()
    """Topologies that are compared, in place of the file's variants."""

    def code(self) -> str:
        """The lines of Python that make the answer."""
        told = [repr(f"scenarios/{self.scenario}.yaml"), *([repr(dict(self.values))] if self.values else [])]
        of = f"scenario.topologies({_listed(self.topologies)})" if self.topologies else "scenario"
        asked = [of, *(f"{key}={value!r}" for key, value in self.arguments.items())]
        home = "sim" if self.verb == "simulate" else "analysis"
        lines = [
            f"scenario = sim.load({', '.join(told)})",
            *_call(f"{self.name} = {home}.{self.verb}", asked),
        ]
        return "\n".join(lines).replace("'", '"')

    def inputs(self) -> str:
        """What a chart takes first, as it is written in Python."""
        return f"{self.name}, scenario" if self.verb == "simulate" else self.name


@cache
def answer_of(name: str) -> tuple[Any, ...]:
    """What a chart of the experiment of that name takes first: the result, or a log and its scenario."""
    import analysis
    import sim

    asked = next(experiment for experiment in EXPERIMENTS if experiment.name == name)
    scenario = sim.load(ROOT / "scenarios" / f"{asked.scenario}.yaml", asked.values)
    if asked.verb == "simulate":
        return sim.simulate(scenario), scenario
    subject = scenario.topologies(*asked.topologies) if asked.topologies else scenario
    return (getattr(analysis, asked.verb)(subject, **asked.arguments),)


def _call(function: str, arguments: list[str]) -> list[str]:
    """A call on one line, or with an argument on each."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return [line]
    return [f"{function}(", *(f"    {argument}," for argument in arguments), ")"]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


EXPERIMENTS = (
    Experiment(
        "topologies", "Which topology?", "invoice_reconciliation", "compare",
        {"replications": 10, "baseline": "escalation"},
        topologies=("human_only", "copilot", "guardian", "escalation", "autonomous"),
    ),
    Experiment(
        "staffed", "Which topology, each with just the people it needs?", "invoice_reconciliation", "compare",
        {"replications": 10, "baseline": "escalation", "staff_to": ["sla_share >= 0.95"]},
        topologies=("human_only", "copilot", "guardian", "escalation", "autonomous"),
    ),
    Experiment(
        "thresholds", "Where to put the threshold?", "invoice_reconciliation", "sweep",
        {"vary": {"topology.threshold": [0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99]},
         "subject_to": ["escape_share <= 0.025"]},
    ),
    Experiment(
        "staff", "How many people, and which threshold?", "invoice_reconciliation", "sweep",
        {"vary": {"topology.threshold": [0.8, 0.9, 0.95, 0.98], "workers.clerk.positions": [4, 5, 6, 7]},
         "subject_to": ["sla_share >= 0.95", "escape_share <= 0.03"], "replications": 5},
    ),
    Experiment(
        "turning", "From what damage on is it worth that a person looks at everything?", "invoice_reconciliation",
        "breakeven",
        {"between": ("guardian", "autonomous"), "vary": "tasks.invoice.damage_if_wrong", "low": 10, "high": 100,
         "tolerance": 0.02},
        values={"workers.clerk.positions": 4, "horizon": "3 weeks"},
    ),
    Experiment(
        "matters", "What matters most?", "invoice_reconciliation", "sensitivity",
        {"ranges": ["topology.threshold", "topology.value_limit", "tasks.invoice.damage_if_wrong",
                    "workers.clerk.wage", "workers.clerk.work_time.mean", "workers.extractor.tool_cost"],
         "metrics": "cpst_with_damage"},
    ),
    Experiment(
        "chain", "Where do errors come from in a chain?", "five_agent_chain", "compare", {"replications": 10},
        values={"warm_up": "1 day", "horizon": "8 days"},
    ),
    Experiment(
        "invoices", "How sure was the agent, and what happened to one task?", "invoice_reconciliation", "simulate",
    ),
    Experiment("log", "What happened in one run?", "support_guardian", "simulate"),
    Experiment(
        "loop", "What do budgets stop?", "runaway_loop", "simulate",
        values={"guards.budgets": {"day": {"money": 60, "period": "1 day", "then": "person"}}},
    ),
    Experiment(
        "mornings", "How many replications?", "recorded_arrivals", "replicate", {"replications": 60},
    ),
)  # fmt: skip
"""Every experiment, in the order of the page."""
