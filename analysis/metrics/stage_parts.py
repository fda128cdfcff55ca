"""Parts of a tally by stage and by guard: where errors are born and caught, and what stopped work."""

from __future__ import annotations

from dataclasses import dataclass

CHECKS = (
    "confidence", "value", "premature", "validator", "reviewer", "verification", "upstream", "client",
)  # fmt: skip
"""What catches a wrong output: the agent was unsure, the task too dear or sent on for nothing, a validator flagged
it, a reviewer did not approve, a look at the ground truth found it, the next agent noticed, a client found out."""
CATEGORIES = ("transient", "deterministic", "judgment", "governance")
"""Visible failures (row RT-01)."""
DELIVERED = "delivered"
"""Where a defect goes that nothing catches before the delivery."""


@dataclass(frozen=True, slots=True)
class CfrPart:
    """Cascade failure risk from the estimated P_i of each agent stage (decisions D6 and D7)."""

    billionths: int
    """1 - E over paths of prod(1 - P_i), times a billion, times the tasks that ended."""
    tasks: int
    """Tasks that ended."""


@dataclass(frozen=True, slots=True)
class StagePart:
    """One stage of one task type: the passes of cohort tasks through it.

    The stages of a type add up to the type: visible failures, attempts, waits, people's minutes, and the cost of
    every row that has a stage.
    """

    type: str
    stage: str
    arrivals: int
    """Passes that ended, and those that the end of the run cut off, on their way to the stage too."""
    passes: int
    """Passes that ended; what follows up to `caught` is counted at their end."""
    repeats: int
    """Passes of tasks that had come to this stage before."""
    born_by_agent: int
    """A defect of an agent's own work was left; what came in was right."""
    born_by_person: int
    inherited: int
    """What came in was wrong."""
    amplified: int
    """What came in was wrong, and so was the work done here."""
    repaired: int
    """What came in was wrong, what left was right."""
    wrong_work: int
    """Attempts and executions whose own work was wrong, whether it was caught here, done again or passed on."""
    agent_passes: int
    """Passes with agents at work on clean input (decision D7)."""
    agent_failures: int
    """Those in which the agents left a defect of their own or a visible failure: over `agent_passes`, P_i."""
    caught: tuple[int, ...]
    """Wrong outputs that were caught here, by CHECKS, wherever the defect was born; a client catches at no stage."""
    escaped: int
    """Wrong deliveries whose defect was born here."""
    failures: tuple[int, ...]
    """Attempts that failed visibly, by CATEGORIES."""
    attempts: int
    retries: int
    """Visible failures that agents answered with another try, or with a move towards one."""
    waited_ticks: int
    """Ticks in queues."""
    hand_offs: int
    """Passes that began where another stage had ended."""
    hand_off_ticks: int
    """Ticks between the end of one stage and the queue of this one."""
    people_ticks: int
    """Ticks of people's work."""
    costs: tuple[int, ...]
    """Nano-units by COST_LINES."""
    made_by: tuple[int, ...]
    """Passes that ended with a role's output in hand, by role in the order of the tally."""


@dataclass(frozen=True, slots=True)
class DefectFlow:
    """Defects on their way: born at one stage, caught by a check at another, or delivered."""

    type: str
    born: str
    """Stage where the defect was born."""
    at: str
    """Stage where it was caught or delivered; empty for a client."""
    to: str
    """One of CHECKS, or DELIVERED; what a client finds was delivered before and counts in both."""
    count: int


@dataclass(frozen=True, slots=True)
class GuardPart:
    """One guard: what it stopped and how its state changed, at whatever tasks and times."""

    name: str
    refused: tuple[tuple[str, int], ...]
    """Calls and transfers refused, by reason, in alphabetical order."""
    changes: tuple[tuple[str, int], ...]
    """Changes of its state, by reason, in alphabetical order."""
    trips: int
    """Times it began to stop work: budgets and switches that tripped, breakers that opened; calls refused for
    guards without a state."""
    exhausted: tuple[int, ...]
    """Ticks from the beginning of a period until its budget was spent, in ascending order."""
    periods: int
    """Periods that began before the run ended; 0 for a guard without periods."""
