"""Executors: where calls are done, in this process, in many, or on a cluster.

`concurrent.futures.Executor` is the one interface; results come back in the order of the calls.
"""

from __future__ import annotations

from analysis.executors.cluster import Cluster, dask_executor
from analysis.executors.errors import ClusterError, TaskLostError
from analysis.executors.here import InProcess
from analysis.executors.order import in_order
from analysis.executors.parcel import Parcel
from analysis.executors.pool import ProcessPool

__all__ = [
    "Cluster", "ClusterError", "InProcess", "Parcel", "ProcessPool", "TaskLostError", "dask_executor", "in_order",
    "local_executor",
]  # fmt: skip


def local_executor(jobs: int) -> InProcess | ProcessPool:
    """Where calls are done on this machine: in this process for one job, else in a pool; ValueError below 1."""
    return InProcess() if jobs == 1 else ProcessPool(jobs)
