"""Where the work is done: the options `--jobs`, `--engine` and `--address`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from concurrent.futures import Executor

MOST_JOBS = 256
CHATTY = ("distributed", "distributed.client")
"""Loggers of the cluster's library that would write to standard error."""
EngineKind = Literal["local", "dask"]

ENGINE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "-j", "--jobs", type=click.IntRange(1, MOST_JOBS),
        help="Processes of this machine to share the work among; one per core unless given.",
    ),
    click.option(
        "--engine", type=click.Choice(("local", "dask")), default="local", show_default=True,
        help="This machine, or a running Dask cluster.",
    ),
    click.option("--address", metavar="tcp://HOST:PORT", help="The scheduler of the Dask cluster."),
)  # fmt: skip
"""The options, in the order of help."""


@contextmanager
def chosen_executor(
    jobs: int | None, engine: EngineKind, address: str | None, is_often_short: bool = False
) -> Iterator[Executor]:
    """Where to do the work; an error that leaves the block ends what is in flight.

    Unless a number of processes is given, there is one for each core that this process may use. For work that
    `is_often_short` they start when it has taken so long that they are worth it.

    Raises click.UsageError for options that do not go together, ClusterError for a cluster that is of no use.
    """
    check_engine(jobs, engine, address)
    from analysis.executors import dask_executor

    with _local(jobs, is_often_short) if address is None else dask_executor(address) as executor:
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it comes as an error
        yield executor


def _local(jobs: int | None, is_often_short: bool) -> Executor:
    from analysis.executors import local_executor
    from analysis.executors.growing import GrowingExecutor

    if jobs is not None:
        return local_executor(jobs)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    used = min(cores, MOST_JOBS)
    return GrowingExecutor(used) if is_often_short else local_executor(used)


def check_engine(jobs: int | None, engine: EngineKind, address: str | None) -> None:
    """Raises click.UsageError for options that do not go together."""
    if engine == "dask" and address is None:
        raise click.UsageError("--engine dask needs the scheduler's --address tcp://HOST:PORT")
    if engine == "local" and address is not None:
        raise click.UsageError("--address goes with --engine dask")
    if engine == "dask" and jobs not in (None, 1):
        raise click.UsageError("--jobs goes with --engine local; a cluster has the workers it has")
