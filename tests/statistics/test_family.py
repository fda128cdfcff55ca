"""The family is one: its members share 1 %, all are listed, and the second look decides."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.draws import Stream
from tests.statistics.family import (
    FAMILY_ERROR,
    FIRST_SEED,
    MADE,
    MEMBERS,
    MORE,
    REPLICATIONS,
    SECOND_SEED,
    Look,
    Member,
    agrees,
    farthest,
    holds,
    statistical,
)

ROOT = Path(__file__).parents[2]
HERE = "tests/statistics/test_family.py"


def test_the_members_share_the_error_of_the_family() -> None:
    assert math.fsum(member.error for member in MEMBERS.values()) <= FAMILY_ERROR + 1e-12


def test_thousands_of_experiments_from_either_seed_on_have_seeds_of_their_own() -> None:
    assert SECOND_SEED - FIRST_SEED > MORE * 1000


WITHOUT_CHANCE = {
    "tests/contract/test_distributions.py": "the spread of quantiles on a grid",
    "tests/statistics/queues.py": "exact truths that other files compare with",
    "tests/unit/test_estimates.py": "intervals of given numbers, to the last digits",
    "tests/unit/test_frames_of_runs.py": "an interval and a rank statistic of given numbers",
}
"""Files that need distributions and compare nothing that was drawn, and what they need them for."""


def could_be_statistical(path: Path) -> bool:
    """Whether a file uses the family, a library of distributions, Student's t, a level or a standard deviation."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names |= {f"{getattr(node, 'module', '')}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Name | ast.Attribute):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
    library = {"scipy.stats", ".scipy.stats", "analysis.estimates.t_quantile", "LEVEL", "stdev", "std", "sem"}
    family = {f"tests.statistics.family.{name}" for name in ("agrees", "farthest", "holds", "statistical")}
    return bool(names & (library | family))


def test_every_file_that_could_compare_with_a_truth_by_chance_is_a_member_or_says_why_not() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if path.name != "family.py" and could_be_statistical(path)
    ]
    assert sorted(found) == sorted([*MEMBERS, *WITHOUT_CHANCE])


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
    assert farthest("tests/theory/test_topologies.py", 30) > farthest(HERE, 30) > 3.3
    with pytest.raises(ValueError, match="30 replications or more, got 29"):
        agrees([0.0] * 29, 0.0, HERE)


def outcome(test: Callable[..., None], **given: Any) -> bool:
    """Whether a statistical test of this file passes."""
    try:
        statistical(test)(**given)
    except AssertionError:
        return False
    finally:
        MADE[HERE].clear()
    return True


@pytest.mark.parametrize(
    ("share", "mean", "passes"), [(0.5, 0.0, True), (0.3, 0.0, False), (0.5, 2.0, False)]
)
def test_a_statistical_test_passes_where_all_that_it_compares_is_right(
    share: float, mean: float, passes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MEMBERS, HERE, Member(0.001, 2))

    def compares(look: Look, expected: float) -> None:
        drawn = normals(look.seed, 10)
        look.share(int((drawn > 0).sum()), len(drawn), share)
        look.mean(drawn, expected)

    assert outcome(compares, expected=mean) == passes


def test_the_second_look_of_a_statistical_test_pools_four_runs_and_what_it_asserts_has_none() -> None:
    seeds: list[int] = []

    def compares(look: Look) -> None:
        seeds.append(look.seed)
        look.share(16 if look.seed != FIRST_SEED else 0, 30, 0.5)

    def asserts(look: Look) -> None:
        seeds.append(look.seed)
        assert look.seed != FIRST_SEED

    assert outcome(compares)
    assert seeds == [FIRST_SEED, *range(SECOND_SEED, SECOND_SEED + MORE)]
    assert not outcome(asserts)
    assert seeds[-1] == FIRST_SEED


def test_what_must_differ_is_found_to_and_certainties_are_exact() -> None:
    look = Look(FIRST_SEED)
    look.share(0, 100, 0.5, differs=True)
    assert look.comparisons[0].holds(1e-4)
    look.share(100, 100, 1.0)
    look.mean([2.0] * 30, 2.0)
    assert len(look.comparisons) == 1
    with pytest.raises(AssertionError):
        look.share(99, 100, 1.0)
    with pytest.raises(ValueError, match="30 values or more, got 29"):
        look.mean([0.0, 1.0] * 14 + [0.0], 0.5)


def test_a_member_makes_no_more_comparisons_than_it_has_declared() -> None:
    def compares(look: Look) -> None:
        for _ in range(2):
            look.share(15, 30, 0.5)

    assert not outcome(compares)
