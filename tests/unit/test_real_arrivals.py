"""A real trace of requests to a language-model service keeps every tick, token and nano-unit in a run."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.prices import list_price

TRACE = Path(__file__).parents[2].parent / "shared" / "data" / "llm_trace_azure_conv_2023.csv"
REQUESTS = 19_366
SCENARIO = """
version: 1
name: A recorded hour of requests
horizon: 1 h
currency: {currency}
exchange: {{USD: {rate}}}
tasks:
  request:
    arrivals: {{process: recorded, file: trace.csv}}
workers:
  responder: {{kind: agent, concurrency: 500, model: {model}, work_time: 2 s, success: 1}}
topology: {{kind: autonomous, agent: responder}}
"""

pytestmark = pytest.mark.skipif(
    not TRACE.is_file(), reason="the recorded trace is not beside this repository"
)


@dataclass(frozen=True)
class Request:
    tick: int
    input_tokens: int
    output_tokens: int


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    with TRACE.open(newline="", encoding="utf-8") as file:
        return [
            Request(int(Decimal(row["t_s"]) * 1_000_000), int(row["input_tokens"]), int(row["output_tokens"]))
            for row in csv.DictReader(file)
        ]


def run_of(folder: Path, model: str, currency: str, rate: str) -> dict[str, list[int]]:
    """Columns of the rows of arrivals (`tick`) and of attempts (the rest), in order of the tasks."""
    (folder / "trace.csv").write_bytes(TRACE.read_bytes())
    log = sim.simulate(sim.loads(SCENARIO.format(model=model, currency=currency, rate=rate), folder))
    blocks = list(log.blocks())
    table = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0].columns}
    found: dict[str, list[int]] = {}
    wanted = {"arrived": ("tick", "task"), "attempted": ("input_tokens", "output_tokens", "inference")}
    for action, names in wanted.items():
        chosen = np.flatnonzero(table["action"] == blocks[0].code("action", action))
        chosen = chosen[np.argsort(table["task"][chosen], kind="stable")]
        found |= {name: table[name][chosen].tolist() for name in names}
    return found


def nano_per_million(price: Decimal, rate: str) -> int:
    nanos = price * Decimal(rate) * 10**9
    assert nanos == int(nanos)
    return int(nanos)


@pytest.mark.parametrize(
    ("model", "currency", "rate"),
    [("claude-haiku-4-5", "USD", "1"), ("gemini-2.5-flash-lite", "EUR", "0.923717")],
    ids=["whole nano-units a token", "rounded once a row"],
)
def test_a_real_trace_keeps_every_tick_token_and_cost(
    tmp_path: Path, requests: list[Request], model: str, currency: str, rate: str
) -> None:
    found = run_of(tmp_path, model, currency, rate)
    assert len(requests) == REQUESTS
    assert found["task"] == list(range(REQUESTS))
    assert found["tick"] == [request.tick for request in requests]
    assert found["input_tokens"] == [request.input_tokens for request in requests]
    assert found["output_tokens"] == [request.output_tokens for request in requests]

    price = list_price(model, None)
    assert price is not None
    read, written = nano_per_million(price.input, rate), nano_per_million(price.output, rate)
    products = [request.input_tokens * read + request.output_tokens * written for request in requests]
    direct = [(product + 500_000) // 1_000_000 for product in products]
    assert found["inference"] == direct
