"""What may not be in code whose results must be the same everywhere (one lint for all of it)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "sim").rglob("*.py"), *(ROOT / "analysis" / "metrics").rglob("*.py")])
CLOCKS = {
    ("time", "time"),
    ("time", "perf_counter"),
    ("time", "monotonic"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("date", "today"),
}
NUMPY_FUNCTIONS = {"exp", "log", "log1p", "expm1", "power", "tanh", "sin", "cos", "dot", "matmul", "interp"}
MATH_FUNCTIONS = {
    "exp",
    "log",
    "log1p",
    "expm1",
    "pow",
    "erf",
    "erfc",
    "gamma",
    "lgamma",
    "sin",
    "cos",
    "tanh",
}


def faults(tree: ast.AST) -> list[str]:
    """Lines of a module that break a rule."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += called(node)
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Set | ast.SetComp):
            found.append(f"iteration over a set, line {node.iter.lineno}")
        if isinstance(node, ast.For | ast.comprehension) and is_call_of(node.iter, {"set", "frozenset"}):
            found.append(f"iteration over a set, line {node.iter.lineno}")
        if isinstance(node, ast.Import) and any(
            alias.name.split(".")[0] in ("random", "secrets", "uuid") for alias in node.names
        ):
            found.append(f"a generator of the standard library, line {node.lineno}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not is_whole(node):
            found.append(f"a power, line {node.lineno}")
    return found


def is_whole(node: ast.BinOp) -> bool:
    """Whether base and exponent are plain whole numbers or names: integer powers are exact."""
    return all(
        not isinstance(side, ast.Constant) or isinstance(side.value, int) for side in (node.left, node.right)
    )


def is_call_of(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def called(node: ast.Call) -> list[str]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in ("hash", "sum"):
        return [f"builtin {function.id}, line {node.lineno}"]
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return []
    owner, name = function.value.id, function.attr
    if (owner, name) in CLOCKS:
        return [f"the clock of the machine, line {node.lineno}"]
    if owner == "np" and (name in NUMPY_FUNCTIONS or name == "random"):
        return [f"np.{name}, line {node.lineno}"]
    if owner == "math" and name in MATH_FUNCTIONS:
        return [f"math.{name}, line {node.lineno}"]
    return []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_the_rules_of_determinism(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not faults(ast.parse(text))
    assert "np.random" not in text


@pytest.mark.parametrize(
    "text",
    [
        "hash('a')",
        "sum([0.1])",
        "for x in {1, 2}: pass",
        "import random",
        "time.time()",
        "np.exp(x)",
        "2.0 ** x",
    ],
)
def test_the_lint_finds_what_it_is_for(text: str) -> None:
    assert faults(ast.parse(text))
