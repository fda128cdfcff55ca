"""Ctrl-C ends a command with 130, whatever has become of its KeyboardInterrupt."""

from __future__ import annotations

import signal
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from analysis.cli import main
from analysis.cli.interruption import is_interruption, raise_if_pressed, watching_for_ctrl_c
from analysis.executors import InProcess
from tests.cli.test_resume import TEXT

SWEEP = ("sweep", "tiny.yaml", "--vary", "workers.clerk.positions=2,3", "-n", "3", "--out", "out")
Ended = tuple[int, str]


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """Ctrl-C arrives as Python means it to, whatever this process was started by (`nohup` and `&` turn it off)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def becomes(error: BaseException) -> Callable[[], None]:
    """Ctrl-C in code that turns it into another error, as the import of a compiled module may."""

    def press() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise error from None

    return press


def lost() -> None:
    """Ctrl-C where errors are only printed: while a weak reference tells that its object has gone."""

    class Gone:
        """Something to refer to."""

    thing = Gone()
    kept = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
    del thing
    assert kept() is None


@pytest.fixture
def sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[int, Callable[[], None]], Ended]:
    """Runs a sweep of 6 replications in which something happens after so many; its exit code and what it said."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TEXT, encoding="utf-8")

    def swept(after: int, event: Callable[[], None]) -> Ended:
        count = 0

        class Watched(InProcess):
            def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
                nonlocal count
                count += 1
                if count == after + 1:
                    event()
                return super().submit(function, *arguments, **named)

        @contextmanager
        def chosen(*_: Any) -> Iterator[Executor]:
            yield Watched()

        monkeypatch.setattr("analysis.cli.varied_experiment.chosen_executor", chosen)
        with pytest.raises(SystemExit) as ended:
            main(SWEEP)
        return int(ended.value.code or 0), capsys.readouterr().err

    return swept


@pytest.mark.parametrize(
    "error",
    [ImportError("a module failed to import"), SystemError("a result with an error set"), GeneratorExit()],
)
def test_ctrl_c_that_became_another_error_is_still_an_interruption(
    error: BaseException, sweep: Callable[..., Ended], tmp_path: Path
) -> None:
    code, said = sweep(2, becomes(error))
    assert code == 130
    assert said.startswith("interrupted; 2 finished replications kept in out.unfinished")
    assert (tmp_path / "out.unfinished").exists()


def test_before_anything_is_finished_nothing_is_left(sweep: Callable[..., Ended], tmp_path: Path) -> None:
    assert sweep(0, becomes(ImportError("partly imported"))) == (130, "interrupted, nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_that_was_lost_counts_at_the_next_replication(sweep: Callable[..., Ended]) -> None:
    code, said = sweep(2, lost)  # in the last of the first point's replications
    assert code == 130
    assert said.startswith("interrupted; 3 finished replications kept in out.unfinished")


def test_an_error_without_ctrl_c_is_what_it_was(sweep: Callable[..., Ended]) -> None:
    def fails() -> None:
        raise ImportError("no such module")

    code, said = sweep(2, fails)
    assert code == 3
    assert "internal error: ImportError: no such module" in said


def test_ctrl_c_is_forgotten_with_the_command(sweep: Callable[..., Ended]) -> None:
    sweep(2, becomes(ImportError("partly imported")))
    with watching_for_ctrl_c():
        raise_if_pressed()
        assert not is_interruption(ImportError("no such module"))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_somebody_else_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with watching_for_ctrl_c():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_thread_that_may_set_no_handler_can_run_a_command() -> None:
    codes: list[Any] = []

    def command() -> None:
        with pytest.raises(SystemExit) as ended:
            main(["--version"])
        codes.append(ended.value.code)

    thread = Thread(target=command)
    thread.start()
    thread.join()
    assert codes == [0]
