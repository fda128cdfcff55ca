"""How long to go on, on the command line: half-widths, limits of replications and time, how sure to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.cli import main
from tests.cli.ended import Command, Ended

TINY = """
version: 1
name: Tiny
horizon: 20 h
drain_limit: 2 h
tasks:
  mail:
    arrivals: {process: poisson, rate: 3 / h}
    value: 100
    damage_if_wrong: 20
workers:
  clerk: {kind: human, wage: 34 / h, success: 0.9, work_time: {distribution: exponential, mean: 10 min}}
topology: {kind: human_only, human: clerk}
decide: {minimise: cpst_with_damage}
"""


@pytest.fixture
def workforce(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in a folder that holds tiny.yaml and other.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(
        TINY.replace("kind: human,", "kind: human, positions: 2,"), encoding="utf-8"
    )

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


# -- run --------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-05")
def test_a_run_goes_on_until_it_is_precise_enough(workforce: Command, tmp_path: Path) -> None:
    ended = workforce(
        "run", "tiny.yaml", "--within", "cpst=5 %", "--within", "wait_mean=1 h", "--out", "precise"
    )
    assert (ended.code, ended.err) == (0, "")
    assert "Precise enough after " in ended.words
    assert "asked 5 %), wait_mean ± " in ended.words
    assert max(map(len, ended.out.split("\n"))) <= 80
    manifest = json.loads((tmp_path / "precise" / "manifest.json").read_text(encoding="utf-8"))
    kpis = json.loads((tmp_path / "precise" / "kpis.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete"
    assert manifest["replications"] == kpis["replications"] > 10
    assert kpis["precision"]["stopped_by"] == "precision"
    assert [goal["is_reached"] for goal in kpis["precision"]["goals"]] == [True, True]
    assert workforce("replay", "precise").code == 0


def test_the_same_command_finds_the_same_and_another_goal_has_another_folder(workforce: Command) -> None:
    folders = []
    for width in ("cpst=20 %", "cpst=20 %", "cpst=10 %"):
        ended = workforce("run", "tiny.yaml", "--within", width, "-q")
        assert ended.code == 0
        folders.append(ended.out)
    assert folders[0] == folders[1] != folders[2]


def test_a_run_that_is_not_precise_at_the_limit_says_so(workforce: Command) -> None:
    ended = workforce("run", "tiny.yaml", "--within", "cpst=0.01 %", "--most", "12")
    assert ended.code == 0
    assert "Not precise enough after 12 replications: cpst ± USD" in ended.words
    assert "Stopped by the limit of 12 replications (--most)." in ended.words


def test_a_limit_of_time_keeps_what_is_finished_and_marks_it(workforce: Command, tmp_path: Path) -> None:
    ended = workforce("run", "tiny.yaml", "-n", "5000", "--max-time", "1 ms", "--out", "short")
    assert ended.code == 0
    assert ended.err == "stopped by the limit of time after 2 replications; the folder holds these\n"
    assert "Stopped by the limit of time (0.001 s)" in ended.words
    manifest = json.loads((tmp_path / "short" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["replications"]) == ("partial", 2)
    assert manifest["stopped_by"] == {"run": "stopped by the limit of time after 2 replications"}
    assert workforce("replay", "short").code == 0


def test_a_run_judges_its_warm_up(workforce: Command, tmp_path: Path) -> None:
    crowded = ("--set", "tasks.mail.arrivals.rate=9 / h", "--set", "horizon=40 h")
    ended = workforce("run", "tiny.yaml", "-n", "10", *crowded)
    assert "the warm-up (none) is too short" in ended.words
    assert "its queue grows without bound" in ended.words
    document = workforce("run", "tiny.yaml", "-n", "10", "--json").document
    assert document["warm_up"]["is_too_short"] is False
    assert document["precision"] is None
    assert workforce("run", "tiny.yaml", "-n", "3", "--json").document["warm_up"] is None


# -- compare ----------------------------------------------------------------------------------------------


def test_a_comparison_goes_on_until_its_differences_are_precise_enough(workforce: Command) -> None:
    files = ("compare", "tiny.yaml", "other.yaml", "-j", "1", "-n", "2")
    document = workforce(*files, "--within", "cpst=50 %", "--json").document
    assert document["replications"] == 10
    (goal,) = document["precision"]["goals"]
    assert (goal["metric"], goal["within"], goal["variant"]) == ("cpst", "50 %", "other")
    ended = workforce(*files, "--within", "cpst_loaded=0.001 %", "--most", "11")
    assert ended.code == 0
    assert "Not precise enough after 11 replications: cpst_loaded of other ± USD" in ended.words


def test_a_comparison_may_be_limited_in_time(workforce: Command) -> None:
    ended = workforce("compare", "tiny.yaml", "other.yaml", "-j", "1", "--max-time", "1 ms", "--json")
    assert ended.code == 0
    assert ended.document["replications"] == 2
    assert ended.document["precision"]["stopped_by"] == "time"
    assert "stopped by the limit of time after 2 replications\n" in ended.err


def test_how_sure_the_best_is_to_be_known_is_said_in_the_document(workforce: Command) -> None:
    search = ("--until-best", "5", "--sure", "99 %", "-n", "4", "--most", "400", "--json")
    found = workforce("compare", "tiny.yaml", "other.yaml", "-j", "1", *search).document["search"]
    assert found["confidence"] == 0.99
    assert len(found["left"]) == 1
    assert found["stopped_by"] == "precision"


# -- what cannot be ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["run", "compare"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--within", "cpts=2 %"), "no metric cpts; did you mean cpst"),
        (("--within", "cpst"), "is not a precision; such as 'cpst=2 %'"),
        (("--within", "cpst=5 s"), "cpst cannot be within '5 s': give a number in its currency"),
        (("--within", "cpst=1", "--within", "cpst=2"), "cpst is given twice"),
        (("--max-time", "10"), "not a duration: '10'; allowed: a number with a unit"),
        (("--max-time", "0 s"), "no time at all; such as '10 min'"),
    ],
    ids=lambda part: part if isinstance(part, str) else " ".join(part),
)
def test_what_cannot_be_reached_is_said_before_any_work(
    workforce: Command, tmp_path: Path, verb: str, arguments: tuple[str, ...], message: str
) -> None:
    ended = workforce(verb, "tiny.yaml", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in " ".join(ended.err.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.yaml", "tiny.yaml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--until-best", "1", "--within", "cpst=2 %"), "--until-best and --within do not go together"),
        (("--until-best", "1", "--sure", "100 %"), "'100 %' is not a share from 50 % to below 100 %"),
        (("--until-best", "1", "--sure", "surely"), "'surely' is not a share"),
    ],
    ids=["two goals", "certain", "no share"],
)
def test_a_search_for_the_best_has_one_goal_and_is_never_certain(
    workforce: Command, arguments: tuple[str, ...], message: str
) -> None:
    ended = workforce("compare", "tiny.yaml", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in " ".join(ended.err.split())
