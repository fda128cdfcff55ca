"""Steps in words: who does what, what is asked, where results lead, and what follows a failure."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from analysis.format import share
from sim.quantities import format_duration
from sim.rules.failures import Outcome
from sim.rules.recovery import CATEGORIES, Move
from sim.rules.routing import Reason
from sim.rules.validation import Validator
from sim.rules.verification import Verification
from sim.scenario import Scenario
from sim.topology import Action, Flow, ReviewRule, RouteRule, Step, Triage
from sim.workers import AgentRole

_TEXT = 66
"""Width of a line of moves, without its indent."""
_RESULTS = {
    (Action.ATTEMPT, Outcome.RIGHT): "output",
    (Action.ATTEMPT, Outcome.TRANSIENT): "visible failure, no retry left",
    (Action.EXECUTE, Outcome.RIGHT): "done",
    (Action.REVIEW, Outcome.APPROVED): "approved",
    (Action.REVIEW, Outcome.REVISED): "sent back",
    (Action.REVIEW, Outcome.REJECTED): "rejected",
    (Action.ROUTE, Reason.CONFIDENT): "yes",
    (Action.ROUTE, Reason.LOW_CONFIDENCE): "no: theta below",
    (Action.ROUTE, Reason.HIGH_VALUE): "no: value above",
    (Action.VALIDATE, Outcome.PASSED): "passed",
    (Action.VALIDATE, Outcome.FLAGGED): "flagged",
    (Action.VERIFY, Outcome.PASSED): "nothing found",
    (Action.VERIFY, Outcome.FLAGGED): "found wrong",
}
"""Results of steps in words."""


def results(step: Step) -> Iterator[tuple[str, int]]:
    """What may come of a step, and the step that it leads to; no value is above a limit that is not set."""
    for key, to in step.go.items():
        if not (
            isinstance(step.rule, RouteRule) and step.rule.value_limit is None and key == Reason.HIGH_VALUE
        ):
            yield _result(step, key), to


def _result(step: Step, key: int) -> str:
    """A result of a step."""
    rule = step.rule
    if isinstance(rule, RouteRule) and key in (Reason.SELF_RETRY, Reason.HANDED_TO_PEER):
        most, who = (rule.own, "itself") if key == Reason.SELF_RETRY else (rule.peers, "a peer")
        return f"before that {_times(most)} {who}"
    if isinstance(rule, Triage):
        return _tier(rule, key)
    return _RESULTS[step.action, key]  # type: ignore[index]


def _tier(rule: Triage, tier: int) -> str:
    """The hardness from which a tier begins."""
    if tier == 0:
        return f"hardness below {rule.boundaries[0]:g}"
    return f"hardness from {rule.boundaries[tier - 1]:g}"


def heading(scenario: Scenario, flow: Flow, step: Step) -> str:
    """What a step does."""
    match step.action:
        case Action.ATTEMPT if any(flow.steps[place] is step for place in flow.stand_ins.values()):
            return f"{step.role} attempts in its place"
        case Action.ATTEMPT:
            return f"{step.role} attempts"
        case Action.EXECUTE if step.assistant:
            return f"{step.role} does the task, assisted by {step.assistant}"
        case Action.EXECUTE:
            is_first = flow.steps[0] is step
            return f"{step.role} does the task" + ("" if is_first else ", with the draft if there is one")
        case Action.REVIEW:
            return f"{step.role} reviews{_review(step.rule)}"
        case Action.CLARIFY:
            return f"{step.role} answers a question"
        case _:
            return _check(scenario, step)


def _check(scenario: Scenario, step: Step) -> str:
    """What a step asks of an output or of a task."""
    match step.rule:
        case RouteRule():
            return _condition(scenario, step.rule)
        case Triage(error=error):
            return "estimated hardness ?" + (f" (error {error:g})" if error else "")
        case Validator() as rule:
            who = f"{step.role} validates" if step.role else "a check validates"
            blind = f", blind to {share(rule.correlation)}" if rule.correlation else ""
            return f"{who}: sees {share(rule.sensitivity)} of errors{blind}, passes {share(rule.specificity)}"
        case Verification() as rule:
            return f"a look at the ground truth: finds {share(rule.detects)} of errors"
        case _:
            raise AssertionError(f"no words for {step.action.name}")


def _condition(scenario: Scenario, rule: RouteRule) -> str:
    value = "" if rule.value_limit is None else f"value <= {scenario.currency} {rule.value_limit:,f}"
    if value and rule.threshold == 0.0:
        return f"{value} ?"
    chance = f" ({share(rule.premature)} of these sent on all the same)" if rule.premature else ""
    return f"theta >= {rule.threshold:g}" + (f" and {value}" if value else "") + f" ?{chance}"


def _review(rule: ReviewRule) -> str:
    most = rule.max_revisions
    return f" (at most {most} revision{'s' if most != 1 else ''})"


# -- what follows a failure -------------------------------------------------------------------------------------


def recovery_lines(scenario: Scenario, step: Step, indent: str) -> list[str]:
    """The recovery moves of an attempt in their order, by category of failure; nothing where there are none."""
    role = scenario.workers.get(step.role)
    if step.action is not Action.ATTEMPT or not isinstance(role, AgentRole):
        return []
    return [
        f"{indent}{line}" for text in _follows(role) for line in wrap(text, _TEXT, subsequent_indent="  ")
    ]


def _follows(role: AgentRole) -> Iterator[str]:
    if role.retries.policy == "naive":
        yield f"any failure: tried again unchanged, {_times(role.retries.limit)}"
    for outcome in (Outcome.TRANSIENT, Outcome.DETERMINISTIC, Outcome.JUDGMENT, Outcome.GOVERNANCE):
        category = CATEGORIES[int(outcome)]
        moves: tuple[Move, ...] = getattr(role.recovery, category)
        if moves:
            yield f"{category} failure: {', then '.join(map(move_words, moves))}"


def move_words(move: Move) -> str:
    """A recovery move with what is special about it."""
    details = [f"by {move.role}"] if move.role else []
    details += [_times(move.limit)] if move.limit > 1 else []
    details += [share(move.chance)] if move.chance < 1.0 else []
    details += [format_duration(move.time)] if move.time else []
    return move.move.replace("_", " ") + (f" ({', '.join(details)})" if details else "")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
