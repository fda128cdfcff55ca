"""Ctrl-C: that it was pressed, whatever has become of its KeyboardInterrupt on the way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from types import FrameType

import click

_pressed = Event()


@contextmanager
def watching_for_ctrl_c() -> Iterator[None]:
    """Remembers that Ctrl-C was pressed while the block runs; it still raises KeyboardInterrupt.

    Compiled code that is being imported may turn that error into an ImportError or a SystemError, and a destructor or
    a weak reference's callback loses it. Where Ctrl-C is ignored or handled by somebody else, that stays as it is.
    """
    _pressed.clear()
    if (
        current_thread() is not main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    signal.signal(signal.SIGINT, _press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _press(number: int, frame: FrameType | None) -> None:
    _pressed.set()
    signal.default_int_handler(number, frame)


def is_interruption(error: BaseException) -> bool:
    """Whether an error is what became of Ctrl-C."""
    return isinstance(error, KeyboardInterrupt | click.Abort) or _pressed.is_set()


def raise_if_pressed() -> None:
    """Raises the KeyboardInterrupt again that was lost on its way."""
    if _pressed.is_set():
        raise KeyboardInterrupt
