"""Confidence rules: how sure an agent says it is, and how far that can be trusted.

theta_raw = sigmoid(a (logit p_visible + d x) + b + noise), with a hint x ~ N(+d/2 or -d/2, 1) that depends
on whether the output is right. With a = 1, b = 0 and no noise, theta_raw is the Bayes posterior, so it is
calibrated exactly for any d (self-knowledge) and any part r of the hardness that the agent sees
(decision D1). Then the playbook's penalties (seed section 3.1): an invalid schema gives 0, an error in the
logs halves theta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from sim import maths, tables
from sim.quantities import Number, Share
from sim.rules.failures import FailureCurve
from sim.rules.success import SkillCurve
from sim.spec import Spec, default, fault

STRONGEST = 12.0
"""Upper end of the search for self-knowledge; AUROC is 1 to nine digits there."""
NODES = np.arange(-72, 73) / 8.0
"""Nodes of the quadrature over the visible hardness, -9 to 9."""


class ConfidenceBySignal(Spec):
    """Confidence by the strength of its signal and its bias."""

    self_knowledge: Annotated[Number, Field(ge=0, le=12)] = default(1.0)
    """Separation d of the hint between right and wrong outputs; 0 knows only the hardness it sees."""
    overconfidence: Annotated[Number, Field(ge=-20, le=20)] = default(0.0)
    """Bias b added to the logit of the stated confidence."""
    extremity: Annotated[Number, Field(ge=0, le=20)] = default(1.0, "decision D1: 1 is calibrated")
    """Factor a on the logit; above 1 the agent is too extreme, below 1 too timid."""
    noise: Annotated[Number, Field(ge=0, le=20)] = default(0.0, "off")
    """Standard deviation of noise on the logit."""
    hardness_seen: Share = default(0.0, "design: 0 unless given")
    """Part r of the variance of hardness that the agent sees before it answers."""


class ConfidenceMeasured(Spec):
    """Confidence as measured on answered tasks."""

    auroc: Annotated[Number, Field(ge=0.5, lt=1)]
    """Probability that a right output was stated surer than a wrong one."""
    mean_stated: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """Mean stated confidence; without it the agent is unbiased."""
    extremity: Annotated[Number, Field(ge=0.01, le=20)] = default(1.0, "decision D1: 1 is calibrated")
    """Factor a on the logit."""
    hardness_seen: Share = default(0.0, "design: 0 unless given")
    """Part r of the variance of hardness that the agent sees before it answers."""


class ConfidencePreset(Spec):
    """Confidence of a named kind of agent; a bare name is enough."""

    bare_form = "preset"

    preset: Literal["typical", "overconfident"]
    """`typical`: yes/no questions, AUROC 0.63, stated 0.915 at 0.798 right. `overconfident`: logic puzzles,
    AUROC 0.636, stated 0.816 at 0.531 right (LifeEval answers, logit gap taken at the means)."""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"preset": value} if isinstance(value, str) else value


PRESETS = {
    "typical": ConfidenceBySignal(self_knowledge=0.469, overconfidence=1.003),
    "overconfident": ConfidenceBySignal(self_knowledge=0.492, overconfidence=1.365),
}
"""sqrt(2) times the normal quantile of the AUROC, and logit(stated) - logit(right), from the figures above."""


def _form(value: Any) -> str:
    if isinstance(value, Spec):
        return {"ConfidenceMeasured": "measured", "ConfidencePreset": "preset"}.get(
            type(value).__name__, "signal"
        )
    if isinstance(value, str) or (isinstance(value, dict) and "preset" in value):
        return "preset"
    measured = isinstance(value, dict) and ("auroc" in value or "mean_stated" in value)
    return "measured" if measured else "signal"


Confidence = Annotated[
    Annotated[ConfidenceBySignal, Tag("signal")]
    | Annotated[ConfidenceMeasured, Tag("measured")]
    | Annotated[ConfidencePreset, Tag("preset")],
    Discriminator(_form),
]
"""How an agent states its confidence, in any of its forms, told apart by their keys."""


@dataclass(frozen=True, slots=True)
class ConfidenceCurve:
    """Compiled confidence. `visible` maps the visible hardness to the logit of p given what is seen."""

    d: float
    b: float
    a: float
    noise: float
    seen: float
    visible: maths.Table

    def theta_raw(self, is_right: Any, visible_hardness: Any, hint: Any, noise: Any, m: Any) -> Any:
        """Stated confidence on the grid of billionths.

        `is_right` is 0 or 1, `hint` and `noise` standard normal draws, `visible_hardness` N(0, 1).
        """
        x = hint + self.d * (is_right - 0.5)
        logit = (
            self.a * (m.interpolate(self.visible, visible_hardness) + self.d * x)
            + self.b
            + self.noise * noise
        )
        return m.round_to_int(m.sigmoid(logit) * 1e9)


def penalised(theta_raw: Any, is_invalid: Any, has_error: Any) -> Any:
    """theta after the playbook's penalties: 0 for an invalid schema, halved (down) for an error in the logs."""
    return (theta_raw // (1 + has_error)) * (1 - is_invalid)


def compile_confidence(
    rule: Spec, success: SkillCurve, failures: FailureCurve, harder_by: float = 0.0
) -> ConfidenceCurve:
    """The curve for this agent at this work: what it sees of p, then d and b (solved if they were measured)."""
    if isinstance(rule, ConfidencePreset):
        rule = PRESETS[rule.preset]
    assert isinstance(rule, ConfidenceBySignal | ConfidenceMeasured)
    visible = visible_logits(success, failures, rule.hardness_seen, harder_by)
    if isinstance(rule, ConfidenceBySignal):
        return ConfidenceCurve(
            rule.self_knowledge, rule.overconfidence, rule.extremity, rule.noise, rule.hardness_seen, visible
        )
    # Measured on work of ordinary hardness: `harder_by` is added after solving, as with skill.
    measured = visible_logits(success, failures, rule.hardness_seen, 0.0)
    d = solve_self_knowledge(rule.auroc, measured)
    unbiased = ConfidenceCurve(d, 0.0, rule.extremity, 0.0, rule.hardness_seen, measured)
    b = 0.0 if rule.mean_stated is None else solve_bias(rule.mean_stated, unbiased)
    return ConfidenceCurve(d, b, rule.extremity, 0.0, rule.hardness_seen, visible)


@lru_cache(maxsize=512)
def visible_logits(success: SkillCurve, failures: FailureCurve, seen: float, harder_by: float) -> maths.Table:
    """Logit of p given the visible hardness and no visible failure, as a table over that hardness.

    H = sqrt(r) H1 + sqrt(1 - r) H2: the expectation is over H2, weighted by the chance that no judgment
    failure hid the output, so that a calibrated agent is calibrated on the outputs it hands over.
    """
    m = maths.block
    root, rest = maths.scalar.sqrt(seen), maths.scalar.sqrt(1.0 - seen)
    nodes = np.arange(-9 * 16, 9 * 16 + 1) / 16.0

    def right(hardness: Any) -> Any:
        return success.probability(success.logit(hardness, m) - harder_by, m) / 1e9

    logits = []
    for node in (nodes * root).tolist():

        def kept(z: Any, base: float = node) -> Any:
            return 1.0 - failures.judgment_probability(base + rest * z, m)

        def both(z: Any, base: float = node) -> Any:
            return right(base + rest * z) * (1.0 - failures.judgment_probability(base + rest * z, m))

        share = tables.normal_mean(kept)
        p = tables.normal_mean(both) / share if share > 0.0 else 0.5
        logits.append(tables.on_grid(maths.scalar.logit(min(max(p, 1e-9), 1.0 - 1e-9))))
    return maths.Table(-9.0, 1.0 / 16.0, tuple(logits))


def _right_and_wrong(visible: maths.Table) -> tuple[Any, Any, Any]:
    """Visible logits on the nodes, and the weights of right and of wrong outputs there."""
    m = maths.block
    logits = m.interpolate(visible, NODES)
    p = m.sigmoid(logits)
    density = m.exp(-NODES * NODES / 2.0)
    return logits, p * density, (1.0 - p) * density


def _total(values: Any) -> float:
    """Exact sum, the same in every order and on every processor; the largest first is the fastest."""
    return math.fsum(np.sort(values, axis=None)[::-1].tolist())


def auroc_of(d: float, visible: maths.Table) -> float:
    """Probability that a right output is stated surer than a wrong one (a and b do not matter, noise is off)."""
    logits, right, wrong = _right_and_wrong(visible)
    gap = logits[:, None] - logits[None, :]
    if d < 1e-6:
        above = (gap > 0) * 1.0 + (gap == 0) * 0.5
    else:
        above = maths.block.normal_cdf(
            maths.block.clip((gap + d * d) / (d * 1.4142135623730951), -37.0, 37.0)
        )
    weights = right[:, None] * wrong[None, :]
    total = _total(weights)
    return _total(above * weights) / total if total > 0.0 else 0.5


@lru_cache(maxsize=512)
def solve_self_knowledge(auroc: float, visible: maths.Table) -> float:
    """d with this AUROC; E0219 when seeing the hardness alone already gives more."""
    floor = auroc_of(0.0, visible)
    if auroc < floor - 1e-9:
        raise fault(
            "E0219",
            f"an AUROC of {auroc:.4g} is below the floor of {floor:.4g} that the hardness seen gives already; "
            "raise auroc or lower hardness_seen",
        )
    return tables.bisect_on_grid(lambda d: auroc_of(d, visible) - auroc, 0.0, STRONGEST)


def mean_stated_of(curve: ConfidenceCurve) -> float:
    """Mean of theta_raw over tasks."""
    logits, right, wrong = _right_and_wrong(curve.visible)
    m, spread = (
        maths.block,
        maths.scalar.sqrt(curve.a * curve.d * curve.a * curve.d + curve.noise * curve.noise),
    )
    density = m.exp(-NODES * NODES / 2.0)
    total, mass = 0.0, (_total(right) + _total(wrong)) * _total(density)
    for weights, sign in ((right, 0.5), (wrong, -0.5)):
        centre = curve.a * (logits + sign * curve.d * curve.d) + curve.b
        theta = m.sigmoid(centre[:, None] + spread * NODES[None, :])
        total += _total(theta * weights[:, None] * density[None, :])
    return total / mass


@lru_cache(maxsize=512)
def solve_bias(mean_stated: float, unbiased: ConfidenceCurve) -> float:
    """b with this mean stated confidence."""

    def excess(b: float) -> float:
        curve = ConfidenceCurve(unbiased.d, b, unbiased.a, unbiased.noise, unbiased.seen, unbiased.visible)
        return mean_stated_of(curve) - mean_stated

    return tables.bisect_on_grid(excess, -40.0, 40.0)
