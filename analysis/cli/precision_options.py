"""How long to go on: the options `--within`, `--most` and `--max-time`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.decisions import unknown_metric
from analysis.cli.settings import MOST_REPLICATIONS

if TYPE_CHECKING:
    from analysis.experiments.precision import Precision

SHARE_FORM = re.compile(r"\s*(?P<number>\d{1,3}(\.\d{1,9})?)\s*(?P<unit>%?)\s*")


def sure_option() -> Callable[[Any], Any]:
    """`--sure`: how sure the best is to be known."""
    return click.option(
        "--sure", default="95 %", show_default=True, metavar="SHARE", callback=_share,
        help="How sure --until-best is to be: of all such searches so many end with the best.",
    )  # fmt: skip


def _share(context: click.Context, option: click.Parameter, text: str) -> float:
    """A share from 0.5 to below 1, such as `0.99` or `99 %`."""
    match = SHARE_FORM.fullmatch(text)
    number = float(match["number"]) / (100 if match["unit"] else 1) if match is not None else 0.0
    if not 0.5 <= number < 1:
        raise click.BadParameter(f"{text!r} is not a share from 50 % to below 100 %, such as '99 %'")
    return number


def within_option(help_text: str) -> Callable[[Any], Any]:
    """`--within`, with what it is the half-width of."""
    return click.option("--within", multiple=True, metavar="METRIC=WIDTH", help=help_text)


def most_option(help_text: str) -> Callable[[Any], Any]:
    """`--most`, with what ends there."""
    return click.option(
        "--most", type=click.IntRange(1, MOST_REPLICATIONS), default=1000, show_default=True, help=help_text
    )


def max_time_option() -> Callable[[Any], Any]:
    """`--max-time`, the same for every verb that has it."""
    help_text = (
        "Begin no more replications after this time, such as '10 min', and report on those that are finished."
    )
    return click.option("--max-time", "max_time", metavar="DURATION", help=help_text)


def parse_max_time(text: str | None) -> float | None:
    """Seconds of the limit of time; raises click.BadParameter for what is no time above 0."""
    from pydantic_core import PydanticCustomError

    from sim.quantities import SECOND, parse_duration

    if text is None:
        return None
    try:
        ticks = parse_duration(text)
    except PydanticCustomError as error:
        raise click.BadParameter(error.message(), param_hint="--max-time") from None
    if not ticks:
        raise click.BadParameter("no time at all; such as '10 min'", param_hint="--max-time")
    return ticks / SECOND


def parse_precision(
    within: Sequence[str], replications: int, most: int, seconds: float | None
) -> Precision | None:
    """What was asked for; None for a fixed number of replications without a limit of time.

    Raises click.BadParameter for a text that is no half-width of a metric, or for a metric that has two.
    """
    from analysis.experiments.precision import Precision
    from analysis.experiments.widths import FORM, parse_within

    widths: dict[str, float | str] = {}
    for text in within:
        match = FORM.fullmatch(text)
        if match is not None and (message := unknown_metric(match["metric"])):
            raise click.BadParameter(message, param_hint="--within")
        try:
            goal = parse_within(text)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--within") from None
        if goal.metric in widths:
            raise click.BadParameter(f"{goal.metric} is given twice", param_hint="--within")
        widths[goal.metric] = goal.text
    if widths:
        return Precision(widths, most, seconds)
    return None if seconds is None else Precision({}, replications, seconds)


def parse_goal(
    best: tuple[float | None, float],
    within: Sequence[str],
    replications: int,
    most: int,
    seconds: float | None,
) -> dict[str, Any]:
    """When a comparison stops, as arguments of `compare`; `best` is the lead to look for, and how sure.

    Raises click.UsageError for two goals at once, and what `parse_precision` raises.
    """
    from analysis.experiments import UntilBest

    lead, sure = best
    precision = parse_precision(within, replications, most, seconds)
    if lead is None:
        return {"precision": precision}
    if within:
        raise click.UsageError("--until-best and --within do not go together")
    return {"until_best": UntilBest(lead, most, sure, seconds)}
