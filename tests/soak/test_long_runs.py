"""Long runs, by hand before a claim: memory stays bounded over ten million tasks, waits agree more sharply."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis import theory
from tests.statistics.family import agrees, holds
from tests.theory.test_queues import EXPONENTIAL, SERVICE, mean_waits, queue

HERE = "tests/soak/test_long_runs.py"
ROOT = Path(__file__).parents[2]
RUN = """
import json, resource, sys
import sim
scenario = sim.load("benchmarks/w2.yaml", {"horizon": sys.argv[1]})
log = sim.simulate(scenario, out=sys.argv[2])
print(json.dumps({"tasks": log.task_count, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
"""


def run(horizon: str, out: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, horizon, str(out)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.soak
def test_ten_million_tasks_with_a_full_log_stay_below_400_megabytes(tmp_path: Path) -> None:
    long = run("84634000 s", tmp_path / "events.parquet")
    assert long["tasks"] > 9_900_000
    assert long["memory"] < 400e6


@pytest.mark.soak
@pytest.mark.parametrize(("servers", "load"), [(1, 0.8), (10, 9.0)])
def test_waits_agree_with_erlang_over_long_runs(servers: int, load: float) -> None:
    tree, expected = queue(servers, load, EXPONENTIAL, 500), theory.mmc_mean_wait(servers, load, SERVICE)
    assert holds(lambda seed, times: agrees(mean_waits(tree, seed, 100 * times), expected, HERE))


@pytest.mark.soak
@pytest.mark.xfail(
    reason="measured 1.1 bytes a task on 2026-11-21, probably the footer of the Parquet file", strict=False
)
def test_memory_grows_by_less_than_a_byte_a_task_from_one_to_ten_million(tmp_path: Path) -> None:
    short, long = (run(horizon, tmp_path / "events.parquet") for horizon in ("8463400 s", "84634000 s"))
    growth = (long["memory"] - short["memory"]) / (long["tasks"] - short["tasks"])
    assert growth < 1.0, f"{growth:.2f} bytes of peak memory per added task"
