"""The table of stages: who does each, how often, how it fails, what it costs, what load it brings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from analysis.forecast import Forecast, StageForecast, TypeForecast
from analysis.format import share, significant
from sim.scenario import Scenario

_NAME, _BY, _LOAD = 18, 10, 20
_WIDTHS = (7, 6, 8, 8)
_HEAD = ("passes", "tries", "P_i", "cost")


def stage_table(scenario: Scenario, expected: Forecast) -> list[str]:
    """One row for each stage of each type, 80 columns."""
    hours = {pool.role: pool.open_hours for pool in expected.pools}
    has_types = len(expected.types) > 1
    lines = [_line("Stage", "done by", _HEAD, "offered load")]
    for each in expected.types:
        if not scenario.tasks[each.type_id].stages:  # its one stage has the name of the task type
            lines += _row(each.type_id, each, each.stages[0], hours)
            continue
        if has_types:
            lines.append(each.type_id)
        for stage in each.stages:
            lines += _row(f"  {stage.stage}" if has_types else stage.stage, each, stage, hours)
    lines.append(f"passes and cost ({scenario.currency}) per task, tries per pass, P_i given right input;")
    return [*lines, "load in erlangs, while the role is on shift"]


def _row(name: str, each: TypeForecast, stage: StageForecast, hours: dict[str, float]) -> Iterator[str]:
    """A stage, and one more line for each further role and for the rest of a long name."""
    by_agent = stage.agent_passes > 0.0
    numbers = (
        significant(stage.passes),
        significant(stage.attempts_per_pass) if by_agent else "-",
        share(stage.failure) if by_agent else "-",
        significant(stage.effort.cost),
    )
    loads = [
        _load(role, each.tasks * load.minutes / 60.0 / hours[role] if hours[role] else None)
        for role, load in stage.loads.items()
    ]
    names = [name[:_NAME], *(f"    {name[at : at + _NAME - 4]}" for at in range(_NAME, len(name), _NAME - 4))]
    kinds = [stage.done_by.replace("_", " ")]
    for number, (text, kind, load) in enumerate(zip_longest(names, kinds, loads, fillvalue="")):
        yield _line(text, kind, numbers if number == 0 else ("",) * len(_HEAD), load)


def _load(role: str, erlangs: float | None) -> str:
    """The load and whose it is, cut to its column."""
    return f"{significant(erlangs)} {role}"[:_LOAD]


def _line(name: str, kind: str, numbers: tuple[str, ...], load: str) -> str:
    cells = "".join(f"{number:>{width}}" for number, width in zip(numbers, _WIDTHS, strict=True))
    return f"{name:<{_NAME}} {kind:<{_BY}}{cells}  {load}".rstrip()
