"""Calls that tests of executors send to worker processes: small, importable, some of them deadly."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path


class AwkwardError(Exception):
    """An error that cannot travel: it is made of two things and packed as one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def doubled_late(number: int) -> int:
    """Twice the number; the even ones take longer, so that they are overtaken."""
    time.sleep(0.05 if number % 2 == 0 else 0.0)
    return 2 * number


def process_id(_: object = None) -> int:
    return os.getpid()


def meet(folder: Path, number: int) -> int:
    """The process that was called, which waits until another has been called as well."""
    (folder / f"here-{number}").touch()
    deadline = time.monotonic() + 60
    while len(list(folder.glob("here-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    return os.getpid()


def state_of_the_worker(_: object = None) -> dict[str, object]:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return {
        "threads": [os.environ[f"{name}_NUM_THREADS"] for name in ("OMP", "OPENBLAS", "MKL")],
        "ignores": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        "blocks": signal.SIGINT in blocked,
        "loaded": [name for name in ("numpy", "pandas", "distributed") if name in sys.modules],
    }


def die_once(folder: Path, number: int) -> int:
    """Kills its worker the first time it is called for number 2."""
    mark = folder / "died"
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_always(folder: Path, number: int) -> int:
    """Kills its worker whenever it is called for number 2; notes every call."""
    with (folder / f"calls-{number}").open("a") as file:
        file.write("x")
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return number


def refuse(kind: str) -> None:
    if kind == "awkward":
        raise AwkwardError("this", "that")
    if kind == "lock":
        error = ValueError("with a lock")
        error.lock = threading.Lock()  # type: ignore[attr-defined]
        raise error
    error = ValueError("plain")
    error.add_note("in replication 5")
    raise error


def a_lock(_: object) -> object:
    """A result that cannot travel."""
    return threading.Lock()


def sleep_long(seconds: float) -> None:
    time.sleep(seconds)


def noted(folder: Path, name: str) -> str:
    """Leaves a file, to show that it was called."""
    (folder / name).touch()
    return name


def held_by(parcel: object) -> tuple[int, int]:
    """Which process has the parcel, and as which object."""
    return os.getpid(), id(parcel)
