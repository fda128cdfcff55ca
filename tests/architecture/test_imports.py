"""Imports point one way, and the walls of the house hold."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ORDER = (
    "sim.errors", "sim.spec", "sim.maths", "sim.tables", "sim.quantities", "sim.distributions", "sim.draws",
    "sim.calendars", "sim.prices", "sim.rules", "sim.policies", "sim.topology", "sim.stages", "sim.tasks",
    "sim.workers", "sim.flows", "sim.overlay", "sim.recorded", "sim.problems", "sim.uncertainty",
    "sim.references", "sim.checks", "sim.identity", "sim.scenario", "sim.schema", "sim.reader",
    "sim.loading", "sim.plan", "sim.log", "sim.engine", "sim.run", "analysis.theory", "analysis.format",
    "analysis.metrics", "analysis.estimates", "analysis.ranking", "analysis.warmup", "analysis.forecast",
    "analysis.executors", "analysis.experiments", "analysis.logs", "analysis.frames", "analysis.explain",
    "analysis.ledger", "analysis.story", "analysis.figures", "analysis.exports", "analysis.report",
    "analysis.page", "analysis.runs", "analysis.gallery", "analysis.cli",
)  # fmt: skip
"""Rooms of the house; a module may import from rooms to the left of its own."""

OWNERS = {
    "simpy": "sim.engine",
    "jinja2": "analysis.page",
    "optuna": "analysis.experiments",
    "ruamel": "sim.reader",
    "genai_prices": "sim.prices",
    "click": "analysis.cli",
    "distributed": "analysis.executors",
}
"""Libraries that one room alone may import."""
NOT_AT_START = ("pandas", "scipy", "matplotlib", "pyarrow")
"""Libraries that are slow to import: inside functions only, so that the command line starts fast."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(name: str) -> str:
    rooms = [room for room in ORDER if name == room or name.startswith(room + ".")]
    return max(rooms, key=len) if rooms else ""


def imports_of(path: Path, at_start: bool) -> list[str]:
    """Modules a file imports; `at_start` leaves out those inside functions and under TYPE_CHECKING."""
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                continue
            if at_start and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if isinstance(child, ast.Import):
                found.extend(alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and child.module:
                found.append(child.module)
                found.extend(f"{child.module}.{alias.name}" for alias in child.names)
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


FILES = sorted([*(ROOT / "sim").rglob("*.py"), *(ROOT / "analysis").rglob("*.py")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_name(path))
def test_a_module_imports_only_from_rooms_before_its_own(path: Path) -> None:
    name = module_name(path)
    room = room_of(name)
    if name in ("sim", "analysis"):
        assert not [other for other in imports_of(path, at_start=True) if room_of(other)]
        return
    assert room, f"{name} has no place in the house; give it one in ORDER"
    for other in imports_of(path, at_start=False):
        target = room_of(other)
        if target and target != room:
            assert ORDER.index(target) < ORDER.index(room), f"{name} imports {other}, which is to its right"


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_name(path))
def test_a_library_is_imported_by_its_owner_only(path: Path) -> None:
    name = module_name(path)
    for other in imports_of(path, at_start=False):
        owner = OWNERS.get(other.split(".")[0])
        assert owner is None or room_of(name) == owner, f"{name} imports {other}; only {owner} may"


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_name(path))
def test_slow_libraries_are_imported_where_they_are_used(path: Path) -> None:
    name = module_name(path)
    # about Arrow and frames; imported in functions only
    if name == "sim.log.arrow" or room_of(name) == "analysis.frames":
        return
    slow = [other for other in imports_of(path, at_start=True) if other.split(".")[0] in NOT_AT_START]
    assert not slow, f"{name} imports {slow} at its start"


def test_rules_know_no_clock() -> None:
    for path in (ROOT / "sim" / "rules").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "simpy" not in text
        assert "env.now" not in text


def test_no_file_is_longer_than_400_lines() -> None:
    long = {module_name(path): n for path in FILES if (n := len(path.read_text().splitlines())) > 400}
    assert not long
