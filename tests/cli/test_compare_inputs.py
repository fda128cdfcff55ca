"""The verbs compare and run with uncertain inputs, and compare with least staffing."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from analysis.cli import main
from tests.cli.ended import Command, Ended
from tests.tiny import REVIEWED

PLAIN = (
    REVIEWED.replace("    value: {distribution: lognormal, median: 100, p95: 900}\n", "").replace(
        "kind: escalation, agent: agent, human: clerk, value_limit: 500",
        "kind: guardian, agent: agent, human: clerk",
    )
    + """\
variants:
  people: {topology: {kind: human_only}}
"""
)
UNCERTAIN = (
    PLAIN + "uncertain: {workers.clerk.review.catch_rate: {distribution: uniform, low: 0.2, high: 0.99}}\n"
)


@pytest.fixture
def workforce(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a verb with one job in a folder that holds plain.yaml and uncertain.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.yaml").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "uncertain.yaml").write_text(UNCERTAIN, encoding="utf-8")

    def command(verb: str, *arguments: str) -> Ended:
        jobs = ("-j", "1") if verb in ("run", "compare") else ()
        with pytest.raises(SystemExit) as ended:
            main((verb, *arguments, *jobs))
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


def test_compare_says_in_how_many_draws_its_choice_is_the_best(workforce: Command) -> None:
    ended = workforce("compare", "uncertain.yaml", "-n", "10")
    assert ended.code == 0
    assert "Over the stated ranges, 10 draws shared by the variants" in ended.words
    assert "% given the inputs, " in ended.words
    assert "of draws over the stated ranges" in ended.words


def test_draws_0_turns_them_off(workforce: Command) -> None:
    off = workforce("compare", "uncertain.yaml", "-n", "2", "--draws", "0")
    page, plain = (
        text.rsplit("\n\n", 1)[0] for text in (off.out, workforce("compare", "plain.yaml", "-n", "2").out)
    )
    assert (off.code, page) == (0, plain)


def test_draws_of_nothing_are_refused_before_the_work(workforce: Command) -> None:
    for verb in ("compare", "run"):
        ended = workforce(verb, "plain.yaml", "--draws", "5")
        assert ended.code == 2
        assert "nothing is uncertain" in ended.err


def test_the_folder_has_the_second_band(workforce: Command, tmp_path: Path) -> None:
    ended = workforce("compare", "uncertain.yaml", "-n", "2", "--draws", "10", "--out", "found")
    assert ended.code == 0
    with open(tmp_path / "found" / "summary.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["metric"] == "wrong_per_1000"]
    assert float(rows[0]["inputs_low"]) < float(rows[0]["inputs_high"])
    (document,) = (json.loads(path.read_text()) for path in (tmp_path / "found").glob("compar*.json"))
    assert document["over_inputs"]["draws"] == 10


def test_a_run_draws_inputs_too_and_has_a_folder_of_its_own(workforce: Command, tmp_path: Path) -> None:
    drawn, off = (
        workforce("run", "uncertain.yaml", "-n", "10"),
        workforce("run", "uncertain.yaml", "--draws", "0"),
    )
    assert "Over the stated ranges, 10 draws of workers.clerk.review.catch_rate" in drawn.words
    assert "stated ranges" not in off.out
    folders = [ended.out.splitlines()[-1] for ended in (drawn, off)]
    assert folders[0] != folders[1]
    kpis = [json.loads((tmp_path / folder / "kpis.json").read_text()) for folder in folders]
    assert kpis[0]["over_inputs"]["metrics"]["cpst"]["inputs_low"] < kpis[0]["metrics"]["cpst"]["value"]
    assert kpis[1]["over_inputs"] is None
    assert kpis[0]["logs"] == kpis[1]["logs"]
    assert workforce("replay", folders[0]).code == 0


def test_staff_to_says_who_was_staffed_how(workforce: Command) -> None:
    ended = workforce("compare", "plain.yaml", "-n", "2", "--staff-to", "sla_share>=0.9")
    assert ended.code == 0
    assert (
        "Staffed with the least people for at least 90 % within SLA: as written clerk 1; people clerk 2."
        in ended.words
    )
    assert "each is staffed for itself" in ended.words
    assert "are idle" not in ended.words


def test_idle_people_are_noted_once_with_the_condition_of_the_choice_to_staff_to(workforce: Command) -> None:
    shared = ("compare", "plain.yaml", "-n", "2", "--set", "workers.clerk.positions=9")
    words = workforce(*shared).words
    assert words.count("people are idle most of the time (clerk") == 1
    assert "idle hours count" not in words
    assert (
        ": workforce compare FILE --staff-to 'sla_share>=0.5' first finds the least people of each variant"
        in words
    )
    paid = workforce(*shared, "--minimise", "cost_per_month_paid", "--subject-to", "sla_share>=90%").words
    assert "and idle hours count: workforce compare FILE --staff-to 'sla_share>=0.9' first" in paid
    busy = workforce("compare", "plain.yaml", "-n", "2", "--set", "workers.clerk.positions=1")
    assert "are idle" not in busy.words


def test_a_condition_to_staff_to_is_checked_first(workforce: Command) -> None:
    ended = workforce("compare", "plain.yaml", "--staff-to", "sla_shar>=0.9")
    assert ended.code == 2
    assert "--staff-to" in ended.err
    assert "did you mean sla_share" in ended.err


def test_explain_names_what_is_uncertain_and_where_that_is_from(workforce: Command) -> None:
    text = workforce("explain", "uncertain.yaml").out
    line = next(line for line in text.splitlines() if "clerk.review.catch_rate" in line)
    assert line.split()[1:] == ["uniform,", "low", "0.2,", "high", "0.99", "your", "file"]
