"""Points: the values at which an experiment looks at a scenario, listed or spread over ranges by a design."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from typing import Any, Literal, get_args

from pydantic import ValidationError

from analysis.experiments.axes import Axis, Between, Listed
from analysis.experiments.variants import AS_WRITTEN
from sim import Scenario
from sim.draws import Stream
from sim.errors import Fault, ScenarioError
from sim.maths import FloatArray
from sim.overlay import with_values
from sim.problems import alternatives
from sim.reader import faults_of, read_text
from sim.reader.codes import MOST_FAULTS
from sim.uncertainty import NO_INPUTS

Point = Mapping[str, Any]
"""Values by dotted path; `variant` names a variant of the scenario, which the other values are set in."""
Design = Literal["grid", "zip", "random", "sobol"]
DESIGNS: tuple[Design, ...] = get_args(Design)
"""Every combination, the k-th values of all lists together, independent draws, and Sobol's even spread."""
VARIANT = "variant"
POINTS = 16
"""Points of a random design or Sobol's unless another number is given."""
MOST_POINTS = 10_000
"""Points that one experiment may have."""


def designed(
    scenario: Scenario,
    axes: Sequence[Axis],
    design: Design | None = None,
    count: int | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """The points of a design over some axes.

    Ranges are spread by Sobol's sequence unless another design is named; lists make a grid. `count` and `seed` are
    those of a random design or Sobol's. A range between whole numbers has whole values where the scenario has one.
    Raises ValueError for axes that do not fit the design, a path that two of them vary, and too many points.
    """
    chosen: Design = design or ("sobol" if any(isinstance(axis, Between) for axis in axes) else "grid")
    _check(axes, chosen, count)
    if chosen in ("random", "sobol"):
        return _spread(scenario, axes, chosen, count or POINTS, seed)
    rows = [axis.rows for axis in axes if isinstance(axis, Listed)]
    if chosen == "grid" and math.prod(map(len, rows)) > MOST_POINTS:
        raise ValueError(
            f"a grid of {math.prod(map(len, rows)):,} points; at most {MOST_POINTS:,} are allowed"
        )
    chosen_rows = product(*rows) if chosen == "grid" else zip(*rows, strict=True)
    return [_point(axes, parts) for parts in chosen_rows]


def _check(axes: Sequence[Axis], design: Design, count: int | None) -> None:
    paths = [path for axis in axes for path in axis.paths]
    twice = [path for place, path in enumerate(paths) if path in paths[:place]]
    if not axes or twice:
        raise ValueError(f"{twice[0]} is varied twice" if twice else "nothing is varied")
    for axis in axes:
        name = " & ".join(axis.paths)
        if isinstance(axis, Between) and (problem := axis.problem()):
            raise ValueError(f"{name}: {problem}")
        if isinstance(axis, Between) and design in ("grid", "zip"):
            raise ValueError(
                f"{name}: a range goes with the designs random and sobol; list values for a {design}"
            )
        if isinstance(axis, Listed) and not axis.rows:
            raise ValueError(f"{name}: an empty list of values")
        if isinstance(axis, Listed) and any(len(row) != len(axis.paths) for row in axis.rows):
            raise ValueError(f"{name}: every path needs its value in every row")
    lengths = [len(axis.rows) for axis in axes if isinstance(axis, Listed)]
    if design == "zip" and len(set(lengths)) > 1:
        raise ValueError(f"the design zip needs lists of one length, got {', '.join(map(str, lengths))}")
    if count is not None and not (design in ("random", "sobol") and 1 <= count <= MOST_POINTS):
        raise ValueError(f"a number of points, 1 to {MOST_POINTS:,}, goes with the designs random and sobol")


def _spread(
    scenario: Scenario, axes: Sequence[Axis], design: Design, count: int, seed: int
) -> list[dict[str, Any]]:
    """Points at drawn shares of the way along each axis."""
    known = scenario.resolved()
    found = []
    for shares in unit_points(design, len(axes), count, seed).tolist():
        parts = []
        for axis, u in zip(axes, shares, strict=True):
            if isinstance(axis, Listed):
                parts.append(axis.rows[math.floor(u * len(axis.rows))])
            else:
                is_whole = axis.is_whole and not isinstance(value_at(known, axis.path), float)
                parts.append((axis.value(u, is_whole),))
        found.append(_point(axes, parts))
    return found


def unit_points(design: Design, dimensions: int, count: int, seed: int) -> FloatArray:
    """Points of the unit cube, one per row: independent, or the first of Sobol's scrambled sequence (Owen 1998)."""
    import numpy as np

    if design == "random":
        columns = [Stream(seed, 0, f"design {k}").block(0, count) for k in range(dimensions)]
        return np.column_stack(columns)
    from scipy.stats import qmc

    sampler = qmc.Sobol(dimensions, scramble=True, seed=np.random.default_rng(seed))
    drawn: FloatArray = sampler.random_base2(max(count - 1, 0).bit_length())[:count]
    return drawn


def _point(axes: Sequence[Axis], parts: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        path: value
        for axis, row in zip(axes, parts, strict=True)
        for path, value in zip(axis.paths, row, strict=True)
    }


def value_at(tree: Any, path: str) -> Any:
    """The value at a dotted path of a tree; None where there is none."""
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def distinct(points: Sequence[Point]) -> list[Point]:
    """The points without those that came before."""
    first: dict[Hashable, Point] = {}
    for point in points:
        first.setdefault(_key(point), point)
    return list(first.values())


def _key(value: Any) -> Hashable:
    """The same for equal values, and quickly looked up."""
    if isinstance(value, Mapping):
        return frozenset((name, _key(part)) for name, part in value.items())
    return tuple(map(_key, value)) if isinstance(value, list | tuple) else value


def named(point: Point) -> str:
    """A point as text: `topology.threshold=0.85, workers.clerk.positions=4`."""
    return ", ".join(f"{path}={value}" for path, value in point.items())


def scenarios_at(scenario: Scenario, points: Sequence[Point]) -> list[Scenario]:
    """The scenario at each point; raises ScenarioError with what is wrong at any of them, each thing once."""
    found: list[Scenario] = []
    faults: dict[tuple[str, str, str], Fault] = {}
    for point in points:
        try:
            found.append(scenario_at(scenario, point))
        except ScenarioError as error:
            for fault in error.faults:
                faults.setdefault((fault.code, fault.path, fault.message), fault)
    if faults:
        raise ScenarioError(list(faults.values())[:MOST_FAULTS])
    return found


def scenario_at(scenario: Scenario, point: Point) -> Scenario:
    """The scenario at one point; raises ScenarioError whose faults name the point."""
    values = {path: value for path, value in point.items() if path != VARIANT}
    place = f"point {named(point)}"
    idle = [path for path in values if path.split(".")[0] in NO_INPUTS]
    if idle:
        message = "nothing that a result depends on; vary what the work is like (--seed sets the seed)"
        raise ScenarioError([Fault(place, 0, 0, "E0298", path, message) for path in idle])
    base = _variant(scenario, point.get(VARIANT, AS_WRITTEN), place)
    try:
        return base.with_values(values) if values else base
    except ValidationError as error:
        tree = with_values(base.tree(), values)
        faults = faults_of(error, read_text("version: 1"), Scenario, tree)
    except ScenarioError as error:
        faults = list(error.faults)
    raise ScenarioError([Fault(place, 0, 0, fault.code, fault.path, fault.message) for fault in faults])


def _variant(scenario: Scenario, name: Any, place: str) -> Scenario:
    if name == AS_WRITTEN:
        return scenario
    if name in scenario.variants:
        return scenario.variant(name)
    message = f"no variant {name}{alternatives(str(name), [AS_WRITTEN, *scenario.variants])}"
    raise ScenarioError([Fault(place, 0, 0, "E0209", VARIANT, message)])
