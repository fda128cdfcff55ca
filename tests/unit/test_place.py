"""Where an experiment is carried out, with how many replications and which seed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from analysis.experiments.place import checked_seed, working_place
from sim import load

SCENARIO = load("scenarios/creative_copilot.yaml")


def test_the_seed_is_the_scenarios_unless_another_is_given() -> None:
    assert checked_seed(SCENARIO, 1, None) == SCENARIO.seed
    assert checked_seed(SCENARIO, 1, 0) == 0


@pytest.mark.parametrize(
    ("replications", "seed", "sentence"),
    [
        (0, 1, "replications are at least 1, got 0"),
        (1, -1, r"a seed is from 0 to 2\^63 - 1, got -1"),
        (1, 2**63, r"a seed is from 0 to 2\^63 - 1, got 9223372036854775808"),
    ],
)
def test_what_is_no_number_of_replications_or_no_seed_is_refused(
    replications: int, seed: int, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        checked_seed(SCENARIO, replications, seed)


def test_the_callers_executor_stays_open() -> None:
    with ThreadPoolExecutor(1) as own:
        with working_place(own, jobs=1) as place:
            assert place is own
        assert own.submit(int).result() == 0
