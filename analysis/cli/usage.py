"""Errors of usage: those that only the experiment itself finds, and options that would change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from click.core import ParameterSource


@contextmanager
def usage_errors() -> Iterator[None]:
    """What an experiment refuses before it simulates is an error of usage; that of a replication stays what it is."""
    try:
        yield
    except (ValueError, KeyError) as error:
        if getattr(error, "__notes__", ()):
            raise
        raise click.UsageError(str(error.args[0] if error.args else error)) from None


def check_unused(name: str, needs: str) -> None:
    """Raises click.UsageError when the option of this parameter was typed, which changes nothing without its need."""
    context = click.get_current_context(silent=True)
    if context is None or context.get_parameter_source(name) is ParameterSource.DEFAULT:
        return
    typed = next(max(option.opts, key=len) for option in context.command.params if option.name == name)
    raise click.UsageError(f"{typed} goes with {needs}")
