"""What follows a visible failure in the walk: retries, then the recovery moves of its category in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.forecast.workflow.token import Output, Token
from sim.maths import FloatArray
from sim.rules.failures import Outcome
from sim.rules.recovery import CATEGORIES, NEEDS_ROLE, TERMINAL, Move
from sim.topology import Action
from sim.workers import AgentRole

if TYPE_CHECKING:
    from analysis.forecast.workflow.passing import Walker


def after_failure(walker: Walker, token: Token, category: Outcome, mass: FloatArray) -> None:
    """Tries again where the rules allow it; else the recovery moves; else the task leaves the agent."""
    role = walker.stage.agent(token.by_role).role
    token = replace(token, failures=token.failures + 1)
    is_retried = role.retries.policy == "naive" or category is Outcome.TRANSIENT
    if is_retried and token.failures <= role.retries.limit and token.attempts < role.max_attempts:
        walker.put(token, mass)
    else:
        _recover(walker, token, category, role, mass)


def _recover(walker: Walker, token: Token, category: Outcome, role: AgentRole, mass: FloatArray) -> None:
    """The moves in order: one that does not remove the cause is followed by the next at once."""
    while True:
        turn = _turn(walker, token, category)
        if turn is None or (turn[0].move not in TERMINAL and token.attempts >= role.max_attempts):
            _give_up(walker, token, mass)
            return
        move, moves = turn
        if move.move in TERMINAL:
            _leave(walker, token, move, mass)
            return
        token = replace(token, moves=moves)
        walker.count("move_cost", token.by_role, mass * float(move.cost))
        walker.put(_helped(walker, token, move, category), mass * move.chance)
        mass = mass * (1.0 - move.chance)
        if move.chance == 1.0:
            return


Moves = tuple[tuple[str, int, int, int], ...]


def _turn(walker: Walker, token: Token, category: Outcome) -> tuple[Move, Moves] | None:
    """The move whose turn it is, and the moves made with it; None when none is left.

    Whoever stands in for another first makes the moves of its own role, then what is left of the other's.
    """
    for place in (token.step, walker.stage.stands_for.get(token.step)):
        if place is None:
            continue
        name = walker.steps[place].role
        moves: tuple[Move, ...] = getattr(walker.stage.agent(name).role.recovery, CATEGORIES[int(category)])
        others = tuple(made for made in token.moves if made[:2] != (name, int(category)))
        number, made = next((made[2:] for made in token.moves if made not in others), (0, 0))
        if number < len(moves) and made >= moves[number].limit:
            number, made = number + 1, 0
        if number < len(moves):
            turn = (name, int(category), number, made + 1)
            return moves[number], tuple(sorted((*others, turn)))
    return None


def _helped(walker: Walker, token: Token, move: Move, category: Outcome) -> Token:
    """The token after a move that removed the cause, at the attempt that follows."""
    step = token.step
    if move.move in NEEDS_ROLE and move.role:
        step = _stand_in(walker, step, move.role)
    return replace(
        token, step=step, gain=token.gain + move.gain, judgment_gain=token.judgment_gain + move.gain,
        more_input=token.more_input * move.more_input,
        cleared=token.cleared if category is Outcome.TRANSIENT else token.cleared | {int(category)},
    )  # fmt: skip


def _stand_in(walker: Walker, step: int, role: str) -> int:
    """The attempt by that role in the place of this one, or of the one that it stands in for."""
    stand_ins = walker.stage.flow.stand_ins
    owner = walker.stage.stands_for.get(step, step)
    return owner if walker.steps[owner].role == role else stand_ins.get((owner, role), step)


def _leave(walker: Walker, token: Token, move: Move, mass: FloatArray) -> None:
    """To the person of the flow, or nowhere when the task stays blocked."""
    token = replace(token, output=Output.NOTHING)
    if move.move == "block":
        walker.fail(token, mass)
    elif walker.stage.flow.person >= 0:
        walker.count("to_person:failure", "", mass)
        walker.go(token, walker.stage.flow.person, mass)
    else:
        _give_up(walker, token, mass)


def _give_up(walker: Walker, token: Token, mass: FloatArray) -> None:
    """Where a visible failure leads when nothing more is tried."""
    to = walker.steps[token.step].go[int(Outcome.TRANSIENT)]
    if walker.steps[to].action is Action.EXECUTE:
        walker.count("to_person:failure", "", mass)
    walker.go(replace(token, output=Output.NOTHING), to, mass)
