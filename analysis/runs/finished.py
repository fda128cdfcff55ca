"""Finished replications: a file of lines that only grows, each line durable before it counts.

Every line is one JSON object: the SHA-256 of what follows it, a key, a value. The first one says what was asked.
A last line that was cut short, by a kill or a full disk, is dropped; any other line that is not as it was written
is an error. Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.experiments.replicate import Outcome, Work
from analysis.experiments.results import LogInfo
from analysis.metrics.saved import plain_values, tally_document, tally_of, value_of
from sim.errors import WorkforceError

if TYPE_CHECKING:
    from analysis.executors import Parcel
    from sim import Scenario

FINISHED = "finished.jsonl"
ASKED = "asked"
"""Key of the first line."""
LINE = re.compile(rb'\{"sha256":"([0-9a-f]{64})",("key":("(?:[^"\\]|\\.)*"),"value":(.+))\}\n')


class ResumeError(WorkforceError):
    """An unfinished experiment that this one does not continue, or that cannot be read."""


class _Line(NamedTuple):
    key: str
    start: int
    """Offset of the value in the file."""
    length: int


class Finished:
    """The finished replications of one experiment, found by key: the memory of a RememberingExecutor."""

    def __init__(self, path: Path) -> None:
        """Opens the file, made if need be; raises ResumeError that names a line which is not as it was written.

        Only the places of the values are held in memory, not the values.
        """
        self.path = path
        self._lock = Lock()
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            self._places = {line.key: line for line in lines_of(path)}
            self._end = max((line.start + line.length + 2 for line in self._places.values()), default=0)
            os.ftruncate(self._handle, self._end)
        except BaseException:
            os.close(self._handle)
            raise
        self._is_open = True

    def __len__(self) -> int:
        return len(self._places) - (ASKED in self._places)

    @property
    def asked(self) -> Any:
        """What was asked, as it was begun; None when nothing was yet."""
        return json.loads(self._value(ASKED)) if ASKED in self._places else None

    def begin(self, asked: Any) -> None:
        """Begins afresh with what is asked now."""
        with self._lock:
            os.ftruncate(self._handle, 0)
            self._places, self._end = {}, 0
        self._add(ASKED, _json(asked))

    def close(self) -> None:
        """Takes no more results: those that still come are dropped."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                os.close(self._handle)

    def key_of(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> str | None:
        """The key of a replication; None for other calls, and for a replication whose log is to be kept."""
        if not isinstance(function, Work):
            return None
        (number,) = arguments
        return None if function.keeps_log_of(number) else function.key(number, _digest(function.scenario))

    def recall(self, key: str) -> Outcome:
        """The outcome of a replication; KeyError when it is not finished, ResumeError when it has another form."""
        text = self._value(key)
        try:
            return outcome_of(text)
        except (ValueError, TypeError) as error:
            raise ResumeError(f"{self.path} holds outcomes of another form: {error}") from error

    def keep(self, key: str, result: Outcome) -> None:
        """Adds an outcome and waits until it is on the disk; OSError when it cannot be."""
        self._add(key, text_of(result))

    def _value(self, key: str) -> str:
        _, start, length = self._places[key]
        return os.pread(self._handle, length, start).decode()

    def _add(self, key: str, value: str) -> None:
        named = f'"key":{json.dumps(key)},"value":'.encode()
        content = named + value.encode()
        head = f'{{"sha256":"{hashlib.sha256(content).hexdigest()}",'.encode()
        line = head + content + b"}\n"
        with self._lock:
            if not self._is_open or key in self._places:
                return
            try:
                _write_all(self._handle, line, self._end)
                os.fsync(self._handle)
            except BaseException:  # what follows must not be appended to half a line
                os.ftruncate(self._handle, self._end)
                raise
            self._places[key] = _Line(key, self._end + len(head) + len(named), len(value.encode()))
            self._end += len(line)


def lines_of(path: Path) -> Iterator[_Line]:
    """The lines of a file that are whole; ResumeError names the first that is not as it was written."""
    start = 0
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            match = LINE.fullmatch(line)
            if match is None or hashlib.sha256(match[2]).hexdigest().encode() != match[1]:
                raise ResumeError(
                    f"{path}:{number}: the line is not as it was written; "
                    "it was edited or damaged, begin again with another --out"
                )
            key = json.loads(match[3])
            if (number == 1) != (key == ASKED):
                raise ResumeError(
                    f"{path}:{number}: what was asked is said in the first line and nowhere else"
                )
            yield _Line(key, start + match.start(4), len(match[4]))
            start += len(line)


def text_of(outcome: Outcome) -> str:
    """An outcome as one line of JSON, exactly."""
    tally, log = outcome
    return _json({"tally": tally_document(tally), "log": plain_values(log)})


def outcome_of(text: str) -> Outcome:
    """The outcome that the text was made of; ValueError when none was."""
    document = json.loads(text)
    return tally_of(document["tally"]), value_of(LogInfo, document["log"])


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _write_all(handle: int, content: bytes, start: int) -> None:
    done = 0
    while done < len(content):
        done += os.pwrite(handle, content[done:], start + done)


@lru_cache(maxsize=64)
def _digest(scenario: Parcel[Scenario]) -> str:
    """The scenario's digest, computed once: a parcel does not change."""
    return scenario.value.digest()
