"""The shipped file of recorded arrivals is what this project's own draws make of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.draws import Stream
from sim.maths import scalar

FILE = Path(__file__).parents[2] / "scenarios" / "recorded_arrivals.csv"
SEED = 20260302
OPENS, CLOSES = 9 * 3600, 13 * 3600
"""Seconds after midnight between which the documents come."""
PHASES = ((540.0, 60.0), (90.0, 5.0))
"""A calm and a burst: mean length in seconds, mean gap in seconds between documents."""


def stream(purpose: str) -> Stream:
    return Stream(SEED, 0, purpose, "document")


def exponential(purpose: str, index: int, mean: float) -> float:
    return -mean * scalar.log(stream(purpose).scalar(index))


def lognormal(purpose: str, index: int, mu: float, sigma: float) -> float:
    return scalar.exp(mu + sigma * stream(purpose).scalar_normal(index))


def moments() -> Iterator[float]:
    """Seconds at which documents come: calm and bursts take turns, each with its own rate."""
    phase, begins, index = 0, float(OPENS), 0
    while begins < CLOSES:
        length, gap = PHASES[phase % 2]
        ends = min(begins + exponential("phase", phase, length), float(CLOSES))
        moment = begins + exponential("gap", index, gap)
        while moment < ends:
            yield moment
            index += 1
            moment += exponential("gap", index, gap)
        phase, begins, index = phase + 1, ends, index + 1


def recorded_text() -> str:
    """The whole file: one line a document."""
    lines = ["t_s,value,input_tokens,output_tokens"]
    for index, moment in enumerate(moments()):
        value = lognormal("value", index, 6.8, 1.1)
        read, written = lognormal("input", index, 7.6, 0.6), lognormal("output", index, 5.7, 0.5)
        lines.append(f"{moment:.3f},{value:.2f},{round(read)},{round(written)}")
    return "\n".join(lines) + "\n"


def test_the_shipped_file_is_made_by_our_own_draws() -> None:
    assert FILE.read_bytes() == recorded_text().encode()


def test_the_recorded_documents_come_in_bursts() -> None:
    """Counts per minute vary much more than those of a Poisson process, whose index of dispersion is 1."""
    counts = [0] * ((CLOSES - OPENS) // 60)
    for moment in moments():
        counts[int(moment - OPENS) // 60] += 1
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    assert variance / mean > 3
