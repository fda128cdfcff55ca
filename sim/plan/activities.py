"""What one activity of a worker at a task comes to: minutes, outcome, confidence, verdict, from keyed draws."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from sim import maths
from sim.distributions import DurationDistribution, Sampler
from sim.draws import Stream
from sim.plan.draws_for import BlockDraws, Draws, ScalarDraws
from sim.quantities import BILLION, billionths
from sim.rules.agent_effects import Clarification
from sim.rules.confidence import ConfidenceCurve, compile_confidence, penalised
from sim.rules.failures import FailureCurve, Outcome, compile_failures
from sim.rules.success import SkillCurve, compile_success
from sim.tasks import TaskType
from sim.workers import AgentRole, HumanRole, at_work

LONGEST_WORK = float(1 << 52)
"""Ticks at which a drawn time is cut, so that it stays exact."""
SHARED, OF_STAGE, OF_MODEL = 0.5, 0.3, 0.2
"""Variance of hardness shared by all stages and models of a task, by the models at one stage, and by the
attempts of one model at one stage (an assumption; design, section 5)."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a task's story so far does to an attempt."""

    gain: float = 0.0
    """Logits added to the skill: a revision, a recovery move, memory of a failure, context lost."""
    judgment_gain: float = 0.0
    """Logits taken from judgment failures."""
    error_factor: float = 1.0
    """How many times likelier an error is because the input is wrong."""
    cleared: int = 0
    """Outcomes (1 << Outcome) whose cause was removed."""

    def is_cleared(self, outcome: Outcome) -> bool:
        """Whether the cause of this failure was removed."""
        return bool(self.cleared >> int(outcome) & 1)


NO_EFFECTS = Effects()


@dataclass(frozen=True, slots=True)
class Key:
    """What the draws of one kind of work are keyed by."""

    seed: int
    replication: int
    type_id: str
    stage: str
    role: str

    def stream(self, purpose: str) -> Stream:
        """Draws of this role at this work."""
        return Stream(self.seed, self.replication, purpose, self.type_id, self.stage, self.role)


class Hardness:
    """Hardness of a task at a stage for one model: a standard normal shared by all visits."""

    __slots__ = ("parts", "weights")

    def __init__(self, key: Key, model: str) -> None:
        """`model` is the model of an agent or the role of a person."""
        seed, replication, type_id = key.seed, key.replication, key.type_id
        self.parts = (
            Stream(seed, replication, "hardness", type_id),
            Stream(seed, replication, "hardness", type_id, key.stage),
            Stream(seed, replication, "hardness", type_id, key.stage, model),
        )
        self.weights = tuple(maths.scalar.sqrt(weight) for weight in (SHARED, OF_STAGE, OF_MODEL))

    def of(self, draws: Draws) -> Any:
        """sqrt(.5) H(task) + sqrt(.3) H(task, stage) + sqrt(.2) H(task, stage, model)."""
        first, second, third = (
            weight * draws.of_task(part) for weight, part in zip(self.weights, self.parts, strict=True)
        )
        return first + second + third


def harder_at(task: TaskType, stage: str) -> float:
    """Logits taken from success at this stage of this type."""
    written = task.stages.get(stage)
    return task.harder_by + (written.harder_by if written is not None else 0.0)


class SharedDraws:
    """Draws that everything on one model or provider shares at a task (row RL-05)."""

    __slots__ = ("share", "streams", "takes")

    def __init__(self, role: AgentRole, key: Key, provider: str) -> None:
        """The cause is keyed by the model's or the provider's name, without stage and role."""
        rule = role.shared_cause
        assert rule is not None
        among = role.model if rule.among == "model" else provider
        self.share = billionths(rule.share)
        self.takes = key.stream("attempt.shared_cause")
        self.streams = {
            what: Stream(key.seed, key.replication, f"shared_cause.{what}", key.type_id, "", among)
            for what in ("outcome", "transient")
        }


def _ticks(sampler: Sampler, stream: Stream, draws: Draws) -> Any:
    m: Any = draws.m
    return m.round_to_int(m.clip(sampler.quantile(draws.u(stream), m), 0.0, LONGEST_WORK))


class Execution:
    """A person does the task: (ticks, is_right)."""

    width = 2

    def __init__(self, role: HumanRole, task: TaskType, key: Key) -> None:
        """Compiles the role's parameters for this work."""
        self.work_time: Sampler = at_work(role, "work_time", key.type_id, key.stage).sampler()
        self.curve: SkillCurve = compile_success(at_work(role, "success", key.type_id, key.stage))
        self.harder_by = harder_at(task, key.stage)
        self.hardness = Hardness(key, key.role)
        self.time_stream = key.stream("execute.work_time")
        self.outcome_stream = key.stream("execute.outcome")

    def facts(self, draws: Draws, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
        """Ticks of working alone without a draft, and whether the result is right (True or 1)."""
        m: Any = draws.m
        needs_hardness = self.curve.spread != 0.0 or self.curve.table is not None
        hardness = self.hardness.of(draws) if needs_hardness else draws.constant(0.0)
        p = self.curve.probability(self.curve.logit(hardness, m) + (effects.gain - self.harder_by), m)
        return _ticks(self.work_time, self.time_stream, draws), draws.happens(self.outcome_stream, p)


class Reviewing:
    """A person reviews an output: (ticks, draw of noticing, draw of revising), the draws in billionths."""

    width = 3

    def __init__(self, role: HumanRole, key: Key) -> None:
        """Compiles the role's parameters for this work."""
        self.review_time: Sampler = at_work(role, "review_time", key.type_id, key.stage).sampler()
        self.time_stream = key.stream("review.review_time")
        self.catch_stream = key.stream("review.catch")
        self.revise_stream = key.stream("review.revise")

    def facts(self, draws: Draws, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
        """Ticks of the review, and its two draws."""
        m: Any = draws.m
        return (
            _ticks(self.review_time, self.time_stream, draws),
            m.billionths(draws.u(self.catch_stream)),
            m.billionths(draws.u(self.revise_stream)),
        )


class Attempt:
    """An agent tries the task: (ticks, Outcome, theta_raw, theta); both thetas are -1 after a visible failure."""

    width = 4

    def __init__(self, role: AgentRole, task: TaskType, key: Key, provider: str = "") -> None:
        """Compiles the role's parameters for this work; `provider` serves its model."""
        type_id, stage = key.type_id, key.stage
        self.work_time: Sampler = at_work(role, "work_time", type_id, stage).sampler()
        self.curve: SkillCurve = compile_success(at_work(role, "success", type_id, stage))
        self.failures: FailureCurve = compile_failures(at_work(role, "failures", type_id, stage), self.curve)
        self.confidence: ConfidenceCurve = compile_confidence(
            at_work(role, "confidence", type_id, stage), self.curve, self.failures, harder_at(task, stage)
        )
        self.harder_by = harder_at(task, stage)
        self.schema_invalid, self.tool_errors = billionths(role.schema_invalid), billionths(role.tool_errors)
        self.hardness = Hardness(key, role.model)
        for name in (
            "work_time",
            "outcome",
            "hint",
            "noise",
            "transient",
            "judgment",
            "schema",
            "tool_error",
        ):
            setattr(self, f"{name}_stream", key.stream(f"attempt.{name}"))
        self.seen_stream = key.stream("attempt.hardness_seen")
        self.governance_stream = key.stream("attempt.governance")
        self.deterministic_stream = Stream(key.seed, key.replication, "deterministic", type_id, stage)
        self.shared = SharedDraws(role, key, provider) if role.shared_cause is not None else None
        reflection = role.self_correction
        self.mended = billionths(reflection.rate) if reflection is not None else 0
        self.slower = 1.0 + reflection.more_time if reflection is not None else 1.0

    work_time_stream: Stream
    outcome_stream: Stream
    hint_stream: Stream
    noise_stream: Stream
    transient_stream: Stream
    judgment_stream: Stream
    schema_stream: Stream
    tool_error_stream: Stream

    def facts(self, draws: Draws, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
        """One attempt under the given effects."""
        m: Any = draws.m
        hardness = self.hardness.of(draws) if self._needs_hardness() else draws.constant(0.0)
        p = self.curve.probability(self.curve.logit(hardness, m) + (effects.gain - self.harder_by), m)
        if effects.error_factor != 1.0:
            p = BILLION - m.round_to_int(m.clip((BILLION - p) * effects.error_factor, 0.0, 1e9))
        if self.mended:
            p = p + m.round_to_int((BILLION - p) * (self.mended / 1e9))
        is_right = self._happens(draws, self.outcome_stream, "outcome", p)
        theta_raw = self._theta_raw(draws, hardness, is_right)
        is_invalid = (
            draws.happens(self.schema_stream, self.schema_invalid) if self.schema_invalid else draws.never()
        )
        has_error = (
            draws.happens(self.tool_error_stream, self.tool_errors) if self.tool_errors else draws.never()
        )
        theta = (
            penalised(theta_raw, is_invalid, has_error)
            if self.schema_invalid or self.tool_errors
            else theta_raw
        )
        outcome = draws.where(
            is_invalid, int(Outcome.INVALID), draws.where(is_right, int(Outcome.RIGHT), int(Outcome.WRONG))
        )
        outcome = self._with_failures(draws, hardness, outcome, effects)
        has_failed = outcome >= int(Outcome.TRANSIENT)
        ticks = _ticks(self.work_time, self.work_time_stream, draws)
        return (
            ticks if self.slower == 1.0 else m.round_to_int(ticks * self.slower),
            outcome,
            draws.where(has_failed, -1, theta_raw),
            draws.where(has_failed, -1, theta),
        )

    def _needs_hardness(self) -> bool:
        return self.curve.spread != 0.0 or self.curve.table is not None

    def _theta_raw(self, draws: Draws, hardness: Any, is_right: Any) -> Any:
        m: Any = draws.m
        curve = self.confidence
        hint = m.normal_quantile(draws.u(self.hint_stream)) if curve.d else 0.0
        noise = m.normal_quantile(draws.u(self.noise_stream)) if curve.noise else 0.0
        visible = hardness
        if curve.seen < 1.0 and self._needs_hardness():
            unseen = draws.of_task(self.seen_stream)
            root = maths.scalar.sqrt
            visible = root(curve.seen) * hardness + root(1.0 - curve.seen) * unseen
        return curve.theta_raw(is_right * 1.0, visible, hint, noise, m)

    def _happens(self, draws: Draws, stream: Stream, what: str, p: Any) -> Any:
        """An event of p billionths, which hangs on the shared cause for a part of the attempts."""
        if self.shared is None:
            return draws.happens(stream, p)
        hangs = draws.happens(self.shared.takes, self.shared.share)
        shared = draws.happens(self.shared.streams[what], p)
        return draws.where(hangs, shared, draws.happens(stream, p))

    def _with_failures(self, draws: Draws, hardness: Any, outcome: Any, effects: Effects) -> Any:
        """The outcome, or the visible failure that came before it; tested last to first, so the first one stays."""
        m, failures = draws.m, self.failures
        if failures.judgment > 0.0:
            p = m.round_to_int(failures.judgment_probability(hardness, m, effects.judgment_gain) * 1e9)
            outcome = draws.where(draws.happens(self.judgment_stream, p), int(Outcome.JUDGMENT), outcome)
        if failures.transient:
            hit = self._happens(draws, self.transient_stream, "transient", failures.transient)
            outcome = draws.where(hit, int(Outcome.TRANSIENT), outcome)
        if failures.governance and not effects.is_cleared(Outcome.GOVERNANCE):
            hit = draws.happens_once(self.governance_stream, failures.governance)
            outcome = draws.where(hit, int(Outcome.GOVERNANCE), outcome)
        if failures.deterministic and not effects.is_cleared(Outcome.DETERMINISTIC):
            hit = draws.happens_once(self.deterministic_stream, failures.deterministic)
            outcome = draws.where(hit, int(Outcome.DETERMINISTIC), outcome)
        return outcome


class Checking:
    """A check of an output: (ticks, draw of finding, draw of blindness), the draws in billionths."""

    width = 3

    def __init__(self, time: DurationDistribution | int, key: Key, purpose: str) -> None:
        """A check with drawn times of a role, or one of a fixed length in ticks."""
        self.time: Sampler | int = time if isinstance(time, int) else time.sampler()
        self.time_stream = key.stream(f"{purpose}.work_time")
        self.find_stream, self.blind_stream = key.stream(f"{purpose}.find"), key.stream(f"{purpose}.blind")

    def facts(self, draws: Draws, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
        """Ticks of the check, and its two draws."""
        m: Any = draws.m
        if isinstance(self.time, int):
            ticks = m.round_to_int(draws.constant(float(self.time)))
        else:
            ticks = _ticks(self.time, self.time_stream, draws)
        found, blind = draws.u(self.find_stream), draws.u(self.blind_stream)
        return ticks, m.billionths(found), m.billionths(blind)


class Answering:
    """An agent answers a question: (ticks, input tokens, output tokens)."""

    width = 3

    def __init__(self, rule: Clarification, key: Key) -> None:
        """Compiles the parameters of the questions."""
        self.samplers = (rule.time.sampler(), rule.input_tokens.sampler(), rule.output_tokens.sampler())
        self.streams = tuple(
            key.stream(f"clarify.{what}") for what in ("time", "input_tokens", "output_tokens")
        )

    def facts(self, draws: Draws, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
        """Ticks and tokens of one answer."""
        return tuple(
            _ticks(sampler, stream, draws)
            for sampler, stream in zip(self.samplers, self.streams, strict=True)
        )


class Correcting:
    """A person corrects a wrong delivery: (ticks,)."""

    width = 1

    def __init__(self, time: DurationDistribution, key: Key) -> None:
        """Compiles the time of a correction."""
        self.time: Sampler = time.sampler()
        self.time_stream = key.stream("correct.work_time")

    def facts(self, draws: Draws, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
        """Ticks of the correction."""
        return (_ticks(self.time, self.time_stream, draws),)


Activity = Attempt | Execution | Reviewing | Checking | Answering | Correcting
"""What a worker does at a stage."""


def first_visits(activity: Activity, first: int, count: int) -> list[list[Any]]:
    """The facts of a block of tasks at their first visit, one list per fact."""
    return [column.tolist() for column in activity.facts(BlockDraws.span(first, count))]


def second_visits(activity: Activity, indices: list[int]) -> list[tuple[Any, ...]]:
    """The facts of some tasks at their second visit, one tuple per task; the same bits as `later_visit`."""
    columns = activity.facts(BlockDraws(np.array(indices, dtype=np.uint64), visit=1))
    return list(zip(*(column.tolist() for column in columns), strict=True))


def later_visit(activity: Activity, index: int, visit: int, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
    """The facts of one task at a later visit, or at a visit under effects."""
    return activity.facts(ScalarDraws(index, visit), effects)


def minor_units(amount: Decimal, digits: int) -> int:
    """An amount in minor units of its currency, halves up."""
    return int((amount.scaleb(digits)).to_integral_value("ROUND_HALF_UP"))
