"""What the file itself has at the path of a break-even, and the point that comes nearest to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.experiments.axes import quantity_of
from analysis.experiments.points import value_at

if TYPE_CHECKING:
    from analysis.experiments.crossover import Breakeven, PointPair


def own_value(found: Breakeven) -> Any:
    """What the file itself has at the path, the variants where it has nothing there; None where there is no one number.

    A number, or a text with a unit.
    """
    scenario = found.scenario
    value = value_at(scenario.resolved(), found.vary)
    if value is None:
        patches = (scenario.variants[name] for name in found.between if name in scenario.variants)
        stated = [part for patch in patches if (part := value_at(patch, found.vary)) is not None]
        value = stated[0] if stated and all(part == stated[0] for part in stated) else None
    quantity = None if value is None else quantity_of(value)
    return None if quantity is None or quantity.unit != found.unit else value


def nearest_to_own(found: Breakeven) -> PointPair:
    """The point next to the file's own value; where that is out of the range or there is none, next to a crossing."""
    value, last = own_value(found), found.points[-1]
    quantity = None if value is None else quantity_of(value)
    wanted = last.at if quantity is None else float(quantity)
    if quantity is None or not found.points[0].at <= wanted <= last.at:
        wanted = found.crossings[0].at if found.crossings else found.points[len(found.points) // 2].at
    return min(found.points, key=lambda point: abs(point.at - wanted))


def written(found: Breakeven) -> str:
    """What the file itself has, as a sentence; empty where it has no one number."""
    value = own_value(found)
    quantity = None if value is None else quantity_of(value)
    if quantity is None:
        return ""
    text = f"{value:,.12g}" if isinstance(value, int | float) else str(value)
    is_outside = not found.points[0].at <= float(quantity) <= found.points[-1].at
    lead = f"{found.currency} " if found.currency else ""
    return f"The scenario has {lead}{text}{', outside the range' if is_outside else ''}."
