"""How a command ends: exit codes, and what standard error says when it goes wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum

import click

from analysis.cli.terminal import shown, shown_fault, usage_message
from sim.errors import Fault, InvariantError, ScenarioError, WorkforceError


class Exit(IntEnum):
    """Exit codes of the command."""

    OK = 0
    GATE = 1
    """A stated gate was met, or some replications failed."""
    USAGE = 2
    """Usage, or an invalid scenario."""
    FAILURE = 3
    """Engine, limit, file or internal failure."""
    MISMATCH = 4
    """A replay that differs from its run."""
    INTERRUPTED = 130


def say(message: str) -> None:
    """A message on standard error; results alone go to standard output."""
    click.echo(shown(message), err=True)


def show_faults(faults: Sequence[Fault]) -> None:
    """Every fault of a scenario with its line of text."""
    for fault in faults:
        click.echo(shown_fault(fault), err=True)


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def report_failure(error: BaseException, is_debugging: bool, is_interrupted: bool = False) -> Exit:
    """Says what went wrong, with the traceback when asked for, and gives the exit code."""
    if is_debugging:
        traceback.print_exception(error)
    if is_interrupted:
        say("interrupted, nothing was written")
        return Exit.INTERRUPTED
    match error:
        case click.ClickException():
            say(usage_message(error))
            return Exit.USAGE
        case ScenarioError():
            show_faults(error.faults)
            say(f"{counted(len(error.faults), 'error')}, nothing was run")
            return Exit.USAGE
        case WorkforceError() if not isinstance(error, InvariantError):
            say(f"error: {error}")
        case OSError():
            place = f"{error.filename}: " if error.filename is not None else ""
            say(f"error: {place}{error.strerror or error}")
        case _:
            say(f"internal error: {type(error).__name__}: {error}")
            say("this is a defect of the simulator, not of your scenario; --debug shows where")
    return Exit.FAILURE


def flush_output(code: int) -> int:
    """Writes out what is buffered; the exit code, or that of a failure when it cannot be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # or the interpreter fails again at its end
        return Exit.OK if isinstance(error, BrokenPipeError) else report_failure(error, False)
    return code
