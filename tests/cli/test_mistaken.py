"""What is no folder of results, where one must be named: what it is, and what to name or to do instead."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.ended import Command
from tests.cli.test_resume import Machine, command, machine

__all__ = ["command", "machine"]  # fixtures

NEEDS_A_RUN = (("trace", "mail-3"), ("export", "--format", "csv"), ("replay",))
NEEDS_RESULTS = (("report",), ("runs", "show"))
LIST = "; workforce runs list shows what there is"
SHOWN = {
    "nowhere": f"there is no folder nowhere{LIST}",
    "one": "there is no folder one; did you mean runs/one?",
    "runs/oen": "there is no folder runs/oen; did you mean runs/one?",
    "runs/two": "runs/two.unfinished holds what is not finished; the command that began it goes on with --resume",
    "lost.yaml": "there is no lost.yaml; name the folder of a run, which workforce runs list shows",
    "notes.txt": f"notes.txt is a file, not a folder of results{LIST}",
    "runs/one/kpis.json": "runs/one/kpis.json is a file in a folder of results; name the folder: runs/one",
    "runs/one/stated/scenario.yaml":
        "runs/one/stated/scenario.yaml is a file in a folder of results; name the folder: runs/one",
    "empty": f"empty is not a folder of results: it has no manifest.json{LIST}",
    "foreign": f"foreign is not a folder of results: its manifest.json is of something else{LIST}",
    "runs": "runs holds folders of results and is none itself; name one, such as runs/one:\n"
        "      workforce runs list runs",
}  # fmt: skip
"""What is said of a place, whatever is done with it."""


def called(command: Command, verb: tuple[str, ...], place: str) -> str:
    """What a verb says of a place that it does not work on."""
    ended = command("runs", "show", place) if verb[0] == "runs" else command(verb[0], place, *verb[1:])
    assert (ended.code, ended.out) == (2, "")
    return str(ended.err)


@pytest.fixture
def places(command: Command, tmp_path: Path) -> Path:
    """A folder with a run, one that was interrupted, and much that is neither."""
    assert command("run", "tiny.yaml", "-n", "2", "-q", "--out", "runs/one").code == 0
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "manifest.json").write_text('{"name": "a page", "icons": []}')
    return tmp_path


@pytest.mark.parametrize("verb", [*NEEDS_A_RUN, *NEEDS_RESULTS], ids="-".join)
def test_what_is_no_folder_of_results_is_said_with_what_to_do(
    verb: tuple[str, ...], places: Path, command: Command
) -> None:
    found = {place: called(command, verb, place) for place in SHOWN if place != "runs/two"}
    wanted = {place: f"Error: {text}\n" for place, text in SHOWN.items() if place != "runs/two"}
    assert found == wanted


@pytest.mark.parametrize("verb", NEEDS_A_RUN, ids="-".join)
def test_a_scenario_is_to_be_run_first(verb: tuple[str, ...], command: Command) -> None:
    assert called(command, verb, "tiny.yaml") == (
        "Error: tiny.yaml is a scenario, not a folder of results; "
        "run it first, then name the folder in the last line:\n"
        "      workforce run tiny.yaml\n"
    )


@pytest.mark.parametrize("verb", NEEDS_RESULTS, ids="-".join)
def test_a_scenario_is_to_be_run_or_compared_first(
    verb: tuple[str, ...], command: Command, tmp_path: Path
) -> None:
    shutil.copy(tmp_path / "tiny.yaml", tmp_path / "my mail.yaml")
    lines = called(command, verb, "my mail.yaml").splitlines()
    assert lines[0].endswith("; run or compare it first, then name the folder in the last line:")
    assert lines[1:] == ["      workforce run 'my mail.yaml'", "      workforce compare 'my mail.yaml'"]


@pytest.mark.parametrize("verb", NEEDS_A_RUN, ids="-".join)
def test_another_experiment_is_no_run_and_the_way_to_one_is_said(
    verb: tuple[str, ...], command: Command
) -> None:
    options = ("--vary", "workers.clerk.positions=2,3", "-n", "2", "-j", "1", "-q")
    assert command("sweep", "tiny.yaml", *options, "--out", "swept").code == 0
    assert called(command, verb, "swept") == (
        "Error: swept is the folder of a sweep, not of a run; a run of the same:\n"
        "      workforce run swept/stated/scenario.yaml\n"
    )


@pytest.mark.parametrize("place", ["runs/two", "runs/two.unfinished"])
def test_what_is_not_finished_is_to_be_continued(place: str, command: Command, machine: Machine) -> None:
    assert command("sweep", "tiny.yaml", "--vary", "workers.clerk.positions=2,3", "-n", "2", "-j", "1",
                   "--out", "runs/two", at=1).code == 130  # fmt: skip
    assert called(command, ("report",), place) == f"Error: {SHOWN['runs/two']}\n"


def test_a_verb_that_is_misspelt_and_a_file_without_a_verb_are_understood(command: Command) -> None:
    ended = command("comapre", "tiny.yaml")
    assert (ended.code, ended.err.splitlines()[-1]) == (2, "Error: no verb 'comapre'; did you mean compare?")
    ended = command("tiny.yaml")
    assert ended.code == 2
    assert ended.err.endswith("a file comes after its verb, such as:\n      workforce run tiny.yaml\n")


def test_a_number_is_called_a_number(command: Command) -> None:
    assert command("run", "tiny.yaml", "-n", "many").err.endswith("'many' is not a valid whole number.\n")
    assert "--replications NUMBER" in command("run", "--help").out
