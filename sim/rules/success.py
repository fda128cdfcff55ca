"""Success rules: how likely an output is right, and how that varies with a task's hardness.

`logit p = skill - spread * hardness`, hardness ~ N(0, 1) shared by all attempts at a task. The skill is
solved at load so that the mean of p over hardness is the share that was written. A third form says how p
is spread over tasks: `beta: [a, b]`, the inverse Beta CDF at 1 - Phi(hardness).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from sim import maths, tables
from sim.quantities import Number, Share
from sim.spec import Spec, default, fault

LARGEST_SPREAD = 40.0
"""Upper end of the search for a spread: beyond it p is 0 or 1 for almost every task."""


class SuccessBySpread(Spec):
    """A mean success share and how strongly it varies with hardness; a bare share means spread 0."""

    bare_form = "mean"

    mean: Share
    """Share of outputs that are right, over all tasks, before schema errors and without effects."""
    spread: Annotated[Number, Field(ge=0, le=20)] = default(
        0.0, "design: a bare share has independent attempts"
    )
    """Standard deviation of the logit of p over tasks; 0 means independent attempts."""

    @model_validator(mode="before")
    @classmethod
    def _from_share(cls, value: Any) -> Any:
        return value if isinstance(value, dict | SuccessBySpread) else {"mean": value}


class SuccessMeasured(Spec):
    """Success as measured by trying tasks twice."""

    mean: Share
    """Share of single tries that were right."""
    both_of_two_tries: Share
    """Share of tasks of which both of two tries were right: at least mean squared, below the mean."""

    @model_validator(mode="after")
    def _possible(self) -> SuccessMeasured:
        low = self.mean * self.mean
        if not low <= self.both_of_two_tries < self.mean:
            raise fault(
                "E0218",
                f"both_of_two_tries must be at least mean squared ({low:.4g}) and below the mean "
                f"({self.mean:.4g}), got {self.both_of_two_tries:.4g}",
            )
        return self


class SuccessBeta(Spec):
    """Success spread over tasks as a Beta distribution."""

    beta: tuple[Annotated[Number, Field(ge=0.05, le=1000)], Annotated[Number, Field(ge=0.05, le=1000)]] = (
        Field(strict=False)
    )
    """The two shape parameters; the mean is a / (a + b)."""


def _form(value: Any) -> str:
    if isinstance(value, Spec):
        return {"SuccessMeasured": "measured", "SuccessBeta": "beta"}.get(type(value).__name__, "spread")
    if isinstance(value, dict):
        return "beta" if "beta" in value else "measured" if "both_of_two_tries" in value else "spread"
    return "spread"


Success = Annotated[
    Annotated[SuccessBySpread, Tag("spread")]
    | Annotated[SuccessMeasured, Tag("measured")]
    | Annotated[SuccessBeta, Tag("beta")],
    Discriminator(_form),
]
"""How likely an output is right, in any of its three forms, told apart by their keys."""


@dataclass(frozen=True, slots=True)
class SkillCurve:
    """Compiled success: the logit of p as a function of hardness.

    `certain` is 0.0 or 1.0 when p is exactly that for every task, else None. `table`, for the Beta form,
    maps the normal score of p to its logit.
    """

    skill: float
    spread: float
    table: maths.Table | None = None
    certain: float | None = None

    def logit(self, hardness: Any, m: Any) -> Any:
        """Logit of the probability of being right at this hardness."""
        if self.table is not None:
            return m.interpolate(self.table, 0.0 - hardness)
        return self.skill - self.spread * hardness

    def probability(self, logit: Any, m: Any) -> Any:
        """Probability for a logit, on the grid of billionths, as an integer."""
        if self.certain is not None:
            return m.round_to_int(logit * 0.0 + self.certain * 1e9)
        return m.round_to_int(m.sigmoid(logit) * 1e9)


def compile_success(rule: SuccessBySpread | SuccessMeasured | SuccessBeta) -> SkillCurve:
    """The curve that has the written mean (and spread, or share of both tries right)."""
    if isinstance(rule, SuccessBeta):
        return SkillCurve(0.0, 0.0, table=tables.beta_logit_table(*rule.beta))
    if rule.mean in (0.0, 1.0):
        return SkillCurve(0.0, 0.0, certain=rule.mean)
    spread = (
        rule.spread if isinstance(rule, SuccessBySpread) else solve_spread(rule.mean, rule.both_of_two_tries)
    )
    return SkillCurve(solve_level(rule.mean, spread), spread)


@lru_cache(maxsize=4096)
def solve_level(mean: float, spread: float) -> float:
    """The level with E[sigmoid(level - spread * H)] = mean, H ~ N(0, 1), to the billionth; 0 < mean < 1."""
    m = maths.scalar
    if spread == 0.0:
        return tables.on_grid(m.logit(mean))
    reach = 9.0 * spread + 40.0
    return tables.bisect_on_grid(lambda level: _mean_of_sigmoid(level, spread, 1) - mean, -reach, reach)


@lru_cache(maxsize=4096)
def solve_spread(mean: float, both: float) -> float:
    """The spread at which both of two tries are right with probability `both`, to the billionth."""
    if both <= mean * mean:
        return 0.0

    def excess(spread: float) -> float:
        return _mean_of_sigmoid(solve_level(mean, spread), spread, 2) - both

    return tables.bisect_on_grid(excess, 0.0, LARGEST_SPREAD)


def _mean_of_sigmoid(level: float, spread: float, power: int) -> float:
    def value(z: Any) -> Any:
        p = maths.block.sigmoid(level - spread * z)
        return p if power == 1 else p * p

    return tables.normal_mean(value)


def both_right(curve: SkillCurve) -> float:
    """Probability that both of two tries at one task are right."""
    return moment(curve, 2)


def mean_success(curve: SkillCurve) -> float:
    """Probability that one try is right, over all tasks."""
    return moment(curve, 1)


def moment(curve: SkillCurve, power: int) -> float:
    """E over hardness of p to a whole power (repeated multiplication)."""
    if curve.certain is not None:
        return curve.certain

    def value(z: Any) -> Any:
        p = maths.block.sigmoid(curve.logit(z, maths.block))
        return math.prod([p] * power)

    return tables.normal_mean(value)
