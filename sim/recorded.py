"""Recorded arrivals: times, and what else was recorded of each task, read once from CSV or Parquet."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path

from sim.errors import Fault, ScenarioError
from sim.quantities import LONGEST, SECOND, shown

COLUMNS = ("value", "input_tokens", "output_tokens", "type")
"""Optional columns beside the times."""
LARGEST = 2_000_000_000
"""Bytes read of one file at most."""
MOST = Decimal(10) ** 15
"""The largest number read from a file."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded file. `columns` holds texts or numbers per row, as the file has them."""

    file: str
    content: bytes
    digest: str
    columns: dict[str, list[object]]
    lines: Sequence[int]
    """Where each row is written: its line in a CSV file, its number from 1 in a Parquet file."""

    def count_of(self, type_id: str) -> int:
        """Rows of a task type; all of them when the file has no column `type`."""
        types = self.columns.get("type")
        return len(next(iter(self.columns.values()))) if types is None else types.count(type_id)

    def rows_of(self, type_id: str, time_column: str) -> list[RecordedTask]:
        """The tasks of a type in time order; ScenarioError names the row that cannot be read."""
        if time_column not in self.columns:
            hint = "; hint: columns are separated by commas" if ";" in "".join(self.columns) else ""
            known = ", ".join(self.columns)
            raise _refused(self.file, f"no column {time_column}; the file has {known}{hint}")
        types = self.columns.get("type")
        chosen = [i for i in range(len(self.columns[time_column])) if types is None or types[i] == type_id]
        tasks = [self._task(i, time_column) for i in chosen]
        for (_, before), (row, task) in pairwise(zip(chosen, tasks, strict=True)):
            if task.tick < before.tick:
                now, then = (Decimal(tick) / SECOND for tick in (task.tick, before.tick))
                raise self._error(row, f"times must not go back, got {now:f} s after {then:f} s")
        return tasks

    def _task(self, row: int, time_column: str) -> RecordedTask:
        seconds = self._number(row, time_column)
        tick = (seconds * SECOND).to_integral_value()
        if not 0 <= tick <= LONGEST:
            raise self._error(row, f"{time_column} must be at most 100 years in seconds, got {seconds}")
        return RecordedTask(
            int(tick),
            self._number(row, "value") if "value" in self.columns else None,
            self._count(row, "input_tokens") if "input_tokens" in self.columns else None,
            self._count(row, "output_tokens") if "output_tokens" in self.columns else None,
        )

    def _number(self, row: int, column: str) -> Decimal:
        value = self.columns[column][row]
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = Decimal("nan")
        if not number.is_finite() or not 0 <= number <= MOST:
            raise self._error(row, f"{column} must be a number from 0 to 1e15, got {shown(value)}")
        return number

    def _count(self, row: int, column: str) -> int:
        number = self._number(row, column)
        if number != number.to_integral_value() or number > 10**9:
            raise self._error(row, f"{column} must be a whole number up to 1e9, got {number}")
        return int(number)

    def _error(self, row: int, message: str) -> ScenarioError:
        return ScenarioError([Fault(self.file, self.lines[row], 1, "E0321", "", message)])


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """One recorded task: its tick, and its value and tokens where they were recorded."""

    tick: int
    value: Decimal | None
    input_tokens: int | None
    output_tokens: int | None


def read_recording(folder: Path, file: str) -> Recording:
    """The file, which must lie in the scenario's folder or below it."""
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise _refused(file, "outside the scenario's folder; allowed: a file in it or below it")
    if not path.is_file():
        raise _refused(file, "no such file beside the scenario")
    if path.stat().st_size > LARGEST:
        raise _refused(file, f"larger than {LARGEST} bytes")
    content = path.read_bytes()
    columns, lines = _table(file, content)
    return Recording(file, content, hashlib.sha256(content).hexdigest(), columns, lines)


def _table(file: str, content: bytes) -> tuple[dict[str, list[object]], Sequence[int]]:
    """The columns of a file, and where each row is written."""
    if file.endswith(".parquet"):
        return _parquet(file, content)
    if file.endswith(".csv"):
        return _csv(file, content)
    raise _refused(file, "the format is not supported; allowed: .csv, .parquet")


def _csv(file: str, content: bytes) -> tuple[dict[str, list[object]], Sequence[int]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _refused(file, f"byte {problem.start + 1} is not UTF-8; hint: save it as UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        numbered = [(reader.line_num, row) for row in reader if row]
    except csv.Error as problem:
        raise _refused(file, f"line {reader.line_num} is not CSV: {problem}") from None
    if len(numbered) < 2:
        raise _refused(file, "no rows; the first line names the columns, then comes one line a task")
    (_, header), *rows = numbered
    if len(set(header)) != len(header):
        raise _refused(file, "a column is named twice")
    for line, row in rows:
        if len(row) != len(header):
            message = f"must have {len(header)} fields like the first line, got {len(row)}"
            raise ScenarioError([Fault(file, line, 1, "E0321", "", message)])
    columns: dict[str, list[object]] = {name: [row[k] for _, row in rows] for k, name in enumerate(header)}
    return columns, [line for line, _ in rows]


def _parquet(file: str, content: bytes) -> tuple[dict[str, list[object]], Sequence[int]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowInvalid, OSError):
        raise _refused(file, "not a Parquet file, or a damaged one") from None
    if table.num_rows == 0:
        raise _refused(file, "no rows")
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    return columns, range(1, table.num_rows + 1)


def _refused(file: str, message: str) -> ScenarioError:
    return ScenarioError([Fault(file, 0, 0, "E0320", "", message)])
