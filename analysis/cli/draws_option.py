"""How often to draw the uncertain inputs: the option `--draws`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.settings import MOST_REPLICATIONS

if TYPE_CHECKING:
    from sim import Scenario


def draws_option() -> Callable[[Any], Any]:
    """`--draws`, the same for every verb that has it."""
    return click.option(
        "--draws", type=click.IntRange(0, MOST_REPLICATIONS),
        help="Replications with draws of what the file calls uncertain; as many as -n unless given, 0 for none.",
    )  # fmt: skip


def check_draws(draws: int | None, scenarios: Mapping[str, Scenario]) -> None:
    """Raises click.UsageError for draws where nothing is uncertain."""
    from analysis.experiments.inputs import draws_wanted

    try:
        draws_wanted(scenarios, draws, 1)
    except ValueError as error:
        raise click.UsageError(f"--draws: {error}") from None
