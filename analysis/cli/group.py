"""A click group whose verbs are imported when they are used."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import reduce
from importlib import import_module
from typing import Any

import click

from analysis.cli.terminal import to_be_typed


def debug_option() -> click.Option:
    """`--debug`, understood before and after the verb; the entry point looks for it."""
    help_text = "Show the traceback of an error."
    return click.Option(["--debug"], is_flag=True, expose_value=False, help=help_text)


def version_option(package: str) -> click.Option:
    """`--version`, which looks the version up only when it is asked for."""

    def show(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
        if is_asked and not context.resilient_parsing:
            click.echo(f"{context.info_name} {_version_of(package)}")
            context.exit()

    help_text = "Show the version and exit."
    return click.Option(
        ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=show, help=help_text
    )


def _version_of(package: str) -> str:
    """The version that is installed; `unknown` for a source tree that is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


class Verb(click.Command):
    """One verb; its function returns the exit code."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """A click command with `--debug`, whose numbers are called so."""
        super().__init__(*arguments, **options)
        self.params.append(debug_option())
        for param in self.params:
            if isinstance(param.type, click.IntRange):
                param.metavar = param.metavar or "NUMBER"
                param.type.name = "whole number"


def with_options(
    *options: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that gives a verb these arguments and options, in the order of its help."""
    return lambda function: reduce(lambda inner, option: option(inner), reversed(options), function)


class Group(click.Group):
    """The command of a package: its verbs by name, each as `module:attribute`."""

    def __init__(self, name: str, verbs: dict[str, str], package: str, **options: Any) -> None:
        """A group of verbs that are not imported yet."""
        super().__init__(name, params=[version_option(package), debug_option()], **options)
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed; an error of usage names the one that is spelt most like it."""
        typed = args[0]
        if typed not in self.verbs and not typed.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"no verb {typed!r}{_meant(typed, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def _meant(typed: str, verbs: list[str]) -> str:
    """The likely verb, as the end of a message."""
    from sim.problems import likely

    if typed.endswith((".yaml", ".yml")):
        return f"; a file comes after its verb, such as{to_be_typed(f'workforce run {shlex.quote(typed)}')}"
    return likely(typed, verbs)
