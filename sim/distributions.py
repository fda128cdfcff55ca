"""Distributions of durations, amounts and counts: parameters as written, exact mean, inverse CDF.

Each family is one class. `mean()` is the exact mean in base units (ticks, currency units, counts) and
`sampler()` its inverse CDF, built from `sim.maths` so that a block and a scalar give the same bits.
To add a family: write its class, add it to `FAMILIES` and the unions; the contract tests pick it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from sim import maths, tables
from sim.quantities import Count, Duration, Money, Number
from sim.spec import Spec, fault

Q = TypeVar("Q", int, Decimal, float)
"""The quantity: a Duration, Money or a Count."""

Cv = Annotated[Number, Field(ge=0, le=100)]
"""Coefficient of variation: standard deviation over mean."""

P95 = maths.scalar.normal_quantile(0.95)


class Sampler(Protocol):
    """The inverse CDF of one compiled distribution, in base units, before rounding to a grid."""

    def quantile(self, u: Any, m: Any) -> Any:
        """Value at probability `u` (0 < u < 1); `m` is `maths.scalar` or `maths.block`."""


@dataclass(frozen=True, slots=True)
class ConstantSampler:
    """Always the same value."""

    value: float

    def quantile(self, u: Any, m: Any) -> Any:
        """The value, whatever `u` is."""
        return u * 0.0 + self.value


@dataclass(frozen=True, slots=True)
class UniformSampler:
    """Linear between two ends."""

    low: float
    width: float

    def quantile(self, u: Any, m: Any) -> Any:
        """low + width * u."""
        return self.low + self.width * u


@dataclass(frozen=True, slots=True)
class ExponentialSampler:
    """Memoryless."""

    mean: float

    def quantile(self, u: Any, m: Any) -> Any:
        """-mean * log(1 - u)."""
        return -self.mean * m.log(1.0 - u)


@dataclass(frozen=True, slots=True)
class LognormalSampler:
    """Exponential of a normal."""

    mu: float
    sigma: float

    def quantile(self, u: Any, m: Any) -> Any:
        """exp(mu + sigma z)."""
        return m.exp(self.mu + self.sigma * m.normal_quantile(u))


@dataclass(frozen=True, slots=True)
class GammaSampler:
    """Gamma by a table of its log quantile over the normal score."""

    scale: float
    table: maths.Table

    def quantile(self, u: Any, m: Any) -> Any:
        """scale * exp(table(z))."""
        return self.scale * m.exp(m.interpolate(self.table, m.normal_quantile(u)))


@dataclass(frozen=True, slots=True)
class NormalSampler:
    """Normal without its part below zero."""

    mean: float
    sd: float
    below: float
    """Probability that the uncut normal is below zero."""

    def quantile(self, u: Any, m: Any) -> Any:
        """The uncut quantile at below + u (1 - below)."""
        return self.mean + self.sd * m.normal_quantile(self.below + u * (1.0 - self.below))


class Family(Spec, Generic[Q]):
    """What every family of distributions has.

    Fields say what they mean in `description`, not in a text below them: pydantic would look for that text in the
    source once for every family and quantity, which takes longer than all the rest of reading a scenario.
    """

    model_config = ConfigDict(use_attribute_docstrings=False)

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """A short name for the JSON schema, such as `LognormalDuration`."""
        quantities = {"Duration": Duration, "Money": Money, "Count": Count}
        other = [] if isinstance(params[0], TypeVar) else ["Input"]
        known = [name for name, quantity in quantities.items() if quantity == params[0]]
        return cls.__name__ + "".join(known or other)

    def mean_value(self) -> float:
        """The exact mean in base units."""
        raise NotImplementedError

    def sampler(self) -> Sampler:
        """The compiled inverse CDF."""
        raise NotImplementedError


def _positive(name: str, value: Any) -> None:
    if value is not None and not value > 0:
        raise fault("E0216", f"{name} must be above 0")


class Constant(Family[Q], Generic[Q]):
    """Always the same value; a bare value in place of a distribution means this."""

    bare_form = "value"

    distribution: Literal["constant"] = "constant"
    value: Q = Field(description="The value.")

    @model_validator(mode="before")
    @classmethod
    def _from_bare(cls, value: Any) -> Any:
        return value if isinstance(value, dict | Constant) else {"distribution": "constant", "value": value}

    def mean_value(self) -> float:
        """The value."""
        return float(self.value)

    def sampler(self) -> Sampler:
        """Ignores the draw."""
        return ConstantSampler(float(self.value))


class Uniform(Family[Q], Generic[Q]):
    """Evenly spread between two ends."""

    distribution: Literal["uniform"]
    low: Q = Field(description="The lower end.")
    high: Q = Field(description="The upper end, not below the lower.")

    @model_validator(mode="after")
    def _ordered(self) -> Uniform[Q]:
        if self.high < self.low:
            raise fault("E0216", "high must not be below low")
        return self

    def mean_value(self) -> float:
        """(low + high) / 2."""
        return (float(self.low) + float(self.high)) / 2.0

    def sampler(self) -> Sampler:
        """Linear."""
        return UniformSampler(float(self.low), float(self.high) - float(self.low))


class Exponential(Family[Q], Generic[Q]):
    """Memoryless, coefficient of variation 1."""

    distribution: Literal["exponential"]
    mean: Q = Field(description="The mean, above 0.")

    @model_validator(mode="after")
    def _sound(self) -> Exponential[Q]:
        _positive("mean", self.mean)
        return self

    def mean_value(self) -> float:
        """The mean."""
        return float(self.mean)

    def sampler(self) -> Sampler:
        """-mean log(1 - u)."""
        return ExponentialSampler(float(self.mean))


class _MeanAndSpread(Family[Q], Generic[Q]):
    """A family given by its mean and either cv or sd."""

    mean: Q | None = Field(None, description="The mean, above 0.")
    cv: Cv | None = Field(
        None, description="Coefficient of variation: standard deviation over mean. Give it or `sd`."
    )
    sd: Q | None = Field(None, description="Standard deviation. Give it or `cv`.")

    def _spread(self) -> float:
        """The coefficient of variation."""
        return float(self.cv) if self.cv is not None else float(self.sd or 0) / float(self.mean or 1)

    def _check_mean_form(self) -> None:
        if self.mean is None or (self.cv is None) == (self.sd is None):
            raise fault("E0217", f"give mean and cv, or mean and sd; got {given(self)}")
        _positive("mean", self.mean)
        if self._spread() > 100:
            raise fault("E0216", "sd is more than 100 times the mean")


def given(spec: Spec) -> str:
    """The parameters that were written, for an error message."""
    names = [name for name in spec.model_fields_set if name != "distribution"]
    return " and ".join(sorted(names)) or "nothing"


class Gamma(_MeanAndSpread[Q], Generic[Q]):
    """Gamma with a mean and a spread."""

    distribution: Literal["gamma"]

    @model_validator(mode="after")
    def _sound(self) -> Gamma[Q]:
        self._check_mean_form()
        return self

    def mean_value(self) -> float:
        """The mean."""
        return float(self.mean or 0)

    def sampler(self) -> Sampler:
        """By a table of quantiles; a cv below 0.001 counts as constant."""
        cv = self._spread()
        if cv < 0.001:
            return ConstantSampler(self.mean_value())
        shape = 1.0 / (cv * cv)
        return GammaSampler(self.mean_value() / shape, tables.gamma_log_table(shape))


class Lognormal(_MeanAndSpread[Q], Generic[Q]):
    """Lognormal, written one of three ways: mean and cv, mean and sd, or median and p95."""

    distribution: Literal["lognormal"]
    median: Q | None = Field(None, description="The value half of the draws are below.")
    p95: Q | None = Field(None, description="The value 95 % of the draws are below; not below the median.")

    @model_validator(mode="after")
    def _sound(self) -> Lognormal[Q]:
        by_median = self.median is not None and self.p95 is not None
        if self.median is None and self.p95 is None:
            if self.mean is None or (self.cv is None) == (self.sd is None):
                self._refuse()
            self._check_mean_form()
        elif not by_median or self.mean is not None or self.cv is not None or self.sd is not None:
            self._refuse()
        _positive("median", self.median)
        if self.median is not None and self.p95 is not None and self.p95 < self.median:
            raise fault("E0216", "p95 must not be below the median")
        return self

    def _refuse(self) -> None:
        raise fault("E0217", f"give mean and cv, mean and sd, or median and p95; got {given(self)}")

    def parameters(self) -> tuple[float, float]:
        """Mean and standard deviation of the logarithm."""
        m = maths.scalar
        if self.median is not None and self.p95 is not None:
            return m.log(float(self.median)), m.log(float(self.p95) / float(self.median)) / P95
        cv = self._spread()
        sigma = m.sqrt(m.log(1.0 + cv * cv))
        return m.log(float(self.mean or 0)) - sigma * sigma / 2.0, sigma

    def mean_value(self) -> float:
        """exp(mu + sigma^2 / 2)."""
        mu, sigma = self.parameters()
        return float(self.mean) if self.mean is not None else maths.scalar.exp(mu + sigma * sigma / 2.0)

    def sampler(self) -> Sampler:
        """exp(mu + sigma z)."""
        return LognormalSampler(*self.parameters())


class Normal(_MeanAndSpread[Q], Generic[Q]):
    """Normal cut at zero: `mean`, `cv` and `sd` are those of the uncut normal, draws below zero do not occur."""

    distribution: Literal["normal"]

    @model_validator(mode="after")
    def _sound(self) -> Normal[Q]:
        self._check_mean_form()
        return self

    def mean_value(self) -> float:
        """Mean of the cut distribution: mean + sd phi(a) / Phi(a) with a = mean / sd."""
        mean, sd = float(self.mean or 0), self._spread() * float(self.mean or 0)
        if sd == 0.0:
            return mean
        a, m = mean / sd, maths.scalar
        density = m.exp(-a * a / 2.0) / 2.5066282746310002  # sqrt(2 pi)
        return mean + sd * density / m.normal_cdf(a)

    def sampler(self) -> Sampler:
        """Inverse of the part above zero."""
        mean, sd = float(self.mean or 0), self._spread() * float(self.mean or 0)
        if sd == 0.0:
            return ConstantSampler(mean)
        return NormalSampler(mean, sd, maths.scalar.normal_cdf(-mean / sd))


def _choose(value: Any) -> str:
    """The family by its key, before validation, so that one mistake gives one error."""
    if isinstance(value, Family):
        return str(getattr(value, "distribution", ""))
    return str(value.get("distribution", "no distribution given")) if isinstance(value, dict) else "constant"


FAMILIES: tuple[type[Family[Any]], ...] = (Constant, Uniform, Exponential, Gamma, Lognormal, Normal)
"""Every family; a test checks that the unions below name them all."""

ConstantDuration = Constant[Duration]
UniformDuration = Uniform[Duration]
ExponentialDuration = Exponential[Duration]
GammaDuration = Gamma[Duration]
LognormalDuration = Lognormal[Duration]
NormalDuration = Normal[Duration]
ConstantMoney = Constant[Money]
UniformMoney = Uniform[Money]
ExponentialMoney = Exponential[Money]
GammaMoney = Gamma[Money]
LognormalMoney = Lognormal[Money]
NormalMoney = Normal[Money]
ConstantCount = Constant[Count]
UniformCount = Uniform[Count]
ExponentialCount = Exponential[Count]
GammaCount = Gamma[Count]
LognormalCount = Lognormal[Count]
NormalCount = Normal[Count]

DurationDistribution = Annotated[
    Annotated[ConstantDuration, Tag("constant")]
    | Annotated[UniformDuration, Tag("uniform")]
    | Annotated[ExponentialDuration, Tag("exponential")]
    | Annotated[GammaDuration, Tag("gamma")]
    | Annotated[LognormalDuration, Tag("lognormal")]
    | Annotated[NormalDuration, Tag("normal")],
    Discriminator(_choose),
]
"""A duration, fixed or drawn: the families are told apart by the key `distribution`."""
MoneyDistribution = Annotated[
    Annotated[ConstantMoney, Tag("constant")]
    | Annotated[UniformMoney, Tag("uniform")]
    | Annotated[ExponentialMoney, Tag("exponential")]
    | Annotated[GammaMoney, Tag("gamma")]
    | Annotated[LognormalMoney, Tag("lognormal")]
    | Annotated[NormalMoney, Tag("normal")],
    Discriminator(_choose),
]
"""An amount of money, fixed or drawn: the families are told apart by the key `distribution`."""
CountDistribution = Annotated[
    Annotated[ConstantCount, Tag("constant")]
    | Annotated[UniformCount, Tag("uniform")]
    | Annotated[ExponentialCount, Tag("exponential")]
    | Annotated[GammaCount, Tag("gamma")]
    | Annotated[LognormalCount, Tag("lognormal")]
    | Annotated[NormalCount, Tag("normal")],
    Discriminator(_choose),
]
"""A count, fixed or drawn: the families are told apart by the key `distribution`."""
