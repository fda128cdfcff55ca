"""What is finished of an experiment: kept exactly, never torn, one owner at a time, continued only by the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from analysis.executors import InProcess, Parcel, ProcessPool
from analysis.executors.remembering import RememberingExecutor, bare
from analysis.experiments import replicate
from analysis.experiments.replicate import Outcome, Work
from analysis.runs.asked import Asked, difference
from analysis.runs.finished import FINISHED, Finished, ResumeError, outcome_of, text_of
from analysis.runs.folder import RunFolderError
from analysis.runs.owner import LOCK, OwnedError, owned
from analysis.runs.unfinished import begun_in, clear_stages, discard, kept_beside, unfinished_folder
from sim import Scenario, loads
from tests import calls

ROOT = Path(__file__).parents[2]
TEXT = """
version: 1
name: Tiny
horizon: 6 h
tasks:
  mail: {arrivals: {process: poisson, rate: 20 / h}}
workers:
  agent: {kind: agent, model: claude-haiku-4-5, work_time: 2 min, success: 0.9}
  clerk: {kind: human, positions: 2, wage: 34 / h, work_time: 5 min}
topology: {kind: escalation, agent: agent, human: clerk}
variants:
  more clerks: {workers: {clerk: {positions: 3}}}
"""


@cache
def scenario() -> Scenario:
    return loads(TEXT)


def asked(**changed: Any) -> Asked:
    plain = Asked("sweep", {"": scenario()}, 7, 5, {"--vary": ["a=1,2"]})
    return replace(plain, **changed)


@cache
def outcome(number: int = 0) -> Outcome:
    return Work(Parcel(scenario()), 7)(number)


class Counting(InProcess):
    """Does calls in this process and notes for which numbers."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        self.done.append(arguments[0])
        return super().submit(function, *arguments, **named)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FINISHED


def filled(path: Path, count: int = 3) -> Finished:
    """A file in which some replications are finished."""
    finished = Finished(path)
    finished.begin(asked().document())
    replicate(scenario(), count, executor=RememberingExecutor(InProcess(), finished))
    return finished


# -- the file -----------------------------------------------------------------------------------------


def test_an_outcome_comes_back_exactly() -> None:
    assert outcome_of(text_of(outcome())) == outcome()
    assert "\n" not in text_of(outcome())


def test_what_was_kept_is_found_in_a_file_opened_later(path: Path) -> None:
    filled(path).close()
    again = Finished(path)
    assert len(again) == 3
    assert again.asked == asked().document()
    for number in range(3):
        key = Work(Parcel(scenario()), scenario().seed).key(number, scenario().digest())
        assert again.recall(key) == Work(Parcel(scenario()), scenario().seed)(number)
    with pytest.raises(KeyError):
        again.recall("another")


@pytest.mark.parametrize("key", ['a "quoted" \\ key', "umlaut ä\n"])
def test_a_key_may_be_any_text(key: str, path: Path) -> None:
    finished = filled(path, 1)
    finished.keep(key, outcome(4))
    finished.close()
    assert Finished(path).recall(key) == outcome(4)


def test_a_file_cut_anywhere_holds_what_was_whole_and_goes_on(path: Path) -> None:
    filled(path).close()
    content = path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(content) if byte == 10]
    cuts = {cut for end in (0, *ends) for cut in (end, end + 1, end + 40, end + 300) if cut <= len(content)}
    for cut in sorted(cuts):
        path.write_bytes(content[:cut])
        finished = Finished(path)
        whole = sum(end <= cut for end in ends)
        assert len(finished) == max(0, whole - 1)
        assert path.stat().st_size == (ends[whole - 1] if whole else 0)
        if whole:
            finished.keep("more", outcome())
            finished.close()
            assert Finished(path).recall("more") == outcome()
        else:
            finished.close()


@pytest.mark.parametrize("line", [1, 2, 4])
def test_a_line_that_was_edited_is_named(line: int, path: Path) -> None:
    filled(path).close()
    lines = path.read_bytes().splitlines(keepends=True)
    place = lines[line - 1].rindex(b"1")
    lines[line - 1] = lines[line - 1][:place] + b"2" + lines[line - 1][place + 1 :]
    path.write_bytes(b"".join(lines))
    with pytest.raises(ResumeError, match=rf"finished.jsonl:{line}: the line is not as it was written"):
        Finished(path)
    assert path.read_bytes() == b"".join(lines)


@pytest.mark.parametrize("order", [(1, 2), (0, 1, 0)])
def test_a_file_without_its_first_line_or_with_two_of_them_is_refused(
    order: tuple[int, ...], path: Path
) -> None:
    filled(path).close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[number] for number in order))
    with pytest.raises(ResumeError, match="what was asked is said in the first line and nowhere else"):
        Finished(path)


def test_a_full_disk_is_an_error_and_leaves_whole_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = filled(path, 1)
    size, write = path.stat().st_size, os.pwrite

    def short(handle: int, content: bytes, place: int) -> int:
        if len(content) <= 100:
            raise OSError(28, "No space left on device")
        return write(handle, content[:100], place)

    monkeypatch.setattr(os, "pwrite", lambda handle, content, place: short(handle, content[:200], place))
    with pytest.raises(OSError, match="No space left"):
        replicate(scenario(), 2, executor=RememberingExecutor(InProcess(), finished))
    assert path.stat().st_size == size
    monkeypatch.undo()
    assert len(replicate(scenario(), 2, executor=RememberingExecutor(InProcess(), finished)).logs) == 2
    finished.close()
    assert len(Finished(path)) == 2


def test_outcomes_of_another_form_are_refused(path: Path) -> None:
    finished = filled(path, 1)
    finished._add("odd", '{"tally":[1],"log":[]}')
    with pytest.raises(ResumeError, match="holds outcomes of another form"):
        finished.recall("odd")


def test_a_closed_file_takes_nothing_more(path: Path) -> None:
    finished = filled(path, 1)
    finished.close()
    finished.keep("late", outcome())
    finished.close()
    assert len(Finished(path)) == 1


# -- the executor that remembers ----------------------------------------------------------------------


def test_what_is_finished_is_not_simulated_again(path: Path) -> None:
    finished, counting = filled(path), Counting()
    found = replicate(scenario(), 5, executor=RememberingExecutor(counting, finished))
    assert counting.done == [3, 4]
    whole = replicate(scenario(), 5)
    assert (list(found.tallies), found.logs) == (list(whole.tallies), whole.logs)


def test_another_scenario_another_seed_and_drawn_inputs_are_other_replications(path: Path) -> None:
    finished, counting = filled(path), Counting()
    executor = RememberingExecutor(counting, finished)
    replicate(scenario().variant("more clerks"), 1, executor=executor)
    replicate(scenario(), 1, seed=99, executor=executor)
    replicate(scenario(), 1, executor=executor)
    assert counting.done == [0, 0]
    work = Work(Parcel(scenario()), 7)
    assert finished.key_of(work, (0,)) != finished.key_of(replace(work, draw_inputs=True), (0,))


def test_a_replication_whose_log_is_kept_is_simulated_again(path: Path, tmp_path: Path) -> None:
    finished, counting = filled(path), Counting()
    kept = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for file in kept:
        replicate(scenario(), 3, keep=file, executor=RememberingExecutor(counting, finished))
    assert counting.done == [0, 0]
    assert kept[0].read_bytes() == kept[1].read_bytes()


def test_other_calls_are_not_remembered(path: Path) -> None:
    executor = RememberingExecutor(InProcess(), filled(path, 1))
    assert executor.submit(abs, -3).result() == 3
    assert executor.submit(int, "11", base=2).result() == 3
    assert len(Finished(path)) == 1


def test_errors_are_not_remembered_and_keep_their_notes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = filled(path, 1)

    def broken(*_: Any) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr(sys.modules[Work.__module__], "replicate_one", broken)
    with pytest.raises(ValueError, match="broken") as caught:
        replicate(scenario(), 3, executor=RememberingExecutor(InProcess(), finished))
    assert caught.value.__notes__[0].startswith("in replication 1 of 'Tiny'")
    assert len(finished) == 1


def test_a_pool_behind_it_keeps_its_window_and_can_be_killed(path: Path) -> None:
    pool = ProcessPool(2)
    executor = RememberingExecutor(pool, filled(path, 1))
    assert (executor.window, executor.jobs, bare(executor)) == (4, 2, pool)
    running = executor.submit(calls.sleep_long, 60)
    while not running.running():
        time.sleep(0.01)
    executor.kill()
    with pytest.raises(RuntimeError, match="shut"):
        executor.submit(calls.process_id)


def test_an_executor_from_elsewhere_has_no_window_and_no_kill(path: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        executor = RememberingExecutor(threads, filled(path, 1))
        assert not hasattr(executor, "window")
        executor.kill()
        found = replicate(scenario(), 6, executor=executor, keep=path.with_name("log.parquet"))
    assert found.logs == replicate(scenario(), 6).logs


def test_processes_keep_what_they_finish_and_an_interruption_loses_none_of_it(path: Path) -> None:
    finished = filled(path, 1)

    def interrupt(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with ProcessPool(2) as pool:
        found = replicate(scenario(), 200, executor=RememberingExecutor(pool, finished), progress=interrupt)
    assert found.is_interrupted
    finished.close()
    kept = Finished(path)
    assert 3 <= len(kept) < 200
    counting = Counting()
    again = replicate(scenario(), 8, executor=RememberingExecutor(counting, kept))
    assert not {0, 1, 2} & set(counting.done)
    assert (again.logs, list(again.tallies)) == (
        (whole := replicate(scenario(), 8)).logs,
        list(whole.tallies),
    )


class Held(Executor):
    """Takes calls and leaves them to the test."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        self.futures.append(Future())
        return self.futures[-1]


def test_cancelling_goes_both_ways_and_a_late_result_still_counts(path: Path) -> None:
    finished, held = filled(path, 1), Held()
    executor = RememberingExecutor(held, finished)
    work = Work(Parcel(scenario()), 7)
    outer = [executor.submit(work, number) for number in (11, 12, 13)]
    outer[0].cancel()
    assert held.futures[0].cancelled()
    held.futures[1].cancel()
    with pytest.raises(CancelledError):
        outer[1].result(timeout=1)
    held.futures[2].set_running_or_notify_cancel()
    outer[2].cancel()
    held.futures[2].set_result(outcome(13))
    assert finished.recall(work.key(13, scenario().digest())) == outcome(13)


# -- what was asked -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"kind": "solve"}, "it was begun by sweep, and this is solve"),
        ({"seed": 8}, "it was begun with seed 7, and this is seed 8"),
        (
            {"scenarios": {"": scenario().variant("more clerks")}},
            "the scenario has changed since it was begun",
        ),
        ({"replications": 6}, "it was begun with 5 replications, and this is 6"),
        (
            {"options": {"--vary": ["a=1", "b=2 c"]}},
            "it was begun with --vary a=1,2, and this is --vary a=1 --vary 'b=2 c'",
        ),
        (
            {"options": {"--vary": ["a=1,2"], "--grid": True}},
            "it was begun with no --grid, and this is --grid",
        ),
        ({}, ""),
    ],
)
def test_by_what_an_experiment_differs_is_said(changed: dict[str, Any], text: str) -> None:
    now = asked(**changed)
    assert difference(json.loads(json.dumps(asked().document())), now.document()) == text
    assert (now.identity == asked().identity) == (text == "")


def test_which_of_several_scenarios_has_changed_is_said() -> None:
    two = asked(scenarios={"one": scenario(), "two": scenario()})
    other = asked(scenarios={"one": scenario(), "two": scenario().variant("more clerks")})
    assert difference(two.document(), other.document()).endswith("since it was begun: two")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("package", "0.0.1", "it was begun by version 0.0.1 of the package, and this is "),
        ("stream_version", 99, "it was begun with draws of version 99, not "),
        ("schema_version", 99, "it has form 99, and this version continues form 1"),
        ("format", "another", "it does not say what was asked"),
        ("options", None, "it does not say which options it was begun with"),
    ],
)
def test_another_version_is_said(name: str, value: Any, text: str) -> None:
    assert difference(asked().document() | {name: value}, asked().document()).startswith(text)


# -- the folder ---------------------------------------------------------------------------------------


def begin(target: Path, count: int = 2) -> Path:
    """An experiment that ends before it is done."""
    with kept_beside(target, asked(), resume=False) as finished:
        replicate(scenario(), count, executor=RememberingExecutor(InProcess(), finished))
    return unfinished_folder(target)


def test_what_is_finished_stays_beside_the_target_until_it_is_discarded(tmp_path: Path) -> None:
    folder = begin(tmp_path / "out")
    assert folder == tmp_path / "out.unfinished"
    assert begun_in(folder) == (asked().document(), 2)
    with kept_beside(tmp_path / "out", asked(), resume=True) as finished:
        assert len(finished) == 2
        discard(folder)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_is_finished_nothing_stays(tmp_path: Path) -> None:
    with kept_beside(tmp_path / "a" / "b" / "out", asked(), resume=False):
        assert (tmp_path / "a" / "b" / "out.unfinished").is_dir()
    assert not (tmp_path / "a").exists()


def test_an_unfinished_experiment_is_continued_only_on_demand_and_only_by_the_same(tmp_path: Path) -> None:
    folder = begin(tmp_path / "out")
    content = (folder / FINISHED).read_bytes()
    for changed, resume, text in (
        (
            asked(),
            False,
            r"holds an unfinished experiment \(2 replications are finished\); continue it with --resume",
        ),
        (asked(seed=8), True, "cannot be continued: it was begun with seed 7, and this is seed 8"),
    ):
        with pytest.raises(ResumeError, match=text), kept_beside(tmp_path / "out", changed, resume):
            pass
    assert (folder / FINISHED).read_bytes() == content


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out.unfinished"
    folder.mkdir()
    (folder / "notes.txt").touch()
    with (
        pytest.raises(ResumeError, match=r"holds notes.txt and no finished.jsonl"),
        kept_beside(tmp_path / "out", asked(), resume=True),
    ):
        pass
    assert (folder / "notes.txt").exists()
    (tmp_path / "file.unfinished").touch()
    with (
        pytest.raises(RunFolderError, match="it is not a folder"),
        kept_beside(tmp_path / "file", asked(), resume=True),
    ):
        pass


def test_an_experiment_cut_off_before_its_first_line_is_begun_afresh(tmp_path: Path) -> None:
    folder = begin(tmp_path / "out")
    path = folder / FINISHED
    path.write_bytes(path.read_bytes()[:100])
    with kept_beside(tmp_path / "out", asked(seed=8), resume=False) as finished:
        assert finished.asked == asked(seed=8).document()
    with pytest.raises(RunFolderError):
        begun_in(folder)


def test_what_a_kill_left_of_writing_the_folder_goes_and_nothing_else(tmp_path: Path) -> None:
    ours = [".out.0123abcd.partial", ".out.0123abcd.old"]
    others = ["out", ".out.partial", ".another.0123abcd.partial", ".out.0123abcd.partial.txt"]
    for name in (*ours, *others):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / ".out.01234567.partial").symlink_to(tmp_path / "out")
    clear_stages(tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {*others, ".out.01234567.partial"}


# -- the owner ----------------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from analysis.runs.owner import owned
with owned(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_folder_has_one_owner_and_a_dead_one_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "out.unfinished"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        with (
            pytest.raises(OwnedError, match=f"is being written by process {holder.pid}; wait"),
            owned(folder),
        ):
            pass
        holder.kill()
    with owned(folder):
        assert (folder / LOCK).read_text() == f"{os.getpid()}\n"


def test_an_owner_who_removes_the_folder_leaves_the_place_free(tmp_path: Path) -> None:
    folder = tmp_path / "out.unfinished"
    with owned(folder):
        discard(folder)
        with owned(folder):  # another one, of the same name
            assert (folder / LOCK).exists()
