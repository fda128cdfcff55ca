"""Ten thousand replications by two jobs: the coordinator's memory stays flat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json
import sim
from analysis.experiments import replicate

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

if __name__ == "__main__":
    scenario = sim.load("scenarios/invoice_reconciliation.yaml", {"horizon": "10 h", "warm_up": "0 s"})
    memory = {}
    def note(done, total):
        if done in (1_000, 10_000):
            memory[done] = resident()
    result = replicate(scenario, 10_000, jobs=2, progress=note)
    print(json.dumps({"done": len(result.logs), "growth": (memory[10_000] - memory[1_000]) / 9_000}))
"""


@pytest.mark.soak
def test_memory_stays_flat_over_ten_thousand_replications(tmp_path: Path) -> None:
    script = tmp_path / "many.py"
    script.write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["done"] == 10_000
    assert found["growth"] < 1_000  # the packed tallies lie in temporary files
