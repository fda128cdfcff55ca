"""The README shows what the program really prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sim
from analysis.experiments import replicate
from analysis.report import run_report
from analysis.runs import run_identity, run_name
from analysis.story import tell

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
SCENARIO = ROOT / "scenarios" / "invoice_reconciliation.yaml"


def test_the_report_on_the_first_screen_is_the_one_that_the_command_prints() -> None:
    scenario = sim.load(SCENARIO)
    folder = run_name(SCENARIO.stem, run_identity(scenario, scenario.seed, 10))
    shown = BLOCKS[1][1].rstrip("\n")
    assert shown == f"{run_report(replicate(scenario, 10))}\n\nruns/{folder}"


def test_the_risk_of_the_chain_is_what_its_report_says() -> None:
    report = run_report(replicate(sim.load(ROOT / "scenarios" / "five_agent_chain.yaml"), 10))
    shown = next(text for _, text in BLOCKS if text.startswith("  Cascade failure risk")).rstrip("\n")
    assert shown in report


def test_the_story_is_that_of_the_run() -> None:
    scenario = sim.load(SCENARIO)
    shown = next(text for _, text in BLOCKS if text.startswith("invoice-")).rstrip("\n")
    task = shown.split(" ")[0]
    assert shown == tell(scenario, sim.simulate(scenario), task).rstrip("\n")


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(next(text for kind, text in BLOCKS if kind == "python"), "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == ["guardian", "escalation", "autonomous"]


def test_every_file_that_is_linked_exists() -> None:
    assert all((ROOT / link).is_file() for link in re.findall(r"\]\(([^)#:]+)\)", README))
