"""The executor that grows: here first, by a pool when the work takes long, with the same results."""

from __future__ import annotations

import os
from pathlib import Path

from analysis.executors.growing import GrowingExecutor
from analysis.experiments import replicate
from sim import load

INVOICES = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"


def where(number: int) -> tuple[int, int]:
    """A number, and the process that looked at it."""
    return number, os.getpid()


def test_short_work_is_done_in_this_process() -> None:
    with GrowingExecutor(2) as executor:
        assert [executor.submit(where, k).result() for k in range(3)] == [(k, os.getpid()) for k in range(3)]
        assert executor.window == 1


def test_long_work_goes_on_in_others() -> None:
    with GrowingExecutor(2, patience=0.0) as executor:
        number, process = executor.submit(where, 7).result()
        assert executor.window == 4
    assert number == 7
    assert process != os.getpid()


def test_one_job_never_leaves_this_process() -> None:
    with GrowingExecutor(1, patience=0.0) as executor:
        assert executor.submit(where, 1).result() == (1, os.getpid())


def test_where_the_work_is_done_changes_nothing() -> None:
    scenario = load(INVOICES, {"horizon": "1 day", "warm_up": "0 s"})
    with GrowingExecutor(2, patience=1e-9) as executor:  # the first here, the others there
        found = replicate(scenario, 3, executor=executor)
    whole = replicate(scenario, 3)
    assert (found.tallies, found.logs) == (whole.tallies, whole.logs)
