"""A worker process: it does the calls it is sent, one at a time, and dies with its parent."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from threading import Thread

READY = b"ready"
"""What a worker says when it can be sent calls."""
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables that keep numerical libraries from using every processor in each worker."""


class WorkerSideError(Exception):
    """Where in its worker an error arose; the cause of the error that the parent raises."""


def serve(calls: Connection) -> None:
    """Does calls until the parent closes the connection or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to every process; the parent alone acts on it
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))  # before any of these libraries is imported
    _die_with_the_parent()
    calls.send_bytes(READY)
    while True:
        try:
            payload = calls.recv_bytes()
        except EOFError:
            return
        calls.send_bytes(outcome_of(payload))


def _die_with_the_parent() -> None:
    """Ends this process when its parent ends, however that happens.

    A pipe that the operating system closes tells of it, on every system and at once. The signal that Linux offers
    would come too early: it goes by the thread that started the process, not by the parent.
    """
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    Thread(target=follow, name="follow the parent", daemon=True).start()


def outcome_of(payload: bytes) -> bytes:
    """Result, error and where the error arose, packed, of a packed call."""
    try:
        function, arguments, named = pickle.loads(payload)
        return pickle.dumps((function(*arguments, **named), None, ""))
    except Exception as error:
        return _packed_error(error)


def _packed_error(error: Exception) -> bytes:
    """The error itself where it can travel, else one that says the same."""
    origin = "".join(traceback.format_exception(error))
    try:
        packed = pickle.dumps((None, error, origin))
        pickle.loads(packed)
    except Exception:
        return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}"), origin))
    return packed
