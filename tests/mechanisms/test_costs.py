"""The ledger: tokens at list price, tools per call, and the ratio of two prices (rows BE-01, BE-02, BE-08)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sim.run import simulate
from tests.mechanisms.builders import events, scenario

FAILING = {"transient": 0.1, "judgment": 0.05}


def attempts(price: dict[str, Any], tool_cost: float = 0.002) -> pd.DataFrame:
    frame = events(scenario("guardian", agent={"price": price, "tool_cost": tool_cost, "failures": FAILING}))
    return frame[frame.action == "attempted"]


def rounded_half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


@pytest.mark.mechanism("BE-01")
@pytest.mark.parametrize("price", [{"input": 1, "output": 5}, {"input": 0.0375, "output": 0.333333}])
def test_inference_is_tokens_times_price_row_by_row_to_the_last_unit(price: dict[str, float]) -> None:
    frame = attempts(price)
    read, written = (round(price[name] * 1e9) for name in ("input", "output"))
    for row in frame.itertuples():
        exact = int(row.input_tokens) * read + int(row.output_tokens) * written
        assert row.inference == rounded_half_up(exact, 1_000_000)
    assert frame.inference.sum() > 0


@pytest.mark.mechanism("BE-01")
def test_a_transient_failure_is_billed_what_was_read_and_nothing_written() -> None:
    frame = attempts({"input": 1, "output": 5})
    failed = frame[frame.outcome == "transient"]
    assert len(failed)
    assert failed.output_tokens.eq(0).all()
    assert failed.inference.eq(failed.input_tokens * 1000).all()


@pytest.mark.mechanism("BE-02")
@pytest.mark.parametrize("tool_cost", [0, 0.002, 1])
def test_tools_cost_calls_times_price(tool_cost: float) -> None:
    frame = attempts({"input": 1, "output": 5}, tool_cost)
    assert frame.tools.sum() == len(frame) * round(tool_cost * 1e9)


@pytest.mark.mechanism("BE-08")
def test_the_ratio_of_two_prices_shows_in_the_ledger_for_equal_tokens() -> None:
    small, medium = attempts({"input": 1, "output": 5}), attempts({"input": 4, "output": 20})
    assert small.input_tokens.tolist() == medium.input_tokens.tolist()
    assert medium.inference.sum() == 4 * small.inference.sum()


@pytest.mark.mechanism("BE-08")
def test_free_models_cost_nothing() -> None:
    assert (
        simulate(scenario("autonomous", agent={"price": {"input": 0, "output": 0}})).events().inference.sum()
        == 0
    )
