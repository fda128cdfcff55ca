"""Uncertain inputs: values that are known as a range only, and their draws.

A scenario's `uncertain:` names single values of its own by dotted path and gives each a distribution, in the
value's own unit. An experiment draws one value for each replication, keyed by (seed, replication, path): it does
not depend on what else is uncertain, so variants that name the same path share it. A plain run uses the values
as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from sim import maths
from sim.distributions import (
    Constant,
    Exponential,
    Family,
    Gamma,
    Lognormal,
    Normal,
    Sampler,
    Uniform,
)
from sim.draws import Stream
from sim.problems import alternatives
from sim.quantities import format_duration, parse_duration, parse_number, plain, shown
from sim.spec import Spec, fault

PURPOSE = "uncertain"
"""Purpose of these draws; the path stands where other draws have the task type."""
DIGITS = 9
"""Significant digits of a drawn value."""
DURATION = "duration"
"""Unit of values that are lengths of time; they are held in ticks."""
DECIMALS = {"month": 4}
"""Decimals of an amount per unit of time where they are not the six that a wage may have."""
LEAST = 1 / (1 << 53)
"""The smallest draw."""
ENDS = (LEAST, 1 - LEAST)
"""Where the smallest and the largest draws lie: an unbounded distribution has no value at 0 and 1."""
CHECKED = {
    "lowest draw": ENDS[0], "2.5 % quantile": 0.025, "median": 0.5, "97.5 % quantile": 0.975,
    "highest draw": ENDS[1],
}  # fmt: skip
"""Where a distribution is looked at when a scenario is read."""
NO_INPUTS = ("version", "name", "description", "seed", "decide", "variants", "uncertain")
"""Parts of a scenario that no result depends on."""
MOST_PATHS = 40
"""Values that may be uncertain at once."""

_PER = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*(?:/|per)\s*([a-z]+)\s*")
_PERCENT = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*%\s*")
_FORMS = "a number, 90 %, a duration such as 9 min, or an amount per unit of time such as 34 / h"

ValuePath = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)
]
"""Keys with dots between: `workers.clerk.review.catch_rate`."""


class Quantity(float):
    """A number with the unit it was written in, told apart only as far as drawing needs it."""

    __slots__ = ("unit",)

    unit: str
    """Empty for numbers, shares and money; `DURATION`; `h` for an amount per hour."""

    def __new__(cls, amount: float, unit: str = "") -> Quantity:
        """The amount in ticks for a duration, else as it is written."""
        found = super().__new__(cls, amount)
        found.unit = unit
        return found

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        """What a copy is made from."""
        return float(self), self.unit


def parse_quantity(value: object) -> Quantity:
    """A value of any kind that can be drawn, with its unit; E0228 for a text that is none."""
    if isinstance(value, Quantity):
        return value
    if not isinstance(value, str):
        return Quantity(parse_number(value))
    if percent := _PERCENT.fullmatch(value):
        return Quantity(float(Decimal(percent[1]) / 100))
    if per := _PER.fullmatch(value):
        return Quantity(float(per[1]), per[2])
    try:
        return Quantity(parse_duration(value), DURATION)
    except ValueError:
        raise fault("E0228", f"no value that can be drawn: {shown(value)}; allowed: {_FORMS}") from None


def written(amount: float, unit: str) -> int | float | str:
    """An amount as a scenario writes it, on a grid of `DIGITS` significant digits.

    Durations are whole ticks, amounts per unit of time have at most six decimals.
    """
    exact = Decimal(f"{float(amount):.{DIGITS - 1}e}")
    if unit == DURATION:
        return format_duration(int(exact.to_integral_value()))
    if not unit:
        return plain(exact)
    step = Decimal(1).scaleb(-DECIMALS.get(unit, 6))
    return f"{exact.quantize(step).normalize():f} / {unit}"


Measured = Annotated[
    float,
    PlainValidator(parse_quantity),
    PlainSerializer(lambda value: written(value, value.unit), return_type=int | float | str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": -1e15, "maximum": 1e15},
                {"type": "string", "pattern": r"^(P.*|\s*(\d+(\.\d+)?\s*(%|(/|per)?\s*[a-zµ]+)\s*)+)$"},
            ],
            "description": f"A value in the unit of what it replaces: {_FORMS}.",
        }
    ),
]
"""A value in the unit of what it replaces."""


@dataclass(frozen=True, slots=True)
class ChoiceSampler:
    """One of some values, each as likely as the others."""

    values: tuple[float, ...]

    def quantile(self, u: Any, m: Any) -> Any:
        """The values in the order they are written, each over an equal part of 0..1; scalar only."""
        return self.values[min(int(u * len(self.values)), len(self.values) - 1)]


class Choice(Spec):
    """One of some values, each as likely as the others; a bare list means this."""

    bare_form = "values"

    distribution: Literal["choice"] = "choice"
    values: tuple[Measured, ...] = Field(max_length=100, strict=False)
    """The values, in the order in which the draws go through them."""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"distribution": "choice", "values": value} if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _given(self) -> Choice:
        if not self.values:
            raise fault("E0203", "must have at least 1 entry, got 0")
        return self

    def sampler(self) -> Sampler:
        """By the part of 0..1 that the draw is in."""
        return ChoiceSampler(tuple(map(float, self.values)))


def _choose(value: Any) -> str:
    """The family by its key, before validation, so that one mistake gives one error."""
    if isinstance(value, Family | Choice):
        return str(getattr(value, "distribution", ""))
    if isinstance(value, list | tuple):
        return "choice"
    return str(value.get("distribution", "no distribution given")) if isinstance(value, dict) else "constant"


def _in_one_unit(value: Any) -> Any:
    """The distribution itself; E0217 when its parameters are in different units."""
    by_unit = {quantity.unit: quantity for quantity in _quantities(value)}
    if len(by_unit) > 1:
        texts = " and ".join(str(written(quantity, unit)) for unit, quantity in by_unit.items())
        raise fault("E0217", f"give every value in the same unit, got {texts}")
    return value


def _quantities(distribution: Any) -> list[Quantity]:
    """The parameters that are in the unit of the value."""
    found: list[Quantity] = []
    for name in type(distribution).model_fields:
        value = getattr(distribution, name)
        found += [part for part in (value if isinstance(value, tuple) else (value,)) if _is_quantity(part)]
    return found


def _is_quantity(value: Any) -> bool:
    return isinstance(value, Quantity)


ConstantInput = Constant[Measured]
UniformInput = Uniform[Measured]
ExponentialInput = Exponential[Measured]
GammaInput = Gamma[Measured]
LognormalInput = Lognormal[Measured]
NormalInput = Normal[Measured]

InputDistribution = Annotated[
    Annotated[
        Annotated[ConstantInput, Tag("constant")]
        | Annotated[UniformInput, Tag("uniform")]
        | Annotated[ExponentialInput, Tag("exponential")]
        | Annotated[GammaInput, Tag("gamma")]
        | Annotated[LognormalInput, Tag("lognormal")]
        | Annotated[NormalInput, Tag("normal")]
        | Annotated[Choice, Tag("choice")],
        Discriminator(_choose),
    ],
    AfterValidator(_in_one_unit),
]
"""What is known of a value: a distribution in the value's own unit, or a list of equally likely values."""

Uncertain = Annotated[dict[ValuePath, InputDistribution], Field(min_length=1, max_length=MOST_PATHS)]
"""Distributions by the path of the value they are of."""


def value_at(distribution: Any, u: float) -> int | float | str:
    """The value at probability `u` (0 < u < 1), as a scenario writes it."""
    return written(distribution.sampler().quantile(u, maths.scalar), _quantities(distribution)[0].unit)


def drawn_values(uncertain: Mapping[str, Any], seed: int, replication: int) -> dict[str, int | float | str]:
    """One value for each path, by inversion: the same for whoever has the path and its distribution."""
    return {
        path: value_at(distribution, Stream(seed, replication, PURPOSE, path).scalar(0))
        for path, distribution in uncertain.items()
    }


def amount_of(value: object) -> float:
    """A drawn value as a number: shares and amounts as they are, durations in seconds."""
    quantity = parse_quantity(value)
    return float(quantity) / 1e6 if quantity.unit == DURATION else float(quantity)


def kept_by(whole: Any, uncertain: Mapping[str, Any]) -> dict[str, Any]:
    """Of uncertain values those that this scenario has: a variant may do without a part that another one reads."""
    return {path: found for path, found in uncertain.items() if not missing(whole, path)}


def missing(whole: Any, path: str) -> str:
    """Why there is no single value at a path of a scenario; empty when there is one."""
    keys = path.split(".")
    if keys[0] in NO_INPUTS:
        return f"{keys[0]} is nothing that a result depends on"
    place = whole
    for depth, key in enumerate(keys):
        known = _parts(place)
        if key not in known:
            inside = f" in {'.'.join(keys[:depth])}" if depth else ""
            return f"no value {key}{inside}{alternatives(key, list(known))}"
        place = known[key]
    if place is None:
        return "it is off here; write a value that holds when nothing is drawn"
    if _is_single(place):
        return ""
    inner = next(_inner(place), "")
    return "it is no single value" + (f"; name one inside it, such as {path}.{inner}" if inner else "")


def _parts(place: Any) -> dict[str, Any]:
    """What is inside a part of a scenario, by key."""
    if isinstance(place, Spec):
        return {name: getattr(place, name) for name in type(place).model_fields}
    return dict(place) if isinstance(place, Mapping) else {}


def _is_single(place: Any) -> bool:
    """Whether one quantity stands here: bare, or in a block that a bare value stands for."""
    if isinstance(place, Spec):
        bare = place.bare_form
        return (
            bool(bare)
            and place.model_fields_set <= {bare, "distribution"}
            and _is_single(getattr(place, bare))
        )
    if isinstance(place, int | float | Decimal | Fraction):
        return not isinstance(place, bool)
    if isinstance(place, Mapping | Sequence) and not isinstance(place, str):
        return False
    try:
        parse_quantity(str(place))  # an amount per month, a promised time
    except ValueError:
        return False
    return True


def _inner(place: Any) -> Iterator[str]:
    """Paths of single values inside a part."""
    for key, part in _parts(place).items():
        if part is not None and key != "distribution":
            if _is_single(part):
                yield key
            else:
                yield from (f"{key}.{rest}" for rest in _inner(part))
