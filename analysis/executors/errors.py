"""The errors of executors: a call that is given up, and a cluster that is of no use."""

from __future__ import annotations

from sim.errors import WorkforceError


class TaskLostError(WorkforceError):
    """A call was given up because its worker died each time it was tried."""


class ClusterError(WorkforceError):
    """A cluster that cannot be reached, has no workers, or has workers of another version."""
