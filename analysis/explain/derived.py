"""Derived values: the other form of success and of confidence, and what was solved at load."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.format import significant
from sim.rules.confidence import auroc_of, compile_confidence, mean_stated_of
from sim.rules.failures import compile_failures
from sim.rules.success import SuccessBeta, both_right, compile_success, mean_success
from sim.spec import Spec
from sim.workers import AgentAtWork, AgentRole, HumanRole

Derived = tuple[str, str]
"""A label, and a value as text."""


def derived_values(role: AgentRole | HumanRole, owner: Spec, field: str) -> Iterator[Derived]:
    """What follows from `success` or `confidence` of `owner`: the role, or an entry of its `by_task`."""
    if field == "success":
        yield from _of_success(owner)
    elif field == "confidence" and isinstance(role, AgentRole) and isinstance(owner, AgentRole | AgentAtWork):
        yield from _of_confidence(role, owner)


def _of_success(owner: Spec) -> Iterator[Derived]:
    """Mean, share of both tries right, spread and skill, whichever form was written."""
    rule = owner.success  # type: ignore[attr-defined]
    curve = compile_success(rule)
    given = rule.model_fields_set
    if "mean" not in given:
        yield "mean", significant(mean_success(curve))
    if "both_of_two_tries" not in given:
        yield "both of two tries", significant(both_right(curve))
    if isinstance(rule, SuccessBeta) or curve.certain is not None:
        return
    if "both_of_two_tries" in given:
        yield "spread", significant(curve.spread)
    yield "skill (logit)", significant(curve.skill)


def _of_confidence(role: AgentRole, owner: AgentRole | AgentAtWork) -> Iterator[Derived]:
    """AUROC, mean stated confidence, self-knowledge and overconfidence, whichever form was written."""
    success = compile_success(owner.success or role.success)
    failures = compile_failures(owner.failures or role.failures, success)
    rule = owner.confidence or role.confidence
    curve = compile_confidence(rule, success, failures)
    given = rule.model_fields_set
    if "self_knowledge" not in given:
        yield "self_knowledge", significant(curve.d)
    if "overconfidence" not in given:
        yield "overconfidence", significant(curve.b)
    if "auroc" not in given:
        yield (
            "AUROC" + (" without noise" if curve.noise else ""),
            significant(auroc_of(curve.d, curve.visible)),
        )
    if "mean_stated" not in given:
        yield "mean stated", significant(mean_stated_of(curve))
