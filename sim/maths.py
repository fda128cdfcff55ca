"""Elementary functions that give the same bits for a Python float and for a numpy block, on any processor.

Nothing here calls a mathematical library: only + - * /, square root, rounding, frexp and ldexp, which
IEEE 754 defines to the last bit. The formulas are written once, in the functions at the top, and evaluated
by `scalar` (plain floats) and by `block` (float64 arrays), which differ only in how they reduce and select.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Number = TypeVar("Number", float, FloatArray)
"""What a formula computes with: one float or a block of them."""

Whole = TypeVar("Whole", int, IntArray)
"""What a formula rounds to: one int or a block of int64."""

BILLION = 1_000_000_000
"""Shares, probabilities and confidence are compared and logged as whole billionths."""

EXP_LOWEST = -708.0
"""Below this `exp` is 0.0, so no result is subnormal."""

EXP_HIGHEST = 709.0
"""Above this `exp` stays at exp(709), about 8.2e307: results are finite."""

_PER_LN2 = 1.4426950408889634
_LN2_HIGH = float.fromhex("0x1.62e42feep-1")  # ln 2 to 32 bits: its product with an exponent is exact
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")  # and the rest
_SQRT_HALF = 0.7071067811865476
_HALF_SPLITTER = 134217729.0  # 2^27 + 1 cuts a float into two halves of 26 bits (Dekker 1971)
_CDF_CENTRE = 0.66291
_CDF_FAR = 5.656854249492381  # sqrt(32)
_CDF_LIMIT = 40.0  # the tail is 0.0 from here on
_DENSITY_AT_ZERO = 0.3989422804014327  # 1 / sqrt(2 pi)


@dataclass(frozen=True)
class Table:
    """A function known at equally spaced nodes `low`, `low + step`, ...: linear between, constant outside."""

    low: float
    step: float
    nodes: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.nodes) < 2 or not self.step > 0.0:
            raise ValueError(f"a table needs two nodes and a step above 0: {len(self.nodes)}, {self.step}")

    @cached_property
    def array(self) -> FloatArray:
        """The nodes as a read-only array."""
        array = np.array(self.nodes, dtype=np.float64)
        array.flags.writeable = False
        return array


class Maths(ABC, Generic[Number, Whole]):
    """The functions a formula may call; `scalar` and `block` provide them."""

    @abstractmethod
    def exp(self, x: Number) -> Number:
        """e to the x, within 1 ulp; 0.0 below `EXP_LOWEST`, exp(709) above `EXP_HIGHEST`."""

    @abstractmethod
    def log(self, x: Number) -> Number:
        """Natural logarithm of a finite x > 0, within 1 ulp."""

    @abstractmethod
    def sqrt(self, x: Number) -> Number:
        """Square root of x >= 0, correctly rounded."""

    @abstractmethod
    def sigmoid(self, x: Number) -> Number:
        """1 / (1 + exp(-x)), accurate in both tails."""

    @abstractmethod
    def logit(self, p: Number) -> Number:
        """log(p / (1 - p)) for 0 < p < 1; near 1/2 the absolute error is about 2e-16."""

    @abstractmethod
    def normal_cdf(self, x: Number) -> Number:
        """P(Z <= x) for a standard normal Z, within 1e-15 relative in both tails (Cody 1969)."""

    @abstractmethod
    def normal_quantile(self, u: Number) -> Number:
        """The x with P(Z <= x) = u for 0 < u < 1, within 1e-15 relative (Wichura 1988, AS 241, PPND16)."""

    @abstractmethod
    def round_to_int(self, x: Number) -> Whole:
        """The nearest integer, halves to even, for |x| < 2^63."""

    @abstractmethod
    def billionths(self, u: Number) -> Whole:
        """floor(u * 10^9) for 0 <= u."""

    @abstractmethod
    def clip(self, x: Number, low: float, high: float) -> Number:
        """x held between low and high."""

    @abstractmethod
    def interpolate(self, table: Table, x: Number) -> Number:
        """The table's function at x."""


def _exp_reduced(high: Number, low: Number) -> Number:
    """exp(high - low) for |high - low| <= ln(2) / 2: the Taylor series, whose rest is below 1e-17."""
    r = high - low
    rest = 1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800))))
    rest = 1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * rest)))
    rest = 1 / 2 + r * (1 / 6 + r * (1 / 24 + r * rest))
    return 1.0 + (high + (r * r * rest - low))


def _log_reduced(f: Number, exponent: Number) -> Number:
    """log((1 + f) * 2^exponent) for 1 + f in [sqrt(1/2), sqrt(2)), by the series of 2 atanh(f / (2 + f)).

    With s = f / (2 + f) the leading term 2 s is written as f - f^2/2 + s f^2/2, whose first part is exact.
    """
    s = f / (2.0 + f)
    z = s * s
    rest = 2 / 13 + z * (2 / 15 + z * (2 / 17 + z * (2 / 19 + z * (2 / 21))))
    rest = z * (2 / 3 + z * (2 / 5 + z * (2 / 7 + z * (2 / 9 + z * (2 / 11 + z * rest)))))
    half_square = 0.5 * f * f
    small = s * (half_square + rest) + exponent * _LN2_LOW
    return exponent * _LN2_HIGH - ((half_square - small) - f)


def _cdf_centre(x: Number) -> Number:
    """The normal distribution function for |x| <= 0.66291."""
    z = x * x
    above = 0.065682337918207449113 * z + 2.2352520354606839287
    above = ((above * z + 161.02823106855587881) * z + 1067.6894854603709582) * z + 18154.981253343561249
    below = ((z + 47.20258190468824187) * z + 976.09855173777669322) * z + 10260.932208618978205
    return 0.5 + x * above / (below * z + 45507.789335026729956)


def _cdf_middle(x: Number) -> Number:
    """The upper tail over exp(-x^2 / 2) for 0.66291 < x <= sqrt(32)."""
    above = (1.0765576773720192317e-8 * x + 0.39894151208813466764) * x + 8.8831497943883759412
    above = ((above * x + 93.506656132177855979) * x + 597.27027639480026226) * x + 2494.5375852903726711
    above = ((above * x + 6848.1904505362823326) * x + 11602.651437647350124) * x + 9842.7148383839780218
    below = ((x + 22.266688044328115691) * x + 235.38790178262499861) * x + 1519.377599407554805
    below = ((below * x + 6485.558298266760755) * x + 18615.571640885098091) * x + 34900.952721145977266
    return above / ((below * x + 38912.003286093271411) * x + 19685.429676859990727)


def _cdf_far(x: Number) -> Number:
    """The upper tail over exp(-x^2 / 2) for x > sqrt(32)."""
    z = 1.0 / (x * x)
    above = (0.02307344176494017303 * z + 0.21589853405795699) * z + 0.1274011611602473639
    above = ((above * z + 0.022235277870649807) * z + 0.001421619193227893466) * z + 2.9112874951168792e-5
    below = ((z + 1.28426009614491121) * z + 0.468238212480865118) * z + 0.0659881378689285515
    below = (below * z + 0.00378239633202758244) * z + 7.29751555083966205e-5
    return (_DENSITY_AT_ZERO - z * above / below) / x


def _exact_square(x: Number) -> tuple[Number, Number]:
    """x^2 as a float and what it lost by rounding, so that exp(-x^2 / 2) keeps its last digits."""
    split = _HALF_SPLITTER * x
    half = split - (split - x)
    rest = (x - half) * (x + half)
    square = half * half + rest
    return square, (half * half - square) + rest


def _quantile_centre(q: Number, r: Number) -> Number:
    """The normal quantile at 1/2 + q, with r = 0.425^2 - q^2 >= 0."""
    above = (2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853
    above = ((above * r + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427
    above = (above * r + 133.14166789178437745) * r + 3.387132872796366608
    below = (5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061
    below = ((below * r + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083
    return q * above / ((below * r + 42.313330701600911252) * r + 1.0)


def _quantile_tail(root: Number) -> Number:
    """Minus the normal quantile at exp(-root^2), for root <= 5."""
    r = root - 1.6
    above = (7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177
    above = ((above * r + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055
    above = (above * r + 4.6303378461565452959) * r + 1.42343711074968357734
    below = (1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966
    below = ((below * r + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494
    return above / ((below * r + 2.05319162663775882187) * r + 1.0)


def _quantile_far(root: Number) -> Number:
    """Minus the normal quantile at exp(-root^2), for root > 5."""
    r = root - 5.0
    above = (2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386
    above = ((above * r + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358
    above = (above * r + 5.4637849111641143699) * r + 6.6579046435011037772
    below = (2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5
    below = (
        (below * r + 7.868691311456132591e-4) * r + 0.0148753612908506148525
    ) * r + 0.13692988092273580531
    return above / ((below * r + 0.59983220655588793769) * r + 1.0)


class Scalar(Maths[float, int]):
    """`Maths` on plain Python floats."""

    def exp(self, x: float) -> float:
        if x < EXP_LOWEST:
            return 0.0
        if x > EXP_HIGHEST:
            x = EXP_HIGHEST
        exponent = round(x * _PER_LN2)
        return math.ldexp(_exp_reduced(x - exponent * _LN2_HIGH, exponent * _LN2_LOW), exponent)

    def log(self, x: float) -> float:
        fraction, exponent = math.frexp(x)
        if fraction < _SQRT_HALF:
            fraction += fraction
            exponent -= 1
        return _log_reduced(fraction - 1.0, float(exponent))

    def sqrt(self, x: float) -> float:
        return math.sqrt(x)

    def sigmoid(self, x: float) -> float:
        small = self.exp(-abs(x))
        return (small if x < 0.0 else 1.0) / (1.0 + small)

    def logit(self, p: float) -> float:
        return self.log(p / (1.0 - p))

    def normal_cdf(self, x: float) -> float:
        size = self.clip(abs(x), 0.0, _CDF_LIMIT)
        if size <= _CDF_CENTRE:
            return _cdf_centre(x)
        square, lost = _exact_square(size)
        ratio = _cdf_middle(size) if size <= _CDF_FAR else _cdf_far(size)
        tail = self.exp(-0.5 * square) * (1.0 - 0.5 * lost) * ratio
        return tail if x < 0.0 else 1.0 - tail

    def normal_quantile(self, u: float) -> float:
        q = u - 0.5
        r = 0.180625 - q * q
        if r >= 0.0:
            return _quantile_centre(q, r)
        root = math.sqrt(-self.log(u if q < 0.0 else 1.0 - u))
        size = _quantile_tail(root) if root <= 5.0 else _quantile_far(root)
        return -size if q < 0.0 else size

    def round_to_int(self, x: float) -> int:
        return round(x)

    def billionths(self, u: float) -> int:
        return int(u * 1e9)

    def clip(self, x: float, low: float, high: float) -> float:
        return low if x < low else high if x > high else x

    def interpolate(self, table: Table, x: float) -> float:
        last = len(table.nodes) - 1
        position = self.clip((x - table.low) / table.step, 0.0, float(last))
        index = min(int(position), last - 1)
        left = table.nodes[index]
        return left + (position - index) * (table.nodes[index + 1] - left)


class Block(Maths[FloatArray, IntArray]):
    """`Maths` on float64 arrays of any shape."""

    def exp(self, x: FloatArray) -> FloatArray:
        inside = self.clip(x, EXP_LOWEST, EXP_HIGHEST)
        exponent = np.rint(inside * _PER_LN2)
        fraction = _exp_reduced(inside - exponent * _LN2_HIGH, exponent * _LN2_LOW)
        return np.where(x < EXP_LOWEST, 0.0, np.ldexp(fraction, exponent.astype(np.int32)))

    def log(self, x: FloatArray) -> FloatArray:
        fraction, exponent = np.frexp(x)
        is_low = fraction < _SQRT_HALF
        fraction = np.where(is_low, fraction + fraction, fraction)
        return _log_reduced(fraction - 1.0, (exponent - is_low).astype(np.float64))

    def sqrt(self, x: FloatArray) -> FloatArray:
        return np.sqrt(x)

    def sigmoid(self, x: FloatArray) -> FloatArray:
        small = self.exp(-abs(x))
        return np.where(x < 0.0, small, 1.0) / (1.0 + small)

    def logit(self, p: FloatArray) -> FloatArray:
        return self.log(p / (1.0 - p))

    def normal_cdf(self, x: FloatArray) -> FloatArray:
        result = _cdf_centre(self.clip(x, -_CDF_CENTRE, _CDF_CENTRE))
        outer = abs(x) > _CDF_CENTRE
        size = self.clip(abs(x[outer]), 0.0, _CDF_LIMIT)
        square, lost = _exact_square(size)
        ratio = np.where(size <= _CDF_FAR, _cdf_middle(size), _cdf_far(size))
        tail = self.exp(-0.5 * square) * (1.0 - 0.5 * lost) * ratio
        result[outer] = np.where(x[outer] < 0.0, tail, 1.0 - tail)
        return result

    def normal_quantile(self, u: FloatArray) -> FloatArray:
        q = u - 0.5
        r = 0.180625 - q * q
        outer = r < 0.0
        result = _quantile_centre(q, np.where(outer, 0.0, r))
        is_left = q[outer] < 0.0
        root = np.sqrt(-self.log(np.where(is_left, u[outer], 1.0 - u[outer])))
        size = _quantile_tail(root)
        far = root > 5.0
        size[far] = _quantile_far(root[far])
        result[outer] = np.where(is_left, -size, size)
        return result

    def round_to_int(self, x: FloatArray) -> IntArray:
        return np.rint(x).astype(np.int64)

    def billionths(self, u: FloatArray) -> IntArray:
        return (u * 1e9).astype(np.int64)

    def clip(self, x: FloatArray, low: float, high: float) -> FloatArray:
        # Not np.clip: which zero it keeps, of 0.0 and -0.0, depends on the processor.
        return np.where(x < low, low, np.where(x > high, high, x))

    def interpolate(self, table: Table, x: FloatArray) -> FloatArray:
        last = len(table.nodes) - 1
        position = self.clip((x - table.low) / table.step, 0.0, float(last))
        index: IntArray = np.minimum(position.astype(np.int64), last - 1)
        left: FloatArray = table.array[index]
        right: FloatArray = table.array[index + 1]
        return left + (position - index) * (right - left)


scalar = Scalar()
"""Elementary functions of one float."""

block = Block()
"""Elementary functions of a block of floats."""
