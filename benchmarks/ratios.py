"""Paired ratios: how many times as fast one candidate is as another, pair by pair."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PairedRatio:
    """The ratios of all pairs and their spread."""

    each: tuple[float, ...]
    median: float
    minimum: float
    maximum: float


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> PairedRatio:
    """Divide pair by pair: with times per task of (baseline, candidate), above 1 the candidate is faster.

    The median of the ratios, not the ratio of the medians: a machine that slows down for a while
    slows both runs of a pair, and the pair's ratio keeps its meaning.
    Raises ValueError when there is no pair, a run lacks its partner, or a value is not positive.
    """
    if len(numerators) != len(denominators):
        raise ValueError(f"pairs need partners: got {len(numerators)} and {len(denominators)} runs")
    if not numerators:
        raise ValueError("at least one pair is needed, got none")
    if min(*numerators, *denominators) <= 0:
        raise ValueError("times and sizes must be positive")
    each = tuple(above / below for above, below in zip(numerators, denominators, strict=True))
    return PairedRatio(each, statistics.median(each), min(each), max(each))


def growth_per_task(small: int, large: int, small_tasks: int, large_tasks: int) -> float:
    """Bytes of peak memory added per task when a run gets longer; 0 means flat.

    Raises ValueError when the longer run has no more tasks than the shorter one.
    """
    if large_tasks <= small_tasks:
        raise ValueError(f"the longer run must have more tasks: got {large_tasks} after {small_tasks}")
    return (large - small) / (large_tasks - small_tasks)
