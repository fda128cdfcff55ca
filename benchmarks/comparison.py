"""What paired runs say: two sides, their ratios, as text for a reader and as a document for JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from benchmarks.job import Measurement
from benchmarks.ratios import PairedRatio, growth_per_task, paired_ratio

Pair = tuple[Measurement, Measurement]


@dataclass(frozen=True)
class Comparison:
    """All pairs of two runs, under the labels of the two sides."""

    labels: tuple[str, str]
    pairs: tuple[Pair, ...]

    def ratio(self, quantity: Callable[[Measurement], float]) -> PairedRatio:
        """The first side's quantity over the second's, pair by pair."""
        return paired_ratio(
            [quantity(first) for first, _ in self.pairs], [quantity(second) for _, second in self.pairs]
        )

    def swapped(self) -> Comparison:
        """The same pairs with the sides exchanged."""
        first, second = self.labels
        return Comparison((second, first), tuple((after, before) for before, after in self.pairs))


def memory_growth(comparison: Comparison) -> list[float]:
    """Bytes of peak memory per added task, pair by pair; the second side is the longer run."""
    return [
        growth_per_task(small.peak_memory, large.peak_memory, small.tasks, large.tasks)
        for small, large in comparison.pairs
    ]


def comparison_document(comparison: Comparison) -> dict[str, object]:
    """How many times as fast the second side is, with every measurement, ready for JSON."""
    return {
        "labels": list(comparison.labels),
        "times_as_fast": asdict(comparison.ratio(lambda run: run.seconds_per_task)),
        "times_as_fast_cpu": asdict(comparison.ratio(lambda run: run.cpu_seconds_per_task)),
        "times_as_fast_without_closing": asdict(comparison.ratio(lambda run: run.open_seconds_per_task)),
        "pairs": [[asdict(first), asdict(second)] for first, second in comparison.pairs],
    }


def scaling_document(comparison: Comparison) -> dict[str, object]:
    """How a run grows with its length (the second side is the longer run), ready for JSON."""
    longer_over_shorter = comparison.swapped()
    return {
        "labels": list(comparison.labels),
        "time_per_task": asdict(longer_over_shorter.ratio(lambda run: run.seconds_per_task)),
        "cpu_time_per_task": asdict(longer_over_shorter.ratio(lambda run: run.cpu_seconds_per_task)),
        "peak_memory": asdict(longer_over_shorter.ratio(lambda run: run.peak_memory)),
        "bytes_per_task": memory_growth(comparison),
        "pairs": [[asdict(small), asdict(large)] for small, large in comparison.pairs],
    }


def ratio_line(label: str, ratio: PairedRatio) -> str:
    """One line of text: the median ratio and its spread."""
    return f"{label:<34} {ratio.median:6.2f}   ({ratio.minimum:.2f} to {ratio.maximum:.2f})"


def run_lines(comparison: Comparison) -> list[str]:
    """A line per run: pair, side, tasks per second, closing time, memory before and at its peak."""
    lines = [f"{'pair':>4}  {'run':<28} {'tasks/s':>9} {'closing s':>9} {'start MB':>9} {'peak MB':>9}"]
    for number, pair in enumerate(comparison.pairs, start=1):
        for label, run in zip(comparison.labels, pair, strict=True):
            rate = 1 / run.seconds_per_task
            memory = f"{run.starting_memory / 1e6:9.1f} {run.peak_memory / 1e6:9.1f}"
            lines.append(f"{number:>4}  {label:<28} {rate:9,.0f} {run.closing_seconds:9.3f} {memory}")
    return lines


def comparison_text(comparison: Comparison) -> str:
    """The comparison for a reader."""
    baseline, candidate = comparison.labels
    by_pair = comparison.ratio(lambda run: run.seconds_per_task)
    lines = [
        *run_lines(comparison),
        "",
        f"{candidate} is this many times as fast as {baseline}: median (min to max)",
        ratio_line("elapsed, with closing the log", by_pair),
        ratio_line("processor, with closing the log", comparison.ratio(lambda run: run.cpu_seconds_per_task)),
        ratio_line("elapsed, without closing", comparison.ratio(lambda run: run.open_seconds_per_task)),
        "elapsed, pair by pair: " + "  ".join(f"{ratio:.2f}" for ratio in by_pair.each),
    ]
    return "\n".join(lines)


def scaling_text(comparison: Comparison) -> str:
    """The scaling for a reader."""
    swapped = comparison.swapped()
    lines = [
        *run_lines(comparison),
        "",
        f"{swapped.labels[0]} over {swapped.labels[1]}: median (min to max)",
        ratio_line("elapsed time per task", swapped.ratio(lambda run: run.seconds_per_task)),
        ratio_line("processor time per task", swapped.ratio(lambda run: run.cpu_seconds_per_task)),
        ratio_line("peak memory", swapped.ratio(lambda run: run.peak_memory)),
        "bytes of peak memory per added task: "
        + "  ".join(f"{value:.1f}" for value in memory_growth(comparison)),
    ]
    return "\n".join(lines)
