"""The verb sensitivity: what it varies, what it prints and writes, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from analysis.cli import main
from tests.cli.ended import Command, Ended

TINY = """
version: 1
name: Tiny
horizon: 8 h
tasks:
  mail:
    arrivals: {process: poisson, rate: 20 / h}
    value: 100
    sla: 4 h
    damage_if_wrong: 20
workers:
  agent:
    kind: agent
    model: own
    price: {input: 0, output: 0}
    work_time: 2 min
    tool_cost: 0.5
    concurrency: 9
    success: {mean: 0.9, spread: 1.0}
  clerk: {kind: human, positions: 4, wage: 34 / h, work_time: 5 min}
topology: {kind: escalation, agent: agent, human: clerk}
decide: {minimise: cpst_with_damage, subject_to: [sla_share >= 0.5]}
"""
SUCCESS = "workers.agent.success.mean"
WAGE = "workers.clerk.wage"


@pytest.fixture
def sensitivity(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs the verb with one job in a folder that holds tiny.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(("sensitivity", "tiny.yaml", *arguments, "-j", "1"))
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


@pytest.mark.mechanism("MR-16")
def test_the_file_alone_says_what_matters_most(sensitivity: Command) -> None:
    ended = sensitivity("-n", "3", "--closely", "12")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "Tiny · 12 parameters one at a time · 3 replications of 8 h · seed 1"
    assert max(map(len, lines)) <= 80
    assert "depends most on" in ended.out
    folder = Path(lines[-1])
    assert folder.name.startswith("tiny-sensitivity-")
    with open(folder / "summary.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert rows[-1]["difference"] == "0.0"
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 13)]
    assert {"manifest.json", "sensitivity.json", "result.json"} <= {file.name for file in folder.iterdir()}


def test_of_many_parameters_those_that_matter_less_are_set_aside(sensitivity: Command) -> None:
    ended = sensitivity("-n", "3")
    lines = ended.out.splitlines()
    assert lines[0] == "Tiny · 8 parameters one at a time · 3 replications of 8 h · seed 1"
    assert max(map(len, lines)) <= 80
    assert "  Set aside after 2 replications, for less of an effect: " in ended.out
    assert "--closely 12 looks at all" in " ".join(ended.out.split())
    found = json.loads((ended.folder / "sensitivity.json").read_text())
    assert (len(found["ranking"]), len(found["set_aside"])) == (8, 4)


def test_closely_goes_with_parameters_that_nobody_named(sensitivity: Command) -> None:
    for typed in (("--parameter", WAGE), ("--method", "sobol", "--points", "2")):
        ended = sensitivity(*typed, "--closely", "3", "-n", "2")
        assert (ended.code, "--closely goes with" in ended.err) == (2, True)


def test_ranges_and_parameters_can_be_named(sensitivity: Command) -> None:
    ended = sensitivity(
        "--vary",
        f"{SUCCESS}=0.7..0.95",
        "--parameter",
        WAGE,
        "--by",
        "50",
        "-n",
        "2",
        "--json",
        "--metrics",
        "cpst",
    )
    document = json.loads(ended.out)
    found = {row["parameter"]: (row["low_value"], row["high_value"]) for row in document["ranking"]}
    assert found == {SUCCESS: (0.7, 0.95), WAGE: ("17 / h", "51 / h")}
    assert {row["metric"] for row in document["ranking"]} == {"cpst"}


def test_what_the_file_calls_uncertain_is_varied(sensitivity: Command) -> None:
    with open("tiny.yaml", "a", encoding="utf-8") as file:
        file.write(f"uncertain:\n  {WAGE}: {{distribution: uniform, low: 30 / h, high: 40 / h}}\n")
    document = json.loads(sensitivity("-n", "2", "--json").out)
    assert [row["parameter"] for row in document["ranking"]] == [WAGE]
    assert (document["ranking"][0]["low_value"], document["ranking"][0]["high_value"]) == (
        "30.5 / h",
        "39.5 / h",
    )


def test_shares_of_variance_are_found_by_sobol(sensitivity: Command) -> None:
    ended = sensitivity(
        "--method", "sobol", "--vary", f"{SUCCESS}=0.6..0.9", "--vary", f"{WAGE}=33 / h..35 / h", "--points", "8",
        "-n", "2",
    )  # fmt: skip
    assert ended.code == 0
    assert "2 parameters at 32 points · 2 replications" in ended.out
    assert f"comes from {SUCCESS}" in " ".join(ended.out.split())
    assert "Noise of the simulation" in ended.out


def test_quiet_leaves_the_answer_and_the_folder(sensitivity: Command) -> None:
    ended = sensitivity("--parameter", "workers.agent.tool_cost", "-n", "10", "-q", "--out", "here")
    assert "depends most on workers.agent.tool_cost" in " ".join(ended.out.split())
    assert ended.out.endswith("\n\nhere\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--vary", f"{SUCCESS}=0.5..1.5"), f"--vary number 1 ({SUCCESS}=1.5): E0211 {SUCCESS}"),
        (("--vary", f"{SUCCESS}=0.5,0.6"), f"--vary number 1: E0203 {SUCCESS}: a parameter has a range"),
        (("--vary", "workers.agnt.success.mean=0.5..0.6"), "--vary number 1"),
        (("--parameter", "topology.kind"), "topology.kind is no number other than 0"),
        (("--parameter", "workers.clerk.wag"), "did you mean workers.clerk.wage?"),
        (("--points", "16"), "--points goes with --method sobol"),
        (("--metrics", "cost"), "no metric cost"),
        (("--method", "sobol", "--parameter", WAGE), "two parameters or more"),
        (("--method", "sobol", "--points", "12"), "a power of 2, got 12"),
        (("--method", "sobol", "--points", "8192"), "at most 10,000 are allowed"),
    ],
)
def test_a_mistake_ends_with_2_before_any_run_and_leaves_nothing(
    sensitivity: Command, arguments: tuple[str, ...], message: str
) -> None:
    ended = sensitivity(*arguments)
    assert ended.code == 2
    assert message in " ".join(ended.err.split())
    assert ended.out == ""
    assert [file.name for file in Path().iterdir()] == ["tiny.yaml"]
