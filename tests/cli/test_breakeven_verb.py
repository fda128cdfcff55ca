"""The verb breakeven: what it takes, what it prints and writes, and how it ends."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.experiments.crossover import Breakeven
from tests.cli.ended import Command, Ended

TINY = """
version: 1
name: Tiny
horizon: 1 day
tasks:
  mail:
    arrivals: {process: deterministic, every: 6 min}
    damage_if_wrong: 20
workers:
  agent:
    kind: agent
    positions: 9
    model: none
    price: {input: 0, output: 0}
    tool_cost: 1
    work_time: 2 min
    success: {mean: 0.9, spread: 1.0}
  clerk: {kind: human, positions: 9, wage: 30 / h, work_time: 6 min}
topology: {kind: human_only, human: clerk, agent: agent}
variants:
  agents: {topology: {kind: autonomous}}
"""
WAGE = (
    "--between",
    "as written,agents",
    "--vary",
    "workers.clerk.wage=1 / h..60 / h",
    "--minimise",
    "cost_per_task",
)


@pytest.fixture
def breakeven(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the verb with one job in a folder that holds tiny.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(("breakeven", "tiny.yaml", *arguments, "-j", "1", "-n", "2"))
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


@pytest.mark.mechanism("BE-18")
def test_the_sentence_says_from_where_on_which_variant_wins(breakeven: Command) -> None:
    ended = breakeven(*WAGE)
    assert ended.code == 0
    assert (
        "agents has the lower cost per task from workers.clerk.wage = USD 10.0 [10.0, 10.0] / h on"
        in flat(ended.out)
    )
    assert max(map(len, ended.out.splitlines())) <= 80


def test_the_folder_has_every_point_and_the_crossings(breakeven: Command) -> None:
    folder = breakeven(*WAGE).folder
    assert folder.name.startswith("tiny-breakeven-")
    with open(folder / "points.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = Breakeven.load(folder / "result.json")
    assert len(rows) == len(found.points)
    with open(folder / "crossings.csv", encoding="utf-8", newline="") as file:
        (crossing,) = csv.DictReader(file)
    assert float(crossing["at"]) == pytest.approx(10)
    assert (crossing["before"], crossing["after"]) == ("as written", "agents")


def test_one_document_in_place_of_the_page(breakeven: Command) -> None:
    document = json.loads(breakeven(*WAGE, "--json").out)
    assert document["between"] == ["as written", "agents"]
    assert document["crossings"][0]["at"] == pytest.approx(10)
    assert document["unit"] == "h"


def test_a_list_is_begun_with_and_quiet_is_the_answer_alone(breakeven: Command) -> None:
    ended = breakeven(
        *WAGE[:2], "--vary", "workers.agent.tool_cost=4,5,6", "--minimise", "cost_per_task", "-q"
    )
    answer = "as written has the lower cost per task in the whole range of workers.agent.tool_cost"
    assert f"{answer} from USD 4.00 to USD 6.00" in flat(ended.out)
    assert "as written minus agents" not in flat(ended.out)


def test_staff_to_gives_each_its_least_people_and_the_document_says_how_many(breakeven: Command) -> None:
    staffed = (*WAGE[:4], "--points", "2", "--set", "tasks.mail.sla=1 h", "--staff-to", "sla_share>=0.9")
    document = json.loads(breakeven(*staffed, "--json").out)
    assert document["staffing"] == {
        "as written": {"positions": {"clerk": 1}, "people": 1, "is_met": True},
        "agents": {"positions": {}, "people": 0, "is_met": True},
    }
    assert (document["stated"], document["metric"]) == ("cpst_with_damage", "cpst_loaded_with_damage")
    plain = json.loads(breakeven(*WAGE, "--json").out)
    assert (plain["staffing"], plain["stated"], plain["metric"]) == (None, "cost_per_task", "cost_per_task")


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ((*WAGE, "--staff-to", "sla_shar>=0.9"), "did you mean sla_share"),
        (
            (*WAGE[:2], "--vary", "workers.clerk.positions=1..9", "--staff-to", "sla_share>=0.9"),
            "workers.clerk.positions is what staffing to sla_share>=0.9 finds for as written",
        ),
        (("--between", "as written", *WAGE[2:]), "between two different variants"),
        (("--between", "as written,agnets", *WAGE[2:]), "did you mean agents?"),
        ((*WAGE[:2], "--vary", "workers.clerk.pay=1..9"), "workers.clerk.pay"),
        ((*WAGE[:2], "--vary", "workers.clerk.wage=1 / h..9 min"), "numbers of one unit"),
        ((*WAGE[:2], "--vary", "workers.clerk.wage=cheap,dear"), "numbers of one unit"),
        ((*WAGE[:2], "--vary", "a=1..2", "--vary", "b=1..2"), "along one path"),
        ((*WAGE[:2], "--vary", "workers.clerk.wage=30 / h"), "between two values, such as path=0.5..0.99"),
        ((*WAGE, "--minimise", "beauty"), "no metric beauty"),
        ((*WAGE, "--tolerance", "2"), "--tolerance"),
        (
            (*WAGE[:2], "--vary", "workers.agent.tool_cost=4,5,6", "--points", "20"),
            "--points goes with a range such as path=0.5..0.99",
        ),
    ],
)
def test_what_cannot_be_compared_exits_with_2_and_writes_nothing(
    breakeven: Command, arguments: tuple[str, ...], wrong: str
) -> None:
    ended = breakeven(*arguments)
    assert ended.code == 2
    assert wrong in ended.err
    assert not Path("runs").exists()


def test_an_unknown_variant_is_refused_before_anything_is_set_up_and_each_name_is_offered_once(
    breakeven: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(*_: Any) -> Any:
        raise AssertionError("the search has begun")

    monkeypatch.setattr("analysis.cli.breakeven_verb.carried_out", begun)
    Path("tiny.yaml").write_text(TINY + "  guardian: {workers: {clerk: {positions: 3}}}\n", encoding="utf-8")
    ended = breakeven("--between", "as written,other", *WAGE[2:])
    assert ended.code == 2
    assert ended.err.count("guardian") == 1


def flat(text: str) -> str:
    """The text in one line."""
    return re.sub(r"\s+", " ", text)
