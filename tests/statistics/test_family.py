"""The family is one: its members share 1 %, all are listed, and the second look decides."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.draws import Stream
from tests.statistics.family import (
    FAMILY_ERROR,
    FIRST_SEED,
    MEMBERS,
    MORE,
    REPLICATIONS,
    SECOND_SEED,
    agrees,
    farthest,
    holds,
)

ROOT = Path(__file__).parents[2]
HERE = "tests/statistics/test_family.py"


def test_the_members_share_the_error_of_the_family() -> None:
    assert math.fsum(member.error for member in MEMBERS.values()) <= FAMILY_ERROR + 1e-12


def test_thousands_of_experiments_from_either_seed_on_have_seeds_of_their_own() -> None:
    assert SECOND_SEED - FIRST_SEED > MORE * 1000


def test_every_file_that_uses_the_family_is_a_member() -> None:
    users = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "tests.statistics.family"
        if {"agrees", "farthest", "holds"} & {name.name for name in node.names}
    ]
    assert sorted(dict.fromkeys(users)) == sorted(MEMBERS)


@pytest.mark.parametrize(
    ("answers", "verdict", "looks"),
    [([True], True, 1), ([False, True], True, 2), ([False, False], False, 2)],
    ids=["at once", "at the second look", "never"],
)
def test_a_failure_is_looked_at_once_more_with_four_times_the_data_and_that_decides(
    answers: list[bool], verdict: bool, looks: int
) -> None:
    taken: list[tuple[int, int]] = []

    def look(seed: int, times: int) -> bool:
        taken.append((seed, times))
        return answers[len(taken) - 1]

    assert holds(look) == verdict
    assert taken == [(FIRST_SEED, 1), (SECOND_SEED, MORE)][:looks]


def normals(seed: int, times: int) -> NDArray[np.float64]:
    return Stream(seed, 0, "values").block_normals(0, times * REPLICATIONS)


def test_a_mean_that_is_right_agrees_and_one_that_is_off_does_not() -> None:
    assert holds(lambda seed, times: agrees(normals(seed, times), 0.0, HERE))
    assert not agrees(normals(FIRST_SEED, 1), 2.0, HERE)


def test_the_bound_is_students_and_wider_for_more_comparisons() -> None:
    assert farthest("tests/theory/test_queues.py", 30) > farthest(HERE, 30) > 3.3
    with pytest.raises(ValueError, match="30 replications or more, got 29"):
        agrees([0.0] * 29, 0.0, HERE)
