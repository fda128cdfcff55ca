"""Paired benchmark runs: `python -m benchmarks.paired` times two candidates in alternation."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.candidates import CANDIDATES, WORKLOADS
from benchmarks.comparison import (
    Comparison,
    Pair,
    comparison_document,
    comparison_text,
    scaling_document,
    scaling_text,
)
from benchmarks.job import Measurement
from benchmarks.one_run import RunFailedError, RunRequest, measure_apart

SCALE = 10
"""How many times as many tasks the longer run of `--scaling` has."""

Measure = Callable[[RunRequest], Measurement]


def run_pairs(requests: tuple[RunRequest, RunRequest], runs: int, measure: Measure) -> tuple[Pair, ...]:
    """Measure both requests `runs` times in alternation; a pair shares its seed.

    Every second pair runs in the opposite order, so that neither side is always the first.
    """
    pairs = []
    for index in range(runs):
        first, second = (replace(request, seed=request.seed + index) for request in requests)
        if index % 2 == 0:
            before, after = measure(first), measure(second)
        else:
            after, before = measure(second), measure(first)
        pairs.append((before, after))
        print(f"pair {index + 1} of {runs} done", file=sys.stderr)
    return tuple(pairs)


def positive(text: str) -> int:
    """A whole number of at least 1; raises argparse.ArgumentTypeError otherwise."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is needed, got {text!r}")
    return int(text)


def command_line() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paired", description=__doc__)
    parser.add_argument("--workload", choices=WORKLOADS, default="w2")
    parser.add_argument("--baseline", choices=CANDIDATES, default="textbook")
    parser.add_argument("--candidate", choices=CANDIDATES, default="simulator-null-log")
    parser.add_argument("--tasks", type=positive, default=30_000, help="tasks per run (the shorter one)")
    parser.add_argument("--runs", type=positive, default=7, help="how many pairs")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first pair; the next adds 1")
    parser.add_argument(
        "--scaling", action="store_true", help=f"the candidate with {SCALE} times the tasks against itself"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    return parser


def compare(options: argparse.Namespace, measure: Measure = measure_apart) -> Comparison:
    """Measure what the options ask for; raises RunFailedError when a run fails."""
    if options.scaling:
        sides = ((options.candidate, options.tasks), (options.candidate, options.tasks * SCALE))
        labels = (f"{options.tasks:,} tasks", f"{options.tasks * SCALE:,} tasks")
    else:
        sides = ((options.baseline, options.tasks), (options.candidate, options.tasks))
        labels = (options.baseline, options.candidate)
    first, second = (RunRequest(name, options.workload, tasks, options.seed) for name, tasks in sides)
    return Comparison(labels, run_pairs((first, second), options.runs, measure))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all went well, 3 when a run failed."""
    options = command_line().parse_args(arguments)
    try:
        comparison = compare(options)
    except RunFailedError as failure:
        print(failure, file=sys.stderr)
        return 3
    if options.json:
        to_document = scaling_document if options.scaling else comparison_document
        print(json.dumps(to_document(comparison), indent=2))
    else:
        print(scaling_text(comparison) if options.scaling else comparison_text(comparison))
    return 0


if __name__ == "__main__":
    sys.exit(main())
