"""A click group whose verbs are imported when they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click


def debug_option() -> click.Option:
    """`--debug`, understood before and after the verb; the entry point looks for it."""
    help_text = "Show the traceback of an error."
    return click.Option(["--debug"], is_flag=True, expose_value=False, help=help_text)


class Verb(click.Command):
    """One verb; its function returns the exit code."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """A click command with `--debug`."""
        super().__init__(*arguments, **options)
        self.params.append(debug_option())


class Group(click.Group):
    """The command: its verbs by name, each as `module:attribute`."""

    def __init__(self, name: str, verbs: dict[str, str], **options: Any) -> None:
        """A group of verbs that are not imported yet."""
        super().__init__(name, params=[debug_option()], **options)
        self.verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the verbs, in the order of use."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        if cmd_name not in self.verbs:
            return None
        module, attribute = self.verbs[cmd_name].split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command
