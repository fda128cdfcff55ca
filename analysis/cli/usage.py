"""Errors of usage that only the experiment itself finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def usage_errors() -> Iterator[None]:
    """What an experiment refuses before it simulates is an error of usage; that of a replication stays what it is."""
    try:
        yield
    except (ValueError, KeyError) as error:
        if getattr(error, "__notes__", ()):
            raise
        raise click.UsageError(str(error.args[0] if error.args else error)) from None
